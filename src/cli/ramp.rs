//! `hopfmap ramp`: hysteresis, by walking one parameter up and down.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::map_report::outcome_counts;
use super::messages::Verbosity;
use super::outputs::{OutputArgs, Outputs};
use super::plot_ramp::RampPicture;
use super::progress::{ProgressArgs, Work, with_progress};
use super::request_args::RequestArgs;
use super::signals::listen;
use super::style_args::PictureArgs;
use crate::engine::{EngineOptions, Progress, open_engine};
use crate::error::{Result, short};
use crate::figure::{self, Style};
use crate::grid::Axis;
use crate::plan::Plan;
use crate::results::Outcome;
use crate::store::{RampFile, StoredAxis};
use crate::sweep::{DIRECTIONS, Hysteresis, Ramp, check_ramp, hysteresis, ramp, record_ramp};
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Maximum number of lanes in the text report.
const LISTED: usize = 6;

/// Example shown in the help.
pub(super) const EXAMPLE: &str =
    "Example:\n  hopfmap ramp --grid V_n=0:8:400 --set R_n=8 --set Gamma=1 -o ramp.h5 --plot ramp.png";

/// Arguments of `hopfmap ramp`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    #[command(flatten)]
    request: RequestArgs,
    /// Hold each value for this time, in tau_c, instead of until the motion has settled
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    hold: Option<f64>,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    picture: PictureArgs,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if options exclude each other, or the output's name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        self.request.check()?;
        self.outputs.check_name()
    }
}

/// Runs the ramp and writes, draws and reports it.
///
/// The first `--grid` is the walked axis; the others are lanes.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    // A lane has one start; the error names the possible ones.
    arguments.request.check_single_start()?;
    let (request, verbosity) = (arguments.request.request(None)?, arguments.verbosity);
    request.start.single()?;
    let outputs = arguments.outputs.outputs((request.output.clone(), request.plot.clone()))?;
    let plan = Plan::new(request)?;
    check_ramp(&plan, arguments.hold)?;
    outputs.check(&arguments.request.inputs(), 2 * plan.bytes())?;
    // The values of a lane follow each other; the lanes run side by side.
    let lanes = plan.grid.cells() / plan.grid.axes()[0].len();
    let style = arguments.picture.style(outputs.plot.is_some())?;
    let shape: Vec<usize> = plan.grid.axes()[1..].iter().map(|a| a.len() as usize).collect();
    let kind =
        outputs.plot.as_ref().map(|_| ramp_picture(&plan, &shape, arguments.picture.bifurcations.curves, &style));
    let kind = kind.transpose()?;
    let chosen = open_engine(&EngineOptions { cells: Some(lanes), ..plan.wanted() })?;
    verbosity.note(&format!("{}; dt = {}", chosen.reason, short(plan.dt)));
    let progress = Progress::default();
    listen(&progress.stop);
    let work = Work {
        cells: 2 * plan.grid.cells(),
        verb: "computed",
        unit: "cells",
        display: arguments.progress.display(verbosity),
    };
    let walked = with_progress(work, &progress, || ramp(&plan, &chosen, arguments.hold, &progress))?;
    record_ramp(outputs.file(), &plan, &chosen, arguments.hold, &walked, &command_line())?;
    let mut report = Report::new(text(&plan, &walked, &outputs), object(&plan, &walked, &outputs));
    if let (Some(picture), Some(kind)) = (outputs.picture()?, kind) {
        report.text.push_str(&kind.note(&shape));
        report.drawn(picture.output.path);
        kind.draw(&RampFile::open(&outputs.output)?, &style, picture)?;
    }
    Ok(report)
}

/// What is drawn of the ramp, found before it is computed: a wrong request ends here.
fn ramp_picture(plan: &Plan, shape: &[usize], curves: bool, style: &Style) -> Result<RampPicture> {
    let kind = RampPicture::of(shape, None, curves)?;
    let stored = |axis: &Axis| StoredAxis { parameter: axis.parameter, values: axis.values().collect() };
    let (walked, lanes) = plan.grid.axes().split_at(1);
    let several: Vec<_> = match kind {
        RampPicture::Lanes { .. } => walked.iter().map(stored).collect(),
        RampPicture::Loops => lanes.iter().filter(|a| a.len() > 1).map(stored).collect(),
    };
    figure::check_axes(&several.iter().collect::<Vec<_>>(), style)?;
    Ok(kind)
}

fn count(walked: &Ramp, outcome: Outcome) -> u64 {
    walked.results.iter().filter(|a| a.outcome == outcome).count() as u64
}

fn text(plan: &Plan, walked: &Ramp, outputs: &Outputs) -> String {
    let name = plan.grid.axes()[0].parameter.name();
    let mut out = format!(
        "{}: {} values of {name} up and down{}\n",
        outputs.output.display(),
        walked.values.len(),
        if walked.lanes > 1 { format!(", {} lanes", walked.lanes) } else { String::new() }
    );
    let place = |lane: usize| {
        let axes = plan.grid.axes()[1..].iter().zip(plan.grid.point(lane as u64).into_iter().skip(1));
        axes.map(|(a, value)| format!("{} = {}, ", a.parameter.name(), short(value))).collect::<String>()
    };
    // Writing to a String cannot fail.
    for outcome in Outcome::ALL.into_iter().filter(|o| count(walked, *o) > 0) {
        let _ = writeln!(out, "  {:<16} {}", outcome.name(), count(walked, outcome));
    }
    for (lane, h) in hysteresis(plan, walked).take(LISTED).enumerate() {
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
        let _ = writeln!(out, "  {}{area}{}", place(lane), steps.collect::<String>());
    }
    if walked.lanes > LISTED {
        let _ = writeln!(out, "  and {} more lanes, which {} holds", walked.lanes - LISTED, outputs.output.display());
    }
    out
}

fn object(plan: &Plan, walked: &Ramp, outputs: &Outputs) -> Value {
    let lane = |(lane, h): (usize, Hysteresis)| {
        let axes = plan.grid.axes()[1..].iter().map(|a| a.parameter.name().to_string());
        let values = plan.grid.point(lane as u64).into_iter().skip(1).map(Value::from);
        let step = |d: usize| h.steps[d].map(|(at, size)| json!({ "size": size, "at": at }));
        let mut object = json!({
            "at": axes.zip(values).collect::<Map<_, _>>(),
            "loop_area": h.area,
            "loop_complete": u8::from(h.is_complete()),
            "missed_folds": h.missed.iter().flatten().collect::<Vec<_>>(),
            "largest_step": { DIRECTIONS[0]: step(0), DIRECTIONS[1]: step(1) },
        });
        if !h.is_complete() {
            object["loop_area_note"] = h.words.into();
        }
        object
    };
    json!({
        "output": path(&outputs.output),
        "walked": plan.grid.axes()[0].parameter.name(),
        "values": walked.values.len(),
        "outcomes": outcome_counts(|outcome| count(walked, outcome)),
        "lanes": hysteresis(plan, walked).enumerate().map(lane).collect::<Vec<_>>(),
    })
}
