//! Parts into one map, in order and one at a time: memory follows the part, not the map.

use super::header::{header, record};
use super::plan_file::PartSpecs;
use crate::audit::AuditSample;
use crate::audit::{Audit, Check, checks};
use crate::audit::{Boundary, BoundaryDistance, curves_of};
use crate::cancel::CancelToken;
use crate::engine::Tables;
use crate::error::Result;
use crate::grid::{Axis, GridBox};
use crate::plan::Plan;
use crate::results::{Answer, Attractors, Outcome};
use crate::store::{MapWriter, Output, Part, PartEngine, Value};

/// Tables that a file holds at most.
const STORED_TABLES: usize = 16;

/// What came out, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Cells by outcome, in the order of [`Outcome::ALL`]; where there are several starts, each counts.
    pub counts: [u64; Outcome::ALL.len()],
    /// Of the unsettled ones, those that would take more steps than are counted and were not integrated.
    pub beyond_step_limit: u64,
    /// The settled cell with the largest span: (index, span).
    pub largest: Option<(u64, f64)>,
    /// Cells in which a cycle and a quiet state coexist, where there are several starts.
    pub coexist: Option<u64>,
    /// Steps taken, over all cells.
    pub neuron_steps: u64,
    /// How far the edge of a 2-D map lies from the Hopf curve, where there are both.
    pub edge: Option<BoundaryDistance>,
    /// What the audit found, where there was one.
    pub audit: Option<Audit>,
}

impl Summary {
    fn add(&mut self, first: u64, answers: &[Answer]) {
        for (index, a) in (first..).zip(answers) {
            self.counts[a.outcome as usize] += 1;
            self.beyond_step_limit += u64::from(a.is_beyond_step_limit());
            if a.outcome.is_settled() && self.largest.is_none_or(|(_, span)| a.span > span) {
                self.largest = Some((index, a.span));
            }
        }
    }
}

/// A map that is being put together.
#[derive(Debug)]
pub struct MapBuilder<'a> {
    plan: &'a Plan,
    writer: MapWriter,
    engines: Vec<PartEngine>,
    summary: Summary,
    edge: Option<Boundary>,
    checks: Vec<Check>,
    table_error: f64,
}

/// The axes along which a map extends.
fn free(plan: &Plan) -> Vec<&Axis> {
    plan.grid.axes().iter().filter(|a| a.len() > 1).collect()
}

impl<'a> MapBuilder<'a> {
    /// Begins a map. `engines` are those that computed its parts, each once; `elsewhere` the files of its columns, where the
    /// map is not to hold them itself.
    ///
    /// # Errors
    /// The folder takes no file, or the disk is full.
    pub fn begin(
        plan: &'a Plan,
        specs: &PartSpecs,
        output: Output<'_>,
        command: &str,
        engines: &[PartEngine],
        elsewhere: Vec<(String, GridBox)>,
    ) -> Result<Self> {
        let writer = MapWriter::create(output, &header(plan, specs, engines, command, elsewhere)?)?;
        let edge = if let [_, x] = free(plan)[..] { Some(Boundary::new(x.len() as usize)) } else { None };
        let summary = Summary { coexist: (plan.starts() > 1).then_some(0), ..Summary::default() };
        Ok(Self { plan, writer, engines: engines.to_vec(), summary, edge, checks: Vec::new(), table_error: 0.0 })
    }

    /// Takes in the next part, whose box this is.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, place: &GridBox, part: &Part) -> Result<()> {
        self.writer.write(place, &part.answers)?;
        for answers in &part.answers {
            self.summary.add(place.first, answers);
        }
        if let (Some(edge), [answers]) = (&mut self.edge, &part.answers[..]) {
            edge.add(place.first, answers);
        }
        if let Some(coexist) = &mut self.summary.coexist {
            let together = Attractors::of_cells(&part.answers);
            *coexist += together.iter().filter(|a| a.coexist == Some(true)).count() as u64;
            self.writer.write_attractors(place, &together)?;
        }
        if let Some(engine) = self.engines.iter().position(|e| *e == part.engine) {
            self.writer.write_computed_by(place, engine)?;
        }
        self.checks.extend(checks(&part.audit));
        self.summary.neuron_steps += part.neuron_steps;
        self.table_error = self.table_error.max(part.table_error);
        Ok(())
    }

    /// Writes what only the whole can say, and gives the map its name.
    ///
    /// # Errors
    /// The disk is full, or somebody asked for the end.
    pub fn finish(mut self, stop: &CancelToken) -> Result<Summary> {
        let (plan, mut summary, writer) = (self.plan, self.summary, &mut self.writer);
        let (geometries, tables) = plan.geometries();
        for (i, (l, lambda)) in geometries.take(STORED_TABLES).enumerate() {
            let table = Tables::new(l, lambda, plan.request.table_format);
            writer.write_table(i, &record(&table, plan.request.precision))?;
        }
        let mut number = |name: &str, value: f64| writer.write_attribute(name, &Value::Number(value));
        number("table_error", self.table_error)?;
        number("tables_made", tables as f64)?;
        number("neuron_steps", summary.neuron_steps as f64)?;
        number("cells_beyond_step_limit", summary.beyond_step_limit as f64)?;
        // Curves take time, and only an edge needs them.
        if let (Some(edge), [y, x]) = (self.edge.filter(Boundary::is_there), &free(plan)[..])
            && let Some(curves) = curves_of(plan)
        {
            summary.edge = edge.distance(&curves, x, y);
        }
        if let Some(BoundaryDistance { median, worst, points }) = summary.edge {
            number("hopf_edge_distance_median", median)?;
            number("hopf_edge_distance_worst", worst)?;
            number("hopf_edge_points", points as f64)?;
        }
        let sample = AuditSample::of(plan);
        if !sample.is_empty() {
            let audit = Audit::with(plan, &sample, self.checks);
            for (name, value) in audit.attributes() {
                writer.write_attribute(&name, &value)?;
            }
            writer.write_audit(&audit.record())?;
            summary.audit = Some(audit);
        }
        self.writer.finish(stop)?;
        Ok(summary)
    }
}
