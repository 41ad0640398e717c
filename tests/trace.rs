//! Is one neuron in time right: Fig. 3's trajectory and spectrum, and a map's cells run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use common::neurons::FIG_3;
use hopfmap::bifurcation::only_start_state;
use hopfmap::model::{Parameters, Start, State};
use hopfmap::plan::Theory;
use hopfmap::store::TraceFile;
use hopfmap::trace::{TrajectoryRequest, bursts, integrate, spectrum};
use std::path::Path;

fn trial(t_end: f64, t_start: f64) -> TrajectoryRequest {
    TrajectoryRequest { parameters: FIG_3, start: State::rest(1.0), t_end, t_start, dt: None }
}

#[test]
fn fig_3_has_the_papers_frequency_and_harmonics() {
    let long = integrate(&trial(4000.0, 3800.0)).unwrap();
    let v: Vec<f64> = long.states.iter().map(|s| s.v).collect();
    let s = spectrum(&v, long.dt, f64::NAN).unwrap();
    println!("peak {}, {} above the floor, distortion {}", s.peak, s.above_floor, s.distortion);
    assert!((s.peak - 7.023).abs() < 0.002, "{}", s.peak);
    assert!((s.peak - long.motion.omega()).abs() < 1e-4, "{} {}", s.peak, long.motion.omega());
    assert!(s.above_floor >= 3, "the fundamental and at least two harmonics");
    let whole = integrate(&trial(4000.0, 0.0)).unwrap();
    assert!(whole.states.iter().all(|s| s.bloch_norm_squared() <= 1.0 + 1e-9), "inside the sphere at all times");
    // The current is the conductance's: I = (V_n - V - dV/dt)/R_n, by differences of V.
    let middle = whole.states.len() / 2;
    let slope = (whole.states[middle + 1].v - whole.states[middle - 1].v) / (2.0 * whole.dt);
    let by_kirchhoff = (FIG_3.v_n - whole.states[middle].v - slope) / FIG_3.r_n;
    assert!((whole.current[middle] - by_kirchhoff).abs() < 1e-5, "{} {by_kirchhoff}", whole.current[middle]);
    // The axis is uniform and counted, not summed up.
    let last = whole.times().last().unwrap();
    assert_eq!(last, (whole.states.len() - 1) as f64 * whole.dt);
}

#[test]
fn starts_are_what_they_say() {
    let p = Parameters { v_n: 3.0, ..FIG_3 };
    let at = |text: &str| Start::one(text).and_then(|s| only_start_state(s, &p));
    assert_eq!(at("rest").unwrap(), State::rest(1.0));
    let near = at("upper").unwrap();
    assert!((near.v - 2.951_674_378_8).abs() < 1e-8 && near.bloch_norm_squared() <= 1.0);
    let [low, middle] = ["lower", "middle"].map(|name| at(name).unwrap().v);
    assert!(low < middle && middle < near.v);
    for bad in ["equilibria", "equilibrium", "lowest", "1,1,0,0", "nowhere"] {
        assert!(at(bad).is_err(), "{bad}");
    }
    // Near the stable one it stays, near the unstable focus it leaves.
    let span = |name: &str| {
        let start = at(name).unwrap();
        integrate(&TrajectoryRequest { parameters: p, start, t_end: 600.0, t_start: 500.0, dt: None })
            .unwrap()
            .motion
            .span
    };
    assert!(span("upper") < 1e-6 && span("lower") > 0.01);
}

#[test]
fn fault_24_a_trace_at_rest_has_no_period() {
    let mut quiet = 0;
    for v_n in [0.0, 0.05, 4.0, -2.0, 6.0, 50.0] {
        for r_n in [0.0, 0.5, 5.0, 16.0] {
            for (gamma, z_t) in [(1.0, 1.0), (0.3, 0.2), (0.02, 0.0)] {
                let parameters = Parameters { v_n, r_n, gamma, z_t, ..FIG_3 };
                for k in ["rest", "lower"] {
                    let start = only_start_state(Start::one(k).unwrap(), &parameters).unwrap();
                    // Long enough for all but the slowest to die to the last digit.
                    let t_end = 60.0 / gamma + 500.0;
                    let found =
                        integrate(&TrajectoryRequest { parameters, start, t_end, t_start: t_end - 100.0, dt: None })
                            .unwrap();
                    let (motion, spectrum) = (found.motion, found.spectrum().unwrap());
                    let slowest = Theory::prepared_for(&parameters).at(&parameters).slowest.min(gamma);
                    if motion.span > 1e-6 || slowest * t_end < 50.0 {
                        continue;
                    }
                    quiet += 1;
                    assert!(motion.is_at_rest(), "{k} of {parameters:?}: {motion:?}");
                    assert!(motion.period().is_nan() && motion.omega().is_nan(), "{k} of {parameters:?}: {motion:?}");
                    assert!(spectrum.peak.is_nan() && spectrum.distortion.is_nan() && spectrum.harmonics.is_empty());
                    assert_eq!(spectrum.above_floor, 0);
                    // What is called rounding is not much more.
                    assert!(motion.rounding < 1e-9, "{motion:?}");
                }
            }
        }
    }
    println!("{quiet} at rest");
    assert!(quiet > 100, "{quiet}");
}

