//! Motions that have not settled when their time is up, carried on in double precision to be named: chaotic,
//! quasiperiodic, or settled after all.
//!
//! A tangent goes along with each motion; how fast it grows is the largest Lyapunov exponent. A motion whose extent
//! changes meanwhile is on its way, and is integrated as any other.

use crate::cycle::cycle_nearby;
use crate::engine::{Batch, Cell, Progress};
use crate::error::Result;
use crate::lyapunov::{
    Exponent, FOLDS, Followed, LATE_FOLDS, MODULATED, MODULATIONS, PERIODS, Path, STRETCH, depth, exponent, extent,
    extents, follow, left_out, lowest,
};
use crate::model::State;
use crate::results::{CellResult, Certificate, Outcome};
use rayon::prelude::*;
use std::f64::consts::FRAC_1_SQRT_2;

/// Longest watch, in multiples of the time after which the cell counted as unsettled.
const LONGEST: f64 = 4.0;
/// Factor between the lengths of watches after which a motion is judged.
const LONGER: f64 = 1.3;
/// Largest change of the extent, relative to it, between both halves of the watch: of a torus, and of chaos, whose
/// extremes are rare.
const STAYS: (f64, f64) = (0.03, 0.15);
/// Fewest modulations in a watch: with fewer, the extent grows or dies.
const FEWEST: u32 = 3;
/// Largest scatter of an exponent that is reported, in tau_c⁻¹, as long as the watch can be longer.
const EXACT: f64 = 0.024;
/// Least error of the span of a cycle by Newton's method with the variational equation, relative to 1 + |V|.
const CYCLE_ERROR: f64 = 1e-9;
/// Largest error of an exponent that counts as 0, in multiples of 1 over the time of a modulation.
const ZERO: f64 = 0.25;

/// Exponent, in tau_c⁻¹, below which it has to exceed its error by a factor where extremes repeat as on a torus:
/// neighbours part by powers of the time there.
const WEAK: f64 = 0.02;
/// That factor.
const CLEAR: f64 = 3.0;
/// Length of the watch of such an exponent, in multiples of the least one: chaos may end on a torus.
const LASTING: usize = 4;
/// Least exponent of the second half of such a watch, relative to the whole one's.
const LATE: f64 = 0.3;

/// What becomes of a watched motion.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Judgement {
    Named(Outcome, Exponent),
    /// It is on its way.
    Moves,
    Longer,
    Unsettled,
}

/// Completes the results of those cells of a batch that are unsettled at the end of their time; `settle` integrates
/// cells of a batch in double precision.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn name_aperiodic(
    batch: &Batch,
    results: &mut [CellResult],
    progress: &Progress,
    settle: impl Fn(&mut Batch, &Progress) -> Result<Vec<CellResult>>,
) -> Result<()> {
    let first = |i| Watched::new(batch, i, &results[i], true);
    let mut watched: Vec<Watched<'_>> = (0..results.len()).filter_map(first).collect();
    for _ in 0..2 {
        follow(&mut watched, &progress.stop)?;
        let mut moving = Vec::new();
        let closed = |one: &Watched<'_>| progress.stop.check().map(|()| one.closed());
        let closed = watched.par_iter().map(closed).collect::<Result<Vec<Option<CellResult>>>>()?;
        for (one, closed) in watched.into_iter().zip(closed) {
            let result = &mut results[one.cell];
            result.steps += one.steps();
            match one.judgement {
                Judgement::Named(outcome, found) => {
                    let cycle = closed.map(|cycle| CellResult { steps: result.steps, ..cycle });
                    *result = cycle.unwrap_or_else(|| one.named(result, outcome, found));
                }
                Judgement::Moves => moving.push(one),
                Judgement::Longer | Judgement::Unsettled => {}
            }
        }
        if moving.is_empty() {
            break;
        }
        let mut some = Batch { tables: batch.tables.clone(), ..Batch::default() };
        for one in &moving {
            let cell = Cell { start: one.path.at[0], ..batch.cells[one.cell] };
            some.push(cell, batch.regions_of(&cell), cell.table);
        }
        watched = Vec::new();
        for (one, found) in moving.iter().zip(settle(&mut some, progress)?) {
            let result = &mut results[one.cell];
            let steps = result.steps + found.steps;
            if found.outcome.is_settled() || found.outcome == Outcome::Diverged {
                let waited = one.unsettled_for + one.path.time();
                *result = CellResult { steps, settle_time: waited + found.settle_time, ..found };
            } else {
                *result = CellResult { steps, end: found.end, ..*result };
                watched.extend(Watched::new(batch, one.cell, result, false));
            }
        }
    }
    Ok(())
}

