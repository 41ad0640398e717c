//! `hopfmap sweep`: a grid of neurons to a map of their spans.

use super::progress::shown;
use crate::columns::Outcome;
use crate::engine::{Kind, Precision, Progress, choose};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::store;
use crate::sweep::{Plan, Request, Summary, parse_settings, run as sweep};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// One to start from.
pub const EXAMPLE: &str = "Example:\n  hopfmap sweep --grid Gamma=0.02:1:128 --grid Z_T=0:1:128 --set V_n=2 --set R_n=6 \
     -o fig6a.h5 --plot fig6a.png";

/// Arguments of `hopfmap sweep`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// An axis, slowest first: NAME=START:STOP:COUNT (both ends included), NAME=log:START:STOP:COUNT, or NAME=a,b,c
    #[arg(long, value_name = "AXIS", required = true)]
    grid: Vec<String>,
    /// A parameter that is the same in every cell: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where to write the map (HDF5 with netCDF-4 conventions)
    #[arg(short, long, value_name = "FILE.h5")]
    output: PathBuf,
    /// Draw the map, too: FILE.png or FILE.svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Where each cell starts: 'rest' is (0, 0, Z_T, 0), else X,Y,Z,V
    #[arg(long, default_value = "rest", allow_hyphen_values = true)]
    start: String,
    /// What computes: auto takes a hardware GPU if there is one, else the CPU
    #[arg(long, value_enum, default_value_t)]
    engine: Kind,
    /// GPU adapter: part of its name, or 'fallback' for the software adapter
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Number type; f64 runs on the CPU alone
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
    /// How the conductance table is stored in single precision
    #[arg(long, value_enum, default_value_t)]
    table_format: Format,
    /// Step of RK4 in tau_c [default: from Omega and the stiffest cell]
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    dt: Option<f64>,
    /// Time after which a cell is given up as unsettled, in tau_c [default: 30/(alpha Gamma) + 200, at least 1000 and at most 20000]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    t_max: Option<f64>,
    /// Window over which the span is measured, in tau_c [default: 2/(alpha Gamma), at least 20 and at most a tenth of t-max]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    window: Option<f64>,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    fn request(&self) -> Result<Request> {
        Ok(Request {
            grid: self.grid.clone(),
            set: parse_settings(&self.set)?,
            start: self.start.clone(),
            engine: self.engine,
            adapter: self.adapter.clone(),
            precision: self.precision,
            table_format: self.table_format,
            dt: self.dt,
            t_max: self.t_max,
            window: self.window,
        })
    }
}

/// Everything that can fail for a bad request fails before the first step; then the sweep; then the picture.
pub fn run(arguments: &Arguments) -> Result<String> {
    let plan = Plan::new(arguments.request()?)?;
    store::check_output(&arguments.output, arguments.force, plan.bytes())?;
    if let Some(picture) = &arguments.plot {
        store::check_apart(&arguments.output, picture)?;
        crate::figure::check_output(picture, arguments.force)?;
        crate::figure::check_drawable(&plan.grid.shape())?;
    }
    let chosen = choose(&plan.request.wanted())?;
    if !arguments.quiet {
        eprintln!("{}; dt = {:.5}", chosen.reason, plan.dt);
    }
    let progress = Progress::default();
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let summary = shown(plan.grid.cells(), arguments.quiet, &progress, || {
        sweep(&plan, &chosen, &arguments.output, &command, &progress)
    })?;
    let mut report = report(&plan, &summary, arguments);
    if let Some(picture) = &arguments.plot {
        let map = store::MapFile::open(&arguments.output)?;
        crate::figure::draw(&map, "span", &[], &[], picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.display());
    }
    Ok(report)
}

fn report(plan: &Plan, summary: &Summary, arguments: &Arguments) -> String {
    let axes: Vec<_> = plan.grid.axes().iter().map(|a| format!("{} {}", a.len(), a.parameter.name())).collect();
    let mut out = format!("{}: {} cells ({})\n", arguments.output.display(), plan.grid.cells(), axes.join(" x "));
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
