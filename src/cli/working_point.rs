//! Report of `hopfmap optimum --of margin`: the working points that are farthest from where their cycle ends.

use super::command_report::Report;
use crate::bifurcation::no_hopf;
use crate::error::short;
use crate::model::{Parameter, Parameters};
use crate::optimum::{BoundaryPoint, Held, Over, QUANTITIES, Task, Widest, WorkingPoint};
use crate::results::MARGINS;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Report of the working points.
pub(super) fn report(found: &Widest, task: &Task) -> Report {
    let note = match (found.points.is_empty(), found.oscillating) {
        (false, _) => None,
        (true, 0) => Some(no_cycle(task)),
        (true, n) => {
            Some(format!("{n} stable cycles in the coarse sweep, and none keeps the conditions inside the bounds"))
        }
    };
    let text = note.clone().map_or_else(|| text(task, &found.points), |note| format!("{note}\n"));
    let mut object = json!({
        "of": MARGINS[0].0,
        "within": task.within.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fixed": fixed(task),
        "optima": found.points.iter().map(|point| object(task, point)).collect::<Vec<_>>(),
        "ridge": [],
        "coarse": coarse(task, MARGINS[0].0, found.best_cell.as_ref(), (found.oscillating, found.basins)),
    });
    if let Some(note) = note {
        object["note"] = note.into();
    }
    Report::new(text, object)
}

/// The parameters that do not vary, for `--json`.
pub(super) fn fixed(task: &Task) -> Map<String, Value> {
    let fixed = Parameter::ALL.into_iter().filter(|p| task.over.iter().all(|o| o.parameter != *p));
    fixed.map(|p| (p.name().to_string(), json!(task.base.get(p)))).collect()
}

/// The coarse sweep, for `--json`: its grid, its cycles, its best cell, its local maxima and how many of them were refined.
pub(super) fn coarse(
    task: &Task,
    of: &str,
    best: Option<&(Vec<f64>, f64)>,
    (oscillating, [maxima, refined]): (usize, [usize; 2]),
) -> Value {
    let axis = |o: &Over| json!({ "start": o.low, "stop": o.high, "log": o.log, "values": task.coarse_values() });
    let grid: Map<String, Value> = task.over.iter().map(|o| (o.parameter.name().to_string(), axis(o))).collect();
    let best = best.map(|(at, value)| {
        let at = task.over.iter().zip(at).map(|(o, at)| (o.parameter.name().to_string(), json!(at)));
        json!({ "at": at.collect::<Map<_, _>>(), of: value })
    });
    json!({
        "grid": grid, "cells": task.coarse_cells(), "oscillating": oscillating, "best": best, "maxima": maxima,
        "refined": refined,
    })
}

/// Why the coarse sweep has no cycle.
pub(super) fn no_cycle(task: &Task) -> String {
    let mut values = task.base.to_array();
    task.over.iter().for_each(|o| values[o.parameter as usize] = o.high);
    let cells = task.coarse_cells();
    match no_hopf(&Parameters::from_array(values)) {
        Some(why) => format!("no stable cycle in {cells} cells of the coarse sweep: {why}"),
        None => format!("no stable cycle in {cells} cells of the coarse sweep"),
    }
}

fn place(task: &Task, at: [f64; 2]) -> String {
    let values = task.over.iter().zip(at).map(|(o, at)| format!("{} = {at:.8}", o.parameter.name()));
    values.collect::<Vec<_>>().join(", ")
}

fn kind(contact: &BoundaryPoint) -> &'static str {
    match contact.held {
        Held::Bound => "bound",
        Held::Condition(_) => "condition",
        Held::Edge => "boundary",
    }
}

fn border(contact: &BoundaryPoint) -> String {
    match contact.held {
        Held::Bound => "a bound of the ranges".to_string(),
        Held::Condition(condition) => condition.to_string(),
        Held::Edge => "the boundary of stable cycles".to_string(),
    }
}

fn text(task: &Task, found: &[WorkingPoint]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for (number, point) in found.iter().enumerate() {
        let head = if number == 0 { "largest margin" } else { "another local maximum" };
        let _ = writeln!(out, "{head}: {:.8}, relative to the parameters", point.margin);
        let _ = writeln!(out, "  {}", place(task, point.at));
        if point.flat {
            let _ = writeln!(out, "  the top is flat: other points have the same margin");
        }
        if !point.converged {
            let _ = writeln!(out, "  not refined to 1e-6");
        }
        for contact in &point.contacts {
            let _ = writeln!(out, "  held by {} at {}", border(contact), place(task, contact.at));
        }
        let quantities = QUANTITIES.iter().zip(point.values).map(|(q, value)| format!("{} {}", q.0, short(value)));
        let _ = writeln!(out, "  {}", quantities.collect::<Vec<_>>().join(", "));
    }
    out
}

fn object(task: &Task, point: &WorkingPoint) -> Value {
    let at = |at: [f64; 2]| -> Map<String, Value> {
        task.over.iter().zip(at).map(|(o, at)| (o.parameter.name().to_string(), json!(at))).collect()
    };
    let contact =
        |contact: &BoundaryPoint| json!({ "at": at(contact.at), "kind": kind(contact), "border": border(contact) });
    let mut object: Map<String, Value> =
        QUANTITIES.iter().zip(point.values).map(|(q, value)| (q.0.to_string(), json!(value))).collect();
    object.insert("margin".into(), json!(point.margin));
    object.insert("at".into(), at(point.at).into());
    // The conditions that hold it: a bound or the boundary of stable cycles is near, and the point is not on it.
    let mut conditions: Vec<String> =
        point.contacts.iter().filter(|c| matches!(c.held, Held::Condition(_))).map(border).collect();
    conditions.sort();
    conditions.dedup();
    object.insert("on_border".into(), conditions.into());
    object.insert("flat".into(), json!(point.flat));
    object.insert("held_by".into(), point.contacts.iter().map(contact).collect());
    object.insert("converged".into(), json!(point.converged));
    Value::Object(object)
}
