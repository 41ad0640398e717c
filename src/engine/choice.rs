//! Choice of the engine for a request, and its reason.

use super::auto::first_that_serves;
use super::cpu::lanes;
use super::gpu::{AdapterChoice, AdapterFilter, AdapterInfo, Gpu, adapters, shader};
use super::kept_probes;
use super::probe::{self, Probe};
use super::several::Several;
use crate::engine::{Cpu, Engine};
use crate::error::{Error, Result};
use crate::kernel::table::Format;
use serde::{Deserialize, Serialize};

/// Cells that `auto` asks of a map before it takes a GPU: few cells leave most of a GPU idle.
pub const LEAST_CELLS_ON_GPU: u64 = 4096;

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
    /// A hardware GPU if one works and the map is not small, else the CPU.
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
    /// Adapter (`--adapter`): its index, `pci:` and its PCI bus id, part of its name, or `fallback`; several indices or
    /// PCI bus ids with commas between; or `all` of the first one's kind.
    pub adapter: Option<String>,
    /// The very adapters to open, whatever else `adapter` fits: those of an engine that was open before.
    pub same: Vec<AdapterInfo>,
    /// Precision (`--precision`).
    pub precision: Precision,
    /// Texture format of the table (`--table-format`).
    pub format: Format,
    /// Cells that can run at a time, counting starts, if known; `auto` takes the CPU for fewer than
    /// [`LEAST_CELLS_ON_GPU`].
    pub cells: Option<u64>,
}

/// Description of an engine, as recorded in the files that it computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Kind of engine: `gpu` or `cpu`.
    pub kind: EngineKind,
    /// Name of the adapter, or architecture and vector instructions of the processor.
    pub adapter: String,
    /// PCI bus id of the adapter, empty where there is none.
    pub pci_bus_id: String,
    /// Graphics API (Vulkan, Metal or DX12), or `native` on `cpu`.
    pub backend: String,
    /// Driver and its version, empty on `cpu`.
    pub driver: String,
    /// SHA-256 of the shader's source, empty on `cpu`.
    pub shader_sha256: String,
}

impl EngineInfo {
    /// Description of several devices as one engine: where they differ, all values with commas between.
    ///
    /// `first` describes the first of them.
    #[must_use]
    pub fn joined(first: &Self, others: &[Self]) -> Self {
        let of = |text: fn(&Self) -> &String| {
            let mut values: Vec<&str> = Vec::new();
            for value in std::iter::once(first).chain(others).map(|info| text(info).as_str()) {
                if !value.is_empty() && !values.contains(&value) {
                    values.push(value);
                }
            }
            values.join(", ")
        };
        Self {
            adapter: of(|info| &info.adapter),
            pci_bus_id: of(|info| &info.pci_bus_id),
            backend: of(|info| &info.backend),
            driver: of(|info| &info.driver),
            ..first.clone()
        }
    }

    /// Whether `other` computes the same bits: a device of the same kind, wherever it is.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        Self { pci_bus_id: String::new(), ..self.clone() } == Self { pci_bus_id: String::new(), ..other.clone() }
    }
}

/// An open engine, ready to run.
pub struct OpenEngine {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// Description for files.
    pub info: EngineInfo,
    /// Description of each of its devices, by their numbers in [`Task`](super::Task).
    pub devices: Vec<EngineInfo>,
    /// The adapters, none on `cpu`.
    pub adapters: Vec<AdapterInfo>,
    /// The engine and the reason for its choice, in one line.
    pub reason: String,
}

impl OpenEngine {
    /// Number of pieces in which a batch keeps all devices busy: one where devices differ, so that each part is one
    /// device's.
    #[must_use]
    pub fn pieces(&self) -> usize {
        if self.is_of_one_kind() { self.devices.len().max(1) } else { 1 }
    }

    /// Whether all devices compute the same bits.
    #[must_use]
    pub fn is_of_one_kind(&self) -> bool {
        self.devices.first().is_none_or(|first| self.devices.iter().all(|device| device.is_like(first)))
    }
}

impl std::fmt::Debug for OpenEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenEngine").field("info", &self.info).finish_non_exhaustive()
    }
}

