//! The orbit of a cycle: its states over one period, at equal times.

use super::cycle::Cycle;
use super::field::{Field, point, state};
use crate::model::{F00Jets, Parameters, State, conductance};
use std::f64::consts::SQRT_2;

/// A point of an orbit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrbitPoint {
    /// State (X, Y, Z, V).
    pub state: State<f64>,
    /// Current I = g V through the memristor, in units of the voltage's unit over R_0.
    pub current: f64,
}

impl Cycle {
    /// The points of the orbit at `steps` equal times of one period, from its highest maximum of V on; one step of RK4
    /// lies between two of them.
    ///
    /// The mean of a smooth function over these points is its mean over the period: the trapezoid rule converges faster
    /// than any power for a periodic function, so what is left is RK4's error.
    #[must_use]
    pub fn orbit(&self, p: &Parameters<f64>, profile: &F00Jets, steps: usize) -> Vec<OrbitPoint> {
        orbit_from(p, profile, &self.state, self.period, steps)
    }
}

/// The points of the motion from a state at `steps` equal times of `time` (tau_c), one step of RK4 between two of them.
#[must_use]
pub fn orbit_from(
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: &State<f64>,
    time: f64,
    steps: usize,
) -> Vec<OrbitPoint> {
    let (field, h) = (Field::new(p, profile), time / steps as f64);
    let mut u = point(start);
    (0..steps)
        .map(|_| {
            let here = state(&u);
            u = field.step(&u, h);
            let elements = profile.elements(p.x_0 / p.l - SQRT_2 * here.v);
            OrbitPoint { state: here, current: conductance(&here, &elements) * here.v }
        })
        .collect()
}
