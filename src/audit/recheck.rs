//! The audit's second run of a cell: in f64 with half the step, judged by the spans of successive
//! long windows.
//!
//! The cell waits for some decay times of what is slowest: of the cycle, by its multiplier in the
//! map, or of the motion about its equilibria; and at least twice as long as in the map. Then two successive long windows
//! have to agree in their spans; if they do not, the next one is taken, up to twice the longest
//! time that the map may wait. No trapping region, normal form or Newton's method is used:
//! a window is a run of the engine that only time ends.

use crate::cancel::CancelToken;
use crate::engine::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables};
use crate::error::Result;
use crate::kernel::run::RunLimits;
use crate::kernel::table::Format;
use crate::model::State;
use crate::plan::{Plan, Prepared, PreparedCell, Theory};
use crate::results::{CellResult, Outcome};
use std::collections::HashMap;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Decay times of the slowest motion that the cell waits.
const DECAYS: f64 = 14.0;
/// Smallest length of a long window, in periods of the particle.
const PEAKS: f64 = 60.0;
/// Smallest length of a long window, as a fraction of the wait before it.
const WINDOW: f64 = 0.25;
/// Largest difference of the spans of two long windows that agree.
const AGREE: f64 = 1e-7;
/// Largest difference of the spans of two long windows that agree, relative to the span.
const AGREE_RELATIVE: f64 = 1e-3;
/// Largest span of a steady cell, in two successive long windows.
const QUIET: f64 = 1e-7;
/// Number of cells that run together: each may need tables of its own.
const TOGETHER: usize = 256;

/// The result stored in a map for one cell and start.
#[derive(Debug, Clone)]
pub struct StoredResult {
    /// Index of the cell.
    pub index: u64,
    /// Number of the start.
    pub start: usize,
    /// Result stored in the map.
    pub result: CellResult,
    /// Its numbers in the columns that the plan asks for, in their order; none are not checked.
    pub asked_for: Vec<f64>,
}

/// The cell of a stored result, ready to run.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub cell: PreparedCell,
    pub tables: Arc<Tables>,
    /// Slowest rate about its equilibria, per tau_c.
    pub slowest: f64,
}

/// The cells of stored results; `None` where the plan has none to integrate.
pub(super) fn ready(plan: &Plan, claims: &[&StoredResult]) -> Vec<Option<Ready>> {
    let mut all: HashMap<[u64; 2], Arc<Tables>> = HashMap::new();
    let mut theory = Theory::default();
    let mut found = Vec::with_capacity(claims.len());
    for together in claims.chunks(TOGETHER) {
        theory.prepare(&together.iter().map(|claim| plan.parameters(claim.index)).collect::<Vec<_>>());
        for claim in together {
            let parameters = plan.parameters(claim.index);
            let cell = plan.prepare(&parameters, &theory).into_iter().nth(claim.start).and_then(Prepared::cell);
            found.push(cell.map(|cell| {
                let p = &cell.cell.parameters;
                let make = || Arc::new(Tables::new(p.l, p.lambda, Format::default()));
                let tables = all.entry([p.l.to_bits(), p.lambda.to_bits()]).or_insert_with(make).clone();
                Ready { cell, tables, slowest: theory.at(&parameters).slowest }
            }));
        }
    }
    found
}

/// Adds these tables to a batch if it lacks them; returns their index.
pub(super) fn table_of(batch: &mut Batch, tables: &Arc<Tables>) -> u32 {
    let known = batch.tables.iter().rposition(|t| Arc::ptr_eq(t, tables));
    known.unwrap_or_else(|| {
        batch.tables.push(tables.clone());
        batch.tables.len() - 1
    }) as u32
}

/// What the second run of a cell has found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recheck {
    /// Steady, oscillating, diverged, or unsettled if no two successive windows agreed.
    pub outcome: Outcome,
    /// Span of the last window.
    pub span: f64,
    /// Span of the window before it.
    pub before: f64,
    /// Mean V of the last window, over whole times between maxima.
    pub v_mean: f64,
    /// Mean time between maxima in the last window; NaN without two of them.
    pub between: f64,
    /// Length of the last window, in tau_c; infinite if the numbers are those of a cycle by Newton's method.
    pub length: f64,
    /// State at the end.
    pub end: State<f64>,
    /// Whether the wait was as many decay times as it should be.
    pub has_waited: bool,
}

/// A cell in its second run.
#[derive(Debug)]
struct SecondRun {
    /// Index among the stored results.
    number: usize,
    cell: Cell,
    tables: Arc<Tables>,
    /// Steps left of the wait or of the current window.
    left: u64,
    /// Steps of a window.
    window: u64,
    /// Duration of a window, in tau_c.
    length: f64,
    /// Time of the wait and of all closed windows, in tau_c.
    time: f64,
    /// Time after which the cell is given up as unsettled, in tau_c.
    longest: f64,
    /// Smallest V in the current window.
    low: f64,
    /// Largest V in the current window.
    high: f64,
    /// Whether the wait is over.
    is_waiting_over: bool,
    /// Whether the wait is as many decay times as it should be.
    has_waited: bool,
    /// Span of the previous window.
    before: Option<f64>,
}

