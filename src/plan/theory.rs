//! Static theory of cells before they are integrated: equilibria, trapping regions, slowest rates,
//! and bounds for the step.

use crate::bifurcation::{self, Equilibrium, IvCurve, Stability, lyapunov};
use crate::kernel::trapping::{FORM, TrappingRegion};
use crate::model::{Envelope, F00Jets, Parameters, Rates};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::f64::consts::TAU;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Growth or decay of an oscillation per period up to which the normal form is made.
const NEAR_HOPF: f64 = 0.1;
/// Largest number of cached curves, envelopes or profiles, some 50 kB each.
const KEPT: usize = 4096;

/// Largest number of cached lists of voltages, some 100 bytes each.
const KEPT_LISTS: usize = 1 << 15;

/// A map with the bits of some parameters as keys.
type Map<const N: usize, T> = HashMap<[u64; N], T, BuildHasherDefault<BitsHasher>>;

/// A fast hash of the bits of numbers: each word is multiplied to twice its length and folded.
#[derive(Debug, Default, Clone, Copy)]
struct BitsHasher(u64);

impl Hasher for BitsHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            let product = u128::from(self.0 ^ u64::from_ne_bytes(word) ^ 0x2436_a88d_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
            self.0 = product as u64 ^ (product >> 64) as u64;
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Cache of static theory, keyed by the parameters it depends on.
///
/// A map has few distinct entries, and many cells per entry.
#[derive(Debug, Default)]
pub struct Theory {
    profiles: Map<2, Arc<F00Jets>>,
    curves: Map<4, IvCurve>,
    envelopes: Map<3, Envelope>,
    /// Voltages of the folds, where many points share them.
    folds: Map<5, Vec<f64>>,
    /// Voltages of the equilibria, where many points share them.
    equilibria: Map<6, Vec<f64>>,
}

/// Static theory of one cell.
#[derive(Debug, Clone, Default)]
pub struct CellTheory {
    /// Equilibria of the cell, in order of V.
    pub equilibria: Vec<Equilibrium>,
    /// Trapping regions of the stable equilibria, where the cell can come to rest.
    pub regions: Vec<TrappingRegion<f64>>,
    /// Slowest rate of growth or decay at the equilibria, except alpha Gamma, per tau_c.
    pub slowest: f64,
}

fn profile_key(p: &Parameters<f64>) -> [u64; 2] {
    [p.l, p.lambda].map(f64::to_bits)
}

fn curve_key(p: &Parameters<f64>) -> [u64; 4] {
    [p.l, p.lambda, p.x_0, p.z_t].map(f64::to_bits)
}

fn envelope_key(p: &Parameters<f64>) -> [u64; 3] {
    [p.l, p.lambda, p.x_0].map(f64::to_bits)
}

fn folds_key(p: &Parameters<f64>) -> [u64; 5] {
    [p.l, p.lambda, p.x_0, p.z_t, p.r_n].map(f64::to_bits)
}

fn equilibria_key(p: &Parameters<f64>) -> [u64; 6] {
    [p.l, p.lambda, p.x_0, p.z_t, p.r_n, p.v_n].map(f64::to_bits)
}

/// One point for each key that is not cached yet; `None` if there are more than `most`.
fn missing<const N: usize, T>(
    there: &Map<N, T>,
    points: &[Parameters<f64>],
    most: usize,
    key: impl Fn(&Parameters<f64>) -> [u64; N],
) -> Option<Vec<([u64; N], Parameters<f64>)>> {
    let mut seen: HashSet<_, BuildHasherDefault<BitsHasher>> = HashSet::default();
    let mut found = Vec::new();
    let mut previous = None;
    for p in points {
        let key = key(p);
        // Neighbours often have the same key.
        if previous.replace(key) != Some(key) && !there.contains_key(&key) && seen.insert(key) {
            if found.len() == most {
                return None;
            }
            found.push((key, *p));
        }
    }
    Some(found)
}

impl Theory {
    /// The theory prepared for one point.
    #[must_use]
    pub fn prepared_for(p: &Parameters<f64>) -> Self {
        let mut theory = Self::default();
        theory.prepare(&[*p]);
        theory
    }

    /// Prepares the theory for these points; other points may be dropped from the cache.
    pub fn prepare(&mut self, points: &[Parameters<f64>]) {
        if self.curves.len() > KEPT || self.envelopes.len() > KEPT || self.profiles.len() > KEPT {
            *self = Self::default();
        }
        let all = points.len();
        let profiles = missing(&self.profiles, points, all, profile_key).unwrap_or_default();
        self.profiles.par_extend(profiles.into_par_iter().map(|(k, p)| (k, Arc::new(F00Jets::new(p.l, p.lambda)))));
        let curves = missing(&self.curves, points, all, curve_key).unwrap_or_default();
        let profiles = &self.profiles;
        self.curves.par_extend(
            curves.into_par_iter().filter_map(|(k, p)| {
                Some((k, IvCurve::new(profiles.get(&profile_key(&p))?.clone(), p.x_0, p.l, p.z_t)))
            }),
        );
        let envelopes = missing(&self.envelopes, points, all, envelope_key).unwrap_or_default();
        self.envelopes.par_extend(envelopes.into_par_iter().map(|(k, p)| (k, Envelope::new(p.x_0, p.l, p.lambda))));
        if self.folds.len() > KEPT_LISTS || self.equilibria.len() > KEPT_LISTS {
            (self.folds, self.equilibria) = Default::default();
        }
        // Where most points have folds or equilibria of their own, caching them would save nothing.
        let Some(folds) = missing(&self.folds, points, all / 2, folds_key) else { return };
        let curves = &self.curves;
        self.folds
            .par_extend(folds.into_par_iter().filter_map(|(k, p)| Some((k, curves.get(&curve_key(&p))?.folds(p.r_n)))));
        let Some(equilibria) = missing(&self.equilibria, points, all / 2, equilibria_key) else { return };
        let found: Vec<_> = equilibria
            .into_par_iter()
            .filter_map(|(k, p)| Some((k, self.voltages(&p, self.curves.get(&curve_key(&p))?).into_owned())))
            .collect();
        self.equilibria.extend(found);
    }

    /// Voltages of the equilibria of a point with this curve, in order.
    fn voltages(&self, p: &Parameters<f64>, curve: &IvCurve) -> Cow<'_, [f64]> {
        if let Some(known) = self.equilibria.get(&equilibria_key(p)) {
            return Cow::Borrowed(known);
        }
        Cow::Owned(match self.folds.get(&folds_key(p)) {
            Some(folds) => curve.equilibria_between(p.v_n, p.r_n, folds),
            None => curve.equilibria(p.v_n, p.r_n),
        })
    }

    /// The theory of a point that was prepared; empty for other points.
    #[must_use]
    pub fn at(&self, p: &Parameters<f64>) -> CellTheory {
        let Some(curve) = self.curves.get(&curve_key(p)) else {
            return CellTheory { slowest: f64::INFINITY, ..CellTheory::default() };
        };
        let profile = curve.profile();
        let equilibria: Vec<_> = self.voltages(p, curve).iter().map(|v| Equilibrium::at(*v, p, profile)).collect();
        let regions = equilibria.iter().filter_map(|e| region(e, p, profile)).collect();
        let rates = equilibria.iter().flat_map(|e| e.eigenvalues.iter().skip(1)).map(|m| m.re.abs());
        let slowest = rates.fold(f64::INFINITY, f64::min);
        CellTheory { equilibria, regions, slowest }
    }

    /// Bounds on the rates of a neuron that starts at voltage `start`; [`Rates::NONE`] for a point
    /// that was not prepared.
    #[must_use]
    pub fn rates(&self, p: &Parameters<f64>, start: f64) -> Rates {
        self.envelopes.get(&envelope_key(p)).map_or(Rates::NONE, |e| Rates::within(p, start, e))
    }
}

