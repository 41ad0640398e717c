//! Modes of the linear part: right and left eigenvectors in closed form.
//!
//! In the order (V, X, Y, Z) the Jacobian is block triangular, with B its (V, X, Y) block, c the column of Z
//! above the diagonal and d = -alpha Gamma:
//!
//! ```text
//! J - mu = | B - mu    c    |    adj(J - mu) = | (d - mu) adj(B - mu)   -adj(B - mu) c |
//!          |   0     d - mu |                  |           0              det(B - mu)  |
//! ```
//!
//! The adjugate is a multiple of v l where mu is a simple eigenvalue with the eigenvectors v and l, and the
//! determinant times the inverse elsewhere. Where mu is an eigenvalue of B, adj(B - mu) gives v and l but for l's
//! component of Z, l c / (mu - d); where mu = d, the last column gives v.

use super::stability::{Equilibrium, Linear};
use nalgebra::{Complex, ComplexField, Matrix4};
use std::f64::consts::SQRT_2;

type C = Complex<f64>;

/// Part of its largest component below which the trace of a projector counts as 0: the mode is then not simple.
const SIMPLE: f64 = 1e-9;

/// A mode of the linear part, in the Jacobian's order (V, Z, X, Y): |v| = 1 and l v = 1.
#[derive(Debug, Clone, Copy)]
pub struct Mode<T> {
    /// Right eigenvector v.
    pub right: [T; 4],
    /// Left eigenvector l.
    pub left: [T; 4],
}

/// The oscillating mode of an equilibrium; `None` if no eigenvalues are complex, or the mode is not simple.
#[must_use]
pub fn oscillation(e: &Equilibrium) -> Option<Mode<C>> {
    e.eigenvalues.iter().find(|mu| mu.im > 0.0).and_then(|mu| mode(&e.linear, *mu))
}

/// All modes of an equilibrium, with `oscillation` the complex one as √2 Re and √2 Im of its vectors: sums of |l_k u|²
/// and of products of v and v* are the same. `None` if two coincide.
pub(super) fn modes(e: &Equilibrium, oscillation: Option<&Mode<C>>) -> Option<[Mode<f64>; 4]> {
    let [_, first, second, third] = e.eigenvalues;
    let (one, other) = if second.im == 0.0 {
        (mode(&e.linear, second.re)?, mode(&e.linear, third.re)?)
    } else {
        let pair = oscillation?;
        let part = |part: fn(&C) -> f64| Mode {
            right: std::array::from_fn(|i| SQRT_2 * part(&pair.right[i])),
            left: std::array::from_fn(|i| SQRT_2 * part(&pair.left[i])),
        };
        (part(|c| c.re), part(|c| c.im))
    };
    Some([relaxation(&e.linear)?, mode(&e.linear, first.re)?, one, other])
}

/// The mode of an eigenvalue `mu` of B; `None` if `mu` is not simple.
fn mode<T: ComplexField<RealField = f64> + Copy>(linear: &Linear, mu: T) -> Option<Mode<T>> {
    let ([[_, c_v, ..], [_, d, ..], [_, c_x, ..], _], real) = (linear.jacobian(), T::from_real);
    let (columns, _) = block_adjugate(linear, mu);
    let sizes = columns.map(|[v, x, y]| v.modulus_squared() + x.modulus_squared() + y.modulus_squared());
    let widest = if sizes[0] >= sizes[1].max(sizes[2]) { 0 } else { 1 + usize::from(sizes[2] > sizes[1]) };
    let size = sizes[widest];
    let trace = columns[0][0] + columns[1][1] + columns[2][2];
    if !(trace.modulus_squared() > SIMPLE * SIMPLE * size && size.is_finite() && size > 0.0) {
        return None;
    }
    let inverse_norm = 1.0 / size.sqrt();
    let right = columns[widest].map(|c| c.scale(inverse_norm));
    // The projector is v l, so v* times it is l.
    let (inverse, [v, x, y]) = (T::one() / trace, right.map(ComplexField::conjugate));
    let [in_v, in_x, in_y] = columns.map(|c| (v * c[0] + x * c[1] + y * c[2]) * inverse);
    let (pushed, away) = (in_v * real(c_v) + in_x * real(c_x), mu - real(d));
    if !(away.modulus_squared() > SIMPLE * SIMPLE * pushed.modulus_squared()) {
        return None;
    }
    Some(Mode { right: [right[0], T::zero(), right[1], right[2]], left: [in_v, pushed / away, in_x, in_y] })
}

/// The mode of the eigenvalue -alpha Gamma, along which Z relaxes; `None` if it is not simple.
fn relaxation(linear: &Linear) -> Option<Mode<f64>> {
    let [[_, c_v, ..], [_, d, ..], [_, c_x, ..], _] = linear.jacobian();
    let ([of_v, of_x, _], determinant) = block_adjugate(linear, d);
    let [v, x, y]: [f64; 3] = std::array::from_fn(|i| -(of_v[i] * c_v + of_x[i] * c_x));
    let norm = (v * v + determinant * determinant + x * x + y * y).sqrt();
    let is_simple = determinant.abs() > SIMPLE * norm && norm.is_finite();
    is_simple
        .then(|| Mode { right: [v, determinant, x, y].map(|c| c / norm), left: [0.0, norm / determinant, 0.0, 0.0] })
}