#[test]
fn fault_24_what_comes_to_rest_in_the_end_has_no_period_and_what_rings_has() {
    let ringing = Parameters { v_n: 4.0, r_n: 8.0, gamma: 1.0, ..FIG_3 };
    let record = |t_end: f64, t_start: f64| {
        let trial = TrajectoryRequest { parameters: ringing, start: State::rest(1.0), t_end, t_start, dt: None };
        integrate(&trial).unwrap()
    };
    // The whole way down to rest: the maxima of the noise would count as turns.
    let whole = record(400.0, 0.0);
    assert_eq!(whole.motion.kind().name(), "at rest in the end");
    assert!(whole.motion.span > 0.5 && whole.motion.period().is_nan() && whole.spectrum().unwrap().distortion.is_nan());
    // While it rings there is a time between maxima, however small the motion has become.
    for (t_end, from) in [(6.0, 0.0), (12.0, 6.0)] {
        let part = record(t_end, from);
        assert_eq!(part.motion.kind().name(), "settling", "{:?}", part.motion);
        let omega = std::f64::consts::TAU / part.motion.between_maxima;
        assert!((omega / 7.0 - 1.0).abs() < 0.1 && part.motion.span < 2.0, "{:?}", part.motion);
    }
    // A cycle far above the noise, and one that is born a millionth beyond the Hopf point.
    let born = Parameters { v_n: 0.225_384_542 + 1e-6, ..FIG_3 };
    let start = only_start_state(Start::one("lower").unwrap(), &born).unwrap();
    let small =
        integrate(&TrajectoryRequest { parameters: born, start, t_end: 3000.0, t_start: 2800.0, dt: None }).unwrap();
    assert!(!small.motion.is_at_rest() && small.motion.span < 2e-3, "{:?}", small.motion);
    assert!((small.motion.omega() - 7.023).abs() < 2e-3 && small.spectrum().unwrap().harmonics.len() > 2);
    // A voltage that only drifts has no period either.
    let drifting = TrajectoryRequest {
        parameters: Parameters { r_n: 0.0, ..FIG_3 },
        start: State::rest(1.0),
        t_end: 5.0,
        t_start: 1.0,
        dt: None,
    };
    let drifting = integrate(&drifting).unwrap();
    assert_eq!(drifting.motion.kind().name(), "moving without two maxima");
    assert!(drifting.motion.period().is_nan() && drifting.spectrum().unwrap().distortion.is_nan());
}

#[test]
fn fault_24_the_report_and_the_file_say_at_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.h5");
    let say = |v_n: &str| {
        let set = ["--set", "R_n=8", "--set", v_n, "--set", "Gamma=0.2", "--t-end", "400", "--force"];
        let run = hopfmap().arg("trace").args(set).arg("-o").arg(&path).output().unwrap();
        assert!(run.status.success());
        let file = hdf5::File::open(&path).unwrap();
        let number = |name: &str| file.attr(name).unwrap().read_scalar::<f64>().unwrap();
        let numbers = ["period", "frequency", "total_harmonic_distortion", "spectrum_peak"].map(number);
        (String::from_utf8(run.stdout).unwrap(), numbers)
    };
    let (text, numbers) = say("V_n=7");
    assert!(text.contains("at rest") && !text.contains("NaN"), "{text}");
    assert!(!["period", "frequency", "distortion"].iter().any(|word| text.contains(word)), "{text}");
    assert!(numbers.iter().all(|n| n.is_nan()), "{numbers:?}");
    let (text, numbers) = say("V_n=2");
    assert!(!text.contains("at rest"), "{text}");
    assert!(["period", "frequency", "distortion", "oscillating"].iter().all(|word| text.contains(word)), "{text}");
    assert!(numbers.iter().all(|n| n.is_finite()), "{numbers:?}");
}

