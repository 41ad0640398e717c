//! What a map has of a cell where it is asked for: means of the settled motion, and the response to an input.

use super::bursts::{BEGINS, PAUSE, of_maxima};
use super::driven::follow_driven;
use super::maxima::Maxima;
use super::means::{Means, Sums, over_period};
use super::trajectory::TrajectoryRequest;
use crate::cycle::{Cycle, OrbitPoint, Settled, cycle_within, next_maximum, orbit_from};
use crate::kernel::window::StepEnd;
use crate::model::{Conductance, F00Jets, FINER, Parameters, Rates, State, conductance};
use crate::plan::Driven;
use crate::results::{CellResult, MEANS, Outcome, RESPONSE};
use std::f64::consts::{SQRT_2, TAU};

/// Difference of the spans of one cycle in the map and by Newton's method, relative: what single precision leaves.
const SAME_SPAN: f64 = 0.02;
/// Steps at most in which a motion comes to its cycle: some seconds of one core.
const MOST_STEPS: u64 = 5_000_000;
/// Length of the stretch over which a motion that never closes is averaged, in revolutions 2 pi / Omega of the particle and in
/// relaxation times 1 / (alpha Gamma) of Z, which pass between bursts.
pub const STRETCH: (f64, f64) = (200.0, 20.0);
/// Periods of a cycle in which bursts are looked for.
pub const BURST_PERIODS: f64 = 4.0;
/// Steps of the stretch at most, and steps that are in memory at a time.
const MOST_STRETCH: f64 = 5e6;
const AT_ONCE: usize = 4096;
/// Stretches of a response at most: tens of seconds of one core.
const MOST_RESPONSE_STEPS: f64 = 1e7;
/// Iterations to an equilibrium, from its voltage in single precision, and the step of its slope.
const ITERATIONS: usize = 8;
const SLOPE_STEP: f64 = 1e-6;
/// Largest distance of the equilibrium from the voltage in the map, relative to 1 + |V|.
const NEAR: f64 = 1e-3;

/// The means of a cell's settled motion, in the order of [`MEANS`]; NaN where it has none, or where its cycle is not found.
///
/// They are over one period of the cycle by Newton's method, of the equilibrium itself, or over [`STRETCH`] of a motion that
/// never closes. Of such a motion, and of a cycle with several maxima of V, there is an interval between bursts, if there are
/// two bursts or more.
#[must_use]
pub fn cell_means(p: &Parameters<f64>, profile: &F00Jets, result: &CellResult) -> [f64; MEANS.len()] {
    let [x, y, z, v] = result.end;
    let end = State { x, y, z, v };
    let found = match result.outcome {
        Outcome::Steady => at_rest(p, profile, result.v_mean),
        Outcome::Oscillating => cycle_of(p, profile, result, &end).map(|cycle| {
            let means = over_period(p, profile, &cycle.state, cycle.period, step(p, &cycle.state));
            (means, interval_of(p, profile, &cycle))
        }),
        Outcome::Chaotic | Outcome::Quasiperiodic => over_stretch(p, profile, end, result.span, stretch(p)),
        Outcome::Unsettled | Outcome::StartDependent | Outcome::Diverged | Outcome::Absent => None,
    };
    let Some((means, interval)) = found else { return [f64::NAN; MEANS.len()] };
    [means.z_mean, means.coherence, means.current, means.power, interval]
}

/// The step of RK4 by the rule for double precision.
fn step(p: &Parameters<f64>, from: &State<f64>) -> f64 {
    FINER * Rates::for_neuron(p, from.v, &Conductance::new(p.l, p.lambda)).step()
}

