//! The columns of a file, whole or of one part: made, filled box by box, and read back.

use super::answer_sum::AnswerSum;
use super::hdf5_file::{dataset_or_virtual, new_dataset};
pub(super) use super::netcdf::name_flags;
use super::netcdf::{number, read_number, text};
use super::schema::NO_OUTCOME;
use super::virtual_parts::source;
use crate::cancel::CancelToken;
use crate::grid::{Boxes, GridBox};
use crate::results::{Attractors, COLUMNS, CellResult, Column, DERIVED, OUTCOME, Outcome, Storage};
use hdf5::{Dataset, Extents, Group, H5Type, Hyperslab, Selection, SliceOrIndex};
use ndarray::{ArrayD, IxDyn};

/// Deflate level: the least already takes most of the gain and keeps up with the disk.
const DEFLATE: u8 = 1;
/// Cells that are read back at a time.
const AT_ONCE: u64 = 1 << 16;
/// Column that says which engine computed a cell, where there were several.
pub(super) const COMPUTED_BY: &str = "computed_by";

/// How columns lie on disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Number of starts where there are several, else 0: one more dimension, before the axes.
    pub starts: usize,
    /// Extent along each axis.
    pub shape: Vec<usize>,
    /// Shape of the chunks.
    pub chunk: Vec<usize>,
    /// Names of scalar coordinates, for CF.
    pub coordinates: String,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Where the values lie if not here: files with the boxes they hold.
    pub elsewhere: Vec<(String, GridBox)>,
    /// Whether there is a column that says which engine computed a cell.
    pub computed_by: bool,
}

/// Columns that are open.
#[derive(Debug)]
pub(super) struct Columns {
    numbers: Vec<Dataset>,
    outcome: Dataset,
    /// In the order of [`DERIVED`]; none where there is one start.
    derived: Vec<Dataset>,
    computed_by: Option<Dataset>,
    layout: Layout,
    /// What has been written so far.
    sum: AnswerSum,
}

pub(super) fn sizes(dims: &[u64]) -> Vec<usize> {
    dims.iter().map(|&n| n as usize).collect()
}

fn is_double(layout: &Layout, c: &Column) -> bool {
    layout.double && c.kind == Storage::Computed
}

/// The box of this shape whose corner lies there.
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

/// Reads one start of a box of a column of numbers.
pub(super) fn get(dataset: &Dataset, start: Option<usize>, place: &GridBox) -> hdf5::Result<Vec<f64>> {
    let (corner, shape) = with_start(start, place);
    let read = dataset.as_reader().read_slice::<f64, _, IxDyn>(slab(&corner, &shape))?;
    Ok(read.iter().copied().collect())
}

/// Corner and shape of a box, with the dimension of the starts before the axes where there is one.
fn with_start(start: Option<usize>, place: &GridBox) -> (Vec<usize>, Vec<usize>) {
    let (mut corner, mut shape) = (sizes(&place.start), sizes(&place.count));
    if let Some(start) = start {
        corner.insert(0, start);
        shape.insert(0, 1);
    }
    (corner, shape)
}

impl Columns {
    /// Makes them in a file or group.
    pub fn create(group: &Group, layout: Layout) -> hdf5::Result<Self> {
        let several = layout.starts > 0;
        let mut numbers = Vec::new();
        for c in COLUMNS {
            let double = is_double(&layout, c);
            numbers.push(make_numbers(group, [c.name, c.long_name], &layout, several, double)?);
        }
        let outcome = make(group, [OUTCOME.0, OUTCOME.1], &layout, several, NO_OUTCOME)?;
        name_outcomes(&outcome)?;
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
            // Few numbers in long runs: it stays here, also where the rest lies elsewhere.
            true => Some(make(group, engine, &Layout { elsewhere: Vec::new(), ..layout.clone() }, false, NO_OUTCOME)?),
            false => None,
        };
        let sum = AnswerSum::new(layout.starts, layout.double);
        Ok(Self { numbers, outcome, derived, computed_by, layout, sum })
    }

    /// What has been written so far, for a comparison with what is read back.
    pub fn sum(&self) -> &AnswerSum {
        &self.sum
    }

    /// Writes the answers of one box of cells, by start; nothing where the values lie elsewhere. Boxes come in order.
    pub fn write(&mut self, place: &GridBox, by_start: &[Vec<CellResult>]) -> hdf5::Result<()> {
        self.sum.add(place.first, by_start)?;
        if !self.layout.elsewhere.is_empty() {
            return Ok(());
        }
        for (start, answers) in by_start.iter().enumerate() {
            let (corner, shape) = with_start((self.layout.starts > 0).then_some(start), place);
            for (i, (c, dataset)) in COLUMNS.iter().zip(&self.numbers).enumerate() {
                let numbers = answers.iter().map(|a| a.numbers()[i]);
                if is_double(&self.layout, c) {
                    put(dataset, &corner, &shape, numbers.collect())?;
                } else {
                    put(dataset, &corner, &shape, numbers.map(|v| v as f32).collect())?;
                }
            }
            put(&self.outcome, &corner, &shape, answers.iter().map(|a| a.outcome as u8).collect())?;
        }
        Ok(())
    }

    /// Writes what the starts of one box's cells say together.
    pub fn write_attractors(&mut self, place: &GridBox, cells: &[Attractors]) -> hdf5::Result<()> {
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

    /// Writes which engine computed a box, where there is a column for it.
    pub fn write_computed_by(&mut self, place: &GridBox, engine: u8) -> hdf5::Result<()> {
        let Some(dataset) = &self.computed_by else { return Ok(()) };
        self.sum.add_computed_by(place.cells, engine);
        let (corner, shape) = with_start(None, place);
        put(dataset, &corner, &shape, vec![engine; place.cells as usize])
    }

    /// The column that says which engine computed a cell.
    pub fn computed_by(&self) -> Option<&Dataset> {
        self.computed_by.as_ref()
    }
}

