//! Values of a chunk packed as HDF5's filters pack them, shuffled and then deflated, and unpacked again.
//!
//! Each thread keeps its compressor and its buffers.

use super::schema::NO_OUTCOME;
use super::zlib_stream::Packer;
use flate2::{Decompress, FlushDecompress, Status};
use hdf5::Dataset;
use std::cell::RefCell;
use std::ops::Range;

/// Most bytes of a deflated chunk beyond those of its values.
pub(super) const OVERHEAD: usize = 1 << 12;

/// Number of values that are put together from their bytes at a time.
const TOGETHER: usize = 32;

/// Values of one column in a range of cells.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
    Small(Vec<u8>),
}

/// Type of a column's values in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    Double,
    Small,
}

impl Kind {
    pub(super) fn of(dataset: &Dataset) -> hdf5::Result<Option<Self>> {
        let kind = dataset.dtype()?;
        let all = [(kind.is::<f32>(), Kind::Single), (kind.is::<f64>(), Kind::Double), (kind.is::<u8>(), Kind::Small)];
        Ok(all.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind))
    }

    /// Bytes of a value.
    pub(super) fn size(self) -> usize {
        match self {
            Kind::Single => size_of::<f32>(),
            Kind::Double => size_of::<f64>(),
            Kind::Small => size_of::<u8>(),
        }
    }
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Values::Single(values) => values.len(),
            Values::Double(values) => values.len(),
            Values::Small(values) => values.len(),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Values::Single(values) => values.clear(),
            Values::Double(values) => values.clear(),
            Values::Small(values) => values.clear(),
        }
    }

    /// The packed chunk of `whole` cells that holds these values, and fill values behind them.
    pub(super) fn packed(&self, whole: usize) -> Result<Vec<u8>, String> {
        if self.len() > whole {
            return Err(format!("{} values are too many for a chunk of {whole}", self.len()));
        }
        STATE.with_borrow_mut(|State { packer, planes, packed, .. }| {
            match self {
                Values::Single(values) => shuffle(values, f32::NAN, whole, planes),
                Values::Double(values) => shuffle(values, f64::NAN, whole, planes),
                Values::Small(values) => shuffle(values, NO_OUTCOME, whole, planes),
            }
            packed.clear();
            packed.reserve(planes.len() + OVERHEAD);
            packer.pack(planes, whole, packed);
            Ok(packed.clone())
        })
    }
}

/// What a thread keeps between chunks.
struct State {
    packer: Packer,
    decompress: Decompress,
    planes: Vec<u8>,
    packed: Vec<u8>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State {
        packer: Packer::new(),
        decompress: Decompress::new(true),
        planes: Vec::new(),
        packed: Vec::new(),
    });
}

/// A number whose bytes can be taken one by one, in the order of memory.
trait Bytes: Copy {
    const SIZE: usize;
    fn byte(self, place: usize) -> u8;
}

impl Bytes for f32 {
    const SIZE: usize = size_of::<Self>();
    fn byte(self, place: usize) -> u8 {
        (self.to_bits().to_le() >> (8 * place)) as u8
    }
}

impl Bytes for f64 {
    const SIZE: usize = size_of::<Self>();
    fn byte(self, place: usize) -> u8 {
        (self.to_bits().to_le() >> (8 * place)) as u8
    }
}

impl Bytes for u8 {
    const SIZE: usize = size_of::<Self>();
    fn byte(self, _: usize) -> u8 {
        self
    }
}

/// Bytes of `whole` values by their place in a value: the first bytes of all values, then the second ones, and so on.
fn shuffle<T: Bytes>(values: &[T], fill: T, whole: usize, planes: &mut Vec<u8>) {
    planes.clear();
    for place in 0..T::SIZE {
        planes.extend(values.iter().map(|value| value.byte(place)));
        planes.resize((place + 1) * whole, fill.byte(place));
    }
}

/// Unpacks a chunk of `whole` values, and puts those of some cells into `values`, as f64; false if it is damaged.
pub(super) fn unpack(packed: &[u8], kind: Kind, whole: usize, cells: Range<usize>, values: &mut [f64]) -> bool {
    STATE.with_borrow_mut(|State { decompress, planes, .. }| {
        let there = inflate(decompress, packed, whole * kind.size(), planes);
        if there {
            unshuffle(planes, kind, cells, values);
        }
        there
    })
}

