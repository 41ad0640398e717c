//! A trajectory on a uniform time axis, by the kernel in f64: the same computation as for a cell of
//! a map.

use super::equations::Model;
use super::motion::{Motion, MotionSummary};
use super::noise::Noise;
use super::spectrum::{Spectrum, spectrum};
use crate::error::{Error, Result, bytes_shown, short, shown};
use crate::kernel::stepper::Stepper;
use crate::kernel::table::Table;
use crate::kernel::window::Window;
use crate::model::{Conductance, Parameters, Rates, State, conductance};
use crate::plan::outcome;
use crate::results::CellResult;
use std::f64::consts::{SQRT_2, TAU};

/// Largest number of samples of a trajectory: each takes some 150 bytes in memory, 3 GB together, and 96 on disk.
const MOST_SAMPLES: f64 = 2e7;
/// Share of Gamma up to which RK4's own damping is left out of account.
const NEGLIGIBLE: f64 = 1e-3;
/// Largest number of steps of a trajectory: its number is exact in f64.
const MOST_STEPS: f64 = 1e15;

/// Number of equal parts of a record, the last of which shows whether the motion has come to rest.
const PARTS: usize = 10;
/// Part of a period more than a whole one, in which a cycle is seen to both of its extremes.
const MORE: f64 = 0.05;
/// Fewest cycles of the particle over which a motion that never closes is looked at.
const APERIODIC_CYCLES: f64 = 1.0;
/// Fewest periods in a record whose spectrum has harmonics.
const FEWEST_PERIODS: f64 = 3.0;

/// Request for a trajectory.
#[derive(Debug, Clone, Copy)]
pub struct TrajectoryRequest {
    /// Parameters of the neuron.
    pub parameters: Parameters<f64>,
    /// Initial state.
    pub start: State<f64>,
    /// End of the integration, in tau_c.
    pub t_end: f64,
    /// Start of the record, in tau_c.
    pub t_start: f64,
    /// RK4's step, in tau_c; `None` for the rule that sweeps use.
    pub dt: Option<f64>,
}

/// A recorded trajectory.
#[derive(Debug, Clone)]
pub struct Trajectory {
    /// The request that was integrated.
    pub trial: TrajectoryRequest,
    /// Time between samples, in tau_c: RK4's step.
    pub dt: f64,
    /// Number of the first sample, counted in steps from t = 0.
    pub first: u64,
    /// States, one per step.
    pub states: Vec<State<f64>>,
    /// Current I = g V at each sample.
    pub current: Vec<f64>,
    /// V_n at each sample, where it changes.
    pub input: Option<Vec<f64>>,
    /// Noise on V, if there is some.
    pub noise: Option<Noise>,
    /// The equations that were integrated.
    pub model: Model,
    /// V of Eq. 10 at each sample, where it goes with the pendulum's.
    pub full: Option<Vec<f64>>,
    /// Summary of the recorded motion.
    pub motion: MotionSummary,
}

impl Trajectory {
    /// The trajectory with what becomes of its motion after the record's end, as a sweep finds it, if a sweep would
    /// integrate this neuron.
    ///
    /// # Errors
    /// [`Error::Request`] as for [`outcome`].
    pub fn followed(self) -> Result<Self> {
        let TrajectoryRequest { parameters, start, dt, .. } = &self.trial;
        let end = self.states.last().unwrap_or(start);
        Ok(match outcome(parameters, *end, *dt)? {
            Some(result) => self.with_outcome(result),
            None => self,
        })
    }

    /// The trajectory with what becomes of its motion, as a sweep finds it.
    #[must_use]
    pub fn with_outcome(mut self, outcome: CellResult) -> Self {
        self.motion.outcome = Some(outcome);
        let cycles = APERIODIC_CYCLES * TAU / self.trial.parameters.omega;
        let time = if outcome.outcome.is_aperiodic() { cycles } else { (1.0 + MORE) * outcome.period };
        // What comes to rest has no period.
        let samples = if time.is_finite() { (time / self.dt).ceil().min(MOST_SAMPLES) } else { 0.0 };
        self.look_at_end(samples as usize);
        self
    }

