//! Conductance terms of dV/dt for one lane: polynomials in V about a centre near its motion, computed again when
//! the motion leaves their reach.
//!
//! They have the length and the reach of the table's pieces, but their centre follows the motion.

use crate::kernel::chebyshev::Scheme;
use crate::model::{F00Jets, Parameters};
use std::f64::consts::SQRT_2;

/// Polynomials and constants of one lane about an origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms<const TERMS: usize> {
    /// R_n times the change of F_00 from the origin, in powers of V - centre.
    pub f_00: [f64; TERMS],
    /// R_n F_01, in powers of V - centre.
    pub f_01: [f64; TERMS],
    /// R_n times the change of ½ (F_11 - F_00) from the origin, in powers of V - centre.
    pub half_f_11: [f64; TERMS],
    /// Rate dV/dt at the origin.
    pub v_dot_0: f64,
    /// 1 + R_n g at the origin.
    pub leak: f64,
    /// R_n ½ (F_00 - F_11) at the origin.
    pub r_dg_dz: f64,
}

impl<const TERMS: usize> Terms<TERMS> {
    /// Terms for states with V counted from `v_0` and Z from `z_0`; the polynomials are about `v_0 + centre` and
    /// serve up to `reach` in V.
    #[must_use]
    pub(super) fn new(
        p: &Parameters<f64>,
        [v_0, z_0]: [f64; 2],
        [centre, reach]: [f64; 2],
        profile: &F00Jets,
        scheme: &Scheme<TERMS>,
    ) -> Self {
        let xi = p.x_0 / p.l - SQRT_2 * v_0;
        let here = profile.elements(xi);
        let difference = here.f11 - here.f00;
        let g = here.f00 + 0.5 * (1.0 - z_0) * difference;
        let f = profile.elements_at(&scheme.points.map(|point| xi - SQRT_2 * (centre + reach * point)));
        let mut scale = 1.0;
        let scales: [f64; TERMS] = std::array::from_fn(|_| {
            let here = scale;
            scale /= reach;
            here
        });
        let through = |values: [f64; TERMS]| {
            let c = scheme.through(&values);
            std::array::from_fn(|k| scales[k] * c[k])
        };
        Self {
            f_00: through(f.f00.map(|f| p.r_n * (f - here.f00))),
            f_01: through(f.f01.map(|f| p.r_n * f)),
            half_f_11: through(std::array::from_fn(|j| p.r_n * (0.5 * (f.f11[j] - f.f00[j] - difference)))),
            v_dot_0: (p.v_n - v_0) - p.r_n * g * v_0,
            leak: 1.0 + p.r_n * g,
            r_dg_dz: -0.5 * p.r_n * difference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Real, chebyshev};
    use crate::model::{Conductance, State, derivative};
    use proptest::prelude::*;
    use std::f64::consts::FRAC_1_SQRT_2;

    /// dV/dt from the terms, in f64.
    fn v_rate<const N: usize>(t: &Terms<N>, [v_0, z_0]: [f64; 2], centre: f64, s: &State<f64>) -> f64 {
        let u = s.v - v_0 - centre;
        let sum = |terms: &[f64]| terms.iter().rev().fold(0.0, |sum, c| sum * u + c);
        let z = s.z - z_0;
        let dg_terms = sum(&t.f_00) + (1.0 - s.z) * sum(&t.half_f_11) + z * t.r_dg_dz + s.x * sum(&t.f_01);
        t.v_dot_0 - t.leak * (s.v - v_0) - dg_terms * s.v
    }

    /// A function from parameters, origin, state and fraction of the reach to dV/dt and the reach.
    type Found = fn(&Parameters<f64>, [f64; 2], &State<f64>, f64) -> (f64, f64);

    /// dV/dt from terms whose centre is `part` of their reach below the state's V, and that reach.
    fn found<T: Real, const N: usize>(p: &Parameters<f64>, origin: [f64; 2], s: &State<f64>, part: f64) -> (f64, f64) {
        let profile = F00Jets::new(p.l, p.lambda);
        let reach = FRAC_1_SQRT_2 * chebyshev::reach(&profile, N, T::TABLE_ERROR);
        let centre = s.v - origin[0] - part * reach;
        (v_rate(&Terms::<N>::new(p, origin, [centre, reach], &profile, &Scheme::default()), origin, centre, s), reach)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        /// Terms agree with Eq. 10 within their reach for any geometry, to about R_n V times a table's allowed error.
        #[test]
        fn terms_are_eq_10_within_their_reach(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, x in -0.7..0.7f64, z in -0.7..0.7f64, v_0 in -9.0..9.0f64,
            z_0 in -1.0..1.0f64, v in -0.3..0.3f64, part in -1.0..1.0f64, decades in -2.0..2.0f64,
        ) {
            let p = Parameters { lambda: 0.5 * 10_f64.powf(decades), ..Parameters::at(v_n, r_n, 0.1) };
            let s = State { x, y: 0.3, z, v: v_0 + v };
            let exact = derivative(&s, &p, &Conductance::new(p.l, p.lambda)).v;
            let allowed = (r_n * s.v).abs();
            let (single, reach) = found::<f32, 5>(&p, [v_0, z_0], &s, part);
            prop_assert!((single - exact).abs() <= 1e-9 + 2e-6 * allowed, "{single} {exact} {reach}");
            let (double, reach) = found::<f64, 9>(&p, [v_0, z_0], &s, part);
            prop_assert!((double - exact).abs() <= 1e-12 + 1e-11 * allowed, "{double} {exact} {reach}");
        }
    }

    #[test]
    fn the_reach_is_worth_having_and_no_longer_than_it_may_be() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let functions = Conductance::new(p.l, p.lambda);
        // Largest error of dV/dt over R_n V at this fraction of the reach.
        let worst = |at: Found, part: f64| {
            let all = (0..200).map(|i| {
                let s = State { x: 0.5, y: 0.0, z: 0.0, v: 0.013 + 0.02 * f64::from(i - 50) };
                let (found, reach) = at(&p, [s.v, 0.0], &s, part);
                assert!(reach > 0.085, "it holds spans of 0.17 about their middle: {reach}");
                (found - derivative(&s, &p, &functions).v).abs() / (6.0 * s.v.abs())
            });
            all.fold(0.0, f64::max)
        };
        for (at, allowed) in [(found::<f32, 5> as Found, f32::TABLE_ERROR), (found::<f64, 9>, f64::TABLE_ERROR)] {
            let (inside, outside) = (worst(at, 0.98), worst(at, 2.0));
            assert!(inside < 2.0 * allowed && inside > 0.02 * allowed, "{inside:e}");
            // Negative control: at twice the reach the error is far above the bound.
            assert!(outside > 10.0 * allowed, "{outside:e}");
        }
    }
}
