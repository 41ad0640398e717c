//! `hopfmap optimum`: the largest span, or another quantity, over some parameters within bounds.

use super::command_report::{Format, Report};
use super::messages::Verbosity;
use super::parameter_args::ParameterArgs;
use super::progress::{ProgressArgs, Work, with_progress};
use super::signals::listen;
use super::working_point;
use crate::engine::Progress;
use crate::error::{Error, Result, digits, short, shown};
use crate::grid::split_assignment;
use crate::model::Start;
use crate::optimum::{
    Border, Condition, Found, Optimum, Over, QUANTITIES, Quantity, RidgePoint, Task, optimum, widest,
};
use crate::results::MARGINS;
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Local maxima in the text report at most.
const LISTED: usize = 6;
/// Quantities that can be maximised.
const MAXIMISED: [Quantity; 5] = [Quantity::Span, Quantity::VMax, Quantity::Power, Quantity::Frequency, Quantity::Thd];

/// Example shown in the help.
pub(super) const EXAMPLE: &str = "Example:\n  hopfmap optimum --over Gamma=0.01:1 --over alpha=0.1:2 --set V_n=2 --set R_n=6 --within 'multiplier<0.95'";

/// Arguments of `hopfmap optimum`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// A parameter that varies, between two bounds: NAME=START:STOP, or NAME=log:START:STOP
    #[arg(long, value_name = "RANGE")]
    over: Vec<String>,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// What is maximised, of stable cycles: span, v_max, power (mean of g V^2), frequency (2 pi / period), THD (total
    /// harmonic distortion of V), or margin (relative distance from where the cycle ends) [default: span]
    #[arg(long, value_name = "QUANTITY")]
    of: Option<String>,
    /// A condition on the cycle: a quantity, < or >, and a number, as in 'multiplier<0.95'; quantities are span, v_max, v_min, v_mean,
    /// period, frequency, power, THD, multiplier, maxima
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true)]
    within: Vec<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: rest]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    fn is_of_margin(&self) -> bool {
        self.of.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(MARGINS[0].0))
    }

    fn task(&self) -> Result<Task> {
        let over = self.over.iter().map(|text| text.parse()).collect::<Result<Vec<Over>>>()?;
        let values = ParameterArgs::parse(&self.set)?;
        for o in &over {
            let name = o.parameter.name();
            if self.set.iter().any(|t| split_assignment(t, "").is_ok_and(|(p, _)| p == o.parameter)) {
                return Err(Error::request(format!("{name} both varies and is set"), "leave one of the two off"));
            }
        }
        let base = over.iter().fold(values, |values, o| values.with(o.parameter, o.low)).complete(&[])?;
        let of = self.of.as_deref().filter(|_| !self.is_of_margin()).map_or(Ok(Quantity::Span), goal)?;
        let within = self.within.iter().map(|text| text.parse()).collect::<Result<Vec<Condition>>>()?;
        let start = self.start.as_deref().map_or(Ok(Start::Rest), str::parse)?;
        let task = Task { over, base, of, within, start };
        task.check()?;
        Ok(task)
    }
}

/// The quantity to maximise.
fn goal(text: &str) -> Result<Quantity> {
    Quantity::parse(text).filter(|q| MAXIMISED.contains(q)).ok_or_else(|| {
        let names = MAXIMISED.map(Quantity::name).join(", ");
        let remedy = format!("name one of {names}, {}", MARGINS[0].0);
        Error::request(format!("'{text}' is nothing that is maximised"), remedy)
    })
}

/// Searches and reports.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let (task, verbosity) = (arguments.task()?, arguments.verbosity);
    let progress = Progress::default();
    listen(&progress.stop);
    let work = Work {
        cells: task.coarse_cells(),
        verb: "computed",
        unit: "cells",
        display: arguments.progress.display(verbosity),
    };
    if arguments.is_of_margin() {
        let found = with_progress(work, &progress, || widest(&task, &progress))?;
        return Ok(working_point::report(&found, &task));
    }
    let found = with_progress(work, &progress, || optimum(&task, &progress))?;
    Ok(Report::new(text(&task, &found), object(&task, &found)))
}

/// Parameter values as text: `Gamma = 0.33, alpha = 2`.
fn place(task: &Task, at: &[f64]) -> String {
    let values = task.over.iter().zip(at).map(|(o, at)| format!("{} = {}", o.parameter.name(), digits(*at, 9)));
    values.collect::<Vec<_>>().join(", ")
}

/// Name of a border in JSON: the parameter's, or the condition.
fn name(task: &Task, border: &Border) -> String {
    match border {
        Border::Bound { range, .. } => task.over[*range].parameter.name().to_string(),
        Border::Condition(condition) => condition.to_string(),
        Border::Stability(_) => "multiplier<1".to_string(),
    }
}

/// A border in words.
fn words(task: &Task, border: &Border) -> String {
    let of = task.of.name();
    match border {
        Border::Bound { range, value, is_physical, slope } => {
            let parameter = task.over[*range].parameter;
            let kind = match is_physical {
                true => format!("the physical limit ({})", parameter.info().range.reason),
                false => "the bound of its range".to_string(),
            };
            let (name, value) = (parameter.name(), shown(*value));
            format!(
                "{name} = {value}, {kind}: the {of} still grows there, by {} per unit of {name}",
                short(slope.abs())
            )
        }
        Border::Condition(condition) => format!("{condition}: the {of} still grows beyond this condition"),
        Border::Stability(edge) => {
            format!("the edge of the region of stable cycles, {}: the {of} still grows towards it", edge.name())
        }
    }
}

