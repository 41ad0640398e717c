//! A trajectory on a uniform time axis, by the kernel in f64: a trace and a cell of a map are the same computation.

use super::spectrum::{Spectrum, spectrum};
use crate::error::{Error, Result, short, shown};
use crate::kernel::stepper::Stepper;
use crate::kernel::table::Table;
use crate::kernel::window::Window;
use crate::model::{Conductance, Parameters, Rates, State, conductance};
use std::f64::consts::{SQRT_2, TAU};

/// Samples of a trajectory at most: 48 bytes each, in memory and on disk.
const MOST_SAMPLES: f64 = 1e8;

/// The last part of a record, by which it is told whether the motion has come to rest, is one of so many.
const TAIL: usize = 10;

/// What is to be integrated.
#[derive(Debug, Clone, Copy)]
pub struct TrajectoryRequest {
    /// The neuron.
    pub parameters: Parameters<f64>,
    /// Where it starts.
    pub start: State<f64>,
    /// Time to which it runs, in tau_c.
    pub t_end: f64,
    /// Time from which it is recorded.
    pub t_start: f64,
    /// RK4's step; `None` for the rule of sweeps.
    pub dt: Option<f64>,
}

/// What the recorded part of a trajectory shows, by the same watch that a sweep keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotionSummary {
    /// V_max - V_min.
    pub span: f64,
    /// Smallest V, between steps too.
    pub v_min: f64,
    /// Largest V.
    pub v_max: f64,
    /// Mean of V over whole periods.
    pub v_mean: f64,
    /// Mean time between maxima, in tau_c; NaN where there are not two, and at rest.
    pub period: f64,
    /// V_max - V_min in the last tenth of the record.
    pub span_at_end: f64,
    /// Largest span that rounding alone may bring about; see [`Trial::rounding`].
    pub rounding: f64,
}

impl MotionSummary {
    /// Whether V moves by no more than rounding at the end of the record: then there is no oscillation, and what went before was the
    /// way to rest.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.span_at_end <= self.rounding
    }

    /// The word for it in reports and files.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match (self.span <= self.rounding, self.is_at_rest(), self.period.is_finite()) {
            (true, ..) => "at rest",
            (false, true, _) => "at rest in the end",
            (false, false, true) => "oscillating",
            (false, false, false) => "moving without two maxima",
        }
    }

    /// Angular frequency 2 pi / period, per tau_c.
    #[must_use]
    pub fn omega(&self) -> f64 {
        TAU / self.period
    }
}

/// A recorded trajectory.
#[derive(Debug, Clone)]
pub struct Trajectory {
    /// What was integrated.
    pub trial: TrajectoryRequest,
    /// Time between samples: RK4's step.
    pub dt: f64,
    /// Number of the first sample, counted in steps from t = 0.
    pub first: u64,
    /// States, one a step.
    pub states: Vec<State<f64>>,
    /// Current I = g V at each.
    pub current: Vec<f64>,
    /// What they show.
    pub motion: MotionSummary,
}

impl Trajectory {
    /// The power spectrum of V; without an oscillation it has no lines.
    ///
    /// # Errors
    /// Fewer samples than a spectrum takes.
    pub fn spectrum(&self) -> Result<Spectrum> {
        let v: Vec<f64> = self.states.iter().map(|s| s.v).collect();
        let found = spectrum(&v, self.dt)?;
        Ok(if self.motion.period.is_finite() { found } else { found.without_lines() })
    }

    /// Times of the samples, computed from their numbers.
    pub fn times(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..).take(self.states.len()).map(|n| n as f64 * self.dt)
    }
}

impl TrajectoryRequest {
    /// Bound on the span of V that rounding alone brings about in a record in which |V| reaches `largest` after `steps` steps. A step is off by
    /// an ulp or two of V and of the Bloch vector, which V takes up by the part `stiff / turn` of its rates; the errors of many steps that
    /// nothing damps add up like a random walk, and four of its standard deviations lie on either side.
    #[must_use]
    pub fn rounding(&self, largest: f64, steps: u64) -> f64 {
        let p = &self.parameters;
        let Rates { rotation: turn, stiff, .. } = Rates::for_neuron(p, self.start.v, &Conductance::new(p.l, p.lambda));
        8.0 * f64::EPSILON * (largest + (stiff / turn).max(1.0)) * (steps as f64).sqrt()
    }