    /// Notes the extremes of V in the last tenth of the record, or over `samples` of it if these are more, be it after
    /// its end.
    fn look_at_end(&mut self, samples: usize) {
        let all = self.states.len();
        let kept = samples.max(all.div_ceil(PARTS)).min(all);
        let range = |(low, high): (f64, f64), v: f64| (v.min(low), v.max(high));
        let ends = self.states[all - kept..].iter().map(|s| s.v);
        let (mut low, mut high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), range);
        if samples > all
            && let Some(end) = self.states.last()
        {
            let p = &self.trial.parameters;
            let table = Table::<f64>::new(p.l, p.lambda);
            let mut neuron = Stepper::new(p, &table, *end);
            for _ in all..samples {
                neuron.step(self.dt);
                (low, high) = range((low, high), neuron.state.v);
            }
        }
        let last = self.first + all as u64 - 1;
        let rounding = self.trial.rounding(low.abs().max(high.abs()), last);
        let start = self.states[..kept].iter().map(|s| s.v).fold((f64::INFINITY, f64::NEG_INFINITY), range);
        let span_at_start = start.1 - start.0;
        self.motion = MotionSummary { v_min_at_end: low, v_max_at_end: high, span_at_start, rounding, ..self.motion };
    }

    /// Name of the motion in reports and files: that of its kind, `driven` under an input that changes, or `noisy`.
    #[must_use]
    pub fn motion_name(&self) -> &'static str {
        if self.noise.is_some() {
            return "noisy";
        }
        self.motion.kind().name()
    }

    /// Mean of V: over whole periods where the motion repeats, and over the record otherwise.
    #[must_use]
    pub fn v_mean(&self) -> f64 {
        match self.motion.kind() {
            Motion::Oscillating => self.motion.v_mean,
            _ => self.states.iter().map(|s| s.v).sum::<f64>() / self.states.len() as f64,
        }
    }

    /// The power spectrum of V; it has lines where the motion oscillates, a highest peak where it moves.
    ///
    /// # Errors
    /// [`Error::Request`] if there are fewer samples than [`spectrum()`] needs.
    pub fn spectrum(&self) -> Result<Spectrum> {
        let v: Vec<f64> = self.states.iter().map(|s| s.v).collect();
        let found = spectrum(&v, self.dt, self.motion.omega())?;
        Ok(match self.motion.kind() {
            Motion::Oscillating if v.len() as f64 * self.dt >= FEWEST_PERIODS * self.motion.period() => found,
            Motion::Oscillating => found.without_peak(),
            Motion::Driven if self.motion.goes_on() => found.without_harmonics(),
            Motion::Chaotic | Motion::Quasiperiodic | Motion::Unsettled => found.without_harmonics(),
            // A drift's peak is as wide as the record.
            Motion::AtRest | Motion::AtRestInTheEnd | Motion::Settling | Motion::WithoutMaxima | Motion::Driven => {
                found.without_peak()
            }
        })
    }

    /// Times of the samples in tau_c, computed from their numbers.
    pub fn times(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..).take(self.states.len()).map(|n| n as f64 * self.dt)
    }
}

impl TrajectoryRequest {
    /// Bound on the span of V that rounding alone causes in a record.
    ///
    /// `largest` is the largest |V| and `steps` the number of steps. A step is off by an ulp or two
    /// of V and of the Bloch vector, whose error V takes up by the fraction `stiff / rotation` of
    /// its rates. Undamped errors of many steps add up like a random walk; the bound is four of its
    /// standard deviations on either side.
    #[must_use]
    pub fn rounding(&self, largest: f64, steps: u64) -> f64 {
        let p = &self.parameters;
        let Rates { rotation, stiff, .. } = Rates::for_neuron(p, self.start.v, &Conductance::new(p.l, p.lambda));
        8.0 * f64::EPSILON * (largest + (stiff / rotation).max(1.0)) * (steps as f64).sqrt()
    }

    /// Whether RK4 with this step would damp the Bloch vector's free rotation, at the rate (rotation `dt`)⁶ / (144 `dt`), by
    /// over a thousandth of Gamma.
    #[must_use]
    pub fn is_damped_by_rk4(&self, dt: f64) -> bool {
        let p = &self.parameters;
        (p.omega.hypot(p.gamma) * dt).powi(6) / (144.0 * dt) > NEGLIGIBLE * p.gamma
    }

    /// The step, the number of the first recorded step, and the number of the last step.
    ///
    /// # Errors
    /// [`Error::Request`] if the times are not in order, the neuron's rates leave no step, RK4 is
    /// unstable with the requested step, or there are too many samples.
    pub fn plan(&self) -> Result<(f64, u64, u64)> {
        let Self { parameters: p, t_end, t_start, .. } = self;
        if !(t_end.is_finite() && t_start.is_finite() && *t_start >= 0.0 && t_end > t_start) {
            return Err(Error::request(
                format!("`t_end` {} is not above `t_start` {}", shown(*t_end), shown(*t_start)),
                "give 0 <= `t_start` < `t_end`, in tau_c",
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
                    "`dt` {} is not above 0, or above {}, where RK4 is no longer stable",
                    shown(dt),
                    short(rates.longest_stable_step())
                ),
                format!("leave it off, which takes {}", short(rates.step())),
            ));
        }
        let (first, last) = ((t_start / dt).round(), (t_end / dt).round());
        if last > MOST_STEPS {
            return Err(Error::request(
                format!("{last:.3e} steps of dt = {} to t = {} are over {MOST_STEPS:.0e}", shown(dt), shown(*t_end)),
                "lower `t_end`, or raise `dt` where it is given",
            ));
        }
        if last - first > MOST_SAMPLES {
            return Err(Error::request(
                format!("{:.3e} samples of dt = {} are over {MOST_SAMPLES:.0e}", (t_end - t_start) / dt, shown(dt)),
                "raise `t_start`, or lower `t_end`",
            ));
        }
        Ok((dt, first as u64, last as u64))
    }
}

