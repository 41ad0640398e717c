//! Derivatives of F_00 at many equally spaced positions.
//!
//! Quadrature nodes and positions are points of one lattice, so the factor that moves with the
//! position is evaluated once per lattice point, not once per node and position.

use super::Conductance;
use super::conductance::{H, Rule, U_END, V_END, hermite, sech, sech_over};
use std::f64::consts::PI;

/// A lattice that contains both the quadrature nodes and the positions.
struct Lattice {
    /// Distance between lattice points.
    pitch: f64,
    /// Lattice points from one node to the next.
    node: i64,
    /// Lattice points from one position to the next.
    position: i64,
}

impl Lattice {
    /// The lattice for positions at `spacing` and nodes at `step` or a little less.
    fn new(step: f64, spacing: f64) -> Self {
        if spacing >= step {
            let position = (spacing / step).ceil();
            Self { pitch: spacing / position, node: 1, position: position as i64 }
        } else {
            Self { pitch: spacing, node: (step / spacing) as i64, position: 1 }
        }
    }
}

/// Derivatives dⁿF_00/dxiⁿ, n < N, at xi = 0, spacing, 2 spacing, …
pub(super) fn derivatives_on_line<const N: usize>(
    functions: &Conductance,
    spacing: f64,
    count: usize,
) -> Vec<[f64; N]> {
    let found = match *functions.rule() {
        Rule::InSech { ratio, .. } => in_sech(ratio, spacing, count),
        Rule::InGauss { ratio, .. } => in_gauss(ratio, spacing, count),
    };
    found.unwrap_or_else(|| (0..count).map(|n| functions.derivatives(n as f64 * spacing)).collect())
}

/// Trapezoid rule in v, u = ratio v - xi: sech is fixed, the Gaussian with its polynomials is
/// tabulated.
///
/// `None` if the lattice would save nothing.
fn in_sech<const N: usize>(ratio: f64, spacing: f64, count: usize) -> Option<Vec<[f64; N]>> {
    let lattice = Lattice::new(ratio * H, spacing);
    let h = lattice.node as f64 * lattice.pitch / ratio;
    let (last, half) = ((V_END / h).ceil() as i64, (U_END / lattice.pitch) as i64);
    if half > last.saturating_mul(count as i64) {
        return None;
    }
    let weights: Vec<[f64; N]> = (-half..=half)
        .map(|i| {
            let u = i as f64 * lattice.pitch;
            hermite::<N>(u).map(|w| w * (-u * u).exp())
        })
        .collect();
    let kept: Vec<f64> = (-last..=last).map(|k| sech(k as f64 * h)).collect();
    let at = |n: i64| {
        let middle = n * lattice.position;
        let (first, end) = (-((half - middle).div_euclid(lattice.node)), (half + middle).div_euclid(lattice.node));
        let mut sum = [0.0; N];
        for k in first.max(-last)..=end.min(last) {
            let (s, w) = (kept[(k + last) as usize], &weights[(k * lattice.node - middle + half) as usize]);
            for (sum, w) in sum.iter_mut().zip(w) {
                *sum += s * w;
            }
        }
        sum.map(|s| s * h * ratio / PI.sqrt())
    };
    Some((0..count as i64).map(at).collect())
}

/// Trapezoid rule in u: the Gaussian is fixed, sech((u + xi)/ratio) and its derivatives are
/// tabulated.
///
/// `None` if the lattice would save nothing.
fn in_gauss<const N: usize>(ratio: f64, spacing: f64, count: usize) -> Option<Vec<[f64; N]>> {
    let lattice = Lattice::new(H, spacing);
    let h = lattice.node as f64 * lattice.pitch;
    let last = (U_END / h).ceil() as i64;
    let low = last * lattice.node;
    let points = low.saturating_mul(2).saturating_add(lattice.position.saturating_mul(count as i64 - 1));
    if points > last.saturating_mul(count as i64) {
        return None;
    }
    let moved: Vec<[f64; N]> = (-low..=points - low).map(|i| sech_over(i as f64 * lattice.pitch, ratio)).collect();
    let gauss: Vec<f64> = (-last..=last).map(|k| (-(k as f64 * h).powi(2)).exp()).collect();
    let at = |n: i64| {
        let mut sum = [0.0; N];
        for (k, g) in (0..).zip(&gauss) {
            for (sum, s) in sum.iter_mut().zip(&moved[(k * lattice.node + n * lattice.position) as usize]) {
                *sum += g * s;
            }
        }
        sum.map(|s| s * h / PI.sqrt())
    };
    Some((0..count as i64).map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MAX_DERIVATIVES;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The lattice agrees with quadrature at each position.
        ///
        /// Positions are both farther apart and nearer than the nodes, tunnelling both narrow and
        /// wide.
        #[test]
        fn a_lattice_gives_what_quadrature_at_each_position_gives(decades in -2.5..2.5f64, apart in -2.0..0.7f64) {
            let ratio = 10_f64.powf(decades);
            let (functions, spacing) = (Conductance::new(1.0, ratio), 10_f64.powf(apart));
            let found: Vec<[f64; MAX_DERIVATIVES]> = derivatives_on_line(&functions, spacing, 20);
            for (n, found) in found.iter().enumerate() {
                let exact: [f64; MAX_DERIVATIVES] = functions.derivatives(n as f64 * spacing);
                let at_0: [f64; MAX_DERIVATIVES] = functions.derivatives(0.0);
                for order in 0..MAX_DERIVATIVES {
                    // No derivative is larger than its even neighbours at 0.
                    let size = at_0[order & !1].abs().max(at_0[(order + 1) & !1].abs());
                    let off = (found[order] - exact[order]).abs();
                    // The rule's own error grows with the order like (2 pi / H)ⁿ: at ratio 1 it is
                    // 8e-7 of the twelfth derivative.
                    let allowed = if order < 6 { 1e-12 } else { 5e-6 };
                    prop_assert!(off < allowed * size, "order {order} at {n}: {} {}", found[order], exact[order]);
                }
            }
        }
    }

    #[test]
    fn nodes_lie_on_the_lattice_no_farther_apart_than_asked() {
        for (step, spacing) in [(0.2, 1.0), (0.2, 0.2), (0.2, 0.21), (0.2, 0.03), (1e-5, 0.4)] {
            let Lattice { pitch, node, position } = Lattice::new(step, spacing);
            assert!((position as f64 * pitch / spacing - 1.0).abs() < 1e-12, "{step} {spacing}");
            let nodes = node as f64 * pitch / step;
            assert!(nodes <= 1.0 + 1e-12 && nodes > 0.49, "{step} {spacing}: {nodes}");
        }
    }
}
