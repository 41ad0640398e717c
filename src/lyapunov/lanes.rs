//! RK4 in f64 along motions and one tangent each, side by side in the machine's vectors: Eq. 10 and its variational
//! equation.
//!
//! With xi = x_0/l - √2 V, F_01 = F_00'/√2 and F_11 = F_00 + ½ F_00'' (derivatives by xi), a tangent (x, y, z, w)
//! at (X, Y, Z, V) moves by
//!
//! ```text
//! dw/dt = -(1 + R_n G) w - R_n V [F_01 x + ½ (F_00 - F_11) z + G_V w]
//! dx/dt = Omega y + 2 (Z dw/dt + z dV/dt) - Gamma x,   dy/dt = -Omega x - Gamma y
//! dz/dt = -2 (X dw/dt + x dV/dt) - alpha Gamma z
//! ```

use super::path::{Path, Stretch};
use super::vector::{Pair, width};
use crate::kernel::window::{StepEnd, extremum, has_extremum};
use crate::model::{F00Jets, JET_TERMS, State};
use pulp::{Arch, Simd, WithSimd};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::ops::Range;

/// Number of motions side by side.
pub(super) const LANES: usize = 16;

/// One quantity over all lanes.
type Row = [f64; LANES];
/// X, Y, Z, V of a motion, and of its tangent.
type Eight<T> = [T; 8];
/// Index of V among them.
const V: usize = 3;

/// Motions and their tangents, side by side. A lane of step 0 rests.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Lanes {
    at: Eight<Row>,
    /// Rates of change, per tau_c.
    rate: Eight<Row>,
    /// Smallest V in the stretch.
    low: Row,
    /// Largest V in the stretch.
    high: Row,
    /// Integral of V over the stretch, with time in steps.
    area: Row,
    dt: Row,
    /// 1, or 0 of a lane that rests.
    weight: Row,
    v_n: Row,
    r_n: Row,
    omega: Row,
    gamma: Row,
    /// alpha Gamma.
    relaxation: Row,
    z_t: Row,
    /// x_0/l.
    xi_0: Row,
    /// Taylor coefficients of F_00 about a node of |xi|.
    jet: [Row; JET_TERMS],
    /// The node.
    node: Row,
    /// Largest distance from the node.
    reach: Row,
}

impl Lanes {
    /// Lanes that rest.
    pub(super) fn new() -> Self {
        let (o, eight, jet) = ([0.0; LANES], [[0.0; LANES]; 8], [[0.0; LANES]; JET_TERMS]);
        Self {
            at: eight,
            rate: eight,
            low: o,
            high: o,
            area: o,
            dt: o,
            weight: o,
            // V rises: no extremum has to be looked for.
            v_n: [1.0; LANES],
            r_n: o,
            omega: o,
            gamma: o,
            relaxation: o,
            z_t: o,
            xi_0: o,
            jet,
            node: o,
            reach: [f64::INFINITY; LANES],
        }
    }

    /// Puts a path into lane `i`.
    pub(super) fn put(&mut self, i: usize, path: &Path<'_>) {
        let (p, [s, t]) = (&path.parameters, &path.at);
        (self.v_n[i], self.r_n[i], self.omega[i], self.gamma[i]) = (p.v_n, p.r_n, p.omega, p.gamma);
        (self.relaxation[i], self.z_t[i], self.xi_0[i]) = (p.alpha * p.gamma, p.z_t, p.x_0 / p.l);
        let all = [s.x, s.y, s.z, s.v, t.x, t.y, t.z, t.v];
        self.at.iter_mut().zip(all).for_each(|(row, value)| row[i] = value);
        self.look_up(i, path.profile, p.x_0 / p.l - SQRT_2 * s.v);
    }

    /// Begins a stretch of lane `i` with steps `dt`.
    pub(super) fn begin(&mut self, i: usize, dt: f64) {
        (self.low[i], self.high[i], self.area[i]) = (self.at[V][i], self.at[V][i], 0.0);
        (self.dt[i], self.weight[i]) = (dt, 1.0);
    }

