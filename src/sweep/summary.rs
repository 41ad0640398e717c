//! Summary of a whole map, collected part by part: counts, largest span, boundary and audit.

use super::margin::{Margin, MarginBuilder, Margins};
use crate::audit::{Audit, AuditSample, Boundary, BoundaryDistance, Check, checks, curves_of, plan_of};
use crate::error::Result;
use crate::grid::GridBox;
use crate::plan::Plan;
use crate::results::{Attractors, CellResult, MEANS, Outcome, RESPONSE};
use crate::store::{MapFile, Part};

/// Number of cells read at once from a map.
const AT_ONCE: u64 = 1 << 16;

/// Key numbers of a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Number of results of each outcome, in the order of [`Outcome::ALL`]; each start counts.
    pub counts: [u64; Outcome::ALL.len()],
    /// Number of unsettled results that were not integrated, since they have too many steps to
    /// count.
    pub beyond_step_limit: u64,
    /// Settled cell with the largest span: (index, span).
    pub largest: Option<(u64, f64)>,
    /// Number of cells in which a motion that goes on and a quiet state coexist, if there are several starts.
    pub coexist: Option<u64>,
    /// Steps taken in total, over all cells.
    pub neuron_steps: u64,
    /// Most steps of any one cell and start; 0 if the file does not say.
    pub largest_steps: u64,
    /// Distance of the boundary of a 2-D map from the Hopf curve, if the map has both.
    pub edge: Option<BoundaryDistance>,
    /// Cell with the largest margin in cells, in a 2-D map with stable cycles: (index, margin).
    pub widest: Option<(u64, f64)>,
    /// Number of settled results without means, if means are asked for.
    pub without_means: Option<u64>,
    /// Number of motions that could not be followed under the input, if responses are asked for.
    pub without_response: Option<u64>,
    /// Result of the audit, if there was one.
    pub audit: Option<Audit>,
}

/// Attributes of a file for [`Summary::without_means`] and [`Summary::without_response`].
pub(super) const WITHOUT_MEANS: &str = "settled_without_means";
pub(super) const WITHOUT_RESPONSE: &str = "without_response";

impl Summary {
    fn add(&mut self, first: u64, results: &[CellResult]) {
        for (index, a) in (first..).zip(results) {
            self.counts[a.outcome as usize] += 1;
            self.beyond_step_limit += u64::from(a.is_beyond_step_limit());
            if a.outcome.is_settled() && !a.span.is_nan() && self.largest.is_none_or(|(_, span)| a.span > span) {
                self.largest = Some((index, a.span));
            }
        }
    }
}

impl Summary {
    /// Adds the margins of a box's cells.
    pub(super) fn add_margins(&mut self, cells: &GridBox, margins: &[Margin]) {
        for (index, [cells, _]) in (cells.first..).zip(margins) {
            if !cells.is_nan() && self.widest.is_none_or(|(_, most)| *cells > most) {
                self.widest = Some((index, *cells));
            }
        }
    }
}

impl MapFile {
    /// The key numbers of the map, counted again over all its cells.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if the stored request does not belong to the map's coordinates;
    /// [`crate::Error::File`] if the file cannot be read or is damaged.
    pub fn summary(&self) -> Result<Summary> {
        let plan = plan_of(self)?;
        let mut builder = SummaryBuilder::new(&plan);
        for cells in plan.grid.boxes(AT_ONCE).iter() {
            builder.add(&cells, &self.results(&cells)?);
        }
        builder.checks.extend(checks(&self.audit_rows()?));
        builder.summary.neuron_steps = self.number("neuron_steps").unwrap_or_default() as u64;
        builder.summary.largest_steps = self.number("neuron_steps_largest").unwrap_or_default() as u64;
        builder.summary.without_means = self.number(WITHOUT_MEANS).map(|n| n as u64);
        builder.summary.without_response = self.number(WITHOUT_RESPONSE).map(|n| n as u64);
        let (mut summary, margins) = builder.finish();
        for cells in plan.grid.boxes(AT_ONCE).iter() {
            margins.iter().for_each(|margins| summary.add_margins(&cells, &margins.of_box(&cells)));
        }
        Ok(summary)
    }
}

