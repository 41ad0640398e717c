//! The CPU engine: the kernel on all cores, with many cells at a time in vector lanes, or one by one.

pub mod flops;
pub mod lanes;

use crate::engine::cpu::lanes::{Doubles, Group, Lane, LaneCell, Singles};
use crate::engine::{Batch, Cell, Engine, Precision, Progress, Tables};
use crate::error::Result;
use crate::kernel::Real;
use crate::kernel::advance::advance;
use crate::kernel::run::{Run, RunSettings};
use crate::kernel::table::{Format, Table};
use crate::kernel::trapping::TrappingRegion;
use crate::model::State;
use crate::results::CellResult;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Steps of one cell between progress reports and checks for cancellation.
const STEPS_PER_CALL: u32 = 1 << 16;
/// Steps of a group of lanes between progress reports and checks for cancellation.
const GROUP_SLICE: u32 = 1 << 12;
/// Steps of all lanes of a group after which they are reported, if no cell ends before.
const STEPS_PER_REPORT: u64 = 1 << 16;

/// The CPU engine, on the threads of rayon's global pool.
#[derive(Debug, Clone, Copy)]
pub struct Cpu {
    /// Precision of the integration.
    pub precision: Precision,
    /// Whether to integrate cell by cell with the scalar kernel, the shader's twin, instead of in lanes.
    pub one_by_one: bool,
}

impl Cpu {
    /// CPU engine in this precision, with lanes.
    #[must_use]
    pub fn new(precision: Precision) -> Self {
        Self { precision, one_by_one: false }
    }
}

impl Engine for Cpu {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        // Lanes make polynomials from the exact profile; only the scalar kernel uses half-precision tables.
        let exact = batch.tables.iter().all(|t| t.format == Format::Rgba32Float);
        let one_by_one = self.one_by_one || !exact;
        match self.precision {
            Precision::F64 if self.one_by_one => run_in::<f64>(batch, progress, |t| &t.double),
            Precision::F32 if one_by_one => run_in::<f32>(batch, progress, |t| &t.single),
            Precision::F64 => run_in_lanes::<f64, { Doubles::LANES }, { f64::TERMS }>(batch, progress, |t| &t.double),
            Precision::F32 => run_in_lanes::<f32, { Singles::LANES }, { f32::TERMS }>(batch, progress, |t| &t.single),
        }
    }
}

/// Integrates a batch in lanes: each thread fills a group of lanes with cells and refills finished lanes.
fn run_in_lanes<T: Lane, const LANES: usize, const TERMS: usize>(
    batch: &Batch,
    progress: &Progress,
    table: impl Fn(&Tables) -> &Table<T> + Sync,
) -> Result<Vec<CellResult>> {
    let next = AtomicUsize::new(0);
    let threads = rayon::current_num_threads();
    // With few cells, every thread gets its share.
    let most = batch.cells.len().div_ceil(threads).clamp(1, LANES);
    // Cells that may take longest go first, so that none of them is left for the end.
    let mut order: Vec<usize> = (0..batch.cells.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(batch.cells[*i].limits.max_steps));
    let regions: Vec<TrappingRegion<T>> = batch.regions.iter().map(TrappingRegion::rounded).collect();
    let job = |number: usize, cell: &Cell| {
        let tables = batch.tables[cell.table as usize].as_ref();
        LaneCell {
            number,
            parameters: cell.parameters,
            start: cell.start,
            dt: cell.dt,
            limits: cell.limits,
            peak_error: cell.peak_error,
            is_slow: cell.is_slow,
            regions: cell.regions_in(&regions),
            exact: &tables.profile,
            table: table(tables),
        }
    };
    let work = |_| -> Result<Vec<(usize, CellResult)>> {
        let (mut outcomes, mut found) = (Vec::new(), Vec::new());
        let (mut group, mut taken) = (Group::<T, LANES, TERMS>::default(), 0);
        loop {
            progress.stop.check()?;
            while group.len() < most {
                let Some(&number) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                group.put(job(number, &batch.cells[number]));
            }
            if group.is_empty() {
                return Ok(found);
            }
            taken += group.advance(GROUP_SLICE, &mut outcomes);
            if outcomes.is_empty() && taken < STEPS_PER_REPORT {
                continue;
            }
            let (done, mut settled) = (outcomes.len() as u64, 0);
            for (number, outcome) in outcomes.drain(..) {
                let result = outcome.result();
                settled += u64::from(result.outcome.is_settled());
                found.push((number, result));
            }
            progress.add(done, settled, std::mem::take(&mut taken));
        }
    };
    let by_thread = (0..threads).into_par_iter().with_max_len(1).map(work).collect::<Result<Vec<_>>>()?;
    let mut results = vec![CellResult::without_numbers(crate::results::Outcome::Unsettled); batch.cells.len()];
    by_thread.into_iter().flatten().for_each(|(number, result)| results[number] = result);
    Ok(results)
}

fn run_in<T: Real>(
    batch: &Batch,
    progress: &Progress,
    table: impl Fn(&Tables) -> &Table<T> + Sync,
) -> Result<Vec<CellResult>> {
    let one = |cell: &Cell| {
        let regions: Vec<TrappingRegion<T>> = batch.regions_of(cell).iter().map(TrappingRegion::rounded).collect();
        one_cell(cell, &regions, table(&batch.tables[cell.table as usize]), progress)
    };
    batch.cells.par_iter().map(one).collect()
}

fn one_cell<T: Real>(
    cell: &Cell,
    regions: &[TrappingRegion<T>],
    table: &Table<T>,
    progress: &Progress,
) -> Result<CellResult> {
    let parameters = cell.parameters.map(T::of);
    let s = &cell.start;
    let start = State { x: T::of(s.x), y: T::of(s.y), z: T::of(s.z), v: T::of(s.v) };
    let mut run = Run::start(start, T::of(cell.dt), &cell.limits);
    let settings = RunSettings {
        dt: T::of(cell.dt),
        limits: cell.limits,
        peak_error: T::of(cell.peak_error),
        z_t: parameters.z_t,
        relaxation: parameters.alpha * parameters.gamma,
        is_slow: cell.is_slow,
        regions,
    };
    loop {
        progress.stop.check()?;
        let before = run.steps;
        let outcome = advance(&mut run, &parameters, table, &settings, STEPS_PER_CALL);
        let result = outcome.map(|v| v.result());
        let settled = result.is_some_and(|a| a.outcome.is_settled());
        progress.add(u64::from(result.is_some()), u64::from(settled), u64::from(run.steps - before));
        if let Some(result) = result {
            return Ok(result);
        }
    }
}