    /// Ends the stretch of lane `i`, which rests; its tangent has length 1 again in the path.
    pub(super) fn end(&mut self, i: usize, path: &mut Path<'_>) {
        let [x, y, z, v, t_x, t_y, t_z, t_v] = self.at.map(|row| row[i]);
        let grown = (t_x * t_x + t_y * t_y + t_z * t_z + t_v * t_v).sqrt();
        let t = State { x: t_x / grown, y: t_y / grown, z: t_z / grown, v: t_v / grown };
        path.at = [State { x, y, z, v }, t];
        self.at[4..].iter_mut().zip([t.x, t.y, t.z, t.v]).for_each(|(row, value)| row[i] = value);
        let mean = self.area[i] / f64::from(path.length);
        path.stretches.push(Stretch { growth: grown.ln(), low: self.low[i], high: self.high[i], mean });
    }

    /// Lane `i` rests.
    pub(super) fn rest(&mut self, i: usize) {
        (self.dt[i], self.weight[i]) = (0.0, 0.0);
    }

    /// Takes `steps` steps; `profiles` has each lane's conductances.
    pub(super) fn run(&mut self, steps: u32, profiles: &[Option<&F00Jets>; LANES]) {
        Arch::new().dispatch(Run { lanes: self, steps, profiles });
    }

    fn look_up(&mut self, i: usize, profile: &F00Jets, xi: f64) {
        let (jet, node) = profile.jet(xi);
        self.jet.iter_mut().zip(jet).for_each(|(row, c)| row[i] = *c);
        (self.node[i], self.reach[i]) = (node, profile.reach());
    }
}

struct Run<'a, 'b> {
    lanes: &'a mut Lanes,
    steps: u32,
    profiles: &'a [Option<&'b F00Jets>; LANES],
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let lanes = self.lanes;
        for j in 0..LANES / (2 * width::<S>()) {
            let at = load(s, &lanes.at, j);
            let rate = rates(s, lanes, self.profiles, j, &at);
            store(&mut lanes.rate, rate, j);
            for _ in 0..self.steps {
                step(s, lanes, self.profiles, j);
            }
        }
    }
}

// Written out: the vectors' instructions do not get into closures that other functions call.

#[inline(always)]
fn load<S: Simd>(s: S, rows: &Eight<Row>, j: usize) -> Eight<Pair<S>> {
    let [a, b, c, d, e, f, g, h] = rows;
    [
        Pair::get(s, a, j),
        Pair::get(s, b, j),
        Pair::get(s, c, j),
        Pair::get(s, d, j),
        Pair::get(s, e, j),
        Pair::get(s, f, j),
        Pair::get(s, g, j),
        Pair::get(s, h, j),
    ]
}

#[inline(always)]
fn store<S: Simd>(rows: &mut Eight<Row>, [a, b, c, d, e, f, g, h]: Eight<Pair<S>>, j: usize) {
    a.put(&mut rows[0], j);
    b.put(&mut rows[1], j);
    c.put(&mut rows[2], j);
    d.put(&mut rows[3], j);
    e.put(&mut rows[4], j);
    f.put(&mut rows[5], j);
    g.put(&mut rows[6], j);
    h.put(&mut rows[7], j);
}

/// States and tangents at + h k.
#[inline(always)]
fn ahead<S: Simd>(at: &Eight<Pair<S>>, k: &Eight<Pair<S>>, h: Pair<S>) -> Eight<Pair<S>> {
    [
        h.mul_add(k[0], at[0]),
        h.mul_add(k[1], at[1]),
        h.mul_add(k[2], at[2]),
        h.mul_add(k[3], at[3]),
        h.mul_add(k[4], at[4]),
        h.mul_add(k[5], at[5]),
        h.mul_add(k[6], at[6]),
        h.mul_add(k[7], at[7]),
    ]
}

/// (omega y - gamma x, -omega x - gamma y).
#[inline(always)]
fn turned<S: Simd>(omega: Pair<S>, gamma: Pair<S>, x: Pair<S>, y: Pair<S>) -> (Pair<S>, Pair<S>) {
    let zero = Pair::all(x.0, 0.0);
    (omega.mul_add(y, zero - gamma * x), zero - omega.mul_add(x, gamma * y))
}

