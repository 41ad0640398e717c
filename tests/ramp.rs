//! Are ramps right: the jumps of Fig. 2a, the loops of Fig. 2c, the coexistence of Fig. 4b, and the span of Fig. 4a.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{hopfmap, tolerance};
use hopfmap::bifurcation::IvCurve;
use hopfmap::engine::{EngineKind, EngineOptions, Precision, Progress, open_engine};
use hopfmap::model::{F00Jets, Parameters};
use hopfmap::plan::{Plan, Request};
use hopfmap::results::Outcome;
use hopfmap::store::{MapFile, RampFile};
use hopfmap::sweep::{Hysteresis, Ramp, hysteresis, ramp};
use std::sync::Arc;

fn walked(toml: &str, wanted: &EngineOptions, hold: Option<f64>) -> Ramp {
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    ramp(&plan, &open_engine(wanted).unwrap(), hold, &Progress::default()).unwrap()
}

fn f64_cpu() -> EngineOptions {
    EngineOptions { kind: EngineKind::Cpu, precision: Precision::F64, ..EngineOptions::default() }
}

/// (value before, value after) of the largest step of mean V on one way.
fn jump(r: &Ramp, direction: usize, lane: usize, within: (f64, f64)) -> (f64, f64) {
    let inside = (1..r.values.len()).filter(|i| r.values[i - 1] >= within.0 && r.values[*i] <= within.1);
    let step = |i: usize| (r.at(direction, i, lane).v_mean - r.at(direction, i - 1, lane).v_mean).abs();
    let at = inside.max_by(|a, b| step(*a).total_cmp(&step(*b))).unwrap();
    (r.values[at - 1], r.values[at])
}

#[test]
fn fig_2a_jumps_at_the_folds() {
    let r = walked("grid = ['V_n=2.5:6:351']\n[set]\nR_n = 8.0\nGamma = 1.0\n", &f64_cpu(), None);
    let everything = (0.0, 9.0);
    let (up, down) = (jump(&r, 0, 0, everything), jump(&r, 1, 0, everything));
    println!("up {up:?}, down {down:?}");
    // The folds of the statics, within one step of the 0.01 grid.
    assert!(up.0 - 0.01 <= 5.450_139_663 && 5.450_139_663 <= up.1 + 0.01, "{up:?}");
    assert!(down.0 - 0.01 <= 2.923_218_707 && 2.923_218_707 <= down.1 + 0.01, "{down:?}");
    assert!(r.loop_area(0) > 1.0);
    // Held too briefly to settle, the jump comes late.
    let hasty = walked("grid = ['V_n=2.5:6:351']\n[set]\nR_n = 8.0\nGamma = 1.0\n", &f64_cpu(), Some(0.5));
    assert!(jump(&hasty, 0, 0, everything).0 >= up.0);
}

#[test]
fn fig_2c_loops_are_symmetric_or_mirror_images() {
    let r = walked("grid = ['V_n=-4:4:321', 'x_0=-0.1,0,0.1']\n[set]\nR_n = 10.0\nGamma = 1.0\n", &f64_cpu(), None);
    let loops = |lane: usize| {
        let at = |direction, within| {
            let (a, b) = jump(&r, direction, lane, within);
            0.5 * (a + b)
        };
        [at(0, (-4.0, 0.0)), at(1, (-4.0, 0.0)), at(0, (0.0, 4.0)), at(1, (0.0, 4.0))]
    };
    // Turning V_n round turns up into down: [up-, down-, up+, down+] becomes [-down+, -up+, -down-, -up-].
    let mirrored = |l: [f64; 4]| [-l[3], -l[2], -l[1], -l[0]];
    let same = |a: [f64; 4], b: [f64; 4]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-9);
    assert!(same(loops(1), mirrored(loops(1))), "{:?}", loops(1));
    assert!(same(loops(0), mirrored(loops(2))), "{:?} {:?}", loops(0), loops(2));
    assert!(!same(loops(0), mirrored(loops(0))), "x_0 = -0.1 is not symmetric by itself");
    assert!(loops(1)[2] > loops(1)[3], "there is a loop at positive V_n");
}

