//! Do sweeps find the right kind of motion where it is complex: cycles of several maxima, pulse trains near a stable cycle, slow relaxation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::complex::{Complex, complex};
use common::{engines, tolerance};
use hopfmap::bifurcation::equilibria;
use hopfmap::cycle::{Cycle, cycle};
use hopfmap::engine::{Batch, Cpu, Engine, Precision, Tables};
use hopfmap::model::{F00Jets, random_state};
use hopfmap::plan::{Plan, Request, Theory};
use hopfmap::results::{CellResult, Certificate, Outcome};
use hopfmap::{Parameters, State, outcome};
use rayon::prelude::*;
use std::sync::Arc;

/// A batch of these cells, prepared as a sweep in this precision prepares them.
fn batch(rows: &[&Complex], precision: &str) -> Batch {
    let mut batch = Batch::default();
    for row in rows {
        let s = row.start;
        let text = format!(
            "grid = ['V_n=1,2']\nprecision = '{precision}'\nstart = '{:?},{:?},{:?},{:?}'\n[set]\nR_n = 1\nGamma = 1\n",
            s.x, s.y, s.z, s.v
        );
        let plan = Plan::new(Request::from_toml(&text).unwrap()).unwrap();
        let ready = plan.prepare(&row.p, &Theory::prepared_for(&row.p)).swap_remove(0).cell().unwrap();
        batch.tables.push(Arc::new(Tables::new(row.p.l, row.p.lambda, Default::default())));
        batch.push(ready.cell, &ready.regions, batch.tables.len() as u32 - 1);
    }
    batch
}

/// The largest Lyapunov exponent that the reference gives, as in "chaos (lle 0.0786)".
fn exponent(row: &Complex) -> Option<f64> {
    let (_, rest) = row.outcome.split_once("(lle ")?;
    rest.trim_end_matches(')').parse().ok()
}

/// Why a result is not the right one; `None` if it is.
fn mistake(row: &Complex, found: &CellResult, within: f64) -> Option<String> {
    let told = || Some(format!("{}: {found:?}, not {} {} {}", row.note, row.outcome, row.span, row.period));
    let near = |part: f64| (found.span - row.span).abs() <= part * row.span;
    let right = match row.outcome.as_str() {
        o if o.contains("cycle") => {
            found.outcome == Outcome::Oscillating
                && (found.span - row.span).abs() <= within.max(2.0 * found.span_error)
                && (found.period / row.period - 1.0).abs() <= tolerance::PERIOD
        }
        o if o.contains("steady") || o.contains("rest") => found.outcome == Outcome::Steady,
        o if o.contains("chaos") => {
            let off = found.lyapunov - exponent(row).expect("an exponent");
            found.outcome == Outcome::Chaotic && near(tolerance::CHAOTIC_SPAN) && off.abs() <= tolerance::EXPONENT
        }
        // A train of pulses may be weakly chaotic: the reference has not told these apart.
        _ => {
            let is_torus = found.outcome == Outcome::Quasiperiodic && found.lyapunov.abs() <= tolerance::WEAK;
            let is_weak =
                found.outcome == Outcome::Chaotic && found.lyapunov <= exponent(row).unwrap_or(0.0) + tolerance::WEAK;
            // Or it closes: its period is then that of the reference's pulses.
            let is_cycle = found.outcome == Outcome::Oscillating
                && found.maxima > 1.0
                && (found.period / row.period - 1.0).abs() <= tolerance::PERIOD;
            (is_torus || is_weak || is_cycle) && near(tolerance::TORUS_SPAN)
        }
    };
    if right { None } else { told() }
}

