//! `hopfmap sweep`: a grid of neurons to a map of their spans.

use super::asked::Asked;
use super::outputs::Outputs;
use super::progress::shown;
use crate::columns::Outcome;
use crate::engine::{Progress, choose};
use crate::error::Result;
use crate::figure::View;
use crate::store;
use crate::sweep::{Audit, Plan, Request, Summary, run as sweep};
use clap::Args;
use std::fmt::Write;

/// One to start from.
pub const EXAMPLE: &str = "Example:\n  hopfmap sweep --grid Gamma=0.02:1:128 --grid Z_T=0:1:128 --set V_n=2 --set R_n=6 \
     -o fig6a.h5 --plot fig6a.png";

/// Arguments of `hopfmap sweep`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// Cells to compute again in f64 by another rule, so that the file says how far it can be trusted: a number, or 'off'
    /// [default: a thousandth of the cells, at least 64]
    #[arg(long, value_name = "N|off", value_parser = audited)]
    audit: Option<u64>,
    #[command(flatten)]
    outputs: Outputs,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// Reads `--audit`.
fn audited(text: &str) -> std::result::Result<u64, String> {
    if text == "off" {
        return Ok(0);
    }
    text.parse().map_err(|_| "give a number of cells, or 'off'".to_string())
}

/// Everything that can fail for a bad request fails before the first step; then the sweep; then the picture.
pub fn run(arguments: &Arguments) -> Result<String> {
    let plan = Plan::new(Request { audit: arguments.audit, ..arguments.asked.request()? })?;
    arguments.outputs.check(plan.bytes())?;
    if arguments.outputs.plot.is_some() {
        crate::figure::check_drawable(&plan.grid.shape())?;
    }
    let chosen = choose(&plan.request.wanted())?;
    if !arguments.quiet {
        eprintln!("{}; dt = {:.5}", chosen.reason, plan.dt);
    }
    let progress = Progress::default();
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let all = plan.grid.cells() * plan.starts() as u64;
    let summary = shown(all, arguments.quiet, &progress, || {
        sweep(&plan, &chosen, &arguments.outputs.output, &command, &progress)
    })?;
    let mut report = report(&plan, &summary, arguments);
    if let Some(picture) = &arguments.outputs.plot {
        let map = store::MapFile::open(&arguments.outputs.output)?;
        crate::figure::draw(&map, &View::whole(&map), &[], picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.display());
    }
    Ok(report)
}

fn report(plan: &Plan, summary: &Summary, arguments: &Arguments) -> String {
    let axes: Vec<_> = plan.grid.axes().iter().map(|a| format!("{} {}", a.len(), a.parameter.name())).collect();
    let mut out =
        format!("{}: {} cells ({})\n", arguments.outputs.output.display(), plan.grid.cells(), axes.join(" x "));
    for (outcome, count) in Outcome::ALL.iter().zip(summary.counts) {
        if count > 0 {
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
