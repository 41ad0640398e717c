//! A trajectory on a uniform time axis, by the kernel in f64: a trace and a cell of a map are the same computation.

use crate::error::{Error, Result, shown};
use crate::kernel::{course::Course, span::Window, table::Table};
use crate::model::{Conductance, Parameters, Rates, State, conductance};
use std::f64::consts::{SQRT_2, TAU};

/// Samples of a trajectory at most: 48 bytes each, in memory and on disk.
const MOST_SAMPLES: f64 = 1e8;

/// What is to be integrated.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
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
pub struct Motion {
    /// V_max - V_min.
    pub span: f64,
    /// Smallest V, between steps too.
    pub v_min: f64,
    /// Largest V.
    pub v_max: f64,
    /// Mean of V over whole periods.
    pub v_mean: f64,
    /// Mean time between maxima, in tau_c; NaN where there are not two.
    pub period: f64,
}

impl Motion {
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
    pub trial: Trial,
    /// Time between samples: RK4's step.
    pub dt: f64,
    /// Number of the first sample, counted in steps from t = 0.
    pub first: u64,
    /// States, one a step.
    pub states: Vec<State<f64>>,
    /// Current I = g V at each.
    pub current: Vec<f64>,
    /// What they show.
    pub motion: Motion,
}

impl Trajectory {
    /// Times of the samples, computed from their numbers.
    pub fn times(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..).take(self.states.len()).map(|n| n as f64 * self.dt)
    }
}

impl Trial {
    /// (step, number of the first recorded step, number of the last).
    ///
    /// # Errors
    /// Times that are not in order, a step that RK4 does not hold, or more samples than fit.
    pub fn plan(&self) -> Result<(f64, u64, u64)> {
        let Self { parameters: p, t_end, t_start, .. } = self;
        if !(t_end.is_finite() && t_start.is_finite() && *t_start >= 0.0 && t_end > t_start) {
            return Err(Error::request(
                format!("--t-end {t_end} is not above --t-start {t_start}"),
                "give 0 <= --t-start < --t-end, in tau_c",
            ));
        }
        let rates = Rates::of(p, self.start.v, &Conductance::new(p.l, p.lambda));
        let dt = self.dt.unwrap_or_else(|| rates.step());
        if !(dt > 0.0 && dt <= rates.longest_stable_step()) {
            return Err(Error::request(
                format!("--dt {} is not above 0, or beyond RK4's stability", shown(dt)),
                format!("give --dt {} or less, or leave it off", shown(rates.step())),
            ));
        }
        let (first, last) = ((t_start / dt).round(), (t_end / dt).round());
        if last - first > MOST_SAMPLES || last > 1e15 {
            return Err(Error::request(
                format!("{:.3e} samples of dt = {} are over {MOST_SAMPLES:.0e}", last - first, shown(dt)),
                "raise --t-start, or lower --t-end",
            ));
        }
        Ok((dt, first as u64, last as u64))
    }
}

/// Integrates and records.
///
/// # Errors
/// Those of [`Trial::plan`], and a motion that leaves the finite numbers.
pub fn integrate(trial: &Trial) -> Result<Trajectory> {
    let (dt, first, last) = trial.plan()?;
    let p = &trial.parameters;
    let table = Table::<f64>::new(p.l, p.lambda);
    let mut neuron = Course::new(p, &table, trial.start);
    let current = |s: &State<f64>| conductance(s, &table.look_up(p.x_0 / p.l - SQRT_2 * s.v)) * s.v;
    let mut window = Window::open(neuron.state.v);
    let mut trajectory = Trajectory {
        trial: *trial,
        dt,
        first,
        states: Vec::with_capacity((last - first + 1) as usize),
        current: Vec::new(),
        motion: Motion { span: 0.0, v_min: 0.0, v_max: 0.0, v_mean: 0.0, period: f64::NAN },
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
            window.watch(from, to, dt);
        }
    }
    let state = neuron.state;
    if ![state.x, state.y, state.z, state.v].iter().all(|c| c.is_finite()) {
        return Err(Error::request(
            format!("the motion left the finite numbers before t = {}", trial.t_end),
            "give a shorter --dt, or another start",
        ));
    }
    let period = window.period(dt);
    trajectory.motion = Motion {
        span: window.span(),
        v_min: window.v_min,
        v_max: window.v_max,
        v_mean: window.mean(),
        period: if period > 0.0 { period } else { f64::NAN },
    };
    Ok(trajectory)
}
