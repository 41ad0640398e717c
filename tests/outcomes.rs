//! Can the map be trusted: slow cells, hidden attractors, every cut of the work, and the audit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{batch_of_plan, engines, hopfmap, plan, precision_of, results, tolerance};
use hopfmap::audit::{curves_of, side};
use hopfmap::bifurcation::CurveKind;
use hopfmap::engine::{Batch, Cpu, Engine, Precision};
use hopfmap::plan::{Plan, PreparedCell};
use hopfmap::results::{Attractors, CellResult, Outcome};
use hopfmap::store::MapFile;
use std::path::{Path, PathBuf};

/// (Gamma, alpha, settled span, how exactly it is known) at V_n = 2, R_n = 6, Z_T = 1: pulses come first, and the settled span long after.
/// Made with independent f64 code, integrated to t = 30/(alpha Gamma) + 500 and half as long again.
const SLOW: [(f64, f64, f64, f64); 5] = [
    (0.01, 1.0, 0.0262, 1e-4),
    (0.02, 0.05, 0.00823, 5e-5),
    (0.02, 0.02, 0.0052, 1e-4),
    (0.1, 0.01, 0.00775, 5e-5),
    (0.02, 2.0, 0.0520, 1e-4),
];

#[test]
fn slow_cells_are_waited_for() {
    for (name, engine) in engines() {
        for (gamma, alpha, span, within) in SLOW {
            let toml = format!(
                "grid = ['Gamma={gamma}']\nprecision = '{}'\n[set]\nalpha = {alpha:?}\nV_n = 2.0\nR_n = 6.0\n",
                precision_of(name)
            );
            let result = results(engine.as_ref(), &batch_of_plan(&plan(&toml)))[0];
            println!(
                "{name} Gamma {gamma} alpha {alpha}: {:?} {:.6} +- {:.1e} at t = {:.0}",
                result.outcome, result.span, result.span_error, result.settle_time
            );
            assert_eq!(result.outcome, Outcome::Oscillating, "{name} {gamma} {alpha}");
            assert!((result.span - span).abs() <= within, "{name} {gamma} {alpha}: {}", result.span);
        }
    }
}

/// The attractors of every cell of a plan with `start = 'equilibria'`, by an engine.
fn attractors(plan: &Plan, engine: &dyn Engine) -> Vec<Attractors> {
    assert_eq!(plan.starts(), 3);
    let cells: Vec<_> =
        (0..plan.grid.cells()).map(|i| (0..3).filter_map(|s| plan.single(i, s).cell()).collect::<Vec<_>>()).collect();
    let mut batch = Batch { tables: common::tables(plan.request.table_format), ..Batch::default() };
    for PreparedCell { cell, regions } in cells.iter().flatten() {
        batch.push(*cell, regions, 0);
    }
    let mut all = results(engine, &batch).into_iter();
    cells.iter().map(|c| Attractors::of(&all.by_ref().take(c.len()).collect::<Vec<_>>())).collect()
}

#[test]
fn a_hidden_cycle_is_found_beside_the_quiet_state() {
    let toml = "grid = ['V_n=7']\nstart = 'equilibria'\n[set]\nR_n = 16.0\nGamma = 0.1\n";
    for (name, engine) in engines() {
        let plan = plan(&toml.replace("[set]", &format!("precision = '{}'\n[set]", precision_of(name))));
        let found = attractors(&plan, engine.as_ref())[0];
        println!("{name}: {found:?}");
        assert_eq!((found.count, found.coexist), (Some(2), Some(true)), "{name}");
        assert!((found.largest_span - 0.0349).abs() < 1e-4, "{name}: {found:?}");
        // From rest it overshoots to the quiet branch at V = 7.
        let rest = common::plan(&toml.replace("equilibria", "rest"));
        let quiet = results(engine.as_ref(), &batch_of_plan(&rest))[0];
        assert_eq!(quiet.outcome, Outcome::Steady, "{name}");
        assert!((quiet.v_mean - 7.0).abs() < 1e-3, "{name}: {quiet:?}");
    }
}

