//! RK4 over all lanes at once in the machine's vector instructions, with the arithmetic of `kernel::neuron` and
//! `kernel::rk4`.

use super::rows::{LaneCoefficients, LaneState, Row};
use super::vector::Lane;
use crate::model::State;
use pulp::Simd;
use std::hint::black_box;
use std::marker::PhantomData;

/// Flag of a lane without an event in the step.
pub(super) const NO_EVENT: f64 = 0.0;
/// Flag of a lane with an extremum of V in the step: dV/dt has changed sign.
pub(super) const EXTREMUM: f64 = 1.0;
/// Flag of a lane whose motion has left the reach of its polynomials.
pub(super) const OUT_OF_RANGE: f64 = 2.0;

/// Additions and multiplications of one step, a multiply-add counted as two: 27 in each of four derivatives and
/// two for each degree of three polynomials, 33 between stages, 17 in the final sum, 10 for the window.
/// Comparisons and loads are not counted.
#[must_use]
pub const fn operations(terms: usize) -> f64 {
    (4 * (27 + 6 * (terms - 1)) + 33 + 17 + 10) as f64
}

/// Two vectors, so that one computes while the other waits.
#[derive(Debug, Clone, Copy)]
struct Pair<V>(V, V);

/// A pair of the machine's vectors.
type Of<S, T> = Pair<<T as Lane>::Vector<S>>;

/// Number of pairs that `lanes` lanes fill on this machine.
pub(super) fn pairs<S: Simd, T: Lane>(lanes: usize) -> usize {
    lanes / (2 * T::width::<S>())
}

/// Arithmetic on pairs.
#[derive(Clone, Copy)]
struct On<S, T>(S, PhantomData<T>);

impl<S: Simd, T: Lane> On<S, T> {
    #[inline(always)]
    fn get(self, row: &[T], j: usize) -> Of<S, T> {
        let v = T::vectors::<S>(row);
        Pair(v[2 * j], v[2 * j + 1])
    }

    #[inline(always)]
    fn put(self, row: &mut [T], j: usize, p: Of<S, T>) {
        let v = T::vectors_mut::<S>(row);
        (v[2 * j], v[2 * j + 1]) = (p.0, p.1);
    }

    #[inline(always)]
    fn all(self, value: f64) -> Of<S, T> {
        Pair(T::splat(self.0, T::of(value)), T::splat(self.0, T::of(value)))
    }

    /// Multiply-add a b + c, rounded once where the machine can.
    #[inline(always)]
    fn mul_add(self, a: Of<S, T>, b: Of<S, T>, c: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_mul_add(self.0, a.0, b.0, c.0), T::simd_mul_add(self.0, a.1, b.1, c.1))
    }

    #[inline(always)]
    fn add(self, a: Of<S, T>, b: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_add(self.0, a.0, b.0), T::simd_add(self.0, a.1, b.1))
    }

    #[inline(always)]
    fn sub(self, a: Of<S, T>, b: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_sub(self.0, a.0, b.0), T::simd_sub(self.0, a.1, b.1))
    }

    #[inline(always)]
    fn mul(self, a: Of<S, T>, b: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_mul(self.0, a.0, b.0), T::simd_mul(self.0, a.1, b.1))
    }

    #[inline(always)]
    fn neg(self, a: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_neg(self.0, a.0), T::simd_neg(self.0, a.1))
    }

    #[inline(always)]
    fn abs(self, a: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_abs(self.0, a.0), T::simd_abs(self.0, a.1))
    }

    #[inline(always)]
    fn min(self, a: Of<S, T>, b: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_min(self.0, a.0, b.0), T::simd_min(self.0, a.1, b.1))
    }

    #[inline(always)]
    fn max(self, a: Of<S, T>, b: Of<S, T>) -> Of<S, T> {
        Pair(T::simd_max(self.0, a.0, b.0), T::simd_max(self.0, a.1, b.1))
    }

    /// Horner's scheme in `u`, with `first` in place of the 0-th coefficient.
    #[inline(always)]
    fn polynomial<const LANES: usize, const TERMS: usize>(
        self,
        terms: &[Row<T, LANES>; TERMS],
        first: Of<S, T>,
        u: Of<S, T>,
        j: usize,
    ) -> Of<S, T> {
        let mut sum = self.get(&terms[TERMS - 1], j);
        for k in (1..TERMS - 1).rev() {
            sum = self.mul_add(sum, u, self.get(&terms[k], j));
        }
        self.mul_add(sum, u, first)
    }
}

/// Rates of change by Eq. 10, per tau_c.
#[inline(always)]
fn derivative<S: Simd, T: Lane, const LANES: usize, const TERMS: usize>(
    on: On<S, T>,
    f: &LaneCoefficients<T, LANES, TERMS>,
    j: usize,
    s: State<Of<S, T>>,
) -> State<Of<S, T>> {
    // Rows are loaded again in each stage: kept between stages, they would be copied to the stack and read from there.
    let f = black_box(f);
    let row = |r: &Row<T, LANES>| on.get(r, j);
    let u = on.sub(s.v, row(&f.centre));
    let below = on.sub(row(&f.one_minus_z_0), s.z);
    let change = on.polynomial(&f.f_00, on.mul_add(s.z, row(&f.r_dg_dz), row(&f.f_00[0])), u, j);
    let cross = on.polynomial(&f.f_01, row(&f.f_01[0]), u, j);
    let bend = on.polynomial(&f.half_f_11, row(&f.half_f_11[0]), u, j);
    let dg_terms = on.mul_add(s.x, cross, on.mul_add(below, bend, change));
    let linear = on.mul_add(on.neg(row(&f.leak)), s.v, row(&f.v_dot_0));
    let v = on.mul_add(on.neg(dg_terms), on.add(row(&f.v_0), s.v), linear);
    let drive = on.add(v, v);
    let z = on.add(row(&f.z_0), s.z);
    let (omega, gamma) = (row(&f.omega), row(&f.gamma));
    State {
        x: on.mul_add(drive, z, on.sub(on.mul(omega, s.y), on.mul(gamma, s.x))),
        y: on.neg(on.mul_add(gamma, s.y, on.mul(omega, s.x))),
        z: on.neg(on.mul_add(drive, s.x, on.mul_add(row(&f.relaxation), s.z, row(&f.z_drift)))),
        v,
    }
}

