//! What the audit finds beyond outcome and span: exponents of motions that never close, and whether cycles close as
//! the map says.

use super::recheck::{Ready, Recheck, StoredResult, table_of};
use super::tolerance::span_tolerance;
use crate::cancel::CancelToken;
use crate::cycle::{Cycle, cycle_nearby, next_maximum};
use crate::engine::{Batch, Cell, Cpu, Engine, Precision, Progress};
use crate::error::Result;
use crate::kernel::run::RunLimits;
use crate::lyapunov::{LATE_FOLDS, Lyapunov, Question, lyapunov, watched_for};
use crate::model::{F00Jets, State};
use crate::plan::Plan;
use crate::results::{CellResult, Outcome};
use rayon::prelude::*;

/// Exponent (tau_c⁻¹) below which chaos and a torus are not told apart against the map.
const WEAK: f64 = 0.01;
/// Exponent (tau_c⁻¹) of chaos in the map below which it may have been a transient, and is watched for longer.
const TRANSIENT: f64 = 0.02;
/// Difference of an exponent from the map's, in tau_c⁻¹, that counts as none, in addition to its error: some chaos
/// dwells long in one place.
const EXPONENT: f64 = 0.05;
/// Largest difference of a period, relative.
pub(super) const PERIOD: f64 = 1e-3;
/// Largest distance of a state from itself a period later, relative to the span.
const CLOSES: f64 = 0.02;
/// Largest difference of a motion's span from that of a cycle that it comes nearer to, relative to the cycle's.
const NEARBY: f64 = 0.1;
/// Largest difference of a cycle's span from that of the windows that agree on it, relative.
const AGREES: f64 = 2e-3;
/// Least difference of a motion's span from that of a cycle, relative to the larger, that is far from it.
const AWAY: f64 = 0.2;
/// Factor by which a motion is watched for longer if it contradicts the map.
const LONGER: f64 = 8.0;
/// Tolerance of a mean, in multiples of a span's.
const MEAN: f64 = 10.0;

/// The period of a cycle is not that of the map.
pub const PERIOD_OFF: u8 = 1;
/// The mean voltage is not that of the map.
pub const MEAN_OFF: u8 = 2;
/// The number of maxima in a period is not that of the map, or the orbit does not close after it.
pub const MAXIMA_OFF: u8 = 4;
/// The largest Lyapunov exponent is not that of the map.
pub const EXPONENT_OFF: u8 = 8;

/// Outcome of a motion no two windows of which agree, by its largest Lyapunov exponent, and whether that is not the
/// map's.
fn by_exponent(claim: &CellResult, seen: &Lyapunov) -> (Outcome, u8) {
    let Lyapunov { value, error, .. } = *seen;
    let off = match claim.outcome.is_aperiodic() && !((value - claim.lyapunov).abs() <= EXPONENT + error) {
        true => EXPONENT_OFF,
        false => 0,
    };
    let is_chaotic = seen.is_chaotic();
    let outcome = match claim.outcome {
        // Chaos that dwells in one place for long has an exponent with a large error, and grows on all the same.
        Outcome::Chaotic if value > 0.5 * error || seen.late_growth > LATE_FOLDS => Outcome::Chaotic,
        // Neither here nor in the map is the exponent positive.
        Outcome::Chaotic if claim.lyapunov < 2.0 * error || value + error < 0.3 * claim.lyapunov => {
            Outcome::Quasiperiodic
        }
        Outcome::Chaotic => Outcome::Unsettled,
        Outcome::Quasiperiodic if is_chaotic && value > WEAK => Outcome::Chaotic,
        Outcome::Quasiperiodic => Outcome::Quasiperiodic,
        _ if is_chaotic => Outcome::Chaotic,
        _ => Outcome::Unsettled,
    };
    (outcome, off)
}

/// Names the motions that the second runs have left open; returns for each result what of its numbers is not the
/// map's.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn complete(
    plan: &Plan,
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &mut [Option<Recheck>],
    stop: &CancelToken,
) -> Result<Vec<u8>> {
    let closed = find_cycles(ready, claims, found, stop)?;
    let mut off = measure_exponents(ready, claims, found, &closed, stop)?;
    let tolerance = MEAN * span_tolerance(&plan.request);
    for ((off, found), claim) in off.iter_mut().zip(&*found).zip(claims) {
        let Some(found) = found else { continue };
        *off |= numbers_off(&claim.result, found, tolerance);
    }
    closes(ready, claims, found, &mut off, stop)?;
    Ok(off)
}

