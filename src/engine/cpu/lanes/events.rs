//! Events of lanes in a step: an extremum of V, or a motion that leaves the reach of its polynomials.

use super::cell::ActiveCell;
use super::rows::{LaneCoefficients, LaneState, Row};
use super::step::OUT_OF_RANGE;
use super::vector::Lane;
use crate::kernel::chebyshev::Scheme;
use crate::kernel::constants::{MOTION, TANGENT};
use crate::kernel::rk4::moved;
use crate::kernel::window::{StepEnd, Window};
use crate::kernel::{Real, piece};
use crate::model::State;

/// State of lane `i`.
pub(super) fn state<T: Real, const LANES: usize>(m: &LaneState<T, LANES>, i: usize) -> State<T> {
    State { x: m.x[i], y: m.y[i], z: m.z[i], v: m.v[i] }
}

/// Rates of change of lane `i`, per tau_c.
pub(super) fn rates<T: Real, const LANES: usize>(m: &LaneState<T, LANES>, i: usize) -> State<T> {
    State { x: m.x_rate[i], y: m.y_rate[i], z: m.z_rate[i], v: m.v_rate[i] }
}

/// Sets state and rates of change of lane `i`.
pub(super) fn put_state<T: Real, const LANES: usize>(
    m: &mut LaneState<T, LANES>,
    i: usize,
    state: &State<T>,
    rates: &State<T>,
) {
    (m.x[i], m.y[i], m.z[i], m.v[i]) = (state.x, state.y, state.z, state.v);
    (m.x_rate[i], m.y_rate[i], m.z_rate[i], m.v_rate[i]) = (rates.x, rates.y, rates.z, rates.v);
}

/// Rates of change of a state by the polynomials of lane `i`, per tau_c.
pub(super) fn derivative<T: Real, const LANES: usize, const TERMS: usize>(
    f: &LaneCoefficients<T, LANES, TERMS>,
    i: usize,
    s: &State<T>,
) -> State<T> {
    let (one, two) = (T::one(), T::of(2.0));
    let u = s.v - f.centre[i];
    let at = |terms: &[Row<T, LANES>; TERMS]| terms.iter().rev().fold(T::zero(), |sum, row| sum * u + row[i]);
    let below = one - f.z_0[i] - s.z;
    let dg = at(&f.f_00) + s.z * f.r_dg_dz[i] + below * at(&f.half_f_11) + s.x * at(&f.f_01);
    let v = (f.v_dot_0[i] - f.leak[i] * s.v) - (f.v_0[i] + s.v) * dg;
    State {
        x: two * v * (f.z_0[i] + s.z) + (f.omega[i] * s.y - f.gamma[i] * s.x),
        y: -(f.gamma[i] * s.y + f.omega[i] * s.x),
        z: -(two * v * s.x + (f.relaxation[i] * s.z + f.z_drift[i])),
        v,
    }
}

/// The state of lane `i` one step after `s`, by its polynomials.
fn step_of_lane<T: Real, const LANES: usize, const TERMS: usize>(
    f: &LaneCoefficients<T, LANES, TERMS>,
    i: usize,
    s: &State<T>,
    k1: &State<T>,
    dt: T,
) -> State<T> {
    let (half, two) = (T::of(0.5) * dt, T::of(2.0));
    let k2 = derivative(f, i, &moved(s, k1, half));
    let k3 = derivative(f, i, &moved(s, &k2, half));
    let k4 = derivative(f, i, &moved(s, &k3, dt));
    let sum = moved(&moved(&moved(k1, &k2, two), &k3, two), &k4, T::one());
    moved(s, &sum, dt / T::of(6.0))
}

/// Data that the handling of events may change.
pub(super) struct EventContext<'w, 'a, T: Real, const LANES: usize, const TERMS: usize> {
    pub fixed: &'w mut LaneCoefficients<T, LANES, TERMS>,
    pub lanes: &'w mut [ActiveCell<'a, T>],
    /// Lanes whose windows have all their maxima.
    pub full: &'w mut Vec<usize>,
    pub scheme: &'w Scheme<TERMS>,
}

/// Handles the events of the step from `a` to `b` that began at `clock`, one for each bit of `events`, and lists the
/// lanes whose windows are full now.
#[inline(never)]
pub(super) fn handle_events<T: Lane, const LANES: usize, const TERMS: usize>(
    a: &LaneState<T, LANES>,
    b: &mut LaneState<T, LANES>,
    flags: &Row<T, LANES>,
    mut events: u64,
    clock: u64,
    looked: &mut EventContext<'_, '_, T, LANES, TERMS>,
) {
    let EventContext { fixed, lanes, full, scheme } = looked;
    while events != 0 {
        let i = events.trailing_zeros() as usize;
        events &= events - 1;
        let Some(lane) = lanes.get_mut(i) else { continue };
        let (before, k1, dt) = (state(a, i), rates(a, i), lane.run.dt);
        if flags[i] == T::of(OUT_OF_RANGE) {
            let reach = lane.cell.table.reach_in_v();
            let window = Window { low: a.low[i], ..lane.run.window };
            let mut next = before;
            // Polynomials ahead of the motion, if they hold the whole step.
            let on_one_piece = !piece::may_skip_piece(k1.v, dt, reach) && {
                let centre = piece::centre_after_exit(&window, before.v, k1.v, reach);
                lane.take_terms(fixed, i, centre, scheme);
                next = step_of_lane(fixed, i, &before, &k1, dt);
                (next.v - centre).abs() <= reach
            };
            let rate = if on_one_piece {
                derivative(fixed, i, &next)
            } else {
                let (p, table, origin) = (&lane.parameters, lane.cell.table, [lane.run.v_0, lane.run.z_0]);
                next = piece::step_across_pieces(p, origin, &before, &k1, dt, table);
                let rate = piece::derivative(p, origin, &next, table);
                if piece::may_skip_piece(rate.v, dt, reach) {
                    lane.take_no_terms(fixed, i);
                } else {
                    let centre = piece::centre_after_exit(&window, next.v, next.v - before.v, reach);
                    lane.take_terms(fixed, i, centre, scheme);
                }
                rate
            };
            put_state(b, i, &next, &rate);
        } else if lane.run.pass >= TANGENT {
            // These passes end by time, and only their ends count.
            continue;
        }
        let w = &mut lane.run.window;
        w.step = (clock - lane.opened) as u32;
        (w.v_min, w.v_max, w.low, w.area) = (a.v_min[i], a.v_max[i], a.low[i], a.area[i]);
        w.observe(StepEnd::of(&before, &k1), StepEnd::of(&state(b, i), &rates(b, i)), dt);
        // A vector load waits for a word just written into the vector, so only words that change are written.
        for (row, value) in
            [(&mut b.v_min, w.v_min), (&mut b.v_max, w.v_max), (&mut b.low, w.low), (&mut b.area, w.area)]
        {
            if row[i] != value {
                row[i] = value;
            }
        }
        if w.peaks == lane.run.peaks_due && lane.run.pass == MOTION {
            full.push(i);
        }
    }
}