/// Runs `trace` and returns its JSON report.
fn traced(folder: &Path, set: &[&str], more: &[&str]) -> serde_json::Value {
    let path = folder.join("motion.h5");
    let set: Vec<&str> = set.iter().flat_map(|s| ["--set", *s]).collect();
    let run =
        hopfmap().arg("trace").args(&set).args(more).args(["--json", "--force", "-o"]).arg(&path).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let file = hdf5::File::open(&path).unwrap();
    let motion = common::same::text(&file.attr("motion").unwrap()).unwrap();
    assert_eq!(report["motion"], motion.as_str());
    let period = file.attr("period").unwrap().read_scalar::<f64>().unwrap();
    assert_eq!(report["period"].as_f64(), Some(period).filter(|p| p.is_finite()));
    report
}

#[test]
fn a_trace_names_what_a_sweep_would() {
    let folder = tempfile::tempdir().unwrap();
    let chaos = [
        "V_n=12.8",
        "R_n=47",
        "Gamma=0.114",
        "alpha=1.69",
        "Z_T=0.78",
        "Omega=4.36",
        "x_0=1.39",
        "l=0.345",
        "lambda=0.0301",
    ];
    let report = traced(folder.path(), &chaos, &[]);
    assert_eq!(report["motion"], "chaotic");
    assert!(report["lyapunov"].as_f64().is_some_and(|l| l > 0.1 && l < 0.3), "{report}");
    assert!(report["period"].is_null() && report["total_harmonic_distortion"].is_null(), "{report}");
    assert!(report["spectrum_peak"].is_number() && report["time_between_maxima"].is_number(), "{report}");

    // A cycle of two maxima has the period of both, and its highest line is the second harmonic or the first.
    let two = [
        "V_n=10.998213835558035",
        "R_n=51.58365187984562",
        "Gamma=0.1728925568940466",
        "alpha=1.4717992375794342",
        "Z_T=0.8461339268689599",
        "Omega=4.65",
        "x_0=1.1406789800363548",
        "l=0.3309361787411915",
        "lambda=0.02470666513972922",
    ];
    let start = ["--start", "0.14743532325651781,-0.17276709556076258,0.022729779471133714,2.432631606062748"];
    let report = traced(folder.path(), &two, &[&start[..], &["--t-end", "2000"]].concat());
    let (period, between) = (report["period"].as_f64().unwrap(), report["time_between_maxima"].as_f64().unwrap());
    assert_eq!(report["motion"], "oscillating");
    assert!((period / between - 2.0).abs() < 0.02, "{report}");
    let multiple = report["spectrum_peak"].as_f64().unwrap() * period / std::f64::consts::TAU;
    assert!((multiple - multiple.round()).abs() < 1e-2, "{report}");

    // What rings down, and what has yet to grow, is on its way.
    let ringing = ["V_n=2", "R_n=6", "Gamma=0.5", "Z_T=0.5"];
    let growing = ["V_n=0.23", "R_n=5", "Gamma=0.1"];
    for (set, outcome) in [(&ringing[..], "steady"), (&growing, "oscillating")] {
        let report = traced(folder.path(), set, &["--t-end", "60"]);
        assert_eq!(
            (report["motion"].as_str(), report["outcome"].as_str()),
            (Some("settling"), Some(outcome)),
            "{report}"
        );
        assert!(report["period"].is_null() && report["harmonics"].as_array().is_some_and(Vec::is_empty), "{report}");
    }
    // A record shorter than a period, at the unstable equilibrium and on the cycle; the latter has too few periods for
    // harmonics.
    let cycle = ["V_n=2", "R_n=6", "Gamma=0.33"];
    let report = traced(folder.path(), &cycle, &["--start", "lower", "--t-end", "0.5"]);
    assert_eq!(report["motion"], "settling", "{report}");
    let report = traced(folder.path(), &cycle, &["--t-start", "499.7", "--t-end", "500"]);
    assert!(report["motion"] == "oscillating" && report["harmonics"].as_array().is_some_and(Vec::is_empty), "{report}");
    let report = traced(folder.path(), &chaos, &["--start", "lower", "--t-end", "0.5"]);
    assert_eq!(report["motion"], "settling", "{report}");
    // With a coarse step, the cycle is one of this step.
    let report = traced(folder.path(), &cycle, &["--dt", "0.1", "--t-end", "3000"]);
    assert_eq!(report["motion"], "oscillating", "{report}");
    // Without relaxation, what decays does not oscillate.
    let decaying = ["V_n=2", "R_n=6", "Gamma=0.1", "alpha=0"];
    assert_eq!(traced(folder.path(), &decaying, &["--t-end", "30"])["motion"], "settling");
    // Nothing relaxes: there is no outcome but the record itself.
    let report = traced(folder.path(), &["V_n=2", "R_n=0", "Gamma=0"], &["--t-end", "2"]);
    assert!(report["outcome"].is_null() && report["motion"] == "moving without two maxima", "{report}");
}

