//! `hopfmap diff`: two maps of one grid held against each other.

use crate::columns::Outcome;
use crate::error::{Error, Result};
use crate::store::MapFile;
use crate::sweep::{Difference, Place, difference};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `hopfmap diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap diff a.h5 b.h5\n\nExit code 1: verdicts contradict each other, or spans lie farther apart\nthan both their errors and what their number types cost."
)]
pub struct Arguments {
    /// One map
    a: PathBuf,
    /// The other
    b: PathBuf,
}

/// Compares, reports, and fails where the maps contradict each other.
pub fn run(arguments: &Arguments) -> Result<String> {
    let (a, b) = (MapFile::open(&arguments.a)?, MapFile::open(&arguments.b)?);
    let found = difference(&a, &b)?;
    let report = report(&a, &found);
    if found.is_contradiction() {
        let problem = format!(
            "contradicts {} in {} verdicts and {} spans\n{report}",
            arguments.b.display(),
            found.flips,
            found.beyond
        );
        return Err(Error::file(&arguments.a, problem));
    }
    Ok(format!("{report}the maps agree within their errors\n"))
}

fn report(map: &MapFile, found: &Difference) -> String {
    let mut out = format!("{} claims compared\n", found.claims);
    // Writing to a String cannot fail.
    for apart in &found.apart {
        let _ = writeln!(out, "  apart            {apart}");
    }
    for a in Outcome::ALL {
        for b in Outcome::ALL {
            let count = found.outcomes[a as usize][b as usize];
            if count > 0 && a != b {
                let _ = writeln!(out, "  {:<16} {count} are {} in the other", a.name(), b.name());
            }
        }
    }
    let [median, most, nearly, worst] = found.quantiles();
    if found.spans > 0 {
        let _ = writeln!(
            out,
            "  spans            {} compared; apart by {median:.1e} (median), {most:.1e} (90 %), {nearly:.1e} (99 %), {worst:.1e} (worst)",
            found.spans
        );
    }
    if let Some((_, place)) = found.worst.as_ref().filter(|w| w.0 > 0.0) {
        let _ = writeln!(out, "  worst at         {}", shown(map, place));
    }
    for place in &found.places {
        let _ = writeln!(out, "  contradiction at {}", shown(map, place));
    }
    out
}

fn shown(map: &MapFile, place: &Place) -> String {
    let mut rest = place.index as usize;
    let mut at: Vec<_> = (map.axes.iter().rev())
        .map(|a| {
            let i = rest % a.values.len();
            rest /= a.values.len();
            format!("{} = {:.6}", a.parameter.name(), a.values[i])
        })
        .collect();
    at.reverse();
    let start = map.starts.get(place.start).map(|s| format!(" from {s}")).unwrap_or_default();
    let [a, b] = place.answers;
    format!("{}{start}: {} {:.7}, {} {:.7}", at.join(", "), a.outcome.name(), a.span, b.outcome.name(), b.span)
}
