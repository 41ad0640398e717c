//! Short text files from any source: plans, requests, locks.

use std::io::{ErrorKind, Read};
use std::path::Path;

/// Limit on the bytes of a plan, a request or a lock: a plan may have four million values of points.
const MOST_TEXT: u64 = 1 << 27;

/// Reads a short text file.
///
/// # Errors
/// [`std::io::Error`] if it does not exist, is not a regular file, is too long, or is not UTF-8.
pub fn read_text_file(path: &Path) -> std::io::Result<String> {
    // Checked before opening, because opening a pipe would wait for its other end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no ordinary file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_TEXT {
        return Err(std::io::Error::other(format!("it is longer than {MOST_TEXT} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}
