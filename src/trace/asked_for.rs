//! The columns of a map that are asked for, of one cell and start: means of its settled motion, its response to an input.

use super::cell::{cell_means, cell_response};
use crate::bifurcation::{equilibria, start_state};
use crate::model::{F00Jets, Parameters, State};
use crate::plan::Plan;
use crate::results::{CellResult, MEANS, Outcome, RESPONSE};

/// What a plan asks for of a cell with this result, in the order of [`Plan::optional_columns`]; NaN where there is none.
#[must_use]
pub fn asked_for(plan: &Plan, p: &Parameters<f64>, profile: &F00Jets, start: usize, result: &CellResult) -> Vec<f64> {
    let mut found = Vec::with_capacity(MEANS.len() + RESPONSE.len());
    if plan.request.means {
        found.extend(cell_means(p, profile, result));
    }
    if let Some(driven) = plan.driven() {
        let from = response_start(plan, p, start).filter(|_| result.outcome != Outcome::Absent);
        let none = [f64::NAN; RESPONSE.len()];
        found.extend(from.map_or(none, |from| cell_response(p, profile, from, plan.request.dt, driven)));
    }
    found
}

/// The state from which a response begins; `None` where the cell has no such equilibrium.
#[must_use]
pub fn response_start(plan: &Plan, p: &Parameters<f64>, start: usize) -> Option<State<f64>> {
    let there = if plan.start().is_near_equilibria() { equilibria(p) } else { Vec::new() };
    start_state(plan.start(), start, p, &there)
}
