//! Engines that integrate cells: the [`Engine`] trait, on the CPU and on the GPU.

mod auto;
mod batch;
mod choice;
pub mod cpu;
pub mod gpu;
mod kept_probes;
mod occupancy;
mod probe;
mod several;

pub use batch::{Batch, Cell, Progress, Stage, Tables, Tally, Timing};
pub use choice::{
    EngineInfo, EngineKind, EngineOptions, LEAST_CELLS_ON_GPU, OpenEngine, Precision, open_engine, probe_adapter,
};
pub use cpu::Cpu;
pub use occupancy::OccupancyRecord;
pub use probe::Probe;
#[cfg(test)]
pub(crate) use several::Several;

use crate::error::Result;
use crate::results::CellResult;
use std::borrow::Borrow;
use std::sync::Arc;

/// An engine that integrates cells.
pub trait Engine {
    /// Integrates every cell of `batch` until it settles or its time is up; returns results in the batch's order.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled; on the GPU also
    /// [`Error::Engine`](crate::Error::Engine) if adapter, driver or shader fails, and
    /// [`Error::DeviceLost`](crate::Error::DeviceLost) if the device is lost. A diverging cell is no error but
    /// an outcome.
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>>;

    /// Integrates every batch of the work, each as by [`run`](Self::run). An engine may have several of them in hand.
    ///
    /// # Errors
    /// As for [`run`](Self::run), and the errors of the work.
    fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
        loop {
            match work.next(true)? {
                Next::Batch(task) => {
                    let results = self.run(&task.batch, progress)?;
                    work.finished(task, results)?;
                }
                Next::Later => progress.stop.check()?,
                Next::End => return Ok(()),
            }
        }
    }
}

/// A batch with its place in the work.
#[derive(Debug, Clone)]
pub struct Task {
    /// Number of a group of batches.
    pub group: u64,
    /// Number of the batch in its group, from 0.
    pub number: usize,
    /// The batch.
    pub batch: Arc<Batch>,
    /// Number of the engine's device that has integrated it, from 0.
    pub device: usize,
}

impl Task {
    /// A batch that no device has integrated yet.
    #[must_use]
    pub fn new(group: u64, number: usize, batch: Batch) -> Self {
        Self { group, number, batch: Arc::new(batch), device: 0 }
    }
}

impl Borrow<Batch> for Task {
    fn borrow(&self) -> &Batch {
        &self.batch
    }
}

/// Batches for an engine, one after the other, and where their results go.
pub trait Work<B>: Send {
    /// Bound on the number of cells of all batches.
    fn most_cells(&self) -> u64;

    /// The next batch; if there is none yet, waits for a while if it may.
    ///
    /// # Errors
    /// Errors that end the work.
    fn next(&mut self, may_wait: bool) -> Result<Next<B>>;

    /// Takes a batch back with its results, in the order of its cells. Batches come back in any order.
    ///
    /// # Errors
    /// Errors that end the work.
    fn finished(&mut self, batch: B, results: Vec<CellResult>) -> Result<()>;
}

/// What a [`Work`] has next.
#[derive(Debug)]
pub enum Next<B> {
    /// A batch.
    Batch(B),
    /// No batch yet.
    Later,
    /// No batch any more.
    End,
}
