//! The columns of a part that are asked for: means of its cells' motions, and their responses to an input; in f64 on all cores.

use crate::bifurcation::{equilibria, start_state};
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::grid::GridBox;
use crate::model::{F00Jets, Parameters};
use crate::plan::Plan;
use crate::results::{CellResult, MEANS, Outcome, RESPONSE};
use crate::trace::{cell_means, cell_response};
use rayon::prelude::*;
use std::collections::HashMap;

/// Profiles of the geometries in a part.
#[derive(Default)]
pub(super) struct Profiles {
    /// The profiles.
    pub all: Vec<F00Jets>,
    /// Their numbers, by the bits of l and lambda.
    numbers: HashMap<[u64; 2], usize>,
}

impl Profiles {
    /// The number of a neuron's profile, which is made if it is not there.
    pub(super) fn number(&mut self, p: &Parameters<f64>) -> usize {
        *self.numbers.entry([p.l, p.lambda].map(f64::to_bits)).or_insert_with(|| {
            self.all.push(F00Jets::new(p.l, p.lambda));
            self.all.len() - 1
        })
    }
}

/// The columns of a box that the plan asks for: by start, then by column; no columns if it asks for none.
///
/// # Errors
/// [`crate::Error::Interrupted`] if cancelled.
pub(super) fn optional_columns(
    plan: &Plan,
    cells: &GridBox,
    by_start: &[Vec<CellResult>],
    stop: &CancelToken,
) -> Result<Vec<Vec<Vec<f64>>>> {
    let columns = plan.optional_columns().len();
    if columns == 0 {
        return Ok(vec![Vec::new(); by_start.len()]);
    }
    let mut profiles = Profiles::default();
    let points: Vec<(Parameters<f64>, usize)> = (cells.first..cells.first + cells.cells)
        .map(|i| plan.parameters(i))
        .map(|p| (p, profiles.number(&p)))
        .collect();
    let of_start = |(start, results): (usize, &Vec<CellResult>)| -> Result<Vec<Vec<f64>>> {
        let cell = |((p, profile), result): (&(Parameters<f64>, usize), &CellResult)| -> Result<Vec<f64>> {
            stop.check()?;
            Ok(of_cell(plan, p, &profiles.all[*profile], start, result))
        };
        let rows: Vec<Vec<f64>> = points.par_iter().zip(results).map(cell).collect::<Result<_>>()?;
        Ok((0..columns).map(|c| rows.iter().map(|row| row[c]).collect()).collect())
    };
    by_start.iter().enumerate().map(of_start).collect()
}

/// What is asked for of one cell and start.
fn of_cell(plan: &Plan, p: &Parameters<f64>, profile: &F00Jets, start: usize, result: &CellResult) -> Vec<f64> {
    let mut found = Vec::with_capacity(MEANS.len() + RESPONSE.len());
    if plan.request.means {
        found.extend(cell_means(p, profile, result));
    }
    if let Some(driven) = plan.driven() {
        let there = if plan.start().is_near_equilibria() { equilibria(p) } else { Vec::new() };
        let from = start_state(plan.start(), start, p, &there).filter(|_| result.outcome != Outcome::Absent);
        let none = [f64::NAN; RESPONSE.len()];
        found.extend(from.map_or(none, |from| cell_response(p, profile, from, plan.request.dt, driven)));
    }
    found
}
