//! The three stages that compute a part of a map: prepare its cells, integrate them, check a sample
//! of the results.
//!
//! [`Stages::run`] runs them one after the other; [`super::pipeline`] runs them on three threads.

use super::optional::optional_columns;
use super::{Batcher, Failover, TableCache};
use crate::audit::{Audit, AuditSample, StoredResult};
use crate::engine::{EngineInfo, OpenEngine, Progress, Stage};
use crate::error::Result;
use crate::grid::GridBox;
use crate::plan::{Plan, PreparedStarts, Theory};
use crate::results::{CellResult, Outcome};
use crate::store::{Part, PartEngine};
use rayon::prelude::*;

/// Cells that are prepared between two checks for cancellation.
const PREPARED_AT_ONCE: usize = 1 << 14;

/// Prepared cells of a part, by cell and start.
pub(super) type PreparedCells = Vec<PreparedStarts>;

/// First stage: the static theory of each cell, its step and its time limits.
#[derive(Debug)]
pub struct Prepare<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    theory: Theory,
}

/// Second stage: integrates cells in batches on the engine.
#[derive(Debug)]
pub struct Integrate<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    pub(super) tables: TableCache,
    pub(super) failover: Failover<'a>,
}

/// Last stage: audits a sample of the results and assembles the part.
#[derive(Debug)]
pub struct Check<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    sample: AuditSample,
}

/// The results of a part, not yet checked.
#[derive(Debug)]
pub struct Integrated {
    /// Results by start, then by cell.
    pub results: Vec<Vec<CellResult>>,
    /// The engine that has computed them.
    pub engine: PartEngine,
    /// Steps of all cells.
    pub neuron_steps: u64,
    /// Largest error bound of the tables used.
    pub table_error: f64,
}

/// An engine as the files of its parts describe it.
pub(super) fn part_engine(info: &EngineInfo) -> PartEngine {
    let EngineInfo { kind, adapter, pci_bus_id, backend, driver, shader_sha256 } = info.clone();
    PartEngine { engine: kind.name().to_string(), adapter, pci_bus_id, backend, driver, shader_sha256 }
}

/// The three stages of one plan.
#[derive(Debug)]
pub struct Stages<'a> {
    /// First stage: prepares cells.
    pub prepare: Prepare<'a>,
    /// Second stage: integrates cells.
    pub integrate: Integrate<'a>,
    /// Last stage: checks results.
    pub check: Check<'a>,
}

impl<'a> Stages<'a> {
    /// Independent stages: they share only the plan and the counters.
    #[must_use]
    pub fn new(plan: &'a Plan, progress: &'a Progress, failover: Failover<'a>) -> Self {
        Self {
            prepare: Prepare { plan, progress, theory: Theory::default() },
            integrate: Integrate { plan, progress, tables: TableCache::new(plan.request.table_format), failover },
            check: Check { plan, progress, sample: AuditSample::of(plan) },
        }
    }

    /// Computes the part that consists of these cells.
    ///
    /// # Errors
    /// As for [`Prepare::run`], [`Integrate::run`] and [`Check::run`].
    pub fn run(&mut self, cells: &GridBox) -> Result<Part> {
        let progress = self.prepare.progress;
        let prepared = progress.timed(Stage::Theory, || self.prepare.run(cells))?;
        let integrated = self.integrate.run(&prepared)?;
        // Large, and not needed by the audit: freed while that runs, and before the next part is prepared.
        rayon::in_place_scope(|scope| {
            scope.spawn(move |_| drop(prepared));
            progress.timed(Stage::Finish, || self.check.run(cells, integrated))
        })
    }
}

impl Prepare<'_> {
    /// Prepares the cells of a box.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] if cancelled.
    pub fn run(&mut self, cells: &GridBox) -> Result<PreparedCells> {
        let mut all = Vec::with_capacity(cells.cells as usize);
        for first in (0..cells.cells).step_by(PREPARED_AT_ONCE) {
            self.progress.stop.check()?;
            let here = first..cells.cells.min(first + PREPARED_AT_ONCE as u64);
            let points: Vec<_> = here.map(|i| self.plan.parameters(cells.first + i)).collect();
            self.theory.prepare(&points);
            all.par_extend(points.par_iter().map(|p| self.plan.prepare(p, &self.theory)));
        }
        Ok(all)
    }
}

impl Integrate<'_> {
    /// Integrates prepared cells. If the device is lost and replaced, all of them start over.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails;
    /// [`crate::Error::Request`] if no engine can be opened in place of a lost one;
    /// [`crate::Error::Interrupted`] if cancelled. The counters are then set back.
    pub fn run(&mut self, prepared: &[PreparedStarts]) -> Result<Integrated> {
        let Self { plan, progress, tables, failover } = self;
        let before = progress.read();
        let (results, engine) = failover.run(|engine| {
            let results = results(plan, engine, progress, tables, prepared);
            Ok((results.inspect_err(|_| progress.go_back_to(before))?, part_engine(&engine.info)))
        })?;
        let table_error = tables.take_largest_error(plan.request.precision);
        Ok(Integrated { results, engine, neuron_steps: progress.read().steps - before.steps, table_error })
    }
}

/// Results by start, then by cell.
fn results(
    plan: &Plan,
    engine: &OpenEngine,
    progress: &Progress,
    tables: &mut TableCache,
    prepared: &[PreparedStarts],
) -> Result<Vec<Vec<CellResult>>> {
    let cells = prepared.len();
    let mut results = vec![CellResult::without_numbers(Outcome::Unsettled); cells * plan.starts()];
    let mut batcher = Batcher::new(engine, progress, tables, &mut results);
    for (i, starts) in prepared.iter().enumerate() {
        for (start, prepared) in starts.iter().enumerate() {
            batcher.add_prepared(start * cells + i, prepared)?;
        }
    }
    batcher.run()?;
    Ok(by_start(results, cells))
}

/// Results of this number of cells by start, which lie one start after the other; those of a single start are not copied.
pub(super) fn by_start(results: Vec<CellResult>, cells: usize) -> Vec<Vec<CellResult>> {
    if results.len() == cells { vec![results] } else { results.chunks(cells).map(<[CellResult]>::to_vec).collect() }
}

impl Check<'_> {
    /// Audits a sample of the results and assembles the part.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] if cancelled.
    pub fn run(&self, cells: &GridBox, integrated: Integrated) -> Result<Part> {
        let Integrated { results, engine, neuron_steps, table_error } = integrated;
        let optional = optional_columns(self.plan, cells, &results, &self.progress.stop)?;
        let mut sampled = Vec::new();
        for (start, (results, columns)) in results.iter().zip(&optional).enumerate() {
            sampled.extend(self.sample.within(cells).map(|index| {
                let place = (index - cells.first) as usize;
                let asked_for = columns.iter().map(|column| column[place]).collect();
                StoredResult { index, start, result: results[place], asked_for }
            }));
        }
        let audit = Audit::run(self.plan, &self.sample, &sampled, &self.progress.stop)?.rows();
        let largest_steps = results.iter().flatten().map(|r| r.steps).max().unwrap_or(0);
        Ok(Part { results, optional, engine, neuron_steps, largest_steps, table_error, audit })
    }
}
