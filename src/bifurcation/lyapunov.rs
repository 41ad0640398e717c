//! The first Lyapunov coefficient at a Hopf point: negative for a supercritical one.
//!
//! l_1 = Re[⟨p, C(q, q, q̄)⟩ - 2⟨p, B(q, A⁻¹B(q, q̄))⟩ + ⟨p, B(q̄, (2i omega - A)⁻¹B(q, q))⟩] / (2 omega)
//! (Kuznetsov, Elements of Applied Bifurcation Theory, Eq. 5.34), for the whole system of Eq. 10,
//! with A q = i omega q, Aᵀp = -i omega p, |q| = 1 and ⟨p, q⟩ = 1. Negative: supercritical, the
//! cycle is born stable. Positive: subcritical, it is born unstable. Beyond the point the cycle's
//! amplitude in V is 2 |q_V| (-Re mu / (omega l_1))^½ to first order.

use super::modes::{Mode, adjugate, block_adjugate};
use super::stability::{Equilibrium, Linear};
use crate::model::{ORDERS, Parameters};
use nalgebra::{Complex, ComplexField, Vector4};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

type C = Complex<f64>;
/// Index of V in the order of Eq. 14.
const V: usize = 0;
/// Index of Z in the order of Eq. 14.
const Z: usize = 1;
/// Index of X in the order of Eq. 14.
const X: usize = 2;

/// The first Lyapunov coefficient, and the amplitude of V in the critical eigenvector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lyapunov {
    /// l_1: negative if the cycle is born stable.
    pub coefficient: f64,
    /// Sum of the moduli of the three terms of l_1: what its rounding is relative to.
    pub size: f64,
    /// Magnitude |q_V| of the V component of the critical eigenvector of length 1.
    pub swing: f64,
}

/// Derivatives of w(V, X, Z) = dV/dt = V_n - V - R_n [p(V) + X q(V) + Z s(V)] at an equilibrium.
struct Rate {
    first: [f64; 4],
    vv: f64,
    vvv: f64,
    vx: f64,
    vvx: f64,
    vz: f64,
    vvz: f64,
}

impl Rate {
    /// The derivatives at voltage `v`, from F_00's derivatives there.
    fn at(v: f64, p: &Parameters<f64>, f: &[f64; ORDERS]) -> Self {
        // Derivatives of V F(x_V) with respect to V, from those of F with respect to xi.
        let derivatives = |d: [f64; 4]| {
            let u: [f64; 4] = std::array::from_fn(|n| d[n] * (-SQRT_2).powi(n as i32));
            [v * u[0], u[0] + v * u[1], 2.0 * u[1] + v * u[2], 3.0 * u[2] + v * u[3]]
        };
        let g = derivatives([0, 1, 2, 3].map(|n| f[n] + 0.25 * (1.0 - p.z_t) * f[n + 2]));
        let q = derivatives([0, 1, 2, 3].map(|n| FRAC_1_SQRT_2 * f[n + 1]));
        // ½ (F_00 - F_11) = -¼ F_00''.
        let s = derivatives([0, 1, 2, 3].map(|n| -0.25 * f[n + 2]));
        let r = -p.r_n;
        Self {
            first: [-1.0 + r * g[1], r * s[0], r * q[0], 0.0],
            vv: r * g[2],
            vvv: r * g[3],
            vx: r * q[1],
            vvx: r * q[2],
            vz: r * s[1],
            vvz: r * s[2],
        }
    }

    fn d1(&self, u: &[C; 4]) -> C {
        u[V] * self.first[V] + u[Z] * self.first[Z] + u[X] * self.first[X]
    }

    /// B(u, w), the second derivatives of Eq. 10, in which dX/dt contains 2 w Z and dZ/dt contains
    /// -2 w X.
    fn second(&self, z_t: f64, u: &[C; 4], w: &[C; 4]) -> [C; 4] {
        let (in_x, in_z) = (u[X] * w[V] + u[V] * w[X], u[Z] * w[V] + u[V] * w[Z]);
        let d2 = u[V] * w[V] * self.vv + in_x * self.vx + in_z * self.vz;
        let (du, dw) = (self.d1(u), self.d1(w));
        let x = (d2 * z_t + du * w[Z] + dw * u[Z]) * 2.0;
        let z = -(du * w[X] + dw * u[X]) * 2.0;
        [d2, z, x, C::new(0.0, 0.0)]
    }

    /// C(q, q, q̄), the third derivatives of Eq. 10; `squared` is B(q, q), and `mixed` B(q, q̄).
    fn third(&self, z_t: f64, q: &[C; 4], squared: &[C; 4], mixed: &[C; 4]) -> [C; 4] {
        let (v, size) = (q[V] * q[V], q[V].norm_sqr());
        let once = |i: usize| q[i] * (2.0 * size) + v * q[i].conj();
        let d3 = q[V] * (size * self.vvv) + once(X) * self.vvx + once(Z) * self.vvz;
        let with = |i: usize| squared[V] * q[i].conj() + mixed[V] * q[i] * 2.0;
        [d3, -with(X) * 2.0, (d3 * z_t + with(Z)) * 2.0, C::new(0.0, 0.0)]
    }

