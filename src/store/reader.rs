//! Reads a map back: axes, request, results, and any cut or box of a column.

use super::column_reading::{certificate_of, check_columns, check_encoding, read_optional, read_results};
use super::hdf5_file::{self, dataset, linked};
use super::netcdf::{read_number, read_text, read_words};
use super::schema::{REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, START};
use super::stored_axis::StoredAxis;
use super::stored_coordinates::{check_coordinates, read_coordinates, shape};
use super::virtual_parts;
use crate::error::{Error, Result};
use crate::grid::{GridBox, Points};
use crate::model::Parameter;
use crate::results::{
    CERTIFICATE, COLUMNS, CellResult, DERIVED, MARGINS, OUTCOME, Outcome, first_layout, optional_columns,
};
use hdf5::plist::dataset_create::Layout;
use hdf5::{Dataset, File, Hyperslab, SliceOrIndex};
use ndarray::ArrayD;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The first bytes of every HDF5 file.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

const RECOMPUTE: &str = "compute it again, or copy it again";

/// A map open for reading.
#[derive(Debug)]
pub struct MapFile {
    pub(super) path: PathBuf,
    pub(super) file: File,
    sealed: bool,
    pub(super) axes: Vec<StoredAxis>,
    pub(super) points: Option<Points>,
    pub(super) fixed: Vec<(Parameter, f64)>,
    pub(super) starts: Vec<String>,
    pub(super) request: String,
}

