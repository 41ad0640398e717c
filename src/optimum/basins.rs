//! Where a quantity is large: the local maxima of a coarse sweep.

use super::condition::Condition;
use super::follow::{Sample, Space};
use super::local_model::Goal;
use super::quantity::{QUANTITY_COUNT, Quantity, of_orbit};
use crate::engine::{EngineKind, Progress};
use crate::error::{Error, Result};
use crate::model::{Parameter, Start, State};
use crate::plan::Request;
use crate::results::{CellResult, Outcome};
use crate::sweep::{Map, Sweep};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::f64::consts::TAU;

/// Cells of the coarse sweep, about, and values along the only range.
const CELLS: f64 = 4096.0;
const VALUES_OF_ONE: u64 = 257;
/// Values along each range at least.
const FEWEST: u64 = 3;
/// Points of the orbits from which a coarse sweep takes power and distortion.
const POINTS: usize = 128;
/// Difference of two values, relative, that single precision's rounding may make.
const ROUNDING: f64 = 1e-5;

/// Number of values of the coarse sweep along each of `n` ranges.
pub(super) fn values_along(n: usize) -> u64 {
    match n {
        1 => VALUES_OF_ONE,
        _ => (CELLS.powf(1.0 / n as f64).round() as u64).max(FEWEST),
    }
}

/// An error of the coarse sweep with a remedy that a search has.
fn of_ranges(error: Error) -> Error {
    match error {
        Error::Request { problem, .. } => {
            Error::request(problem, "narrow the ranges, or take smaller values of V_n, R_n, Gamma or Omega")
        }
        other => other,
    }
}

/// Start and cell of values, best first.
fn sorted(mut found: Vec<(f64, usize, usize)>) -> Vec<(usize, usize)> {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, start, cell)| (start, cell)).collect()
}

/// A coarse sweep of the box, in memory.
#[derive(Debug)]
pub(super) struct Coarse {
    map: Map,
    /// Number of values along each range.
    count: usize,
    ranges: usize,
    starts: usize,
    /// The goal's value in each cell, by start; `None` where no stable cycle keeps the conditions.
    values: Vec<Vec<Option<f64>>>,
}

impl Coarse {
    /// Sweeps the box, and evaluates the goal in each cell.
    ///
    /// # Errors
    /// [`Error::Request`] if a limit of sweeps is broken; [`Error::Interrupted`] if cancelled.
    pub(super) fn sweep(space: &Space, goal: &Goal, start: Start, progress: &Progress) -> Result<Self> {
        let (ranges, count) = (space.over.len(), values_along(space.over.len()));
        let is_fixed = |p: &Parameter| !space.over.iter().any(|o| o.parameter == *p);
        let set = Parameter::ALL.into_iter().filter(is_fixed).map(|p| (p, space.base.get(p))).collect();
        let grid = space.over.iter().map(|o| o.axis(count)).collect();
        let request = Request { grid, set, start, engine: EngineKind::Cpu, audit: Some(0), ..Request::default() };
        let map = Sweep::from_request(request).progress(progress).run().map_err(of_ranges)?;
        let starts = map.starts().len().max(1);
        let mut coarse = Self { map, count: count as usize, ranges, starts, values: Vec::new() };
        let values = |start: usize| {
            (0..coarse.cells()).into_par_iter().map(|cell| coarse.value(space, goal, start, cell)).collect()
        };
        coarse.values = (0..starts).map(values).collect();
        progress.stop.check()?;
        Ok(coarse)
    }

    fn cells(&self) -> usize {
        self.count.pow(self.ranges as u32)
    }

    /// Number of cells with a cycle, over all starts.
    pub(super) fn oscillating(&self) -> usize {
        let is_cycle =
            |start: usize, cell: usize| self.result(start, cell).is_some_and(|r| r.outcome == Outcome::Oscillating);
        (0..self.starts).map(|start| (0..self.cells()).filter(|cell| is_cycle(start, *cell)).count()).sum()
    }

    fn index(&self, cell: usize) -> Vec<usize> {
        (0..self.ranges).map(|i| cell / self.count.pow((self.ranges - 1 - i) as u32) % self.count).collect()
    }

    fn result(&self, start: usize, cell: usize) -> Option<&CellResult> {
        self.map.result(start, &self.index(cell))
    }

    /// The coordinates of a cell.
    fn at(&self, cell: usize) -> Vec<f64> {
        self.index(cell).iter().map(|i| *i as f64 / (self.count - 1) as f64).collect()
    }

    /// The goal's value in a cell, from the columns of the sweep if they tell it.
    fn value(&self, space: &Space, goal: &Goal, start: usize, cell: usize) -> Option<f64> {
        let result = self.result(start, cell).filter(|r| r.outcome == Outcome::Oscillating)?;
        let mut values = [f64::NAN; QUANTITY_COUNT];
        for (q, value) in [
            (Quantity::Span, result.span),
            (Quantity::VMax, result.v_max),
            (Quantity::VMin, result.v_min),
            (Quantity::VMean, result.v_mean),
            (Quantity::Period, result.period),
            (Quantity::Frequency, TAU / result.period),
            (Quantity::Multiplier, result.multiplier),
            (Quantity::Maxima, result.maxima),
        ] {
            values[q as usize] = value;
        }
        if !(goal.of.is_column() && goal.conditions.iter().all(|c| c.quantity.is_column())) {
            // The motion's end is near enough to the cycle for a coarse sweep.
            let [x, y, z, v] = result.end;
            let orbit = space.orbit(&self.at(cell), &State { x, y, z, v }, result.period, POINTS);
            [values[Quantity::Power as usize], values[Quantity::Thd as usize]] = of_orbit(&orbit);
        }
        // The sweep has found the cycle stable, also where the single-precision multiplier rounds to 1.
        let mut others = goal.conditions.iter().filter(|c| **c != Condition::STABLE);
        let kept = others.all(|c| c.excess(&values) < 0.0);
        Some(values[goal.of as usize]).filter(|v| v.is_finite() && kept)
    }

