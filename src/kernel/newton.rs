//! Newton's method on the return map, pass by pass. Twin of `shaders/newton.wgsl`.
//!
//! A cycle of period T is a point u with φ_T(u) = u, where φ is the flow. The method moves a point u in the
//! hyperplane that the motion crosses where it was left, and the period:
//!
//! ```text
//! Σ a_i (D_i - e_i) + δT f(φ) = u - φ_T(u),   u → u + Σ a_i e_i,   T → T + δT
//! ```
//!
//! with e_1, e_2, e_3 orthonormal and orthogonal to the flow at the motion's point, and D_i the derivative
//! of φ_T(u) along e_i. Each term comes from a pass, a run of the plain kernel over one period: from u, and
//! from u displaced along each e_i. So all cells of a group take the same steps, whatever they are doing.
//! The displacement is small enough that curvature changes the tangents by less than Newton's method needs.
//!
//! The multipliers are the eigenvalues of D, projected along the flow onto the hyperplane.

use super::Real;
use super::constants::{DOUBLINGS, NEGLIGIBLE};
use super::multipliers::roots;
use super::rk4::moved;
use crate::model::State;

/// Directions of the hyperplane.
pub const DIRECTIONS: usize = 3;

/// What Newton's method remembers between passes, laid out as in the shader's buffers.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Newton<T> {
    /// Where the motion was left.
    pub from: State<T>,
    /// Direction of the flow there, of length 1.
    pub flow: State<T>,
    /// The method's point.
    pub point: State<T>,
    /// Where the motion from the point is one period later.
    pub end: State<T>,
    /// Rates of change there, per tau_c.
    pub end_rate: State<T>,
    /// Derivatives of the end by the point, along the three directions.
    pub tangents: [State<T>; DIRECTIONS],
    /// Period, in tau_c.
    pub period: T,
    /// Period of the first guess.
    pub first_period: T,
    /// Extent of the motion when the method began: its span, and its coherences.
    pub size: T,
    /// Span that the normal form predicts; 0 without a prediction.
    pub expected: T,
    /// Lowest V of the latest period.
    pub low: T,
    /// Highest V of the latest period.
    pub high: T,
    /// Mean V of the latest period.
    pub mean: T,
    /// Length of the latest change of the point.
    pub change: T,
    /// Distance of the point from where the tangents were taken.
    pub stale: T,
    /// Largest modulus of a multiplier.
    pub multiplier: T,
    /// Returns after which the return map has turned back.
    pub rotation: T,
    /// Where the return map would have taken the motion, in the hyperplane.
    pub linear: [T; DIRECTIONS],
    /// Distance of the motion from the cycle when it was left.
    pub distance: T,
    /// Matrix of the norm in which the return map contracts: entries 11, 12, 13, 22, 23, 33.
    pub norm: [T; 6],
    /// Maxima of V in the latest period.
    pub maxima: u32,
    /// Periods from the point so far.
    pub iterations: u32,
    /// Whether there are tangents: 0 or 1.
    pub has_tangents: u32,
}

/// Inner product of two states.
#[inline]
pub(super) fn dot<T: Real>(a: &State<T>, b: &State<T>) -> T {
    (a.x * b.x + a.y * b.y) + (a.z * b.z + a.v * b.v)
}

/// Difference of two states.
#[inline]
pub(super) fn minus<T: Real>(a: &State<T>, b: &State<T>) -> State<T> {
    State { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z, v: a.v - b.v }
}

impl<T: Real> Newton<T> {
    /// A record of nothing.
    #[must_use]
    pub fn nothing() -> Self {
        let zero = T::zero();
        let s = State { x: zero, y: zero, z: zero, v: zero };
        Self {
            from: s,
            flow: s,
            point: s,
            end: s,
            end_rate: s,
            tangents: [s; DIRECTIONS],
            period: zero,
            first_period: zero,
            size: zero,
            expected: zero,
            low: zero,
            high: zero,
            mean: zero,
            change: zero,
            stale: zero,
            multiplier: zero,
            rotation: zero,
            linear: [zero; DIRECTIONS],
            distance: zero,
            norm: [zero; 6],
            maxima: 0,
            iterations: 0,
            has_tangents: 0,
        }
    }

    /// Extent of the latest period: its span, and the coherences at its beginning.
    #[inline]
    pub(super) fn extent(&self) -> T {
        (self.high - self.low) + self.point.x.abs() + self.point.y.abs()
    }

