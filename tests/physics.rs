//! Are the results right: independent solver ↔ kernel f64 ↔ f32 ↔ shader, each rung on its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::independent::{after, distance};
use common::neurons::FIG_3;
use common::{
    Comparison, Map, Row, batch_of, batch_of_plan, compare, differences, engines, precision_of, reference_rows,
    results, shader_engine, tolerance,
};
use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::run::RunLimits;
use hopfmap::kernel::stepper::Stepper;
use hopfmap::kernel::table::{Format, Table};
use hopfmap::model::{Parameters, State};
use hopfmap::plan::Theory;
use hopfmap::results::{CellResult, Outcome};

/// The kernel's state after `steps` steps that make up 50 time units.
fn kernel_after_50(p: &Parameters<f64>, steps: u32) -> State<f64> {
    let table = Table::<f64>::new(p.l, p.lambda);
    let dt = 50.0 / f64::from(steps);
    let mut stepper = Stepper::new(p, &table, State::rest(p.z_t));
    (0..steps).for_each(|_| {
        stepper.step(dt);
    });
    stepper.state
}

#[test]
fn an_independent_integrator_agrees_with_the_kernel() {
    for p in [
        FIG_3,
        Parameters { v_n: 2.0, r_n: 6.0, ..FIG_3 },
        Parameters { v_n: -3.0, r_n: 12.0, z_t: 0.4, omega: 4.0, ..FIG_3 },
    ] {
        let theirs = after(&p, &State::rest(p.z_t), 50.0);
        let apart = distance(&theirs, &kernel_after_50(&p, 102_400));
        println!("{apart:e} apart at {p:?}");
        assert!(apart < tolerance::TRAJECTORY, "{apart:e} at {p:?}");
        // The negative control: a coarse step is told apart.
        assert!(distance(&theirs, &kernel_after_50(&p, 500)) > tolerance::TRAJECTORY);
    }
}

#[test]
fn rk4_is_of_order_four() {
    let exact = kernel_after_50(&FIG_3, 51_200);
    let error = |steps| distance(&kernel_after_50(&FIG_3, steps), &exact);
    for steps in [3200, 6400] {
        let order = (error(steps) / error(2 * steps)).log2();
        assert!((order - 4.0).abs() < tolerance::ORDER, "order {order} at {steps} steps");
    }
}

/// The smallest |Re mu| of anything but alpha Gamma's own mode at the equilibria of `p`.
fn nearest_bifurcation(p: &Parameters<f64>) -> f64 {
    Theory::prepared_for(p).at(p).slowest
}

#[test]
fn reference_cells_come_out_on_every_engine() {
    let rows = reference_rows();
    assert_eq!(rows.len(), 822);
    for (name, engine) in engines() {
        let precision = precision_of(name);
        let allowed = if precision == "f64" { tolerance::SPAN_F64 } else { tolerance::SPAN_F32 };
        let batch = batch_of(&rows, precision, Format::Rgba32Float);
        let found = compare(&rows, &results(engine.as_ref(), &batch), allowed);
        println!(
            "{name}: {} rows, {} unsettled, worst {:e}, {} beyond their stated error",
            rows.len(),
            found.unsettled.len(),
            found.worst,
            found.dishonest
        );
        assert_eq!(found.wrong_outcomes, Vec::<String>::new(), "{name}");
        assert_eq!(found.misses, Vec::<String>::new(), "{name}");
        assert!(found.unsettled.len() as f64 <= tolerance::UNSETTLED_ROWS * rows.len() as f64, "{name}");
        for p in &found.unsettled {
            let near = nearest_bifurcation(p) < tolerance::BESIDE_BIFURCATION;
            assert!(
                near || p.alpha * p.gamma < tolerance::SLOW_RELAXATION,
                "{name}: unsettled without a reason: {p:?}"
            );
        }
        if precision == "f64" {
            assert!(found.dishonest as f64 <= (1.0 - tolerance::HONEST_ROWS) * rows.len() as f64, "{name}");
        }
    }
}

