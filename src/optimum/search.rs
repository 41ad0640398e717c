//! The search as a whole: sweep, basins, refinement, borders, sensitivity, ridge.

use super::basins::{Coarse, values_along};
use super::condition::{Condition, STABLE_INSIDE};
use super::edge::{Edge, OnEdge, on_edge};
use super::follow::Space;
use super::local_model::Goal;
use super::over::Over;
use super::quantity::{QUANTITY_COUNT, Quantity};
use super::refine::{Refined, Scale, refine};
use super::ridge::{RidgePoint, ridge};
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::model::{Parameters, Start};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Local maxima of the coarse sweep that are refined at most.
const REFINED: usize = 24;
/// Distance of two maxima, in the coordinates, below which they are one.
const SAME: f64 = 1e-5;
/// Share of the coarse sweep's spacing at which neighbours of a cycle are taken, and its bounds.
const NEIGHBOURS: f64 = 0.05;
const NEAREST: f64 = 2e-4;
const FURTHEST: f64 = 1e-3;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Task {
    /// The ranges.
    pub over: Vec<Over>,
    /// The values of all other parameters.
    pub base: Parameters<f64>,
    /// What is maximised.
    pub of: Quantity,
    /// Conditions on the cycle, besides that it is stable.
    pub within: Vec<Condition>,
    /// The starts of the coarse sweep.
    pub start: Start,
}

/// What holds a maximum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Border {
    /// A bound of the range, by its number among the ranges; whether it is the parameter's physical limit, too.
    Bound {
        /// Number of the range.
        range: usize,
        /// The bound's value.
        value: f64,
        /// Whether the parameter has no values beyond it.
        is_physical: bool,
        /// Derivative of the goal by the parameter there.
        slope: f64,
    },
    /// A condition that the cycle would break further on.
    Condition(Condition),
    /// The edge of the region of stable cycles.
    Stability(Edge),
}

/// A local maximum.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// Values of the parameters, in the order of the ranges.
    pub at: Vec<f64>,
    /// All quantities of the cycle there, in their order.
    pub values: [f64; QUANTITY_COUNT],
    /// What holds it.
    pub borders: Vec<Border>,
    /// Derivative of the goal by each parameter.
    pub gradient: Vec<f64>,
    /// Second derivatives of the goal by the parameters, row by row.
    pub hessian: Vec<Vec<f64>>,
    /// Condition number of the Hessian over the parameters that are on no bound, each in units of its range (a
    /// logarithmic one in units of its logarithm's): the largest modulus of an eigenvalue over the smallest. `None`
    /// without such parameters.
    pub condition: Option<f64>,
    /// Whether the last step was below 1e-7 of the ranges.
    pub converged: bool,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The local maxima, best first.
    pub optima: Vec<Optimum>,
    /// The best of all other parameters for each value of the last, from one end of its range to the other.
    pub ridge: Vec<RidgePoint>,
    /// Values of the parameters in the best cell of the coarse sweep, and the goal's value there.
    pub best_cell: Option<(Vec<f64>, f64)>,
    /// Cells of the coarse sweep with a cycle, over all starts.
    pub oscillating: usize,
    /// Local maxima of the coarse sweep, and how many of them were refined.
    pub basins: [usize; 2],
}

impl Task {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no range, a range is unusable, or a parameter has two.
    pub fn check(&self) -> Result<()> {
        if self.over.is_empty() {
            return Err(Error::request("no parameter varies", "add `over` NAME=START:STOP"));
        }
        for (i, over) in self.over.iter().enumerate() {
            over.check()?;
            if self.over[..i].iter().any(|o| o.parameter == over.parameter) {
                let name = over.parameter.name();
                return Err(Error::request(format!("{name} has two ranges"), "leave one of them off"));
            }
        }
        Ok(())
    }

    /// Values of the coarse sweep along each range.
    #[must_use]
    pub fn coarse_values(&self) -> u64 {
        values_along(self.over.len())
    }

    /// Number of cells of the coarse sweep.
    #[must_use]
    pub fn coarse_cells(&self) -> u64 {
        values_along(self.over.len()).pow(self.over.len() as u32)
    }

    fn goal(&self) -> Goal {
        let conditions = [Condition::STABLE].into_iter().chain(self.within.iter().copied()).collect();
        Goal { of: self.of, conditions, inside: STABLE_INSIDE }
    }
}

