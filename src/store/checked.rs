//! An HDF5 file being written: each dataset is flushed while open, and read back once the file is
//! closed.
//!
//! The HDF5 library writes a dataset's last bytes when the dataset is closed, and the Rust crate
//! closes it in `Drop`, which discards errors. So nothing is left to closing: each dataset is
//! flushed and its error checked, then the file, and the contents on disk are compared with what
//! was written, by checksums and in bounded memory.

use super::hdf5_file;
use super::netcdf::{self, read_text};
use super::schema::Value;
use crate::error::{Error, Result};
use crate::grid::Boxes;
use bytemuck::NoUninit;
use hdf5::{Dataset, File, Group, H5Type, Hyperslab, SliceOrIndex};
use ndarray::{ArrayView, IxDyn};
use std::path::Path;

/// Number of values read back at a time.
const AT_ONCE: u64 = 1 << 16;

/// Element types that a checked dataset can have.
pub(super) trait Element: H5Type + NoUninit {}
impl<T: H5Type + NoUninit> Element for T {}

/// The expected contents of a file.
#[derive(Debug, Default)]
pub(super) struct Expected {
    datasets: Vec<ExpectedDataset>,
    attributes: Vec<(String, Value)>,
}

#[derive(Debug)]
struct ExpectedDataset {
    /// Path within the file.
    path: String,
    checksum: u32,
    /// Computes the checksum of the stored values, read as the type that was written.
    read: fn(&Dataset) -> hdf5::Result<u32>,
}

/// An HDF5 file being written, with the contents expected when it is read back.
#[derive(Debug)]
pub(super) struct CheckedFile {
    file: File,
    expected: Expected,
}

impl CheckedFile {
    /// Creates the file, in place of the empty file at `path`.
    pub(super) fn create(path: &Path) -> hdf5::Result<Self> {
        Ok(Self { file: hdf5_file::create(path)?, expected: Expected::default() })
    }

    /// The open file, which is also its root group.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Writes a complete dataset of this shape, in row-major order.
    pub(super) fn array<T: Element>(
        &mut self,
        group: &Group,
        name: &str,
        shape: &[usize],
        values: &[T],
    ) -> hdf5::Result<Dataset> {
        let view = ArrayView::from_shape(IxDyn(shape), values).map_err(|e| hdf5::Error::from(e.to_string()))?;
        let dataset = hdf5_file::new_dataset(group).with_data(view).create(name)?;
        dataset.flush()?;
        let checksum = crc32fast::hash(bytemuck::cast_slice(values));
        self.expected.datasets.push(ExpectedDataset { path: dataset.name(), checksum, read: checksum_of::<T> });
        Ok(dataset)
    }

    /// Writes a complete one-dimensional dataset.
    pub(super) fn list<T: Element>(&mut self, group: &Group, name: &str, values: &[T]) -> hdf5::Result<Dataset> {
        self.array(group, name, &[values.len()], values)
    }

    /// Writes a scalar dataset.
    pub(super) fn scalar<T: Element>(&mut self, group: &Group, name: &str, value: T) -> hdf5::Result<Dataset> {
        self.array(group, name, &[], &[value])
    }

    /// Writes a dimension whose values are words: numbers from 0, with the words as CF flag meanings.
    pub(super) fn words(&mut self, name: &str, long_name: &str, values: &[&str]) -> hdf5::Result<()> {
        let root = (*self.file).clone();
        // Signed, because CDO treats an axis of unsigned bytes as text.
        let numbers: Vec<i32> = (0_i32..).take(values.len()).collect();
        let dataset = self.list(&root, name, &numbers)?;
        netcdf::make_scale(&dataset, name)?;
        netcdf::text(&dataset, "long_name", long_name)?;
        netcdf::text(&dataset, "units", "1")?;
        netcdf::name_flags(&dataset, &numbers, values)
    }

