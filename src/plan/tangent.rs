//! A motion with one tangent, by RK4 in f64: Eq. 10 and its variational equation.
//!
//! With xi = x_0/l - √2 V, F_01 = F_00'/√2 and F_11 = F_00 + ½ F_00'' (derivatives by xi), a tangent (x, y, z, w)
//! at (X, Y, Z, V) moves by
//!
//! ```text
//! dw/dt = -(1 + R_n G) w - R_n V [F_01 x + ½ (F_00 - F_11) z + G_V w]
//! dx/dt = Omega y + 2 (Z dw/dt + z dV/dt) - Gamma x,   dy/dt = -Omega x - Gamma y
//! dz/dt = -2 (X dw/dt + x dV/dt) - alpha Gamma z
//! ```

use crate::kernel::rk4::moved;
use crate::kernel::window::{StepEnd, extremum, has_extremum};
use crate::model::{F00Jets, Parameters, State};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Eq. 10 and its variational equation for one neuron.
#[derive(Debug, Clone, Copy)]
pub(super) struct TangentFlow<'a> {
    p: &'a Parameters<f64>,
    profile: &'a F00Jets,
}

/// What a stretch of a motion was like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Growth of the tangent, as a logarithm.
    pub growth: f64,
    /// Smallest V, between steps as well.
    pub low: f64,
    /// Largest V, between steps as well.
    pub high: f64,
    /// Mean V.
    pub mean: f64,
}

fn length(t: &State<f64>) -> f64 {
    (t.x * t.x + t.y * t.y + t.z * t.z + t.v * t.v).sqrt()
}

impl<'a> TangentFlow<'a> {
    /// The flow of a neuron; `profile` belongs to its geometry.
    pub(super) fn new(p: &'a Parameters<f64>, profile: &'a F00Jets) -> Self {
        Self { p, profile }
    }

    /// Rates of change of a state and a tangent, per tau_c.
    fn rates(&self, [s, t]: &[State<f64>; 2]) -> [State<f64>; 2] {
        let p = self.p;
        let d = self.profile.first_derivatives(p.x_0 / p.l - SQRT_2 * s.v);
        let (f00, f01, f11) = (d[0], FRAC_1_SQRT_2 * d[1], d[0] + 0.5 * d[2]);
        let (f00_v, f01_v, f11_v) = (-SQRT_2 * d[1], -d[2], -SQRT_2 * (d[1] + 0.5 * d[3]));
        let g = 0.5 * ((1.0 + s.z) * f00 + 2.0 * s.x * f01 + (1.0 - s.z) * f11);
        let g_v = 0.5 * ((1.0 + s.z) * f00_v + 2.0 * s.x * f01_v + (1.0 - s.z) * f11_v);
        let leak = 1.0 + p.r_n * g;
        let (v, relaxation) = (p.v_n - leak * s.v, p.alpha * p.gamma);
        let w = -leak * t.v - p.r_n * s.v * (f01 * t.x + 0.5 * (f00 - f11) * t.z + g_v * t.v);
        let own = State {
            x: p.omega * s.y + 2.0 * v * s.z - p.gamma * s.x,
            y: -p.omega * s.x - p.gamma * s.y,
            z: -2.0 * v * s.x - relaxation * (s.z - p.z_t),
            v,
        };
        let tangent = State {
            x: p.omega * t.y + 2.0 * (w * s.z + v * t.z) - p.gamma * t.x,
            y: -p.omega * t.x - p.gamma * t.y,
            z: -2.0 * (w * s.x + v * t.x) - relaxation * t.z,
            v: w,
        };
        [own, tangent]
    }

    /// Takes `steps` steps `dt` from a state and a tangent of length 1, which it has again afterwards.
    pub(super) fn run(&self, at: &mut [State<f64>; 2], steps: u32, dt: f64) -> Stretch {
        let ahead = |a: &[State<f64>; 2], k: &[State<f64>; 2], h: f64| [moved(&a[0], &k[0], h), moved(&a[1], &k[1], h)];
        let mut k1 = self.rates(at);
        let (mut low, mut high, mut area) = (at[0].v, at[0].v, 0.0);
        for _ in 0..steps {
            let k2 = self.rates(&ahead(at, &k1, 0.5 * dt));
            let k3 = self.rates(&ahead(at, &k2, 0.5 * dt));
            let k4 = self.rates(&ahead(at, &k3, dt));
            let sum = ahead(&ahead(&ahead(&k1, &k2, 2.0), &k3, 2.0), &k4, 1.0);
            let next = ahead(at, &sum, dt / 6.0);
            let rate = self.rates(&next);
            let (a, b) = (StepEnd::of(&at[0], &k1[0]), StepEnd::of(&next[0], &rate[0]));
            let v = if has_extremum(a, b) { extremum(a, b, dt).1 } else { b.v };
            (low, high) = (low.min(v), high.max(v));
            area += 0.5 * (a.v + b.v) + (a.rate - b.rate) * dt / 12.0;
            (*at, k1) = (next, rate);
        }
        let grown = length(&at[1]);
        let t = &mut at[1];
        *t = State { x: t.x / grown, y: t.y / grown, z: t.z / grown, v: t.v / grown };
        Stretch { growth: grown.ln(), low, high, mean: area / f64::from(steps) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tangents_are_differences_of_motions_nearby() {
        let p = Parameters { alpha: 1.69, z_t: 0.78, omega: 4.36, ..Parameters::at(12.8, 47.0, 0.114) };
        let profile = F00Jets::new(p.l, p.lambda);
        let flow = TangentFlow::new(&p, &profile);
        let start = State { x: 0.1, y: -0.2, z: 0.4, v: 0.8 };
        let unit = 0.5;
        let mut at = [start, State { x: unit, y: -unit, z: unit, v: unit }];
        let seen = flow.run(&mut at, 400, 0.005);
        let end = |by: f64| {
            let s = State { x: start.x + by, y: start.y - by, z: start.z + by, v: start.v + by };
            let mut displaced = [s, at[1]];
            flow.run(&mut displaced, 400, 0.005);
            displaced[0]
        };
        let (a, b, by) = (end(5e-7), end(-5e-7), 1e-6);
        let grown = seen.growth.exp() * unit;
        let off = [a.x - b.x, a.y - b.y, a.z - b.z, a.v - b.v].map(|d| d / by);
        for (d, t) in off.iter().zip([at[1].x, at[1].y, at[1].z, at[1].v]) {
            assert!((d * unit - grown / unit * t).abs() < 1e-6 * grown, "{off:?} {at:?} {grown}");
        }
        assert!(seen.low < seen.mean && seen.mean < seen.high && seen.growth.abs() > 0.01, "{seen:?}");
    }
}
