//! Buffers and texture of a pool on the device.

use super::Gpu;
use super::clock::{self, Clock};
use super::device::Device;
use super::layout::{DispatchParams, QueuedCell, RawResult, SLOT_BYTES, STATUS_BYTES, TableLayout};
use super::shader::binding;
use super::upload;
use crate::engine::{Batch, Tables};
use crate::error::{Error, Result};
use crate::kernel::constants::WORKGROUP;
use crate::kernel::table::Format;
use half::f16;
use std::cell::Cell;
use std::sync::Arc;
use wgpu::BufferUsages as Usage;

/// Most dispatches that are in flight at a time.
pub(super) const IN_FLIGHT: usize = 2;
/// Most workgroups along one dimension of a dispatch on every adapter.
pub(super) const MOST_GROUPS: u32 = 65_535;

/// Most slots on hardware: more gain nothing.
const MOST_SLOTS: u64 = 1 << 17;
/// Most slots on a software adapter, where a dispatch of many slots has few steps for each, so that its start and end
/// count.
const MOST_IN_SOFTWARE: u64 = 1 << 14;
/// Length of the queue in multiples of the slots.
const QUEUED: u64 = 2;

/// Number of slots: as many as fit the largest storage buffer with their queue, but no more than keep any adapter
/// busy.
pub(super) fn most_slots(device: &Device) -> usize {
    let limits = device.handle.limits();
    let capacity = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    // The queue is rounded up to a power of two, and any of its cells may end in one dispatch.
    let queue = 2 * QUEUED * (size_of::<QueuedCell>() as u64).max(size_of::<RawResult>() as u64);
    let by_capacity = capacity / SLOT_BYTES.max(queue + size_of::<RawResult>() as u64);
    let by_groups = u64::from(MOST_GROUPS) * u64::from(MOST_GROUPS) * u64::from(WORKGROUP);
    let enough = if device.report.hardware { MOST_SLOTS } else { MOST_IN_SOFTWARE };
    by_capacity.min(by_groups).clamp(1, enough) as usize
}

/// Buffers of a pool and their bind groups.
pub(super) struct Buffers {
    /// Number of slots.
    pub slots: u32,
    /// Length of the queue of cells, a power of two.
    pub queue_length: u32,
    /// Bytes of all buffers and the texture.
    pub bytes: u64,
    /// Tables in the texture.
    tables: Vec<Arc<Tables>>,
    pub params: wgpu::Buffer,
    queue: wgpu::Buffer,
    pub status: wgpu::Buffer,
    /// Status and timestamps of each dispatch in flight, for the host.
    pub status_staging: [wgpu::Buffer; IN_FLIGHT],
    pub clock: Option<Clock>,
    /// Results of each dispatch in flight.
    pub results: [wgpu::Buffer; IN_FLIGHT],
    pub bound: wgpu::BindGroup,
    /// The two lists of slots, in either order of reading and writing, with the results.
    pub orders: [wgpu::BindGroup; IN_FLIGHT],
}

