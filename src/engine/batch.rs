//! What an engine is given: cells, the tables they look up, and where to report how far it is.

use crate::cancel::CancelToken;
use crate::kernel::settle::WindowLimits;
use crate::kernel::table::{Format, Table};
use crate::kernel::trapping::TrappingRegion;
use crate::model::{F00Jets, Parameters, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One cell: a point of parameter space, a start, and how long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Where in parameter space.
    pub parameters: Parameters<f64>,
    /// The state it starts from.
    pub start: State<f64>,
    /// RK4's step in units of tau_c.
    pub dt: f64,
    /// How far a maximum of V may seem to lie from where it is, because of where it falls within a step.
    pub peak_error: f64,
    /// When its windows end, and its run.
    pub limits: WindowLimits,
    /// Which of the batch's tables it looks up.
    pub table: u32,
    /// The first of its trapping regions among the batch's.
    pub first_region: u32,
    /// How many it has.
    pub regions: u32,
}

/// The table of one geometry in both precisions; they are built together, once.
#[derive(Debug, Clone)]
pub struct Tables {
    /// What they are made from.
    pub profile: F00Jets,
    /// In double precision.
    pub double: Table<f64>,
    /// In single precision, as the texture holds it.
    pub single: Table<f32>,
    /// How the single-precision one is stored.
    pub format: Format,
}

impl Tables {
    /// For oscillator length `l` and tunnelling length `lambda`, the single-precision one stored as `format` says.
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
    /// The tables they refer to.
    pub tables: Vec<Arc<Tables>>,
    /// The trapping regions they refer to.
    pub regions: Vec<TrappingRegion<f64>>,
}

impl Batch {
    /// Adds a cell that looks up table `table` and comes to rest in `trapping regions`.
    pub fn push(&mut self, cell: Cell, regions: &[TrappingRegion<f64>], table: u32) {
        let (first_region, count) = (self.regions.len() as u32, regions.len() as u32);
        self.regions.extend_from_slice(regions);
        self.cells.push(Cell { table, first_region, regions: count, ..cell });
    }

    /// The trapping regions of one of its cells.
    #[must_use]
    pub fn regions_of(&self, cell: &Cell) -> &[TrappingRegion<f64>] {
        let first = cell.first_region as usize;
        self.regions.get(first..first + cell.regions as usize).unwrap_or_default()
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.tables.clear();
        self.regions.clear();
    }
}

/// Counters that an engine moves on while it works and a display reads.
#[derive(Debug, Default)]
pub struct Progress {
    /// Cells with an answer.
    pub cells_done: AtomicU64,
    /// Of these, cells that settled (steady or oscillating).
    pub cells_settled: AtomicU64,
    /// Steps taken, over all cells.
    pub neuron_steps: AtomicU64,
    /// Nanoseconds that a device was busy with them, by its own clock, where it has one.
    pub device_time: AtomicU64,
    /// Whether somebody wants the work to end.
    pub stop: CancelToken,
}

/// The counters of a [`Progress`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Cells with a result.
    pub done: u64,
    /// Cells among them that are steady or oscillating.
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

    /// Adds to a device's time.
    pub fn add_device_time(&self, nanoseconds: u64) {
        self.device_time.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Takes back what was counted since it read so: that work has to be done again.
    pub fn go_back_to(&self, Tally { done, settled, steps }: Tally) {
        self.cells_settled.store(settled, Ordering::SeqCst);
        self.cells_done.store(done, Ordering::SeqCst);
        self.neuron_steps.store(steps, Ordering::Relaxed);
    }

    /// Reads the counters.
    #[must_use]
    pub fn read(&self) -> Tally {
        let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
        // Settled before done: a cell that ends in between must not be settled without being done.
        let (settled, steps) = (get(&self.cells_settled), get(&self.neuron_steps));
        Tally { done: get(&self.cells_done), settled, steps }
    }
}