/// A motion that is watched.
struct Watched<'a> {
    /// Index among the batch's cells.
    cell: usize,
    path: Path<'a>,
    /// Whether the motion may be integrated on, and watched again.
    is_first: bool,
    /// Stretches after which the motion is judged.
    judged_at: usize,
    /// Fewest stretches of a weak exponent.
    lasting: usize,
    /// Most stretches.
    most: usize,
    judgement: Judgement,
    /// Relaxation time of Z, in tau_c.
    relaxation: f64,
    /// Time before the watch, in tau_c.
    unsettled_for: f64,
}

impl<'a> Followed<'a> for Watched<'a> {
    fn path(&mut self) -> &mut Path<'a> {
        &mut self.path
    }

    fn goes_on(&mut self) -> bool {
        if self.path.stretches.len() < self.judged_at {
            return true;
        }
        self.judgement = self.judge();
        self.judged_at = ((LONGER * self.judged_at as f64) as usize).min(self.most);
        self.judgement == Judgement::Longer
    }
}

impl<'a> Watched<'a> {
    /// A motion to watch, if the cell's result leaves it without a name.
    fn new(batch: &'a Batch, i: usize, result: &CellResult, is_first: bool) -> Option<Self> {
        let cell = &batch.cells[i];
        let by_time = cell.limits.first_peaks == u32::MAX;
        let [x, y, z, v] = result.end;
        if by_time || result.outcome != Outcome::Unsettled || !result.end.iter().all(|c| c.is_finite()) {
            return None;
        }
        let (p, profile) = (&cell.parameters, &batch.tables[cell.table as usize].profile);
        let tangent = State { x: FRAC_1_SQRT_2, y: 0.0, z: 0.0, v: FRAC_1_SQRT_2 };
        let path = Path::new(p, profile, State { x, y, z, v }, tangent, cell.watch_dt);
        let relaxation = 1.0 / (p.alpha * p.gamma);
        let least = (MODULATIONS * relaxation).max(PERIODS / STRETCH * path.stretch());
        let n = (least / path.stretch()).ceil() as usize;
        let judged_at = n.saturating_add(left_out(n) + 2);
        let unsettled_for = f64::from(cell.limits.max_steps) * cell.dt;
        let most = (LONGEST * unsettled_for / path.stretch()) as usize;
        let (lasting, judgement) = (LASTING.saturating_mul(judged_at).min(most), Judgement::Unsettled);
        let one = Self { cell: i, path, is_first, judged_at, lasting, most, judgement, relaxation, unsettled_for };
        (judged_at <= most).then_some(one)
    }

    /// Steps taken, a step with a tangent for two.
    fn steps(&self) -> u64 {
        2 * u64::from(self.path.length) * self.path.stretches.len() as u64
    }