#[test]
fn every_kind_of_motion_gets_its_name_on_every_engine() {
    let all = complex();
    // Left out: fractal basins (C), and cycles that are approached so slowly that the reference had not settled.
    let is_known = |c: &&Complex| !c.note.starts_with('C') && !c.outcome.contains("(slow)") && !is_slow_cycle(c);
    let rows: Vec<&Complex> = all.iter().filter(is_known).collect();
    assert!(rows.len() >= 140, "{}", rows.len());
    for (name, engine) in engines().into_iter().filter(|(name, _)| !name.contains("one by one")) {
        let (precision, within) = match name.contains("f64") {
            true => ("f64", tolerance::SPAN_F64),
            false => ("f32", tolerance::SPAN_F32),
        };
        let found = common::named_results(engine.as_ref(), &batch(&rows, precision));
        let wrong: Vec<String> = rows.iter().zip(&found).filter_map(|(row, f)| mistake(row, f, within)).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        let cycles: Vec<f64> = found.iter().map(|f| f.maxima).filter(|m| *m > 1.0).collect();
        assert!(cycles.len() > 20 && cycles.contains(&54.0), "{name}: {cycles:?}");
        let of = |o: Outcome| found.iter().filter(|f| f.outcome == o).count();
        let counts = [Outcome::Chaotic, Outcome::Quasiperiodic].map(of);
        assert!(counts[0] >= 11 && counts[1] >= 5, "{name}: {counts:?}");
    }
    // The negative control.
    let row = rows.iter().find(|r| r.outcome.contains("period-2")).unwrap();
    let good = CellResult { span: row.span, period: row.period, ..CellResult::without_numbers(Outcome::Oscillating) };
    assert!(mistake(row, &good, 1e-6).is_none());
    assert!(mistake(row, &CellResult { period: 0.5 * row.period, ..good }, 1e-6).is_some());
    assert!(mistake(row, &CellResult { span: row.span + 2e-6, ..good }, 1e-6).is_some());
    let row = rows.iter().find(|r| r.outcome.contains("chaos")).unwrap();
    let lyapunov = exponent(row).unwrap();
    let good = CellResult { span: row.span, lyapunov, ..CellResult::without_numbers(Outcome::Chaotic) };
    assert!(mistake(row, &good, 1e-6).is_none());
    assert!(mistake(row, &CellResult { lyapunov: lyapunov + 0.021, ..good }, 1e-6).is_some());
    assert!(mistake(row, &CellResult { outcome: Outcome::Quasiperiodic, ..good }, 1e-6).is_some());
    let row = rows.iter().find(|r| r.outcome.contains("torus")).unwrap();
    let good = CellResult { span: row.span, lyapunov: 0.0, ..CellResult::without_numbers(Outcome::Quasiperiodic) };
    assert!(mistake(row, &good, 1e-6).is_none());
    assert!(mistake(row, &CellResult { lyapunov: 0.05, outcome: Outcome::Chaotic, ..good }, 1e-6).is_some());
    assert!(mistake(row, &CellResult { span: 1.04 * row.span, ..good }, 1e-6).is_some());
}

/// Whether the row, a torus to the reference, turns out to be a cycle after 6e5 tau_c.
fn is_slow_cycle(row: &Complex) -> bool {
    row.outcome.contains("very slow") && (row.span - 0.1263695).abs() < 1e-6
}

/// Results of a plan's cells by the CPU's lanes, with what they leave in double precision.
fn results_of(toml: &str) -> Vec<CellResult> {
    let plan = common::plan(toml);
    let batch = common::batch_of_plan(&plan);
    let precision = if toml.contains("'f64'") { Precision::F64 } else { Precision::F32 };
    common::results(&Cpu::new(precision), &batch)
}

/// Near a small stable cycle, pulse trains go on forever: single precision used to stop on the cycle.
#[test]
fn where_pulses_go_on_both_precisions_say_the_same() {
    let plane = |precision: &str| {
        results_of(&format!(
            "grid = ['R_n=20:60:18', 'V_n=4.5:12:18']\nprecision = '{precision}'\n[set]\nGamma = 0.01\n"
        ))
    };
    let (single, double) = (plane("f32"), plane("f64"));
    let of = |all: &[CellResult], o: Outcome| all.iter().filter(|r| r.outcome == o).count();
    println!("{} oscillating, {} unsettled", of(&double, Outcome::Oscillating), of(&double, Outcome::Unsettled));
    assert!(of(&double, Outcome::Oscillating) > 150 && of(&double, Outcome::Unsettled) > 20);
    for (a, b) in single.iter().zip(&double) {
        assert_eq!(a.outcome, b.outcome, "{a:?} {b:?}");
        assert!(a.span.is_nan() || (a.span - b.span).abs() < tolerance::SPAN_F32, "{a:?} {b:?}");
    }
}

