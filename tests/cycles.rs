//! Cycles by Newton's method: against independent cycles, for every number of maxima, and only where the motion ends on them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::complex::{Complex, complex};
use hopfmap::cycle::cycle_nearby;
use hopfmap::model::{Conductance, F00Jets, FINER, Rates};
use hopfmap::{Cycle, Parameters, State, cycle};
use rayon::prelude::*;
use std::path::Path;

/// Error of DOP853 at a relative tolerance of 1e-13 and of eight times the rule's steps.
const NUMBERS: f64 = 1e-9;
/// Error of multipliers by central differences of 1e-6, which is what the reference has.
const MULTIPLIER: f64 = 1e-6;

struct Reference {
    p: Parameters<f64>,
    state: State<f64>,
    /// Period, v_min, v_max, v_mean.
    numbers: [f64; 4],
    maxima: u32,
    multiplier: f64,
}

fn reference() -> Vec<Reference> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cycles.csv");
    let row = |record: csv::StringRecord| {
        let n: Vec<f64> = record.iter().map(|t| t.parse().unwrap()).collect();
        Reference {
            p: Parameters::from_array(n[..9].try_into().unwrap()),
            state: State { x: n[9], y: n[10], z: n[11], v: n[12] },
            numbers: n[13..17].try_into().unwrap(),
            maxima: n[17] as u32,
            multiplier: n[18],
        }
    };
    csv::Reader::from_path(path).unwrap().records().map(|r| row(r.unwrap())).collect()
}

/// How far a cycle is from the reference; `None` if it is another one.
fn agrees(found: &Cycle, r: &Reference) -> Result<(), String> {
    let ours = [found.period, found.v_min, found.v_max, found.v_mean];
    let off = ours.iter().zip(r.numbers).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let multiplier = (found.multiplier() - r.multiplier).abs();
    match found.maxima == r.maxima && off < NUMBERS && multiplier < MULTIPLIER {
        true => Ok(()),
        false => Err(format!("{found:?}: {} maxima, off by {off:e}, multiplier by {multiplier:e}", found.maxima)),
    }
}

fn step(p: &Parameters<f64>) -> f64 {
    FINER * Rates::for_neuron(p, 0.0, &Conductance::new(p.l, p.lambda)).step()
}

#[test]
fn newtons_cycles_are_those_of_an_independent_solver() {
    for r in reference() {
        let profile = F00Jets::new(r.p.l, r.p.lambda);
        // From a point off the cycle, and a period off its own.
        let guess = State { x: r.state.x + 2e-3, y: r.state.y - 1e-3, ..r.state };
        let found = Cycle::near(&r.p, &profile, &guess, 1.001 * r.numbers[0], step(&r.p)).unwrap();
        agrees(&found, &r).unwrap();
        // The negative control.
        let other = Reference { numbers: [r.numbers[0], r.numbers[1] + 2e-9, r.numbers[2], r.numbers[3]], ..r };
        assert!(agrees(&found, &other).is_err());
    }
}

#[test]
fn the_motion_from_rest_ends_on_the_cycle_of_the_reference() {
    for r in reference() {
        let found = cycle(&r.p, &State::rest(r.p.z_t)).expect("a cycle");
        agrees(&found, &r).unwrap();
    }
}

#[test]
fn a_guess_of_twice_the_period_comes_to_the_period_itself() {
    let r = &reference()[0];
    let profile = F00Jets::new(r.p.l, r.p.lambda);
    for times in [2.0, 3.0] {
        let found = Cycle::near(&r.p, &profile, &r.state, times * r.numbers[0], step(&r.p)).unwrap();
        agrees(&found, r).unwrap();
    }
}

#[test]
fn a_neuron_at_rest_has_no_cycle() {
    for (v_n, r_n, gamma) in [(2.0, 6.0, 0.9), (0.0, 6.0, 0.3), (2.0, 0.5, 0.1)] {
        assert_eq!(cycle(&Parameters::at(v_n, r_n, gamma), &State::rest(1.0)), None, "{v_n} {r_n} {gamma}");
    }
}

#[test]
fn what_cannot_be_computed_is_no_cycle_and_ends_at_once() {
    let r = &reference()[0];
    let profile = F00Jets::new(r.p.l, r.p.lambda);
    for step in [0.0, f64::NAN, 1e-300, f64::NEG_INFINITY] {
        assert_eq!(Cycle::near(&r.p, &profile, &r.state, r.numbers[0], step), None, "{step}");
    }
    for period in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(Cycle::near(&r.p, &profile, &r.state, period, 0.01), None, "{period}");
    }
    let nan = State { v: f64::NAN, ..r.state };
    assert_eq!(cycle(&r.p, &nan), None);
    assert_eq!(cycle(&Parameters { r_n: f64::MAX, ..r.p }, &State::rest(1.0)), None);
}

#[test]
fn cycles_of_any_number_of_maxima_are_found() {
    // Left out: fractal basins (C), and slow cells that the reference had not waited for.
    let known = |c: &Complex| c.outcome.contains("cycle") && !c.outcome.contains("slow") && !c.note.starts_with('C');
    let cells: Vec<Complex> = complex().into_iter().filter(known).collect();
    assert!(cells.len() >= 30, "{}", cells.len());
    let wrong: Vec<String> = cells
        .par_iter()
        .filter_map(|c| {
            let found = cycle(&c.p, &c.start);
            let fits = |f: &Cycle| (f.span() - c.span).abs() < 1e-6 && (f.period / c.period - 1.0).abs() < 1e-4;
            (!found.as_ref().is_some_and(fits)).then(|| format!("{}: {found:?}, not {} {}", c.note, c.span, c.period))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cells.iter().any(|c| c.outcome.contains("54")));
}

/// Far from a cycle that is near, and stable, a pulse train goes on forever.
#[test]
fn a_pulse_train_ends_on_no_cycle() {
    let trains: Vec<Complex> = complex().into_iter().filter(|c| c.note.starts_with('H')).collect();
    assert_eq!(trains.len(), 7);
    // Each is followed for 65,536 maxima.
    let found: Vec<_> = trains[..2].par_iter().filter_map(|c| cycle(&c.p, &c.start)).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// A cycle whose period has doubled many times; with another bias, the motion never closes.
#[test]
fn cycles_of_many_maxima_are_found_where_a_motion_is_on_them() {
    let p = Parameters {
        alpha: 1.69,
        z_t: 0.78,
        omega: 4.36,
        x_0: 1.39,
        l: 0.345,
        lambda: 0.0301,
        ..Parameters::at(0.0, 47.0, 0.0)
    };
    let p = Parameters { v_n: 12.587301587301587, gamma: 0.11666666666666667, ..p };
    let profile = F00Jets::new(p.l, p.lambda);
    let start = State { x: -0.1528720648526269, y: -0.083912976510192, z: -0.07970482388235592, v: 2.921866893398186 };
    let found = cycle_nearby(&p, &profile, &start).expect("a cycle");
    assert!(found.maxima == 128 && found.is_stable() && (found.period - 193.597522).abs() < 1e-5, "{found:?}");
    // A little away, the motion comes back to it.
    let away = State { x: start.x + 1e-6, ..start };
    let returned = cycle_nearby(&p, &profile, &away).expect("a cycle");
    assert!((returned.span() - found.span()).abs() < 1e-9 && returned.maxima == 128, "{returned:?}");
    // With another bias, the motion from there is chaotic.
    assert!(cycle_nearby(&Parameters { v_n: 12.3, ..p }, &profile, &start).is_none());
}