/// Checks that all columns are there in these shapes, and that their values lie in this file, or in those of `sources` as a
/// virtual map's do. Done once when a file is opened; reading relies on it.
pub(super) fn check_columns(group: &Group, starts: usize, shape: &[usize], sources: &[String]) -> hdf5::Result<()> {
    let all = if starts > 0 { [&[starts], shape].concat() } else { shape.to_vec() };
    let check = |name: &str, due: &[usize]| match dataset_or_virtual(group, name, sources)?.shape() == due {
        true => Ok(()),
        false => Err(hdf5::Error::from(format!("its axes do not fit its column {name}"))),
    };
    COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0]).try_for_each(|name| check(name, &all))?;
    let derived = DERIVED.iter().map(|d| d.0).filter(|_| starts > 0);
    let by_engine = [COMPUTED_BY].into_iter().filter(|name| group.link_exists(name));
    derived.chain(by_engine).try_for_each(|name| check(name, shape))
}

/// Checks that a map's columns hold the numbers themselves: no program has packed them, or marked what is missing in another way.
pub(super) fn check_encoding(group: &Group) -> Result<(), (String, &'static str)> {
    let numbers = COLUMNS.iter().map(|c| c.name).chain([DERIVED[2].0]).filter(|name| group.link_exists(name));
    for name in numbers.chain([OUTCOME.0]) {
        let Ok(dataset) = group.dataset(name) else { continue };
        if ["scale_factor", "add_offset"].iter().any(|a| dataset.attr(a).is_ok()) {
            return Err((format!("has packed its column {name}"), "unpack it: ncpdq -P upk FILE NEW_FILE"));
        }
        for attribute in ["_FillValue", "missing_value"] {
            let marker = read_number::<f64>(&dataset, attribute).unwrap_or(f64::NAN);
            if !marker.is_nan() && (name != OUTCOME.0 || marker != f64::from(NO_OUTCOME)) {
                let problem = format!("marks what its column {name} misses with {marker}, and hopfmap with NaN");
                return Err((problem, "write it with NaN as fill value"));
            }
        }
    }
    Ok(())
}

/// Reads the answers of a box from the columns of a file, by start (0 starts: there is one, and no dimension for it).
pub(super) fn read_answers(group: &Group, starts: usize, place: &GridBox) -> hdf5::Result<Vec<Vec<CellResult>>> {
    let mut by_start = Vec::new();
    for start in 0..starts.max(1) {
        let start = (starts > 0).then_some(start);
        let outcomes = get(&group.dataset(OUTCOME.0)?, start, place)?;
        let mut numbers = Vec::new();
        for c in COLUMNS {
            numbers.push(get(&group.dataset(c.name)?, start, place)?);
        }
        let mut answers = Vec::with_capacity(outcomes.len());
        for (i, o) in outcomes.iter().enumerate() {
            let outcome =
                Outcome::from_f64(*o).ok_or_else(|| hdf5::Error::from(format!("the outcome {o} of a cell is none")))?;
            answers.push(CellResult::new(std::array::from_fn(|c| numbers[c][i]), outcome));
        }
        by_start.push(answers);
    }
    Ok(by_start)
}

/// Reads what the starts of a box's cells say together.
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

/// Reads which engine computed the cells of a box.
pub(super) fn read_computed_by(group: &Group, place: &GridBox) -> hdf5::Result<Vec<f64>> {
    get(&group.dataset(COMPUTED_BY)?, None, place)
}

/// Compares the columns of a file with what was handed over; the reason if they differ.
pub(super) fn compare_columns(
    group: &Group,
    shape: &[u64],
    expected: &AnswerSum,
    stop: &CancelToken,
) -> Result<(), String> {
    let starts = expected.starts();
    let unreadable = |e: hdf5::Error| format!("its cells cannot be read back ({e})");
    let mut there = expected.emptied();
    let by_engine = group.link_exists(COMPUTED_BY);
    for piece in Boxes::new(shape.to_vec(), AT_ONCE).iter() {
        if stop.is_cancelled() {
            // Whoever asked finds out from the flag.
            return Ok(());
        }
        there.add(piece.first, &read_answers(group, starts, &piece).map_err(unreadable)?)?;
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

/// Makes a column: name and long name, with the dimension of the starts or without.
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
        // Each file's box, whole, into its place.
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

/// A column of numbers, NaN where there is none.
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

/// CF's names of the numbers in a column of outcomes.
pub(super) fn name_outcomes(dataset: &Dataset) -> hdf5::Result<()> {
    let values: Vec<u8> = Outcome::ALL.iter().map(|o| *o as u8).collect();
    let meanings: Vec<_> = Outcome::ALL.iter().map(|o| o.name()).collect();
    name_flags(dataset, &values, &meanings)
}
