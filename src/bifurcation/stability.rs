//! Linear stability of an equilibrium: the Jacobian (Eq. 14), its eigenvalues (the task of Appendix
//! F) and the Hopf condition.
//!
//! With a = ∂V̇/∂V, b = ∂V̇/∂X and s = Z_T the matrix has the eigenvalue -alpha Gamma and those of
//! the (V, X, Y) block, the roots of mu³ + c_2 mu² + c_1 mu + c_0, where
//!
//! ```text
//! c_2 = 2 Gamma - a - 2 s b
//! c_1 = Gamma² + Omega² - 2 Gamma (a + s b)
//! c_0 = -a (Gamma² + Omega²)
//! ```
//!
//! A fold is c_0 = 0; a Hopf point is c_2 c_1 = c_0 with c_1 > 0, and its frequency is √c_1.

use super::iv_curve::IvCurve;
use crate::model::{F00Jets, ORDERS, Parameters};
use nalgebra::Complex;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::sync::Arc;

/// Largest value of the Hopf function at a root, relative to its terms: Newton's method leaves far
/// less, a jump far more.
const ROOT: f64 = 1e-6;

/// Linear stability of an equilibrium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stability {
    /// Every disturbance decays: no eigenvalue has a positive real part.
    Stable,
    /// One pair of complex eigenvalues has a positive real part: oscillations grow.
    UnstableFocus,
    /// One real eigenvalue is positive: the state leaves to one side or the other.
    Saddle,
    /// Two or more eigenvalues have positive real parts, other than a single complex pair.
    Unstable,
}

impl Stability {
    /// The stability that follows from the signs of the eigenvalues' real parts.
    #[must_use]
    pub fn of(eigenvalues: &[Complex<f64>; 4]) -> Self {
        let growing = || eigenvalues.iter().filter(|m| m.re > 0.0);
        match (growing().count(), growing().any(|m| m.im != 0.0)) {
            (0, _) => Stability::Stable,
            (2, true) => Stability::UnstableFocus,
            (1, _) => Stability::Saddle,
            _ => Stability::Unstable,
        }
    }

    /// Name of the stability in reports and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stability::Stable => "stable",
            Stability::UnstableFocus => "unstable focus",
            Stability::Saddle => "saddle",
            Stability::Unstable => "unstable",
        }
    }
}

/// The linear part of Eq. 10 about an equilibrium.
#[derive(Debug, Clone, Copy)]
pub struct Linear {
    /// ∂V̇/∂V.
    pub a: f64,
    /// ∂V̇/∂X = -R_n F_01 V.
    pub b: f64,
    /// ∂V̇/∂Z = (R_n/2) (F_11 - F_00) V.
    pub b_z: f64,
    gamma: f64,
    relaxation: f64,
    omega: f64,
    z_t: f64,
}

impl Linear {
    /// The linear part about the equilibrium at voltage `v`, with F_00's derivatives from
    /// `profile`.
    #[inline]
    #[must_use]
    pub fn at(v: f64, p: &Parameters<f64>, profile: &F00Jets) -> Self {
        Self::from_derivatives(v, p, &profile.derivatives(p.x_0 / p.l - SQRT_2 * v))
    }

    /// The linear part at voltage `v`, from F_00's derivatives with respect to xi there, up to the
    /// third.
    #[inline]
    #[must_use]
    pub fn from_derivatives(v: f64, p: &Parameters<f64>, f: &[f64]) -> Self {
        let c = 0.25 * (1.0 - p.z_t);
        let g = f[0] + c * f[2];
        let g_v = -SQRT_2 * (f[1] + c * f[3]);
        Self {
            a: -(1.0 + p.r_n * (g + v * g_v)),
            b: -p.r_n * FRAC_1_SQRT_2 * f[1] * v,
            b_z: 0.25 * p.r_n * f[2] * v,
            gamma: p.gamma,
            relaxation: p.alpha * p.gamma,
            omega: p.omega,
            z_t: p.z_t,
        }
    }

