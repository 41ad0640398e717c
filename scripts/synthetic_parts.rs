//! Makes every part of a sweep without integrating anything: to see what planning, cutting and merging cost on grids of any size.
//!
//! `cargo run --release --example synthetic_parts -- REQUEST.toml MAP.h5`, then `hopfmap merge MAP.h5`. The cells hold made-up numbers
//! (an oscillating disc in a steady plane, with noise in the last digits, so that they compress like those of a real map).

use hopfmap::engine::EngineKind;
use hopfmap::grid::unravel;
use hopfmap::plan::{Plan, Request};
use hopfmap::results::{CellResult, Certificate, Outcome};
use hopfmap::store::{Part, PartEngine, Parts};
use hopfmap::sweep::PlanFile;
use rayon::prelude::*;
use std::path::Path;

/// A number between 0 and 1 that looks random, from a cell's index (splitmix64).
fn noise(index: u64) -> f64 {
    let mut z = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// `place` is where the cell lies along each axis, from 0 to 1.
fn result(index: u64, place: &[f64]) -> CellResult {
    let radius = place.iter().map(|x| (x - 0.5) * (x - 0.5)).sum::<f64>().sqrt();
    let inside = 0.4 - radius;
    let outcome = if inside > 0.0 { Outcome::Oscillating } else { Outcome::Steady };
    let span = 0.1 * inside.max(0.0).sqrt() * (1.0 + 1e-4 * noise(index));
    let (mean, period) = (0.9 + 0.1 * radius, if inside > 0.0 { 6.0 + noise(index + 1) } else { f64::NAN });
    let (cycle, missing) = (inside > 0.0, f64::NAN);
    let (multiplier, maxima) = if cycle { (0.9, 1.0) } else { (missing, missing) };
    let (error, time) = (1e-6 * noise(index + 2), 500.0 + 100.0 * radius);
    let (low, high) = (mean - 0.5 * span, mean + 0.5 * span);
    let numbers = [span, low, high, mean, period, error, time, multiplier, maxima, missing, missing];
    let certificate = Some(if cycle { Certificate::Newton } else { Certificate::Ellipsoid });
    CellResult { certificate, ..CellResult::new(numbers, outcome) }
}

fn main() -> hopfmap::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, request, output] = &arguments[..] else {
        eprintln!("usage: synthetic_parts REQUEST.toml MAP.h5");
        std::process::exit(2);
    };
    let plan = Plan::new(Request::from_file(Path::new(request))?)?;
    let plan_file = PlanFile::new(&plan, EngineKind::Gpu);
    let (specs, parts) = (plan_file.part_specs(&plan)?, Parts::beside_output(Path::new(output)));
    parts.open_or_create(&plan_file.text()?)?;
    let shape: Vec<usize> = plan.grid.shape().iter().map(|n| *n as usize).collect();
    for index in 0..specs.count() {
        let head = specs.get(index);
        let one = |i: u64| {
            let index = unravel(&shape, (head.place.first + i) as usize);
            let place = index.iter().zip(&shape).map(|(at, n)| *at as f64 / (n - 1).max(1) as f64);
            result(head.place.first + i, &place.collect::<Vec<_>>())
        };
        let results = vec![(0..head.place.cells).into_par_iter().map(one).collect(); plan.starts()];
        let engine = PartEngine { engine: "synthetic".into(), ..PartEngine::default() };
        let part = Part {
            results,
            engine,
            neuron_steps: 0,
            largest_steps: 0,
            table_error: 0.0,
            audit: Vec::new(),
            optional: vec![Vec::new(); plan.starts()],
        };
        parts.write(&head, &part)?;
    }
    println!("{} parts of {} cells", specs.count(), plan.grid.cells());
    Ok(())
}
