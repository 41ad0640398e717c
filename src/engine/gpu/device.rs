//! Adapters, the device opened on one, and its errors.

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest duration of a submission, after which the device counts as hung: far beyond any watchdog.
const PATIENCE: Duration = Duration::from_secs(120);
/// Remedy if there is no adapter.
const INSTALL: &str = "install a Vulkan driver (Debian, Ubuntu: apt-get install mesa-vulkan-drivers; Fedora: mesa-vulkan-drivers; \
     Arch: vulkan-swrast), or use `engine` cpu";

/// Condition on the adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterFilter {
    /// Any adapter, hardware before software.
    Any,
    /// A hardware adapter.
    Hardware,
    /// A software adapter.
    Fallback,
    /// An adapter whose name contains this, ignoring case.
    Named(String),
}

/// Properties of an adapter.
#[derive(Debug, Clone)]
pub struct AdapterInfo {
    /// Name of the adapter.
    pub name: String,
    /// Whether the adapter is hardware rather than software on the CPU.
    pub hardware: bool,
    /// Graphics API: Vulkan, Metal or DX12.
    pub backend: String,
    /// Driver and its version.
    pub driver: String,
    /// Kind of device, such as `integrated GPU`.
    pub kind: &'static str,
    /// Largest storage buffer binding, in bytes.
    pub largest_binding: u64,
    /// Longest side of a texture in texels; it limits the texels of a table and the tables of a batch.
    pub largest_texture: u32,
}

/// An open device, with the trouble that its callbacks note.
#[derive(Debug)]
pub(super) struct Device {
    pub handle: wgpu::Device,
    pub queue: wgpu::Queue,
    pub report: AdapterInfo,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

#[derive(Debug, Clone)]
enum Trouble {
    Lost(String),
    Refused(String),
}

fn report(adapter: &wgpu::Adapter) -> AdapterInfo {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete GPU",
        wgpu::DeviceType::IntegratedGpu => "integrated GPU",
        wgpu::DeviceType::VirtualGpu => "virtual GPU",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    AdapterInfo {
        name: info.name,
        hardware: info.device_type != wgpu::DeviceType::Cpu,
        backend: format!("{:?}", info.backend),
        driver: [info.driver, info.driver_info].join(" ").trim().to_string(),
        kind,
        largest_binding: limits.max_storage_buffer_binding_size,
        largest_texture: limits.max_texture_dimension_2d,
    }
}

/// All adapters of the primary backends. GL is left out: it is chosen silently if Vulkan's loader is missing, and
/// computes other numbers.
fn all() -> Vec<wgpu::Adapter> {
    if wgpu::Instance::enabled_backend_features().is_empty() {
        return Vec::new();
    }
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    let instance = wgpu::Instance::new(descriptor);
    let mut found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    // Discrete before integrated before virtual before the rest; the order within a kind is the driver's.
    found.sort_by_key(|a| match a.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    found
}

/// Available adapters, in order of preference.
#[must_use]
pub fn adapters() -> Vec<AdapterInfo> {
    all().iter().map(report).collect()
}

impl AdapterFilter {
    /// Condition that `--adapter` states: part of a name, or `fallback`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name.eq_ignore_ascii_case("fallback") {
            AdapterFilter::Fallback
        } else {
            AdapterFilter::Named(name.to_string())
        }
    }

    fn accepts(&self, report: &AdapterInfo) -> bool {
        match self {
            AdapterFilter::Any => true,
            AdapterFilter::Hardware => report.hardware,
            AdapterFilter::Fallback => !report.hardware,
            AdapterFilter::Named(part) => report.name.to_lowercase().contains(&part.to_lowercase()),
        }
    }

    /// First of `adapters` that matches.
    #[must_use]
    pub fn select<'a>(&self, adapters: &'a [AdapterInfo]) -> Option<&'a AdapterInfo> {
        adapters.iter().find(|a| self.accepts(a))
    }

    fn none_fits(&self, adapters: &[AdapterInfo]) -> Error {
        if adapters.is_empty() {
            return Error::request("there is no GPU adapter here, not even a software one", INSTALL);
        }
        let names: Vec<_> = adapters.iter().map(|a| format!("'{}' ({})", a.name, a.kind)).collect();
        let wanted = match self {
            AdapterFilter::Any => "an adapter".to_string(),
            AdapterFilter::Hardware => "a hardware adapter".to_string(),
            AdapterFilter::Fallback => "a software adapter".to_string(),
            AdapterFilter::Named(part) => format!("an adapter named '{part}'"),
        };
        Error::request(format!("{wanted} was requested, and there is none"), format!("there are: {}", names.join(", ")))
    }
}

