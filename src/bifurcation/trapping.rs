//! Trapping region of a stable equilibrium: an ellipsoid that nothing leaves, by a quadratic
//! Lyapunov function.
//!
//! With u = (V - V*, Z - Z_T, X, Y), right and left eigenvectors v_k and l_k of the Jacobian
//! (|v_k| = 1, l_k v_k = 1) and E(u) = Σ |l_k u|², in the linear part every |l_k u| decays at its
//! own rate. So √E falls at least at the rate s √E - ‖N‖, with s the slowest of the rates and
//! ‖N‖² = Σ |l_k N|² for the nonlinear rest N of Eq. 10: N_V, the part of dV/dt of second order and
//! higher; N_X = 2 Z_T N_V + 2 (dV/dt) (Z - Z_T); N_Z = -2 (dV/dt) X; N_Y = 0. Where √E ≤ r each
//! component of u is at most its own c √E (c_V² = Σ |v_k,V|² and so on), and with G = g at X = 0
//! and Z = Z_T, P = F_01, Q = (F_00 - F_11)/2
//!
//! ```text
//! |N_V| ≤ R_n (½ sup|(VG)''| c_V² + sup|(VP)'| c_V c_X + sup|(VQ)'| c_V c_Z) E
//! ```
//!
//! The suprema over |V - V*| ≤ `REACH` are bounded by the values at V* plus `REACH` times a bound
//! on the next derivative over the whole line: F_00 has a positive Fourier transform, so its even
//! derivatives are largest at 0, and by the Cauchy–Schwarz inequality the odd ones are at most the
//! geometric mean of their neighbours'. So ‖N‖ ≤ m E, and wherever √E < s/m, E falls: no trajectory
//! leaves, and all end in V*.
//!
//! Near a Hopf point s/m goes to 0. The region does not shrink below `NEAR`: that close, the sign
//! of Re mu decides.

use super::modes::{Mode, modes, oscillation};
use super::stability::{Equilibrium, Stability};
use crate::model::{F00Jets, ORDERS, Parameters};
use nalgebra::{Complex, Matrix4};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Distance from an equilibrium, relative to 1 + |V|, within which a linearly stable motion is at
/// rest. Single precision's conductance shifts its equilibria by some millionths.
const NEAR: f64 = 1e-5;
/// Largest |V - V*| over which the bounds are taken.
const REACH: f64 = 0.05;
/// Fraction used of the radius that the bounds allow.
const MARGIN: f64 = 0.99;

/// The ellipsoid √E ≤ radius around a stable equilibrium.
#[derive(Debug, Clone, Copy)]
pub struct TrappingRegion {
    /// Voltage V* of the equilibrium.
    pub v: f64,
    /// E / radius² as a symmetric matrix for (X, Y, Z - Z_T, V - V*): its form is below 1 inside.
    pub form: [[f64; 4]; 4],
    /// Largest √E of the region.
    pub radius: f64,
    /// Whether the radius follows from the bounds; if not, it is that of `NEAR`.
    pub proven: bool,
    /// Decay rate of the slowest oscillation, per tau_c: the smallest -Re mu of a complex pair, or
    /// of all eigenvalues if there is none.
    pub decay: f64,
}

/// Index of each of (X, Y, Z, V) in the Jacobian's order (V, Z, X, Y).
const PLACES: [usize; 4] = [2, 3, 1, 0];

/// The trapping region of one equilibrium; `None` where it is not stable.
#[must_use]
pub fn trapping_region(equilibrium: &Equilibrium, p: &Parameters<f64>, profile: &F00Jets) -> Option<TrappingRegion> {
    trapping_region_by(equilibrium, oscillation(equilibrium).as_ref(), p, profile)
}

