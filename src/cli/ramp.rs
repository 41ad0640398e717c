//! `hopfmap ramp`: hysteresis, by walking one parameter up and down.

use super::asked::Asked;
use super::outputs::Outputs;
use super::progress::shown;
use crate::columns::Outcome;
use crate::engine::{Progress, choose};
use crate::error::Result;
use crate::figure;
use crate::model::Parameter;
use crate::statics::branches;
use crate::store::RampFile;
use crate::sweep::{Plan, Request};
use crate::trace::{DIRECTIONS, Ramp, check_ramp, ramp, record_ramp};
use clap::Args;
use std::fmt::Write;

/// Lanes that a picture shows at most.
const DRAWN: usize = 6;

/// One to start from.
pub const EXAMPLE: &str =
    "Example:\n  hopfmap ramp --grid V_n=0:8:400 --set R_n=8 --set Gamma=1 -o ramp.h5 --plot ramp.png";

/// Arguments of `hopfmap ramp`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// Hold each value for this time, in tau_c, instead of until the motion has settled
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    hold: Option<f64>,
    #[command(flatten)]
    outputs: Outputs,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// Walks, writes, draws and reports. The first --grid is the axis that is walked; the others are lanes.
pub fn run(arguments: &Arguments) -> Result<String> {
    let plan = Plan::new(arguments.asked.request(Request::default())?)?;
    check_ramp(&plan, arguments.hold)?;
    arguments.outputs.check(2 * plan.bytes())?;
    let lanes = (plan.grid.cells() / plan.grid.axes()[0].len()) as usize;
    if arguments.outputs.plot.is_some() {
        figure::check_lanes(lanes, DRAWN)?;
    }
    let chosen = choose(&plan.request.wanted())?;
    if !arguments.quiet {
        eprintln!("{}; dt = {:.5}", chosen.reason, plan.dt);
    }
    let progress = Progress::default();
    let walked =
        shown(2 * plan.grid.cells(), arguments.quiet, &progress, |_| ramp(&plan, &chosen, arguments.hold, &progress))?;
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    record_ramp(arguments.outputs.file(), &plan, &chosen, arguments.hold, &walked, &command)?;
    let mut report = report(&plan, &walked, arguments);
    if let Some(picture) = arguments.outputs.picture() {
        // Behind other walked parameters there are equilibria too, but no curve that is known in closed form.
        let walked = &plan.grid.axes()[0];
        let lanes = if walked.parameter == Parameter::VN { lanes } else { 0 };
        let behind = (0..lanes).flat_map(|lane| branches(&plan.parameters(lane as u64), walked.extent()));
        figure::draw_ramp(&RampFile::open(&arguments.outputs.output)?, &behind.collect::<Vec<_>>(), picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.path.display());
    }
    Ok(report)
}

fn report(plan: &Plan, walked: &Ramp, arguments: &Arguments) -> String {
    let name = plan.grid.axes()[0].parameter.name();
    let mut out = format!(
        "{}: {} values of {name} up and down, {} lanes\n",
        arguments.outputs.output.display(),
        walked.values.len(),
        walked.lanes
    );
    for outcome in Outcome::ALL {
        let count = walked.answers.iter().filter(|a| a.outcome == outcome).count();
        if count > 0 {
            let _ = writeln!(out, "  {:<16} {count}", outcome.name());
        }
    }
    for lane in 0..walked.lanes.min(DRAWN) {
        let jumps = (0..2).map(|d| {
            let jump = |i: &usize| (walked.at(d, *i, lane).v_mean - walked.at(d, i - 1, lane).v_mean).abs();
            let at = (1..walked.values.len()).max_by(|a, b| jump(a).total_cmp(&jump(b))).unwrap_or(1);
            let middle = 0.5 * (walked.values[at] + walked.values[at - 1]);
            format!("{} largest step {:.4} in V at {name} = {middle:.4}", DIRECTIONS[d], jump(&at))
        });
        let _ = writeln!(
            out,
            "  lane {lane}: loop area {:.5}; {}",
            walked.loop_area(lane),
            jumps.collect::<Vec<_>>().join("; ")
        );
    }
    out
}