/// The equilibrium near a voltage.
fn at_rest(p: &Parameters<f64>, profile: &F00Jets, near: f64) -> Option<(Means, f64)> {
    let at = |v: f64| State { v, ..State::rest(p.z_t) };
    let current = |v: f64| conductance(&at(v), &profile.elements(p.x_0 / p.l - SQRT_2 * v)) * v;
    let excess = |v: f64| p.v_n - v - p.r_n * current(v);
    let mut v = near;
    for _ in 0..ITERATIONS {
        v -= excess(v) * 2.0 * SLOPE_STEP / (excess(v + SLOPE_STEP) - excess(v - SLOPE_STEP));
    }
    let mut sums = Sums::default();
    sums.add(p, &at(v), current(v), p.v_n);
    ((v - near).abs() <= NEAR * (1.0 + near.abs())).then(|| (sums.means(p, false), f64::NAN))
}

/// The cycle of a result that oscillates, from the end of its motion.
fn cycle_of(p: &Parameters<f64>, profile: &F00Jets, result: &CellResult, end: &State<f64>) -> Option<Cycle> {
    let is_own = |cycle: &Cycle| {
        let apart = (cycle.span() - result.span).abs();
        cycle.is_stable() && apart <= SAME_SPAN * result.span + result.span_error.max(0.0)
    };
    let step = step(p, end);
    let nearby = next_maximum(p, profile, end, step, 2.0 * result.period)
        .and_then(|guess| Cycle::near(p, profile, &guess, result.period, step))
        .filter(is_own);
    nearby.or_else(|| match cycle_within(p, end, MOST_STEPS, &|_, _| true) {
        Settled::Cycle(cycle) => Some(*cycle).filter(is_own),
        Settled::Rest(_) | Settled::Open { .. } | Settled::Stopped => None,
    })
}

/// Length, in tau_c, of the stretch over which a motion that never closes is averaged.
#[must_use]
pub fn stretch(p: &Parameters<f64>) -> f64 {
    STRETCH.0 * TAU / p.omega + STRETCH.1 / (p.alpha * p.gamma)
}

/// The interval between the bursts of a cycle with several maxima of V.
fn interval_of(p: &Parameters<f64>, profile: &F00Jets, cycle: &Cycle) -> f64 {
    let over = || interval_of_bursts(p, profile, cycle.state, cycle.span(), BURST_PERIODS * cycle.period);
    if cycle.maxima > 1 { over() } else { f64::NAN }
}

/// The interval between the bursts of a motion of this span, over a time from a state; NaN without two of them.
#[must_use]
pub fn interval_of_bursts(p: &Parameters<f64>, profile: &F00Jets, from: State<f64>, span: f64, time: f64) -> f64 {
    over_stretch(p, profile, from, span, time).map_or(f64::NAN, |(_, interval)| interval)
}

/// Means over a long stretch of a motion, and the interval between its bursts.
fn over_stretch(p: &Parameters<f64>, profile: &F00Jets, end: State<f64>, span: f64, time: f64) -> Option<(Means, f64)> {
    let (h, pause) = (step(p, &end), PAUSE * TAU / p.omega);
    let steps = (time / h).min(MOST_STRETCH);
    // NaN too: a state that is not finite.
    if !(steps >= 1.0) {
        return None;
    }
    let mut maxima = Maxima::new(0.0, pause);
    let means = over_steps(p, profile, end, (h, steps as usize), |time, ends| {
        maxima.observe(time, ends, h);
    });
    let bursts = of_maxima(&maxima.finish(steps.floor() * h), 0.0, pause, f64::EPSILON * span);
    Some((means, bursts.interval()))
}

