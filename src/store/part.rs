//! One part of a map: the cells of one box, in a small file of its own that records which plan it
//! belongs to.

use super::box_shape::sizes;
use super::checked::{CheckedFile, failed, not_as_written};
use super::chunk_reading::StoredBox;
use super::column_reading::{add_read_back, check_columns, read_attractors, read_optional, read_stored_results};
use super::columns::{Columns, Layout};
use super::hdf5_file::{self, dataset, read_all};
use super::netcdf::{number, read_number, read_text, text};
use super::part_engine::PartEngine;
use super::reader::check_signature;
use super::result_sum::ResultSum;
use super::schema::{AuditRow, NOT_SEARCHED, SCHEMA, START};
use super::writer::write_audit;
use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use crate::grid::GridBox;
use crate::results::{Attractors, CellResult};
use crate::store::{Draft, Output, checksum, seal_and_publish};
use hdf5::{File, Group};
use std::path::Path;

const PLAN: &str = "plan_sha256";
const INDEX: &str = "part";
const FIRST: &str = "first_cell";
const STEPS: &str = "neuron_steps";
const LARGEST_STEPS: &str = "neuron_steps_largest";
const TABLE_ERROR: &str = "table_error";
/// Attribute with the checksum of the cells as they were written.
const CELLS: &str = "cells_crc32";

/// The properties a part must have, from the plan it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSpec {
    /// SHA-256 of the plan.
    pub plan: String,
    /// Number of the part, from 0.
    pub index: u64,
    /// The box of cells that the part covers.
    pub place: GridBox,
    /// Number of starts if there are several, else 0.
    pub starts: usize,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Shape of the map's chunks on disk.
    pub chunk: Vec<u64>,
    /// Columns that were asked for, as name and long name.
    pub optional: Vec<(&'static str, &'static str)>,
}

/// The contents of a part.
#[derive(Debug, Clone)]
pub struct Part {
    /// Results of the cells, by start.
    pub results: Vec<Vec<CellResult>>,
    /// Columns that were asked for: by start, then by column.
    pub optional: Vec<Vec<Vec<f64>>>,
    /// The engine that computed the part.
    pub engine: PartEngine,
    /// Integration steps taken, summed over all cells.
    pub neuron_steps: u64,
    /// Most integration steps of any one cell and start.
    pub largest_steps: u64,
    /// Largest error bound of the conductance tables that were used.
    pub table_error: f64,
    /// What the audit of the part's cells found.
    pub audit: Vec<AuditRow>,
}

/// The part's box in its own file, with its first cell at index 0.
fn own(place: &GridBox) -> GridBox {
    GridBox { first: 0, start: vec![0; place.count.len()], ..place.clone() }
}

/// Writes a part atomically, replacing an existing one.
///
/// # Errors
/// [`Error::File`] if it cannot be written, or what is read back differs.
pub(super) fn write(path: &Path, spec: &PartSpec, part: &Part) -> Result<()> {
    let draft = Draft::new(Output::with(path, true))?;
    let mut file = CheckedFile::create(draft.path()).map_err(failed(path, "the part"))?;
    let layout = Layout {
        starts: spec.starts,
        shape: sizes(&spec.place.count),
        chunk: spec.chunk.iter().zip(&spec.place.count).map(|(c, n)| (*c).min(*n) as usize).collect(),
        double: spec.double,
        optional: spec.optional.clone(),
        ..Layout::default()
    };
    let attractors = if spec.starts > 0 { Attractors::of_cells(&part.results) } else { Vec::new() };
    let place = own(&spec.place);
    let mut packed = Err("its cells were not packed".to_string());
    let begin = |file: &mut CheckedFile| -> hdf5::Result<Columns> {
        let root = (**file.file()).clone();
        text(&root, PLAN, &spec.plan)?;
        number(&root, INDEX, spec.index)?;
        number(&root, FIRST, spec.place.first)?;
        number(&root, STEPS, part.neuron_steps)?;
        number(&root, LARGEST_STEPS, part.largest_steps)?;
        number(&root, TABLE_ERROR, part.table_error)?;
        part.engine.attributes().iter().try_for_each(|(name, value)| text(&root, name, value))?;
        Columns::create(&root, layout.clone())
    };
    // Cells are packed on the pool's threads while this one makes the columns.
    let begun = rayon::in_place_scope(|scope| {
        scope.spawn(|_| {
            let cells = layout.pack(&place, &part.results);
            packed = cells.and_then(|cells| Ok((cells, sum_of(spec, part, &attractors)?)));
        });
        begin(&mut file)
    });
    let fill = |file: &mut CheckedFile| -> hdf5::Result<u32> {
        let (mut columns, (packed, sum)) = (begun?, packed?);
        columns.write_packed(packed)?;
        if spec.starts > 0 {
            columns.write_attractors(&place, &attractors)?;
        }
        columns.write_optional(&place, &part.optional)?;
        let cells = sum.value();
        number(file.file(), CELLS, cells)?;
        if !part.audit.is_empty() {
            write_audit(file, &part.audit)?;
        }
        // Flushed while the columns are open, or an error in writing their last chunks would be lost.
        file.flush()?;
        Ok(cells)
    };
    // Closed in any case: a file that stays open keeps its space on a full disk.
    let filled = fill(&mut file);
    let closed = file.close();
    let cells = filled.map_err(failed(path, "the part"))?;
    let expected = closed.map_err(failed(path, "the part"))?;
    let there = hdf5_file::open(draft.path()).map_err(failed(path, "the part"))?;
    expected.compare(&there).map_err(not_as_written(path))?;
    let mut sum = ResultSum::new(spec.starts, spec.double);
    add_read_back(&mut sum, &there, &place).map_err(failed(path, "the part"))?;
    if sum.value() != cells {
        return Err(Error::file(path, "could not be written: the disk gives back other cells than it was given"));
    }
    drop(there);
    seal_and_publish(draft, path, &CancelToken::default())
}

