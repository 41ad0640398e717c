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
use crate::trace::{DIRECTIONS, Ramp, check_ramp, hysteresis, ramp, record_ramp};
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
    record_ramp(&arguments.outputs.output, &plan, &chosen, arguments.hold, &walked, &command)?;
    let mut report = report(&plan, &walked, arguments);
    if let Some(picture) = &arguments.outputs.plot {
        // Behind other walked parameters there are equilibria too, but no curve that is known in closed form.
        let walked = &plan.grid.axes()[0];
        let lanes = if walked.parameter == Parameter::VN { lanes } else { 0 };
        let behind = (0..lanes).flat_map(|lane| branches(&plan.parameters(lane as u64), walked.extent()));
        figure::draw_ramp(&RampFile::open(&arguments.outputs.output)?, &behind.collect::<Vec<_>>(), picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.display());
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
    for (lane, h) in hysteresis(plan, walked).take(DRAWN).enumerate() {
        let area = match h.area {
            Some(area) => format!("loop area {area:.5}: {}", h.words),
            None if h.walked.is_finite() => {
                format!("loop area not known: {}; {:.5} over these values", h.words, h.walked)
            }
            None => format!("loop area not known: {}", h.words),
        };
        let steps = DIRECTIONS.iter().zip(h.steps).filter_map(|(direction, step)| {
            step.map(|(at, size)| format!("; {direction} largest step {size:.4} in V at {name} = {at:.4}"))
        });
        let _ = writeln!(out, "  lane {lane}: {area}{}", steps.collect::<String>());
    }
    out
}
