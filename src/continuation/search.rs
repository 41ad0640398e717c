//! Cycles from which branches begin where no Hopf point leads to them: the ends of motions.

use crate::bifurcation::only_start_state;
use crate::cycle::{Cycle, cycle};
use crate::error::Result;
use crate::model::{Parameter, Parameters, Start};

/// Values of a parameter within a range at which a start is tried, the middle first.
#[must_use]
pub fn trial_values((low, high): (f64, f64)) -> Vec<f64> {
    [4, 2, 6, 1, 3, 5, 7].map(|eighth| low + (high - low) * f64::from(eighth) / 8.0).to_vec()
}

/// The first cycle to which the motion from a start comes, at these values of a parameter one after the other; `None` if it comes to
/// none at any.
///
/// # Errors
/// [`crate::Error::Request`] if the start is several starts, or an equilibrium that the neuron has at none of the values.
pub fn cycle_from(
    p: &Parameters<f64>,
    parameter: Parameter,
    values: &[f64],
    start: Start,
) -> Result<Option<(f64, Cycle)>> {
    let mut missing = None;
    let mut is_anywhere = false;
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
        is_anywhere = true;
        if let Some(found) = cycle(&p, &state) {
            return Ok(Some((*value, found)));
        }
    }
    missing.filter(|_| !is_anywhere).map_or(Ok(None), Err)
}
