//! The kernel natively, on all cores, in f32 or f64.

use super::{Batch, Cell, Engine, Precision, Progress, Tables};
use crate::columns::Answer;
use crate::error::Result;
use crate::kernel::{
    Real,
    basin::Basin,
    settle::{Pace, Run},
    sweep::advance,
    table::Table,
};
use crate::model::State;
use rayon::prelude::*;

/// Steps between two reports of progress.
const SLICE: u32 = 1 << 16;

/// The CPU engine. Its threads are those of rayon's global pool.
#[derive(Debug, Clone, Copy)]
pub struct Cpu {
    /// The precision it integrates in.
    pub precision: Precision,
}

impl Engine for Cpu {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<Answer>> {
        match self.precision {
            Precision::F64 => run_in::<f64>(batch, progress, |t| &t.double),
            Precision::F32 => run_in::<f32>(batch, progress, |t| &t.single),
        }
    }
}

fn run_in<T: Real>(
    batch: &Batch,
    progress: &Progress,
    table: impl Fn(&Tables) -> &Table<T> + Sync,
) -> Result<Vec<Answer>> {
    let one = |cell: &Cell| {
        let basins: Vec<Basin<T>> = batch.basins_of(cell).iter().map(Basin::rounded).collect();
        one_cell(cell, &basins, table(&batch.tables[cell.table as usize]), progress)
    };
    batch.cells.par_iter().map(one).collect()
}

fn one_cell<T: Real>(cell: &Cell, basins: &[Basin<T>], table: &Table<T>, progress: &Progress) -> Result<Answer> {
    let parameters = cell.parameters.map(T::of);
    let s = &cell.start;
    let start = State { x: T::of(s.x), y: T::of(s.y), z: T::of(s.z), v: T::of(s.v) };
    let mut run = Run::start(start);
    let pace = Pace { dt: T::of(cell.dt), cadence: cell.cadence, blur: T::of(cell.blur), z_t: parameters.z_t, basins };
    loop {
        progress.stop.check()?;
        let before = run.steps;
        let verdict = advance(&mut run, &parameters, table, &pace, SLICE);
        let answer = verdict.map(|v| v.answer());
        let settled = answer.is_some_and(|a| a.outcome.is_settled());
        progress.add(u64::from(answer.is_some()), u64::from(settled), u64::from(run.steps - before));
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}