/// What is known about motions near an equilibrium, in the kernel's form; `None` where it is unstable, unless small
/// oscillations about it grow slowly to a cycle.
fn region(e: &Equilibrium, p: &Parameters<f64>, profile: &F00Jets) -> Option<TrappingRegion<f64>> {
    let stability = e.stability();
    if !matches!(stability, Stability::Stable | Stability::UnstableFocus) {
        return None;
    }
    let pair = e.eigenvalues.iter().find(|m| m.im > 0.0);
    // The normal form matters where oscillations hardly change from period to period.
    let near = pair.filter(|m| m.re.abs() * TAU < NEAR_HOPF * m.im);
    let curvature = near.and_then(|m| {
        let found = lyapunov(e.v, m.im, p, &e.derivatives)?;
        // A cycle has the amplitude 2 |q_V| (-Re mu / (omega l_1))^½, half its span.
        let curvature = m.im * found.coefficient / (16.0 * found.swing * found.swing);
        curvature.is_finite().then_some(curvature)
    });
    if let Some(found) = bifurcation::trapping_region(e, p, profile) {
        let growth = pair.map_or(-found.decay, |m| m.re);
        return Some(TrappingRegion::about(found.v, packed(&found), growth, curvature.unwrap_or(0.0)));
    }
    let growth = near.filter(|m| m.re > 0.0 && stability == Stability::UnstableFocus)?.re;
    let born_stable = curvature.filter(|c| *c < 0.0)?;
    Some(TrappingRegion::about(e.v, [0.0; FORM], growth, born_stable))
}

