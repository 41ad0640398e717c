//! Input of an engine: cells with their tables and trapping regions, and progress counters.

use super::occupancy::OccupancyRecord;
use crate::cancel::CancelToken;
use crate::kernel::run::RunLimits;
use crate::kernel::table::{Format, Table};
use crate::kernel::trapping::TrappingRegion;
use crate::model::{F00Jets, Parameters, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// One cell: parameters, initial state and limits of its run.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Parameters of the neuron.
    pub parameters: Parameters<f64>,
    /// Initial state.
    pub start: State<f64>,
    /// RK4 step in units of tau_c.
    pub dt: f64,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: f64,
    /// Limits of the run; with no steps at all in a precision that cannot decide the cell.
    pub limits: RunLimits,
    /// Step and limits in double precision, for what single precision cannot decide.
    pub double: Timing,
    /// RK4 step with which the cell is watched where it has not settled, in units of tau_c.
    pub watch_dt: f64,
    /// Whether Z relaxes so slowly that a motion may follow the slow manifold.
    pub is_slow: bool,
    /// Index of the cell's table in the batch.
    pub table: u32,
    /// Index of the cell's first trapping region in the batch.
    pub first_region: u32,
    /// Number of the cell's trapping regions.
    pub regions: u32,
}

/// Step and limits of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// RK4 step in units of tau_c.
    pub dt: f64,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: f64,
    /// Limits of the run.
    pub limits: RunLimits,
}

impl Cell {
    /// A cell without trapping regions on a batch's first table, with the same step and limits in both precisions.
    #[must_use]
    pub fn new(parameters: Parameters<f64>, start: State<f64>, timing: Timing) -> Self {
        let Timing { dt, peak_error, limits } = timing;
        let (table, first_region, regions) = (0, 0, 0);
        let (double, watch_dt, is_slow) = (timing, dt, false);
        Self { parameters, start, dt, peak_error, limits, double, watch_dt, is_slow, table, first_region, regions }
    }

    /// The trapping regions of this cell among those of its batch.
    pub(super) fn regions_in<'a, T>(&self, regions: &'a [TrappingRegion<T>]) -> &'a [TrappingRegion<T>] {
        let first = self.first_region as usize;
        regions.get(first..first + self.regions as usize).unwrap_or_default()
    }

    /// This cell with the step and the limits of double precision.
    #[must_use]
    pub fn in_double(&self) -> Self {
        let Timing { dt, peak_error, limits } = self.double;
        Self { dt, peak_error, limits, ..*self }
    }
}

/// Tables of one geometry in both precisions, built together.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Profile from which both tables are built.
    pub profile: F00Jets,
    /// Table in double precision.
    pub double: Table<f64>,
    /// Table in single precision, as the texture stores it.
    pub single: Table<f32>,
    /// Texture format of the single-precision table.
    pub format: Format,
}

impl Tables {
    /// Tables for oscillator length `l` and tunnelling length `lambda`, with the single-precision one in `format`.
    #[must_use]
    pub fn new(l: f64, lambda: f64, format: Format) -> Self {
        let profile = F00Jets::new(l, lambda);
        let (double, single) = (Table::<f64>::of(&profile, l, lambda), Table::<f32>::of(&profile, l, lambda, format));
        Self { profile, double, single, format }
    }
}

/// Cells that are integrated together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The cells.
    pub cells: Vec<Cell>,
    /// Tables of the cells.
    pub tables: Vec<Arc<Tables>>,
    /// Trapping regions of the cells.
    pub regions: Vec<TrappingRegion<f64>>,
}

impl Batch {
    /// Adds a cell with the table of index `table` and these trapping regions.
    pub fn push(&mut self, cell: Cell, regions: &[TrappingRegion<f64>], table: u32) {
        let (first_region, count) = (self.regions.len() as u32, regions.len() as u32);
        self.regions.extend_from_slice(regions);
        self.cells.push(Cell { table, first_region, regions: count, ..cell });
    }

    /// Trapping regions of a cell of this batch.
    #[must_use]
    pub fn regions_of(&self, cell: &Cell) -> &[TrappingRegion<f64>] {
        cell.regions_in(&self.regions)
    }

