//! Columns of cells read from chunks, which are unpacked on all cores.
//!
//! What other programs have stored otherwise than hopfmap does is read by the HDF5 library.

use super::box_shape::{lengths, position, sizes, slab};
use super::hdf5_calls::{chunk_bytes, read_chunk};
use super::packing::{Kind, OVERHEAD, unpack};
use crate::grid::{Boxes, GridBox, ravel};
use hdf5::Dataset;
use hdf5::filters::Filter;
use ndarray::IxDyn;
use rayon::prelude::*;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Mutex;

/// Most cells of a chunk that is unpacked here: hopfmap's have 16,384.
const MOST_CELLS: u64 = 1 << 20;

thread_local! {
    /// Values of the columns in one chunk, kept for the next one.
    static VALUES: Cell<Vec<Vec<f64>>> = const { Cell::new(Vec::new()) };
}

/// A column that is stored in hopfmap's way, and its chunks that hold the cells of a box.
pub(super) struct Chunked<'a> {
    dataset: &'a Dataset,
    name: String,
    kind: Kind,
    /// Number of values of a chunk.
    whole: usize,
    chunks: Vec<Stored>,
}

/// A chunk as it is stored, and which of its cells are due.
struct Stored {
    position: Vec<u64>,
    bytes: usize,
    cells: Range<usize>,
}

impl<'a> Chunked<'a> {
    /// The chunks that hold the box; `None` where the column is not stored in hopfmap's way.
    pub(super) fn find(dataset: &'a Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Option<Self>> {
        let (Some(chunk), Some(kind)) = (dataset.chunk(), Kind::of(dataset)?) else { return Ok(None) };
        if !matches!(dataset.filters()[..], [Filter::Shuffle, Filter::Deflate(_)]) {
            return Ok(None);
        }
        let (mut shape, mut chunk) = (lengths(&dataset.shape()), lengths(&chunk));
        if let Some(start) = start
            && (shape.is_empty() || shape.remove(0) <= start as u64 || chunk.remove(0) != 1)
        {
            return Ok(None);
        }
        let Some(boxes) = Boxes::chunks(shape.clone(), &chunk).filter(|c| c.whole() <= MOST_CELLS) else {
            return Ok(None);
        };
        let Some(cells) = run_of(&shape, place) else { return Ok(None) };
        let whole = boxes.whole() as usize;
        let mut chunks = Vec::new();
        for chunk in (boxes.holding(cells.start)..=boxes.holding(cells.end - 1)).map(|n| boxes.get(n)) {
            let position = position(start, &chunk);
            let bytes = chunk_bytes(dataset, &position)?;
            // One that was never written has no bytes, and one at the edge may be stored without filters.
            if bytes == 0 || bytes == whole * kind.size() || bytes > whole * kind.size() + OVERHEAD {
                return Ok(None);
            }
            let within = |index: u64| (index.clamp(chunk.first, chunk.first + chunk.cells) - chunk.first) as usize;
            chunks.push(Stored { position, bytes, cells: within(cells.start)..within(cells.end) });
        }
        let name = dataset.name().trim_start_matches('/').to_string();
        Ok(Some(Self { dataset, name, kind, whole, chunks }))
    }

    /// Reads a chunk; `None` if a filter was left out for it.
    fn read(&self, chunk: &Stored) -> hdf5::Result<Option<Vec<u8>>> {
        read_chunk(self.dataset, &chunk.position, chunk.bytes)
    }

    /// Unpacks the due cells of a chunk.
    fn unpack(&self, chunk: &Stored, packed: &[u8], values: &mut [f64]) -> Result<(), String> {
        match unpack(packed, self.kind, self.whole, chunk.cells.clone(), values) {
            true => Ok(()),
            false => Err(format!("a chunk of column {} is damaged", self.name)),
        }
    }
}

/// Columns in a box as their file stores them.
#[derive(Debug)]
pub(super) struct StoredBox {
    pub kinds: Vec<Kind>,
    /// Number of values of a chunk.
    pub whole: usize,
    /// Number of cells of each chunk.
    pub cells: Vec<usize>,
    /// For each column the bytes of its chunks.
    pub columns: Vec<Vec<Vec<u8>>>,
}

/// A column with the bytes of its chunks.
type PackedColumn<'a> = (Chunked<'a>, Vec<Vec<u8>>);

/// One column in a box of cells, as read from its file.
enum Column<'a> {
    /// Values that the library has unpacked.
    Read(Vec<f64>),
    /// Chunks, still packed.
    Packed(Chunked<'a>, Vec<Vec<u8>>),
}

impl<'a> Column<'a> {
    fn read(dataset: &'a Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Self> {
        if let Some(found) = Chunked::find(dataset, start, place)? {
            let packed = found.chunks.iter().map(|chunk| found.read(chunk)).collect::<hdf5::Result<Option<_>>>()?;
            if let Some(packed) = packed {
                return Ok(Self::Packed(found, packed));
            }
        }
        let with_start = |start: Option<usize>, axes: &[u64]| -> Vec<usize> {
            start.into_iter().chain(axes.iter().map(|n| *n as usize)).collect()
        };
        let (corner, shape) = (with_start(start, &place.start), with_start(start.map(|_| 1), &place.count));
        let read = dataset.as_reader().read_slice::<f64, _, IxDyn>(slab(&corner, &shape))?;
        Ok(Self::Read(read.iter().copied().collect()))
    }

