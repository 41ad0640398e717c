//! Trajectories under an input V_n(t), and of the pendulum of Eqs. 15 and 16, by steps of order 8 that end at the input's
//! corners.

use super::equations::Model;
use super::input::Input;
use super::noise::Noise;
use super::periods::periods;
use super::trajectory::{Trajectory, TrajectoryRequest, finished, recorder};
use crate::cycle::{dop853, point, state};
use crate::error::{Error, Result};
use crate::kernel::window::{StepEnd, Window};
use crate::model::{F00Jets, Parameters, State, conductance};
use nalgebra::Vector4;
use std::f64::consts::SQRT_2;

/// Error of a step, relative to 1 + |u|.
const TOLERANCE: f64 = 1e-12;
/// Steps at least in the shortest time over which the input changes.
const FINEST: f64 = 32.0;
/// Shortest step, relative to the time between samples.
const SHORTEST: f64 = 1e-6;

/// The vector field with an input.
struct Driven<'a> {
    p: &'a Parameters<f64>,
    profile: &'a F00Jets,
    input: &'a Input,
    is_z_held: bool,
    /// A further force on V, constant over a step between samples.
    force: f64,
}

impl Driven<'_> {
    /// Rates at a time of a stretch without corners about `middle`, per tau_c.
    fn rate(&self, u: &Vector4<f64>, time: f64, middle: f64) -> Vector4<f64> {
        let (p, s) = (self.p, state(u));
        let g = conductance(&s, &self.profile.elements(p.x_0 / p.l - SQRT_2 * s.v));
        let v_dot = self.input.within(time, middle) - (1.0 + p.r_n * g) * s.v + self.force;
        let z_dot = -2.0 * v_dot * s.x - p.alpha * p.gamma * (s.z - p.z_t);
        Vector4::new(
            p.omega * s.y + 2.0 * v_dot * s.z - p.gamma * s.x,
            -p.omega * s.x - p.gamma * s.y,
            if self.is_z_held { 0.0 } else { z_dot },
            v_dot,
        )
    }

    /// The point at `end` of a motion that is at `u` at `begin`: in steps of at most `longest`, with ends at corners.
    fn advance(&self, mut u: Vector4<f64>, begin: f64, end: f64, longest: f64) -> Option<Vector4<f64>> {
        let (mut time, mut h) = (begin, longest);
        while time < end {
            let stop = self.input.next_corner(time).min(end);
            let last = h >= stop - time;
            let step = if last { stop - time } else { h };
            let middle = time + 0.5 * step;
            let (next, error) = dop853::step(&u, step, |at, since| self.rate(at, time + since, middle));
            if !(error <= TOLERANCE * (1.0 + u.amax())) {
                h = 0.5 * step;
                if h < SHORTEST * (end - begin) || time + h <= time {
                    return None;
                }
                continue;
            }
            (u, time) = (next, if last { stop } else { time + step });
            h = (2.0 * h).min(longest);
        }
        Some(u)
    }
}

/// Integrates and records a trajectory under an input, with either model; what becomes of it is not looked for.
///
/// The parameters' V_n is not used.
///
/// # Errors
/// [`Error::Request`] as for [`integrate`](super::integrate).
pub fn integrate_driven(trial: &TrajectoryRequest, input: &Input, model: Model) -> Result<Trajectory> {
    integrate_forced(trial, input, model, |_| 0.0)
}

/// Integrates and records a trajectory under an input with white noise on V.
///
/// # Errors
/// [`Error::Request`] as for [`integrate_driven`].
pub fn integrate_noisy(trial: &TrajectoryRequest, input: &Input, model: Model, noise: &Noise) -> Result<Trajectory> {
    let p = Parameters { v_n: input.largest(), ..trial.parameters };
    let (dt, ..) = TrajectoryRequest { parameters: p, ..*trial }.plan()?;
    let mut trajectory = integrate_forced(trial, input, model, noise.forces(dt))?;
    trajectory.noise = Some(*noise);
    // V has maxima at every step of the noise; Y has those of the oscillation.
    trajectory.motion.between_maxima = periods(&trajectory).mean;
    Ok(trajectory)
}

/// Integrates and records a trajectory under an input, with a further force on V that is constant over each step between
/// samples: `force` gives that of step n, for n = 0, 1, … in order.
///
/// # Errors
/// [`Error::Request`] as for [`integrate_driven`].
pub fn integrate_forced(
    trial: &TrajectoryRequest,
    input: &Input,
    model: Model,
    mut force: impl FnMut(u64) -> f64,
) -> Result<Trajectory> {
    let is_z_held = model == Model::Pendulum;
    let p = Parameters { v_n: input.largest(), ..trial.parameters };
    let start = State { z: if is_z_held { p.z_t } else { trial.start.z }, ..trial.start };
    let (dt, first, last) = TrajectoryRequest { parameters: p, start, ..*trial }.plan()?;
    input.check(trial.t_end)?;
    let profile = F00Jets::new(p.l, p.lambda);
    let mut driven = Driven { p: &p, profile: &profile, input, is_z_held, force: 0.0 };
    let mut trajectory = recorder(&TrajectoryRequest { start, ..*trial }, (dt, first, last))?;
    let mut inputs = Vec::new();
    let longest = dt.min(input.fastest() / FINEST);
    let (mut u, mut window) = (point(&start), Window::open(start.v));
    for n in 0..=last {
        let (time, next) = (n as f64 * dt, (n + 1) as f64 * dt);
        if n == first {
            window = Window::open(u[3]);
        }
        if n >= first {
            let s = state(&u);
            trajectory.states.push(s);
            trajectory.current.push(conductance(&s, &profile.elements(p.x_0 / p.l - SQRT_2 * s.v)) * s.v);
            inputs.push(input.at(time));
        }
        if n < last {
            driven.force = force(n);
            let end = |u: &Vector4<f64>, time: f64, middle: f64| {
                let rate = driven.rate(u, time, middle);
                StepEnd { v: u[3], rate: rate[3], z: u[2], z_rate: rate[2] }
            };
            let from = end(&u, time, time);
            u = driven.advance(u, time, next, longest).ok_or_else(|| {
                Error::request(
                    format!("the motion leaves what can be integrated at t = {time:.6}"),
                    "give smaller values, or a shorter t-end",
                )
            })?;
            window.observe(from, end(&u, next, next - 0.5 * longest), dt);
        }
    }
    trajectory.input = Some(inputs);
    trajectory.model = model;
    finished(&mut trajectory, &window, state(&u))?;
    Ok(trajectory)
}
