//! `hopfmap view`: one HTML page of a map, to look at in a browser.

use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::{check_distinct, check_file_name};
use crate::error::{Error, Result, bytes_shown};
use crate::store::{Contents, MapFile, Output, check_output, write_file};
use crate::view::page;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `hopfmap view`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap view map.h5 -o map.html")]
pub(super) struct Arguments {
    /// The map
    map: PathBuf,
    /// Where to write: an HDF5 file (plot: a .png or .svg picture; view: an .html page; paper and man: a folder) [default: the map's name with .html]
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
    let output = arguments.output.clone().unwrap_or_else(|| arguments.map.with_extension("html"));
    check_name(&output)?;
    check_distinct(&[("the map to show", &arguments.map)], ("the page", &output))?;
    check_output(&output, arguments.force, 0)?;
    let contents = Contents::of(&arguments.map)?;
    if !matches!(contents, Contents::Map) {
        let problem = format!("is a {}, and a page shows a map", contents.name());
        return Err(Error::input(&arguments.map, problem, "name a map, or draw this file with hopfmap plot"));
    }
    let page = page(&MapFile::open(&arguments.map)?)?;
    write_file(Output::with(&output, arguments.force), page.html.as_bytes())?;
    let size = bytes_shown(page.html.len() as u64);
    let thinned = if page.is_whole { "" } else { ", not all of the map's" };
    let text = format!("{}: {} cells{thinned}, {size}; open it in a browser\n", output.display(), page.cells);
    let object = json!({
        "file": path(&arguments.map), "page": path(&output), "cells": page.cells, "whole": page.is_whole,
        "bytes": page.html.len(),
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
