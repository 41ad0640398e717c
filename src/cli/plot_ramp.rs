//! Picture of a ramp from its file: lanes over the equilibria along the walked axis.

use super::axis_values::Fixed;
use crate::bifurcation::branches;
use crate::error::{Error, Result};
use crate::figure::{self, Target};
use crate::grid::unravel;
use crate::model::{PARAMETER_COUNT, Parameter, Parameters};
use crate::store::RampFile;

/// Maximum number of lanes in a picture.
pub(super) const DRAWN: usize = 6;

/// Draws all lanes of a ramp.
///
/// # Errors
/// [`Error::Request`] if the ramp is damaged or has more than [`DRAWN`] lanes; [`Error::File`] if the
/// picture cannot be written; [`Error::Engine`] only if drawing fails (not expected).
pub(super) fn draw(file: &RampFile, target: Target<'_>) -> Result<()> {
    let cells = file.axes.iter().try_fold(1, |n: usize, a| n.checked_mul(a.values.len()));
    let whole = cells.and_then(|n| n.checked_mul(2)).is_some_and(|n| n > 0 && file.v.iter().all(|v| v.len() == n));
    let Some(walked) = file.axes.first().filter(|_| whole && file.outcomes.len() == file.v[0].len()) else {
        return Err(Error::request("the ramp is damaged: its axes do not fit its values", "run the ramp again"));
    };
    let lanes: usize = file.axes[1..].iter().map(|a| a.values.len()).product();
    figure::check_lanes(lanes, DRAWN)?;
    let extent = extent(&walked.values);
    // Equilibria along other parameters have no curve in closed form, so none are drawn.
    let lanes = if walked.parameter == Parameter::VN { lanes } else { 0 };
    let behind = (0..lanes).flat_map(|lane| branches(&parameters(file, lane), extent));
    figure::draw_ramp(file, &behind.collect::<Vec<_>>(), target)
}

/// Smallest and largest value.
fn extent(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Parameters of a lane; the walked parameter stays 0.
fn parameters(file: &RampFile, lane: usize) -> Parameters<f64> {
    let mut values = [0.0; PARAMETER_COUNT];
    for (p, value) in &file.fixed {
        values[*p as usize] = *value;
    }
    let axes = &file.axes[1..];
    let shape: Vec<usize> = axes.iter().map(|a| a.values.len()).collect();
    for (axis, i) in axes.iter().zip(unravel(&shape, lane)) {
        values[axis.parameter as usize] = axis.values[i];
    }
    Parameters::from_array(values)
}

/// Lanes of a ramp at fixed values of some axes other than the walked one.
pub(super) fn lanes_at(file: RampFile, fixed: &[Fixed]) -> RampFile {
    let shape: Vec<usize> = file.axes.iter().map(|a| a.values.len()).collect();
    let cells = shape.iter().product::<usize>().max(1);
    let kept = |number: &usize| {
        let index = unravel(&shape, number % cells);
        fixed.iter().all(|f| index.get(f.axis) == Some(&f.index))
    };
    let numbers: Vec<usize> = (0..file.v[0].len()).filter(kept).collect();
    let of = |values: &Vec<f64>| numbers.iter().filter_map(|n| values.get(*n).copied()).collect();
    let mut parameters = file.fixed.clone();
    parameters.extend(fixed.iter().map(|f| (f.parameter, f.value)));
    parameters.sort_by_key(|(p, _)| *p);
    RampFile {
        v: [of(&file.v[0]), of(&file.v[1]), of(&file.v[2])],
        outcomes: numbers.iter().filter_map(|n| file.outcomes.get(*n).copied()).collect(),
        fixed: parameters,
        axes: (0..).zip(file.axes).filter(|(i, _)| fixed.iter().all(|f| f.axis != *i)).map(|(_, a)| a).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoredAxis;

    #[test]
    fn a_lane_has_its_own_parameters() {
        let axis = |parameter, values: &[f64]| StoredAxis { parameter, values: values.to_vec() };
        let axes = vec![
            axis(Parameter::VN, &[0.0, 4.0, 8.0]),
            axis(Parameter::RN, &[6.0, 8.0]),
            axis(Parameter::X0, &[0.7, 0.8, 0.9]),
        ];
        let file = RampFile {
            axes,
            v: std::array::from_fn(|_| Vec::new()),
            outcomes: Vec::new(),
            fixed: vec![(Parameter::Gamma, 0.25), (Parameter::ZT, 0.5)],
        };
        let lanes: Vec<_> = (0..6).map(|lane| parameters(&file, lane)).map(|p| (p.r_n, p.x_0)).collect();
        assert_eq!(lanes, [(6.0, 0.7), (6.0, 0.8), (6.0, 0.9), (8.0, 0.7), (8.0, 0.8), (8.0, 0.9)]);
        let p = parameters(&file, 4);
        assert_eq!((p.v_n, p.gamma, p.z_t), (0.0, 0.25, 0.5));
        assert_eq!((extent(&[4.0, 0.0, 8.0]), extent(&[8.0, 4.0, 0.0])), ((0.0, 8.0), (0.0, 8.0)));
    }
}
