//! The columns of a map or of one part: created, and written box by box. `column_reading` reads them.

use super::chunks::{Column, DEFLATE, Values, lengths, sizes, slab, write_box};
use super::hdf5_file::new_dataset;
pub(super) use super::netcdf::name_flags;
use super::netcdf::{number, text};
use super::result_sum::ResultSum;
use super::schema::NO_OUTCOME;
use super::virtual_parts::source;
use crate::grid::{Boxes, GridBox};
use crate::results::{
    self, Attractors, CERTIFICATE, COLUMNS, CellResult, Certificate, DERIVED, NUMBERS, OUTCOME, Outcome, Storage,
};
use hdf5::{Dataset, Extents, Group, H5Type, Selection};
use std::ops::Range;

/// Column with the number of the engine that computed each cell, if there were several.
pub(super) const COMPUTED_BY: &str = "computed_by";

/// The storage layout of columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Number of starts if there are several, else 0: an extra dimension before the axes.
    pub starts: usize,
    /// Number of values along each axis.
    pub shape: Vec<usize>,
    /// Shape of the chunks.
    pub chunk: Vec<usize>,
    /// Names of scalar coordinates, for CF.
    pub coordinates: String,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Files that hold the values, with the box that each holds; empty if the values are in this file.
    pub elsewhere: Vec<(String, GridBox)>,
    /// Whether there is a column with the number of the engine that computed each cell.
    pub computed_by: bool,
}

/// The open columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    numbers: Vec<Dataset>,
    outcome: Dataset,
    certificate: Dataset,
    /// Columns in the order of [`DERIVED`]; empty if there is one start.
    derived: Vec<Dataset>,
    computed_by: Option<Dataset>,
    layout: Layout,
    /// The chunks of each column.
    chunks: Boxes,
    /// Checksums of what has been written so far.
    sum: ResultSum,
}

/// The number of a result's certificate in its column.
pub(super) fn certificate_code(result: &CellResult) -> u8 {
    result.certificate.map_or(NO_OUTCOME, |c| c as u8)
}

fn is_double(layout: &Layout, c: &results::Column) -> bool {
    layout.double && c.kind == Storage::Computed
}

/// Numbers of a column as its file stores them.
fn numbers(values: impl Iterator<Item = f64>, double: bool) -> Values {
    if double { Values::Double(values.collect()) } else { Values::Single(values.map(|v| v as f32).collect()) }
}

/// Numbers of a column of bytes.
fn small(values: impl Iterator<Item = u8>) -> Values {
    Values::Small(values.collect())
}

impl Columns {
    /// Creates the columns in a file or group.
    pub(super) fn create(group: &Group, layout: Layout) -> hdf5::Result<Self> {
        let several = layout.starts > 0;
        let mut numbers = Vec::new();
        for c in COLUMNS {
            let double = is_double(&layout, c);
            numbers.push(make_numbers(group, [c.name, c.long_name], &layout, several, double)?);
        }
        let outcome = make(group, [OUTCOME.0, OUTCOME.1], &layout, several, NO_OUTCOME)?;
        name_outcomes(&outcome)?;
        let certificate = make(group, [CERTIFICATE.0, CERTIFICATE.1], &layout, several, NO_OUTCOME)?;
        name_certificates(&certificate)?;
        let mut derived = Vec::new();
        if several {
            let [count, coexist, largest] = DERIVED;
            for (name, long_name) in [count, coexist] {
                let dataset = make(group, [name, long_name], &layout, false, NO_OUTCOME)?;
                number(&dataset, "_FillValue", NO_OUTCOME)?;
                derived.push(dataset);
            }
            derived.push(make_numbers(group, [largest.0, largest.1], &layout, false, layout.double)?);
        }
        let engine = [COMPUTED_BY, "number of the engine that computed the cell"];
        let computed_by = match layout.computed_by {
            // Few distinct values in long runs: this column is stored here even if the others are
            // in other files.
            true => Some(make(group, engine, &Layout { elsewhere: Vec::new(), ..layout.clone() }, false, NO_OUTCOME)?),
            false => None,
        };
        let sum = ResultSum::new(layout.starts, layout.double);
        let chunks = Boxes::chunks(lengths(&layout.shape), &lengths(&layout.chunk));
        let chunks = chunks.ok_or_else(|| format!("chunks of {:?} cells are not consecutive ones", layout.chunk))?;
        Ok(Self { numbers, outcome, certificate, derived, computed_by, layout, chunks, sum })
    }

    /// Checksums of what has been written so far, to compare with what is read back.
    pub(super) fn sum(&self) -> &ResultSum {
        &self.sum
    }

