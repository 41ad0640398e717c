//! Results of an earlier run of the same command, so that a command that writes several files can
//! resume.
//!
//! The same command writes the same bytes, except for the time in `history`. A run that finds its
//! own first file takes the time from there, so the new file can be compared with the existing one
//! byte by byte.

use super::atomic::Output;
use super::netcdf::read_text;
use super::reader::open;
use std::path::Path;

/// The attribute with time and command line.
pub(super) const HISTORY: &str = "history";

/// The `history` of a new file, with the time of an earlier run of the same command if its file exists.
#[must_use]
pub fn history(output: Output<'_>, command: &str) -> String {
    let earlier = if output.force { None } else { history_of(output.path, command) };
    earlier.unwrap_or_else(|| history_now(command))
}

/// The `history` of a file written now: the time and the command line.
#[must_use]
pub fn history_now(command: &str) -> String {
    format!("{:.0} {command}", jiff::Timestamp::now())
}

/// Whether the file at `path` is complete and was written by exactly this command line.
#[must_use]
pub fn is_of_command(path: &Path, command: &str) -> bool {
    history_of(path, command).is_some()
}

/// The `history` of the file at `path`, if it is complete and was written by this command line.
fn history_of(path: &Path, command: &str) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let text = read_text(&*open(path).ok()?, HISTORY).ok()?;
    text.split_once(' ').is_some_and(|(_, words)| words == command).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SeriesFile, Value, write_series};

    fn write(output: Output<'_>, command: &str, value: f64) -> crate::error::Result<()> {
        let history = Value::Text(history(output, command));
        let attributes = vec![(HISTORY.to_string(), history), ("span".to_string(), Value::Number(value))];
        write_series(output, &SeriesFile { series: Vec::new(), fixed: Vec::new(), attributes })
    }

    #[test]
    fn the_same_command_finds_its_file_and_any_other_result_is_kept_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.h5");
        let command = "hopfmap ramp -o r.h5";
        write(Output::new(&path), command, 1.0).unwrap();
        let first = std::fs::read(&path).unwrap();
        assert!(is_of_command(&path, command) && !is_of_command(&path, "hopfmap ramp -o r.h5 --hold 3"));
        // One second later, the same bytes already exist.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        write(Output::new(&path), command, 1.0).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
        // Another result, or that of another command, is not accepted in its place.
        for (command, value) in [(command, 2.0), ("hopfmap ramp -o r.h5 -q", 1.0)] {
            let message = write(Output::new(&path), command, value).unwrap_err().to_string();
            assert!(message.contains("r.new-"), "{message}");
            assert_eq!(std::fs::read(&path).unwrap(), first);
        }
        // With --force everything is written again.
        write(Output::with(&path, true), command, 1.0).unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), first);
        // A damaged file does not count as a file of this command.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[200] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(!is_of_command(&path, command));
    }
}
