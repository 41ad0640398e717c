//! The GPU engine: the shader on whatever adapter there is, driven through wgpu. Only this folder names wgpu.

mod buffers;
mod device;
mod dispatch;
pub mod shader;

pub use device::{AdapterReport, Pick, adapters};

use super::{Batch, Engine, Progress};
use crate::columns::Answer;
use crate::error::Result;
use crate::kernel::table::Format;

/// The shader, compiled for one adapter.
#[derive(Debug)]
pub struct Gpu {
    device: device::Device,
    pipeline: wgpu::ComputePipeline,
    layouts: [wgpu::BindGroupLayout; 2],
    format: Format,
}

impl Gpu {
    /// Opens an adapter and compiles the shader for it; the tables will lie in textures of `format`.
    ///
    /// # Errors
    /// No such adapter (with a list of those there are), or a driver that refuses device or shader.
    pub fn open(pick: &Pick, format: Format) -> Result<Self> {
        let device = device::open(pick)?;
        let (pipeline, layouts) = dispatch::pipeline(&device)?;
        Ok(Self { device, pipeline, layouts, format })
    }

    /// The adapter that was opened.
    #[must_use]
    pub fn adapter(&self) -> &AdapterReport {
        &self.device.report
    }
}

impl Engine for Gpu {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<Answer>> {
        let most = buffers::most_cells(&self.device.handle.limits());
        let mut answers = Vec::with_capacity(batch.cells.len());
        for cells in batch.cells.chunks(most) {
            let buffers = buffers::Buffers::new(self, batch, cells)?;
            let taken = dispatch::until_done(self, &buffers, progress)?;
            answers.extend(dispatch::read_answers(self, &buffers, cells, taken)?);
        }
        Ok(answers)
    }
}
