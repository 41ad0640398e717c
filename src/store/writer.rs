//! Writes a map: axes and columns first, then box by box, then all at once under its final name.

use super::netcdf::{attach_groups, attach_scales, attribute, attributes, long_text, make_scale, number, text, words};
use super::schema::{
    AuditRecord, Header, NO_OUTCOME, REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, START, TableRecord, Value, long_name,
};
use crate::columns::{Answer, Attractors, COLUMNS, DERIVED, Kind, OUTCOME, Outcome};
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
    /// In the order of [`DERIVED`]; none where there is one start.
    derived: Vec<Dataset>,
    several: bool,
    double: bool,
}

/// Wraps a failure of the library with path and place.
fn failed(path: &Path, what: &str) -> impl Fn(hdf5::Error) -> Error {
    move |e| Error::file_because(path, format!("writing {what} failed"), e)
}

fn sizes(dims: &[u64]) -> Vec<usize> {
    dims.iter().map(|&n| n as usize).collect()
}

/// How the columns of one kind lie on disk.
struct Layout {
    shape: Vec<usize>,
    chunk: Vec<usize>,
    coordinates: String,
}

impl MapWriter {
    /// Opens a temporary file beside `path` and writes everything but the cells.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let temporary = super::temporary_beside(path)?;
        let file = File::create(&temporary).map_err(failed(path, "the file"))?;
        let coordinates: Vec<_> = header.fixed.iter().map(|(p, _)| p.name()).collect();
        let shape = header.axes.iter().map(|a| a.len() as usize).collect();
        let cells = Layout { shape, chunk: sizes(&header.chunk), coordinates: coordinates.join(" ") };
        let several = !header.starts.is_empty();
        let before = |n: usize, v: &[usize]| if several { [&[n], v].concat() } else { v.to_vec() };
        let answers = Layout {
            shape: before(header.starts.len(), &cells.shape),
            chunk: before(1, &cells.chunk),
            coordinates: cells.coordinates.clone(),
        };

        write_root(&file, header).map_err(failed(path, "the attributes"))?;
        write_coordinates(&file, header).map_err(failed(path, "the axes"))?;
        let mut columns = Vec::new();
        for c in COLUMNS {
            let double = header.double && c.kind == Kind::Computed;
            columns.push(numbers(&file, c.name, c.long_name, c.units, &answers, double).map_err(failed(path, c.name))?);
        }
        let outcome = outcome_column(&file, &answers).map_err(failed(path, OUTCOME.0))?;
        let derived = if several { derived_columns(&file, &cells, header.double) } else { Ok(Vec::new()) };
        let derived = derived.map_err(failed(path, "the derived columns"))?;
        let axes: Vec<_> = header.axes.iter().map(|a| a.parameter.name().to_string()).collect();
        let maps: Vec<_> = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0]).map(str::to_string).collect();
        let over_starts: Vec<_> = if several { DERIVED.map(|d| d.0.to_string()).to_vec() } else { Vec::new() };
        let all = if several { [&[START.to_string()], &axes[..]].concat() } else { axes.clone() };
        attach_groups(&file, &[(&all, &maps), (&axes, &over_starts)]).map_err(failed(path, "the dimension scales"))?;
        Ok(Self {
            temporary,
            path: path.to_owned(),
            file: Some(file),
            columns,
            outcome,
            derived,
            several,
            double: header.double,
        })
    }

    /// Writes the answers of one box of cells from one start.
    ///
    /// # Errors
    /// The disk is full, or the number of answers is not the box's.
    pub fn write(&mut self, start: usize, place: &GridBox, answers: &[Answer]) -> Result<()> {
        let mut corner = sizes(&place.start);
        let mut shape = sizes(&place.count);
        if self.several {
            corner.insert(0, start);
            shape.insert(0, 1);
        }
        for (i, (c, dataset)) in COLUMNS.iter().zip(&self.columns).enumerate() {
            let numbers = answers.iter().map(|a| a.numbers()[i]);
            let written = if self.double && c.kind == Kind::Computed {
                put(dataset, &corner, &shape, numbers.collect())
            } else {
                put(dataset, &corner, &shape, numbers.map(|v| v as f32).collect())
            };
            written.map_err(failed(&self.path, c.name))?;
        }
        put(&self.outcome, &corner, &shape, answers.iter().map(|a| a.outcome as u8).collect())
            .map_err(failed(&self.path, OUTCOME.0))
    }

    /// Writes what the starts of one box's cells say together.
    ///
    /// # Errors
    /// The disk is full, or the number of cells is not the box's.
    pub fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> Result<()> {
        let [count, coexist, largest] = &self.derived[..] else { return Ok(()) };
        let (corner, shape) = (sizes(&place.start), sizes(&place.count));
        let known = |v: Option<u8>| v.unwrap_or(NO_OUTCOME);
        let spans = cells.iter().map(|c| c.largest_span);
        let written = put(count, &corner, &shape, cells.iter().map(|c| known(c.count)).collect())
            .and_then(|()| {
                put(coexist, &corner, &shape, cells.iter().map(|c| known(c.coexist.map(u8::from))).collect())
            })
            .and_then(|()| match self.double {
                true => put(largest, &corner, &shape, spans.collect()),
                false => put(largest, &corner, &shape, spans.map(|v| v as f32).collect()),
            });
        written.map_err(failed(&self.path, "the derived columns"))
    }

    /// Adds the group `/audit`.
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_audit(&mut self, audit: &AuditRecord) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        write_audit(file, audit).map_err(failed(&self.path, "the audit"))
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
        self.derived.clear();
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