impl SecondRun {
    /// The second run of a stored result's cell, with half the step.
    fn new(number: usize, ready: &Ready, claim: &StoredResult) -> Self {
        let cell = ready.cell.cell;
        let dt = 0.5 * cell.dt;
        let longest = 2.0 * f64::from(cell.double.limits.max_steps) * cell.double.dt;
        let p = &cell.parameters;
        let slowest = match claim.result.outcome {
            Outcome::Oscillating => (1.0 - claim.result.multiplier) / claim.result.period,
            _ => ready.slowest,
        };
        // A file may contain any number, but no cell settles later than a sweep waits.
        let decay = DECAYS / slowest + DECAYS / (p.alpha * p.gamma);
        let is_known = decay >= 0.0;
        let decay = if is_known { decay } else { 0.0 };
        let waiting = decay.max(2.0 * claim.result.settle_time).min(longest).max(0.0);
        let has_waited = is_known && decay <= waiting;
        let length = (WINDOW * waiting).max(PEAKS * TAU / p.omega);
        // What never closes has no two windows that agree.
        let aperiodic = claim.result.outcome.is_aperiodic();
        let longest = if aperiodic { longest.min(waiting + 2.0 * length) } else { longest };
        let steps = |time: f64| (time / dt).ceil().max(1.0) as u64;
        Self {
            number,
            tables: ready.tables.clone(),
            left: steps(waiting),
            window: steps(length),
            length,
            time: waiting,
            longest,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            is_waiting_over: false,
            has_waited,
            before: None,
            cell: Cell { dt, peak_error: 0.0, is_slow: false, ..cell },
        }
    }

    /// The cell for the engine's next run, which takes as many steps as a run can and ends only
    /// after them.
    fn next(&self) -> Cell {
        let steps = u32::try_from(self.left).unwrap_or(u32::MAX);
        let cadence = RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps };
        Cell { limits: cadence, ..self.cell }
    }

    /// Adds the result of a run; returns the outcome once it is decided.
    fn take_in(&mut self, result: &CellResult) -> Option<Recheck> {
        let [x, y, z, v] = result.end;
        let end = State { x, y, z, v };
        let found = |outcome, span, before| {
            let (v_mean, between, length) = (result.v_mean, result.period, self.length);
            Some(Recheck { outcome, span, before, v_mean, between, length, end, has_waited: self.has_waited })
        };
        if result.outcome == Outcome::Diverged {
            return found(Outcome::Diverged, f64::NAN, f64::NAN);
        }
        self.cell.start = end;
        self.left = self.left.saturating_sub(u32::MAX.into());
        (self.low, self.high) = (self.low.min(result.v_min), self.high.max(result.v_max));
        if self.left > 0 {
            return None;
        }
        let span = self.high - self.low;
        (self.low, self.high, self.left) = (f64::INFINITY, f64::NEG_INFINITY, self.window);
        if !std::mem::replace(&mut self.is_waiting_over, true) {
            return None;
        }
        self.time += self.length;
        let before = self.before.replace(span)?;
        if before <= QUIET && span <= QUIET {
            return found(Outcome::Steady, span, before);
        }
        if (span - before).abs() <= AGREE.min(AGREE_RELATIVE * span) {
            return found(Outcome::Oscillating, span, before);
        }
        if self.time >= self.longest { found(Outcome::Unsettled, span, before) } else { None }
    }
}

/// Rechecks the cell of each stored result; `None` where the plan has no cell to integrate.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn recheck(
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    stop: &CancelToken,
) -> Result<Vec<Option<Recheck>>> {
    let mut found = vec![None; claims.len()];
    let all: Vec<_> = (0..).zip(ready.iter().zip(claims)).collect();
    for together in all.chunks(TOGETHER) {
        let second = |(n, (ready, claim)): &(usize, (&Option<Ready>, &&StoredResult))| {
            ready.as_ref().map(|ready| SecondRun::new(*n, ready, claim))
        };
        run(together.iter().filter_map(second).collect(), &mut found, stop)?;
    }
    Ok(found)
}

fn run(mut under_way: Vec<SecondRun>, found: &mut [Option<Recheck>], stop: &CancelToken) -> Result<()> {
    let (engine, progress) = (Cpu::new(Precision::F64), Progress { stop: stop.clone(), ..Progress::default() });
    let mut batch = Batch::default();
    for second in &mut under_way {
        second.cell.table = table_of(&mut batch, &second.tables);
    }
    while !under_way.is_empty() {
        batch.cells.clear();
        for second in &under_way {
            batch.push(second.next(), &[], second.cell.table);
        }
        let mut results = engine.run(&batch, &progress)?.into_iter();
        under_way.retain_mut(|second| {
            let outcome = results.next().and_then(|result| second.take_in(&result));
            found[second.number] = found[second.number].or(outcome);
            outcome.is_none()
        });
    }
    Ok(())
}