/// Names, by their largest Lyapunov exponents, motions no two windows of which agree, and cycles where the map has none;
/// returns for each result whether the exponent is not the map's. `closed` are on a cycle for certain.
fn measure_exponents(
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &mut [Option<Recheck>],
    closed: &[bool],
    stop: &CancelToken,
) -> Result<Vec<u8>> {
    // The extremes of a torus, too, agree over long windows.
    let is_cycle = |f: &Recheck| f.outcome == Outcome::Oscillating;
    let is_open = |i: &usize| {
        let claimed = claims[*i].result.outcome;
        let is_doubted = |f: &Recheck| is_cycle(f) && (claimed.is_aperiodic() || claimed == Outcome::Unsettled);
        !closed[*i] && found[*i].is_some_and(|f| f.outcome == Outcome::Unsettled || is_doubted(&f))
    };
    let mut open: Vec<usize> = (0..found.len()).filter(is_open).collect();
    let mut off = vec![0; found.len()];
    // Chaos may dwell long in one place: what contradicts the map is watched for longer.
    for longer in [1.0, LONGER] {
        let question = |i: &usize| {
            let (found, ready) = (found[*i].as_ref()?, ready[*i].as_ref()?);
            let Cell { parameters, watch_dt, .. } = ready.cell.cell;
            let claim = &claims[*i].result;
            let may_end = claim.outcome == Outcome::Chaotic && claim.lyapunov <= TRANSIENT;
            let (profile, longer) = (&ready.tables.profile, if may_end { LONGER } else { longer });
            let time = longer * watched_for(&parameters);
            Some((*i, Question { parameters, profile, start: found.end, dt: 0.5 * watch_dt, time }))
        };
        let (which, questions): (Vec<usize>, Vec<Question<'_>>) = open.iter().filter_map(question).unzip();
        for (i, seen) in which.into_iter().zip(lyapunov(&questions, stop)?) {
            let (Some(found), Some(seen), claim) = (&mut found[i], seen, &claims[i].result) else { continue };
            (found.outcome, off[i]) = if (is_cycle(found) || claim.outcome.is_aperiodic()) && !seen.is_modulated() {
                (Outcome::Oscillating, 0)
            } else if !seen.is_chaotic() && keeps_away(claim, found) {
                (Outcome::Quasiperiodic, 0)
            } else {
                by_exponent(claim, &seen)
            };
        }
        let contradicts = |i: &usize| found[*i].is_some_and(|f| f.outcome != claims[*i].result.outcome);
        open.retain(|i| claims[*i].result.outcome.is_aperiodic() && (contradicts(i) || off[*i] != 0));
    }
    Ok(off)
}

/// Whether a motion that has been given all the decay times it needs stays far from the cycle, or from the quiet state,
/// that the map has for it.
fn keeps_away(claim: &CellResult, found: &Recheck) -> bool {
    let off = |span: f64| (span - claim.span).abs();
    let is_far = off(found.span) > AWAY * claim.span.max(found.span);
    matches!(claim.outcome, Outcome::Oscillating | Outcome::Steady)
        && found.has_waited
        && is_far
        && off(found.span) >= (1.0 - AWAY) * off(found.before)
}

/// Looks for cycles where the map has one that the second run has not settled on, and where it has a motion that never
/// closes; returns which of the second runs are on one.
fn find_cycles(
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &mut [Option<Recheck>],
    stop: &CancelToken,
) -> Result<Vec<bool>> {
    let one = |((found, ready), claim): ((&mut Option<Recheck>, &Option<Ready>), &&StoredResult)| {
        let (Some(found), Some(ready)) = (found, ready) else { return Ok(false) };
        stop.check()?;
        let (cell, profile) = (&ready.cell.cell, &ready.tables.profile);
        let cycle = match (claim.result.outcome, found.outcome) {
            (Outcome::Oscillating, Outcome::Unsettled) => slow_cycle(cell, profile, &claim.result, found),
            // Windows that end within a period know its mean only roughly.
            (Outcome::Oscillating, Outcome::Oscillating) if claim.result.maxima > 1.0 => {
                cycle_at(cell, profile, &claim.result, found).filter(|c| is_near(c, found))
            }
            // A cycle of several maxima is modulated, too.
            (claimed, Outcome::Oscillating | Outcome::Unsettled) if claimed.is_aperiodic() => {
                cycle_nearby(&cell.parameters, profile, &found.end)
            }
            _ => None,
        };
        let Some(cycle) = cycle else { return Ok(false) };
        let (outcome, span, v_mean) = (Outcome::Oscillating, cycle.span(), cycle.v_mean);
        let between = cycle.period / f64::from(cycle.maxima);
        *found = Recheck { outcome, span, v_mean, between, length: f64::INFINITY, end: cycle.state, ..*found };
        Ok(true)
    };
    found.par_iter_mut().zip(ready).zip(claims).map(one).collect()
}

/// The cycle that the motion comes nearer to as slowly as the map's multiplier says, by Newton's method
/// with the variational equation; `None` if there is no such cycle.
fn slow_cycle(cell: &Cell, profile: &F00Jets, claim: &CellResult, found: &Recheck) -> Option<Cycle> {
    let cycle = cycle_at(cell, profile, claim, found)?;
    let span = cycle.span();
    let [before, last] = [found.before, found.span].map(|s| (s - span).abs());
    let due = 0.5 * (1.0 - cycle.multiplier().powf(found.length / cycle.period));
    let comes_nearer = last <= NEARBY * span && last <= before * (1.0 - due);
    // Between bursts rounding grows: windows of such a cycle agree with it, but not to the last digits.
    let is_there = before.max(last) <= AGREES * span;
    (cycle.is_stable() && (comes_nearer || is_there)).then_some(cycle)
}

/// The cycle of the map's period at the end of the second run, by Newton's method; `None` if it finds none.
fn cycle_at(cell: &Cell, profile: &F00Jets, claim: &CellResult, found: &Recheck) -> Option<Cycle> {
    let guess = next_maximum(&cell.parameters, profile, &found.end, 0.5 * cell.dt, 4.0 * claim.period)?;
    Cycle::near(&cell.parameters, profile, &guess, claim.period, cell.dt)
}

/// Whether a cycle is the one that the windows of the second run agree on.
fn is_near(cycle: &Cycle, found: &Recheck) -> bool {
    (cycle.span() - found.span).abs() <= AGREES * found.span
}

/// What the last window of the second run says against a map's numbers.
fn numbers_off(claim: &CellResult, found: &Recheck, tolerance: f64) -> u8 {
    if claim.outcome != found.outcome || !matches!(claim.outcome, Outcome::Steady | Outcome::Oscillating) {
        return 0;
    }
    let mut off = 0;
    let stated = if claim.span_error > 0.0 { claim.span_error } else { 0.0 };
    let mut mean = tolerance * (1.0 + claim.v_mean.abs()) + stated;
    if claim.outcome == Outcome::Oscillating {
        // The window holds whole times between maxima, but not always whole periods.
        let uneven = (claim.maxima - 1.0).max(0.0) * found.between / found.length;
        mean += claim.span * uneven;
        if !((claim.period - claim.maxima * found.between).abs() <= (PERIOD + uneven) * claim.period) {
            off |= PERIOD_OFF;
        }
    }
    if !((claim.v_mean - found.v_mean).abs() <= mean) || !((claim.v_max - claim.v_min - claim.span).abs() <= mean) {
        off |= MEAN_OFF;
    }
    off
}

/// Notes the cycles that do not close after the map's period, or close earlier.
fn closes(
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &[Option<Recheck>],
    off: &mut [u8],
    stop: &CancelToken,
) -> Result<()> {
    let mut batch = Batch::default();
    let mut runs: Vec<(usize, f64)> = Vec::new();
    for (i, claim) in claims.iter().enumerate() {
        let (Some(ready), Some(found)) = (&ready[i], &found[i]) else { continue };
        let c = &claim.result;
        let is_cycle = c.outcome == Outcome::Oscillating && found.outcome == Outcome::Oscillating;
        // A period that is wrong is said to be so already.
        if !is_cycle || off[i] & PERIOD_OFF != 0 || !(1.0..=1e4).contains(&c.maxima) {
            continue;
        }
        let cell = &ready.cell.cell;
        let table = table_of(&mut batch, &ready.tables);
        let q = c.maxima as u32;
        let divisors = (2..=q).filter(|d| q.is_multiple_of(*d) && (2..*d).all(|k| !d.is_multiple_of(k)));
        for part in std::iter::once(1).chain(divisors) {
            let time = c.period / f64::from(part);
            let steps = (2.0 * time / cell.dt).ceil().clamp(1.0, 1e9) as u32;
            let limits = RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps };
            let dt = time / f64::from(steps);
            batch.push(Cell { start: found.end, dt, limits, is_slow: false, ..*cell }, &[], table);
            runs.push((i, f64::from(part)));
        }
    }
    let progress = Progress { stop: stop.clone(), ..Progress::default() };
    let ends = Cpu::new(Precision::F64).run(&batch, &progress)?;
    let mut whole = 0.0;
    for ((i, part), end) in runs.into_iter().zip(ends) {
        let (Some(found), span) = (&found[i], claims[i].result.span) else { continue };
        let State { x, y, z, v } = found.end;
        let apart = [end.end[0] - x, end.end[1] - y, end.end[2] - z, end.end[3] - v];
        let distance = apart.iter().map(|d| d * d).sum::<f64>().sqrt();
        if part == 1.0 {
            whole = distance;
            if !(distance <= CLOSES * span) {
                off[i] |= MAXIMA_OFF;
            }
        } else if distance <= 3.0 * whole + 1e-5 * span {
            off[i] |= MAXIMA_OFF;
        }
    }
    Ok(())
}
