//! The static current–voltage curve and its equilibria, folds and cusps (Eqs. 13, E1–E5).
//!
//! Equilibria have X = Y = 0, Z = Z_T and f(V) = V_n - V - R_n h(V) = 0 with h(V) = V g(V), g the
//! conductance at Z = Z_T. h depends on geometry and Z_T alone. Between two zeros of h'' its slope
//! h' is monotonic, so it equals -1/R_n at most once there: that finds every fold. Between two
//! folds f is monotonic, so it vanishes at most once: that finds every equilibrium.

use super::roots;
use crate::model::F00Jets;
use std::f64::consts::SQRT_2;
use std::sync::Arc;

/// The current h(V) = V g(V) at Z = Z_T for one geometry, with the zeros of h''.
#[derive(Debug, Clone)]
pub struct IvCurve {
    profile: Arc<F00Jets>,
    /// x_0 / l.
    well: f64,
    /// (1 - Z_T) / 4: g = F_00 + c F_00'' by F_11 = F_00 + ½ F_00''.
    c: f64,
    /// Zeros of h'' in order, with the ends of the region where h is not 0 as first and last.
    knots: Vec<f64>,
}

/// A cusp, where two folds meet (Eqs. E1–E3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cusp {
    /// Voltage V.
    pub v: f64,
    /// Resistance R_n above which there is hysteresis.
    pub r_n: f64,
    /// Input voltage V_n.
    pub v_n: f64,
}

impl IvCurve {
    /// The curve for a well at `x_0` and oscillator length `l` (both in units of L), and thermal
    /// value `z_t`.
    #[must_use]
    pub fn new(profile: Arc<F00Jets>, x_0: f64, l: f64, z_t: f64) -> Self {
        let (end, well) = (profile.end(), x_0 / l);
        let mut curve = Self { profile, well, c: 0.25 * (1.0 - z_t), knots: Vec::new() };
        let (low, high) = ((well - end) / SQRT_2, (well + end) / SQRT_2);
        // F_00 is smoothed by a Gaussian of width 1 in xi, or by a wider sech, so an interval of
        // 1/40 of that width cannot hide a pair of roots.
        let width = (end / 12.0).max(1.0);
        let cells = (((high - low) * SQRT_2) / (0.025 * width)).ceil() as usize;
        curve.knots =
            std::iter::once(low).chain(roots::all(|v| curve.current(v)[2], low, high, cells)).chain([high]).collect();
        curve
    }

    /// F_00 and its derivatives, from which the curve is made.
    #[must_use]
    pub fn profile(&self) -> &F00Jets {
        &self.profile
    }

    /// (h, h', h'', h''') at voltage `v`.
    #[inline]
    #[must_use]
    pub fn current(&self, v: f64) -> [f64; 4] {
        let f = self.profile.derivatives(self.well - SQRT_2 * v);
        let g: [f64; 4] = std::array::from_fn(|n| f[n] + self.c * f[n + 2]);
        // d xi / dV = -√2.
        let (g1, g2, g3) = (-SQRT_2 * g[1], 2.0 * g[2], -2.0 * SQRT_2 * g[3]);
        [v * g[0], g[0] + v * g1, 2.0 * g1 + v * g2, 3.0 * g2 + v * g3]
    }

    /// The input voltage at which `v` is an equilibrium: V + R_n h(V) (Eq. E5).
    #[must_use]
    pub fn input(&self, v: f64, r_n: f64) -> f64 {
        v + r_n * self.current(v)[0]
    }

    /// Voltages of the saddle-node bifurcations at resistance `r_n`: f'(V) = -1 - R_n h'(V) = 0 (Eq. E4), in order.
    #[must_use]
    pub fn folds(&self, r_n: f64) -> Vec<f64> {
        let slope = |v: f64| {
            let h = self.current(v);
            (1.0 + r_n * h[1], r_n * h[2])
        };
        let mut found = Vec::new();
        let mut left = (self.knots[0], slope(self.knots[0]).0);
        for &knot in &self.knots[1..] {
            let right = (knot, slope(knot).0);
            if (left.1 < 0.0) != (right.1 < 0.0) {
                found.push(roots::in_bracket(slope, left.0, right.0, left.1));
            }
            left = right;
        }
        found
    }

