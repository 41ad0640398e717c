//! `hopfmap bench`: the speed of this machine's engines.

use super::command_report::{Format as ReportFormat, Report};
use super::messages::Verbosity;
use super::rules::exclusive;
use crate::benchmark::workloads::{Comparison, Rate, W1_SIDE, W1_STEPS, compare, fma_peak, rate, w1_of};
use crate::engine::cpu::lanes::operations;
use crate::engine::gpu::{AdapterChoice, AdapterFilter, Gpu, adapters, shader};
use crate::engine::{EngineKind, EngineOptions, OpenEngine, Precision, open_engine};
use crate::error::{Error, Result};
use crate::kernel::Real;
use crate::kernel::table::Format;
use clap::Args;
use serde::Serialize;
use std::fmt::Write;

/// Number of timings of W1; their median counts.
const REPEATS: usize = 5;
/// Sizes of the settled map: (neuron-steps per second that W1 exceeds, cells per side).
const SIDES: [(f64, u32); 2] = [(1.8e8, 256), (0.0, 48)];

/// Arguments of `hopfmap bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap bench --json\n\nW1: 64 x 64 cells of Fig. 6a's plane, 11,000 RK4 steps each, no early end; \
                        medians of 5. Of several adapters each is measured alone.\nfig6a: the settled map, theory included, against 60/(alpha Gamma) + 1000 tau_c for each cell,\nafter which 99 % of its spans agree with the settled ones to 2e-5."
)]
pub(super) struct Arguments {
    /// The engine: gpu, cpu, or auto, which is a hardware GPU if one works, else the CPU [default: every engine there is]
    #[arg(long, value_enum, value_name = "ENGINE")]
    engine: Option<EngineKind>,
    /// GPU adapter: its index in 'hopfmap adapters', pci:ID with its PCI bus id, part of its name, or 'fallback' for the
    /// software adapter; 0,1 are two of them, and 'all' is every one of the first one's kind
    #[arg(long, value_name = "ADAPTER")]
    adapter: Option<String>,
    /// W1 on the adapters at four times as many cells each time, up to this many
    #[arg(long, value_name = "CELLS", default_value_t = W1_SIDE * W1_SIDE)]
    largest: u32,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: ReportFormat,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if both `--engine cpu` and `--adapter` are given.
    pub(super) fn check(&self) -> Result<()> {
        exclusive(
            ("--engine cpu", self.engine == Some(EngineKind::Cpu)),
            ("--adapter", self.adapter.is_some()),
            "the CPU is no adapter",
        )
    }
}

#[derive(Debug, Serialize)]
struct W1 {
    engine: &'static str,
    precision: &'static str,
    adapter: String,
    cells: u32,
    neuron_steps_per_s: f64,
    /// Neuron-steps per second of shader time, by the device's own clock.
    kernel_steps_per_s: Option<f64>,
    /// Peak rate of multiply-adds alone on this device, in operations per second, measured in the
    /// same run.
    fma_peak_flops: f64,
    fma_peak_fraction: f64,
}

#[derive(Debug, Serialize)]
struct Fig6a {
    engine: &'static str,
    adapter: String,
    side: u32,
    wall_s: f64,
    fixed_wall_s: f64,
    steps_fraction: f64,
    agree: f64,
    unsettled: usize,
    /// Part of the device's slots that had a run while cells waited for one.
    occupancy: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Found {
    version: &'static str,
    w1: Vec<W1>,
    fig6a: Vec<Fig6a>,
}

/// An engine to measure, with its peak operations per second and its operations per step.
struct BenchEngine {
    chosen: OpenEngine,
    precision: Precision,
    peak: f64,
    operations: f64,
}

/// Requested engines that this machine has.
fn engines(kind: Option<EngineKind>, adapter: Option<&str>) -> Result<Vec<BenchEngine>> {
    let mut pick = adapter.map(AdapterChoice::parse);
    if kind == Some(EngineKind::Auto) && pick.is_none() {
        let taken = open_engine(&EngineOptions::default())?.adapters;
        pick = (!taken.is_empty()).then(|| AdapterChoice::same(&taken));
    }
    let kind = match kind {
        Some(EngineKind::Auto) => Some(if pick.is_some() { EngineKind::Gpu } else { EngineKind::Cpu }),
        named => named,
    };
    let mut found = Vec::new();
    if kind != Some(EngineKind::Gpu) && pick.is_none() {
        for (precision, peak, terms) in
            [(Precision::F32, fma_peak::<f32>(), f32::TERMS), (Precision::F64, fma_peak::<f64>(), f64::TERMS)]
        {
            let chosen = open_engine(&EngineOptions { kind: EngineKind::Cpu, precision, ..EngineOptions::default() })?;
            found.push(BenchEngine { chosen, precision, peak, operations: operations(terms) });
        }
    }
    if kind != Some(EngineKind::Cpu) {
        let there = adapters();
        let measured = match &pick {
            Some(pick) => pick.select(&there)?,
            None => there,
        };
        for adapter in measured {
            let peak = Gpu::open(&AdapterFilter::Same(adapter.clone()), Format::default())?.fma_rate()?;
            let wanted = EngineOptions { kind: EngineKind::Gpu, same: vec![adapter], ..EngineOptions::default() };
            let chosen = open_engine(&wanted)?;
            found.push(BenchEngine { chosen, precision: Precision::F32, peak, operations: shader::OPERATIONS });
        }
    }
    if found.is_empty() {
        return Err(Error::request(
            "there is no GPU adapter here",
            "use --engine cpu, see 'hopfmap adapters', or install a Vulkan driver",
        ));
    }
    Ok(found)
}

/// Runs W1 on one engine over `cells` cells.
fn w1_on(engine: &BenchEngine, cells: u32) -> Result<W1> {
    let BenchEngine { chosen, precision, peak, operations } = engine;
    let (batch, times) = w1_of(cells, W1_STEPS)?;
    let Rate { wall, kernel } = rate(chosen, &batch, times, if cells > W1_SIDE * W1_SIDE { 1 } else { REPEATS })?;
    Ok(W1 {
        engine: chosen.info.kind.name(),
        precision: precision.name(),
        adapter: chosen.info.adapter.clone(),
        cells,
        neuron_steps_per_s: wall,
        kernel_steps_per_s: kernel,
        fma_peak_flops: *peak,
        fma_peak_fraction: wall * operations / peak,
    })
}

/// Measures the requested engines and reports.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let mut report = Found { version: env!("CARGO_PKG_VERSION"), w1: Vec::new(), fig6a: Vec::new() };
    for measured in engines(arguments.engine, arguments.adapter.as_deref())? {
        let (chosen, precision) = (&measured.chosen, measured.precision);
        let (engine, adapter) = (chosen.info.kind.name(), chosen.info.adapter.clone());
        let mut cells = W1_SIDE * W1_SIDE;
        let first = w1_on(&measured, cells)?;
        let rate = first.neuron_steps_per_s;
        report.w1.push(first);
        while engine == "gpu" && cells <= arguments.largest / 4 {
            cells *= 4;
            report.w1.push(w1_on(&measured, cells)?);
        }
        if precision == Precision::F32 {
            let side = SIDES.iter().find(|(at_least, _)| rate > *at_least).map_or(W1_SIDE, |s| s.1);
            let Comparison { settled, fixed, steps, unsettled, agree, occupancy } = compare(chosen, side)?;
            let steps_fraction = steps[0] as f64 / steps[1] as f64;
            report.fig6a.push(Fig6a {
                engine,
                adapter,
                side,
                wall_s: settled,
                fixed_wall_s: fixed,
                steps_fraction,
                agree,
                unsettled,
                occupancy,
            });
        }
    }
    let object = serde_json::to_value(&report)
        .map_err(|e| Error::request(format!("the report has no JSON form: {e}"), "please report this"))?;
    Ok(Report::new(text(&report), object))
}