#[test]
fn traces_are_written_drawn_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, picture) = (folder.path().join("run.h5"), folder.path().join("run.svg"));
    let set = ["--set", "R_n=5", "--set", "V_n=1", "--set", "Gamma=0.1", "--t-end", "400"];
    hopfmap().arg("trace").args(set).arg("-o").arg(&path).arg("--plot").arg(&picture).assert().success();
    let drawn = std::fs::read_to_string(&picture).unwrap();
    for part in ["(a) voltage", "(b) Bloch vector", "(c) power spectrum", "S(ω)"] {
        assert!(drawn.contains(part), "{part}");
    }
    let file = TraceFile::open(&path).unwrap();
    assert!((file.t[0] - 200.0).abs() < 0.02 && file.states.iter().all(|s| s.len() == file.t.len()));
}

#[test]
fn a_trace_of_the_pendulum_goes_with_that_of_eq_10() {
    let folder = tempfile::tempdir().unwrap();
    let set = ["R_n=5", "V_n=0.23", "Gamma=0.1"];
    let report = traced(folder.path(), &set, &["--model", "pendulum", "--t-end", "60"]);
    let full = TraceFile::open(&folder.path().join("motion.h5")).unwrap().full.unwrap();
    let plain = integrate(&trial(60.0, 0.0)).unwrap();
    let apart = |other: &[State<f64>]| full.iter().zip(other).map(|(v, s)| (v - s.v).abs()).fold(0.0, f64::max);
    assert!(full.len() == plain.states.len() && apart(&plain.states) < 1e-5, "{}", apart(&plain.states));
    assert!(apart(&plain.states[1..]) > 1e-5, "the negative control: a sample later");
    let span = report["span_of_full_equations"].as_f64().unwrap();
    assert!((span - plain.motion.span).abs() < 1e-5, "{span} {}", plain.motion.span);
}

fn map(folder: &Path, extra: &[&str]) -> std::path::PathBuf {
    let path = folder.join("map.h5");
    let axes = ["sweep", "--grid", "Gamma=0.1:1:5", "--grid", "Z_T=0:1:5", "--set", "V_n=2", "--set", "R_n=6"];
    hopfmap().args(axes).args(["--engine", "cpu", "-o"]).arg(&path).args(extra).assert().success();
    path
}

#[test]
fn cells_replay_to_what_the_map_says() {
    let folder = tempfile::tempdir().unwrap();
    for extra in [&["--precision", "f64"][..], &["--force"]] {
        let path = map(folder.path(), extra);
        let run = hopfmap().arg("replay").arg(&path).args(["--cell", "0,4"]).output().unwrap();
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(
            run.status.success() && text.contains("this cell agrees with the map") && text.contains("oscillating"),
            "{text}"
        );
        hopfmap().arg("replay").arg(&path).args(["--at", "Gamma=1,Z_T=0.5"]).assert().success();
    }
    // The negative control: a file that says something else (its seal is gone, so it counts as edited, not as damaged).
    let path = map(folder.path(), &["--force"]);
    let edited = hdf5::File::open_rw(&path).unwrap();
    edited.dataset("span").unwrap().write_slice(&ndarray::arr2(&[[0.5_f32]]), (0..1, 4..5)).unwrap();
    drop(edited);
    let run = hopfmap().arg("replay").arg(&path).args(["--cell", "0,4"]).output().unwrap();
    let text = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.code() == Some(1) && text.contains("span 0.5"), "{text}");
    // And its trajectory is written on demand.
    let trace = folder.path().join("cell.h5");
    hopfmap().arg("replay").arg(&path).args(["--cell", "1,4", "-o"]).arg(&trace).assert().success();
    assert!(TraceFile::open(&trace).unwrap().t.len() > 1000);
}