/// Opens a device on the first adapter that matches.
pub(super) fn open(pick: &AdapterFilter) -> Result<Device> {
    let found = all();
    let reports: Vec<_> = found.iter().map(report).collect();
    let chosen = reports.iter().position(|r| pick.accepts(r)).ok_or_else(|| pick.none_fits(&reports))?;
    let (adapter, report) = (&found[chosen], reports[chosen].clone());
    let offered = adapter.limits();
    // Default limits, which every adapter has, except for the largest buffers.
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
        max_buffer_size: offered.max_buffer_size,
        ..wgpu::Limits::default()
    };
    let descriptor = wgpu::DeviceDescriptor {
        label: Some("hopfmap"),
        required_limits: limits,
        // Timestamp queries, if the adapter has them.
        required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
        ..wgpu::DeviceDescriptor::default()
    };
    let (handle, queue) = pollster::block_on(adapter.request_device(&descriptor)).map_err(|e| {
        Error::engine(
            format!("adapter '{}' gave no device: {e}", report.name),
            "try another `adapter`, or `engine` cpu",
        )
    })?;
    let trouble = Arc::new(Mutex::new(None));
    let (on_loss, on_error) = (trouble.clone(), trouble.clone());
    handle.set_device_lost_callback(move |reason, message| {
        note(&on_loss, Trouble::Lost(format!("{message} ({reason:?})")));
    });
    handle
        .on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&on_error, Trouble::Refused(error.to_string()))));
    Ok(Device { handle, queue, report, trouble })
}

/// Keeps the first trouble, of which later ones are consequences, unless a later one is the loss of the device: a
/// lost device refuses operations before it reports its loss.
fn note(trouble: &Mutex<Option<Trouble>>, new: Trouble) {
    if let Ok(mut slot) = trouble.lock()
        && (slot.is_none() || matches!(new, Trouble::Lost(_)))
    {
        *slot = Some(new);
    }
}

impl Device {
    /// Returns trouble that the callbacks have noted as an error.
    pub(super) fn check(&self) -> Result<()> {
        let noted = || self.trouble.lock().ok().and_then(|slot| slot.clone());
        if matches!(noted(), Some(Trouble::Refused(_))) {
            // A lost device reports its loss when polled.
            let _ = self.handle.poll(wgpu::PollType::Poll);
        }
        match noted() {
            None => Ok(()),
            Some(Trouble::Lost(problem)) => {
                Err(Error::DeviceLost { adapter: self.report.name.clone(), problem: problem.trim().to_string() })
            }
            Some(Trouble::Refused(message)) => Err(Error::engine(
                format!("adapter '{}' refused an operation: {message}", self.report.name),
                "use `engine` cpu, and please report this with the output of 'hopfmap adapters'",
            )),
        }
    }

    /// Waits for a submission and reads `bytes` of the mappable buffer that it fills.
    pub(super) fn read(&self, submitted: wgpu::SubmissionIndex, staging: &wgpu::Buffer, bytes: u64) -> Result<Vec<u8>> {
        self.check()?;
        let mapped = Arc::new(Mutex::new(None));
        let done = mapped.clone();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
            if let Ok(mut slot) = done.lock() {
                *slot = Some(result);
            }
        });
        let begun = Instant::now();
        loop {
            let wait = wgpu::PollType::Wait {
                submission_index: Some(submitted.clone()),
                timeout: Some(Duration::from_millis(200)),
            };
            let polled = self.handle.poll(wait);
            self.check()?;
            let result = mapped.lock().ok().and_then(|mut slot| slot.take());
            match (result, polled) {
                (Some(Ok(())), _) => break,
                (Some(Err(e)), _) => return Err(self.broken(&format!("its results could not be read: {e}"))),
                (None, Ok(_) | Err(wgpu::PollError::Timeout)) if begun.elapsed() < PATIENCE => {}
                (None, polled) => {
                    return Err(self.broken(&format!("no result after {:?}: {polled:?}", begun.elapsed())));
                }
            }
        }
        let view = staging
            .get_mapped_range(0..bytes)
            .map_err(|e| self.broken(&format!("its results could not be read: {e}")))?;
        let copy = view.to_vec();
        drop(view);
        staging.unmap();
        Ok(copy)
    }

    fn broken(&self, what: &str) -> Error {
        Error::engine(format!("adapter '{}': {what}", self.report.name), "run the command again, or use `engine` cpu")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_fitting_adapter_the_message_says_what_is_there() {
        let nothing = AdapterFilter::Any.none_fits(&[]).to_string();
        assert!(nothing.contains("no GPU adapter here") && nothing.contains(INSTALL), "{nothing}");
        let there = adapters();
        let message = AdapterFilter::named("no such adapter").none_fits(&there).to_string();
        assert!(there.iter().all(|a| message.contains(&a.name)), "{message}");
        assert_eq!(message.contains("there are: "), !there.is_empty());
    }
}
