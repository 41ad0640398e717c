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
//! determinant times the inverse elsewhere.

use super::stability::Linear;
use nalgebra::{Complex, Matrix4, RowVector4, Vector4};

type C = Complex<f64>;

/// A mode of the linear part, in the Jacobian's order (V, Z, X, Y): |v| = 1 and l v = 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    /// Right eigenvector v.
    pub right: Vector4<C>,
    /// Left eigenvector l.
    pub left: RowVector4<C>,
}

/// All modes of the linear part, in the order of its `eigenvalues`; `None` if two coincide.
pub(super) fn modes(linear: &Linear, eigenvalues: &[C; 4]) -> Option<[Mode; 4]> {
    let [relaxing, first, second, third] = *eigenvalues;
    let pair = mode(linear, second)?;
    // The second of a conjugate pair has the conjugate mode.
    let is_twin = third == second.conj() && third.im != 0.0;
    let twin = if is_twin { pair.conjugate() } else { mode(linear, third)? };
    Some([mode(linear, relaxing)?, mode(linear, first)?, pair, twin])
}

impl Mode {
    fn conjugate(&self) -> Self {
        Self { right: self.right.conjugate(), left: self.left.conjugate() }
    }
}

/// The mode of eigenvalue `mu`; `None` if `mu` is not simple.
fn mode(linear: &Linear, mu: C) -> Option<Mode> {
    let (adjugate, _) = adjugate(linear, mu);
    let sizes: [f64; 4] = std::array::from_fn(|i| adjugate.column(i).norm_squared());
    let column = (0..4).max_by(|a, b| sizes[*a].total_cmp(&sizes[*b]))?;
    let (norm, trace) = (sizes[column].sqrt(), adjugate.trace());
    if !(trace.norm() > 1e-9 * norm && norm.is_finite() && norm > 0.0) {
        return None;
    }
    let right = adjugate.column(column).unscale(norm);
    // The projector is v l, so v* times it is l.
    let inverse = trace.inv();
    let left = RowVector4::from_fn(|_, j| right.dotc(&adjugate.column(j)) * inverse);
    Some(Mode { right, left })
}

/// The adjugate of J - mu, in the Jacobian's order (V, Z, X, Y), and the determinant.
pub(super) fn adjugate(linear: &Linear, mu: C) -> (Matrix4<C>, C) {
    // B - mu = | v  b  0 |
    //          | q  x  w |
    //          | 0 -w  y |
    let [[a, c_v, b, _], [_, d, _, _], [q, c_x, x, w], [_, _, _, y]] = linear.jacobian();
    let (v, z, x, y) = (-mu + a, -mu + d, -mu + x, -mu + y);
    let zero = C::new(0.0, 0.0);
    let block = [
        [x * y + w * w, -y * b, C::new(b * w, 0.0)],
        [-y * q, v * y, -v * w],
        [C::new(-q * w, 0.0), v * w, v * x - b * q],
    ];
    let determinant = v * block[0][0] - y * (b * q);
    let row = |[of_v, of_x, of_y]: [C; 3]| [of_v * z, -(of_v * c_v + of_x * c_x), of_x * z, of_y * z];
    let [in_v, in_x, in_y] = block.map(row);
    let rows = [in_v, [zero, determinant, zero, zero], in_x, in_y];
    (Matrix4::from_fn(|i, j| rows[i][j]), determinant * z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{F00Jets, Parameters};
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
            let eigenvalues = linear.eigenvalues();
            let Some(modes) = modes(&linear, &eigenvalues) else { return Ok(()) };
            for (i, (m, mu)) in modes.iter().zip(eigenvalues).enumerate() {
                prop_assert!((m.right.norm() - 1.0).abs() < 1e-14);
                // A left vector is as long as its mode is close to another.
                let long = m.left.norm();
                let (right, left) = ((jacobian * m.right - m.right * mu).norm(), (m.left * jacobian - m.left * mu).norm());
                prop_assert!(right < 1e-12 * size * long && left < 1e-12 * size * long * long, "{i}: {right} {left} {long}");
                for (j, other) in modes.iter().enumerate() {
                    let product = (m.left * other.right)[0] - C::new(f64::from(u8::from(i == j)), 0.0);
                    prop_assert!(product.norm() < 1e-11 * long * long * other.left.norm(), "{i} {j}: {product} {long}");
                }
            }
        }
    }
}
