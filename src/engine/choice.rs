//! Which engine a request gets, and why.

use super::cpu::lanes;
use super::gpu::{AdapterFilter, AdapterInfo, Gpu, adapters, shader};
use crate::engine::{Cpu, Engine};
use crate::error::{Error, Result};
use crate::kernel::table::Format;
use serde::{Deserialize, Serialize};

/// The number type that cells are integrated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision, on every engine.
    #[default]
    F32,
    /// Double precision, on `cpu`.
    F64,
}

impl Precision {
    /// `f32` or `f64`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F64 => "f64",
        }
    }
}

/// The engine asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// A hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The shader, on any adapter.
    Gpu,
    /// The same kernel natively on all cores.
    Cpu,
}

/// What is asked of an engine.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// `--engine`.
    pub kind: EngineKind,
    /// `--adapter`: part of a name, or `fallback`.
    pub adapter: Option<String>,
    /// `--precision`.
    pub precision: Precision,
    /// `--table-format`.
    pub format: Format,
}

/// What a file records of the engine that filled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// `gpu` or `cpu`.
    pub engine: &'static str,
    /// The adapter's name, or the processor's kind and its instructions.
    pub adapter: String,
    /// Vulkan, Metal, DX12, or native.
    pub backend: String,
    /// The driver and its version.
    pub driver: String,
    /// Fingerprint of the shader, empty on `cpu`.
    pub shader_sha256: String,
}

impl EngineInfo {
    /// Engine, adapter, backend, driver, fingerprint of the shader: as files list them.
    #[must_use]
    pub fn words(&self) -> [String; 5] {
        let Self { engine, adapter, backend, driver, shader_sha256 } = self.clone();
        [engine.to_string(), adapter, backend, driver, shader_sha256]
    }
}

/// An engine ready to run.
pub struct OpenEngine {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// What it is, for the file.
    pub description: EngineInfo,
    /// Which and why, in one line.
    pub reason: String,
}

impl std::fmt::Debug for OpenEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen").field("description", &self.description).finish_non_exhaustive()
    }
}

/// Finds the engine for a request.
///
/// # Errors
/// An adapter that is not there, options that exclude each other, or a device that does not open.
pub fn open_engine(wanted: &EngineOptions) -> Result<OpenEngine> {
    let double = wanted.precision == Precision::F64;
    let pick = wanted.adapter.as_deref().map_or(AdapterFilter::Any, AdapterFilter::named);
    if double && wanted.format == Format::Rgba16Float {
        return Err(Error::request(
            "--table-format rgba16float is a single-precision format, and --precision is f64",
            "leave one of the two off",
        ));
    }
    match wanted.kind {
        EngineKind::Cpu if wanted.adapter.is_some() => {
            Err(Error::request("--adapter names a GPU adapter, and --engine is cpu", "leave one of the two off"))
        }
        EngineKind::Cpu => Ok(cpu(wanted, "asked for")),
        EngineKind::Gpu | EngineKind::Auto
            if double && (wanted.kind == EngineKind::Gpu || wanted.adapter.is_some()) =>
        {
            Err(Error::request(
                "--precision f64 is not to be had on engine gpu: shaders compute in f32",
                "use --engine cpu, or --precision f32",
            ))
        }
        EngineKind::Gpu => gpu(wanted, &pick, "asked for"),
        EngineKind::Auto if wanted.adapter.is_some() => gpu(wanted, &pick, "its adapter was asked for"),
        EngineKind::Auto if double => Ok(cpu(wanted, "shaders have no f64")),
        EngineKind::Auto => match AdapterFilter::Hardware.select(&adapters()) {
            Some(_) => gpu(wanted, &AdapterFilter::Hardware, "a hardware adapter is there"),
            None => Ok(cpu(wanted, "there is no hardware GPU adapter")),
        },
    }
}

fn gpu(wanted: &EngineOptions, pick: &AdapterFilter, why: &str) -> Result<OpenEngine> {
    let gpu = Gpu::open(pick, wanted.format)?;
    let AdapterInfo { name, backend, driver, .. } = gpu.adapter().clone();
    let reason = format!("engine gpu on '{name}' ({backend}): {why}");
    let shader_sha256 = shader::sha256();
    let description = EngineInfo { engine: "gpu", adapter: name, backend, driver, shader_sha256 };
    Ok(OpenEngine { engine: Box::new(gpu), description, reason })
}

fn cpu(wanted: &EngineOptions, why: &str) -> OpenEngine {
    let threads = rayon::current_num_threads();
    let precision = wanted.precision;
    OpenEngine {
        engine: Box::new(Cpu::new(precision)),
        description: EngineInfo {
            engine: "cpu",
            adapter: instructions(),
            backend: "native".to_string(),
            driver: String::new(),
            shader_sha256: String::new(),
        },
        reason: format!("engine cpu on {threads} threads in {}, {}: {why}", precision.name(), instructions()),
    }
}

/// The processor's kind and the instructions that cells are computed with: what decides the last bits, as the number of threads does not.
fn instructions() -> String {
    format!("{}, {}", std::env::consts::ARCH, lanes::instructions())
}
