//! Eq. 10 on a piece of the conductance table, in changes from an origin. Twin of `shaders/neuron.wgsl`.
//!
//! A run counts V and Z from an origin near the motion, and the kernel works with the changes from there:
//! with g_0 the conductance at the origin (X = 0), w = V - V_0 and ζ = Z - Z_0,
//!
//! ```text
//! dV/dt = [V_n - (1 + R_n g_0) V_0] - (1 + R_n g_0) w - R_n (g - g_0) V
//! g - g_0 = ΔF_00 + (1-Z) ½ Δ(F_11 - F_00) + ½ ζ (F_00 - F_11)|_0 + X F_01
//! ```
//!
//! which is Eq. 10 rearranged. As written in the paper, dV/dt is a difference of numbers of order 1 and
//! carries their rounding: in single precision V then does not respond to coherences below 10⁻⁷, and between
//! the pulses of a slowly relaxing neuron the oscillation decays to nothing where it should persist and grow.
//! Here every term is as small as the motion.
//!
//! The changes, times R_n, are polynomials in w from the motion's piece of the table. If that piece contains
//! the origin, they are expanded about it, so that they vanish with w.

use super::Real;
use super::table::{Table, polynomials};
use crate::model::{Parameters, State};
use std::f64::consts::SQRT_2;

/// Coefficients of Eq. 10 at one point of parameter space, for states counted from an origin and V on one
/// piece of the table.
#[derive(Debug, Clone, Copy)]
pub struct Neuron<T: Real> {
    gamma: T,
    /// Relaxation rate of Z, alpha Gamma, per tau_c.
    relaxation: T,
    /// Relaxation of Z at its origin, alpha Gamma (Z_0 - Z_T).
    z_drift: T,
    omega: T,
    /// Origin of V.
    v_0: T,
    /// Origin of Z.
    z_0: T,
    /// Rate dV/dt at the origin.
    v_dot_0: T,
    /// 1 + R_n g at the origin.
    leak: T,
    /// R_n ½ (F_00 - F_11) at the origin.
    r_dg_dz: T,
    /// The w about which the polynomials are expanded.
    expansion_point: T,
    /// Lowest w on the piece.
    low: T,
    /// Highest w on the piece.
    high: T,
    /// R_n times the change of F_00, F_01 itself and the change of ½ (F_11 - F_00), in powers of
    /// w - `expansion_point`.
    terms: T::Piece,
}

/// Coordinate xi at voltage `v`.
#[inline]
pub fn xi_at<T: Real>(p: &Parameters<T>, v: T) -> T {
    p.x_0 / p.l - T::of(SQRT_2) * v
}

impl<T: Real> Neuron<T> {
    /// Coefficients for states counted from 0, on the piece nearest to `s`.
    #[must_use]
    pub fn at(p: &Parameters<T>, s: &State<T>, table: &Table<T>) -> Self {
        Self::about(p, [T::zero(); 2], table.nearest(xi_at(p, s.v)), table)
    }

    /// Coefficients for states whose V and Z are counted from an origin, on this piece of the table.
    #[must_use]
    pub fn about(p: &Parameters<T>, [v_0, z_0]: [T; 2], piece: i32, table: &Table<T>) -> Self {
        let (zero, one) = (T::zero(), T::one());
        let xi = xi_at(p, v_0);
        let here = table.place(piece, xi);
        let holds = here.u.abs() <= one;
        // The functions at the origin, from this piece if it contains the origin.
        let f = table.at(if holds { piece } else { table.nearest(xi) }, xi);
        let g = f[0] + (one - z_0) * f[2];
        // u = u_0 + stretch w.
        let stretch = -here.side * T::of(SQRT_2) * table.inverse_reach;
        let (by, expansion_point) = if holds { (here.u, zero) } else { (zero, -here.u / stretch) };
        let mut terms = *table.coefficients(piece);
        let c = terms.as_mut();
        // Repeated synthetic division moves the expansion point of the polynomials.
        for start in 0..c.len() - 1 {
            for k in (start..c.len() - 1).rev() {
                c[k] = std::array::from_fn(|f| c[k][f] + by * c[k + 1][f]);
            }
        }
        c[0] = if holds { [zero, c[0][1], zero] } else { [c[0][0] - f[0], c[0][1], c[0][2] - f[2]] };
        let mut scale = p.r_n;
        for c in c {
            *c = [scale * c[0], scale * (here.side * c[1]), scale * c[2]];
            scale = scale * stretch;
        }
        let [low, high] = table.range(piece, xi);
        let relaxation = p.alpha * p.gamma;
        Self {
            gamma: p.gamma,
            relaxation,
            z_drift: relaxation * (z_0 - p.z_t),
            omega: p.omega,
            v_0,
            z_0,
            v_dot_0: (p.v_n - v_0) - p.r_n * g * v_0,
            leak: one + p.r_n * g,
            r_dg_dz: -p.r_n * f[2],
            expansion_point,
            low,
            high,
            terms,
        }
    }

