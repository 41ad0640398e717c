//! What drives and limits a motion: its means, and quantities of each state.
//!
//! Along a closed orbit the mean of dZ/dt is 0, so Eq. 10 gives exactly ⟨(dV/dt) X⟩ = alpha Gamma (Z_T - ⟨Z⟩) / 2: the work
//! that the voltage does on the coherence X is what the bath returns.

use super::motion::Motion;
use super::trajectory::Trajectory;
use crate::cycle::{OrbitPoint, cycle_nearby, orbit_from};
use crate::model::{F00Jets, Parameters, State, conductance};
use std::f64::consts::SQRT_2;

/// Fewest points of a period over which means are taken.
const FEWEST_POINTS: f64 = 512.0;
/// Most points of such a period.
const MOST_POINTS: f64 = 1e6;

/// Means of a motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Whether they are over one period of a cycle; if not, over the record.
    pub over_a_period: bool,
    /// Mean of Z.
    pub z_mean: f64,
    /// Mean of the coherence (X² + Y²)^½.
    pub coherence: f64,
    /// Largest length of the Bloch vector.
    pub r_max: f64,
    /// Mean of the current I = G V.
    pub current: f64,
    /// Mean of the power I V in the memristor.
    pub power: f64,
    /// Mean of (dV/dt) X, per tau_c: the drive.
    pub drive: f64,
    /// alpha Gamma (Z_T - ⟨Z⟩) / 2, per tau_c: equal to the drive for a closed orbit.
    pub relaxation: f64,
}

/// The means of a record: over one period from its end where it is on a cycle.
#[must_use]
pub fn means(trajectory: &Trajectory) -> Means {
    let (p, motion) = (&trajectory.trial.parameters, &trajectory.motion);
    let period = motion.period();
    let on_cycle = motion.kind() == Motion::Oscillating && motion.outcome.is_some() && period.is_finite();
    let Some(last) = trajectory.states.last().filter(|_| on_cycle) else {
        let v_n = |i: usize| trajectory.input.as_ref().map_or(p.v_n, |input| input[i]);
        let points = trajectory.states.iter().zip(&trajectory.current);
        return of(points.enumerate().map(|(i, (state, current))| (*state, *current, v_n(i))), p, false);
    };
    let profile = F00Jets::new(p.l, p.lambda);
    // The record comes near the cycle; the cycle itself closes.
    let (from, period) = match cycle_nearby(p, &profile, last) {
        Some(cycle) => (cycle.state, cycle.period),
        None => (*last, period),
    };
    over_period(p, &profile, &from, period, trajectory.dt)
}

/// The means over one period from a state on a closed orbit, at points at most half of `dt` apart.
pub(super) fn over_period(p: &Parameters<f64>, profile: &F00Jets, from: &State<f64>, period: f64, dt: f64) -> Means {
    let points = (period / dt * 2.0).ceil().clamp(FEWEST_POINTS, MOST_POINTS) as usize;
    let orbit = orbit_from(p, profile, from, period, points);
    of(orbit.into_iter().map(|OrbitPoint { state, current }| (state, current, p.v_n)), p, true)
}

/// The means of states with their currents and input voltages, equally far apart in time.
fn of(points: impl Iterator<Item = (State<f64>, f64, f64)>, p: &Parameters<f64>, over_a_period: bool) -> Means {
    let mut sums = Sums::default();
    points.for_each(|(state, current, v_n)| sums.add(p, &state, current, v_n));
    sums.means(p, over_a_period)
}

/// Sums over states equally far apart in time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    sums: [f64; 5],
    count: f64,
    r_max: f64,
}

impl Sums {
    /// Adds a state with its current and input voltage.
    pub(super) fn add(&mut self, p: &Parameters<f64>, s: &State<f64>, current: f64, v_n: f64) {
        let v_dot = v_n - s.v - p.r_n * current;
        let terms = [s.z, s.x.hypot(s.y), current, current * s.v, v_dot * s.x];
        self.sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        self.count += 1.0;
        self.r_max = self.r_max.max(s.bloch_norm_squared().sqrt());
    }

    /// The means of what has been added.
    pub(super) fn means(&self, p: &Parameters<f64>, over_a_period: bool) -> Means {
        let [z_mean, coherence, current, power, drive] = self.sums.map(|sum| sum / self.count);
        let relaxation = 0.5 * p.alpha * p.gamma * (p.z_t - z_mean);
        Means { over_a_period, z_mean, coherence, r_max: self.r_max, current, power, drive, relaxation }
    }
}

/// Quantities of each state of a record.
#[derive(Debug, Clone, Default)]
pub struct Quantities {
    /// Purity ½ (1 + X² + Y² + Z²) of the particle's state.
    pub purity: Vec<f64>,
    /// Coherence (X² + Y²)^½.
    pub coherence: Vec<f64>,
    /// Conductance G (below Eq. 9).
    pub conductance: Vec<f64>,
    /// Friction Gamma + Z R_n F_01 V, per tau_c: negative where the voltage drives the particle (Eq. 15).
    pub friction: Vec<f64>,
}

/// The quantities of each state of a record.
#[must_use]
pub fn quantities(trajectory: &Trajectory) -> Quantities {
    let p = &trajectory.trial.parameters;
    let profile = F00Jets::new(p.l, p.lambda);
    let mut found = Quantities::default();
    for s in &trajectory.states {
        let f = profile.elements(p.x_0 / p.l - SQRT_2 * s.v);
        found.purity.push(0.5 * (1.0 + s.bloch_norm_squared()));
        found.coherence.push(s.x.hypot(s.y));
        found.conductance.push(conductance(s, &f));
        found.friction.push(p.gamma + s.z * p.r_n * f.f01 * s.v);
    }
    found
}
