//! How large may dt be? The reference cells in f64 with steps of so many times the rule's: `cargo bench --bench largest_step`.
//!
//! The settled rule is kept, with its windows and blur as the step makes them, so that RK4's error and the watch's is all that grows.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a bench is no interface")]

use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::model::{Parameters, State};
use hopfmap::plan::{Plan, PreparedCell, Request, Theory, timing};

/// Steps that are tried, as parts of the rule for f32.
const PARTS: [f64; 8] = [0.5, 0.75, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0];

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/reference_cells.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<Vec<f64>> =
        reader.records().map(|r| r.unwrap().iter().map(|t| t.parse().unwrap()).collect()).collect();
    let point = |n: &[f64]| Parameters {
        v_n: n[0],
        r_n: n[1],
        gamma: n[2],
        alpha: n[3],
        z_t: n[4],
        omega: n[5],
        ..Parameters::at(n[0], n[1], n[2])
    };
    let plan = Plan::new(Request::from_toml("grid = ['V_n=1']\n[set]\nR_n = 1.0\nGamma = 0.1\n").unwrap()).unwrap();
    let points: Vec<_> = rows.iter().map(|n| point(n)).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    println!(
        "| dt over the rule's | worst span error | cells beyond 1e-5 | cells without an outcome |\n| --- | --- | --- | --- |"
    );
    for part in PARTS {
        let tables = vec![Tables::new(0.5, 0.13, Default::default()).into()];
        let mut batch = Batch { tables, ..Batch::default() };
        for (n, p) in rows.iter().zip(&points) {
            let PreparedCell { cell, regions } = plan.prepare(p, &theory).swap_remove(0).cell().unwrap();
            let dt = part * cell.dt;
            let times = timing::TimeOverrides::default();
            let cadence = timing::run_limits(times.of(p, theory.at(p).slowest), dt, &times);
            let start = State { x: n[6], y: n[7], z: n[8], v: n[9] };
            batch.push(
                Cell { dt, start, peak_error: timing::peak_error(p.omega.hypot(p.gamma), dt), limits: cadence, ..cell },
                &regions,
                0,
            );
        }
        let results = Cpu::new(Precision::F64).run(&batch, &Progress::default()).unwrap();
        let settled: Vec<_> = results.iter().zip(&rows).filter(|(a, _)| a.outcome.is_settled()).collect();
        let errors: Vec<f64> = settled.iter().map(|(a, n)| (a.span - n[10]).abs()).collect();
        let worst = errors.iter().fold(0.0_f64, |m, e| m.max(*e));
        let beyond = errors.iter().filter(|e| **e > 1e-5).count();
        println!("| {part} | {worst:.1e} | {beyond} | {} |", rows.len() - settled.len());
    }
}
