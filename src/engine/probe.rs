//! Probe of a device: does it compute what the CPU does, and is it faster?

use super::gpu::AdapterInfo;
use super::{Batch, Cell, Cpu, Engine, Precision, Progress, Tables, Timing};
use crate::error::Result;
use crate::kernel::run::RunLimits;
use crate::kernel::table::Format;
use crate::model::{Parameters, State};
use crate::results::{CellResult, Outcome};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Cells per side of the map that is compared.
const SIDE: u32 = 8;
/// RK4 step, in tau_c.
const DT: f64 = 0.02;
/// Largest difference of two spans in f32, and of the last V of damped motions: the bound of an
/// audit, 2e-5, is for maps whose steps are chosen for their cells.
const DIFFERENCE: f64 = 1e-4;
/// Shortest run that is a measurement of speed.
const LONG_ENOUGH: Duration = Duration::from_millis(100);
/// Cells with which a device is timed: what its slots hold.
const CELLS_ON_DEVICE: usize = 1 << 17;
/// Cells per thread with which the CPU is timed: two groups of lanes.
const CELLS_PER_THREAD: usize = 128;
/// Steps of the first run that is timed, and of the longest.
const FIRST_STEPS: u32 = 64;
const MOST_STEPS: u32 = 1 << 22;

/// What a probe has found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Cells of Fig. 6a's plane that were compared with the CPU.
    pub cells: u32,
    /// Cells among them with another outcome, or with a span or a last V that differs by more than 1e-4.
    pub wrong: u32,
    /// RK4 steps of a neuron per second on the device, when all of its slots are busy.
    pub device_steps_per_s: f64,
    /// RK4 steps of a neuron per second on all cores, in f32.
    pub cpu_steps_per_s: f64,
}

impl Probe {
    /// Why `auto` does not take the device, if it does not.
    #[must_use]
    pub fn objection(&self) -> Option<String> {
        let Self { cells, wrong, device_steps_per_s: device, cpu_steps_per_s: cpu } = self;
        if *wrong > 0 {
            return Some(format!("computes {wrong} of {cells} cells otherwise than the CPU"));
        }
        let million = |rate: f64| (rate / 1e6).round();
        (device < cpu).then(|| {
            format!("is slower than the cores ({} against {} million steps/s)", million(*device), million(*cpu))
        })
    }
}

/// What a kept probe is valid for: the adapter with its driver, the shader, the processor and its threads.
#[must_use]
pub(super) fn key(adapter: &AdapterInfo, shader_sha256: &str, processor: &str) -> String {
    let AdapterInfo { name, pci_bus_id, backend, driver, .. } = adapter;
    let threads = format!("{} threads", rayon::current_num_threads());
    [name, pci_bus_id, backend, driver, shader_sha256, processor, &threads].join("\n")
}

/// Compares a device with the CPU on 64 cells, and times both.
///
/// # Errors
/// The errors of the device.
pub(super) fn probe(device: &dyn Engine) -> Result<Probe> {
    let cpu = Cpu::new(Precision::F32);
    let plane = plane();
    let cells = plane.cells.len() as u32;
    let run = |engine: &dyn Engine| engine.run(&plane, &Progress::default());
    let (found, expected) = (run(device)?, run(&cpu)?);
    let wrong = found.iter().zip(&expected).filter(|(a, b)| differ(a, b)).count() as u32;
    if wrong > 0 {
        // Its speed is of no interest.
        return Ok(Probe { cells, wrong, device_steps_per_s: 0.0, cpu_steps_per_s: 0.0 });
    }
    let on_cpu = CELLS_PER_THREAD * rayon::current_num_threads();
    let (device_steps_per_s, cpu_steps_per_s) = (rate(device, CELLS_ON_DEVICE)?, rate(&cpu, on_cpu)?);
    Ok(Probe { cells, wrong, device_steps_per_s, cpu_steps_per_s })
}

/// Whether two results of a cell differ: in the outcome, in the span of a cycle, or else in the last V.
fn differ(a: &CellResult, b: &CellResult) -> bool {
    let pair = if b.outcome == Outcome::Oscillating { [a.span, b.span] } else { [a.end[3], b.end[3]] };
    // A NaN differs, too.
    a.outcome != b.outcome || !((pair[0] - pair[1]).abs() <= DIFFERENCE)
}

