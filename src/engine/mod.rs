//! Engines that integrate cells: the [`Engine`] trait, on the CPU and on the GPU.

mod batch;
mod choice;
pub mod cpu;
pub mod gpu;

pub use batch::{Batch, Cell, Progress, Tables, Tally, Timing};
pub use choice::{EngineInfo, EngineKind, EngineOptions, OpenEngine, Precision, open_engine};
pub use cpu::Cpu;

use crate::error::Result;
use crate::results::CellResult;

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
}