    /// The cycle of a cell in f64.
    pub(super) fn sample(&self, space: &Space, start: usize, cell: usize) -> Option<Sample> {
        let [x, y, z, v] = self.result(start, cell)?.end;
        let at = self.at(cell);
        space.settled(&at, &State { x, y, z, v })
    }

    /// The local maxima, as start and cell, best first: cells without a better neighbour, corners included. A maximum from which
    /// a better cell is reached without a loss above single precision's rounding is none.
    pub(super) fn maxima(&self) -> Vec<(usize, usize)> {
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for (start, values) in self.values.iter().enumerate() {
            for (cell, value) in values.iter().enumerate() {
                if let Some(value) = value.filter(|v| self.is_top(values, cell, *v, |c| self.neighbours(c).collect())) {
                    found.push((value, start, cell));
                }
            }
        }
        sorted(found)
    }

    /// Whether nothing better is reached from a cell of this value without a loss above rounding.
    fn is_top(
        &self,
        values: &[Option<f64>],
        cell: usize,
        value: f64,
        neighbours: impl Fn(usize) -> Vec<usize>,
    ) -> bool {
        let floor = value - ROUNDING * value.abs();
        let (mut seen, mut queue) = (BTreeSet::from([cell]), vec![cell]);
        while let Some(at) = queue.pop() {
            for next in neighbours(at) {
                let Some(there) = values[next].filter(|v| *v >= floor) else { continue };
                // Of equal ones, the first counts.
                if there > value || there == value && next < cell {
                    return false;
                }
                if seen.insert(next) {
                    queue.push(next);
                }
            }
        }
        true
    }

    /// The cells of a plane with the largest distance to the nearest cell or bound beyond which the conditions are not kept, each
    /// parameter in units of its value in the cell, as distance, start and cell, widest first; the start is the first that comes
    /// to a cycle that keeps them.
    pub(super) fn widest(&self, space: &Space) -> Vec<(f64, usize, usize)> {
        let kept_by = |cell: usize| (0..self.starts).find(|start| self.values[*start][cell].is_some());
        let kept: Vec<Option<usize>> = (0..self.cells()).map(kept_by).collect();
        // Cells next to a kept one are near enough: the boundary is in front of them.
        let is_edge = |cell: &usize| kept[*cell].is_none() && self.neighbours(*cell).any(|c| kept[c].is_some());
        let edge: Vec<[f64; 2]> = (0..self.cells()).filter(is_edge).map(|cell| self.values(space, cell)).collect();
        let margin = |cell: usize| {
            let at = self.values(space, cell);
            let bounds = [0, 1].map(|k| {
                let (low, high) = (space.over[k].low, space.over[k].high);
                (at[k] - low).min(high - at[k]) / at[k].abs()
            });
            let near = edge.iter().map(|b| ((b[0] - at[0]) / at[0]).hypot((b[1] - at[1]) / at[1]));
            near.fold(bounds[0].min(bounds[1]), f64::min)
        };
        let margins: Vec<f64> = (0..self.cells())
            .into_par_iter()
            .map(|cell| if kept[cell].is_some() { margin(cell) } else { f64::NEG_INFINITY })
            .collect();
        let is_widest = |cell: usize| !self.neighbours(cell).any(|c| margins[c] > margins[cell]);
        let found = (0..self.cells()).filter(|cell| margins[*cell] > 0.0 && is_widest(*cell));
        let mut found: Vec<_> = found.filter_map(|cell| Some((margins[cell], kept[cell]?, cell))).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found
    }

    /// The best cell, as start and cell, if there is one.
    pub(super) fn best(&self) -> Option<(usize, usize)> {
        self.maxima().first().copied()
    }

    /// The values of all parameters in a cell, and the goal's value there.
    pub(super) fn cell(&self, space: &Space, (start, cell): (usize, usize)) -> Option<(Vec<f64>, f64)> {
        let at = self.at(cell).iter().zip(&space.over).map(|(at, over)| over.value(*at)).collect();
        self.values[start][cell].map(|value| (at, value))
    }

    /// The values of both parameters in a cell of a plane.
    pub(super) fn values(&self, space: &Space, cell: usize) -> [f64; 2] {
        let at = self.at(cell);
        [0, 1].map(|k| space.over[k].value(at[k]))
    }

    /// The local maxima, as start and cell, best first, among the cells whose last index is the nearest to a coordinate.
    pub(super) fn best_at_last(&self, at: f64) -> Vec<(usize, usize)> {
        let row = (at * (self.count - 1) as f64).round() as usize;
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        let on_row = |cell: usize| self.neighbours(cell).filter(|c| c % self.count == row).collect::<Vec<_>>();
        for (start, values) in self.values.iter().enumerate() {
            for cell in (row..self.cells()).step_by(self.count) {
                if let Some(value) = values[cell].filter(|v| self.is_top(values, cell, *v, on_row)) {
                    found.push((value, start, cell));
                }
            }
        }
        sorted(found)
    }

    fn neighbours(&self, cell: usize) -> impl Iterator<Item = usize> {
        let (index, count, ranges) = (self.index(cell), self.count, self.ranges);
        (0..3_usize.pow(ranges as u32)).filter_map(move |n| {
            let mut there = 0;
            for (i, here) in index.iter().enumerate() {
                let to = (here + n / 3_usize.pow(i as u32) % 3).checked_sub(1).filter(|to| *to < count)?;
                there = there * count + to;
            }
            (there != cell).then_some(there)
        })
    }
}