    /// Writes the results of one box of cells, by start; boxes must come in order.
    ///
    /// Only checksums are updated if the values are in other files.
    pub(super) fn write(&mut self, place: &GridBox, by_start: &[Vec<CellResult>]) -> hdf5::Result<()> {
        self.sum.add(place.first, by_start)?;
        if !self.layout.elsewhere.is_empty() {
            return Ok(());
        }
        let mut columns = Vec::new();
        for (start, results) in by_start.iter().enumerate() {
            let start = (self.layout.starts > 0).then_some(start);
            let mut add = |dataset, values: Box<dyn Fn(Range<usize>) -> Values + Sync>| {
                columns.push(Column { dataset, start, values });
            };
            for ((c, number), dataset) in COLUMNS.iter().zip(NUMBERS).zip(&self.numbers) {
                let double = is_double(&self.layout, c);
                add(dataset, Box::new(move |of| numbers(results[of].iter().map(number), double)));
            }
            add(&self.outcome, Box::new(|of| small(results[of].iter().map(|a| a.outcome as u8))));
            add(&self.certificate, Box::new(|of| small(results[of].iter().map(certificate_code))));
        }
        write_box(&self.chunks, place, &columns)
    }

    /// Writes the derived columns of one box: the attractors of each cell over all its starts.
    pub(super) fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> hdf5::Result<()> {
        self.sum.add_attractors(cells);
        let ([count, coexist, largest], true) = (&self.derived[..], self.layout.elsewhere.is_empty()) else {
            return Ok(());
        };
        let column = |dataset, values| Column { dataset, start: None, values };
        let known = |v: Option<u8>| v.unwrap_or(NO_OUTCOME);
        let double = self.layout.double;
        let columns = [
            column(count, Box::new(|of| small(cells[of].iter().map(|c| known(c.count))))),
            column(coexist, Box::new(|of| small(cells[of].iter().map(|c| known(c.coexist.map(u8::from)))))),
            column(largest, Box::new(|of| numbers(cells[of].iter().map(|c| c.largest_span), double))),
        ];
        write_box(&self.chunks, place, &columns)
    }

    /// Writes the number of the engine that computed a box, if there is a column for it.
    pub(super) fn write_computed_by(&mut self, place: &GridBox, engine: u8) -> hdf5::Result<()> {
        let Some(dataset) = &self.computed_by else { return Ok(()) };
        self.sum.add_computed_by(place.cells, engine);
        let values = Box::new(|of| small(std::iter::repeat_n(engine, ExactSizeIterator::len(&of))));
        write_box(&self.chunks, place, &[Column { dataset, start: None, values }])
    }

    /// The column with the number of the engine that computed each cell, if there is one.
    pub(super) fn computed_by(&self) -> Option<&Dataset> {
        self.computed_by.as_ref()
    }
}

/// Creates a column with name and long name, with or without the dimension of the starts.
fn make<T: H5Type + Into<hdf5::types::OwnedDynValue>>(
    group: &Group,
    [name, long_name]: [&str; 2],
    layout: &Layout,
    by_start: bool,
    fill: T,
) -> hdf5::Result<Dataset> {
    let before = |n: usize, v: &[usize]| if by_start { [&[n], v].concat() } else { v.to_vec() };
    let shape = before(layout.starts, &layout.shape);
    let builder = new_dataset(group).empty::<T>().fill_value(fill).shape(&shape);
    let dataset = if layout.elsewhere.is_empty() {
        builder.chunk(before(1, &layout.chunk)).shuffle().deflate(DEFLATE).create(name)?
    } else {
        // Maps the complete box of each file to its position.
        let place = |builder: hdf5::DatasetBuilderEmptyShape, (file, place): &(String, GridBox)| {
            let there = before(layout.starts, &sizes(&place.count));
            let here = slab(&before(0, &sizes(&place.start)), &there);
            let extents = |s: &[usize]| Extents::from(s.to_vec());
            builder.virtual_map(
                source(file),
                name,
                extents(&there),
                Selection::All,
                extents(&shape),
                Selection::from(here),
            )
        };
        layout.elsewhere.iter().fold(builder, place).create(name)?
    };
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    if !layout.coordinates.is_empty() {
        text(&dataset, "coordinates", &layout.coordinates)?;
    }
    Ok(dataset)
}

/// Creates a column of numbers, with NaN as the fill value.
fn make_numbers(
    group: &Group,
    names: [&str; 2],
    layout: &Layout,
    by_start: bool,
    double: bool,
) -> hdf5::Result<Dataset> {
    if double {
        let dataset = make(group, names, layout, by_start, f64::NAN)?;
        number(&dataset, "_FillValue", f64::NAN)?;
        Ok(dataset)
    } else {
        let dataset = make(group, names, layout, by_start, f32::NAN)?;
        number(&dataset, "_FillValue", f32::NAN)?;
        Ok(dataset)
    }
}

/// Writes CF flag meanings for the numbers in a column of outcomes.
pub(super) fn name_outcomes(dataset: &Dataset) -> hdf5::Result<()> {
    let values: Vec<u8> = Outcome::ALL.iter().map(|o| *o as u8).collect();
    let meanings: Vec<_> = Outcome::ALL.iter().map(|o| o.name()).collect();
    name_flags(dataset, &values, &meanings)
}

/// Writes CF flag meanings for the numbers in a column of certificates.
fn name_certificates(dataset: &Dataset) -> hdf5::Result<()> {
    let values: Vec<u8> = Certificate::ALL.iter().map(|c| *c as u8).collect();
    let meanings: Vec<_> = Certificate::ALL.iter().map(|c| c.name()).collect();
    name_flags(dataset, &values, &meanings)
}
