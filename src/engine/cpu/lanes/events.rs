//! Events of lanes in a step: an extremum of V, or a motion that leaves the reach of its polynomials.

use super::cell::ActiveCell;
use super::rows::{LaneCoefficients, LaneState, Row};
use super::step::{NO_EVENT, OUT_OF_RANGE};
use super::vector::Lane;
use crate::kernel::chebyshev::Scheme;
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

/// Data that the handling of events may change.
pub(super) struct EventContext<'w, 'a, T: Real, const LANES: usize, const TERMS: usize> {
    pub fixed: &'w mut LaneCoefficients<T, LANES, TERMS>,
    pub lanes: &'w mut [ActiveCell<'a, T>],
    /// Lanes whose windows have all their maxima.
    pub full: &'w mut Vec<usize>,
    pub scheme: &'w Scheme<TERMS>,
}

/// Handles the events of the step from `a` to `b` that began at `clock`, and lists the lanes whose windows are
/// full now.
#[inline(never)]
pub(super) fn handle_events<T: Lane, const LANES: usize, const TERMS: usize>(
    a: &LaneState<T, LANES>,
    b: &mut LaneState<T, LANES>,
    flags: &Row<T, LANES>,
    clock: u64,
    looked: &mut EventContext<'_, '_, T, LANES, TERMS>,
) {
    let EventContext { fixed, lanes, full, scheme } = looked;
    let plain = T::of(NO_EVENT);
    // Eight flags at a time: in most steps most lanes have no event.
    let groups = flags.chunks_exact(8).zip((0..).step_by(8)).filter(|(group, _)| T::any(group));
    for i in groups.flat_map(|(_, first)| first..first + 8).filter(|i| flags[*i] != plain) {
        let Some(lane) = lanes.get_mut(i) else { continue };
        let (before, k1, dt) = (state(a, i), rates(a, i), T::of(lane.cell.dt));
        if flags[i] == T::of(OUT_OF_RANGE) {
            let (p, table, origin) = (&lane.parameters, lane.cell.table, [lane.run.v_0, lane.run.z_0]);
            let next = piece::step_across_pieces(p, origin, &before, &k1, dt, table);
            put_state(b, i, &next, &piece::derivative(p, origin, &next, table));
            let low = a.low[i];
            let centre = piece::centre_after_exit(
                &Window { low, ..lane.run.window },
                next.v,
                next.v - before.v,
                table.reach_in_v(),
            );
            lane.take_terms(fixed, i, centre, scheme);
        }
        let w = &mut lane.run.window;
        w.step = (clock - lane.opened) as u32;
        (w.v_min, w.v_max, w.low, w.area) = (a.v_min[i], a.v_max[i], a.low[i], a.area[i]);
        w.observe(StepEnd::of(&before, &k1), StepEnd::of(&state(b, i), &rates(b, i)), dt);
        // A vector load waits for a word just written into the vector, so only words that change are written.
        let counting = if w.peaks > 0 { T::one() } else { T::zero() };
        for (row, value) in [
            (&mut b.v_min, w.v_min),
            (&mut b.v_max, w.v_max),
            (&mut b.low, w.low),
            (&mut b.area, w.area),
            (&mut fixed.counting, counting),
        ] {
            if row[i] != value {
                row[i] = value;
            }
        }
        if w.peaks == lane.cell.limits.peaks_per_window {
            full.push(i);
        }
    }
}