/// Cells of Fig. 6a's plane, V_n = 2 and R_n = 6, none of them next to its Hopf curve: a half that oscillates, and a half
/// that is damped and, without a trapping region, goes on to its last step.
fn plane() -> Batch {
    let p = Parameters::at(2.0, 6.0, 0.1);
    let mut batch = Batch { tables: vec![Arc::new(Tables::new(p.l, p.lambda, Format::default()))], ..Batch::default() };
    let limits = RunLimits { first_peaks: 10, look_steps: 2_000, max_steps: 40_000 };
    let at = |[from, to]: [f64; 2], part: u32| from + (to - from) * f64::from(part) / f64::from(SIDE - 1);
    for n in 0..SIDE * SIDE {
        let (gammas, zs) = if n % 2 == 0 { ([0.1, 0.35], [0.8, 1.0]) } else { ([0.5, 1.0], [0.0, 0.5]) };
        let parameters = Parameters { gamma: at(gammas, n % SIDE), z_t: at(zs, n / SIDE), ..p };
        let timing = Timing { dt: DT, peak_error: 0.0, limits };
        batch.push(Cell::new(parameters, State::rest(parameters.z_t), timing), &[], 0);
    }
    batch
}

/// Steps per second of an engine on this many cells, each of which takes all of its steps.
fn rate(engine: &dyn Engine, cells: usize) -> Result<f64> {
    let mut batch = plane();
    batch.cells = batch.cells.iter().copied().cycle().take(cells).collect();
    let mut steps = FIRST_STEPS;
    loop {
        let limits = RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps };
        batch.cells.iter_mut().for_each(|cell| *cell = Cell { limits, ..*cell });
        let (progress, begun) = (Progress::default(), Instant::now());
        engine.run(&batch, &progress)?;
        let took = begun.elapsed();
        if took >= LONG_ENOUGH || steps >= MOST_STEPS {
            return Ok(progress.read().steps as f64 / took.as_secs_f64());
        }
        let missing = 1.5 * LONG_ENOUGH.as_secs_f64() / took.as_secs_f64().max(1e-4);
        steps = ((f64::from(steps) * missing.clamp(2.0, 64.0)) as u32).min(MOST_STEPS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::{AdapterFilter, Gpu};

    /// The CPU, with what a faulty device makes of its results.
    struct Faulty(fn(&mut [CellResult]));

    impl Engine for Faulty {
        fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
            let mut results = Cpu::new(Precision::F32).run(batch, progress)?;
            (self.0)(&mut results);
            Ok(results)
        }
    }

    #[test]
    fn the_shader_agrees_with_the_cpu_and_faulty_devices_do_not() {
        let gpu = Gpu::open(&AdapterFilter::Any, Format::default()).expect("an adapter: run scripts/setup");
        let found = probe(&gpu).unwrap();
        assert!(found.cells == 64 && found.wrong == 0, "{found:?}");
        assert!(found.device_steps_per_s > 0.0 && found.cpu_steps_per_s > 0.0, "{found:?}");
        let faults: [fn(&mut [CellResult]); 5] = [
            |all| all[9].outcome = Outcome::Steady,
            |all| all[8].span += 2e-4,
            |all| all[8].span = f64::NAN,
            |all| all[9].end[3] -= 2e-4,
            |all| all.iter_mut().for_each(|a| *a = CellResult::without_numbers(Outcome::Steady)),
        ];
        for (n, fault) in faults.into_iter().enumerate() {
            let found = probe(&Faulty(fault)).unwrap();
            assert!(found.objection().is_some_and(|why| why.contains("of 64 cells otherwise")), "{n}: {found:?}");
        }
        // Negative control: nothing is changed.
        assert_eq!(probe(&Faulty(|_| ())).unwrap().wrong, 0);
    }

    #[test]
    fn half_of_the_plane_oscillates_and_rounding_decides_no_cell() {
        let run = |precision| Cpu::new(precision).run(&plane(), &Progress::default()).unwrap();
        let (single, double) = (run(Precision::F32), run(Precision::F64));
        let of = |outcome| single.iter().filter(|a| a.outcome == outcome).count();
        assert_eq!((of(Outcome::Unsettled), of(Outcome::Oscillating)), (32, 32));
        for (a, b) in single.iter().zip(&double) {
            assert!(!differ(a, b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn slower_devices_are_objected_to() {
        let found = Probe { cells: 64, wrong: 0, device_steps_per_s: 2e8, cpu_steps_per_s: 1e8 };
        assert_eq!(found.objection(), None);
        let slower = Probe { device_steps_per_s: 9e7, ..found };
        let why = "is slower than the cores (90 against 100 million steps/s)";
        assert_eq!(slower.objection().as_deref(), Some(why));
    }
}
