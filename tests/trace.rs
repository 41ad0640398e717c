//! Is one neuron in time right: Fig. 3's trajectory and spectrum, and a map's cells run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use hopfmap::model::{Parameters, State};
use hopfmap::store::TraceFile;
use hopfmap::sweep::Start;
use hopfmap::trace::{Trial, integrate, spectrum};
use std::path::Path;

const FIG_3: Parameters<f64> =
    Parameters { v_n: 0.23, r_n: 5.0, gamma: 0.1, alpha: 1.0, z_t: 1.0, omega: 7.0, x_0: 0.8, l: 0.5, lambda: 0.13 };

fn trial(t_end: f64, t_start: f64) -> Trial {
    Trial { parameters: FIG_3, start: State::rest(1.0), t_end, t_start, dt: None }
}

#[test]
fn fig_3_has_the_papers_frequency_and_harmonics() {
    let long = integrate(&trial(4000.0, 3800.0)).unwrap();
    let v: Vec<f64> = long.states.iter().map(|s| s.v).collect();
    let s = spectrum(&v, long.dt).unwrap();
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
    let at = |text: &str| Start::one(text).and_then(|s| s.only_state(&p));
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
        integrate(&Trial { parameters: p, start, t_end: 600.0, t_start: 500.0, dt: None }).unwrap().motion.span
    };
    assert!(span("upper") < 1e-6 && span("lower") > 0.01);
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
            run.status.success() && text.contains("the map's word holds") && text.contains("oscillating"),
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
    let trace = |more: &[&'static str]| [&["trace"][..], &neuron, more].concat();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (trace(&["--t-end", "10", "--t-start", "20"]), "--t-end 10 is not above --t-start 20"),
        (trace(&["--t-end", "nan"]), "--t-end NaN"),
        (trace(&["--start", "1,1,0,0"]), "Bloch sphere"),
        (trace(&["--start", "upper"]), "no equilibrium 'upper'"),
        (trace(&["--start", "equilibria"]), "'equilibria' is several"),
        (trace(&["--start", "asleep"]), "rest, lower, middle, upper, or X,Y,Z,V"),
        (trace(&["--dt", "1"]), "--dt 1"),
        (trace(&["--t-end", "1e12", "--t-start", "0"]), "samples"),
        (vec!["trace", "--set", "V_n=1", "-o", out], "R_n has no value"),
        (vec!["replay", map, "--cell", "9,9"], "outside the map"),
        (vec!["replay", map, "--cell", "1"], "outside the map"),
        (vec!["replay", map, "--cell", "a,b"], "not a cell"),
        (vec!["replay", map, "--at", "Gamma=0.1"], "no value of Z_T"),
        (vec!["replay", map, "--at", "Gamma=7,Z_T=1"], "beyond the map"),
        (vec!["replay", "/nowhere.h5", "--cell", "0,0"], "cannot be opened"),
    ];
    for (arguments, part) in cases {
        let run = hopfmap().args(&arguments).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    assert!(!Path::new(out).exists());
}