/// The local maxima of a quantity over stable cycles, and the ridge.
///
/// A cycle counts if the motion from one of the starts comes to it in a cell of the coarse sweep, or if it is followed
/// from there by its parameters. Without any, the lists are empty.
///
/// # Errors
/// [`Error::Request`] if a range or a limit of sweeps is broken; [`Error::Interrupted`] if cancelled.
pub fn optimum(task: &Task, progress: &Progress) -> Result<Found> {
    task.check()?;
    let (space, goal) = (Space::new(task.over.clone(), task.base), task.goal());
    let coarse = Coarse::sweep(&space, &goal, task.start, progress)?;
    let spacing = 1.0 / (values_along(task.over.len()) - 1) as f64;
    let scale = Scale { region: spacing, neighbours: (NEIGHBOURS * spacing).clamp(NEAREST, FURTHEST) };
    let all = coarse.maxima();
    let starts = &all[..all.len().min(REFINED)];
    let refined: Result<Vec<Option<Refined>>> = starts
        .par_iter()
        .map(|(start, cell)| {
            let Some(from) = coarse.sample(&space, *start, *cell).filter(|s| goal.is_kept(s)) else { return Ok(None) };
            refine(&space, &goal, &from, scale, &progress.stop)
        })
        .collect();
    let mut refined: Vec<Refined> = refined?.into_iter().flatten().collect();
    refined.sort_by(|a, b| goal.value(&b.sample).total_cmp(&goal.value(&a.sample)));
    let mut distinct: Vec<Refined> = Vec::new();
    for one in refined {
        let apart = |other: &Refined| {
            one.sample.at.iter().zip(&other.sample.at).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        if !distinct.iter().any(|other| apart(other) < SAME) {
            distinct.push(one);
        }
    }
    let edges: Result<Vec<Option<OnEdge>>> =
        distinct.par_iter().map(|found| on_edge(&space, &goal, found, scale, &progress.stop)).collect();
    let optima = distinct.iter().zip(edges?).map(|(found, edge)| described(&space, &goal, found, edge)).collect();
    let ridge = ridge(&space, &goal, &coarse, scale, &progress.stop)?;
    let (oscillating, basins) = (coarse.oscillating(), [all.len(), starts.len()]);
    let best_cell = coarse.best().and_then(|cell| coarse.cell(&space, cell));
    Ok(Found { optima, ridge, best_cell, oscillating, basins })
}

/// A maximum in the parameters' own units, with what holds it.
fn described(space: &Space, goal: &Goal, found: &Refined, edge: Option<OnEdge>) -> Optimum {
    let (at, model) = (edge.as_ref().map_or(&found.sample.at, |e| &e.at), &found.models[0]);
    let values: Vec<f64> = space.over.iter().zip(at).map(|(over, at)| over.value(*at)).collect();
    let slopes: Vec<[f64; 2]> = space.over.iter().zip(&values).map(|(over, v)| over.slopes(*v)).collect();
    let n = at.len();
    let gradient: Vec<f64> = (0..n).map(|i| model.gradient[i] * slopes[i][0]).collect();
    let second = |i: usize, j: usize| {
        let bend = if i == j { model.gradient[i] * slopes[i][1] } else { 0.0 };
        model.hessian[(i, j)] * (slopes[i][0] * slopes[j][0]) + bend
    };
    let hessian = (0..n).map(|i| (0..n).map(|j| second(i, j)).collect()).collect();
    let on_bound = |i: usize| at[i] == 0.0 || at[i] == 1.0;
    let mut borders: Vec<Border> = Vec::new();
    for i in (0..n).filter(|i| on_bound(*i)) {
        let range = space.over[i].parameter.info().range;
        let is_physical = values[i] == range.min || values[i] == range.max;
        borders.push(Border::Bound { range: i, value: values[i], is_physical, slope: gradient[i] });
    }
    for (condition, multiplier) in goal.conditions.iter().zip(found.multipliers.iter()) {
        if *multiplier != 0.0 && *condition != Condition::STABLE {
            borders.push(Border::Condition(*condition));
        }
    }
    borders
        .extend(edge.as_ref().map(|e| Border::Stability(e.edge)).or_else(|| Edge::held(found).map(Border::Stability)));
    let free: Vec<usize> = (0..n).filter(|i| !on_bound(*i)).collect();
    let condition = condition_number(&model.hessian.select_rows(&free).select_columns(&free));
    Optimum {
        at: values,
        values: edge.as_ref().map_or(found.sample.values, |e| e.values),
        borders,
        gradient,
        hessian,
        condition,
        converged: found.converged || edge.is_some(),
    }
}

/// Largest modulus of an eigenvalue over the smallest; `None` for an empty matrix.
fn condition_number(matrix: &DMatrix<f64>) -> Option<f64> {
    if matrix.is_empty() {
        return None;
    }
    let moduli: Vec<f64> = matrix.clone().symmetric_eigenvalues().iter().map(|e| e.abs()).collect();
    let (most, least) = (moduli.iter().copied().fold(0.0, f64::max), moduli.iter().copied().reduce(f64::min)?);
    Some(most / least)
}