    /// What the motion counts as by the stretches so far.
    fn judge(&self) -> Judgement {
        let (is_first, n) = (self.is_first, self.path.stretches.len());
        let growth = self.path.growth();
        let Some(found) = exponent(&growth, self.path.stretch()) else { return Judgement::Unsettled };
        let kept = &self.path.stretches[left_out(n)..];
        let (first, second) = kept.split_at(kept.len() / 2);
        let whole = extent(kept);
        let change = (extent(first) - extent(second)).abs().max((depth(first) - depth(second)).abs()) / whole;
        let time = kept.len() as f64 * self.path.stretch();
        let modulations = rises(&extents(kept));
        let modulation = self.relaxation.max(time / f64::from(modulations.max(1)));
        let is_long = time >= 0.99 * MODULATIONS * modulation;
        let otherwise = if is_first { Judgement::Moves } else { Judgement::Unsettled };
        if !(depth(second) > MODULATED * whole && modulations >= FEWEST) {
            return otherwise;
        }
        let chaotic = Judgement::Named(Outcome::Chaotic, found);
        let quasiperiodic = Judgement::Named(Outcome::Quasiperiodic, found);
        let is_positive = found.value > found.error;
        let repeats = (extent(first) - extent(second)).abs() <= MODULATED * whole;
        let late = &growth[n / 2..];
        let goes_on = |e: Exponent| e.value > LATE * found.value || late.iter().sum::<f64>() > LATE_FOLDS;
        let is_lasting = || n >= self.lasting && exponent(late, self.path.stretch()).is_some_and(goes_on);
        let is_weak = found.value <= WEAK;
        let is_clear = !is_weak || ((!repeats || found.value > CLEAR * found.error) && is_lasting());
        if is_positive
            && is_clear
            && is_long
            && change <= STAYS.1
            && found.scatter <= EXACT
            && found.value * time > FOLDS
        {
            return chaotic;
        }
        if !is_positive && is_long && change <= STAYS.0 && found.error * modulation <= ZERO {
            // A long cycle, or a slow approach to one, may still be found.
            return if is_first { Judgement::Moves } else { quasiperiodic };
        }
        if n < self.most {
            return Judgement::Longer;
        }
        match (is_long, is_positive) {
            (true, true) if is_clear && found.value > 2.0 * found.error => chaotic,
            (true, _) if change <= STAYS.0 && found.value.abs() * modulation <= ZERO && !is_first => quasiperiodic,
            _ => otherwise,
        }
    }

    /// The result of a motion that would be quasiperiodic, but closes after many maxima.
    fn closed(&self) -> Option<CellResult> {
        if !matches!(self.judgement, Judgement::Named(Outcome::Quasiperiodic, _)) {
            return None;
        }
        let cycle = cycle_nearby(&self.path.parameters, self.path.profile, &self.path.at[0])?;
        let State { x, y, z, v } = cycle.state;
        Some(CellResult {
            v_min: cycle.v_min,
            v_max: cycle.v_max,
            span: cycle.span(),
            v_mean: cycle.v_mean,
            period: cycle.period,
            span_error: cycle.error.max(CYCLE_ERROR) * (1.0 + cycle.v_max.abs()),
            settle_time: self.unsettled_for + self.path.time(),
            multiplier: cycle.multiplier(),
            maxima: cycle.maxima.into(),
            certificate: Some(Certificate::Newton),
            end: [x, y, z, v],
            ..CellResult::without_numbers(Outcome::Oscillating)
        })
    }

    /// The result of a motion that has got this name.
    fn named(&self, before: &CellResult, outcome: Outcome, found: Exponent) -> CellResult {
        let kept = &self.path.stretches[left_out(self.path.stretches.len())..];
        let (first, second) = kept.split_at(kept.len() / 2);
        let (span, v_min) = (extent(kept), lowest(kept));
        let State { x, y, z, v } = self.path.at[0];
        CellResult {
            v_min,
            v_max: v_min + span,
            span,
            v_mean: kept.iter().map(|s| s.mean).sum::<f64>() / kept.len() as f64,
            span_error: span - extent(first).min(extent(second)),
            settle_time: self.unsettled_for,
            lyapunov: found.value,
            lyapunov_error: found.error,
            certificate: Some(Certificate::Lyapunov),
            steps: before.steps,
            end: [x, y, z, v],
            ..CellResult::without_numbers(outcome)
        }
    }
}

/// How often a series rises from below its mean to half a standard deviation above.
fn rises(series: &[f64]) -> u32 {
    let n = series.len() as f64;
    let mean = series.iter().sum::<f64>() / n;
    let half = 0.5 * (series.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n).sqrt();
    let (mut count, mut is_low) = (0, false);
    for s in series {
        if *s < mean {
            is_low = true;
        } else if *s > mean + half && std::mem::replace(&mut is_low, false) {
            count += 1;
        }
    }
    count
}