    /// The values, and the chunks as they are stored, if that is in hopfmap's way.
    fn values(self) -> Result<(Vec<f64>, Option<PackedColumn<'a>>), String> {
        let (found, packed) = match self {
            Self::Read(values) => return Ok((values, None)),
            Self::Packed(found, packed) => (found, packed),
        };
        let mut values = vec![0.0; found.chunks.iter().map(|chunk| chunk.cells.len()).sum()];
        let (mut rest, mut jobs) = (&mut values[..], Vec::new());
        for (chunk, packed) in found.chunks.iter().zip(&packed) {
            let (here, behind) = rest.split_at_mut(chunk.cells.len());
            jobs.push((chunk, packed, here));
            rest = behind;
        }
        jobs.into_par_iter().try_for_each(|(chunk, packed, here)| found.unpack(chunk, packed, here))?;
        Ok((values, Some((found, packed))))
    }
}

/// Indices of the cells of a box in a grid of this shape; `None` if they are not consecutive, or not in the grid.
pub(super) fn run_of(shape: &[u64], place: &GridBox) -> Option<Range<u64>> {
    let fits = place.start.iter().zip(&place.count).zip(shape).all(|((start, count), n)| start + count <= *n);
    let consecutive = Boxes::chunks(shape.to_vec(), &place.count).is_some() && place.start.len() == shape.len();
    let first = (fits && consecutive).then(|| ravel(&sizes(shape), &sizes(&place.start)) as u64)?;
    Some(first..first + place.count.iter().product::<u64>())
}

/// Reads a box from several columns, each from one start or, without starts, as a whole.
pub(super) fn read_box(columns: &[(Dataset, Option<usize>)], place: &GridBox) -> hdf5::Result<Vec<Vec<f64>>> {
    Ok(read_stored_box(columns, place)?.0)
}

/// Reads a box from several columns, and gives it as it is stored, too, if the columns are stored in hopfmap's way.
pub(super) fn read_stored_box(
    columns: &[(Dataset, Option<usize>)],
    place: &GridBox,
) -> hdf5::Result<(Vec<Vec<f64>>, Option<StoredBox>)> {
    let read = columns.iter().map(|(dataset, start)| Column::read(dataset, *start, place));
    let read: Vec<_> = read.collect::<hdf5::Result<_>>()?;
    let read: Vec<_> = read.into_par_iter().map(Column::values).collect::<Result<_, String>>()?;
    let (values, read): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let mut stored = StoredBox { kinds: Vec::new(), whole: 0, cells: Vec::new(), columns: Vec::new() };
    for column in read {
        let Some((found, packed)) = column else { return Ok((values, None)) };
        let cells: Vec<_> = found.chunks.iter().map(|chunk| chunk.cells.len()).collect();
        let is_first = stored.kinds.is_empty();
        if !is_first && (found.whole, &cells) != (stored.whole, &stored.cells) {
            return Ok((values, None));
        }
        (stored.whole, stored.cells) = (found.whole, cells);
        stored.kinds.push(found.kind);
        stored.columns.push(packed);
    }
    Ok((values, Some(stored)))
}

/// Reads a box from several columns, and gives the values of all columns in each of its chunks to `look`, with the number
/// of their cells; the results are in the order of the chunks.
///
/// A chunk is looked at on the pool's threads while this one reads the next.
pub(super) fn look_at_box<T: Send>(
    columns: &[(Dataset, Option<usize>)],
    place: &GridBox,
    look: impl Fn(&[Vec<f64>], usize) -> Result<T, String> + Sync,
) -> hdf5::Result<Vec<T>> {
    let found = columns.iter().map(|(dataset, start)| Chunked::find(dataset, *start, place));
    let found = found.collect::<hdf5::Result<Option<Vec<Chunked<'_>>>>>()?.unwrap_or_default();
    let cells_of = |column: &Chunked<'_>| column.chunks.iter().map(|chunk| chunk.cells.clone()).collect::<Vec<_>>();
    let Some(cells) = found.first().map(cells_of).filter(|first| found.iter().all(|c| cells_of(c) == *first)) else {
        return Ok(vec![look(&read_box(columns, place)?, place.cells as usize)?]);
    };
    let look_at = |number: usize, packed: &[Vec<u8>]| {
        let mut values = VALUES.take();
        values.resize_with(found.len(), Vec::new);
        for ((column, packed), values) in found.iter().zip(packed).zip(&mut values) {
            values.resize(cells[number].len(), 0.0);
            column.unpack(&column.chunks[number], packed, values)?;
        }
        let seen = look(&values, cells[number].len());
        VALUES.set(values);
        seen
    };
    let seen: Vec<Mutex<Option<Result<T, String>>>> = cells.iter().map(|_| Mutex::new(None)).collect();
    rayon::in_place_scope(|scope| {
        for (number, seen) in seen.iter().enumerate() {
            let read = found.iter().map(|column| column.read(&column.chunks[number]));
            let packed = read.collect::<hdf5::Result<Option<Vec<_>>>>()?;
            let packed = packed.ok_or("a chunk was stored without its filters")?;
            let look_at = &look_at;
            scope.spawn(move |_| {
                let result = look_at(number, &packed);
                *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
            });
        }
        Ok::<_, hdf5::Error>(())
    })?;
    let result = |seen: Mutex<Option<_>>| seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let lost = || Err("a chunk was not looked at".to_string());
    Ok(seen.into_iter().map(|seen| result(seen).unwrap_or_else(lost)).collect::<Result<_, String>>()?)
}
