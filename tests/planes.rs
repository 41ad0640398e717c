//! Curves of bifurcations of cycles in planes: against branches along lines, independent values and the theory of Hopf
//! points.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::contents;
use common::runs::{at_home, done, hopfmap, json, refused};
use hopfmap::bifurcation::{Codimension2, Side, curves, hopf_points};
use hopfmap::cancel::CancelToken;
use hopfmap::continuation::{
    CurveEnd, CycleCurve, CycleCurveKind, CycleCurves, PlanePoint, SpecialKind, cycle_curves, diagram,
};
use hopfmap::model::{Conductance, F00Jets, FINER, Rates};
use hopfmap::{Cycle, Parameter, Parameters};

fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut values = p.to_array();
    values[parameter as usize] = value;
    Parameters::from_array(values)
}

fn found(p: &Parameters<f64>, sides: [Side; 2], lines: usize) -> CycleCurves {
    cycle_curves(sides, p, &curves(sides, p).unwrap().special, lines, &CancelToken::default(), &|_| {}).unwrap()
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

/// Special points of a kind on the branches along a parameter: from Hopf points, and through the cycle next to a point of a
/// curve by the kernel's own solver.
fn on_line(
    p: &Parameters<f64>,
    (parameter, range): (Parameter, (f64, f64)),
    kind: CycleCurveKind,
    (point, value): (&PlanePoint, f64),
) -> Vec<(f64, f64)> {
    let wanted = match kind {
        CycleCurveKind::Fold => SpecialKind::Fold,
        CycleCurveKind::Doubling => SpecialKind::Doubling,
        CycleCurveKind::NeimarkSacker => SpecialKind::NeimarkSacker,
    };
    let mut all = diagram(p, parameter, range, true, &[], false).branches;
    let step = FINER * Rates::for_neuron(p, 0.0, &Conductance::new(p.l, p.lambda)).step();
    for share in [1e-3, -1e-3, 1e-4, -1e-4] {
        let next = value + share * (range.1 - range.0);
        let q = with(p, parameter, next);
        let near = Cycle::near(&q, &F00Jets::new(q.l, q.lambda), &point.state, point.period, step);
        if let Some(start) = near.filter(|c| (c.period / point.period - 1.0).abs() < 0.01) {
            all.extend(diagram(&q, parameter, range, false, &[(next, start)], false).branches);
            break;
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
        let found = found(&p, sides, 2);
        for curve in &found.curves {
            let every = (curve.points.len() / 3).max(1);
            for point in curve.points.iter().skip(every / 2).step_by(every) {
                for axis in [0, 1] {
                    let (side, other) = (sides[axis], sides[1 - axis]);
                    let q = with(&p, other.parameter, point.values[1 - axis]);
                    let line = (side.parameter, (side.low, side.high));
                    let there = on_line(&q, line, curve.kind, (point, point.values[axis]));
                    let off = |shift: f64| {
                        let apart = there.iter().map(|(v, period)| {
                            (v - point.values[axis] - shift).abs() + (period / point.period - 1.0).abs()
                        });
                        apart.fold(f64::INFINITY, f64::min)
                    };
                    // Where neither a Hopf point nor the solver leads to the branch on this line, nothing is compared.
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
    assert!(compared >= 20 && missed * 4 < compared, "{compared} {missed}");
}

/// A fold of cycles ends where the first Lyapunov coefficient is 0: the coefficient of the Hopf points along another
/// parameter changes its sign there, and the fold's cycles shrink to the Hopf curve.
#[test]
fn folds_of_cycles_end_at_generalised_hopf_points() {
    let p = folding();
    let sides = [Side::linear(Parameter::Gamma, 0.15..=0.25), Side::linear(Parameter::RN, 38.0..=60.0)];
    let theory = curves(sides, &p).unwrap();
    let [point] = theory.special[..] else { panic!("{:?}", theory.special) };
    assert_eq!(point.kind, Codimension2::GeneralisedHopf);
    // By Hopf points along Gamma at other resistances, an independent search.
    let coefficient = |r_n: f64| {
        let q = with(&p, Parameter::RN, r_n);
        let all = hopf_points(Parameter::Gamma, (0.15, 0.25), &q);
        let near = all.iter().min_by(|a, b| (a.v - point.v).abs().total_cmp(&(b.v - point.v).abs())).unwrap();
        (near.lyapunov.unwrap().coefficient, near.parameters.gamma)
    };
    let (mut low, mut high) = (point.y - 0.5, point.y + 0.5);
    let below = coefficient(low).0;
    assert!(below * coefficient(high).0 < 0.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if coefficient(middle).0 * below > 0.0 { low = middle } else { high = middle }
    }
    assert!((low - point.y).abs() < 1e-7 && (coefficient(low).1 - point.x).abs() < 1e-8, "{low} {point:?}");
    assert!(coefficient(point.y).0.abs() < 1e-7 && coefficient(point.y + 1e-4).0.abs() > 1e-7);
    let found = found(&p, sides, 3);
    let folds = of(&found, CycleCurveKind::Fold);
    let [fold] = folds[..] else { panic!("{} folds", folds.len()) };
    let at = fold.ends.iter().position(|e| *e == CurveEnd::At(Codimension2::GeneralisedHopf)).unwrap();
    let last = if at == 0 { &fold.points[0] } else { fold.points.last().unwrap() };
    assert!(last.span() < 0.02 && (last.values[0] - point.x).abs() < 1e-4 && (last.values[1] - point.y).abs() < 0.1);
    // The fold is tangent to the Hopf curve: its distance along Gamma falls faster than that along R_n.
    let mut distances: Vec<(f64, f64)> = fold
        .points
        .iter()
        .filter(|q| (0.5..6.0).contains(&(q.values[1] - point.y)))
        .map(|q| (q.values[1] - point.y, (q.values[0] - coefficient(q.values[1]).1).abs()))
        .collect();
    distances.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (distances[0], distances[distances.len() - 1]);
    let order = (last.1 / first.1).ln() / (last.0 / first.0).ln();
    assert!((1.7..2.5).contains(&order), "{order}: {distances:?}");
}

/// Bogdanov–Takens and zero-Hopf points, by the eigenvalues of the Jacobian.
#[test]
fn points_of_codimension_2_of_equilibria_have_their_eigenvalues() {
    let p = |omega: f64| Parameters { z_t: 0.05, omega, x_0: 3.0, lambda: 0.03, ..Parameters::at(0.0, 50.0, 0.1) };
    let sides = [Side::linear(Parameter::VN, 10.0..=22.0), Side::linear(Parameter::Gamma, 0.01..=6.0)];
    let planes = [(p(0.3), sides), (p(2.0), sides)];
    let (mut bogdanov_takens, mut zero_hopf) = (0, 0);
    for (p, sides) in planes {
        let theory = curves(sides, &p).unwrap();
        for s in &theory.special {
            // The equilibrium itself: next to a fold its voltage is as exact as the root of rounding.
            let profile = hopfmap::model::F00Jets::new(p.l, p.lambda);
            let count = |shift: f64| {
                let q = with(&with(&p, sides[0].parameter, s.x), sides[1].parameter, s.y + shift);
                let eigenvalues = hopfmap::Equilibrium::at(s.v, &q, &profile).eigenvalues;
                // Two zeros of a Jordan block are as exact as the root of rounding.
                let zeros = eigenvalues.iter().filter(|m| m.norm() < 1e-4).count();
                let imaginary = eigenvalues.iter().filter(|m| m.re.abs() < 1e-8 && m.im.abs() > 1e-3).count();
                (zeros, imaginary)
            };
            match s.kind {
                Codimension2::BogdanovTakens => {
                    assert_eq!(count(0.0), (2, 0), "{s:?}");
                    bogdanov_takens += 1;
                }
                Codimension2::ZeroHopf => {
                    assert_eq!(count(0.0), (1, 2), "{s:?}");
                    zero_hopf += 1;
                }
                _ => continue,
            }
            // The negative control: at another Gamma the fold is left with one zero.
            assert_eq!(count(1e-3), (1, 0), "{s:?}");
        }
    }
    assert!(bogdanov_takens >= 2 && zero_hopf >= 2, "{bogdanov_takens} {zero_hopf}");
}

/// A point of codimension 2 lies on two curves: found on either, each by its own test function, it is the same point. One
/// line along each side finds all curves, since those that no line meets are begun at such points.
#[test]
fn points_of_codimension_2_are_the_same_on_both_of_their_curves() {
    let p = Parameters { z_t: 0.05, omega: 2.0, x_0: 3.0, lambda: 0.03, ..Parameters::at(0.0, 50.0, 0.1) };
    let sides = [Side::linear(Parameter::VN, 15.4..=16.3), Side::linear(Parameter::Gamma, 0.02..=0.7)];
    let found = found(&p, sides, 1);
    let counts = CycleCurveKind::ALL.map(|kind| of(&found, kind).len());
    assert!(counts == [3, 1, 7] && found.notes.is_empty(), "{counts:?} {:?}", found.notes);
    let on = |kind: CycleCurveKind, point: Codimension2| -> Vec<[f64; 2]> {
        let all = of(&found, kind).into_iter().flat_map(|c| &c.special);
        all.filter(|(_, s)| s.kind == point).map(|(_, s)| [s.x, s.y]).collect()
    };
    use CycleCurveKind::{Doubling, Fold, NeimarkSacker};
    for (point, [one, other]) in [
        (Codimension2::Resonance1, [NeimarkSacker, Fold]),
        (Codimension2::Resonance2, [NeimarkSacker, Doubling]),
        (Codimension2::FoldFlip, [Doubling, Fold]),
    ] {
        let (first, second) = (on(one, point), on(other, point));
        let apart = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
        assert!(!first.is_empty(), "{point:?}");
        for (these, those) in [(&first, &second), (&second, &first)] {
            let nearest = |a: &[f64; 2]| those.iter().map(|b| apart(a, b)).fold(f64::INFINITY, f64::min);
            for at in these {
                assert!(nearest(at) < 1e-8, "{point:?} {at:?} {those:?}");
                // The negative control.
                assert!(nearest(&[at[0], at[1] + 2e-8]) > 1e-8);
            }
        }
    }
    // Curves of Neimark–Sacker points end at zero-Hopf points of the theory, and folds of cycles at generalised Hopf ones.
    let theory = curves(sides, &p).unwrap().special;
    for (kind, point) in [(NeimarkSacker, Codimension2::ZeroHopf), (Fold, Codimension2::GeneralisedHopf)] {
        let ends = on(kind, point);
        assert!(!ends.is_empty(), "{point:?}");
        for [x, y] in ends {
            assert!(theory.iter().any(|s| s.kind == point && (s.x - x).abs() < 1e-9 && (s.y - y).abs() < 1e-9));
        }
    }
}

/// A plane whose side is the coherent limit: nothing is followed into it, and no zero is taken at the noise next to it.
#[test]
fn nothing_is_taken_from_the_noise_at_gamma_0() {
    let sides = [Side::linear(Parameter::Gamma, 0.0..=0.25), Side::linear(Parameter::RN, 40.0..=60.0)];
    let theory = curves(sides, &folding()).unwrap();
    assert!(theory.special.iter().all(|s| s.x > 1e-4), "{:?}", theory.special);
    assert!(theory.special.iter().any(|s| s.kind == Codimension2::GeneralisedHopf));
    let found = found(&folding(), sides, 2);
    assert!(found.curves.iter().flat_map(|c| &c.points).all(|q| q.values[0] > 1e-4));
    // At Gamma = 0 itself there are none, and the reason is said.
    let coherent = Parameters { gamma: 0.0, ..folding() };
    let sides = [Side::linear(Parameter::VN, 0.0..=9.0), Side::linear(Parameter::RN, 40.0..=60.0)];
    let none = cycle_curves(sides, &coherent, &[], 2, &CancelToken::default(), &|_| {}).unwrap();
    assert!(none.curves.is_empty() && none.notes[0].contains("degenerate: Gamma = 0"), "{:?}", none.notes);
}

#[test]
fn curves_are_cancelled() {
    let stop = CancelToken::default();
    stop.cancel(2);
    let sides = [Side::linear(Parameter::Gamma, 0.1..=0.25), Side::linear(Parameter::RN, 40.0..=60.0)];
    assert_eq!(cycle_curves(sides, &folding(), &[], 2, &stop, &|_| {}).unwrap_err().exit_code(), 130);
}

/// The folding neuron in a plane.
const PLANE: [&str; 17] = [
    "curves",
    "--x",
    "R_n=38:60",
    "--y",
    "Gamma=0.15:0.25",
    "--set",
    "V_n=4.05763821776806",
    "--set",
    "alpha=1.5458692532120955",
    "--set",
    "Z_T=0.999117486262571",
    "--set",
    "Omega=0.8612528157215089",
    "--set",
    "x_0=1.5821326701697012",
    "--set",
    "l=0.34649177746451937",
];

#[test]
fn the_command_reports_stores_and_draws_curves_of_cycles() {
    let home = at_home();
    let more = ["--set", "lambda=0.09136966683515943", "--cycles=2", "-o", "c.h5", "--plot", "c.svg", "-q"];
    let words = [&PLANE[..], &more, &["--json"]].concat();
    let found = json(home.path(), &words);
    let curve = &found["curves"][0];
    assert_eq!((&curve["kind"], found["LPC"]["lines"].as_u64()), (&"LPC".into(), Some(1)));
    let point = &curve["points"][3];
    for key in ["R_n", "Gamma", "period", "span", "v_min", "v_max"] {
        assert!(point[key].as_f64().unwrap() > 0.0, "{point}");
    }
    assert_eq!(point["multipliers"].as_array().unwrap().len(), 3);
    let ends = curve["ends"].to_string();
    assert!(ends.contains("generalised Hopf (GH)") && ends.contains("a side of the plane, R_n = 60"), "{ends}");
    assert_eq!(
        (&found["special"][0]["label"], curve["special"][0]["kind"].as_str()),
        (&"GH".into(), Some("generalised Hopf"))
    );
    let picture = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    let drawn = picture("c.svg");
    for text in ["LPC", "GH", "Hopf, subcritical"] {
        assert!(drawn.contains(text), "{text}");
    }
    done(hopfmap(home.path(), &["plot", "c.h5", "-o", "again.svg"]));
    assert_eq!(contents::drawing(&drawn), contents::drawing(&picture("again.svg")));
    // Without the option there are no cycles in the report.
    let plain = json(home.path(), &[&PLANE[..], &more[..2], &["-o", "d.h5", "--json"]].concat());
    assert!(plain["curves"].is_null() && plain["LPC"].is_null() && plain["special"][0]["label"] == "GH", "{plain}");
    for count in ["0", "201", "x"] {
        let option = format!("--cycles={count}");
        let (code, printed) =
            refused(hopfmap(home.path(), &[&PLANE[..], &more[..2], &["-o", "e.h5", &option]].concat()));
        assert!(code == 2 && printed.contains("number of lines"), "{printed}");
    }
    let (code, printed) = refused(hopfmap(home.path(), &["plot", "c.h5", "--cycles", "-o", "f.svg"]));
    assert!(code == 2 && printed.contains("--cycles"), "{printed}");
}
