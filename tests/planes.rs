//! Curves of bifurcations of cycles in planes: against branches along lines, independent values and the theory of Hopf
//! points.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, json, refused};
use hopfmap::bifurcation::{Codimension2, Side, curves, hopf_points};
use hopfmap::cancel::CancelToken;
use hopfmap::continuation::{
    CurveEnd, CycleCurve, CycleCurveKind, CycleCurves, SpecialKind, cycle_curves, cycle_from, diagram,
};
use hopfmap::{Parameter, Parameters, Start};

fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut values = p.to_array();
    values[parameter as usize] = value;
    Parameters::from_array(values)
}

fn found(p: &Parameters<f64>, sides: [Side; 2], lines: usize) -> CycleCurves {
    cycle_curves(sides, p, &curves(sides, p).unwrap().special, lines, &CancelToken::default(), &|_, _| {}).unwrap()
}

fn of(found: &CycleCurves, kind: CycleCurveKind) -> Vec<&CycleCurve> {
    found.curves.iter().filter(|c| c.kind == kind).collect()
}

fn doubling() -> Parameters<f64> {
    Parameters::from_array([
        10.998213835558035,
        51.58365187984562,
        0.2,
        1.4717992375794342,
        0.8461339268689599,
        4.65,
        1.1406789800363548,
        0.3309361787411915,
        0.02470666513972922,
    ])
}

fn folding() -> Parameters<f64> {
    Parameters::from_array([
        4.05763821776806,
        56.30669418704481,
        0.2,
        1.5458692532120955,
        0.999117486262571,
        0.8612528157215089,
        1.5821326701697012,
        0.34649177746451937,
        0.09136966683515943,
    ])
}

fn torus() -> Parameters<f64> {
    Parameters::from_array([
        4.675944792746062,
        20.661342581319253,
        0.2,
        0.5647944923011909,
        0.9565722537755171,
        3.7832240034441056,
        1.1436900141828406,
        0.5283765115515946,
        0.07932732271297124,
    ])
}

/// Values by an independent solver (its own quadrature, DOP853, the variational equation; see `tests/branches.rs`). The
/// plane has the neuron's own value as a side, on which the curve has to end.
#[test]
fn curves_come_to_the_points_of_an_independent_solver() {
    for (p, kind, gamma, side) in [
        (doubling(), CycleCurveKind::Doubling, 0.173_237_296_7, Side::linear(Parameter::VN, 10.998213835558035..=11.6)),
        (folding(), CycleCurveKind::Fold, 0.189_998_210_2, Side::linear(Parameter::RN, 56.30669418704481..=62.0)),
        (torus(), CycleCurveKind::NeimarkSacker, 0.106_254_276_6, Side::linear(Parameter::VN, 4.675944792746062..=5.2)),
    ] {
        let found = found(&p, [Side::linear(Parameter::Gamma, 0.05..=0.3), side], 4);
        let end = CurveEnd::Side(side.parameter, side.low);
        let ends = of(&found, kind).into_iter().flat_map(|c| {
            [(&c.ends[0], &c.points[0]), (&c.ends[1], c.points.last().unwrap())].map(|(e, p)| (e.clone(), p.values))
        });
        let there: Vec<_> = ends.filter(|(e, _)| *e == end).collect();
        assert!(there.iter().any(|(_, at)| (at[0] - gamma).abs() < 1e-8), "{kind:?}: {there:?}");
        // The negative control: the curve comes to this value nowhere else.
        assert!(there.iter().all(|(_, at)| (at[0] - gamma * 1.000_001).abs() > 1e-8));
    }
}

/// Special points of a kind on the branches along a parameter, all of them.
fn on_line(p: &Parameters<f64>, parameter: Parameter, range: (f64, f64), kind: CycleCurveKind) -> Vec<(f64, f64)> {
    let wanted = match kind {
        CycleCurveKind::Fold => SpecialKind::Fold,
        CycleCurveKind::Doubling => SpecialKind::Doubling,
        CycleCurveKind::NeimarkSacker => SpecialKind::NeimarkSacker,
    };
    let mut all = diagram(p, parameter, range, true, &[], false).branches;
    for share in [0.3, 0.6, 0.9] {
        let value = range.0 + share * (range.1 - range.0);
        if let Ok(Some(start)) = cycle_from(&with(p, parameter, value), parameter, &[value], Start::Rest) {
            all.extend(diagram(p, parameter, range, false, &[start], false).branches);
        }
    }
    all.iter().flat_map(|b| &b.special).filter(|s| s.kind == wanted).map(|s| (s.value, s.period)).collect()
}

#[test]
fn slices_of_curves_are_the_points_of_branches_along_both_parameters() {
    let planes = [
        (folding(), [Side::linear(Parameter::Gamma, 0.1..=0.3), Side::linear(Parameter::RN, 40.0..=60.0)]),
        (torus(), [Side::linear(Parameter::Gamma, 0.05..=0.2), Side::linear(Parameter::VN, 4.0..=5.4)]),
        (doubling(), [Side::linear(Parameter::Gamma, 0.15..=0.25), Side::linear(Parameter::VN, 10.5..=11.5)]),
    ];
    let (mut compared, mut missed, mut worst) = (0, 0, 0.0_f64);
    for (p, sides) in planes {
        let found = found(&p, sides, 4);
        for curve in &found.curves {
            let every = (curve.points.len() / 6).max(1);
            for point in curve.points.iter().skip(every / 2).step_by(every) {
                for along in [0, 1] {
                    let (side, other) = (sides[along], sides[1 - along]);
                    let q = with(&p, other.parameter, point.values[1 - along]);
                    let there = on_line(&q, side.parameter, (side.low, side.high), curve.kind);
                    let off = |shift: f64| {
                        let apart = there.iter().map(|(v, period)| {
                            (v - point.values[along] - shift).abs() + (period / point.period - 1.0).abs()
                        });
                        apart.fold(f64::INFINITY, f64::min)
                    };
                    // A branch that neither a Hopf point nor rest leads to on this line has no point there.
                    if off(0.0) > 1e-3 {
                        missed += 1;
                        continue;
                    }
                    compared += 1;
                    worst = worst.max(off(0.0));
                    assert!(off(0.0) < 1e-7, "{:?} at {:?}: {:e}", curve.kind, point.values, off(0.0));
                    // The negative control.
                    assert!(off(1e-6) > 1e-7);
                }
            }
        }
    }
    println!("{compared} slices compared, {missed} without the branch, the largest difference {worst:e}");
    assert!(compared >= 40 && missed * 4 < compared, "{compared} {missed}");
}
