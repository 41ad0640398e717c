//! The static current–voltage curve and its equilibria, folds and cusps (Eqs. 13, E1–E5).
//!
//! Equilibria have X = Y = 0, Z = Z_T and f(V) = V_n - V - R_n h(V) = 0 with h(V) = V g(V), g the
//! conductance at Z = Z_T. h depends on geometry and Z_T alone. Between two zeros of h'' its slope
//! h' is monotonic, so it equals -1/R_n at most once there: that finds every fold. Between two
//! folds f is monotonic, so it vanishes at most once: that finds every equilibrium.

use super::roots;
use crate::model::{F00Jets, ORDERS};
use smallvec::SmallVec;
use std::f64::consts::SQRT_2;
use std::sync::Arc;

/// Voltages of a neuron's equilibria: there are rarely more than three.
pub type Voltages = SmallVec<[f64; 3]>;

/// What the curves of one geometry have in common: the current h = h_0 + c h_2 at equally spaced voltages.
#[derive(Debug, Clone)]
pub struct IvSamples {
    profile: Arc<F00Jets>,
    /// x_0 / l.
    well: f64,
    /// Ends of the region where h is not 0.
    ends: (f64, f64),
    voltages: Vec<f64>,
    /// (h, h', h'') of h_0 and of h_2 at each voltage.
    terms: [[Vec<f64>; 3]; 2],
}

/// The current h(V) = V g(V) at Z = Z_T for one geometry, with the zeros of h''.
#[derive(Debug, Clone)]
pub struct IvCurve {
    samples: Arc<IvSamples>,
    /// (1 - Z_T) / 4: g = F_00 + c F_00'' by F_11 = F_00 + ½ F_00''.
    c: f64,
    /// h at the samples' voltages.
    currents: Vec<f64>,
    /// h' there.
    slopes: Vec<f64>,
    /// A bound on |h''|.
    bend: f64,
    /// Zeros of h'' in order, with the ends of the region where h is not 0 as first and last.
    knots: Vec<f64>,
}

/// A fold, or saddle-node bifurcation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fold {
    /// Voltage V.
    pub v: f64,
    /// Input voltage V_n.
    pub v_n: f64,
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

/// (h, h', h'', h''') at voltage `v` from g and its derivatives with respect to xi, where d xi/dV = -√2.
#[inline]
fn current(v: f64, g: [f64; 4]) -> [f64; 4] {
    let (g1, g2, g3) = (-SQRT_2 * g[1], 2.0 * g[2], -2.0 * SQRT_2 * g[3]);
    [v * g[0], g[0] + v * g1, 2.0 * g1 + v * g2, 3.0 * g2 + v * g3]
}

impl IvSamples {
    /// The samples for a well at `x_0` and oscillator length `l` (both in units of L).
    #[must_use]
    pub fn new(profile: Arc<F00Jets>, x_0: f64, l: f64) -> Self {
        let (end, well) = (profile.end(), x_0 / l);
        let ends = ((well - end) / SQRT_2, (well + end) / SQRT_2);
        // F_00 is smoothed by a Gaussian of width 1 in xi, or by a wider sech, so an interval of
        // 1/40 of that width cannot hide a pair of roots.
        let width = (end / 12.0).max(1.0);
        let cells = (((ends.1 - ends.0) * SQRT_2) / (0.025 * width)).ceil() as usize;
        let voltages: Vec<f64> = (0..=cells).map(|i| roots::node(ends.0, ends.1, cells, i)).collect();
        let mut terms: [[Vec<f64>; 3]; 2] = Default::default();
        for v in &voltages {
            let f = profile.derivatives(well - SQRT_2 * v);
            for (n, term) in [0, 2].into_iter().zip(&mut terms) {
                let h = current(*v, [f[n], f[n + 1], f[n + 2], 0.0]);
                term.iter_mut().zip(h).for_each(|(term, h)| term.push(h));
            }
        }
        Self { profile, well, ends, voltages, terms }
    }
}