#[test]
fn the_region_of_existence_ends_at_the_hopf_curve() {
    const N: usize = 96;
    let toml = |start: &str| format!("grid = ['R_n=0:16:{N}', 'V_n=0:9:{N}']\nstart = '{start}'\n[set]\nGamma = 0.1\n");
    let plan = plan(&toml("equilibria"));
    let engine = Cpu::new(Precision::F32);
    let found = attractors(&plan, &engine);
    let cycle = |i: usize| found[i].largest_span > 0.0;
    // Where theory has an unstable focus, there is a cycle about it; the curve that ends it is the Hopf curve.
    let curves = curves_of(&plan).unwrap();
    let (x, y) = (&plan.grid.axes()[1], &plan.grid.axes()[0]);
    assert_eq!([side(x).high, side(y).high], [9.0, 16.0]);
    let points: Vec<[f64; 2]> =
        curves.of(CurveKind::Hopf).flatten().map(|p| [x.position(p.x), y.position(p.y)]).collect();
    let near = |i: usize| {
        let (row, column) = ((i / N) as f64, (i % N) as f64);
        points.iter().any(|p| (p[0] - column).abs() <= 1.0 && (p[1] - row).abs() <= 1.0)
    };
    let inside = |i: usize| {
        let (p, theory) = (plan.parameters(i as u64), hopfmap::plan::Theory::prepared_for(&plan.parameters(i as u64)));
        theory.at(&p).equilibria.iter().any(|e| e.linear.stability() == hopfmap::bifurcation::Stability::UnstableFocus)
    };
    let wrong: Vec<usize> = (0..N * N).filter(|i| !near(*i) && cycle(*i) != inside(*i)).collect();
    let away = (0..N * N).filter(|i| !near(*i)).count();
    let inside_count = (0..N * N).filter(|i| cycle(*i)).count();
    assert!(
        wrong.is_empty(),
        "{} of {away}: {:?}",
        wrong.len(),
        wrong.iter().map(|i| (i / N, i % N, found[*i])).take(5).collect::<Vec<_>>()
    );
    // The negative control: from rest alone, cells with a cycle are missed.
    let rest = results(&engine, &batch_of_plan(&common::plan(&toml("rest"))));
    let missed = (0..N * N).filter(|i| cycle(*i) && rest[*i].outcome == Outcome::Steady).count();
    let coexisting = found.iter().filter(|a| a.coexist == Some(true)).count();
    println!(
        "{inside_count} cells hold a cycle, {coexisting} a quiet state as well; from rest {missed} are missed; {away} lie off the curve"
    );
    assert!(missed > 20, "{missed}");
}

fn bits(a: &CellResult) -> Vec<u64> {
    a.numbers().iter().chain(&a.end).map(|v| v.to_bits()).chain([a.outcome as u64]).collect()
}

#[test]
fn how_the_work_is_cut_does_not_change_a_bit() {
    let batch = batch_of_plan(&plan("grid = ['Gamma=0.05:1:13', 'Z_T=0:1:11']\n[set]\nV_n = 2.0\nR_n = 6.0\n"));
    for (name, engine) in engines() {
        let whole = results(engine.as_ref(), &batch);
        // The cells one after the other in pieces of 7, in reverse order: other batches, other neighbours, other packing, and other
        // lengths of dispatch, which follow the time that the last one took.
        let mut pieces = Vec::new();
        for piece in batch.cells.iter().rev().collect::<Vec<_>>().chunks(7) {
            let mut part = Batch { tables: batch.tables.clone(), ..Batch::default() };
            for cell in piece {
                part.push(**cell, batch.regions_of(cell), 0);
            }
            pieces.extend(results(engine.as_ref(), &part));
        }
        pieces.reverse();
        assert!(whole.iter().zip(&pieces).all(|(a, b)| bits(a) == bits(b)), "{name}");
        // The negative control: neighbours do differ.
        assert_ne!(bits(&whole[60]), bits(&whole[61]));
    }
}

