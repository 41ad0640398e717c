//! Cells gathered into batches, each with the tables and trapping regions it needs, and their answers put where they belong.

use crate::engine::{Batch, Cell, OpenEngine, Precision, Progress, Tables};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::kernel::trapping::TrappingRegion;
use crate::plan::Prepared;
use crate::results::CellResult;
use std::collections::HashMap;
use std::sync::Arc;

/// Tables that a batch holds at most.
const TABLES: usize = 256;
/// Tables that are kept for further batches: some 0.2 MB each.
const SHELF: usize = 2048;

/// The tables in use, by geometry; a grid over l or lambda needs many, so old ones are put away.
#[derive(Debug)]
pub struct TableCache {
    format: Format,
    by_geometry: HashMap<[u64; 2], Arc<Tables>>,
    error: [f64; 2],
}

impl TableCache {
    /// An empty one, for tables of this format.
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

    /// The largest error bound of any table that was taken since this was asked last.
    #[must_use]
    pub fn take_largest_error(&mut self, precision: Precision) -> f64 {
        std::mem::take(&mut self.error)[usize::from(precision == Precision::F64)]
    }
}

/// A batch that fills up; a full one is run, and its answers go to their slots.
#[derive(Debug)]
pub struct Batcher<'a> {
    chosen: &'a OpenEngine,
    progress: &'a Progress,
    tables: &'a mut TableCache,
    answers: &'a mut [CellResult],
    batch: Batch,
    slots: Vec<usize>,
    rows: HashMap<[u64; 2], u32>,
}

impl<'a> Batcher<'a> {
    /// For an engine, and answers that are there already where cells are not integrated.
    pub fn new(
        chosen: &'a OpenEngine,
        progress: &'a Progress,
        tables: &'a mut TableCache,
        answers: &'a mut [CellResult],
    ) -> Self {
        Self { chosen, progress, tables, answers, batch: Batch::default(), slots: Vec::new(), rows: HashMap::new() }
    }

    /// Takes in what belongs into `slot`: a cell to integrate, or an outcome that stands without.
    ///
    /// # Errors
    /// Whatever the engine reports of a batch that was full.
    pub fn add_prepared(&mut self, slot: usize, ready: &Prepared) -> Result<()> {
        match ready {
            Prepared::Cell(prepared) => self.add(slot, prepared.cell, &prepared.regions),
            Prepared::StartDependent | Prepared::Absent | Prepared::Uncountable { .. } => {
                self.answers[slot] = CellResult::without_numbers(ready.outcome());
                self.progress.add(1, 0, 0);
                Ok(())
            }
        }
    }

    /// Takes in a cell whose answer belongs into `slot`.
    ///
    /// # Errors
    /// Whatever the engine reports of a batch that was full.
    pub fn add(&mut self, slot: usize, cell: Cell, regions: &[TrappingRegion<f64>]) -> Result<()> {
        let (l, lambda) = (cell.parameters.l, cell.parameters.lambda);
        let key = [l.to_bits(), lambda.to_bits()];
        if !self.rows.contains_key(&key) && self.rows.len() == TABLES {
            self.run()?;
        }
        let table = *self.rows.entry(key).or_insert_with(|| {
            self.batch.tables.push(self.tables.get(l, lambda));
            self.batch.tables.len() as u32 - 1
        });
        self.batch.push(cell, regions, table);
        self.slots.push(slot);
        Ok(())
    }

    /// Runs what has been gathered.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub fn run(&mut self) -> Result<()> {
        if !self.slots.is_empty() {
            let found = self.chosen.engine.run(&self.batch, self.progress)?;
            for (slot, answer) in self.slots.iter().zip(found) {
                self.answers[*slot] = answer;
            }
        }
        self.batch.clear();
        self.slots.clear();
        self.rows.clear();
        Ok(())
    }
}
