//! Eq. 10 with the conductance from the table. Twin of `shaders/neuron.wgsl`.
//!
//! A run counts V and Z from an origin near the motion, and the kernel works with what changes from there: with g_0 the conductance
//! at the origin (X = 0), w = V - V_0 and ζ = Z - Z_0,
//!
//! ```text
//! dV/dt = [V_n - (1 + R_n g_0) V_0] - (1 + R_n g_0) w - R_n (g - g_0) V
//! g - g_0 = ½[(1+Z) ΔF_00 + (1-Z) ΔF_11] + ½ ζ (F_00 - F_11)|_0 + X F_01
//! ```
//!
//! which is Eq. 10 rearranged. Written as it stands in the paper, dV/dt is a difference of numbers of order 1 and carries their rounding:
//! in single precision V then stops answering to coherences below 10⁻⁷, and between the pulses of a slowly relaxing neuron the
//! oscillation dies to nothing, where it should hold on and grow. Here every term is as small as the motion.

use super::{
    Real,
    table::{Origin, Table},
};
use crate::model::{Parameters, State};
use std::f64::consts::SQRT_2;

/// The coefficients of Eq. 10 at one point of parameter space, for states counted from an origin.
#[derive(Debug, Clone, Copy)]
pub struct Neuron<T: Real> {
    r_n: T,
    gamma: T,
    /// alpha Gamma.
    relaxation: T,
    omega: T,
    /// Origin of V.
    base: T,
    /// Origin of Z.
    z_base: T,
    /// How far it lies above Z_T.
    z_above: T,
    /// dV/dt at the origin.
    rate: T,
    /// 1 + R_n g there.
    slope: T,
    /// ½ (F_00 - F_11) there.
    lean: T,
    /// The origin on the table.
    here: Origin<T>,
}

impl<T: Real> Neuron<T> {
    /// At the point `p`, for states as they are.
    #[must_use]
    pub fn new(p: &Parameters<T>, table: &Table<T>) -> Self {
        Self::about(p, T::zero(), T::zero(), table)
    }

    /// The same for states whose V is counted from `base` and whose Z from `z_base`.
    #[must_use]
    pub fn about(p: &Parameters<T>, base: T, z_base: T, table: &Table<T>) -> Self {
        let (one, half) = (T::one(), T::of(0.5));
        let here = table.origin(p.x_0 / p.l - T::of(SQRT_2) * base);
        let g = half * ((one + z_base) * here.f00 + (one - z_base) * here.f11);
        Self {
            r_n: p.r_n,
            gamma: p.gamma,
            relaxation: p.alpha * p.gamma,
            omega: p.omega,
            base,
            z_base,
            z_above: z_base - p.z_t,
            rate: (p.v_n - base) - p.r_n * g * base,
            slope: one + p.r_n * g,
            lean: half * (here.f00 - here.f11),
            here,
        }
    }

    /// Rates of change of the state by Eq. 10, per tau_c.
    #[inline]
    pub fn derivative(&self, s: &State<T>, table: &Table<T>) -> State<T> {
        let (one, two, half) = (T::one(), T::of(2.0), T::of(0.5));
        let f = table.around(&self.here, -T::of(SQRT_2) * s.v);
        let z = self.z_base + s.z;
        // What is known late comes last, so that little waits for it.
        let more = (s.z * self.lean + half * (one - z) * f.bend + f.f00) + s.x * f.f01;
        let v = (self.rate - self.slope * s.v) - self.r_n * (self.base + s.v) * more;
        State {
            x: (self.omega * s.y - self.gamma * s.x) + v * (two * z),
            y: -self.omega * s.x - self.gamma * s.y,
            z: -self.relaxation * (s.z + self.z_above) - v * (two * s.x),
            v,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::Format;
    use crate::model::{Conductance, derivative};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The rearranged equations are Eq. 10, from any origin.
        #[test]
        fn any_origin_gives_eq_10(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, z_t in 0.0..1.0f64, x in -0.5..0.5f64, z in -0.5..0.5f64,
            v in -9.0..9.0f64, base in -9.0..9.0f64, z_base in -1.0..1.0f64,
        ) {
            let p = Parameters { z_t, ..Parameters::at(v_n, r_n, 0.1) };
            let table = Table::<f64>::new(p.l, p.lambda);
            let exact = derivative(&State { x, y: 0.3, z, v }, &p, &Conductance::new(p.l, p.lambda));
            let neuron = Neuron::about(&p, base, z_base, &table);
            let found = neuron.derivative(&State { x, y: 0.3, z: z - z_base, v: v - base }, &table);
            for (f, e) in [(found.x, exact.x), (found.y, exact.y), (found.z, exact.z), (found.v, exact.v)] {
                prop_assert!((f - e).abs() < 1e-9, "{found:?} {exact:?}");
            }
        }
    }

    #[test]
    fn single_precision_answers_to_the_smallest_coherences() {
        let p = Parameters {
            v_n: 2.0,
            r_n: 6.0,
            gamma: 0.02,
            alpha: 0.05,
            z_t: 1.0,
            omega: 7.0,
            x_0: 0.8,
            l: 0.5,
            lambda: 0.13,
        };
        let exact = Table::<f64>::new(p.l, p.lambda);
        let single = Table::from_exact(&exact, Format::Rgba32Float);
        let about = |base, z_base| Neuron::about(&p.map(|v| v as f32), base, z_base, &single);
        let reference = Neuron::about(&p, 0.5, -0.25, &exact);
        // The response of dV/dt to a coherence and to a voltage of 1e-9, beside what it is without.
        for s in [State { x: 1e-9, y: 0.0, z: 0.0, v: 0.0 }, State { x: 0.0, y: 0.0, z: 0.0, v: 1e-9 }] {
            let none = State { x: 0.0, y: 0.0, z: 0.0, v: 0.0 };
            let sure = reference.derivative(&s, &exact).v - reference.derivative(&none, &exact).v;
            let (n, t) = (about(0.5, -0.25), State { x: s.x as f32, y: 0.0, z: 0.0, v: s.v as f32 });
            // What is added to a rate that is not 0 is rounded with it; the rate at the origin is what V comes to rest with.
            let found = Neuron { rate: 0.0, ..n }.derivative(&t, &single).v;
            assert!((f64::from(found) / sure - 1.0).abs() < 1e-3, "{found} {sure}");
            // Counted from 0 the same response drowns in rounding.
            let far = about(0.0, 0.0);
            let at = |s: &State<f64>| State { x: s.x as f32, y: 0.0, z: (s.z - 0.25) as f32, v: (0.5 + s.v) as f32 };
            let drowned = far.derivative(&at(&s), &single).v - far.derivative(&at(&none), &single).v;
            assert!((f64::from(drowned) / sure - 1.0).abs() > 0.1, "{drowned} {sure}");
        }
    }
}
