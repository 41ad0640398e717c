//! How fast a neuron can move: bounds on its rates, and the step of RK4 that follows from them.

use super::{Conductance, Parameters};
use std::f64::consts::SQRT_2;

/// `dt = ACCURATE_TURN / turn`: 0.02 at Omega = 7, where RK4's error in the span was 1e-6 or less (4e-5 at 0.05).
pub const ACCURATE_TURN: f64 = 0.14;
/// `dt = ACCURATE_STIFF / stiff`: keeps the fastest relaxation of V as well resolved as the oscillation.
pub const ACCURATE_STIFF: f64 = 0.4;
/// RK4 damps every mode while dt times its rate stays below this (2.785 on the real axis, 2.828 on the imaginary one).
pub const STABLE: f64 = 2.7;

/// Upper bounds on the rates of motion of one or many neurons, per tau_c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Rotation of the Bloch vector, (Omega² + Gamma²)^½.
    pub turn: f64,
    /// Fastest relaxation: of V, of the particle through V, or by dephasing.
    pub stiff: f64,
}

impl Rates {
    /// Bounds for parameters `p` while V stays in `v_range`, for every state inside the Bloch sphere.
    ///
    /// g ≥ 0 there, so V never leaves the interval spanned by 0, V_n and its start: dV/dt points inwards at both ends.
    /// `stiff` bounds |∂V̇/∂V| (linear in the Bloch vector, hence largest on the sphere) plus the feedback
    /// 2 |∂V̇/∂(X, Z)| that Eq. 10 passes on to X and Z, plus Gamma max(1, alpha).
    #[must_use]
    pub fn bound(p: &Parameters<f64>, v_range: (f64, f64), functions: &Conductance) -> Self {
        // F_ij vary on the longer of l and lambda; beyond 45 of either they are 0 to f64.
        let reach = 12.0_f64.max(45.0 * p.lambda / p.l);
        let xi = |v: f64| p.x_0 / p.l - SQRT_2 * v;
        let v_at = |xi: f64| (p.x_0 / p.l - xi) / SQRT_2;
        let low = v_range.0.max(v_at(reach));
        let high = v_range.1.min(v_at(-reach));
        let (mut slope, mut feedback) = (0.0_f64, 0.0_f64);
        const POINTS: u32 = 400;
        for i in 0..=POINTS {
            let v = low + (high - low) * f64::from(i) / f64::from(POINTS);
            if low > high {
                break;
            }
            let f: [f64; 4] = functions.derivatives(xi(v));
            let (f01, f11) = (f[1] / SQRT_2, f[0] + 0.5 * f[2]);
            // Derivatives of V F_ij with respect to V: x_V/l falls by √2 per unit of V.
            let along = |value: f64, d_xi: f64| value - SQRT_2 * v * d_xi;
            let (d00, d01, d11) = (along(f[0], f[1]), along(f01, f[2] / SQRT_2), along(f11, f[1] + 0.5 * f[3]));
            slope = slope.max(0.5 * (d00 + d11).abs() + (0.5 * (d00 - d11)).hypot(d01));
            feedback = feedback.max((v * f01).hypot(0.5 * v * (f[0] - f11)));
        }
        Self {
            turn: p.omega.hypot(p.gamma),
            stiff: 1.0 + p.r_n * (slope + 2.0 * feedback) + p.gamma * p.alpha.max(1.0),
        }
    }

    /// Bounds that hold for both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { turn: self.turn.max(other.turn), stiff: self.stiff.max(other.stiff) }
    }

    /// The step the rule gives: min(ACCURATE_TURN / turn, ACCURATE_STIFF / stiff).
    #[must_use]
    pub fn step(&self) -> f64 {
        (ACCURATE_TURN / self.turn).min(ACCURATE_STIFF / self.stiff)
    }

    /// The longest step at which RK4 is stable for every neuron within these bounds.
    #[must_use]
    pub fn longest_stable_step(&self) -> f64 {
        STABLE / self.turn.max(self.stiff)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{State, derivative};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// ∂V̇/∂V by differences never exceeds the bound, anywhere in the sphere and in the voltage's range.
        #[test]
        fn bound_holds(v_n in -8.0..8.0f64, r_n in 0.0..20.0f64, z in -0.7..0.7f64, x in -0.7..0.7f64, part in 0.0..1.0f64) {
            let p = Parameters { v_n, r_n, gamma: 0.1, alpha: 1.0, z_t: 1.0, omega: 7.0, x_0: 0.8, l: 0.5, lambda: 0.13 };
            let functions = Conductance::new(p.l, p.lambda);
            let range = (v_n.min(0.0), v_n.max(0.0));
            let rates = Rates::bound(&p, range, &functions);
            let v = range.0 + part * (range.1 - range.0);
            let at = |v| derivative(&State { x, y: 0.0, z, v }, &p, &functions).v;
            let slope = (at(v + 1e-5) - at(v - 1e-5)) / 2e-5;
            prop_assert!(slope.abs() <= rates.stiff * 1.001, "{slope} > {rates:?}");
            prop_assert!(rates.step() < rates.longest_stable_step());
        }
    }

    #[test]
    fn the_papers_own_parameters_get_a_fiftieth() {
        let p = Parameters {
            v_n: 2.0,
            r_n: 6.0,
            gamma: 0.1,
            alpha: 1.0,
            z_t: 1.0,
            omega: 7.0,
            x_0: 0.8,
            l: 0.5,
            lambda: 0.13,
        };
        let step = Rates::bound(&p, (0.0, 2.0), &Conductance::new(p.l, p.lambda)).step();
        assert!((0.019..=0.02).contains(&step), "{step}");
    }
}
