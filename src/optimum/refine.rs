//! From a cycle of the coarse sweep to a local maximum: sequential quadratic programming in a trust region.

use super::follow::{Sample, Space};
use super::local_model::{Goal, Quadratic, models};
use super::step::{Step, best_step};
use crate::cancel::CancelToken;
use crate::error::Result;
use nalgebra::DVector;

/// Steps at most.
const STEPS: usize = 80;
/// Length of a step, in the coordinates, at which the maximum is found.
const ARRIVED: f64 = 1e-7;
/// Smallest size of the trust region.
const SMALLEST: f64 = 1e-9;
/// Factors on the region's size after a step that fails, and after one that succeeds at its edge.
const SHRINK: f64 = 0.3;
const GROW: f64 = 2.0;
/// Corrections back to the conditions that a step oversteps.
const CORRECTIONS: usize = 6;
/// Loss of the goal, relative to 1 + its modulus, that is rounding.
const ROUNDING: f64 = 1e-11;

/// A local maximum, or the best point that was reached.
#[derive(Debug, Clone)]
pub(super) struct Refined {
    pub sample: Sample,
    /// The models there: of the goal, then of each condition.
    pub models: Vec<Quadratic>,
    /// Multiplier of each condition: above 0 where it holds the maximum back.
    pub multipliers: DVector<f64>,
    /// Whether the last step was below 1e-7 of the ranges.
    pub converged: bool,
}

/// How finely a maximum is looked for, in the coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// First size of the trust region.
    pub region: f64,
    /// Distance of the neighbours from which models are made.
    pub neighbours: f64,
}

/// The local maximum that is reached from a cycle that keeps the conditions.
///
/// # Errors
/// [`crate::Error::Interrupted`] if cancelled.
pub(super) fn refine(
    space: &Space,
    goal: &Goal,
    from: &Sample,
    scale: Scale,
    stop: &CancelToken,
) -> Result<Option<Refined>> {
    let n = from.at.len();
    let (mut here, mut region) = (from.clone(), scale.region);
    let mut held = DVector::zeros(goal.conditions.len());
    let Some(mut local) = models(space, goal, &here, scale.neighbours) else { return Ok(None) };
    let mut converged = false;
    for _ in 0..STEPS {
        stop.check()?;
        let bound = |i: usize, to: f64| (to - here.at[i]).clamp(-region, region);
        let low = DVector::from_fn(n, |i, _| bound(i, 0.0));
        let high = DVector::from_fn(n, |i, _| bound(i, 1.0));
        let step = best_step(&local[0], &lagrangian(&local, &held), &local[1..], [&low, &high]);
        let length = step.by.amax();
        held.clone_from(&step.multipliers);
        if length < ARRIVED {
            // A step that the region's size does not hold back.
            converged = length < 0.9 * region;
            break;
        }
        match trial(space, goal, &here, &step, &local) {
            Some(next) if goal.value(&next) >= goal.value(&here) - ROUNDING * (1.0 + goal.value(&here).abs()) => {
                if length > 0.9 * region {
                    region = (GROW * region).min(1.0);
                }
                // The rule's own number of steps, where that has changed.
                here = space.anchored(&next.at, &next.cycle).filter(|s| goal.is_kept(s)).unwrap_or(next);
                let Some(next) = models(space, goal, &here, scale.neighbours) else { break };
                local = next;
            }
            _ => region = SHRINK * length.min(region),
        }
        if region < SMALLEST {
            break;
        }
    }
    Ok(Some(Refined { sample: here, models: local, multipliers: held, converged }))
}

/// The Hessian of the goal less those of the conditions, each times its multiplier.
fn lagrangian(local: &[Quadratic], multipliers: &DVector<f64>) -> nalgebra::DMatrix<f64> {
    let held = local[1..].iter().zip(multipliers.iter());
    held.fold(local[0].hessian.clone(), |sum, (c, multiplier)| sum - *multiplier * &c.hessian)
}

/// The cycle after a step, brought back to the conditions that it oversteps; `None` if there is none that keeps them.
fn trial(space: &Space, goal: &Goal, here: &Sample, step: &Step, local: &[Quadratic]) -> Option<Sample> {
    let inside = |v: f64| if v < 1e-15 { 0.0 } else { v.min(1.0) };
    let mut to: Vec<f64> = here.at.iter().zip(step.by.iter()).map(|(at, by)| inside(at + by)).collect();
    let mut from = here.clone();
    for _ in 0..CORRECTIONS {
        from = space.follow(&from, &to)?;
        // The worst condition that is overstepped, towards what it is kept at.
        let over = |j: usize| goal.conditions[j].excess(&from.values) - goal.conditions[j].kept_at(goal.inside);
        let worst = (0..goal.conditions.len())
            .filter(|j| step.multipliers[*j] != 0.0 || goal.conditions[*j].excess(&from.values) >= 0.0)
            .max_by(|a, b| over(*a).total_cmp(&over(*b)));
        let Some(worst) = worst.filter(|j| !(goal.is_kept(&from) && over(*j).abs() <= goal.conditions[*j].precision()))
        else {
            break;
        };
        let gradient = &local[1 + worst].gradient;
        let free: Vec<bool> = (0..to.len()).map(|i| to[i] > 0.0 && to[i] < 1.0).collect();
        let size: f64 = gradient.iter().zip(&free).filter(|(_, free)| **free).map(|(g, _)| g * g).sum();
        if !(size > 0.0) {
            break;
        }
        for i in (0..to.len()).filter(|i| free[*i]) {
            to[i] = inside(to[i] - over(worst) * gradient[i] / size);
        }
    }
    goal.is_kept(&from).then_some(from)
}
