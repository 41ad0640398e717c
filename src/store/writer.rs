//! Writes a map: axes and columns first, then box by box, then all at once under its final name.

use super::netcdf::{attach_scales, attribute, attributes, long_text, make_scale, number, text};
use super::schema::{Header, NO_OUTCOME, REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, TableRecord, Value, long_name};
use crate::columns::{Answer, COLUMNS, Kind, OUTCOME, Outcome};
use crate::error::{Error, Result};
use crate::grid::GridBox;
use hdf5::{Dataset, File, Group, H5Type, Hyperslab, SliceOrIndex};
use ndarray::{ArrayD, IxDyn};
use std::path::{Path, PathBuf};

/// Deflate level: the least already takes most of the gain and keeps up with the disk.
const DEFLATE: u8 = 1;

/// A map under way. It has a temporary name beside its final one until [`MapWriter::finish`]; dropped, it vanishes.
#[derive(Debug)]
pub struct MapWriter {
    temporary: tempfile::TempPath,
    path: PathBuf,
    file: Option<File>,
    columns: Vec<Dataset>,
    outcome: Dataset,
    double: bool,
}

/// Wraps a failure of the library with path and place.
fn failed(path: &Path, what: &str) -> impl Fn(hdf5::Error) -> Error {
    move |e| Error::file_because(path, format!("writing {what} failed"), e)
}

fn sizes(dims: &[u64]) -> Vec<usize> {
    dims.iter().map(|&n| n as usize).collect()
}

impl MapWriter {
    /// Opens a temporary file beside `path` and writes everything but the cells.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let temporary = super::temporary_beside(path)?;
        let file = File::create(&temporary).map_err(failed(path, "the file"))?;
        let shape: Vec<usize> = header.axes.iter().map(|a| a.len() as usize).collect();
        let coordinates: Vec<_> = header.fixed.iter().map(|(p, _)| p.name()).collect();
        let coordinates = coordinates.join(" ");

        write_root(&file, header).map_err(failed(path, "the attributes"))?;
        write_coordinates(&file, header).map_err(failed(path, "the axes"))?;
        let mut columns = Vec::new();
        for c in COLUMNS {
            let double = header.double && c.kind == Kind::Computed;
            let made = if double {
                column(&file, c.name, &shape, &header.chunk, f64::NAN)
            } else {
                column(&file, c.name, &shape, &header.chunk, f32::NAN)
            };
            let dataset = made.map_err(failed(path, c.name))?;
            describe(&dataset, c.long_name, c.units, &coordinates).map_err(failed(path, c.name))?;
            let fill = if double {
                number(&dataset, "_FillValue", f64::NAN)
            } else {
                number(&dataset, "_FillValue", f32::NAN)
            };
            fill.map_err(failed(path, c.name))?;
            columns.push(dataset);
        }
        let outcome = outcome_column(&file, &shape, header, &coordinates).map_err(failed(path, OUTCOME.0))?;
        let axes: Vec<_> = header.axes.iter().map(|a| a.parameter.name().to_string()).collect();
        let maps: Vec<_> = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0]).map(str::to_string).collect();
        attach_scales(&file, &axes, &maps).map_err(failed(path, "the dimension scales"))?;
        Ok(Self { temporary, path: path.to_owned(), file: Some(file), columns, outcome, double: header.double })
    }

    /// Writes the answers of one box of cells.
    ///
    /// # Errors
    /// The disk is full, or the number of answers is not the box's.
    pub fn write(&mut self, place: &GridBox, answers: &[Answer]) -> Result<()> {
        let selection: Hyperslab = (place.start.iter().zip(&place.count))
            .map(|(&start, &count)| SliceOrIndex::SliceCount {
                start: start as usize,
                step: 1,
                count: count as usize,
                block: 1,
            })
            .collect::<Vec<_>>()
            .into();
        let shape = sizes(&place.count);
        for (i, (c, dataset)) in COLUMNS.iter().zip(&self.columns).enumerate() {
            let numbers = answers.iter().map(|a| a.numbers()[i]);
            let written = if self.double && c.kind == Kind::Computed {
                put(dataset, &selection, &shape, numbers.collect())
            } else {
                put(dataset, &selection, &shape, numbers.map(|v| v as f32).collect())
            };
            written.map_err(failed(&self.path, c.name))?;
        }
        put(&self.outcome, &selection, &shape, answers.iter().map(|a| a.outcome as u8).collect())
            .map_err(failed(&self.path, OUTCOME.0))
    }

    /// Adds a conductance table: the first as `/table`, further ones as `/table_2`, `/table_3`, …
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_table(&mut self, index: usize, table: &TableRecord) -> Result<()> {
        let name = if index == 0 { "table".to_string() } else { format!("table_{}", index + 1) };
        let Some(file) = &self.file else { return Ok(()) };
        write_table(file, &name, table).map_err(failed(&self.path, &name))
    }

    /// Adds a root attribute that is known only at the end.
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_attribute(&mut self, name: &str, value: &Value) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        attribute(file, name, value).map_err(failed(&self.path, name))
    }

    /// Closes the file, makes sure it is on the disk, and gives it its final name.
    ///
    /// # Errors
    /// The disk is full, or the final name cannot be taken.
    pub fn finish(mut self) -> Result<()> {
        self.columns.clear();
        let Self { temporary, path, file, outcome, .. } = self;
        drop(outcome);
        if let Some(file) = file {
            file.flush().map_err(failed(&path, "the file"))?;
            file.close().map_err(failed(&path, "the file"))?;
        }
        super::seal_and_publish(temporary, &path)
    }
}