/// State s + h k.
#[inline(always)]
fn add_scaled<S: Simd, T: Lane>(on: On<S, T>, s: State<Of<S, T>>, k: State<Of<S, T>>, h: Of<S, T>) -> State<Of<S, T>> {
    State {
        x: on.mul_add(h, k.x, s.x),
        y: on.mul_add(h, k.y, s.y),
        z: on.mul_add(h, k.z, s.z),
        v: on.mul_add(h, k.v, s.v),
    }
}

/// Weighted sum k1 + 2 (k2 + k3) + k4 of one component.
#[inline(always)]
fn weighed<S: Simd, T: Lane>(on: On<S, T>, k: [Of<S, T>; 4]) -> Of<S, T> {
    on.mul_add(on.all(2.0), on.add(k[1], k[2]), on.add(k[0], k[3]))
}

/// Takes the lanes of the first `pairs` pairs one step from `a` to `b` and flags their events; returns whether
/// there is any.
#[inline(always)]
pub(super) fn step<S: Simd, T: Lane, const LANES: usize, const TERMS: usize>(
    s: S,
    a: &LaneState<T, LANES>,
    b: &mut LaneState<T, LANES>,
    f: &LaneCoefficients<T, LANES, TERMS>,
    flags: &mut Row<T, LANES>,
    pairs: usize,
) -> bool {
    let on = On(s, PhantomData);
    let mut any = false;
    for j in 0..pairs {
        let row = |r: &Row<T, LANES>| on.get(r, j);
        let state = State { x: row(&a.x), y: row(&a.y), z: row(&a.z), v: row(&a.v) };
        let k1 = State { x: row(&a.x_rate), y: row(&a.y_rate), z: row(&a.z_rate), v: row(&a.v_rate) };
        let dt = row(&f.dt);
        let half = on.mul(on.all(0.5), dt);
        let k2 = derivative(on, f, j, add_scaled(on, state, k1, half));
        let k3 = derivative(on, f, j, add_scaled(on, state, k2, half));
        let k4 = derivative(on, f, j, add_scaled(on, state, k3, dt));
        let sum = State {
            x: weighed(on, [k1.x, k2.x, k3.x, k4.x]),
            y: weighed(on, [k1.y, k2.y, k3.y, k4.y]),
            z: weighed(on, [k1.z, k2.z, k3.z, k4.z]),
            v: weighed(on, [k1.v, k2.v, k3.v, k4.v]),
        };
        let next = add_scaled(on, state, sum, on.mul(on.all(1.0 / 6.0), dt));
        let k = derivative(on, f, j, next);
        // If both ends of a step are within the reach, so is V between them, up to what an extremum adds.
        let far = on.abs(on.sub(next.v, row(&f.centre)));
        on.put(&mut b.x, j, next.x);
        on.put(&mut b.y, j, next.y);
        on.put(&mut b.z, j, next.z);
        on.put(&mut b.v, j, next.v);
        on.put(&mut b.x_rate, j, k.x);
        on.put(&mut b.y_rate, j, k.y);
        on.put(&mut b.z_rate, j, k.z);
        on.put(&mut b.v_rate, j, k.v);
        // The window's record for a step without an extremum, with Hermite's rule for the area.
        on.put(&mut b.v_min, j, on.min(next.v, row(&a.v_min)));
        on.put(&mut b.v_max, j, on.max(next.v, row(&a.v_max)));
        on.put(&mut b.low, j, on.min(next.v, row(&a.low)));
        let bent = on.mul(on.mul(on.sub(k1.v, k.v), dt), on.all(1.0 / 12.0));
        let area = on.mul_add(on.all(0.5), on.add(state.v, next.v), bent);
        on.put(&mut b.area, j, on.add(area, row(&a.area)));
        let reach = row(&f.reach);
        let splat = |value| T::splat(s, T::of(value));
        let (zero, turned_flag, left_flag) = (splat(NO_EVENT), splat(EXTREMUM), splat(OUT_OF_RANGE));
        let flag = |far, reach, before, after| {
            // A rate of 0 has no sign to change; if the product underflows, the handling of the event finds none.
            let moves = T::simd_lt(s, zero, T::simd_abs(s, before));
            let turned = T::simd_and(s, moves, T::simd_le(s, T::simd_mul(s, before, after), zero));
            let left = T::simd_lt(s, reach, far);
            (T::select(s, left, left_flag, T::select(s, turned, turned_flag, zero)), T::simd_or(s, turned, left))
        };
        let (flag_0, any_0) = flag(far.0, reach.0, k1.v.0, k.v.0);
        let (flag_1, any_1) = flag(far.1, reach.1, k1.v.1, k.v.1);
        on.put(flags, j, Pair(flag_0, flag_1));
        any |= T::simd_any(s, T::simd_or(s, any_0, any_1));
    }
    any
}
