//! How fast a neuron can move: bounds on its rates, and the step of RK4 that follows from them.

use super::{Conductance, Parameters};
use std::f64::consts::SQRT_2;

/// `dt = ACCURATE_TURN / turn`: 0.02 at Omega = 7, where RK4's error in the span was 1e-6 or less (4e-5 at 0.05).
pub const ACCURATE_TURN: f64 = 0.14;
/// `dt = ACCURATE_STIFF / stiff`: keeps the fastest relaxation of V as well resolved as the oscillation.
pub const ACCURATE_STIFF: f64 = 0.4;
/// RK4 damps every mode while dt times its rate stays below this (2.785 on the real axis, 2.828 on the imaginary one).
/// `dt = ACCURATE_STIFF / drive` as well: while V moves fast, it turns the Bloch vector at the rate 2 |dV/dt|.
pub const STABLE: f64 = 2.7;

/// Upper bounds on the rates of motion of one or many neurons, per tau_c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Rotation of the Bloch vector about its axis, (Omega² + Gamma²)^½.
    pub turn: f64,
    /// Fastest relaxation: of V, of the particle through V, or by dephasing.
    pub stiff: f64,
    /// Rotation of X into Z by a moving voltage, 2 |dV/dt|.
    pub drive: f64,
}

/// Ranges within which neurons of one geometry are bounded together.
#[derive(Debug, Clone, Copy)]
pub struct Within {
    /// Voltages they pass through: from the least of 0, V_n and start to the greatest.
    pub v: (f64, f64),
    /// Input voltages.
    pub v_n: (f64, f64),
    /// Positions of the well.
    pub x_0: (f64, f64),
}

impl Rates {
    /// No motion at all: the neutral element of [`Rates::or`].
    pub const NONE: Self = Self { turn: 0.0, stiff: 0.0, drive: 0.0 };

    /// Bounds for parameters `p` (its V_n and x_0 aside) within ranges, for every state inside the Bloch sphere.
    ///
    /// g ≥ 0 there, so V never leaves the interval spanned by 0, V_n and its start: dV/dt points inwards at both ends.
    /// `stiff` bounds |∂V̇/∂V| (linear in the Bloch vector, hence largest on the sphere) plus the feedback
    /// 2 |∂V̇/∂(X, Z)| that Eq. 10 passes on to X and Z, plus Gamma max(1, alpha).
    #[must_use]
    pub fn bound(p: &Parameters<f64>, within: &Within, functions: &Conductance) -> Self {
        // F_ij vary on the longer of l and lambda; beyond 45 of either they are 0 to f64.
        let reach = 12.0_f64.max(45.0 * p.lambda / p.l);
        const POINTS: u32 = 400;
        let (mut slope, mut feedback) = (0.0_f64, 0.0_f64);
        let free = |v: f64| (within.v_n.0 - v).abs().max((within.v_n.1 - v).abs());
        let mut drive = free(within.v.0).max(free(within.v.1));
        for i in 0..=POINTS {
            let xi = reach * (2.0 * f64::from(i) / f64::from(POINTS) - 1.0);
            // The voltages that lie at xi, or up to halfway to its neighbours, for some position of the well. Everything below
            // is linear in V, so its ends do.
            let half = reach / f64::from(POINTS) / SQRT_2;
            let at = |x_0: f64| (x_0 / p.l - xi) / SQRT_2;
            let (low, high) = ((at(within.x_0.0) - half).max(within.v.0), (at(within.x_0.1) + half).min(within.v.1));
            if low > high {
                continue;
            }
            let f: [f64; 4] = functions.derivatives(xi);
            let (f01, f11) = (f[1] / SQRT_2, f[0] + 0.5 * f[2]);
            let conductance = 0.5 * (f[0] + f11) + (0.5 * (f[0] - f11)).hypot(f01);
            for v in [low, high] {
                // Derivatives of V F_ij with respect to V: x_V/l falls by √2 per unit of V.
                let along = |value: f64, d_xi: f64| value - SQRT_2 * v * d_xi;
                let (d00, d01, d11) = (along(f[0], f[1]), along(f01, f[2] / SQRT_2), along(f11, f[1] + 0.5 * f[3]));
                slope = slope.max(0.5 * (d00 + d11).abs() + (0.5 * (d00 - d11)).hypot(d01));
                feedback = feedback.max((v * f01).hypot(0.5 * v * (f[0] - f11)));
                drive = drive.max(free(v + p.r_n * conductance * v));
            }
        }
        Self {
            turn: p.omega.hypot(p.gamma),
            stiff: 1.0 + p.r_n * (slope + 2.0 * feedback) + p.gamma * p.alpha.max(1.0),
            drive: 2.0 * drive,
        }
    }

    /// Bounds for one neuron that starts at voltage `start`.
    #[must_use]
    pub fn of(p: &Parameters<f64>, start: f64, functions: &Conductance) -> Self {
        let v = (p.v_n.min(start).min(0.0), p.v_n.max(start).max(0.0));
        Self::bound(p, &Within { v, v_n: (p.v_n, p.v_n), x_0: (p.x_0, p.x_0) }, functions)
    }

    /// Bounds that hold for both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { turn: self.turn.max(other.turn), stiff: self.stiff.max(other.stiff), drive: self.drive.max(other.drive) }
    }

    /// The step the rule gives: min(ACCURATE_TURN / turn, ACCURATE_STIFF / max(stiff, drive)).
    #[must_use]
    pub fn step(&self) -> f64 {
        (ACCURATE_TURN / self.turn).min(ACCURATE_STIFF / self.stiff.max(self.drive))
    }

    /// The longest step at which RK4 is stable for every neuron within these bounds.
    #[must_use]
    pub fn longest_stable_step(&self) -> f64 {
        STABLE / self.turn.hypot(self.drive).max(self.stiff)
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
        fn bound_holds(v_n in -30.0..30.0f64, r_n in 0.0..20.0f64, z in -0.7..0.7f64, x in -0.7..0.7f64, part in 0.0..1.0f64) {
            let p = Parameters::at(v_n, r_n, 0.1);
            let functions = Conductance::new(p.l, p.lambda);
            let rates = Rates::of(&p, 0.0, &functions);
            let v = part * v_n;
            let at = |v| derivative(&State { x, y: 0.0, z, v }, &p, &functions).v;
            let slope = (at(v + 1e-5) - at(v - 1e-5)) / 2e-5;
            // The bound is taken on 401 points, which can lie a little beside the largest value.
            prop_assert!(slope.abs() <= rates.stiff * 1.02, "{slope} > {rates:?}");
            prop_assert!(2.0 * at(v).abs() <= rates.drive * 1.02 + 1e-9, "{} > {rates:?}", at(v));
            prop_assert!(rates.step() < rates.longest_stable_step());
        }
    }

    #[test]
    fn the_papers_own_parameters_get_a_fiftieth() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let step = Rates::of(&p, 0.0, &Conductance::new(p.l, p.lambda)).step();
        assert!((0.019..=0.02).contains(&step), "{step}");
    }
}
