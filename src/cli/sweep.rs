//! `hopfmap sweep`: a grid of neurons to a map of their spans.

use super::asked::Asked;
use super::outputs::Outputs;
use super::progress::shown;
use crate::columns::Outcome;
use crate::engine::{Progress, choose};
use crate::error::Result;
use crate::store;
use crate::sweep::{Plan, Summary, run as sweep};
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
    #[command(flatten)]
    outputs: Outputs,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// Everything that can fail for a bad request fails before the first step; then the sweep; then the picture.
pub fn run(arguments: &Arguments) -> Result<String> {
    let plan = Plan::new(arguments.asked.request()?)?;
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
    let summary = shown(plan.grid.cells(), arguments.quiet, &progress, || {
        sweep(&plan, &chosen, &arguments.outputs.output, &command, &progress)
    })?;
    let mut report = report(&plan, &summary, arguments);
    if let Some(picture) = &arguments.outputs.plot {
        let map = store::MapFile::open(&arguments.outputs.output)?;
        crate::figure::draw(&map, "span", &[], &[], picture)?;
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
    if let Some(edge) = summary.edge {
        let _ = writeln!(
            out,
            "  edge to Hopf     {:.2} cells (median), {:.2} (worst), over {} points",
            edge.median, edge.worst, edge.points
        );
    }
    out
}