#[test]
fn fig_4b_oscillation_and_rest_coexist() {
    let r = walked("grid = ['V_n=0.02:5:250']\n[set]\nR_n = 5.0\nGamma = 0.1\n", &f64_cpu(), None);
    let loud = |direction: usize, i: usize| r.at(direction, i, 0).outcome == Outcome::Oscillating;
    let last_up = (0..r.values.len()).rev().find(|i| loud(0, *i)).unwrap();
    println!(
        "up: oscillating to {}; down: oscillating from {:?}",
        r.values[last_up],
        (0..r.values.len()).rev().find(|i| loud(1, *i)).map(|i| r.values[i])
    );
    assert!((r.values[last_up] - 3.308_63).abs() < 0.04, "{}", r.values[last_up]);
    for i in 0..r.values.len() {
        let v_n = r.values[i];
        if v_n > 2.84 && v_n < 3.27 {
            // Between the lower fold (2.798) and the Hopf point: a cycle on the way up, the quiet upper branch on the way down.
            assert!(loud(0, i) && r.at(0, i, 0).v_mean < 1.3, "V_n = {v_n}");
            assert!(r.at(1, i, 0).outcome == Outcome::Steady && r.at(1, i, 0).v_mean > 2.5, "V_n = {v_n}");
        }
    }
}

#[test]
fn fig_4a_has_the_papers_span_and_fits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fig4a.h5");
    let axes = [
        "sweep",
        "--grid",
        "V_n=0:3.5:200",
        "--set",
        "R_n=5",
        "--set",
        "Gamma=0.1",
        "--precision",
        "f64",
        "--t-max",
        "20000",
    ];
    hopfmap().args(axes).arg("-o").arg(&path).assert().success();
    let map = MapFile::open(&path).unwrap();
    let (v_n, spans) = (&map.axes()[0].values, map.cut("span", &[None]).unwrap());
    let outcomes = map.cut("outcome", &[None]).unwrap();
    let points: Vec<(f64, f64)> = v_n.iter().copied().zip(spans).collect();
    let top = points.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    println!("largest {top:?}");
    assert!((top.1 - 0.0699).abs() < 1e-4 && (top.0 - 1.73).abs() < 0.02, "{top:?}");
    let loud: Vec<f64> = v_n.iter().zip(&outcomes).filter(|(_, o)| **o == 1.0).map(|(v, _)| *v).collect();
    let step = v_n[1] - v_n[0];
    assert!(
        (loud[0] - 0.225_38).abs() < step && (loud[loud.len() - 1] - 3.308_63).abs() < step,
        "{} {}",
        loud[0],
        loud[loud.len() - 1]
    );
    // Least squares of span = a √|V_n - V_0|: a = Σ span r / Σ r².
    let fit = |from: f64, to: f64, at: f64| {
        let inside = points.iter().filter(|(v, _)| (from..=to).contains(v));
        let (top, bottom) =
            inside.fold((0.0, 0.0), |(t, b), (v, s)| (t + s * (v - at).abs().sqrt(), b + (v - at).abs()));
        top / bottom
    };
    let (onset, end) = (fit(0.23, 0.6, 0.23), fit(3.1, 3.31, 3.31));
    println!("coefficients {onset:.4} and {end:.4}");
    assert!((onset / 0.060 - 1.0).abs() < 0.05 && (end / 0.033 - 1.0).abs() < 0.05, "{onset} {end}");
}

#[test]
fn lanes_agree_between_the_shader_and_f64() {
    let toml = "grid = ['V_n=0.5:5:19', 'R_n=4,6,8']\n[set]\nGamma = 0.3\n";
    let double = walked(toml, &f64_cpu(), None);
    let shader = EngineOptions { kind: EngineKind::Gpu, adapter: Some(common::adapter()), ..EngineOptions::default() };
    let single = walked(toml, &shader, None);
    let (mut compared, mut worst, mut dropped) = (0, 0.0_f64, 0);
    // Whether either of the two jumps on the way to this value or from it.
    let near_jump = |direction: usize, i: usize, lane: usize| {
        let around = [i.saturating_sub(1), i, (i + 1).min(double.values.len() - 1)];
        [&double, &single].iter().any(|r| {
            let v = |j: usize| r.at(direction, j, lane).v_mean;
            // Between values that are no jump V moves by less than V_n does.
            around.windows(2).any(|w| (v(w[1]) - v(w[0])).abs() > 1.5 * (r.values[w[1]] - r.values[w[0]]).abs())
        })
    };
    for direction in 0..2 {
        for i in 0..double.values.len() {
            for lane in 0..3 {
                let (a, b) = (double.at(direction, i, lane), single.at(direction, i, lane));
                // Beside a jump the two may fall to different sides.
                let jumps = (a.v_mean - b.v_mean).abs() > 0.1;
                if a.outcome.is_settled() && b.outcome.is_settled() && !jumps {
                    compared += 1;
                    worst = worst.max((a.span - b.span).abs()).max((a.v_mean - b.v_mean).abs());
                } else {
                    dropped += 1;
                    println!("dropped: {direction} {} {lane}: {a:?} {b:?}", double.values[i]);
                    assert!(
                        near_jump(direction, i, lane),
                        "{direction} V_n = {} lane {lane}: {a:?} {b:?}",
                        double.values[i]
                    );
                }
            }
        }
    }
    println!("{compared} compared, {dropped} dropped, worst {worst:e}");
    assert_eq!(compared + dropped, 2 * 19 * 3);
    assert!(dropped <= 4 && worst < tolerance::SPAN_F32, "{dropped} {worst:e}");
    // The negative control: away from jumps a pair would have to agree.
    let places = || (0..2).flat_map(|d| (0..19).flat_map(move |i| (0..3).map(move |lane| (d, i, lane))));
    let near = places().filter(|(d, i, lane)| near_jump(*d, *i, *lane)).count();
    assert!((1..40).contains(&near), "{near} of {} places lie near a jump", places().count());
}

