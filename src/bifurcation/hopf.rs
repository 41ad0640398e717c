//! Hopf points: all of them along V_n, and the parameters at which there are none.
//!
//! At a Hopf point a pair of complex eigenvalues crosses the imaginary axis.

use super::iv_curve::IvCurve;
use super::lyapunov::{Lyapunov, lyapunov};
use super::roots;
use super::stability::Linear;
use crate::model::{F00Jets, ORDERS, Parameter, Parameters};
use std::f64::consts::SQRT_2;
use std::sync::Arc;

/// A Hopf point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HopfPoint {
    /// All parameters at the Hopf point.
    pub parameters: Parameters<f64>,
    /// Voltage of the equilibrium.
    pub v: f64,
    /// Angular frequency of the oscillation born there, per tau_c.
    pub omega: f64,
    /// First Lyapunov coefficient; `None` if it does not exist (another eigenvalue is 0 too).
    pub lyapunov: Option<Lyapunov>,
}

/// Intervals into which the conducting range of V is cut to separate Hopf points.
const PARTS: usize = 4000;
/// Lower end of a range that begins at a degenerate 0, as a fraction of its upper end.
const OPENING: f64 = 1e-9;

impl HopfPoint {
    /// The Hopf point at voltage `v`, if the Hopf function is 0 there and c_1 > 0.
    ///
    /// With c_1 < 0 the point is a neutral saddle.
    #[must_use]
    pub fn at(v: f64, parameters: Parameters<f64>, profile: &F00Jets) -> Option<Self> {
        Self::from_derivatives(v, parameters, &profile.derivatives(parameters.x_0 / parameters.l - SQRT_2 * v))
    }

    /// The Hopf point at voltage `v`, from F_00's derivatives at that voltage.
    pub(super) fn from_derivatives(v: f64, parameters: Parameters<f64>, f: &[f64; ORDERS]) -> Option<Self> {
        let linear = Linear::from_derivatives(v, &parameters, f);
        let c_1 = linear.cubic()[1];
        let omega = (c_1 > 0.0 && linear.is_hopf_root()).then(|| c_1.sqrt())?;
        Some(Self { parameters, v, omega, lyapunov: lyapunov(v, omega, &parameters, f) })
    }
}

/// Parameters whose value 0 rules out a Hopf bifurcation whatever the others are, with the reason.
const DEGENERATE: [(Parameter, &str); 4] = [
    (
        Parameter::Gamma,
        "degenerate: Gamma = 0, so nothing is damped, nothing pulls Z to Z_T, and no equilibrium is isolated",
    ),
    (Parameter::Alpha, "degenerate: alpha = 0, so nothing pulls Z to Z_T, and no equilibrium is isolated"),
    (Parameter::RN, "at R_n = 0 the particle does not act on the voltage, and its oscillation dies at the rate Gamma"),
    (Parameter::ZT, "at Z_T = 0 the voltage does not act on the particle, and its oscillation dies at the rate Gamma"),
];

/// Reason why there is no Hopf bifurcation at these parameters for any V_n; `None` if there may be
/// one.
#[must_use]
pub fn no_hopf(p: &Parameters<f64>) -> Option<&'static str> {
    let zero = DEGENERATE.iter().find(|(q, _)| p.get(*q) == 0.0).map(|d| d.1);
    let product = "degenerate: alpha Gamma = 0 to rounding, so nothing pulls Z to Z_T, and no equilibrium is isolated";
    zero.or((p.alpha * p.gamma == 0.0).then_some(product))
}

/// Whether a parameter's value 0 rules out Hopf bifurcations and isolated cycles.
#[must_use]
pub fn is_degenerate_at_0(parameter: Parameter) -> bool {
    DEGENERATE.iter().any(|d| d.0 == parameter)
}

/// Lower end of a parameter's range for Hopf points, moved off 0 where 0 is degenerate.
pub(super) fn opened(parameter: Parameter, (low, high): (f64, f64)) -> f64 {
    if low == 0.0 && is_degenerate_at_0(parameter) { OPENING * high } else { low }
}

/// Every Hopf point along V_n, all other parameters as in `p`, in order of V.
///
/// V itself parametrises the equilibria, so no branch is missed where it folds.
#[must_use]
pub fn hopf_points_along_v_n(p: &Parameters<f64>) -> Vec<HopfPoint> {
    if no_hopf(p).is_some() {
        return Vec::new();
    }
    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    let curve = IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t);
    let (low, high) = curve.extent();
    let found = roots::all(|v| Linear::at(v, p, &profile).hopf_function(), low, high, PARTS);
    let at = |v: f64| HopfPoint::at(v, Parameters { v_n: curve.input(v, p.r_n), ..*p }, &profile);
    found.into_iter().filter_map(at).collect()
}
