//! Reads a map back: axes, request and any 2-D or 1-D cut of a column.

use super::columns::read_answers;
use super::netcdf::read_text;
use super::schema::{REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, START};
use super::virtual_parts;
use crate::columns::{Answer, COLUMNS, DERIVED, OUTCOME, Outcome};
use crate::error::{Error, Result};
use crate::grid::GridBox;
use crate::model::Parameter;
use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, File, Hyperslab, SliceOrIndex};
use ndarray::ArrayD;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The first bytes of every HDF5 file.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

const AGAIN: &str = "compute it again, or copy it anew";

/// One axis as it is in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAxis {
    /// Which parameter.
    pub parameter: Parameter,
    /// Its values.
    pub values: Vec<f64>,
}

impl StoredAxis {
    /// Index of the value nearest to `value`.
    #[must_use]
    pub fn nearest(&self, value: f64) -> usize {
        let distance = |i: &usize| (self.values[*i] - value).abs();
        (0..self.values.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    }
}

impl StoredAxis {
    /// Index of the value nearest to `value`, which may lie at most one step beyond the ends.
    ///
    /// # Errors
    /// A value farther out.
    pub fn nearest_within(&self, value: f64) -> Result<usize> {
        let (low, high) =
            self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let margin = (high - low) / (self.values.len().max(2) - 1) as f64 + 1e-12 * high.abs();
        if value < low - margin || value > high + margin {
            return Err(Error::request(
                format!("{} = {value} lies beyond the map, which holds {low} to {high}", self.parameter.name()),
                "name a value within it",
            ));
        }
        Ok(self.nearest(value))
    }
}

/// A map that is open for reading.
#[derive(Debug)]
pub struct MapFile {
    path: PathBuf,
    file: File,
    /// The axes, slowest first.
    pub axes: Vec<StoredAxis>,
    /// Parameters that are the same in every cell.
    pub fixed: Vec<(Parameter, f64)>,
    /// Names of the starts where there are several.
    pub starts: Vec<String>,
    /// The request, as TOML.
    pub request: String,
}

impl MapFile {
    /// Opens a map.
    ///
    /// # Errors
    /// Not there, not HDF5, truncated, not ours, of a newer schema, or damaged: the message says which.
    pub fn open(path: &Path) -> Result<Self> {
        check_signature(path)?;
        super::seal::check(path)?;
        let damaged = |e: hdf5::Error| Error::input(path, format!("is truncated or damaged ({e})"), AGAIN);
        let file = File::open(path).map_err(damaged)?;
        let Ok(schema) = file.attr(SCHEMA_ATTRIBUTE).and_then(|a| a.read_scalar::<u32>()) else {
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
        if let Ok(list) = read_text(&file, virtual_parts::LIST) {
            virtual_parts::check(path, &list)?;
        }
        let request = read_text(&file, REQUEST_ATTRIBUTE).map_err(damaged)?;
        let shape = file.dataset(OUTCOME.0).map_err(damaged)?.shape();
        let (axes, fixed) = read_coordinates(&file).map_err(damaged)?;
        let axes = in_order(&file, axes).map_err(damaged)?;
        let starts = read_starts(&file).map_err(damaged)?;
        let lengths: Vec<_> = axes.iter().map(|a| a.values.len()).collect();
        let several = Some(starts.len()).filter(|n| *n > 0);
        let has = |name: &str, shape: &[usize]| file.dataset(name).is_ok_and(|d| d.shape() == shape);
        let whole = COLUMNS.iter().all(|c| has(c.name, &shape))
            && (several.is_none() || DERIVED.iter().all(|d| has(d.0, &lengths)));
        if several.into_iter().chain(lengths.iter().copied()).collect::<Vec<_>>() != shape || !whole {
            return Err(Error::input(path, "is damaged: its axes do not fit its columns", AGAIN));
        }
        Ok(Self { path: path.to_owned(), file, axes, fixed, starts, request })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its columns lie in other files.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        self.text(virtual_parts::LIST).is_some()
    }

    /// The answers of a box of cells, by start.
    ///
    /// # Errors
    /// A box that reaches outside, or a file that is damaged there.
    pub fn answers(&self, place: &GridBox) -> Result<Vec<Vec<Answer>>> {
        read_answers(&self.file, self.starts.len(), place)
            .map_err(|e| Error::file_because(&self.path, "its cells could not be read", e))
    }

    /// A root attribute that holds text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        read_text(&self.file, name).ok()
    }