/// What each lane of a ramp on the CPU shows.
fn shown(axes: &str, set: &str) -> Vec<Hysteresis> {
    let plan = Plan::new(Request::from_toml(&format!("grid = [{axes}]\n[set]\n{set}\n")).unwrap()).unwrap();
    let walked = ramp(&plan, &open_engine(&f64_cpu()).unwrap(), None, &Progress::default()).unwrap();
    let found: Vec<_> = hysteresis(&plan, &walked).collect();
    assert_eq!(found.len(), walked.lanes);
    assert!(found.iter().all(|h| !h.words.contains("NaN") && h.area.is_none_or(f64::is_finite)), "{found:?}");
    found
}

#[test]
fn fault_24_a_ramp_that_misses_a_fold_has_no_loop_area() {
    // Folds at V_n = 3.0912 and 9.4841.
    let at = |axes: &str| shown(axes, "R_n = 16.0\nGamma = 1.0").swap_remove(0);
    let whole = at("'V_n=0:12:61'");
    assert!((whole.area.unwrap() / 34.3 - 1.0).abs() < 0.05, "{whole:?}");
    for (axes, words) in [
        ("'V_n=0:9:31'", "fold at V_n = 9.48"),
        ("'V_n=9:0:31'", "fold at V_n = 9.48"),
        ("'V_n=4:12:31'", "fold at V_n = 3.09"),
        ("'V_n=12:4:31'", "fold at V_n = 3.09"),
        ("'V_n=4:8:9'", "folds at V_n = 3.09"),
        ("'V_n=0:2:9'", "did not reach the folds"),
        ("'V_n=10:14:9'", "did not reach the folds"),
        ("'V_n=0,12'", "no value is between"),
        ("'V_n=12,3'", "no value is between"),
    ] {
        let open = at(axes);
        assert!(open.area.is_none() && open.words.contains(words), "{axes}: {open:?}");
    }
    // The folds that the ramp ended before, from the statics.
    let missed = |axes: &str| at(axes).missed.map(|fold| fold.map(|v_n| (v_n * 1e4).round() / 1e4));
    assert_eq!(missed("'V_n=0:9:31'"), [None, Some(9.4841)]);
    assert_eq!(missed("'V_n=12:4:31'"), [Some(3.0912), None]);
    assert_eq!(missed("'V_n=4:8:9'"), [Some(3.0912), Some(9.4841)]);
    assert_eq!(missed("'V_n=0:2:9'"), [None, Some(3.0912)]);
    assert_eq!(missed("'V_n=0:12:61'"), [None, None]);
    // Without folds nothing is missed, and the area is 0 for a reason.
    let flat = shown("'V_n=0:12:25'", "R_n = 1.0\nGamma = 1.0").swap_remove(0);
    assert!(flat.area.unwrap() < 1e-3 && flat.words.contains("no folds"), "{flat:?}");
    // Lanes are told apart: R_n = 1 has no folds, R_n = 8 a loop within, R_n = 16 one that reaches out.
    let lanes = shown("'V_n=0:9:46', 'R_n=1,8,16'", "Gamma = 1.0");
    assert!(lanes[0].area.is_some() && lanes[1].area.unwrap() > 7.0 && lanes[2].area.is_none(), "{lanes:?}");
}

