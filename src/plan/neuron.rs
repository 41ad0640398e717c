//! One neuron followed to its outcome in f64, as a cell of a sweep is.

use super::finish::{name_unsettled, run_in_double};
use super::plan::Plan;
use super::prepared::{Prepared, PreparedCell};
use super::request::Request;
use crate::engine::{Batch, Precision, Progress, Tables};
use crate::error::{Error, Result};
use crate::grid::{Axis, Spacing};
use crate::kernel::table::Format;
use crate::model::{Parameter, Parameters, Start, State};
use crate::results::CellResult;
use std::sync::Arc;

/// How far rounding may leave a state outside the Bloch sphere, as X² + Y² + Z² - 1.
const ROUNDING: f64 = 1e-6;

/// The outcome of a prepared cell, by the CPU in f64.
///
/// # Errors
/// [`Error::Interrupted`] only if cancelled (not expected: nothing can cancel this run).
pub fn outcome_of(cell: &PreparedCell, format: Format) -> Result<CellResult> {
    let PreparedCell { cell, regions } = cell;
    let p = &cell.parameters;
    let tables = vec![Arc::new(Tables::new(p.l, p.lambda, format))];
    let mut batch = Batch { tables, ..Batch::default() };
    batch.push(*cell, regions, 0);
    let mut results = run_in_double(&batch, &[0], &Progress::default())?;
    name_unsettled(&batch, &mut results, &Progress::default())?;
    Ok(results[0])
}

/// The outcome of a neuron from a state, by the rules of a sweep in f64, with steps of `dt` tau_c or by rule; `None`
/// where a sweep would not integrate it: alpha Gamma = 0, or rates that leave no countable steps.
///
/// ```
/// use hopfmap::{Outcome, Parameters, State, outcome};
/// let found = outcome(&Parameters::at(2.0, 6.0, 0.33), State::rest(1.0), None)?;
/// assert_eq!(found.map(|r| r.outcome), Some(Outcome::Oscillating));
/// # Ok::<(), hopfmap::Error>(())
/// ```
///
/// # Errors
/// [`Error::Request`] if the start is not finite or outside the Bloch sphere.
pub fn outcome(p: &Parameters<f64>, start: State<f64>, dt: Option<f64>) -> Result<Option<CellResult>> {
    let norm = start.bloch_norm_squared();
    let scale = if norm > 1.0 && norm <= 1.0 + ROUNDING { norm.sqrt().recip() } else { 1.0 };
    let start = Start::At(State { x: scale * start.x, y: scale * start.y, z: scale * start.z, v: start.v });
    start.check()?;
    let [swept, others @ ..] = Parameter::ALL;
    let request = Request {
        grid: vec![Axis::new(swept, Spacing::List(vec![p.get(swept)]))],
        set: others.into_iter().map(|parameter| (parameter, p.get(parameter))).collect(),
        start,
        precision: Precision::F64,
        dt,
        ..Request::default()
    };
    let plan = match Plan::new(request) {
        Ok(plan) => plan,
        // What is beyond the limits of a sweep has no outcome.
        Err(Error::Request { .. }) => return Ok(None),
        Err(e) => return Err(e),
    };
    match plan.single(0, 0) {
        Prepared::Cell(cell) => outcome_of(&cell, plan.request.table_format).map(Some),
        _ => Ok(None),
    }
}
