//! Runs a plan: batch by batch through an engine, into a map.

use super::doubt::doubt;
use super::edge::{Edge, EdgeDistance, curves_of};
use super::pace;
use super::plan::Plan;
use crate::columns::{Answer, Outcome};
use crate::engine::{Batch, Cell, Chosen, Cpu, Description, Engine, Precision, Progress, Tables};
use crate::error::Result;
use crate::grid::GridBox;
use crate::kernel::constants::{CONSTANTS, Value as Constant};
use crate::kernel::table::Table;
use crate::model::{ACCURATE_STIFF, ACCURATE_TURN};
use crate::store::{Header, MapWriter, TableRecord, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Cells in a batch at most: memory follows this, not the grid.
const BATCH: u64 = 1 << 18;
/// Cells in a chunk on disk at most.
const CHUNK: u64 = 1 << 14;
/// Tables that a batch holds at most.
const TABLES: usize = 256;
/// Tables that are kept for further batches: 0.1 MB each.
const SHELF: usize = 2048;
/// Tables that a file holds at most.
const STORED_TABLES: usize = 16;

/// What came out, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Cells by outcome, in the order of [`Outcome::ALL`].
    pub counts: [u64; Outcome::ALL.len()],
    /// The settled cell with the largest span: (index, span).
    pub largest: Option<(u64, f64)>,
    /// Steps taken, over all cells.
    pub neuron_steps: u64,
    /// How far the edge of a 2-D map lies from the Hopf curve, where there are both.
    pub edge: Option<EdgeDistance>,
}

/// Sweeps the plan and writes the map to `path`.
///
/// # Errors
/// Whatever the engine or the disk reports. Then nothing stands at `path` that did not stand there before.
pub fn run(plan: &Plan, chosen: &Chosen, path: &Path, command: &str, progress: &Progress) -> Result<Summary> {
    let mut writer = MapWriter::create(path, &header(plan, &chosen.description, command)?)?;
    let mut tables = TableShelf::default();
    let mut summary = Summary::default();
    let free: Vec<_> = plan.grid.axes().iter().filter(|a| a.len() > 1).collect();
    let mut edge = if let [_, x] = free[..] { Some(Edge::new(x.len() as usize)) } else { None };
    for place in plan.grid.boxes(BATCH) {
        let mut answers = run_box(plan, chosen, &place, &mut tables, progress)?;
        doubt(plan, place.first, &mut answers);
        summary.take_in(place.first, &answers);
        if let Some(edge) = &mut edge {
            edge.take_in(place.first, &answers);
        }
        writer.write(&place, &answers)?;
        for (i, table) in tables.new_for_file() {
            writer.write_table(i, &record(&table, plan.request.precision))?;
        }
    }
    summary.neuron_steps = progress.read().2;
    writer.write_attribute("table_error", &Value::Number(tables.largest_error(plan.request.precision)))?;
    writer.write_attribute("tables_made", &Value::Number(tables.seen as f64))?;
    writer.write_attribute("neuron_steps", &Value::Number(summary.neuron_steps as f64))?;
    if let (Some(edge), [y, x], Some(curves)) = (edge, &free[..], curves_of(plan)) {
        summary.edge = edge.distance(&curves, x, y);
    }
    if let Some(EdgeDistance { median, worst, points }) = summary.edge {
        writer.write_attribute("hopf_edge_distance_median", &Value::Number(median))?;
        writer.write_attribute("hopf_edge_distance_worst", &Value::Number(worst))?;
        writer.write_attribute("hopf_edge_points", &Value::Number(points as f64))?;
    }
    writer.finish()?;
    Ok(summary)
}

