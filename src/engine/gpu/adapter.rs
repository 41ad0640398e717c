//! The adapters of this machine, in order of preference.

use std::fmt;

/// Properties of an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterInfo {
    /// Place in the order of preference, from 0.
    pub index: usize,
    /// Name of the adapter; devices of one kind have the same.
    pub name: String,
    /// Whether the adapter is hardware rather than software on the CPU.
    pub hardware: bool,
    /// PCI bus id, such as `0000:01:00.0`; empty in software, and where the driver does not tell it.
    pub pci_bus_id: String,
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

/// Index, name, kind and PCI bus id, as messages list them.
impl fmt::Display for AdapterInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} '{}' ({}", self.index, self.name, self.kind)?;
        if !self.pci_bus_id.is_empty() {
            write!(f, ", pci:{}", self.pci_bus_id)?;
        }
        write!(f, ")")
    }
}

impl AdapterInfo {
    pub(super) fn of(index: usize, adapter: &wgpu::Adapter) -> Self {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => "discrete GPU",
            wgpu::DeviceType::IntegratedGpu => "integrated GPU",
            wgpu::DeviceType::VirtualGpu => "virtual GPU",
            wgpu::DeviceType::Cpu => "software",
            wgpu::DeviceType::Other => "other",
        };
        Self {
            index,
            name: info.name,
            hardware: info.device_type != wgpu::DeviceType::Cpu,
            pci_bus_id: info.device_pci_bus_id,
            backend: format!("{:?}", info.backend),
            driver: [info.driver, info.driver_info].join(" ").trim().to_string(),
            kind,
            largest_binding: limits.max_storage_buffer_binding_size,
            largest_texture: limits.max_texture_dimension_2d,
        }
    }
}

/// All adapters of the primary backends, in order of preference. GL is left out: it is chosen silently if Vulkan's
/// loader is missing, and computes other numbers.
pub(super) fn all() -> Vec<wgpu::Adapter> {
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

/// Properties of `adapters`, with their indices.
pub(super) fn infos(adapters: &[wgpu::Adapter]) -> Vec<AdapterInfo> {
    adapters.iter().enumerate().map(|(index, adapter)| AdapterInfo::of(index, adapter)).collect()
}

/// Available adapters, in order of preference.
#[must_use]
pub fn adapters() -> Vec<AdapterInfo> {
    infos(&all())
}
