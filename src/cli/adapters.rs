//! `hopfmap adapters`: what there is to compute on.

use crate::engine::gpu::{Pick, adapters};
use std::fmt::Write;

/// The report.
pub fn run() -> String {
    let found = adapters();
    let mut out = String::new();
    // Writing to a String cannot fail.
    for a in &found {
        let _ = writeln!(out, "{}  [{}, {}]", a.name, a.kind, a.backend);
        let _ = writeln!(out, "    driver           {}", a.driver);
        let _ = writeln!(out, "    largest buffer   {} MiB", a.largest_binding >> 20);
        let _ = writeln!(out, "    largest texture  {0} x {0} texels", a.largest_texture);
    }
    let threads = rayon::current_num_threads();
    let _ = match (Pick::Hardware.of(&found), found.is_empty()) {
        (Some(a), _) => writeln!(out, "--engine auto takes gpu on '{}'.", a.name),
        (None, false) => writeln!(
            out,
            "--engine auto takes cpu on {threads} threads: no adapter is hardware.\n\
             --engine gpu --adapter fallback runs the shader on the software adapter."
        ),
        (None, true) => writeln!(
            out,
            "There is no adapter. --engine auto takes cpu on {threads} threads.\n\
             For the shader install a Vulkan driver: mesa-vulkan-drivers (Debian, Ubuntu, Fedora) or vulkan-swrast (Arch)."
        ),
    };
    out
}
