//! `hopfmap verify`: recomputes cells of a finished map by another rule and compares them with it.

use super::command_report::{Format, Report, path};
use super::map_report::{audit_object, audit_text};
use super::messages::Verbosity;
use super::progress::{Work, with_progress};
use super::signals::listen;
use crate::audit::{Audit, AuditSample, Check, Counts, StoredResult, plan_of};
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::grid::unravel;
use crate::plan::Plan;
use crate::store::MapFile;
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Maximum number of misses in a report.
const LISTED: usize = 10;
/// Stored results checked between two progress updates: as many as run together.
const TOGETHER: usize = 256;

/// Arguments of `hopfmap verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap verify map.h5 --cells 200\n\nExit code 1: the file claims more than was found."
)]
pub struct Arguments {
    /// The map
    map: PathBuf,
    /// Cells to compute again, drawn at random
    #[arg(long, default_value_t = 64, value_name = "N")]
    cells: u64,
    /// Seed of the draw: another one draws other cells
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

/// Recomputes a random sample and reports; fails if the map is worse than its own audit states.
pub fn run(arguments: &Arguments) -> Result<Report> {
    let map = MapFile::open(&arguments.map)?;
    let plan = plan_of(&map)?;
    let shape: Vec<usize> = plan.grid.shape().iter().map(|n| *n as usize).collect();
    let sample = AuditSample::draw(plan.grid.cells(), arguments.cells, arguments.seed);
    if sample.is_empty() {
        return Err(Error::request("--cells 0 verifies nothing", "give a number of cells"));
    }
    let mut claims = Vec::new();
    for &index in sample.cells() {
        let place = unravel(&shape, index as usize);
        for start in 0..plan.starts() {
            claims.push(StoredResult { index, start, answer: map.answer(start, &place)? });
        }
    }
    let progress = Progress::default();
    listen(&progress.stop);
    let work = Work { cells: claims.len() as u64, verb: "computed again", quiet: arguments.verbosity.quiet };
    let audit = with_progress(work, &progress, || audit(&plan, &sample, &claims, &progress))?;
    let whole = |name: &str| map.number(name).filter(|n| *n >= 0.0).unwrap_or(0.0) as u64;
    let earlier =
        Counts { decided: whole("audit_decided"), flips: whole("audit_flips"), beyond: whole("audit_beyond_error") };
    let holds = !audit.contradicts(&earlier);
    let object = object(arguments, &plan, &sample, &audit, &earlier);
    let mut text =
        format!("{}: {} cells drawn with seed {}\n", arguments.map.display(), sample.cells().len(), arguments.seed);
    text.push_str(&audit_text(&audit));
    for f in missed(&audit).take(LISTED) {
        let names = plan.grid.axes().iter().map(|a| a.parameter.name());
        let at = names.zip(plan.grid.point(f.index)).map(|(n, v)| format!("{n} = {v:.6}"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  missed at {}: {} with span {:.7} in the map, {} with span {:.7} found",
            at.collect::<Vec<_>>().join(", "),
            f.claimed.outcome.name(),
            f.claimed.span,
            f.found.name(),
            f.span
        );
    }
    if audit.decided() == 0 {
        let problem = format!("has no cell in this sample that could be checked\n{text}");
        return Ok(Report::new("", object).failed(Error::file(&arguments.map, problem)));
    }
    if holds {
        let confirmed = missed(&audit).next().is_none();
        text.push_str(&if confirmed { "the map is confirmed\n".to_string() } else { no_worse(&earlier) });
        return Ok(Report::new(text, object));
    }
    let problem = format!(
        "claims more than was found: {} wrong verdicts and {} spans beyond their errors among {}, where its own audit counts {} and {} \
         among {}\n{text}",
        audit.flips(),
        audit.beyond(),
        audit.decided(),
        earlier.flips,
        earlier.beyond,
        earlier.decided
    );
    Ok(Report::new("", object).failed(Error::file(&arguments.map, problem)))
}

/// Text for misses that are no more than the map's own audit leads to expect.
fn no_worse(earlier: &Counts) -> String {
    format!(
        "the map is no worse than it says: its own audit counts {} wrong verdicts and {} spans beyond their errors among {}\n",
        earlier.flips, earlier.beyond, earlier.decided
    )
}

/// Checks the stored results in chunks, so that progress is visible.
fn audit(plan: &Plan, sample: &AuditSample, claims: &[StoredResult], progress: &Progress) -> Result<Audit> {
    let mut checks = Vec::new();
    for together in claims.chunks(TOGETHER) {
        checks.extend(Audit::run(plan, sample, together, &progress.stop)?.checks);
        progress.add(together.len() as u64, 0, 0);
    }
    Ok(Audit::with(plan, sample, checks))
}

fn missed(audit: &Audit) -> impl Iterator<Item = &Check> {
    audit.checks.iter().filter(|f| f.is_flip() || f.is_beyond(audit.tolerance))
}

fn object(arguments: &Arguments, plan: &Plan, sample: &AuditSample, audit: &Audit, earlier: &Counts) -> Value {
    let miss = |f: &Check| {
        let names = plan.grid.axes().iter().map(|a| a.parameter.name().to_string());
        let at: Map<_, _> = names.zip(plan.grid.point(f.index).into_iter().map(Value::from)).collect();
        json!({
            "at": at,
            "start": f.start,
            "in_map": { "outcome": f.claimed.outcome.name(), "span": f.claimed.span },
            "found": { "outcome": f.found.name(), "span": f.span },
        })
    };
    json!({
        "map": path(&arguments.map),
        "holds": (audit.decided() > 0).then(|| !audit.contradicts(earlier)),
        "cells": sample.cells().len(),
        "audit": audit_object(audit),
        "audit_of_the_map": { "decided": earlier.decided, "flips": earlier.flips, "beyond_error": earlier.beyond },
        "missed": missed(audit).map(miss).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Tally;
    use crate::plan::Request;
    use crate::results::{CellResult, Outcome};

    #[test]
    fn progress_counts_claims_and_nothing_else() {
        let plan =
            Plan::new(Request::from_toml("grid = ['Gamma=0.5:1:3']\n[set]\nV_n = 2.0\nR_n = 6.0\n").unwrap()).unwrap();
        let sample = AuditSample::draw(plan.grid.cells(), 3, 1);
        let claim = |&index| StoredResult { index, start: 0, answer: CellResult::new([0.0; 7], Outcome::Steady) };
        let claims: Vec<_> = sample.cells().iter().map(claim).collect();
        let progress = Progress::default();
        let found = audit(&plan, &sample, &claims, &progress).unwrap();
        assert_eq!(progress.read(), Tally { done: 3, settled: 0, steps: 0 });
        assert_eq!(found.checks.len(), 3);
    }
}
