//! The GPU engine: the shader on whatever adapter there is, driven through wgpu. Only this folder names wgpu.

mod buffers;
mod clock;
mod device;
mod dispatch;
mod peak;
pub mod shader;
mod stream;

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
        stream::run(self, batch, progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Tables;
    use crate::error::Error;
    use crate::kernel::settle::Cadence;
    use crate::model::{Parameters, State};
    use std::sync::Arc;

    #[test]
    fn a_device_that_goes_away_counts_as_lost() {
        let gpu =
            Gpu::open(&Pick::Any, Format::default()).expect("the shader's tests need an adapter: run scripts/setup");
        let p = Parameters::at(2.0, 6.0, 0.1);
        let cadence = Cadence { turns: 10, window_steps: 1000, max_steps: 5000 };
        let cell = crate::engine::Cell {
            parameters: p,
            start: State::rest(1.0),
            dt: 0.02,
            blur: 0.0,
            cadence,
            table: 0,
            first_basin: 0,
            basins: 0,
        };
        let mut batch =
            Batch { tables: vec![Arc::new(Tables::new(p.l, p.lambda, Format::default()))], ..Batch::default() };
        batch.push(cell, &[], 0);
        assert!(gpu.run(&batch, &Progress::default()).is_ok());
        gpu.device.handle.destroy();
        let lost = gpu.run(&batch, &Progress::default()).unwrap_err();
        assert!(matches!(lost, Error::DeviceLost { .. }), "{lost}");
    }
}
