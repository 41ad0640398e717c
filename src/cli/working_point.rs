//! Report of `hopfmap optimum --of margin`: the working points that are farthest from where their cycle ends.

use super::command_report::Report;
use crate::error::short;
use crate::optimum::{BoundaryPoint, QUANTITIES, Task, WorkingPoint};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Report of the working points, with the number of cells of the coarse sweep that have a cycle.
pub(super) fn report((found, oscillating): &(Vec<WorkingPoint>, usize), task: &Task) -> Report {
    let note = match (found.is_empty(), *oscillating) {
        (false, _) => None,
        (true, 0) => Some(format!("no stable cycle in {} cells of the coarse sweep", task.coarse_cells())),
        (true, n) => {
            Some(format!("{n} stable cycles in the coarse sweep, and none keeps the conditions inside the bounds"))
        }
    };
    let text = note.clone().map_or_else(|| text(task, found), |note| format!("{note}\n"));
    let mut object = json!({
        "of": "margin",
        "within": task.within.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "optima": found.iter().map(|point| object(task, point)).collect::<Vec<_>>(),
        "ridge": [],
    });
    if let Some(note) = note {
        object["note"] = note.into();
    }
    Report::new(text, object)
}

fn place(task: &Task, at: [f64; 2]) -> String {
    let values = task.over.iter().zip(at).map(|(o, at)| format!("{} = {at:.8}", o.parameter.name()));
    values.collect::<Vec<_>>().join(", ")
}

fn kind(contact: &BoundaryPoint) -> &'static str {
    if contact.is_bound { "bound" } else { "boundary" }
}

fn text(task: &Task, found: &[WorkingPoint]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for (number, point) in found.iter().enumerate() {
        let head = if number == 0 { "largest margin" } else { "another local maximum" };
        let _ = writeln!(out, "{head}: {:.8}, relative to the parameters", point.margin);
        let _ = writeln!(out, "  {}", place(task, point.at));
        if !point.converged {
            let _ = writeln!(out, "  not refined to 1e-6");
        }
        for contact in &point.contacts {
            let what = if contact.is_bound { "a bound of the ranges" } else { "the boundary of stable cycles" };
            let _ = writeln!(out, "  held by {what} at {}", place(task, contact.at));
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
    let contact = |contact: &BoundaryPoint| json!({ "at": at(contact.at), "kind": kind(contact) });
    let mut object: Map<String, Value> =
        QUANTITIES.iter().zip(point.values).map(|(q, value)| (q.0.to_string(), json!(value))).collect();
    object.insert("margin".into(), json!(point.margin));
    object.insert("at".into(), at(point.at).into());
    object.insert("on_border".into(), json!([]));
    object.insert("held_by".into(), point.contacts.iter().map(contact).collect());
    object.insert("converged".into(), json!(point.converged));
    Value::Object(object)
}
