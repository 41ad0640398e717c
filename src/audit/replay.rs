//! One cell of a finished map, run again from the file alone in f64 and compared with the stored
//! result.

use super::stored_plan::plan_of;
use super::tolerance::{REPLAY_F32, REPLAY_F64};
use crate::error::{Error, Result, shown};
use crate::model::F00Jets;
use crate::plan::{Prepared, PreparedCell, outcome_of};
use crate::results::{CellResult, MEANS, Outcome};
use crate::store::MapFile;
use crate::trace::{Trajectory, TrajectoryRequest, asked_for, integrate};
use std::f64::consts::TAU;

/// Largest difference of values in columns that were asked for, relative to 1 + their size: both are in f64, but a cycle is
/// found from another state.
const SAME: f64 = 1e-6;
/// Cycles of the particle that the trajectory shows of a settled motion.
const SHOWN_CYCLES: f64 = 50.0;
/// Remainder of the distance from a cycle at which the trajectory ends.
const REMAINDER: f64 = 1e-3;
/// Most periods that it shows for this.
const MOST_PERIODS: f64 = 2000.0;

/// A cell run again, with its stored outcome and span.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Outcome in the file.
    pub stored_outcome: Outcome,
    /// Span in the file.
    pub stored_span: f64,
    /// Result of the new run.
    pub result: CellResult,
    /// Largest difference of the spans that still agrees.
    pub tolerance: f64,
    /// Columns that were asked for: name, value in the file and value of the new run.
    pub asked_for: Vec<(&'static str, [f64; 2])>,
    /// Trajectory from the start.
    pub trajectory: Trajectory,
}

impl Replay {
    /// Whether outcome and span agree with the file.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let spans = !self.stored_outcome.is_settled() || (self.result.span - self.stored_span).abs() <= self.tolerance;
        self.result.outcome == self.stored_outcome && spans && self.asked_for_apart().next().is_none()
    }

    /// Names of the columns asked for whose values differ.
    pub fn asked_for_apart(&self) -> impl Iterator<Item = &'static str> {
        // Means of what never closes depend on where in its motion they begin.
        let is_open = self.result.outcome.is_aperiodic();
        let apart = move |(name, [stored, now]): &(&str, [f64; 2])| {
            let is_mean = MEANS.iter().any(|mean| mean.0 == *name);
            let same = stored.is_nan() && now.is_nan() || (stored - now).abs() <= SAME * (1.0 + now.abs());
            !(same || is_mean && is_open)
        };
        self.asked_for.iter().filter(move |column| apart(column)).map(|column| column.0)
    }
}

/// Runs the cell at `place` (an index along each axis) again from one of its starts, and records it
/// until it is decided.
///
/// # Errors
/// [`Error::Request`] if `place` is outside the map, the cell is not integrated (alpha Gamma = 0,
/// no such equilibrium, or too many steps), the file's request does not match its coordinates, a
/// stored outcome is invalid, or the trajectory diverges or has too many samples; [`Error::File`]
/// if the cell cannot be read.
pub fn replay(map: &MapFile, start: usize, place: &[usize]) -> Result<Replay> {
    let shape = map.shape();
    if place.len() != shape.len() || place.iter().zip(&shape).any(|(i, n)| i >= n) {
        let shown = |v: &[usize]| v.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        return Err(Error::request(
            format!("cell {} is outside the map of {} cells", shown(place), shown(&shape).replace(',', " x ")),
            "give an index from 0 along each axis, or the number of a point",
        ));
    }
    let plan = plan_of(map)?;
    let index = place.iter().zip(&shape).fold(0_u64, |i, (p, n)| i * *n as u64 + *p as u64);
    let ready = plan.single(index, start);
    let why = match &ready {
        Prepared::Absent => "the cell has no such equilibrium to start near".to_string(),
        Prepared::Uncountable { dt, steps } => {
            format!("this cell takes up to {steps:.3e} steps of dt = {}, more than are counted", shown(*dt))
        }
        _ => "alpha Gamma = 0 in this cell: its end depends on the start, and it was not integrated".to_string(),
    };
    let Some(prepared) = ready.cell() else {
        return Err(Error::request(why, "choose another cell or start"));
    };
    let stored = map.result(start, place)?;
    let result = outcome_of(&prepared, plan.request.table_format)?;
    let p = plan.parameters(index);
    let now = asked_for(&plan, &p, &F00Jets::new(p.l, p.lambda), start, &result);
    let names = map.asked_for().map(|(name, _)| name);
    let values = map.asked_for_at(start, place)?.into_iter().zip(now).map(|(stored, now)| [stored, now]);
    let asked_for = names.zip(values).collect();
    let PreparedCell { cell, .. } = prepared;
    let double = map.text("precision").as_deref() == Some("f64");
    let error = if stored.span_error.is_finite() { stored.span_error } else { 0.0 };
    let tolerance = if double { REPLAY_F64 } else { REPLAY_F32 + error };
    let longest = f64::from(cell.double.limits.max_steps) * cell.double.dt;
    // The trajectory shows what the motion has settled on.
    let shown = (SHOWN_CYCLES * TAU / cell.parameters.omega).max(time_to_cycle(&result));
    let t_end = if result.settle_time.is_finite() { result.settle_time + shown } else { longest };
    let trial = TrajectoryRequest {
        parameters: cell.parameters,
        start: cell.start,
        t_end,
        t_start: 0.0,
        dt: Some(cell.double.dt),
    };
    let trajectory = integrate(&trial)?.with_outcome(result);
    Ok(Replay { stored_outcome: stored.outcome, stored_span: stored.span, result, tolerance, asked_for, trajectory })
}

/// Time in which a motion comes to its cycle, by the cycle's multiplier; 0 if there is none.
fn time_to_cycle(result: &CellResult) -> f64 {
    let periods = REMAINDER.ln() / result.multiplier.ln();
    if periods > 0.0 { periods.min(MOST_PERIODS) * result.period } else { 0.0 }
}
