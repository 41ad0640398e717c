//! Trajectories under an input V_n(t), and of the pendulum of Eqs. 15 and 16, by steps of order 8 that end at the input's
//! corners.

use super::equations::Model;
use super::noise::Noise;
use super::periods::periods;
use super::trajectory::{Trajectory, TrajectoryRequest, finished, integrate, recorder};
use crate::cycle::{dop853, point, state};
use crate::error::{Error, Result};
use crate::kernel::window::{StepEnd, Window, extremum};
use crate::model::{F00Jets, Parameters, State, conductance};
use crate::plan::Input;
use nalgebra::Vector4;
use std::f64::consts::SQRT_2;

/// Error of a step, relative to 1 + |u|.
const TOLERANCE: f64 = 1e-12;
/// Steps at least in the shortest time over which the input changes.
const FINEST: f64 = 32.0;
/// Shortest step, relative to the longest one.
const SHORTEST: f64 = 1e-8;
/// What is as near to a jump is before it, relative to the time between samples.
const JUST_BEFORE: f64 = 1e-6;

/// Sees each step of a motion: the time at which it begins, its length, and both of its ends.
pub(super) trait See: FnMut(f64, f64, [StepEnd<f64>; 2]) {}
impl<F: FnMut(f64, f64, [StepEnd<f64>; 2])> See for F {}

/// The vector field with an input.
#[derive(Clone, Copy)]
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
    fn advance(
        &self,
        mut u: Vector4<f64>,
        [begin, end]: [f64; 2],
        longest: f64,
        see: &mut impl See,
    ) -> Option<Vector4<f64>> {
        let (mut time, mut h) = (begin, longest);
        while time < end {
            let stop = self.input.next_corner(time).min(end);
            let last = h >= stop - time;
            let step = if last { stop - time } else { h };
            let middle = time + 0.5 * step;
            let (next, error) = dop853::step(&u, step, |at, since| self.rate(at, time + since, middle));
            if !(error <= TOLERANCE * (1.0 + u.amax())) {
                h = 0.5 * step;
                if h < SHORTEST * longest || time + h <= time {
                    return None;
                }
                continue;
            }
            see(time, step, [self.end(&u, time, middle), self.end(&next, time + step, middle)]);
            (u, time) = (next, if last { stop } else { time + step });
            h = (2.0 * h).min(longest);
        }
        Some(u)
    }

    /// What the window observes at an end of a step.
    fn end(&self, u: &Vector4<f64>, time: f64, middle: f64) -> StepEnd<f64> {
        let rate = self.rate(u, time, middle);
        StepEnd { v: u[3], rate: rate[3], z: u[2], z_rate: rate[2] }
    }

    /// Follows the motion from `u` at t = 0 to `t_end` in stretches of `dt`, with the `force` of each, and returns its end;
    /// `sample` gets the number of each stretch, the point at which it begins and both of its ends, and `see` each step.
    fn follow(
        mut self,
        mut u: Vector4<f64>,
        (dt, t_end): (f64, f64),
        mut force: impl FnMut(u64) -> f64,
        mut sample: impl FnMut(u64, &Vector4<f64>, [StepEnd<f64>; 2]),
        mut see: impl See,
    ) -> Result<Vector4<f64>> {
        let longest = dt.min(self.input.fastest() / FINEST);
        for n in 0.. {
            let (time, next) = (n as f64 * dt, ((n + 1) as f64 * dt).min(t_end));
            if time >= t_end {
                break;
            }
            self.force = force(n);
            let after = self.advance(u, [time, next], longest, &mut see).ok_or_else(|| {
                Error::request(
                    format!("the motion leaves what can be integrated at t = {time:.6}"),
                    "give smaller values, or a shorter t-end",
                )
            })?;
            sample(n, &u, [self.end(&u, time, time), self.end(&after, next, next - JUST_BEFORE * dt)]);
            u = after;
        }
        Ok(u)
    }
}

/// Integrates and records a trajectory at a constant V_n: by RK4 as in a sweep, or by steps of order 8 where RK4 would damp the
/// Bloch vector by itself.
///
/// # Errors
/// [`Error::Request`] as for [`integrate`](super::integrate).
pub fn integrate_free(trial: &TrajectoryRequest) -> Result<Trajectory> {
    let (dt, ..) = trial.plan()?;
    if !trial.is_damped_by_rk4(dt) {
        return integrate(trial);
    }
    let constant = Input::Step { level: trial.parameters.v_n, at: 0.0, height: 0.0 };
    let mut trajectory = integrate_driven(trial, &constant, Model::Full)?;
    trajectory.input = None;
    Ok(trajectory)
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
    force: impl FnMut(u64) -> f64,
) -> Result<Trajectory> {
    let is_z_held = model == Model::Pendulum;
    let p = Parameters { v_n: input.largest(), ..trial.parameters };
    let start = State { z: if is_z_held { p.z_t } else { trial.start.z }, ..trial.start };
    let (dt, first, last) = TrajectoryRequest { parameters: p, start, ..*trial }.plan()?;
    input.check(trial.t_end)?;
    let profile = F00Jets::new(p.l, p.lambda);
    let driven = Driven { p: &p, profile: &profile, input, is_z_held, force: 0.0 };
    let mut trajectory = recorder(&TrajectoryRequest { start, ..*trial }, (dt, first, last))?;
    let mut inputs = Vec::new();
    // The window sees samples; what V does between them, as at corners, is seen step by step.
    let mut window = Window::open(start.v);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let begins = first as f64 * dt;
    let mut keep = |n: u64, u: &Vector4<f64>, window: &mut Window<f64>| {
        if n == first {
            *window = Window::open(u[3]);
        }
        if n >= first {
            let s = state(u);
            trajectory.states.push(s);
            trajectory.current.push(conductance(&s, &profile.elements(p.x_0 / p.l - SQRT_2 * s.v)) * s.v);
            inputs.push(input.at(n as f64 * dt));
        }
    };
    let u = driven.follow(
        point(&start),
        (dt, last as f64 * dt),
        force,
        |n, u, ends| {
            keep(n, u, &mut window);
            window.observe(ends[0], ends[1], dt);
        },
        |time, step, ends| {
            if time >= begins {
                for v in ends.iter().map(|end| end.v).chain(extremum_within(ends, step)) {
                    (low, high) = (low.min(v), high.max(v));
                }
            }
        },
    )?;
    keep(last, &u, &mut window);
    (window.v_min, window.v_max) = (window.v_min.min(low), window.v_max.max(high));
    trajectory.input = Some(inputs);
    trajectory.model = model;
    finished(&mut trajectory, &window, state(&u))?;
    Ok(trajectory)
}

/// The extremum of V within a step, if it has one.
fn extremum_within([a, b]: [StepEnd<f64>; 2], step: f64) -> Option<f64> {
    (a.rate * b.rate < 0.0).then(|| extremum(a, b, step).1)
}

/// Follows the motion of the full equations under an input from `start` at t = 0 to `t_end`, in steps of at most `dt`.
///
/// # Errors
/// [`Error::Request`] if the motion leaves what can be integrated.
pub(super) fn follow_driven(
    p: &Parameters<f64>,
    profile: &F00Jets,
    input: &Input,
    (start, dt, t_end): (&State<f64>, f64, f64),
    see: impl See,
) -> Result<()> {
    let driven = Driven { p, profile, input, is_z_held: false, force: 0.0 };
    driven.follow(point(start), (dt, t_end), |_| 0.0, |_, _, _| (), see).map(|_| ())
}
