//! One limit cycle: Newton's method from a guess, and what a closed orbit is made of.

use super::field::{Field, Moving, point, state};
use crate::model::{F00Jets, Parameters, State};
use nalgebra::{Complex, Matrix4, SMatrix, SVector, Vector4};

/// Steps of RK4 in a period at least, while the guess is improved.
const FEWEST_STEPS: f64 = 64.0;
/// How many times as many steps the last iterations take.
const FINER: f64 = 8.0;
/// Steps of RK4 in a period at most, before they are made finer: seconds of one core.
const MOST_STEPS: f64 = 1e6;
/// Iterations at most.
const ITERATIONS: usize = 12;
/// Change of the point, relative to 1 + |u|, below which the iteration ends.
const ARRIVED: f64 = 1e-13;
/// Change of the point, relative to 1 + |u|, up to which the last iteration counts as converged:
/// rounding keeps the last digits of a nearly neutral cycle moving.
const CONVERGED: f64 = 1e-10;
/// Such a change that rounding alone makes where the motion multiplies it on the way, at most; and the iterations in which
/// it has not halved.
const ROUNDED: f64 = 1e-5;
const STALLS: usize = 2;
/// Factor by which the period may leave its guess.
const PERIOD_RANGE: f64 = 2.0;
/// Span, relative to 1 + |V|, below which the orbit is an equilibrium.
const QUIET: f64 = 1e-9;
/// Difference of two maxima, relative to the span, below which they are the same one.
const SAME: f64 = 1e-6;

/// A limit cycle of Eq. 10.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// State at a maximum of V: the highest one of the period.
    pub state: State<f64>,
    /// Period, in tau_c.
    pub period: f64,
    /// Smallest V.
    pub v_min: f64,
    /// Largest V.
    pub v_max: f64,
    /// Mean of V over the period.
    pub v_mean: f64,
    /// Number of maxima of V in a period.
    pub maxima: u32,
    /// Floquet multipliers but the trivial one, largest modulus first.
    pub multipliers: [Complex<f64>; 3],
    /// Error of the state, relative to 1 + |u|: the last change by Newton's method. Above 1e-10 it is rounding, which the
    /// motion multiplies on the way, as in a burst after a long rest.
    pub error: f64,
    pub(super) return_map: Matrix4<f64>,
}

/// The orbit over one period from a point on the section.
struct Orbit {
    end: Moving,
    low: f64,
    /// Maxima of V as (time, point), in order; the one at the orbit's beginning comes last.
    maxima: Vec<(f64, Vector4<f64>)>,
}

impl Cycle {
    /// The cycle near a state with a maximum of V and a period, by Newton's method; `step` is the
    /// longest step of RK4.
    ///
    /// Returns `None` if the method leads to no closed orbit with an oscillating V, or if a period
    /// has over a million steps.
    #[must_use]
    pub fn near(p: &Parameters<f64>, profile: &F00Jets, guess: &State<f64>, period: f64, step: f64) -> Option<Self> {
        let field = Field::new(p, profile);
        let steps = (period / step).ceil().max(FEWEST_STEPS);
        if !(step > 0.0 && steps <= MOST_STEPS) {
            return None;
        }
        let (u, t, _) = newton(&field, point(guess), period, steps)?;
        let (mut u, mut t, mut error) = newton(&field, u, t, FINER * steps)?;
        let mut orbit = around(&field, u, t, FINER * steps);
        // The highest maximum begins the period.
        let (at, highest) = *orbit.maxima.iter().max_by(|a, b| a.1[3].total_cmp(&b.1[3]))?;
        if at < t * (1.0 - SAME) {
            (u, t, error) = newton(&field, highest, t, FINER * steps)?;
            orbit = around(&field, u, t, FINER * steps);
        }
        let span = u[3] - orbit.low;
        // Newton's method may end on an equilibrium.
        if !(span > QUIET * (1.0 + u[3].abs())) {
            return None;
        }
        // A shorter period, if the orbit closes earlier.
        let closes = |m: &(f64, Vector4<f64>)| (m.1 - u).amax() < SAME.max(10.0 * error) * span.min(1.0);
        let first = orbit.maxima.iter().find(|m| closes(m)).map_or(t, |m| m.0);
        if first < 0.75 * t {
            return Self::near(p, profile, &state(&u), first, step);
        }
        let (rate, jacobian) = field.linearized(&u);
        let normal = jacobian.row(3).transpose();
        let projection = Matrix4::identity() - rate * normal.transpose() / normal.dot(&rate);
        let return_map = projection * orbit.end.tangents;
        Some(Self {
            state: state(&u),
            period: t,
            v_min: orbit.low,
            v_max: u[3],
            v_mean: orbit.end.area / t,
            maxima: orbit.maxima.len() as u32,
            multipliers: multipliers(&return_map),
            error,
            return_map,
        })
    }