/// Trains of pulses, weakly chaotic and not: exponents over 54,000 tau_c by other code (tangents by RK4 with steps of
/// 0.005, conductances by quadrature).
#[test]
fn a_weak_exponent_is_that_of_a_longer_watch() {
    let trains = [
        (10.235294117647058, 50.588235294117645, 0.00330),
        (9.352941176470589, 48.23529411764706, 0.0106),
        (7.588235294117647, 38.82352941176471, 0.00544),
        (10.235294117647058, 48.23529411764706, 0.0),
    ];
    let train = |(v_n, r_n, _)| Parameters::at(v_n, r_n, 0.01);
    trains.par_iter().for_each(|(v_n, r_n, exponent)| {
        let f = outcome(&train((*v_n, *r_n, 0.0)), State::rest(1.0), None).unwrap().unwrap();
        let kind = if *exponent > 0.0 { Outcome::Chaotic } else { Outcome::Quasiperiodic };
        let off = (f.lyapunov - exponent).abs();
        assert!(f.outcome == kind && off <= f.lyapunov_error && off < tolerance::WEAK_EXPONENT, "{exponent}: {f:?}");
    });
    // This train closes: an independent integrator finds the same period, though rounding hides the last digits.
    let cycle = outcome(&train((7.588235294117647, 36.470588235294116, 0.0)), State::rest(1.0), None).unwrap().unwrap();
    assert!(cycle.outcome == Outcome::Oscillating && (cycle.period - 108.052_129).abs() < 1e-4, "{cycle:?}");
    // Steps this long change the first train: its chaos ends on a torus after 7,000 tau_c.
    let ends = outcome(&train(trains[0]), State::rest(1.0), Some(0.02)).unwrap().unwrap();
    assert_eq!(ends.outcome, Outcome::Quasiperiodic, "{ends:?}");
}

/// A period of nearly a whole number of steps: a step more or less moves the cycle, and so the period, back across it.
#[test]
fn a_period_keeps_its_number_of_steps() {
    for precision in ["f32", "f64"] {
        let results = results_of(&format!(
            "grid = ['alpha=0.14673629,0.1467362924281984,0.146736295,0.14673640']\nprecision = '{precision}'\n\
             [set]\nGamma = 0.31937336814621414\nV_n = 2\nR_n = 6\n"
        ));
        for r in &results {
            assert_eq!(r.outcome, Outcome::Oscillating, "{precision}: {r:?}");
            assert!((r.period - 0.87908552).abs() < 1e-5 && r.steps < 20_000, "{precision}: {r:?}");
        }
    }
}

/// What Newton's method converges to near a stable equilibrium is no cycle: neither a point that moves no more while its
/// period does, nor one that rounding closes.
#[test]
fn an_equilibrium_is_no_cycle() {
    let plane = |v_n, r_n, gamma, z_t| Parameters { z_t, ..Parameters::at(v_n, r_n, gamma) };
    let (a, b) = (0.9433040078201369, 0.9814271749755621);
    let from_rest = [
        plane(2.0, 6.0, 0.7470967741935484, a),
        plane(2.0, 6.0, 0.7480547409579668, a),
        plane(2.0, 6.0, 0.7720039100684262, b),
    ];
    let near = [
        (6.7537688442211055, 11.929648241206031),
        (6.793969849246231, 12.00502512562814),
        (6.874371859296482, 12.306532663316583),
        (7.919597989949748, 14.5678391959799),
    ];
    let mut rows: Vec<Complex> = from_rest.map(Complex::at_rest).into();
    rows.extend(near.map(|(v_n, r_n)| {
        let p = plane(v_n, r_n, 0.01, 1.0);
        let v = equilibria(&p)[1].v + 1e-6;
        Complex { start: State { x: 0.0, y: 0.0, z: 1.0, v }, ..Complex::at_rest(p) }
    }));
    let rows: Vec<&Complex> = rows.iter().collect();
    for (name, engine) in engines() {
        for (row, found) in rows.iter().zip(common::results(engine.as_ref(), &batch(&rows, common::precision_of(name))))
        {
            assert_eq!(found.outcome, Outcome::Steady, "{name}: {:?} {found:?}", row.p);
        }
    }
}

