//! Reports of a map, shared by `sweep`, `merge`, `verify` and `ramp`.

use super::command_report::{Report, path};
use super::place::Place;
use crate::audit::{Audit, SEARCH_STARTS};
use crate::plan::{Plan, timing};
use crate::results::Outcome;
use crate::sweep::Summary;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::Path;

/// Report of a computed or merged map.
pub(super) fn map_report(plan: &Plan, summary: &Summary, output: &Path) -> Report {
    Report::new(text(plan, summary, output), object(plan, summary, output))
}

fn text(plan: &Plan, summary: &Summary, output: &Path) -> String {
    let axes: Vec<_> = plan.grid.axes().iter().map(|a| format!("{} {}", a.len(), a.parameter.name())).collect();
    let names = || plan.grid.parameters().iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
    let extent = if plan.grid.points().is_some() { format!("points of {}", names()) } else { axes.join(" x ") };
    let starts = if plan.starts() > 1 { format!(", from {} starts each", plan.starts()) } else { String::new() };
    let mut out = format!("{}: {} cells ({}){starts}\n", output.display(), plan.grid.cells(), extent);
    // Writing to a String cannot fail.
    for (outcome, count) in Outcome::ALL.iter().zip(summary.counts) {
        let beyond = if *outcome == Outcome::Unsettled { summary.beyond_step_limit } else { 0 };
        if beyond > 0 {
            let _ = writeln!(
                out,
                "  {:<16} {count}, of which {beyond} need more steps than are counted ({}) or too short a step, and were not integrated",
                outcome.name(),
                timing::MOST_STEPS
            );
        } else if count > 0 {
            let _ = writeln!(out, "  {:<16} {count}", outcome.name());
        }
    }
    if let Some((index, span)) = summary.largest.filter(|(_, span)| *span > 0.0) {
        let _ = writeln!(out, "  largest span     {span:.6} at {}", Place::of_plan(plan, index).text());
    }
    if let Some(coexist) = summary.coexist {
        let _ = writeln!(out, "  coexistence      {coexist} cells can both move and rest");
    }
    for (count, what) in [
        (summary.without_means, "settled, without means: the cycle was not found again"),
        (summary.without_response, "without a response: the motion under the input could not be followed"),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            let _ = writeln!(out, "  {count} of the cells {what}");
        }
    }
    if let Some(edge) = summary.edge {
        let _ = writeln!(
            out,
            "  edge to Hopf     {:.2} cells (median), {:.2} (worst), over {} points",
            edge.median, edge.worst, edge.points
        );
    }
    if let Some((index, margin)) = summary.widest {
        let at = Place::of_plan(plan, index).text();
        let more = if is_to_edge(plan, index, margin) { ", to the edge of the grid: it may be larger" } else { "" };
        let _ = writeln!(out, "  largest margin   {margin:.2} cells at {at}{more}");
    }
    if let Some(audit) = &summary.audit {
        out.push_str(&audit_text(audit));
    }
    out
}

/// Whether a cell's margin in cells is its distance to the edge of the grid, beyond which nothing is known.
fn is_to_edge(plan: &Plan, index: u64, margin: f64) -> bool {
    plan.plane().is_some_and(|[y, x]| {
        let (rows, columns) = (y.len(), x.len());
        let (row, column) = (index / columns, index % columns);
        let nearest = row.min(rows - 1 - row).min(column).min(columns - 1 - column);
        margin >= nearest as f64
    })
}

fn object(plan: &Plan, summary: &Summary, output: &Path) -> Value {
    let axis = |a: &crate::grid::Axis| json!({ "name": a.parameter.name(), "count": a.len() });
    let point = |index: u64| Place::of_plan(plan, index).json();
    let points = plan.grid.points().map(|points| {
        let names: Vec<_> = points.parameters().iter().map(|p| p.name()).collect();
        json!({ "count": points.len(), "parameters": names })
    });
    let largest = summary.largest.map(|(index, span)| json!({ "span": span, "at": point(index) }));
    let edge = summary.edge.map(|e| json!({ "median": e.median, "worst": e.worst, "points": e.points }));
    json!({
        "output": path(output),
        "cells": plan.grid.cells(),
        "starts": plan.starts(),
        "axes": plan.grid.axes().iter().map(axis).collect::<Vec<_>>(),
        "points": points,
        "outcomes": outcome_counts(|outcome| summary.counts[outcome as usize]),
        "largest_span": largest,
        "largest_margin": summary.widest.map(|(index, margin)| {
            json!({ "margin": margin, "at": point(index), "to_edge": is_to_edge(plan, index, margin) })
        }),
        "coexistence": summary.coexist,
        "settled_without_means": summary.without_means,
        "without_response": summary.without_response,
        "hopf_edge_distance": edge,
        "audit": summary.audit.as_ref().map(audit_object),
    })
}

