//! Static theory of cells before they are integrated: equilibria, trapping regions, slowest rates,
//! and bounds for the step.

use crate::bifurcation::{self, Equilibrium, Fold, IvCurve, IvSamples, Stability, Voltages, lyapunov_of};
use crate::kernel::trapping::{FORM, TrappingRegion};
use crate::model::{Envelope, F00Jets, ORDERS, Parameters, Rates};
use rayon::prelude::*;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::f64::consts::TAU;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Growth or decay of an oscillation per period up to which the normal form is made.
const NEAR_HOPF: f64 = 0.1;
/// Largest number of cached curves, geometries or profiles, some 50 kB each.
const KEPT: usize = 4096;

/// Largest number of cached lists of folds or equilibria, some 200 bytes each.
const KEPT_LISTS: usize = 1 << 15;

/// Trapping regions of a cell: there is rarely more than one.
pub type Regions = SmallVec<[TrappingRegion<f64>; 1]>;

/// Equilibria as they are for any Gamma, alpha and Omega: voltage, and F_00's derivatives there.
type Places = SmallVec<[(f64, [f64; ORDERS]); 1]>;

/// A map with the bits of some parameters as keys.
type Map<const N: usize, T> = HashMap<[u64; N], T, BuildHasherDefault<BitsHasher>>;

/// A fast hash of the bits of numbers: each word is multiplied to twice its length and folded.
#[derive(Debug, Default, Clone, Copy)]
struct BitsHasher(u64);

impl Hasher for BitsHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.write_u64(u64::from_ne_bytes(*word)));
        rest.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x2436_a88d_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
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
    geometries: Map<3, Geometry>,
    curves: Map<4, IvCurve>,
    /// The folds, where many points share them.
    folds: Map<5, Vec<Fold>>,
    /// The equilibria, where many points share them.
    equilibria: Map<6, Places>,
}

/// What depends on l, lambda and x_0 alone.
#[derive(Debug)]
struct Geometry {
    samples: Arc<IvSamples>,
    envelope: Envelope,
}

/// Static theory of one cell.
#[derive(Debug, Clone, Default)]
pub struct CellTheory {
    /// Equilibria of the cell, in order of V.
    pub equilibria: SmallVec<[Equilibrium; 1]>,
    /// Trapping regions of the stable equilibria, where the cell can come to rest.
    pub regions: Regions,
    /// Slowest rate of growth or decay at the equilibria, except alpha Gamma, per tau_c.
    pub slowest: f64,
}

fn profile_key(p: &Parameters<f64>) -> [u64; 2] {
    [p.l, p.lambda].map(f64::to_bits)
}

fn curve_key(p: &Parameters<f64>) -> [u64; 4] {
    [p.l, p.lambda, p.x_0, p.z_t].map(f64::to_bits)
}

fn geometry_key(p: &Parameters<f64>) -> [u64; 3] {
    [p.l, p.lambda, p.x_0].map(f64::to_bits)
}

fn folds_key(p: &Parameters<f64>) -> [u64; 5] {
    [p.l, p.lambda, p.x_0, p.z_t, p.r_n].map(f64::to_bits)
}

fn equilibria_key(p: &Parameters<f64>) -> [u64; 6] {
    [p.l, p.lambda, p.x_0, p.z_t, p.r_n, p.v_n].map(f64::to_bits)
}

/// The parameters that equilibria do not depend on.
fn others_key(p: &Parameters<f64>) -> [u64; 3] {
    [p.gamma, p.alpha, p.omega].map(f64::to_bits)
}

/// One point for each key that is not cached yet; `None` if there are more than `most`.
fn missing<const N: usize, T>(
    there: &Map<N, T>,
    points: &[Parameters<f64>],
    most: usize,
    key: impl Fn(&Parameters<f64>) -> [u64; N],
) -> Option<Vec<Parameters<f64>>> {
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
            found.push(*p);
        }
    }
    Some(found)
}

