//! Choice of the engine for a request, and its reason.

use super::cpu::lanes;
use super::gpu::{AdapterFilter, AdapterInfo, Gpu, adapters, shader};
use crate::engine::{Cpu, Engine};
use crate::error::{Error, Result};
use crate::kernel::table::Format;
use serde::{Deserialize, Serialize};

/// Number type of the integration.
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
    /// Name: `f32` or `f64`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F64 => "f64",
        }
    }
}

/// Requested engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// A hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The shader, on any adapter.
    Gpu,
    /// The kernel on all cores.
    Cpu,
}

impl EngineKind {
    /// Name in commands and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EngineKind::Auto => "auto",
            EngineKind::Gpu => "gpu",
            EngineKind::Cpu => "cpu",
        }
    }
}

/// Options that choose an engine.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// Engine (`--engine`).
    pub kind: EngineKind,
    /// Adapter (`--adapter`): part of a name, or `fallback`.
    pub adapter: Option<String>,
    /// Precision (`--precision`).
    pub precision: Precision,
    /// Texture format of the table (`--table-format`).
    pub format: Format,
}

/// Description of an engine, as recorded in the files that it computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Kind of engine: `gpu` or `cpu`.
    pub kind: EngineKind,
    /// Name of the adapter, or architecture and vector instructions of the processor.
    pub adapter: String,
    /// Graphics API (Vulkan, Metal or DX12), or `native` on `cpu`.
    pub backend: String,
    /// Driver and its version, empty on `cpu`.
    pub driver: String,
    /// SHA-256 of the shader's source, empty on `cpu`.
    pub shader_sha256: String,
}

/// An open engine, ready to run.
pub struct OpenEngine {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// Description for files.
    pub info: EngineInfo,
    /// The engine and the reason for its choice, in one line.
    pub reason: String,
}

impl std::fmt::Debug for OpenEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenEngine").field("info", &self.info).finish_non_exhaustive()
    }
}

/// Opens the engine for a request.
///
/// # Errors
/// [`Error::Request`] if options exclude each other or no adapter matches; [`Error::Engine`] if the driver
/// refuses the device or the shader; [`Error::DeviceLost`] if the device is lost meanwhile.
pub fn open_engine(wanted: &EngineOptions) -> Result<OpenEngine> {
    let double = wanted.precision == Precision::F64;
    let pick = wanted.adapter.as_deref().map_or(AdapterFilter::Any, AdapterFilter::named);
    if double && wanted.format == Format::Rgba16Float {
        return Err(Error::request(
            "`table_format` rgba16float is a single-precision format, and `precision` is f64",
            "leave one of the two off",
        ));
    }
    match wanted.kind {
        EngineKind::Cpu if wanted.adapter.is_some() => {
            Err(Error::request("`adapter` names a GPU adapter, and `engine` is cpu", "leave one of the two off"))
        }
        EngineKind::Cpu => Ok(cpu(wanted, "requested")),
        EngineKind::Gpu | EngineKind::Auto
            if double && (wanted.kind == EngineKind::Gpu || wanted.adapter.is_some()) =>
        {
            Err(Error::request(
                "`precision` f64 is not available on engine gpu: shaders compute in f32",
                "use `engine` cpu, or `precision` f32",
            ))
        }
        EngineKind::Gpu => gpu(wanted, &pick, "requested"),
        EngineKind::Auto if wanted.adapter.is_some() => gpu(wanted, &pick, "its adapter was requested"),
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
    let info = EngineInfo { kind: EngineKind::Gpu, adapter: name, backend, driver, shader_sha256 };
    Ok(OpenEngine { engine: Box::new(gpu), info, reason })
}

fn cpu(wanted: &EngineOptions, why: &str) -> OpenEngine {
    let threads = rayon::current_num_threads();
    let precision = wanted.precision;
    OpenEngine {
        engine: Box::new(Cpu::new(precision)),
        info: EngineInfo {
            kind: EngineKind::Cpu,
            adapter: instructions(),
            backend: "native".to_string(),
            driver: String::new(),
            shader_sha256: String::new(),
        },
        reason: format!("engine cpu on {threads} threads in {}, {}: {why}", precision.name(), instructions()),
    }
}

/// Architecture and vector instructions of the CPU engine. They decide the last bits of its results; the
/// number of threads does not.
fn instructions() -> String {
    format!("{}, {}", std::env::consts::ARCH, lanes::instructions())
}