    /// The Jacobian of Eq. 14, in the paper's order (V, Z, X, Y).
    #[must_use]
    pub fn jacobian(&self) -> [[f64; 4]; 4] {
        let (a, b, b_z, s) = (self.a, self.b, self.b_z, self.z_t);
        [
            [a, b_z, b, 0.0],
            [0.0, -self.relaxation, 0.0, 0.0],
            [2.0 * s * a, 2.0 * s * b_z, 2.0 * s * b - self.gamma, self.omega],
            [0.0, 0.0, -self.omega, -self.gamma],
        ]
    }

    /// Coefficients (c_0, c_1, c_2) of the cubic.
    #[inline]
    #[must_use]
    pub fn cubic(&self) -> [f64; 3] {
        let (a, feedback, gamma) = (self.a, self.z_t * self.b, self.gamma);
        let rotation = gamma * gamma + self.omega * self.omega;
        [-a * rotation, rotation - 2.0 * gamma * (a + feedback), 2.0 * gamma - a - 2.0 * feedback]
    }

    /// The Hopf function c_2 c_1 - c_0: 0 at a Hopf point (and at neutral saddles, where c_1 < 0).
    ///
    /// With f = s b it is 2 (Gamma² + Omega²) (Gamma - f) + 2 Gamma (a + f) (a + 2 f - 2 Gamma),
    /// where nothing large cancels.
    #[inline]
    #[must_use]
    pub fn hopf_function(&self) -> f64 {
        let [damping, coupling] = self.hopf_terms();
        damping + coupling
    }

    #[inline]
    fn hopf_terms(&self) -> [f64; 2] {
        let (a, f, gamma) = (self.a, self.z_t * self.b, self.gamma);
        let rotation = gamma * gamma + self.omega * self.omega;
        [2.0 * rotation * (gamma - f), 2.0 * gamma * (a + f) * (a + 2.0 * f - 2.0 * gamma)]
    }

    /// Whether the Hopf function is 0, up to `ROOT` of its terms, without all of them being 0.
    ///
    /// If all terms are 0, no eigenvalue crosses the imaginary axis.
    #[must_use]
    pub fn is_hopf_root(&self) -> bool {
        let (f, rotation) = (self.z_t * self.b, self.gamma * self.gamma + self.omega * self.omega);
        let size = 2.0 * rotation * (self.gamma.abs() + f.abs()) + self.hopf_terms()[1].abs();
        size > 0.0 && self.hopf_function().abs() <= ROOT * size
    }

    /// The eigenvalues: -alpha Gamma first, then the cubic's, a real one before a complex pair.
    #[inline]
    #[must_use]
    pub fn eigenvalues(&self) -> [Complex<f64>; 4] {
        let [r, s, t] = cubic_roots(self.cubic());
        [Complex::new(-self.relaxation, 0.0), r, s, t]
    }

    /// Friction of the pendulum, Gamma + Z_T R_n F_01 V, per tau_c: half the factor of dX/dt in Eq. 15 with Z held at Z_T (1 in
    /// the paper).
    ///
    /// From the rate of X with Z = Z_T, d²X/dt² + 2 (Gamma + Z_T R_n F_01 V) dX/dt + (Omega² + Gamma²) X = ε. The pump
    /// Z_T R_n F_01 V comes from the coherences: without it no oscillation grows.
    #[must_use]
    pub fn friction(&self) -> f64 {
        self.gamma - self.z_t * self.b
    }

    /// Stability of the equilibrium, by the signs of the eigenvalues' real parts.
    #[must_use]
    pub fn stability(&self) -> Stability {
        Stability::of(&self.eigenvalues())
    }
}