    /// All equilibria at input `v_n` and resistance `r_n`, in order.
    #[must_use]
    pub fn equilibria(&self, v_n: f64, r_n: f64) -> Vec<f64> {
        self.equilibria_between(v_n, r_n, &self.folds(r_n))
    }

    /// All equilibria at input `v_n` and resistance `r_n`, in order, given the `folds` at this
    /// resistance.
    #[must_use]
    pub fn equilibria_between(&self, v_n: f64, r_n: f64, folds: &[f64]) -> Vec<f64> {
        let missing = |v: f64| {
            let h = self.current(v);
            (v + r_n * h[0] - v_n, 1.0 + r_n * h[1])
        };
        // g ≥ 0, so every equilibrium is between 0 and V_n.
        let (low, high) = (v_n.min(0.0), v_n.max(0.0));
        let mut found = Vec::new();
        let mut left = (low, missing(low).0);
        if left.1 == 0.0 {
            found.push(low);
        }
        for v in folds.iter().copied().filter(|v| *v > low && *v < high).chain([high]) {
            let right = (v, missing(v).0);
            if right.1 == 0.0 && right.0 != left.0 {
                found.push(right.0);
            } else if roots::differ(left.1, right.1) {
                found.push(roots::in_bracket(missing, left.0, right.0, left.1));
            }
            left = right;
        }
        found
    }

    /// All cusps (Eqs. E1–E3): h'' = 0 where h' has a minimum below 0, so that folds are born at
    /// R_n = -1/h'.
    #[must_use]
    pub fn cusps(&self) -> Vec<Cusp> {
        let inner = &self.knots[1..self.knots.len() - 1];
        let at = |&v: &f64| {
            let h = self.current(v);
            let r_n = -1.0 / h[1];
            // Where h' is no more than rounding, R_n would be meaninglessly large.
            (h[3] > 0.0 && h[1] < -1e-9).then(|| Cusp { v, r_n, v_n: v + r_n * h[0] })
        };
        inner.iter().filter_map(at).collect()
    }

    /// Ends of the range of V outside which the device does not conduct.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        (self.knots[0], self.knots[self.knots.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(z_t: f64) -> IvCurve {
        IvCurve::new(Arc::new(F00Jets::new(0.5, 0.13)), 0.8, 0.5, z_t)
    }

    #[test]
    fn cusp_and_folds_of_the_paper() {
        let cusps = paper(1.0).cusps();
        let cusp = cusps.iter().find(|c| c.v > 0.0).expect("a cusp at positive V");
        assert!((cusp.v - 1.886_631_133).abs() < 1e-8, "{cusp:?}");
        assert!((cusp.r_n - 1.777_922_545).abs() < 1e-8 && (cusp.v_n - 2.445_427_544).abs() < 1e-8, "{cusp:?}");
        assert!(cusps.iter().any(|c| c.v < 0.0 && c.v_n < 0.0), "and one for the other sign: {cusps:?}");
        let curve = paper(1.0);
        let folds: Vec<f64> = curve.folds(8.0).into_iter().filter(|v| *v > 0.0).collect();
        let expected = [(1.433_628_872, 5.450_139_663), (2.668_910_214, 2.923_218_707)];
        assert_eq!(folds.len(), 2);
        for (v, (v_e, v_n_e)) in folds.iter().zip(expected) {
            assert!((v - v_e).abs() < 1e-8 && (curve.input(*v, 8.0) - v_n_e).abs() < 1e-8, "{v}");
        }
    }

    #[test]
    fn each_number_is_the_derivative_of_the_one_before() {
        for (z_t, v) in [(1.0, 0.4), (0.3, 1.9), (0.0, -0.7), (0.6, 3.0)] {
            let curve = paper(z_t);
            let [low, here, high] = [v - 1e-4, v, v + 1e-4].map(|v| curve.current(v));
            for n in 0..3 {
                let slope = (high[n] - low[n]) / 2e-4;
                assert!((slope - here[n + 1]).abs() < 1e-5 * (1.0 + slope.abs()), "{n}: {slope} {here:?}");
            }
        }
    }

    #[test]
    fn three_equilibria_between_the_folds_and_one_outside() {
        let curve = paper(1.0);
        for (v_n, n) in [(2.9, 1), (3.0, 3), (5.4, 3), (5.5, 1), (0.0, 1), (-1.0, 1)] {
            assert_eq!(curve.equilibria(v_n, 8.0).len(), n, "V_n = {v_n}");
        }
    }
}
