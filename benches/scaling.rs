//! How time grows with cells, with cores, and with the time integrated: `cargo bench --bench scaling`. Medians of five, in one run.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a bench is no interface")]

use hopfmap::benchmark::workloads::w1;
use hopfmap::engine::{Cpu, Engine, Precision, Progress};
use std::time::Instant;

/// Seconds: the median of five runs on so many threads.
fn seconds(side: u32, steps: u32, threads: usize) -> f64 {
    let batch = w1(side, steps).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut all: Vec<f64> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            pool.install(|| Cpu::new(Precision::F32).run(&batch, &Progress::default())).unwrap();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[2]
}

fn main() {
    let threads = rayon::current_num_threads();
    println!("cpu f32, {threads} threads, W1's plane; M neuron-steps/s should not depend on what grows\n");
    let table = |what: &str, rows: Vec<(String, f64, f64)>| {
        println!("| {what} | s | M neuron-steps/s |\n| --- | --- | --- |");
        rows.iter().for_each(|(name, time, work)| println!("| {name} | {time:.4} | {:.1} |", work / time / 1e6));
        println!();
    };
    let work = |side: u32, steps: u32| f64::from(side) * f64::from(side) * f64::from(steps);
    let sides = [32, 64, 128, 256, 512, 1024, 2048];
    table(
        "cells, 550 steps each",
        sides.map(|n| (format!("{}", n * n), seconds(n, 550, threads), work(n, 550))).to_vec(),
    );
    let steps = [1_100, 2_200, 5_500, 11_000, 22_000, 44_000];
    table("steps, 4096 cells", steps.map(|n| (n.to_string(), seconds(64, n, threads), work(64, n))).to_vec());
    let cores = (1..=threads).map(|n| (n.to_string(), seconds(64, 11_000, n), work(64, 11_000)));
    table("threads, W1", cores.collect());
}
