//! `hopfmap adapters`: the GPU adapters of this machine.

use super::command_report::{Format, Report};
use crate::engine::gpu::{AdapterInfo, adapters};
use crate::engine::{EngineOptions, LEAST_CELLS_ON_GPU, Probe, open_engine, probe_adapter};
use crate::error::Result;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;

/// Arguments of `hopfmap adapters`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap adapters\n\n\
--adapter takes what is listed: the index, pci: and the PCI bus id, or part of the name.\n\
The first command that uses a hardware adapter compares it with the CPU and times both; what it \
finds is kept in the user's cache folder until driver or processor change.")]
pub(super) struct Arguments {
    #[command(flatten)]
    pub format: Format,
}

/// Reports the adapters, the CPU threads, and what `--engine auto` takes for a large map.
///
/// # Errors
/// [`crate::Error::Request`] if the options of `auto` exclude each other (not expected).
pub(super) fn run() -> Result<Report> {
    let found = adapters();
    let threads = rayon::current_num_threads();
    let opened = open_engine(&EngineOptions::default())?;
    let probes: Vec<_> = found.iter().map(|a| a.hardware.then(|| probe_adapter(a))).collect();
    let taken = opened.adapters.first();
    let auto = match taken {
        Some(a) => json!({ "engine": "gpu", "adapter": a.name, "index": a.index }),
        None => json!({ "engine": "cpu", "adapter": null, "index": null }),
    };
    let object = json!({
        "adapters": found.iter().zip(&probes).map(|(a, probe)| object(a, probe.as_ref())).collect::<Vec<_>>(),
        "threads": threads,
        "auto": auto,
    });
    let mut text: String = found.iter().zip(&probes).map(|(a, probe)| text(a, probe.as_ref())).collect();
    // After the engine and what it runs on comes the reason.
    let why = opened.reason.split_once(": ").map_or("", |(_, why)| why);
    // Writing to a String cannot fail.
    let _ = match (taken, found.is_empty()) {
        (Some(a), _) => writeln!(
            text,
            "--engine auto takes gpu on adapter {}, '{}', for {LEAST_CELLS_ON_GPU} cells or more.",
            a.index, a.name
        ),
        (None, false) => writeln!(text, "--engine auto takes cpu on {threads} threads: {why}."),
        (None, true) => writeln!(
            text,
            "There is no adapter. --engine auto takes cpu on {threads} threads.\n\
             For the shader install a Vulkan driver: mesa-vulkan-drivers (Debian, Ubuntu, Fedora) or vulkan-swrast (Arch)."
        ),
    };
    if found.iter().all(|a| !a.hardware) && !found.is_empty() {
        text.push_str("--engine gpu --adapter fallback runs the shader on the software adapter.\n");
    }
    Ok(Report::new(text, object))
}

fn text(a: &AdapterInfo, probe: Option<&Result<Probe>>) -> String {
    let AdapterInfo { index, name, kind, backend, driver, largest_texture, .. } = a;
    let pci = if a.pci_bus_id.is_empty() { "none" } else { &a.pci_bus_id };
    format!(
        "{index}  {name}  [{kind}, {backend}]\n    PCI bus id       {pci}\n    driver           {driver}\n    \
         largest buffer   {} MiB\n    largest texture  {largest_texture} x {largest_texture} texels\n{}",
        a.largest_binding >> 20,
        probe.map_or(String::new(), |probe| format!("    probe            {}\n", told(probe))),
    )
}

/// What a probe has found, or why there is none.
fn told(probe: &Result<Probe>) -> String {
    let probe = match probe {
        Ok(probe) => probe,
        Err(e) => return e.to_string(),
    };
    let million = |rate: f64| (rate / 1e6).round();
    probe.objection().unwrap_or_else(|| {
        let Probe { device_steps_per_s, cpu_steps_per_s, .. } = probe;
        format!(
            "agrees with the CPU; {} million steps/s, the cores {}",
            million(*device_steps_per_s),
            million(*cpu_steps_per_s)
        )
    })
}

fn object(a: &AdapterInfo, probe: Option<&Result<Probe>>) -> Value {
    let pci = (!a.pci_bus_id.is_empty()).then_some(&a.pci_bus_id);
    json!({
        "index": a.index, "name": a.name, "pci_bus_id": pci, "kind": a.kind, "hardware": a.hardware,
        "backend": a.backend, "driver": a.driver, "largest_buffer": a.largest_binding,
        "largest_texture": a.largest_texture, "probe": probe.and_then(|probe| probe.as_ref().ok()),
    })
}