/// Opens the engine for a request.
///
/// `auto` passes over hardware adapters that give no device or fail their probe, each with a warning, and those that are
/// slower than the cores.
///
/// # Errors
/// [`Error::Request`] if options exclude each other, or no adapter or several match; [`Error::Engine`] if the driver
/// refuses the device or the shader; [`Error::DeviceLost`] if the device is lost meanwhile.
pub fn open_engine(wanted: &EngineOptions) -> Result<OpenEngine> {
    let double = wanted.precision == Precision::F64;
    if double && wanted.format == Format::Rgba16Float {
        return Err(Error::request(
            "`table_format` rgba16float is a single-precision format, and `precision` is f64",
            "leave one of the two off",
        ));
    }
    let named = match wanted.same.is_empty() {
        true => wanted.adapter.as_deref().map(AdapterChoice::parse),
        false => Some(AdapterChoice::same(&wanted.same)),
    };
    match (wanted.kind, named) {
        (EngineKind::Cpu, Some(_)) => {
            Err(Error::request("`adapter` names a GPU adapter, and `engine` is cpu", "leave one of the two off"))
        }
        (EngineKind::Cpu, None) => Ok(cpu(wanted, "requested")),
        (EngineKind::Gpu, _) | (EngineKind::Auto, Some(_)) if double => Err(Error::request(
            "`precision` f64 is not available on engine gpu: shaders compute in f32",
            "use `engine` cpu, or `precision` f32",
        )),
        (EngineKind::Gpu, pick) => gpu(wanted, &pick.unwrap_or(AdapterChoice::One(AdapterFilter::Any)), "requested"),
        (EngineKind::Auto, Some(pick)) => gpu(wanted, &pick, "its adapter was requested"),
        (EngineKind::Auto, None) if double => Ok(cpu(wanted, "shaders have no f64")),
        (EngineKind::Auto, None) => Ok(auto(wanted)),
    }
}

/// The first hardware adapter that serves, or the CPU if there is none or the map is small.
fn auto(wanted: &EngineOptions) -> OpenEngine {
    if let Some(cells) = wanted.cells.filter(|cells| *cells < LEAST_CELLS_ON_GPU) {
        let cells = if cells == 1 { "1 cell is".to_string() } else { format!("{cells} cells are") };
        return cpu(wanted, &format!("{cells} too few for a GPU, which auto takes from {LEAST_CELLS_ON_GPU} on"));
    }
    let hardware: Vec<_> = adapters().into_iter().filter(|a| a.hardware).collect();
    let open = |adapter: &AdapterInfo, why: &str| gpu(wanted, &AdapterChoice::same(std::slice::from_ref(adapter)), why);
    first_that_serves(&hardware, open, probed).unwrap_or_else(|why| cpu(wanted, &why))
}

/// The probe of an open adapter: the one that is kept, or a new one.
fn probed(adapter: &AdapterInfo, opened: &OpenEngine) -> Result<Probe> {
    let key = probe::key(adapter, &opened.info.shader_sha256, &instructions());
    kept_probes::kept_or(kept_probes::folder().as_deref(), &key, || probe::probe(opened.engine.as_ref()))
}

/// The probe of an adapter: whether it computes what the CPU does, and how fast both are. It is kept in the user's cache folder until driver, shader or processor change.
///
/// # Errors
/// [`Error::Engine`] if the adapter gives no device; [`Error::DeviceLost`] if it is lost meanwhile.
pub fn probe_adapter(adapter: &AdapterInfo) -> Result<Probe> {
    let choice = AdapterChoice::same(std::slice::from_ref(adapter));
    probed(adapter, &gpu(&EngineOptions::default(), &choice, "it is probed")?)
}

fn gpu(wanted: &EngineOptions, choice: &AdapterChoice, why: &str) -> Result<OpenEngine> {
    let gpus = match choice {
        AdapterChoice::One(filter) => vec![Gpu::open(filter, wanted.format)?],
        _ if !wanted.same.is_empty() => open_several(&wanted.same, wanted, true)?,
        AdapterChoice::All => {
            let all = adapters();
            let chosen = choice.select(&all)?;
            let is_left_out = |a: &&AdapterInfo| !chosen.contains(a) && chosen.iter().all(|c| c.hardware == a.hardware);
            for other in all.iter().filter(is_left_out) {
                log::warn!("adapter {other} is of another kind and is left out; name it to compute with it");
            }
            open_several(&chosen, wanted, true)?
        }
        several => open_several(&several.select(&adapters())?, wanted, false)?,
    };
    let adapters: Vec<AdapterInfo> = gpus.iter().map(|gpu| gpu.adapter().clone()).collect();
    let described = |a: &AdapterInfo| {
        let AdapterInfo { name, pci_bus_id, backend, driver, .. } = a.clone();
        EngineInfo {
            kind: EngineKind::Gpu,
            adapter: name,
            pci_bus_id,
            backend,
            driver,
            shader_sha256: shader::sha256(),
        }
    };
    let devices: Vec<EngineInfo> = adapters.iter().map(described).collect();
    let Some((first, others)) = devices.split_first() else {
        return Err(Error::request("no adapter is chosen", "name one, or leave `adapter` off"));
    };
    let info = EngineInfo::joined(first, others);
    let pci = |a: &AdapterInfo| if a.pci_bus_id.is_empty() { String::new() } else { format!(", pci:{}", a.pci_bus_id) };
    let one = |a: &AdapterInfo| format!("'{}' ({}{})", a.name, a.backend, pci(a));
    let names = match &adapters[..] {
        [alone] => one(alone),
        all => all.iter().map(|a| format!("{} {}", a.index, one(a))).collect::<Vec<_>>().join(", "),
    };
    let reason = format!("engine gpu on {names}: {why}");
    let mut gpus = gpus;
    let engine: Box<dyn Engine> = match (gpus.len(), gpus.pop()) {
        (1, Some(gpu)) => Box::new(gpu),
        (_, last) => {
            gpus.extend(last);
            Box::new(Several::new(gpus, names, others.iter().all(|other| other.is_like(first))))
        }
    };
    Ok(OpenEngine { engine, info, devices, adapters, reason })
}

