//! Is the static theory right: the paper's numbers, independent solvers, brute force, and the simulation itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::{BASE, Random, curve, profile, side};
use common::tolerance;
use hopfmap::bifurcation::{
    CurveKind, HopfPoint, Linear, Stability, curves, equilibria_on, hopf_points, hopf_points_along_v_n,
};
use hopfmap::engine::{Batch, Cell, Cpu, Precision, Timing};
use hopfmap::kernel::neuron::Neuron;
use hopfmap::kernel::run::RunLimits;
use hopfmap::kernel::table::{Format, Table};
use hopfmap::model::{Conductance, Parameter, Parameters, State};
use hopfmap::plan::Theory;
use hopfmap::results::Outcome;
use std::f64::consts::SQRT_2;

#[test]
fn hopf_points_of_the_paper() {
    let on_v_n: Vec<HopfPoint> = hopf_points_along_v_n(&BASE).into_iter().filter(|h| h.parameters.v_n > 0.0).collect();
    let v_n: Vec<f64> = on_v_n.iter().map(|h| h.parameters.v_n).collect();
    assert_eq!(v_n.len(), 2, "{v_n:?}");
    assert!((v_n[0] - 0.225_384_542).abs() < 1e-8 && (v_n[1] - 3.308_630_134).abs() < 1e-8, "{v_n:?}");
    assert!((on_v_n[0].omega - 7.0231).abs() < 5e-5, "{}", on_v_n[0].omega);
    // The paper's 7.0224 is the eigenvalue at V_n = 0.22.
    let p = Parameters { v_n: 0.22, ..BASE };
    let there = &equilibria_on(&p, &curve(&p), &profile(&p))[0];
    let frequency = there.linear.eigenvalues().iter().fold(0.0_f64, |m, e| m.max(e.im));
    assert!((frequency - 7.0224).abs() < 5e-5, "{frequency}");

    let on_z_t = hopf_points(Parameter::ZT, (0.0, 1.0), &BASE);
    assert_eq!(on_z_t.len(), 1);
    assert!((on_z_t[0].parameters.z_t - 0.167_253_811).abs() < 1e-8, "{on_z_t:?}");
}

#[test]
fn the_threshold_in_gamma_does_not_depend_on_alpha() {
    let at = |alpha: f64| {
        let found = hopf_points(Parameter::Gamma, (0.01, 2.0), &Parameters { r_n: 6.0, alpha, ..BASE });
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].parameters.gamma
    };
    let reference = at(1.0);
    assert!((reference - 0.654_400_482).abs() < 1e-8, "{reference}");
    for alpha in [0.01, 0.3, 2.0] {
        assert!((at(alpha) - reference).abs() < 1e-12);
    }
}

#[test]
fn hopf_points_are_where_the_real_part_vanishes_along_every_parameter() {
    for parameter in [
        Parameter::VN,
        Parameter::RN,
        Parameter::Gamma,
        Parameter::ZT,
        Parameter::Omega,
        Parameter::X0,
        Parameter::L,
        Parameter::Lambda,
    ] {
        let range = match parameter {
            Parameter::VN => (0.0, 5.0),
            Parameter::RN => (0.5, 12.0),
            Parameter::Omega => (0.5, 80.0),
            Parameter::X0 => (0.0, 2.0),
            Parameter::L => (0.2, 1.0),
            Parameter::Lambda => (0.02, 1.0),
            _ => (0.0, 1.0),
        };
        let found = hopf_points(parameter, range, &BASE);
        println!("{}: {:?}", parameter.name(), found.iter().map(|h| h.parameters.get(parameter)).collect::<Vec<_>>());
        assert!(!found.is_empty(), "no Hopf point along {}", parameter.name());
        for h in &found {
            let linear = Linear::at(h.v, &h.parameters, &profile(&h.parameters));
            let critical =
                linear.eigenvalues().into_iter().filter(|e| e.im > 0.0).map(|e| e.re.abs()).fold(f64::MAX, f64::min);
            assert!(critical < 1e-10, "{} = {}: Re mu = {critical}", parameter.name(), h.parameters.get(parameter));
            let rest = h.parameters.v_n - curve(&h.parameters).input(h.v, h.parameters.r_n);
            assert!(rest.abs() < 1e-10, "no equilibrium: {rest}");
        }
    }
    // Nothing in the Hopf condition depends on alpha.
    assert!(hopf_points(Parameter::Alpha, (0.0, 2.0), &BASE).is_empty());
}

