//! Chunks of columns, packed and unpacked on all cores.
//!
//! The HDF5 library packs one chunk after the other, under a lock. Here chunks are shuffled and deflated as its filters
//! do it (HDF5 File Format Specification, IV.A.2.l), side by side, and handed to the library as they are stored. Columns
//! that other programs have stored otherwise are read by the library.

use super::hdf5_calls::{chunk_bytes, read_chunk, write_chunk};
use super::schema::NO_OUTCOME;
use crate::grid::{Boxes, GridBox, ravel};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use hdf5::filters::Filter;
use hdf5::{Dataset, Hyperslab, SliceOrIndex};
use ndarray::IxDyn;
use rayon::prelude::*;
use std::ops::Range;

/// Deflate level: the lowest already gives most of the gain.
pub(super) const DEFLATE: u8 = 1;
/// Most cells of a chunk that is unpacked here: hopfmap's have 16,384.
const MOST_CELLS: u64 = 1 << 20;
/// Most bytes of a deflated chunk beyond those of its values.
const OVERHEAD: usize = 1 << 12;

/// Values of one column in a box of cells.
#[derive(Debug)]
pub(super) enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
    Small(Vec<u8>),
}

/// Type of a column's values in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Double,
    Small,
}

impl Kind {
    fn of(dataset: &Dataset) -> hdf5::Result<Option<Self>> {
        let kind = dataset.dtype()?;
        let all = [(kind.is::<f32>(), Kind::Single), (kind.is::<f64>(), Kind::Double), (kind.is::<u8>(), Kind::Small)];
        Ok(all.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind))
    }

    /// Bytes of a value.
    fn size(self) -> usize {
        match self {
            Kind::Single => size_of::<f32>(),
            Kind::Double => size_of::<f64>(),
            Kind::Small => size_of::<u8>(),
        }
    }
}

/// A column to be written: its dataset, and the values of the cells in a range of the box.
pub(super) struct Column<'a> {
    pub dataset: &'a Dataset,
    /// Number of the start, if the dataset has a dimension for it.
    pub start: Option<usize>,
    pub values: Box<dyn Fn(Range<usize>) -> Values + Sync + 'a>,
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Single(values) => values.len(),
            Values::Double(values) => values.len(),
            Values::Small(values) => values.len(),
        }
    }

    /// The packed chunk of `whole` cells that holds these values, and fill values behind them.
    fn packed(&self, whole: usize) -> Result<Vec<u8>, String> {
        deflated(&match self {
            Values::Single(values) => shuffled(values, f32::NAN.to_ne_bytes(), f32::to_ne_bytes, whole),
            Values::Double(values) => shuffled(values, f64::NAN.to_ne_bytes(), f64::to_ne_bytes, whole),
            Values::Small(values) => shuffled(values, [NO_OUTCOME], u8::to_ne_bytes, whole),
        })
    }
}

/// Bytes of the values by their place in a value: the first bytes of all values, then the second ones, and so on.
fn shuffled<T: Copy, const N: usize>(values: &[T], fill: [u8; N], bytes: fn(T) -> [u8; N], whole: usize) -> Vec<u8> {
    let mut planes = vec![0; whole * N];
    for (place, plane) in planes.chunks_exact_mut(whole.max(1)).enumerate() {
        let (there, behind) = plane.split_at_mut(values.len());
        there.iter_mut().zip(values).for_each(|(byte, value)| *byte = bytes(*value)[place]);
        behind.fill(fill[place]);
    }
    planes
}

