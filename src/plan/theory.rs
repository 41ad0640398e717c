//! Static theory of cells before they are integrated: equilibria, trapping regions, slowest rates,
//! and bounds for the step.

use crate::bifurcation::{self, Equilibrium, IvCurve, Stability, equilibria_on, lyapunov};
use crate::kernel::trapping::{FORM, TrappingRegion};
use crate::model::{Envelope, F00Jets, Parameters, Rates};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Growth or decay of an oscillation per period up to which the normal form is made.
const NEAR_HOPF: f64 = 0.1;
/// Largest number of cached curves, envelopes or profiles, some 50 kB each.
const KEPT: usize = 4096;

/// Cache of static theory, keyed by the parameters it depends on.
///
/// A map has few distinct entries, and many cells per entry.
#[derive(Debug, Default)]
pub struct Theory {
    profiles: HashMap<[u64; 2], Arc<F00Jets>>,
    curves: HashMap<[u64; 4], IvCurve>,
    envelopes: HashMap<[u64; 3], Envelope>,
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

/// One point for each key that is not cached yet.
fn missing<K: Copy + Eq + std::hash::Hash, V>(
    there: &HashMap<K, V>,
    points: &[Parameters<f64>],
    key: impl Fn(&Parameters<f64>) -> K,
) -> Vec<(K, Parameters<f64>)> {
    let mut seen = HashSet::new();
    points.iter().map(|p| (key(p), *p)).filter(|(k, _)| !there.contains_key(k) && seen.insert(*k)).collect()
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
        let profiles = missing(&self.profiles, points, profile_key);
        self.profiles.par_extend(profiles.into_par_iter().map(|(k, p)| (k, Arc::new(F00Jets::new(p.l, p.lambda)))));
        let curves = missing(&self.curves, points, curve_key);
        let profiles = &self.profiles;
        self.curves.par_extend(
            curves.into_par_iter().filter_map(|(k, p)| {
                Some((k, IvCurve::new(profiles.get(&profile_key(&p))?.clone(), p.x_0, p.l, p.z_t)))
            }),
        );
        let envelopes = missing(&self.envelopes, points, envelope_key);
        self.envelopes.par_extend(envelopes.into_par_iter().map(|(k, p)| (k, Envelope::new(p.x_0, p.l, p.lambda))));
    }

    /// The theory of a point that was prepared; empty for other points.
    #[must_use]
    pub fn at(&self, p: &Parameters<f64>) -> CellTheory {
        let (Some(profile), Some(curve)) = (self.profiles.get(&profile_key(p)), self.curves.get(&curve_key(p))) else {
            return CellTheory { slowest: f64::INFINITY, ..CellTheory::default() };
        };
        let equilibria = equilibria_on(p, curve, profile);
        let regions = equilibria.iter().filter_map(|e| region(e, p, profile)).collect();
        let rates = equilibria.iter().flat_map(|e| e.linear.eigenvalues().into_iter().skip(1)).map(|m| m.re.abs());
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
    let pair = e.linear.eigenvalues().into_iter().find(|m| m.im > 0.0);
    // The normal form matters where oscillations hardly change from period to period.
    let near = pair.filter(|m| m.re.abs() * TAU < NEAR_HOPF * m.im);
    let curvature = near.and_then(|m| {
        let found = lyapunov(e.v, m.im, p, profile)?;
        // A cycle has the amplitude 2 |q_V| (-Re mu / (omega l_1))^½, half its span.
        let curvature = m.im * found.coefficient / (16.0 * found.swing * found.swing);
        curvature.is_finite().then_some(curvature)
    });
    if let Some(found) = bifurcation::trapping_region(e, p, profile) {
        let growth = pair.map_or(-found.decay, |m| m.re);
        return Some(TrappingRegion::about(found.v, packed(&found), growth, curvature.unwrap_or(0.0)));
    }
    let growth = near.filter(|m| m.re > 0.0 && e.linear.stability() == Stability::UnstableFocus)?.re;
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
}
