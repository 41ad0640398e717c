//! Cycles from which branches begin where no Hopf point leads to them: the ends of motions.

use super::watch::Watch;
use crate::bifurcation::only_start_state;
use crate::cycle::{Cycle, Settled, cycle_within};
use crate::error::{Error, Result, short};
use crate::model::{Parameter, Parameters, Start};

/// Steps of one motion, and of all motions of a search, at most: seconds of one core.
const MOST_STEPS: u64 = 10_000_000;
const MOST_OF_ALL: u64 = 30_000_000;

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
    /// What became of the motions at the values before, each in words.
    pub others: Vec<(f64, String)>,
}

/// What a motion that comes to no cycle comes to, in words.
fn words(end: &Settled) -> String {
    match end {
        Settled::Rest(state) => format!("it comes to rest at V = {}", short(state.v)),
        Settled::Open { time, steps } if *steps < MOST_STEPS => {
            format!("it comes to no cycle of 64 maxima of V or fewer within t = {} ({steps} steps)", short(*time))
        }
        Settled::Open { time, .. } => {
            format!(
                "it has come to no cycle and not to rest at t = {}, after {MOST_STEPS} steps, the limit",
                short(*time)
            )
        }
        Settled::Cycle(_) | Settled::Stopped => String::new(),
    }
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
/// Each motion takes 10 million steps at most, all of them 30 million.
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
            found
                .others
                .push((*value, format!("it is not tried: {MOST_OF_ALL} steps, the limit of all motions, are taken")));
            continue;
        }
        let before = watch.read()[0];
        match cycle_within(&p, &state, MOST_STEPS.min(left), &|steps| watch.add_steps(steps)) {
            Settled::Cycle(cycle) => {
                found.cycle = Some((*value, cycle));
                return Ok(found);
            }
            end => found.others.push((*value, words(&end))),
        }
        watch.stop.check()?;
        left = left.saturating_sub(watch.read()[0] - before);
        if left < MOST_STEPS / 100 {
            left = 0;
        }
    }
    missing.filter(|_| found.others.is_empty()).map_or(Ok(found), Err)
}
