//! `hopfmap adapters`: the GPU adapters of this machine.

use super::command_report::{Format, Report};
use crate::engine::gpu::{AdapterFilter, AdapterInfo, adapters};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;

/// Arguments of `hopfmap adapters`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap adapters")]
pub(super) struct Arguments {
    #[command(flatten)]
    pub format: Format,
}

/// Reports the adapters, the CPU threads, and what `--engine auto` takes.
pub(super) fn run() -> Report {
    let found = adapters();
    let threads = rayon::current_num_threads();
    let hardware = AdapterFilter::Hardware.select(&found);
    let auto = match hardware {
        Some(a) => json!({ "engine": "gpu", "adapter": a.name }),
        None => json!({ "engine": "cpu", "adapter": null }),
    };
    let object = json!({
        "adapters": found.iter().map(object).collect::<Vec<_>>(),
        "threads": threads,
        "auto": auto,
    });
    let mut text: String = found.iter().map(text).collect();
    // Writing to a String cannot fail.
    let _ = match (hardware, found.is_empty()) {
        (Some(a), _) => writeln!(text, "--engine auto takes gpu on '{}'.", a.name),
        (None, false) => writeln!(
            text,
            "--engine auto takes cpu on {threads} threads: no adapter is hardware.\n\
             --engine gpu --adapter fallback runs the shader on the software adapter."
        ),
        (None, true) => writeln!(
            text,
            "There is no adapter. --engine auto takes cpu on {threads} threads.\n\
             For the shader install a Vulkan driver: mesa-vulkan-drivers (Debian, Ubuntu, Fedora) or vulkan-swrast (Arch)."
        ),
    };
    Report::new(text, object)
}

fn text(a: &AdapterInfo) -> String {
    let AdapterInfo { name, kind, backend, driver, largest_texture, .. } = a;
    format!(
        "{name}  [{kind}, {backend}]\n    driver           {driver}\n    largest buffer   {} MiB\n    \
         largest texture  {largest_texture} x {largest_texture} texels\n",
        a.largest_binding >> 20,
    )
}

fn object(a: &AdapterInfo) -> Value {
    json!({
        "name": a.name, "kind": a.kind, "hardware": a.hardware, "backend": a.backend, "driver": a.driver,
        "largest_buffer": a.largest_binding, "largest_texture": a.largest_texture,
    })
}
