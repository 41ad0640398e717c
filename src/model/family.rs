//! Profiles for any ratio lambda / l, interpolated from a few: planes along l or lambda need
//! thousands.
//!
//! F_00 is analytic in ln(lambda/l) within a strip of half-width pi/2 about the real line.
//! Chebyshev interpolation on intervals of length 1 therefore gains a factor of about 6 per node.

use super::MAX_DERIVATIVES;
use super::f00_jets::{F00Jets, Jets, ORDERS, TERMS, differentiated, nearest};
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Number of Chebyshev nodes per interval of ln(lambda/l); every second one forms a Chebyshev set
/// too.
const NODES: usize = 17;

/// Profiles at the nodes of one interval, all with the same positions in xi, stored in order of
/// summation.
#[derive(Debug)]
struct Interval {
    spacing: f64,
    inverse_spacing: f64,
    at_0: [[f64; MAX_DERIVATIVES]; NODES],
    jets: Vec<[[f64; TERMS]; NODES]>,
}

/// Profiles by ratio, made on demand.
#[derive(Debug, Default)]
pub struct Family {
    intervals: RwLock<BTreeMap<i32, Arc<Interval>>>,
}

/// The profile of one ratio, as a weighted sum.
#[derive(Debug, Clone)]
pub struct Blend {
    interval: Arc<Interval>,
    weights: [f64; NODES],
}

/// Jets of a blend, made when they are asked for.
#[derive(Debug)]
struct Sparse {
    blend: Blend,
    made: Vec<OnceLock<[f64; TERMS]>>,
}

impl Jets for Sparse {
    fn jet(&self, node: usize) -> &[f64; TERMS] {
        self.made[node].get_or_init(|| sum(&self.blend.interval.jets[node], &self.blend.weights))
    }
}

/// Coordinate of node `j` in its interval, from 0 to 1.
fn node(j: usize) -> f64 {
    0.5 - 0.5 * (PI * j as f64 / (NODES - 1) as f64).cos()
}

/// Weights of every `stride`-th node at a coordinate, by the barycentric formula for Chebyshev
/// points of the second kind.
fn weights(at: f64, stride: usize) -> [f64; NODES] {
    let mut weights = [0.0; NODES];
    for (number, j) in (0..NODES).step_by(stride).enumerate() {
        let distance = at - node(j);
        if distance == 0.0 {
            return std::array::from_fn(|i| f64::from(u8::from(i == j)));
        }
        let sign = if number % 2 == 0 { 1.0 } else { -1.0 };
        let end = if j == 0 || j == NODES - 1 { 0.5 } else { 1.0 };
        weights[j] = sign * end / distance;
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|w| w / sum)
}

/// The weighted sum of rows.
#[inline]
fn sum<const N: usize>(rows: &[[f64; N]; NODES], weights: &[f64; NODES]) -> [f64; N] {
    let mut sum = [0.0; N];
    for (row, weight) in rows.iter().zip(weights).filter(|(_, weight)| **weight != 0.0) {
        for (sum, c) in sum.iter_mut().zip(row) {
            *sum += weight * c;
        }
    }
    sum
}

impl Interval {
    /// The interval of ln(lambda/l) from `first` to `first` + 1.
    fn new(first: f64) -> Self {
        let ratios: [f64; NODES] = std::array::from_fn(|j| (first + node(j)).exp());
        let layouts = ratios.iter().map(|r| F00Jets::layout(1.0, *r));
        let (spacing, end) =
            layouts.fold((f64::INFINITY, 0.0_f64), |(s, e), (spacing, end)| (s.min(spacing), e.max(end)));
        let profiles = ratios.map(|r| F00Jets::laid_out(1.0, r, spacing, end));
        let positions = profiles.iter().map(|p| p.jets.len()).min().unwrap_or(0);
        Self {
            spacing,
            inverse_spacing: 1.0 / spacing,
            at_0: std::array::from_fn(|j| profiles[j].at_0),
            jets: (0..positions).map(|n| std::array::from_fn(|j| profiles[j].jets[n])).collect(),
        }
    }
}

impl Family {
    /// The profile for `l` and `lambda`, to rounding; `None` if they are not positive lengths.
    #[must_use]
    pub fn blend(&self, l: f64, lambda: f64) -> Option<Blend> {
        self.by(l, lambda, 1)
    }

    /// The profile for `l` and `lambda` to about five digits, from half as many nodes.
    #[must_use]
    pub fn rough(&self, l: f64, lambda: f64) -> Option<Blend> {
        self.by(l, lambda, 2)
    }

