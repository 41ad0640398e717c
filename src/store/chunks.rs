//! Chunks of columns, packed on all cores and written as they are stored.
//!
//! The HDF5 library packs one chunk after the other, under a lock. Here chunks are shuffled and deflated as its filters
//! do it (HDF5 File Format Specification, IV.A.2.l), side by side, and handed to the library as they are stored.

use super::box_shape::position;
use super::chunk_reading::StoredBox;
use super::hdf5_calls::write_chunk;
use super::packing::Values;
use crate::grid::{Boxes, GridBox};
use hdf5::Dataset;
use rayon::prelude::*;
use std::cell::Cell;
use std::ops::Range;

const LACKS: &str = "a column lacks values";

thread_local! {
    /// Values of the columns in one chunk, kept for the next one.
    static VALUES: Cell<Vec<Values>> = const { Cell::new(Vec::new()) };
}

/// Columns in a box, packed: for each chunk the bytes of each column.
#[derive(Debug)]
pub(super) struct PackedBox {
    chunks: Vec<GridBox>,
    columns: Vec<Vec<Vec<u8>>>,
}

/// Writes columns in a box that consists of whole `chunks`.
///
/// `start` is the number of the start, if the columns have a dimension for it.
pub(super) fn write_box(
    columns: &[&Dataset],
    start: Option<usize>,
    PackedBox { chunks, columns: packed }: PackedBox,
) -> hdf5::Result<()> {
    if packed.iter().any(|packed| packed.len() != columns.len()) {
        return Err(LACKS.into());
    }
    for (number, dataset) in columns.iter().enumerate() {
        for (chunk, packed) in chunks.iter().zip(&packed) {
            write_chunk(dataset, &position(start, chunk), &packed[number])?;
        }
    }
    Ok(())
}

/// The chunks of a box that consists of whole ones.
fn whole_chunks(chunks: &Boxes, place: &GridBox) -> Result<Vec<GridBox>, String> {
    let numbers = chunks.holding(place.first)..=chunks.holding(place.first + place.cells.max(1) - 1);
    let due: Vec<GridBox> = numbers.map(|n| chunks.get(n)).collect();
    let end = |b: &GridBox| b.first + b.cells;
    if due.first().map(|b| b.first) != Some(place.first) || due.last().map(end) != Some(end(place)) {
        return Err(format!("cells {} to {} are not whole chunks", place.first, end(place)));
    }
    Ok(due)
}

impl PackedBox {
    /// The chunks of another file's box as those of this place; `None` where the two are cut otherwise.
    pub(super) fn from_stored(chunks: &Boxes, place: &GridBox, stored: StoredBox) -> Option<Self> {
        let due = whole_chunks(chunks, place).ok()?;
        let StoredBox { whole, cells, columns, .. } = stored;
        if whole as u64 != chunks.whole() || !due.iter().map(|chunk| chunk.cells as usize).eq(cells) {
            return None;
        }
        let mut by_chunk: Vec<Vec<Vec<u8>>> = due.iter().map(|_| Vec::with_capacity(columns.len())).collect();
        for column in columns {
            by_chunk.iter_mut().zip(column).for_each(|(chunk, packed)| chunk.push(packed));
        }
        Some(Self { chunks: due, columns: by_chunk })
    }
}

