//! `hopfmap diff`: compares two maps of one grid cell by cell.

use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::place::Place;
use crate::audit::{Difference, Mismatch, difference};
use crate::error::{Error, Result};
use crate::grid::unravel;
use crate::results::{CellResult, Outcome};
use crate::store::MapFile;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `hopfmap diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap diff a.h5 b.h5\n\nExit code 1: outcomes contradict each other, or spans lie farther apart\nthan both their errors and what their number types cost."
)]
pub(super) struct Arguments {
    /// One map
    a: PathBuf,
    /// The other
    b: PathBuf,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

/// Compares the maps and reports; fails if they contradict each other.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let (a, b) = (MapFile::open(&arguments.a)?, MapFile::open(&arguments.b)?);
    let found = difference(&a, &b)?;
    let text = text(&a, &found);
    let object = object(arguments, &a, &found);
    if found.is_contradiction() {
        let problem = format!(
            "contradicts {} in {} outcomes, {} spans and {} other numbers\n{text}",
            arguments.b.display(),
            found.flips,
            found.beyond,
            found.asked_for.iter().map(|column| column.beyond).sum::<u64>()
        );
        return Ok(Report::new("", object).failed(Error::file(&arguments.a, problem)));
    }
    Ok(Report::new(format!("{text}the maps agree within their errors\n"), object))
}

/// Pairs of different outcomes, each with its count.
fn changes(found: &Difference) -> impl Iterator<Item = (Outcome, Outcome, u64)> + '_ {
    let pairs = Outcome::ALL.into_iter().flat_map(|a| Outcome::ALL.into_iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| (a, b, found.outcomes[a as usize][b as usize])).filter(|(a, b, count)| *count > 0 && a != b)
}

fn text(map: &MapFile, found: &Difference) -> String {
    let mut out = format!("{} outcomes compared\n", found.claims);
    // Writing to a String cannot fail.
    for apart in &found.apart {
        let _ = writeln!(out, "  apart            {apart}");
    }
    for (a, b, count) in changes(found) {
        let _ = writeln!(out, "  {:<16} {count} are {} in the other", a.name(), b.name());
    }
    let [median, most, nearly, worst] = found.quantiles();
    if found.spans > 0 {
        let _ = writeln!(
            out,
            "  spans            {} compared; apart by {median:.1e} (median), {most:.1e} (90 %), {nearly:.1e} (99 %), {worst:.1e} (worst)",
            found.spans
        );
    }
    for column in &found.asked_for {
        let _ = writeln!(
            out,
            "  {:<16} {} compared; apart by {:.1e} (worst); {} by more than 1e-5 (1 + their size) or in one map only",
            column.name, column.compared, column.worst, column.beyond
        );
    }
    if !found.only_in_one.is_empty() {
        let _ = writeln!(out, "  in one map only  {}", found.only_in_one.join(", "));
    }
    if let Some((_, place)) = found.worst.as_ref().filter(|w| w.0 > 0.0) {
        let _ = writeln!(out, "  worst at         {}", shown(map, place));
    }
    for place in &found.places {
        let _ = writeln!(out, "  contradiction at {}", shown(map, place));
    }
    out
}

fn object(arguments: &Arguments, map: &MapFile, found: &Difference) -> Value {
    let [median, q90, q99, worst] = found.quantiles();
    let change = |(a, b, count): (Outcome, Outcome, u64)| json!({ "a": a.name(), "b": b.name(), "count": count });
    json!({
        "a": path(&arguments.a),
        "b": path(&arguments.b),
        "agree": !found.is_contradiction(),
        "claims": found.claims,
        "flips": found.flips,
        "beyond_errors": found.beyond,
        "parameters_apart": found.apart,
        "outcomes_apart": changes(found).map(change).collect::<Vec<_>>(),
        "spans": found.spans,
        "span_difference": { "median": median, "q90": q90, "q99": q99, "worst": worst },
        "asked_for": found.asked_for.iter().map(|c| {
            json!({ "name": c.name, "compared": c.compared, "beyond": c.beyond, "worst": c.worst })
        }).collect::<Vec<_>>(),
        "only_in_one": found.only_in_one,
        "worst": found.worst.as_ref().map(|(_, p)| place_object(map, p)),
        "contradictions": found.places.iter().map(|p| place_object(map, p)).collect::<Vec<_>>(),
    })
}

/// Where a cell lies.
fn place_of(map: &MapFile, place: &Mismatch) -> Place {
    Place::of_map(map, &unravel(&map.shape(), place.index as usize))
}

fn shown(map: &MapFile, place: &Mismatch) -> String {
    let at = place_of(map, place).text();
    let start = map.starts().get(place.start).map(|s| format!(" from {s}")).unwrap_or_default();
    let [a, b] = place.results;
    format!("{}{start}: {} {:.7}, {} {:.7}", at, a.outcome.name(), a.span, b.outcome.name(), b.span)
}

fn place_object(map: &MapFile, place: &Mismatch) -> Value {
    let at = place_of(map, place).json();
    let result = |a: &CellResult| json!({ "outcome": a.outcome.name(), "span": a.span });
    let [a, b] = &place.results;
    json!({ "at": at, "start": map.starts().get(place.start), "a": result(a), "b": result(b) })
}
