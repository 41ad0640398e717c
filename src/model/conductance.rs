//! The conductance functions F_ij(x_V) and their derivatives by quadrature, to f64 rounding.
//!
//! F_ij(x) = (2^(i+j) i! j! pi)^(-1/2) ∫ e^(-u²) H_i(u) H_j(u) sech((l u + x)/lambda) du
//! (Sec. II, below Eq. 9), with u = x̃/l. They depend on xi = x/l and lambda/l alone, so derivatives
//! are taken with respect to xi. Integrating by parts,
//! dⁿF_00/dxiⁿ = pi^(-1/2) ∫ e^(-u²) H_n(u) sech(…) du, and two identities follow:
//!
//! ```text
//! F_01 = (1/√2) dF_00/dxi        F_11 = F_00 + ½ d²F_00/dxi²
//! ```

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Number of derivatives that [`Conductance::derivatives`] can compute, F_00 itself included.
pub const MAX_DERIVATIVES: usize = 13;

/// Values of F_00, F_01 and F_11 at one position, or of one of their derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elements<T> {
    /// Conductance of the ground state.
    pub f00: T,
    /// Off-diagonal element, which couples the coherence X to the current.
    pub f01: T,
    /// Conductance of the excited state.
    pub f11: T,
}

/// The conductance functions for one geometry (l, lambda).
#[derive(Debug, Clone)]
pub struct Conductance {
    l: f64,
    /// Quadrature rule, with its table of the factor that does not depend on xi.
    rule: Rule,
}

#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// lambda ≤ l: trapezoid in v = (l u + x)/lambda, u = (lambda/l) v - xi; sech(v) is tabulated.
    InSech { ratio: f64, sech: Vec<f64> },
    /// lambda > l: trapezoid in u; the Gaussian is tabulated.
    InGauss { ratio: f64, gauss: Vec<f64> },
}

/// Step of the trapezoid rule.
///
/// The integrand's nearest pole is at least pi/2 away in either variable, so the rule's error is at
/// most about e^(-2 pi (pi/2)/H) = e^(-49).
pub(super) const H: f64 = 0.2;
/// End of the trapezoid rule in v: sech(40) = 1e-17 is below rounding.
pub(super) const V_END: f64 = 40.0;
/// End of the trapezoid rule in u: even e^(-81) H_8(9)² is far below the rounding of its integral.
pub(super) const U_END: f64 = 9.0;

pub(super) fn sech(v: f64) -> f64 {
    let e = (-v.abs()).exp();
    2.0 * e / (1.0 + e * e)
}

/// Derivatives sech⁽ⁿ⁾(v)/sech(v) for n < N, by the series of s' = -s t, t' = 1 - t² about v.
fn sech_derivatives<const N: usize>(v: f64) -> [f64; N] {
    let t_0 = v.tanh();
    let squared = sech(v).powi(2);
    // Taylor coefficients of s(v + h)/s(v) and t(v + h).
    let (mut s, mut t) = ([1.0; N], [t_0; N]);
    for k in 1..N {
        let product = |a: &[f64; N], b: &[f64; N]| (0..k).map(|i| a[i] * b[k - 1 - i]).sum::<f64>();
        (s[k], t[k]) = (-product(&s, &t) / k as f64, squared * product(&s, &s) / k as f64);
    }
    let mut factorial = 1.0;
    for (k, c) in s.iter_mut().enumerate().skip(1) {
        factorial *= k as f64;
        *c *= factorial;
    }
    s
}

/// The first N Hermite polynomials at `u`.
pub(super) fn hermite<const N: usize>(u: f64) -> [f64; N] {
    let mut hermite = [1.0; N];
    for n in 1..N {
        let before = if n > 1 { hermite[n - 2] } else { 0.0 };
        hermite[n] = 2.0 * u * hermite[n - 1] - 2.0 * (n as f64 - 1.0) * before;
    }
    hermite
}

