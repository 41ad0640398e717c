//! The columns of a map or of one part: created, and written box by box. `column_reading` reads them.

use super::box_shape::{lengths, sizes, slab};
use super::chunk_reading::StoredBox;
use super::chunks::{PackedBox, pack_box, write_box};
use super::hdf5_file::new_dataset;
pub(super) use super::netcdf::name_flags;
use super::netcdf::{number, text};
use super::packing::{Kind, Values};
use super::result_sum::ResultSum;
use super::schema::NO_OUTCOME;
use super::virtual_parts::source;
use super::zlib_stream::DEFLATE;
use crate::grid::{Boxes, GridBox};
use crate::results::{
    self, Attractors, CERTIFICATE, COLUMNS, CellResult, Certificate, DERIVED, MARGINS, OUTCOME, Outcome, Storage,
};
use hdf5::{Dataset, Extents, Group, H5Type, Selection};
use std::ops::Range;

/// Column with the number of the engine that computed each cell, if there were several.
pub(super) const COMPUTED_BY: &str = "computed_by";

/// Number of cells whose numbers are put into columns together.
const AT_ONCE: usize = 64;
/// What the columns of bytes hold of a result: outcome and certificate.
const CODES: [fn(&CellResult) -> u8; 2] = [|result| result.outcome as u8, certificate_code];

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
    /// Whether there are columns of margins.
    pub margins: bool,
    /// Columns that were asked for, as name and long name.
    pub optional: Vec<(&'static str, &'static str)>,
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
    /// Columns in the order of [`MARGINS`]; empty if there are none.
    margins: Vec<Dataset>,
    /// Columns that were asked for.
    optional: Vec<Dataset>,
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

/// Puts the values of each column of results into `columns`, in the order of the columns.
fn by_column(results: &[CellResult], doubles: &[bool], columns: &mut Vec<Values>) {
    let fits = |(column, double): (&Values, &bool)| matches!(column, Values::Double(_)) == *double;
    if columns.len() != doubles.len() + CODES.len() || !columns.iter().zip(doubles).all(fits) {
        let numbers =
            doubles.iter().map(|double| if *double { Values::Double(vec![]) } else { Values::Single(vec![]) });
        *columns = numbers.chain(CODES.map(|_| Values::Small(vec![]))).collect();
    }
    columns.iter_mut().for_each(Values::clear);
    // Some cells at a time, so that they stay in the fastest memory for all columns.
    for some in results.chunks(AT_ONCE) {
        let mut rows = [[0.0; COLUMNS.len()]; AT_ONCE];
        rows.iter_mut().zip(some).for_each(|(row, result)| *row = result.numbers());
        let rows = &rows[..some.len()];
        for (number, column) in columns.iter_mut().enumerate() {
            match column {
                Values::Single(values) => values.extend(rows.iter().map(|row| row[number] as f32)),
                Values::Double(values) => values.extend(rows.iter().map(|row| row[number])),
                Values::Small(values) => {
                    if let Some(code) = number.checked_sub(doubles.len()).and_then(|n| CODES.get(n)) {
                        values.extend(some.iter().map(code));
                    }
                }
            }
        }
    }
}

impl Layout {
    /// The chunks of each column.
    fn chunks(&self) -> Result<Boxes, String> {
        let chunks = Boxes::chunks(lengths(&self.shape), &lengths(&self.chunk));
        chunks.ok_or_else(|| format!("chunks of {:?} cells are not consecutive ones", self.chunk))
    }

