//! One part of a map: the cells of one box, as a small file of its own that says which plan it belongs to.

use super::columns::{Columns, Layout, read_answers, sizes};
use super::netcdf::{create_file, number, read_number, read_text, text};
use super::reader::check_signature;
use super::schema::{AuditRecord, START};
use super::seal;
use super::temporary::{seal_and_publish, temporary_beside};
use super::writer::{close, failed, write_audit};
use crate::columns::{Answer, Attractors, OUTCOME};
use crate::error::{Error, Result};
use crate::grid::GridBox;
use crate::stop::Stop;
use hdf5::{File, Group};
use std::path::Path;

const PLAN: &str = "plan_sha256";
const INDEX: &str = "part";
const FIRST: &str = "first_cell";
const STEPS: &str = "neuron_steps";
const TABLE_ERROR: &str = "table_error";
/// Attributes that say what computed a part, in the order of [`Part::engine`].
pub const ENGINE: [&str; 5] = ["engine", "adapter", "backend", "driver", "shader_sha256"];

/// What computed a part, in the order of [`ENGINE`].
pub type PartEngine = [String; ENGINE.len()];

/// What a part has to be, by the plan it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct PartHead {
    /// Fingerprint of the plan.
    pub plan: String,
    /// Number of the part, from 0.
    pub index: u64,
    /// Its cells.
    pub place: GridBox,
    /// Number of starts where there are several, else 0.
    pub starts: usize,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Shape of the map's chunks on disk.
    pub chunk: Vec<u64>,
}

/// What is in a part.
#[derive(Debug, Clone)]
pub struct Part {
    /// The answers of its cells, by start.
    pub answers: Vec<Vec<Answer>>,
    /// What computed it, in the order of [`ENGINE`].
    pub engine: PartEngine,
    /// Steps taken, over all its cells.
    pub neuron_steps: u64,
    /// Largest bound on the error of the tables it looked up.
    pub table_error: f64,
    /// What the audit of its cells found.
    pub audit: AuditRecord,
}

/// Its own cells, counted from its own corner.
fn own(place: &GridBox) -> GridBox {
    GridBox { first: 0, start: vec![0; place.count.len()], ..place.clone() }
}

/// Writes a part, whole or not at all.
pub(super) fn write(path: &Path, head: &PartHead, part: &Part) -> Result<()> {
    let temporary = temporary_beside(path)?;
    let file = create_file(&temporary).map_err(failed(path, "the part"))?;
    let layout = Layout {
        starts: head.starts,
        shape: sizes(&head.place.count),
        chunk: head.chunk.iter().zip(&head.place.count).map(|(c, n)| (*c).min(*n) as usize).collect(),
        double: head.double,
        ..Layout::default()
    };
    let fill = |file: &File| -> hdf5::Result<()> {
        text(file, PLAN, &head.plan)?;
        number(file, INDEX, head.index)?;
        number(file, FIRST, head.place.first)?;
        number(file, STEPS, part.neuron_steps)?;
        number(file, TABLE_ERROR, part.table_error)?;
        ENGINE.iter().zip(&part.engine).try_for_each(|(name, value)| text(file, name, value))?;
        let (columns, place) = (Columns::create(file, layout)?, own(&head.place));
        columns.write(&place, &part.answers)?;
        if head.starts > 0 {
            columns.write_attractors(&place, &Attractors::of_cells(&part.answers))?;
        }
        if part.audit.cell.is_empty() { Ok(()) } else { write_audit(file, &part.audit) }
    };
    // Closed in any case: a file that stays open keeps its room on a full disk.
    let filled = fill(&file);
    let closed = close(file);
    filled.and(closed).map_err(failed(path, "the part"))?;
    seal_and_publish(temporary, path, &Stop::default())
}

/// Opens a part and holds it against what it has to be; the reason is in words that follow a file's name.
fn open(path: &Path, head: &PartHead) -> std::result::Result<File, String> {
    let problem = |e: &Error| e.to_string();
    check_signature(path).map_err(|e| problem(&e))?;
    if !seal::check(path).map_err(|e| problem(&e))? {
        return Err("its end is missing".to_string());
    }
    let broken = |e: hdf5::Error| format!("it cannot be read ({e})");
    let file = File::open(path).map_err(broken)?;
    let plan = read_text(&file, PLAN).map_err(broken)?;
    if plan != head.plan {
        return Err("it belongs to another plan".to_string());
    }
    let whole = |name: &str| read_number::<u64>(&file, name).map_err(broken);
    let (index, first) = (whole(INDEX)?, whole(FIRST)?);
    if (index, first) != (head.index, head.place.first) {
        return Err(format!("it is part {index}, not part {}", head.index));
    }
    let shape = file.dataset(OUTCOME.0).map_err(broken)?.shape();
    let due = (head.starts > 0).then_some(head.starts).into_iter().chain(sizes(&head.place.count));
    if shape != due.collect::<Vec<_>>() {
        return Err("its shape is not the part's".to_string());
    }
    Ok(file)
}

/// Whether a part is what it has to be; if not, why.
pub(super) fn check(path: &Path, head: &PartHead) -> std::result::Result<PartEngine, String> {
    read_engine(&open(path, head)?)
}

fn read_engine(file: &File) -> std::result::Result<PartEngine, String> {
    let mut engine = [const { String::new() }; ENGINE.len()];
    for (slot, name) in engine.iter_mut().zip(ENGINE) {
        *slot = read_text(file, name).map_err(|e| format!("it cannot be read ({e})"))?;
    }
    Ok(engine)
}

/// Reads a part.
pub(super) fn read(path: &Path, head: &PartHead) -> std::result::Result<Part, String> {
    let file = open(path, head)?;
    let engine = read_engine(&file)?;
    let content = || -> hdf5::Result<Part> {
        Ok(Part {
            answers: read_answers(&file, head.starts, &own(&head.place))?,
            engine,
            neuron_steps: read_number(&file, STEPS)?,
            table_error: read_number(&file, TABLE_ERROR)?,
            audit: if file.link_exists("audit") { read_audit(&file.group("audit")?)? } else { AuditRecord::default() },
        })
    };
    content().map_err(|e| format!("it cannot be read ({e})"))
}

fn read_audit(group: &Group) -> hdf5::Result<AuditRecord> {
    let numbers = |name: &str| group.dataset(name)?.read_raw::<f64>();
    let small = |name: &str| group.dataset(name)?.read_raw::<u8>();
    Ok(AuditRecord {
        cell: group.dataset("cell")?.read_raw()?,
        start: small(START)?,
        outcomes: [small("outcome")?, small("outcome_audit")?],
        spans: [numbers("span")?, numbers("span_audit")?],
        span_error: numbers("span_error")?,
    })
}
