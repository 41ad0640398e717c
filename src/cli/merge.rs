//! `hopfmap merge`: the finished parts of a sweep into its map.

use super::report::report;
use super::signals::listen;
use crate::error::Result;
use crate::stop::Stop;
use crate::store::Output;
use crate::sweep::{Merged, merge};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hopfmap merge`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap merge map.h5\n\nExit code 1: parts are missing or damaged; the message says which."
)]
pub struct Arguments {
    /// The map: its parts lie beside it, in MAP.h5.parts
    map: PathBuf,
    /// Write a map that refers to the parts instead of holding their cells; it needs them beside it for ever
    #[arg(long = "virtual")]
    is_virtual: bool,
    /// Replace a map that exists
    #[arg(long)]
    force: bool,
}

/// Merges and reports.
pub fn run(arguments: &Arguments) -> Result<String> {
    let stop = Stop::default();
    listen(&stop);
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let output = Output::with(&arguments.map, arguments.force);
    match merge(output, &command, &stop, arguments.is_virtual)? {
        Merged::Map(made) => Ok(report(&made.0, &made.1, &arguments.map)),
        Merged::Already => Ok(format!("{}: complete already\n", arguments.map.display())),
    }
}
