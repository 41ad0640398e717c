//! The columns of a map or of one part: created, written box by box, and read back.

use super::hdf5_file::{dataset_or_virtual, new_dataset};
pub(super) use super::netcdf::name_flags;
use super::netcdf::{number, read_number, text};
use super::result_sum::ResultSum;
use super::schema::NO_OUTCOME;
use super::virtual_parts::source;
use crate::cancel::CancelToken;
use crate::grid::{Boxes, GridBox};
use crate::results::{
    Attractors, CERTIFICATE, COLUMNS, CellResult, Certificate, Column, DERIVED, LARGEST_SPAN, OUTCOME, Outcome,
    Storage, first_layout,
};
use hdf5::{Dataset, Extents, Group, H5Type, Hyperslab, Selection, SliceOrIndex};
use ndarray::{ArrayD, IxDyn};

/// Deflate level: the lowest already gives most of the gain and keeps up with the disk.
const DEFLATE: u8 = 1;
/// Number of cells read back at a time.
const AT_ONCE: u64 = 1 << 16;
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
    /// Checksums of what has been written so far.
    sum: ResultSum,
}

/// The number of a result's certificate in its column.
pub(super) fn certificate_code(result: &CellResult) -> u8 {
    result.certificate.map_or(NO_OUTCOME, |c| c as u8)
}

pub(super) fn sizes(dims: &[u64]) -> Vec<usize> {
    dims.iter().map(|&n| n as usize).collect()
}

fn is_double(layout: &Layout, c: &Column) -> bool {
    layout.double && c.kind == Storage::Computed
}

/// The hyperslab of this shape at this corner.
fn slab(corner: &[usize], shape: &[usize]) -> Hyperslab {
    (corner.iter().zip(shape))
        .map(|(&start, &count)| SliceOrIndex::SliceCount { start, step: 1, count, block: 1 })
        .collect::<Vec<_>>()
        .into()
}

fn put<T: H5Type>(dataset: &Dataset, corner: &[usize], shape: &[usize], values: Vec<T>) -> hdf5::Result<()> {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|e| hdf5::Error::from(e.to_string()))?;
    dataset.write_slice(array.view(), slab(corner, shape))
}

/// Reads one start of a box from a column of numbers.
pub(super) fn get(dataset: &Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Vec<f64>> {
    let (corner, shape) = with_start(start, place);
    let read = dataset.as_reader().read_slice::<f64, _, IxDyn>(slab(&corner, &shape))?;
    Ok(read.iter().copied().collect())
}

/// Corner and shape of a box, with a dimension for the start before the axes if there is one.
fn with_start(start: Option<usize>, place: &GridBox) -> (Vec<usize>, Vec<usize>) {
    let (mut corner, mut shape) = (sizes(&place.start), sizes(&place.count));
    if let Some(start) = start {
        corner.insert(0, start);
        shape.insert(0, 1);
    }
    (corner, shape)
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
        Ok(Self { numbers, outcome, certificate, derived, computed_by, layout, sum })
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
        for (start, results) in by_start.iter().enumerate() {
            let (corner, shape) = with_start((self.layout.starts > 0).then_some(start), place);
            for (i, (c, dataset)) in COLUMNS.iter().zip(&self.numbers).enumerate() {
                let numbers = results.iter().map(|a| a.numbers()[i]);
                if is_double(&self.layout, c) {
                    put(dataset, &corner, &shape, numbers.collect())?;
                } else {
                    put(dataset, &corner, &shape, numbers.map(|v| v as f32).collect())?;
                }
            }
            put(&self.outcome, &corner, &shape, results.iter().map(|a| a.outcome as u8).collect())?;
            put(&self.certificate, &corner, &shape, results.iter().map(certificate_code).collect())?;
        }
        Ok(())
    }

    /// Writes the derived columns of one box: the attractors of each cell over all its starts.
    pub(super) fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> hdf5::Result<()> {
        self.sum.add_attractors(cells);
        let ([count, coexist, largest], true) = (&self.derived[..], self.layout.elsewhere.is_empty()) else {
            return Ok(());
        };
        let (corner, shape) = with_start(None, place);
        let known = |v: Option<u8>| v.unwrap_or(NO_OUTCOME);
        put(count, &corner, &shape, cells.iter().map(|c| known(c.count)).collect())?;
        put(coexist, &corner, &shape, cells.iter().map(|c| known(c.coexist.map(u8::from))).collect())?;
        let spans = cells.iter().map(|c| c.largest_span);
        match self.layout.double {
            true => put(largest, &corner, &shape, spans.collect()),
            false => put(largest, &corner, &shape, spans.map(|v| v as f32).collect()),
        }
    }

    /// Writes the number of the engine that computed a box, if there is a column for it.
    pub(super) fn write_computed_by(&mut self, place: &GridBox, engine: u8) -> hdf5::Result<()> {
        let Some(dataset) = &self.computed_by else { return Ok(()) };
        self.sum.add_computed_by(place.cells, engine);
        let (corner, shape) = with_start(None, place);
        put(dataset, &corner, &shape, vec![engine; place.cells as usize])
    }

    /// The column with the number of the engine that computed each cell, if there is one.
    pub(super) fn computed_by(&self) -> Option<&Dataset> {
        self.computed_by.as_ref()
    }
}

