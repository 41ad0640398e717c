//! Standard error as a terminal, for a bar that is wanted where it is none.

use indicatif::TermLike;
use std::io::{Result, Write, stderr};

/// Columns of a line, which a stream does not tell.
const COLUMNS: u16 = 80;

/// Standard error, whatever it is.
#[derive(Debug)]
pub(super) struct Stream;

fn put(text: &str) -> Result<()> {
    stderr().write_all(text.as_bytes())
}

/// The control sequence that moves the cursor.
fn moved(count: usize, direction: char) -> Result<()> {
    if count == 0 { Ok(()) } else { put(&format!("\x1b[{count}{direction}")) }
}

impl TermLike for Stream {
    fn width(&self) -> u16 {
        COLUMNS
    }

    fn move_cursor_up(&self, n: usize) -> Result<()> {
        moved(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> Result<()> {
        moved(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> Result<()> {
        moved(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> Result<()> {
        moved(n, 'D')
    }

    fn write_line(&self, s: &str) -> Result<()> {
        put(&format!("{s}\n"))
    }

    fn write_str(&self, s: &str) -> Result<()> {
        put(s)
    }

    fn clear_line(&self) -> Result<()> {
        put("\r\x1b[2K")
    }

    fn flush(&self) -> Result<()> {
        stderr().flush()
    }
}
