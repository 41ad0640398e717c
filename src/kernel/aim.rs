//! Which piece of the table a motion gets, and the step that no piece holds. Twin of `shaders/aim.wgsl`.
//!
//! A motion keeps its piece until a step would leave it. That step is taken carefully, each of its stages on the piece nearest to it, and the
//! motion gets another piece, so placed that it holds the whole swing if any does. So do steps longer than a piece's reach, which only the
//! first moments of a violent start have.

use super::constants::{AHEAD, MARGIN, NEAR_MIDDLE};
use super::neuron::{Neuron, xi_at};
use super::{Real, rk4::moved, span::Window, table::Table};
use crate::model::{Parameters, State};

/// The V about which a window that opens at `v` has its piece, the motion of the last one having had its middle here.
#[inline]
pub fn for_window<T: Real>(middle: T, v: T, reach: T) -> T {
    if (middle - v).abs() <= T::of(NEAR_MIDDLE) * reach { middle } else { v }
}

/// The V about which a motion has its piece that has come to `v` and left the last one: where both ends of its last swing are on the new one,
/// if there is such a place, or else ahead of it.
#[inline]
pub fn beyond<T: Real>(window: &Window<T>, v: T, rate: T, reach: T) -> T {
    let other = if rate > T::zero() { window.low } else { window.peak };
    let ahead = if rate > T::zero() { reach } else { -reach };
    let middle = T::of(0.5) * (other + v);
    if (v - middle).abs() <= T::of(NEAR_MIDDLE - MARGIN) * reach {
        middle + T::of(MARGIN) * ahead
    } else {
        v + T::of(AHEAD) * ahead
    }
}

/// Whether V moves so fast that a step may be longer than a piece's reach.
#[inline]
pub fn is_violent<T: Real>(rate: T, dt: T, reach: T) -> bool {
    rate.abs() * dt > reach
}

/// The state one step `dt` after `s`, with a piece of the table for each stage.
#[must_use]
pub fn careful_step<T: Real>(
    p: &Parameters<T>,
    origin: [T; 2],
    s: &State<T>,
    k1: &State<T>,
    dt: T,
    table: &Table<T>,
) -> State<T> {
    let (half, one, two) = (T::of(0.5) * dt, T::one(), T::of(2.0));
    let (mut k, mut sum) = (*k1, *k1);
    for [ahead, weight] in [[half, two], [half, two], [dt, one]] {
        let stage = moved(s, &k, ahead);
        k = derivative(p, origin, &stage, table);
        sum = moved(&sum, &k, weight);
    }
    moved(s, &sum, dt / T::of(6.0))
}

/// Rates of change on the piece nearest to the state.
#[must_use]
pub fn derivative<T: Real>(p: &Parameters<T>, origin: [T; 2], s: &State<T>, table: &Table<T>) -> State<T> {
    Neuron::about(p, origin, table.nearest(xi_at(p, origin[0] + s.v)), table).derivative(s)
}