    /// (step, number of the first recorded step, number of the last).
    ///
    /// # Errors
    /// Times that are not in order, a step that RK4 does not hold, or more samples than fit.
    pub fn plan(&self) -> Result<(f64, u64, u64)> {
        let Self { parameters: p, t_end, t_start, .. } = self;
        if !(t_end.is_finite() && t_start.is_finite() && *t_start >= 0.0 && t_end > t_start) {
            return Err(Error::request(
                format!("--t-end {} is not above --t-start {}", shown(*t_end), shown(*t_start)),
                "give 0 <= --t-start < --t-end, in tau_c",
            ));
        }
        let rates = Rates::for_neuron(p, self.start.v, &Conductance::new(p.l, p.lambda));
        let dt = self.dt.unwrap_or_else(|| rates.step());
        if self.dt.is_none() && !dt.is_normal() {
            return Err(Error::request(
                format!(
                    "the rates of this neuron leave no step: {:.3e} in tau_c",
                    rates.rotation.max(rates.stiff).max(rates.drive)
                ),
                "give smaller values of V_n, R_n, Gamma or Omega",
            ));
        }
        if !(dt > 0.0 && dt <= rates.longest_stable_step()) {
            return Err(Error::request(
                format!(
                    "--dt {} is not above 0, or above {}, where RK4 is no longer stable",
                    shown(dt),
                    short(rates.longest_stable_step())
                ),
                format!("leave it off, which takes {}", short(rates.step())),
            ));
        }
        let (first, last) = ((t_start / dt).round(), (t_end / dt).round());
        if last - first > MOST_SAMPLES || last > 1e15 {
            return Err(Error::request(
                format!("{:.3e} samples of dt = {} are over {MOST_SAMPLES:.0e}", (t_end - t_start) / dt, shown(dt)),
                "raise --t-start, or lower --t-end",
            ));
        }
        Ok((dt, first as u64, last as u64))
    }
}

/// The trajectory of a neuron from rest at t = 0 to `t_end`, in units of tau_c.
///
/// [`integrate`] takes other starts, steps and times.
///
/// # Errors
/// As for [`integrate`].
pub fn trajectory(p: &Parameters<f64>, t_end: f64) -> Result<Trajectory> {
    let start = State::rest(p.z_t);
    integrate(&TrajectoryRequest { parameters: *p, start, t_end, t_start: 0.0, dt: None })
}

/// Integrates and records.
///
/// # Errors
/// Those of [`Trial::plan`], and a motion that leaves the finite numbers.
pub fn integrate(trial: &TrajectoryRequest) -> Result<Trajectory> {
    let (dt, first, last) = trial.plan()?;
    let p = &trial.parameters;
    let table = Table::<f64>::new(p.l, p.lambda);
    let mut neuron = Stepper::new(p, &table, trial.start);
    let current = |s: &State<f64>| conductance(s, &table.look_up(p.x_0 / p.l - SQRT_2 * s.v)) * s.v;
    let mut window = Window::open(neuron.state.v);
    let mut trajectory = Trajectory {
        trial: *trial,
        dt,
        first,
        states: Vec::with_capacity((last - first + 1) as usize),
        current: Vec::new(),
        motion: MotionSummary {
            span: 0.0,
            v_min: 0.0,
            v_max: 0.0,
            v_mean: 0.0,
            period: f64::NAN,
            span_at_end: 0.0,
            rounding: 0.0,
        },
    };
    for n in 0..=last {
        if n == first {
            window = Window::open(neuron.state.v);
        }
        if n >= first {
            trajectory.states.push(neuron.state);
            trajectory.current.push(current(&neuron.state));
        }
        if n < last {
            let [from, to] = neuron.step(dt);
            window.observe(from, to, dt);
        }
    }
    let state = neuron.state;
    if ![state.x, state.y, state.z, state.v].iter().all(|c| c.is_finite()) {
        return Err(Error::request(
            format!("the motion left the finite numbers before t = {}", trial.t_end),
            "give a shorter --dt, or another start",
        ));
    }
    let tail = &trajectory.states[trajectory.states.len() - trajectory.states.len().div_ceil(TAIL)..];
    let ends = tail.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| (s.v.min(l), s.v.max(h)));
    let mut motion = MotionSummary {
        span: window.span(),
        v_min: window.v_min,
        v_max: window.v_max,
        v_mean: window.mean(),
        period: window.period(dt),
        span_at_end: ends.1 - ends.0,
        rounding: trial.rounding(ends.0.abs().max(ends.1.abs()), last),
    };
    if motion.is_at_rest() || !(motion.period > 0.0) {
        motion.period = f64::NAN;
    }
    trajectory.motion = motion;
    Ok(trajectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_as_far_as_they_are_whole_numbers() {
        let start = State { x: 0.0, y: 0.0, z: 1.0, v: 0.0 };
        let trial = |t_start: f64, t_end: f64, dt: f64| TrajectoryRequest {
            parameters: Parameters::at(2.0, 6.0, 0.1),
            start,
            t_end,
            t_start,
            dt: Some(dt),
        };
        assert_eq!(trial(1.0, 3.0, 0.01).plan().unwrap(), (0.01, 100, 300));
        assert!(trial(0.99e13, 0.99e13 + 4.0, 0.01).plan().is_ok());
        assert!(trial(1.05e13, 1.05e13 + 4.0, 0.01).plan().unwrap_err().to_string().contains("samples"));
        for (t_start, t_end) in [(3.0, 3.0), (-1.0, 3.0), (f64::NAN, 3.0), (0.0, f64::INFINITY)] {
            assert!(trial(t_start, t_end, 0.01).plan().is_err(), "{t_start} to {t_end}");
        }
    }
}
