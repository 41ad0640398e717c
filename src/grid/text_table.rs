//! Tables in text: lines of values between commas, semicolons or tabs.

use crate::error::{Error, Result};
use std::io::Read;
use std::path::Path;

/// Bytes of a table's file at most: some ten million lines of two numbers.
const MOST_BYTES: u64 = 1 << 28;

/// The text of a file of a table.
///
/// # Errors
/// [`Error::Request`] if it cannot be read, with the error that `failed` makes of the reason, or is over 256 MiB.
pub fn table_text(path: &Path, failed: impl Fn(std::io::Error) -> Error) -> Result<String> {
    let file = std::fs::File::open(path).map_err(&failed)?;
    text_of(file, path, failed)
}

/// The text of a table from a stream, which messages call by this name.
pub(super) fn text_of(stream: impl Read, name: &Path, failed: impl Fn(std::io::Error) -> Error) -> Result<String> {
    let mut text = String::new();
    stream.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Error::input(name, format!("has over {MOST_BYTES} bytes"), "give a table of fewer lines"));
    }
    Ok(text)
}

/// The lines of a table with their numbers from 1, and their values; empty lines and those that begin with # are left out.
pub fn table_lines(text: &str) -> impl Iterator<Item = (usize, &str, Vec<&str>)> {
    // Spreadsheets begin a file with a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim_matches([' ', '\r'])));
    lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')).map(|(number, line)| {
        let values = line.split([',', ';', '\t']).map(|value| value.trim().trim_matches('"')).collect();
        (number, line, values)
    })
}
