//! What waiting until it is settled saves: Fig. 6b's plane by the settled rule and by a fixed time, 30/(alpha Gamma) + 500.
//!
//! Counts neuron-steps rather than seconds, so its figures repeat to the digit: `cargo bench --bench settled`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench is no interface, and stops where it cannot run"
)]

use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::run::RunLimits;
use hopfmap::plan::{Plan, Prepared, PreparedCell, Request, Theory};
use hopfmap::results::{CellResult, Outcome};
use std::time::Instant;

const SIDE: u32 = 64;
/// Time over which a fixed-time run takes its span.
const LAST: f64 = 200.0;
/// Spans farther apart than this are not the same.
const APART: f64 = 2e-5;

/// All cells at once; their results, the steps they took, and the seconds.
fn run(batch: &Batch) -> (Vec<CellResult>, u64, f64) {
    let (progress, begun) = (Progress::default(), Instant::now());
    let results = Cpu::new(Precision::F32).run(batch, &progress).unwrap();
    (results, progress.read().steps, begun.elapsed().as_secs_f64())
}

fn main() {
    let toml = format!("grid = ['Gamma=0.02:1:{SIDE}', 'alpha=0.05:2:{SIDE}']\n[set]\nV_n = 2.0\nR_n = 6.0\n");
    let plan = Plan::new(Request::from_toml(&toml).unwrap()).unwrap();
    let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    let empty = || Batch { tables: vec![Tables::new(0.5, 0.13, Default::default()).into()], ..Batch::default() };
    let (mut settled, mut fixed) = (empty(), empty());
    for PreparedCell { cell, regions } in
        points.iter().flat_map(|p| plan.prepare(p, &theory)).filter_map(Prepared::cell)
    {
        settled.push(cell, &regions, 0);
        // No trapping regions to come to rest in, no turns to count: nothing ends it but time.
        let p = &cell.parameters;
        let window_steps = (LAST / cell.dt).round() as u32;
        let windows = ((30.0 / (p.alpha * p.gamma) + 500.0) / LAST).ceil() as u32;
        let cadence = RunLimits { first_peaks: u32::MAX, look_steps: window_steps, max_steps: windows * window_steps };
        fixed.push(Cell { limits: cadence, ..cell }, &[], 0);
    }
    let (by_rule, steps, seconds) = run(&settled);
    let (by_time, fixed_steps, fixed_seconds) = run(&fixed);
    let unsettled = by_rule.iter().filter(|a| a.outcome == Outcome::Unsettled).count();
    let off: Vec<(f64, usize)> = by_rule
        .iter()
        .zip(&by_time)
        .enumerate()
        .filter(|(_, (a, _))| a.outcome.is_settled())
        .map(|(i, (a, b))| ((a.span - b.span).abs(), i))
        .collect();
    println!("Fig. 6b's plane, {SIDE} x {SIDE}, alpha from 0.05, engine cpu in f32");
    println!("  settled rule: {:.1} M neuron-steps, {seconds:.2} s, {unsettled} cells unsettled", steps as f64 / 1e6);
    println!("  fixed time:   {:.1} M neuron-steps, {fixed_seconds:.2} s", fixed_steps as f64 / 1e6);
    println!("  part of the steps: {:.3}", steps as f64 / fixed_steps as f64);
    let apart: Vec<_> = off.into_iter().filter(|o| o.0 > APART).collect();
    println!("  spans more than {APART:.0e} apart: {} of {}", apart.len(), by_rule.len());
    // Who is right there? The fixed time again, ten times as long.
    let (mut longer, mut slowest) = (empty(), 0.0_f64);
    for (_, i) in &apart {
        let cell = fixed.cells[*i];
        slowest = slowest.max(theory.at(&cell.parameters).slowest);
        longer.push(
            Cell { limits: RunLimits { max_steps: 10 * cell.limits.max_steps, ..cell.limits }, ..cell },
            &[],
            0,
        );
    }
    let (after, _, _) = run(&longer);
    let still = apart.iter().zip(&after).filter(|((_, i), a)| (a.span - by_rule[*i].span).abs() > APART).count();
    println!("  of these, after ten times the fixed time: {still}; all of them have |Re mu| of {slowest:.1e} or less");
}