    /// Whether this V is off the piece; false for NaN.
    #[inline]
    pub fn leaves(&self, v: T) -> bool {
        v < self.low || v > self.high
    }

    /// Rates of change of the state by Eq. 10, per tau_c.
    #[inline]
    pub fn derivative(&self, s: &State<T>) -> State<T> {
        let (one, two) = (T::one(), T::of(2.0));
        let f = polynomials(&self.terms, s.v - self.expansion_point);
        let z = self.z_0 + s.z;
        // Operands that are ready last enter last: a shorter dependency chain.
        let dg_terms = (s.z * self.r_dg_dz + (one - z) * f[2] + f[0]) + s.x * f[1];
        let v = (self.v_dot_0 - self.leak * s.v) - (self.v_0 + s.v) * dg_terms;
        State {
            x: (self.omega * s.y - self.gamma * s.x) + v * (two * z),
            y: -self.omega * s.x - self.gamma * s.y,
            z: -(self.relaxation * s.z + self.z_drift) - v * (two * s.x),
            v,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::Format;
    use crate::model::{Conductance, F00Jets, derivative};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The rearranged equations are Eq. 10 for any origin, on any piece that contains V.
        #[test]
        fn any_origin_and_piece_give_eq_10(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, z_t in 0.0..1.0f64, x in -0.5..0.5f64, z in -0.5..0.5f64,
            v in -9.0..9.0f64, v_0 in -9.0..9.0f64, z_0 in -1.0..1.0f64, near in -0.2..0.2f64, part in -0.9..0.9f64,
        ) {
            let p = Parameters { z_t, ..Parameters::at(v_n, r_n, 0.1) };
            let table = Table::<f64>::new(p.l, p.lambda);
            let exact = derivative(&State { x, y: 0.3, z, v }, &p, &Conductance::new(p.l, p.lambda));
            let piece = table.nearest(xi_at(&p, v) + part * table.reach);
            for v_0 in [v_0, v + near] {
                let neuron = Neuron::about(&p, [v_0, z_0], piece, &table);
                prop_assert!(!neuron.leaves(v - v_0));
                let found = neuron.derivative(&State { x, y: 0.3, z: z - z_0, v: v - v_0 });
                for (f, e) in [(found.x, exact.x), (found.y, exact.y), (found.z, exact.z), (found.v, exact.v)] {
                    prop_assert!((f - e).abs() < 1e-9, "{found:?} {exact:?}");
                }
            }
            // `low` and `high` are the ends of the piece.
            let neuron = Neuron::about(&p, [v_0, z_0], piece, &table);
            let (up, down) = (table.place(piece, xi_at(&p, v_0 + neuron.low)), table.place(piece, xi_at(&p, v_0 + neuron.high)));
            for (edge, open) in [(up, piece == table.last()), (down, piece == -table.last())] {
                prop_assert!(open || (edge.u.abs() - 1.0).abs() < 1e-9, "{edge:?}");
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
        let profile = F00Jets::new(p.l, p.lambda);
        let (exact, single) =
            (Table::<f64>::of(&profile, p.l, p.lambda), Table::<f32>::of(&profile, p.l, p.lambda, Format::default()));
        let q = p.map(|v| v as f32);
        // For any place of the motion on its piece.
        for off in [-0.08, 0.0, 0.07] {
            let about = |v_0, z_0| Neuron::about(&q, [v_0, z_0], single.nearest(xi_at(&q, 0.5 + off)), &single);
            let reference = Neuron::about(&p, [0.5, -0.25], exact.nearest(xi_at(&p, 0.5)), &exact);
            // The change of dV/dt by a coherence, and by a voltage, of 1e-9.
            for s in [State { x: 1e-9, y: 0.0, z: 0.0, v: 0.0 }, State { x: 0.0, y: 0.0, z: 0.0, v: 1e-9 }] {
                let none = State { x: 0.0, y: 0.0, z: 0.0, v: 0.0 };
                let sure = reference.derivative(&s).v - reference.derivative(&none).v;
                let (n, t) = (about(0.5, -0.25), State { x: s.x as f32, y: 0.0, z: 0.0, v: s.v as f32 });
                // Added to a nonzero rate at the origin, the response is rounded with it; at rest that rate is 0.
                let found = Neuron { v_dot_0: 0.0, ..n }.derivative(&t).v;
                assert!((f64::from(found) / sure - 1.0).abs() < 1e-3, "{found} {sure}");
                // Counted from 0, this response is lost in rounding.
                let far = about(0.0, 0.0);
                let at =
                    |s: &State<f64>| State { x: s.x as f32, y: 0.0, z: (s.z - 0.25) as f32, v: (0.5 + s.v) as f32 };
                let drowned = far.derivative(&at(&s)).v - far.derivative(&at(&none)).v;
                assert!((f64::from(drowned) / sure - 1.0).abs() > 0.1, "{drowned} {sure}");
            }
        }
    }
}