fn described(dataset: Dataset, long_name: &str) -> hdf5::Result<Dataset> {
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    Ok(dataset)
}

fn write_coordinates(file: &File, header: &Header) -> hdf5::Result<()> {
    if !header.starts.is_empty() {
        words(file, START, "the equilibrium of the cell beside which it starts, by order of V", &header.starts)?;
    }
    for axis in &header.axes {
        let values: Vec<f64> = axis.values().collect();
        let dataset = file.new_dataset_builder().with_data(&values).create(axis.parameter.name())?;
        make_scale(&described(dataset, &long_name(axis.parameter))?, axis.parameter.name())?;
    }
    for (p, value) in &header.fixed {
        described(file.new_dataset::<f64>().create(p.name())?, &long_name(*p))?.write_scalar(value)?;
    }
    Ok(())
}

fn column<T: H5Type + Into<hdf5::types::OwnedDynValue>>(
    file: &File,
    name: &str,
    long_name: &str,
    units: &str,
    layout: &Layout,
    fill: T,
) -> hdf5::Result<Dataset> {
    let made = file.new_dataset::<T>().chunk(&layout.chunk).shuffle().deflate(DEFLATE).fill_value(fill);
    let dataset = made.shape(&layout.shape).create(name)?;
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", units)?;
    if !layout.coordinates.is_empty() {
        text(&dataset, "coordinates", &layout.coordinates)?;
    }
    Ok(dataset)
}

/// A column of numbers, NaN where there is none.
fn numbers(file: &File, name: &str, long: &str, units: &str, layout: &Layout, double: bool) -> hdf5::Result<Dataset> {
    if double {
        let dataset = column(file, name, long, units, layout, f64::NAN)?;
        number(&dataset, "_FillValue", f64::NAN)?;
        Ok(dataset)
    } else {
        let dataset = column(file, name, long, units, layout, f32::NAN)?;
        number(&dataset, "_FillValue", f32::NAN)?;
        Ok(dataset)
    }
}

fn outcome_column(file: &File, layout: &Layout) -> hdf5::Result<Dataset> {
    let dataset = column(file, OUTCOME.0, OUTCOME.1, "1", layout, NO_OUTCOME)?;
    name_outcomes(&dataset)?;
    Ok(dataset)
}

