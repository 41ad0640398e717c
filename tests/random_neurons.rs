//! Does every motion get a name in regions far from the paper's, with neurons drawn at random, and does the audit agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::{REGIONS, request};
use hopfmap::Parameters;
use hopfmap::audit::{Audit, AuditSample, StoredResult};
use hopfmap::engine::{Batch, Cpu, Precision, Tables};
use hopfmap::plan::{Plan, Request, Theory};
use hopfmap::results::{CellResult, Outcome};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A batch of these neurons from rest, prepared as a sweep prepares them.
fn batch(neurons: impl IntoIterator<Item = Parameters<f64>>) -> Batch {
    let toml = "grid = ['V_n=1,2']\n[set]\nR_n = 1\nGamma = 1\n";
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    let mut batch = Batch::default();
    for p in neurons {
        let ready = plan.prepare(&p, &Theory::prepared_for(&p)).swap_remove(0).cell().unwrap();
        batch.tables.push(Arc::new(Tables::new(p.l, p.lambda, Default::default())));
        batch.push(ready.cell, &ready.regions, batch.tables.len() as u32 - 1);
    }
    batch
}

#[test]
fn hardly_a_neuron_is_left_without_a_name() {
    let each: usize = std::env::var("HOPFMAP_RANDOM_NEURONS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let (mut unsettled, mut all) = (0, 0);
    let (mut checked, mut wrong, mut off, mut undecided, mut sensitive) = (0, 0, 0, 0, 0);
    for (number, (name, region)) in (0..).zip(REGIONS) {
        let mut generator = Pcg64::seed_from_u64(number);
        let mut u = |a: f64, b: f64| a + (b - a) * ((generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0);
        let batch = batch((0..each).map(|_| region(&mut u)));
        let found: Vec<CellResult> = common::named_results(&Cpu::new(Precision::F32), &batch);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        found.iter().for_each(|r| *counts.entry(r.outcome.name()).or_default() += 1);
        println!("{name}: {counts:?}");
        for (cell, _) in batch.cells.iter().zip(&found).filter(|(_, r)| r.outcome == Outcome::Unsettled) {
            println!("    unsettled: {:?}", cell.parameters);
        }
        let audits: Vec<Audit> = batch.cells.par_iter().zip(&found).map(|(c, r)| audit(&c.parameters, r)).collect();
        for (cell, check) in batch.cells.iter().zip(&audits).flat_map(|(c, a)| a.checks.iter().map(move |k| (c, k))) {
            let p = &cell.parameters;
            checked += 1;
            for (count, problem, what) in [
                (&mut wrong, check.is_mismatch(), "wrong"),
                (&mut off, check.has_wrong_number(audits[0].tolerance), "a wrong number"),
                (&mut undecided, !check.found.is_settled() && !check.is_start_sensitive, "undecided"),
                (&mut sensitive, check.is_start_sensitive, "start-sensitive"),
            ] {
                if problem {
                    *count += 1;
                    println!("    {what}: {p:?} {check:?}");
                }
            }
        }
        let settled = found.iter().filter(|r| r.outcome.is_settled()).count();
        assert!(found.iter().all(|r| r.outcome != Outcome::Diverged), "{name}");
        (unsettled, all) = (unsettled + found.len() - settled, all + found.len());
        assert!(counts.len() > 1, "{name}: {counts:?}");
    }
    println!(
        "{checked} checked: {wrong} wrong, {off} with a wrong number, {undecided} undecided, {sensitive} sensitive"
    );
    assert!(
        wrong == 0
            && off as f64 <= 1e-3 * f64::from(checked)
            && undecided as f64 <= (1e-2 * f64::from(checked)).max(1.0)
    );
    // 0.1 %, or one of a few.
    assert!(unsettled as f64 <= (1e-3 * all as f64).max(1.0), "{unsettled} of {all}");
}

/// Two of 10,000 random neurons: a cycle whose windows open while V rises, and a torus whose tangent grows by a power.
#[test]
fn late_windows_and_slow_tangents_mislead_nobody() {
    let at = |[v_n, r_n, gamma, alpha, z_t, omega, x_0, l, lambda]: [f64; 9]| Parameters {
        v_n,
        r_n,
        gamma,
        alpha,
        z_t,
        omega,
        x_0,
        l,
        lambda,
    };
    let cycle = at([
        6.857303426825931,
        154.1722289599644,
        0.022153984599165455,
        1.6415320805134266,
        0.7401120573147908,
        1.7814893823814884,
        0.802909819805067,
        0.33255424798056005,
        0.07750379186700142,
    ]);
    let torus = at([
        13.039800102883568,
        69.76112340594948,
        0.035714877553429,
        1.31755517801689,
        0.25674727071738107,
        3.4162692362815683,
        1.50223338271056,
        0.4199538195105049,
        0.029359607531628917,
    ]);
    let found = common::named_results(&Cpu::new(Precision::F32), &batch([cycle, torus]));
    assert!(found[0].outcome == Outcome::Oscillating && (found[0].span - 0.2499393).abs() < 1e-6, "{found:?}");
    assert!(found[1].outcome == Outcome::Quasiperiodic && found[1].lyapunov.abs() < 0.005, "{found:?}");
}

/// The audit of one neuron's result.
fn audit(p: &Parameters<f64>, result: &CellResult) -> Audit {
    let plan = common::plan(&request(p, &[format!("V_n={:?}", p.v_n)]));
    let claim = StoredResult { index: 0, start: 0, result: *result, asked_for: Vec::new() };
    Audit::run(&plan, &AuditSample::draw(1, 1, 1), &[claim], &Default::default()).unwrap()
}
