//! `hopfmap verify`: recomputes cells of a finished map by another rule and compares them with it.

use super::command_report::{Format, Report, path};
use super::map_report::{audit_object, audit_text};
use super::messages::Verbosity;
use super::place::Place;
use super::progress::{ProgressArgs, Work, with_progress};
use super::signals::listen;
use crate::audit::{
    ASKED_MEAN_OFF, Check, EXPONENT_OFF, MAXIMA_OFF, MEAN_OFF, PERIOD_OFF, RESPONSE_OFF, Verification, Verify,
};
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::store::MapFile;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Maximum number of misses in a report.
const LISTED: usize = 10;

/// Arguments of `hopfmap verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap verify map.h5 --cells 200\n\nExit code 1: an outcome or a number is wrong, or more than 1 % of the spans are beyond their errors."
)]
pub(super) struct Arguments {
    /// The map
    map: PathBuf,
    /// Cells to compute again, drawn at random
    #[arg(long, default_value_t = 64, value_name = "N")]
    cells: u64,
    /// Seed of the random numbers: another one gives others
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

/// Recomputes a random sample and reports; fails if the map does not hold.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let map = MapFile::open(&arguments.map)?;
    let due = Verify::new(&map, arguments.cells, arguments.seed)?;
    let progress = Progress::default();
    listen(&progress.stop);
    let work = Work {
        cells: due.results(),
        verb: "computed again",
        unit: "cells",
        display: arguments.progress.display(arguments.verbosity),
    };
    let found = with_progress(work, &progress, || due.run(&progress))?;
    let Verification { plan, sample, audit } = &found;
    let object = object(arguments, &found);
    let mut text =
        format!("{}: {} cells drawn with seed {}\n", arguments.map.display(), sample.cells().len(), arguments.seed);
    text.push_str(&audit_text(audit));
    for f in found.failed().take(LISTED) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  missed at {}: {} with span {:.7} in the map, {} with span {:.7} found{}",
            Place::of_plan(plan, f.index).text(),
            f.claimed.outcome.name(),
            f.claimed.span,
            f.found.name(),
            f.span,
            others(f.numbers_off)
        );
    }
    if audit.decided() == 0 {
        let problem = format!("has no cell in this sample that could be checked\n{text}");
        return Ok(Report::new("", object).failed(Error::file(&arguments.map, problem)));
    }
    let Some(problem) = audit.problem() else {
        text.push_str("the map is confirmed\n");
        return Ok(Report::new(text, object));
    };
    Ok(Report::new("", object).failed(Error::file(&arguments.map, format!("does not hold: {problem}\n{text}"))))
}

/// What else is not as in the map.
fn others(off: u8) -> String {
    let names = [
        (PERIOD_OFF, "period"),
        (MEAN_OFF, "mean of V"),
        (MAXIMA_OFF, "maxima"),
        (EXPONENT_OFF, "exponent"),
        (ASKED_MEAN_OFF, "means asked for"),
        (RESPONSE_OFF, "response"),
    ];
    let off: Vec<&str> = names.into_iter().filter(|(bit, _)| off & bit != 0).map(|(_, name)| name).collect();
    if off.is_empty() { String::new() } else { format!("; wrong: {}", off.join(", ")) }
}

fn object(arguments: &Arguments, found: &Verification) -> Value {
    let Verification { plan, sample, audit } = found;
    let miss = |f: &Check| {
        json!({
            "at": Place::of_plan(plan, f.index).json(),
            "start": f.start,
            "in_map": { "outcome": f.claimed.outcome.name(), "span": f.claimed.span },
            "found": { "outcome": f.found.name(), "span": f.span },
        })
    };
    json!({
        "map": path(&arguments.map),
        "holds": (audit.decided() > 0).then(|| found.holds()),
        "cells": sample.cells().len(),
        "audit": audit_object(audit),
        "missed": found.failed().map(miss).collect::<Vec<_>>(),
    })
}
