//! Other compilers take the shader: the validator of SPIR-V, naga's translations for Metal and Direct3D, and SwiftShader's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use common::needs::swiftshader;
use common::tolerance::SPAN_BETWEEN_ENGINES;
use common::translated::{Driver, Shader};
use hopfmap::engine::gpu::shader::source;
use hopfmap::store::MapFile;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

tests! {
    spirv_for_every_vulkan_passes_its_validator: [SPIRV_VAL];
    metal_and_direct3d_get_the_whole_shader: [];
    swiftshader_computes_the_map_of_llvmpipe_and_of_the_cpu: [SWIFTSHADER];
}

/// Each Vulkan, and the SPIR-V that wgpu has made for it.
const VULKANS: [(&str, (u8, u8)); 4] =
    [("vulkan1.0", (1, 0)), ("vulkan1.1", (1, 3)), ("vulkan1.2", (1, 5)), ("vulkan1.3", (1, 6))];

fn shaders() -> [Shader; 2] {
    [false, true].map(|draws_in_loop| Shader::new(&source(), draws_in_loop).unwrap())
}

/// What the validator finds.
fn validate(words: &[u32], vulkan: &str, path: &Path) -> Output {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    std::fs::write(path, bytes).unwrap();
    Command::new("spirv-val").args(["--target-env", vulkan]).arg(path).output().unwrap()
}

fn spirv_for_every_vulkan_passes_its_validator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("advance.spv");
    let found = |words: &[u32], vulkan: &str| {
        let output = validate(words, vulkan, &path);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for shader in shaders() {
        for (vulkan, spirv) in VULKANS {
            for is_robust in [false, true] {
                let words = shader.spirv(Driver { spirv, is_robust }).unwrap();
                assert!(words.len() > 10_000, "the whole shader: {} words", words.len());
                let (is_valid, text) = found(&words, vulkan);
                assert!(is_valid, "{vulkan}, {is_robust}: {text}");
            }
        }
    }
    // Negative controls: an addition of floats becomes one of integers, and a module that ends early.
    let words = shaders()[0].spirv(Driver { spirv: (1, 3), is_robust: true }).unwrap();
    let mut spoilt = words.clone();
    // Length in words, and the number of OpFAdd or OpIAdd.
    let [of_floats, of_integers] = [129, 128].map(|number| 5 << 16 | number);
    let at = spoilt.iter().position(|word| *word == of_floats).expect("an addition");
    spoilt[at] = of_integers;
    for wrong in [&spoilt[..], &words[..words.len() - 1]] {
        let (is_valid, text) = found(wrong, "vulkan1.1");
        assert!(!is_valid && text.contains("error"), "{text}");
    }
}

fn metal_and_direct3d_get_the_whole_shader() {
    for shader in shaders() {
        for (name, text) in [
            ("Metal, robust", shader.metal(true).unwrap()),
            ("Metal", shader.metal(false).unwrap()),
            ("Direct3D", shader.hlsl().unwrap()),
        ] {
            // naga adds an underscore to names that end in a digit.
            for function in ["advance(", "rk4_(", "derivative(", "judge_cycle(", "take_multipliers(", "draw_cell("] {
                assert!(text.contains(function), "{name}: no {function}");
            }
        }
    }
    // Negative control: what no compiler takes is an error.
    assert!(Shader::new(&source().replace("fn rk4(", "fn rk5("), true).is_err());
}

/// Fig. 6a's plane on the software adapter of a driver, or of the machine's own; HOPFMAP_SIDE cells along each axis, 32 without it.
fn map(folder: &Path, name: &str, driver: Option<PathBuf>, more: &[&str]) -> MapFile {
    let path = folder.join(name);
    let side = std::env::var("HOPFMAP_SIDE").unwrap_or("32".into());
    let axes = [format!("Gamma=0.02:1:{side}"), format!("Z_T=0:1:{side}")];
    let mut command = hopfmap();
    if let Some(driver) = driver {
        command.env("VK_DRIVER_FILES", driver);
    }
    command
        .args(["sweep", "--set", "V_n=2", "--audit", "off", "-q", "--grid", &axes[0], "--grid", &axes[1]])
        .args(more)
        .arg("-o")
        .arg(&path)
        .assert()
        .success();
    MapFile::open(&path).unwrap()
}

/// Outcomes that differ, and the largest difference of spans.
fn differences(a: &MapFile, b: &MapFile) -> (usize, f64) {
    let [a, b] = [a, b].map(|map| [map.cut("outcome", &[None; 2]).unwrap(), map.cut("span", &[None; 2]).unwrap()]);
    let outcomes = a[0].iter().zip(&b[0]).filter(|(a, b)| a != b).count();
    let apart = a[1].iter().zip(&b[1]).map(|(a, b)| (a - b).abs());
    (outcomes, apart.fold(0.0, f64::max))
}

fn swiftshader_computes_the_map_of_llvmpipe_and_of_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    let fallback = ["--set", "R_n=6", "--engine", "gpu", "--adapter", "fallback"];
    let there = map(folder.path(), "swiftshader.h5", Some(swiftshader()), &fallback);
    let adapter = there.text("adapter").unwrap();
    assert!(adapter.contains("SwiftShader"), "{adapter}");
    let here = map(folder.path(), "here.h5", None, &fallback);
    let cpu = map(folder.path(), "cpu.h5", None, &["--set", "R_n=6", "--engine", "cpu"]);
    for (name, other) in [("the machine's own driver", &here), ("cpu", &cpu)] {
        let (outcomes, spans) = differences(&there, other);
        println!("{name}: {outcomes} outcomes differ, spans by {spans:.1e} at most");
        assert!(outcomes == 0 && spans <= SPAN_BETWEEN_ENGINES, "{name}: {outcomes} outcomes, spans by {spans}");
    }
    assert!(!here.text("adapter").unwrap().contains("SwiftShader"));
    // Negative control: another resistance shows.
    let (outcomes, spans) =
        differences(&there, &map(folder.path(), "other.h5", None, &["--set", "R_n=6.5", "--engine", "cpu"]));
    assert!(outcomes > 0 && spans > SPAN_BETWEEN_ENGINES, "{outcomes} outcomes, spans by {spans}");
}
