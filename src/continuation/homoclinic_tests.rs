//! Is a homoclinic end where the saddle's unstable manifold comes back to the saddle.

use super::diagram::diagram;
use super::point::{End, SpecialKind};
use crate::model::{Parameter, Parameters};

/// A neuron next to a Bogdanov–Takens point, at R_n = 101.8058 and V_n = 16.447, with this resistance relative to it.
fn neuron(r_n: f64) -> Parameters<f64> {
    Parameters {
        v_n: 0.0,
        r_n: 101.805_771_931_854_04 * r_n,
        gamma: 1.693_382_932_917_01,
        alpha: 0.918_303_641_953_909_1,
        z_t: 0.090_835_148_342_055_72,
        omega: 0.537_639_945_286_668_4,
        x_0: 1.549_137_896_128_395_7,
        l: 0.278_451_167_668_040_8,
        lambda: 0.009_191_036_270_853_369,
    }
}

/// V_n of the homoclinic orbit at 1.02 times that resistance: between 16.70221339404 and 16.70221339418 the saddle's unstable
/// manifold passes from one side of its stable one to the other (DOP853 of SciPy, tolerance 1e-12, quadrature of its own).
const BY_MANIFOLD: f64 = 16.702_213_394_1;
/// Its error, and that of the extrapolation from the last cycles.
const WITHIN: f64 = 3e-9;
/// Rates of the saddle: the slowest one, and the unstable one.
const RATES: [f64; 2] = [0.435_998, 0.531_757];

#[test]
fn a_homoclinic_end_is_where_the_unstable_manifold_returns() {
    let found = diagram(&neuron(1.02), Parameter::VN, (9.9, 24.7), true, &[], false);
    let is_homoclinic = |b: &&super::point::CycleBranch| b.ends.contains(&End::Homoclinic);
    let branch = found.branches.iter().find(is_homoclinic).expect("a homoclinic end");
    let end = branch.special.iter().find(|s| s.kind == SpecialKind::Homoclinic).unwrap();
    assert!((end.value - BY_MANIFOLD).abs() < WITHIN, "{}", end.value);
    assert!((end.equilibrium - 3.665_945).abs() < 1e-5 && end.period.is_infinite(), "{end:?}");
    // The period grows by the slowest rate: T = -ln|V_n - V_h| / rate, up to the next term, |V_n - V_h|^0.2 of it.
    let near: Vec<_> = branch
        .points
        .iter()
        .map(|p| ((p.value - BY_MANIFOLD).abs(), p.period))
        .filter(|(d, _)| (1e-8..1e-6).contains(d))
        .collect();
    let (first, last) = (near[0], near[near.len() - 1]);
    let slope = (last.1 - first.1) / (first.0 / last.0).ln();
    assert!((slope * RATES[0] - 1.0).abs() < 0.06, "{slope}");
    // The negative controls: another rate has another slope, and the other side of the point no such orbit.
    assert!((slope * RATES[1] - 1.0).abs() > 0.1, "{slope}");
    let other = diagram(&neuron(0.98), Parameter::VN, (9.9, 24.7), true, &[], false);
    assert!(!other.branches.iter().any(|b| is_homoclinic(&b)));
}
