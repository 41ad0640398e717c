//! Cells that single precision cannot decide, integrated in double precision on the CPU; motions on a slow
//! manifold, followed to its end.

use crate::bifurcation::end_of_slow_manifold;
use crate::engine::{Batch, Cell, Cpu, Engine, Precision, Progress};
use crate::error::Result;
use crate::model::State;
use crate::results::{CellResult, Certificate, Outcome};

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
    let mut results = Cpu::new(Precision::F64).run(&double, &own)?;
    let mut left = Vec::new();
    for (i, result) in results.iter_mut().enumerate() {
        if result.certificate == Some(Certificate::SlowManifold) && !follow_to_the_end(&double, i, result) {
            left.push(i);
        }
    }
    if !left.is_empty() {
        // These leave the slow manifold on the way: all of it is integrated.
        let mut rest = Batch { tables: double.tables.clone(), ..Batch::default() };
        for i in &left {
            let cell = Cell { is_slow: false, ..double.cells[*i] };
            rest.push(cell, double.regions_of(&cell), cell.table);
        }
        for (i, result) in left.iter().zip(Cpu::new(Precision::F64).run(&rest, &own)?) {
            let before = results[*i].steps;
            results[*i] = CellResult { steps: before + result.steps, ..result };
        }
    }
    let settled = results.iter().filter(|r| r.outcome.is_settled()).count();
    progress.add(0, settled as u64, own.read().steps);
    Ok(results)
}

/// Completes the result of a motion on a slow manifold, if it stays there.
fn follow_to_the_end(batch: &Batch, i: usize, result: &mut CellResult) -> bool {
    let (cell, [x, y, z, v]) = (&batch.cells[i], result.end);
    let profile = &batch.tables[cell.table as usize].profile;
    let Some(v) = end_of_slow_manifold(&cell.parameters, &State { x, y, z, v }, profile) else { return false };
    let end = [0.0, 0.0, cell.parameters.z_t, v];
    *result = CellResult { outcome: Outcome::Steady, v_min: v, v_max: v, v_mean: v, end, ..*result };
    true
}

/// Cells of a batch whose results are to be found in double precision: those that were left unsettled before their
/// time, or with other limits than double precision has, and motions on a slow manifold.
#[must_use]
pub fn undecided(batch: &Batch, results: &[CellResult]) -> Vec<usize> {
    let is_left = |i: &usize| {
        let (cell, result) = (&batch.cells[*i], &results[*i]);
        let on_slow_manifold = result.certificate == Some(Certificate::SlowManifold);
        let early = result.steps < u64::from(cell.limits.max_steps);
        result.outcome == Outcome::Unsettled && (on_slow_manifold || early || cell.limits != cell.double.limits)
    };
    (0..batch.cells.len()).filter(is_left).collect()
}
