//! Cells that single precision cannot decide, integrated in double precision on the CPU; motions on a slow
//! manifold, followed to its end.

use super::aperiodic::name_aperiodic;
use crate::bifurcation::end_of_slow_manifold;
use crate::engine::{Batch, Cell, Cpu, Engine, Precision, Progress};
use crate::error::Result;
use crate::kernel::run::RunLimits;
use crate::model::State;
use crate::results::{CellResult, Certificate, Outcome};

/// Time for which a motion that leaves a slow manifold is integrated before it may be on another one, in relaxation
/// times of Z.
const LEAVING: f64 = 0.125;
/// At most this part of the steps left, as a divisor.
const SHARE_OF_LEAVING: u32 = 4;
/// Most slow manifolds that a motion is followed along.
const MOST_JUMPS: usize = 16;

/// Integrates cells of a batch in double precision from their starts, with its step and limits; results in the
/// order of `which`. Adds steps and settled cells to the progress, but no cells done.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub fn run_in_double(batch: &Batch, which: &[usize], progress: &Progress) -> Result<Vec<CellResult>> {
    if which.is_empty() {
        return Ok(Vec::new());
    }
    let mut double = Batch { tables: batch.tables.clone(), ..Batch::default() };
    for i in which {
        let cell = &batch.cells[*i];
        double.push(cell.in_double(), batch.regions_of(cell), cell.table);
    }
    let own = Progress { stop: progress.stop.clone(), ..Progress::default() };
    let results = settle(&mut double, &own)?;
    let settled = results.iter().filter(|r| r.outcome.is_settled()).count();
    progress.add(0, settled as u64, own.read().steps);
    Ok(results)
}

/// Integrates a batch in double precision.
fn settle(batch: &mut Batch, progress: &Progress) -> Result<Vec<CellResult>> {
    let mut results = Cpu::new(Precision::F64).run(batch, progress)?;
    follow_slow_manifolds(batch, &mut results, progress)?;
    Ok(results)
}

/// Names the motions that are still unsettled at the end of their time, in place of their results: chaotic,
/// quasiperiodic, or settled after all. Adds steps and settled cells to the progress.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub fn name_unsettled(batch: &Batch, results: &mut [CellResult], progress: &Progress) -> Result<()> {
    let left: Vec<usize> = (0..results.len()).filter(|i| results[*i].outcome == Outcome::Unsettled).collect();
    if left.is_empty() {
        return Ok(());
    }
    let mut double = Batch { tables: batch.tables.clone(), ..Batch::default() };
    for i in &left {
        let cell = &batch.cells[*i];
        double.push(cell.in_double(), batch.regions_of(cell), cell.table);
    }
    let own = Progress { stop: progress.stop.clone(), ..Progress::default() };
    let mut found: Vec<CellResult> = left.iter().map(|i| results[*i]).collect();
    let before: u64 = found.iter().map(|r| r.steps).sum();
    name_aperiodic(&double, &mut found, &own, settle)?;
    let settled = found.iter().filter(|r| r.outcome.is_settled()).count();
    let taken = found.iter().map(|r| r.steps).sum::<u64>() - before;
    progress.add(0, settled as u64, taken);
    left.into_iter().zip(found).for_each(|(i, result)| results[i] = result);
    Ok(())
}

