//! Is the optimum where it should be, and are margins the distances they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{hopfmap, tolerance};
use hopfmap::audit::curves_of;
use hopfmap::bifurcation::CurveKind;
use hopfmap::model::{Parameter, Parameters, State};
use hopfmap::plan::{Plan, Request};
use hopfmap::store::MapFile;
use hopfmap::{EngineKind, Outcome, Sweep, cycle};
use serde_json::Value;

fn optimum(arguments: &str) -> Value {
    let words = arguments.split_whitespace();
    let run = hopfmap().arg("optimum").args(words).args(["--json", "-q"]).output().unwrap();
    assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn best(found: &Value) -> &Value {
    &found["optima"][0]
}

/// The span of the cycle that the motion from rest settles on.
fn span_at(p: &Parameters<f64>) -> f64 {
    cycle(p, &State::rest(p.z_t)).unwrap().span()
}

#[test]
fn the_largest_span_over_gamma_and_alpha_is_on_the_border() {
    let found = optimum("--over Gamma=0.01:1 --over alpha=0.1:2 --set V_n=2 --set R_n=6");
    let best = best(&found);
    assert!((number(&best["span"]) - 0.1528).abs() < 5e-5, "{best}");
    assert!((number(&best["at"]["Gamma"]) - 0.3285).abs() < 1e-3 && best["at"]["alpha"] == 2.0, "{best}");
    assert_eq!(best["on_border"], serde_json::json!(["alpha"]));
    assert!(best["borders"][0]["kind"] == "physical limit" && number(&best["borders"][0]["slope"]) > 0.03, "{best}");
    assert!(best["converged"] == true && number(&best["multiplier"]) < 1.0);
    // The ridge rises to the border, and each of its points is the best for its alpha.
    let ridge = found["ridge"].as_array().unwrap();
    assert!(ridge.len() == 21 && ridge.windows(2).all(|r| number(&r[0]["span"]) < number(&r[1]["span"])));
    for point in [&ridge[3], &ridge[14]] {
        let at =
            |gamma: f64| span_at(&Parameters { alpha: number(&point["alpha"]), ..Parameters::at(2.0, 6.0, gamma) });
        let (gamma, span) = (number(&point["Gamma"]), number(&point["span"]));
        assert!(
            (at(gamma) - span).abs() < tolerance::SPAN_OF_ONE_CYCLE
                && at(gamma - 1e-3) < span
                && at(gamma + 1e-3) < span
        );
    }
}

#[test]
fn the_largest_span_over_v_n_and_gamma_is_that_of_a_fine_sweep() {
    let found = optimum("--over V_n=0:6 --over Gamma=0.01:1 --set R_n=6");
    let at = [number(&best(&found)["at"]["V_n"]), number(&best(&found)["at"]["Gamma"])];
    // A sweep around it, as fine as one of 1000 × 1000 cells over the whole plane.
    let (v_n, gamma) = (6.0 / 999.0, 0.99 / 999.0);
    let around = |i: usize, step: f64, n: f64| {
        (at[i] / step).floor() * step - n * step..=(at[i] / step).floor() * step + n * step
    };
    let sweep =
        Sweep::new().axis(Parameter::VN, around(0, v_n, 12.0), 25).axis(Parameter::Gamma, around(1, gamma, 12.0), 25);
    let map = sweep.set(Parameter::RN, 6.0).engine(EngineKind::Cpu).precision(hopfmap::Precision::F64).run().unwrap();
    let (index, span) = map.summary().largest.unwrap();
    let (row, column) = ((index / 25) as usize, (index % 25) as usize);
    assert!((map.axes()[0].value(row as u64) - at[0]).abs() <= v_n, "row {row}");
    assert!((map.axes()[1].value(column as u64) - at[1]).abs() <= gamma, "column {column}");
    assert!(number(&best(&found)["span"]) >= span - tolerance::SPAN_OF_ONE_CYCLE, "{span}");
    // The negative control: the sweep has its best cell inside, not at its own edge.
    assert!((1..24).contains(&row) && (1..24).contains(&column));
}

#[test]
fn gradient_hessian_and_distance_are_those_of_neighbouring_cycles() {
    let found = optimum("--over V_n=0:6 --over Gamma=log:0.01:1 --set R_n=6");
    let best = best(&found);
    let (v_n, gamma) = (number(&best["at"]["V_n"]), number(&best["at"]["Gamma"]));
    let span = |a: f64, b: f64| span_at(&Parameters::at(v_n + a, 6.0, gamma + b));
    let h = 0.01;
    let here = span(0.0, 0.0);
    let second = |up: f64, down: f64| (up - 2.0 * here + down) / (h * h);
    let hessian = |i: usize, j: usize| number(&best["hessian"][i][j]);
    // Differences of the second order: good to a percent or two at this distance.
    for (ours, theirs) in [
        (hessian(0, 0), second(span(h, 0.0), span(-h, 0.0))),
        (hessian(1, 1), second(span(0.0, h), span(0.0, -h))),
        (hessian(0, 1), (span(h, h) - span(h, -h) - span(-h, h) + span(-h, -h)) / (4.0 * h * h)),
    ] {
        assert!((ours - theirs).abs() < 0.03 * theirs.abs(), "{ours} {theirs}");
    }
    assert_eq!(hessian(0, 1), hessian(1, 0));
    // The step of Newton's method from the gradient is below the promised 1e-6.
    let [g, k] = ["V_n", "Gamma"].map(|p| number(&best["gradient"][p]));
    let determinant = hessian(0, 0) * hessian(1, 1) - hessian(0, 1).powi(2);
    let step =
        [(hessian(1, 1) * g - hessian(0, 1) * k) / determinant, (hessian(0, 0) * k - hessian(0, 1) * g) / determinant];
    assert!(step.iter().all(|s| s.abs() < 1e-6) && best["converged"] == true, "{step:?}");
    // The same maximum in the other coordinate, from an independent search.
    let linear = optimum("--over V_n=0:6 --over Gamma=0.01:1 --set R_n=6");
    let other = &linear["optima"][0]["at"];
    assert!((number(&other["V_n"]) - v_n).abs() < 1e-6 && (number(&other["Gamma"]) - gamma).abs() < 1e-6, "{other}");
}

#[test]
fn conditions_hold_back_and_are_kept() {
    let free = optimum("--over Gamma=0.01:1 --over alpha=0.1:2 --set V_n=2 --set R_n=6");
    let multiplier = number(&best(&free)["multiplier"]);
    assert!(multiplier > 0.7, "{multiplier}");
    let held = optimum("--over Gamma=0.01:1 --over alpha=0.1:2 --set V_n=2 --set R_n=6 --within multiplier<0.7");
    let found = best(&held);
    assert!((0.7 - 1e-7..0.7).contains(&number(&found["multiplier"])), "{found}");
    assert!(number(&found["span"]) < number(&best(&free)["span"]) && found["converged"] == true, "{found}");
    let on_border = found["on_border"].as_array().unwrap();
    assert!(on_border.contains(&"multiplier<0.7".into()), "{found}");
    // Along the condition nothing is better: a step along it, back onto it, has a smaller span.
    let at = |gamma: f64, alpha: f64| {
        cycle(&Parameters { alpha, ..Parameters::at(2.0, 6.0, gamma) }, &State::rest(1.0)).unwrap()
    };
    let (gamma, alpha) = (number(&found["at"]["Gamma"]), number(&found["at"]["alpha"]));
    for away in [-0.02, 0.02] {
        // alpha at which the multiplier is 0.7 for this Gamma, by bisection; it falls with alpha.
        let (mut low, mut high) = (0.5, 2.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if at(gamma + away, middle).multiplier() > 0.7 { low = middle } else { high = middle }
        }
        let there = at(gamma + away, high);
        assert!(there.multiplier() >= 0.7 || there.span() < number(&found["span"]) || high >= 2.0, "{away} {alpha}");
    }
    // A condition that is no obstacle changes nothing.
    let loose = optimum(
        "--over Gamma=0.01:1 --over alpha=0.1:2 --set V_n=2 --set R_n=6 --within multiplier<0.9 --within span>0.01",
    );
    assert!((number(&best(&loose)["span"]) - number(&best(&free)["span"])).abs() < 1e-9);
    assert_eq!(best(&loose)["on_border"], serde_json::json!(["alpha"]));
}

#[test]
fn power_frequency_and_distortion_are_those_of_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.h5");
    let found = optimum("--over Gamma=0.2:0.5 --set V_n=2 --set R_n=6 --of THD");
    let (best, gamma) = (best(&found), number(&best(&found)["at"]["Gamma"]));
    let gamma_text = format!("Gamma={gamma}");
    let trace = ["trace", "--set", "V_n=2", "--set", "R_n=6", "--set", &gamma_text, "--t-end", "3000", "-q", "-o"];
    hopfmap().args(trace).arg(&path).assert().success();
    let file = hdf5::File::open(&path).unwrap();
    let attribute = |name: &str| file.attr(name).unwrap().read_scalar::<f64>().unwrap();
    let near = |key: &str, theirs: f64, within: f64| {
        let ours = number(&best[key]);
        assert!((ours / theirs - 1.0).abs() < within, "{key}: {ours} {theirs}");
    };
    near("frequency", attribute("frequency"), tolerance::PERIOD);
    near("span", attribute("span"), tolerance::PERIOD);
    near("THD", attribute("total_harmonic_distortion"), 0.02);
    // Mean of I V over the record of many periods.
    let read = |name: &str| file.dataset(name).unwrap().read_raw::<f64>().unwrap();
    let power: Vec<f64> = read("I").iter().zip(read("V")).map(|(i, v)| i * v).collect();
    near("power", power.iter().sum::<f64>() / power.len() as f64, 1e-3);
}

