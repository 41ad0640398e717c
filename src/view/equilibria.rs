//! Equilibria of each lane of a ramp along its first axis, with their Hopf points and folds.

use super::curves::{MOST_SLICES, extent, slice_of};
use crate::bifurcation::{equilibrium_lines, hopf_points};
use crate::model::{PARAMETER_COUNT, Parameters};
use crate::store::RampFile;
use serde_json::{Value, json};

/// The lines of each lane as the page reads them, and a note where there are none.
pub(super) fn of_ramp(ramp: &RampFile) -> (Vec<Value>, Option<String>) {
    let Some((walked, others)) = ramp.axes.split_first() else { return (Vec::new(), None) };
    let range = extent(&walked.values);
    let lanes: usize = others.iter().map(|a| a.values.len()).product();
    if lanes > MOST_SLICES {
        let note = format!("Equilibria are left out: {lanes} lanes, and at most {MOST_SLICES} have them.");
        return (Vec::new(), Some(note));
    }
    // A range of one value has no line.
    if range.0 >= range.1 {
        return (Vec::new(), None);
    }
    let mut fixed = [0.0; PARAMETER_COUNT];
    ramp.fixed.iter().for_each(|(p, value)| fixed[*p as usize] = *value);
    // Any value of the walked parameter, which 0 may be none of.
    fixed[walked.parameter as usize] = range.0;
    let shape: Vec<usize> = others.iter().map(|a| a.values.len()).collect();
    let sets = (0..lanes).map(|lane| {
        let (mut values, mut at) = (fixed, vec![Value::Null]);
        for (axis, place) in others.iter().zip(slice_of(&shape, lane)) {
            values[axis.parameter as usize] = axis.values[place];
            at.push(place.into());
        }
        let p = Parameters::from_array(values);
        let found = equilibrium_lines(&p, walked.parameter, range, &hopf_points(walked.parameter, range, &p));
        let line = |points: &Vec<crate::bifurcation::LinePoint>| {
            let of = |pick: fn(&crate::bifurcation::LinePoint) -> f64| points.iter().map(pick).collect::<Vec<_>>();
            let stable: Vec<_> = points.iter().map(|p| p.stable).collect();
            json!({ "x": of(|p| p.value), "y": of(|p| p.v), "stable": stable })
        };
        let special = found.special.iter().map(|s| json!({ "kind": s.kind.name(), "x": s.value, "y": s.v }));
        json!({ "at": at, "lines": found.lines.iter().map(line).collect::<Vec<_>>(), "special": special.collect::<Vec<_>>() })
    });
    (sets.collect(), None)
}
