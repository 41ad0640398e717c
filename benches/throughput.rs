//! W1, the yardstick: 64 × 64 cells of Fig. 6a's plane, 11,000 RK4 steps each, no early exit, on every engine here.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench is no interface, and stops where it cannot run"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hopfmap::benchmark::workloads::{W1_SIDE, W1_STEPS, w1};
use hopfmap::engine::gpu::{AdapterFilter, Gpu};
use hopfmap::engine::{Cpu, Engine, Precision, Progress};
use std::time::Duration;

fn measure(c: &mut Criterion) {
    let batch = w1(W1_SIDE, W1_STEPS).unwrap();
    let mut engines: Vec<(String, Box<dyn Engine>)> = vec![
        ("cpu f32".into(), Box::new(Cpu::new(Precision::F32))),
        ("cpu f64".into(), Box::new(Cpu::new(Precision::F64))),
    ];
    for pick in [AdapterFilter::Hardware, AdapterFilter::Fallback] {
        if let Ok(gpu) = Gpu::open(&pick, Default::default()) {
            engines.push((format!("gpu {}", gpu.adapter().name), Box::new(gpu)));
        }
    }
    let mut group = c.benchmark_group("w1");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(batch.cells.len() as u64 * u64::from(W1_STEPS)));
    for (name, engine) in &engines {
        group.bench_function(name, |b| b.iter(|| engine.run(&batch, &Progress::default()).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