    /// A root attribute that holds a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.file.attr(name).and_then(|a| a.read_scalar::<f64>()).ok()
    }

    /// The columns that can be read.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        let derived = if self.starts.is_empty() { &[][..] } else { &DERIVED[..] };
        COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0]).chain(derived.iter().map(|d| d.0)).collect()
    }

    /// The cells of one column where `at` fixes an axis (`Some(index)`) or runs along it (`None`), from the first start.
    /// `outcome` is read as numbers too. Dimensions: the axes that run, in order.
    ///
    /// # Errors
    /// No such column, an index outside, or a file that is damaged there.
    pub fn cut(&self, column: &str, at: &[Option<usize>]) -> Result<ArrayD<f64>> {
        self.cut_from(column, 0, at)
    }

    /// The same from any start. What the starts say together is the same from each.
    ///
    /// # Errors
    /// As for [`MapFile::cut`].
    pub fn cut_from(&self, column: &str, start: usize, at: &[Option<usize>]) -> Result<ArrayD<f64>> {
        let names = self.columns();
        if !names.contains(&column) {
            return Err(Error::request(
                format!("there is no column '{column}'"),
                format!("the columns are {}", names.join(", ")),
            ));
        }
        let along = |(i, axis): (&Option<usize>, &StoredAxis)| match i {
            Some(i) => SliceOrIndex::Index(*i),
            None => SliceOrIndex::SliceCount { start: 0, step: 1, count: axis.values.len(), block: 1 },
        };
        let by_start = !self.starts.is_empty() && DERIVED.iter().all(|d| d.0 != column);
        let first = by_start.then_some(SliceOrIndex::Index(start));
        let selection: Hyperslab =
            first.into_iter().chain(at.iter().zip(&self.axes).map(along)).collect::<Vec<_>>().into();
        let read = |d: Dataset| d.as_reader().read_slice::<f64, _, ndarray::IxDyn>(selection);
        self.file
            .dataset(column)
            .and_then(read)
            .map_err(|e| Error::file_because(&self.path, format!("column {column} could not be read"), e))
    }

    /// A box of cells of one column from one start, row-major: from where to where along each axis. `outcome` is read as numbers too.
    ///
    /// # Errors
    /// As for [`MapFile::cut`].
    pub fn cells(&self, column: &str, start: usize, place: &[Range<usize>]) -> Result<Vec<f64>> {
        let names = self.columns();
        if !names.contains(&column) {
            return Err(Error::request(
                format!("there is no column '{column}'"),
                format!("the columns are {}", names.join(", ")),
            ));
        }
        let along = |r: &Range<usize>| SliceOrIndex::SliceCount { start: r.start, step: 1, count: r.len(), block: 1 };
        let by_start = !self.starts.is_empty() && DERIVED.iter().all(|d| d.0 != column);
        let first = by_start.then_some(SliceOrIndex::Index(start));
        let selection: Hyperslab = first.into_iter().chain(place.iter().map(along)).collect::<Vec<_>>().into();
        // As it is stored: numbers are widened faster here than by the library.
        let read = |d: Dataset| -> hdf5::Result<Vec<f64>> {
            use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
            let reader = d.as_reader();
            Ok(match d.dtype()?.to_descriptor()? {
                TypeDescriptor::Float(FloatSize::U4) => {
                    reader.read_slice::<f32, _, ndarray::IxDyn>(selection)?.into_iter().map(f64::from).collect()
                }
                TypeDescriptor::Unsigned(IntSize::U1) => {
                    reader.read_slice::<u8, _, ndarray::IxDyn>(selection)?.into_iter().map(f64::from).collect()
                }
                _ => reader.read_slice::<f64, _, ndarray::IxDyn>(selection)?.into_iter().collect(),
            })
        };
        self.file
            .dataset(column)
            .and_then(read)
            .map_err(|e| Error::file_because(&self.path, format!("column {column} could not be read"), e))
    }

    /// What the map says of one cell (an index along each axis) from one start.
    ///
    /// # Errors
    /// As for [`MapFile::cut`], and an outcome that is none.
    pub fn answer(&self, start: usize, place: &[usize]) -> Result<Answer> {
        let at: Vec<_> = place.iter().map(|i| Some(*i)).collect();
        let number = self.cut_from(OUTCOME.0, start, &at)?.sum();
        let outcome = Outcome::from_number(number as u32).ok_or_else(|| {
            Error::input(&self.path, format!("gives a cell the outcome {number}, which is none"), AGAIN)
        })?;
        let mut numbers = [f64::NAN; COLUMNS.len()];
        for (number, c) in numbers.iter_mut().zip(COLUMNS) {
            *number = self.cut_from(c.name, start, &at)?.sum();
        }
        Ok(Answer::new(numbers, outcome))
    }

    /// The number of the start that is called this, or of the only one.
    ///
    /// # Errors
    /// No such start.
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