/// Means over the motion from a state, in a number of steps; `see` gets the time at which each begins, and its ends.
fn over_steps(
    p: &Parameters<f64>,
    profile: &F00Jets,
    mut from: State<f64>,
    (h, steps): (f64, usize),
    mut see: impl FnMut(f64, [StepEnd<f64>; 2]),
) -> Means {
    let end_of = |point: &OrbitPoint| {
        let rate = p.v_n - point.state.v - p.r_n * point.current;
        StepEnd { v: point.state.v, rate, z: 0.0, z_rate: 0.0 }
    };
    let (mut sums, mut done) = (Sums::default(), 0);
    while done < steps {
        let some = AT_ONCE.min(steps - done);
        // The last point begins the next ones.
        let points = orbit_from(p, profile, &from, (some + 1) as f64 * h, some + 1);
        for (n, pair) in points.windows(2).enumerate() {
            sums.add(p, &pair[0].state, pair[0].current, p.v_n);
            see((done + n) as f64 * h, [end_of(&pair[0]), end_of(&pair[1])]);
        }
        from = points[some].state;
        done += some;
    }
    sums.means(p, false)
}

/// The means of Z and of the current where a ramp has held a cell: of its settled motion, or over `window`, a state with a step
/// and a number of steps, of what has not settled.
#[must_use]
pub fn held_means(
    p: &Parameters<f64>,
    profile: &F00Jets,
    result: &CellResult,
    window: Option<(State<f64>, f64, usize)>,
) -> [f64; 2] {
    match window {
        Some((from, h, steps)) => {
            let means = over_steps(p, profile, from, (h, steps), |_, _| ());
            [means.z_mean, means.current]
        }
        None => {
            let [z_mean, _, i_mean, ..] = cell_means(p, profile, result);
            [z_mean, i_mean]
        }
    }
}

/// The largest step of a response: the one asked for, or by the rule.
#[must_use]
pub fn response_step(p: &Parameters<f64>, start: &State<f64>, dt: Option<f64>, driven: &Driven) -> f64 {
    // The steps adapt themselves: under a large but short pulse they need not be short all the time.
    let rule =
        |v_n: f64| Rates::for_neuron(&Parameters { v_n, ..*p }, start.v, &Conductance::new(p.l, p.lambda)).step();
    let finest = driven.t_end / MOST_RESPONSE_STEPS;
    let largest = driven.input(p.v_n).largest();
    dt.unwrap_or_else(|| rule(largest).max(finest).min(rule(p.v_n).max(finest)))
}

/// The response of a cell to an input from its start at t = 0, in the order of [`RESPONSE`]; NaN where it cannot be followed.
///
/// A spike is a maximum of V, after the input's first change, whose swing is at least the threshold. The swing is the height
/// above the higher of the two neighbouring minima, or of V at the change and at the end.
#[must_use]
pub fn cell_response(
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: State<f64>,
    dt: Option<f64>,
    driven: &Driven,
) -> [f64; RESPONSE.len()] {
    let (none, input) = ([f64::NAN; RESPONSE.len()], driven.input(p.v_n));
    let trial = TrajectoryRequest {
        parameters: Parameters { v_n: input.largest(), ..*p },
        start,
        t_end: driven.t_end,
        t_start: 0.0,
        dt,
    };
    let dt = response_step(p, &start, dt, driven);
    let mut maxima = Maxima::new(driven.changes, 0.0).with_quiet_ends();
    let mut v_max = f64::NEG_INFINITY;
    let followed = follow_driven(p, profile, &input, (&start, dt, driven.t_end), |time, step, ends| {
        if time >= driven.changes {
            let inside = maxima.observe(time, ends, step);
            v_max = ends.iter().map(|end| end.v).chain(inside).fold(v_max, f64::max);
        }
    });
    if followed.is_err() || !v_max.is_finite() {
        return none;
    }
    let maxima = maxima.finish(driven.t_end);
    let largest = maxima.iter().fold(0.0_f64, |most, m| most.max(m.swing));
    let least =
        driven.threshold.unwrap_or(BEGINS * largest).max(trial.rounding(v_max.abs(), (driven.t_end / dt) as u64));
    let spikes = || maxima.iter().filter(|m| m.swing > 0.0 && m.swing >= least);
    let latency = spikes().next().map_or(f64::NAN, |m| m.time - driven.changes);
    [latency, spikes().count() as f64, v_max]
}