#[test]
fn the_two_states_that_a_ramp_names_are_those_at_its_lowest_value() {
    // At V_n = 4 and R_n = 16 three equilibria coexist, and the middle one is a saddle.
    let p = Parameters { gamma: 1.0, ..Parameters::at(4.0, 16.0, 1.0) };
    let curve = IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
    let [low, _, high] = curve.equilibria(4.0, 16.0)[..] else { panic!("three equilibria") };
    for axis in ["'V_n=4:12:9'", "'V_n=12:4:9'"] {
        let open = shown(axis, "R_n = 16.0\nGamma = 1.0").swap_remove(0);
        let number = |before: &str| -> f64 {
            let from = open.words.find(before).unwrap_or_else(|| panic!("{open:?}")) + before.len();
            open.words[from..].split([' ', ',']).next().unwrap().parse().unwrap()
        };
        // A value is held for a time, not until all is still; the next value, 5, is 0.2 away.
        assert!((number("up begins at V = ") - low).abs() < 2e-3, "{axis}: {low}, {open:?}");
        assert!((number("down ends at V = ") - high).abs() < 2e-3, "{axis}: {high}, {open:?}");
        assert_eq!(number("two states at V_n = "), 4.0);
    }
}

#[test]
fn fault_24_along_other_parameters_a_ramp_says_whether_its_ends_meet() {
    // At R_n = 16 and V_n = 5 there are two branches, at R_n = 1 one: from there up it stays on the lower one both ways.
    let meets = shown("'R_n=1:16:16'", "V_n = 5.0\nGamma = 1.0").swap_remove(0);
    assert!(meets.area.is_some() && meets.words.contains("the same states"), "{meets:?}");
    assert!(meets.area.unwrap() > 0.1 || meets.words.contains("no gap"), "{meets:?}");
    // Along Gamma at V_n = 4 and R_n = 8 the overshoot at small Gamma leads to the upper branch, and it stays there.
    let open = shown("'V_n=0:4:2', 'Gamma=0.3,1'", "R_n = 8.0");
    assert!(open.iter().all(|h| h.area.is_none()), "{open:?}");
}

#[test]
fn fault_24_a_ramp_without_answers_says_so() {
    let all = shown("'V_n=0:8:9'", "R_n = 8.0\nGamma = 0.0").swap_remove(0);
    assert!(all.area.is_none() && all.words.contains("no value has a result (start dependent"), "{all:?}");
    assert_eq!(all.steps, [None, None]);
    let first = shown("'Gamma=0:1:5'", "V_n = 2.0\nR_n = 6.0").swap_remove(0);
    assert!(
        first.area.is_none() && first.words.contains("2 of 10 values have no result (start dependent"),
        "{first:?}"
    );
    let stiff = shown("'R_n=6,1e12'", "V_n = 2.0\nGamma = 0.5").swap_remove(0);
    assert!(stiff.area.is_none() && stiff.words.contains("more steps than are counted"), "{stiff:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.h5");
    for (axis, set, words) in [
        ("V_n=0:8:9", "Gamma=0", "start dependent"),
        ("V_n=0:4:9", "Gamma=1", "did not reach the fold"),
        ("V_n=0:8:41", "Gamma=1", "loop area 8."),
    ] {
        let arguments =
            ["ramp", "--grid", axis, "--set", "R_n=8", "--set", set, "--engine", "cpu", "--force", "-q", "-o"];
        let run = hopfmap().args(arguments).arg(&path).output().unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        assert!(run.status.success() && text.contains(words) && !text.contains("NaN"), "{text}");
        let area = hdf5::File::open(&path).unwrap().dataset("loop_area").unwrap().read_scalar::<f64>().unwrap();
        assert_eq!(area.is_finite(), words.starts_with("loop area"), "{axis} {set}: {area}");
        let complete = hdf5::File::open(&path).unwrap().dataset("loop_complete").unwrap().read_scalar::<u8>().unwrap();
        assert_eq!(complete == 1, area.is_finite(), "{axis} {set}");
        let note = note_in(&path);
        assert_eq!(note.is_empty(), area.is_finite(), "{note}");
        assert!(note.is_empty() || note.contains(words), "{note}");
    }
}

