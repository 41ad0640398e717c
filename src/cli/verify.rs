//! `hopfmap verify`: cells of a finished map computed again in another way, and the file held to its word.

use super::report::audit_report;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::MapFile;
use crate::sweep::{Audit, Claim, Counts, Sample, plan_of};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Misses that a report lists.
const LISTED: usize = 10;

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
}

/// Draws, computes again, reports, and fails where the file claims more than it found.
pub fn run(arguments: &Arguments) -> Result<String> {
    let map = MapFile::open(&arguments.map)?;
    let plan = plan_of(&map)?;
    let shape = plan.grid.shape();
    let sample = Sample::draw(plan.grid.cells(), arguments.cells, arguments.seed);
    if sample.is_empty() {
        return Err(Error::request("--cells 0 verifies nothing", "give a number of cells"));
    }
    let mut claims = Vec::new();
    for &index in sample.cells() {
        let mut rest = index;
        let mut place: Vec<usize> = shape.iter().rev().map(|n| (rest % n, rest /= n).0 as usize).collect();
        place.reverse();
        for start in 0..plan.starts() {
            claims.push(Claim { index, start, answer: map.answer(start, &place)? });
        }
    }
    let audit = Audit::of(&plan, &sample, &claims, &Stop::default())?;
    let whole = |name: &str| map.number(name).filter(|n| *n >= 0.0).unwrap_or(0.0) as u64;
    let earlier =
        Counts { decided: whole("audit_decided"), flips: whole("audit_flips"), beyond: whole("audit_beyond_error") };
    let mut report =
        format!("{}: {} cells drawn with seed {}\n", arguments.map.display(), sample.cells().len(), arguments.seed);
    report.push_str(&audit_report(&audit));
    let missed = audit.findings.iter().filter(|f| f.is_flip() || f.is_beyond(audit.tolerance));
    for f in missed.take(LISTED) {
        let names = plan.grid.axes().iter().map(|a| a.parameter.name());
        let at = names.zip(plan.grid.point(f.index)).map(|(n, v)| format!("{n} = {v:.6}"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            report,
            "  missed at {}: {} with span {:.7} in the map, {} with span {:.7} found",
            at.collect::<Vec<_>>().join(", "),
            f.claimed.outcome.name(),
            f.claimed.span,
            f.found.name(),
            f.span
        );
    }
    if audit.contradicts(&earlier) {
        return Err(Error::file(
            &arguments.map,
            format!(
                "claims more than was found: its own audit counts {} wrong verdicts and {} spans beyond their errors among {}\n{report}",
                earlier.flips, earlier.beyond, earlier.decided
            ),
        ));
    }
    report.push_str("the map's word holds\n");
    Ok(report)
}