/// Checks that all columns exist with these shapes, and that their values are in this file or in
/// `sources`.
///
/// `sources` are the files of a virtual map. This is checked once, when a file is opened; reading
/// relies on it.
pub(super) fn check_columns(
    group: &Group,
    schema: u32,
    starts: usize,
    shape: &[usize],
    sources: &[String],
) -> hdf5::Result<()> {
    let all = if starts > 0 { [&[starts], shape].concat() } else { shape.to_vec() };
    let check = |name: &str, due: &[usize]| match dataset_or_virtual(group, name, sources)?.shape() == due {
        true => Ok(()),
        false => Err(hdf5::Error::from(format!("its axes do not fit its column {name}"))),
    };
    let names = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0, CERTIFICATE.0]);
    // Files of older layouts lack some columns.
    let due = names.filter(|name| schema >= first_layout(name) || group.link_exists(name));
    due.into_iter().try_for_each(|name| check(name, &all))?;
    let derived = DERIVED.iter().map(|d| d.0).filter(|_| starts > 0);
    let by_engine = [COMPUTED_BY].into_iter().filter(|name| group.link_exists(name));
    derived.chain(by_engine).try_for_each(|name| check(name, shape))
}

/// Checks that a map's columns are not packed and mark missing values as hopfmap does.
///
/// The error is a problem and its remedy.
pub(super) fn check_encoding(group: &Group) -> Result<(), (String, &'static str)> {
    let numbers = COLUMNS.iter().map(|c| c.name).chain([LARGEST_SPAN]).filter(|name| group.link_exists(name));
    for name in numbers.chain([OUTCOME.0, CERTIFICATE.0]) {
        let Ok(dataset) = group.dataset(name) else { continue };
        if ["scale_factor", "add_offset"].iter().any(|a| dataset.attr(a).is_ok()) {
            return Err((format!("has packed its column {name}"), "unpack it: ncpdq -P upk FILE NEW_FILE"));
        }
        for attribute in ["_FillValue", "missing_value"] {
            let marker = read_number::<f64>(&dataset, attribute).unwrap_or(f64::NAN);
            if !marker.is_nan() && (![OUTCOME.0, CERTIFICATE.0].contains(&name) || marker != f64::from(NO_OUTCOME)) {
                let problem = format!("marks what its column {name} misses with {marker}, and hopfmap with NaN");
                return Err((problem, "write it with NaN as fill value"));
            }
        }
    }
    Ok(())
}

