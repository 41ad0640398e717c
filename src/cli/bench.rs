//! `hopfmap bench`: how fast this machine is, engine by engine.

use crate::engine::gpu::adapters;
use crate::engine::{Chosen, Kind, Precision, Wanted, choose};
use crate::error::{Error, Result};
use crate::kernel::lanes::{DOUBLE_TERMS, SINGLE_TERMS, operations};
use crate::sweep::yardstick::{Comparison, W1_SIDE, W1_STEPS, compare, fma_peak, rate, w1};
use clap::Args;
use serde::Serialize;
use std::fmt::Write;

/// Timings of W1, of which the median counts.
const REPEATS: usize = 5;
/// Cells along a side of the settled map where an engine takes more than this many steps a second, and where it does not.
const SIDES: [(f64, u32); 2] = [(1e8, 256), (0.0, 48)];

/// Arguments of `hopfmap bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap bench --json\n\nW1: 64 x 64 cells of Fig. 6a's plane, 11,000 RK4 steps each, no early end; \
                        medians of 5.\nfig6a: the settled map, theory included, against 60/(alpha Gamma) + 1000 tau_c for each cell,\nafter which 99 % of its spans agree with the settled ones to 2e-5."
)]
pub struct Arguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Only the engine cpu, or only gpu
    #[arg(long, value_enum, default_value_t)]
    engine: Kind,
}

#[derive(Debug, Serialize)]
struct W1 {
    engine: &'static str,
    precision: &'static str,
    adapter: String,
    neuron_steps_per_s: f64,
    fma_peak_fraction: Option<f64>,
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
}

#[derive(Debug, Serialize)]
struct Report {
    version: &'static str,
    fma_peak_flops: f64,
    w1: Vec<W1>,
    fig6a: Vec<Fig6a>,
}

/// Every engine that is wanted and here.
fn engines(kind: Kind) -> Result<Vec<(Chosen, Precision)>> {
    let mut found = Vec::new();
    if kind != Kind::Gpu {
        for precision in [Precision::F32, Precision::F64] {
            found.push((choose(&Wanted { kind: Kind::Cpu, precision, ..Wanted::default() })?, precision));
        }
    }
    if kind != Kind::Cpu {
        for adapter in adapters() {
            let wanted = Wanted { kind: Kind::Gpu, adapter: Some(adapter.name), ..Wanted::default() };
            found.push((choose(&wanted)?, Precision::F32));
        }
    }
    if found.is_empty() {
        return Err(Error::request("there is no GPU adapter here", "use --engine cpu, or install a Vulkan driver"));
    }
    Ok(found)
}

/// Measures, and reports.
pub fn run(arguments: &Arguments) -> Result<String> {
    let peaks = [fma_peak::<f32>(), fma_peak::<f64>()];
    let batch = w1(W1_SIDE, W1_STEPS)?;
    let mut report =
        Report { version: env!("CARGO_PKG_VERSION"), fma_peak_flops: peaks[0], w1: Vec::new(), fig6a: Vec::new() };
    for (chosen, precision) in engines(arguments.engine)? {
        let rate = rate(&chosen, &batch, REPEATS)?;
        let (engine, adapter) = (chosen.description.engine, chosen.description.adapter.clone());
        // Of an adapter's peak nothing is known here.
        let of_peak = match precision {
            Precision::F32 => operations(SINGLE_TERMS) / peaks[0],
            Precision::F64 => operations(DOUBLE_TERMS) / peaks[1],
        };
        report.w1.push(W1 {
            engine,
            precision: precision.name(),
            adapter: adapter.clone(),
            neuron_steps_per_s: rate,
            fma_peak_fraction: (engine == "cpu").then_some(rate * of_peak),
        });
        if precision == Precision::F32 {
            let side = SIDES.iter().find(|(at_least, _)| rate > *at_least).map_or(W1_SIDE, |s| s.1);
            let Comparison { settled, fixed, steps, unsettled, agree } = compare(&chosen, side)?;
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
            });
        }
    }
    if arguments.json {
        let text = serde_json::to_string_pretty(&report);
        return text.map(|t| t + "\n").map_err(|e| Error::request(format!("no JSON: {e}"), "please report this"));
    }
    Ok(text(&report))
}

fn text(report: &Report) -> String {
    let mut out =
        format!("multiply-adds alone: {:.1} G operations/s on all cores\n\nW1\n", report.fma_peak_flops / 1e9);
    // Writing to a String cannot fail.
    for w in &report.w1 {
        let of_peak = w.fma_peak_fraction.map(|f| format!("  {:.0} % of that", 100.0 * f)).unwrap_or_default();
        let rate = w.neuron_steps_per_s / 1e6;
        let _ = writeln!(out, "  {} {}  {rate:8.1} M neuron-steps/s{of_peak}  [{}]", w.engine, w.precision, w.adapter);
    }
    out.push_str("\nFig. 6a, settled against fixed time\n");
    for f in &report.fig6a {
        let _ = writeln!(
            out,
            "  {} {:>4}²  {:.2} s against {:.2} s: {:.2} of it, with {:.3} of the steps; {} unsettled, {:.1} % agree to 2e-5  [{}]",
            f.engine,
            f.side,
            f.wall_s,
            f.fixed_wall_s,
            f.wall_s / f.fixed_wall_s,
            f.steps_fraction,
            f.unsettled,
            100.0 * f.agree,
            f.adapter
        );
    }
    out
}