#[test]
fn bad_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = map(folder.path(), &[]);
    let (map, out) = (path.to_str().unwrap(), folder.path().join("o.h5"));
    let out = out.to_str().unwrap();
    let neuron = ["--set", "R_n=5", "--set", "V_n=1", "--set", "Gamma=0.1", "-o", out];
    // A table whose times fall; V_n is its own.
    let table = folder.path().join("v.csv");
    std::fs::write(&table, "0,1\n2,3\n1,4\n").unwrap();
    let without_v_n = ["trace", "--set", "R_n=5", "--set", "Gamma=0.1", "-o", out, "--input", table.to_str().unwrap()];
    let trace = |more: &[&'static str]| [&["trace"][..], &neuron, more].concat();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (trace(&["--t-end", "10", "--t-start", "20"]), "--t-end 10 is not above --t-start 20"),
        (trace(&["--t-end", "nan"]), "--t-end NaN"),
        (trace(&["--t-end", "inf"]), "--t-end inf"),
        (trace(&["--start", "1,1,0,0"]), "Bloch sphere"),
        (trace(&["--start", "upper"]), "no equilibrium 'upper'"),
        (trace(&["--start", "equilibria"]), "'equilibria' is several"),
        (trace(&["--start", "asleep"]), "rest, lower, middle, upper, or X,Y,Z,V"),
        (trace(&["--dt", "1"]), "--dt 1"),
        (trace(&["--t-end", "1e12", "--t-start", "0"]), "samples"),
        (vec!["trace", "--set", "V_n=1", "-o", out], "R_n has no value"),
        (trace(&["--set", "Omega=1e308"]), "leave no step: 1.000e308"),
        (
            vec!["trace", "--set", "R_n=1e308", "--set", "V_n=0", "--set", "Gamma=0.1", "-o", out],
            "leave no step: 2.260e307",
        ),
        (
            vec!["trace", "--set", "R_n=4e307", "--set", "V_n=0", "--set", "Gamma=0.1", "-o", out],
            "inf steps of dt = 4.42",
        ),
        (trace(&["--input", "square:1,2"]), "is no form of input"),
        (trace(&["--input", "sine:1,2,3"]), "has its own V_n, and V_n = 1 is set"),
        (trace(&["--input", "pulse:1,2"]), "pulse takes 3 or 4 numbers, not 2"),
        (trace(&["--input", "step:-1,2"]), "T = -1 is before the start"),
        (without_v_n.to_vec(), "line 3: its time is not above the one before: `1,4`"),
        (trace(&["--model", "half"]), "full, pendulum"),
        (vec!["replay", map, "--cell", "9,9"], "outside the map"),
        (vec!["replay", map, "--cell", "1"], "outside the map"),
        (vec!["replay", map, "--cell", "a,b"], "not a cell"),
        (vec!["replay", map, "--at", "Gamma=0.1"], "no value of Z_T"),
        (vec!["replay", map, "--at", "Gamma=7,Z_T=1"], "outside the map"),
        (vec!["replay", "/nowhere.h5", "--cell", "0,0"], "cannot be opened"),
    ];
    for (arguments, part) in cases {
        let run = hopfmap().args(&arguments).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn bursts_are_counted_and_timed() {
    let p = Parameters { v_n: 8.03, r_n: 38.8, gamma: 0.01, ..FIG_3 };
    let trial = TrajectoryRequest { parameters: p, start: State::rest(1.0), t_end: 9000.0, t_start: 7000.0, dt: None };
    let record = integrate(&trial).unwrap();
    let found = bursts(&record);
    println!("{} bursts, {} +- {}", found.all.len(), found.interval(), found.interval_deviation());
    assert_eq!(found.all.len(), 18);
    assert!((found.interval() - 109.73).abs() < 0.3 && found.interval_deviation() < 0.5);
    assert!((record.motion.span - 0.456).abs() < 1e-3);
    // By V alone: its highest value in each stretch of an interval.
    let times: Vec<f64> = record.times().collect();
    for burst in &found.all {
        let near = times.iter().zip(&record.states).filter(|(t, _)| (**t - burst.time).abs() < 50.0);
        let highest = near.max_by(|a, b| a.1.v.total_cmp(&b.1.v)).unwrap();
        assert!((highest.0 - burst.time).abs() < 3.0, "{} {burst:?}", highest.0);
    }
    // A settled cycle, wherever its record begins and ends, and a motion that comes to rest, have none.
    for away in 0..40 {
        let trial = TrajectoryRequest { t_end: 4000.0 + 0.023 * f64::from(away), ..trial_of(&FIG_3, 4000.0) };
        assert!(bursts(&integrate(&trial).unwrap()).all.is_empty(), "{away}");
    }
    let resting = Parameters { v_n: 2.0, gamma: 1.0, ..FIG_3 };
    assert!(bursts(&integrate(&trial_of(&resting, 200.0)).unwrap()).all.is_empty());
}

fn trial_of(p: &Parameters<f64>, t_end: f64) -> TrajectoryRequest {
    let start = State::rest(p.z_t);
    TrajectoryRequest { parameters: *p, start, t_end, t_start: (t_end - 200.0).max(0.0), dt: None }
}
