//! Are bursts, and the responses of a map's cells to an input, those of other integrators and of events found in another way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::independent::samples;
use common::neurons::{BASE, Random};
use common::{hopfmap, tolerance};
use hopfmap::model::{Parameters, State};
use hopfmap::trace::{Bursts, Input, Model, bursts, integrate, integrate_driven};
use hopfmap::{Parameter, Sweep, TrajectoryRequest};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Time between samples of the other integrator, in tau_c: some forty in a revolution of the particle.
const APART: f64 = 0.02;
/// Begin and end of the records, in tau_c: after the transient, eight bursts or so.
const TIMES: (f64, f64) = (200.0, 1100.0);

/// The highest samples among their neighbours, and their swings: heights above the lowest sample on the nearer side, as far as the
/// next of them or the record's end.
fn tops(v: &[f64]) -> Vec<(usize, f64)> {
    let tops: Vec<usize> = (1..v.len() - 1).filter(|i| v[*i] > v[i - 1] && v[*i] >= v[i + 1]).collect();
    let lowest = |a: usize, b: usize| v[a..=b].iter().fold(f64::INFINITY, |m, v| m.min(*v));
    let swing = |n: usize| {
        let before = lowest(n.checked_sub(1).map_or(0, |n| tops[n]), tops[n]);
        let after = lowest(tops[n], tops.get(n + 1).copied().unwrap_or(v.len() - 1));
        v[tops[n]] - before.max(after)
    };
    (0..tops.len()).map(|n| (tops[n], swing(n))).collect()
}

/// Times of the bursts in samples of V, from the width of its envelope.
///
/// The width is that of V within half a revolution on either side. A burst is a stretch in which it is above half of its
/// largest value, joined with the next one unless it sinks below a quarter between them, as it has to before the first and
/// after the last one; its time is that of its top with the largest swing, refined by a parabola.
fn events(v: &[f64], omega: f64, apart: f64) -> Vec<f64> {
    let half = (0.5 * TAU / omega / apart).round() as usize;
    let around = |i: usize| &v[i.saturating_sub(half)..(i + half + 1).min(v.len())];
    let width = |i: usize| {
        let (low, high) = around(i).iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (v.min(l), v.max(h)));
        high - low
    };
    let widths: Vec<f64> = (0..v.len()).map(width).collect();
    let widest = widths.iter().fold(0.0_f64, |m, w| m.max(*w));
    let (mut stretches, mut open, mut quiet) = (Vec::new(), None::<usize>, false);
    for (i, w) in widths.iter().enumerate() {
        if *w < 0.25 * widest {
            stretches.extend(open.take().map(|begin| (begin.saturating_sub(half), i)));
            quiet = true;
        } else if open.is_none() && quiet && *w > 0.5 * widest {
            (open, quiet) = (Some(i), false);
        }
    }
    let tops = tops(v);
    let time = |(begin, end): (usize, usize)| {
        let inside = tops.iter().filter(|(at, _)| (begin..end).contains(at));
        let top = inside.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0;
        let [a, b, c] = [v[top - 1], v[top], v[top + 1]];
        (top as f64 + 0.5 * (a - c) / (a - 2.0 * b + c)) * apart
    };
    stretches.into_iter().map(time).collect()
}

fn mean_interval(times: &[f64]) -> f64 {
    (times[times.len() - 1] - times[0]) / (times.len() - 1) as f64
}

