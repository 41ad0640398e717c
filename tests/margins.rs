//! Are margins the distances they say, in maps and at the working point with the largest one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::searches::{best, number, optimum};
use common::{hopfmap, tolerance};
use hopfmap::audit::curves_of;
use hopfmap::bifurcation::CurveKind;
use hopfmap::model::{Parameters, State};
use hopfmap::plan::{Plan, Request};
use hopfmap::store::MapFile;
use hopfmap::{Outcome, Sweep, cycle};
use serde_json::Value;

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
