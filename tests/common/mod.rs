//! What the integration tests share: tolerances, comparisons, engines, the reference cells.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]
#![allow(missing_docs, reason = "a test's names are its documentation")]

pub mod python;
pub mod tolerance;

use hopfmap::columns::{Answer, Outcome};
use hopfmap::engine::gpu::{Gpu, Pick};
use hopfmap::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::kernel::table::Format;
use hopfmap::model::{Conductance, Parameters, Rates, State};
use hopfmap::sweep::pace::{Times, pace};
use std::path::PathBuf;
use std::sync::Arc;

/// The engines to test, with their names.
pub fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    vec![
        ("cpu f64", Box::new(Cpu { precision: Precision::F64 })),
        ("cpu f32", Box::new(Cpu { precision: Precision::F32 })),
        ("gpu", Box::new(shader_engine(Format::Rgba32Float))),
    ]
}

/// The shader on the software adapter, or on the one that HOPFMAP_TEST_ADAPTER names. Without an adapter this fails: a
/// test that skipped the shader would pass for having checked it.
pub fn shader_engine(format: Format) -> Gpu {
    let pick = std::env::var("HOPFMAP_TEST_ADAPTER").map_or(Pick::Fallback, Pick::Named);
    Gpu::open(&pick, format).expect("the shader's tests need an adapter: run scripts/setup")
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
        Row { parameters, start, span: n[10], period: n[12] }
    };
    reader.records().map(|r| row(r.unwrap())).collect()
}

/// The rows as one batch, its step chosen as a sweep over them would.
pub fn batch_of(rows: &[Row], format: Format) -> Batch {
    let functions = Conductance::new(0.5, 0.13);
    let rates = rows.iter().map(|r| Rates::of(&r.parameters, r.start.v, &functions));
    let dt = rates.reduce(Rates::or).unwrap().step();
    let cells = rows.iter().map(|r| {
        let (window_steps, max_windows) = pace(&r.parameters, dt, &Times::default()).unwrap();
        Cell { parameters: r.parameters, start: r.start, window_steps, max_windows, table: 0 }
    });
    Batch { cells: cells.collect(), tables: tables(format), dt }
}

pub fn answers(engine: &dyn Engine, batch: &Batch) -> Vec<Answer> {
    let progress = Progress::default();
    let answers = engine.run(batch, &progress).unwrap();
    assert_eq!(progress.read().0, batch.cells.len() as u64, "progress counts every cell once");
    answers
}

/// What a comparison of answers with the reference found.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    pub unsettled: usize,
    /// Rows with the wrong verdict or a span too far off, each with the reason.
    pub misses: Vec<String>,
    pub wrong_verdicts: usize,
    pub worst: f64,
}

/// Holds answers against the reference: verdicts always, spans and periods where settled.
pub fn compare(rows: &[Row], answers: &[Answer], tolerance: f64) -> Comparison {
    assert_eq!(rows.len(), answers.len());
    let mut found = Comparison::default();
    for (row, answer) in rows.iter().zip(answers) {
        if !answer.outcome.is_settled() {
            found.unsettled += 1;
            if answer.outcome != Outcome::Unsettled {
                found.misses.push(format!("{:?} at {:?}", answer.outcome, row.parameters));
            }
            continue;
        }
        let oscillating = answer.outcome == Outcome::Oscillating;
        if oscillating != (row.span > 0.0) {
            found.wrong_verdicts += 1;
            found
                .misses
                .push(format!("verdict {:?}, reference span {} at {:?}", answer.outcome, row.span, row.parameters));
            continue;
        }
        let error = (answer.span - row.span).abs();
        found.worst = found.worst.max(error);
        if !(error <= tolerance) {
            found.misses.push(format!(
                "span off by {error:e} (its own estimate {:e}) at {:?}",
                answer.span_error, row.parameters
            ));
        } else if oscillating && !((answer.period / row.period - 1.0).abs() <= tolerance::PERIOD) {
            found.misses.push(format!("period {} against {} at {:?}", answer.period, row.period, row.parameters));
        }
    }
    found
}

/// A map as a grid of answers, for comparisons between engines.
pub struct Map {
    pub columns: usize,
    pub answers: Vec<Answer>,
}

impl Map {
    /// Whether a cell with another outcome, by settled verdicts of either map, lies within one step.
    fn near_boundary(&self, i: usize) -> bool {
        let (row, column) = ((i / self.columns) as i64, (i % self.columns) as i64);
        let rows = (self.answers.len() / self.columns) as i64;
        let around = (-1..=1).flat_map(|dr| (-1..=1).map(move |dc| (row + dr, column + dc)));
        let inside = around.filter(|(r, c)| (0..rows).contains(r) && (0..self.columns as i64).contains(c));
        let outcomes: Vec<_> =
            inside.map(|(r, c)| self.answers[r as usize * self.columns + c as usize].outcome).collect();
        outcomes.contains(&Outcome::Steady) && outcomes.contains(&Outcome::Oscillating)
    }
}

/// Differences between two maps: (cells settled in both whose spans differ by more than allowed, cells away from the
/// boundary whose outcomes differ, largest difference of spans).
pub fn differences(a: &Map, b: &Map, tolerance: f64) -> (usize, usize, f64) {
    let (mut spans, mut outcomes, mut worst) = (0, 0, 0.0_f64);
    for (i, (x, y)) in a.answers.iter().zip(&b.answers).enumerate() {
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

/// The program itself.
pub fn hopfmap() -> assert_cmd::Command {
    assert_cmd::Command::new(env!("CARGO_BIN_EXE_hopfmap"))
}

/// Whether this is a continuous-integration run, where nothing may be skipped.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}
