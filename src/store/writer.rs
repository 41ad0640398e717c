//! Writes a map: axes and columns first, then box by box, then renamed to its final name.

use super::box_shape::sizes;
use super::checked::{CheckedFile, failed, not_as_written};
use super::column_reading::compare_columns;
use super::columns::{COMPUTED_BY, Columns, Layout, name_flags, name_outcomes};
use super::coordinates;
use super::hdf5_file::{self, new_group};
use super::netcdf::{attach_groups, attach_scales, make_scale, number, text};
use super::nexus::write_plottable;
use super::schema::{
    AUDIT_COLUMNS, AuditRow, Header, NOT_SEARCHED, POINT, REQUEST_ATTRIBUTE, SCHEMA, SCHEMA_ATTRIBUTE, START,
    TableRecord, Value, long_name,
};
use super::si::{si_scales, write_si};
use super::virtual_parts;
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::grid::{GridBox, Points};
use crate::model::BRANCHES;
use crate::results::{Attractors, CERTIFICATE, COLUMNS, CellResult, DERIVED, MARGINS, OUTCOME};
use crate::store::{Draft, Output, Part, StoredPart, seal_and_publish};
use hdf5::{Dataset, Group};
use std::path::PathBuf;

/// A map being written, under a temporary name in the folder of its final one.
///
/// [`MapWriter::finish`] gives it its final name; without that it is removed on drop.
#[derive(Debug)]
pub struct MapWriter {
    draft: Draft,
    path: PathBuf,
    file: CheckedFile,
    columns: Columns,
    shape: Vec<u64>,
}

impl MapWriter {
    /// Creates a temporary file and writes everything except the cells.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the folder cannot be written to, or the disk is full;
    /// [`crate::Error::Request`] if the name of a virtual map is not UTF-8, or has a control
    /// character.
    pub fn create(output: Output<'_>, header: &Header) -> Result<Self> {
        let path = output.path;
        let draft = Draft::new(output)?;
        let mut file = CheckedFile::create(draft.path()).map_err(failed(path, "the file"))?;
        let si = header.si.iter().map(|c| &*c.name);
        // Axes are the coordinates of their own dimensions; columns of points have to be named.
        let columns = header.grid.points().into_iter().flat_map(Points::parameters).map(|p| p.name());
        let coordinates: Vec<_> = columns.chain(header.fixed.iter().map(|(p, _)| p.name())).chain(si).collect();
        let layout = Layout {
            starts: header.starts.len(),
            shape: sizes(&header.grid.shape()),
            chunk: sizes(&header.chunk),
            coordinates: coordinates.join(" "),
            double: header.double,
            elsewhere: header.elsewhere.clone(),
            computed_by: header.engines.len() > 1,
            margins: header.margins,
            optional: header.optional.clone(),
        };
        write_root(&mut file, header).map_err(failed(path, "the attributes"))?;
        write_coordinates(&mut file, header).map_err(failed(path, "the axes"))?;
        let columns = Columns::create(file.file(), layout).map_err(failed(path, "the columns"))?;
        if let Some(dataset) = columns.computed_by() {
            name_engines(dataset, &header.engines).map_err(failed(path, COMPUTED_BY))?;
        }
        if !header.elsewhere.is_empty() {
            let list = virtual_parts::list(path, &header.elsewhere)?;
            text(file.file(), virtual_parts::LIST, &list).map_err(failed(path, virtual_parts::LIST))?;
        }
        attach(file.file(), header).map_err(failed(path, "the dimension scales"))?;
        let shape = header.grid.shape();
        Ok(Self { draft, path: path.to_owned(), file, columns, shape })
    }

    /// Writes the results of one box of cells, by start.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, or the box is not the next one.
    pub fn write(&mut self, place: &GridBox, by_start: &[Vec<CellResult>]) -> Result<()> {
        self.columns.write(place, by_start).map_err(failed(&self.path, "the cells"))
    }

    /// Writes the results of a part that covers this box.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, or the box is not the next one.
    pub(crate) fn write_stored(&mut self, place: &GridBox, StoredPart { part, columns }: StoredPart) -> Result<Part> {
        self.columns.write_stored(place, &part.results, columns).map_err(failed(&self.path, "the cells"))?;
        Ok(part)
    }

    /// Writes the attractors of one box's cells to the derived columns.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, or the number of cells is not the box's.
    pub fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> Result<()> {
        self.columns.write_attractors(place, cells).map_err(failed(&self.path, "the derived columns"))
    }