/// The checksums of a part's cells.
fn sum_of(spec: &PartSpec, part: &Part, attractors: &[Attractors]) -> std::result::Result<ResultSum, String> {
    let mut sum = ResultSum::new(spec.starts, spec.double);
    sum.add(0, &part.results)?;
    sum.add_attractors(attractors);
    let is_due = |columns: &Vec<Vec<f64>>| columns.len() == spec.optional.len();
    if part.optional.len() != part.results.len() || !part.optional.iter().all(is_due) {
        return Err("a column that was asked for is missing".to_string());
    }
    if !spec.optional.is_empty() {
        sum.add_optional(&part.optional);
    }
    Ok(sum)
}

/// Opens a part and checks its seal, attributes and column shapes against `spec`.
///
/// The error is a reason worded to follow a file's name.
fn open(path: &Path, spec: &PartSpec) -> std::result::Result<File, String> {
    let problem = |e: &Error| e.to_string();
    check_signature(path).map_err(|e| problem(&e))?;
    if !checksum::check(path).map_err(|e| problem(&e))? {
        return Err("its end is missing".to_string());
    }
    let broken = |e: hdf5::Error| format!("it cannot be read ({e})");
    let file = hdf5_file::open(path).map_err(broken)?;
    let plan = read_text(&file, PLAN).map_err(broken)?;
    if plan != spec.plan {
        return Err("it belongs to another plan".to_string());
    }
    let whole = |name: &str| read_number::<u64>(&file, name).map_err(broken);
    let (index, first) = (whole(INDEX)?, whole(FIRST)?);
    if (index, first) != (spec.index, spec.place.first) {
        return Err(format!("it is part {index}, not part {}", spec.index));
    }
    check_columns(&file, SCHEMA, spec.starts, &sizes(&spec.place.count), &[]).map_err(broken)?;
    Ok(file)
}

/// The SHA-256 of the plan that a part belongs to; `None` if the part is damaged or cannot be read.
pub(super) fn plan_of(path: &Path) -> Option<String> {
    check_signature(path).ok()?;
    if !checksum::check(path).ok()? {
        return None;
    }
    let file = hdf5_file::open(path).ok()?;
    read_text(&file, PLAN).ok()
}

/// Whether a file is a part of a map.
pub(super) fn is_part(file: &hdf5::File) -> bool {
    file.attr(PLAN).is_ok() && file.attr(INDEX).is_ok()
}

/// What computed a part, if its attributes and seal are as they should be; else the reason.
pub(super) fn check(path: &Path, spec: &PartSpec) -> std::result::Result<PartEngine, String> {
    read_engine(&open(path, spec)?)
}

fn read_engine(file: &File) -> std::result::Result<PartEngine, String> {
    PartEngine::read(file).map_err(|e| format!("it cannot be read ({e})"))
}

/// A part as it was read, with its columns as they are stored.
#[derive(Debug)]
pub(crate) struct StoredPart {
    pub part: Part,
    /// By start; empty if they are not stored in hopfmap's way.
    pub(super) columns: Vec<StoredBox>,
}

/// Reads a part and checks its cells against the checksum recorded when it was written.
pub(super) fn read(path: &Path, spec: &PartSpec) -> std::result::Result<StoredPart, String> {
    let file = open(path, spec)?;
    let engine = read_engine(&file)?;
    let content = || -> hdf5::Result<StoredPart> {
        let place = own(&spec.place);
        let attractors = if spec.starts > 0 { read_attractors(&file, &place)? } else { Vec::new() };
        let (results, columns): (Vec<_>, Vec<_>) = read_stored_results(&file, spec.starts, &place)?.into_iter().unzip();
        let part = Part {
            results,
            optional: read_optional(&file, spec.starts, &place)?,
            engine,
            neuron_steps: read_number(&file, STEPS)?,
            largest_steps: read_number(&file, LARGEST_STEPS)?,
            table_error: read_number(&file, TABLE_ERROR)?,
            audit: audit_of(&file)?,
        };
        let sum = sum_of(spec, &part, &attractors)?.value();
        if read_number::<u32>(&file, CELLS)? != sum {
            return Err("its cells are not those that were computed".into());
        }
        Ok(StoredPart { part, columns: columns.into_iter().collect::<Option<_>>().unwrap_or_default() })
    };
    content().map_err(|e| format!("it cannot be read ({e})"))
}