/// The trapping region of an equilibrium whose `oscillation` is known; `None` where it is not stable.
#[must_use]
pub fn trapping_region_by(
    equilibrium: &Equilibrium,
    oscillation: Option<&Mode<Complex<f64>>>,
    p: &Parameters<f64>,
    profile: &F00Jets,
) -> Option<TrappingRegion> {
    let eigenvalues = &equilibrium.eigenvalues;
    if equilibrium.stability() != Stability::Stable || eigenvalues.iter().any(|m| !(m.re < 0.0)) {
        return None;
    }
    let slowest = |of: &dyn Fn(&&Complex<f64>) -> bool| {
        eigenvalues.iter().filter(of).map(|m| -m.re).fold(f64::INFINITY, f64::min)
    };
    let pair = slowest(&|m| m.im != 0.0);
    let decay = if pair.is_finite() { pair } else { slowest(&|_| true) };

    let near = NEAR * (1.0 + equilibrium.v.abs());
    let ball = |radius: f64, matrix: Matrix4<f64>, proven| {
        let scale = 1.0 / (radius * radius);
        let form = std::array::from_fn(|i| std::array::from_fn(|j| scale * matrix[(PLACES[i], PLACES[j])]));
        TrappingRegion { v: equilibrium.v, form, radius, proven, decay }
    };
    if let Some(modes) = modes(equilibrium, oscillation) {
        let matrix = energy(&modes);
        let (growth, most) = growth(&modes, equilibrium, p, profile);
        let radius = (MARGIN * slowest(&|_| true) / growth).min(most);
        // Throughout √E ≤ `least`, |u| is at most `near`.
        let least = near / modes.iter().flat_map(|m| m.right).map(|c| c * c).sum::<f64>().sqrt();
        if radius >= least {
            return Some(ball(radius, matrix, true));
        }
        if least.is_finite() && least > 0.0 {
            return Some(ball(least, matrix, false));
        }
    }
    // Two modes coincide: there is no such Lyapunov function, only the neighbourhood `NEAR`.
    Some(ball(near, Matrix4::identity(), false))
}

/// The matrix of E in the Jacobian's order: E(u) = Σ |l_k u|².
fn energy(modes: &[Mode<f64>; 4]) -> Matrix4<f64> {
    Matrix4::from_fn(|i, j| modes.iter().map(|m| m.left[i] * m.left[j]).sum())
}

/// The factor m of ‖N‖ ≤ m E, and the √E up to which it holds, where |V - V*| reaches `REACH`.
fn growth(modes: &[Mode<f64>; 4], equilibrium: &Equilibrium, p: &Parameters<f64>, profile: &F00Jets) -> (f64, f64) {
    let linear = &equilibrium.linear;
    let norm = |parts: [f64; 4]| parts.map(|c| c * c).iter().sum::<f64>().sqrt();
    let reach = |place: usize| norm(modes.map(|m| m.right[place]));
    let (c_v, c_z, c_x) = (reach(0), reach(1), reach(2));
    let c_rate = norm(modes.map(|m| m.right[0] * linear.a + m.right[1] * linear.b_z + m.right[2] * linear.b));
    let (push_z, push_x) = (norm(modes.map(|m| m.left[1])), norm(modes.map(|m| m.left[2])));
    let push_v = norm(modes.map(|m| m.left[0] + m.left[2] * (2.0 * p.z_t)));
    let [s_g, s_p, s_q] = suprema(equilibrium, p, profile);
    let second = p.r_n * (0.5 * s_g * c_v * c_v + s_p * c_v * c_x + s_q * c_v * c_z);
    // Bound on dV/dt itself, linear and nonlinear, within the reach.
    let most = REACH / c_v;
    let rate = c_rate + second * most;
    (second * push_v + 2.0 * rate * (c_z * push_x + c_x * push_z), most)
}

/// The derivatives (VG)'', (VP)' and (VQ)' at voltage `v`, from F_00's derivatives there.
fn curvatures(v: f64, p: &Parameters<f64>, f: &[f64; ORDERS]) -> [f64; 3] {
    let c = 0.25 * (1.0 - p.z_t);
    // d/dV = -√2 d/dxi.
    [
        -2.0 * SQRT_2 * (f[1] + c * f[3]) + 2.0 * v * (f[2] + c * f[4]),
        FRAC_1_SQRT_2 * f[1] - v * f[2],
        -0.25 * (f[2] - SQRT_2 * v * f[3]),
    ]
}

/// Bounds on the derivatives of (VG)'', (VP)' and (VQ)' wherever |V| is at most `far`.
fn changes(far: f64, p: &Parameters<f64>, profile: &F00Jets) -> [f64; 3] {
    let (c, most) = (0.25 * (1.0 - p.z_t), profile.bounds());
    [
        6.0 * (most[2] + c * most[4]) + 2.0 * SQRT_2 * far * (most[3] + c * most[5]),
        2.0 * most[2] + SQRT_2 * far * most[3],
        0.5 * SQRT_2 * most[3] + 0.5 * far * most[4],
    ]
}

