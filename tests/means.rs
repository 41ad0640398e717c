//! Are the means of a map's cells those of the motions, and do they show the law of the mean Z; the means of ramps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::independent::{distance, samples};
use common::neurons::BASE;
use common::{hopfmap, tolerance};
use hopfmap::bifurcation::{equilibria, hopf_points};
use hopfmap::model::{Conductance, F00Jets, Parameter, Parameters, State, derivative};
use hopfmap::results::{MEANS, optional_columns};
use hopfmap::store::MapFile;
use hopfmap::trace::{bursts, cell_means, integrate, means, trajectory};
use hopfmap::{CellResult, Map, Outcome, Sweep, TrajectoryRequest, cycle};

const GAMMAS: [f64; 4] = [0.05, 0.2, 0.4, 0.6];
const Z_TS: [f64; 4] = [0.1, 0.5, 0.8, 1.0];

fn neuron(gamma: f64, z_t: f64) -> Parameters<f64> {
    Parameters { r_n: 6.0, gamma, z_t, ..BASE }
}

/// Maps of the paper's geometry.
fn map() -> Map {
    use Parameter::{Gamma, RN, VN, ZT};
    Sweep::new().values(Gamma, GAMMAS).values(ZT, Z_TS).set(VN, 2.0).set(RN, 6.0).means(true).run().unwrap()
}

/// The cells of a map with their parameters and columns.
fn cells(map: &Map) -> Vec<(Parameters<f64>, CellResult, [f64; MEANS.len()])> {
    let columns = MEANS.map(|(name, _)| map.array(name).unwrap());
    let places = (0..GAMMAS.len()).flat_map(|i| (0..Z_TS.len()).map(move |j| [i, j]));
    let cell = |at: [usize; 2]| {
        let numbers = std::array::from_fn(|c| columns[c][&at[..]]);
        (neuron(GAMMAS[at[0]], Z_TS[at[1]]), *map.result(0, &at).unwrap(), numbers)
    };
    places.map(cell).collect()
}

/// Means of Z, coherence, current and power over one period, by another integrator; the current is what dV/dt leaves.
fn independent(p: &Parameters<f64>) -> [f64; 4] {
    let cycle = cycle(p, &State::rest(p.z_t)).unwrap();
    let functions = Conductance::new(p.l, p.lambda);
    let count = 64.0;
    let states = samples(p, &cycle.state, cycle.period, cycle.period / count);
    assert!(distance(states.last().unwrap(), &cycle.state) < tolerance::TRAJECTORY);
    let current = |s: &State<f64>| (p.v_n - s.v - derivative(s, p, &functions).v) / p.r_n;
    let of = |value: &dyn Fn(&State<f64>) -> f64| states[..64].iter().map(value).sum::<f64>() / count;
    [of(&|s| s.z), of(&|s| s.x.hypot(s.y)), of(&current), of(&|s| current(s) * s.v)]
}

fn off(ours: &[f64], theirs: &[f64]) -> f64 {
    ours.iter().zip(theirs).fold(0.0, |m, (a, b)| m.max((a - b).abs() / b.abs()))
}

#[test]
fn means_are_those_of_the_traces_and_of_another_integrator() {
    let map = map();
    let (mut moving, mut worst) = (0, [0.0_f64; 3]);
    for (p, result, ours) in cells(&map) {
        assert!(ours[4].is_nan(), "an interval of what closes");
        if result.outcome == Outcome::Steady {
            let at = &equilibria(&p)[0];
            assert_eq!(ours[..2], [p.z_t, 0.0], "{p:?}");
            let (v, current) = (at.v, (p.v_n - at.v) / p.r_n);
            worst[2] = worst[2].max(off(&ours[2..4], &[current, current * v]));
            continue;
        }
        moving += 1;
        let traced = means(&trajectory(&p, 400.0).unwrap());
        assert!(traced.over_a_period);
        let traced = [traced.z_mean, traced.coherence, traced.current, traced.power];
        let theirs = independent(&p);
        worst[0] = worst[0].max(off(&ours[..4], &traced));
        worst[1] = worst[1].max(off(&ours[..4], &theirs));
        // The negative control: a neuron a thousandth away is not taken for this one.
        assert!(off(&ours[..4], &independent(&Parameters { gamma: 1.001 * p.gamma, ..p })) > 10.0 * tolerance::MEANS);
    }
    println!("{moving} cycles; off by {worst:?} from traces, an integrator, equilibria");
    assert!((8..16).contains(&moving), "{moving}");
    assert!(worst[0] < tolerance::SAME_MEANS && worst[1] < tolerance::MEANS && worst[2] < 1e-12, "{worst:?}");
}