/// Puts the values of some cells of a shuffled chunk into `values`, as f64.
fn unshuffle(planes: &[u8], kind: Kind, cells: Range<usize>, values: &mut [f64]) {
    let whole = planes.len() / kind.size();
    let byte = |place: usize, i: usize| planes[place * whole + i];
    let both = values.iter_mut().zip(cells);
    match kind {
        Kind::Single => both.for_each(|(v, i)| *v = f32::from_ne_bytes(std::array::from_fn(|p| byte(p, i))).into()),
        Kind::Double => both.for_each(|(v, i)| *v = f64::from_ne_bytes(std::array::from_fn(|p| byte(p, i)))),
        Kind::Small => both.for_each(|(v, i)| *v = planes[i].into()),
    }
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = Vec::with_capacity(bytes.len() + OVERHEAD);
    let done =
        Compress::new(Compression::new(DEFLATE.into()), true).compress_vec(bytes, &mut packed, FlushCompress::Finish);
    match done {
        Ok(Status::StreamEnd) => Ok(packed),
        other => Err(format!("{} bytes could not be deflated: {other:?}", bytes.len())),
    }
}

/// The bytes of a deflated chunk; `None` if they are not `size` ones.
fn inflated(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    // With space for one byte more, a longer chunk does not pass for a right one.
    let mut bytes = Vec::with_capacity(size + 1);
    let done = Decompress::new(true).decompress_vec(packed, &mut bytes, FlushDecompress::Finish);
    (matches!(done, Ok(Status::StreamEnd)) && bytes.len() == size).then_some(bytes)
}

/// Position of a chunk in a dataset, with the start before the axes if there is one.
fn position(start: Option<usize>, chunk: &GridBox) -> Vec<u64> {
    start.map(|s| s as u64).into_iter().chain(chunk.start.iter().copied()).collect()
}