#[test]
fn bursts_of_twenty_neurons_are_those_found_in_another_way() {
    let mut random = Random(20);
    let neurons: Vec<Parameters<f64>> = (0..20)
        .map(|_| Parameters {
            v_n: random.between(7.8, 8.2),
            r_n: random.between(38.0, 40.0),
            gamma: random.between(0.009, 0.011),
            ..BASE
        })
        .collect();
    // Ours, those of the same motion by the other rule, and those of another integrator's motion by the other rule.
    let found = |p: &Parameters<f64>| -> (Bursts, [Vec<f64>; 2]) {
        let start = State::rest(p.z_t);
        let trial = TrajectoryRequest { parameters: *p, start, t_end: TIMES.1, t_start: TIMES.0, dt: None };
        let trajectory = integrate(&trial).unwrap();
        let before = (TIMES.0 / APART).round() as usize;
        let other: Vec<f64> = samples(p, &start, TIMES.1, APART).iter().skip(before).map(|s| s.v).collect();
        let own: Vec<f64> = trajectory.states.iter().map(|s| s.v).collect();
        let times = [(own, trajectory.dt, trajectory.first as f64 * trajectory.dt), (other, APART, TIMES.0)];
        let times = times.map(|(v, apart, begin)| events(&v, p.omega, apart).into_iter().map(|t| begin + t).collect());
        (bursts(&trajectory), times)
    };
    let found: Vec<_> = neurons.par_iter().map(found).collect();
    let (mut worst, mut all) = ([0.0_f64; 3], 0);
    for ((ours, [own, other]), p) in found.iter().zip(&neurons) {
        assert!(ours.all.len() == own.len() && own.len() == other.len(), "{p:?}: {:?} {own:?} {other:?}", ours.all);
        assert!(own.len() >= 6, "{p:?}: {own:?}");
        all += own.len();
        let apart = ours.all.iter().zip(own).map(|(burst, time)| (burst.time - time).abs());
        worst[0] = apart.fold(worst[0], f64::max);
        worst[1] = worst[1].max((ours.first() - other[0]).abs());
        worst[2] = worst[2].max((ours.interval() - mean_interval(other)).abs());
    }
    println!(
        "{all} bursts; times off by {}, latencies and intervals of the other motion by {:?}",
        worst[0],
        &worst[1..]
    );
    assert!(worst[0] < tolerance::BURST_TIME, "{worst:?}");
    assert!(worst[1] < tolerance::BURST_OF_ANOTHER && worst[2] < tolerance::BURST_OF_ANOTHER, "{worst:?}");
    // The negative control: the bursts of one neuron are not those of the next.
    let apart = |a: usize| (found[a].0.interval() - mean_interval(&found[(a + 1) % 20].1[1])).abs();
    let different = (0..20).filter(|a| apart(*a) > tolerance::BURST_OF_ANOTHER).count();
    assert!(different >= 15, "{different}");
}

/// Latency, spikes and largest V of a response, from samples of V alone: maxima by neighbours, their swings by all samples between.
fn response(p: &Parameters<f64>, input: &Input, (t_end, changes, least): (f64, f64, Option<f64>)) -> [f64; 3] {
    let trial = TrajectoryRequest { parameters: *p, start: State::rest(p.z_t), t_end, t_start: 0.0, dt: None };
    let trajectory = integrate_driven(&trial, input, Model::Full).unwrap();
    let (times, v): (Vec<f64>, Vec<f64>) = trajectory
        .times()
        .zip(trajectory.states.iter().map(|s| s.v))
        .filter(|(t, _)| *t > changes - trajectory.dt)
        .unzip();
    let tops = tops(&v);
    let least = least.unwrap_or(0.5 * tops.iter().fold(0.0_f64, |m, top| m.max(top.1)));
    let spikes: Vec<usize> = tops.iter().filter(|top| top.1 >= least).map(|top| top.0).collect();
    let latency = spikes.first().map_or(f64::NAN, |at| times[*at] - changes);
    [latency, spikes.len() as f64, v.iter().fold(f64::NEG_INFINITY, |m, v| m.max(*v))]
}