/// Completes the results of motions on slow manifolds. A motion that stays there comes to rest. One that leaves is
/// integrated from where it does for a while, in which it jumps to another branch or begins to oscillate, and then
/// as any other.
fn follow_slow_manifolds(batch: &mut Batch, results: &mut [CellResult], progress: &Progress) -> Result<()> {
    for round in 0..=MOST_JUMPS {
        let mut left = Vec::new();
        for (i, result) in results.iter_mut().enumerate() {
            if result.certificate == Some(Certificate::SlowManifold) && !follow_to_the_end(batch, i, result) {
                left.push(i);
            }
        }
        if left.is_empty() {
            break;
        }
        let leaving = run_some(batch, &left, progress, |cell| {
            let steps = (LEAVING / (cell.parameters.alpha * cell.parameters.gamma * cell.dt)).ceil();
            let steps = (steps as u32).clamp(1, cell.limits.max_steps / SHARE_OF_LEAVING + 1);
            Cell { limits: RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps }, ..cell }
        })?;
        for (i, found) in left.iter().zip(&leaving) {
            let [x, y, z, v] = found.end;
            batch.cells[*i].start = State { x, y, z, v };
            spend(&mut batch.cells[*i], found.steps);
        }
        // What still has not settled on a branch after some jumps is integrated to the end.
        let is_slow = round < MOST_JUMPS;
        let rest = run_some(batch, &left, progress, |cell| Cell { is_slow, ..cell })?;
        for ((i, begun), found) in left.iter().zip(&leaving).zip(rest) {
            let before = results[*i];
            let waited = before.settle_time + begun.steps as f64 * batch.cells[*i].dt;
            spend(&mut batch.cells[*i], found.steps);
            let steps = before.steps + begun.steps + found.steps;
            let settled = if begun.outcome.is_settled() || begun.outcome == Outcome::Diverged { *begun } else { found };
            results[*i] = CellResult { steps, settle_time: waited + settled.settle_time, ..settled };
        }
    }
    Ok(())
}

/// Takes steps from those that a cell may still take.
fn spend(cell: &mut Cell, steps: u64) {
    cell.limits.max_steps = cell.limits.max_steps.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
}

/// Runs some cells of a batch in double precision, each changed.
fn run_some(
    batch: &Batch,
    which: &[usize],
    progress: &Progress,
    change: impl Fn(Cell) -> Cell,
) -> Result<Vec<CellResult>> {
    let mut some = Batch { tables: batch.tables.clone(), ..Batch::default() };
    for i in which {
        let cell = change(batch.cells[*i]);
        some.push(cell, batch.regions_of(&cell), cell.table);
    }
    Cpu::new(Precision::F64).run(&some, progress)
}

/// Completes the result of a motion on a slow manifold, if it stays there; else sets the cell's start to where it
/// leaves, and its settling time to when.
fn follow_to_the_end(batch: &mut Batch, i: usize, result: &mut CellResult) -> bool {
    let [x, y, z, v] = result.end;
    let (cell, state) = (&batch.cells[i], State { x, y, z, v });
    let profile = &batch.tables[cell.table as usize].profile;
    let end = end_of_slow_manifold(&cell.parameters, &state, profile);
    if !end.is_rest {
        let p = &cell.parameters;
        let passed = ((z - p.z_t) / (end.z - p.z_t)).ln() / (p.alpha * p.gamma);
        result.settle_time += if passed > 0.0 { passed } else { 0.0 };
        batch.cells[i].start = State { z: end.z, v: end.v, ..state };
        return false;
    }
    let end_state = [0.0, 0.0, cell.parameters.z_t, end.v];
    *result =
        CellResult { outcome: Outcome::Steady, v_min: end.v, v_max: end.v, v_mean: end.v, end: end_state, ..*result };
    true
}

/// Cells of a batch whose results are to be found in double precision: those that were left unsettled before the time
/// that double precision has, and motions on a slow manifold.
#[must_use]
pub fn undecided(batch: &Batch, results: &[CellResult]) -> Vec<usize> {
    let is_left = |i: &usize| {
        let (cell, result) = (&batch.cells[*i], &results[*i]);
        let on_slow_manifold = result.certificate == Some(Certificate::SlowManifold);
        // Both times are whole numbers of their own steps.
        let early = (result.steps + 1) as f64 * cell.dt < f64::from(cell.double.limits.max_steps) * cell.double.dt;
        result.outcome == Outcome::Unsettled && (on_slow_manifold || early)
    };
    (0..batch.cells.len()).filter(is_left).collect()
}
