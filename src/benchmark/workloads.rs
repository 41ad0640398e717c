//! Two benchmarks: W1, a fixed number of steps over Fig. 6a's plane, and the settled Fig. 6a map
//! compared with fixed-time integration.

use crate::audit::SPAN_F32;
use crate::engine::cpu::flops::fma_rate;
use crate::engine::cpu::lanes::Lane;
use crate::engine::{Batch, Cell, OpenEngine, Progress, Tables};
use crate::error::Result;
use crate::kernel::run::RunLimits;
use crate::plan::Request;
use crate::plan::Theory;
use crate::plan::{OnDeviceLoss, Plan, Prepared, PreparedCell};
use crate::results::Outcome;
use crate::sweep::{Failover, Stages};
use rayon::prelude::*;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Number of cells of W1 per side.
pub const W1_SIDE: u32 = 64;
/// RK4 steps of each cell of W1, without early end: 10,000 and 1,000 more.
pub const W1_STEPS: u32 = 11_000;
/// First part of the time of fixed-time integration, in relaxation times 1/(alpha Gamma).
const FIXED_TIMES: f64 = 60.0;
/// Time of fixed-time integration in addition to [`FIXED_TIMES`], in tau_c.
const FIXED_EXTRA: f64 = 1000.0;
/// Last part of fixed-time integration, over which the span is taken, in tau_c.
const FIXED_LAST: f64 = 200.0;

/// Plan of Fig. 6a's plane with `side` cells per side and the further TOML lines `more`.
///
/// # Errors
/// [`crate::Error::Request`] only if `more` is no part of a request (not expected).
pub fn fig6a(side: u32, more: &str) -> Result<Plan> {
    let axes = format!("grid = ['Gamma=0.02:1:{side}', 'Z_T=0:1:{side}']\naudit = 0\n{more}\n");
    Plan::new(Request::from_toml(&format!("{axes}[set]\nV_n = 2.0\nR_n = 6.0\n"))?)
}

/// Batch of the plan's cells, each changed by `with`, without trapping regions.
fn batch(plan: &Plan, with: impl Fn(Cell) -> Cell) -> Batch {
    let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    let p = &points[0];
    let tables = vec![Tables::new(p.l, p.lambda, plan.request.table_format).into()];
    let mut batch = Batch { tables, ..Batch::default() };
    for PreparedCell { cell, .. } in points.iter().flat_map(|p| plan.prepare(p, &theory)).filter_map(Prepared::cell) {
        batch.push(with(cell), &[], 0);
    }
    batch
}

/// Batch of W1 with `side` cells per side (64 in W1 itself) and `steps` steps.
///
/// Gamma 0.02…1 × Z_T 0…1, V_n = 2, R_n = 6, dt = 0.02, and one window of all the steps, so that no
/// cell can settle before its end.
///
/// # Errors
/// [`crate::Error::Request`] only if the plane is refused (not expected).
pub fn w1(side: u32, steps: u32) -> Result<Batch> {
    let cadence = RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps };
    Ok(batch(&fig6a(side, "dt = 0.02")?, |cell| Cell { limits: cadence, ..cell }))
}

/// Maximum number of cells of a W1 batch: that of the largest part.
pub const W1_BATCH: u32 = 1 << 18;

/// W1's cells repeated up to `cells` or [`W1_BATCH`], and the number of batches that make `cells`.
///
/// # Errors
/// [`crate::Error::Request`] only if the plane is refused (not expected).
pub fn w1_of(cells: u32, steps: u32) -> Result<(Batch, u32)> {
    let mut batch = w1(W1_SIDE, steps)?;
    let in_batch = cells.clamp(1, W1_BATCH);
    batch.cells = batch.cells.iter().copied().cycle().take(in_batch as usize).collect();
    Ok((batch, cells.div_ceil(in_batch)))
}

/// Speed of an engine on a batch, in neuron-steps per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Speed by wall time, upload and read-back included.
    pub wall: f64,
    /// Speed by the shader's time on the device's own clock; `None` without a device or a clock.
    pub kernel: Option<f64>,
}