#[test]
fn the_comparison_with_the_reference_can_fail() {
    let rows: Vec<Row> = reference_rows().into_iter().filter(|r| r.span > 0.0).take(4).collect();
    let good = |r: &Row| CellResult {
        period: r.period,
        v_mean: r.v_mean,
        span_error: 1e-7,
        ..CellResult::new([r.span; hopfmap::results::COLUMNS.len()], Outcome::Oscillating)
    };
    let results: Vec<CellResult> = rows.iter().map(good).collect();
    let sound = compare(&rows, &results, tolerance::SPAN_F64);
    assert_eq!(sound, Comparison::default());
    let spoilt = |change: fn(&mut CellResult)| {
        let mut bad = results.clone();
        change(&mut bad[1]);
        compare(&rows, &bad, tolerance::SPAN_F64)
    };
    let off = spoilt(|a| a.span += 1e-5);
    assert_eq!((off.misses.len(), off.dishonest), (1, 1));
    let admitted = spoilt(|a| (a.span, a.span_error) = (a.span + 1e-5, 2e-5));
    assert_eq!((admitted.misses.len(), admitted.dishonest), (0, 0));
    assert_eq!(spoilt(|a| a.span = f64::NAN).misses.len(), 1);
    assert_eq!(spoilt(|a| a.period *= 1.001).misses.len(), 1);
    assert_eq!(spoilt(|a| a.v_mean *= 1.001).misses.len(), 1);
    assert_eq!(spoilt(|a| a.outcome = Outcome::Steady).wrong_outcomes.len(), 1);
    assert_eq!(spoilt(|a| a.outcome = Outcome::Diverged).wrong_outcomes.len(), 1);
    assert_eq!(spoilt(|a| a.outcome = Outcome::Unsettled).unsettled.len(), 1);
}

/// Fig. 6a's plane at n × n cells.
fn fig_6a(n: usize) -> Batch {
    let toml = format!("grid = ['Gamma=0.02:1:{n}', 'Z_T=0:1:{n}']\n[set]\nV_n = 2.0\nR_n = 6.0\n");
    batch_of_plan(&common::plan(&toml))
}

/// The part of the cells that settle at the same time, to a step of a long wait.
fn settled_alike(a: &[CellResult], b: &[CellResult]) -> f64 {
    let alike = a.iter().zip(b).filter(|(a, b)| (a.settle_time / b.settle_time - 1.0).abs() < 1e-3);
    alike.count() as f64 / a.len() as f64
}

#[test]
fn fig_6a_agrees_between_engines() {
    let batch = fig_6a(64);
    let mut steps = Vec::new();
    let run = |(name, engine): (&'static str, Box<dyn Engine>)| {
        let progress = Progress::default();
        let raw = engine.run(&batch, &progress).unwrap();
        steps.push(progress.read().steps as f64);
        (name, raw, Map { columns: 64, results: results(engine.as_ref(), &batch) })
    };
    let (mut raw, mut maps) = (Vec::new(), Vec::new());
    for (name, own, map) in engines().into_iter().map(run) {
        raw.push(own);
        maps.push((name, map));
    }
    // Twins wait alike: a rule that works in one of them alone shows in the steps, even where the results agree.
    println!("steps {steps:?}");
    for [a, b] in [[2, 1], [2, 3], [0, 4]] {
        assert!((steps[a] / steps[b] - 1.0).abs() < tolerance::STEPS_BETWEEN_TWINS, "{steps:?}");
    }
    // Cell by cell, too: each twin stops in the same window, but where rounding decides.
    for [a, b] in [[2, 3], [0, 4]] {
        let alike = settled_alike(&raw[a], &raw[b]);
        println!("{} against {}: {alike} settled in the same window", maps[a].0, maps[b].0);
        assert!(alike >= tolerance::SETTLED_ALIKE, "{} against {}: {alike}", maps[a].0, maps[b].0);
    }
    let mut late = raw[2].clone();
    late.iter_mut().step_by(10).for_each(|a| a.settle_time *= 1.1);
    assert!(settled_alike(&late, &raw[2]) < tolerance::SETTLED_ALIKE, "the negative control");
    for (name, map) in &maps {
        let settled = map.results.iter().filter(|a| a.outcome.is_settled());
        let largest = settled.fold(0.0, |m: f64, a| m.max(a.span));
        println!("{name}: largest span {largest:.6}");
        let (expected, within) = tolerance::LARGEST_SPAN_FIG_6A;
        assert!((largest - expected).abs() < within, "{name}: {largest}");
    }
    let between = tolerance::SPAN_BETWEEN_ENGINES;
    for (a, b, within) in
        [(0, 1, between), (1, 2, between), (0, 2, between), (2, 3, between), (0, 4, tolerance::SPAN_LANES_F64)]
    {
        let (spans, outcomes, worst) = differences(&maps[a].1, &maps[b].1, within);
        println!("{} against {}: {worst:e}", maps[a].0, maps[b].0);
        assert_eq!((spans, outcomes), (0, 0), "{} against {}: {worst:e}", maps[a].0, maps[b].0);
    }
    // The negative control: a span moved by more than the tolerance and an outcome turned far from the boundary are seen.
    let mut bad = Map { columns: 64, results: maps[0].1.results.clone() };
    let (quiet, loud) = (63 * 64, 20 * 64 + 63);
    assert_eq!((bad.results[quiet].outcome, bad.results[loud].outcome), (Outcome::Steady, Outcome::Oscillating));
    bad.results[quiet].outcome = Outcome::Unsettled;
    bad.results[loud].span += 1e-4;
    let (spans, outcomes, _) = differences(&maps[0].1, &bad, tolerance::SPAN_BETWEEN_ENGINES);
    assert_eq!((spans, outcomes), (1, 1));
}

