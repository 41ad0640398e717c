//! The slow manifold of a neuron whose Z relaxes slowly: equilibria at fixed Z, along which Z moves to Z_T.
//!
//! With X = Y = 0 and dV/dt = 0, Eq. 10 leaves dZ/dt = -alpha Gamma (Z - Z_T) and V_n = (1 + R_n g(V, Z)) V. Where
//! the equilibrium at fixed Z is stable all the way from Z to Z_T, with rates far above alpha Gamma, the motion
//! follows it to the equilibrium of Eq. 10 (Fenichel; Kuehn, Multiple Time Scale Dynamics, Ch. 3).

use super::stability::Linear;
use crate::model::{F00Jets, Parameters, State};
use std::f64::consts::SQRT_2;

/// Points on the way from Z to Z_T.
const POINTS: u32 = 64;
/// Iterations of Newton's method at a point.
const ITERATIONS: u32 = 20;
/// Change of V, relative to 1 + |V|, at which Newton's method has arrived.
const ARRIVED: f64 = 1e-12;
/// Largest change of V from one point to the next, relative to 1 + |V|: more would be another branch.
const NEXT: f64 = 0.05;
/// Least rate of the fast motion, in multiples of alpha Gamma.
const FASTER: f64 = 2.0;

/// Where a neuron at rest but for Z follows the slow manifold to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlowManifoldEnd {
    /// Z at the end: Z_T, or the last one seen before the manifold folds or loses its stability.
    pub z: f64,
    /// V there.
    pub v: f64,
    /// Whether the motion comes to rest there, at Z_T.
    pub is_rest: bool,
}

/// Follows the slow manifold from a state near it to the equilibrium, or to where the motion leaves it.
#[must_use]
pub fn end_of_slow_manifold(p: &Parameters<f64>, state: &State<f64>, profile: &F00Jets) -> SlowManifoldEnd {
    let mut end = SlowManifoldEnd { z: state.z, v: state.v, is_rest: false };
    for i in 0..=POINTS {
        let z = state.z + (p.z_t - state.z) * f64::from(i) / f64::from(POINTS);
        let Some(v) = equilibrium_at(p, z, end.v, profile) else { return end };
        if i > 0 && (v - end.v).abs() > NEXT * (1.0 + end.v.abs()) {
            return end;
        }
        // The fast motion at this Z is that of a neuron with Z_T = Z.
        let linear = Linear::at(v, &Parameters { z_t: z, ..*p }, profile);
        let slowest = linear.eigenvalues().into_iter().skip(1).map(|m| -m.re).fold(f64::INFINITY, f64::min);
        if !(slowest > FASTER * p.alpha * p.gamma) {
            return end;
        }
        end = SlowManifoldEnd { z, v, is_rest: i == POINTS };
    }
    end
}

/// V with dV/dt = 0 at X = 0 and this Z, by Newton's method from `v`.
fn equilibrium_at(p: &Parameters<f64>, z: f64, mut v: f64, profile: &F00Jets) -> Option<f64> {
    let c = 0.25 * (1.0 - z);
    for _ in 0..ITERATIONS {
        let f = profile.derivatives(p.x_0 / p.l - SQRT_2 * v);
        let (g, g_v) = (f[0] + c * f[2], -SQRT_2 * (f[1] + c * f[3]));
        let change = (p.v_n - (1.0 + p.r_n * g) * v) / (1.0 + p.r_n * (g + v * g_v));
        v += change;
        if change.abs() <= ARRIVED * (1.0 + v.abs()) {
            return Some(v);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::equilibria;

    #[test]
    fn the_slow_manifold_ends_at_the_equilibrium_or_is_left() {
        // Monostable and stable at every Z.
        let p = Parameters { alpha: 1e-4, z_t: 0.8, ..Parameters::at(2.0, 6.0, 0.9) };
        let profile = F00Jets::new(p.l, p.lambda);
        let rest = equilibria(&p)[0].v;
        for z in [-0.5, 0.3, 0.8, 1.0] {
            let v = equilibrium_at(&p, z, rest, &profile).unwrap();
            let end = end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z, v }, &profile);
            assert!(end.is_rest && end.z == p.z_t && (end.v - rest).abs() < 1e-9, "{z}: {end:?} {rest}");
        }
        // Unstable near Z = 1, where it oscillates: the way from Z = 0 is left.
        let p = Parameters { alpha: 1e-3, z_t: 1.0, ..Parameters::at(2.0, 6.0, 0.3) };
        let v = equilibrium_at(&p, 0.0, 1.0, &profile).unwrap();
        let left = end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z: 0.0, v }, &profile);
        assert!(!left.is_rest && left.z > 0.1 && left.z < 0.9, "{left:?}");
        // A relaxation as fast as the rest has no slow manifold.
        let p = Parameters { alpha: 1.0, z_t: 0.8, ..Parameters::at(2.0, 6.0, 0.9) };
        assert!(!end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z: 0.8, v: rest }, &profile).is_rest);
    }
}