    fn by(&self, l: f64, lambda: f64, stride: usize) -> Option<Blend> {
        let logarithm = (lambda / l).ln();
        if !(l > 0.0 && lambda > 0.0 && logarithm.is_finite()) {
            return None;
        }
        let first = logarithm.floor();
        let number = first as i32;
        let known = self.intervals.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let interval = known.unwrap_or_else(|| {
            let mut intervals = self.intervals.write().unwrap_or_else(PoisonError::into_inner);
            intervals.entry(number).or_insert_with(|| Arc::new(Interval::new(first))).clone()
        });
        Some(Blend { interval, weights: weights(logarithm - first, stride) })
    }

    /// Number of profiles made by quadrature so far.
    #[must_use]
    pub fn made(&self) -> usize {
        self.intervals.read().unwrap_or_else(PoisonError::into_inner).len() * NODES
    }
}

impl Blend {
    /// The profile as a table of its own.
    #[must_use]
    pub fn profile(&self) -> F00Jets {
        let Interval { spacing, at_0, jets, .. } = &*self.interval;
        let jets = jets.iter().map(|rows| sum(rows, &self.weights)).collect();
        F00Jets::of(*spacing, sum(at_0, &self.weights), jets)
    }

    /// The profile as [`Blend::profile`] gives it, with jets made when they are asked for: where few positions are looked at.
    #[must_use]
    pub fn sparse_profile(&self) -> F00Jets {
        let Interval { spacing, at_0, jets, .. } = &*self.interval;
        let made = vec![OnceLock::new(); jets.len()];
        F00Jets::later(*spacing, sum(at_0, &self.weights), jets.len(), Arc::new(Sparse { blend: self.clone(), made }))
    }

    /// Derivatives dⁿF_00/dxiⁿ for n < 6 at one xi.
    #[must_use]
    pub fn derivatives(&self, xi: f64) -> [f64; ORDERS] {
        let Interval { spacing, inverse_spacing, jets, .. } = &*self.interval;
        nearest(xi, *spacing, *inverse_spacing, jets.len())
            .map_or([0.0; ORDERS], |(node, d)| differentiated(&sum(&jets[node], &self.weights), d, xi))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nodes_reach_from_end_to_end_of_an_interval() {
        assert!(node(0) == 0.0 && node(NODES - 1) == 1.0);
        let mirrored = (0..NODES).all(|j| (node(j) + node(NODES - 1 - j) - 1.0).abs() < 1e-15);
        assert!(mirrored && (1..NODES).all(|j| node(j) > node(j - 1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn blends_are_profiles(decades in -3.0..2.0f64, part in -1.02..1.02f64, l in 0.1..2.0f64) {
            let lambda = l * 10_f64.powf(decades);
            let family = Family::default();
            let blend = family.blend(l, lambda).unwrap();
            let exact = F00Jets::new(l, lambda);
            let xi = part * exact.end();
            let (e, bounds) = (exact.derivatives(xi), exact.bounds());
            for seen in [blend.derivatives(xi), blend.profile().derivatives(xi), blend.sparse_profile().derivatives(xi)] {
                for n in 0..ORDERS {
                    let allowed = bounds[n] * if n < 4 { 5e-11 } else { 5e-9 };
                    prop_assert!((seen[n] - e[n]).abs() < allowed, "order {n} at {xi}: {} {}, bound {}", seen[n], e[n], bounds[n]);
                }
            }
            for n in 0..ORDERS {
                prop_assert!((blend.profile().bound(n) / exact.bound(n) - 1.0).abs() < 1e-9, "bound {n}");
            }
            let rough = family.rough(l, lambda).unwrap().derivatives(xi);
            for n in 0..5 {
                prop_assert!((rough[n] - e[n]).abs() < 1e-4 * bounds[n], "rough, order {n} at {xi}: {} {}", rough[n], e[n]);
            }
            // The negative control: another ratio is distinguished.
            let other = family.blend(l, 1.1 * lambda).unwrap().derivatives(0.0)[0];
            prop_assert!((other - exact.derivatives(0.0)[0]).abs() > 1e-6 * bounds[0]);
        }
    }

    #[test]
    fn a_plane_over_lambda_costs_a_few_profiles() {
        let family = Family::default();
        for i in 0..=1000 {
            assert!(family.blend(0.5, 0.1 + 1e-4 * f64::from(i)).is_some());
        }
        assert_eq!(family.made(), 2 * NODES);
        for (l, lambda) in [(0.0, 1.0), (-1.0, -1.0), (1.0, f64::NAN), (1.0, f64::INFINITY)] {
            assert!(family.blend(l, lambda).is_none());
        }
    }
}
