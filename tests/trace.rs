//! Is one neuron in time right: Fig. 3's trajectory and spectrum, and a map's cells run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::Random;
use common::{hopfmap, tolerance};
use hopfmap::bifurcation::{amplitude_law, equilibria, hopf_points, hopf_points_along_v_n, only_start_state};
use hopfmap::continuation::diagram;
use hopfmap::cycle::cycle;
use hopfmap::model::{Conductance, Parameter, Parameters, Start, State, derivative};
use hopfmap::plan::{Theory, outcome};
use hopfmap::results::Outcome;
use hopfmap::store::TraceFile;
use hopfmap::trace::{
    Input, Model, Trajectory, TrajectoryRequest, bursts, integrate, integrate_driven, means, spectrum, trajectory,
};
use ode_solvers::dop_shared::OutputType;
use ode_solvers::{Dop853, SVector, System};
use std::path::Path;

const FIG_3: Parameters<f64> =
    Parameters { v_n: 0.23, r_n: 5.0, gamma: 0.1, alpha: 1.0, z_t: 1.0, omega: 7.0, x_0: 0.8, l: 0.5, lambda: 0.13 };

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

/// The trajectory under an input from rest, with samples `dt` apart.
fn driven(p: &Parameters<f64>, input: &Input, t_end: f64, dt: Option<f64>) -> Trajectory {
    let start = State::rest(p.z_t);
    let trial = TrajectoryRequest { parameters: *p, start, t_end, t_start: 0.0, dt };
    integrate_driven(&trial, input, Model::Full).unwrap()
}

/// Eq. 10 straight from quadrature, for an integrator that is not ours.
struct Independent(Parameters<f64>, Conductance);

impl System<f64, SVector<f64, 4>> for Independent {
    fn system(&self, _t: f64, y: &SVector<f64, 4>, dy: &mut SVector<f64, 4>) {
        let d = derivative(&State { x: y[0], y: y[1], z: y[2], v: y[3] }, &self.0, &self.1);
        *dy = SVector::from([d.x, d.y, d.z, d.v]);
    }
}

/// The point `time` after `start` by that integrator.
fn independent(p: &Parameters<f64>, start: SVector<f64, 4>, time: f64) -> SVector<f64, 4> {
    let system = Independent(*p, Conductance::new(p.l, p.lambda));
    let mut solver = Dop853::from_param(
        system,
        0.0,
        time,
        time,
        start,
        1e-12,
        1e-13,
        0.9,
        0.0,
        0.333,
        6.0,
        time,
        0.0,
        100_000,
        1000,
        OutputType::Sparse,
    );
    solver.integrate().unwrap();
    *solver.y_out().last().unwrap()
}

#[test]
fn responses_to_steps_and_pulses_are_those_of_an_integrator_restarted_at_each_corner() {
    let at = |v_n: f64| Parameters { v_n, ..Parameters { r_n: 8.0, ..FIG_3 } };
    // Corners that are no multiples of the samples' distance.
    let levels = [(3.333, 0.5), (2.0 + 1e-3, 3.0), (4.777, 0.5)];
    let rest = SVector::from([0.0, 0.0, 1.0, 0.0]);
    let theirs = levels.iter().fold(rest, |u, (time, v_n)| independent(&at(*v_n), u, *time));
    let t_end: f64 = levels.iter().map(|l| l.0).sum();
    let ours = |text: &str| {
        let trajectory = driven(&at(0.5), &Input::parse(text, Some(0.5)).unwrap(), t_end, Some(t_end / 600.0));
        let s = *trajectory.states.last().unwrap();
        (SVector::from([s.x, s.y, s.z, s.v]) - theirs).amax()
    };
    let apart = ours("pulse:3.333,2.001,2.5");
    println!("{apart:e} apart");
    assert!(apart < tolerance::TRAJECTORY, "{apart:e}");
    // The negative control: an edge moved by less than the samples' distance.
    assert!(ours("pulse:3.334,2.001,2.5") > 1e-5);
    let step = driven(&at(0.5), &Input::parse("step:3.333,2.5", Some(0.5)).unwrap(), 5.334, Some(5.334 / 300.0));
    let after_two = levels[..2].iter().fold(rest, |u, (time, v_n)| independent(&at(*v_n), u, *time));
    assert!((step.states.last().unwrap().v - after_two[3]).abs() < tolerance::TRAJECTORY);
    // Linear pieces and a sine: against the same with corners or samples elsewhere.
    for text in ["triangle:1,2,7.7", "sine:1,2,0.9"] {
        let last =
            |dt: f64| driven(&at(0.5), &Input::parse(text, None).unwrap(), 12.0, Some(dt)).states.last().unwrap().v;
        assert!((last(0.02) - last(0.0125)).abs() < 1e-9, "{text}");
    }
}