fn text(report: &Found) -> String {
    let mut out = String::from("W1\n");
    // Writing to a String cannot fail.
    for w in &report.w1 {
        let rate = w.neuron_steps_per_s / 1e6;
        let cells = if w.cells == W1_SIDE * W1_SIDE { String::new() } else { format!(" on {} cells", w.cells) };
        let kernel = w.kernel_steps_per_s.map(|k| format!(", {:.1} while the device is busy", k / 1e6));
        let _ = writeln!(
            out,
            "  {} {} {rate:8.1} M neuron-steps/s{cells}{}: {:.0} % of the {:.1} G operations/s of multiply-adds alone  [{}]",
            w.engine,
            w.precision,
            kernel.unwrap_or_default(),
            100.0 * w.fma_peak_fraction,
            w.fma_peak_flops / 1e9,
            w.adapter
        );
    }
    out.push_str("\nFig. 6a, settled against fixed time\n");
    for f in &report.fig6a {
        let _ = writeln!(
            out,
            "  {} {:>4}²  {:.2} s against {:.2} s: {:.2} of it, with {:.3} of the steps; {} unsettled, {:.1} % agree to 2e-5{}  [{}]",
            f.engine,
            f.side,
            f.wall_s,
            f.fixed_wall_s,
            f.wall_s / f.fixed_wall_s,
            f.steps_fraction,
            f.unsettled,
            100.0 * f.agree,
            f.occupancy.map(|part| format!(", {:.0} % of the slots busy", 100.0 * part)).unwrap_or_default(),
            f.adapter
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class and precision of the engines that the options select.
    fn found(kind: Option<EngineKind>, adapter: Option<&str>) -> Result<Vec<(&'static str, Precision)>> {
        let engines = engines(kind, adapter)?;
        assert!(engines.iter().all(|e| e.peak > 1e8 && e.operations > 100.0));
        Ok(engines.iter().map(|e| (e.chosen.info.kind.name(), e.precision)).collect())
    }

    #[test]
    fn the_report_shows_parts_of_a_hundred() {
        let fig6a = Fig6a {
            engine: "cpu",
            adapter: "a core".into(),
            side: 64,
            wall_s: 2.0,
            fixed_wall_s: 8.0,
            steps_fraction: 0.125,
            agree: 0.75,
            unsettled: 3,
            occupancy: Some(0.97),
        };
        let shown = text(&Found { version: "1", w1: Vec::new(), fig6a: vec![fig6a] });
        let expected =
            "cpu   64²  2.00 s against 8.00 s: 0.25 of it, with 0.125 of the steps; 3 unsettled, 75.0 % agree";
        assert!(shown.contains(expected), "{shown}");
    }

    #[test]
    fn engines_are_those_that_were_asked_for() {
        let cpu = [("cpu", Precision::F32), ("cpu", Precision::F64)];
        assert_eq!(found(Some(EngineKind::Cpu), None).unwrap(), cpu);
        // A named adapter excludes the engine cpu.
        let fallback = found(None, Some("fallback")).expect("the shader's tests need an adapter: run scripts/setup");
        assert_eq!(fallback, [("gpu", Precision::F32)]);
        assert_eq!(found(Some(EngineKind::Gpu), Some("fallback")).unwrap(), fallback);
        assert!(found(Some(EngineKind::Gpu), Some("no such adapter")).is_err());
    }
}
