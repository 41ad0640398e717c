//! Is the static theory right at its limits: where nothing bifurcates, at tiny and huge inputs, and over the geometry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::{BASE, Random, curve, profile, side};
use hopfmap::bifurcation::{
    CurveKind, HopfPoint, Linear, curves, equilibria_on, hopf_points, hopf_points_along_v_n, no_hopf,
};
use hopfmap::model::{Conductance, Parameter, Parameters};
use std::f64::consts::SQRT_2;

#[test]
fn fault_23_an_equilibrium_is_always_found() {
    let mut random = Random(23);
    let sizes = [0.0, 5e-324, 1e-310, 1e-300, 1e-200, 1e-20, 1e-3, 1.0, 1e3, 1e20, 1e200, 1e300, f64::MAX];
    for _ in 0..40 {
        let p = random.parameters();
        let (land, prof) = (curve(&p), profile(&p));
        for size in sizes {
            for sign in [-1.0, 1.0] {
                for r_n in [0.0, 5e-324, 1e-300, 1e-10, random.between(0.0, 30.0), 1e10, 1e300] {
                    let q = Parameters { v_n: sign * size, r_n, ..p };
                    let found = equilibria_on(&q, &land, &prof);
                    assert!(!found.is_empty() && found.windows(2).all(|w| w[0].v < w[1].v), "{q:?}");
                    for e in &found {
                        assert!((q.v_n.min(0.0)..=q.v_n.max(0.0)).contains(&e.v), "{} of {q:?}", e.v);
                        // V and R_n h(V) make up V_n, to the rounding of the larger, of V's last digit and of the smallest numbers.
                        let [h, slope, ..] = land.current(e.v);
                        let rest = e.v + r_n * h - q.v_n;
                        let last_digit = (1.0 + r_n * slope.abs()) * (1e-14 * e.v.abs() + 1e-320) + r_n * 1e-322;
                        assert!(
                            rest.abs() <= 1e-14 * q.v_n.abs() + last_digit + r_n * 1e-20 * e.v.abs(),
                            "{rest:e} at {} of {q:?}",
                            e.v
                        );
                    }
                }
            }
        }
    }
    // The negative control: next to an equilibrium the balance does not hold.
    let q = Parameters { v_n: 1e-200, ..BASE };
    let v = equilibria_on(&q, &curve(&q), &profile(&q))[0].v;
    assert!((curve(&q).input(1.01 * v, q.r_n) - q.v_n).abs() > 1e-3 * q.v_n);
}

/// Whether Re mu of a pair crosses 0 there, by the friction of the pair: it has to change its sign within a small part of V.
fn crosses(h: &HopfPoint) -> bool {
    let at = |v: f64| Linear::at(v, &h.parameters, &profile(&h.parameters)).hopf_function();
    let apart = 1e-3 * (h.v.abs().min(1.0) + 1e-300);
    at(h.v - apart) * at(h.v + apart).signum() < 0.0
}

#[test]
fn fault_23_where_nothing_crosses_there_are_no_hopf_points() {
    use Parameter as P;
    let mut random = Random(230);
    for parameter in [P::Gamma, P::Alpha, P::RN, P::ZT] {
        for _ in 0..20 {
            let mut values = random.parameters().to_array();
            values[parameter as usize] = 0.0;
            let p = Parameters::from_array(values);
            let why = no_hopf(&p).expect("a reason");
            assert!(why.contains(&format!("{} = 0", parameter.name())), "{why}");
            assert!(hopf_points_along_v_n(&p).is_empty(), "{p:?}");
            for other in [P::Gamma, P::RN, P::ZT, P::Omega, P::X0, P::Lambda].into_iter().filter(|q| *q != parameter) {
                assert!(hopf_points(other, (0.1, 0.9), &p).is_empty(), "along {} of {p:?}", other.name());
            }
        }
        // Tiny is not 0: what is found there does cross, and it is no row of noise.
        for _ in 0..60 {
            let mut values = random.parameters().to_array();
            values[parameter as usize] = 10_f64.powf(random.between(-40.0, -2.0));
            let p = Parameters::from_array(values);
            let found = hopf_points_along_v_n(&p);
            assert!(found.len() <= 8 && no_hopf(&p).is_none(), "{} at {p:?}", found.len());
            assert!(
                found.iter().all(crosses),
                "{:?} of {p:?}",
                found.iter().map(|h| (h.v, crosses(h))).collect::<Vec<_>>()
            );
        }
    }
    // The negative control: elsewhere there are points.
    assert!(
        no_hopf(&BASE).is_none()
            && hopf_points_along_v_n(&BASE).len() == 2
            && hopf_points_along_v_n(&BASE).iter().all(crosses)
    );
}

