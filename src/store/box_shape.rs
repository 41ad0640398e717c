//! Shapes and positions of boxes, as the HDF5 library and its Rust crate take them.

use crate::grid::GridBox;
use hdf5::{Hyperslab, SliceOrIndex};

/// Position of a chunk in a dataset, with the start before the axes if there is one.
pub(super) fn position(start: Option<usize>, chunk: &GridBox) -> Vec<u64> {
    start.map(|s| s as u64).into_iter().chain(chunk.start.iter().copied()).collect()
}

/// Lengths along the axes, as the HDF5 crate takes them.
pub(super) fn sizes(lengths: &[u64]) -> Vec<usize> {
    lengths.iter().map(|&n| n as usize).collect()
}

/// Lengths along the axes, as a grid has them.
pub(super) fn lengths(sizes: &[usize]) -> Vec<u64> {
    sizes.iter().map(|&n| n as u64).collect()
}

/// The hyperslab of this shape at this corner.
pub(super) fn slab(corner: &[usize], shape: &[usize]) -> Hyperslab {
    (corner.iter().zip(shape))
        .map(|(&start, &count)| SliceOrIndex::SliceCount { start, step: 1, count, block: 1 })
        .collect::<Vec<_>>()
        .into()
}