#[test]
fn load_lines_touch_the_current_at_the_folds() {
    // Fig. 2b: the current I = g V against V, and the load line I = (V_n - V)/R_n.
    let p = Parameters { r_n: 8.0, ..BASE };
    let curve = curve(&p);
    let folds: Vec<f64> = curve.folds(8.0).into_iter().filter(|v| *v > 0.0).collect();
    assert_eq!(folds.len(), 2, "{folds:?}");
    for (v, printed) in folds.into_iter().zip([(1.4336, 5.4501), (2.6689, 2.9232)]) {
        let v_n = curve.input(v, 8.0);
        assert!((v - printed.0).abs() < 5e-5 && (v_n - printed.1).abs() < 5e-5);
        let current = curve.current(v);
        assert!((current[0] - (v_n - v) / 8.0).abs() < 1e-12, "the line meets the curve");
        assert!((current[1] + 1.0 / 8.0).abs() < 1e-6, "with the same slope");
    }
}

#[test]
fn loops_are_symmetric_or_mirror_images() {
    // Fig. 2c: R_n = 10.
    let inputs = |x_0: f64| {
        let p = Parameters { r_n: 10.0, x_0, ..BASE };
        let curve = curve(&p);
        curve.folds(10.0).into_iter().map(|v| curve.input(v, 10.0)).collect::<Vec<f64>>()
    };
    let middle = inputs(0.0);
    assert_eq!(middle.len(), 4);
    for (a, b) in middle.iter().zip(middle.iter().rev()) {
        assert!((a + b).abs() < 1e-12, "{middle:?}");
    }
    let (right, left) = (inputs(0.1), inputs(-0.1));
    for (a, b) in right.iter().zip(left.iter().rev()) {
        assert!((a + b).abs() < 1e-12, "{right:?} {left:?}");
    }
    assert!((right[0] + right[3]).abs() > 1e-3, "x_0 does break the symmetry");
}

