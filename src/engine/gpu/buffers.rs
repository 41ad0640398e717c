//! Buffers and texture of a stream on the device.

use super::Gpu;
use super::clock::{self, Clock};
use super::device::Device;
use super::layout::{DispatchParams, RUN_BYTES, RawCell, RawRegion, RawResult, STATUS_BYTES, TableLayout};
use super::shader::binding;
use crate::engine::{Batch, Cell};
use crate::error::{Error, Result};
use crate::kernel::Real;
use crate::kernel::constants::WORKGROUP;
use crate::kernel::table::Format;
use bytemuck::Zeroable;
use half::f16;
use rayon::prelude::*;
use wgpu::BufferUsages as Usage;

/// Most dispatches of one stream that are in flight at a time.
pub(super) const IN_FLIGHT: usize = 2;
/// Most workgroups along one dimension of a dispatch on every adapter.
pub(super) const MOST_GROUPS: u32 = 65_535;

/// Most cells of a stream on hardware: more gain nothing, and a part of a sweep makes two streams.
const MOST_CELLS: u64 = 1 << 17;
/// Most cells of a stream on a software adapter, where a dispatch of many cells has few steps for each, so that
/// its start and end count.
const MOST_IN_SOFTWARE: u64 = 1 << 14;

/// Cells per stream: as many as fit the largest storage buffer, but no more than keep any adapter busy.
pub(super) fn most_cells(device: &Device) -> usize {
    let limits = device.handle.limits();
    let capacity = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let by_capacity = capacity / RUN_BYTES.max(size_of::<RawCell>() as u64);
    let by_groups = u64::from(MOST_GROUPS) * u64::from(MOST_GROUPS) * u64::from(WORKGROUP);
    let enough = if device.report.hardware { MOST_CELLS } else { MOST_IN_SOFTWARE };
    by_capacity.min(by_groups).clamp(1, enough) as usize
}

/// Buffers of one stream and their bind groups.
pub(super) struct Buffers {
    pub cells: u32,
    pub params: wgpu::Buffer,
    pub status: wgpu::Buffer,
    /// Status and timestamps of each dispatch in flight, for the host.
    pub status_staging: [wgpu::Buffer; IN_FLIGHT],
    pub clock: Option<Clock>,
    pub results: wgpu::Buffer,
    pub result_bytes: u64,
    pub bound: wgpu::BindGroup,
    /// The two lists of running cells, in either order of reading and writing.
    pub orders: [wgpu::BindGroup; 2],
}

impl Buffers {
    pub(super) fn new(gpu: &Gpu, batch: &Batch, cells: &[Cell]) -> Result<Self> {
        let device = &gpu.device.handle;
        let make = |label, size: u64, usage| {
            let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        let filled = |label, bytes: &[u8]| {
            let buffer = make(label, bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST);
            gpu.device.queue.write_buffer(&buffer, 0, bytes);
            buffer
        };
        let layouts: Vec<TableLayout> = batch.tables.iter().map(|t| TableLayout::from(t.as_ref())).collect();
        // Cells index their trapping regions from the stream's first one.
        let first = cells.first().map_or(0, |c| c.first_region);
        let of_stream = |c: &Cell| RawCell { first_region: c.first_region - first, ..RawCell::from(c) };
        let raw: Vec<RawCell> = cells.par_iter().map(of_stream).collect();
        let last = cells.last().map_or(0, |c| c.first_region + c.regions);
        let used = batch.regions.get(first as usize..last as usize).unwrap_or_default();
        let mut regions: Vec<RawRegion> = used.iter().map(RawRegion::from).collect();
        // A binding cannot be empty.
        if regions.is_empty() {
            regions.push(RawRegion::zeroed());
        }
        let count = cells.len() as u64;
        let result_bytes = count * size_of::<RawResult>() as u64;

        let params = make("params", size_of::<DispatchParams>() as u64, Usage::UNIFORM | Usage::COPY_DST);
        let cell_buffer = filled("cells", bytemuck::cast_slice(&raw));
        let layout_buffer = filled("layouts", bytemuck::cast_slice(&layouts));
        // New buffers are zero, and a zeroed run is `FRESH`.
        let runs = make("runs", count * RUN_BYTES, Usage::STORAGE);
        let region_buffer = filled("regions", bytemuck::cast_slice(&regions));
        let lists = ["order", "next order"].map(|label| make(label, 4 * count, Usage::STORAGE));
        let results = make("results", result_bytes, Usage::STORAGE | Usage::COPY_SRC);
        let status = make("status", STATUS_BYTES, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
        let clock = Clock::new(&gpu.device, IN_FLIGHT);
        let told = STATUS_BYTES + if clock.is_some() { clock::BYTES } else { 0 };
        let status_staging = std::array::from_fn(|_| make("status staging", told, Usage::MAP_READ | Usage::COPY_DST));
        let texture = texture(gpu, batch)?;
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());

        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("batch"),
            layout: &gpu.layouts[0],
            entries: &[
                entry(binding::DISPATCH, params.as_entire_binding()),
                entry(binding::CELLS, cell_buffer.as_entire_binding()),
                entry(binding::LAYOUTS, layout_buffer.as_entire_binding()),
                entry(binding::TABLE, wgpu::BindingResource::TextureView(&view)),
                entry(binding::RUNS, runs.as_entire_binding()),
                entry(binding::RESULTS, results.as_entire_binding()),
                entry(binding::STATUS, status.as_entire_binding()),
                entry(binding::REGIONS, region_buffer.as_entire_binding()),
            ],
        });
        let orders = [[0, 1], [1, 0]].map(|[from, to]: [usize; 2]| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("order"),
                layout: &gpu.layouts[1],
                entries: &[
                    entry(binding::ORDER, lists[from].as_entire_binding()),
                    entry(binding::NEXT_ORDER, lists[to].as_entire_binding()),
                ],
            })
        });
        gpu.device.check()?;
        Ok(Self {
            cells: cells.len() as u32,
            params,
            status,
            status_staging,
            clock,
            results,
            result_bytes,
            bound,
            orders,
        })
    }
}

/// The batch's tables as one texture: one row per geometry, one texel per power of each piece.
pub(super) fn texture(gpu: &Gpu, batch: &Batch) -> Result<wgpu::Texture> {
    let width = batch.tables.iter().map(|t| t.single.pieces.len() * f32::TERMS).max().unwrap_or(1);
    let height = batch.tables.len().max(1);
    let side = gpu.device.handle.limits().max_texture_dimension_2d as usize;
    if width > side || height > side {
        return Err(Error::engine(
            format!("{height} tables of {width} texels exceed the adapter's largest texture, {side} by {side}"),
            "use `engine` cpu",
        ));
    }
    let mut texels = vec![[0.0_f32; 4]; width * height];
    for (row, tables) in texels.chunks_mut(width).zip(&batch.tables) {
        for (texel, [f00, f01, bend]) in row.iter_mut().zip(tables.single.pieces.iter().flatten()) {
            *texel = [*f00, *f01, *bend, 0.0];
        }
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