/// Roots of mu³ + c_2 mu² + c_1 mu + c_0: a real one by Newton's method from a bound, then
/// deflation.
#[inline]
fn cubic_roots([c_0, c_1, c_2]: [f64; 3]) -> [Complex<f64>; 3] {
    // Shifted by the inflection the cubic is x³ + p x + q; start beyond its outermost real root on
    // the side of -q.
    let shift = c_2 / 3.0;
    let p = c_1 - c_2 * shift;
    let q = (2.0 * shift * shift - c_1) * shift + c_0;
    // Where p > 0 there is one real root, x = -q / (x² + p), so -q/p is beyond it too, and near it where q² < p³.
    let linear = -q / p;
    let mut x = if p > 0.0 && linear * linear < p {
        linear
    } else {
        let bound = 2.0 * q.abs().cbrt().max((p.abs() / 3.0).sqrt()) * 1.0001;
        if q > 0.0 { -bound } else { bound }
    };
    for _ in 0..100 {
        let value = (x * x + p) * x + q;
        let slope = 3.0 * x * x + p;
        let next = x - value / slope;
        let moved = (next - x).abs();
        if !next.is_finite() || moved <= f64::EPSILON * x.abs() {
            break;
        }
        x = next;
    }
    let root = x - shift;
    // Deflation: mu² + (c_2 + root) mu + (c_1 + (c_2 + root) root).
    let half = 0.5 * (c_2 + root);
    let product = c_1 + 2.0 * half * root;
    let discriminant = half * half - product;
    if discriminant >= 0.0 {
        let far = -half - if half < 0.0 { -discriminant.sqrt() } else { discriminant.sqrt() };
        let near = if far == 0.0 { 0.0 } else { product / far };
        return [root, far, near].map(|r| Complex::new(r, 0.0));
    }
    let rotation = (-discriminant).sqrt();
    [Complex::new(root, 0.0), Complex::new(-half, rotation), Complex::new(-half, -rotation)]
}

/// An equilibrium with its linear part.
#[derive(Debug, Clone, Copy)]
pub struct Equilibrium {
    /// Voltage V* of the equilibrium.
    pub v: f64,
    /// The linear part of Eq. 10 about the equilibrium.
    pub linear: Linear,
    /// The eigenvalues of the linear part, as by [`Linear::eigenvalues`].
    pub eigenvalues: [Complex<f64>; 4],
    /// Derivatives dⁿF_00/dxiⁿ at the equilibrium.
    pub derivatives: [f64; ORDERS],
}

impl Equilibrium {
    /// The equilibrium at voltage `v`, where there is one.
    #[must_use]
    pub fn at(v: f64, p: &Parameters<f64>, profile: &F00Jets) -> Self {
        Self::from_derivatives(v, p, &profile.derivatives(p.x_0 / p.l - SQRT_2 * v))
    }

    /// The equilibrium at voltage `v`, from F_00's derivatives with respect to xi there.
    #[must_use]
    pub fn from_derivatives(v: f64, p: &Parameters<f64>, derivatives: &[f64; ORDERS]) -> Self {
        let linear = Linear::from_derivatives(v, p, derivatives);
        Self { v, linear, eigenvalues: linear.eigenvalues(), derivatives: *derivatives }
    }

    /// Stability of the equilibrium, by the signs of the eigenvalues' real parts.
    #[must_use]
    pub fn stability(&self) -> Stability {
        Stability::of(&self.eigenvalues)
    }
}

/// Every equilibrium of a neuron, in order of V, for a known current–voltage curve and profile.
#[must_use]
pub fn equilibria_on(p: &Parameters<f64>, curve: &IvCurve, profile: &F00Jets) -> Vec<Equilibrium> {
    curve.equilibria(p.v_n, p.r_n).into_iter().map(|v| Equilibrium::at(v, p, profile)).collect()
}