impl IvCurve {
    /// The curve for a well at `x_0` and oscillator length `l` (both in units of L), and thermal
    /// value `z_t`.
    #[must_use]
    pub fn new(profile: Arc<F00Jets>, x_0: f64, l: f64, z_t: f64) -> Self {
        Self::on(&Arc::new(IvSamples::new(profile, x_0, l)), z_t)
    }

    /// The curve for thermal value `z_t` from the samples of its geometry.
    #[must_use]
    pub fn on(samples: &Arc<IvSamples>, z_t: f64) -> Self {
        let (c, (low, high)) = (0.25 * (1.0 - z_t), samples.ends);
        let [of_0, of_2] = &samples.terms;
        let [currents, slopes, values] = std::array::from_fn(|n| {
            let pairs = of_0[n].iter().zip(&of_2[n]);
            pairs.map(|(h_0, h_2)| h_0 + c * h_2).collect::<Vec<f64>>()
        });
        // h'' changes little from one sample to the next.
        let bend = 2.0 * values.iter().fold(0.0_f64, |most, h_2| most.max(h_2.abs()));
        let mut curve = Self { samples: samples.clone(), c, currents, slopes, bend, knots: Vec::new() };
        let bent = |v: f64| {
            let [.., h_2, h_3] = curve.current(v);
            (h_2, h_3)
        };
        let within = |(a, f_a): (f64, f64), (b, f_b): (f64, f64)| {
            let secant = a - f_a * (b - a) / (f_b - f_a);
            roots::in_bracket_from(secant, f64::INFINITY, bent, a, b, f_a)
        };
        let inner = roots::all_between(&values, |v| bent(v).0, within, low, high);
        curve.knots = std::iter::once(low).chain(inner).chain([high]).collect();
        curve
    }

    /// F_00 and its derivatives, from which the curve is made.
    #[must_use]
    pub fn profile(&self) -> &F00Jets {
        &self.samples.profile
    }

    /// F_00's derivatives with respect to xi at voltage `v`.
    #[inline]
    #[must_use]
    pub fn derivatives(&self, v: f64) -> [f64; ORDERS] {
        self.profile().derivatives(self.samples.well - SQRT_2 * v)
    }

    /// (h, h', h'', h''') at voltage `v`.
    #[inline]
    #[must_use]
    pub fn current(&self, v: f64) -> [f64; 4] {
        let f = self.derivatives(v);
        current(v, std::array::from_fn(|n| f[n] + self.c * f[n + 2]))
    }