/// The mean of Z stays at the threshold Z_AH, and span² = C alpha Gamma (Z_T - Z_AH) with one C for the whole map.
#[test]
fn the_law_of_the_mean_of_z_is_seen_in_a_map() {
    let (mut factors, mut without, mut furthest) = (Vec::new(), Vec::new(), 0.0_f64);
    for (p, result, [z_mean, ..]) in cells(&map()).into_iter().filter(|c| c.1.outcome == Outcome::Oscillating) {
        let thresholds = hopf_points(Parameter::ZT, (0.0, 1.0), &p);
        let z_ah = thresholds.iter().map(|h| h.parameters.z_t).fold(f64::INFINITY, f64::min);
        furthest = furthest.max((z_mean - z_ah).abs());
        factors.push(result.span.powi(2) / (p.alpha * p.gamma * (p.z_t - z_ah)));
        without.push(result.span.powi(2) / (p.alpha * p.gamma * p.z_t));
    }
    let ratio =
        |all: &[f64]| all.iter().fold(0.0, |m: f64, v| m.max(*v)) / all.iter().fold(f64::INFINITY, |m, v| m.min(*v));
    println!("|Z - Z_AH| up to {furthest}; C from factors {factors:?}");
    assert!(factors.len() >= 8 && furthest < 5e-3, "{furthest}");
    assert!(ratio(&factors) < 1.15, "{factors:?}");
    // The negative control: without the threshold there is no such number.
    assert!(ratio(&without) > 2.0, "{without:?}");
}

#[test]
fn columns_that_are_asked_for_are_the_same_in_parts_and_are_there_then_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let plane = ["--grid", "Gamma=0.1:0.9:6", "--grid", "Z_T=0.2:1:5"];
    let wanted = ["--means", "--input", "pulse:5,2,1", "--t-end", "20"];
    let sweep = |name: &str, more: &[&[&str]]| {
        let set = ["sweep", "--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu", "--audit", "4", "-q", "-o"];
        hopfmap().args(set).arg(path(name)).args(plane).args(more.concat()).assert().success();
    };
    sweep("whole.h5", &[&wanted]);
    sweep("parts.h5", &[&wanted, &["--part-cells", "8"]]);
    sweep("shard.h5", &[&wanted, &["--part-cells", "8", "--shard", "0/1"]]);
    hopfmap().args(["merge", "--virtual"]).arg(path("shard.h5")).assert().success();
    let columns = |name: &str| {
        let map = MapFile::open(&path(name)).unwrap();
        optional_columns().map(|(c, _)| map.array(c).unwrap().mapv(f64::to_bits)).collect::<Vec<_>>()
    };
    let whole = columns("whole.h5");
    assert!(whole == columns("parts.h5") && whole == columns("shard.h5"));
    assert!(MapFile::open(&path("shard.h5")).unwrap().is_virtual());
    // What the file asks for is asked for again, and the map in memory has the same.
    hopfmap().args(["sweep", "-q", "--from"]).arg(path("whole.h5")).arg("-o").arg(path("again.h5")).assert().success();
    assert!(whole == columns("again.h5"));
    for command in ["verify", "replay", "plot"] {
        let more: &[&str] = match command {
            "replay" => &["--cell", "1,2"],
            "plot" => &["--variable", "z_mean", "--force"],
            _ => &["--cells", "3"],
        };
        hopfmap().arg(command).arg(path("parts.h5")).args(more).assert().success();
    }
    sweep("plain.h5", &[]);
    hopfmap().arg("diff").args([path("plain.h5"), path("whole.h5")]).assert().success();
    let plain = MapFile::open(&path("plain.h5")).unwrap();
    assert!(plain.array("z_mean").is_err() && !plain.columns().contains(&"latency"));
    // Several starts, of which some are absent.
    sweep("starts.h5", &[&wanted, &["--start", "equilibria"]]);
    let starts = MapFile::open(&path("starts.h5")).unwrap();
    let (z_mean, outcomes) = (starts.array("z_mean").unwrap(), starts.outcomes().unwrap());
    assert_eq!(z_mean.shape(), [3, 6, 5]);
    assert!(z_mean.iter().zip(&outcomes).all(|(z, o)| z.is_nan() == (*o == Outcome::Absent)));
    assert!(outcomes.iter().any(|o| *o == Outcome::Absent));
}