/// Derivatives dⁿ/dxⁿ sech(x / ratio) for n < N.
pub(super) fn sech_over<const N: usize>(x: f64, ratio: f64) -> [f64; N] {
    let value = sech(x / ratio);
    let mut derivatives = sech_derivatives(x / ratio);
    for (n, d) in (0_i32..).zip(&mut derivatives) {
        *d *= value * ratio.powi(-n);
    }
    derivatives
}

/// Nodes of a trapezoid rule from -`end` to `end`, multiples of `H`.
fn nodes(end: f64) -> impl Iterator<Item = f64> {
    let n = (end / H).round() as i32;
    (-n..=n).map(|k| f64::from(k) * H)
}

impl Conductance {
    /// The conductance functions for oscillator length `l` and tunnelling length `lambda`, both in
    /// units of L.
    #[must_use]
    pub fn new(l: f64, lambda: f64) -> Self {
        let ratio = lambda / l;
        let rule = if ratio <= 1.0 {
            Rule::InSech { ratio, sech: nodes(V_END).map(sech).collect() }
        } else {
            Rule::InGauss { ratio, gauss: nodes(U_END).map(|u| (-u * u).exp()).collect() }
        };
        Self { l, rule }
    }

    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The integral pi^(-1/2) ∫ e^(-u²) w(u) sech((l u + x)/lambda) du for each component w of
    /// `weight`.
    fn average<const N: usize>(&self, xi: f64, weight: impl Fn(f64) -> [f64; N]) -> [f64; N] {
        let mut sum = [0.0; N];
        let mut add = |u: f64, factor: f64| {
            for (s, w) in sum.iter_mut().zip(weight(u)) {
                *s += factor * w;
            }
        };
        let step = match &self.rule {
            Rule::InSech { ratio, sech } => {
                for (v, s) in nodes(V_END).zip(sech) {
                    let u = ratio * v - xi;
                    if u.abs() <= U_END {
                        add(u, s * (-u * u).exp());
                    }
                }
                H * ratio
            }
            Rule::InGauss { ratio, gauss } => {
                for (u, g) in nodes(U_END).zip(gauss) {
                    add(u, g * sech((u + xi) / ratio));
                }
                H
            }
        };
        sum.map(|s| s * step / PI.sqrt())
    }

    /// F_00 and its derivatives dⁿF_00/dxiⁿ, n < N, at xi = x_V/l.
    ///
    /// The narrower factor is kept as it is and the wider one is differentiated: otherwise small
    /// derivatives would be differences of large numbers.
    #[must_use]
    pub fn derivatives<const N: usize>(&self, xi: f64) -> [f64; N] {
        const { assert!(N <= MAX_DERIVATIVES) };
        match self.rule {
            Rule::InSech { .. } => self.average(xi, hermite),
            Rule::InGauss { ratio, .. } => self.average(xi, |u| {
                let mut relative = sech_derivatives((u + xi) / ratio);
                for (n, d) in (0_i32..).zip(&mut relative) {
                    *d *= ratio.powi(-n);
                }
                relative
            }),
        }
    }

