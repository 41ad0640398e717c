//! The plan of a finished map, made from the request in its file and compared with its coordinates.

use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::plan::Plan;
use crate::plan::Request;
use crate::store::MapFile;

/// Relative difference up to which values are the same.
const SAME: f64 = 1e-12;

/// The plan of a map, from its request, whose grid has to match the file's coordinates.
///
/// # Errors
/// [`Error::Request`] if the request is invalid or does not match the coordinates; the message
/// names the first difference.
pub fn plan_of(map: &MapFile) -> Result<Plan> {
    let plan = Plan::new(Request { output: None, ..stored_request(map)? })?;
    match difference(map, &plan) {
        None => Ok(plan),
        Some(what) => Err(Error::input(
            map.path(),
            format!("holds a request that does not belong to its coordinates: {what}"),
            "compute it again",
        )),
    }
}

/// The request in a map, with the points among its coordinates, if it is one of points.
///
/// # Errors
/// [`Error::Request`] if it is not understood; the message names the file.
pub fn stored_request(map: &MapFile) -> Result<Request> {
    let request = Request::from_toml(map.request())
        .map_err(|e| Error::input(map.path(), format!("holds a request that is damaged: {e}"), "compute it again"))?;
    Ok(Request { points: map.points().cloned(), ..request })
}

/// Whether two values are equal, except for the last digits of another machine's logarithm.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs())
}

/// The first coordinate in which a map and a plan differ.
fn difference(map: &MapFile, plan: &Plan) -> Option<String> {
    let names = |axes: Vec<Parameter>| axes.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
    if plan.grid.points() != map.points() {
        return Some("it has points, and axes were requested".to_string());
    }
    let (ours, theirs): (Vec<_>, Vec<_>) =
        (plan.grid.axes().iter().map(|a| a.parameter).collect(), map.axes().iter().map(|a| a.parameter).collect());
    if ours != theirs {
        return Some(format!("its axes are {}, and {} were requested", names(theirs), names(ours)));
    }
    for (axis, stored) in plan.grid.axes().iter().zip(map.axes()) {
        let (name, n) = (axis.parameter.name(), stored.values.len() as u64);
        if n != axis.len() {
            return Some(format!("{name} has {n} values, and {} were requested", axis.len()));
        }
        if let Some((i, (there, due))) =
            stored.values.iter().zip(axis.values()).enumerate().find(|(_, (there, due))| !same(**there, *due))
        {
            return Some(format!("value {i} of {name} is {there}, and {due} was requested"));
        }
    }
    for (p, due) in &plan.fixed {
        let there = map.fixed().iter().find(|(q, _)| q == p).map(|(_, value)| *value);
        if !there.is_some_and(|v| same(v, *due)) {
            let there = there.map_or("missing".to_string(), |v| v.to_string());
            return Some(format!("{} is {there}, and {due} was requested", p.name()));
        }
    }
    let starts = if map.starts().is_empty() { 1 } else { map.starts().len() };
    (starts != plan.starts()).then(|| format!("it has {starts} starts, and {} were requested", plan.starts()))
}