/// Reads the results of a box from the columns of a file, by start.
///
/// `starts` is 0 if there is one start and no dimension for it.
pub(super) fn read_results(group: &Group, starts: usize, place: &GridBox) -> hdf5::Result<Vec<Vec<CellResult>>> {
    let mut by_start = Vec::new();
    for start in 0..starts.max(1) {
        let start = (starts > 0).then_some(start);
        let outcomes = get(&group.dataset(OUTCOME.0)?, start, place)?;
        let mut numbers = Vec::new();
        // A column that an older layout lacks has no values.
        let optional = |name: &str| match group.link_exists(name) {
            true => get(&group.dataset(name)?, start, place),
            false => Ok(vec![f64::NAN; outcomes.len()]),
        };
        for c in COLUMNS {
            numbers.push(optional(c.name)?);
        }
        let certificates = optional(CERTIFICATE.0)?;
        let mut results = Vec::with_capacity(outcomes.len());
        for (i, o) in outcomes.iter().enumerate() {
            let outcome =
                Outcome::from_f64(*o).ok_or_else(|| hdf5::Error::from(format!("the outcome {o} of a cell is none")))?;
            let result = CellResult::new(std::array::from_fn(|c| numbers[c][i]), outcome);
            results.push(CellResult { certificate: certificate_of(certificates[i])?, ..result });
        }
        by_start.push(results);
    }
    Ok(by_start)
}

/// The certificate of this number in its column; an error if there is none of this number.
pub(super) fn certificate_of(number: f64) -> hdf5::Result<Option<Certificate>> {
    if number.is_nan() || number == f64::from(NO_OUTCOME) {
        return Ok(None);
    }
    let found = Certificate::ALL.into_iter().find(|c| f64::from(*c as u32) == number);
    found.map(Some).ok_or_else(|| format!("the certificate {number} of a cell is none").into())
}

/// Reads the attractors of a box's cells from the derived columns.
pub(super) fn read_attractors(group: &Group, place: &GridBox) -> hdf5::Result<Vec<Attractors>> {
    let [count, coexist, largest] = DERIVED.map(|d| group.dataset(d.0).and_then(|d| get(&d, None, place)));
    let known = |v: f64| (v != f64::from(NO_OUTCOME)).then_some(v as u8);
    let both = count?.into_iter().zip(coexist?).zip(largest?);
    Ok(both
        .map(|((count, coexist), largest_span)| Attractors {
            count: known(count),
            coexist: known(coexist).map(|c| c == 1),
            largest_span,
        })
        .collect())
}

/// Reads the number of the engine that computed each cell of a box.
pub(super) fn read_computed_by(group: &Group, place: &GridBox) -> hdf5::Result<Vec<f64>> {
    get(&group.dataset(COMPUTED_BY)?, None, place)
}

/// Compares the columns of a file with what was written; the error is the reason if they differ.
pub(super) fn compare_columns(
    group: &Group,
    shape: &[u64],
    expected: &ResultSum,
    stop: &CancelToken,
) -> Result<(), String> {
    let starts = expected.starts();
    let unreadable = |e: hdf5::Error| format!("its cells cannot be read back ({e})");
    let mut there = expected.emptied();
    let by_engine = group.link_exists(COMPUTED_BY);
    for piece in Boxes::new(shape.to_vec(), AT_ONCE).iter() {
        if stop.is_cancelled() {
            // The caller checks the flag.
            return Ok(());
        }
        there.add(piece.first, &read_results(group, starts, &piece).map_err(unreadable)?)?;
        if starts > 0 {
            there.add_attractors(&read_attractors(group, &piece).map_err(unreadable)?);
        }
        if by_engine {
            let engines = read_computed_by(group, &piece).map_err(unreadable)?;
            engines.iter().for_each(|e| there.add_computed_by(1, *e as u8));
        }
    }
    expected.compare(&there)
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
