//! Eq. 10 with the conductance from the table. Twin of `shaders/neuron.wgsl`.

use super::{Real, table::Table};
use crate::model::{Parameters, State};
use std::f64::consts::SQRT_2;

/// The coefficients of Eq. 10 at one point of parameter space.
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
}

impl<T: Real> Neuron<T> {
    /// At the point `p`.
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
        }
    }

    /// Rates of change of the state by Eq. 10, per tau_c.
    #[inline]
    pub fn derivative(&self, s: &State<T>, table: &Table<T>) -> State<T> {
        let (one, two, half) = (T::one(), T::of(2.0), T::of(0.5));
        let f = table.look_up(self.well - T::of(SQRT_2) * s.v);
        let g = half * ((one + s.z) * f.f00 + (one - s.z) * f.f11) + s.x * f.f01;
        let v = self.v_n - (one + self.r_n * g) * s.v;
        let push = two * v;
        State {
            x: self.omega * s.y + push * s.z - self.gamma * s.x,
            y: -self.omega * s.x - self.gamma * s.y,
            z: -push * s.x - self.relaxation * (s.z - self.z_t),
            v,
        }
    }
}