#[test]
fn a_range_without_a_cycle_says_so_and_bad_requests_are_refused() {
    let none = optimum("--over Gamma=1:2 --over alpha=0.1:2 --set V_n=2 --set R_n=6");
    assert_eq!([&none["optima"], &none["ridge"]], [&serde_json::json!([]); 2]);
    assert!(none["note"].as_str().unwrap().contains("no stable cycle in 4096 cells"), "{none}");
    let none = optimum("--over Gamma=0.1:0.5 --set V_n=2 --set R_n=6 --within span>1");
    assert!(none["note"].as_str().unwrap().contains("none keeps the conditions"), "{none}");
    for (arguments, words) in [
        ("--set V_n=2", vec!["R_n has no value", "add --set R_n"]),
        ("--set V_n=2 --set R_n=6 --set Gamma=1", vec!["no parameter varies", "add --over NAME=START:STOP"]),
        ("--over Gamma=1:0.1 --set V_n=2 --set R_n=6", vec!["Gamma from 1 to 0.1 is empty", "smaller bound first"]),
        ("--over beta=0:1 --set V_n=2 --set R_n=6", vec!["unknown parameter 'beta'", "the parameters are"]),
        ("--over alpha=0:3 --set V_n=2 --set R_n=6", vec!["alpha = 3 is out of range", "0 to 2"]),
        ("--over Gamma=0:NaN --set V_n=2 --set R_n=6", vec!["not a finite number"]),
        ("--over Gamma=0.1:1 --over Gamma=1:2 --set V_n=2 --set R_n=6", vec!["Gamma has two ranges"]),
        ("--over Gamma=0.1:1 --set Gamma=1 --set V_n=2 --set R_n=6", vec!["Gamma both varies and is set"]),
        ("--over Gamma=0.1:1 --set V_n=2 --set R_n=6 --of colour", vec!["'colour'", "name one of span, v_max"]),
        ("--over Gamma=0.1:1 --set V_n=2 --set R_n=6 --within Gamma<0.5", vec!["bound it with --over Gamma"]),
        ("--over Gamma=0.1:1 --set V_n=2 --set R_n=6 --within span<=1", vec!["write NAME<NUMBER", "--within"]),
        ("--over Gamma=0.1:1 --set V_n=2 --set R_n=6 --start sideways", vec!["sideways"]),
    ] {
        let run = hopfmap().arg("optimum").args(arguments.split_whitespace()).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2), "{arguments}: {message}");
        assert!(words.iter().all(|w| message.contains(w)) && run.stdout.is_empty(), "{arguments}: {message}");
    }
}