#[test]
fn half_precision_tables_cost_what_they_say() {
    let batch = fig_6a(32);
    let halves = Batch { tables: common::tables(Format::Rgba16Float), ..batch.clone() };
    let full = common::engine_results(&shader_engine(Format::Rgba32Float), &batch);
    let half = common::engine_results(&shader_engine(Format::Rgba16Float), &halves);
    let twin = common::engine_results(&Cpu::new(Precision::F32), &halves);
    let both = |a: &[CellResult], b: &[CellResult]| {
        a.iter()
            .zip(b)
            .filter(|(x, y)| x.outcome.is_settled() && x.outcome == y.outcome)
            .map(|(x, y)| (x.span - y.span).abs())
            .fold(0.0, f64::max)
    };
    // Cells whose outcomes differ are no business of the spans; there are few, and all lie at the boundary.
    let differ = |a: &[CellResult], b: &[CellResult]| -> Vec<usize> {
        let settled = |i: &usize| a[*i].outcome.is_settled() && b[*i].outcome.is_settled();
        (0..a.len()).filter(settled).filter(|i| a[*i].outcome != b[*i].outcome).collect()
    };
    let map = Map { columns: 32, results: full.clone() };
    let (of_half, of_twin) = (differ(&full, &half), differ(&half, &twin));
    println!("outcomes differ at {of_half:?} and {of_twin:?}");
    assert!(of_half.len() <= 8 && of_half.iter().all(|i| map.near_boundary(*i)), "{of_half:?}");
    assert!(of_twin.len() <= 2 && of_twin.iter().all(|i| map.near_boundary(*i)), "{of_twin:?}");
    println!("half against full {:e}, shader against twin {:e}", both(&full, &half), both(&half, &twin));
    assert!(both(&full, &half) < tolerance::SPAN_HALF_TABLE && both(&full, &half) > 1e-7);
    assert!(both(&half, &twin) < tolerance::SPAN_BETWEEN_ENGINES);
}

#[test]
fn poison_ends_as_diverged_and_denormals_do_not() {
    let mut batch = fig_6a(4);
    let sound = Cell { limits: RunLimits { first_peaks: 5, look_steps: 300, max_steps: 6000 }, ..batch.cells[15] };
    let with = |change: fn(&mut Cell)| {
        let mut cell = sound;
        change(&mut cell);
        cell
    };
    batch.cells = vec![
        sound,
        with(|c| c.parameters.v_n = f64::NAN),
        with(|c| c.parameters.gamma = f64::INFINITY),
        with(|c| c.start.v = f64::NEG_INFINITY),
        with(|c| c.start.x = f64::NAN),
        with(|c| c.parameters.r_n = 1e30),
        with(|c| c.start.v = 1e-40),
        with(|c| c.start.x = -1e-40),
    ];
    for (name, engine) in engines() {
        let outcomes: Vec<_> = results(engine.as_ref(), &batch).iter().map(|a| a.outcome).collect();
        assert!(outcomes[1..6].iter().all(|o| *o == Outcome::Diverged), "{name}: {outcomes:?}");
        assert!([0, 6, 7].iter().all(|i| outcomes[*i].is_settled()), "{name}: {outcomes:?}");
    }
}