    /// The coefficient, with q the right and p* the left vector of the oscillation of frequency `omega`.
    fn coefficient(&self, linear: &Linear, z_t: f64, omega: f64, (q, left): (&[C; 4], &[C; 4])) -> Option<Lyapunov> {
        let (conjugate, double_i) = (q.map(|c| c.conj()), C::new(0.0, 2.0 * omega));
        let (squared, mixed) = (self.second(z_t, q, q), self.second(z_t, q, &conjugate));
        // B(q, q̄) is real.
        let steady = solved(linear, 0.0, &mixed.map(|c| c.re))?.map(|c| C::new(c, 0.0));
        let double = solved(linear, double_i, &squared)?.map(|c| -c);
        let third = self.third(z_t, q, &squared, &mixed);
        let (by_steady, by_double) = (self.second(z_t, q, &steady), self.second(z_t, &conjugate, &double));
        let product = |u: &[C; 4]| -> C { [V, Z, X].into_iter().map(|i| left[i] * u[i]).sum() };
        let terms = [product(&third), product(&by_steady) * -2.0, product(&by_double)];
        let [coefficient, size] =
            [terms.iter().sum::<C>().re, terms.iter().map(|t| t.norm()).sum()].map(|c| c / (2.0 * omega));
        coefficient.is_finite().then_some(Lyapunov { coefficient, size, swing: q[V].norm() })
    }
}

/// (A - mu)⁻¹ u for a vector whose component of Y is 0; `None` if mu is an eigenvalue.
fn solved<T: ComplexField<RealField = f64> + Copy>(linear: &Linear, mu: T, u: &[T; 4]) -> Option<[T; 4]> {
    let [[_, c_v, ..], [_, d, ..], [_, c_x, ..], _] = linear.jacobian();
    let (columns, determinant) = block_adjugate(linear, mu);
    let decay = T::from_real(d) - mu;
    // The square of the determinant may be too large or too small a number.
    let size = determinant.norm1();
    if !(size > 0.0 && decay.norm1() > 0.0) {
        return None;
    }
    let inverse = (T::one() / determinant.unscale(size)).unscale(size);
    let z = u[Z] / decay;
    let (in_v, in_x) = ((u[V] - z.scale(c_v)) * inverse, (u[X] - z.scale(c_x)) * inverse);
    let [v, x, y] = std::array::from_fn(|i| columns[0][i] * in_v + columns[1][i] * in_x);
    Some([v, z, x, y])
}

/// The coefficient at the Hopf point with voltage `v` and frequency `omega`, from F_00's derivatives at that voltage.
///
/// `None` if another eigenvalue is 0 too: then there is no such coefficient.
#[must_use]
pub fn lyapunov(v: f64, omega: f64, p: &Parameters<f64>, f: &[f64; ORDERS]) -> Option<Lyapunov> {
    let linear = Linear::from_derivatives(v, p, f);
    let (q, adjoint) = null_vectors(&linear, C::new(0.0, omega))?;
    // ⟨p, q⟩ = Σ p̄ q = 1.
    let left = adjoint.conjugate() / adjoint.dotc(&q);
    Rate::at(v, p, f).coefficient(&linear, p.z_t, omega, (&q.into(), &left.into()))
}

/// The coefficient next to a Hopf point, of an equilibrium with this oscillation.
#[must_use]
pub fn lyapunov_of(e: &Equilibrium, oscillation: &Mode<C>, p: &Parameters<f64>) -> Option<Lyapunov> {
    let omega = e.eigenvalues.iter().find(|mu| mu.im > 0.0)?.im;
    let vectors = (&oscillation.right, &oscillation.left);
    Rate::at(e.v, p, &e.derivatives).coefficient(&e.linear, p.z_t, omega, vectors)
}

/// Vectors q and p of length 1 with (A - mu) q = 0 and (A - mu)* p = 0 for an eigenvalue mu, by four steps of
/// inverse iteration from a generic vector.
fn null_vectors(linear: &Linear, mu: C) -> Option<(Vector4<C>, Vector4<C>)> {
    let squares: f64 = linear.jacobian().iter().flatten().map(|c| c * c).sum();
    let scale = (squares + 4.0 * mu.norm_sqr()).sqrt().max(1.0);
    // A shift far below the distance to the other eigenvalues, and far above rounding. The adjugate is the inverse
    // but for a factor.
    let (inverse, _) = adjugate(linear, mu - 1e-11 * scale);
    let inverse = inverse.unscale(inverse.camax());
    let mut q = Vector4::from_fn(|i, _| C::new(1.0 + 0.3 * i as f64, 0.7 - 0.4 * i as f64));
    let mut p = q;
    for _ in 0..4 {
        q = inverse * q;
        q.unscale_mut(q.norm());
        p = inverse.ad_mul(&p);
        p.unscale_mut(p.norm());
    }
    let is_finite = |x: &Vector4<C>| x.iter().all(|c| c.re.is_finite() && c.im.is_finite());
    (is_finite(&q) && is_finite(&p)).then_some((q, p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::{hopf_points_along_v_n, oscillation};
    use crate::model::F00Jets;

    #[test]
    fn the_coefficient_of_an_equilibrium_is_that_of_the_hopf_point_next_to_it() {
        let mut compared = 0;
        for p in [Parameters::at(0.0, 6.0, 0.1), Parameters { z_t: 0.7, ..Parameters::at(0.0, 12.0, 0.05) }] {
            let profile = F00Jets::new(p.l, p.lambda);
            for point in hopf_points_along_v_n(&p) {
                let expected = point.lyapunov.unwrap();
                for (away, allowed) in [(1e-12, 1e-6), (1e-4, 1e-2)] {
                    for v in [point.v - away, point.v + away] {
                        let e = Equilibrium::at(v, &point.parameters, &profile);
                        let found = lyapunov_of(&e, &oscillation(&e).unwrap(), &point.parameters).unwrap();
                        let apart = (found.coefficient / expected.coefficient - 1.0).abs();
                        assert!(apart < allowed, "{found:?} {expected:?} at {away} from {}", point.v);
                        assert!((found.swing / expected.swing - 1.0).abs() < allowed, "{found:?} {expected:?}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared >= 16, "{compared}");
    }
}
