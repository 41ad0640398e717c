//! Runs a plan: box by box through an engine, into a map.

use super::audit::{Audit, Claim};
use super::edge::{Edge, EdgeDistance, curves_of};
use super::gather::{Gathering, TableShelf};
use super::header::{header, record};
use super::plan::Plan;
use super::sample::Sample;
use super::theory::Theory;
use crate::columns::{Answer, Attractors, Outcome};
use crate::engine::{Batch, Chosen, Cpu, Engine, Precision, Progress, Tables};
use crate::error::Result;
use crate::grid::GridBox;
use crate::kernel::basin::Basin;
use crate::store::{MapWriter, Value};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// Cells in a batch at most, starts counted: memory follows this, not the grid.
const BATCH: u64 = 1 << 18;
/// Cells that theory speaks of at a time.
const THEORY: usize = 1 << 14;

/// What came out, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Cells by outcome, in the order of [`Outcome::ALL`]; where there are several starts, each counts.
    pub counts: [u64; Outcome::ALL.len()],
    /// The settled cell with the largest span: (index, span).
    pub largest: Option<(u64, f64)>,
    /// Cells in which a cycle and a quiet state coexist, where there are several starts.
    pub coexist: Option<u64>,
    /// Steps taken, over all cells.
    pub neuron_steps: u64,
    /// How far the edge of a 2-D map lies from the Hopf curve, where there are both.
    pub edge: Option<EdgeDistance>,
    /// What the audit found, where there was one.
    pub audit: Option<Audit>,
}

/// Sweeps the plan and writes the map to `path`.
///
/// # Errors
/// Whatever the engine or the disk reports. Then nothing stands at `path` that did not stand there before.
pub fn run(plan: &Plan, chosen: &Chosen, path: &Path, command: &str, progress: &Progress) -> Result<Summary> {
    let before = progress.read().2;
    let mut writer = MapWriter::create(path, &header(plan, &chosen.description, command)?)?;
    let mut shelf = TableShelf::new(plan.request.table_format);
    let mut theory = Theory::default();
    let mut summary = Summary { coexist: (plan.starts() > 1).then_some(0), ..Summary::default() };
    let free: Vec<_> = plan.grid.axes().iter().filter(|a| a.len() > 1).collect();
    let mut edge = if let [_, x] = free[..] { Some(Edge::new(x.len() as usize)) } else { None };
    let sample = Sample::of(plan);
    let mut claims = Vec::new();
    for place in plan.grid.boxes(BATCH / plan.starts() as u64) {
        let by_start = run_box(plan, chosen, &place, &mut theory, &mut shelf, progress)?;
        for (start, answers) in by_start.iter().enumerate() {
            summary.take_in(place.first, answers);
            writer.write(start, &place, answers)?;
            claims.extend(sample.within(&place).map(|index| Claim {
                index,
                start,
                answer: answers[(index - place.first) as usize],
            }));
        }
        if let (Some(edge), [answers]) = (&mut edge, &by_start[..]) {
            edge.take_in(place.first, answers);
        }
        if let Some(coexist) = &mut summary.coexist {
            let cells = place.cells as usize;
            let starts = |i: usize| by_start.iter().map(|answers| answers[i]).collect::<Vec<_>>();
            let together: Vec<_> = (0..cells).map(|i| Attractors::of(&starts(i))).collect();
            *coexist += together.iter().filter(|a| a.coexist == Some(true)).count() as u64;
            writer.write_attractors(&place, &together)?;
        }
        for (i, table) in shelf.new_for_file() {
            writer.write_table(i, &record(&table, plan.request.precision))?;
        }
    }
    summary.neuron_steps = progress.read().2 - before;
    let mut number = |name: &str, value: f64| writer.write_attribute(name, &Value::Number(value));
    number("table_error", shelf.largest_error(plan.request.precision))?;
    number("tables_made", shelf.made as f64)?;
    number("neuron_steps", summary.neuron_steps as f64)?;
    if let (Some(edge), [y, x], Some(curves)) = (edge, &free[..], curves_of(plan)) {
        summary.edge = edge.distance(&curves, x, y);
    }
    if let Some(EdgeDistance { median, worst, points }) = summary.edge {
        number("hopf_edge_distance_median", median)?;
        number("hopf_edge_distance_worst", worst)?;
        number("hopf_edge_points", points as f64)?;
    }
    if !sample.is_empty() {
        let audit = Audit::of(plan, &sample, &claims);
        for (name, value) in audit.attributes() {
            writer.write_attribute(&name, &value)?;
        }
        writer.write_audit(&audit.record())?;
        summary.audit = Some(audit);
    }
    writer.finish()?;
    Ok(summary)
}

/// One cell of a plan again, on the CPU in f64.
///
/// # Errors
/// None that the CPU engine brings about.
pub fn recompute(plan: &Plan, cell: &crate::engine::Cell, basins: &[Basin<f64>]) -> Result<Answer> {
    let p = &cell.parameters;
    let tables = vec![Arc::new(Tables::new(p.l, p.lambda, plan.request.table_format))];
    let mut batch = Batch { tables, ..Batch::default() };
    batch.push(*cell, basins, 0);
    let answers = Cpu { precision: Precision::F64 }.run(&batch, &Progress::default())?;
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

/// The answers of one box, by start.
fn run_box(
    plan: &Plan,
    chosen: &Chosen,
    place: &GridBox,
    theory: &mut Theory,
    shelf: &mut TableShelf,
    progress: &Progress,
) -> Result<Vec<Vec<Answer>>> {
    let (cells, starts) = (place.cells as usize, plan.starts());
    let mut answers = vec![Answer::without_numbers(Outcome::Unsettled); cells * starts];
    let mut gathering = Gathering::new(chosen, progress, shelf, &mut answers);
    for chunk in (0..cells).collect::<Vec<_>>().chunks(THEORY) {
        let points: Vec<_> = chunk.iter().map(|i| plan.parameters(place.first + *i as u64)).collect();
        theory.cover(&points);
        let ready: Vec<_> = points.par_iter().map(|p| plan.ready(p, theory)).collect();
        for (i, starts) in chunk.iter().zip(ready) {
            for (start, ready) in starts.into_iter().enumerate() {
                gathering.take_in(start * cells + i, &ready)?;
            }
        }
    }
    gathering.run()?;
    Ok(answers.chunks(cells).map(<[Answer]>::to_vec).collect())
}
