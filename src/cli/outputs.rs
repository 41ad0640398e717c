//! Where results go, in the same words for every command that writes a file and can draw it.

use crate::error::Result;
use crate::store::Output;
use crate::{figure, store};
use clap::Args;
use std::path::PathBuf;

/// A file, and a picture of it.
#[derive(Debug, Clone, Args)]
pub struct Outputs {
    /// Where to write the result (HDF5 with netCDF-4 conventions)
    #[arg(short, long, value_name = "FILE.h5")]
    pub output: PathBuf,
    /// Draw it, too: FILE.png or FILE.svg
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Replace an output that exists
    #[arg(long)]
    pub force: bool,
}

impl Outputs {
    /// The file.
    pub fn file(&self) -> Output<'_> {
        Output::with(&self.output, self.force)
    }

    /// The picture, if there is to be one.
    pub fn picture(&self) -> Option<Output<'_>> {
        self.plot.as_deref().map(|path| Output::with(path, self.force))
    }

    /// Checks that both can be written: a file of about `bytes`, and a picture that is not the same file.
    ///
    /// # Errors
    /// Which of them cannot, and why.
    pub fn check(&self, bytes: u64) -> Result<()> {
        store::check_output(&self.output, self.force, bytes)?;
        if let Some(picture) = &self.plot {
            store::check_apart(&self.output, picture)?;
            figure::check_output(picture, self.force)?;
        }
        Ok(())
    }
}