/// Spikes far from a small stable cycle come nearer to it than its return map says, and go on for ever.
#[test]
fn a_spike_that_comes_near_a_cycle_does_not_end_on_it() {
    let places =
        [(10.095238095238095, 49.84126984126984), (10.69047619047619, 53.65079365079365), (11.285714285714285, 60.0)];
    let rows = places.map(|(v_n, r_n)| Complex::at_rest(Parameters::at(v_n, r_n, 0.01)));
    let rows: Vec<&Complex> = rows.iter().collect();
    for precision in ["f32", "f64"] {
        let engine = Cpu::new(if precision == "f64" { Precision::F64 } else { Precision::F32 });
        for found in common::results(&engine, &batch(&rows, precision)) {
            assert_eq!(found.outcome, Outcome::Unsettled, "{precision}: {found:?}");
        }
    }
}

/// A cycle has its own period, not a multiple, however Newton's method came to it (DOP853 found these periods).
#[test]
fn a_cycle_has_its_shortest_period() {
    let wide = |n: [f64; 9]| Complex::at_rest(Parameters::from_array(n));
    let rows = [
        (wide([5.4303, 11.776, 0.0061213, 0.24196, 0.95252, 8.3614, 1.0914, 0.55215, 0.10779]), 0.751195),
        (wide([3.5718, 21.914, 0.013092, 1.5236, 0.99425, 7.0545, 1.0441, 0.54924, 0.034621]), 0.89004),
        (Complex::at_rest(Parameters::at(7.188679245283019, 20.0, 0.1)), 0.885268),
    ];
    let cells: Vec<&Complex> = rows.iter().map(|(row, _)| row).collect();
    for (name, engine) in engines() {
        let found = common::results(engine.as_ref(), &batch(&cells, common::precision_of(name)));
        for ((row, period), found) in rows.iter().zip(found) {
            assert!(found.maxima == 1.0 && (found.period / period - 1.0).abs() < 1e-5, "{name}: {:?} {found:?}", row.p);
        }
    }
    // Where the motion comes near from afar, most cycles used to be counted twice.
    let found = results_of("grid = ['V_n=0:8:48', 'R_n=1:16:48']\n[set]\nGamma = 0.01\n");
    let cycles: Vec<_> = found.iter().filter(|f| f.outcome == Outcome::Oscillating).collect();
    let of_several = cycles.iter().filter(|f| f.maxima > 1.0).count();
    println!("{of_several} of {} cycles with several maxima", cycles.len());
    assert!(cycles.len() > 500 && of_several <= 3, "{of_several} of {}", cycles.len());
}