#[test]
fn margins_are_distances_to_the_hopf_curve() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.h5");
    let toml =
        "grid = ['Gamma=0.05:0.8:40', 'Z_T=0:1:36']\nprecision = 'f64'\nengine = 'cpu'\n[set]\nV_n = 2.0\nR_n = 6.0\n";
    let request = Request::from_toml(toml).unwrap();
    let (map, file) = (
        Sweep::from_request(request.clone()).run().unwrap(),
        Sweep::from_request(request.clone()).run_to(&path).unwrap(),
    );
    let (margin, relative, outcomes) =
        (map.array("margin").unwrap(), map.array("margin_relative").unwrap(), map.outcomes());
    // The file has the same margins, in f32, and so has the report.
    let stored = [file.array("margin").unwrap(), file.array("margin_relative").unwrap()];
    for (here, there) in margin.iter().chain(&relative).zip(stored.iter().flatten()) {
        assert!(here.is_nan() && there.is_nan() || (here - there).abs() <= 1e-6 * here.abs(), "{here} {there}");
    }
    assert_eq!(map.summary().widest, file.summary().unwrap().widest);
    let widest = map.summary().widest.unwrap();
    assert_eq!(margin.iter().copied().filter(|m| !m.is_nan()).fold(0.0, f64::max), widest.1);
    // The exact curve of the statics: here all boundaries are Hopf points.
    let plan = Plan::new(request).unwrap();
    let [y, x] = plan.plane().unwrap();
    let curves = curves_of(&plan).unwrap();
    let lines: Vec<Vec<[f64; 2]>> =
        curves.of(CurveKind::Hopf).map(|l| l.iter().map(|p| [p.x, p.y]).collect()).collect();
    let distance = |p: [f64; 2], to: &dyn Fn([f64; 2]) -> [f64; 2]| {
        let segments = lines.iter().flat_map(|l| l.windows(2));
        segments.map(|s| to_segment(p, to(s[0]), to(s[1]))).fold(f64::INFINITY, f64::min)
    };
    let (mut off, mut censored): (Vec<[f64; 2]>, usize) = (Vec::new(), 0);
    for ((row, column), margin) in margin.clone().into_dimensionality::<ndarray::Ix2>().unwrap().indexed_iter() {
        assert_eq!(margin.is_nan(), outcomes[[row, column]] != Outcome::Oscillating);
        if margin.is_nan() {
            continue;
        }
        let edge = [row, 39 - row, column, 35 - column].into_iter().min().unwrap() as f64;
        let exact = distance([column as f64, row as f64], &|p| [x.position(p[0]), y.position(p[1])]);
        let in_cells = (margin - exact.min(edge)).abs();
        censored += usize::from(*margin == edge);
        let value = [x.value(column as u64), y.value(row as u64)];
        if value[0] > 0.0 {
            let scaled = |p: [f64; 2]| [p[0] / value[0], p[1] / value[1]];
            let ends = [(x, value[0]), (y, value[1])].map(|(axis, v)| (axis.extent(), v));
            let edge = ends.iter().flat_map(|((a, b), v)| [(v - a) / v, (b - v) / v]).fold(f64::INFINITY, f64::min);
            let exact = distance([1.0, 1.0], &scaled).min(edge);
            // As good as a share of a cell, in the units of this one.
            let widths = [(x, value[0]), (y, value[1])].map(|(axis, v)| (axis.value(1) - axis.value(0)) / v);
            off.push([in_cells, (relative[[row, column]] - exact).abs() / widths[0].max(widths[1])]);
        }
    }
    for number in [0, 1] {
        let mut all: Vec<f64> = off.iter().map(|o| o[number]).collect();
        all.sort_by(f64::total_cmp);
        let (most, worst) = (all[(0.98 * all.len() as f64) as usize], all[all.len() - 1]);
        println!("{} cells: 98 % off by {most} cells at most, the worst by {worst}", all.len());
        assert!(most < tolerance::MARGIN && worst < tolerance::MARGIN_HALFWAY, "{number}: {most} {worst}");
    }
    assert!(censored > 20 && off.len() > 400, "{censored} {}", off.len());
}

