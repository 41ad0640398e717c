//! Time of a branch of cycles on one core.
#![allow(missing_docs, reason = "a bench is no interface")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hopfmap::continuation::diagram;
use hopfmap::model::{Parameter, Parameters};
use std::hint::black_box;

/// The branch of the paper's geometry along V_n, and one along l, for which the conductance changes too.
fn measure(c: &mut Criterion) {
    let mut group = c.benchmark_group("branches");
    group.sample_size(10);
    for (name, parameter, range) in [("along V_n", Parameter::VN, (0.0, 12.0)), ("along l", Parameter::L, (0.3, 0.8))] {
        let p = Parameters::at(2.0, 16.0, 0.1);
        let points =
            diagram(&p, parameter, range, true, &[], false).branches.iter().map(|b| b.points.len()).sum::<usize>();
        group.throughput(Throughput::Elements(points as u64));
        group.bench_function(name, |b| b.iter(|| black_box(diagram(&p, parameter, range, true, &[], false))));
    }
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
