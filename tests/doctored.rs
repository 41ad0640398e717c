//! Does the audit's rule find out maps whose results were changed, and confirm sound ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::complex::{Complex, complex};
use common::neurons::{REGIONS, request};
use hopfmap::Parameter::{Alpha, Gamma, Omega, RN, VN, ZT};
use hopfmap::Parameters;
use hopfmap::audit::{Audit, AuditSample, Check, StoredResult};
use hopfmap::engine::{Cpu, Precision};
use hopfmap::plan::Plan;
use hopfmap::results::{CellResult, Outcome};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// A change of one result, and whether it applies there.
type Change = (&'static str, fn(&CellResult) -> bool, fn(&mut CellResult));

const CHANGES: [Change; 6] = [
    (
        "verdicts turned",
        |r| matches!(r.outcome, Outcome::Steady | Outcome::Oscillating),
        |r| {
            let steady = r.outcome == Outcome::Steady;
            r.outcome = if steady { Outcome::Oscillating } else { Outcome::Steady };
        },
    ),
    ("spans moved", |r| r.outcome == Outcome::Oscillating, |r| r.span += 0.01),
    ("periods halved", |r| r.outcome == Outcome::Oscillating, |r| r.period *= 0.5),
    (
        "periods and maxima halved or doubled",
        |r| r.outcome == Outcome::Oscillating,
        |r| {
            let by = if r.maxima > 1.0 { 0.5 } else { 2.0 };
            (r.period, r.maxima) = (by * r.period, by * r.maxima);
        },
    ),
    (
        "kinds renamed",
        |r| r.outcome.moves(),
        |r| {
            r.outcome = match r.outcome {
                Outcome::Chaotic => Outcome::Oscillating,
                Outcome::Oscillating => Outcome::Chaotic,
                _ => Outcome::Steady,
            };
        },
    ),
    ("unsettled written over", |r| r.outcome.is_settled(), |r| *r = CellResult::without_numbers(Outcome::Unsettled)),
];

const TORI: Change = (
    "tori written over cycles of several maxima",
    |r| r.outcome == Outcome::Oscillating && r.maxima > 1.0,
    |r| {
        let CellResult { span, v_min, v_max, v_mean, .. } = *r;
        let torus = CellResult::without_numbers(Outcome::Quasiperiodic);
        *r = CellResult { span, v_min, v_max, v_mean, lyapunov: 0.0, ..torus };
    },
);
const EXPONENTS: Change = ("exponents changed", |r| r.outcome == Outcome::Chaotic, |r| r.lyapunov += 0.2);

/// Number of results of each outcome that there is.
fn counts(results: &[CellResult]) -> Vec<(&'static str, usize)> {
    let count = |o: Outcome| results.iter().filter(|r| r.outcome == o).count();
    Outcome::ALL.map(|o| (o.name(), count(o))).into_iter().filter(|c| c.1 > 0).collect()
}

/// Results of a plan's cells as a sweep has them.
fn results(plan: &Plan) -> Vec<CellResult> {
    common::named_results(&Cpu::new(Precision::F32), &common::batch_of_plan(plan))
}

/// A map and the audit's checks of all its cells, each of which depends on its own cell alone.
struct Map {
    plan: Plan,
    results: Vec<CellResult>,
    checks: BTreeMap<u64, Check>,
}

impl Map {
    fn new(plan: Plan) -> Self {
        assert_eq!(plan.starts(), 1, "other starts are compared with each other");
        let results = results(&plan);
        let all: Vec<u64> = (0..results.len() as u64).collect();
        let checks = checked(&plan, &results, &all).checks.into_iter().map(|check| (check.index, check)).collect();
        Self { plan, results, checks }
    }

    /// What speaks against the results, with 2 % of those to which it applies changed: the audit of the changed ones,
    /// and of the others as they were.
    fn problem(&self, change: Option<&Change>, seed: u64) -> Option<String> {
        let (results, changed) = self.with(change, seed);
        let sample = AuditSample::draw(results.len() as u64, 500, seed);
        let (changed, kept): (Vec<u64>, Vec<u64>) = sample.cells().iter().partition(|i| changed.contains(i));
        let mut checks: Vec<Check> = kept.iter().filter_map(|i| self.checks.get(i)).copied().collect();
        checks.extend(checked(&self.plan, &results, &changed).checks);
        told(&Audit::with(&self.plan, &sample, checks))
    }

    /// The same by an audit of the whole sample.
    fn problem_of_all(&self, change: Option<&Change>, seed: u64) -> Option<String> {
        let (results, _) = self.with(change, seed);
        told(&checked(&self.plan, &results, AuditSample::draw(results.len() as u64, 500, seed).cells()))
    }

    /// The results with some changed, and which these are.
    fn with(&self, change: Option<&Change>, seed: u64) -> (Vec<CellResult>, Vec<u64>) {
        let (mut results, mut changed) = (self.results.clone(), Vec::new());
        if let Some((name, applies, change)) = change {
            let there: Vec<u64> = (0..results.len() as u64).filter(|i| applies(&results[*i as usize])).collect();
            let count = ((results.len() as f64 * 0.02) as u64).max(4);
            let drawn = AuditSample::draw(there.len() as u64, count, seed + 100);
            assert!(drawn.cells().len() >= 4, "{name}");
            changed = drawn.cells().iter().map(|i| there[*i as usize]).collect();
            changed.iter().for_each(|i| change(&mut results[*i as usize]));
        }
        (results, changed)
    }

    /// Asserts that the results hold as they are, and none of the changes is passed, for this seed.
    fn judge<'a>(&self, changes: impl Iterator<Item = &'a Change>, seed: u64) {
        assert_eq!(self.problem(None, seed), None, "{}", self.plan.request.to_toml().unwrap_or_default());
        for change in changes {
            let problem = self.problem(Some(change), seed);
            assert!(
                problem.is_some(),
                "{}, seed {seed}: {}",
                change.0,
                self.plan.request.to_toml().unwrap_or_default()
            );
        }
    }
}