    /// F_00, F_01 and F_11 at position `x` (units of L), directly from their definition.
    ///
    /// ```
    /// let f = hopfmap::model::Conductance::new(0.5, 0.13).elements(0.8);
    /// assert!((f.f00 - 0.05700234308293506).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn elements(&self, x: f64) -> Elements<f64> {
        let [f00, f01, f11] = self.average(x / self.l, |u| [1.0, 2.0 * FRAC_1_SQRT_2 * u, 2.0 * u * u]);
        Elements { f00, f01, f11 }
    }

    /// The elements and their first three derivatives with respect to x_V (index: order), by the
    /// identities F_01 = (1/√2) dF_00/dxi and F_11 = F_00 + ½ d²F_00/dxi².
    #[must_use]
    pub fn element_derivatives(&self, x: f64) -> [Elements<f64>; 4] {
        let f: [f64; 6] = self.derivatives(x / self.l);
        std::array::from_fn(|n| {
            let per_length = self.l.powi(-(n as i32));
            Elements {
                f00: f[n] * per_length,
                f01: FRAC_1_SQRT_2 * f[n + 1] * per_length,
                f11: (f[n] + 0.5 * f[n + 2]) * per_length,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Positions and F_00, F_01, F_11 there at the default geometry, by an independent trapezoid
    /// rule in f64 on u in [-12, 12].
    const REFERENCE: [[f64; 4]; 6] = [
        [-1.0, 0.019940813145544616, 0.04034150356730737, 0.09051131933516132],
        [0.0, 0.4041602227015936, 0.0, 0.08666131994565653],
        [0.4, 0.24521213141221296, -0.2152402233779592, 0.24881462868624094],
        [0.8, 0.05700234308293506, -0.0958457176250527, 0.18117596480949108],
        [1.5, 0.0007287728493067201, -0.0018773474018209029, 0.005406161090787913],
        [3.0, 7.673054323605646e-09, -2.0867955232223444e-08, 6.442639964109772e-08],
    ];

    #[test]
    fn reference_values() {
        for [x, f00, f01, f11] in REFERENCE {
            let f = Conductance::new(0.5, 0.13).elements(x);
            assert!(
                (f.f00 - f00).abs() < 1e-12 && (f.f01 - f01).abs() < 1e-12 && (f.f11 - f11).abs() < 1e-12,
                "{x}: {f:?}"
            );
        }
    }

    /// Derivatives d/dxi and d²/dxi² of F_00 by differentiating sech under the integral,
    /// independent of the Hermite weights.
    fn slopes(l: f64, lambda: f64, x: f64) -> [f64; 2] {
        let (r, step) = (lambda / l, (lambda / l).min(1.0) / 64.0);
        let mut sum = [0.0; 2];
        let n = (12.0 / step) as i64;
        for u in (-n..=n).map(|k| k as f64 * step) {
            let v = (u + x / l) / r;
            let (s, t, g) = (sech(v), v.tanh(), (-u * u).exp() * step / PI.sqrt());
            sum[0] -= g * s * t / r;
            sum[1] += g * s * (1.0 - 2.0 * s * s) / (r * r);
        }
        sum
    }

    proptest! {
        #[test]
        fn identities_hold_for_any_geometry(l in 0.05..5.0f64, lambda in 0.02..5.0f64, x in -3.0..3.0f64) {
            let f = Conductance::new(l, lambda).elements(x);
            let [d1, d2] = slopes(l, lambda, x);
            prop_assert!((f.f01 - FRAC_1_SQRT_2 * d1).abs() < 1e-10, "{f:?} {d1}");
            prop_assert!((f.f11 - (f.f00 + 0.5 * d2)).abs() < 1e-10, "{f:?} {d2}");
            // The negative control: the identities detect a wrong factor.
            prop_assert!(d1.abs() < 1e-6 || (f.f01 - 0.7 * d1).abs() > 1e-10);
        }

        #[test]
        fn derivatives_match_differences(l in 0.2..2.0f64, lambda in 0.05..2.0f64, x in -2.0..2.0f64) {
            let c = Conductance::new(l, lambda);
            let h = 1e-4 * l.min(lambda);
            let here = c.element_derivatives(x);
            let (up, down) = (c.element_derivatives(x + h), c.element_derivatives(x - h));
            for n in 0..3 {
                for pick in [|e: &Elements<f64>| e.f00, |e: &Elements<f64>| e.f01, |e: &Elements<f64>| e.f11] {
                    let scale = l.min(lambda).powi(-(n as i32) - 1);
                    let difference = (pick(&up[n]) - pick(&down[n])) / (2.0 * h);
                    prop_assert!((difference - pick(&here[n + 1])).abs() < 1e-6 * scale, "order {}", n + 1);
                }
            }
        }
    }
}