    /// Direction `i` of the hyperplane, by a reflection that carries the first axis to the flow.
    #[inline]
    pub(super) fn direction(&self, i: usize) -> State<T> {
        let (one, zero, f) = (T::one(), T::zero(), &self.flow);
        let component = [f.y, f.z, f.v][i];
        let by = -component / (one + f.x.abs());
        let x = f.x + if f.x < zero { -one } else { one };
        let own = |j: usize| if i == j { one } else { zero };
        State { x: by * x, y: own(0) + by * f.y, z: own(1) + by * f.z, v: own(2) + by * f.v }
    }

    /// The point displaced along direction `i`.
    pub(super) fn displaced(&self, i: usize) -> State<T> {
        moved(&self.point, &self.direction(i), T::of(T::TANGENT) * self.size)
    }

    /// Takes the tangent of direction `i` from where the displaced point has come to.
    pub(super) fn take_tangent(&mut self, i: usize, end: &State<T>) {
        let by = T::one() / (T::of(T::TANGENT) * self.size);
        let d = minus(end, &self.end);
        self.tangents[i] = State { x: by * d.x, y: by * d.y, z: by * d.z, v: by * d.v };
    }

    /// Newton's change of the point along the three directions, and of the period: by elimination with
    /// pivots. Not finite where there is none.
    #[expect(clippy::needless_range_loop, reason = "elimination goes by indices, as in the shader")]
    pub(super) fn solve(&self) -> [T; 4] {
        let column = |i: usize| minus(&self.tangents[i], &self.direction(i));
        let columns = [column(0), column(1), column(2), self.end_rate, minus(&self.point, &self.end)];
        let mut rows: [[T; 5]; 4] =
            [columns.map(|c| c.x), columns.map(|c| c.y), columns.map(|c| c.z), columns.map(|c| c.v)];
        for k in 0..4 {
            // The largest one of the column comes to the top.
            for i in k + 1..4 {
                if rows[i][k].abs() > rows[k][k].abs() {
                    rows.swap(i, k);
                }
            }
            for i in k + 1..4 {
                let by = rows[i][k] / rows[k][k];
                for j in k + 1..5 {
                    rows[i][j] = rows[i][j] - by * rows[k][j];
                }
            }
        }
        let mut found = [T::zero(); 4];
        for k in (0..4).rev() {
            let mut rest = rows[k][4];
            for j in k + 1..4 {
                rest = rest - rows[k][j] * found[j];
            }
            found[k] = rest / rows[k][k];
        }
        found
    }

    /// Moves the point and the period.
    pub(super) fn apply(&mut self, a: &[T; 4]) {
        for (i, a) in a.iter().enumerate().take(DIRECTIONS) {
            self.point = moved(&self.point, &self.direction(i), *a);
        }
        self.period = self.period + a[3];
    }

    /// Coordinates in the hyperplane of a displacement from the point, projected along the flow.
    pub(super) fn projected(&self, d: &State<T>) -> [T; DIRECTIONS] {
        let share = dot(&self.flow, d) / dot(&self.flow, &self.end_rate);
        let on_plane = moved(d, &self.end_rate, -share);
        [0, 1, 2].map(|i| dot(&self.direction(i), &on_plane))
    }

    /// The return map's derivative in the hyperplane, by columns.
    pub(super) fn return_map(&self) -> [[T; DIRECTIONS]; DIRECTIONS] {
        self.tangents.map(|t| self.projected(&t))
    }

