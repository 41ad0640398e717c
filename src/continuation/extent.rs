//! Extremes and means of V over a period.

use super::flow::{Flow, plain_step};
use super::shooting::Orbit;
use crate::cycle::Field;
use nalgebra::Vector4;

/// Secants at most for one extremum.
const SECANTS: usize = 30;
/// Slope of V at which an extremum is found, relative to that at the step's beginning.
const LEVEL: f64 = 1e-12;

/// Extremes and means of V over a period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Point at the highest maximum of V.
    pub highest: Vector4<f64>,
    /// Smallest V.
    pub v_min: f64,
    /// Number of maxima of V.
    pub maxima: u32,
    /// Mean of V.
    pub mean: f64,
    /// Mean of V².
    pub mean_square: f64,
    /// Point at which the motion is slowest among the ends of the steps, and its speed over the largest one.
    pub slowest: (Vector4<f64>, f64),
}

impl Extent {
    /// The extremes and means of an orbit.
    pub(super) fn of<const P: usize>(flow: &Flow<P>, orbit: &Orbit<P>) -> Self {
        let field = flow.field();
        let first = orbit.nodes[0];
        let mut found =
            Self { highest: first, v_min: first[3], maxima: 0, mean: 0.0, mean_square: 0.0, slowest: (first, 1.0) };
        let rate = field.rate(&first);
        let (mut rises, mut fastest, mut slowest) = (rate[3] > 0.0, rate.norm(), (first, rate.norm()));
        for (steps, node) in orbit.mesh.segments.iter().zip(&orbit.nodes) {
            let mut at = *node;
            for step in steps {
                let h = step * orbit.period;
                let taken = plain_step(&field, &at, h);
                found.mean += taken.integrals[0];
                found.mean_square += taken.integrals[1];
                let rate = field.rate(&taken.end);
                let speed = rate.norm();
                fastest = fastest.max(speed);
                if speed < slowest.1 {
                    slowest = (taken.end, speed);
                }
                let rises_on = rate[3] > 0.0;
                if rises_on != rises {
                    let extremum = extremum(&field, &at, h, rate[3]);
                    if rises {
                        found.maxima += 1;
                        if extremum[3] > found.highest[3] {
                            found.highest = extremum;
                        }
                    } else {
                        found.v_min = found.v_min.min(extremum[3]);
                    }
                    rises = rises_on;
                }
                at = taken.end;
            }
        }
        found.mean /= orbit.period;
        found.mean_square /= orbit.period;
        found.slowest = (slowest.0, slowest.1 / fastest);
        found
    }
}

/// The extremum of V within a step of `h` from `u`, at whose end V has the slope `end`.
fn extremum(field: &Field<'_>, u: &Vector4<f64>, h: f64, end: f64) -> Vector4<f64> {
    let begin = field.rate(u)[3];
    let (mut low, mut high) = (0.0, h);
    let mut slopes = [begin, end];
    let mut at = *u;
    for _ in 0..SECANTS {
        let t = (low * slopes[1] - high * slopes[0]) / (slopes[1] - slopes[0]);
        at = plain_step(field, u, t).end;
        let slope = field.rate(&at)[3];
        if !(slope.abs() > LEVEL * begin.abs().max(end.abs())) {
            break;
        }
        // Illinois' rule halves the slope of an end that stays.
        if (slope > 0.0) == (begin > 0.0) {
            (low, slopes) = (t, [slope, 0.5 * slopes[1]]);
        } else {
            (high, slopes) = (t, [0.5 * slopes[0], slope]);
        }
    }
    at
}