#[test]
fn the_jacobian_is_the_kernels_slope() {
    let mut random = Random(7);
    for _ in 0..200 {
        let p = Parameters { x_0: 0.8, l: 0.5, lambda: 0.13, ..random.parameters() };
        let table = Table::<f64>::new(p.l, p.lambda);

        for e in equilibria_on(&p, &curve(&p), &profile(&p)) {
            let rest = State { x: 0.0, y: 0.0, z: p.z_t, v: e.v };
            // Order of Eq. 14: V, Z, X, Y.
            let nudged = |i: usize, h: f64| {
                let mut s = rest;
                *[&mut s.v, &mut s.z, &mut s.x, &mut s.y][i] += h;
                let d = Neuron::at(&p, &s, &table).derivative(&s);
                [d.v, d.z, d.x, d.y]
            };
            assert!(nudged(0, 0.0).iter().all(|d| d.abs() < tolerance::AT_REST), "at rest");
            let jacobian = e.linear.jacobian();
            for (column, nudge) in [0, 1, 2, 3].into_iter().enumerate() {
                let (up, down) = (nudged(nudge, 1e-5), nudged(nudge, -1e-5));
                for (row, (u, d)) in up.iter().zip(down).enumerate() {
                    let slope = (u - d) / 2e-5;
                    assert!(
                        (slope - jacobian[row][column]).abs() < 1e-5 * (1.0 + slope.abs()),
                        "({row}, {column}) {p:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_equilibrium_is_missed() {
    let mut random = Random(42);
    let mut counts = [0; 8];
    // 100,000 sets: 2,500 geometries and Z_T, with 40 random inputs and resistances on each, the first of them also scanned.
    for _ in 0..2500 {
        let p = random.parameters();
        let (land, prof) = (curve(&p), profile(&p));
        for j in 0..40 {
            let q = Parameters { v_n: random.between(-9.0, 9.0), r_n: random.between(0.0, 30.0), ..p };
            let found = equilibria_on(&q, &land, &prof);
            assert!(!found.is_empty() && found.windows(2).all(|w| w[0].v < w[1].v), "{q:?}");
            for e in &found {
                let rest = land.input(e.v, q.r_n) - q.v_n;
                assert!(rest.abs() < 1e-12 * (1.0 + q.v_n.abs() + q.r_n), "{rest:e} at {} of {q:?}", e.v);
                let _ = e.linear.stability();
            }
            counts[found.len().min(7)] += 1;
            if j == 0 {
                let scan: Vec<f64> =
                    (0..=4000).map(|k| land.input(q.v_n * f64::from(k) / 4000.0, q.r_n) - q.v_n).collect();
                let crossings = scan.windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
                assert!(found.len() >= crossings, "{} found, {crossings} by brute force: {q:?}", found.len());
            }
        }
    }
    println!("equilibria: {counts:?}");
    assert!(counts[1] > 1000 && counts[3] > 1000);
}

#[test]
fn friction_is_negative_where_a_focus_is_unstable() {
    let mut random = Random(3);
    let mut seen = 0;
    for _ in 0..4000 {
        let p = Parameters { z_t: 1.0, x_0: 0.8, l: 0.5, lambda: 0.13, omega: 7.0, ..random.parameters() };
        let functions = Conductance::new(p.l, p.lambda);
        for e in equilibria_on(&p, &curve(&p), &profile(&p))
            .iter()
            .filter(|e| e.linear.stability() == Stability::UnstableFocus)
        {
            seen += 1;
            let friction = p.gamma + p.r_n * functions.elements(p.x_0 - SQRT_2 * p.l * e.v).f01 * e.v;
            assert!((friction - e.linear.friction()).abs() < 1e-9);
            assert!(friction < 0.0, "{p:?}");
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Settled spans of cells started beside the equilibrium at `v`.
fn spans(cells: &[(Parameters<f64>, f64)]) -> Vec<(Outcome, f64)> {
    let mut batch = Batch { tables: common::tables(Format::Rgba32Float), ..Batch::default() };
    for (p, v) in cells {
        let limits = RunLimits { first_peaks: 5, look_steps: 400, max_steps: 4_000_000 };
        let start = State { x: 1e-3, y: 0.0, z: p.z_t * 0.9999, v: *v };
        let cell = Cell::new(*p, start, Timing { dt: 0.01, peak_error: 0.0, limits });
        let regions = Theory::prepared_for(p).at(p).regions;
        batch.push(cell, &regions, 0);
    }
    common::results(&Cpu::new(Precision::F64), &batch).iter().map(|a| (a.outcome, a.span)).collect()
}

#[test]
fn the_lyapunov_coefficient_predicts_the_amplitude() {
    let points = hopf_points_along_v_n(&BASE).into_iter().chain(hopf_points(
        Parameter::Gamma,
        (0.1, 1.0),
        &Parameters { r_n: 6.0, ..BASE },
    ));
    let mut checked = 0;
    for h in points.filter(|h| h.parameters.v_n > 0.0) {
        let l = h.lyapunov.expect("an ordinary Hopf point");
        let p = h.parameters;
        // Across the curve: along V_n, or along Gamma at the tip of its tongue.
        let tip = p.gamma > 0.5;
        let beside = |step: f64| {
            if tip { Parameters { gamma: p.gamma + step, ..p } } else { Parameters { v_n: p.v_n + step, ..p } }
        };
        let growth = |q: &Parameters<f64>| {
            let all = equilibria_on(q, &curve(q), &profile(q));
            let near = all.iter().min_by(|a, b| (a.v - h.v).abs().total_cmp(&(b.v - h.v).abs())).unwrap();
            (near.v, near.linear.eigenvalues().iter().filter(|e| e.im > 0.0).map(|e| e.re).fold(f64::MIN, f64::max))
        };
        assert!(l.coefficient < 0.0, "supercritical: {l:?}");
        let both = [beside(0.01), beside(-0.01)].map(|q| (q, growth(&q)));
        let spans = spans(&both.map(|(q, (v, _))| (q, v)));
        for ((_, (_, re)), (outcome, span)) in both.iter().zip(spans) {
            if *re > 0.0 {
                let predicted = 4.0 * l.swing * (-re / (h.omega * l.coefficient)).sqrt();
                println!("V_n = {:.4}: Re mu = {re:.2e}, span {span:.5}, predicted {predicted:.5}", p.v_n);
                assert!(
                    outcome == Outcome::Oscillating && (span / predicted - 1.0).abs() < tolerance::AMPLITUDE,
                    "{span} {predicted}"
                );
                checked += 1;
            } else {
                assert!(span < 1e-4, "{outcome:?} {span}");
            }
        }
    }
    assert!(checked >= 3, "{checked}");
}

#[test]
fn curves_of_fig_5a() {
    let plane = [side(Parameter::VN, (0.0, 9.0)), side(Parameter::RN, (0.0, 16.0))];
    let mut widest = 0.0;
    for z_t in [0.2, 0.4, 0.6, 0.8, 1.0] {
        let p = Parameters { z_t, ..BASE };
        let found = curves(plane, &p).unwrap();
        let points: Vec<_> = found.of(CurveKind::Hopf).flatten().collect();
        assert!(points.len() > 30, "Z_T = {z_t}: {} points", points.len());
        for point in &points {
            let q = Parameters { v_n: point.x, r_n: point.y, ..p };
            let linear = Linear::at(point.v, &q, &profile(&q));
            assert!(linear.hopf_function().abs() < 1e-7 && linear.cubic()[1] > 0.0, "{point:?}");
            assert!((curve(&q).input(point.v, point.y) - point.x).abs() < 1e-9);
        }
        // The region's lowest resistance falls as Z_T grows: nested regions.
        let lowest = points.iter().map(|p| p.y).fold(f64::MAX, f64::min);
        println!(
            "Z_T = {z_t}: {} lines, {} points, R_n from {lowest:.4}",
            found.of(CurveKind::Hopf).count(),
            points.len()
        );
        assert!(widest == 0.0 || lowest < widest, "{lowest} {widest}");
        widest = lowest;
        // Folds lie in the same plane, and meet in the cusp.
        let cusp = found.of(CurveKind::Cusp).flatten().find(|c| c.x > 0.0).expect("a cusp");
        if z_t == 1.0 {
            assert!((cusp.x - 2.445_427_544).abs() < 1e-8 && (cusp.y - 1.777_922_545).abs() < 1e-8, "{cusp:?}");
        }
    }
    let cold = curves(plane, &Parameters { z_t: 0.0, ..BASE }).unwrap();
    assert_eq!(cold.of(CurveKind::Hopf).count(), 0, "no oscillation at infinite temperature");
}

#[test]
fn a_cusp_beside_a_border_of_the_plane_is_found() {
    let (x, y) = (2.445_427_544, 1.777_922_545);
    let (wide_x, wide_y) = ((0.0, 6.0), (0.5, 12.0));
    let p = Parameters { z_t: 1.0, ..BASE };
    for beside in [0.05, 0.01, 0.002, 0.0005] {
        for (v_n, r_n) in [
            ((x - beside, wide_x.1), wide_y),
            ((wide_x.0, x + beside), wide_y),
            (wide_x, (y - beside, wide_y.1)),
            (wide_x, (wide_y.0, y + beside)),
        ] {
            let found = curves([side(Parameter::VN, v_n), side(Parameter::RN, r_n)], &p).unwrap();
            let near = |c: &hopfmap::bifurcation::Point| (c.x - x).abs() < 1e-7 && (c.y - y).abs() < 1e-7;
            assert!(found.of(CurveKind::Cusp).flatten().any(near), "{v_n:?} {r_n:?}");
        }
    }
}

#[test]
fn curves_of_planes_of_every_kind_pass_through_the_points() {
    // Each curve crosses the line y = middle of its plane exactly where the points along x lie.
    use Parameter as P;
    let planes = [
        (P::Gamma, (0.02, 1.0), P::ZT, (0.0, 1.0), 1.0),
        (P::RN, (0.5, 12.0), P::Gamma, (0.02, 0.3), 0.1),
        (P::X0, (0.0, 2.0), P::Omega, (3.0, 11.0), 7.0),
        (P::Lambda, (0.05, 0.4), P::ZT, (0.1, 1.0), 0.6),
    ];
    for (x, x_range, y, y_range, at) in planes {
        let base = Parameters { r_n: 6.0, ..BASE };
        let found = curves([side(x, x_range), side(y, y_range)], &base).unwrap();
        let mut values = base.to_array();
        values[y as usize] = at;
        let expected = hopf_points(x, x_range, &Parameters::from_array(values));
        assert!(!expected.is_empty(), "{} against {}", x.name(), y.name());
        for h in expected {
            let exact = h.parameters.get(x);
            let segments = found.of(CurveKind::Hopf).flat_map(|line| line.windows(2));
            let crossing = segments
                .filter(|w| (w[0].y - at) * (w[1].y - at) <= 0.0 && w[0].y != w[1].y)
                .map(|w| w[0].x + (w[1].x - w[0].x) * (at - w[0].y) / (w[1].y - w[0].y));
            let nearest = crossing.map(|c| (c - exact).abs()).fold(f64::MAX, f64::min);
            // Chords of a curve sampled 64 times across the plane.
            assert!(
                nearest < 2e-3 * (x_range.1 - x_range.0),
                "{} = {exact} at {} = {at}: {nearest}",
                x.name(),
                y.name()
            );
        }
    }
}

#[test]
fn planes_that_are_none_are_refused() {
    let say = |x, x_range, y, y_range| curves([side(x, x_range), side(y, y_range)], &BASE).unwrap_err().to_string();
    use Parameter as P;
    assert!(say(P::VN, (0.0, 1.0), P::VN, (0.0, 1.0)).contains("against itself"));
    assert!(say(P::VN, (1.0, 1.0), P::RN, (0.0, 1.0)).contains("empty range"));
    assert!(say(P::VN, (0.0, 1.0), P::ZT, (0.0, 2.0)).contains("Z_T = 2"));
}

#[test]
fn the_edge_of_a_map_lies_on_the_hopf_curve() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fig6a.h5");
    let axes = ["sweep", "--grid", "Gamma=0.02:1:128", "--grid", "Z_T=0:1:128", "--set", "V_n=2", "--set", "R_n=6"];
    common::hopfmap().args(axes).args(["--engine", "cpu", "-o"]).arg(&path).assert().success();
    let map = hdf5::File::open(&path).unwrap();
    let number = |name: &str| map.attr(name).unwrap().read_scalar::<f64>().unwrap();
    let (median, worst) = (number("hopf_edge_distance_median"), number("hopf_edge_distance_worst"));
    println!("median {median}, worst {worst} cells over {} points", number("hopf_edge_points"));
    assert!(worst <= 1.0 && median <= worst && number("hopf_edge_points") > 100.0);
    let picture = folder.path().join("map.svg");
    common::hopfmap().arg("plot").arg(&path).args(["--curves", "-o"]).arg(&picture).assert().success();
    assert!(std::fs::read_to_string(picture).unwrap().contains("Hopf"));
}
