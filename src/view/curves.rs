//! Hopf and fold curves in the plane of a map's two fastest axes, for each slice of the others.

use crate::bifurcation::{CurveKind, Side, curves};
use crate::model::{PARAMETER_COUNT, Parameters};
use crate::store::{MapFile, StoredAxis};
use serde_json::{Value, json};

/// Most slices that have curves.
pub(super) const MOST_SLICES: usize = 32;

/// The curves of each slice as the page reads them, and a note where there are none though one may expect them.
pub(super) fn of_map(map: &MapFile, indices: &[Vec<usize>]) -> (Vec<Value>, Option<String>) {
    let [others @ .., y, x] = map.axes() else { return (Vec::new(), None) };
    if x.values.len() < 2 || y.values.len() < 2 {
        return (Vec::new(), None);
    }
    let slices: usize = indices[..others.len()].iter().map(Vec::len).product();
    if slices > MOST_SLICES {
        let note = format!("Hopf and fold curves are left out: {slices} slices, and at most {MOST_SLICES} have them.");
        return (Vec::new(), Some(note));
    }
    let sides = [x, y].map(side);
    let shape: Vec<usize> = indices[..others.len()].iter().map(Vec::len).collect();
    let mut sets = Vec::new();
    for slice in 0..slices {
        let mut values = [0.0; PARAMETER_COUNT];
        map.fixed().iter().for_each(|(p, value)| values[*p as usize] = *value);
        // Any value of the plane's own parameters, which 0 may be none of.
        sides.iter().for_each(|side| values[side.parameter as usize] = side.low);
        let mut at = vec![Value::Null; map.axes().len()];
        for (axis, place) in slice_of(&shape, slice).into_iter().enumerate() {
            at[axis] = place.into();
            values[others[axis].parameter as usize] = others[axis].values[indices[axis][place]];
        }
        match curves(sides, &Parameters::from_array(values)) {
            Ok(found) => {
                let kinds = [(CurveKind::Hopf, "Hopf"), (CurveKind::Fold, "fold")];
                let line = |name: &'static str| {
                    move |points: &[crate::bifurcation::Point]| {
                        let (x, y): (Vec<_>, Vec<_>) = points.iter().map(|p| (p.x, p.y)).unzip();
                        json!({ "kind": name, "x": x, "y": y })
                    }
                };
                let lines: Vec<_> = kinds.iter().flat_map(|(kind, name)| found.of(*kind).map(line(name))).collect();
                sets.push(json!({ "at": at, "lines": lines }));
            }
            Err(e) => return (Vec::new(), Some(format!("Hopf and fold curves are left out: {e}."))),
        }
    }
    (sets, None)
}

/// The index along each axis of a number, row-major.
pub(super) fn slice_of(shape: &[usize], number: usize) -> Vec<usize> {
    let mut rest = number;
    let mut place = vec![0; shape.len()];
    for (axis, length) in shape.iter().enumerate().rev() {
        place[axis] = rest % length;
        rest /= length;
    }
    place
}

/// Smallest and largest value.
pub(super) fn extent(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)))
}

/// The side of a plane along an axis.
fn side(axis: &StoredAxis) -> Side {
    let ends = extent(&axis.values);
    Side { parameter: axis.parameter, low: ends.0, high: ends.1, log: axis.is_log() }
}