fn to_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (side, from) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let length = side[0] * side[0] + side[1] * side[1];
    let part = if length > 0.0 { ((from[0] * side[0] + from[1] * side[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (from[0] - part * side[0]).hypot(from[1] - part * side[1])
}

#[test]
fn the_widest_working_point_is_farthest_from_the_hopf_curve() {
    let found = optimum("--over V_n=0.1:4 --over Gamma=0.05:0.8 --set R_n=5 --of margin");
    let best = best(&found);
    let at = ["V_n", "Gamma"].map(|p| number(&best["at"][p]));
    // The boundary: Hopf points of the statics, and the bounds.
    let plan = "grid = ['Gamma=0.05:0.8:2', 'V_n=0.1:4:2']\n[set]\nR_n = 5.0\n";
    let curves = curves_of(&Plan::new(Request::from_toml(plan).unwrap()).unwrap()).unwrap();
    let lines: Vec<Vec<[f64; 2]>> =
        curves.of(CurveKind::Hopf).map(|l| l.iter().map(|p| [p.x, p.y]).collect()).collect();
    let margin = |at: [f64; 2]| {
        let to = |p: [f64; 2]| [p[0] / at[0], p[1] / at[1]];
        let pieces = lines.iter().flat_map(|l| l.windows(2)).map(|s| to_segment([1.0, 1.0], to(s[0]), to(s[1])));
        let bounds =
            [(0.1, at[0]), (4.0, at[0]), (0.05, at[1]), (0.8, at[1])].map(|(b, v): (f64, f64)| (b / v - 1.0).abs());
        pieces.chain(bounds).fold(f64::INFINITY, f64::min)
    };
    let ours = number(&best["margin"]);
    println!("{best}, by the curve {}", margin(at));
    assert!((ours - margin(at)).abs() < 1e-3 * ours, "{ours} {}", margin(at));
    // No neighbour is better, by the curve.
    for i in 0..24 {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(i) / 24.0).sin_cos();
        let there = margin([at[0] * (1.0 + 0.02 * cos), at[1] * (1.0 + 0.02 * sin)]);
        assert!(there < ours + 1e-3 * ours, "{i}: {there} {ours}");
    }
    for (arguments, words) in [
        ("--over Gamma=0.1:1 --set V_n=2 --set R_n=6 --of margin", "varying parameters is 1; give --over twice"),
        ("--over Gamma=0.1:1 --over Z_T=0:1 --set V_n=2 --set R_n=6 --of margin", "the range of Z_T contains 0"),
    ] {
        let run = hopfmap().arg("optimum").args(arguments.split_whitespace()).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(words), "{arguments}: {message}");
    }
}

#[test]
fn margins_are_the_same_in_parts_and_are_there_in_planes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let sweep = |name: &str, more: &[&str]| {
        let set = ["sweep", "--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu", "-q", "-o"];
        hopfmap().args(set).arg(path(name)).args(more).assert().success();
    };
    let plane = ["--grid", "Gamma=0.05:0.8:30", "--grid", "Z_T=0:1:20"];
    sweep("whole.h5", &plane);
    sweep("parts.h5", &[&plane[..], &["--part-cells", "64"]].concat());
    sweep("shard.h5", &[&plane[..], &["--part-cells", "64", "--shard", "0/1"]].concat());
    hopfmap().args(["merge", "--virtual"]).arg(path("shard.h5")).assert().success();
    let margins = |name: &str| {
        let map = MapFile::open(&path(name)).unwrap();
        ["margin", "margin_relative"].map(|c| map.array(c).unwrap().mapv(f64::to_bits))
    };
    let whole = margins("whole.h5");
    assert!(whole == margins("parts.h5") && whole == margins("shard.h5"));
    assert!(MapFile::open(&path("shard.h5")).unwrap().is_virtual());
    sweep("line.h5", &["--grid", "Gamma=0.05:0.8:30"]);
    let line = MapFile::open(&path("line.h5")).unwrap();
    assert!(line.array("margin").unwrap_err().to_string().contains("no column") && !line.columns().contains(&"margin"));
    // Several starts: one margin for all of them, and a picture.
    sweep("starts.h5", &[&plane[..], &["--start", "equilibria"]].concat());
    let starts = MapFile::open(&path("starts.h5")).unwrap();
    assert_eq!(starts.array("margin").unwrap().shape(), [30, 20]);
    for name in ["starts.h5", "whole.h5"] {
        let picture = path(&format!("{name}.svg"));
        hopfmap().arg("plot").arg(path(name)).args(["--variable", "margin", "-o"]).arg(&picture).assert().success();
        assert!(std::fs::read_to_string(&picture).unwrap().contains("the end of stable cycles or of the grid"));
    }
    // A largest margin that is the distance to the edge of the grid is said to be one; inside, it is not.
    for (axis, is_to_edge) in [("V_n=0.5:4:48", true), ("V_n=-3:6:18", false)] {
        let words =
            ["sweep", "--grid", axis, "--grid", "Gamma=0.05:0.8:36", "--set", "R_n=5", "--force", "--json", "-q"];
        let output =
            hopfmap().args(words).arg("-o").arg(path("edge.h5")).assert().success().get_output().stdout.clone();
        let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(report["largest_margin"]["to_edge"], is_to_edge, "{report}");
    }
}

