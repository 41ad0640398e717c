//! What a batch is on the device, and what its results are there, in bytes.

use super::layout::{QueuedCell, RawResult, TableLayout};
use crate::engine::Batch;
use crate::kernel::Real;
use crate::kernel::run::RunResult;
use crate::results::CellResult;

/// The bytes of a batch, for programs that run the shader without wgpu.
#[derive(Debug)]
pub struct Upload {
    /// The queue of cells.
    pub queue: Vec<u8>,
    /// The layout of each table.
    pub layouts: Vec<u8>,
    /// The texels of all tables, row by row.
    pub texels: Vec<[f32; 4]>,
    /// Texels in a row.
    pub width: usize,
}

impl Upload {
    /// The bytes of a batch.
    #[must_use]
    pub fn new(batch: &Batch) -> Self {
        let queue: Vec<QueuedCell> = batch.cells.iter().map(|c| QueuedCell::new(c, batch.regions_of(c))).collect();
        let layouts: Vec<TableLayout> = batch.tables.iter().map(|t| TableLayout::from(t.as_ref())).collect();
        let (texels, width) = texels(batch);
        Self {
            queue: bytemuck::cast_slice(&queue).to_vec(),
            layouts: bytemuck::cast_slice(&layouts).to_vec(),
            texels,
            width,
        }
    }
}

/// The texels of a batch's tables, a row for each, and their number in a row.
pub(super) fn texels(batch: &Batch) -> (Vec<[f32; 4]>, usize) {
    let width = batch.tables.iter().map(|t| t.single.pieces.len() * f32::TERMS).max().unwrap_or(1);
    let mut texels = vec![[0.0_f32; 4]; width * batch.tables.len().max(1)];
    for (row, tables) in texels.chunks_mut(width).zip(&batch.tables) {
        for (texel, [f00, f01, bend]) in row.iter_mut().zip(tables.single.pieces.iter().flatten()) {
            *texel = [*f00, *f01, *bend, 0.0];
        }
    }
    (texels, width)
}

/// Results from the device's bytes, in the order of the cells' numbers.
#[must_use]
pub fn results(bytes: &[u8]) -> Vec<CellResult> {
    let mut raw: Vec<RawResult> = bytemuck::pod_collect_to_vec(bytes);
    raw.sort_by_key(|r| r.number);
    raw.iter().map(|r| RunResult::from(r).result()).collect()
}
