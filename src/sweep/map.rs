//! Finished maps in memory, as arrays.

use super::failover::Failover;
use super::margin::Margin;
use super::stages::Stages;
use super::summary::{Summary, SummaryBuilder};
use crate::engine::{OpenEngine, Progress};
use crate::error::{Error, Result, bytes_shown};
use crate::grid::{Axis, Points, ravel};
use crate::model::Parameter;
use crate::plan::{OnDeviceLoss, Plan};
use crate::results::{COLUMNS, CellResult, MARGINS, Outcome};
use ndarray::{ArrayD, IxDyn};

/// Largest number of results computed in one part of the map.
const AT_ONCE: u64 = 1 << 16;

/// Results of a sweep in memory.
///
/// Arrays have one dimension for each axis, in the order of the axes. With `Start::Equilibria`
/// there is a first dimension for the starts lower, middle and upper.
#[derive(Debug, Clone)]
pub struct Map {
    plan: Plan,
    by_start: Vec<Vec<CellResult>>,
    summary: Summary,
    /// Margins of the cells of a 2-D map, in cells and relative.
    margins: Vec<Margin>,
    /// Columns that were asked for: by start, then by column.
    optional: Vec<Vec<Vec<f64>>>,
}

impl Map {
    /// Computes all cells of a plan.
    pub(super) fn compute(plan: Plan, engine: &OpenEngine, progress: &Progress) -> Result<Self> {
        let mut by_start: Vec<Vec<CellResult>> = vec![Vec::new(); plan.starts()];
        let cells = usize::try_from(plan.grid.cells()).unwrap_or(usize::MAX);
        let mut margins: Vec<Margin> = Vec::new();
        let due = if plan.plane().is_some() { cells } else { 0 };
        if by_start.iter_mut().any(|results| results.try_reserve_exact(cells).is_err())
            || margins.try_reserve_exact(due).is_err()
        {
            let each = plan.starts() * size_of::<CellResult>() + if due > 0 { size_of::<Margin>() } else { 0 };
            let bytes = plan.grid.cells().saturating_mul(each as u64);
            return Err(Error::request(
                format!("a map of {cells} cells takes {} of memory, more than there is", bytes_shown(bytes)),
                "use fewer cells, or write the map to a file",
            ));
        }
        let mut optional = vec![vec![Vec::new(); plan.optional_columns().len()]; plan.starts()];
        let mut summary = SummaryBuilder::new(&plan);
        let failover = Failover::new(engine, plan.request.wanted(), OnDeviceLoss::Stop, &|note| log::warn!("{note}"));
        let mut stages = Stages::new(&plan, progress, failover);
        for cells in plan.grid.boxes(AT_ONCE / plan.starts() as u64).iter() {
            let part = stages.run(&cells)?;
            summary.add_part(&cells, &part);
            let columns = optional.iter_mut().flatten().zip(part.optional.into_iter().flatten());
            columns.for_each(|(all, here): (&mut Vec<f64>, _)| all.extend(here));
            by_start.iter_mut().zip(part.results).for_each(|(all, here)| all.extend(here));
        }
        drop(stages);
        let (mut summary, of_cells) = summary.finish();
        for cells in plan.grid.boxes(AT_ONCE).iter() {
            let here = of_cells.iter().flat_map(|of_cells| of_cells.of_box(&cells)).collect::<Vec<_>>();
            summary.add_margins(&cells, &here);
            margins.extend(here);
        }
        Ok(Self { plan, by_start, summary, margins, optional })
    }

    /// The axes, slowest first; none of a list of points.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        self.plan.grid.axes()
    }

    /// The list of points, of a map that has no axes.
    #[must_use]
    pub fn points(&self) -> Option<&Points> {
        self.plan.grid.points()
    }

    /// The parameters that are the same in all cells.
    #[must_use]
    pub fn fixed(&self) -> &[(Parameter, f64)] {
        &self.plan.fixed
    }

    /// Names of the starts, if there are several.
    #[must_use]
    pub fn starts(&self) -> Vec<String> {
        self.plan.start().names()
    }

    fn shape(&self) -> Vec<usize> {
        let starts = self.starts().len();
        (starts > 0).then_some(starts).into_iter().chain(self.plan.grid.shape().iter().map(|n| *n as usize)).collect()
    }

    fn filled<T>(&self, value: impl Fn(&CellResult) -> T) -> ArrayD<T> {
        let (shape, results): (_, Vec<_>) = (self.shape(), self.by_start.iter().flatten().collect());
        ArrayD::from_shape_fn(IxDyn(&shape), |index| value(results[ravel(&shape, ndarray::Dimension::slice(&index))]))
    }

    /// One column of numbers; missing numbers are NaN.
    ///
    /// The columns are those of a file, such as `span`, `v_mean`, `period` and `multiplier`; in a map of two axes of several
    /// values, `margin` and `margin_relative`, too, without a dimension for the starts.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no such column.
    pub fn array(&self, column: &str) -> Result<ArrayD<f64>> {
        if let Some(number) = MARGINS.iter().position(|m| m.0 == column).filter(|_| !self.margins.is_empty()) {
            let shape: Vec<usize> = self.axes().iter().map(|a| a.len() as usize).collect();
            let value = |index: &[usize]| self.margins[ravel(&shape, index)][number];
            return Ok(ArrayD::from_shape_fn(IxDyn(&shape), |index| value(ndarray::Dimension::slice(&index))));
        }
        let optional = self.plan.optional_columns();
        if let Some(number) = optional.iter().position(|o| o.0 == column) {
            let shape = self.shape();
            let values: Vec<f64> = self.optional.iter().flat_map(|columns| &columns[number]).copied().collect();
            return Ok(ArrayD::from_shape_fn(IxDyn(&shape), |at| {
                values[ravel(&shape, ndarray::Dimension::slice(&at))]
            }));
        }
        let number = COLUMNS.iter().position(|c| c.name == column).ok_or_else(|| {
            let margins = MARGINS.iter().map(|m| m.0).filter(|_| !self.margins.is_empty());
            let names: Vec<_> =
                COLUMNS.iter().map(|c| c.name).chain(margins).chain(optional.iter().map(|o| o.0)).collect();
            Error::request(format!("'{column}' is no column of numbers"), format!("name one of {}", names.join(", ")))
        })?;
        Ok(self.filled(|a| a.numbers()[number]))
    }

    /// The outcome of every cell.
    #[must_use]
    pub fn outcomes(&self) -> ArrayD<Outcome> {
        self.filled(|a| a.outcome)
    }

    /// The result of one cell (an index along each axis, or of a point) from one start; `None` if there is no such
    /// cell or start.
    #[must_use]
    pub fn result(&self, start: usize, index: &[usize]) -> Option<&CellResult> {
        let shape: Vec<usize> = self.plan.grid.shape().iter().map(|n| *n as usize).collect();
        let is_inside = index.len() == shape.len() && index.iter().zip(&shape).all(|(i, n)| i < n);
        is_inside.then(|| self.by_start.get(start)?.get(ravel(&shape, index))).flatten()
    }

    /// Counts of outcomes, largest span, distance from the Hopf curve, and the audit.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }
}
