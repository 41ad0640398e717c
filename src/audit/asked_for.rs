//! What the audit finds of the columns that a map has where they are asked for: means of the settled motion, and the response
//! to an input.
//!
//! Means are taken over the orbit from the end of the second run, with half the step, and the response is followed again with
//! half the step: no cycle of Newton's method is used where windows agree.

use super::recheck::{Ready, Recheck, StoredResult};
use crate::cancel::CancelToken;
use crate::cycle::orbit_from;
use crate::error::Result;
use crate::model::{F00Jets, Parameters, State};
use crate::plan::{Driven, Plan};
use crate::results::{CellResult, MEANS, Outcome, RESPONSE};
use crate::trace::{BURST_PERIODS, cell_response, interval_of_bursts, response_start, response_step, stretch};
use rayon::prelude::*;

/// A mean of the settled motion is not that of the map.
pub const ASKED_MEAN_OFF: u8 = 16;
/// The response to the input is not that of the map.
pub const RESPONSE_OFF: u8 = 32;

/// Largest difference of a mean, relative to 1 + its size, and in addition, of a cycle, relative to the range of its quantity in the
/// orbit: windows that agree are within a thousandth of a cycle's span.
const MEAN: f64 = 1e-5;
const RANGE: f64 = 0.005;
/// In place of that, of what never closes, which may dwell long in one place: relative to the range, and to the mean.
const OPEN: (f64, f64) = (1.0, 0.5);
/// Largest relative difference of an interval between bursts of a cycle. Bursts of what never closes may be few in a stretch and
/// far from regular, so that their interval is not compared.
const INTERVAL: f64 = 1e-3;
/// Largest difference of a number of a response, relative to 1 + its size.
const RESPONSE_DIFFERENCE: f64 = 1e-5;
/// Distance by which the start of a response is displaced to see whether last digits decide it.
const DISPLACED: f64 = 1e-6;
/// Points of an orbit at most, and those that are in memory at a time.
const MOST_POINTS: f64 = 5e6;
const AT_ONCE: usize = 4096;

/// Notes, for each result, which of the columns asked for are not as in the map.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn check_asked_for(
    plan: &Plan,
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &[Option<Recheck>],
    off: &mut [u8],
    stop: &CancelToken,
) -> Result<()> {
    let one = |(i, off): (usize, &mut u8)| {
        let (Some(ready), Some(found), claim) = (&ready[i], &found[i], claims[i]) else { return Ok(()) };
        stop.check()?;
        let (p, profile) = (plan.parameters(claim.index), &ready.tables.profile);
        let mut rest = &claim.asked_for[..];
        if plan.request.means && rest.len() >= MEANS.len() {
            let (means, others) = rest.split_at(MEANS.len());
            if claim.result.outcome == found.outcome && !are_means(ready, &claim.result, found, means) {
                *off |= ASKED_MEAN_OFF;
            }
            rest = others;
        }
        if let (Some(driven), Ok(stored)) = (plan.driven(), <&[f64; RESPONSE.len()]>::try_from(rest)) {
            let start = response_start(plan, &p, claim.start);
            if start.is_some_and(|start| !is_response(plan, &p, profile, start, driven, stored)) {
                *off |= RESPONSE_OFF;
            }
        }
        Ok(())
    };
    off.par_iter_mut().enumerate().map(one).collect()
}

/// Whether means are those of the motion from the end of the second run, as far as it can be followed.
fn are_means(ready: &Ready, claim: &CellResult, found: &Recheck, means: &[f64]) -> bool {
    let (p, profile) = (&ready.cell.cell.parameters, &ready.tables.profile);
    // A cycle may not be found again, of which the file counts the cells.
    if claim.outcome == Outcome::Oscillating && means.iter().all(|mean| mean.is_nan()) {
        return true;
    }
    let (time, (of_range, of_mean)) = match claim.outcome {
        Outcome::Steady => (0.0, (RANGE, 0.0)),
        Outcome::Oscillating => (claim.period, (RANGE, 0.0)),
        Outcome::Chaotic | Outcome::Quasiperiodic => (stretch(p), OPEN),
        // Without a settled motion there are none.
        _ => return means.iter().all(|mean| mean.is_nan()),
    };
    let steps = (2.0 * time / ready.cell.cell.dt).ceil().max(1.0);
    // On a cycle by Newton's method the second run has come, however long it has waited.
    let is_there = found.has_waited || found.length.is_infinite();
    if !(steps <= MOST_POINTS) || !is_there {
        return true;
    }
    let same = over_orbit(p, profile, found.end, time, steps as usize).zip(means).all(|((mean, range), stored)| {
        (stored - mean).abs() <= MEAN * (1.0 + mean.abs()) + of_range * range + of_mean * mean.abs()
    });
    let stored = means[MEANS.len() - 1];
    let same_interval = match claim.outcome {
        Outcome::Oscillating if claim.maxima > 1.0 => {
            let seen = interval_of_bursts(p, profile, found.end, claim.span, BURST_PERIODS * time);
            // Two that are missing agree.
            stored.is_nan() && seen.is_nan() || (stored - seen).abs() <= INTERVAL * seen
        }
        Outcome::Steady | Outcome::Oscillating => stored.is_nan(),
        _ => true,
    };
    same && same_interval
}

/// Means of Z, of the coherence, of the current and of the power over a time from a state, each with the quantity's range.
fn over_orbit(
    p: &Parameters<f64>,
    profile: &F00Jets,
    mut from: State<f64>,
    time: f64,
    steps: usize,
) -> impl Iterator<Item = (f64, f64)> {
    let (mut sums, mut low, mut high) = ([0.0; 4], [f64::INFINITY; 4], [f64::NEG_INFINITY; 4]);
    let (h, mut done) = (time / steps as f64, 0);
    while done < steps {
        let some = AT_ONCE.min(steps - done);
        // The last point begins the next ones.
        let orbit = orbit_from(p, profile, &from, (some + 1) as f64 * h, some + 1);
        for point in &orbit[..some] {
            let s = &point.state;
            for (i, value) in [s.z, s.x.hypot(s.y), point.current, point.current * s.v].into_iter().enumerate() {
                sums[i] += value;
                low[i] = value.min(low[i]);
                high[i] = value.max(high[i]);
            }
        }
        from = orbit[some].state;
        done += some;
    }
    (0..sums.len()).map(move |i| (sums[i] / steps as f64, high[i] - low[i]))
}

/// Whether a response is that of a run with half the step, or its last digits decide it.
fn is_response(
    plan: &Plan,
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: State<f64>,
    driven: &Driven,
    stored: &[f64; RESPONSE.len()],
) -> bool {
    let dt = Some(0.5 * response_step(p, &start, plan.request.dt, driven));
    let seen = cell_response(p, profile, start, dt, driven);
    if are_same(stored, &seen) {
        return true;
    }
    let displaced = State { v: start.v + DISPLACED, ..start };
    !are_same(&seen, &cell_response(p, profile, displaced, dt, driven))
}

/// Whether the numbers of two responses agree; two that are missing do.
fn are_same(a: &[f64; RESPONSE.len()], b: &[f64; RESPONSE.len()]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.is_nan() && b.is_nan() || (a - b).abs() <= RESPONSE_DIFFERENCE * (1.0 + b.abs()))
}
