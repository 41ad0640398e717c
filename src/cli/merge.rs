//! `hopfmap merge`: merges the finished parts of a sweep into its map.

use super::command_line::command_line;
use super::command_report::{Format, Report};
use super::map_report::map_report;
use super::messages::Verbosity;
use super::outputs::{Outputs, check_data_name, check_distinct, check_map_drawable, check_picture};
use super::page_args::PageArgs;
use super::progress::{ProgressArgs, Work, with_progress};
use super::signals::listen;
use super::sweep::{drawn, there_already};
use crate::engine::Progress;
use crate::error::Result;
use crate::figure::Style;
use crate::plan::Plan;
use crate::store::Parts;
use crate::sweep::parts::merge;
use crate::sweep::{Merged, request_in};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hopfmap merge`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap merge map.h5 --plot map.png\n\nExit code 1: parts are missing or damaged; the message says which."
)]
pub(super) struct Arguments {
    /// The map; its parts are in MAP.h5.parts
    map: PathBuf,
    /// Write a map that refers to the parts instead of holding their cells; the parts have to stay where they are
    #[arg(long = "virtual")]
    is_virtual: bool,
    /// Draw a picture of the result: FILE.png, FILE.svg or FILE.pdf
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

/// Merges the parts, draws the map and reports.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let Arguments { map, plot, page, force, .. } = arguments;
    let outputs = Outputs { output: map.clone(), plot: plot.clone(), page: page.clone(), force: *force };
    check_data_name(&outputs.output)?;
    page.check_of_result(plot.as_deref())?;
    if let Some(picture) = &outputs.plot {
        check_distinct(&[("the map", &outputs.output)], ("the picture", picture))?;
        // Both may be this command's own: drawn again, the picture has the same bytes.
        let may_be_own = picture.is_file() && outputs.output.is_file();
        check_picture(picture, outputs.force || may_be_own)?;
    }
    // A folder without a plan is reported by the merge itself.
    let parts = Parts::beside_output(&outputs.output);
    let plan = request_in(parts.folder()).and_then(Plan::new).ok();
    let cells = plan.as_ref().map_or(0, |plan| plan.grid.cells() * plan.starts() as u64);
    if let Some(plan) = plan.filter(|_| outputs.plot.is_some()) {
        check_map_drawable(&plan)?;
    }
    let progress = Progress::default();
    listen(&progress.stop);
    // Every part is read twice: to check that it is whole, and to merge it.
    let work = Work {
        cells: 2 * cells,
        verb: "read",
        unit: "cells",
        display: arguments.progress.display(arguments.verbosity),
    };
    let command = command_line();
    let merged = || merge(outputs.file(), &command, &progress, arguments.is_virtual);
    let report = match with_progress(work, &progress, merged)? {
        Merged::Map(made) => map_report(&made.0, &made.1, &outputs.output),
        Merged::Already => there_already(&outputs),
    };
    drawn(report, &outputs, &(Style::USUAL, Vec::new()))
}
