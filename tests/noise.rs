//! Is white noise on V what it says: variance, strong order, seeds, and the noise-free trace without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::FIG_3;
use common::runs::{at_home, hopfmap, json, refused};
use common::tolerance::{STRONG_ORDER, VARIANCE};
use hopfmap::model::{Parameters, State};
use hopfmap::trace::{
    Input, Model, Noise, Trajectory, TrajectoryRequest, integrate_driven, integrate_forced, integrate_noisy,
};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

fn trial(p: &Parameters<f64>, t_end: f64, dt: f64) -> (TrajectoryRequest, Input) {
    let trial = TrajectoryRequest { parameters: *p, start: State::rest(p.z_t), t_end, t_start: 0.0, dt: Some(dt) };
    (trial, Input::parse("step:0,0", Some(p.v_n)).unwrap())
}

fn noisy(p: &Parameters<f64>, (t_end, dt): (f64, f64), strength: f64, seed: u64) -> Trajectory {
    let (trial, input) = trial(p, t_end, dt);
    integrate_noisy(&trial, &input, Model::Full, &Noise { strength, seed }).unwrap()
}

#[test]
fn without_a_memristor_v_is_an_ornstein_uhlenbeck_process() {
    // R_n = 0: dV/dt = V_n - V + xi, of variance D and correlation exp(-|t|).
    let p = Parameters { r_n: 0.0, v_n: 0.5, gamma: 0.5, ..FIG_3 };
    let strength = 0.02;
    let v: Vec<f64> = noisy(&p, (4000.0, 0.05), strength, 3).states.iter().skip(400).map(|s| s.v - 0.5).collect();
    let product = |lag: usize| v.iter().zip(&v[lag..]).map(|(a, b)| a * b).sum::<f64>() / (v.len() - lag) as f64;
    assert!((product(0) / strength - 1.0).abs() < VARIANCE, "{}", product(0));
    assert!((product(20) / (strength * (-1.0_f64).exp()) - 1.0).abs() < 3.0 * VARIANCE, "{}", product(20));
    // The negative control: half the strength is another variance.
    assert!((product(0) / (0.5 * strength) - 1.0).abs() > 0.5);
}

#[test]
fn paths_converge_with_strong_order_one() {
    // One path of 2^12 finest steps; a coarser step's force is the mean of the finer ones in it.
    let p = Parameters { r_n: 6.0, v_n: 2.0, ..FIG_3 };
    let (t_end, finest) = (1.0, 1_u32 << 12);
    let end = |fine: &[f64], steps: u32, first_alone: bool| {
        let each = (finest / steps) as usize;
        let (trial, input) = trial(&p, t_end, t_end / f64::from(steps));
        let force = |n: u64| {
            let part = &fine[n as usize * each..(n as usize + 1) * each];
            if first_alone { part[0] } else { part.iter().sum::<f64>() / each as f64 }
        };
        *integrate_forced(&trial, &input, Model::Full, force).unwrap().states.last().unwrap()
    };
    let mut generator = Pcg64::seed_from_u64(5);
    // Sums of twelve uniform numbers are near enough to normal ones.
    let mut normal =
        || (0..12).map(|_| (generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0).sum::<f64>() - 6.0;
    let (mut errors, mut control) = ([0.0; 3], 0.0);
    for _ in 0..12 {
        let size = (2.0 * 0.01 * f64::from(finest) / t_end).sqrt();
        let fine: Vec<f64> = (0..finest).map(|_| size * normal()).collect();
        let exact = end(&fine, finest, false);
        let off = |s: State<f64>| ((s.v - exact.v).powi(2) + (s.x - exact.x).powi(2) + (s.z - exact.z).powi(2)).sqrt();
        for (error, steps) in errors.iter_mut().zip([256, 128, 64]) {
            *error += off(end(&fine, 2 * steps, false));
        }
        control += off(end(&fine, 128, true));
    }
    let orders = [errors[1] / errors[0], errors[2] / errors[1]].map(f64::log2);
    println!("errors {errors:?}, orders {orders:?}, control {control}");
    assert!(orders.iter().all(|order| (order - 1.0).abs() < STRONG_ORDER), "{orders:?}");
    assert!(control > 5.0 * errors[2], "the negative control: other paths do not converge: {control}");
}

#[test]
fn a_seed_gives_the_same_bits_and_no_noise_the_noise_free_trace() {
    let p = Parameters { r_n: 6.0, v_n: 2.0, ..FIG_3 };
    let bits = |t: &Trajectory| t.states.iter().map(|s| [s.x, s.y, s.z, s.v].map(f64::to_bits)).collect::<Vec<_>>();
    let of = |strength: f64, seed: u64| bits(&noisy(&p, (40.0, 0.02), strength, seed));
    assert_eq!(of(0.001, 7), of(0.001, 7));
    assert_ne!(of(0.001, 7), of(0.001, 8));
    let (plain, input) = trial(&p, 40.0, 0.02);
    assert_eq!(of(0.0, 7), bits(&integrate_driven(&plain, &input, Model::Full).unwrap()));

    let home = at_home();
    let trace = |more: &[&str]| {
        let words =
            ["trace", "--set", "R_n=6", "--set", "V_n=2", "--set", "Gamma=0.1", "--t-end", "400", "--force", "--json"];
        json(home.path(), &[&words[..], &["-o", "t.h5"], more].concat())
    };
    let (free, none) = (trace(&[]), trace(&["--noise", "0", "--seed", "4"]));
    assert_eq!(free, none);
    let (weak, strong) = (trace(&["--noise", "1e-6"]), trace(&["--noise", "1e-4"]));
    let jitter = |found: &serde_json::Value| found["noise"]["period_deviation"].as_f64().unwrap();
    assert!(jitter(&strong) > 3.0 * jitter(&weak) && jitter(&weak) > 0.0, "{strong} {weak}");
    assert_eq!((&strong["motion"], &free["noise"]), (&"noisy".into(), &serde_json::Value::Null));
    let refuse = |d: &str| {
        refused(hopfmap(
            home.path(),
            &["trace", "--set", "R_n=6", "--set", "V_n=2", "--set", "Gamma=0.1", "--noise", d, "-o", "x.h5"],
        ))
    };
    for d in ["-1", "NaN", "1e9"] {
        let (code, message) = refuse(d);
        assert!(code == 2 && message.contains("is not a strength"), "{d}: {message}");
    }
}