fn write_root(file: &File, header: &Header) -> hdf5::Result<()> {
    number(file, SCHEMA_ATTRIBUTE, SCHEMA)?;
    attributes(file, &header.attributes)?;
    long_text(file, REQUEST_ATTRIBUTE, &header.request)
}

fn write_coordinates(file: &File, header: &Header) -> hdf5::Result<()> {
    for axis in &header.axes {
        let values: Vec<f64> = axis.values().collect();
        let dataset = file.new_dataset_builder().with_data(&values).create(axis.parameter.name())?;
        make_scale(&dataset, axis.parameter.name())?;
        text(&dataset, "long_name", &long_name(axis.parameter))?;
        text(&dataset, "units", "1")?;
    }
    for (p, value) in &header.fixed {
        let dataset = file.new_dataset::<f64>().create(p.name())?;
        dataset.write_scalar(value)?;
        text(&dataset, "long_name", &long_name(*p))?;
        text(&dataset, "units", "1")?;
    }
    Ok(())
}

fn column<T: H5Type + Into<hdf5::types::OwnedDynValue>>(
    file: &File,
    name: &str,
    shape: &[usize],
    chunk: &[u64],
    fill: T,
) -> hdf5::Result<Dataset> {
    file.new_dataset::<T>().chunk(sizes(chunk)).shuffle().deflate(DEFLATE).fill_value(fill).shape(shape).create(name)
}

fn describe(dataset: &Dataset, long_name: &str, units: &str, coordinates: &str) -> hdf5::Result<()> {
    text(dataset, "long_name", long_name)?;
    text(dataset, "units", units)?;
    if coordinates.is_empty() { Ok(()) } else { text(dataset, "coordinates", coordinates) }
}

fn outcome_column(file: &File, shape: &[usize], header: &Header, coordinates: &str) -> hdf5::Result<Dataset> {
    let dataset = column(file, OUTCOME.0, shape, &header.chunk, NO_OUTCOME)?;
    describe(&dataset, OUTCOME.1, "1", coordinates)?;
    let values: Vec<u8> = Outcome::ALL.iter().map(|o| *o as u8).collect();
    dataset.new_attr_builder().with_data(&values).create("flag_values")?;
    let meanings: Vec<_> = Outcome::ALL.iter().map(|o| o.name()).collect();
    text(&dataset, "flag_meanings", &meanings.join(" "))?;
    Ok(dataset)
}

fn put<T: H5Type>(dataset: &Dataset, selection: &Hyperslab, shape: &[usize], values: Vec<T>) -> hdf5::Result<()> {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|e| hdf5::Error::from(e.to_string()))?;
    dataset.write_slice(array.view(), selection.clone())
}

fn write_table(file: &File, name: &str, table: &TableRecord) -> hdf5::Result<()> {
    let group: Group = file.create_group(name)?;
    number(&group, "l", table.l)?;
    number(&group, "lambda", table.lambda)?;
    number(&group, "error_bound", table.error)?;
    let axis = group.new_dataset_builder().with_data(&table.x_v).create("x_V")?;
    make_scale(&axis, "x_V")?;
    text(&axis, "long_name", "position x_V = x_0 - sqrt(2) l V in units of L")?;
    text(&axis, "units", "1")?;
    let names = ["F00", "F01", "F11"];
    for (name, values) in names.iter().zip(&table.functions) {
        let dataset = group.new_dataset_builder().with_data(values).create(*name)?;
        text(&dataset, "long_name", &format!("conductance matrix element {name}(x_V)"))?;
        text(&dataset, "units", "1")?;
    }
    attach_scales(&group, &["x_V".to_string()], &names.map(str::to_string))
}
