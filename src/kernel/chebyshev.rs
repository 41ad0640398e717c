//! Polynomial interpolation at Chebyshev points: coefficients, error bound and reach.
//!
//! With n points the error is below M rⁿ/(2ⁿ⁻¹ n!), where r is the reach and M the largest n-th derivative.

use crate::model::F00Jets;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Interpolation at `TERMS` Chebyshev points of [-1, 1].
#[derive(Debug, Clone)]
pub struct Scheme<const TERMS: usize> {
    /// Chebyshev points, at which the functions are evaluated.
    pub points: [f64; TERMS],
    /// Row j: weight of the j-th value in the coefficient of each power.
    powers: [[f64; TERMS]; TERMS],
}

impl<const TERMS: usize> Default for Scheme<TERMS> {
    fn default() -> Self {
        let angle = |j: usize| PI * (j as f64 + 0.5) / TERMS as f64;
        // Chebyshev polynomials in powers: T_n = 2 u T_(n-1) - T_(n-2).
        let mut chebyshev = [[0.0; TERMS]; TERMS];
        for n in 0..TERMS {
            for k in 0..TERMS {
                chebyshev[n][k] = match (n, k) {
                    (0 | 1, _) => f64::from(n == k),
                    (_, 0) => -chebyshev[n - 2][0],
                    _ => 2.0 * chebyshev[n - 1][k - 1] - chebyshev[n - 2][k],
                };
            }
        }
        let part = |n: usize, j: usize| {
            let weight = if n == 0 { 1.0 } else { 2.0 } / TERMS as f64;
            weight * (n as f64 * angle(j)).cos()
        };
        let power = |k: usize, j: usize| (0..TERMS).map(|n| part(n, j) * chebyshev[n][k]).sum();
        Self {
            points: std::array::from_fn(|j| angle(j).cos()),
            powers: std::array::from_fn(|j| std::array::from_fn(|k| power(k, j))),
        }
    }
}

impl<const TERMS: usize> Scheme<TERMS> {
    /// Coefficients of 1, u, u², … of the polynomial through the values of a function.
    #[inline]
    #[must_use]
    pub fn through(&self, values: &[f64; TERMS]) -> [f64; TERMS] {
        let mut sums = [0.0; TERMS];
        for (powers, value) in self.powers.iter().zip(values) {
            for (sum, power) in sums.iter_mut().zip(powers) {
                *sum += power * value;
            }
        }
        sums
    }
}

/// Bound on the error of F_00, F_01 and F_11 as polynomials of `terms` coefficients with this reach in xi.
#[must_use]
pub fn error(profile: &F00Jets, terms: usize, reach: f64) -> f64 {
    let power = (1..=terms).fold(2.0, |p, k| 0.5 * p * reach / k as f64);
    let largest = |n: usize| profile.bound(terms + n);
    power * (largest(0) + 0.5 * largest(2)).max(FRAC_1_SQRT_2 * largest(1))
}

/// Reach in xi of polynomials of `terms` coefficients whose error is at most `allowed`.
#[must_use]
pub fn reach(profile: &F00Jets, terms: usize, allowed: f64) -> f64 {
    let (mut inside, mut outside) = (0.0, profile.end());
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if error(profile, terms, middle) <= allowed { inside = middle } else { outside = middle }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A polynomial of degree `TERMS` - 1 is reproduced.
        #[test]
        fn what_fits_is_found(c in proptest::array::uniform5(-1.0..1.0f64)) {
            let scheme = Scheme::<5>::default();
            let values = scheme.points.map(|u| c.iter().rev().fold(0.0, |sum, c| sum * u + c));
            for (found, sent) in scheme.through(&values).iter().zip(&c) {
                prop_assert!((found - sent).abs() < 1e-14);
            }
        }
    }
}