/// Packs columns in a box that consists of whole `chunks`.
///
/// `fill` puts the values of each column in a range of the box's cells into a list, whose memory is kept for the next
/// range: all columns at a time, since the results of a cell lie side by side in memory.
pub(super) fn pack_box(
    chunks: &Boxes,
    place: &GridBox,
    fill: impl Fn(Range<usize>, &mut Vec<Values>) + Sync,
) -> Result<PackedBox, String> {
    let due = whole_chunks(chunks, place)?;
    let whole = chunks.whole() as usize;
    let pack = |chunk: &GridBox| {
        let from = (chunk.first - place.first) as usize;
        // A thread may begin another chunk before this one is packed: that one gets memory of its own.
        let mut values = VALUES.take();
        fill(from..from + chunk.cells as usize, &mut values);
        if values.iter().any(|v| v.len() as u64 != chunk.cells) {
            return Err(LACKS.to_string());
        }
        let packed = values.par_iter().map(|values| values.packed(whole)).collect::<Result<Vec<_>, String>>();
        VALUES.set(values);
        packed
    };
    let columns = due.par_iter().map(pack).collect::<Result<_, String>>()?;
    Ok(PackedBox { chunks: due, columns })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::box_shape::slab;
    use crate::store::chunk_reading::{Chunked, look_at_box, read_box, read_stored_box, run_of};
    use crate::store::hdf5_file::{create, new_dataset};
    use crate::store::schema::NO_OUTCOME;
    use crate::store::zlib_stream::DEFLATE;
    use hdf5::{Extents, H5Type};
    use ndarray::IxDyn;
    use proptest::prelude::*;

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
                let fill = |of: Range<usize>, values: &mut Vec<Values>| *values = vec![
                    Values::Double(doubles[of.clone()].to_vec()),
                    Values::Single(singles[of.clone()].to_vec()),
                    Values::Small(small[of].to_vec()),
                ];
                write_box(&[&a, &b, &c], Some(1), pack_box(&boxes, &piece, fill).unwrap()).unwrap();
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
        type Filled<'a> = &'a mut Vec<Values>;
        let whole = |of: Range<usize>, to: Filled| *to = vec![Values::Double(of.map(|i| i as f64).collect())];
        let all = Boxes::new(vec![6, 4], 24).get(0);
        write_box(&[&set], Some(0), pack_box(&boxes, &all, whole).unwrap()).unwrap();
        assert_eq!(read_box(&[(set.clone(), Some(0))], &all).unwrap()[0][23], 23.0);
        assert!(Chunked::find(&set, Some(0), &all).unwrap().is_some());
        let short = |of: Range<usize>, to: Filled| *to = vec![Values::Double(of.skip(1).map(|i| i as f64).collect())];
        let short = pack_box(&boxes, &all, short).unwrap_err();
        assert!(short.contains("lacks values"), "{short}");
        let two = write_box(&[&set, &set], Some(0), pack_box(&boxes, &all, whole).unwrap()).unwrap_err().to_string();
        assert!(two.contains("lacks values"), "{two}");
        let look = |values: &[Vec<f64>], cells: usize| Ok((values.len(), cells, values[0][0]));
        assert_eq!(
            look_at_box(&[(set.clone(), Some(0))], &all, look).unwrap(),
            [(1, 8, 0.0), (1, 8, 8.0), (1, 8, 16.0)]
        );
        assert!(look_at_box(&[(set.clone(), Some(1))], &all, look).unwrap()[0].2.is_nan(), "read by the library");
        let odd = GridBox { first: 4, cells: 8, start: vec![1, 0], count: vec![2, 4] };
        let odd = pack_box(&boxes, &odd, whole).unwrap_err();
        assert!(odd.contains("not whole chunks"), "{odd}");
        // What is stored in the same chunks is taken as it is.
        let stored = || read_stored_box(&[(set.clone(), Some(0))], &all).unwrap().1.unwrap();
        let other = dataset(&file, "b", &[6, 4], &[2, 4], f64::NAN);
        write_box(&[&other], Some(1), PackedBox::from_stored(&boxes, &all, stored()).unwrap()).unwrap();
        assert_eq!(read_box(&[(other, Some(1))], &all).unwrap(), read_box(&[(set.clone(), Some(0))], &all).unwrap());
        assert!(PackedBox::from_stored(&Boxes::new(vec![6, 4], 4), &all, stored()).is_none(), "other chunks");
        assert!(PackedBox::from_stored(&boxes, &boxes.get(0), stored()).is_none(), "fewer cells");
        let packed = Values::Double(vec![7.0; 8]).packed(8).unwrap();
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
