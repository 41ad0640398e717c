//! F_00 and its first five derivatives at any xi, to f64 rounding, for the static theory and the
//! kernel's tables.
//!
//! The profile consists of jets of twelve Taylor coefficients at equally spaced nodes of xi =
//! x_V/l, made by quadrature once per geometry. A look-up takes tens of nanoseconds, quadrature
//! microseconds.

use super::lattice::derivatives_on_line;
use crate::model::{Conductance, Elements, MAX_DERIVATIVES};
use std::f64::consts::FRAC_1_SQRT_2;
use std::sync::Arc;

/// Number of Taylor coefficients of a jet.
pub const TERMS: usize = 12;
/// Number of derivatives that a look-up gives, the function itself included.
pub const ORDERS: usize = 6;
/// Bound on the error of the fifth derivative with respect to xi in units of the scale on which
/// F_00 varies (the longer of 1 and lambda/l); the lower derivatives are better by orders of
/// magnitude.
const ERROR: f64 = 1e-12;
/// Value below which F_00 and its derivatives count as 0.
const CUT_OFF: f64 = 1e-17;

/// Jets that are made when they are asked for.
pub(super) trait Jets: std::fmt::Debug + Send + Sync {
    /// The jet of a node.
    fn jet(&self, node: usize) -> &[f64; TERMS];
}

/// The derivatives of F_00 for one ratio lambda / l.
#[derive(Debug, Clone)]
pub struct F00Jets {
    pub(super) spacing: f64,
    inverse_spacing: f64,
    /// Number of nodes.
    nodes: usize,
    /// Derivatives of F_00 at xi = 0.
    pub(super) at_0: [f64; MAX_DERIVATIVES],
    /// Jets of the nodes; empty if they are made later.
    pub(super) jets: Vec<[f64; TERMS]>,
    later: Option<Arc<dyn Jets>>,
    /// Bounds on the first derivatives over the whole line.
    bounds: [f64; ORDERS],
}

impl F00Jets {
    /// The profile for oscillator length `l` and tunnelling length `lambda`.
    #[must_use]
    pub fn new(l: f64, lambda: f64) -> Self {
        let (spacing, end) = Self::layout(l, lambda);
        Self::laid_out(l, lambda, spacing, end)
    }

    /// Distance between nodes that keeps the error bound, and the position of the last node.
    pub(super) fn layout(l: f64, lambda: f64) -> (f64, f64) {
        let functions = Conductance::new(l, lambda);
        let at_0: [f64; MAX_DERIVATIVES] = functions.derivatives(0.0);
        // The remainder of the fifth derivative is at most |d¹²F/dxi¹²| (spacing/2)⁷ / 7!, and largest at 0.
        let scale = (lambda / l).max(1.0);
        let half = (ERROR * 5040.0 / (at_0[TERMS].abs() * scale.powi(5))).powf(1.0 / 7.0);
        let largest = |xi: f64| functions.derivatives::<ORDERS>(xi).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        let mut end = 1.0;
        // Within a few times lambda/l no value is that small.
        while end * 1.25 <= 10.0 * lambda / l {
            end *= 1.25;
        }
        while largest(end) > CUT_OFF {
            end *= 1.25;
        }
        (2.0 * half, end)
    }

    /// The profile with nodes at this spacing up to `end`, or slightly beyond.
    pub(super) fn laid_out(l: f64, lambda: f64, spacing: f64, end: f64) -> Self {
        let functions = Conductance::new(l, lambda);
        let mut jets: Vec<[f64; TERMS]> = derivatives_on_line(&functions, spacing, (end / spacing).ceil() as usize + 1);
        for jet in &mut jets {
            let mut factorial = 1.0;
            for (k, c) in jet.iter_mut().enumerate().skip(1) {
                factorial *= k as f64;
                *c /= factorial;
            }
        }
        Self::of(spacing, functions.derivatives(0.0), jets)
    }

    /// The profile with these jets, and these derivatives at xi = 0.
    pub(super) fn of(spacing: f64, at_0: [f64; MAX_DERIVATIVES], jets: Vec<[f64; TERMS]>) -> Self {
        Self::with(spacing, at_0, (jets.len(), jets, None))
    }

    /// The profile whose jets are made when they are asked for; `nodes` is their number.
    pub(super) fn later(spacing: f64, at_0: [f64; MAX_DERIVATIVES], nodes: usize, jets: Arc<dyn Jets>) -> Self {
        Self::with(spacing, at_0, (nodes, Vec::new(), Some(jets)))
    }

