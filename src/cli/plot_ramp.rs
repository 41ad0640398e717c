//! Picture of a ramp from its file: lanes over the equilibria along the walked axis.

use super::axis_values::Fixed;
use crate::bifurcation::{Branch, LinePoint, branches, equilibrium_lines, hopf_points};
use crate::error::{Error, Result};
use crate::figure::{self, Style, Target};
use crate::grid::unravel;
use crate::model::{PARAMETER_COUNT, Parameter, Parameters};
use crate::store::RampFile;

/// Maximum number of lanes in a picture.
const DRAWN: usize = 6;
/// Name of the other picture of a ramp.
const LOOP_AREA: &str = "loop_area";

/// What is drawn of a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RampPicture {
    /// V up and down of each lane over the equilibria, or with the points of `--curves` on them.
    Lanes { curves: bool },
    /// The area of each lane's loop over the axes of the lanes.
    Loops,
}

impl RampPicture {
    /// What is drawn of lanes along axes of this shape: V of a few lanes, or else the area of each one's loop.
    ///
    /// # Errors
    /// [`Error::Request`] if the variable is none of a ramp's, or what is wanted cannot be drawn.
    pub(super) fn of(shape: &[usize], variable: Option<&str>, curves: bool) -> Result<Self> {
        let lanes = shape.iter().try_fold(1_usize, |n, m| n.checked_mul(*m)).unwrap_or(usize::MAX);
        match variable {
            None if lanes <= DRAWN => return Ok(Self::Lanes { curves }),
            None | Some(LOOP_AREA) => {}
            Some(other) => {
                return Err(Error::request(
                    format!("a ramp has no picture of {other}"),
                    format!("leave --variable off for V up and down, or name {LOOP_AREA}"),
                ));
            }
        }
        figure::check_loops(shape)?;
        if curves {
            return Err(Error::request(
                format!("--curves marks points of {DRAWN} lanes at most, and loop areas of {lanes} are drawn"),
                "leave --curves off, or draw a cut with 'hopfmap plot --at NAME=VALUE --curves'",
            ));
        }
        Ok(Self::Loops)
    }

    /// Name of what is drawn.
    pub(super) fn variable(self) -> &'static str {
        if self == Self::Loops { LOOP_AREA } else { "V" }
    }

    /// What a reader should know of the choice.
    pub(super) fn note(self, shape: &[usize]) -> String {
        let lanes: usize = shape.iter().product();
        match self {
            Self::Loops if lanes > DRAWN => {
                format!("{lanes} lanes: the area of each one's loop is drawn; --at draws V of {DRAWN} lanes at most\n")
            }
            _ => String::new(),
        }
    }

    /// Draws a ramp.
    ///
    /// # Errors
    /// [`Error::Request`] if the ramp is damaged, or the style does not go with it; [`Error::File`] if the picture cannot be
    /// written; [`Error::Engine`] only if drawing fails (not expected).
    pub(super) fn draw(self, file: &RampFile, style: &Style, target: Target<'_>) -> Result<()> {
        let cells = file.axes.iter().try_fold(1, |n: usize, a| n.checked_mul(a.values.len()));
        let whole = cells.and_then(|n| n.checked_mul(2)).is_some_and(|n| n > 0 && file.v.iter().all(|v| v.len() == n));
        let Some(walked) = file.axes.first().filter(|_| whole && file.outcomes.len() == file.v[0].len()) else {
            return Err(Error::request("the ramp is damaged: its axes do not fit its values", "run the ramp again"));
        };
        let Self::Lanes { curves } = self else { return figure::draw_loops(file, style, target) };
        let lanes: usize = file.axes[1..].iter().map(|a| a.values.len()).product();
        let (extent, parameter) = (extent(&walked.values), walked.parameter);
        let (mut behind, mut special) = (Vec::new(), Vec::new());
        for p in (0..lanes).map(|lane| parameters(file, lane)) {
            if curves && extent.0 < extent.1 {
                let found = equilibrium_lines(&p, parameter, extent, &hopf_points(parameter, extent, &p));
                behind.extend(found.lines.iter().flat_map(|line| pieces(line)));
                special.extend(found.special);
            } else if parameter == Parameter::VN {
                // Along other parameters equilibria have no curve in closed form: --curves follows them.
                behind.extend(branches(&p, extent));
            }
        }
        figure::draw_ramp(file, &behind, &special, style, target)
    }
}

/// Pieces of a line of equilibria that are stable or unstable as a whole, each beginning where the one before ends.
fn pieces(line: &[LinePoint]) -> Vec<Branch> {
    let mut found: Vec<Branch> = Vec::new();
    for run in line.chunk_by(|a, b| a.stable == b.stable) {
        let joint = found.last().and_then(|b| b.points.last().copied());
        let points = joint.into_iter().chain(run.iter().map(|p| (p.value, p.v))).collect();
        found.push(Branch { stable: run[0].stable, points });
    }
    found
}

/// Smallest and largest value.
fn extent(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Parameters of a lane at the first value of the walked parameter.
fn parameters(file: &RampFile, lane: usize) -> Parameters<f64> {
    let mut values = [0.0; PARAMETER_COUNT];
    for (p, value) in &file.fixed {
        values[*p as usize] = *value;
    }
    values[file.axes[0].parameter as usize] = file.axes[0].values[0];
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
    // The area of a lane stands where its first value does.
    let walked = file.axes.first().map_or(1, |a| a.values.len()).max(1);
    let lanes = cells / walked;
    let first = numbers.iter().filter(|n| **n < lanes);
    RampFile {
        loop_area: first.filter_map(|n| file.loop_area.get(*n).copied()).collect(),
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
            loop_area: Vec::new(),
            fixed: vec![(Parameter::Gamma, 0.25), (Parameter::ZT, 0.5)],
        };
        let lanes: Vec<_> = (0..6).map(|lane| parameters(&file, lane)).map(|p| (p.r_n, p.x_0)).collect();
        assert_eq!(lanes, [(6.0, 0.7), (6.0, 0.8), (6.0, 0.9), (8.0, 0.7), (8.0, 0.8), (8.0, 0.9)]);
        let p = parameters(&file, 4);
        assert_eq!((p.v_n, p.gamma, p.z_t), (0.0, 0.25, 0.5));
        assert_eq!((extent(&[4.0, 0.0, 8.0]), extent(&[8.0, 4.0, 0.0])), ((0.0, 8.0), (0.0, 8.0)));
    }
}
