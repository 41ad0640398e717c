//! The conductance terms of dV/dt for one lane: polynomials in V about where its motion is, taken from the table anew when it leaves.
//!
//! Coefficients that lie in registers and the first cache cost a vector nothing to look up, where a table of nodes costs every lane a
//! gather. They come from Taylor's, taken in f64 from the table's jets, by leaving off Chebyshev polynomials of the highest degrees; the
//! reach is as long as keeps the error within that of the single-precision table, and holds the oscillations of most cells.

use super::super::Real;
use super::super::table::{EXACT, Table};
use super::rows::TERMS;
use crate::model::Parameters;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Terms and constants of one lane about an origin, with R_n where the rows have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The change of F_00.
    pub change: [f64; TERMS],
    /// F_01.
    pub cross: [f64; TERMS],
    /// Half the change of F_11 - F_00.
    pub bend: [f64; TERMS],
    /// dV/dt at the origin.
    pub rate: f64,
    /// 1 + R_n g there.
    pub slope: f64,
    /// ½ (F_00 - F_11) there.
    pub lean: f64,
}

impl Terms {
    /// For states whose V is counted from `base` and Z from `z_base`, with polynomials about `base + centre` that serve to `reach`.
    #[must_use]
    pub fn new(p: &Parameters<f64>, [base, z_base]: [f64; 2], centre: f64, reach: f64, table: &Table<f64>) -> Self {
        let xi = p.x_0 / p.l - SQRT_2 * base;
        let origin = table.jet_about(xi);
        let here = table.jet_about(xi - SQRT_2 * centre);
        let (f00, half_bend) = (origin[0], origin[2]);
        // F_11 = F_00 + ½ F_00'', and jets hold F_00''/2.
        let g = f00 + 0.5 * (1.0 - z_base) * half_bend;
        let mut powers = [1.0; EXACT];
        for k in 1..EXACT {
            powers[k] = -SQRT_2 * powers[k - 1];
        }
        // The n-th derivative's k-th Taylor coefficient.
        let derived = |k: usize, n: usize| (k + 1..=k + n).map(|m| m as f64).product::<f64>() * here[k + n];
        let mut change: [f64; EXACT] = std::array::from_fn(|k| p.r_n * powers[k] * here[k]);
        change[0] = p.r_n * (here[0] - f00);
        let cross: [f64; EXACT - 1] = std::array::from_fn(|k| p.r_n * FRAC_1_SQRT_2 * powers[k] * derived(k, 1));
        let mut bend: [f64; EXACT - 2] = std::array::from_fn(|k| 0.25 * p.r_n * powers[k] * derived(k, 2));
        bend[0] = 0.5 * p.r_n * (here[2] - half_bend);
        let (change, cross, bend) = (economised(change, reach), economised(cross, reach), economised(bend, reach));
        Self {
            change,
            cross,
            bend,
            rate: (p.v_n - base) - p.r_n * g * base,
            slope: 1.0 + p.r_n * g,
            lean: -0.5 * p.r_n * half_bend,
        }
    }
}

/// How far from their centre, in V, the polynomials of a table serve with the error that single precision may have: of Taylor's remainder,
/// and of what is left off, in F_00, F_01 and F_11.
#[must_use]
pub fn reach(table: &Table<f64>) -> f32 {
    let largest = |n: usize| table.largest_derivative(n);
    let power = |d: f64, n: usize| (1..=n).fold(1.0, |p, k| p * d / k as f64);
    // The k-th term of the n-th derivative, where it is left off, and the remainder.
    let left_off = |d: f64, n: usize| -> f64 {
        let terms = (TERMS..EXACT - n).map(|k| largest(k + n) * power(d, k) / f64::from(1 << (k - 1)));
        terms.sum::<f64>() + largest(EXACT) * power(d, EXACT - n)
    };
    let error = |d: f64| (left_off(d, 0) + 0.5 * left_off(d, 2)).max(FRAC_1_SQRT_2 * left_off(d, 1));
    let (mut inside, mut outside) = (0.0, table.end);
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if error(middle) <= f32::TABLE_ERROR { inside = middle } else { outside = middle }
    }
    (inside * FRAC_1_SQRT_2) as f32
}