/// What `make` makes for each point, with the point's key.
fn made<const N: usize, T: Send>(
    points: Vec<Parameters<f64>>,
    key: impl Fn(&Parameters<f64>) -> [u64; N] + Sync,
    make: impl Fn(&Parameters<f64>) -> Option<T> + Sync,
) -> Vec<([u64; N], T)> {
    points.into_par_iter().filter_map(|p| Some((key(&p), make(&p)?))).collect()
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
        if self.curves.len() > KEPT || self.geometries.len() > KEPT || self.profiles.len() > KEPT {
            *self = Self::default();
        }
        if self.folds.len() > KEPT_LISTS || self.equilibria.len() > KEPT_LISTS {
            (self.folds, self.equilibria) = Default::default();
        }
        // Where most points have folds or equilibria of their own, caching them would save nothing.
        let most = points.len() / 2;
        // What is cached for a point is cached with all that it was made from.
        let differ = |p: &Parameters<f64>| points.first().is_some_and(|q| others_key(p) != others_key(q));
        let are_shared = points.iter().any(differ);
        let equilibria = missing(&self.equilibria, points, if are_shared { most } else { 0 }, equilibria_key);
        let points = equilibria.as_deref().unwrap_or(points);
        let folds = missing(&self.folds, points, most, folds_key);
        let points = folds.as_deref().unwrap_or(points);
        let curves = missing(&self.curves, points, points.len(), curve_key).unwrap_or_default();
        let geometries = missing(&self.geometries, &curves, curves.len(), geometry_key).unwrap_or_default();
        let profiles = missing(&self.profiles, &geometries, geometries.len(), profile_key).unwrap_or_default();
        self.profiles.extend(made(profiles, profile_key, |p| Some(Arc::new(F00Jets::new(p.l, p.lambda)))));
        let geometry = |p: &Parameters<f64>| {
            let profile = self.profiles.get(&profile_key(p))?.clone();
            let samples = Arc::new(IvSamples::new(profile, p.x_0, p.l));
            Some(Geometry { samples, envelope: Envelope::new(p.x_0, p.l, p.lambda) })
        };
        self.geometries.extend(made(geometries, geometry_key, geometry));
        let curve = |p: &Parameters<f64>| Some(IvCurve::on(&self.geometries.get(&geometry_key(p))?.samples, p.z_t));
        self.curves.extend(made(curves, curve_key, curve));
        let Some(folds) = folds else { return };
        let found = made(folds, folds_key, |p| Some(self.curves.get(&curve_key(p))?.folds_with_input(p.r_n)));
        self.folds.extend(found);
        let Some(equilibria) = equilibria else { return };
        let found = made(equilibria, equilibria_key, |p| Some(self.places(p, self.curves.get(&curve_key(p))?)));
        self.equilibria.extend(found);
    }

    /// The equilibria of a point with this curve, in order of V.
    fn places(&self, p: &Parameters<f64>, curve: &IvCurve) -> Places {
        let voltages: Voltages = match self.folds.get(&folds_key(p)) {
            Some(folds) => curve.equilibria_between(p.v_n, p.r_n, folds),
            None => curve.equilibria(p.v_n, p.r_n),
        };
        voltages.into_iter().map(|v| (v, curve.derivatives(v))).collect()
    }

    /// The theory of a point that was prepared; empty for other points.
    #[must_use]
    pub fn at(&self, p: &Parameters<f64>) -> CellTheory {
        let Some(curve) = self.curves.get(&curve_key(p)) else {
            return CellTheory { slowest: f64::INFINITY, ..CellTheory::default() };
        };
        let own;
        let places = match self.equilibria.get(&equilibria_key(p)) {
            Some(known) => known,
            None => {
                own = self.places(p, curve);
                &own
            }
        };
        let equilibria: SmallVec<[_; 1]> =
            places.iter().map(|(v, derivatives)| Equilibrium::from_derivatives(*v, p, derivatives)).collect();
        let regions = equilibria.iter().filter_map(|e| region(e, p, curve.profile())).collect();
        let rates = equilibria.iter().flat_map(|e| e.eigenvalues.iter().skip(1)).map(|m| m.re.abs());
        let slowest = rates.fold(f64::INFINITY, f64::min);
        CellTheory { equilibria, regions, slowest }
    }

    /// Bounds on the rates of a neuron that starts at voltage `start`; [`Rates::NONE`] for a point
    /// that was not prepared.
    #[must_use]
    pub fn rates(&self, p: &Parameters<f64>, start: f64) -> Rates {
        self.geometries.get(&geometry_key(p)).map_or(Rates::NONE, |g| Rates::within(p, start, &g.envelope))
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
    let is_stable = stability == Stability::Stable;
    let oscillation = if near.is_some() || is_stable { bifurcation::oscillation(e) } else { None };
    let curvature = near.zip(oscillation.as_ref()).and_then(|(m, mode)| {
        let found = lyapunov_of(e, mode, p)?;
        // A cycle has the amplitude 2 |q_V| (-Re mu / (omega l_1))^½, half its span.
        let curvature = m.im * found.coefficient / (16.0 * found.swing * found.swing);
        curvature.is_finite().then_some(curvature)
    });
    if let Some(found) = bifurcation::trapping_region_by(e, oscillation.as_ref(), p, profile) {
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