    /// Writes which of the header's engines computed a box, if there are several.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub fn write_computed_by(&mut self, place: &GridBox, engine: usize) -> Result<()> {
        self.columns.write_computed_by(place, engine as u8).map_err(failed(&self.path, COMPUTED_BY))
    }

    /// Writes the margins of one box's cells, in cells and relative, if the header has columns for them.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, or the number of cells is not the box's.
    pub fn write_margins(&mut self, place: &GridBox, cells: &[[f64; 2]]) -> Result<()> {
        self.columns.write_margins(place, cells).map_err(failed(&self.path, "the margins"))
    }

    /// Writes the columns of one box that were asked for: by start, then by column.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, or the number of cells is not the box's.
    pub fn write_optional(&mut self, place: &GridBox, by_start: &[Vec<Vec<f64>>]) -> Result<()> {
        self.columns.write_optional(place, by_start).map_err(failed(&self.path, "the columns that were asked for"))
    }

    /// Adds the group `/audit`.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub fn write_audit(&mut self, rows: &[AuditRow]) -> Result<()> {
        write_audit(&mut self.file, rows).map_err(failed(&self.path, "the audit"))
    }

    /// Adds a conductance table: the first as `/table`, further ones as `/table_2`, `/table_3`, …
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub fn write_table(&mut self, index: usize, table: &TableRecord) -> Result<()> {
        let name = if index == 0 { "table".to_string() } else { format!("table_{}", index + 1) };
        write_table(&mut self.file, &name, table).map_err(failed(&self.path, &name))
    }

    /// Adds a root attribute that is known only at the end.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub fn write_attribute(&mut self, name: &str, value: &Value) -> Result<()> {
        self.file.attribute(name, value).map_err(failed(&self.path, name))
    }

    /// Closes the file, reads it back, and gives it its final name.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full, what is read back differs, or the final name
    /// cannot be taken; [`crate::Error::Interrupted`] if cancelled.
    pub fn finish(self, stop: &CancelToken) -> Result<()> {
        let Self { draft, path, file, columns, shape } = self;
        // Flushed while the datasets are open, or an error in writing their last chunks would be lost.
        let flushed = file.flush();
        let sum = columns.sum().clone();
        drop(columns);
        let closed = file.close();
        flushed.map_err(failed(&path, "the cells"))?;
        let expected = closed.map_err(failed(&path, "the file"))?;
        stop.check()?;
        let there = hdf5_file::open(draft.path()).map_err(failed(&path, "the file"))?;
        expected.compare(&there).map_err(not_as_written(&path))?;
        compare_columns(&there, &shape, &sum, stop).map_err(not_as_written(&path))?;
        drop(there);
        seal_and_publish(draft, &path, stop)
    }
}

/// Attaches the columns to their axes.
fn attach(file: &Group, header: &Header) -> hdf5::Result<()> {
    let several = !header.starts.is_empty();
    let parameters: Vec<String> = header.grid.parameters().iter().map(|p| p.name().to_string()).collect();
    let (axes, of_points) = match header.grid.points() {
        Some(_) => (vec![POINT.to_string()], parameters),
        None => (parameters, Vec::new()),
    };
    let optional = header.optional.iter().map(|o| o.0);
    let names = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0, CERTIFICATE.0]).chain(optional);
    let results: Vec<_> = names.map(str::to_string).collect();
    let derived = DERIVED.iter().map(|d| d.0).filter(|_| several);
    let engines = [COMPUTED_BY].into_iter().filter(|_| header.engines.len() > 1);
    let margins = MARGINS.iter().map(|m| m.0).filter(|_| header.margins);
    let over_starts: Vec<_> = derived.chain(engines).chain(margins).map(str::to_string).collect();
    let all = if several { [&[START.to_string()], &axes[..]].concat() } else { axes.clone() };
    write_plottable(file, crate::results::COLUMNS[0].name, &all, &results)?;
    let si = si_scales(&header.si);
    let mut kinds: Vec<(&[String], &[String])> = vec![(&all, &results), (&axes, &over_starts), (&axes, &of_points)];
    kinds.extend(si.iter().map(|(axis, name)| (&axis[..], &name[..])));
    attach_groups(file, &kinds)
}

