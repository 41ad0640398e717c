//! What the integration tests share: tolerances, comparisons, engines, the reference cells.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part, as if it were a library")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]
#![allow(missing_docs, reason = "a test's names are its documentation")]

pub mod boxes;
pub mod complex;
pub mod contents;
pub mod independent;
pub mod kinds;
pub mod made;
pub mod needs;
pub mod neurons;
pub mod runs;
pub mod same;
pub mod schema;
pub mod searches;
pub mod sources;
pub mod sweeps;
pub mod tolerance;
pub mod translated;

use hopfmap::engine::gpu::{AdapterFilter, Gpu};
use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::table::Format;
use hopfmap::model::{Parameters, State};
use hopfmap::plan::{Plan, Prepared, PreparedCell, Request, Theory, name_unsettled, run_in_double, undecided};
use hopfmap::results::{CellResult, Outcome};
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The engines to test, with their names.
pub fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    vec![
        ("cpu f64", Box::new(Cpu::new(Precision::F64))),
        ("cpu f32", Box::new(Cpu::new(Precision::F32))),
        ("gpu", Box::new(shader_engine(Format::Rgba32Float))),
        // The shader's twin to the letter.
        ("cpu f32 one by one", Box::new(Cpu { precision: Precision::F32, one_by_one: true })),
        ("cpu f64 one by one", Box::new(Cpu { precision: Precision::F64, one_by_one: true })),
    ]
}

/// The adapter for the shader's tests, as `--adapter` names it: the software one, unless HOPFMAP_TEST_ADAPTER names another.
pub fn adapter() -> String {
    std::env::var("HOPFMAP_TEST_ADAPTER").unwrap_or("fallback".into())
}

/// The shader on the software adapter, or on the one that HOPFMAP_TEST_ADAPTER names. Without an adapter this fails: a
/// test that skipped the shader would pass for having checked it.
pub fn shader_engine(format: Format) -> Gpu {
    Gpu::open(&AdapterFilter::parse(&adapter()), format).expect("the shader's tests need an adapter: run scripts/setup")
}

pub fn tables(format: Format) -> Vec<Arc<Tables>> {
    vec![Arc::new(Tables::new(0.5, 0.13, format))]
}

/// One row of tests/data/reference_cells.csv.
#[derive(Debug, Clone)]
pub struct Row {
    pub parameters: Parameters<f64>,
    pub start: State<f64>,
    pub span: f64,
    pub v_mean: f64,
    pub period: f64,
}

pub fn reference_rows() -> Vec<Row> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference_cells.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let row = |record: csv::StringRecord| {
        let n: Vec<f64> = record.iter().map(|t| t.parse().unwrap()).collect();
        let [v_n, r_n, gamma, alpha, z_t, omega] = n[..6].try_into().unwrap();
        let parameters = Parameters { v_n, r_n, gamma, alpha, z_t, omega, x_0: 0.8, l: 0.5, lambda: 0.13 };
        let start = State { x: n[6], y: n[7], z: n[8], v: n[9] };
        Row { parameters, start, span: n[10], v_mean: n[11], period: n[12] }
    };
    reader.records().map(|r| row(r.unwrap())).collect()
}

/// The precision that an engine of [`engines`] computes in.
pub fn precision_of(name: &str) -> &'static str {
    if name.starts_with("cpu f64") { "f64" } else { "f32" }
}

pub fn plan(toml: &str) -> Plan {
    Plan::new(Request::from_toml(toml).unwrap()).unwrap()
}

/// The rows as one batch, each paced as a sweep in this precision would pace it.
pub fn batch_of(rows: &[Row], precision: &str, format: Format) -> Batch {
    let any = plan(&format!("grid = ['V_n=1']\nprecision = '{precision}'\n[set]\nR_n = 1.0\nGamma = 0.1\n"));
    let points: Vec<_> = rows.iter().map(|r| r.parameters).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    let mut batch = Batch { tables: tables(format), ..Batch::default() };
    for row in rows {
        let PreparedCell { cell, regions } = any.prepare(&row.parameters, &theory).swap_remove(0).cell().unwrap();
        // The rows start between 0 and V_n, as a cell at rest moves.
        batch.push(Cell { start: row.start, ..cell }, &regions, 0);
    }
    batch
}

/// Every cell of a plan from every start that it has, at the default geometry.
pub fn batch_of_plan(plan: &Plan) -> Batch {
    let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    // The plans of these tests have one geometry.
    let (l, lambda) = (points[0].l, points[0].lambda);
    assert!(points.iter().all(|p| (p.l, p.lambda) == (l, lambda)));
    let tables = vec![Arc::new(Tables::new(l, lambda, plan.request.table_format))];
    let mut batch = Batch { tables, ..Batch::default() };
    for PreparedCell { cell, regions } in
        points.iter().flat_map(|p| plan.prepare(p, &theory)).filter_map(Prepared::cell)
    {
        batch.push(cell, &regions, 0);
    }
    batch
}

/// Results of an engine, and those in double precision of the cells that it leaves undecided.
pub fn results(engine: &dyn Engine, batch: &Batch) -> Vec<CellResult> {
    let mut results = engine_results(engine, batch);
    let left = undecided(batch, &results);
    for (i, result) in left.iter().zip(run_in_double(batch, &left, &Progress::default()).unwrap()) {
        results[*i] = result;
    }
    results
}

