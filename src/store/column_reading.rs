//! The columns of a map or of one part, read back: checked, box by box, and compared with what was written.

use super::chunks::read_box;
use super::columns::COMPUTED_BY;
use super::hdf5_file::dataset_or_virtual;
use super::netcdf::read_number;
use super::result_sum::ResultSum;
use super::schema::NO_OUTCOME;
use crate::cancel::CancelToken;
use crate::grid::{Boxes, GridBox};
use crate::results::{
    Attractors, CERTIFICATE, COLUMNS, CellResult, Certificate, DERIVED, LARGEST_SPAN, OUTCOME, Outcome, first_layout,
};
use hdf5::Group;
use rayon::prelude::*;

/// Number of cells read back at a time.
const AT_ONCE: u64 = 1 << 16;

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
    let names: Vec<&str> = COLUMNS.iter().map(|c| c.name).chain([CERTIFICATE.0]).collect();
    // A column that an older layout lacks has no values.
    let there: Vec<bool> = names.iter().map(|name| group.link_exists(name)).collect();
    for start in 0..starts.max(1) {
        let start = (starts > 0).then_some(start);
        let mut columns = vec![(group.dataset(OUTCOME.0)?, start)];
        for (name, _) in names.iter().zip(&there).filter(|(_, is_there)| **is_there) {
            columns.push((group.dataset(name)?, start));
        }
        let mut read = read_box(&columns, place)?.into_iter();
        let outcomes = read.next().unwrap_or_default();
        let mut next =
            |is_there: bool| is_there.then(|| read.next()).flatten().unwrap_or_else(|| vec![f64::NAN; outcomes.len()]);
        let all: Vec<Vec<f64>> = there.iter().map(|is_there| next(*is_there)).collect();
        let cell = |(i, o): (usize, &f64)| -> Result<CellResult, String> {
            let outcome = Outcome::from_f64(*o).ok_or_else(|| format!("the outcome {o} of a cell is none"))?;
            let result = CellResult::new(std::array::from_fn(|c| all[c][i]), outcome);
            Ok(CellResult { certificate: certificate_of(all[COLUMNS.len()][i])?, ..result })
        };
        by_start.push(outcomes.par_iter().enumerate().map(cell).collect::<Result<_, String>>()?);
    }
    Ok(by_start)
}

/// The certificate of this number in its column; an error if there is none of this number.
pub(super) fn certificate_of(number: f64) -> Result<Option<Certificate>, String> {
    if number.is_nan() || number == f64::from(NO_OUTCOME) {
        return Ok(None);
    }
    let found = Certificate::ALL.into_iter().find(|c| f64::from(*c as u32) == number);
    found.map(Some).ok_or_else(|| format!("the certificate {number} of a cell is none"))
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