#[test]
fn motions_that_never_close_have_means_over_a_stretch_and_an_interval() {
    let p = Parameters { v_n: 8.03, r_n: 38.8, gamma: 0.01, ..BASE };
    let run = |t_start: f64, t_end: f64| {
        integrate(&TrajectoryRequest { parameters: p, start: State::rest(1.0), t_end, t_start, dt: None }).unwrap()
    };
    let record = run(1000.0, 3200.0);
    let State { x, y, z, v } = record.states[0];
    let found = CellResult {
        end: [x, y, z, v],
        span: record.motion.span,
        ..CellResult::without_numbers(Outcome::Quasiperiodic)
    };
    let profile = F00Jets::new(p.l, p.lambda);
    let [z_mean, .., interval] = cell_means(&p, &profile, &found);
    let (theirs, expected) = (means(&record), bursts(&record).interval());
    println!("Z {z_mean}, {}; interval {interval}, {expected}", theirs.z_mean);
    assert!((interval - 109.73).abs() < 0.3 && (interval - expected).abs() < 0.1, "{interval} {expected}");
    assert!((z_mean - theirs.z_mean).abs() < 0.01, "{z_mean} {}", theirs.z_mean);
    // What is not settled has no means.
    let unsettled = CellResult { outcome: Outcome::Unsettled, ..found };
    assert!(cell_means(&p, &profile, &unsettled).iter().all(|m| m.is_nan()));
}

#[test]
fn ramps_have_the_means_of_each_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ramp.h5");
    let walk = |gamma: &str, more: &[&str]| {
        let words = ["ramp", "--grid", "V_n=1:4:4", "--set", "R_n=6", "--engine", "cpu", "-q"];
        hopfmap().args(words).args(["--set", gamma, "--force", "-o"]).arg(&path).args(more).assert().success();
        let file = hdf5::File::open(&path).unwrap();
        let read = |name: &str| file.dataset(name).unwrap().read_raw::<f64>().unwrap();
        ["z_mean", "i_mean", "v_mean", "outcome"].map(read)
    };
    let [z_mean, i_mean, v_mean, outcome] = walk("Gamma=0.1", &[]);
    for (n, z) in z_mean.iter().enumerate() {
        let p = Parameters { v_n: 1.0 + (n % 4) as f64, r_n: 6.0, ..BASE };
        let at = equilibria(&p);
        if outcome[n] == 0.0 {
            assert_eq!(*z, 1.0);
            assert!(at.iter().any(|e| (i_mean[n] - (p.v_n - e.v) / p.r_n).abs() < 1e-6));
        } else {
            let [theirs, _, current, _] = independent(&p);
            assert!((z - theirs).abs() < 1e-5 && (i_mean[n] - current).abs() < 1e-5, "{n}: {z} {theirs}");
        }
        // The mean of dV/dt is 0 in both, and the mean of V is in the file.
        assert!((p.v_n - v_mean[n] - p.r_n * i_mean[n]).abs() < 1e-4, "{n}");
    }
    assert!(outcome.contains(&1.0));
    // Without relaxation there is an end for a hold alone; its window is what the means are of.
    let [z_mean, i_mean, v_mean, outcome] = walk("Gamma=0", &["--hold", "60"]);
    assert!(outcome.iter().all(|o| *o == f64::from(Outcome::StartDependent as u32)));
    let inside = |n: usize| z_mean[n].abs() <= 1.0 && (1.0 + (n % 4) as f64 - v_mean[n] - 6.0 * i_mean[n]).abs() < 0.05;
    assert!((0..z_mean.len()).all(inside), "{z_mean:?} {i_mean:?} {v_mean:?}");
}