/// Opens each of these adapters, or, if `may_pass_over`, those that give a device: at least one of them.
fn open_several(chosen: &[AdapterInfo], wanted: &EngineOptions, may_pass_over: bool) -> Result<Vec<Gpu>> {
    let (mut opened, mut problem) = (Vec::new(), None);
    for adapter in chosen {
        match Gpu::open(&AdapterFilter::Same(adapter.clone()), wanted.format) {
            Ok(gpu) => opened.push(gpu),
            Err(e) if may_pass_over => {
                log::warn!("{e}; the other adapters go on without it");
                problem = Some(e);
            }
            Err(e) => return Err(e),
        }
    }
    match problem {
        Some(e) if opened.is_empty() => Err(e),
        _ => Ok(opened),
    }
}

fn cpu(wanted: &EngineOptions, why: &str) -> OpenEngine {
    let threads = rayon::current_num_threads();
    let precision = wanted.precision;
    let info = EngineInfo {
        kind: EngineKind::Cpu,
        adapter: instructions(),
        pci_bus_id: String::new(),
        backend: "native".to_string(),
        driver: String::new(),
        shader_sha256: String::new(),
    };
    OpenEngine {
        engine: Box::new(Cpu::new(precision)),
        devices: vec![info.clone()],
        info,
        adapters: Vec::new(),
        reason: format!("engine cpu on {threads} threads in {}, {}: {why}", precision.name(), instructions()),
    }
}

/// Architecture and vector instructions of the CPU engine. They decide the last bits of its results; the
/// number of threads does not.
fn instructions() -> String {
    format!("{}, {}", std::env::consts::ARCH, lanes::instructions())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_takes_the_cpu_for_few_cells() {
        let reason = |options: EngineOptions| open_engine(&options).unwrap().reason;
        let cells = |cells: u64| EngineOptions { cells: Some(cells), ..EngineOptions::default() };
        let few = "cells are too few for a GPU, which auto takes from 4096 on";
        assert!(reason(cells(4095)).starts_with("engine cpu") && reason(cells(4095)).contains(few));
        assert!(reason(cells(1)).contains(": 1 cell is too few"));
        // Negative controls: as many as that, an unknown number, and engines that were requested.
        assert!(!reason(cells(4096)).contains("few") && !reason(EngineOptions::default()).contains("few"));
        let named = EngineOptions { adapter: Some("fallback".into()), ..cells(1) };
        assert!(reason(named).ends_with("its adapter was requested"));
        let gpu = EngineOptions { kind: EngineKind::Gpu, ..cells(1) };
        assert!(reason(gpu).starts_with("engine gpu"));
        let double = EngineOptions { precision: Precision::F64, ..cells(1) };
        assert!(reason(double).ends_with("shaders have no f64"));
    }

    #[test]
    fn the_same_adapter_is_opened_whatever_else_is_named() {
        let fallback = EngineOptions { adapter: Some("fallback".into()), ..EngineOptions::default() };
        let first = open_engine(&fallback).expect("the shader's tests need an adapter: run scripts/setup");
        let same = EngineOptions { kind: EngineKind::Gpu, same: first.adapters.clone(), ..fallback };
        assert_eq!(open_engine(&same).unwrap().adapters, first.adapters);
        // Negative control: with another PCI bus id it is another adapter, which is not here.
        let elsewhere = |a: AdapterInfo| AdapterInfo { pci_bus_id: "ffff:ff:1f.7".into(), ..a };
        let other = first.adapters.into_iter().map(elsewhere).collect();
        let message = open_engine(&EngineOptions { same: other, ..same }).unwrap_err().to_string();
        assert!(message.contains("pci:ffff:ff:1f.7") && message.contains("there is none"), "{message}");
    }
}
