//! Hopf points: where a pair of complex eigenvalues crosses the imaginary axis; all of them along V_n.

use super::landscape::Landscape;
use super::lyapunov::{Lyapunov, lyapunov};
use super::roots;
use super::stability::Linear;
use crate::model::{Parameters, Profile};
use std::sync::Arc;

/// A Hopf point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HopfPoint {
    /// All parameters there.
    pub parameters: Parameters<f64>,
    /// Voltage of the equilibrium.
    pub v: f64,
    /// Frequency of the oscillation born there.
    pub omega: f64,
    /// Whether it is born stable; `None` where there is no coefficient (another eigenvalue is 0 too).
    pub lyapunov: Option<Lyapunov>,
}

/// Parts into which the conducting range of V is cut to tell Hopf points apart.
const PARTS: usize = 4000;

impl HopfPoint {
    /// The point at voltage `v`, if c_1 > 0 there (else it is a neutral saddle).
    #[must_use]
    pub fn at(v: f64, parameters: Parameters<f64>, profile: &Profile) -> Option<Self> {
        let c_1 = Linear::at(v, &parameters, profile).cubic()[1];
        let omega = (c_1 > 0.0).then(|| c_1.sqrt())?;
        Some(Self { parameters, v, omega, lyapunov: lyapunov(v, omega, &parameters, profile) })
    }
}

/// Every Hopf point along V_n, all other parameters as in `p`, in order of V: V itself runs along the equilibria, so
/// no branch is missed where it folds.
#[must_use]
pub fn along_input(p: &Parameters<f64>) -> Vec<HopfPoint> {
    let profile = Arc::new(Profile::new(p.l, p.lambda));
    let landscape = Landscape::new(profile.clone(), p.x_0, p.l, p.z_t);
    let (low, high) = landscape.extent();
    let found = roots::all(|v| Linear::at(v, p, &profile).hopf_function(), low, high, PARTS);
    let at = |v: f64| HopfPoint::at(v, Parameters { v_n: landscape.input(v, p.r_n), ..*p }, &profile);
    found.into_iter().filter_map(at).collect()
}