#[test]
fn an_input_that_stays_is_the_plain_trajectory() {
    let input = Input::parse("step:0,0", Some(FIG_3.v_n)).unwrap();
    let (plain, driven) = (integrate(&trial(50.0, 0.0)).unwrap(), driven(&FIG_3, &input, 50.0, None));
    assert_eq!(plain.states.len(), driven.states.len());
    let apart = plain.states.iter().zip(&driven.states).fold(0.0_f64, |m, (a, b)| m.max((a.v - b.v).abs()));
    // RK4's error at the rule's step.
    assert!(apart > 0.0 && apart < 1e-5, "{apart:e}");
}

#[test]
fn the_pendulum_leaves_the_bloch_sphere_and_keeps_frequency_and_growth_at_onset() {
    let integrated = |p: &Parameters<f64>, model: Model, away: Option<f64>, times: (f64, f64)| {
        let rest = State::rest(p.z_t);
        let start = away.map_or(rest, |away| State { v: equilibria(p)[0].v + away, ..rest });
        let trial = TrajectoryRequest { parameters: *p, start, t_end: times.1, t_start: times.0, dt: None };
        let input = Input::parse("step:0,0", Some(p.v_n)).unwrap();
        integrate_driven(&trial, &input, model).unwrap()
    };
    let pendulum = integrated(&FIG_3, Model::Pendulum, None, (3800.0, 4000.0));
    let largest = pendulum.states.iter().fold(0.0_f64, |m, s| m.max(s.x.abs()));
    println!("span {}, |X| up to {largest}", pendulum.motion.span);
    assert!((pendulum.motion.span / 1.086 - 1.0).abs() < 0.01 && (largest / 33.8 - 1.0).abs() < 0.01);
    // What it leaves out limits the cycle: Eq. 10 has a span 278 times smaller.
    assert!(integrated(&FIG_3, Model::Full, None, (3800.0, 4000.0)).motion.span < 0.005);
    // While the oscillation is small, Z stays where it is: growth by the logarithm of the span over many periods.
    let p = Parameters { v_n: 0.3, ..FIG_3 };
    let grows = |model: Model| {
        let of = |from: f64| integrated(&p, model, Some(1e-6), (from, from + 10.0)).motion;
        let (early, late) = (of(20.0), of(120.0));
        ((late.span / early.span).ln() / 100.0, late.between_maxima)
    };
    let ((growth, period), (growth_of_pendulum, period_of_pendulum)) = (grows(Model::Full), grows(Model::Pendulum));
    println!("{growth} {growth_of_pendulum}, {period} {period_of_pendulum}");
    assert!(growth > 0.01 && (growth_of_pendulum - growth).abs() < 1e-4, "{growth} {growth_of_pendulum}");
    assert!((period_of_pendulum / period - 1.0).abs() < 1e-4, "{period} {period_of_pendulum}");
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

/// The law of a simple cycle: ⟨Z⟩ stays at the threshold Z_AH, and ⟨(dV/dt) X⟩ = alpha Gamma (Z_T - ⟨Z⟩) / 2 exactly.
#[test]
fn the_mean_of_z_stays_at_the_threshold() {
    let mut random = Random(24);
    let (mut seen, mut off, mut worst) = (0, Vec::new(), 0.0_f64);
    while seen < 500 {
        let p = Parameters {
            v_n: random.between(0.2, 4.0),
            r_n: random.between(3.0, 8.0),
            gamma: random.between(0.02, 0.6),
            alpha: random.between(0.2, 2.0),
            z_t: random.between(0.2, 1.0),
            ..FIG_3
        };
        let Ok(Some(end)) = outcome(&p, State::rest(p.z_t), None) else { continue };
        if end.outcome != Outcome::Oscillating || end.maxima != 1.0 {
            continue;
        }
        // The cycle itself: a motion that a sweep has settled early is still on its way.
        let Some(cycle) = cycle(&p, &State::rest(p.z_t)) else { continue };
        if (cycle.span() - end.span).abs() > tolerance::SPAN_F64 {
            continue;
        }
        let short = TrajectoryRequest { parameters: p, start: cycle.state, t_end: 20.0, t_start: 10.0, dt: None };
        let found = means(&integrate(&short).unwrap().with_outcome(end));
        assert!(found.over_a_period, "{p:?}, {end:?}");
        seen += 1;
        worst = worst.max((found.drive / found.relaxation - 1.0).abs());
        // The threshold next to the cycle's own, of which there may be several.
        let thresholds = hopf_points(Parameter::ZT, (0.0, 1.0), &p);
        let nearest = thresholds.iter().map(|h| h.parameters.z_t).filter(|z_ah| *z_ah <= p.z_t);
        let apart =
            nearest.map(|z_ah| (found.z_mean - z_ah).abs() - 0.02 * (p.z_t - z_ah)).fold(f64::INFINITY, f64::min);
        if apart > 0.01 {
            off.push((p, found.z_mean, apart));
        }
    }
    println!("{} of {seen} off; the identity holds to {worst:e}", off.len());
    off.iter().for_each(|o| println!("    {o:?}"));
    assert!(worst < 1e-6, "{worst:e}");
    assert!(off.len() <= seen / 20, "{}", off.len());
    // The nine points of docs/physics.md.
    let z_mean = |gamma: f64| {
        let p = Parameters { v_n: 2.0, r_n: 6.0, gamma, ..FIG_3 };
        means(&trajectory(&p, 2000.0).unwrap()).z_mean
    };
    assert!(
        (z_mean(0.1) - 0.13402).abs() < 1e-4 && (z_mean(0.6) - 0.90527).abs() < 1e-4,
        "{} {}",
        z_mean(0.1),
        z_mean(0.6)
    );
}

#[test]
fn spans_near_a_hopf_point_follow_the_amplitude_law() {
    let p = Parameters { v_n: 0.0, ..FIG_3 };
    let hopf = hopf_points_along_v_n(&p);
    let born = hopf.iter().find(|h| h.v > 0.0).unwrap();
    let law = amplitude_law(born, Parameter::VN).unwrap();
    assert!(law.is_above);
    let range = (born.parameters.v_n - 0.01, born.parameters.v_n + 0.02);
    let found = diagram(&p, Parameter::VN, range, true, &[], false);
    let cycles = &found.branches[0].points;
    let factors: Vec<f64> =
        cycles.iter().filter(|c| c.span() > 1e-4).map(|c| c.span() / (c.value - born.parameters.v_n).sqrt()).collect();
    println!("a = {}, by cycles {factors:?}", law.factor);
    assert!(factors.len() > 3 && factors.iter().all(|f| (f / law.factor - 1.0).abs() < tolerance::AMPLITUDE));
    // Fig. 5b's factor along Z_T.
    let along_z_t = hopf_points(Parameter::ZT, (0.0, 1.0), &Parameters { v_n: 2.0, ..FIG_3 });
    let law = amplitude_law(&along_z_t[0], Parameter::ZT).unwrap();
    assert!((law.factor - 0.0734).abs() < 2e-4 && law.is_above, "{law:?}");
}
