//! Does every motion get a name in regions far from the paper's, with neurons drawn at random.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use hopfmap::Parameters;
use hopfmap::engine::{Batch, Cpu, Precision, Tables};
use hopfmap::plan::{Plan, Request, Theory};
use hopfmap::results::{CellResult, Outcome};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number between two, from the generator.
type Draw<'a> = &'a mut dyn FnMut(f64, f64) -> f64;
/// A name and a neuron drawn at random.
type Region = (&'static str, fn(Draw<'_>) -> Parameters<f64>);
/// Regions: near the paper's neurons; of middling, slow, strong and sharp ones.
const REGIONS: [Region; 5] = [
    ("near", |u| drawn(u, [0.0, 8.0], [1.0, 16.0], [7.0, 7.0], [0.8, 0.8], [0.5, 0.5], [0.26, 0.26])),
    ("mid", |u| {
        let lambda = u(0.03, 0.6);
        let p = drawn(u, [0.0, 10.0], [0.5, 50.0], [1.0, 10.0], [0.0, 1.6], [0.1, 1.5], [0.1, 0.1]);
        Parameters { lambda, ..p }
    }),
    ("slow", |u| drawn(u, [0.0, 10.0], [5.0, 200.0], [0.05, 2.0], [0.4, 1.4], [0.3, 0.8], [0.1, 0.4])),
    ("strong", |u| drawn(u, [0.0, 30.0], [20.0, 500.0], [1.0, 10.0], [0.4, 1.6], [0.2, 0.8], [0.05, 0.4])),
    ("sharp", |u| drawn(u, [0.0, 20.0], [20.0, 200.0], [1.0, 8.0], [0.8, 1.6], [0.2, 0.6], [0.05, 0.15])),
];

/// A neuron with Gamma from 0.01 to 1, logarithmically, alpha from 0.2 to 2 and Z_T from 0.2 to 1; `ratio` is lambda/l.
fn drawn(
    u: Draw<'_>,
    v_n: [f64; 2],
    r_n: [f64; 2],
    omega: [f64; 2],
    x_0: [f64; 2],
    l: [f64; 2],
    ratio: [f64; 2],
) -> Parameters<f64> {
    let mut of = |[a, b]: [f64; 2]| u(a, b);
    let l = of(l);
    let (gamma, alpha, z_t) = (10_f64.powf(of([-2.0, 0.0])), of([0.2, 2.0]), of([0.2, 1.0]));
    let (v_n, r_n, omega, x_0, lambda) = (of(v_n), of(r_n), of(omega), of(x_0), l * of(ratio));
    Parameters { v_n, r_n, gamma, alpha, z_t, omega, x_0, l, lambda }
}

#[test]
fn hardly_a_neuron_is_left_without_a_name() {
    let each: usize = std::env::var("HOPFMAP_RANDOM_NEURONS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let toml = "grid = ['V_n=1,2']\n[set]\nR_n = 1\nGamma = 1\n";
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    let (mut unsettled, mut all) = (0, 0);
    for (number, (name, region)) in (0..).zip(REGIONS) {
        let mut generator = Pcg64::seed_from_u64(number);
        let mut u = |a: f64, b: f64| a + (b - a) * ((generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0);
        let mut batch = Batch::default();
        for _ in 0..each {
            let p = region(&mut u);
            let ready = plan.prepare(&p, &Theory::prepared_for(&p)).swap_remove(0).cell().unwrap();
            batch.tables.push(Arc::new(Tables::new(p.l, p.lambda, Default::default())));
            batch.push(ready.cell, &ready.regions, batch.tables.len() as u32 - 1);
        }
        let found: Vec<CellResult> = common::named_results(&Cpu::new(Precision::F32), &batch);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        found.iter().for_each(|r| *counts.entry(r.outcome.name()).or_default() += 1);
        println!("{name}: {counts:?}");
        for (cell, _) in batch.cells.iter().zip(&found).filter(|(_, r)| r.outcome == Outcome::Unsettled) {
            println!("    unsettled: {:?}", cell.parameters);
        }
        let settled = found.iter().filter(|r| r.outcome.is_settled()).count();
        assert!(found.iter().all(|r| r.outcome != Outcome::Diverged), "{name}");
        (unsettled, all) = (unsettled + found.len() - settled, all + found.len());
        assert!(counts.len() > 1, "{name}: {counts:?}");
    }
    // 0.1 %, or one of a few.
    assert!(unsettled as f64 <= (1e-3 * all as f64).max(1.0), "{unsettled} of {all}");
}
