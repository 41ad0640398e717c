//! The parts of a sweep as work for an engine that has several batches in hand: their batches go in, and parts whose
//! batches are all back come out.

use super::batcher::{OpenPortion, Portion, TableCache, complete};
use super::stages::{Integrated, PreparedCells, by_start, part_engine};
use crate::engine::{EngineInfo, Next, Progress, Task, Work};
use crate::error::{Error, Result};
use crate::plan::{Plan, Prepared};
use crate::results::{CellResult, Outcome};
use crate::store::PartSpec;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::Duration;

/// Time for which an idle engine waits for the next part before it looks whether the sweep is cancelled.
const WAIT: Duration = Duration::from_millis(100);

/// A part with its batches, before or after they have been integrated.
#[derive(Debug)]
pub(super) struct PartBatches {
    spec: PartSpec,
    batches: Vec<BatchOfPart>,
    /// Results of all starts, one start after the other; so far those of cells that are not integrated.
    results: Vec<CellResult>,
    table_error: f64,
    /// The devices that have integrated batches.
    devices: Vec<EngineInfo>,
}

#[derive(Debug)]
struct BatchOfPart {
    task: Task,
    slots: Vec<usize>,
    found: Option<Vec<CellResult>>,
}

impl PartBatches {
    /// The batches of a part's prepared cells.
    pub(super) fn new(
        spec: PartSpec,
        prepared: &PreparedCells,
        plan: &Plan,
        tables: &mut TableCache,
        progress: &Progress,
    ) -> Self {
        let cells = prepared.len();
        let mut results = vec![CellResult::without_numbers(Outcome::Unsettled); cells * plan.starts()];
        let (mut open, mut portions) = (OpenPortion::default(), Vec::new());
        for (i, starts) in prepared.iter().enumerate() {
            for (start, ready) in starts.iter().enumerate() {
                let slot = start * cells + i;
                match ready {
                    Prepared::Cell(ready) => portions.extend(open.add(tables, slot, ready.cell, &ready.regions)),
                    other => {
                        results[slot] = CellResult::without_numbers(other.outcome());
                        progress.add(1, 0, 0);
                    }
                }
            }
        }
        portions.push(open.take());
        let batches = numbered(spec.index, portions);
        let table_error = tables.take_largest_error(plan.request.precision);
        Self { spec, batches, results, table_error, devices: Vec::new() }
    }

    /// The part with each of its batches in this many pieces, for as many devices.
    pub(super) fn in_pieces(self, pieces: usize) -> Self {
        if pieces < 2 {
            return self;
        }
        let mut portions = Vec::new();
        for BatchOfPart { task, slots, .. } in &self.batches {
            let cells = slots.len().div_ceil(pieces).max(1);
            portions.extend((0..slots.len()).step_by(cells).map(|first| {
                let piece = first..slots.len().min(first + cells);
                Portion { slots: slots[piece.clone()].to_vec(), batch: task.batch.piece(piece) }
            }));
        }
        Self { batches: numbered(self.spec.index, portions), ..self }
    }

    fn is_back(&self) -> bool {
        self.batches.iter().all(|batch| batch.found.is_some())
    }

    /// Completes the results of a part that is back.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] if cancelled.
    pub(super) fn complete(mut self, progress: &Progress, info: &EngineInfo) -> Result<(PartSpec, Integrated)> {
        for BatchOfPart { task, slots, found } in self.batches {
            let mut found = found.unwrap_or_default();
            complete(&task.batch, &mut found, progress, true)?;
            for (slot, result) in slots.into_iter().zip(found) {
                self.results[slot] = result;
            }
        }
        let by_devices = self.devices.split_first().map(|(first, others)| EngineInfo::joined(first, others));
        let engine = part_engine(by_devices.as_ref().unwrap_or(info));
        let neuron_steps = self.results.iter().map(|r| r.steps).sum();
        let cells = self.spec.place.cells as usize;
        let results = by_start(self.results, cells);
        Ok((self.spec, Integrated { results, engine, neuron_steps, table_error: self.table_error }))
    }
}

