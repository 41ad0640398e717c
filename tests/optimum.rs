//! Is the optimum where it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::searches::{best, number, optimum};
use common::{hopfmap, tolerance};
use hopfmap::model::{Parameter, Parameters, State};
use hopfmap::{EngineKind, Sweep, cycle};
use serde_json::Value;

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
