//! Bifurcation test functions, whose zeros the curves are, and Newton's method on them.

use super::hopf::HopfPoint;
use super::stability::Linear;
use crate::model::{F00Jets, Family, ORDERS, Parameter, Parameters};
use nalgebra::{DMatrix, DVector};
use std::borrow::Cow;
use std::f64::consts::SQRT_2;

/// Step, in units of the ranges, below which Newton's method has converged.
const ARRIVED: f64 = 1e-13;

/// Values of the test functions at one voltage and one set of parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestValues {
    /// V_n - V - R_n h(V): 0 at an equilibrium.
    pub balance: f64,
    /// c_2 c_1 - c_0: 0 at a Hopf point.
    pub hopf: f64,
    /// a = ∂V̇/∂V: 0 at a fold.
    pub fold: f64,
    /// R_n h''(V): 0 together with `fold` at a cusp.
    pub bend: f64,
    /// Coefficient c_1 of the cubic: the square of the frequency at a Hopf point, where it is
    /// positive.
    pub c_1: f64,
    /// Coefficient c_2 of the cubic: 0 together with `fold` at a zero-Hopf point.
    pub c_2: f64,
}

impl TestValues {
    /// The values from F_00's derivatives at `v`.
    pub(super) fn of(v: f64, p: &Parameters<f64>, f: &[f64; ORDERS]) -> Self {
        let linear = Linear::from_derivatives(v, p, f);
        let c = 0.25 * (1.0 - p.z_t);
        let g: [f64; 3] = std::array::from_fn(|n| f[n] + c * f[n + 2]);
        Self {
            balance: p.v_n - v - p.r_n * v * g[0],
            hopf: linear.hopf_function(),
            fold: linear.a,
            bend: p.r_n * (-2.0 * SQRT_2 * g[1] + 2.0 * v * g[2]),
            c_1: linear.cubic()[1],
            c_2: linear.cubic()[2],
        }
    }
}

/// The test functions for any V and parameters.
pub(super) struct TestFunctions {
    base: Parameters<f64>,
    /// Profile of F_00 for the geometry of `base`.
    profile: F00Jets,
    /// Profiles of F_00 for all other geometries.
    family: Family,
}

impl TestFunctions {
    pub(super) fn new(base: Parameters<f64>) -> Self {
        Self { base, profile: F00Jets::new(base.l, base.lambda), family: Family::default() }
    }

    /// The parameters that the test functions were made for.
    pub(super) fn base(&self) -> &Parameters<f64> {
        &self.base
    }

    /// Whether parameters have the geometry of `base`.
    fn is_usual(&self, p: &Parameters<f64>) -> bool {
        p.l == self.base.l && p.lambda == self.base.lambda
    }

    /// F_00's derivatives at `v`; NaN where l or lambda is not a positive length, as in some Newton
    /// steps.
    pub(super) fn derivatives(&self, v: f64, p: &Parameters<f64>) -> [f64; ORDERS] {
        let xi = p.x_0 / p.l - SQRT_2 * v;
        if self.is_usual(p) {
            return self.profile.derivatives(xi);
        }
        self.family.blend(p.l, p.lambda).map_or([f64::NAN; ORDERS], |blend| blend.derivatives(xi))
    }

    /// Profile of F_00 for a geometry, accurate enough for signs on a grid; `None` if it is
    /// impossible.
    pub(super) fn rough_profile(&self, p: &Parameters<f64>) -> Option<Cow<'_, F00Jets>> {
        if self.is_usual(p) {
            return Some(Cow::Borrowed(&self.profile));
        }
        self.family.rough(p.l, p.lambda).map(|blend| Cow::Owned(blend.profile()))
    }

    pub(super) fn at(&self, v: f64, p: &Parameters<f64>) -> TestValues {
        TestValues::of(v, p, &self.derivatives(v, p))
    }

    pub(super) fn linear(&self, v: f64, p: &Parameters<f64>) -> Linear {
        Linear::from_derivatives(v, p, &self.derivatives(v, p))
    }

    /// The Hopf point at `v`, if there is one.
    pub(super) fn hopf_point(&self, v: f64, p: &Parameters<f64>) -> Option<HopfPoint> {
        HopfPoint::from_derivatives(v, *p, &self.derivatives(v, p))
    }
}

