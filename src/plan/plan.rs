//! A validated request with its step chosen, and the preparation of its cells.

use super::bounds::Extents;
use super::driven::Driven;
use super::prepared::{Prepared, PreparedCell, PreparedStarts};
use super::request::Request;
use super::theory::Theory;
use super::timing::{self, TimeOverrides};
use crate::bifurcation::start_state;
use crate::engine::{Cell, EngineOptions, Precision, Timing};
use crate::error::{Error, Result, short};
use crate::grid::{Axis, Grid};
use crate::model::{FINER, Parameter, Parameters, Rates, Start};
use crate::results::{COLUMNS, DERIVED, MARGINS, MEANS, RESPONSE};
use smallvec::smallvec;
use std::collections::HashSet;

/// Step with which cells that have not settled are watched, relative to the rule's: what counts there is statistics.
const COARSER: f64 = 2.0;
/// Longest such step, relative to the longest one at which RK4 is stable.
const OF_STABLE: f64 = 0.5;
/// Largest angle by which the particle turns in such a step: RK4 takes angle^6/144 of its amplitude.
const TURNED: f64 = 0.14;
/// Cells of the largest grid that is searched for one with countable steps, if not all are
/// countable.
const SCANNED: u64 = 256;
/// Largest number of cells in a part, counting starts.
const MOST_PART_CELLS: u64 = 1 << 18;
/// Default number of cells in a part, counting starts: a device has the cells of several parts in hand.
const PART_CELLS: u64 = 1 << 16;

/// Default number of points of a list in a part: each may have an equilibrium curve of its own in memory.
const PART_POINTS: u64 = 1 << 12;

/// A validated sweep that can run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Request from which the plan was made.
    pub request: Request,
    /// Grid of the sweep.
    pub grid: Grid,
    /// Parameters that are the same in every cell.
    pub fixed: Vec<(Parameter, f64)>,
    /// Shortest RK4 step that any cell may need, in tau_c.
    pub dt: f64,
    /// Bounds on the rates of motion over all cells, from which `dt` follows.
    pub rates: Rates,
    start: Start,
    times: TimeOverrides,
    /// The input to which responses are asked for.
    driven: Option<Driven>,
    /// Whether cells are integrated for a given time.
    is_held: bool,
}

impl Plan {
    /// Checks a request and completes it: missing values are chosen by rule.
    ///
    /// # Errors
    /// [`Error::Request`] if the request breaks a limit; the message has value, limit and remedy.
    pub fn new(request: Request) -> Result<Self> {
        let (request, driven) = Driven::of(request)?;
        let (grid, fixed) = request.points()?;
        let start = request.start;
        start.check()?;
        let positive = |name: &str, value: Option<f64>| match value {
            Some(v) if !(v > 0.0 && v.is_finite()) => Err(Error::request(
                format!("{name} = {v} is not a positive number"),
                format!("give {name} in units of tau_c, above 0"),
            )),
            _ => Ok(()),
        };
        positive("`dt`", request.dt)?;
        positive("`t_max`", request.t_max)?;
        positive("`window`", request.window)?;
        let times = TimeOverrides { t_max: request.t_max, window: request.window };
        let mut plan = Self { grid, fixed, dt: 0.0, rates: Rates::NONE, start, times, driven, is_held: false, request };
        if plan.request.precision == Precision::F32 {
            plan.extents().check_fits_single(start)?;
        }
        plan.rates = plan.extents().rates(start)?;
        plan.dt = plan.choose_step()?;
        plan.times.check()?;
        plan.check_countable()?;
        plan.check_part_cells()?;
        plan.driven.iter().try_for_each(|driven| driven.check(plan.dt))?;
        Ok(plan)
    }

    /// A copy of the plan with t_max = `time` (tau_c) and windows of `time / windows` in every
    /// cell, also where alpha Gamma = 0.
    ///
    /// # Errors
    /// [`Error::Request`] if no cell's steps can be counted.
    pub fn held(&self, time: f64, windows: f64) -> Result<Self> {
        let times = TimeOverrides { t_max: Some(time), window: Some(time / windows) };
        let plan = Self { times, is_held: true, ..self.clone() };
        plan.check_countable()?;
        Ok(plan)
    }

    fn check_part_cells(&self) -> Result<()> {
        let starts = self.starts() as u64;
        match self.request.part_cells {
            Some(cells) if cells < starts || cells > MOST_PART_CELLS => Err(Error::request(
                format!("parts of {cells} cells: a part holds {starts} to {MOST_PART_CELLS}"),
                "give `part_cells` a number between, or leave it off",
            )),
            _ => Ok(()),
        }
    }

    /// Largest number of cells in a part, counting starts.
    #[must_use]
    pub fn part_cells(&self) -> u64 {
        let own = if self.grid.points().is_some() { PART_POINTS.max(self.starts() as u64) } else { PART_CELLS };
        self.request.part_cells.unwrap_or(own)
    }