/// Speed on `times` batches in sequence: the median by wall time of `repeats` such runs.
///
/// # Errors
/// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails.
pub fn rate(chosen: &OpenEngine, batch: &Batch, times: u32, repeats: usize) -> Result<Rate> {
    let mut rates = Vec::new();
    for _ in 0..repeats.max(1) {
        let (progress, begun) = (Progress::default(), Instant::now());
        for _ in 0..times.max(1) {
            chosen.engine.run(batch, &progress)?;
        }
        let (steps, on_device) = (progress.read().steps as f64, progress.device_time.load(Ordering::Relaxed));
        let kernel = (on_device > 0).then(|| steps / (1e-9 * on_device as f64));
        rates.push(Rate { wall: steps / begun.elapsed().as_secs_f64(), kernel });
    }
    rates.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    Ok(rates[rates.len() / 2])
}

/// Comparison of the settled Fig. 6a map with fixed-time integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Seconds for the settled map, theory included.
    pub settled: f64,
    /// Seconds for fixed-time integration.
    pub fixed: f64,
    /// Neuron-steps of the settled map and of fixed-time integration.
    pub steps: [u64; 2],
    /// Number of unsettled cells of the settled map.
    pub unsettled: usize,
    /// Fraction of settled cells whose spans agree to 2e-5.
    pub agree: f64,
    /// Part of the device's slots that had a run while cells of the settled map waited for one; `None` on the CPU.
    pub occupancy: Option<f64>,
}

/// Computes the Fig. 6a map with the settling rule and with fixed-time integration.
///
/// # Errors
/// [`crate::Error::Engine`] or [`crate::Error::DeviceLost`] if the engine fails;
/// [`crate::Error::Request`] only if the plane is refused (not expected).
pub fn compare(chosen: &OpenEngine, side: u32) -> Result<Comparison> {
    let plan = fig6a(side, "")?;
    let fixed = batch(&plan, |cell| {
        let p = &cell.parameters;
        let window_steps = (FIXED_LAST / cell.dt).round() as u32;
        let windows = ((FIXED_TIMES / (p.alpha * p.gamma) + FIXED_EXTRA) / FIXED_LAST).ceil() as u32;
        Cell {
            limits: RunLimits { first_peaks: u32::MAX, look_steps: window_steps, max_steps: windows * window_steps },
            ..cell
        }
    });
    let (progress, begun) = (Progress::default(), Instant::now());
    let by_time = chosen.engine.run(&fixed, &progress)?;
    let (fixed_seconds, fixed_steps) = (begun.elapsed().as_secs_f64(), progress.read().steps);
    let (progress, begun) = (Progress::default(), Instant::now());
    let failover = Failover::new(chosen, plan.request.wanted(), OnDeviceLoss::Stop, &|_| ());
    let part = Stages::new(&plan, &progress, failover).run(&plan.grid.boxes(plan.grid.cells()).get(0))?;
    let seconds = begun.elapsed().as_secs_f64();
    let settled: Vec<_> = part.results[0].iter().zip(&by_time).filter(|(a, _)| a.outcome.is_settled()).collect();
    let alike = settled.iter().filter(|(a, b)| (a.span - b.span).abs() <= SPAN_F32).count();
    Ok(Comparison {
        settled: seconds,
        fixed: fixed_seconds,
        steps: [part.neuron_steps, fixed_steps],
        unsettled: part.results[0].iter().filter(|a| a.outcome == Outcome::Unsettled).count(),
        agree: alike as f64 / settled.len().max(1) as f64,
        occupancy: progress.occupancy(),
    })
}

/// Measures the peak operations per second of all cores together in `T`.
#[must_use]
pub fn fma_peak<T: Lane>() -> f64 {
    let threads = rayon::current_num_threads();
    let once = || -> f64 { (0..threads).into_par_iter().with_max_len(1).map(|_| fma_rate::<T>()).sum() };
    (0..5).map(|_| once()).fold(0.0, f64::max)
}