#[test]
fn without_relaxation_nothing_is_integrated() {
    let plan = plan("grid = ['Gamma=0,0.3', 'alpha=0,1']\n[set]\nV_n = 2.0\nR_n = 6.0\n");
    let ready: Vec<Outcome> = (0..4).map(|i| plan.single(i, 0).outcome()).collect();
    use Outcome::{StartDependent, Unsettled};
    assert_eq!(ready, [StartDependent, StartDependent, StartDependent, Unsettled]);
}

/// A map of Fig. 6a's plane with an audit of all its cells.
fn audited(folder: &Path, name: &str, extra: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let mut command = hopfmap();
    command.args(["sweep", "--grid", "Gamma=0.05:1:12", "--grid", "Z_T=0:1:12", "--set", "V_n=2", "--set", "R_n=6"]);
    command.args(["--engine", "cpu", "-q", "-o"]).arg(&path).args(extra).assert().success();
    path
}

#[test]
fn a_map_carries_its_audit_and_can_be_held_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = audited(folder.path(), "a.h5", &["--audit", "144"]);
    let map = MapFile::open(&path).unwrap();
    let number = |name: &str| map.number(name).unwrap_or_else(|| panic!("no attribute {name}"));
    println!(
        "{} checked, {} decided, bound {}",
        number("audit_checked"),
        number("audit_decided"),
        number("audit_flip_rate_bound_95")
    );
    assert_eq!((number("audit_flips"), number("audit_beyond_error")), (0.0, 0.0));
    assert!(number("audit_checked") >= 140.0 && number("audit_decided") >= 0.97 * number("audit_checked"));
    assert!(number("audit_flip_rate_bound_95") < 0.03 && number("audit_span_difference_q100") < tolerance::SPAN_F32);
    assert!(map.text("audit_rule").unwrap().contains("half the step"));
    let report = hopfmap().arg("verify").arg(&path).args(["--cells", "50"]).assert().success();
    assert!(String::from_utf8_lossy(&report.get_output().stdout).contains("the map is confirmed"));
    // Without an audit there is none in the file.
    let bare = MapFile::open(&audited(folder.path(), "b.h5", &["--audit", "off"])).unwrap();
    assert!(bare.number("audit_flips").is_none());
}

#[test]
fn a_map_that_claims_too_much_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let spoilt = |name: &str, change: fn(&mut Vec<f32>, &mut Vec<u8>)| {
        let path = audited(folder.path(), name, &["--audit", "20"]);
        let file = hdf5::File::open_rw(&path).unwrap();
        let (span, outcome) = (file.dataset("span").unwrap(), file.dataset("outcome").unwrap());
        let (mut spans, mut outcomes) = (span.read_raw::<f32>().unwrap(), outcome.read_raw::<u8>().unwrap());
        change(&mut spans, &mut outcomes);
        span.write_raw(&spans).unwrap();
        outcome.write_raw(&outcomes).unwrap();
        drop((span, outcome));
        file.close().unwrap();
        hopfmap().arg("verify").arg(&path).args(["--cells", "100"]).assert().code(1)
    };
    let moved = spoilt("spans.h5", |spans, _| spans.iter_mut().filter(|s| **s > 0.0).for_each(|s| *s += 1e-3));
    assert!(String::from_utf8_lossy(&moved.get_output().stderr).contains("does not hold: "));
    // Cells called quiet that oscillate.
    spoilt("flips.h5", |spans, outcomes| {
        for (s, o) in spans.iter().zip(outcomes).filter(|(s, _)| **s > 0.05) {
            *o = u8::from(*s < 0.0);
        }
    });
}