/// Number of cells of each outcome, as a JSON object by name.
pub(super) fn outcome_counts(count: impl Fn(Outcome) -> u64) -> Value {
    Outcome::ALL.iter().map(|o| (o.name().to_string(), count(*o).into())).collect::<Map<_, _>>().into()
}

/// Text report of an audit.
pub(super) fn audit_text(audit: &Audit) -> String {
    let (of, off) = (audit.decided(), audit.quantiles());
    if audit.checks.is_empty() {
        return "  audit            none: no cell of its sample has a result; where cells are unsettled, a longer --t-max lets more settle\n"
            .to_string();
    }
    let mut out = format!(
        "  audit            {} outcomes wrong of {of} checked again in f64 (at most {:.2} % of the map's, with 95 % confidence)\n",
        audit.mismatches(),
        100.0 * audit.mismatch_bound()
    );
    if off[3].is_finite() {
        let _ = writeln!(
            out,
            "                   spans off by {:.1e} (median), {:.1e} (worst); {} beyond twice their stated error + {:.0e}",
            off[0],
            off[3],
            audit.beyond_tolerance(),
            audit.tolerance
        );
    }
    let more = [
        (audit.wrong_numbers(), "with a wrong span, period, mean, number of maxima, exponent or response"),
        (audit.undecided(), "could not be decided in twice the time"),
        (audit.start_sensitive(), "end elsewhere if the start is moved by 1e-6"),
    ];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(out, "                   {count} {what}");
    }
    if audit.searched() > 0 {
        let [low, high] = audit.missing_bounds().map(|rate| 100.0 * rate);
        let _ = writeln!(
            out,
            "                   {} of {} cells have an attractor that no start comes to (by {SEARCH_STARTS} random starts each; {low:.1} to {high:.1} % of the map's, with 95 % confidence)",
            audit.missing(),
            audit.searched(),
        );
    }
    if let Some(problem) = audit.problem() {
        let _ = writeln!(out, "  warning          the map does not hold: {problem}");
    }
    out
}

/// JSON report of an audit; except for the span quantiles, keys as in a map's `audit_*` attributes.
pub(super) fn audit_object(audit: &Audit) -> Value {
    let [median, _, _, worst] = audit.quantiles();
    json!({
        "seed": audit.seed,
        "checked": audit.checks.len(),
        "decided": audit.decided(),
        "flips": audit.mismatches(),
        "flip_rate_bound_95": audit.mismatch_bound(),
        "beyond_error": audit.beyond_tolerance(),
        "wrong_numbers": audit.wrong_numbers(),
        "undecided": audit.undecided(),
        "start_sensitive": audit.start_sensitive(),
        "searched": audit.searched(),
        "missing_attractors": audit.missing(),
        "missing_rate_95": (audit.searched() > 0).then(|| audit.missing_bounds()),
        "problem": audit.problem(),
        "tolerance": audit.tolerance,
        "span_difference": { "median": median, "worst": worst },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Check;
    use crate::results::CellResult;

    #[test]
    fn an_audit_is_told_with_its_median_and_its_worst() {
        let check = |i: u32, found| {
            let claimed = CellResult::new(
                [1.0, 0.0, 1.0, 0.5, 2.0, 0.0, 50.0, 0.5, 1.0, f64::NAN, f64::NAN],
                Outcome::Oscillating,
            );
            let span = 1.0 + 2.0_f64.powi(i as i32 - 20);
            Check {
                index: i.into(),
                start: 0,
                claimed,
                found,
                span,
                numbers_off: 0,
                is_start_sensitive: false,
                missed: None,
            }
        };
        let mut checks: Vec<_> = (0..9).map(|i| check(i, Outcome::Oscillating)).collect();
        let audit = Audit { checks: checks.clone(), seed: 1, tolerance: 1e-4 };
        let text = audit_text(&audit);
        assert!(text.contains("0 outcomes wrong of 9") && text.contains("at most 28.31 %"), "{text}");
        // Differences from 2^-20 to 2^-12: median 2^-16, worst 2^-12, two beyond 1e-4.
        assert!(
            text.contains("off by 1.5e-5 (median), 2.4e-4 (worst); 2 beyond twice their stated error + 1e-4"),
            "{text}"
        );
        assert!(!text.contains("could not be decided"), "{text}");
        checks.extend([check(1, Outcome::Steady), check(2, Outcome::Unsettled), check(3, Outcome::Unsettled)]);
        let text = audit_text(&Audit { checks, ..audit });
        assert!(text.contains("1 outcomes wrong of 10") && text.contains("2 could not be decided"), "{text}");
        let none = audit_text(&Audit { checks: Vec::new(), seed: 1, tolerance: 1e-4 });
        assert!(none.contains("no cell of its sample has a result"), "{none}");
    }
}