#[test]
fn each_geometry_gets_its_own_table() {
    let mut batch = fig_6a(4);
    // One that oscillates.
    let cell = batch.cells[7];
    batch.clear();
    for (i, (l, lambda)) in [(0.5, 0.13), (0.45, 0.13), (0.5, 0.3), (0.6, 0.05)].into_iter().enumerate() {
        let p = Parameters { l, lambda, ..cell.parameters };
        let regions = Theory::prepared_for(&p).at(&p).regions;
        batch.push(Cell { parameters: p, ..cell }, &regions, i as u32);
        batch.tables.push(Tables::new(l, lambda, Format::Rgba32Float).into());
    }
    let all: Vec<Vec<CellResult>> = engines().into_iter().map(|(_, e)| results(e.as_ref(), &batch)).collect();
    for (i, single) in batch.cells.iter().enumerate() {
        let mut alone = Batch { tables: vec![batch.tables[i].clone()], ..Batch::default() };
        alone.push(*single, batch.regions_of(single), 0);
        let expected = Cpu::new(Precision::F64).run(&alone, &Default::default()).unwrap()[0];
        println!("{:?} span {} mean {}", expected.outcome, expected.span, expected.v_mean);
        for results in &all {
            assert_eq!(results[i].outcome, expected.outcome);
            assert!((results[i].v_mean - expected.v_mean).abs() < tolerance::SPAN_F32);
            assert!(
                (results[i].span - expected.span).abs() < tolerance::SPAN_F32,
                "{} {}",
                results[i].span,
                expected.span
            );
        }
    }
    assert!(all[0].iter().filter(|a| a.outcome == Outcome::Oscillating).count() >= 2, "spans to compare");
    assert!((all[0][0].span - all[0][2].span).abs() > 1e-3, "{:?}", all[0]);
    assert!((all[0][0].v_mean - all[0][2].v_mean).abs() > 1e-3, "the geometries differ");
}

#[test]
fn slow_relaxation_never_passes_for_a_verdict_in_single_precision() {
    // V_n = 2, R_n = 6: the equilibrium is unstable for every Gamma below 0.6544, so no cell is steady; and the settled spans of
    // these cells are far below the pulses that f32 repeats in front of them.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.h5");
    let axes = ["--grid", "alpha=1e-8,1e-6,0.004126,0.005676,0.01,0.0148,0.0203,0.0279", "--grid", "Gamma=0.1,0.4,0.6"];
    let adapter = common::adapter();
    for precision in [
        &["--engine", "cpu"][..],
        &["--engine", "cpu", "--precision", "f64"],
        &["--engine", "gpu", "--adapter", &adapter],
    ] {
        let mut command = common::hopfmap();
        command
            .arg("sweep")
            .args(axes)
            .args(["--set", "V_n=2", "--set", "R_n=6", "--audit", "off", "--force", "-o"])
            .arg(&path)
            .args(precision);
        command.assert().success();
        let map = hopfmap::store::MapFile::open(&path).unwrap();
        let (outcomes, spans) = (map.cut("outcome", &[None, None]).unwrap(), map.cut("span", &[None, None]).unwrap());
        println!("{precision:?}: {outcomes:?} {spans:?}");
        // Those of alpha = 0.01 and above relax within the time that a cell is given.
        let settled = outcomes.iter().filter(|o| **o == f64::from(Outcome::Oscillating as u8)).count();
        assert!(settled >= 18, "{precision:?}: {settled} of 24 settled");
        for (outcome, span) in outcomes.iter().zip(&spans) {
            assert_ne!(*outcome, f64::from(Outcome::Steady as u8), "{precision:?}");
            assert!(*outcome != f64::from(Outcome::Oscillating as u8) || *span < 0.02, "{precision:?}: span {span}");
        }
    }
}

#[test]
fn strong_drives_are_integrated_with_a_step_that_holds_them() {
    let toml = "grid = ['V_n=50:3000:8']\nt-max = 100.0\nwindow = 10.0\n[set]\nR_n = 6.0\nGamma = 0.5\n";
    let batch = batch_of_plan(&common::plan(toml));
    for (name, engine) in engines() {
        let all = results(engine.as_ref(), &batch);
        assert!(
            all.iter().all(|a| a.outcome == Outcome::Steady),
            "{name}: {:?}",
            all.iter().map(|a| a.outcome).collect::<Vec<_>>()
        );
    }
}