/// Rows of the group `/audit` of a file; none if there is no such group.
pub(super) fn audit_of(file: &File) -> hdf5::Result<Vec<AuditRow>> {
    if file.link_exists("audit") { read_audit(&hdf5_file::group(file, "audit")?) } else { Ok(Vec::new()) }
}

fn read_audit(group: &Group) -> hdf5::Result<Vec<AuditRow>> {
    let numbers = |name: &str| read_all::<f64>(&dataset(group, name)?);
    let small = |name: &str| read_all::<u8>(&dataset(group, name)?);
    let cell: Vec<u64> = read_all(&dataset(group, "cell")?)?;
    let (start, outcome, outcome_audit) = (small(START)?, small("outcome")?, small("outcome_audit")?);
    let (span, span_audit, span_error) = (numbers("span")?, numbers("span_audit")?, numbers("span_error")?);
    // Files of layout 3 and older lack the last three.
    let added = |name, without| if group.link_exists(name) { small(name) } else { Ok(vec![without; cell.len()]) };
    let (numbers_off, start_sensitive) = (added("numbers_off", 0)?, added("start_sensitive", 0)?);
    let missed = added("missed", NOT_SEARCHED)?;
    let small = [&start, &outcome, &outcome_audit, &numbers_off, &start_sensitive, &missed].map(Vec::len);
    if small.into_iter().chain([span.len(), span_audit.len(), span_error.len()]).any(|n| n != cell.len()) {
        return Err("the columns of its audit differ in length".into());
    }
    let row = |i: usize| AuditRow {
        cell: cell[i],
        start: start[i],
        outcome: outcome[i],
        outcome_audit: outcome_audit[i],
        span: span[i],
        span_audit: span_audit[i],
        span_error: span_error[i],
        numbers_off: numbers_off[i],
        start_sensitive: start_sensitive[i],
        missed: missed[i],
    };
    Ok((0..cell.len()).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An audit of three cells, in which the columns listed in `short` have two rows.
    fn audit(folder: &Path, short: &[&str]) -> hdf5::Result<Vec<AuditRow>> {
        let file = hdf5_file::create(&folder.join("audit.h5"))?;
        let rows = |name: &str| if short.contains(&name) { 2 } else { 3 };
        file.new_dataset_builder().with_data(&vec![7_u64; rows("cell")]).create("cell")?;
        for name in [START, "outcome", "outcome_audit", "numbers_off", "start_sensitive", "missed"] {
            file.new_dataset_builder().with_data(&vec![1_u8; rows(name)]).create(name)?;
        }
        for name in ["span", "span_audit", "span_error"] {
            file.new_dataset_builder().with_data(&vec![0.5_f64; rows(name)]).create(name)?;
        }
        read_audit(&file)
    }

    #[test]
    fn an_audit_whose_columns_differ_in_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(audit(folder.path(), &[]).unwrap().iter().map(|row| row.cell).collect::<Vec<_>>(), [7; 3]);
        for name in super::super::schema::AUDIT_COLUMNS {
            let refused = audit(folder.path(), &[name]).unwrap_err().to_string();
            assert!(refused.contains("differ in length"), "{name}: {refused}");
        }
    }

    /// The attractors are stored in a part next to its cells, where other programs read them.
    #[test]
    fn a_part_whose_attractors_are_not_those_of_its_cells_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.h5");
        let place = GridBox { first: 0, cells: 2, start: vec![0], count: vec![2] };
        let plan = "a plan".to_string();
        let (chunk, optional) = (vec![2], Vec::new());
        let spec = PartSpec { plan, index: 0, place: place.clone(), starts: 3, double: true, chunk, optional };
        let results = vec![vec![CellResult::without_numbers(crate::results::Outcome::Absent); 2]; 3];
        let part = Part {
            results,
            optional: vec![Vec::new(); 3],
            engine: PartEngine::default(),
            neuron_steps: 0,
            largest_steps: 0,
            table_error: 0.0,
            audit: Vec::new(),
        };
        write(&path, &spec, &part).unwrap();
        assert!(read(&path, &spec).is_ok());
        for (name, _) in crate::results::DERIVED {
            write(&path, &spec, &part).unwrap();
            let sealed = std::fs::metadata(&path).unwrap().len();
            let file = File::open_rw(&path).unwrap();
            let values = file.dataset(name).unwrap();
            match values.dtype().unwrap().size() {
                1 => values.write_raw(&[1_u8; 2]).unwrap(),
                _ => values.write_raw(&[0.5_f64; 2]).unwrap(),
            }
            drop(values);
            file.close().unwrap();
            // The library truncates the file at its end: the seal from before the change is gone.
            assert!(std::fs::metadata(&path).unwrap().len() < sealed);
            checksum::seal(&path, &CancelToken::default()).unwrap();
            let refused = read(&path, &spec).unwrap_err();
            assert!(refused.contains("not those that were computed"), "{name}: {refused}");
        }
    }
}