/// Rates of change of states and tangents, per tau_c.
#[inline(always)]
fn rates<S: Simd>(
    s: S,
    lanes: &mut Lanes,
    profiles: &[Option<&F00Jets>; LANES],
    j: usize,
    [x, y, z, v, t_x, t_y, t_z, t_v]: &Eight<Pair<S>>,
) -> Eight<Pair<S>> {
    let (zero, one, two, half) = (Pair::all(s, 0.0), Pair::all(s, 1.0), Pair::all(s, 2.0), Pair::all(s, 0.5));
    let xi = Pair::get(s, &lanes.xi_0, j) - Pair::all(s, SQRT_2) * *v;
    let mut d = xi.abs() - Pair::get(s, &lanes.node, j);
    if Pair::get(s, &lanes.reach, j).is_less_anywhere(d.abs()) {
        let mut row = [0.0; LANES];
        xi.put(&mut row, j);
        look_up_all(lanes, profiles, &row, 2 * width::<S>() * j..2 * width::<S>() * (j + 1));
        d = xi.abs() - Pair::get(s, &lanes.node, j);
    }
    // Horner's scheme, repeated: derivatives over factorials.
    let last = Pair::get(s, &lanes.jet[JET_TERMS - 1], j);
    let (mut f0, mut f1, mut f2, mut f3) = (last, zero, zero, zero);
    for k in (0..JET_TERMS - 1).rev() {
        f3 = f3.mul_add(d, f2);
        f2 = f2.mul_add(d, f1);
        f1 = f1.mul_add(d, f0);
        f0 = f0.mul_add(d, Pair::get(s, &lanes.jet[k], j));
    }
    let odd = xi.if_less(zero, Pair::all(s, -1.0), one);
    // Elements of the conductance, and their derivatives by V.
    let (f00, f01, f11) = (f0, Pair::all(s, FRAC_1_SQRT_2) * odd * f1, f0 + f2);
    let by_v = Pair::all(s, -SQRT_2) * odd;
    let (f00_v, f01_v, f11_v) = (by_v * f1, zero - two * f2, by_v * Pair::all(s, 3.0).mul_add(f3, f1));
    let (up, down) = (half + half * *z, half - half * *z);
    let g = up.mul_add(f00, x.mul_add(f01, down * f11));
    let g_v = up.mul_add(f00_v, x.mul_add(f01_v, down * f11_v));
    let (r_n, relaxation) = (Pair::get(s, &lanes.r_n, j), Pair::get(s, &lanes.relaxation, j));
    let (omega, gamma) = (Pair::get(s, &lanes.omega, j), Pair::get(s, &lanes.gamma, j));
    let leak = r_n.mul_add(g, one);
    let v_dot = Pair::get(s, &lanes.v_n, j) - leak * *v;
    let bracket = f01.mul_add(*t_x, (half * (f00 - f11)).mul_add(*t_z, g_v * *t_v));
    let w_dot = zero - leak.mul_add(*t_v, r_n * *v * bracket);
    let (x_dot, y_dot) = turned(omega, gamma, *x, *y);
    let (t_x_dot, t_y_dot) = turned(omega, gamma, *t_x, *t_y);
    let (kick, t_kick) = (v_dot * *z, w_dot.mul_add(*z, v_dot * *t_z));
    let (tilt, t_tilt) = (v_dot * *x, w_dot.mul_add(*x, v_dot * *t_x));
    [
        two.mul_add(kick, x_dot),
        y_dot,
        zero - two.mul_add(tilt, relaxation * (*z - Pair::get(s, &lanes.z_t, j))),
        v_dot,
        two.mul_add(t_kick, t_x_dot),
        t_y_dot,
        zero - two.mul_add(t_tilt, relaxation * *t_z),
        w_dot,
    ]
}