#[test]
fn a_ramp_that_ends_before_its_fold_says_which_in_file_and_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.h5");
    let run = |axis: &str| -> (serde_json::Value, [f64; 4]) {
        let arguments = ["ramp", "--grid", axis, "--set", "R_n=16", "--set", "Gamma=1", "--engine", "cpu", "--force"];
        let run = hopfmap().args(arguments).args(["--json", "-q", "-o"]).arg(&path).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        let file = hdf5::File::open(&path).unwrap();
        let number = |name: &str| file.dataset(name).unwrap().read_scalar::<f64>().unwrap();
        let names = ["loop_area", "loop_complete", "missed_fold_below", "missed_fold_above"];
        (report["lanes"][0].clone(), names.map(number))
    };
    let (lane, [area, complete, below, above]) = run("V_n=0:9:46");
    assert!(area.is_nan() && complete == 0.0 && below.is_nan() && (above - 9.484_1).abs() < 1e-4, "{area} {above}");
    assert!(lane["loop_area"].is_null() && lane["loop_complete"] == 0, "{lane}");
    assert!((lane["missed_folds"][0].as_f64().unwrap() - above).abs() < 1e-12, "{lane}");
    assert!(lane["loop_area_note"].as_str().unwrap().contains("V_n = 9.4841"), "{lane}");
    // The negative control: the ramp that passes the fold.
    let (lane, [area, complete, below, above]) = run("V_n=0:12:121");
    assert!((area / 34.27 - 1.0).abs() < 0.01 && complete == 1.0 && below.is_nan() && above.is_nan(), "{area}");
    assert!(lane["loop_area"] == area && lane["loop_complete"] == 1 && lane["missed_folds"] == serde_json::json!([]));
    assert!(lane["loop_area_note"].is_null(), "{lane}");
}

#[test]
fn a_motion_that_jumps_before_its_fold_has_a_loop_if_the_values_show_it() {
    // From V_n = 0 to 7 at once the motion overshoots to the upper branch, far below the fold at 9.4841.
    let set = "R_n = 16.0\nGamma = 0.1";
    let at = |axes: &str| shown(axes, set).swap_remove(0);
    for axes in ["'V_n=0,7,12'", "'V_n=0,7'"] {
        let early = at(axes);
        assert!(early.area.is_none() && early.words.contains("up and down are on one branch"), "{early:?}");
        assert_eq!(early.missed, [None, None]);
    }
    // The negative control: at 5 the motion stays on the lower branch on the way up.
    assert!(at("'V_n=0,5,12'").is_complete());
}

/// What a ramp's file says of lanes without an area.
fn note_in(path: &std::path::Path) -> String {
    let file = hdf5::File::open(path).unwrap();
    let Ok(attribute) = file.attr("loop_area_note") else { return String::new() };
    let ascii = attribute.read_scalar::<hdf5::types::FixedAscii<4096>>().map(|t| t.to_string());
    ascii.or_else(|_| attribute.read_scalar::<hdf5::types::FixedUnicode<4096>>().map(|t| t.to_string())).unwrap()
}

#[test]
fn ramps_are_written_drawn_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, picture) = (folder.path().join("ramp.h5"), folder.path().join("ramp.svg"));
    let axes = [
        "ramp",
        "--grid",
        "V_n=0:6:31",
        "--grid",
        "x_0=0.7,0.8",
        "--set",
        "R_n=8",
        "--set",
        "Gamma=1",
        "--engine",
        "cpu",
    ];
    hopfmap().args(axes).arg("--plot").arg(&picture).arg("-o").arg(&path).assert().success();
    let drawn = std::fs::read_to_string(&picture).unwrap();
    assert!(drawn.contains("x<tspan") && drawn.contains("= 0.7") && drawn.contains("way up and down"));
    assert_eq!(RampFile::open(&path).unwrap().v[0].len(), 2 * 31 * 2);
}

#[test]
fn bad_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("r.h5");
    let out = out.to_str().unwrap();
    let base = ["--set", "R_n=8", "--set", "Gamma=1", "-o", out];
    let with = |more: &[&'static str]| [&["ramp"][..], &base, more].concat();
    for (arguments, part) in [
        (with(&["--grid", "V_n=3"]), "one value"),
        (with(&["--grid", "V_n=0:8:9", "--hold", "0"]), "--hold 0"),
        (with(&["--grid", "V_n=0:8:9", "--hold", "-3"]), "--hold -3"),
        (
            with(&[
                "--grid",
                "V_n=0:8:9",
                "--grid",
                "x_0=0:1:3",
                "--grid",
                "l=0.4:0.6:3",
                "--grid",
                "alpha=0.5:1:3",
                "--plot",
                "p.png",
            ]),
            "3 axes",
        ),
        (with(&["--grid", "V_n=0:8:9", "--set", "V_n=1"]), "both swept"),
        (with(&["--grid", "V_n=0:8:100000000"]), "over"),
    ] {
        let run = hopfmap().args(&arguments).current_dir(folder.path()).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