    /// Takes the multipliers, the return map's eigenvalues: the largest modulus, and when they have turned back.
    pub fn take_multipliers(&mut self) {
        let [a, b, c] = self.return_map();
        let c_2 = -(a[0] + b[1] + c[2]);
        let c_1 = (a[0] * b[1] - a[1] * b[0]) + (a[0] * c[2] - a[2] * c[0]) + (b[1] * c[2] - b[2] * c[1]);
        let c_0 = -(a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1])
            + c[0] * (a[1] * b[2] - a[2] * b[1]));
        [self.multiplier, self.rotation] = roots([c_0, c_1, c_2]);
    }

    /// Sets the norm |r|² = Σ_k |A^k r|²/γ^2k of the return map A, with γ half way from its largest multiplier to
    /// 1: in it, A contracts by γ or more. The sum doubles its length in each step.
    pub(super) fn take_norm(&mut self) {
        let (zero, one) = (T::zero(), T::one());
        let by = T::of(2.0) / (one + self.multiplier);
        // By columns.
        let mut b = self.return_map().map(|c| c.map(|x| by * x));
        let mut p = [[one, zero, zero], [zero, one, zero], [zero, zero, one]];
        for _ in 0..DOUBLINGS {
            // P + Bᵀ P B, and B².
            let pb = b.map(|c| [0, 1, 2].map(|i| p[0][i] * c[0] + p[1][i] * c[1] + p[2][i] * c[2]));
            let mut size = zero;
            for i in 0..3 {
                for j in 0..3 {
                    p[j][i] = p[j][i] + (b[i][0] * pb[j][0] + b[i][1] * pb[j][1] + b[i][2] * pb[j][2]);
                    size = size.max(b[j][i].abs());
                }
            }
            b = b.map(|c| [0, 1, 2].map(|i| b[0][i] * c[0] + b[1][i] * c[1] + b[2][i] * c[2]));
            if size < T::of(NEGLIGIBLE) {
                break;
            }
        }
        self.norm = [p[0][0], p[1][0], p[2][0], p[1][1], p[2][1], p[2][2]];
    }

    /// Length of a vector of the hyperplane in this norm.
    pub(super) fn length(&self, r: [T; DIRECTIONS]) -> T {
        let [a, b, c, d, e, f] = self.norm;
        let two = T::of(2.0);
        (r[0] * (a * r[0] + two * (b * r[1] + c * r[2])) + r[1] * (d * r[1] + two * e * r[2]) + r[2] * (f * r[2]))
            .sqrt()
    }

    /// Takes the norm, and the motion's distance from the cycle in it.
    pub fn begin_returns(&mut self) {
        self.take_norm();
        let d = minus(&self.from, &self.point);
        self.linear = [0, 1, 2].map(|i| dot(&self.direction(i), &d));
        self.distance = self.length(self.linear);
    }

    /// One more return of the motion, and of the return map: the distances from the cycle of both, and of one from
    /// the other.
    pub(super) fn take_return(&mut self, end: &State<T>) -> [T; 3] {
        let [a, b, c] = self.return_map();
        let r = self.linear;
        self.linear = [0, 1, 2].map(|i| a[i] * r[0] + b[i] * r[1] + c[i] * r[2]);
        let own = self.projected(&minus(end, &self.point));
        let rest = [0, 1, 2].map(|i| own[i] - self.linear[i]);
        [self.length(own), self.length(self.linear), self.length(rest)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn state(u: [f64; 4]) -> State<f64> {
        State { x: u[0], y: u[1], z: u[2], v: u[3] }
    }

    /// A record whose flow has this direction.
    fn with_flow(flow: [f64; 4]) -> Newton<f64> {
        let norm = flow.iter().map(|c| c * c).sum::<f64>().sqrt();
        Newton { flow: state(flow.map(|c| c / norm)), size: 1.0, ..Newton::nothing() }
    }

    proptest! {
        #[test]
        fn directions_are_orthonormal_and_orthogonal_to_the_flow(flow in prop::array::uniform4(-1.0..1.0f64)) {
            prop_assume!(flow.iter().any(|c| c.abs() > 1e-3));
            let n = with_flow(flow);
            for i in 0..3 {
                prop_assert!(dot(&n.flow, &n.direction(i)).abs() < 1e-14);
                for j in 0..3 {
                    let expected = if i == j { 1.0 } else { 0.0 };
                    prop_assert!((dot(&n.direction(i), &n.direction(j)) - expected).abs() < 1e-14);
                }
            }
        }

        #[test]
        fn newtons_change_solves_a_linear_flow(
            m in prop::array::uniform16(-0.5..0.5f64), flow in prop::array::uniform4(0.1..1.0f64),
            at in prop::array::uniform4(-1.0..1.0f64),
        ) {
            // φ(u) = M u has the fixed point 0 for the period; the flow at the end is that of `flow`.
            let times = |u: [f64; 4]| state(std::array::from_fn(|i| (0..4).map(|j| m[4 * i + j] * u[j]).sum()));
            let mut n = with_flow(flow);
            n.point = state(at);
            n.end = times(at);
            n.end_rate = n.flow;
            for i in 0..3 {
                let d = n.direction(i);
                n.tangents[i] = times([d.x, d.y, d.z, d.v]);
            }
            let a = n.solve();
            prop_assume!(a.iter().all(|c| c.abs() < 100.0));
            let (moved_to, period) = { let mut after = n; after.apply(&a); (after.point, after.period) };
            // At the new point φ_T(u) + δT f = u, to first order, which is exact here.
            let u = [moved_to.x, moved_to.y, moved_to.z, moved_to.v];
            let end = moved(&times(u), &n.end_rate, period);
            let off = minus(&end, &moved_to);
            prop_assert!(dot(&off, &off).sqrt() < 1e-9, "{off:?}");
        }
    }
}
