//! `hopfmap ramp`: hysteresis, by walking one parameter up and down.

use super::asked::Asked;
use super::outputs::Outputs;
use super::progress::shown;
use crate::columns::Outcome;
use crate::engine::{Progress, choose};
use crate::error::Result;
use crate::figure::{self, Branch};
use crate::model::{Parameter, Parameters};
use crate::statics::{Landscape, Linear, Profile, Stability};
use crate::store::{RampContent, RampFile, Value, write_ramp};
use crate::sweep::Plan;
use crate::trace::{DIRECTIONS, Ramp, check_ramp, ramp};
use clap::Args;
use std::fmt::Write;
use std::sync::Arc;

/// Points of a branch of equilibria.
const POINTS: u32 = 2000;
/// Lanes that a picture shows at most.
const DRAWN: usize = 6;

/// Arguments of `hopfmap ramp`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap ramp --grid V_n=0:8:400 --set R_n=8 --set Gamma=1 -o ramp.h5 --plot ramp.png"
)]
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
    let plan = Plan::new(arguments.asked.request()?)?;
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
        shown(2 * plan.grid.cells(), arguments.quiet, &progress, || ramp(&plan, &chosen, arguments.hold, &progress))?;
    let text = |s: &str| Value::Text(s.to_string());
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let content = RampContent {
        axes: plan.grid.axes(),
        directions: DIRECTIONS,
        answers: &walked.answers,
        areas: (0..walked.lanes).map(|lane| walked.loop_area(lane)).collect(),
        fixed: &plan.fixed,
        attributes: vec![
            ("Conventions".into(), text("CF-1.11")),
            ("title".into(), text("Hysteresis of a memristive quantum neuron")),
            ("source".into(), Value::Text(format!("hopfmap {}", env!("CARGO_PKG_VERSION")))),
            ("history".into(), Value::Text(format!("{:.0} {command}", jiff::Timestamp::now()))),
            ("engine".into(), text(chosen.description.engine)),
            ("adapter".into(), text(&chosen.description.adapter)),
            ("precision".into(), text(plan.request.precision.name())),
            ("dt".into(), Value::Number(plan.dt)),
            ("hold".into(), arguments.hold.map_or(text("until settled"), Value::Number)),
            ("request".into(), Value::Text(plan.request.to_toml()?)),
        ],
    };
    write_ramp(&arguments.outputs.output, &content)?;
    let mut report = report(&plan, &walked, arguments);
    if let Some(picture) = &arguments.outputs.plot {
        let branches = (0..lanes).map(|lane| branches(&plan, lane as u64)).collect::<Vec<_>>().concat();
        figure::draw_ramp(&RampFile::open(&arguments.outputs.output)?, &branches, picture)?;
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

/// The equilibria of a lane along V_n, cut where their stability changes; nothing for other walked parameters.
fn branches(plan: &Plan, lane: u64) -> Vec<Branch> {
    let axis = &plan.grid.axes()[0];
    if axis.parameter != Parameter::VN {
        return Vec::new();
    }
    let (low, high) = axis.extent();
    let p = plan.parameters(lane);
    let profile = Arc::new(Profile::new(p.l, p.lambda));
    let landscape = Landscape::new(profile.clone(), p.x_0, p.l, p.z_t);
    let mut found: Vec<Branch> = Vec::new();
    for i in 0..=POINTS {
        let v = low.min(0.0) + (high.max(0.0) - low.min(0.0)) * f64::from(i) / f64::from(POINTS);
        let point = (landscape.input(v, p.r_n), v);
        if !(low..=high).contains(&point.0) {
            continue;
        }
        let stable = Linear::at(v, &Parameters { v_n: point.0, ..p }, &profile).stability() == Stability::Stable;
        match found.last_mut().filter(|b| b.stable == stable) {
            Some(branch) => branch.points.push(point),
            None => {
                // Segments meet where one ends.
                let joint = found.last().and_then(|b| b.points.last().copied());
                found.push(Branch { stable, points: joint.into_iter().chain([point]).collect() });
            }
        }
    }
    found
}