#[test]
fn fault_23_no_curve_runs_where_nothing_crosses() {
    use Parameter as P;
    let range = |p: P| match p {
        P::VN => (-9.0, 9.0),
        P::RN => (0.0, 16.0),
        P::Alpha => (0.0, 2.0),
        P::Omega => (1.0, 12.0),
        _ => (0.0, 1.0),
    };
    for [x, y] in [
        [P::VN, P::Gamma],
        [P::VN, P::RN],
        [P::RN, P::Gamma],
        [P::Gamma, P::ZT],
        [P::RN, P::ZT],
        [P::Gamma, P::Alpha],
        [P::Omega, P::Gamma],
    ] {
        let found = curves([side(x, range(x)), side(y, range(y))], &Parameters { r_n: 6.0, ..BASE }).unwrap();
        let points: Vec<_> = found.of(CurveKind::Hopf).flatten().collect();
        println!("{} against {}: {} points", x.name(), y.name(), points.len());
        assert!(points.len() > 10 && found.no_hopf.is_none(), "{} against {}", x.name(), y.name());
        for point in points {
            let mut values = Parameters { r_n: 6.0, ..BASE }.to_array();
            (values[x as usize], values[y as usize]) = (point.x, point.y);
            let p = Parameters::from_array(values);
            assert!(no_hopf(&p).is_none(), "{point:?} of {p:?}");
            let linear = Linear::at(point.v, &p, &profile(&p));
            assert!(linear.is_hopf_root(), "{point:?} of {p:?}");
        }
    }
    // A whole plane of it has a reason instead.
    for (parameter, x, y) in
        [(P::Gamma, P::VN, P::RN), (P::RN, P::VN, P::Gamma), (P::ZT, P::RN, P::Gamma), (P::Alpha, P::VN, P::RN)]
    {
        let mut values = Parameters { r_n: 6.0, ..BASE }.to_array();
        values[parameter as usize] = 0.0;
        let found = curves([side(x, range(x)), side(y, range(y))], &Parameters::from_array(values)).unwrap();
        assert_eq!(found.of(CurveKind::Hopf).count(), 0, "{}", parameter.name());
        assert!(found.no_hopf.unwrap().contains(&format!("{} = 0", parameter.name())));
    }
}

#[test]
fn fault_23_statics_says_why_there_are_none() {
    for (set, words) in [
        ("Gamma=0", "none: degenerate: Gamma = 0"),
        ("alpha=0", "none: degenerate: alpha = 0"),
        ("Z_T=0", "none: at Z_T = 0"),
        ("R_n=0", "none: at R_n = 0"),
    ] {
        let other: Vec<_> = ["R_n=5", "Gamma=0.1", "V_n=1e-200"]
            .into_iter()
            .filter(|s| s[..3] != set[..3])
            .flat_map(|s| ["--set", s])
            .collect();
        let run = common::hopfmap().args(["statics", "--set", set]).args(&other).output().unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        assert!(run.status.success() && text.contains(words) && text.contains("V* = "), "{text}");
        let run = common::hopfmap().args(["statics", "--json", "--set", set]).args(&other).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(json["hopf"].as_array().unwrap().len(), 0);
        assert!(format!("none: {}", json["hopf_note"].as_str().unwrap()).starts_with(words));
    }
    let run = common::hopfmap().args(["statics", "--set", "R_n=5", "--set", "Gamma=0.1"]).output().unwrap();
    assert!(!String::from_utf8(run.stdout).unwrap().contains("none: at"));
}

#[test]
fn fault_28_curves_over_l_and_lambda_are_exact() {
    use Parameter as P;
    let base = Parameters { r_n: 6.0, ..BASE };
    for (x, x_range, y, y_range) in [
        (P::Lambda, (0.05, 1.0), P::L, (0.2, 1.0)),
        (P::L, (0.3, 0.8), P::Gamma, (0.02, 1.0)),
        (P::X0, (0.2, 1.5), P::Lambda, (0.05, 0.9)),
    ] {
        let found = curves([side(x, x_range), side(y, y_range)], &base).unwrap();
        for kind in [CurveKind::Hopf, CurveKind::Fold] {
            let points: Vec<_> = found.of(kind).flatten().collect();
            println!("{} against {}: {} points of {}", x.name(), y.name(), points.len(), kind.name());
            assert!(
                points.len() > 20 || kind == CurveKind::Fold,
                "{} against {}: {}",
                x.name(),
                y.name(),
                points.len()
            );
            for point in &points {
                let mut values = base.to_array();
                (values[x as usize], values[y as usize]) = (point.x, point.y);
                let p = Parameters::from_array(values);
                // Straight from quadrature.
                let f: [f64; 6] = Conductance::new(p.l, p.lambda).derivatives(p.x_0 / p.l - SQRT_2 * point.v);
                let linear = Linear::from_derivatives(point.v, &p, &f);
                let (test, scale) = match kind {
                    CurveKind::Hopf => (linear.hopf_function(), p.omega * p.omega),
                    _ => (linear.a, 1.0 + p.r_n),
                };
                assert!(test.abs() < 1e-9 * scale, "{test:e} at {point:?}");
                let g = f[0] + 0.25 * (1.0 - p.z_t) * f[2];
                assert!((p.v_n - point.v - p.r_n * g * point.v).abs() < 1e-9, "{point:?}");
                assert!(kind == CurveKind::Fold || point.lyapunov.is_finite(), "{point:?}");
            }
        }
    }
}

#[test]
fn fault_28_the_edge_over_lambda_lies_on_the_hopf_curve() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.h5");
    let axes =
        ["sweep", "--grid", "lambda=0.1:0.9:24", "--grid", "Gamma=0.05:1:24", "--set", "V_n=2", "--set", "R_n=6"];
    common::hopfmap().args(axes).args(["--engine", "cpu", "--audit", "off", "-o"]).arg(&path).assert().success();
    let map = hopfmap::store::MapFile::open(&path).unwrap();
    let number = |name: &str| map.number(name);
    println!("worst {:?} cells over {:?} points", number("hopf_edge_distance_worst"), number("hopf_edge_points"));
    assert!(number("hopf_edge_distance_worst").unwrap() <= 1.0 && number("hopf_edge_points").unwrap() > 20.0);
    // Where all cells oscillate there is no edge.
    let axes = ["sweep", "--grid", "lambda=0.1:0.2:2", "--grid", "Gamma=0.1:0.5:2", "--set", "V_n=2", "--set", "R_n=6"];
    common::hopfmap().args(axes).args(["--engine", "cpu", "--force", "-o"]).arg(&path).assert().success();
    assert!(hopfmap::store::MapFile::open(&path).unwrap().number("hopf_edge_points").is_none());
}
