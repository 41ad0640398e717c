//! The second look at lanes in which something happened in a step: an extremum of V, or a motion that leaves its polynomials' reach.

use super::super::{Real, rk4, span::Sample};
use super::job::Occupant;
use super::polynomials::Scheme;
use super::rows::{Fixed, Moving, Row};
use super::step::{LEFT, PLAIN};
use super::vector::Lane;
use crate::model::State;

/// Where a window's motion was, its middle is the centre of the next one's polynomials if it lies this near, as a part of the reach.
pub(super) const NEAR_MIDDLE: f64 = 0.9;
/// A swing that grows still has this part of the reach to do so.
const MARGIN: f64 = 0.05;
/// A motion that has left its polynomials' reach gets others about a point this part of the reach ahead of it.
const AHEAD: f64 = 0.5;

/// A lane's state,
pub(super) fn state<T: Real, const LANES: usize>(m: &Moving<T, LANES>, i: usize) -> State<T> {
    State { x: m.x[i], y: m.y[i], z: m.z[i], v: m.v[i] }
}

fn rates<T: Real, const LANES: usize>(m: &Moving<T, LANES>, i: usize) -> State<T> {
    State { x: m.x_rate[i], y: m.y_rate[i], z: m.z_rate[i], v: m.v_rate[i] }
}

/// and how it is set.
pub(super) fn put_state<T: Real, const LANES: usize>(
    m: &mut Moving<T, LANES>,
    i: usize,
    state: &State<T>,
    rates: &State<T>,
) {
    (m.x[i], m.y[i], m.z[i], m.v[i]) = (state.x, state.y, state.z, state.v);
    (m.x_rate[i], m.y_rate[i], m.z_rate[i], m.v_rate[i]) = (rates.x, rates.y, rates.z, rates.v);
}

/// Where the polynomials of a motion are to be taken about that has left their reach: where both ends of its last swing are within the
/// new one, if there is such a place, or else ahead of it.
fn centre<T: Real>(lane: &Occupant<'_, T>, low: T, next: &State<T>, rate: T) -> T {
    let (reach, half) = (lane.job.reach, T::of(0.5));
    let other = if rate > T::zero() { low } else { lane.run.window.peak };
    let ahead = if rate.is_sign_negative() { -reach } else { reach };
    let middle = half * (other + next.v);
    if (next.v - middle).abs() <= T::of(NEAR_MIDDLE - MARGIN) * reach {
        middle + T::of(MARGIN) * ahead
    } else {
        next.v + T::of(AHEAD) * ahead
    }
}

/// What a second look may change.
pub(super) struct Looked<'w, 'a, T: Real, const LANES: usize, const TERMS: usize> {
    pub fixed: &'w mut Fixed<T, LANES, TERMS>,
    pub lanes: &'w mut [Occupant<'a, T>],
    /// Lanes whose windows are full.
    pub full: &'w mut Vec<usize>,
    pub scheme: &'w Scheme<TERMS>,
}

/// The second look, after the step that began at `clock` from `a` to `b`, at the lanes that need one; those whose windows are full now are
/// listed.
#[inline(never)]
pub(super) fn look_again<T: Lane, const LANES: usize, const TERMS: usize>(
    a: &Moving<T, LANES>,
    b: &mut Moving<T, LANES>,
    flags: &Row<T, LANES>,
    clock: u64,
    looked: &mut Looked<'_, '_, T, LANES, TERMS>,
) {
    let Looked { fixed, lanes, full, scheme } = looked;
    let plain = T::of(PLAIN);
    // Eight flags at a glance: in most steps most of them are plain.
    let groups = flags.chunks_exact(8).zip((0..).step_by(8)).filter(|(group, _)| T::any(group));
    for i in groups.flat_map(|(_, first)| first..first + 8).filter(|i| flags[*i] != plain) {
        let Some(lane) = lanes.get_mut(i) else { continue };
        let (before, k1, dt) = (state(a, i), rates(a, i), T::of(lane.job.dt));
        if flags[i] == T::of(LEFT) {
            let next = rk4::step(&lane.neuron, lane.job.table, &before, &k1, dt);
            let k = lane.neuron.derivative(&next, lane.job.table);
            put_state(b, i, &next, &k);
            lane.take_terms(fixed, i, centre(lane, a.low[i], &next, k.v), scheme);
        }
        let w = &mut lane.run.window;
        w.step = (clock - lane.opened) as u32;
        (w.v_min, w.v_max, w.low, w.area) = (a.v_min[i], a.v_max[i], a.low[i], a.area[i]);
        w.watch(Sample::of(&before, &k1), Sample::of(&state(b, i), &rates(b, i)), dt);
        // A vector waits for a word that was just written into it, so only what changes is.
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
        if w.peaks == lane.job.cadence.turns {
            full.push(i);
        }
    }
}