/// Puts the bytes of a deflated chunk into `bytes`; false if they are not `size` ones.
fn inflate(decompress: &mut Decompress, packed: &[u8], size: usize, bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    // With space for one byte more, a longer chunk does not pass for a right one.
    bytes.reserve(size + 1);
    decompress.reset(true);
    let done = decompress.decompress_vec(packed, bytes, FlushDecompress::Finish);
    matches!(done, Ok(Status::StreamEnd)) && bytes.len() == size
}

/// Puts the values of some cells of a shuffled chunk into `values`, as f64.
fn unshuffle(planes: &[u8], kind: Kind, cells: Range<usize>, values: &mut [f64]) {
    let whole = planes.len() / kind.size();
    let plane = |place: usize| &planes[place * whole..][cells.clone()];
    match kind {
        Kind::Single => {
            let all = [0, 1, 2, 3].map(plane);
            let (groups, rest) = values.as_chunks_mut();
            for (group, values) in groups.iter_mut().enumerate() {
                *values = widened(all.map(|plane| &plane.as_chunks().0[group]));
            }
            let from = cells.len() - rest.len();
            for (i, value) in rest.iter_mut().enumerate() {
                *value = f32::from_ne_bytes(all.map(|plane| plane[from + i])).into();
            }
        }
        Kind::Double => {
            let all: [&[u8]; 8] = std::array::from_fn(plane);
            for (i, value) in values.iter_mut().enumerate().take(cells.len()) {
                *value = f64::from_ne_bytes(all.map(|plane| plane[i]));
            }
        }
        Kind::Small => values.iter_mut().zip(plane(0)).for_each(|(value, byte)| *value = (*byte).into()),
    }
}

/// Numbers from their first bytes, their second ones, and so on: in two loops that the compiler makes vectors of.
fn widened([a, b, c, d]: [&[u8; TOGETHER]; 4]) -> [f64; TOGETHER] {
    let mut bits = [0; TOGETHER];
    for (i, bits) in bits.iter_mut().enumerate() {
        *bits = u32::from(a[i]) | u32::from(b[i]) << 8 | u32::from(c[i]) << 16 | u32::from(d[i]) << 24;
    }
    bits.map(|bits| f32::from_bits(u32::from_le(bits)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_what_is_damaged_does_not() {
        let values: Vec<f64> = [0.1, -3e300, f64::NAN, f64::INFINITY, 0.0, -0.0, 7.0].repeat(9);
        let same = |a: &[f64], b: &[f64]| a.iter().map(|v| v.to_bits()).eq(b.iter().map(|v| v.to_bits()));
        let singles: Vec<f32> = values.iter().map(|v| *v as f32).collect();
        let small: Vec<u8> = (0..values.len() as u8).collect();
        let whole = values.len() + 5;
        let wide: Vec<f64> = singles.iter().map(|v| f64::from(*v)).collect();
        let counted: Vec<f64> = small.iter().map(|v| f64::from(*v)).collect();
        for (kind, packed, due) in [
            (Kind::Double, Values::Double(values.clone()), values),
            (Kind::Single, Values::Single(singles), wide),
            (Kind::Small, Values::Small(small), counted),
        ] {
            let packed = packed.packed(whole).unwrap();
            let mut back = vec![0.0; due.len()];
            assert!(unpack(&packed, kind, whole, 0..due.len(), &mut back) && same(&back, &due), "{kind:?}");
            let mut some = vec![0.0; 7];
            assert!(unpack(&packed, kind, whole, 3..10, &mut some) && same(&some, &due[3..10]), "{kind:?}");
            // The fill values behind.
            let mut behind = vec![0.0; 5];
            assert!(unpack(&packed, kind, whole, due.len()..whole, &mut behind));
            assert!(behind.iter().all(|v| v.is_nan() || *v == f64::from(NO_OUTCOME)), "{kind:?}");
            for (bytes, whole) in [
                (&packed[..packed.len() - 3], whole),
                (&packed[..], whole - 1),
                (&packed[..], whole + 1),
                (&[9; 20], 9),
            ] {
                assert!(!unpack(bytes, kind, whole, 0..1, &mut [0.0]));
            }
            // A damaged chunk leaves nothing behind.
            assert!(unpack(&packed, kind, whole, 0..due.len(), &mut back) && same(&back, &due), "{kind:?}");
        }
        assert!(Values::Small(vec![1; 9]).packed(8).unwrap_err().contains("too many"));
    }
}
