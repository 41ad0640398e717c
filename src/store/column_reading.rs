//! The columns of a map or of one part, read back: checked, box by box, and compared with what was written.

use super::chunk_reading::{StoredBox, look_at_box, read_box, read_stored_box};
use super::columns::COMPUTED_BY;
use super::hdf5_file::dataset_or_virtual;
use super::netcdf::read_number;
use super::result_sum::ResultSum;
use super::schema::NO_OUTCOME;
use crate::cancel::CancelToken;
use crate::grid::{Boxes, GridBox};
use crate::results::{
    Attractors, CERTIFICATE, COLUMNS, CellResult, Certificate, DERIVED, LARGEST_SPAN, MARGINS, OUTCOME, Outcome,
    first_layout, optional_columns,
};
use hdf5::{Dataset, Group};
use rayon::prelude::*;

/// Number of cells read back at a time.
const AT_ONCE: u64 = 1 << 16;
/// Number of cells that one thread puts together from columns.
const TOGETHER: usize = 1 << 10;

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
    let optional = optional_columns().map(|o| o.0).filter(|name| group.link_exists(name));
    optional.into_iter().try_for_each(|name| check(name, &all))?;
    let derived = DERIVED.iter().map(|d| d.0).filter(|_| starts > 0);
    let by_engine = [COMPUTED_BY].into_iter().filter(|name| group.link_exists(name));
    let margins = MARGINS.iter().map(|m| m.0).filter(|name| group.link_exists(name));
    derived.chain(by_engine).chain(margins).try_for_each(|name| check(name, shape))
}