impl Buffers {
    /// Buffers for at most `most` slots and for `cells` cells in all, with the tables of a batch.
    pub(super) fn new(gpu: &Gpu, batch: &Batch, most: usize, cells: u64) -> Result<Self> {
        let device = &gpu.device.handle;
        let bytes = Cell::new(0);
        let make = |label, size: u64, usage| {
            bytes.set(bytes.get() + size);
            let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        let slots = cells.clamp(1, most as u64);
        let queue_length = (QUEUED * slots).min(cells).next_power_of_two();
        let layouts: Vec<TableLayout> = batch.tables.iter().map(|t| TableLayout::from(t.as_ref())).collect();

        let params = make("params", size_of::<DispatchParams>() as u64, Usage::UNIFORM | Usage::COPY_DST);
        let queue = make("queue", queue_length * size_of::<QueuedCell>() as u64, Usage::STORAGE | Usage::COPY_DST);
        let layout_bytes: &[u8] = bytemuck::cast_slice(&layouts);
        let layout_buffer = make("layouts", layout_bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST);
        gpu.device.queue.write_buffer(&layout_buffer, 0, layout_bytes);
        // New buffers are zero, and a zeroed slot is `FREE`.
        let runs = make("slots", slots * SLOT_BYTES, Usage::STORAGE);
        let lists = ["order", "next order"].map(|label| make(label, 4 * slots, Usage::STORAGE));
        let result_bytes = (slots + queue_length) * size_of::<RawResult>() as u64;
        let results =
            ["results", "next results"].map(|label| make(label, result_bytes, Usage::STORAGE | Usage::COPY_SRC));
        let status = make("status", STATUS_BYTES, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
        let clock = Clock::new(&gpu.device, IN_FLIGHT);
        let told = STATUS_BYTES + if clock.is_some() { clock::BYTES } else { 0 };
        let status_staging = std::array::from_fn(|_| make("status staging", told, Usage::MAP_READ | Usage::COPY_DST));
        let texture = texture(gpu, batch)?;
        let of_texel = texture.format().block_copy_size(None).unwrap_or(0);
        let texels = u64::from(texture.width()) * u64::from(texture.height());
        bytes.set(bytes.get() + texels * u64::from(of_texel));
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());

        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pool"),
            layout: &gpu.layouts[0],
            entries: &[
                entry(binding::DISPATCH, params.as_entire_binding()),
                entry(binding::QUEUE, queue.as_entire_binding()),
                entry(binding::LAYOUTS, layout_buffer.as_entire_binding()),
                entry(binding::TABLE, wgpu::BindingResource::TextureView(&view)),
                entry(binding::RUNS, runs.as_entire_binding()),
                entry(binding::STATUS, status.as_entire_binding()),
            ],
        });
        let orders = [[0, 1], [1, 0]].map(|[from, to]: [usize; 2]| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("order"),
                layout: &gpu.layouts[1],
                entries: &[
                    entry(binding::ORDER, lists[from].as_entire_binding()),
                    entry(binding::NEXT_ORDER, lists[to].as_entire_binding()),
                    entry(binding::RESULTS, results[from].as_entire_binding()),
                ],
            })
        });
        gpu.device.check()?;
        let (slots, queue_length, tables) = (slots as u32, queue_length as u32, batch.tables.clone());
        let bytes = bytes.get();
        Ok(Self {
            slots,
            queue_length,
            bytes,
            tables,
            params,
            queue,
            status,
            status_staging,
            clock,
            results,
            bound,
            orders,
        })
    }

    /// Whether the texture holds a batch's tables.
    pub(super) fn has_tables_of(&self, batch: &Batch) -> bool {
        let pairs = self.tables.iter().zip(&batch.tables);
        self.tables.len() == batch.tables.len() && { pairs }.all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// Puts cells into the queue, the first of which has this number.
    pub(super) fn put(&self, gpu: &Gpu, number: u32, cells: &[QueuedCell]) {
        let at = number & (self.queue_length - 1);
        // The queue goes on at its beginning.
        let (here, there) = cells.split_at(cells.len().min((self.queue_length - at) as usize));
        for (at, cells) in [(u64::from(at), here), (0, there)].into_iter().filter(|(_, cells)| !cells.is_empty()) {
            let offset = at * size_of::<QueuedCell>() as u64;
            gpu.device.queue.write_buffer(&self.queue, offset, bytemuck::cast_slice(cells));
        }
    }
}

/// The batch's tables as one texture: one row per geometry, one texel per power of each piece.
pub(super) fn texture(gpu: &Gpu, batch: &Batch) -> Result<wgpu::Texture> {
    let (texels, width) = upload::texels(batch);
    let height = texels.len() / width;
    let side = gpu.device.handle.limits().max_texture_dimension_2d as usize;
    if width > side || height > side {
        return Err(Error::engine(
            format!("{height} tables of {width} texels exceed the adapter's largest texture, {side} by {side}"),
            "use `engine` cpu",
        ));
    }
    let (format, bytes) = match gpu.format {
        Format::Rgba32Float => (wgpu::TextureFormat::Rgba32Float, bytemuck::cast_slice(&texels).to_vec()),
        Format::Rgba16Float => {
            let halves: Vec<f16> = texels.iter().flatten().map(|&c| f16::from_f32(c)).collect();
            (wgpu::TextureFormat::Rgba16Float, bytemuck::cast_slice(&halves).to_vec())
        }
    };
    let size = wgpu::Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 };
    let texture = gpu.device.handle.create_texture(&wgpu::TextureDescriptor {
        label: Some("conductance table"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some((bytes.len() / height) as u32),
        rows_per_image: None,
    };
    gpu.device.queue.write_texture(texture.as_image_copy(), &bytes, layout, size);
    Ok(texture)
}