/// One cell of a plan again, on the CPU in f64, its verdict held against theory as in a sweep.
///
/// # Errors
/// None that the CPU engine brings about.
pub fn recompute(plan: &Plan, index: u64, cell: &Cell) -> Result<Answer> {
    let p = &cell.parameters;
    let tables = vec![Arc::new(Tables::new(p.l, p.lambda, plan.request.table_format))];
    let batch = Batch { cells: vec![Cell { table: 0, ..*cell }], tables, dt: plan.dt };
    let mut answers = Cpu { precision: Precision::F64 }.run(&batch, &Progress::default())?;
    doubt(plan, index, &mut answers);
    Ok(answers[0])
}

impl Summary {
    fn take_in(&mut self, first: u64, answers: &[Answer]) {
        for (index, a) in (first..).zip(answers) {
            self.counts[a.outcome as usize] += 1;
            if a.outcome.is_settled() && self.largest.is_none_or(|(_, span)| a.span > span) {
                self.largest = Some((index, a.span));
            }
        }
    }
}

/// The tables in use, by geometry; a grid over l or lambda needs many, so old ones are put away.
#[derive(Debug, Default)]
struct TableShelf {
    by_geometry: HashMap<[u64; 2], Arc<Tables>>,
    unwritten: Vec<(usize, Arc<Tables>)>,
    seen: usize,
    error: [f64; 2],
}

impl TableShelf {
    fn get(&mut self, l: f64, lambda: f64, plan: &Plan) -> Arc<Tables> {
        let key = [l.to_bits(), lambda.to_bits()];
        if let Some(table) = self.by_geometry.get(&key) {
            return table.clone();
        }
        if self.by_geometry.len() >= SHELF {
            self.by_geometry.clear();
        }
        let table = Arc::new(Tables::new(l, lambda, plan.request.table_format));
        if self.seen < STORED_TABLES {
            self.unwritten.push((self.seen, table.clone()));
        }
        self.seen += 1;
        self.error[0] = self.error[0].max(table.single.error_bound);
        self.error[1] = self.error[1].max(table.double.error_bound);
        self.by_geometry.insert(key, table.clone());
        table
    }

    fn new_for_file(&mut self) -> Vec<(usize, Arc<Tables>)> {
        std::mem::take(&mut self.unwritten)
    }

    fn largest_error(&self, precision: Precision) -> f64 {
        self.error[usize::from(precision == Precision::F64)]
    }
}

/// The answers of one box. Cells go to the engine in batches that share at most [`TABLES`] tables.
fn run_box(
    plan: &Plan,
    chosen: &Chosen,
    place: &GridBox,
    shelf: &mut TableShelf,
    progress: &Progress,
) -> Result<Vec<Answer>> {
    let mut answers = vec![Answer::without_numbers(Outcome::StartDependent); place.cells as usize];
    let mut batch = Batch { dt: plan.dt, ..Batch::default() };
    let mut slots: Vec<usize> = Vec::new();
    let mut rows: HashMap<[u64; 2], u32> = HashMap::new();
    let mut skipped = 0;
    for i in 0..place.cells {
        let Some(mut cell) = plan.cell(place.first + i)? else {
            skipped += 1;
            continue;
        };
        let (l, lambda) = (cell.parameters.l, cell.parameters.lambda);
        let key = [l.to_bits(), lambda.to_bits()];
        if !rows.contains_key(&key) && rows.len() == TABLES {
            flush(chosen, &mut batch, &mut slots, &mut answers, progress)?;
            rows.clear();
        }
        cell.table = *rows.entry(key).or_insert_with(|| {
            batch.tables.push(shelf.get(l, lambda, plan));
            batch.tables.len() as u32 - 1
        });
        batch.cells.push(cell);
        slots.push(i as usize);
    }
    progress.add(skipped, 0, 0);
    flush(chosen, &mut batch, &mut slots, &mut answers, progress)?;
    Ok(answers)
}

fn flush(
    chosen: &Chosen,
    batch: &mut Batch,
    slots: &mut Vec<usize>,
    answers: &mut [Answer],
    progress: &Progress,
) -> Result<()> {
    if !batch.cells.is_empty() {
        for (slot, answer) in slots.iter().zip(chosen.engine.run(batch, progress)?) {
            answers[*slot] = answer;
        }
    }
    batch.cells.clear();
    batch.tables.clear();
    slots.clear();
    Ok(())
}