/// The trajectory of a neuron from rest at t = 0 to `t_end`, in units of tau_c, and what becomes of it.
///
/// [`integrate`] takes other starts, steps and times.
///
/// # Errors
/// [`Error::Request`] as for [`integrate`].
pub fn trajectory(p: &Parameters<f64>, t_end: f64) -> Result<Trajectory> {
    let start = State::rest(p.z_t);
    integrate(&TrajectoryRequest { parameters: *p, start, t_end, t_start: 0.0, dt: None })?.followed()
}

/// Integrates and records a trajectory.
///
/// # Errors
/// [`Error::Request`] as for [`TrajectoryRequest::plan`], and if the motion leaves the finite
/// numbers.
pub fn integrate(trial: &TrajectoryRequest) -> Result<Trajectory> {
    let (dt, first, last) = trial.plan()?;
    let p = &trial.parameters;
    let table = Table::<f64>::new(p.l, p.lambda);
    let mut neuron = Stepper::new(p, &table, trial.start);
    let current = |s: &State<f64>| conductance(s, &table.look_up(p.x_0 / p.l - SQRT_2 * s.v)) * s.v;
    let mut window = Window::open(neuron.state.v);
    let mut trajectory = recorder(trial, (dt, first, last))?;
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
    finished(&mut trajectory, &window, neuron.state)?;
    Ok(trajectory)
}

/// A trajectory without samples yet, with room for all.
pub(super) fn recorder(trial: &TrajectoryRequest, (dt, first, last): (f64, u64, u64)) -> Result<Trajectory> {
    let (mut states, mut current) = (Vec::new(), Vec::new());
    let samples = (last - first + 1) as usize;
    if states.try_reserve_exact(samples).is_err() || current.try_reserve_exact(samples).is_err() {
        let bytes = samples.saturating_mul(size_of::<State<f64>>() + size_of::<f64>()) as u64;
        return Err(Error::request(
            format!("{samples} samples take {} of memory, more than there is", bytes_shown(bytes)),
            "raise `t_start`, or lower `t_end`",
        ));
    }
    let motion = MotionSummary {
        span: 0.0,
        v_min: 0.0,
        v_max: 0.0,
        v_mean: 0.0,
        between_maxima: f64::NAN,
        v_min_at_end: 0.0,
        v_max_at_end: 0.0,
        span_at_start: 0.0,
        is_driven: false,
        rounding: 0.0,
        outcome: None,
    };
    Ok(Trajectory {
        trial: *trial,
        dt,
        first,
        states,
        current,
        input: None,
        noise: None,
        model: Model::default(),
        full: None,
        motion,
    })
}

/// Completes a trajectory that ends at `state`, by the window of its record.
pub(super) fn finished(trajectory: &mut Trajectory, window: &Window<f64>, state: State<f64>) -> Result<()> {
    if ![state.x, state.y, state.z, state.v].iter().all(|c| c.is_finite()) {
        return Err(Error::request(
            format!("the motion left the finite numbers before t = {}", trajectory.trial.t_end),
            "give a shorter `dt`, or another start",
        ));
    }
    let changes = |v_n: &Vec<f64>| v_n.windows(2).any(|w| w[0] != w[1]);
    trajectory.motion.is_driven = trajectory.input.as_ref().is_some_and(changes);
    let between = window.period(trajectory.dt);
    // Between two maxima V is seen at both of its extremes.
    let whole = (1.0 + MORE) * between / trajectory.dt;
    trajectory.look_at_end((whole.ceil().max(0.0) as usize).min(trajectory.states.len()));
    let moves = !trajectory.motion.is_at_rest() && between > 0.0;
    trajectory.motion = MotionSummary {
        span: window.span(),
        v_min: window.v_min,
        v_max: window.v_max,
        v_mean: window.mean(),
        between_maxima: if moves { between } else { f64::NAN },
        ..trajectory.motion
    };
    Ok(())
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
        assert!(trial(1.05e13, 1.05e13 + 4.0, 0.01).plan().unwrap_err().to_string().contains("steps of dt"));
        for (t_start, t_end) in [(3.0, 3.0), (-1.0, 3.0), (f64::NAN, 3.0), (0.0, f64::INFINITY)] {
            assert!(trial(t_start, t_end, 0.01).plan().is_err(), "{t_start} to {t_end}");
        }
    }
}
