//! Eq. 10 with the conductance from the table. Twin of `shaders/neuron.wgsl`.

use super::{Real, table::Table};
use crate::model::{Parameters, State};
use std::f64::consts::SQRT_2;

/// The coefficients of Eq. 10 at one point of parameter space, for states counted from an origin.
///
/// A sweep counts V from a `base` near the motion and Z from Z_T: a small oscillation far from 0 then keeps all the digits
/// that its own size allows, and a slow approach of Z to Z_T does not stall on rounding.
#[derive(Debug, Clone, Copy)]
pub struct Neuron<T> {
    v_n: T,
    r_n: T,
    gamma: T,
    /// alpha Gamma.
    relaxation: T,
    z_t: T,
    omega: T,
    /// x_0 / l: where the well lies on the table.
    well: T,
    /// Origin of V.
    base: T,
    /// Origin of Z.
    z_base: T,
}

impl<T: Real> Neuron<T> {
    /// At the point `p`, for states as they are.
    #[must_use]
    pub fn new(p: &Parameters<T>) -> Self {
        Self {
            v_n: p.v_n,
            r_n: p.r_n,
            gamma: p.gamma,
            relaxation: p.alpha * p.gamma,
            z_t: p.z_t,
            omega: p.omega,
            well: p.x_0 / p.l,
            base: T::zero(),
            z_base: T::zero(),
        }
    }

    /// The same for states whose V is counted from `base` and whose Z from Z_T.
    #[must_use]
    pub fn about(p: &Parameters<T>, base: T) -> Self {
        Self { base, z_base: p.z_t, ..Self::new(p) }
    }

    /// Rates of change of the state by Eq. 10, per tau_c.
    #[inline]
    pub fn derivative(&self, s: &State<T>, table: &Table<T>) -> State<T> {
        let (one, two, half, root) = (T::one(), T::of(2.0), T::of(0.5), T::of(SQRT_2));
        let f = table.look_up((self.well - root * self.base) - root * s.v);
        let z = self.z_base + s.z;
        let g = half * ((one + z) * f.f00 + (one - z) * f.f11) + s.x * f.f01;
        let v = (self.v_n - self.base) - s.v - self.r_n * g * (self.base + s.v);
        let push = two * v;
        State {
            x: self.omega * s.y + push * z - self.gamma * s.x,
            y: -self.omega * s.x - self.gamma * s.y,
            z: -push * s.x - self.relaxation * (s.z - (self.z_t - self.z_base)),
            v,
        }
    }
}
