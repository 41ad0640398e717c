//! The amplitude law next to a Hopf point: the span of the cycle that is born there, span = a |p - p_AH|^½.
//!
//! In the normal form the voltage of the cycle swings by 2 |q_V| (-Re mu / (omega l_1))^½ about its mean, with Re mu = (p -
//! p_AH) dRe mu/dp to first order, l_1 the first Lyapunov coefficient and q the critical eigenvector of length 1
//! (Kuznetsov, Elements of Applied Bifurcation Theory, Theorem 3.3 and Eq. 5.34). So a = 4 |q_V| |dRe mu/dp / (omega l_1)|^½.

use super::hopf::HopfPoint;
use super::test_functions::{TestFunctions, newton, with};
use crate::model::Parameter;

/// Step of the derivative along a parameter, relative to 1 + |p|.
const STEP: f64 = 1e-5;

/// The law span = a |p - p_AH|^½ of the cycle born at a Hopf point, to first order in p - p_AH.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplitudeLaw {
    /// Factor a, in units of V over the square root of the parameter's unit.
    pub factor: f64,
    /// Whether the cycle exists at higher values of the parameter; if not, at lower ones.
    pub is_above: bool,
}

/// The amplitude law along a parameter; `None` if the point is no generic Hopf point along it: l_1 or the crossing speed
/// dRe mu/dp is 0 or not finite.
#[must_use]
pub fn amplitude_law(point: &HopfPoint, parameter: Parameter) -> Option<AmplitudeLaw> {
    let lyapunov = point.lyapunov?;
    let (functions, p) = (TestFunctions::new(point.parameters), &point.parameters);
    let value = p.get(parameter);
    let step = STEP * (1.0 + value.abs());
    let real_part = |value: f64| {
        let p = with(p, parameter, value);
        let balance = |[v]: [f64; 1]| vec![functions.at(v, &p).balance];
        let [v] = newton(balance, [point.v], [1.0 + point.v.abs()], [true])?;
        functions.linear(v, &p).eigenvalues().iter().find(|mu| mu.im > 0.0).map(|mu| mu.re)
    };
    let speed = (real_part(value + step)? - real_part(value - step)?) / (2.0 * step);
    let factor = 4.0 * lyapunov.swing * (speed / (point.omega * lyapunov.coefficient)).abs().sqrt();
    // A supercritical cycle exists where the equilibrium is unstable, a subcritical one where it is stable.
    let is_above = (speed > 0.0) == (lyapunov.coefficient < 0.0);
    (factor.is_finite() && factor > 0.0).then_some(AmplitudeLaw { factor, is_above })
}
