//! Floquet multipliers and the test functions of bifurcations of cycles.
//!
//! The monodromy matrix has the eigenvalue 1 in the flow's direction. What it does across the flow has the three others,
//! and no bifurcation brings that map's eigenvalues near the trivial one.

use super::shooting::Linear;
use nalgebra::{Complex, Matrix3, Matrix4, Vector4};

/// Modulus of a multiplier beyond which the others are lost in the map's rounding.
const LARGE: f64 = 1e4;

/// The map across the flow after one period, in an orthonormal basis.
#[derive(Debug, Clone, Copy)]
pub(super) struct AcrossFlow {
    map: Matrix3<f64>,
    /// Coefficients of the polynomial whose roots are the nontrivial multipliers, lowest power first, up to a positive
    /// factor.
    cubic: [f64; 4],
    multipliers: [Complex<f64>; 3],
}

/// Unit vectors across `rate` and each other.
fn basis(rate: &Vector4<f64>) -> [Vector4<f64>; 3] {
    let unit = rate.normalize();
    // The reflection that takes the largest component's axis to the rate takes the other axes across it.
    let largest = unit.iamax();
    let mut normal = unit;
    normal[largest] += if unit[largest] < 0.0 { -1.0 } else { 1.0 };
    let squared = normal.norm_squared();
    let mut axes = (0..4).filter(|i| *i != largest);
    std::array::from_fn(|_| {
        let mut e = Vector4::zeros();
        if let Some(axis) = axes.next() {
            e[axis] = 1.0;
        }
        e - normal * (2.0 * normal.dot(&e) / squared)
    })
}

impl AcrossFlow {
    /// The map of a cycle whose first point moves at `rate`; `None` if it is not finite.
    pub(super) fn of<const P: usize>(linear: &Linear<P>, rate: &Vector4<f64>) -> Option<Self> {
        let monodromy: Matrix4<f64> = linear.monodromy()?;
        let basis = basis(rate);
        let map = Matrix3::from_fn(|i, j| basis[i].dot(&(monodromy * basis[j])));
        let own = Self::from_map(map)?;
        if own.multipliers[0].norm() < LARGE || own.multipliers[0].im != 0.0 {
            return Some(own);
        }
        // The factor of the trivial multiplier divided out.
        let [_, p_1, p_2, p_3, p_4] = linear.characteristic()?;
        let c_2 = p_3 + p_4;
        let c_1 = p_2 + c_2;
        let large = own.multipliers[0].re;
        let [c_0, c_1, c_2] = [p_1 + c_1, c_1, c_2].map(|c| if c_2 * large > 0.0 { -c } else { c });
        let (multipliers, c_3) = others_than_large(large, &[c_0, c_1, c_2]);
        Some(Self { cubic: [c_0, c_1, c_2, c_3], multipliers, ..own })
    }

    /// The map and what follows from it; `None` if it is not finite.
    fn from_map(map: Matrix3<f64>) -> Option<Self> {
        if !map.iter().all(|c| c.is_finite()) {
            return None;
        }
        let minor = |i: usize, j: usize| map[(i, i)] * map[(j, j)] - map[(i, j)] * map[(j, i)];
        let cubic = [-map.determinant(), minor(0, 1) + minor(0, 2) + minor(1, 2), -map.trace(), 1.0];
        let mut all: Vec<Complex<f64>> = map.complex_eigenvalues().iter().copied().collect();
        // Of a pair, the one with the positive imaginary part first.
        all.sort_by(|a, b| b.norm().total_cmp(&a.norm()).then(b.im.total_cmp(&a.im)));
        Some(Self { map, cubic, multipliers: [all[0], all[1], all[2]] })
    }

    /// The nontrivial multipliers, largest modulus first.
    pub(super) fn multipliers(&self) -> [Complex<f64>; 3] {
        self.multipliers
    }

    /// Coefficients of the polynomial whose roots are the nontrivial multipliers, lowest power first, up to a positive
    /// factor.
    pub(super) fn cubic(&self) -> [f64; 4] {
        self.cubic
    }

    /// Product of the multipliers plus 1, up to a positive factor: 0 at a period doubling.
    pub(super) fn doubling(&self) -> f64 {
        let [c_0, c_1, c_2, c_3] = self.cubic;
        c_3 - c_2 + c_1 - c_0
    }

