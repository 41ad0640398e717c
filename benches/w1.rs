//! W1, the yardstick: 64 × 64 cells of Fig. 6a's plane, 11,000 RK4 steps each, no early exit, on every engine here.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench is no interface, and stops where it cannot run"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hopfmap::engine::gpu::{Gpu, Pick};
use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::settle::Cadence;
use hopfmap::sweep::{Plan, Ready, Request, Theory};
use std::time::Duration;

const STEPS: u32 = 11_000;

/// One window of all the steps: no cell can settle before its end.
fn w1() -> Batch {
    let toml = "grid = ['Gamma=0.02:1:64', 'Z_T=0:1:64']\ndt = 0.02\n[set]\nV_n = 2.0\nR_n = 6.0\n";
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    let mut batch = Batch { tables: vec![Tables::new(0.5, 0.13, Default::default()).into()], ..Batch::default() };
    let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
    let mut theory = Theory::default();
    theory.cover(&points);
    for (cell, _) in points.iter().flat_map(|p| plan.ready(p, &theory)).filter_map(Ready::cell) {
        batch.push(
            Cell { cadence: Cadence { turns: u32::MAX, window_steps: STEPS, max_steps: STEPS }, ..cell },
            &[],
            0,
        );
    }
    batch
}

fn measure(c: &mut Criterion) {
    let batch = w1();
    let mut engines: Vec<(String, Box<dyn Engine>)> = vec![
        ("cpu f32".into(), Box::new(Cpu::new(Precision::F32))),
        ("cpu f64".into(), Box::new(Cpu::new(Precision::F64))),
    ];
    for pick in [Pick::Hardware, Pick::Fallback] {
        if let Ok(gpu) = Gpu::open(&pick, Default::default()) {
            engines.push((format!("gpu {}", gpu.adapter().name), Box::new(gpu)));
        }
    }
    let mut group = c.benchmark_group("w1");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(batch.cells.len() as u64 * u64::from(STEPS)));
    for (name, engine) in &engines {
        group.bench_function(name, |b| b.iter(|| engine.run(&batch, &Progress::default()).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