impl MapFile {
    /// Opens a map.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is not HDF5, truncated, not a hopfmap map, of
    /// a newer schema, or damaged (the message says which); [`Error::File`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let damaged = |e: hdf5::Error| Error::input(path, format!("is truncated or damaged ({e})"), RECOMPUTE);
        let (file, sealed) = open_and_check(path)?;
        let Ok(schema) = read_number::<u32>(&file, SCHEMA_ATTRIBUTE) else {
            return Err(Error::input(
                path,
                "is an HDF5 file, but not a map of hopfmap: it has no attribute 'hopfmap_schema'",
                "name a map that hopfmap sweep has written",
            ));
        };
        if schema > SCHEMA {
            let problem = format!("has layout {schema}, and this hopfmap reads up to {SCHEMA}");
            return Err(Error::input(path, problem, "use a newer hopfmap"));
        }
        let sources = match virtual_list(&file) {
            Some(list) => virtual_parts::check(path, &list)?,
            None => Vec::new(),
        };
        let request = read_text(&file, REQUEST_ATTRIBUTE).map_err(damaged)?;
        let (axes, points, fixed) = read_coordinates(&file).map_err(damaged)?;
        let starts = read_starts(&file).map_err(damaged)?;
        check_coordinates(&file, &axes, points.as_ref(), &fixed)
            .map_err(|why| Error::input(path, format!("is damaged: {why}"), RECOMPUTE))?;
        let lengths = shape(&axes, points.as_ref());
        check_columns(&file, schema, starts.len(), &lengths, &sources)
            .map_err(|e| Error::input(path, format!("is damaged: {e}"), RECOMPUTE))?;
        check_encoding(&file).map_err(|(problem, remedy)| Error::input(path, problem, remedy))?;
        Ok(Self { path: path.to_owned(), file, sealed, axes, points, fixed, starts, request })
    }

    /// The path of the map, as the caller passed it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is exactly as hopfmap wrote it, by its seal. A copy made by another program
    /// has no seal.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Whether the columns are stored in other files.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        virtual_list(&self.file).is_some()
    }

    /// The results of a box of cells, by start.
    ///
    /// # Errors
    /// [`Error::File`] if the box reaches outside the map, or the file is damaged there.
    pub fn results(&self, place: &GridBox) -> Result<Vec<Vec<CellResult>>> {
        read_results(&self.file, self.starts.len(), place)
            .map_err(|e| Error::file_because(&self.path, "its cells could not be read", e))
    }

    /// The columns that were asked for, as name and long name.
    pub fn asked_for(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        optional_columns().filter(|(name, _)| self.has(name))
    }

    /// Values of a box of cells in the columns that were asked for: by start, then by column.
    ///
    /// # Errors
    /// As for [`MapFile::results`].
    pub fn values_asked_for(&self, place: &GridBox) -> Result<Vec<Vec<Vec<f64>>>> {
        read_optional(&self.file, self.starts.len(), place)
            .map_err(|e| Error::file_because(&self.path, "its cells could not be read", e))
    }

    /// Values of one cell (an index along each axis) from one start in the columns that were asked for.
    ///
    /// # Errors
    /// [`Error::Request`] and [`Error::File`] as for [`MapFile::cut`].
    pub fn asked_for_at(&self, start: usize, place: &[usize]) -> Result<Vec<f64>> {
        let at: Vec<_> = place.iter().map(|i| Some(*i)).collect();
        self.asked_for().map(|(name, _)| Ok(self.cut_from(name, start, &at)?.sum())).collect()
    }

    /// A root attribute that holds text; `None` if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        read_text(&self.file, name).ok()
    }

    /// A root attribute that holds a number; `None` if there is none.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        read_number(&self.file, name).ok()
    }

    /// Whether the file has this column: files of older layouts lack some.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        first_layout(column) == 1 || self.file.link_exists(column)
    }

    /// Names of the columns that can be read.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        let derived = if self.starts.is_empty() { &[][..] } else { &DERIVED[..] };
        let names = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0, CERTIFICATE.0]);
        let margins = MARGINS.into_iter().chain(optional_columns()).map(|m| m.0);
        names.chain(derived.iter().map(|d| d.0)).chain(margins).filter(|name| self.has(name)).collect()
    }

    /// A cut of one column from the first start: `at` fixes an axis, or the point (`Some(index)`), or runs along
    /// it (`None`).
    ///
    /// `outcome` and `certificate` are read as numbers too. The dimensions are the axes that run, in order.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no such column, or a cell's number is no outcome;
    /// [`Error::File`] if an index is outside, or the file is damaged there.
    pub fn cut(&self, column: &str, at: &[Option<usize>]) -> Result<ArrayD<f64>> {
        self.cut_from(column, 0, at)
    }

    /// A cut of one column from any start, as [`MapFile::cut`].
    ///
    /// A derived column has the same values from each start.
    ///
    /// # Errors
    /// [`Error::Request`] and [`Error::File`] as for [`MapFile::cut`].
    pub fn cut_from(&self, column: &str, start: usize, at: &[Option<usize>]) -> Result<ArrayD<f64>> {
        let names = self.columns();
        if !names.contains(&column) {
            return Err(Error::request(
                format!("there is no column '{column}'"),
                format!("the columns are {}", names.join(", ")),
            ));
        }
        let selection_of = |(i, count): (&Option<usize>, usize)| match i {
            Some(i) => SliceOrIndex::Index(*i),
            None => SliceOrIndex::SliceCount { start: 0, step: 1, count, block: 1 },
        };
        let by_start = !self.starts.is_empty() && !is_over_starts(column);
        let first = by_start.then_some(SliceOrIndex::Index(start));
        let selection: Hyperslab =
            first.into_iter().chain(at.iter().zip(self.shape()).map(selection_of)).collect::<Vec<_>>().into();
        let read = |d: Dataset| d.as_reader().read_slice::<f64, _, ndarray::IxDyn>(selection);
        let cells = self
            .file
            .dataset(column)
            .and_then(read)
            .map_err(|e| Error::file_because(&self.path, format!("column {column} could not be read"), e))?;
        self.check_outcomes(column, cells.iter())?;
        Ok(cells)
    }

    /// The cells of one column from one start in a box, row-major; `place` has an index range for
    /// each axis.
    ///
    /// `outcome` and `certificate` are read as numbers too.
    ///
    /// # Errors
    /// [`Error::Request`] and [`Error::File`] as for [`MapFile::cut`].
    pub fn cells(&self, column: &str, start: usize, place: &[Range<usize>]) -> Result<Vec<f64>> {
        let names = self.columns();
        if !names.contains(&column) {
            return Err(Error::request(
                format!("there is no column '{column}'"),
                format!("the columns are {}", names.join(", ")),
            ));
        }
        let selection_of =
            |r: &Range<usize>| SliceOrIndex::SliceCount { start: r.start, step: 1, count: r.len(), block: 1 };
        let by_start = !self.starts.is_empty() && !is_over_starts(column);
        let first = by_start.then_some(SliceOrIndex::Index(start));
        let selection: Hyperslab = first.into_iter().chain(place.iter().map(selection_of)).collect::<Vec<_>>().into();
        // Read in the stored type: widening is faster here than in the library, and from a plain
        // vector than from an n-D array.
        fn plain<T: hdf5::H5Type>(dataset: &Dataset, selection: Hyperslab) -> hdf5::Result<Vec<T>> {
            Ok(dataset.as_reader().read_slice::<T, _, ndarray::IxDyn>(selection)?.into_raw_vec_and_offset().0)
        }
        let read = |d: Dataset| -> hdf5::Result<Vec<f64>> {
            use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
            Ok(match d.dtype()?.to_descriptor()? {
                TypeDescriptor::Float(FloatSize::U4) => {
                    plain::<f32>(&d, selection)?.into_iter().map(f64::from).collect()
                }
                TypeDescriptor::Unsigned(IntSize::U1) => {
                    plain::<u8>(&d, selection)?.into_iter().map(f64::from).collect()
                }
                _ => plain(&d, selection)?,
            })
        };
        let cells = self
            .file
            .dataset(column)
            .and_then(read)
            .map_err(|e| Error::file_because(&self.path, format!("column {column} could not be read"), e))?;
        self.check_outcomes(column, cells.iter())?;
        Ok(cells)
    }

    /// Checks that the numbers in the column of outcomes are outcomes; other columns pass.
    fn check_outcomes<'a>(&self, column: &str, mut cells: impl Iterator<Item = &'a f64>) -> Result<()> {
        match cells.find(|o| column == OUTCOME.0 && Outcome::from_f64(**o).is_none()) {
            Some(o) => Err(Error::input(&self.path, format!("gives a cell the outcome {o}, which is none"), RECOMPUTE)),
            None => Ok(()),
        }
    }

    /// The result of one cell (an index along each axis) from one start.
    ///
    /// # Errors
    /// [`Error::Request`] and [`Error::File`] as for [`MapFile::cut`].
    pub fn result(&self, start: usize, place: &[usize]) -> Result<CellResult> {
        let shape = self.shape();
        let is_inside = place.len() == shape.len() && place.iter().zip(&shape).all(|(i, n)| i < n);
        if !is_inside || start >= self.starts.len().max(1) {
            return Err(Error::request(
                format!("there is no cell {place:?} from start {start} in a map of {shape:?} cells"),
                format!("give an index for each axis, and a start below {}", self.starts.len().max(1)),
            ));
        }
        let at: Vec<_> = place.iter().map(|i| Some(*i)).collect();
        let number = self.cut_from(OUTCOME.0, start, &at)?.sum();
        let outcome = Outcome::from_f64(number).ok_or_else(|| {
            Error::input(&self.path, format!("gives a cell the outcome {number}, which is none"), RECOMPUTE)
        })?;
        let mut numbers = [f64::NAN; COLUMNS.len()];
        for (number, c) in numbers.iter_mut().zip(COLUMNS).filter(|(_, c)| self.has(c.name)) {
            *number = self.cut_from(c.name, start, &at)?.sum();
        }
        let code = if self.has(CERTIFICATE.0) { self.cut_from(CERTIFICATE.0, start, &at)?.sum() } else { f64::NAN };
        let certificate =
            certificate_of(code).map_err(|e| Error::input(&self.path, format!("is damaged: {e}"), RECOMPUTE))?;
        Ok(CellResult { certificate, ..CellResult::new(numbers, outcome) })
    }

    /// The index of the start with this name, or 0 without a name.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no such start.
    pub fn start(&self, name: Option<&str>) -> Result<usize> {
        let Some(name) = name else { return Ok(0) };
        self.starts.iter().position(|s| s == name).ok_or_else(|| {
            let remedy = match self.starts[..] {
                [] => "the map has one start: leave it off".to_string(),
                _ => format!("the starts are {}", self.starts.join(", ")),
            };
            Error::request(format!("there is no start '{name}'"), remedy)
        })
    }
}