/// Checks that a map's columns are not packed and mark missing values as hopfmap does.
///
/// The error is a problem and its remedy.
pub(super) fn check_encoding(group: &Group) -> Result<(), (String, &'static str)> {
    let asked_for = optional_columns().map(|o| o.0);
    let optional = [LARGEST_SPAN].into_iter().chain(MARGINS.iter().map(|m| m.0)).chain(asked_for);
    let numbers = COLUMNS.iter().map(|c| c.name).chain(optional).filter(|name| group.link_exists(name));
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

/// The columns of a cell's results: the numbers, the outcome, and the certificate; `None` where an older layout lacks one.
fn open_columns(group: &Group) -> hdf5::Result<Vec<Option<Dataset>>> {
    let names = COLUMNS.iter().map(|c| c.name).chain([OUTCOME.0, CERTIFICATE.0]);
    let open = |name| match name == OUTCOME.0 || group.link_exists(name) {
        true => Ok(Some(group.dataset(name)?)),
        false => Ok(None),
    };
    names.map(open).collect()
}

/// Columns with the number of the start that is read, if they have a dimension for it.
fn of_start(columns: &[Option<Dataset>], starts: usize, start: usize) -> Vec<(Dataset, Option<usize>)> {
    columns.iter().flatten().map(|dataset| (dataset.clone(), (starts > 0).then_some(start))).collect()
}

/// Reads the results of a box from the columns of a file, by start.
///
/// `starts` is 0 if there is one start and no dimension for it.
pub(super) fn read_results(group: &Group, starts: usize, place: &GridBox) -> hdf5::Result<Vec<Vec<CellResult>>> {
    Ok(read_stored_results(group, starts, place)?.into_iter().map(|(results, _)| results).collect())
}

/// Reads the results of a box by start, each with its columns as they are stored, if that is in hopfmap's way.
pub(super) fn read_stored_results(
    group: &Group,
    starts: usize,
    place: &GridBox,
) -> hdf5::Result<Vec<(Vec<CellResult>, Option<StoredBox>)>> {
    let open = open_columns(group)?;
    let missing = || vec![f64::NAN; place.cells as usize];
    let results = |start| {
        let (read, stored) = read_stored_box(&of_start(&open, starts, start), place)?;
        let mut read = read.into_iter();
        let all: Vec<_> = open.iter().map(|d| d.as_ref().and_then(|_| read.next()).unwrap_or_else(missing)).collect();
        Ok((results_of(&all)?, stored))
    };
    (0..starts.max(1)).map(results).collect()
}

/// The results in the columns of one start.
fn results_of(columns: &[Vec<f64>]) -> Result<Vec<CellResult>, String> {
    let [outcomes, certificates] = [0, 1].map(|i| &columns[COLUMNS.len() + i]);
    let mut results = vec![CellResult::without_numbers(Outcome::Unsettled); outcomes.len()];
    let fill = |(block, results): (usize, &mut [CellResult])| {
        for (i, result) in (block * TOGETHER..).zip(results) {
            let outcome = Outcome::from_f64(outcomes[i]);
            let outcome = outcome.ok_or_else(|| format!("the outcome {} of a cell is none", outcomes[i]))?;
            *result = CellResult::new(std::array::from_fn(|c| columns[c][i]), outcome);
            result.certificate = certificate_of(certificates[i])?;
        }
        Ok(())
    };
    results.par_chunks_mut(TOGETHER).enumerate().try_for_each(fill).map(|()| results)
}

/// The certificate of this number in its column; an error if there is none of this number.
pub(super) fn certificate_of(number: f64) -> Result<Option<Certificate>, String> {
    if number.is_nan() || number == f64::from(NO_OUTCOME) {
        return Ok(None);
    }
    let found = Certificate::ALL.into_iter().find(|c| f64::from(*c as u32) == number);
    found.map(Some).ok_or_else(|| format!("the certificate {number} of a cell is none"))
}

/// Adds the columns of a box to checksums of cells, as they are read back.
pub(super) fn add_read_back(sum: &mut ResultSum, group: &Group, place: &GridBox) -> hdf5::Result<()> {
    let starts = sum.starts();
    let open = open_columns(group)?;
    let look = |values: &[Vec<f64>], cells: usize| sum.sum_of_columns(values, cells);
    let sums = |start| look_at_box(&of_start(&open, starts, start), place, look);
    let sums = (0..starts.max(1)).map(sums).collect::<hdf5::Result<_>>()?;
    sum.extend(place.first, place.cells, sums)?;
    if starts > 0 {
        sum.add_attractors(&read_attractors(group, place)?);
    }
    let optional = read_optional(group, starts, place)?;
    if optional.iter().any(|columns| !columns.is_empty()) {
        sum.add_optional(&optional);
    }
    Ok(())
}

/// Reads the columns of a box that were asked for: by start, then by column.
pub(super) fn read_optional(group: &Group, starts: usize, place: &GridBox) -> hdf5::Result<Vec<Vec<Vec<f64>>>> {
    let names = optional_columns().map(|o| o.0).filter(|name| group.link_exists(name));
    let open = names.map(|name| Ok(Some(group.dataset(name)?))).collect::<hdf5::Result<Vec<_>>>()?;
    if open.is_empty() {
        return Ok(vec![Vec::new(); starts.max(1)]);
    }
    (0..starts.max(1)).map(|start| read_box(&of_start(&open, starts, start), place)).collect()
}

/// Reads the attractors of a box's cells from the derived columns.
pub(super) fn read_attractors(group: &Group, place: &GridBox) -> hdf5::Result<Vec<Attractors>> {
    let mut columns = Vec::new();
    for (name, _) in DERIVED {
        columns.push((group.dataset(name)?, None));
    }
    let read = read_box(&columns, place)?;
    let known = |v: f64| (v != f64::from(NO_OUTCOME)).then_some(v as u8);
    let cell = |i: usize| {
        let [count, coexist, largest_span] = [0, 1, 2].map(|column| read[column][i]);
        Attractors { count: known(count), coexist: known(coexist).map(|c| c == 1), largest_span }
    };
    Ok((0..place.cells as usize).map(cell).collect())
}

/// Reads the number of the engine that computed each cell of a box.
fn read_computed_by(group: &Group, place: &GridBox) -> hdf5::Result<Vec<f64>> {
    Ok(read_box(&[(group.dataset(COMPUTED_BY)?, None)], place)?.concat())
}

/// Reads the margins of each cell of a box.
fn read_margins(group: &Group, place: &GridBox) -> hdf5::Result<Vec<[f64; 2]>> {
    let columns = MARGINS.iter().map(|m| Ok((group.dataset(m.0)?, None))).collect::<hdf5::Result<Vec<_>>>()?;
    let read = read_box(&columns, place)?;
    Ok((0..place.cells as usize).map(|i| [read[0][i], read[1][i]]).collect())
}

/// Compares the columns of a file with what was written; the error is the reason if they differ.
pub(super) fn compare_columns(
    group: &Group,
    shape: &[u64],
    expected: &ResultSum,
    stop: &CancelToken,
) -> Result<(), String> {
    let unreadable = |e: hdf5::Error| format!("its cells cannot be read back ({e})");
    let mut there = expected.emptied();
    let by_engine = group.link_exists(COMPUTED_BY);
    let with_margins = MARGINS.iter().all(|m| group.link_exists(m.0));
    for piece in Boxes::new(shape.to_vec(), AT_ONCE).iter() {
        if stop.is_cancelled() {
            // The caller checks the flag.
            return Ok(());
        }
        add_read_back(&mut there, group, &piece).map_err(unreadable)?;
        if by_engine {
            let engines = read_computed_by(group, &piece).map_err(unreadable)?;
            there.add_computed_by(&engines.iter().map(|e| *e as u8).collect::<Vec<_>>());
        }
        if with_margins {
            there.add_margins(&read_margins(group, &piece).map_err(unreadable)?);
        }
    }
    expected.compare(&there)
}