    fn with(
        spacing: f64,
        at_0: [f64; MAX_DERIVATIVES],
        (nodes, jets, later): (usize, Vec<[f64; TERMS]>, Option<Arc<dyn Jets>>),
    ) -> Self {
        let inverse_spacing = 1.0 / spacing;
        let mut profile = Self { spacing, inverse_spacing, nodes, at_0, jets, later, bounds: [0.0; ORDERS] };
        profile.bounds = std::array::from_fn(|n| profile.bound(n));
        profile
    }

    /// The jet of a node.
    #[inline]
    fn row(&self, node: usize) -> &[f64; TERMS] {
        self.jets.get(node).unwrap_or_else(|| self.later.as_ref().map_or(&[0.0; TERMS], |jets| jets.jet(node)))
    }

    /// The |xi| beyond which F_00 counts as 0 for a geometry, without making its profile.
    #[must_use]
    pub fn end_for(l: f64, lambda: f64) -> f64 {
        let (spacing, end) = Self::layout(l, lambda);
        (end / spacing).ceil() * spacing
    }

    /// The |xi| beyond which F_00 counts as 0.
    #[must_use]
    pub fn end(&self) -> f64 {
        (self.nodes - 1) as f64 * self.spacing
    }

    /// A bound on |dⁿF_00/dxiⁿ| over the whole line, n < 13.
    ///
    /// F_00 has a positive Fourier transform: its even derivatives are largest at 0, and by the
    /// Cauchy–Schwarz inequality the odd ones are at most the geometric mean of their neighbours'.
    #[must_use]
    pub fn bound(&self, n: usize) -> f64 {
        let even = |n: usize| self.at_0[n].abs();
        if n.is_multiple_of(2) { even(n) } else { (even(n - 1) * even(n + 1)).sqrt() }
    }

    /// The bounds on |dⁿF_00/dxiⁿ| over the whole line for all n < 6.
    #[must_use]
    pub fn bounds(&self) -> [f64; ORDERS] {
        self.bounds
    }

    /// The nearest jet and the distance from its node; `None` where F_00 counts as 0.
    #[inline]
    fn nearest(&self, xi: f64) -> Option<(&[f64; TERMS], f64)> {
        let (node, distance) = nearest(xi, self.spacing, self.inverse_spacing, self.nodes)?;
        Some((self.row(node), distance))
    }

    /// Taylor coefficients of F_00 about the node nearest to |xi|, and the node's position; zeros, and |xi|, where F_00
    /// counts as 0.
    #[must_use]
    pub fn jet(&self, xi: f64) -> (&[f64; TERMS], f64) {
        match nearest(xi, self.spacing, self.inverse_spacing, self.nodes) {
            Some((node, _)) => (self.row(node), node as f64 * self.spacing),
            None => (&[0.0; TERMS], xi.abs()),
        }
    }

    /// Largest distance from a node at which its coefficients are good, in xi.
    #[must_use]
    pub fn reach(&self) -> f64 {
        0.5 * self.spacing * (1.0 + 1e-9)
    }

    /// The elements F_ij at xi, by F_01 = (1/√2) dF_00/dxi and F_11 = F_00 + ½ d²F_00/dxi².
    #[inline]
    #[must_use]
    pub fn elements(&self, xi: f64) -> Elements<f64> {
        let Some((jet, d)) = self.nearest(xi) else { return Elements { f00: 0.0, f01: 0.0, f11: 0.0 } };
        let (mut f, mut f_1, mut f_2) = (0.0, 0.0, 0.0);
        for c in jet.iter().rev() {
            f_2 = f_2 * d + f_1;
            f_1 = f_1 * d + f;
            f = f * d + c;
        }
        Elements { f00: f, f01: FRAC_1_SQRT_2 * f_1 * if xi < 0.0 { -1.0 } else { 1.0 }, f11: f + f_2 }
    }

    /// The elements at several xi, to the same bits as one by one, but side by side in the machine's vectors.
    #[inline(never)]
    #[must_use]
    pub fn elements_at<const N: usize>(&self, xi: &[f64; N]) -> Elements<[f64; N]> {
        let (mut columns, mut d, mut odd) = ([[0.0; N]; TERMS], [0.0; N], [FRAC_1_SQRT_2; N]);
        for (i, xi) in xi.iter().enumerate() {
            let Some((jet, distance)) = self.nearest(*xi) else { continue };
            d[i] = distance;
            columns.iter_mut().zip(jet).for_each(|(column, c)| column[i] = *c);
        }
        let (mut f, mut f_1, mut f_2) = ([0.0; N], [0.0; N], [0.0; N]);
        for c in columns.iter().rev() {
            for i in 0..N {
                f_2[i] = f_2[i] * d[i] + f_1[i];
                f_1[i] = f_1[i] * d[i] + f[i];
                f[i] = f[i] * d[i] + c[i];
            }
        }
        xi.iter().zip(&mut odd).filter(|(xi, _)| **xi < 0.0).for_each(|(_, odd)| *odd = -*odd);
        Elements { f00: f, f01: std::array::from_fn(|i| f_1[i] * odd[i]), f11: std::array::from_fn(|i| f[i] + f_2[i]) }
    }