/// A small random number generator, so that the cells are the same everywhere.
fn random(seed: &mut u64, low: f64, high: f64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    low + (high - low) * (*seed >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn slow_relaxation_is_waited_for_or_followed() {
    let cells: usize = std::env::var("HOPFMAP_SLOW_CELLS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let (mut seed, mut rows) = (20, Vec::new());
    for _ in 0..cells {
        let mut draw = |low, high| random(&mut seed, low, high);
        let relaxation = 10.0_f64.powf(draw(-6.0, -4.0));
        let p = Parameters::at(draw(0.0, 9.0), draw(1.0, 16.0), draw(0.05, 1.0));
        let p = Parameters { alpha: relaxation / p.gamma, z_t: draw(0.0, 1.0), ..p };
        rows.push(Complex::at_rest(p));
    }
    let by_row = |row: &Complex| common::results(&Cpu::new(Precision::F32), &batch(&[row], "f32"))[0];
    let found: Vec<CellResult> = rows.par_iter().map(by_row).collect();
    let unsettled = found.iter().filter(|f| f.outcome == Outcome::Unsettled).count();
    let followed = found.iter().filter(|f| f.certificate == Some(Certificate::SlowManifold)).count();
    println!("{unsettled} of {cells} unsettled, {followed} followed along the slow manifold");
    for (row, _) in rows.iter().zip(&found).filter(|(_, f)| f.outcome == Outcome::Unsettled) {
        println!("unsettled: {:?}", row.p);
    }
    assert!(50 * unsettled <= cells && 3 * followed > cells, "{unsettled} {followed} of {cells}");
}

/// While Z relaxes, its branch of equilibria ends, and the motion jumps to another one, which is slow as well.
#[test]
fn a_jump_to_another_slow_manifold_is_followed() {
    for (v_n, r_n) in [(5.136363636363636, 8.222222222222221), (5.909090909090909, 9.777777777777779)] {
        let p = Parameters { alpha: 1e-4, ..Parameters::at(v_n, r_n, 0.1) };
        let row = Complex { start: State { x: 0.0, y: 0.0, z: 0.0, v: 0.0 }, ..Complex::at_rest(p) };
        let found = common::results(&Cpu::new(Precision::F32), &batch(&[&row], "f32"))[0];
        assert!(found.outcome == Outcome::Steady && found.certificate == Some(Certificate::SlowManifold), "{found:?}");
    }
}

/// Along a line, the number of maxima doubles where the multiplier of the simple cycle reaches -1.
#[test]
fn periods_double_where_a_multiplier_leaves_the_unit_circle() {
    let all = complex();
    let row = all.iter().find(|c| c.note.starts_with('A') && c.outcome == "period-2 cycle").unwrap();
    // From the doubled cycle to where the simple one is stable, in Gamma.
    let line = |n: u32| Parameters { gamma: row.p.gamma * (1.0 + 0.0002 * f64::from(n)), ..row.p };
    let found = line_of_400(row, line);
    let last = found.iter().rposition(|f| f.maxima == 2.0).expect("doubled periods");
    assert!(found[last..].iter().skip(1).all(|f| f.maxima == 1.0), "a simple cycle from there on");
    assert_unit_circle_between(line, &found, last + 1, last);
}

/// The simple cycle of the paper's geometry loses its stability to a torus with Gamma = 0.01.
#[test]
fn tori_begin_where_a_pair_of_multipliers_leaves_the_unit_circle() {
    let line = |n: u32| Parameters::at(7.588, 30.0 + 0.015 * f64::from(n), 0.01);
    let mut found = line_of_400(&Complex::at_rest(line(0)), line);
    // Next to the point, motions come nearer to the cycle for longer than the first look takes.
    let from = found.iter().position(|f| f.maxima != 1.0).expect("tori");
    let near: Vec<Complex> = (from..from + 16).map(|n| Complex::at_rest(line(n as u32))).collect();
    let named = common::named_results(&Cpu::new(Precision::F64), &batch(&near.iter().collect::<Vec<_>>(), "f64"));
    found.splice(from..from + 16, named);
    let last = found.iter().rposition(|f| f.maxima == 1.0).expect("cycles");
    assert!(found[..last].iter().all(|f| f.maxima == 1.0), "a simple cycle up to there");
    assert_unit_circle_between(line, &found, last, last + 1);
}

/// Results on a line of 400 cells, in f64.
fn line_of_400(row: &Complex, line: impl Fn(u32) -> Parameters<f64>) -> Vec<CellResult> {
    let rows: Vec<Complex> = (0..400).map(|n| Complex { p: line(n), ..row.clone() }).collect();
    common::results(&Cpu::new(Precision::F64), &batch(&rows.iter().collect::<Vec<_>>(), "f64"))
}

/// Asserts that the simple cycle, by Newton's method on its own, is stable in a cell, and unstable in the next but one
/// at the latest.
fn assert_unit_circle_between(
    line: impl Fn(u32) -> Parameters<f64>,
    found: &[CellResult],
    stable: usize,
    unstable: usize,
) {
    let beyond = if unstable > stable { unstable + 1 } else { unstable - 1 };
    // Newton's method starts from a cycle of the same line that motions settle on sooner.
    let sooner = if unstable > stable { stable - 100 } else { stable + 100 };
    let [x, y, z, v] = found[sooner].end;
    let here = cycle(&line(sooner as u32), &State { x, y, z, v }).expect("a stable cycle");
    let f = &found[stable];
    let multiplier = |n: usize| {
        let p = line(n as u32);
        let there = Cycle::near(&p, &F00Jets::new(p.l, p.lambda), &here.state, here.period, 0.005);
        there.expect("a cycle").multiplier()
    };
    let (inside, outside) = (multiplier(stable), multiplier(beyond));
    println!("|mu| {inside} in cell {stable}, {outside} in cell {beyond}");
    assert!(inside < 1.0 && outside > 1.0, "{inside} {outside}");
    assert!((inside - f.multiplier).abs() < 1e-5, "{inside} {}", f.multiplier);
}

/// An engine's results depend on nothing but the cell.
#[test]
fn no_cell_depends_on_its_neighbours() {
    let all = complex();
    let rows: Vec<&Complex> = all.iter().filter(|c| c.outcome.contains("cycle")).take(24).collect();
    for precision in ["f32", "f64"] {
        let engine =
            Cpu { one_by_one: false, precision: if precision == "f64" { Precision::F64 } else { Precision::F32 } };
        let bits = |r: &CellResult| (r.outcome, r.certificate, r.numbers().map(f64::to_bits), r.steps);
        let run = |rows: &[&Complex]| -> Vec<_> {
            let results = engine.run(&batch(rows, precision), &Default::default()).unwrap();
            results.iter().map(bits).collect()
        };
        let together = run(&rows);
        let mut backwards: Vec<&Complex> = rows.clone();
        backwards.reverse();
        let mut turned = run(&backwards);
        turned.reverse();
        assert_eq!(together, turned);
        assert_eq!(together[5], run(&rows[5..6])[0]);
    }
}

/// Attractors that starts near the equilibria miss are found from random states.
#[test]
fn random_starts_find_what_starts_near_equilibria_miss() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (starts, seeds) = (number("HOPFMAP_RANDOM_STARTS", 64), number("HOPFMAP_SEEDS", 2));
    let all = complex();
    let rows: Vec<&Complex> = all.iter().filter(|c| c.note.starts_with('E')).collect();
    assert_eq!(rows.len(), 8);
    let mut found = Vec::new();
    for row in rows {
        let hit = |seed: &u64| {
            let states: Vec<Complex> = (0..starts as usize)
                .map(|n| Complex { start: random_state(*seed, n, row.p.v_n), ..row.clone() })
                .collect();
            let ends =
                common::named_results(&Cpu::new(Precision::F32), &batch(&states.iter().collect::<Vec<_>>(), "f32"));
            ends.iter().any(|end| mistake(row, end, tolerance::SPAN_F32).is_none())
        };
        let hits = (0..seeds).filter(hit).count() as u64;
        println!("{starts} starts: {} {} in {hits} of {seeds} seeds", row.outcome, row.span);
        found.push(hits);
    }
    // Eight of ten at least, or one of two.
    assert!(found.iter().all(|hits| *hits >= seeds / 2 && *hits * 10 >= seeds * 8 - 8), "{found:?}");
}
