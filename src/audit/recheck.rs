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
use crate::plan::Plan;
use crate::plan::Theory;
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
#[derive(Debug, Clone, Copy)]
pub struct StoredResult {
    /// Index of the cell.
    pub index: u64,
    /// Number of the start.
    pub start: usize,
    /// Result stored in the map.
    pub result: CellResult,
}

/// Outcome and span found by the second run of a cell.
pub(super) type Recheck = (Outcome, f64);

/// A cell in its second run.
#[derive(Debug)]
struct SecondRun {
    /// Index among the stored results.
    number: usize,
    cell: Cell,
    geometry: [f64; 2],
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
    waited: bool,
    /// Span of the previous window.
    before: Option<f64>,
}

impl SecondRun {
    /// The second run of a stored result's cell, with half the step; `theory` is prepared for it.
    fn new(plan: &Plan, theory: &Theory, number: usize, claim: &StoredResult) -> Option<Self> {
        let ready = plan.prepare(&plan.parameters(claim.index), theory).into_iter().nth(claim.start)?;
        let cell = ready.cell()?.cell;
        let dt = 0.5 * cell.dt;
        let longest = 2.0 * f64::from(cell.double.limits.max_steps) * cell.double.dt;
        let p = &cell.parameters;
        let slowest = match claim.result.outcome {
            Outcome::Oscillating => (1.0 - claim.result.multiplier) / claim.result.period,
            _ => theory.at(p).slowest,
        };
        // A file may contain any number, but no cell settles later than a sweep waits.
        let decay = DECAYS / slowest + DECAYS / (p.alpha * p.gamma);
        let decay = if decay >= 0.0 { decay } else { 0.0 };
        let waiting = decay.max(2.0 * claim.result.settle_time).min(longest).max(0.0);
        let length = (WINDOW * waiting).max(PEAKS * TAU / p.omega);
        let steps = |time: f64| (time / dt).ceil().max(1.0) as u64;
        Some(Self {
            number,
            geometry: [cell.parameters.l, cell.parameters.lambda],
            left: steps(waiting),
            window: steps(length),
            length,
            time: waiting,
            longest,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            waited: false,
            before: None,
            cell: Cell { dt, peak_error: 0.0, is_slow: false, ..cell },
        })
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
        if result.outcome == Outcome::Diverged {
            return Some((Outcome::Diverged, f64::NAN));
        }
        let [x, y, z, v] = result.end;
        self.cell.start = State { x, y, z, v };
        self.left = self.left.saturating_sub(u32::MAX.into());
        (self.low, self.high) = (self.low.min(result.v_min), self.high.max(result.v_max));
        if self.left > 0 {
            return None;
        }
        let span = self.high - self.low;
        (self.low, self.high, self.left) = (f64::INFINITY, f64::NEG_INFINITY, self.window);
        if !std::mem::replace(&mut self.waited, true) {
            return None;
        }
        self.time += self.length;
        let before = self.before.replace(span)?;
        if before <= QUIET && span <= QUIET {
            return Some((Outcome::Steady, span));
        }
        if (span - before).abs() <= AGREE.min(AGREE_RELATIVE * span) {
            return Some((Outcome::Oscillating, span));
        }
        (self.time >= self.longest).then_some((Outcome::Unsettled, span))
    }
}

/// Rechecks the cell of each stored result; `None` where the plan has no cell to integrate.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn recheck(plan: &Plan, claims: &[&StoredResult], stop: &CancelToken) -> Result<Vec<Option<Recheck>>> {
    let mut found = vec![None; claims.len()];
    let mut theory = Theory::default();
    for (first, together) in (0..).step_by(TOGETHER).zip(claims.chunks(TOGETHER)) {
        theory.prepare(&together.iter().map(|claim| plan.parameters(claim.index)).collect::<Vec<_>>());
        let seconds = (first..).zip(together).filter_map(|(n, claim)| SecondRun::new(plan, &theory, n, claim));
        run(seconds.collect(), &mut found, stop)?;
    }
    Ok(found)
}

fn run(mut under_way: Vec<SecondRun>, found: &mut [Option<Recheck>], stop: &CancelToken) -> Result<()> {
    let (engine, progress) = (Cpu::new(Precision::F64), Progress { stop: stop.clone(), ..Progress::default() });
    let mut batch = Batch::default();
    let mut rows = HashMap::new();
    for second in &mut under_way {
        let tables = &mut batch.tables;
        second.cell.table = *rows.entry(second.geometry.map(f64::to_bits)).or_insert_with(|| {
            let [l, lambda] = second.geometry;
            tables.push(Arc::new(Tables::new(l, lambda, Format::default())));
            tables.len() as u32 - 1
        });
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