    fn extents(&self) -> Extents<'_> {
        Extents { grid: &self.grid, fixed: &self.fixed }
    }

    /// Checks that the steps of at least one cell can be counted; other cells stay unsettled.
    fn check_countable(&self) -> Result<()> {
        let (shortest, longest) = self.times.extent(self.extents().of(Parameter::Omega).0);
        if timing::is_countable(longest, self.dt) {
            return Ok(());
        }
        let refused = |steps: f64, dt: f64| {
            Err(Error::request(
                format!(
                    "every cell takes {steps:.3e} steps of dt = {} or more, and {:.3e} are counted",
                    short(dt),
                    timing::MOST_STEPS
                ),
                "lower `t_max`, `window` or `hold`, or raise `dt`, where they are given, or take smaller values of V_n, R_n, Gamma, Omega or of the start's V",
            ))
        };
        // No cell has a longer step than its slowest possible rates allow.
        let dt = self.request.dt.unwrap_or_else(|| self.step_scale() * self.extents().slowest().step());
        if !timing::is_countable(shortest, dt) {
            return refused(shortest / dt, dt);
        }
        if self.grid.cells() > SCANNED {
            return Ok(());
        }
        let mut gentlest: Option<(f64, f64)> = None;
        for ready in (0..self.grid.cells()).flat_map(|i| self.cell(i)) {
            match ready {
                Prepared::Uncountable { dt, steps } if gentlest.is_none_or(|g| steps < g.0) => {
                    gentlest = Some((steps, dt));
                }
                Prepared::Uncountable { .. } | Prepared::Absent => {}
                Prepared::Cell(_) | Prepared::StartDependent => return Ok(()),
            }
        }
        gentlest.map_or(Ok(()), |(steps, dt)| refused(steps, dt))
    }

    /// Factor on the rule's step: [`FINER`] in double precision, else 1.
    fn step_scale(&self) -> f64 {
        if self.request.precision == Precision::F64 { FINER } else { 1.0 }
    }

    /// The rule's step, if the chosen step is longer: spans are then off by more than their stated
    /// errors.
    #[must_use]
    pub fn finer_step(&self) -> Option<f64> {
        let own = self.step_scale() * self.rates.step();
        (self.dt > own).then_some(own)
    }

    fn choose_step(&self) -> Result<f64> {
        let longest = self.rates.longest_stable_step();
        let own = self.step_scale() * self.rates.step();
        let dt = self.request.dt.unwrap_or(own);
        if dt > longest {
            return Err(Error::request(
                format!(
                    "`dt` {dt} is above {}, where RK4 is no longer stable in the stiffest cell (rates: rotation {:.4e}, relaxation {:.4e}, rotation by the moving voltage {:.4e})",
                    short(longest),
                    self.rates.rotation,
                    self.rates.stiff,
                    self.rates.drive
                ),
                format!("leave it off, which takes {} or less, as spans to their stated errors need", short(own)),
            ));
        }
        Ok(dt)
    }

    /// The parameters of cell `index`.
    #[must_use]
    pub fn parameters(&self, index: u64) -> Parameters<f64> {
        let mut values = [0.0; crate::model::PARAMETER_COUNT];
        for (p, value) in &self.fixed {
            values[*p as usize] = *value;
        }
        self.grid.fill(index, &mut values);
        Parameters::from_array(values)
    }

    /// Number of starts of each cell.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.start.count()
    }

    /// Start of the cells.
    #[must_use]
    pub fn start(&self) -> Start {
        self.start
    }

    /// Options of the requested engine, for the cells of this plan.
    #[must_use]
    pub fn wanted(&self) -> EngineOptions {
        EngineOptions { cells: Some(self.grid.cells().saturating_mul(self.starts() as u64)), ..self.request.wanted() }
    }

    /// Prepares a cell for each of its starts; `theory` must have been prepared for its parameters.
    #[must_use]
    pub fn prepare(&self, parameters: &Parameters<f64>, theory: &Theory) -> PreparedStarts {
        // Nothing relaxes Z to Z_T then, so the end state depends on the start, and is asked for only after a given time.
        if parameters.alpha * parameters.gamma == 0.0 && !self.is_held {
            return smallvec![Prepared::StartDependent; self.starts()];
        }
        let mut of_cell = theory.at(parameters);
        let can_rest = of_cell.regions.iter().any(|region| region.growth < 0.0);
        let last = self.starts() - 1;
        let from = |start| match start_state(self.start, start, parameters, &of_cell.equilibria) {
            None => Prepared::Absent,
            Some(state) => {
                let rates = theory.rates(parameters, state.v);
                let rule = rates.step();
                let turning = TURNED / rates.rotation;
                let coarse = (COARSER * rule).min(OF_STABLE * rates.longest_stable_step()).min(turning).max(rule);
                let time = self.times.of(parameters, of_cell.slowest);
                let timing = |scale: f64| {
                    let dt = self.request.dt.unwrap_or(scale * rule);
                    let limits = timing::run_limits(time, dt, &self.times);
                    Timing { dt, peak_error: timing::peak_error(rates.rotation, dt), limits }
                };
                let double = timing(FINER);
                if !timing::is_countable(time, double.dt) {
                    return Prepared::Uncountable { dt: double.dt, steps: time / double.dt };
                }
                let mut own = double;
                if self.request.precision == Precision::F32 {
                    own = timing(1.0);
                    own.limits = timing::in_single(parameters, of_cell.slowest, own.limits, can_rest);
                }
                let Timing { dt, peak_error, limits } = own;
                // The last start needs no copy of them.
                let of_start =
                    if start == last { std::mem::take(&mut of_cell.regions) } else { of_cell.regions.clone() };
                let (parameters, regions) = (*parameters, of_start.len() as u32);
                let is_slow = timing::is_slow(&parameters);
                let (table, first_region) = (0, 0);
                let cell = Cell {
                    parameters,
                    start: state,
                    dt,
                    peak_error,
                    limits,
                    double,
                    watch_dt: self.request.dt.unwrap_or(coarse),
                    is_slow,
                    table,
                    first_region,
                    regions,
                };
                Prepared::Cell(PreparedCell { cell, regions: of_start })
            }
        };
        (0..self.starts()).map(from).collect()
    }

    /// Prepares one cell and start with its own theory, for callers that need few cells.
    #[must_use]
    pub fn single(&self, index: u64, start: usize) -> Prepared {
        self.cell(index).into_iter().nth(start).unwrap_or(Prepared::Absent)
    }

    /// Prepares one cell for each of its starts, with its own theory.
    fn cell(&self, index: u64) -> PreparedStarts {
        let parameters = self.parameters(index);
        self.prepare(&parameters, &Theory::prepared_for(&parameters))
    }

    /// The geometries (l, lambda) of the grid, in the order in which its cells reach them, and
    /// their number.
    pub fn geometries(&self) -> (Box<dyn Iterator<Item = (f64, f64)> + '_>, u64) {
        let geometry = |p: Parameters<f64>| (p.l, p.lambda);
        if let Some(points) = self.grid.points() {
            let of = move |i: u64| geometry(self.parameters(i));
            let varies = |p: Parameter| points.parameters().contains(&p);
            let cells = if varies(Parameter::L) || varies(Parameter::Lambda) { self.grid.cells() } else { 1 };
            let mut seen = HashSet::new();
            let mut is_new = move |(l, lambda): &(f64, f64)| seen.insert((l.to_bits(), lambda.to_bits()));
            let all: Vec<_> = (0..cells).map(of).filter(|g| is_new(g)).collect();
            let count = all.len() as u64;
            return (Box::new(all.into_iter()), count);
        }
        let is_geometry = |a: &Axis| matches!(a.parameter, Parameter::L | Parameter::Lambda);
        let count = self.grid.axes().iter().filter(|a| is_geometry(a)).map(Axis::len).product();
        let index = move |number: u64| {
            // `number` counts through the geometry axes alone; all others stay at their first
            // value.
            let (mut rest, mut stride, mut index) = (number, 1, 0);
            for axis in self.grid.axes().iter().rev() {
                if is_geometry(axis) {
                    index += stride * (rest % axis.len());
                    rest /= axis.len();
                }
                stride *= axis.len();
            }
            index
        };
        (Box::new((0..count).map(move |number| geometry(self.parameters(index(number))))), count)
    }

    /// The two axes of several values, slowest first, if there are exactly two: the map is a plane.
    #[must_use]
    pub fn plane(&self) -> Option<[&Axis; 2]> {
        let free: Vec<&Axis> = self.grid.axes().iter().filter(|a| a.len() > 1).collect();
        <[&Axis; 2]>::try_from(free).ok()
    }

    /// The input to which responses are asked for.
    #[must_use]
    pub fn driven(&self) -> Option<&Driven> {
        self.driven.as_ref()
    }

    /// The columns of the map that are asked for, as name and long name.
    #[must_use]
    pub fn optional_columns(&self) -> Vec<(&'static str, &'static str)> {
        let means = MEANS.into_iter().filter(|_| self.request.means);
        means.chain(RESPONSE.into_iter().filter(|_| self.driven.is_some())).collect()
    }

    /// Largest size of the columns and axes on disk, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let each: usize = if self.request.precision == Precision::F64 { 8 } else { 4 };
        let axes: u64 = match self.grid.points() {
            Some(points) => self.grid.cells() * (4 + 8 * points.parameters().len() as u64),
            None => self.grid.axes().iter().map(|a| 8 * a.len()).sum(),
        };
        let derived = if self.starts() > 1 { DERIVED.len() * each } else { 0 };
        let margins = if self.plane().is_some() { MARGINS.len() * 4 } else { 0 };
        let optional = 8 * self.optional_columns().len();
        let cell = self.starts() * (COLUMNS.len() * each + 2 + optional) + derived + margins;
        self.grid.cells().saturating_mul(cell as u64).saturating_add(axes)
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