/// CF's names of the numbers in a column of outcomes.
pub(super) fn name_outcomes(dataset: &Dataset) -> hdf5::Result<()> {
    let values: Vec<u8> = Outcome::ALL.iter().map(|o| *o as u8).collect();
    dataset.new_attr_builder().with_data(&values).create("flag_values")?;
    let meanings: Vec<_> = Outcome::ALL.iter().map(|o| o.name()).collect();
    text(dataset, "flag_meanings", &meanings.join(" "))
}

fn derived_columns(file: &File, layout: &Layout, double: bool) -> hdf5::Result<Vec<Dataset>> {
    let [count, coexist, largest] = DERIVED;
    let mut made = Vec::new();
    for (name, long_name) in [count, coexist] {
        let dataset = column(file, name, long_name, "1", layout, NO_OUTCOME)?;
        number(&dataset, "_FillValue", NO_OUTCOME)?;
        made.push(dataset);
    }
    made.push(numbers(file, largest.0, largest.1, "1", layout, double)?);
    Ok(made)
}

/// Writes values into the box of this shape whose corner lies there.
fn put<T: H5Type>(dataset: &Dataset, corner: &[usize], shape: &[usize], values: Vec<T>) -> hdf5::Result<()> {
    let selection: Hyperslab = (corner.iter().zip(shape))
        .map(|(&start, &count)| SliceOrIndex::SliceCount { start, step: 1, count, block: 1 })
        .collect::<Vec<_>>()
        .into();
    let array = ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|e| hdf5::Error::from(e.to_string()))?;
    dataset.write_slice(array.view(), selection)
}

fn write_audit(file: &File, audit: &AuditRecord) -> hdf5::Result<()> {
    let group = file.create_group("audit")?;
    let claims: Vec<u64> = (0..audit.cell.len() as u64).collect();
    let scale = described(group.new_dataset_builder().with_data(&claims).create("claim")?, "number of the claim")?;
    make_scale(&scale, "claim")?;
    let make = |name: &str, long_name: &str, values: &[f64]| {
        described(group.new_dataset_builder().with_data(values).create(name)?, long_name)
    };
    let cell = group.new_dataset_builder().with_data(&audit.cell).create("cell")?;
    described(cell, "index of the cell in row-major order")?;
    described(group.new_dataset_builder().with_data(&audit.start).create(START)?, "number of the start")?;
    let [mapped, found] = &audit.outcomes;
    for (name, long_name, values) in
        [("outcome", "outcome in the map", mapped), ("outcome_audit", "outcome by the audit", found)]
    {
        let dataset = described(group.new_dataset_builder().with_data(values).create(name)?, long_name)?;
        name_outcomes(&dataset)?;
    }
    make("span", "span in the map", &audit.spans[0])?;
    make("span_audit", "span by the audit", &audit.spans[1])?;
    make("span_error", "error of the span as the map states it", &audit.span_error)?;
    let names = ["cell", START, "outcome", "outcome_audit", "span", "span_audit", "span_error"].map(str::to_string);
    attach_scales(&group, &["claim".to_string()], &names)
}

fn write_table(file: &File, name: &str, table: &TableRecord) -> hdf5::Result<()> {
    let group: Group = file.create_group(name)?;
    number(&group, "l", table.l)?;
    number(&group, "lambda", table.lambda)?;
    number(&group, "error_bound", table.error)?;
    let axis = group.new_dataset_builder().with_data(&table.x_v).create("x_V")?;
    make_scale(&described(axis, "position x_V = x_0 - sqrt(2) l V in units of L")?, "x_V")?;
    let names = ["F00", "F01", "F11"];
    for (name, values) in names.iter().zip(&table.functions) {
        let dataset = group.new_dataset_builder().with_data(values).create(*name)?;
        described(dataset, &format!("conductance matrix element {name}(x_V)"))?;
    }
    attach_scales(&group, &["x_V".to_string()], &names.map(str::to_string))
}
