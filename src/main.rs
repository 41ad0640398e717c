//! The binary: parse, run, print what came out or the chain of causes, exit with the right code.

use clap::Parser;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match hopfmap::cli::run(hopfmap::cli::Cli::parse()) {
        Ok(report) => {
            // A reader that closes the pipe early has what it wanted.
            let _ = std::io::stdout().write_all(report.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let mut message = format!("error: {error}");
            let mut cause = error.source();
            while let Some(e) = cause {
                message.push_str(&format!("\n  because: {e}"));
                cause = e.source();
            }
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::from(error.exit_code())
        }
    }
}
