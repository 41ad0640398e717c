//! The first Lyapunov coefficient at a Hopf point: negative for a supercritical one.
//!
//! l_1 = Re[⟨p, C(q, q, q̄)⟩ - 2⟨p, B(q, A⁻¹B(q, q̄))⟩ + ⟨p, B(q̄, (2i omega - A)⁻¹B(q, q))⟩] / (2 omega)
//! (Kuznetsov, Elements of Applied Bifurcation Theory, Eq. 5.34), for the whole system of Eq. 10,
//! with A q = i omega q, Aᵀp = -i omega p, |q| = 1 and ⟨p, q⟩ = 1. Negative: supercritical, the
//! cycle is born stable. Positive: subcritical, it is born unstable. Beyond the point the cycle's
//! amplitude in V is 2 |q_V| (-Re mu / (omega l_1))^½ to first order.

use super::modes::adjugate;
use super::stability::Linear;
use crate::model::{ORDERS, Parameters};
use nalgebra::{Complex, Vector4};
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

    fn d1(&self, u: &Vector4<C>) -> C {
        (0..4).map(|i| u[i] * self.first[i]).sum()
    }

    fn d2(&self, u: &Vector4<C>, w: &Vector4<C>) -> C {
        u[V] * w[V] * self.vv + (u[X] * w[V] + u[V] * w[X]) * self.vx + (u[Z] * w[V] + u[V] * w[Z]) * self.vz
    }

    fn d3(&self, a: &Vector4<C>, b: &Vector4<C>, c: &Vector4<C>) -> C {
        let once = |i: usize| a[i] * b[V] * c[V] + a[V] * b[i] * c[V] + a[V] * b[V] * c[i];
        a[V] * b[V] * c[V] * self.vvv + once(X) * self.vvx + once(Z) * self.vvz
    }

    /// B(u, w), the second derivatives of Eq. 10, in which dX/dt contains 2 w Z and dZ/dt contains
    /// -2 w X.
    fn second(&self, z_t: f64, u: &Vector4<C>, w: &Vector4<C>) -> Vector4<C> {
        let (d2, du, dw) = (self.d2(u, w), self.d1(u), self.d1(w));
        let x = (d2 * z_t + du * w[Z] + dw * u[Z]) * 2.0;
        let z = -(du * w[X] + dw * u[X]) * 2.0;
        Vector4::new(d2, z, x, C::new(0.0, 0.0))
    }

    /// C(a, b, c), the third derivatives of Eq. 10.
    fn third(&self, z_t: f64, a: &Vector4<C>, b: &Vector4<C>, c: &Vector4<C>) -> Vector4<C> {
        let d3 = self.d3(a, b, c);
        let with = |i: usize| self.d2(a, b) * c[i] + self.d2(a, c) * b[i] + self.d2(b, c) * a[i];
        Vector4::new(d3, -with(X) * 2.0, (d3 * z_t + with(Z)) * 2.0, C::new(0.0, 0.0))
    }
}

/// The coefficient at the Hopf point with voltage `v` and frequency `omega`, from F_00's derivatives at that voltage.
///
/// `None` if another eigenvalue is 0 too: then there is no such coefficient.
#[must_use]
pub fn lyapunov(v: f64, omega: f64, p: &Parameters<f64>, f: &[f64; ORDERS]) -> Option<Lyapunov> {
    let linear = Linear::from_derivatives(v, p, f);
    let i_omega = C::new(0.0, omega);
    let (q, adjoint) = null_vectors(&linear, i_omega)?;
    // ⟨p, q⟩ = Σ p̄ q = 1.
    let adjoint = adjoint / adjoint.dotc(&q).conj();
    let conjugate = q.conjugate();
    let rate = Rate::at(v, p, f);
    let b = |u: &Vector4<C>, w: &Vector4<C>| rate.second(p.z_t, u, w);
    // (A - mu)⁻¹ u; the square of the determinant may be too large or too small a number.
    let solved = |mu: C, u: &Vector4<C>| {
        let (adjugate, determinant) = adjugate(&linear, mu);
        let size = determinant.l1_norm();
        (size > 0.0).then(|| (adjugate * u).unscale(size) / determinant.unscale(size))
    };
    let steady = solved(C::new(0.0, 0.0), &b(&q, &conjugate))?;
    let double = -solved(i_omega * 2.0, &b(&q, &q))?;
    let sum = rate.third(p.z_t, &q, &q, &conjugate) - b(&q, &steady) * C::new(2.0, 0.0) + b(&conjugate, &double);
    let coefficient = adjoint.dotc(&sum).re / (2.0 * omega);
    coefficient.is_finite().then_some(Lyapunov { coefficient, swing: q[V].norm() })
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
