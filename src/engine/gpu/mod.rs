//! The GPU engine: the shader on an adapter, through wgpu. Only this folder uses wgpu.

mod buffers;
mod clock;
mod device;
mod dispatch;
mod flops;
mod layout;
pub mod shader;
mod stream;
#[cfg(test)]
mod twin_tests;

pub use device::{AdapterFilter, AdapterInfo, adapters};

use crate::engine::{Batch, Engine, Progress};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::results::CellResult;

/// The GPU engine: the shader compiled for one adapter.
#[derive(Debug)]
pub struct Gpu {
    device: device::Device,
    pipeline: wgpu::ComputePipeline,
    layouts: [wgpu::BindGroupLayout; 2],
    format: Format,
}

impl Gpu {
    /// Opens the first adapter that matches and compiles the shader for it; tables are stored in textures of `format`.
    ///
    /// # Errors
    /// [`Error::Request`](crate::Error::Request) if no adapter matches (the error lists those available);
    /// [`Error::Engine`](crate::Error::Engine) if the driver refuses the device or the shader;
    /// [`Error::DeviceLost`](crate::Error::DeviceLost) if the device is lost meanwhile.
    pub fn open(pick: &AdapterFilter, format: Format) -> Result<Self> {
        let device = device::open(pick)?;
        let (pipeline, layouts) = dispatch::pipeline(&device)?;
        Ok(Self { device, pipeline, layouts, format })
    }

    /// Properties of the adapter.
    #[must_use]
    pub fn adapter(&self) -> &AdapterInfo {
        &self.device.report
    }
}

impl Engine for Gpu {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        stream::run(self, batch, progress, buffers::most_cells(&self.device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Cpu, Precision, Tables};
    use crate::error::Error;
    use crate::kernel::run::RunLimits;
    use crate::kernel::trapping::TrappingRegion;
    use crate::model::{Parameters, State};
    use std::sync::Arc;

    fn opened() -> Gpu {
        Gpu::open(&AdapterFilter::Any, Format::default())
            .expect("the shader's tests need an adapter: run scripts/setup")
    }

    /// Cells along a line across the Hopf curve, as in a sweep except for their trapping regions.
    fn batch(cells: u32) -> Batch {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let tables = vec![Arc::new(Tables::new(p.l, p.lambda, Format::default()))];
        let mut batch = Batch { tables, ..Batch::default() };
        let limits = RunLimits { first_peaks: 10, look_steps: 1000, max_steps: 5000 };
        for n in 0..cells {
            let parameters = Parameters { gamma: 0.05 * f64::from(n + 1), ..p };
            let timing = crate::engine::Timing { dt: 0.02, peak_error: 0.0, limits };
            let cell = crate::engine::Cell::new(parameters, State::rest(1.0), timing);
            let region = TrappingRegion::about(0.5, [1e4; crate::kernel::trapping::FORM], -0.01, 0.0);
            batch.push(cell, &vec![region; n as usize % 3], 0);
        }
        batch
    }

    #[test]
    fn streams_change_no_bit() {
        let (gpu, batch) = (opened(), batch(11));
        let run = |most| {
            let progress = Progress::default();
            let results = stream::run(&gpu, &batch, &progress, most).expect("an adapter that works");
            let bits = |a: &CellResult| (a.outcome, a.numbers().map(f64::to_bits), a.end.map(f64::to_bits));
            (results.iter().map(bits).collect::<Vec<_>>(), progress.read())
        };
        let whole = run(100);
        for most in [1, 2, 4, 10] {
            assert_eq!(run(most), whole, "{most} cells a stream");
        }
        // Negative control: the cells differ.
        assert!(whole.0[0] != whole.0[5] && whole.1.done == 11);
        assert!(stream::run(&gpu, &Batch::default(), &Progress::default(), 4).is_ok_and(|a| a.is_empty()));
    }

    #[test]
    fn violent_starts_go_as_in_the_twin() {
        let mut may_skip = batch(8);
        for (n, cell) in may_skip.cells.iter_mut().enumerate() {
            let side = if n % 2 == 0 { 1.0 } else { -1.0 };
            cell.parameters = Parameters { z_t: 0.3, ..Parameters::at(9.0 * side, 14.0 - n as f64, 0.3) };
            cell.start = State { x: 0.2, y: 0.0, z: 0.3, v: -6.0 * side };
            // The rise alone: a window of 40 steps and its final state.
            cell.limits = RunLimits { first_peaks: u32::MAX, look_steps: 40, max_steps: 40 };
        }
        may_skip.cells.iter_mut().for_each(|cell| cell.regions = 0);
        let shader = opened().run(&may_skip, &Progress::default()).expect("an adapter that works");
        let twin = Cpu { precision: Precision::F32, one_by_one: true }.run(&may_skip, &Progress::default());
        for (a, b) in shader.iter().zip(twin.expect("the engine cpu runs")) {
            assert!(a.span > 5.0 && (a.span - b.span).abs() < 2e-5, "{a:?} {b:?}");
            assert!(a.end.iter().zip(b.end).all(|(a, b)| (a - b).abs() < 2e-5), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_device_that_goes_away_counts_as_lost() {
        let (gpu, batch) = (opened(), batch(1));
        assert!(gpu.run(&batch, &Progress::default()).is_ok());
        gpu.device.handle.destroy();
        let lost = gpu.run(&batch, &Progress::default()).unwrap_err();
        assert!(matches!(lost, Error::DeviceLost { .. }), "{lost}");
    }
}
