//! What sweeps, merges and verifications report of a map.

use crate::columns::Outcome;
use crate::sweep::{Audit, Plan, Summary, pace};
use std::fmt::Write;
use std::path::Path;

/// What came of a sweep, line by line.
pub(super) fn report(plan: &Plan, summary: &Summary, output: &Path) -> String {
    let axes: Vec<_> = plan.grid.axes().iter().map(|a| format!("{} {}", a.len(), a.parameter.name())).collect();
    let mut out = format!("{}: {} cells ({})\n", output.display(), plan.grid.cells(), axes.join(" x "));
    for (outcome, count) in Outcome::ALL.iter().zip(summary.counts) {
        let beyond = if *outcome == Outcome::Unsettled { summary.beyond_step_limit } else { 0 };
        if beyond > 0 {
            let _ = writeln!(
                out,
                "  {:<16} {count}, of which {beyond} need more steps than are counted ({}) or too short a step, and were not integrated",
                outcome.name(),
                pace::MOST_STEPS
            );
        } else if count > 0 {
            let _ = writeln!(out, "  {:<16} {count}", outcome.name());
        }
    }
    if let Some((index, span)) = summary.largest.filter(|(_, span)| *span > 0.0) {
        let at = plan.grid.axes().iter().zip(plan.grid.point(index));
        let at: Vec<_> = at.map(|(a, v)| format!("{} = {v:.6}", a.parameter.name())).collect();
        let _ = writeln!(out, "  largest span     {span:.6} at {}", at.join(", "));
    }
    if let Some(coexist) = summary.coexist {
        let _ = writeln!(out, "  coexistence      {coexist} cells hold a cycle and a quiet state");
    }
    if let Some(edge) = summary.edge {
        let _ = writeln!(
            out,
            "  edge to Hopf     {:.2} cells (median), {:.2} (worst), over {} points",
            edge.median, edge.worst, edge.points
        );
    }
    if let Some(audit) = &summary.audit {
        out.push_str(&audit_report(audit));
    }
    out
}

/// What an audit found, in two lines.
pub(super) fn audit_report(audit: &Audit) -> String {
    let (of, off) = (audit.decided(), audit.quantiles());
    let mut out = format!(
        "  audit            {} verdicts wrong of {of} checked again in f64 (at most {:.2} % of the map's, with 95 % confidence)\n",
        audit.flips(),
        100.0 * audit.flip_bound()
    );
    if off[3].is_finite() {
        let _ = writeln!(
            out,
            "                   spans off by {:.1e} (median), {:.1e} (worst); {} beyond their stated error + {:.0e}",
            off[0],
            off[3],
            audit.beyond(),
            audit.tolerance
        );
    }
    let undecided = audit.findings.len() - of;
    if undecided > 0 {
        let _ = writeln!(out, "                   {undecided} could not be decided in twice the time");
    }
    out
}