    /// Packs the results of one box of cells, by start.
    pub(super) fn pack(&self, place: &GridBox, by_start: &[Vec<CellResult>]) -> Result<Vec<PackedBox>, String> {
        let doubles: Vec<bool> = COLUMNS.iter().map(|c| is_double(self, c)).collect();
        let chunks = self.chunks()?;
        let pack = |results: &Vec<CellResult>| {
            let of = |cells: Range<usize>| results.get(cells).unwrap_or_default();
            pack_box(&chunks, place, |cells, columns| by_column(of(cells), &doubles, columns))
        };
        by_start.iter().map(pack).collect()
    }
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
        number(&certificate, "_FillValue", NO_OUTCOME)?;
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
        // What is known of the whole map alone is stored here even if the other columns are in other files.
        let here = Layout { elsewhere: Vec::new(), ..layout.clone() };
        let computed_by = match layout.computed_by {
            true => Some(make(group, engine, &here, false, NO_OUTCOME)?),
            false => None,
        };
        let of_margins = MARGINS.iter().filter(|_| layout.margins);
        let margins = of_margins.map(|(name, long_name)| make_numbers(group, [name, long_name], &here, false, false));
        let margins = margins.collect::<hdf5::Result<_>>()?;
        let optional = layout.optional.iter();
        let optional = optional.map(|(name, long_name)| make_numbers(group, [name, long_name], &layout, several, true));
        let optional = optional.collect::<hdf5::Result<_>>()?;
        let sum = ResultSum::new(layout.starts, layout.double);
        let chunks = layout.chunks()?;
        Ok(Self { numbers, outcome, certificate, derived, computed_by, margins, optional, layout, chunks, sum })
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
        self.write_packed(self.layout.pack(place, by_start)?)
    }

    /// Writes the results of one box of cells, by start, with the chunks in which a part stores them: those are packed
    /// already, and are taken as they are if the map has the same chunks.
    pub(super) fn write_stored(
        &mut self,
        place: &GridBox,
        by_start: &[Vec<CellResult>],
        stored: Vec<StoredBox>,
    ) -> hdf5::Result<()> {
        let kinds: Vec<Kind> = COLUMNS
            .iter()
            .map(|c| if is_double(&self.layout, c) { Kind::Double } else { Kind::Single })
            .chain([Kind::Small; 2])
            .collect();
        let fit = stored.len() == by_start.len() && stored.iter().all(|stored| stored.kinds == kinds);
        let packed = stored.into_iter().map(|stored| PackedBox::from_stored(&self.chunks, place, stored));
        match packed.collect::<Option<Vec<_>>>().filter(|_| fit && self.layout.elsewhere.is_empty()) {
            Some(packed) => {
                self.sum.add(place.first, by_start)?;
                self.write_packed(packed)
            }
            None => self.write(place, by_start),
        }
    }

    /// Writes the packed results of one box of cells, by start, and leaves the checksums as they are.
    pub(super) fn write_packed(&self, by_start: Vec<PackedBox>) -> hdf5::Result<()> {
        let columns: Vec<&Dataset> = self.numbers.iter().chain([&self.outcome, &self.certificate]).collect();
        let start = |number| (self.layout.starts > 0).then_some(number);
        (by_start.into_iter().enumerate()).try_for_each(|(number, packed)| write_box(&columns, start(number), packed))
    }

    /// Writes the derived columns of one box: the attractors of each cell over all its starts.
    pub(super) fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> hdf5::Result<()> {
        self.sum.add_attractors(cells);
        let ([count, coexist, largest], true) = (&self.derived[..], self.layout.elsewhere.is_empty()) else {
            return Ok(());
        };
        let known = |v: Option<u8>| v.unwrap_or(NO_OUTCOME);
        let double = self.layout.double;
        let packed = pack_box(&self.chunks, place, |of, values| {
            let cells = cells.get(of).unwrap_or_default();
            *values = vec![
                small(cells.iter().map(|c| known(c.count))),
                small(cells.iter().map(|c| known(c.coexist.map(u8::from)))),
                numbers(cells.iter().map(|c| c.largest_span), double),
            ];
        })?;
        write_box(&[count, coexist, largest], None, packed)
    }

    /// Writes the number of the engine that computed a box, if there is a column for it.
    pub(super) fn write_computed_by(&mut self, place: &GridBox, engine: u8) -> hdf5::Result<()> {
        let Some(dataset) = &self.computed_by else { return Ok(()) };
        self.sum.add_computed_by(&vec![engine; place.cells as usize]);
        let fill = |of: Range<usize>, values: &mut Vec<Values>| *values = vec![Values::Small(vec![engine; of.len()])];
        write_box(&[dataset], None, pack_box(&self.chunks, place, fill)?)
    }

    /// Writes the margins of one box's cells, if there are columns for them; boxes must come in order.
    pub(super) fn write_margins(&mut self, place: &GridBox, cells: &[[f64; 2]]) -> hdf5::Result<()> {
        let columns: Vec<&Dataset> = self.margins.iter().collect();
        if columns.is_empty() {
            return Ok(());
        }
        self.sum.add_margins(cells);
        let packed = pack_box(&self.chunks, place, |of, values| {
            let cells = cells.get(of).unwrap_or_default();
            *values = [0, 1].map(|i| numbers(cells.iter().map(|c| c[i]), false)).to_vec();
        })?;
        write_box(&columns, None, packed)
    }

    /// Writes the columns that were asked for, of one box: by start, then by column; boxes must come in order.
    ///
    /// Only checksums are updated if the values are in other files.
    pub(super) fn write_optional(&mut self, place: &GridBox, by_start: &[Vec<Vec<f64>>]) -> hdf5::Result<()> {
        if self.optional.is_empty() {
            return Ok(());
        }
        self.sum.add_optional(by_start);
        if !self.layout.elsewhere.is_empty() {
            return Ok(());
        }
        let columns: Vec<&Dataset> = self.optional.iter().collect();
        for (start, of_start) in by_start.iter().enumerate() {
            let packed = pack_box(&self.chunks, place, |of, values| {
                let some = |column: &Vec<f64>| column.get(of.clone()).unwrap_or_default().to_vec();
                *values = of_start.iter().map(|column| Values::Double(some(column))).collect();
            })?;
            write_box(&columns, (self.layout.starts > 0).then_some(start), packed)?;
        }
        Ok(())
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