/// Chebyshev polynomials of degree `TERMS` and more, by powers from 0 on.
const CHEBYSHEV: [[f64; EXACT]; EXACT - TERMS] = [
    [0.0, 5.0, 0.0, -20.0, 0.0, 16.0, 0.0, 0.0],
    [-1.0, 0.0, 18.0, 0.0, -48.0, 0.0, 32.0, 0.0],
    [0.0, -7.0, 0.0, 56.0, 0.0, -112.0, 0.0, 64.0],
];

/// The polynomial of `TERMS` coefficients that stands for one of more within `reach` of 0 best.
fn economised<const N: usize>(mut terms: [f64; N], reach: f64) -> [f64; TERMS] {
    for n in (TERMS..N).rev() {
        let chebyshev = &CHEBYSHEV[n - TERMS];
        // In powers of u/reach, so that the one of degree n vanishes.
        let mut share = terms[n] / chebyshev[n];
        for k in (0..n).rev() {
            share *= reach;
            terms[k] -= share * chebyshev[k];
        }
    }
    std::array::from_fn(|k| terms[k])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conductance, State, derivative};
    use proptest::prelude::*;

    /// dV/dt from the terms, in f64.
    fn v_rate(t: &Terms, [base, z_base]: [f64; 2], centre: f64, s: &State<f64>) -> f64 {
        let u = s.v - base - centre;
        let sum = |terms: &[f64]| terms.iter().rev().fold(0.0, |sum, c| sum * u + c);
        let z = s.z - z_base;
        let more = sum(&t.change) + (1.0 - s.z) * sum(&t.bend) + z * t.lean + s.x * sum(&t.cross);
        t.rate - t.slope * (s.v - base) - more * s.v
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        /// Within their reach they are Eq. 10, for any geometry, to R_n times the error that a table may have.
        #[test]
        fn terms_are_eq_10_within_their_reach(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, x in -0.7..0.7f64, z in -0.7..0.7f64, base in -9.0..9.0f64,
            z_base in -1.0..1.0f64, centre in -0.3..0.3f64, part in -1.0..1.0f64, decades in -2.0..2.0f64,
        ) {
            let p = Parameters { lambda: 0.5 * 10_f64.powf(decades), ..Parameters::at(v_n, r_n, 0.1) };
            let table = Table::<f64>::new(p.l, p.lambda);
            let reach = f64::from(reach(&table));
            let s = State { x, y: 0.3, z, v: base + centre + part * reach };
            let terms = Terms::new(&p, [base, z_base], centre, reach, &table);
            let exact = derivative(&s, &p, &Conductance::new(p.l, p.lambda)).v;
            let found = v_rate(&terms, [base, z_base], centre, &s);
            prop_assert!((found - exact).abs() <= 1e-9 + 2e-6 * (r_n * s.v).abs(), "{found} {exact} {reach}");
        }
    }

    #[test]
    fn the_reach_is_worth_having_and_no_longer_than_it_may_be() {
        let table = Table::<f64>::new(0.5, 0.13);
        let reach = f64::from(reach(&table));
        // It holds spans of 0.15 about their middle.
        assert!(reach > 0.07, "{reach}");
        // The negative control: at twice the reach the error is far beyond the promise.
        let p = Parameters::at(2.0, 6.0, 0.1);
        let worst = (0..200).map(|i| {
            let base = -1.0 + 0.02 * f64::from(i);
            let s = State { x: 0.0, y: 0.0, z: 0.0, v: base + 2.0 * reach };
            let exact = derivative(&s, &p, &Conductance::new(p.l, p.lambda)).v;
            (v_rate(&Terms::new(&p, [base, 0.0], 0.0, reach, &table), [base, 0.0], 0.0, &s) - exact).abs() / 6.0
        });
        assert!(worst.fold(0.0, f64::max) > 1e-6);
    }
}
