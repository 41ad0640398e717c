//! The ridge: the best values of all parameters but the last, for each value of the last.

use super::basins::Coarse;
use super::follow::Space;
use super::local_model::Goal;
use super::refine::{Scale, refine};
use crate::cancel::CancelToken;
use crate::error::Result;
use rayon::prelude::*;

/// Values of the last parameter.
const VALUES: usize = 21;
/// Cells of the coarse sweep from which each maximum is looked for.
const TRIED: usize = 3;

/// The best point at one value of the last parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct RidgePoint {
    /// Values of the parameters, in the order of the ranges.
    pub at: Vec<f64>,
    /// The goal's value.
    pub value: f64,
    /// Largest modulus of a multiplier.
    pub multiplier: f64,
}

/// The ridge at 21 values of the last parameter, without those at which there is no cycle that keeps the conditions;
/// empty for one parameter.
pub(super) fn ridge(
    space: &Space,
    goal: &Goal,
    coarse: &Coarse,
    scale: Scale,
    stop: &CancelToken,
) -> Result<Vec<RidgePoint>> {
    if space.over.len() < 2 {
        return Ok(Vec::new());
    }
    let values: Vec<f64> = (0..VALUES).map(|i| i as f64 / (VALUES - 1) as f64).collect();
    let found: Result<Vec<Option<RidgePoint>>> =
        values.into_par_iter().map(|last| best_at(space, goal, coarse, scale, last, stop)).collect();
    Ok(found?.into_iter().flatten().collect())
}

fn best_at(
    space: &Space,
    goal: &Goal,
    coarse: &Coarse,
    scale: Scale,
    last: f64,
    stop: &CancelToken,
) -> Result<Option<RidgePoint>> {
    let Some(slice) = space.without_last(last) else { return Ok(None) };
    let mut best: Option<RidgePoint> = None;
    for (start, cell) in coarse.best_at_last(last).into_iter().take(TRIED) {
        let Some(sample) = coarse.sample(space, start, cell) else { continue };
        let mut there = sample.at.clone();
        there.last_mut().into_iter().for_each(|at| *at = last);
        let Some(mut from) = space.follow(&sample, &there).filter(|s| goal.is_kept(s)) else { continue };
        from.at.pop();
        let Some(found) = refine(&slice, goal, &from, scale, stop)? else { continue };
        let value = goal.value(&found.sample);
        if found.converged && best.as_ref().is_none_or(|b| value > b.value) {
            let ranges = space.over.iter().zip(found.sample.at.iter().chain([&last]));
            let at = ranges.map(|(over, at)| over.value(*at)).collect();
            best = Some(RidgePoint { at, value, multiplier: found.sample.cycle.multiplier() });
        }
    }
    Ok(best)
}
