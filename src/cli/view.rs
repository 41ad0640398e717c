//! `hopfmap view`: one HTML page of a map, a ramp or a trajectory, to look at in a browser.

use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::{check_distinct, check_file_name};
use crate::error::{Error, Result, bytes_shown};
use crate::store::{Contents, Output, check_output, write_file};
use crate::view::page;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `hopfmap view`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap view map.h5 -o map.html")]
pub(super) struct Arguments {
    /// The file: a map, a ramp or a trajectory
    file: PathBuf,
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; view: an .html page; paper and man: a folder) [default: the file's name with .html]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

/// Writes the page and reports its path.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let output = arguments.output.clone().unwrap_or_else(|| arguments.file.with_extension("html"));
    check_distinct(&[("the file to show", &arguments.file)], ("the page", &output))?;
    check_name(&output)?;
    check_output(&output, arguments.force, 0)?;
    let page = page(&arguments.file)?;
    write_file(Output::with(&output, arguments.force), page.html.as_bytes())?;
    let size = bytes_shown(page.html.len() as u64);
    let thinned = if page.is_whole { "" } else { ", not all of the file's" };
    let unit = if page.contents == Contents::Trajectory { "samples" } else { "cells" };
    let text = format!("{}: {} {unit}{thinned}, {size}; open it in a browser\n", output.display(), page.count);
    let object = json!({
        "file": path(&arguments.file), "contents": page.contents.name(), "page": path(&output), "count": page.count,
        "whole": page.is_whole, "bytes": page.html.len(),
    });
    Ok(Report::new(text, object))
}

/// Checks that a page's name is suitable.
fn check_name(path: &Path) -> Result<()> {
    if path == Path::new("-") {
        return Err(Error::request("pages cannot be written to stdout, which '-' stands for", "name it FILE.html"));
    }
    check_file_name(path)?;
    match path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm")) {
        true => Ok(()),
        false => Err(Error::request(format!("the page {} does not end in .html", path.display()), "name it FILE.html")),
    }
}
