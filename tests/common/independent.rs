//! Eq. 10 straight from quadrature, by an integrator that is not ours.

use hopfmap::model::{Conductance, Parameters, State, derivative};
use ode_solvers::dop_shared::OutputType;
use ode_solvers::{Dop853, SVector, System};

struct Independent(Parameters<f64>, Conductance);

impl System<f64, SVector<f64, 4>> for Independent {
    fn system(&self, _t: f64, y: &SVector<f64, 4>, dy: &mut SVector<f64, 4>) {
        let d = derivative(&state(y), &self.0, &self.1);
        *dy = SVector::from([d.x, d.y, d.z, d.v]);
    }
}

fn state(y: &SVector<f64, 4>) -> State<f64> {
    State { x: y[0], y: y[1], z: y[2], v: y[3] }
}

/// The state `time` after `start`, with tolerances of 1e-12 and 1e-13 for each step.
pub fn after(p: &Parameters<f64>, start: &State<f64>, time: f64) -> State<f64> {
    // Every step taken, none interpolated, so that the last one ends at `time`.
    states(p, start, (time, time), OutputType::Sparse).pop().unwrap()
}

/// The states every `apart` from `start` on, over `time`.
pub fn samples(p: &Parameters<f64>, start: &State<f64>, time: f64, apart: f64) -> Vec<State<f64>> {
    states(p, start, (time, apart), OutputType::Dense)
}

fn states(p: &Parameters<f64>, start: &State<f64>, (time, apart): (f64, f64), kind: OutputType) -> Vec<State<f64>> {
    let system = Independent(*p, Conductance::new(p.l, p.lambda));
    let start = SVector::from([start.x, start.y, start.z, start.v]);
    let (safety, beta, shrink, grow) = (0.9, 0.0, 0.333, 6.0);
    let mut solver = Dop853::from_param(
        system, 0.0, time, apart, start, 1e-12, 1e-13, safety, beta, shrink, grow, time, 0.0, 100_000, 1000, kind,
    );
    solver.integrate().unwrap();
    solver.y_out().iter().map(state).collect()
}

/// The largest difference of two states' components.
pub fn distance(a: &State<f64>, b: &State<f64>) -> f64 {
    [a.x - b.x, a.y - b.y, a.z - b.z, a.v - b.v].iter().fold(0.0, |m, d| d.abs().max(m))
}