/// One step of RK4 of a pair of vectors.
#[inline(always)]
fn step<S: Simd>(s: S, lanes: &mut Lanes, profiles: &[Option<&F00Jets>; LANES], j: usize) {
    let dt = Pair::get(s, &lanes.dt, j);
    let half = Pair::all(s, 0.5) * dt;
    let (at, k1) = (load(s, &lanes.at, j), load(s, &lanes.rate, j));
    let k2 = rates(s, lanes, profiles, j, &ahead(&at, &k1, half));
    let k3 = rates(s, lanes, profiles, j, &ahead(&at, &k2, half));
    let k4 = rates(s, lanes, profiles, j, &ahead(&at, &k3, dt));
    let (one, two) = (Pair::all(s, 1.0), Pair::all(s, 2.0));
    let sum = ahead(&ahead(&ahead(&k1, &k2, two), &k3, two), &k4, one);
    let next = ahead(&at, &sum, Pair::all(s, 1.0 / 6.0) * dt);
    let rate = rates(s, lanes, profiles, j, &next);
    let (v, v_dot) = (next[V], rate[V]);
    let low = v.min(Pair::get(s, &lanes.low, j));
    let high = v.max(Pair::get(s, &lanes.high, j));
    low.put(&mut lanes.low, j);
    high.put(&mut lanes.high, j);
    let area = Pair::all(s, 0.5).mul_add(at[V] + v, Pair::all(s, 1.0 / 12.0) * dt * (k1[V] - v_dot));
    let weight = Pair::get(s, &lanes.weight, j);
    weight.mul_add(area, Pair::get(s, &lanes.area, j)).put(&mut lanes.area, j);
    if (k1[V] * v_dot).is_less_anywhere(Pair::all(s, f64::MIN_POSITIVE)) {
        let (mut ends, mut rates) = ([0.0; LANES], [0.0; LANES]);
        v.put(&mut ends, j);
        v_dot.put(&mut rates, j);
        between(lanes, &ends, &rates, 2 * width::<S>() * j..2 * width::<S>() * (j + 1));
    }
    store(&mut lanes.at, next, j);
    store(&mut lanes.rate, rate, j);
}

/// Takes extrema of V between the beginning of a step, in the lanes, and its end into account.
#[inline(never)]
fn between(lanes: &mut Lanes, ends: &Row, rates: &Row, which: Range<usize>) {
    for i in which {
        let end = |v, rate| StepEnd { v, rate, z: 0.0, z_rate: 0.0 };
        let (a, b) = (end(lanes.at[V][i], lanes.rate[V][i]), end(ends[i], rates[i]));
        if lanes.dt[i] > 0.0 && has_extremum(a, b) {
            let at = extremum(a, b, lanes.dt[i]).1;
            (lanes.low[i], lanes.high[i]) = (lanes.low[i].min(at), lanes.high[i].max(at));
        }
    }
}

/// Looks up the coefficients of those lanes that have left their node's reach.
#[inline(never)]
fn look_up_all(lanes: &mut Lanes, profiles: &[Option<&F00Jets>; LANES], xi: &Row, which: Range<usize>) {
    for i in which {
        if let (Some(profile), true) = (profiles[i], (xi[i].abs() - lanes.node[i]).abs() > lanes.reach[i]) {
            lanes.look_up(i, profile, xi[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameters;

    /// States and tangents of 16 motions after some steps, by these instructions.
    fn after(steps: u32, arch: Arch) -> Eight<Row> {
        let p = Parameters { alpha: 1.69, z_t: 0.78, omega: 4.36, ..Parameters::at(12.8, 47.0, 0.114) };
        let profile = F00Jets::new(p.l, p.lambda);
        let mut lanes = Lanes::new();
        for i in 0..LANES {
            let start = State { x: 0.1, y: -0.2, z: 0.4, v: 0.1 * i as f64 };
            let path = Path::new(&p, &profile, start, State { x: 0.5, y: -0.5, z: 0.5, v: 0.5 }, 0.005);
            lanes.put(i, &path);
            lanes.begin(i, path.dt);
        }
        arch.dispatch(Run { lanes: &mut lanes, steps, profiles: &[Some(&profile); LANES] });
        lanes.at
    }

    #[test]
    fn any_instructions_give_the_same_tangents() {
        let here = after(400, Arch::new());
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = pulp::x86::V3::try_new() {
            let bits = |at: Eight<Row>| at.map(|row| row.map(f64::to_bits));
            assert_eq!(bits(here), bits(after(400, Arch::V3(v3))), "fused alike, so alike to the bit");
        }
        // Without fused multiply-adds only the last bits differ.
        for (a, b) in here.iter().flatten().zip(after(400, Arch::Scalar).iter().flatten()) {
            assert!((a - b).abs() < 1e-9 * (1.0 + a.abs()), "{a} {b}");
        }
    }
}
