//! Equilibria and eigenvalues per second on one core: what the theory of a map costs.
#![allow(missing_docs, reason = "a bench is no interface")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hopfmap::bifurcation::{IvCurve, equilibria_on};
use hopfmap::model::{F00Jets, Parameters};
use std::hint::black_box;
use std::sync::Arc;

/// Cells of a map in the plane of V_n and R_n, one landscape for all of them, as a sweep has it.
fn measure(c: &mut Criterion) {
    const SIDE: u32 = 64;
    let profile = Arc::new(F00Jets::new(0.5, 0.13));
    let curve = IvCurve::new(profile.clone(), 0.8, 0.5, 1.0);
    let cells: Vec<Parameters<f64>> = (0..SIDE * SIDE)
        .map(|i| {
            Parameters::at(
                9.0 * f64::from(i % SIDE) / f64::from(SIDE),
                16.0 * f64::from(i / SIDE) / f64::from(SIDE),
                0.1,
            )
        })
        .collect();
    let mut group = c.benchmark_group("statics");
    group.throughput(Throughput::Elements(cells.len() as u64));
    group.bench_function("equilibria and eigenvalues", |b| {
        b.iter(|| {
            for p in &cells {
                for e in equilibria_on(p, &curve, &profile) {
                    black_box(e.linear.eigenvalues());
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