/// The columns of the adjugate of B - mu, in the order (V, X, Y), and the determinant.
pub(super) fn block_adjugate<T: ComplexField<RealField = f64> + Copy>(linear: &Linear, mu: T) -> ([[T; 3]; 3], T) {
    // B - mu = | v  b  0 |
    //          | q  x  w |
    //          | 0 -w  y |
    let [[a, _, b, _], _, [q, _, x, w], [.., y]] = linear.jacobian();
    let (v, x, y) = (T::from_real(a) - mu, T::from_real(x) - mu, T::from_real(y) - mu);
    let corner = x * y + T::from_real(w * w);
    let columns = [
        [corner, -y.scale(q), T::from_real(-q * w)],
        [-y.scale(b), v * y, v.scale(w)],
        [T::from_real(b * w), -v.scale(w), v * x - T::from_real(b * q)],
    ];
    (columns, v * corner - y.scale(b * q))
}

/// The adjugate of J - mu, in the Jacobian's order (V, Z, X, Y), and the determinant.
pub(super) fn adjugate(linear: &Linear, mu: C) -> (Matrix4<C>, C) {
    let [[_, c_v, ..], [_, d, ..], [_, c_x, ..], _] = linear.jacobian();
    let (columns, determinant) = block_adjugate(linear, mu);
    let (z, zero) = (-mu + d, C::new(0.0, 0.0));
    let row = |i: usize| {
        let [of_v, of_x, of_y] = columns.map(|column| column[i]);
        [of_v * z, -(of_v * c_v + of_x * c_x), of_x * z, of_y * z]
    };
    let rows = [row(0), [zero, determinant, zero, zero], row(1), row(2)];
    (Matrix4::from_fn(|i, j| rows[i][j]), determinant * z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{F00Jets, Parameters};
    use nalgebra::{RowVector4, Vector4};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn modes_are_eigenvectors_and_the_adjugate_inverts(
            v in -4.0..4.0f64, r_n in 0.1..16.0f64, gamma in 0.01..2.0f64, alpha in 0.05..2.0f64, z_t in 0.0..1.0f64,
            omega in 1.0..12.0f64, mu in prop::array::uniform2(-5.0..5.0f64),
        ) {
            let p = Parameters { v_n: 0.0, r_n, gamma, alpha, z_t, omega, x_0: 0.8, l: 0.5, lambda: 0.13 };
            let linear = Linear::at(v, &p, &F00Jets::new(p.l, p.lambda));
            let rows = linear.jacobian();
            let jacobian = Matrix4::from_fn(|i, j| C::new(rows[i][j], 0.0));
            let size = jacobian.norm();
            let mu = C::new(mu[0], mu[1]);
            let (adjugate, determinant) = adjugate(&linear, mu);
            let shifted = jacobian - Matrix4::identity() * mu;
            let rest = (shifted * adjugate - Matrix4::identity() * determinant).norm();
            prop_assert!(rest < 1e-13 * (size + mu.norm()).powi(4), "{rest}");
            let e = Equilibrium::at(v, &p, &F00Jets::new(p.l, p.lambda));
            let eigenvalues = e.eigenvalues;
            let Some(found) = modes(&e, oscillation(&e).as_ref()) else { return Ok(()) };
            let mut modes = found.map(|m| (Vector4::from(m.right.map(|c| C::new(c, 0.0))), RowVector4::from(m.left.map(|c| C::new(c, 0.0)))));
            // A complex pair from its real and imaginary parts.
            if eigenvalues[2].im > 0.0 {
                let (re, im) = (modes[2], modes[3]);
                let i = C::new(0.0, 1.0);
                modes[2] = ((re.0 + im.0 * i).unscale(SQRT_2), (re.1 + im.1 * i).unscale(SQRT_2));
                modes[3] = (modes[2].0.conjugate(), modes[2].1.conjugate());
            }
            for (i, ((right_vector, left_vector), mu)) in modes.iter().zip(eigenvalues).enumerate() {
                prop_assert!((right_vector.norm() - 1.0).abs() < 1e-14);
                // A left vector is as long as its mode is close to another.
                let long = left_vector.norm();
                let (right, left) =
                    ((jacobian * right_vector - right_vector * mu).norm(), (left_vector * jacobian - left_vector * mu).norm());
                prop_assert!(right < 1e-12 * size * long && left < 1e-12 * size * long * long, "{i}: {right} {left} {long}");
                for (j, other) in modes.iter().enumerate() {
                    let product = (left_vector * other.0)[0] - C::new(f64::from(u8::from(i == j)), 0.0);
                    prop_assert!(product.norm() < 1e-11 * long * long * other.1.norm(), "{i} {j}: {product} {long}");
                }
            }
        }
    }
}
