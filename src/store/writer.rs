//! Writes a map: axes and columns first, then box by box, then all at once under its final name.

use super::columns::{COMPUTED_BY, Columns, Layout, name_flags, name_outcomes, sizes};
use super::netcdf::{
    attach_groups, attach_scales, attribute, attributes, create_file, create_group, long_text, make_scale, new_dataset,
    number, text, words,
};
use super::schema::{
    AuditRecord, Header, REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, START, TableRecord, Value, long_name,
};
use super::virtual_parts;
use crate::columns::{Answer, Attractors, COLUMNS, DERIVED, OUTCOME};
use crate::error::{Error, Result};
use crate::grid::GridBox;
use crate::stop::Stop;
use hdf5::{Dataset, File, Group};
use std::path::{Path, PathBuf};

/// A map under way. It has a temporary name beside its final one until [`MapWriter::finish`]; dropped, it vanishes.
#[derive(Debug)]
pub struct MapWriter {
    temporary: tempfile::TempPath,
    path: PathBuf,
    file: File,
    columns: Columns,
}

/// Wraps a failure of the library with path and place.
pub(super) fn failed(path: &Path, what: &str) -> impl Fn(hdf5::Error) -> Error {
    // The library breaks its lines where it tells the time.
    move |e| Error::file_because(path, format!("writing {what} failed"), e.to_string().replace('\n', " "))
}

impl MapWriter {
    /// Opens a temporary file beside `path` and writes everything but the cells.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let temporary = super::temporary_beside(path)?;
        let file = create_file(&temporary).map_err(failed(path, "the file"))?;
        let coordinates: Vec<_> = header.fixed.iter().map(|(p, _)| p.name()).collect();
        let layout = Layout {
            starts: header.starts.len(),
            shape: header.axes.iter().map(|a| a.len() as usize).collect(),
            chunk: sizes(&header.chunk),
            coordinates: coordinates.join(" "),
            double: header.double,
            elsewhere: header.elsewhere.clone(),
            computed_by: header.engines.len() > 1,
        };
        write_root(&file, header).map_err(failed(path, "the attributes"))?;
        write_coordinates(&file, header).map_err(failed(path, "the axes"))?;
        let columns = Columns::create(&file, layout).map_err(failed(path, "the columns"))?;
        if let Some(dataset) = columns.computed_by() {
            name_engines(dataset, &header.engines).map_err(failed(path, COMPUTED_BY))?;
        }
        if !header.elsewhere.is_empty() {
            let list = virtual_parts::list(path, &header.elsewhere)?;
            long_text(&file, virtual_parts::LIST, &list).map_err(failed(path, virtual_parts::LIST))?;
        }
        attach(&file, header).map_err(failed(path, "the dimension scales"))?;
        Ok(Self { temporary, path: path.to_owned(), file, columns })
    }

    /// Writes the answers of one box of cells, by start.
    ///
    /// # Errors
    /// The disk is full, or the number of answers is not the box's.
    pub fn write(&mut self, place: &GridBox, by_start: &[Vec<Answer>]) -> Result<()> {
        self.columns.write(place, by_start).map_err(failed(&self.path, "the cells"))
    }

    /// Writes what the starts of one box's cells say together.
    ///
    /// # Errors
    /// The disk is full, or the number of cells is not the box's.
    pub fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> Result<()> {
        self.columns.write_attractors(place, cells).map_err(failed(&self.path, "the derived columns"))
    }

    /// Writes which of the header's engines computed a box, where there are several.
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_computed_by(&mut self, place: &GridBox, engine: usize) -> Result<()> {
        self.columns.write_computed_by(place, engine as u8).map_err(failed(&self.path, COMPUTED_BY))
    }

    /// Adds the group `/audit`.
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_audit(&mut self, audit: &AuditRecord) -> Result<()> {
        write_audit(&self.file, audit).map_err(failed(&self.path, "the audit"))
    }

    /// Adds a conductance table: the first as `/table`, further ones as `/table_2`, `/table_3`, …
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_table(&mut self, index: usize, table: &TableRecord) -> Result<()> {
        let name = if index == 0 { "table".to_string() } else { format!("table_{}", index + 1) };
        write_table(&self.file, &name, table).map_err(failed(&self.path, &name))
    }

    /// Adds a root attribute that is known only at the end.
    ///
    /// # Errors
    /// The disk is full.
    pub fn write_attribute(&mut self, name: &str, value: &Value) -> Result<()> {
        attribute(&self.file, name, value).map_err(failed(&self.path, name))
    }

    /// Closes the file, makes sure it is on the disk, and gives it its final name.
    ///
    /// # Errors
    /// The disk is full, the final name cannot be taken, or somebody asked for the end.
    pub fn finish(self, stop: &Stop) -> Result<()> {
        let Self { temporary, path, file, columns } = self;
        drop(columns);
        close(file).map_err(failed(&path, "the file"))?;
        super::seal_and_publish(temporary, &path, stop)
    }
}