/// The quadratic form of a trapping region in the kernel's order.
fn packed(region: &bifurcation::TrappingRegion) -> [f64; FORM] {
    let f = &region.form;
    let twice = |i: usize, j: usize| f[i][j] + f[j][i];
    [f[0][0], twice(0, 1), twice(0, 2), twice(0, 3), f[1][1], twice(1, 2), twice(1, 3), f[2][2], twice(2, 3), f[3][3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bistable_neuron_has_a_basin_for_each_stable_rest() {
        let p = Parameters::at(4.0, 8.0, 0.9);
        let mut theory = Theory::default();
        assert!(theory.at(&p).equilibria.is_empty());
        theory.prepare(&[p, Parameters::at(2.0, 6.0, 0.3)]);
        let theory_of_cell = theory.at(&p);
        assert_eq!(theory_of_cell.equilibria.len(), 3);
        let stable =
            theory_of_cell.equilibria.iter().filter(|e| e.linear.stability() == bifurcation::Stability::Stable).count();
        assert_eq!(theory_of_cell.regions.len(), stable);
        assert!(stable > 0 && theory_of_cell.slowest > 0.0 && theory_of_cell.slowest < 1.0);
        // Gamma = 0.3 at V_n = 2, R_n = 6: the only equilibrium is unstable, so there is no
        // trapping region.
        assert!(theory.at(&Parameters::at(2.0, 6.0, 0.3)).regions.is_empty());
        assert!(theory.rates(&p, 0.0).step() > 0.0);
    }

    #[test]
    fn shared_folds_and_equilibria_are_those_of_each_point_alone() {
        let at = |v_n: u32, r_n: u32, gamma: u32| {
            Parameters::at(2.0 + f64::from(v_n), 5.0 + f64::from(r_n), 0.3 + 0.1 * f64::from(gamma))
        };
        let by = |count: [u32; 3]| -> Vec<_> {
            let [v_n, r_n, gamma] = count;
            (0..v_n).flat_map(|i| (0..r_n).flat_map(move |j| (0..gamma).map(move |k| at(i, j, k)))).collect()
        };
        // Equilibria and folds shared, folds alone, and neither.
        for (count, kept) in [([3, 4, 2], (4, 12)), ([6, 3, 1], (3, 0)), ([1, 7, 1], (0, 0))] {
            let (points, mut theory) = (by(count), Theory::default());
            // The second time everything is there.
            for _ in 0..2 {
                theory.prepare(&points);
                assert_eq!((theory.folds.len(), theory.equilibria.len()), kept);
            }
            for p in &points {
                let voltages = |t: &Theory| t.at(p).equilibria.iter().map(|e| e.v).collect::<Vec<_>>();
                let alone = voltages(&Theory::prepared_for(p));
                assert_eq!(voltages(&theory), alone);
                assert!(!alone.is_empty());
            }
        }
    }

    #[test]
    fn hashes_of_round_numbers_differ_in_their_last_bits() {
        use std::hash::Hash;
        let hash = |key: [u64; 2]| {
            let mut hasher = BitsHasher::default();
            key.hash(&mut hasher);
            hasher.finish()
        };
        let keys = (0..64).flat_map(|i| (0..64).map(move |j| [f64::from(i), f64::from(j) / 64.0].map(f64::to_bits)));
        let buckets: HashSet<_> = keys.map(|key| hash(key) % 8192).collect();
        // 4096 keys thrown at random fill 3223 of 8192.
        assert!((3000..=4096).contains(&buckets.len()), "{}", buckets.len());
    }
}