/// Bounds on |(VG)''|, |(VP)'| and |(VQ)'| over |V - V*| ≤ `REACH`.
fn suprema(e: &Equilibrium, p: &Parameters<f64>, profile: &F00Jets) -> [f64; 3] {
    let (here, change) = (curvatures(e.v, p, &e.derivatives), changes(e.v.abs() + REACH, p, profile));
    std::array::from_fn(|i| here[i].abs() + REACH * change[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::{IvCurve, equilibria_on};
    use crate::model::{Conductance, State, derivative};
    use nalgebra::Vector4;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn form(region: &TrappingRegion, u: [f64; 4]) -> f64 {
        (0..4).map(|i| (0..4).map(|j| u[i] * region.form[i][j] * u[j]).sum::<f64>()).sum()
    }

    fn profile_of(p: &Parameters<f64>) -> Arc<F00Jets> {
        Arc::new(F00Jets::new(p.l, p.lambda))
    }

    fn equilibria_of(p: &Parameters<f64>, profile: &Arc<F00Jets>) -> Vec<Equilibrium> {
        equilibria_on(p, &IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t), profile)
    }

    /// The vector u along `directions`, in the matrix's order, scaled to this √E.
    fn at_size(directions: &[f64], matrix: &Matrix4<f64>, size: f64) -> Vector4<f64> {
        let u = Vector4::from_fn(|i, _| directions[i]);
        u * (size / (u.transpose() * matrix * u)[0].sqrt())
    }

    /// The nonlinear part of the rates, in the Jacobian's order (V, Z, X, Y).
    fn nonlinear(u: &Vector4<f64>, e: &Equilibrium, p: &Parameters<f64>, functions: &Conductance) -> Vector4<f64> {
        let state = State { v: e.v + u[0], z: p.z_t + u[1], x: u[2], y: u[3] };
        let (d, rows) = (derivative(&state, p, functions), e.linear.jacobian());
        Vector4::new(d.v, d.z, d.x, d.y) - Matrix4::from_fn(|i, j| rows[i][j]) * u
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// E falls on the region's surface and inside, at least as fast as the bounds say.
        ///
        /// A bound that is too small fails here; one that is too large fails in
        /// `fault_30_bounds_are_not_idle`.
        #[test]
        fn nothing_leaves(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, gamma in 0.01..2.0f64, alpha in 0.05..2.0f64, z_t in 0.0..1.0f64,
            directions in prop::array::uniform8(-1.0..1.0f64), far in 0.1..1.0f64,
        ) {
            let p = Parameters { alpha, z_t, ..Parameters::at(v_n, r_n, gamma) };
            let (profile, functions) = (profile_of(&p), Conductance::new(p.l, p.lambda));
            for e in equilibria_of(&p, &profile) {
                let Some(region) = trapping_region(&e, &p, &profile) else { continue };
                prop_assert!(region.radius > 0.0 && region.decay > 0.0);
                if !region.proven {
                    continue;
                }
                let slowest = e.linear.eigenvalues().iter().map(|m| -m.re).fold(f64::INFINITY, f64::min);
                for (n, size) in [(0, 1.0), (1, 1.0), (0, 0.3)] {
                    let u: [f64; 4] = std::array::from_fn(|i| directions[4 * n + i]);
                    let scale = size / form(&region, u).sqrt();
                    let u = u.map(|c| c * scale);
                    let state = State { x: u[0], y: u[1], z: p.z_t + u[2], v: e.v + u[3] };
                    let d = derivative(&state, &p, &functions);
                    let rate = [d.x, d.y, d.z, d.v];
                    let rises: f64 = (0..4).map(|i| (0..4).map(|j| 2.0 * u[i] * region.form[i][j] * rate[j]).sum::<f64>()).sum();
                    // dE/dt ≤ -2 s E + 2 m E^(3/2), with E as a part of radius².
                    let most = -2.0 * slowest * size * size * (1.0 - MARGIN * size);
                    prop_assert!(rises <= most * (1.0 - 1e-9), "E rises by {rises}, {most} at most, at {u:?} of {region:?}");
                }
            }
            // The bound on the nonlinear part, within its range.
            for e in equilibria_of(&p, &profile) {
                let Some(modes) = modes(&e, oscillation(&e).as_ref()) else { continue };
                let matrix = energy(&modes);
                let (growth, most) = growth(&modes, &e, &p, &profile);
                for n in 0..2 {
                    let size = far * most;
                    let u = at_size(&directions[4 * n..], &matrix, size);
                    let rest = nonlinear(&u, &e, &p, &functions);
                    let norm = (rest.transpose() * matrix * rest)[0].sqrt();
                    prop_assert!(norm <= growth * size * size * (1.0 + 1e-6) + 1e-15, "{norm} > {growth} {size}²");
                }
            }
        }

        #[test]
        fn fault_30_curvatures_are_derivatives_and_their_changes_bounded(
            v in -5.0..5.0f64, z_t in 0.0..1.0f64, x_0 in -1.0..1.0f64, away in -1.0..1.0f64,
        ) {
            let p = Parameters { z_t, x_0, ..Parameters::at(2.0, 6.0, 0.5) };
            let (profile, functions) = (profile_of(&p), Conductance::new(p.l, p.lambda));
            // V G, V P and V Q directly from the elements.
            let at = |v: f64| {
                let f = functions.elements(p.x_0 - SQRT_2 * p.l * v);
                let g = 0.5 * (1.0 + z_t) * f.f00 + 0.5 * (1.0 - z_t) * f.f11;
                [v * g, v * f.f01, 0.5 * v * (f.f00 - f.f11)]
            };
            let h = 1e-3;
            let (low, here, high) = (at(v - h), at(v), at(v + h));
            let by_differences =
                [(high[0] - 2.0 * here[0] + low[0]) / (h * h), (high[1] - low[1]) / (2.0 * h), (high[2] - low[2]) / (2.0 * h)];
            let derivatives = |v: f64| profile.derivatives(p.x_0 / p.l - SQRT_2 * v);
            let found = curvatures(v, &p, &derivatives(v));
            for i in 0..3 {
                prop_assert!((found[i].abs() - by_differences[i].abs()).abs() < 1e-3, "{i}: {found:?} {by_differences:?}");
            }
            let there = curvatures(v + away * REACH, &p, &derivatives(v + away * REACH));
            for (i, bound) in suprema(&Equilibrium::at(v, &p, &profile), &p, &profile).into_iter().enumerate() {
                prop_assert!(there[i].abs() <= bound * (1.0 + 1e-12), "{i}: {there:?} {bound}");
            }
        }
    }

    /// A small random number generator, so that counts are reproducible.
    fn random(seed: &mut u64, low: f64, high: f64) -> f64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (*seed >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn fault_30_bounds_are_not_idle() {
        let mut seed = 5;
        let (mut stable, mut proven, mut wide) = (0, 0, 0);
        let (mut changes_met, mut growth_met) = ([0.0_f64; 3], 0.0_f64);
        for _ in 0..400 {
            let mut draw = |low, high| random(&mut seed, low, high);
            let p = Parameters::at(draw(-6.0, 6.0), draw(1.0, 12.0), draw(0.05, 2.0));
            let p = Parameters { alpha: draw(0.05, 2.0), z_t: draw(0.0, 1.0), x_0: draw(-1.0, 1.0), ..p };
            let (profile, functions) = (profile_of(&p), Conductance::new(p.l, p.lambda));
            for e in equilibria_of(&p, &profile) {
                let Some(region) = trapping_region(&e, &p, &profile) else { continue };
                (stable, proven) = (stable + 1, proven + usize::from(region.proven));
                wide += usize::from(region.radius > 0.02);
                let bounds = changes(e.v.abs() + REACH, &p, &profile);
                let [low, high] =
                    [-1e-4, 1e-4].map(|h| curvatures(e.v + h, &p, &Equilibrium::at(e.v + h, &p, &profile).derivatives));
                for i in 0..3 {
                    changes_met[i] = changes_met[i].max((high[i] - low[i]).abs() / 2e-4 / bounds[i]);
                }
                let Some(modes) = modes(&e, oscillation(&e).as_ref()) else { continue };
                let matrix = energy(&modes);
                let (growth, most) = growth(&modes, &e, &p, &profile);
                for _ in 0..20 {
                    let directions: [f64; 4] = std::array::from_fn(|_| draw(-1.0, 1.0));
                    let u = at_size(&directions, &matrix, 0.1 * most);
                    let rest = nonlinear(&u, &e, &p, &functions);
                    growth_met =
                        growth_met.max((rest.transpose() * matrix * rest)[0].sqrt() / (growth * (0.1 * most).powi(2)));
                }
            }
        }
        println!("{proven} of {stable} proven, {wide} wide; bounds met to {changes_met:?} and {growth_met}");
        assert_eq!((stable, proven, wide), (434, 434, 313));
        assert!(changes_met.iter().all(|met| (0.3..=1.0).contains(met)), "{changes_met:?}");
        assert!((0.1..=1.0).contains(&growth_met), "{growth_met}");
    }

    #[test]
    fn fault_30_radii_of_some_neurons() {
        let radius = |v_n, r_n, gamma, z_t| {
            let p = Parameters { z_t, ..Parameters::at(v_n, r_n, gamma) };
            let profile = profile_of(&p);
            let of = |e: &Equilibrium| trapping_region(e, &p, &profile).filter(|b| b.proven).map(|b| b.radius);
            equilibria_of(&p, &profile).iter().filter_map(of).collect::<Vec<_>>()
        };
        let found = [radius(2.0, 6.0, 0.9, 1.0), radius(4.0, 8.0, 0.9, 0.6), radius(-3.0, 12.0, 1.5, 0.3)];
        println!("{found:?}");
        let expected =
            [vec![0.010_855_751_027_7], vec![0.019_269_626_776_5, 0.033_623_775_943_4], vec![0.035_507_693_076_8]];
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
            assert!(found.iter().zip(expected).all(|(f, e)| (f / e - 1.0).abs() < 1e-8), "{found:?} {expected:?}");
        }
        // Towards the Hopf point at Gamma = 0.6544 the proof fails once its radius is smaller than
        // `NEAR`.
        let near = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5].map(|away| radius(2.0, 6.0, 0.654_400_482 * (1.0 + away), 1.0).len());
        println!("{near:?}");
        assert_eq!(near, [1, 1, 1, 0, 0]);
    }

    #[test]
    fn basins_are_of_a_useful_size_and_only_where_it_is_stable() {
        let profile = Arc::new(F00Jets::new(0.5, 0.13));
        let curve = IvCurve::new(profile.clone(), 0.8, 0.5, 1.0);
        let at = |gamma: f64| {
            let p = Parameters::at(2.0, 6.0, gamma);
            trapping_region(&equilibria_on(&p, &curve, &profile)[0], &p, &profile)
        };
        // The Hopf point is at Gamma = 0.6544.
        assert!(at(0.6).is_none());
        let far = at(0.9).expect("stable");
        assert!(far.proven && far.radius > 3e-4, "{far:?}");
        let close = at(0.654_401).expect("stable");
        assert!(!close.proven && close.decay < 1e-6, "{close:?}");
    }

    #[test]
    fn what_is_too_large_a_ball_lets_something_out() {
        // The negative control: a large multiple of the radius reaches the other equilibria of a bistable neuron.
        let p = Parameters::at(4.0, 8.0, 0.9);
        let profile = Arc::new(F00Jets::new(p.l, p.lambda));
        let functions = Conductance::new(p.l, p.lambda);
        let e = equilibria_on(&p, &IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t), &profile)[0];
        let region = trapping_region(&e, &p, &profile).expect("stable");
        let rises = (0..400).any(|n| {
            let u: [f64; 4] = std::array::from_fn(|i| (f64::from(n * (i as i32 + 1)) * 0.618).sin());
            let scale = 300.0 / form(&region, u).sqrt();
            let u = u.map(|c| c * scale);
            let d = derivative(&State { x: u[0], y: u[1], z: p.z_t + u[2], v: e.v + u[3] }, &p, &functions);
            let rate = [d.x, d.y, d.z, d.v];
            (0..4).map(|i| (0..4).map(|j| u[i] * region.form[i][j] * rate[j]).sum::<f64>()).sum::<f64>() > 0.0
        });
        assert!(rises);
    }
}
