//! Cycles from which branches begin where no Hopf point leads to them: the ends of motions.

use super::watch::Watch;
use crate::bifurcation::{TrappingRegion, equilibria, only_start_state, trapping_region};
use crate::cycle::{Cycle, Settled, cycle_within};
use crate::error::{Error, Result};
use crate::model::{F00Jets, Parameter, Parameters, Start, State};
use std::cell::Cell;

/// Steps of one motion at most.
pub const MOST_STEPS: u64 = 5_000_000;
/// Steps of all motions of a search at most: seconds of one core.
const MOST_OF_ALL: u64 = 3 * MOST_STEPS;

/// Values of a parameter within a range at which a start is tried, the middle first.
#[must_use]
pub fn trial_values((low, high): (f64, f64)) -> Vec<f64> {
    [4, 2, 6, 1, 3, 5, 7].map(|eighth| low + (high - low) * f64::from(eighth) / 8.0).to_vec()
}

/// What motions from one start come to, at some values of a parameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Started {
    /// The first cycle, with the value.
    pub cycle: Option<(f64, Cycle)>,
    /// What became of the motions at the values before.
    pub others: Vec<(f64, Ending)>,
}

/// What a motion without a cycle comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ending {
    /// Rest, at this V.
    Rest(f64),
    /// No cycle and no rest by this time (tau_c), and the steps taken.
    Open(f64, u64),
    /// It was not tried: the motions before had taken all steps.
    Untried,
}

/// Regions that no motion leaves, about the stable equilibria.
fn stable_regions(p: &Parameters<f64>) -> Vec<TrappingRegion> {
    let profile = F00Jets::new(p.l, p.lambda);
    equilibria(p).iter().filter_map(|e| trapping_region(e, p, &profile)).filter(|r| r.proven).collect()
}

fn is_inside(region: &TrappingRegion, p: &Parameters<f64>, s: &State<f64>) -> bool {
    let u = [s.x, s.y, s.z - p.z_t, s.v - region.v];
    region.form.iter().zip(u).map(|(row, a)| a * row.iter().zip(u).map(|(c, b)| c * b).sum::<f64>()).sum::<f64>() < 1.0
}

/// The first cycle to which the motion from a start comes, at these values of a parameter one after the other; `None` if it comes to
/// none at any.
///
/// # Errors
/// [`Error::Request`] if the start is several starts, or an equilibrium that the neuron has at none of the values.
pub fn cycle_from(
    p: &Parameters<f64>,
    parameter: Parameter,
    values: &[f64],
    start: Start,
) -> Result<Option<(f64, Cycle)>> {
    Ok(cycle_from_watched(p, parameter, values, start, &Watch::default())?.cycle)
}

/// As [`cycle_from`], with what became of the other motions, watched.
///
/// Each motion takes 5 million steps at most, all of them 15 million.
///
/// # Errors
/// As [`cycle_from`]; [`Error::Interrupted`] if cancelled.
pub fn cycle_from_watched(
    p: &Parameters<f64>,
    parameter: Parameter,
    values: &[f64],
    start: Start,
    watch: &Watch,
) -> Result<Started> {
    let (mut missing, mut found): (Option<Error>, Started) = (None, Started::default());
    let mut left = MOST_OF_ALL;
    for value in values {
        let mut all = p.to_array();
        all[parameter as usize] = *value;
        let p = Parameters::from_array(all);
        let state = match only_start_state(start, &p) {
            Err(e) => {
                missing.get_or_insert(e);
                continue;
            }
            Ok(state) => state,
        };
        if left == 0 {
            found.others.push((*value, Ending::Untried));
            continue;
        }
        let before = watch.read()[0];
        let regions = stable_regions(&p);
        let rests = Cell::new(None);
        let goes_on = |steps, now: &State<f64>| {
            rests.set(regions.iter().find(|r| is_inside(r, &p, now)).map(|r| r.v));
            watch.add_steps(steps) && rests.get().is_none()
        };
        match cycle_within(&p, &state, MOST_STEPS.min(left), &goes_on) {
            Settled::Cycle(cycle) => {
                found.cycle = Some((*value, *cycle));
                return Ok(found);
            }
            Settled::Rest(state) => found.others.push((*value, Ending::Rest(state.v))),
            Settled::Open { time, steps } => found.others.push((*value, Ending::Open(time, steps))),
            Settled::Stopped => found.others.extend(rests.get().map(|v| (*value, Ending::Rest(v)))),
        }
        watch.stop.check()?;
        left = left.saturating_sub(watch.read()[0] - before);
        if left < MOST_STEPS / 100 {
            left = 0;
        }
    }
    missing.filter(|_| found.others.is_empty()).map_or(Ok(found), Err)
}
