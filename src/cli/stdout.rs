//! Reports on stdout and errors on stderr. A closed pipe is no error; a full disk is.

use super::messages::line;
use std::error::Error;
use std::io::{ErrorKind, Result, Write};
use std::process::ExitCode;

/// Writes a report to stdout; a closed pipe counts as success.
///
/// # Errors
/// [`std::io::Error`] if stdout cannot be written, e.g. on a full disk.
pub(super) fn print(report: &str) -> Result<()> {
    forgiven(write(report.as_bytes()))
}

/// Writes to the file descriptor of stdout directly.
///
/// The standard library's stream reports success on a descriptor that is not open for writing.
#[cfg(unix)]
fn write(bytes: &[u8]) -> Result<()> {
    use std::os::fd::AsFd;
    let stdout = std::io::stdout();
    std::fs::File::from(stdout.as_fd().try_clone_to_owned()?).write_all(bytes)
}

#[cfg(not(unix))]
fn write(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush())
}

fn forgiven(written: Result<()>) -> Result<()> {
    match written {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(std::io::Error::new(e.kind(), format!("stdout could not be written: {e}"))),
        Ok(()) => Ok(()),
    }
}

/// Prints the parser's message: help and version to stdout, usage errors to stderr.
pub(super) fn print_help(error: &clap::Error) -> ExitCode {
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    let code = u8::try_from(error.exit_code()).unwrap_or(1);
    match forgiven(printed) {
        Err(e) if !error.use_stderr() => failed(&e, 1),
        _ => ExitCode::from(code),
    }
}

/// Writes an error with its chain of causes to stderr and returns the exit code.
pub(super) fn failed(error: &dyn Error, code: u8) -> ExitCode {
    let mut message = format!("error: {error}");
    let mut cause = error.source();
    while let Some(e) = cause {
        message.push_str(&format!("\n  because: {e}"));
        cause = e.source();
    }
    line(&message);
    ExitCode::from(code)
}