/// F_00's derivatives at many voltages; NaN without a profile.
pub(super) fn derivatives_on_line(profile: Option<&F00Jets>, v: &[f64], p: &Parameters<f64>) -> Vec<[f64; ORDERS]> {
    let Some(profile) = profile else { return vec![[f64::NAN; ORDERS]; v.len()] };
    v.iter().map(|v| profile.derivatives(p.x_0 / p.l - SQRT_2 * v)).collect()
}

/// Whether a parameter belongs to the geometry (l, lambda) that a profile of F_00 is made for.
pub(super) fn is_geometry(parameter: Parameter) -> bool {
    matches!(parameter, Parameter::L | Parameter::Lambda)
}

/// Whether F_00 at a given V depends on a parameter.
pub(super) fn moves_functions(parameter: Parameter) -> bool {
    parameter == Parameter::X0 || is_geometry(parameter)
}

/// `p` with one parameter changed.
pub(super) fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut values = p.to_array();
    values[parameter as usize] = value;
    Parameters::from_array(values)
}

/// Zero of `f` near `start`, by Newton's method with least-norm steps.
///
/// There may be fewer functions than variables. Only variables that are `free` move; `scale` is the
/// unit of each variable.
pub(super) fn newton<const D: usize>(
    f: impl Fn([f64; D]) -> Vec<f64>,
    start: [f64; D],
    scale: [f64; D],
    free: [bool; D],
) -> Option<[f64; D]> {
    let mut x = start;
    for _ in 0..40 {
        let here = DVector::from_vec(f(x));
        let columns: Vec<usize> = (0..D).filter(|d| free[*d]).collect();
        let mut jacobian = DMatrix::zeros(here.len(), columns.len());
        for (c, &d) in columns.iter().enumerate() {
            let h = 1e-6 * scale[d];
            let (mut up, mut down) = (x, x);
            up[d] += h;
            down[d] -= h;
            jacobian.set_column(c, &((DVector::from_vec(f(up)) - DVector::from_vec(f(down))) / 2e-6));
        }
        if !here.iter().chain(jacobian.iter()).all(|v| v.is_finite()) {
            return None;
        }
        let step = jacobian.svd(true, true).solve(&here, 1e-14).ok()?;
        for (c, &d) in columns.iter().enumerate() {
            x[d] -= step[c] * scale[d];
        }
        if x.iter().any(|v| !v.is_finite()) {
            return None;
        }
        if step.norm() < ARRIVED {
            break;
        }
    }
    Some(x)
}

/// Range of V to search while the parameters in `running` vary and the others stay as in `base`.
///
/// It covers, with a small margin, the voltages at which an equilibrium can exist and the device
/// conducts: where it does not conduct nothing bifurcates.
pub(super) fn v_range(base: &Parameters<f64>, running: &[(Parameter, (f64, f64))]) -> (f64, f64) {
    let range = |p: Parameter| running.iter().find(|(q, _)| *q == p).map_or((base.get(p), base.get(p)), |(_, r)| *r);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let ends = |(a, b): (f64, f64)| if a == b { vec![a] } else { vec![a, b] };
    for l in ends(range(Parameter::L)) {
        for lambda in ends(range(Parameter::Lambda)) {
            let reach = F00Jets::end_for(l, lambda);
            for x_0 in ends(range(Parameter::X0)) {
                low = low.min((x_0 / l - reach) / SQRT_2);
                high = high.max((x_0 / l + reach) / SQRT_2);
            }
        }
    }
    let v_n = range(Parameter::VN);
    let (low, high) = (v_n.0.min(0.0).max(low), v_n.1.max(0.0).min(high));
    let high = high.max(low);
    // An odd margin, so that no node hits an equilibrium exactly.
    let margin = 0.003_71 * (high - low) + 1e-3;
    (low - margin, high + 0.97 * margin)
}