/// Results of an engine as a sweep has them: what is unsettled has been carried on until it has a name.
pub fn named_results(engine: &dyn Engine, batch: &Batch) -> Vec<CellResult> {
    let mut results = results(engine, batch);
    name_unsettled(batch, &mut results, &Progress::default()).unwrap();
    results
}

/// Results of an engine alone.
pub fn engine_results(engine: &dyn Engine, batch: &Batch) -> Vec<CellResult> {
    let progress = Progress::default();
    let results = engine.run(batch, &progress).unwrap();
    assert_eq!(progress.read().done, batch.cells.len() as u64, "progress counts every cell once");
    results
}

/// What a comparison of results with the reference found.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    /// Rows that are not settled.
    pub unsettled: Vec<Parameters<f64>>,
    /// Rows with a span, mean or period too far off, each with the reason.
    pub misses: Vec<String>,
    /// Rows with the wrong outcome.
    pub wrong_outcomes: Vec<String>,
    /// Rows whose span is farther off than its stated error and [`tolerance::HONEST`].
    pub dishonest: usize,
    pub worst: f64,
}

/// Holds results against the reference: outcomes always; spans (to `allowed`, or their own stated error), means and periods where
/// settled.
pub fn compare(rows: &[Row], results: &[CellResult], allowed: f64) -> Comparison {
    assert_eq!(rows.len(), results.len());
    let mut found = Comparison::default();
    for (row, result) in rows.iter().zip(results) {
        if !result.outcome.is_settled() {
            found.unsettled.push(row.parameters);
            if result.outcome != Outcome::Unsettled {
                found.wrong_outcomes.push(format!("{:?} at {:?}", result.outcome, row.parameters));
            }
            continue;
        }
        let oscillating = result.outcome == Outcome::Oscillating;
        if oscillating != (row.span > 0.0) {
            found
                .wrong_outcomes
                .push(format!("{:?}, and the reference span is {} at {:?}", result.outcome, row.span, row.parameters));
            continue;
        }
        let error = (result.span - row.span).abs();
        let period = (result.period / row.period - 1.0).abs();
        // The reference took its mean over 200 time units, not over whole turns: a part of one may be too much.
        let part = if oscillating { row.span * row.period / (TAU * 200.0) } else { 0.0 };
        let mean = ((result.v_mean - row.v_mean).abs() - part) / row.v_mean.abs();
        found.worst = found.worst.max(error);
        found.dishonest += usize::from(!(error <= result.span_error + tolerance::HONEST));
        let at = row.parameters;
        if !(error <= allowed.max(result.span_error)) {
            found.misses.push(format!("span off by {error:e}, stated {:e}, at {at:?}", result.span_error));
        } else if !(mean <= tolerance::MEAN) {
            found.misses.push(format!("mean {} against {} at {at:?}", result.v_mean, row.v_mean));
        } else if oscillating && !(period <= tolerance::PERIOD) {
            found.misses.push(format!("period {} against {} at {at:?}", result.period, row.period));
        }
    }
    found
}

/// A map as a grid of results, for comparisons between engines.
pub struct Map {
    pub columns: usize,
    pub results: Vec<CellResult>,
}

impl Map {
    /// Whether a cell with another outcome, by settled outcomes of either map, lies within one step.
    pub fn near_boundary(&self, i: usize) -> bool {
        let (row, column) = ((i / self.columns) as i64, (i % self.columns) as i64);
        let rows = (self.results.len() / self.columns) as i64;
        let around = (-1..=1).flat_map(|dr| (-1..=1).map(move |dc| (row + dr, column + dc)));
        let inside = around.filter(|(r, c)| (0..rows).contains(r) && (0..self.columns as i64).contains(c));
        let outcomes: Vec<_> =
            inside.map(|(r, c)| self.results[r as usize * self.columns + c as usize].outcome).collect();
        outcomes.contains(&Outcome::Steady) && outcomes.contains(&Outcome::Oscillating)
    }
}

/// Differences between two maps: (cells settled in both whose spans differ by more than allowed, cells away from the
/// boundary whose outcomes differ, largest difference of spans).
pub fn differences(a: &Map, b: &Map, tolerance: f64) -> (usize, usize, f64) {
    let (mut spans, mut outcomes, mut worst) = (0, 0, 0.0_f64);
    for (i, (x, y)) in a.results.iter().zip(&b.results).enumerate() {
        if x.outcome != y.outcome && !a.near_boundary(i) && !b.near_boundary(i) {
            outcomes += 1;
        }
        if x.outcome.is_settled() && y.outcome.is_settled() {
            worst = worst.max((x.span - y.span).abs());
            spans += usize::from(!((x.span - y.span).abs() <= tolerance));
        }
    }
    (spans, outcomes, worst)
}

/// The pages that a reader may follow, README.md first; docs/paper.md is made by a command.
pub fn pages() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|e| e.unwrap().path());
    let mut pages: Vec<_> =
        docs.filter(|p| p.extension().is_some_and(|e| e == "md") && !p.ends_with("paper.md")).collect();
    pages.sort();
    pages.insert(0, root.join("README.md"));
    pages
}

/// What stands between fences of this language on a page.
pub fn blocks(page: &Path, language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_string()).collect()
}

/// The program itself.
pub fn hopfmap() -> assert_cmd::Command {
    assert_cmd::Command::new(env!("CARGO_BIN_EXE_hopfmap"))
}

/// Whether this is a continuous-integration run, where nothing may be skipped.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}
