//! `hopfmap man`: the manual pages, generated from the same clap commands as the help.

use super::command_report::Report;
use super::outputs::make_folder;
use crate::error::Result;
use crate::store::{Output, check_output, clear_stale, write_file};
use clap::Args;
use clap_mangen::Man;
use std::path::PathBuf;

/// Arguments of `hopfmap man`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap man -o man")]
pub(super) struct Arguments {
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; view: an .html page; paper and man: a folder) [default: hopfmap's own page to stdout]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
}

/// Returns hopfmap's own page for stdout, or writes all pages to a folder.
pub(super) fn run(arguments: &Arguments, command: clap::Command) -> Result<Report> {
    let page = |command: &clap::Command| {
        let mut roff = Vec::new();
        // Writing to memory cannot fail.
        let _ = Man::new(command.clone()).render(&mut roff);
        roff
    };
    let Some(folder) = &arguments.output else {
        return Ok(Report::plain(String::from_utf8_lossy(&page(&command))));
    };
    make_folder(folder)?;
    // Subcommands get the program's name only when the whole command is built.
    let mut command = command;
    command.build();
    let named = |c: &clap::Command| folder.join(format!("{}.1", c.get_display_name().unwrap_or(c.get_name())));
    let all: Vec<&clap::Command> =
        std::iter::once(&command).chain(command.get_subcommands().filter(|c| c.get_name() != "help")).collect();
    all.iter().for_each(|c| clear_stale(&named(c)));
    // Pages that are already there with the same text, e.g. from an interrupted run, are kept.
    let missing = all.iter().map(|c| (named(c), page(c)));
    let missing: Vec<_> = missing.filter(|(path, page)| std::fs::read(path).ok().as_ref() != Some(page)).collect();
    for (path, _) in &missing {
        check_output(path, arguments.force, 0)?;
    }
    for (path, page) in &missing {
        write_file(Output::with(path, arguments.force), page)?;
    }
    Ok(Report::plain(format!("{} pages in {}\n", all.len(), folder.display())))
}