/// Writes columns in a box that consists of whole `chunks`.
pub(super) fn write_box(chunks: &Boxes, place: &GridBox, columns: &[Column<'_>]) -> hdf5::Result<()> {
    let numbers = chunks.holding(place.first)..=chunks.holding(place.first + place.cells.max(1) - 1);
    let due: Vec<GridBox> = numbers.map(|n| chunks.get(n)).collect();
    let end = |b: &GridBox| b.first + b.cells;
    if due.first().map(|b| b.first) != Some(place.first) || due.last().map(end) != Some(end(place)) {
        return Err(format!("cells {} to {} are not whole chunks", place.first, end(place)).into());
    }
    let whole = chunks.whole() as usize;
    let jobs: Vec<_> = columns.iter().flat_map(|column| due.iter().map(move |chunk| (column, chunk))).collect();
    let pack = |(column, chunk): &(&Column<'_>, &GridBox)| {
        let from = (chunk.first - place.first) as usize;
        let values = (column.values)(from..from + chunk.cells as usize);
        if values.len() as u64 == chunk.cells { values.packed(whole) } else { Err("a column lacks values".to_string()) }
    };
    let packed: Vec<_> = jobs.par_iter().map(pack).collect::<Result<_, String>>()?;
    let mut both = jobs.iter().zip(&packed);
    both.try_for_each(|((column, chunk), bytes)| write_chunk(column.dataset, &position(column.start, chunk), bytes))
}

/// One column in a box of cells, as read from its file.
enum Stored {
    /// Values that the library has unpacked.
    Read(Vec<f64>),
    /// Packed chunks, and the cells of each that are in the box.
    Packed { name: String, kind: Kind, whole: usize, chunks: Vec<(Vec<u8>, Range<usize>)> },
}

impl Stored {
    fn read(dataset: &Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Self> {
        if let Some(found) = Self::packed(dataset, start, place)? {
            return Ok(found);
        }
        let with_start = |start: Option<usize>, axes: &[u64]| -> Vec<usize> {
            start.into_iter().chain(axes.iter().map(|n| *n as usize)).collect()
        };
        let (corner, shape) = (with_start(start, &place.start), with_start(start.map(|_| 1), &place.count));
        let read = dataset.as_reader().read_slice::<f64, _, IxDyn>(slab(&corner, &shape))?;
        Ok(Self::Read(read.iter().copied().collect()))
    }

    /// The packed chunks that hold the box; `None` where the column is not stored in hopfmap's way.
    fn packed(dataset: &Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Option<Self>> {
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
        let Some(chunks) = Boxes::chunks(shape.clone(), &chunk).filter(|c| c.whole() <= MOST_CELLS) else {
            return Ok(None);
        };
        let Some(cells) = run_of(&shape, place) else { return Ok(None) };
        let whole = chunks.whole() as usize;
        let mut found = Vec::new();
        for chunk in (chunks.holding(cells.start)..=chunks.holding(cells.end - 1)).map(|n| chunks.get(n)) {
            let position = position(start, &chunk);
            let bytes = chunk_bytes(dataset, &position)?;
            // One that was never written has no bytes, and one at the edge may be stored without filters.
            if bytes == 0 || bytes == whole * kind.size() || bytes > whole * kind.size() + OVERHEAD {
                return Ok(None);
            }
            let Some(packed) = read_chunk(dataset, &position, bytes)? else { return Ok(None) };
            let within = |index: u64| (index.clamp(chunk.first, chunk.first + chunk.cells) - chunk.first) as usize;
            found.push((packed, within(cells.start)..within(cells.end)));
        }
        let name = dataset.name().trim_start_matches('/').to_string();
        Ok(Some(Self::Packed { name, kind, whole, chunks: found }))
    }

    fn values(self) -> Result<Vec<f64>, String> {
        match self {
            Stored::Read(values) => Ok(values),
            Stored::Packed { name, kind, whole, chunks } => {
                let mut values = vec![0.0; chunks.iter().map(|(_, cells)| cells.len()).sum()];
                let (mut rest, mut jobs) = (&mut values[..], Vec::new());
                for (packed, cells) in chunks {
                    let (here, behind) = rest.split_at_mut(cells.len());
                    jobs.push((packed, cells, here));
                    rest = behind;
                }
                jobs.into_par_iter().try_for_each(|(packed, cells, here)| {
                    let planes = inflated(&packed, whole * kind.size())
                        .ok_or_else(|| format!("a chunk of column {name} is damaged"))?;
                    unshuffle(&planes, kind, cells, here);
                    Ok::<_, String>(())
                })?;
                Ok(values)
            }
        }
    }
}

/// Indices of the cells of a box in a grid of this shape; `None` if they are not consecutive, or not in the grid.
fn run_of(shape: &[u64], place: &GridBox) -> Option<Range<u64>> {
    let fits = place.start.iter().zip(&place.count).zip(shape).all(|((start, count), n)| start + count <= *n);
    let consecutive = Boxes::chunks(shape.to_vec(), &place.count).is_some() && place.start.len() == shape.len();
    let first = (fits && consecutive).then(|| ravel(&sizes(shape), &sizes(&place.start)) as u64)?;
    Some(first..first + place.count.iter().product::<u64>())
}

/// Reads a box from several columns, each from one start or, without starts, as a whole.
pub(super) fn read_box(columns: &[(Dataset, Option<usize>)], place: &GridBox) -> hdf5::Result<Vec<Vec<f64>>> {
    let stored = columns.iter().map(|(dataset, start)| Stored::read(dataset, *start, place));
    let stored: Vec<_> = stored.collect::<hdf5::Result<_>>()?;
    Ok(stored.into_par_iter().map(Stored::values).collect::<Result<_, String>>()?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::hdf5_file::{create, new_dataset};
    use hdf5::{Extents, H5Type};
    use proptest::prelude::*;

    fn column<'a>(
        dataset: &'a Dataset,
        start: usize,
        values: impl Fn(Range<usize>) -> Values + Sync + 'a,
    ) -> Column<'a> {
        Column { dataset, start: Some(start), values: Box::new(values) }
    }

    /// A dataset of two starts in chunks, without values.
    fn dataset<T: H5Type + Copy + Into<hdf5::types::OwnedDynValue>>(
        file: &hdf5::File,
        name: &str,
        shape: &[u64],
        chunk: &[u64],
        fill: T,
    ) -> Dataset {
        let with =
            |start: usize, axes: &[u64]| [&[start][..], &axes.iter().map(|n| *n as usize).collect::<Vec<_>>()].concat();
        let empty = new_dataset(file).empty::<T>().fill_value(fill).shape(with(2, shape));
        empty.chunk(with(1, chunk)).shuffle().deflate(DEFLATE).create(name).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn the_library_reads_what_is_packed_here_and_the_other_way_round(
            shape in prop::collection::vec(1_u64..9, 1..5), most in 1_u64..40, from in 0_u64..1000, seed in 0_u64..1000,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("columns.h5");
            std::fs::write(&path, []).unwrap();
            let file = create(&path).unwrap();
            let all = Boxes::new(shape.clone(), u64::MAX).get(0);
            let boxes = Boxes::new(shape.clone(), most);
            let chunk = boxes.get(0).count;
            let value = |i: u64| f64::from((i * 37 + seed) as u32 % 101) / 7.0;
            let doubles: Vec<f64> = (0..all.cells).map(value).collect();
            let singles: Vec<f32> = doubles.iter().map(|v| *v as f32).collect();
            let small: Vec<u8> = doubles.iter().map(|v| *v as u8).collect();
            let [a, b, c] = ["a", "b", "c"].map(|name| match name {
                "a" => dataset(&file, name, &shape, &chunk, f64::NAN),
                "b" => dataset(&file, name, &shape, &chunk, f32::NAN),
                _ => dataset(&file, name, &shape, &chunk, NO_OUTCOME),
            });
            // By pieces, each of one chunk or of several.
            for piece in Boxes::new(shape.clone(), 4 * most).iter() {
                let range = piece.first as usize..(piece.first + piece.cells) as usize;
                let (doubles, singles, small) = (&doubles[range.clone()], &singles[range.clone()], &small[range]);
                let columns = [
                    column(&a, 1, |of| Values::Double(doubles[of].to_vec())),
                    column(&b, 1, |of| Values::Single(singles[of].to_vec())),
                    column(&c, 1, |of| Values::Small(small[of].to_vec())),
                ];
                write_box(&boxes, &piece, &columns).unwrap();
            }
            let one = [&[1][..], &shape].concat();
            let of_start = |start| slab(&[&[start][..], &vec![0; shape.len()]].concat(), &one.iter().map(|n| *n as usize).collect::<Vec<_>>());
            prop_assert!(a.read_slice::<f64, _, IxDyn>(of_start(1)).unwrap().iter().eq(&doubles));
            prop_assert!(b.read_slice::<f32, _, IxDyn>(of_start(1)).unwrap().iter().eq(&singles));
            prop_assert!(c.read_slice::<u8, _, IxDyn>(of_start(1)).unwrap().iter().eq(&small));
            // The other start was never written.
            prop_assert!(a.read_slice::<f64, _, IxDyn>(of_start(0)).unwrap().iter().all(|v| v.is_nan()));
            // Written by the library.
            let array = ndarray::ArrayD::from_shape_vec(IxDyn(&one.iter().map(|n| *n as usize).collect::<Vec<_>>()), doubles.clone()).unwrap();
            a.write_slice(array.view(), of_start(0)).unwrap();
            file.flush().unwrap();
            let whole = read_box(&[(a.clone(), Some(0)), (a.clone(), Some(1)), (b, Some(1)), (c, Some(1))], &all).unwrap();
            prop_assert_eq!(&whole[0], &doubles);
            prop_assert_eq!(&whole[1], &doubles);
            prop_assert!(whole[2].iter().eq(singles.iter().map(|v| f64::from(*v)).collect::<Vec<_>>().iter()));
            prop_assert!(whole[3].iter().eq(small.iter().map(|v| f64::from(*v)).collect::<Vec<_>>().iter()));
            // Any box, across chunks.
            let cut = Boxes::new(shape, 1 + from % 50);
            let piece = cut.get(from % cut.len());
            let range = piece.first as usize..(piece.first + piece.cells) as usize;
            prop_assert_eq!(&read_box(&[(a, Some(1))], &piece).unwrap()[0], &doubles[range]);
        }
    }

    #[test]
    fn damaged_chunks_and_boxes_that_do_not_fit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("columns.h5");
        std::fs::write(&path, []).unwrap();
        let file = create(&path).unwrap();
        let boxes = Boxes::new(vec![6, 4], 8);
        let set = dataset(&file, "a", &[6, 4], &[2, 4], f64::NAN);
        let whole = [column(&set, 0, |of| Values::Double(of.map(|i| i as f64).collect()))];
        let all = Boxes::new(vec![6, 4], 24).get(0);
        write_box(&boxes, &all, &whole).unwrap();
        assert_eq!(read_box(&[(set.clone(), Some(0))], &all).unwrap()[0][23], 23.0);
        assert!(Stored::packed(&set, Some(0), &all).unwrap().is_some());
        let short = [column(&set, 0, |of| Values::Double(of.skip(1).map(|i| i as f64).collect()))];
        let short = write_box(&boxes, &all, &short).unwrap_err().to_string();
        assert!(short.contains("lacks values"), "{short}");
        let odd = GridBox { first: 4, cells: 8, start: vec![1, 0], count: vec![2, 4] };
        let odd = write_box(&boxes, &odd, &whole).unwrap_err().to_string();
        assert!(odd.contains("not whole chunks"), "{odd}");
        let packed = deflated(&[7; 64]).unwrap();
        assert_eq!(inflated(&packed, 64).unwrap(), [7; 64]);
        for (bytes, size) in
            [(&packed[..packed.len() - 3], 64), (&packed[..], 63), (&packed[..], 65), (&[9; 20][..], 64)]
        {
            assert!(inflated(bytes, size).is_none());
        }
        write_chunk(&set, &[0, 2, 0], &packed[..packed.len() - 3]).unwrap();
        let message = read_box(&[(set.clone(), Some(0))], &all).unwrap_err().to_string();
        assert!(message.contains("damaged"), "{message}");
        assert!(message.contains("column a"), "{message}");
        // A chunk that was never written, and chunks that reach beyond the grid, are left to the library.
        assert!(read_box(&[(set.clone(), Some(1))], &all).unwrap()[0].iter().all(|v| v.is_nan()));
        write_chunk(&set, &[1, 2, 0], &packed).unwrap();
        let some = &read_box(&[(set.clone(), Some(1))], &all).unwrap()[0];
        assert!(
            some[..8].iter().chain(&some[16..]).all(|v| v.is_nan()) && some[8..16].iter().all(|v| !v.is_nan()),
            "{some:?}"
        );
        let wide = new_dataset(&file).empty::<f64>().shape(Extents::resizable([6, 4].into()));
        let wide = wide.chunk([2, 7]).shuffle().deflate(DEFLATE).create("wide").unwrap();
        let values = ndarray::Array2::from_shape_fn((6, 4), |(i, j)| (4 * i + j) as f64);
        wide.write(&values).unwrap();
        file.flush().unwrap();
        assert!(read_box(&[(wide, None)], &all).unwrap()[0].iter().eq(values.iter()));
        // What is not consecutive is left to the library.
        let across = GridBox { first: 0, cells: 4, start: vec![0, 0], count: vec![2, 2] };
        assert!(run_of(&[6, 4], &across).is_none() && run_of(&[6, 4], &all) == Some(0..24));
        assert_eq!(read_box(&[(set.clone(), Some(0))], &across).unwrap()[0], [0.0, 1.0, 4.0, 5.0]);
    }
}
