//! The root attributes of any of hopfmap's files.

use super::netcdf::{read_number, read_text};
use super::reader::open;
use crate::error::Result;
use hdf5::File;
use std::path::Path;

/// The root attributes of a file.
#[derive(Debug)]
pub struct RootAttributes(pub(super) File);

impl RootAttributes {
    /// Opens a file that hopfmap has written.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if the file does not exist, is not HDF5, or is damaged; [`crate::Error::File`] if it cannot be
    /// read.
    pub fn open(path: &Path) -> Result<Self> {
        open(path).map(Self)
    }

    /// An attribute that holds text; `None` if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        read_text(&self.0, name).ok()
    }

    /// An attribute that holds a number; `None` if there is none.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        read_number(&self.0, name).ok()
    }

    /// The command that wrote the file; `None` if its history does not name one.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        command_of(&self.text("history")?)
    }
}

/// The command of a history, without the time and the program's folder. Other programs put their lines before it.
pub(super) fn command_of(history: &str) -> Option<String> {
    let (_, command) = history.lines().last()?.split_once(' ')?;
    let (program, words) = command.split_once(' ')?;
    program.contains("hopfmap").then(|| format!("hopfmap {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_names_the_command() {
        let of = |text| command_of(text);
        let command = Some("hopfmap trace -o t.h5".to_string());
        assert_eq!(of("2026-01-01T00:00:00Z /usr/bin/hopfmap trace -o t.h5"), command);
        assert_eq!(of("Thu: ncks a b\n2026-01-01T00:00:00Z hopfmap trace -o t.h5"), command);
        assert_eq!([of(""), of("hopfmap"), of("Thu: ncks a b")], [None, None, None]);
    }
}