#[test]
fn a_margin_under_a_condition_is_held_by_it() {
    let words = "--over V_n=0.5:3 --over Gamma=0.05:0.8 --set R_n=6 --of margin";
    let found = optimum(&format!("{words} --within multiplier<0.9"));
    let best = best(&found);
    assert!(best["converged"] == true && best["on_border"] == serde_json::json!(["multiplier<0.9"]), "{best}");
    let held: Vec<&Value> = best["held_by"].as_array().unwrap().iter().filter(|h| h["kind"] == "condition").collect();
    assert!(!held.is_empty() && held.iter().all(|h| h["border"] == "multiplier<0.9"), "{best}");
    let at = |place: &Value| ["V_n", "Gamma"].map(|p| number(&place["at"][p]));
    let [v_n, gamma] = at(best);
    for contact in held {
        // There the multiplier is the limit, and it is as far away as the margin says.
        let [x, y] = at(contact);
        let there = cycle(&Parameters::at(x, 6.0, y), &State::rest(1.0)).unwrap();
        assert!((there.multiplier() - 0.9).abs() < 1e-6, "{contact}: {}", there.multiplier());
        let distance = ((x - v_n) / v_n).hypot((y - gamma) / gamma);
        assert!((distance / number(&best["margin"]) - 1.0).abs() < 2e-3, "{distance} {best}");
    }
    // What is set, and where the coarse sweep was best: less than a cell away in the margin's own units.
    assert_eq!(found["fixed"]["R_n"], 6.0);
    assert_eq!(
        found["coarse"]["grid"]["V_n"],
        serde_json::json!({"start": 0.5, "stop": 3.0, "log": false, "values": 64})
    );
    let coarse = number(&found["coarse"]["best"]["margin"]);
    assert!((coarse - number(&best["margin"])).abs() < 0.1, "{coarse} {best}");
    // The negative control: without the condition nothing is held by one, and the margin is larger.
    let free = optimum(words);
    assert!(free["optima"][0]["held_by"].as_array().unwrap().iter().all(|h| h["kind"] != "condition"));
    assert!(number(&free["optima"][0]["margin"]) > number(&best["margin"]));
}

