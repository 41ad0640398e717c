//! One neuron: its state and Eq. 10, with the conductance directly from quadrature.
//!
//! This is the model as the paper writes it, in f64 and without tables: the reference for the
//! kernels.

use crate::model::{Conductance, Elements, Parameters};
use std::f64::consts::SQRT_2;

/// The state of a neuron, or its rates of change: the shuttling particle's Bloch vector and the
/// memristor's voltage.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct State<T> {
    /// In-phase coherence X.
    pub x: T,
    /// Quadrature coherence Y.
    pub y: T,
    /// Population difference Z, ground minus excited.
    pub z: T,
    /// Dimensionless voltage V on the memristor.
    pub v: T,
}

impl State<f64> {
    /// The device in equilibrium with its bath, the bias just switched on: (0, 0, Z_T, 0).
    #[must_use]
    pub fn rest(z_t: f64) -> Self {
        State { x: 0.0, y: 0.0, z: z_t, v: 0.0 }
    }

    /// Squared length X² + Y² + Z² of the Bloch vector, at most 1 for a physical state.
    #[must_use]
    pub fn bloch_norm_squared(&self) -> f64 {
        self.x * self.x + self.y * self.y + self.z * self.z
    }
}

/// Dimensionless conductance g = ½[(1+Z) F_00 + 2 X F_01 + (1-Z) F_11] (below Eq. 9).
#[must_use]
pub fn conductance(state: &State<f64>, f: &Elements<f64>) -> f64 {
    0.5 * ((1.0 + state.z) * f.f00 + 2.0 * state.x * f.f01 + (1.0 - state.z) * f.f11)
}

/// Rates of change by Eq. 10, per tau_c.
///
/// dV/dt = V_n - (1 + R_n g) V with x_V = x_0 - √2 l V;  dX/dt = Omega Y + 2 (dV/dt) Z - Gamma X;
/// dY/dt = -Omega X - Gamma Y;  dZ/dt = -2 (dV/dt) X - alpha Gamma (Z - Z_T).
#[must_use]
pub fn derivative(state: &State<f64>, p: &Parameters<f64>, functions: &Conductance) -> State<f64> {
    let f = functions.elements(p.x_0 - SQRT_2 * p.l * state.v);
    let v = p.v_n - (1.0 + p.r_n * conductance(state, &f)) * state.v;
    State {
        x: p.omega * state.y + 2.0 * v * state.z - p.gamma * state.x,
        y: -p.omega * state.x - p.gamma * state.y,
        z: -2.0 * v * state.x - p.alpha * p.gamma * (state.z - p.z_t),
        v,
    }
}