/// Writes out and closes a file of which nothing else is open.
pub(super) fn close(file: File) -> hdf5::Result<()> {
    file.flush()?;
    file.close()
}

/// Ties the columns to their axes.
fn attach(file: &File, header: &Header) -> hdf5::Result<()> {
    let several = !header.starts.is_empty();
    let axes: Vec<_> = header.axes.iter().map(|a| a.parameter.name().to_string()).collect();
    let answers: Vec<_> = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0]).map(str::to_string).collect();
    let derived = DERIVED.iter().map(|d| d.0).filter(|_| several);
    let over_starts: Vec<_> =
        derived.chain([COMPUTED_BY].into_iter().filter(|_| header.engines.len() > 1)).map(str::to_string).collect();
    let all = if several { [&[START.to_string()], &axes[..]].concat() } else { axes.clone() };
    attach_groups(file, &[(&all, &answers), (&axes, &over_starts)])
}

/// CF's names of the engines, one word each; what they are in full stands beside.
fn name_engines(dataset: &Dataset, engines: &[String]) -> hdf5::Result<()> {
    let values: Vec<u8> = (0..engines.len() as u8).collect();
    let words: Vec<_> = values.iter().map(|n| format!("engine_{n}")).collect();
    name_flags(dataset, &values, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
    words.iter().zip(engines).try_for_each(|(word, engine)| long_text(dataset, word, engine))
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
        let dataset = new_dataset(file).with_data(&values).create(axis.parameter.name())?;
        make_scale(&described(dataset, &long_name(axis.parameter))?, axis.parameter.name())?;
    }
    for (p, value) in &header.fixed {
        described(new_dataset(file).empty::<f64>().create(p.name())?, &long_name(*p))?.write_scalar(value)?;
    }
    Ok(())
}

pub(super) fn write_audit(file: &Group, audit: &AuditRecord) -> hdf5::Result<()> {
    let group = create_group(file, "audit")?;
    let claims: Vec<u64> = (0..audit.cell.len() as u64).collect();
    let scale = described(new_dataset(&group).with_data(&claims).create("claim")?, "number of the claim")?;
    make_scale(&scale, "claim")?;
    let make = |name: &str, long_name: &str, values: &[f64]| {
        described(new_dataset(&group).with_data(values).create(name)?, long_name)
    };
    let cell = new_dataset(&group).with_data(&audit.cell).create("cell")?;
    described(cell, "index of the cell in row-major order")?;
    described(new_dataset(&group).with_data(&audit.start).create(START)?, "number of the start")?;
    let [mapped, found] = &audit.outcomes;
    for (name, long_name, values) in
        [("outcome", "outcome in the map", mapped), ("outcome_audit", "outcome by the audit", found)]
    {
        let dataset = described(new_dataset(&group).with_data(values).create(name)?, long_name)?;
        name_outcomes(&dataset)?;
    }
    make("span", "span in the map", &audit.spans[0])?;
    make("span_audit", "span by the audit", &audit.spans[1])?;
    make("span_error", "error of the span as the map states it", &audit.span_error)?;
    let names = ["cell", START, "outcome", "outcome_audit", "span", "span_audit", "span_error"].map(str::to_string);
    attach_scales(&group, &["claim".to_string()], &names)
}

fn write_table(file: &File, name: &str, table: &TableRecord) -> hdf5::Result<()> {
    let group: Group = create_group(file, name)?;
    number(&group, "l", table.l)?;
    number(&group, "lambda", table.lambda)?;
    number(&group, "error_bound", table.error)?;
    let axis = new_dataset(&group).with_data(&table.x_v).create("x_V")?;
    make_scale(&described(axis, "position x_V = x_0 - sqrt(2) l V in units of L")?, "x_V")?;
    let names = ["F00", "F01", "F11"];
    for (name, values) in names.iter().zip(&table.functions) {
        let dataset = new_dataset(&group).with_data(values).create(*name)?;
        described(dataset, &format!("conductance matrix element {name}(x_V)"))?;
    }
    attach_scales(&group, &["x_V".to_string()], &names.map(str::to_string))
}