    /// h and h' alone, to the same bits.
    #[inline]
    fn current_and_slope(&self, v: f64) -> [f64; 2] {
        let (profile, xi) = (self.profile(), self.samples.well - SQRT_2 * v);
        let [g, g_1] = if self.c == 0.0 {
            profile.first_derivatives(xi)
        } else {
            let f: [f64; 4] = profile.first_derivatives(xi);
            [f[0] + self.c * f[2], f[1] + self.c * f[3]]
        };
        let [h, h_1, ..] = current(v, [g, g_1, 0.0, 0.0]);
        [h, h_1]
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

    /// The folds at resistance `r_n`, in order of V.
    #[must_use]
    pub fn folds_with_input(&self, r_n: f64) -> Vec<Fold> {
        self.folds(r_n).into_iter().map(|v| Fold { v, v_n: self.input(v, r_n) }).collect()
    }

    /// All equilibria at input `v_n` and resistance `r_n`, in order.
    #[must_use]
    pub fn equilibria(&self, v_n: f64, r_n: f64) -> Voltages {
        self.equilibria_between(v_n, r_n, &self.folds_with_input(r_n))
    }

    /// All equilibria at input `v_n` and resistance `r_n`, in order, between the `folds` at this
    /// resistance.
    #[must_use]
    pub fn equilibria_between(&self, v_n: f64, r_n: f64, folds: &[Fold]) -> Voltages {
        let missing = |v: f64| {
            let [h, h_1] = self.current_and_slope(v);
            (v + r_n * h - v_n, 1.0 + r_n * h_1)
        };
        // g ≥ 0, so every equilibrium is between 0 and V_n.
        let at_end = |v: f64| (v, if v == 0.0 { -v_n } else { missing(v).0 });
        let (low, high) = (v_n.min(0.0), v_n.max(0.0));
        let mut found = Voltages::new();
        let mut left = at_end(low);
        if left.1 == 0.0 {
            found.push(low);
        }
        let inner = folds.iter().filter(|fold| fold.v > low && fold.v < high).map(|fold| (fold.v, fold.v_n - v_n));
        for right in inner.chain([at_end(high)]) {
            if right.1 == 0.0 && right.0 != left.0 {
                found.push(right.0);
            } else if roots::differ(left.1, right.1) {
                let (x, a, b) = self.nearer(v_n, r_n, left, right.0);
                found.push(roots::in_bracket_from(x, r_n.abs() * self.bend, missing, a, b, left.1));
            }
            left = right;
        }
        found
    }

    /// Where to look for the only equilibrium between `left`, with f = V + R_n h - V_n there, and `right`: a first
    /// guess and a narrower bracket, by the curve's nodes.
    fn nearer(&self, v_n: f64, r_n: f64, left: (f64, f64), right: f64) -> (f64, f64, f64) {
        let (voltages, (first, end), last) = (&self.samples.voltages, self.samples.ends, self.currents.len() - 1);
        let per_volt = last as f64 / (end - first);
        let value = |i: usize| voltages[i] + r_n * self.currents[i] - v_n;
        // The nodes on either side, and halving between them; conversion to an integer saturates.
        let outer =
            (((left.0 - first) * per_volt).floor() as usize, (((right - first) * per_volt).ceil() as usize).min(last));
        let (mut low, mut high) = outer;
        while high > low + 1 {
            let middle = low + (high - low) / 2;
            if (value(middle) < 0.0) == (left.1 < 0.0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let a = if low > outer.0 { voltages[low] } else { left.0 };
        let b = if high < outer.1 { voltages[high] } else { right };
        let middle = 0.5 * (a + b);
        if high != low + 1 {
            return (middle, a, b);
        }
        // V as a function of f, by the cubic with the values and slopes at both nodes; not where f turns between them.
        let (f_a, f_b, width) = (value(low), value(high), voltages[high] - voltages[low]);
        let rise = f_b - f_a;
        let (t, slope) = (-f_a / rise, |i: usize| rise / (1.0 + r_n * self.slopes[i]));
        let rest = 1.0 - t;
        let x = voltages[low] + t * t * (3.0 - 2.0 * t) * width + t * rest * (rest * slope(low) - t * slope(high));
        (if x > a && x < b { x } else { middle }, a, b)
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn equilibria_are_found_to_rounding(v_n in -12.0..12.0f64, r_n in 0.0..20.0f64, z_t in 0.0..1.0f64) {
            let curve = paper(z_t);
            let found = curve.equilibria(v_n, r_n);
            let missing = |v: f64| (curve.input(v, r_n) - v_n, 1.0 + r_n * curve.current(v)[1]);
            for v in &found {
                let (rest, slope) = missing(*v);
                // Next to a fold a root is less exact, but f is as small.
                prop_assert!(rest.abs() <= 4e-15 * (1.0 + v_n.abs()) * (1.0 + slope.abs()), "{v}: {rest} {slope}");
            }
            // As many as there are changes of sign on fine steps.
            let signs: Vec<bool> = (0..=20_000).map(|i| missing(v_n * (f64::from(i) - 0.5) / 19_999.0).0 < 0.0).collect();
            prop_assert_eq!(found.len(), signs.windows(2).filter(|s| s[0] != s[1]).count());
        }

        #[test]
        fn value_and_slope_are_those_of_the_whole_current(v in -9.0..9.0f64, z_t in 0.0..1.0f64) {
            for curve in [paper(z_t), paper(1.0)] {
                prop_assert_eq!(&curve.current(v)[..2], &curve.current_and_slope(v)[..]);
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