#[test]
fn responses_of_a_map_are_those_of_its_traces() {
    let (v_n, r_n) = ([0.1, 0.6, 2.0, 4.0], [6.0, 16.0]);
    let map = |text: &str, threshold: Option<f64>| {
        let sweep = Sweep::new().values(Parameter::VN, v_n).values(Parameter::RN, r_n).set(Parameter::Gamma, 0.1);
        let sweep = sweep.input(text, 60.0).audit(0);
        let map = threshold.map_or(sweep.clone(), |least| sweep.threshold(least)).run().unwrap();
        ["latency", "spikes", "response_v_max"].map(|c| map.array(c).unwrap())
    };
    let mut kinds = std::collections::BTreeSet::new();
    for (text, changes, least) in
        [("pulse:20,3,2", 20.0, None), ("pulse:20,3,2", 20.0, Some(0.2)), ("step:15.5,1.5", 15.5, Some(0.05))]
    {
        let found = map(text, least);
        for (i, j) in (0..v_n.len()).flat_map(|i| (0..r_n.len()).map(move |j| (i, j))) {
            let p = Parameters { v_n: v_n[i], r_n: r_n[j], ..BASE };
            let input = Input::parse(text, Some(p.v_n)).unwrap();
            let [latency, spikes, v_max] = response(&p, &input, (60.0, changes, least));
            let ours = [0, 1, 2].map(|c| found[c][[i, j]]);
            let place = format!("{text} {least:?} {p:?}: {ours:?} {:?}", [latency, spikes, v_max]);
            assert_eq!(ours[1], spikes, "{place}");
            assert!(ours[0].is_nan() == latency.is_nan() && !((ours[0] - latency).abs() > 0.05), "{place}");
            assert!((ours[2] - v_max).abs() < 1e-3, "{place}");
            kinds.insert(spikes as u64);
        }
    }
    assert!(kinds.contains(&0) && kinds.len() > 4, "{kinds:?}");
}

#[test]
fn responses_to_a_table_are_those_to_the_same_triangle_and_wrong_inputs_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("v.csv"), "t,V_n\n0,1\n5,3\n15,-1\n25,3\n30,1\n").unwrap();
    let sweep = |input: &str, name: &str, more: &[&str]| {
        let words = ["sweep", "--grid", "R_n=4:12:3", "--set", "Gamma=0.1", "--engine", "cpu", "-q", "--input"];
        hopfmap().args(words).arg(input).arg("-o").arg(path(name)).args(more).assert()
    };
    let table = path("v.csv");
    sweep(table.to_str().unwrap(), "table.h5", &["--t-end", "30"]).success();
    sweep("triangle:1,2,20", "triangle.h5", &["--t-end", "30"]).success();
    let columns = |name: &str| {
        let map = hopfmap::MapFile::open(&path(name)).unwrap();
        ["latency", "response_v_max"].map(|c| map.array(c).unwrap())
    };
    let (one, other) = (columns("table.h5"), columns("triangle.h5"));
    assert!(
        one.iter().zip(&other).all(|(a, b)| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)),
        "{one:?} {other:?}"
    );
    assert!(one[0].iter().all(|latency| *latency > 0.0));
    // The map needs the table's file no longer.
    std::fs::remove_file(&table).unwrap();
    hopfmap().args(["sweep", "-q", "--from"]).arg(path("table.h5")).arg("-o").arg(path("again.h5")).assert().success();
    assert!(columns("again.h5") == one);
    for (input, more, part) in [
        ("pulse:5,1", &["--t-end", "30"][..], "pulse takes 3 or 4 numbers"),
        ("pulse:5,1,2", &[], "--t-end is missing"),
        ("pulse:40,1,2", &["--t-end", "30"], "changes at 40"),
        ("pulse:5,1,2", &["--t-end", "30", "--threshold", "-1"], "--threshold -1 is not above 0"),
        ("sine:1,2,3", &["--t-end", "30", "--set", "V_n=1.5"], "has its own V_n"),
        ("nowhere.csv", &["--t-end", "30"], "no file that can be read"),
    ] {
        let v_n = if input.starts_with("pulse") { &["--set", "V_n=1"][..] } else { &[] };
        let refused = sweep(input, "no.h5", &[more, v_n].concat()).code(2);
        let message = String::from_utf8_lossy(&refused.get_output().stderr).to_string();
        assert!(message.contains(part) && !path("no.h5").exists(), "{input}: {message}");
    }
}
