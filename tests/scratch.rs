#![allow(clippy::unwrap_used, missing_docs, clippy::expect_used, clippy::panic)]
mod common;
use common::*;
use hopfmap::engine::*;
use hopfmap::kernel::table::Format;
#[test]
fn rows() {
    let rows = reference_rows();
    for (name, engine) in [("f64", Cpu { precision: Precision::F64 }), ("f32", Cpu { precision: Precision::F32 })] {
        let batch = batch_of(&rows, name, Format::Rgba32Float);
        let p = Progress::default();
        let a = engine.run(&batch, &p).unwrap();
        println!("{name} steps {}", p.read().2);
        let mut t: Vec<_> = rows
            .iter()
            .zip(&a)
            .zip(&batch.cells)
            .map(|((r, a), c)| ((a.span - r.span).abs(), a.span_error, a.settle_time, r, a, c))
            .collect();
        t.sort_by(|x, y| y.0.total_cmp(&x.0));
        for (e, s, time, r, a, c) in t.iter().take(14) {
            println!(
                "{e:.2e} stated {s:.2e} t {time:.0} ag {:.4} dt {:.4} window {:.0} span {:.5} {:?} per {:.3} {:?}",
                r.parameters.alpha * r.parameters.gamma,
                c.dt,
                f64::from(c.cadence.turns),
                r.span,
                a.outcome,
                r.period,
                r.parameters
            );
        }
    }
}
#[test]
fn windows() {
    use hopfmap::kernel::{settle::*, sweep::advance, table::Table};
    use hopfmap::model::*;
    for (vn, prec) in [(2.768846106157829, "f64"), (2.236306818008803, "f64")] {
        let rows: Vec<Row> = reference_rows().into_iter().filter(|r| r.parameters.v_n == vn).collect();
        let batch = batch_of(&rows, prec, Format::Rgba32Float);
        for (row, cell) in rows.iter().zip(&batch.cells) {
            let table = Table::<f64>::new(0.5, 0.13);
            let basins = batch.basins_of(cell);
            let mut run = Run::start(cell.start, cell.parameters.z_t);
            let pace = Pace { dt: cell.dt, cadence: cell.cadence, blur: cell.blur, z_t: cell.parameters.z_t, basins };
            println!("=== {vn} ref {} basins {}", row.span, basins.len());
            let mut last = (0.0, 0.0, 0.0);
            for _ in 0..4_000_000 {
                let before = run;
                let done = advance(&mut run, &cell.parameters, &table, &pace, 1).is_some();
                if done || run.windows != before.windows {
                    let (x, b) = (if done { run.window } else { before.window }, before.base);
                    let _ = (x, b);
                    let t = if done { hopfmap::kernel::section::Turn::latest(&x, cell.dt) } else { run.turn_1 };
                    let (p, tr, z) = (t.peak + run.base, t.trough + run.base, t.z);
                    println!(
                        "{:3} lim-ref {:+.3e} span-ref {:+.3e} dpeak {:+.3e} dtrough {:+.3e} dz {:+.3e} turns {}",
                        run.windows,
                        run.limit.peak - run.limit.trough - row.span,
                        p - tr - row.span,
                        p - last.0,
                        tr - last.1,
                        z - last.2,
                        run.turns
                    );
                    last = (p, tr, z);
                }
                if done {
                    println!("verdict");
                    break;
                }
            }
        }
    }
    let _: Option<State<f64>> = None;
}
#[test]
fn fig6a() {
    let n = 64;
    let make = |p: &str| {
        batch_of_plan(&plan(&format!(
            "grid = ['Gamma=0.02:1:{n}', 'Z_T=0:1:{n}']\nprecision='{p}'\n[set]\nV_n = 2.0\nR_n = 6.0\n"
        )))
    };
    let a = Cpu { precision: Precision::F64 }.run(&make("f32"), &Progress::default()).unwrap();
    let b = Cpu { precision: Precision::F32 }.run(&make("f32"), &Progress::default()).unwrap();
    let c = make("f32").cells;
    for i in 0..a.len() {
        if a[i].outcome != b[i].outcome {
            println!(
                "{:?} {:?} G {:.4} Z {:.4} cadence {:?} {:.3e} {:.3e}",
                a[i].outcome,
                b[i].outcome,
                c[i].parameters.gamma,
                c[i].parameters.z_t,
                c[i].cadence,
                a[i].span,
                b[i].span
            );
        }
    }
    for (n, x) in [("f64", &a), ("f32", &b)] {
        let mut s = [0.0; 6];
        let mut k = [0; 6];
        for (x, c) in x.iter().zip(&c) {
            let o = x.outcome as usize;
            k[o] += 1;
            s[o] += if x.settle_time.is_nan() { f64::from(c.cadence.max_steps) } else { x.settle_time / c.dt }
        }
        println!("{n} {k:?} {:?}", s.map(|s| s / 1e6));
    }
}
#[test]
fn one() {
    use hopfmap::kernel::{settle::*, sweep::advance, table::Table};
    let pl = plan("grid = ['Gamma=0.02:1:64', 'Z_T=0:1:64']\n[set]\nV_n = 2.0\nR_n = 6.0\n");
    for i in [10 * 64 + 47, 17 * 64 + 56] {
        let (cell, basins) = pl.single(i, 0).cell().unwrap();
        println!("=== {:?}", cell);
        let table = Table::<f64>::new(0.5, 0.13);
        let mut run = Run::start(cell.start, cell.parameters.z_t);
        let pace =
            Pace { dt: cell.dt, cadence: cell.cadence, blur: cell.blur, z_t: cell.parameters.z_t, basins: &basins };
        let mut last = (0.0, 0.0, 0.0);
        for _ in 0..4_000_000 {
            let before = run;
            let done = advance(&mut run, &cell.parameters, &table, &pace, 1).is_some();
            if done || run.windows != before.windows {
                let t = run.turn_1;
                let (p, tr, z) = (t.peak + run.base, t.trough + run.base, t.z);
                println!(
                    "{:3} lim {:.8} span {:.8} dpeak {:+.3e} dtrough {:+.3e} dz {:+.3e} turns {} t {}",
                    run.windows,
                    run.limit.peak - run.limit.trough,
                    p - tr,
                    p - last.0,
                    tr - last.1,
                    z - last.2,
                    run.turns,
                    run.steps
                );
                last = (p, tr, z);
            }
            if done {
                println!("verdict");
                break;
            }
        }
    }
}
