//! Are responses to an input V_n(t) right, and the pendulum of Eqs. 15 and 16: independent integrators and the plain trajectory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::independent::{after, distance};
use common::neurons::FIG_3;
use common::tolerance;
use hopfmap::bifurcation::equilibria;
use hopfmap::model::{Parameters, State};
use hopfmap::trace::{Input, Model, Trajectory, TrajectoryRequest, integrate, integrate_driven};
use hopfmap::{Parameter, Sweep};

/// The trajectory under an input from rest, with samples `dt` apart.
fn driven(p: &Parameters<f64>, input: &Input, t_end: f64, dt: Option<f64>) -> Trajectory {
    let start = State::rest(p.z_t);
    let trial = TrajectoryRequest { parameters: *p, start, t_end, t_start: 0.0, dt };
    integrate_driven(&trial, input, Model::Full).unwrap()
}

#[test]
fn responses_to_steps_and_pulses_are_those_of_an_integrator_restarted_at_each_corner() {
    let at = |v_n: f64| Parameters { v_n, ..Parameters { r_n: 8.0, ..FIG_3 } };
    // Corners that are no multiples of the samples' distance.
    let levels = [(3.333, 0.5), (2.0 + 1e-3, 3.0), (4.777, 0.5)];
    let rest = State::rest(1.0);
    let theirs = levels.iter().fold(rest, |u, (time, v_n)| after(&at(*v_n), &u, *time));
    let t_end: f64 = levels.iter().map(|l| l.0).sum();
    let ours = |text: &str| {
        let trajectory = driven(&at(0.5), &Input::parse(text, Some(0.5)).unwrap(), t_end, Some(t_end / 600.0));
        distance(trajectory.states.last().unwrap(), &theirs)
    };
    let apart = ours("pulse:3.333,2.001,2.5");
    println!("{apart:e} apart");
    assert!(apart < tolerance::TRAJECTORY, "{apart:e}");
    // The negative control: an edge moved by less than the samples' distance.
    assert!(ours("pulse:3.334,2.001,2.5") > 1e-5);
    let step = driven(&at(0.5), &Input::parse("step:3.333,2.5", Some(0.5)).unwrap(), 5.334, Some(5.334 / 300.0));
    let after_two = levels[..2].iter().fold(rest, |u, (time, v_n)| after(&at(*v_n), &u, *time));
    assert_eq!(step.motion_name(), "driven");
    assert!((step.states.last().unwrap().v - after_two.v).abs() < tolerance::TRAJECTORY);
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
    let plain = TrajectoryRequest { parameters: FIG_3, start: State::rest(1.0), t_end: 50.0, t_start: 0.0, dt: None };
    let (plain, driven) = (integrate(&plain).unwrap(), driven(&FIG_3, &input, 50.0, None));
    assert_eq!(plain.states.len(), driven.states.len());
    assert_eq!(driven.motion_name(), plain.motion.kind().name());
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

/// Responses of the neuron without a memristor's current (R_n = 0), V_n = 1 and Gamma = 1: latency, spikes, largest V.
fn linear(input: &str, t_end: f64, threshold: Option<f64>) -> [f64; 3] {
    let sweep = Sweep::new().values(Parameter::RN, [0.0, 6.0]).set(Parameter::VN, 1.0).set(Parameter::Gamma, 1.0);
    let sweep = sweep.input(input, t_end).audit(0);
    let map = threshold.map_or(sweep.clone(), |least| sweep.threshold(least)).run().unwrap();
    ["latency", "spikes", "response_v_max"].map(|c| map.array(c).unwrap()[[0]])
}

#[test]
fn a_maximum_at_a_corner_is_that_of_the_linear_equation() {
    // V = 1 - exp(-t), and A (1 - exp(-(t - T))) more under a pulse: its maximum is at the pulse's end.
    for (at, width, height) in
        [(5.013, 2.0171, 3.0), (0.0, 2.0, 3.0), (5.0, 0.1, 5.0), (5.0, 0.001, 500.0), (5.0, 1e-6, 5e5)]
    {
        let largest = 1.0 - f64::exp(-(at + width)) + height * (1.0 - f64::exp(-width));
        let [latency, spikes, v_max] = linear(&format!("pulse:{at},{width},{height}"), 20.0, None);
        assert!((v_max - largest).abs() < 1e-9 * largest, "{width}: {v_max} {largest}");
        assert!((latency - width).abs() < 1e-9 && spikes == 1.0, "{width}: {latency} {spikes}");
    }
    // The negative control: another corner.
    assert!(
        (linear("pulse:5.013,2.0172,3", 20.0, None)[2] - linear("pulse:5.013,2.0171,3", 20.0, None)[2]).abs() > 1e-5
    );
    // The end is the one that is given, and a change just before it is seen.
    let grows = |t_end: f64| 1.0 - f64::exp(-t_end) + 1.0 - f64::exp(-(t_end - 5.0));
    for t_end in [5.0001, 5.1, 12.0] {
        assert!((linear("step:5,1", t_end, None)[2] - grows(t_end)).abs() < 1e-9, "{t_end}");
    }
    assert!((linear("step:9.9999999,3", 10.0, None)[2] - (1.0 - f64::exp(-10.0))).abs() < 1e-6);
    // A trace sees the maximum, too.
    let p = Parameters { v_n: 1.0, r_n: 0.0, gamma: 1.0, ..FIG_3 };
    let pulse = Input::parse("pulse:5.013,2.0171,3", Some(1.0)).unwrap();
    let largest = 1.0 - f64::exp(-7.0301) + 3.0 * (1.0 - f64::exp(-2.0171));
    assert!((driven(&p, &pulse, 20.0, None).motion.v_max - largest).abs() < 1e-9);
}

#[test]
fn a_spike_shorter_than_a_step_is_seen() {
    // A triangle of 0.0016 tau_c and height 7, when V has come to V_n: V gains its area.
    let table = "table:0,1;25.0003,1;25.0011,8;25.0019,1";
    let [latency, spikes, v_max] = linear(table, 30.0, None);
    assert!((latency - 0.0016).abs() < 1e-5 && spikes == 1.0, "{latency} {spikes}");
    assert!((v_max - 1.0056).abs() < 1e-5, "{v_max}");
}

#[test]
fn motions_that_cannot_be_followed_are_counted() {
    let sweep =
        Sweep::new().values(Parameter::RN, [0.0, 6.0]).set(Parameter::VN, 1.0).set(Parameter::Gamma, 1.0).audit(0);
    let map = sweep.input("step:5,1e300", 10.0).run().unwrap();
    assert!(map.array("spikes").unwrap().iter().any(|spikes| spikes.is_nan()));
    assert!(map.summary().without_response.is_some_and(|count| count > 0));
}

#[test]
fn the_end_of_a_response_counts_in_its_last_swing() {
    // V falls from the end of the pulse on: the swing is what is seen of the fall.
    let v = |t: f64| 1.0 - (-t).exp() + (1.0 - (-2.0_f64).exp()) * (7.0 - t).exp();
    let (mut low, mut high) = (7.0, 8.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if v(7.0) - v(middle) < 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let spikes = |t_end: f64| linear("pulse:5,2,1", t_end, Some(0.05))[1];
    assert_eq!([spikes(low - 1e-5), spikes(low + 1e-5)], [0.0, 1.0], "{low}");
}