    /// Product of 1 minus each product of two multipliers, up to a positive factor: 0 at a Neimark–Sacker point, and where
    /// two real multipliers have the product 1.
    ///
    /// From the multipliers, not from the cubic: where all of them are near 1, the cubic's terms cancel to rounding.
    pub(super) fn torus(&self) -> f64 {
        let ([a, b, c], c_3) = (self.multipliers, self.cubic[3]);
        (c_3 * c_3) * ((1.0 - a * b) * (1.0 - a * c) * (1.0 - b * c)).re
    }

    /// Product of 1 minus each multiplier, up to a positive factor: 0 at a fold of cycles.
    pub(super) fn fold(&self) -> f64 {
        let ([a, b, c], c_3) = (self.multipliers, self.cubic[3]);
        c_3 * ((1.0 - a) * (1.0 - b) * (1.0 - c)).re
    }

    /// The direction across the flow that the map reverses where a multiplier is -1.
    pub(super) fn doubling_direction(&self, rate: &Vector4<f64>) -> Option<Vector4<f64>> {
        let svd = (self.map + Matrix3::identity()).svd(false, true);
        let smallest = svd.singular_values.imin();
        let row = svd.v_t?.row(smallest).transpose();
        let basis = basis(rate);
        Some((basis[0] * row[0] + basis[1] * row[1] + basis[2] * row[2]).normalize())
    }
}

/// The roots and the coefficient of the third power of a cubic, one of whose roots is large and known.
fn others_than_large(large: f64, [c_0, c_1, c_2]: &[f64; 3]) -> ([Complex<f64>; 3], f64) {
    // Division from the lowest power, which a large root keeps stable.
    let a_0 = -c_0 / large;
    let a_1 = (a_0 - c_1) / large;
    let a_2 = (a_1 - c_2) / large;
    let (half, product) = (-0.5 * a_1 / a_2, a_0 / a_2);
    let square = half * half - product;
    let (one, other) = if square < 0.0 {
        (Complex::new(half, (-square).sqrt()), Complex::new(half, -(-square).sqrt()))
    } else {
        let one = half + square.sqrt().copysign(half);
        let other = if one == 0.0 { 0.0 } else { product / one };
        (Complex::new(one, 0.0), Complex::new(other, 0.0))
    };
    ([Complex::new(large, 0.0), one, other], a_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_functions_are_the_products_that_they_should_be() {
        for m in [
            Matrix3::new(0.3, 1.0, -2.0, 0.1, -1.4, 0.7, 0.0, 0.6, 0.2),
            Matrix3::new(0.0, -1.2, 0.3, 1.1, 0.0, 0.0, 0.0, 0.4, -0.8),
        ] {
            let map = AcrossFlow::from_map(m).unwrap();
            let [a, b, c] = map.multipliers();
            let one = Complex::new(1.0, 0.0);
            let products = [
                (map.doubling(), (a + one) * (b + one) * (c + one)),
                (map.torus(), -(a * b - one) * (a * c - one) * (b * c - one)),
                (map.fold(), (one - a) * (one - b) * (one - c)),
                // The same from the cubic.
                (map.torus(), Complex::new(torus_of(&map.cubic), 0.0)),
            ];
            for (found, expected) in products {
                assert!((found - expected.re).abs() < 1e-12 && expected.im.abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    fn torus_of([c_0, c_1, c_2, c_3]: &[f64; 4]) -> f64 {
        c_3 * c_3 - c_1 * c_3 + c_2 * c_0 - c_0 * c_0
    }

    #[test]
    fn small_roots_next_to_a_large_one_are_found() {
        for (large, b, c) in [(1e9, -1.3, 0.2), (-1e12, 0.9, -0.5)] {
            // (mu - large) (mu² + b mu + c), lowest power first, over the large root.
            let cubic = [-c, c / large - b, b / large - 1.0];
            let ([_, one, other], third) = others_than_large(large, &cubic);
            assert!((third * large - 1.0).abs() < 1e-11, "{third}");
            assert!((one + other + b).norm() < 1e-11 && (one * other - c).norm() < 1e-11, "{one} {other}");
        }
    }

    #[test]
    fn the_basis_is_orthonormal_and_across_the_rate() {
        for rate in [Vector4::new(0.0, 0.0, 0.0, -2.0), Vector4::new(1.0, -3.0, 0.2, 2.9), Vector4::x()] {
            let basis = basis(&rate);
            for (i, a) in basis.iter().enumerate() {
                assert!(a.dot(&rate).abs() < 1e-14 * rate.norm());
                for (j, b) in basis.iter().enumerate() {
                    assert!((a.dot(b) - f64::from(u8::from(i == j))).abs() < 1e-14);
                }
            }
        }
    }
}