#[test]
fn degenerate_and_hopeless_searches_say_why() {
    let none = optimum("--over V_n=0:3 --set R_n=6 --set Gamma=0");
    assert!(none["note"].as_str().unwrap().contains("degenerate: Gamma = 0"), "{none}");
    let none = optimum("--over Gamma=1:2 --set V_n=2 --set R_n=6");
    assert!(!none["note"].as_str().unwrap().contains("degenerate"), "{none}");
    let words = "optimum --over V_n=0:3 --set R_n=6 --set Gamma=0.1 --set Omega=1e9";
    let run = hopfmap().args(words.split_whitespace()).output().unwrap();
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.code() == Some(2) && message.contains("narrow the ranges"), "{message}");
    assert!(!message.contains("--t-max") && !message.contains("--dt"), "{message}");
}

#[test]
fn an_optimum_at_a_fold_of_cycles_is_on_it() {
    // The frequency of this neuron's stable cycle grows up to the fold at which it ends, at Gamma = 0.1899982102 by the
    // independent solver of `tests/branches.rs`.
    let set = "--set V_n=4.05763821776806 --set R_n=56.30669418704481 --set alpha=1.5458692532120955 \
        --set Z_T=0.999117486262571 --set Omega=0.8612528157215089 --set x_0=1.5821326701697012 \
        --set l=0.34649177746451937 --set lambda=0.09136966683515943";
    let at_fold = |found: &Value| {
        let on_edge = |o: &&Value| o["borders"].as_array().unwrap().iter().any(|b| b["edge"] == "a fold of cycles");
        found["optima"].as_array().unwrap().iter().find(on_edge).cloned()
    };
    let found = optimum(&format!("--over Gamma=0.186:0.192 --of frequency {set}"));
    let fold = at_fold(&found).unwrap_or_else(|| panic!("{found}"));
    assert!(fold["converged"] == true && (number(&fold["at"]["Gamma"]) - 0.189_998_210_2).abs() < 1e-6, "{fold}");
    // The negative control: in a range that ends before the fold, the optimum is on the bound.
    let found = optimum(&format!("--over Gamma=0.186:0.189 --of frequency {set}"));
    assert!(at_fold(&found).is_none() && best(&found)["on_border"] == serde_json::json!(["Gamma"]), "{found}");
}
