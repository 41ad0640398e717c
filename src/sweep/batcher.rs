//! Batches of cells with the tables and trapping regions they need, and their results sorted into
//! slots.

use crate::engine::{Batch, Cell, OpenEngine, Precision, Progress, Stage, Tables};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::kernel::trapping::TrappingRegion;
use crate::plan::{Prepared, name_unsettled, run_in_double, undecided};
use crate::results::CellResult;
use std::collections::HashMap;
use std::sync::Arc;

/// Largest number of tables in a batch.
const TABLES: usize = 256;
/// Largest number of cached tables, some 0.2 MB each.
const SHELF: usize = 2048;

/// Cache of tables by geometry; it is emptied when full, as a grid over l or lambda needs many.
#[derive(Debug)]
pub struct TableCache {
    format: Format,
    by_geometry: HashMap<[u64; 2], Arc<Tables>>,
    error: [f64; 2],
}

impl TableCache {
    /// An empty cache for tables of this format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { format, by_geometry: HashMap::new(), error: [0.0; 2] }
    }

    fn get(&mut self, l: f64, lambda: f64) -> Arc<Tables> {
        if self.by_geometry.len() >= SHELF {
            self.by_geometry.clear();
        }
        let make = || Arc::new(Tables::new(l, lambda, self.format));
        let table = self.by_geometry.entry([l.to_bits(), lambda.to_bits()]).or_insert_with(make).clone();
        self.error[0] = self.error[0].max(table.single.error_bound);
        self.error[1] = self.error[1].max(table.double.error_bound);
        table
    }

    /// The largest error bound of the tables used since the previous call.
    #[must_use]
    pub fn take_largest_error(&mut self, precision: Precision) -> f64 {
        std::mem::take(&mut self.error)[usize::from(precision == Precision::F64)]
    }
}

/// A batch and the slots of its cells' results.
#[derive(Debug, Default)]
pub(super) struct Portion {
    /// The batch.
    pub batch: Batch,
    /// For each cell, the slot that its result goes to.
    pub slots: Vec<usize>,
}

/// A portion that fills up.
#[derive(Debug, Default)]
pub(super) struct OpenPortion {
    portion: Portion,
    rows: HashMap<[u64; 2], u32>,
}

impl OpenPortion {
    /// Adds a cell whose result goes to `slot`; returns the portion before if it has no row for the cell's table.
    pub(super) fn add(
        &mut self,
        tables: &mut TableCache,
        slot: usize,
        cell: Cell,
        regions: &[TrappingRegion<f64>],
    ) -> Option<Portion> {
        let (l, lambda) = (cell.parameters.l, cell.parameters.lambda);
        let key = [l.to_bits(), lambda.to_bits()];
        let is_full = !self.rows.contains_key(&key) && self.rows.len() == TABLES;
        let full = is_full.then(|| self.take());
        let batch = &mut self.portion.batch;
        let table = *self.rows.entry(key).or_insert_with(|| {
            batch.tables.push(tables.get(l, lambda));
            batch.tables.len() as u32 - 1
        });
        batch.push(cell, regions, table);
        self.portion.slots.push(slot);
        full
    }

    /// The portion so far; what follows is another one.
    pub(super) fn take(&mut self) -> Portion {
        self.rows.clear();
        std::mem::take(&mut self.portion)
    }
}

/// Completes the results of a batch: what an engine could not decide, by the CPU in f64, and with `names` also what is
/// unsettled at the end of its time.
///
/// # Errors
/// [`crate::Error::Interrupted`] if cancelled.
pub(super) fn complete(batch: &Batch, found: &mut [CellResult], progress: &Progress, names: bool) -> Result<()> {
    let left = undecided(batch, found);
    for (i, result) in left.iter().zip(run_in_double(batch, &left, progress)?) {
        let before = found[*i].steps;
        found[*i] = CellResult { steps: before + result.steps, ..result };
    }
    if names { name_unsettled(batch, found, progress) } else { Ok(()) }
}