/// Whether a column has one value for all starts.
fn is_over_starts(column: &str) -> bool {
    DERIVED.iter().map(|d| d.0).chain(MARGINS.iter().map(|m| m.0)).any(|name| name == column)
}

/// The list of files that hold the columns; `None` if the map holds them itself.
///
/// A program that copies values makes a copy that holds them itself and still has the list.
fn virtual_list(file: &File) -> Option<String> {
    let layout = linked(file, OUTCOME.0).ok()?.layout();
    read_text(file, virtual_parts::LIST).ok().filter(|_| layout == Layout::Virtual)
}

/// The names of the starts; empty if the file has one start.
fn read_starts(file: &File) -> hdf5::Result<Vec<String>> {
    if file.link_exists(START) { read_words(&dataset(file, START)?) } else { Ok(Vec::new()) }
}

/// Opens a hopfmap HDF5 file: a regular file with the HDF5 signature and, if sealed, a valid seal.
pub(super) fn open(path: &Path) -> Result<File> {
    open_and_check(path).map(|(file, _)| file)
}

/// Opens a file as [`open`] does; also returns whether it is sealed.
fn open_and_check(path: &Path) -> Result<(File, bool)> {
    check_signature(path)?;
    let sealed = super::checksum::check(path)?;
    let file = hdf5_file::open(path);
    let file = file.map_err(|e| Error::input(path, format!("is truncated or damaged ({e})"), RECOMPUTE))?;
    Ok((file, sealed))
}

pub(super) fn check_signature(path: &Path) -> Result<()> {
    let refused = |e: std::io::Error| Error::input(path, format!("cannot be opened ({e})"), "name a map that is there");
    let mut spec = Vec::new();
    // Checked before opening, because opening a pipe would wait for its other end.
    let there = std::fs::metadata(path).map_err(refused)?;
    if there.is_dir() {
        return Err(Error::input(path, "is a folder, not a map", "name the file in it"));
    }
    if !there.is_file() {
        return Err(Error::input(path, "is no ordinary file", "name a map that hopfmap sweep has written"));
    }
    let mut file = std::fs::File::open(path).map_err(refused)?;
    (&mut file).take(8).read_to_end(&mut spec).map_err(refused)?;
    if spec.len() < 8 && SIGNATURE.starts_with(&spec) {
        return Err(Error::input(path, "is truncated: it holds fewer than 8 bytes", RECOMPUTE));
    }
    if spec.starts_with(b"CDF") {
        let problem = "is a netCDF-3 file, and hopfmap reads netCDF-4";
        return Err(Error::input(path, problem, "convert it: nccopy -k nc4 FILE NEW_FILE"));
    }
    if spec != SIGNATURE {
        return Err(Error::input(
            path,
            "is not an HDF5 file, so it is no map of hopfmap",
            "name a map that hopfmap sweep has written",
        ));
    }
    Ok(())
}