/// Writes CF flag meanings of the engines, one word each, and their full descriptions as attributes.
fn name_engines(dataset: &Dataset, engines: &[String]) -> hdf5::Result<()> {
    let values: Vec<u8> = (0..engines.len() as u8).collect();
    let words: Vec<_> = values.iter().map(|n| format!("engine_{n}")).collect();
    name_flags(dataset, &values, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
    words.iter().zip(engines).try_for_each(|(word, engine)| text(dataset, word, engine))
}

fn write_root(file: &mut CheckedFile, header: &Header) -> hdf5::Result<()> {
    number(file.file(), SCHEMA_ATTRIBUTE, SCHEMA)?;
    file.attributes(&header.attributes)?;
    let fingerprint = coordinates::fingerprint(&header.grid.coordinates(), &header.fixed);
    file.attribute(coordinates::ATTRIBUTE, &Value::Text(fingerprint))?;
    file.attribute(REQUEST_ATTRIBUTE, &Value::Text(header.request.clone()))
}

/// Adds a long name and the unit 1 to a dataset.
pub(super) fn described(dataset: Dataset, long_name: &str) -> hdf5::Result<Dataset> {
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    Ok(dataset)
}

fn write_coordinates(file: &mut CheckedFile, header: &Header) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    if !header.starts.is_empty() {
        let names: Vec<&str> = header.starts.iter().map(String::as_str).collect();
        let meaning = match BRANCHES.contains(&names[0]) {
            true => "the equilibrium of the cell near which it starts, by order of V",
            false => "the random state at which the cell starts",
        };
        file.words(START, meaning, &names)?;
    }
    if let Some(points) = header.grid.points() {
        let numbers: Vec<u32> = (0_u32..).take(points.len()).collect();
        make_scale(&described(file.list(&root, POINT, &numbers)?, "number of the point")?, POINT)?;
    }
    for (p, values) in header.grid.coordinates() {
        let dataset = described(file.list(&root, p.name(), &values)?, &long_name(p))?;
        if header.grid.points().is_none() {
            make_scale(&dataset, p.name())?;
        }
    }
    for (p, value) in &header.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    write_si(file, &header.si)
}

pub(super) fn write_audit(file: &mut CheckedFile, rows: &[AuditRow]) -> hdf5::Result<()> {
    fn column<T>(rows: &[AuditRow], of: impl Fn(&AuditRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let group = new_group(file.file(), "audit")?;
    let claims: Vec<u64> = (0..rows.len() as u64).collect();
    make_scale(&described(file.list(&group, "claim", &claims)?, "number of the claim")?, "claim")?;
    described(file.list(&group, "cell", &column(rows, |r| r.cell))?, "index of the cell in row-major order")?;
    described(file.list(&group, START, &column(rows, |r| r.start))?, "number of the start")?;
    let (mapped, found) = (column(rows, |r| r.outcome), column(rows, |r| r.outcome_audit));
    for (name, long_name, values) in
        [("outcome", "outcome in the map", &mapped), ("outcome_audit", "outcome by the audit", &found)]
    {
        name_outcomes(&described(file.list(&group, name, values)?, long_name)?)?;
    }
    described(file.list(&group, "span", &column(rows, |r| r.span))?, "span in the map")?;
    described(file.list(&group, "span_audit", &column(rows, |r| r.span_audit))?, "span by the audit")?;
    described(
        file.list(&group, "span_error", &column(rows, |r| r.span_error))?,
        "error of the span as the map states it",
    )?;
    described(
        file.list(&group, "numbers_off", &column(rows, |r| r.numbers_off))?,
        "what else is not as in the map: a sum of 1 (period), 2 (mean of V), 4 (number of maxima), 8 (exponent), 16 (a mean asked for), 32 (response)",
    )?;
    described(
        file.list(&group, "start_sensitive", &column(rows, |r| r.start_sensitive))?,
        "whether starts displaced by 1e-6 end elsewhere (1) or not (0)",
    )?;
    let missed = described(
        file.list(&group, "missed", &column(rows, |r| r.missed))?,
        "attractors that random starts of the cell come to, and none of the map's (255: not searched)",
    )?;
    number(&missed, "_FillValue", NOT_SEARCHED)?;
    let names = AUDIT_COLUMNS.map(str::to_string);
    attach_scales(&group, &["claim".to_string()], &names)
}

fn write_table(file: &mut CheckedFile, name: &str, table: &TableRecord) -> hdf5::Result<()> {
    let group: Group = new_group(file.file(), name)?;
    number(&group, "l", table.l)?;
    number(&group, "lambda", table.lambda)?;
    number(&group, "error_bound", table.error)?;
    let axis = file.list(&group, "x_V", &table.x_v)?;
    make_scale(&described(axis, "position x_V = x_0 - sqrt(2) l V in units of L")?, "x_V")?;
    let names = ["F00", "F01", "F11"];
    for (name, values) in names.iter().zip(&table.functions) {
        described(file.list(&group, name, values)?, &format!("conductance matrix element {name}(x_V)"))?;
    }
    attach_scales(&group, &["x_V".to_string()], &names.map(str::to_string))
}