fn text(task: &Task, found: &Found) -> String {
    let names: Vec<_> = task.over.iter().map(|o| o.parameter.name()).collect();
    let of = task.of.name();
    let Some(best) = found.optima.first() else { return format!("{}\n", none(task, found)) };
    let mut out = format!("largest {of} over {}: {:.8}\n", names.join(" and "), best.values[task.of as usize]);
    // Writing to a String cannot fail.
    let mut line = |text: String| {
        let _ = writeln!(out, "  {text}");
    };
    line(place(task, &best.at));
    best.borders.iter().for_each(|border| line(format!("on a border: {}", words(task, border))));
    if best.borders.is_empty() {
        line("on no border".into());
    }
    if !best.converged {
        line("not refined to 1e-6: the cycle cannot be followed further, or the quantity has a corner there".into());
    }
    let quantities = QUANTITIES.iter().zip(best.values).filter(|(q, _)| q.0 != of);
    line(quantities.map(|(q, value)| format!("{} {}", q.0, short(value))).collect::<Vec<_>>().join(", "));
    let slopes = names.iter().zip(&best.gradient).map(|(name, slope)| format!("{} by {name}", short(*slope)));
    line(format!("gradient: {}", slopes.collect::<Vec<_>>().join(", ")));
    if let Some(condition) = best.condition {
        line(format!("condition of the Hessian: {}", short(condition)));
    }
    if found.optima.len() > 1 {
        line(format!("{} more local maxima:", found.optima.len() - 1));
    }
    for other in found.optima[1..].iter().take(LISTED) {
        let borders: Vec<_> = other.borders.iter().map(|b| name(task, b)).collect();
        let on = if borders.is_empty() { String::new() } else { format!(", on the border {}", borders.join(", ")) };
        let rough = if other.converged { "" } else { ", not refined to 1e-6" };
        line(format!("  {of} {:.8} at {}{on}{rough}", other.values[task.of as usize], place(task, &other.at)));
    }
    if !found.ridge.is_empty() {
        line(format!("ridge, the best for each {}:", names[names.len() - 1]));
    }
    for point in &found.ridge {
        line(format!("  {of} {:.8} at {}", point.value, place(task, &point.at)));
    }
    out
}

/// Explanation of a search without a result.
fn none(task: &Task, found: &Found) -> String {
    let cells = task.coarse_cells();
    match found.oscillating {
        0 => working_point::no_cycle(task),
        n => format!("{n} stable cycles in {cells} cells of the coarse sweep, and none keeps the conditions"),
    }
}

fn point(task: &Task, at: &[f64]) -> Map<String, Value> {
    task.over.iter().zip(at).map(|(o, at)| (o.parameter.name().to_string(), json!(at))).collect()
}

fn optimum_object(task: &Task, found: &Optimum) -> Value {
    let border = |border: &Border| match border {
        Border::Bound { value, is_physical, slope, .. } => json!({
            "border": name(task, border), "value": value,
            "kind": if *is_physical { "physical limit" } else { "bound" }, "slope": slope,
        }),
        Border::Condition(condition) => {
            json!({ "border": name(task, border), "value": condition.limit, "kind": "condition" })
        }
        Border::Stability(edge) => {
            json!({ "border": name(task, border), "value": 1.0, "kind": "stability", "edge": edge.name() })
        }
    };
    let mut object: Map<String, Value> =
        QUANTITIES.iter().zip(found.values).map(|(q, value)| (q.0.to_string(), json!(value))).collect();
    let rest = json!({
        "at": point(task, &found.at),
        "on_border": found.borders.iter().map(|b| name(task, b)).collect::<Vec<_>>(),
        "borders": found.borders.iter().map(border).collect::<Vec<_>>(),
        "gradient": point(task, &found.gradient),
        "hessian": found.hessian,
        "condition": found.condition,
        "converged": found.converged,
    });
    rest.as_object().into_iter().flatten().for_each(|(key, value)| drop(object.insert(key.clone(), value.clone())));
    Value::Object(object)
}

fn object(task: &Task, found: &Found) -> Value {
    let ridge = |r: &RidgePoint| {
        let mut object = point(task, &r.at);
        object.insert(task.of.name().to_string(), json!(r.value));
        object.insert("multiplier".to_string(), json!(r.multiplier));
        Value::Object(object)
    };
    let mut report = json!({
        "of": task.of.name(),
        "within": task.within.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fixed": working_point::fixed(task),
        "optima": found.optima.iter().map(|o| optimum_object(task, o)).collect::<Vec<_>>(),
        "ridge": found.ridge.iter().map(ridge).collect::<Vec<_>>(),
        "coarse": working_point::coarse(task, task.of.name(), found.best_cell.as_ref(), (found.oscillating, found.basins)),
    });
    if found.optima.is_empty() {
        report["note"] = none(task, found).into();
    }
    report
}