    /// Some of the cells, as a batch with the same tables.
    #[must_use]
    pub fn piece(&self, cells: std::ops::Range<usize>) -> Self {
        let mut piece = Self { tables: self.tables.clone(), ..Self::default() };
        self.cells[cells].iter().for_each(|cell| piece.push(*cell, self.regions_of(cell), cell.table));
        piece
    }

    /// Removes all cells, tables and trapping regions.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.tables.clear();
        self.regions.clear();
    }
}

/// Counters that an engine updates and a display reads, and a cancellation flag.
#[derive(Debug, Default)]
pub struct Progress {
    /// Cells with a result.
    pub cells_done: AtomicU64,
    /// Cells that settled (steady or oscillating).
    pub cells_settled: AtomicU64,
    /// Steps taken, over all cells.
    pub neuron_steps: AtomicU64,
    /// Time in ns for which the device was busy, by its own clock; 0 without one.
    pub device_time: AtomicU64,
    /// Steps taken in a pool's slots while cells were waiting for one, and the steps that all slots could have taken.
    pub slot_steps: [AtomicU64; 2],
    /// Part of a pool's slots that had a run, from the first dispatch to the last.
    pub slots_in_time: OccupancyRecord,
    /// Most bytes of buffers and textures that a pool has had on one device.
    pub device_bytes: AtomicU64,
    /// Time in ns that a sweep has spent on each [`Stage`].
    pub stage_time: [AtomicU64; 2],
    /// Cancellation flag.
    pub stop: CancelToken,
}

/// What a sweep does apart from the integration, on a thread of its own where it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Preparing cells: their theory, step and limits.
    Theory,
    /// What follows the engine: cells in f64, names of what has not settled, the audit, writing.
    Finish,
}

/// The counters of a [`Progress`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Cells with a result.
    pub done: u64,
    /// Cells that settled (steady or oscillating).
    pub settled: u64,
    /// Steps taken, over all cells.
    pub steps: u64,
}

impl Progress {
    /// Adds to the counters.
    pub fn add(&self, done: u64, settled: u64, steps: u64) {
        self.cells_done.fetch_add(done, Ordering::SeqCst);
        self.cells_settled.fetch_add(settled, Ordering::SeqCst);
        self.neuron_steps.fetch_add(steps, Ordering::Relaxed);
    }

    /// Adds to the device time.
    pub fn add_device_time(&self, nanoseconds: u64) {
        self.device_time.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Adds the steps taken in a pool's slots, and those that all of them could have taken.
    pub fn add_slot_steps(&self, taken: u64, possible: u64) {
        for (sum, steps) in self.slot_steps.iter().zip([taken, possible]) {
            sum.fetch_add(steps, Ordering::Relaxed);
        }
    }

    /// Part of a pool's slots that had a run while cells were waiting for one, on average; `None` where none waited.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        let [taken, possible] = [0, 1].map(|i: usize| self.slot_steps[i].load(Ordering::Relaxed) as f64);
        (possible > 0.0).then(|| taken / possible)
    }

    /// Runs `work`, and adds its time to a stage's.
    pub fn timed<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.stage_time[stage as usize].fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        done
    }

    /// Notes the bytes that a pool has on its device.
    pub fn note_device_bytes(&self, bytes: u64) {
        self.device_bytes.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Takes back what was added for work that has to be repeated.
    pub fn take_back(&self, done: u64, settled: u64, steps: u64) {
        self.cells_settled.fetch_sub(settled, Ordering::SeqCst);
        self.cells_done.fetch_sub(done, Ordering::SeqCst);
        self.neuron_steps.fetch_sub(steps, Ordering::Relaxed);
    }

    /// Resets the counters to an earlier tally, because the work since then has to be repeated.
    pub fn go_back_to(&self, Tally { done, settled, steps }: Tally) {
        self.cells_settled.store(settled, Ordering::SeqCst);
        self.cells_done.store(done, Ordering::SeqCst);
        self.neuron_steps.store(steps, Ordering::Relaxed);
    }

    /// Reads the counters.
    #[must_use]
    pub fn read(&self) -> Tally {
        let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
        // Settled is read before done: a cell that ends in between must not be settled without being done.
        let (settled, steps) = (get(&self.cells_settled), get(&self.neuron_steps));
        Tally { done: get(&self.cells_done), settled, steps }
    }
}