/// A batch that fills up, is run when full, and whose results go to their slots.
#[derive(Debug)]
pub struct Batcher<'a> {
    chosen: &'a OpenEngine,
    progress: &'a Progress,
    tables: &'a mut TableCache,
    results: &'a mut [CellResult],
    open: OpenPortion,
    /// Whether what is unsettled at the end of its time is carried on until it has a name.
    names: bool,
}

impl<'a> Batcher<'a> {
    /// An empty batch for an engine; `results` receives the results.
    pub fn new(
        chosen: &'a OpenEngine,
        progress: &'a Progress,
        tables: &'a mut TableCache,
        results: &'a mut [CellResult],
    ) -> Self {
        Self { chosen, progress, tables, results, open: OpenPortion::default(), names: true }
    }

    /// Without a name for what is unsettled at the end of its time: it is not carried on.
    pub fn without_names(self) -> Self {
        Self { names: false, ..self }
    }

    /// Adds a cell to integrate, or stores the outcome of one that cannot be, in `slot`.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails on a full
    /// batch; [`crate::Error::Interrupted`] if cancelled.
    pub fn add_prepared(&mut self, slot: usize, ready: &Prepared) -> Result<()> {
        match ready {
            Prepared::Cell(prepared) => self.add(slot, prepared.cell, &prepared.regions),
            Prepared::StartDependent | Prepared::Absent | Prepared::Uncountable { .. } => {
                self.results[slot] = CellResult::without_numbers(ready.outcome());
                self.progress.add(1, 0, 0);
                Ok(())
            }
        }
    }

    /// Adds a cell whose result goes to `slot`.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails on a full
    /// batch; [`crate::Error::Interrupted`] if cancelled.
    pub fn add(&mut self, slot: usize, cell: Cell, regions: &[TrappingRegion<f64>]) -> Result<()> {
        match self.open.add(self.tables, slot, cell, regions) {
            Some(full) => self.run_portion(&full),
            None => Ok(()),
        }
    }

    /// Runs the cells of the batch and empties it.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails;
    /// [`crate::Error::Interrupted`] if cancelled.
    pub fn run(&mut self) -> Result<()> {
        let portion = self.open.take();
        self.run_portion(&portion)
    }

    fn run_portion(&mut self, Portion { batch, slots }: &Portion) -> Result<()> {
        if slots.is_empty() {
            return Ok(());
        }
        let mut found = self.chosen.engine.run(batch, self.progress)?;
        self.progress.timed(Stage::Finish, || complete(batch, &mut found, self.progress, self.names))?;
        for (slot, result) in slots.iter().zip(found) {
            self.results[*slot] = result;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineKind, EngineOptions, open_engine};
    use crate::plan::{Plan, Request};

    #[test]
    fn a_batch_with_all_its_tables_is_run_before_the_next_one() {
        let cells = TABLES + 2;
        let toml = format!(
            "grid = ['lambda=0.1:0.2:{cells}']\nt-max = 1.0\nwindow = 0.01\n[set]\nV_n = 2\nR_n = 6\nGamma = 0.5\n"
        );
        let plan = Plan::new(Request::from_toml(&toml).unwrap()).unwrap();
        let engine = open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() }).unwrap();
        let (progress, mut tables) = (Progress::default(), TableCache::new(Format::default()));
        let mut results = vec![CellResult::without_numbers(crate::results::Outcome::Absent); 2 * cells];
        let mut batcher = Batcher::new(&engine, &progress, &mut tables, &mut results);
        for slot in 0..2 * cells {
            // Two cells of each geometry, one after the other.
            batcher.add_prepared(slot, &plan.single(slot as u64 / 2, 0)).unwrap();
            let held = slot / 2 % TABLES + 1;
            assert_eq!(
                (batcher.open.portion.batch.tables.len(), batcher.open.portion.slots.len()),
                (held, slot % (2 * TABLES) + 1)
            );
        }
        batcher.run().unwrap();
        assert!(batcher.open.portion.batch.tables.is_empty() && batcher.open.portion.slots.is_empty());
        assert!(results.iter().all(|r| r.outcome != crate::results::Outcome::Absent));
    }
}
