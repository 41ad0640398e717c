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

/// V of the equilibrium that a neuron at rest but for Z follows the slow manifold to; `None` if it leaves on
/// the way.
#[must_use]
pub fn end_of_slow_manifold(p: &Parameters<f64>, state: &State<f64>, profile: &F00Jets) -> Option<f64> {
    let mut v = state.v;
    for i in 0..=POINTS {
        let z = state.z + (p.z_t - state.z) * f64::from(i) / f64::from(POINTS);
        let next = equilibrium_at(p, z, v, profile)?;
        if i > 0 && (next - v).abs() > NEXT * (1.0 + v.abs()) {
            return None;
        }
        v = next;
        // The fast motion at this Z is that of a neuron with Z_T = Z.
        let linear = Linear::at(v, &Parameters { z_t: z, ..*p }, profile);
        let slowest = linear.eigenvalues().into_iter().skip(1).map(|m| -m.re).fold(f64::INFINITY, f64::min);
        if !(slowest > FASTER * p.alpha * p.gamma) {
            return None;
        }
    }
    Some(v)
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
            let end = end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z, v }, &profile).unwrap();
            assert!((end - rest).abs() < 1e-9, "{z}: {end} {rest}");
        }
        // Unstable near Z = 1, where it oscillates: the way from Z = 0 is left.
        let p = Parameters { alpha: 1e-3, z_t: 1.0, ..Parameters::at(2.0, 6.0, 0.3) };
        let v = equilibrium_at(&p, 0.0, 1.0, &profile).unwrap();
        assert_eq!(end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z: 0.0, v }, &profile), None);
        // A relaxation as fast as the rest has no slow manifold.
        let p = Parameters { alpha: 1.0, z_t: 0.8, ..Parameters::at(2.0, 6.0, 0.9) };
        assert_eq!(end_of_slow_manifold(&p, &State { x: 0.0, y: 0.0, z: 0.8, v: rest }, &profile), None);
    }
}