    /// Derivatives dⁿF_00/dxiⁿ at xi for n < 6.
    #[inline]
    #[must_use]
    pub fn derivatives(&self, xi: f64) -> [f64; ORDERS] {
        self.nearest(xi).map_or([0.0; ORDERS], |(jet, d)| differentiated(jet, d, xi))
    }

    /// The first of them.
    #[inline]
    #[must_use]
    pub fn first_derivatives<const N: usize>(&self, xi: f64) -> [f64; N] {
        self.nearest(xi).map_or([0.0; N], |(jet, d)| differentiated(jet, d, xi))
    }
}

/// The nearest of equally spaced nodes from 0 on, and the distance of |xi| from it; `None` beyond
/// the last node.
#[inline]
pub(super) fn nearest(xi: f64, spacing: f64, inverse_spacing: f64, nodes: usize) -> Option<(usize, f64)> {
    let distance = xi.abs();
    if !(distance < (nodes - 1) as f64 * spacing) {
        return None;
    }
    let node = ((distance * inverse_spacing + 0.5) as usize).min(nodes - 1);
    Some((node, distance - node as f64 * spacing))
}

/// The derivatives of F_00 from a jet at a distance from its node; odd ones have xi's sign.
#[inline]
pub(super) fn differentiated<const N: usize>(jet: &[f64; TERMS], d: f64, xi: f64) -> [f64; N] {
    // Horner's scheme, repeated: derivatives over factorials.
    let mut sums = [0.0; N];
    for &c in jet.iter().rev() {
        for n in (1..N).rev() {
            sums[n] = sums[n] * d + sums[n - 1];
        }
        sums[0] = sums[0] * d + c;
    }
    let odd = if xi < 0.0 { -1.0 } else { 1.0 };
    let factorials = [1.0, odd, 2.0, 6.0 * odd, 24.0, 120.0 * odd];
    std::array::from_fn(|n| sums[n] * factorials[n])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_hold_and_are_not_idle() {
        let profile = F00Jets::new(0.5, 0.13);
        let mut largest = [0.0_f64; ORDERS];
        for i in 0..4000 {
            for (m, d) in largest.iter_mut().zip(profile.derivatives(f64::from(i) * 2e-3)) {
                *m = m.max(d.abs());
            }
        }
        assert_eq!(profile.end(), F00Jets::end_for(0.5, 0.13));
        for (n, (m, bound)) in largest.iter().zip(profile.bounds()).enumerate() {
            assert!(*m <= bound * (1.0 + 1e-12) && bound < 2.0 * m, "order {n}: {m} {bound}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn look_ups_agree_with_quadrature(decades in -2.0..2.0f64, part in -1.05..1.05f64) {
            let (l, lambda) = (0.5, 0.5 * 10_f64.powf(decades));
            let profile = F00Jets::new(l, lambda);
            let xi = part * profile.end();
            let exact: [f64; ORDERS] = Conductance::new(l, lambda).derivatives(xi);
            prop_assert_eq!(&profile.first_derivatives::<4>(xi)[..], &profile.derivatives(xi)[..4]);
            for (n, (seen, e)) in profile.derivatives(xi).iter().zip(exact).enumerate() {
                let allowed = if n < 4 { 1e-13 } else { 2e-12 };
                prop_assert!((seen - e).abs() < allowed, "order {n} at {xi}: {seen} {e}");
            }
            let (seen, e) = (profile.elements(xi), Conductance::new(l, lambda).elements(xi * l));
            for (seen, e) in [(seen.f00, e.f00), (seen.f01, e.f01), (seen.f11, e.f11)] {
                prop_assert!((seen - e).abs() < 2e-13, "{seen} {e}");
            }
            let all = profile.elements_at(&[0.5 * xi, xi, -xi]);
            for (i, at) in [0.5 * xi, xi, -xi].into_iter().enumerate() {
                let alone = profile.elements(at);
                prop_assert_eq!([all.f00[i], all.f01[i], all.f11[i]], [alone.f00, alone.f01, alone.f11]);
            }
        }
    }
}