/// The audit of these cells.
fn checked(plan: &Plan, results: &[CellResult], cells: &[u64]) -> Audit {
    let stored =
        |index: &u64| StoredResult { index: *index, start: 0, result: results[*index as usize], asked_for: Vec::new() };
    let claims: Vec<StoredResult> = cells.iter().map(stored).collect();
    let sample = AuditSample::draw(results.len() as u64, 500, 1);
    Audit::run(plan, &sample, &claims, &Default::default()).unwrap()
}

/// What speaks against a map by an audit; the checks that say so are printed.
fn told(audit: &Audit) -> Option<String> {
    let missed =
        audit.checks.iter().filter(|c| c.is_mismatch() || c.has_wrong_number(audit.tolerance) || !c.found.is_settled());
    missed.take(5).for_each(|check| println!("{check:?}"));
    audit.problem()
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn changed_maps_are_found_out_and_sound_ones_hold() {
    for toml in [
        "grid = ['Gamma=0.02:1:22', 'Z_T=0:1:22']\n[set]\nV_n = 2\nR_n = 6\n",
        "grid = ['V_n=0:8:20', 'R_n=1:16:20']\n[set]\nGamma = 0.1\n",
    ] {
        let map = Map::new(common::plan(toml));
        for seed in 0..number("HOPFMAP_SEEDS", 2) {
            map.judge(CHANGES.iter(), seed);
        }
        // An audit of the whole sample says the same.
        for change in [None, Some(&CHANGES[1])] {
            assert_eq!(map.problem_of_all(change, 0), map.problem(change, 0), "{toml}");
        }
    }
}

/// Trains of pulses and chaos; cycles of several maxima.
#[test]
fn complex_maps_are_judged_too() {
    for (toml, outcome, added) in [
        (
            "grid = ['V_n=11:15:14', 'Gamma=0.08:0.15:14']\n[set]\nR_n = 47\nalpha = 1.69\nZ_T = 0.78\nOmega = 4.36\n\
             x_0 = 1.39\nl = 0.345\nlambda = 0.0301\n",
            Outcome::Chaotic,
            EXPONENTS,
        ),
        (
            "grid = ['Gamma=0.165:0.2:12', 'Omega=4.5:4.9:12']\n[set]\nV_n = 10.998\nR_n = 51.58\nalpha = 1.4718\n\
             Z_T = 0.84613\nx_0 = 1.14068\nl = 0.330936\nlambda = 0.0247067\n",
            Outcome::Oscillating,
            TORI,
        ),
    ] {
        let plan = common::plan(toml);
        let map = Map::new(plan);
        println!("{:?}", counts(&map.results));
        assert!(map.results.iter().filter(|r| r.outcome == outcome).count() > 30);
        for seed in 1..=number("HOPFMAP_SEEDS", 1) {
            map.judge(CHANGES.iter().chain([&added]), seed);
            println!("seed {seed}: sound as it is, and every change is seen");
        }
    }
}

/// Planes about neurons drawn at random, near the paper's and far from it.
#[test]
fn sound_maps_of_different_regions_hold() {
    let mut generator = Pcg64::seed_from_u64(21);
    let mut u = |a: f64, b: f64| a + (b - a) * ((generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0);
    let side = number("HOPFMAP_SIDE", 8);
    for n in 0..number("HOPFMAP_SOUND_MAPS", 5) as usize {
        let (name, region) = REGIONS[n % REGIONS.len()];
        let p = region(&mut u);
        let planes = [[VN, RN], [Gamma, VN], [Gamma, ZT], [Omega, RN], [Alpha, VN]];
        let axes = planes[n / REGIONS.len() % planes.len()].map(|axis| {
            let value = p.get(axis);
            format!("{}={:?}:{:?}:{side}", axis.name(), 0.7 * value, if axis == ZT { value } else { 1.3 * value })
        });
        let toml = request(&p, &axes);
        let plan = common::plan(&toml);
        let map = Map::new(plan);
        println!("{name}: {:?} {toml}", counts(&map.results));
        assert_eq!(map.problem(None, n as u64), None, "{toml}");
    }
}

/// Where the last digits of the start decide which attractor the motion comes to, the audit says so.
#[test]
fn cells_in_fractal_basins_are_start_sensitive() {
    let all = complex();
    let rows: Vec<&Complex> = all.iter().filter(|c| c.note.starts_with("C:")).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let Parameters { v_n, r_n, gamma, alpha, z_t, omega, x_0, l, lambda } = row.p;
        let plan = common::plan(&format!(
            "grid = ['V_n={v_n:?}']\n[set]\nR_n = {r_n:?}\nGamma = {gamma:?}\nalpha = {alpha:?}\nZ_T = {z_t:?}\n\
             Omega = {omega:?}\nx_0 = {x_0:?}\nl = {l:?}\nlambda = {lambda:?}\n"
        ));
        let result = results(&plan)[0];
        let sample = AuditSample::draw(1, 1, 1);
        let audit = Audit::run(
            &plan,
            &sample,
            &[StoredResult { index: 0, start: 0, result, asked_for: Vec::new() }],
            &Default::default(),
        );
        let audit = audit.unwrap();
        println!("{:?}", audit.checks);
        assert!(audit.checks[0].is_start_sensitive, "{:?}", audit.checks);
        assert_eq!(audit.problem(), None);
    }
}