/// Every equilibrium of one neuron, in order of V, with its linear part.
///
/// For many neurons of one geometry, [`equilibria_on`] takes their common profile and
/// current–voltage curve.
#[must_use]
pub fn equilibria(p: &Parameters<f64>) -> Vec<Equilibrium> {
    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    equilibria_on(p, &IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t), &profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Matrix4;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eigenvalues_agree_with_a_numeric_solver(
            v in -4.0..4.0f64, r_n in 0.0..16.0f64, gamma in 0.0..2.0f64, alpha in 0.0..2.0f64, z_t in 0.0..1.0f64,
            omega in 1.0..12.0f64,
        ) {
            let p = Parameters { v_n: 0.0, r_n, gamma, alpha, z_t, omega, x_0: 0.8, l: 0.5, lambda: 0.13 };
            let linear = Linear::at(v, &p, &F00Jets::new(p.l, p.lambda));
            let rows = linear.jacobian();
            let theirs = Matrix4::from_fn(|i, j| rows[i][j]).complex_eigenvalues();
            let mut left: Vec<_> = theirs.iter().copied().collect();
            for ours in linear.eigenvalues() {
                let (i, apart) = left.iter().map(|t| (t - ours).norm()).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
                prop_assert!(apart < 1e-9 * (1.0 + ours.norm()), "{ours} not among {theirs}");
                left.remove(i);
            }
        }
    }

    #[test]
    fn a_hopf_root_is_0_up_to_a_part_of_its_terms() {
        // With a = -f the coupling is 0, and the function is the fraction (gamma - f) / (gamma + f)
        // of its terms.
        let at = |part: f64, gamma: f64, z_t: f64| {
            let f = gamma * (1.0 - part) / (1.0 + part);
            Linear { a: -f, b: f / z_t, b_z: 0.2, gamma, relaxation: 0.1, omega: 7.0, z_t }
        };
        for (gamma, z_t) in [(0.3, 1.0), (2.0, 0.4)] {
            for part in [0.0, 0.9 * ROOT, -0.9 * ROOT] {
                assert!(at(part, gamma, z_t).is_hopf_root(), "{part} {gamma} {z_t}");
            }
            for part in [1.1 * ROOT, -1.1 * ROOT, 0.5] {
                assert!(!at(part, gamma, z_t).is_hopf_root(), "{part} {gamma} {z_t}");
            }
        }
        assert!(!at(0.0, 0.0, 1.0).is_hopf_root(), "all terms are 0");
        // Both terms count, also where they cancel: a + f = x and a + 2 f - 2 gamma = y with
        // rotation (gamma - f) = -gamma x y.
        let (gamma, f) = (0.5_f64, 0.6);
        let rotation = gamma * gamma + 49.0;
        let a = |sign: f64| {
            let (half, product) =
                (0.5 * (3.0 * f - 2.0 * gamma), f * (2.0 * f - 2.0 * gamma) + rotation * (gamma - f) / gamma);
            -half + sign * (half * half - product).sqrt()
        };
        for sign in [1.0, -1.0] {
            let root = Linear { a: a(sign), b: f, b_z: 0.2, gamma, relaxation: 0.1, omega: 7.0, z_t: 1.0 };
            assert!(root.is_hopf_root() && !Linear { a: root.a * (1.0 + 1e-5), ..root }.is_hopf_root(), "{root:?}");
        }
    }

    #[test]
    fn cubics_of_every_kind_are_solved() {
        for roots in
            [[1.0, 2.0, 3.0], [-5.0, 1e-3, 1e3], [0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [-1.0, -1.0, 4.0], [0.0, -3.0, 3.0]]
        {
            let [a, b, c] = roots;
            let coefficients = [-a * b * c, a * b + b * c + c * a, -(a + b + c)];
            let mut found: Vec<f64> = cubic_roots(coefficients).iter().map(|m| m.re).collect();
            found.sort_by(f64::total_cmp);
            let mut expected = roots;
            expected.sort_by(f64::total_cmp);
            for (f, e) in found.iter().zip(expected) {
                // A root of multiplicity m is accurate to the m-th root of rounding.
                assert!((f - e).abs() < 1e-4 * (1.0 + e.abs()), "{found:?} {expected:?}");
            }
        }
    }
}