    /// Span V_max - V_min.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.v_max - self.v_min
    }

    /// Largest modulus of a nontrivial multiplier: the cycle is stable if it is below 1.
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.multipliers[0].norm()
    }

    /// Whether all nontrivial multipliers are inside the unit circle.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.multiplier() < 1.0
    }
}

/// The multipliers but the trivial one: the return map's eigenvalues, without the 0 across the
/// section.
fn multipliers(return_map: &Matrix4<f64>) -> [Complex<f64>; 3] {
    let mut all: Vec<_> = return_map.complex_eigenvalues().iter().copied().collect();
    all.sort_by(|a, b| b.norm().total_cmp(&a.norm()));
    [all[0], all[1], all[2]]
}

/// Newton's method for φ_T(u) = u and dV/dt(u) = 0, with `steps` steps of RK4 in a period: the point, the period, and the
/// last change, relative to 1 + |u|.
fn newton(field: &Field<'_>, guess: Vector4<f64>, period: f64, steps: f64) -> Option<(Vector4<f64>, f64, f64)> {
    let (mut u, mut t, mut moved, mut stalls) = (guess, period, f64::INFINITY, 0);
    for _ in 0..ITERATIONS {
        let h = t / steps;
        let mut end = Moving::from(u);
        for _ in 0..steps as u64 {
            end = field.step_with_tangents(&end, h);
        }
        let (rate, jacobian) = field.linearized(&u);
        let mut a = SMatrix::<f64, 5, 5>::zeros();
        a.fixed_view_mut::<4, 4>(0, 0).copy_from(&(end.tangents - Matrix4::identity()));
        a.fixed_view_mut::<4, 1>(0, 4).copy_from(&field.rate(&end.u));
        a.fixed_view_mut::<1, 4>(4, 0).copy_from(&jacobian.row(3));
        let mut b = SVector::<f64, 5>::zeros();
        b.fixed_rows_mut::<4>(0).copy_from(&(u - end.u));
        b[4] = -rate[3];
        let change = a.lu().solve(&b)?;
        u += change.fixed_rows::<4>(0);
        t += change[4];
        let in_range = t > period / PERIOD_RANGE && t < period * PERIOD_RANGE;
        if !in_range || !u.iter().all(|c| c.is_finite()) {
            return None;
        }
        let before = std::mem::replace(&mut moved, change.fixed_rows::<4>(0).amax() / (1.0 + u.amax()));
        // Rounding keeps the point moving where a burst multiplies it after a long rest.
        if moved > CONVERGED && moved.max(before) <= ROUNDED && moved > 0.5 * before {
            stalls += 1;
            moved = moved.max(before);
        }
        if moved <= ARRIVED || stalls == STALLS {
            break;
        }
    }
    (moved <= CONVERGED || stalls == STALLS).then_some((u, t, moved))
}

/// One period of `steps` steps from a maximum of V at `u`.
fn around(field: &Field<'_>, u: Vector4<f64>, t: f64, steps: f64) -> Orbit {
    let h = t / steps;
    let mut orbit = Orbit { end: Moving::from(u), low: u[3], maxima: Vec::new() };
    // The maximum at the beginning belongs to the end of the period.
    let mut rising = false;
    for n in 0..steps as u64 {
        let next = field.step_with_tangents(&orbit.end, h);
        let rises = field.rate(&next.u)[3] > 0.0;
        if rises != rising {
            let (after, at) = field.extremum(&orbit.end.u, h);
            if rises {
                orbit.low = orbit.low.min(at[3]);
            } else {
                orbit.maxima.push((n as f64 * h + after, at));
            }
            rising = rises;
        }
        orbit.end = next;
    }
    if rising {
        // The last maximum falls a rounding error behind the end.
        orbit.maxima.push((t, orbit.end.u));
    }
    orbit
}