    /// Writes a root attribute.
    pub(super) fn attribute(&mut self, name: &str, value: &Value) -> hdf5::Result<()> {
        netcdf::attribute(&self.file, name, value)?;
        self.expected.attributes.push((name.to_string(), value.clone()));
        Ok(())
    }

    /// Writes root attributes in order.
    pub(super) fn attributes(&mut self, all: &[(String, Value)]) -> hdf5::Result<()> {
        all.iter().try_for_each(|(name, value)| self.attribute(name, value))
    }

    /// Flushes everything, including datasets that are still open elsewhere.
    pub(super) fn flush(&self) -> hdf5::Result<()> {
        self.file.flush()
    }

    /// Closes the file, which must have no other open objects, and returns its expected contents.
    pub(super) fn close(self) -> hdf5::Result<Expected> {
        let Self { file, expected } = self;
        // Closed in any case: a file that stays open keeps its space on a full disk.
        let flushed = file.flush();
        let closed = file.close();
        flushed.and(closed)?;
        Ok(expected)
    }
}

impl Expected {
    /// Compares a closed file with the expected contents; the error is the reason if they differ.
    pub(super) fn compare(&self, file: &File) -> std::result::Result<(), String> {
        let unreadable = |e: hdf5::Error| format!("it cannot be read back ({e})");
        for ExpectedDataset { path, checksum, read } in &self.datasets {
            let there = file.dataset(path).and_then(|d| read(&d)).map_err(unreadable)?;
            if there != *checksum {
                return Err(format!("the disk gives back other values of {path} than it was given"));
            }
        }
        for (name, value) in &self.attributes {
            let same = match value {
                Value::Text(text) => read_text(file, name).map_err(unreadable)?.trim_end() == text.trim_end(),
                Value::Number(number) => {
                    netcdf::read_number::<f64>(file, name).map_err(unreadable)?.to_bits() == number.to_bits()
                }
            };
            if !same {
                return Err(format!("the disk gives back another attribute {name} than it was given"));
            }
        }
        Ok(())
    }
}

/// The checksum of a dataset's values in row-major order, read in pieces.
fn checksum_of<T: Element>(dataset: &Dataset) -> hdf5::Result<u32> {
    let shape: Vec<u64> = dataset.shape().iter().map(|n| *n as u64).collect();
    if shape.is_empty() {
        return Ok(crc32fast::hash(bytemuck::bytes_of(&dataset.read_scalar::<T>()?)));
    }
    let mut hasher = crc32fast::Hasher::new();
    if !shape.contains(&0) {
        for piece in Boxes::new(shape, AT_ONCE).iter() {
            let slice_of = |(&start, &count): (&u64, &u64)| SliceOrIndex::SliceCount {
                start: start as usize,
                step: 1,
                count: count as usize,
                block: 1,
            };
            let slab: Hyperslab = piece.start.iter().zip(&piece.count).map(slice_of).collect::<Vec<_>>().into();
            let read = dataset.as_reader().read_slice::<T, _, IxDyn>(slab)?;
            read.iter().for_each(|value| hasher.update(bytemuck::bytes_of(value)));
        }
    }
    Ok(hasher.finalize())
}

/// An [`Error::File`] for the file at `path`, from the reason that a comparison returned.
pub(super) fn not_as_written(path: &Path) -> impl Fn(String) -> Error {
    move |why| Error::file(path, format!("could not be written: {why}"))
}

/// An [`Error::File`] for a failure of the HDF5 library, with the path and what was being written.
pub(super) fn failed(path: &Path, what: &str) -> impl Fn(hdf5::Error) -> Error {
    // The library's messages contain a line break before the time.
    move |e| Error::file_because(path, format!("writing {what} failed"), e.to_string().replace('\n', " "))
}

/// Reopens a closed file and compares it with the expected contents.
pub(super) fn read_back(temporary: &Path, shown: &Path, expected: &Expected) -> Result<()> {
    let file = hdf5_file::open(temporary).map_err(failed(shown, "the file"))?;
    expected.compare(&file).map_err(not_as_written(shown))
}
