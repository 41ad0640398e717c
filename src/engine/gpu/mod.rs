//! The GPU engine: the shader on an adapter, through wgpu. Only this folder uses wgpu.

mod adapter;
mod adapter_choice;
mod adapter_filter;
mod buffers;
mod clock;
mod device;
mod dispatch;
mod flops;
mod layout;
mod pool;
pub mod shader;
#[cfg(test)]
mod twin_tests;
pub mod upload;

pub use adapter::{AdapterInfo, adapters};
pub use adapter_choice::AdapterChoice;
pub use adapter_filter::AdapterFilter;
#[cfg(test)]
pub(super) use adapter_filter::tests::made_up;

use crate::engine::{Batch, Engine, Next, Progress, Task, Work};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::results::CellResult;
use std::sync::atomic::AtomicU64;

/// The GPU engine: the shader compiled for one adapter.
#[derive(Debug)]
pub struct Gpu {
    device: device::Device,
    pipeline: wgpu::ComputePipeline,
    layouts: [wgpu::BindGroupLayout; 2],
    format: Format,
    /// Steps that all slots together take in a dispatch of the right length; 0 while that is unknown.
    dispatch_steps: AtomicU64,
}

impl Gpu {
    /// Opens the adapter that `pick` selects and compiles the shader for it; tables are stored in textures of `format`.
    ///
    /// # Errors
    /// [`Error::Request`](crate::Error::Request) if none or several match (the error lists them);
    /// [`Error::Engine`](crate::Error::Engine) if the driver refuses the device or the shader;
    /// [`Error::DeviceLost`](crate::Error::DeviceLost) if the device is lost meanwhile.
    pub fn open(pick: &AdapterFilter, format: Format) -> Result<Self> {
        let device = device::open(pick)?;
        let (pipeline, layouts) = dispatch::pipeline(&device)?;
        Ok(Self { device, pipeline, layouts, format, dispatch_steps: AtomicU64::new(0) })
    }

    /// Properties of the adapter.
    #[must_use]
    pub fn adapter(&self) -> &AdapterInfo {
        &self.device.report
    }

    /// Takes the device away, as a fault does.
    #[cfg(test)]
    pub(crate) fn destroy(&self) {
        self.device.handle.destroy();
    }
}

impl Engine for Gpu {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        let mut work = Single { batch: Some(batch), results: Vec::new() };
        pool::run(self, &mut work, progress, buffers::most_slots(&self.device))?;
        Ok(work.results)
    }

    fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
        pool::run(self, work, progress, buffers::most_slots(&self.device))
    }
}

/// The work of one batch.
struct Single<'a> {
    batch: Option<&'a Batch>,
    results: Vec<CellResult>,
}

impl<'a> Work<&'a Batch> for Single<'a> {
    fn most_cells(&self) -> u64 {
        self.batch.map_or(0, |batch| batch.cells.len() as u64)
    }

    fn next(&mut self, _: bool) -> Result<Next<&'a Batch>> {
        Ok(self.batch.take().map_or(Next::End, Next::Batch))
    }

    fn finished(&mut self, _: &'a Batch, results: Vec<CellResult>) -> Result<()> {
        self.results = results;
        Ok(())
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

    /// The bits of a result.
    fn bits(a: &CellResult) -> (crate::results::Outcome, [u64; crate::results::COLUMNS.len()], [u64; 4]) {
        (a.outcome, a.numbers().map(f64::to_bits), a.end.map(f64::to_bits))
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
    fn slots_change_no_bit() {
        let (gpu, batch) = (opened(), batch(11));
        let run = |most| {
            let progress = Progress::default();
            let mut work = Single { batch: Some(&batch), results: Vec::new() };
            pool::run(&gpu, &mut work, &progress, most).expect("an adapter that works");
            (work.results.iter().map(bits).collect::<Vec<_>>(), progress.read())
        };
        let whole = run(100);
        for most in [1, 2, 4, 10] {
            assert_eq!(run(most), whole, "{most} slots");
        }
        // Negative control: the cells differ.
        assert!(whole.0[0] != whole.0[5] && whole.1.done == 11);
        assert!(gpu.run(&Batch::default(), &Progress::default()).is_ok_and(|a| a.is_empty()));
    }

    /// Batches that come late or early, and come back in any order.
    struct Several {
        batches: Vec<Option<Batch>>,
        calls: usize,
        back: Vec<(usize, Vec<CellResult>)>,
    }

    impl Work<Batch> for Several {
        fn most_cells(&self) -> u64 {
            29
        }

        fn next(&mut self, may_wait: bool) -> Result<Next<Batch>> {
            self.calls += 1;
            // Every other time there is none yet.
            if !may_wait && self.calls.is_multiple_of(2) {
                return Ok(Next::Later);
            }
            let next = self.batches.iter_mut().find_map(Option::take);
            Ok(next.map_or(Next::End, Next::Batch))
        }

        fn finished(&mut self, batch: Batch, results: Vec<CellResult>) -> Result<()> {
            self.back.push((batch.cells.len(), results));
            Ok(())
        }
    }

    #[test]
    fn batches_share_a_pool_and_come_back_whole() {
        let gpu = opened();
        let tables = batch(1).tables;
        // The last two have tables of their own; the numbers of cells are different, so that they name the batches.
        let sizes = [5_u32, 1, 0, 9, 3, 11];
        let sized = |n: usize| {
            let of_pool = if n < 4 { tables.clone() } else { batch(1).tables };
            Batch { tables: of_pool, ..batch(sizes[n]) }
        };
        let alone = |n: usize| gpu.run(&sized(n), &Progress::default()).expect("an adapter that works");
        for most in [1, 2, 3, 100] {
            let batches = (0..sizes.len()).map(|n| Some(sized(n))).collect();
            let mut work = Several { batches, calls: 0, back: Vec::new() };
            let progress = Progress::default();
            pool::run(&gpu, &mut work, &progress, most).expect("an adapter that works");
            assert_eq!((work.back.len(), progress.read().done), (sizes.len(), 29));
            for (n, size) in sizes.iter().enumerate() {
                let (_, found) = work.back.iter().find(|(cells, _)| *cells == *size as usize).expect("every batch");
                assert!(found.iter().map(bits).eq(alone(n).iter().map(bits)), "batch {n} in {most} slots");
            }
            assert!(progress.occupancy().is_none_or(|part| part > 0.0 && part <= 1.0), "{:?}", progress.occupancy());
        }
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
