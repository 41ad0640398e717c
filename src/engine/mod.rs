//! Engines: one trait with one method, and the two that have it.

mod batch;
mod choice;
pub mod cpu;
pub mod gpu;

pub use batch::{Batch, Cell, Progress, Tables, Tally};
pub use choice::{EngineInfo, EngineKind, EngineOptions, OpenEngine, Precision, open_engine};
pub use cpu::Cpu;

use crate::error::Result;
use crate::results::CellResult;

/// Carries cells to their answers.
pub trait Engine {
    /// Integrates every cell of `batch` until it has settled or its time is up; answers in the batch's order.
    ///
    /// # Errors
    /// Failures of adapter, device or shader. A cell that goes wrong is no error but an outcome.
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>>;
}