/// Summary of the parts added so far.
#[derive(Debug)]
pub(super) struct SummaryBuilder<'a> {
    plan: &'a Plan,
    summary: Summary,
    boundary: Option<Boundary>,
    margins: Option<MarginBuilder>,
    checks: Vec<Check>,
}

impl<'a> SummaryBuilder<'a> {
    /// A summary of no parts.
    pub(super) fn new(plan: &'a Plan) -> Self {
        let width = plan.plane().map(|[_, x]| x.len() as usize);
        let (boundary, margins) = (width.map(Boundary::new), width.map(MarginBuilder::new));
        let summary = Summary {
            coexist: (plan.starts() > 1).then_some(0),
            without_means: plan.request.means.then_some(0),
            without_response: plan.driven().map(|_| 0),
            ..Summary::default()
        };
        Self { plan, summary, boundary, margins, checks: Vec::new() }
    }

    /// Adds the next part, and returns the attractors of its cells if there are several starts.
    pub(super) fn add_part(&mut self, cells: &GridBox, part: &Part) -> Option<Vec<Attractors>> {
        self.checks.extend(checks(&part.audit));
        self.summary.neuron_steps += part.neuron_steps;
        self.summary.largest_steps = self.summary.largest_steps.max(part.largest_steps);
        let names: Vec<_> = self.plan.optional_columns().iter().map(|(name, _)| *name).collect();
        let without = |name: &str, counts: fn(Outcome) -> bool| {
            let column = names.iter().position(|n| *n == name)?;
            let of_start = |(results, columns): (&Vec<CellResult>, &Vec<Vec<f64>>)| {
                let values = columns.get(column).map_or(&[][..], |values| values);
                results.iter().zip(values).filter(|(result, value)| counts(result.outcome) && value.is_nan()).count()
                    as u64
            };
            Some(part.results.iter().zip(&part.optional).map(of_start).sum::<u64>())
        };
        let means = without(MEANS[0].0, Outcome::is_settled);
        let responses = without(RESPONSE[1].0, |outcome| outcome != Outcome::Absent);
        for (total, more) in [(&mut self.summary.without_means, means), (&mut self.summary.without_response, responses)]
        {
            *total = total.zip(more).map(|(total, more)| total + more);
        }
        self.add(cells, &part.results)
    }

    /// Adds the next results, and returns the attractors of their cells if there are several
    /// starts.
    fn add(&mut self, cells: &GridBox, by_start: &[Vec<CellResult>]) -> Option<Vec<Attractors>> {
        for results in by_start {
            self.summary.add(cells.first, results);
        }
        if let (Some(boundary), [results]) = (&mut self.boundary, by_start) {
            boundary.add(cells.first, results);
        }
        self.margins.iter_mut().for_each(|margins| margins.add(cells.first, by_start));
        let coexist = self.summary.coexist.as_mut()?;
        let attractors = Attractors::of_cells(by_start);
        *coexist += attractors.iter().filter(|a| a.coexist == Some(true)).count() as u64;
        Some(attractors)
    }

    /// The summary of all parts, still without the largest margin, and the margins of a 2-D map.
    pub(super) fn finish(self) -> (Summary, Option<Margins>) {
        let (plan, mut summary) = (self.plan, self.summary);
        // Curves take time, and only a boundary needs them.
        if let (Some(boundary), Some([y, x])) = (self.boundary.filter(Boundary::is_there), plan.plane())
            && let Some(curves) = curves_of(plan)
        {
            summary.edge = boundary.distance(&curves, x, y);
        }
        let sample = AuditSample::of(plan);
        if !sample.is_empty() {
            summary.audit = Some(Audit::with(plan, &sample, self.checks));
        }
        (summary, self.margins.zip(plan.plane()).map(|(margins, axes)| margins.finish(axes)))
    }
}