/// The names of the starts; none where the file has one.
fn read_starts(file: &File) -> hdf5::Result<Vec<String>> {
    if !file.link_exists(START) {
        return Ok(Vec::new());
    }
    Ok(file.dataset(START)?.read_raw::<VarLenUnicode>()?.iter().map(ToString::to_string).collect())
}

pub(super) fn check_signature(path: &Path) -> Result<()> {
    let refused = |e: std::io::Error| Error::input(path, format!("cannot be opened ({e})"), "name a map that is there");
    let mut head = Vec::new();
    let mut file = std::fs::File::open(path).map_err(refused)?;
    let is_folder = file.metadata().is_ok_and(|m| m.is_dir());
    if is_folder {
        return Err(Error::input(path, "is a folder, not a map", "name the file in it"));
    }
    (&mut file).take(8).read_to_end(&mut head).map_err(refused)?;
    if head.len() < 8 && SIGNATURE.starts_with(&head) {
        return Err(Error::input(path, "is truncated: it holds fewer than 8 bytes", AGAIN));
    }
    if head != SIGNATURE {
        return Err(Error::input(
            path,
            "is not an HDF5 file, hence no map of hopfmap",
            "name a map that hopfmap sweep has written",
        ));
    }
    Ok(())
}

/// Every parameter of the table that is in the file: with values, or as one.
#[expect(clippy::type_complexity, reason = "two lists of pairs, named where they are bound")]
pub(super) fn read_coordinates(file: &File) -> hdf5::Result<(Vec<StoredAxis>, Vec<(Parameter, f64)>)> {
    let (mut axes, mut fixed) = (Vec::new(), Vec::new());
    for parameter in Parameter::ALL {
        let dataset = file.dataset(parameter.name())?;
        if dataset.is_scalar() {
            fixed.push((parameter, dataset.read_scalar()?));
        } else {
            axes.push(StoredAxis { parameter, values: dataset.read_raw()? });
        }
    }
    Ok((axes, fixed))
}

/// The axes in the order of the dimensions, which `outcome`'s list of scales tells.
pub(super) fn in_order(file: &File, mut axes: Vec<StoredAxis>) -> hdf5::Result<Vec<StoredAxis>> {
    use hdf5::types::VarLenArray;
    use hdf5::{ObjectReference1, ReferencedObject};
    let list = file.dataset(OUTCOME.0)?.attr("DIMENSION_LIST")?.read_raw::<VarLenArray<ObjectReference1>>()?;
    let mut ordered = Vec::new();
    for references in &list {
        let Some(reference) = references.first() else { return Err("a dimension has no scale".into()) };
        let ReferencedObject::Dataset(scale) = file.dereference(reference)? else {
            return Err("a dimension's scale is not a dataset".into());
        };
        let name = scale.name();
        // A ramp's first dimension is no parameter, nor is that of the starts.
        if name == "/direction" || name.strip_prefix('/') == Some(START) {
            continue;
        }
        let found = axes.iter().position(|a| name.strip_prefix('/') == Some(a.parameter.name()));
        ordered.push(axes.swap_remove(found.ok_or("a dimension's scale is not a parameter")?));
    }
    Ok(ordered)
}
