//! The pieces that speed is made of: derivative, look-up, step, a slice of an engine, statics, writer.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench is no interface, and stops where it cannot run"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hopfmap::benchmark::workloads::{fig6a, w1};
use hopfmap::bifurcation::{IvCurve, equilibria_on, trapping_region};
use hopfmap::engine::{Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::neuron::Neuron;
use hopfmap::kernel::{piece, rk4};
use hopfmap::model::{F00Jets, Parameters, State};
use hopfmap::plan::{Plan, Request, Theory};
use hopfmap::results::{CellResult, Outcome};
use hopfmap::store::{Part, Parts};
use hopfmap::sweep::PlanFile;
use std::hint::black_box;
use std::sync::Arc;

fn pieces(c: &mut Criterion) {
    let p = Parameters::at(2.0, 6.0, 0.1);
    let tables = Tables::new(p.l, p.lambda, Default::default());
    let state = State { x: 0.01, y: 0.02, z: 0.9, v: 0.4 };
    let narrow = State { x: 0.01_f32, y: 0.02, z: 0.9, v: 0.4 };
    let double = Neuron::at(&p, &state, &tables.double);
    let q = p.map(|v| v as f32);
    let single = Neuron::at(&q, &narrow, &tables.single);
    c.bench_function("look-up f64", |b| b.iter(|| tables.double.look_up(black_box(0.7))));
    c.bench_function("look-up f32", |b| b.iter(|| tables.single.look_up(black_box(0.7))));
    c.bench_function("derivative f64", |b| b.iter(|| double.derivative(black_box(&state))));
    c.bench_function("derivative f32", |b| b.iter(|| single.derivative(black_box(&narrow))));
    let k1 = double.derivative(&state);
    c.bench_function("step f64", |b| b.iter(|| rk4::step(&double, black_box(&state), &k1, 0.01)));
    let k1 = single.derivative(&narrow);
    c.bench_function("step f32", |b| b.iter(|| rk4::step(&single, black_box(&narrow), &k1, 0.02)));
    let k1 = double.derivative(&state);
    c.bench_function("careful step f64", |b| {
        b.iter(|| piece::step_across_pieces(&p, [0.0; 2], black_box(&state), &k1, 0.01, &tables.double));
    });
    c.bench_function("tables", |b| b.iter(|| Tables::new(black_box(0.5), 0.13, Default::default())));

    // A slice: 4096 cells for 512 steps.
    let slice = w1(64, 512).unwrap();
    let mut group = c.benchmark_group("slice");
    group.throughput(Throughput::Elements(4096 * 512));
    for (name, one_by_one) in [("in lanes", false), ("one by one", true)] {
        let engine = Cpu { precision: Precision::F32, one_by_one };
        group.bench_function(name, |b| b.iter(|| engine.run(&slice, &Progress::default()).unwrap()));
    }
    group.finish();

    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    let curve = IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t);
    c.bench_function("equilibria", |b| b.iter(|| equilibria_on(black_box(&p), &curve, &profile)));
    let quiet = equilibria_on(&Parameters::at(2.0, 2.0, 1.0), &curve, &profile)[0];
    let at = Parameters::at(2.0, 2.0, 1.0);
    c.bench_function("region", |b| b.iter(|| trapping_region(black_box(&quiet), &at, &profile)));

    // All that is done for a cell before its first step, by axes that equilibria depend on and do not depend on.
    let mut group = c.benchmark_group("prepare");
    group.throughput(Throughput::Elements(128 * 128)).sample_size(20);
    for (name, axes) in [
        ("Gamma, Z_T", "grid = ['Gamma=0.02:1:128', 'Z_T=0:1:128']\n[set]\nV_n = 2\nR_n = 6\n"),
        ("alpha, Gamma", "grid = ['alpha=0.05:2:128', 'Gamma=0.02:1:128']\n[set]\nV_n = 2\nR_n = 6\n"),
        ("V_n, R_n", "grid = ['V_n=0:8:128', 'R_n=1:16:128']\n[set]\nGamma = 0.1\n"),
    ] {
        let plan = Plan::new(Request::from_toml(axes).unwrap()).unwrap();
        group.bench_function(name, |b| {
            b.iter(|| {
                let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
                let mut theory = Theory::default();
                theory.prepare(&points);
                points.iter().map(|p| plan.prepare(p, &theory).len()).sum::<usize>()
            });
        });
    }
    group.finish();

    // A part of 65,536 cells, with all columns, to the disk and synced.
    let plan = fig6a(256, "engine = 'cpu'").unwrap();
    let plan_file = PlanFile::new(&plan, hopfmap::engine::EngineKind::Cpu);
    let (specs, folder) = (plan_file.part_specs(&plan).unwrap(), tempfile::tempdir().unwrap());
    let parts = Parts::beside_output(&folder.path().join("map.h5"));
    parts.open_or_create(&plan_file.text().unwrap()).unwrap();
    let head = specs.get(0);
    // Numbers whose last digits are noise, as those of a map.
    let result = |i: u64| {
        let noise = |n: u64| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(n) >> 40) as f64 * 6e-8;
        let number = |n: u64, size: f64| size * (1e-4 * i as f64).sin() + 1e-4 * noise(n);
        CellResult {
            span: number(3, 0.1),
            v_min: number(5, 0.2),
            v_max: number(7, 0.3),
            v_mean: number(9, 0.4),
            period: 6.0 + number(11, 1.0),
            span_error: 1e-6 * noise(13),
            settle_time: 100.0 + number(15, 50.0),
            multiplier: number(17, 0.9),
            maxima: 1.0,
            ..CellResult::without_numbers(Outcome::Oscillating)
        }
    };
    let part = Part {
        results: vec![(0..head.place.cells).map(result).collect()],
        engine: Default::default(),
        neuron_steps: 0,
        largest_steps: 0,
        table_error: 0.0,
        audit: Vec::new(),
        optional: vec![Vec::new()],
    };
    let mut group = c.benchmark_group("writer");
    group.throughput(Throughput::Elements(head.place.cells)).sample_size(20);
    group.bench_function("part", |b| b.iter(|| parts.write(&head, &part).unwrap()));
    group.finish();
}

criterion_group!(benches, pieces);
criterion_main!(benches);