/// The portions of a part that have cells, as batches.
fn numbered(part: u64, portions: Vec<Portion>) -> Vec<BatchOfPart> {
    let filled = portions.into_iter().filter(|portion| !portion.slots.is_empty());
    let batch = |(number, Portion { batch, slots })| {
        let task = Task::new(part, number, batch);
        BatchOfPart { task, slots, found: None }
    };
    filled.enumerate().map(batch).collect()
}

/// Parts on their way through an engine.
#[derive(Debug)]
pub(super) struct PartWork<'a> {
    progress: &'a Progress,
    prepared: Receiver<PartBatches>,
    back: SyncSender<PartBatches>,
    /// Parts that are not back, by number.
    open: BTreeMap<u64, PartBatches>,
    due: VecDeque<Task>,
    /// The engine's devices.
    devices: Vec<EngineInfo>,
    /// Bound on the number of cells of all parts.
    most_cells: u64,
    /// Number of parts that are back.
    pub done: u64,
}

impl<'a> PartWork<'a> {
    pub(super) fn new(
        progress: &'a Progress,
        prepared: Receiver<PartBatches>,
        back: SyncSender<PartBatches>,
        most_cells: u64,
    ) -> Self {
        let (open, due) = (BTreeMap::new(), VecDeque::new());
        Self { progress, prepared, back, open, due, devices: Vec::new(), most_cells, done: 0 }
    }

    /// Goes on with an engine of these devices: parts that another one has left open start over.
    pub(super) fn restart(&mut self, devices: &[EngineInfo]) {
        self.devices = devices.to_vec();
        self.due.clear();
        self.open.values_mut().for_each(|part| part.devices.clear());
        for batch in self.open.values_mut().flat_map(|part| &mut part.batches) {
            if let Some(found) = batch.found.take() {
                let settled = found.iter().filter(|r| r.outcome.is_settled()).count() as u64;
                self.progress.take_back(found.len() as u64, settled, found.iter().map(|r| r.steps).sum());
            }
            self.due.push_back(batch.task.clone());
        }
    }

    /// Takes in a part; one without batches is back at once. Returns whether anybody takes it.
    fn take_in(&mut self, part: PartBatches) -> bool {
        if part.batches.is_empty() {
            self.done += 1;
            return self.back.send(part).is_ok();
        }
        self.due.extend(part.batches.iter().map(|batch| batch.task.clone()));
        self.open.insert(part.spec.index, part);
        true
    }
}

impl Work<Task> for PartWork<'_> {
    fn most_cells(&self) -> u64 {
        self.most_cells
    }

    fn next(&mut self, may_wait: bool) -> Result<Next<Task>> {
        loop {
            if let Some(task) = self.due.pop_front() {
                return Ok(Next::Batch(task));
            }
            let part = match may_wait {
                true => self.prepared.recv_timeout(WAIT).map_err(|e| e == RecvTimeoutError::Timeout),
                false => self.prepared.try_recv().map_err(|e| e == TryRecvError::Empty),
            };
            match part {
                // A stage whose channel is closed ends quietly; the stage that failed returns the error.
                Ok(part) => {
                    if !self.take_in(part) {
                        return Ok(Next::End);
                    }
                }
                Err(true) => return Ok(Next::Later),
                Err(false) => return Ok(Next::End),
            }
        }
    }

    fn finished(&mut self, task: Task, results: Vec<CellResult>) -> Result<()> {
        let wrong = || Error::engine("the engine gave back another batch than it was given", "please report this");
        let part = self.open.get_mut(&task.group).ok_or_else(wrong)?;
        let batch = part.batches.get_mut(task.number).filter(|batch| batch.slots.len() == results.len());
        batch.ok_or_else(wrong)?.found = Some(results);
        part.devices.extend(self.devices.get(task.device).cloned());
        if part.is_back()
            && let Some(part) = self.open.remove(&task.group)
        {
            self.done += 1;
            // The stage that failed returns the error that counts.
            let ended = |_| Error::engine("the next stage has ended", "see its error");
            self.back.send(part).map_err(ended)?;
        }
        Ok(())
    }
}
