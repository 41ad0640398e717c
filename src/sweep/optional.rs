//! The columns of a part that are asked for: means of its cells' motions, and their responses to an input; in f64 on all cores.

use crate::cancel::CancelToken;
use crate::error::Result;
use crate::grid::GridBox;
use crate::model::{F00Jets, Parameters};
use crate::plan::Plan;
use crate::results::CellResult;
use crate::trace::asked_for;
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
            Ok(asked_for(plan, p, &profiles.all[*profile], start, result))
        };
        let rows: Vec<Vec<f64>> = points.par_iter().zip(results).map(cell).collect::<Result<_>>()?;
        Ok((0..columns).map(|c| rows.iter().map(|row| row[c]).collect()).collect())
    };
    by_start.iter().enumerate().map(of_start).collect()
}