fn record(tables: &Tables, precision: Precision) -> TableRecord {
    match precision {
        Precision::F32 => sampled(&tables.single),
        Precision::F64 => sampled(&tables.double),
    }
}

/// F_ij on a table's own nodes, both sides of 0, as the kernel sees them.
fn sampled<T: crate::kernel::Real>(table: &Table<T>) -> TableRecord {
    let last = table.jets.len() as i64 - 1;
    let mut record = TableRecord {
        l: table.l,
        lambda: table.lambda,
        x_v: Vec::new(),
        functions: Default::default(),
        error: table.error_bound,
    };
    for n in -last..=last {
        let xi = T::of(n as f64) * table.spacing;
        let f = table.look_up(xi);
        record.x_v.push(xi.widen() * table.l);
        for (column, value) in record.functions.iter_mut().zip([f.f00, f.f01, f.f11]) {
            column.push(value.widen());
        }
    }
    record
}

fn header(plan: &Plan, engine: &Description, command: &str) -> Result<Header> {
    let axes = plan.grid.axes();
    let names: Vec<_> = axes.iter().map(|a| a.parameter.name()).collect();
    let text = |s: &str| Value::Text(s.to_string());
    let mut attributes = vec![
        ("Conventions".to_string(), text("CF-1.11")),
        (
            "title".into(),
            Value::Text(format!("Oscillation span of a memristive quantum neuron over {}", names.join(", "))),
        ),
        ("source".into(), Value::Text(format!("hopfmap {}", env!("CARGO_PKG_VERSION")))),
        (
            "references".into(),
            text(
                "Potter, Zagoskin, Savel'ev, Balanov: Hysteresis and Self-Oscillations in an Artificial Memristive Quantum Neuron; Eq. 10",
            ),
        ),
        ("history".into(), Value::Text(format!("{:.0} {command}", jiff::Timestamp::now()))),
        ("hopfmap_version".into(), text(env!("CARGO_PKG_VERSION"))),
        ("engine".into(), text(engine.engine)),
        ("adapter".into(), text(&engine.adapter)),
        ("backend".into(), text(&engine.backend)),
        ("driver".into(), text(&engine.driver)),
        ("shader_sha256".into(), text(&engine.shader_sha256)),
        ("precision".into(), text(plan.request.precision.name())),
        ("table_format".into(), text(plan.request.table_format.name())),
        ("start".into(), text(&plan.request.start)),
        ("dt".into(), Value::Number(plan.dt)),
        ("dt_rule".into(), Value::Text(dt_rule(plan))),
        ("time_rule".into(), Value::Text(time_rule(plan))),
    ];
    for c in CONSTANTS {
        if let Constant::Real(v) = c.value {
            attributes.push((format!("rule_{}", c.name.to_lowercase()), Value::Number(v)));
        }
    }
    Ok(Header {
        axes: axes.to_vec(),
        fixed: plan.fixed.clone(),
        double: plan.request.precision == Precision::F64,
        chunk: plan.grid.chunk(CHUNK),
        attributes,
        request: plan.request.to_toml()?,
    })
}

fn dt_rule(plan: &Plan) -> String {
    if plan.request.dt.is_some() {
        return "as requested".to_string();
    }
    format!(
        "RK4, min({ACCURATE_TURN}/turn, {ACCURATE_STIFF}/max(stiff, drive)) of the stiffest cell: turn = {:.6}, stiff = {:.6}, drive = {:.6}",
        plan.rates.turn, plan.rates.stiff, plan.rates.drive
    )
}

fn time_rule(plan: &Plan) -> String {
    let asked = |name: &str, v: Option<f64>| v.map(|v| format!("; {name} = {v} as requested")).unwrap_or_default();
    format!("{}{}{}", pace::rule(), asked("t_max", plan.request.t_max), asked("window", plan.request.window))
}
