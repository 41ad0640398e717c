//! Motions that have not settled when their time is up, carried on in double precision to be named: chaotic,
//! quasiperiodic, or settled after all.
//!
//! A tangent goes along with each motion; how fast it grows is the largest Lyapunov exponent. A motion whose extent
//! changes meanwhile is on its way, and is integrated as any other.

use super::exponent::{Exponent, exponent, left_out};
use super::tangent::{Stretch, TangentFlow};
use crate::cancel::CancelToken;
use crate::engine::{Batch, Cell, Progress};
use crate::error::Result;
use crate::model::{F00Jets, Parameters, State};
use crate::results::{CellResult, Certificate, Outcome};
use rayon::prelude::*;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Length of a stretch, in periods 2 pi/Omega of the particle: extents of successive ones are compared.
const STRETCH: f64 = 4.0;
/// Fewest modulations over which a motion is watched. A modulation takes at least a relaxation time of Z.
const MODULATIONS: f64 = 50.0;
/// Fewest periods of the particle over which a motion is watched.
const PERIODS: f64 = 400.0;
/// Longest watch, in multiples of the time after which the cell counted as unsettled.
const LONGEST: f64 = 4.0;
/// Factor between the lengths of watches after which a motion is judged.
const LONGER: f64 = 1.3;
/// Largest change of the extent, relative to it, between both halves of the watch: of a torus, and of chaos, whose
/// extremes are rare.
const STAYS: (f64, f64) = (0.03, 0.15);
/// Fewest modulations in a watch: with fewer, the extent grows or dies.
const FEWEST: u32 = 3;
/// Least change of the extent of successive stretches, relative to it, that is a modulation.
const MODULATED: f64 = 1e-3;
/// Largest scatter of an exponent that is reported, in tau_c⁻¹, as long as the watch can be longer.
const EXACT: f64 = 0.024;
/// Least growth of a tangent over a watch, as a logarithm, that is exponential without doubt: near a torus it grows
/// by powers of the time.
const FOLDS: f64 = 12.0;
/// Largest error of an exponent that counts as 0, in multiples of 1 over the time of a modulation.
const ZERO: f64 = 0.25;

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
    let mut watched: Vec<Watched> = (0..results.len()).filter_map(|i| Watched::new(batch, i, &results[i])).collect();
    for is_first in [true, false] {
        let judged = watched
            .into_par_iter()
            .map(|one| one.watch(is_first, progress))
            .collect::<Result<Vec<(Watched<'_>, Judgement)>>>()?;
        let mut moving = Vec::new();
        for (one, judgement) in judged {
            let result = &mut results[one.cell];
            result.steps += one.steps();
            match judgement {
                Judgement::Named(outcome, found) => *result = one.named(result, outcome, found),
                Judgement::Moves => moving.push(one),
                Judgement::Longer | Judgement::Unsettled => {}
            }
        }
        if moving.is_empty() {
            break;
        }
        let mut some = Batch { tables: batch.tables.clone(), ..Batch::default() };
        for one in &moving {
            let cell = Cell { start: one.at[0], ..batch.cells[one.cell] };
            some.push(cell, batch.regions_of(&cell), cell.table);
        }
        watched = Vec::new();
        for (one, found) in moving.iter().zip(settle(&mut some, progress)?) {
            let result = &mut results[one.cell];
            let steps = result.steps + found.steps;
            if found.outcome.is_settled() || found.outcome == Outcome::Diverged {
                let waited = one.unsettled_for + one.time();
                *result = CellResult { steps, settle_time: waited + found.settle_time, ..found };
            } else {
                *result = CellResult { steps, end: found.end, ..*result };
                watched.extend(Watched::new(batch, one.cell, result));
            }
        }
    }
    Ok(())
}

/// The largest Lyapunov exponent of a motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lyapunov {
    /// The exponent, per tau_c.
    pub value: f64,
    /// By how much it may be off, per tau_c.
    pub error: f64,
    /// Difference of the largest and the smallest extent of V in successive stretches of four periods 2 pi/Omega,
    /// relative to the extent of V: how strongly the motion is modulated.
    pub depth: f64,
    /// Time over which it was measured, in tau_c.
    pub time: f64,
}

impl Lyapunov {
    /// Whether neighbours leave the motion exponentially, without doubt.
    #[must_use]
    pub fn is_chaotic(&self) -> bool {
        self.value > 2.0 * self.error && self.value * self.time > FOLDS
    }

    /// Whether the extent of V changes between stretches.
    #[must_use]
    pub fn is_modulated(&self) -> bool {
        self.depth > MODULATED
    }
}

/// The largest Lyapunov exponent of the motion from a state, over at least this time (tau_c), with half the step of
/// the watch; `None` if the motion leaves the finite numbers, or the time is too long to count.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub fn lyapunov(
    cell: &Cell,
    profile: &F00Jets,
    start: State<f64>,
    time: f64,
    stop: &CancelToken,
) -> Result<Option<Lyapunov>> {
    let (p, dt) = (&cell.parameters, 0.5 * cell.watch_dt);
    let flow = TangentFlow::new(p, profile);
    let length = (STRETCH * TAU / (p.omega * dt)).ceil().max(1.0) as u32;
    let stretch = f64::from(length) * dt;
    let count = (time.max(PERIODS / STRETCH * stretch) / stretch).ceil() as usize;
    if count as f64 * f64::from(length) > f64::from(u32::MAX) {
        return Ok(None);
    }
    let mut at = [start, State { x: 0.0, y: FRAC_1_SQRT_2, z: FRAC_1_SQRT_2, v: 0.0 }];
    let mut seen = Vec::with_capacity(count);
    for _ in 0..count {
        stop.check()?;
        seen.push(flow.run(&mut at, length, dt));
    }
    let growth: Vec<f64> = seen.iter().map(|s| s.growth).collect();
    let kept = &seen[left_out(count)..];
    let depth = depth(kept) / extent(kept);
    let found = exponent(&growth, stretch).filter(|e| e.value.is_finite());
    Ok(found.map(|Exponent { value, error, .. }| Lyapunov { value, error, depth, time }))
}

/// A state near the next maximum of V after `start`, within a few periods; `None` if there is none.
#[must_use]
pub fn next_maximum(
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: State<f64>,
    dt: f64,
    period: f64,
) -> Option<State<f64>> {
    let flow = TangentFlow::new(p, profile);
    let mut at = [start, State { x: 1.0, y: 0.0, z: 0.0, v: 0.0 }];
    let (mut rises, most) = (false, (4.0 * period / dt).min(1e6) as u32);
    for _ in 0..most {
        let before = at[0];
        flow.run(&mut at, 1, dt);
        if rises && at[0].v < before.v {
            return Some(before);
        }
        rises = at[0].v > before.v;
    }
    None
}

/// Time over which the exponent of a cell is measured at least, in tau_c.
#[must_use]
pub fn watched_for(cell: &Cell) -> f64 {
    let p = &cell.parameters;
    1.5 * (MODULATIONS / (p.alpha * p.gamma)).max(PERIODS * TAU / p.omega)
}

/// A motion that is watched.
struct Watched<'a> {
    /// Index among the batch's cells.
    cell: usize,
    flow: TangentFlow<'a>,
    /// State and tangent.
    at: [State<f64>; 2],
    dt: f64,
    /// Steps of a stretch.
    length: u32,
    /// Most stretches.
    most: usize,
    stretches: Vec<Stretch>,
    /// Relaxation time of Z, in tau_c.
    relaxation: f64,
    /// Time before the watch, in tau_c.
    unsettled_for: f64,
}

/// The extent of V over some stretches.
fn extent(stretches: &[Stretch]) -> f64 {
    stretches.iter().fold(f64::NEG_INFINITY, |m, s| m.max(s.high)) - lowest(stretches)
}

/// The extent of V in each stretch.
fn extents(stretches: &[Stretch]) -> Vec<f64> {
    stretches.iter().map(|s| s.high - s.low).collect()
}

/// Difference of the largest and the smallest of them.
fn depth(stretches: &[Stretch]) -> f64 {
    let all = extents(stretches);
    all.iter().fold(0.0_f64, |m, s| m.max(*s)) - all.iter().fold(f64::INFINITY, |m, s| m.min(*s))
}

fn lowest(stretches: &[Stretch]) -> f64 {
    stretches.iter().fold(f64::INFINITY, |m, s| m.min(s.low))
}

impl<'a> Watched<'a> {
    /// A motion to watch, if the cell's result leaves it without a name.
    fn new(batch: &'a Batch, i: usize, result: &CellResult) -> Option<Self> {
        let cell = &batch.cells[i];
        let by_time = cell.limits.first_peaks == u32::MAX;
        let [x, y, z, v] = result.end;
        if by_time || result.outcome != Outcome::Unsettled || !result.end.iter().all(|c| c.is_finite()) {
            return None;
        }
        let (p, dt) = (&cell.parameters, cell.watch_dt);
        let length = (STRETCH * TAU / (p.omega * dt)).ceil().max(1.0) as u32;
        let unsettled_for = f64::from(cell.limits.max_steps) * cell.dt;
        let one = Self {
            cell: i,
            flow: TangentFlow::new(p, &batch.tables[cell.table as usize].profile),
            at: [State { x, y, z, v }, State { x: FRAC_1_SQRT_2, y: 0.0, z: 0.0, v: FRAC_1_SQRT_2 }],
            dt,
            length,
            most: (LONGEST * unsettled_for / (f64::from(length) * dt)) as usize,
            stretches: Vec::new(),
            relaxation: 1.0 / (p.alpha * p.gamma),
            unsettled_for,
        };
        (one.first_judged() <= one.most).then_some(one)
    }

    /// Stretches after which the motion is judged first.
    fn first_judged(&self) -> usize {
        let least = (MODULATIONS * self.relaxation).max(PERIODS / STRETCH * self.stretch());
        let n = (least / self.stretch()).ceil() as usize;
        n + left_out(n) + 2
    }

    /// Time of a stretch, in tau_c.
    fn stretch(&self) -> f64 {
        f64::from(self.length) * self.dt
    }

    fn time(&self) -> f64 {
        self.stretches.len() as f64 * self.stretch()
    }

    /// Steps taken, a step with a tangent for two.
    fn steps(&self) -> u64 {
        2 * u64::from(self.length) * self.stretches.len() as u64
    }

    /// Watches the motion until it is judged.
    fn watch(mut self, is_first: bool, progress: &Progress) -> Result<(Self, Judgement)> {
        let mut judged_at = self.first_judged();
        loop {
            while self.stretches.len() < judged_at {
                progress.stop.check()?;
                let seen = self.flow.run(&mut self.at, self.length, self.dt);
                if !seen.growth.is_finite() {
                    return Ok((self, Judgement::Unsettled));
                }
                self.stretches.push(seen);
            }
            let judgement = self.judge(is_first);
            if judgement != Judgement::Longer {
                return Ok((self, judgement));
            }
            judged_at = ((LONGER * judged_at as f64) as usize).min(self.most);
        }
    }

    /// What the motion counts as by the stretches so far.
    fn judge(&self, is_first: bool) -> Judgement {
        let n = self.stretches.len();
        let growth: Vec<f64> = self.stretches.iter().map(|s| s.growth).collect();
        let Some(found) = exponent(&growth, self.stretch()) else { return Judgement::Unsettled };
        let kept = &self.stretches[left_out(n)..];
        let (first, second) = kept.split_at(kept.len() / 2);
        let whole = extent(kept);
        let change = (extent(first) - extent(second)).abs().max((depth(first) - depth(second)).abs()) / whole;
        let time = kept.len() as f64 * self.stretch();
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
        if is_positive && is_long && change <= STAYS.1 && found.scatter <= EXACT && found.value * time > FOLDS {
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
            (true, true) if found.value > 2.0 * found.error => chaotic,
            (true, _) if change <= STAYS.0 && found.value.abs() * modulation <= ZERO && !is_first => quasiperiodic,
            _ => otherwise,
        }
    }

    /// The result of a motion that has got this name.
    fn named(&self, before: &CellResult, outcome: Outcome, found: Exponent) -> CellResult {
        let kept = &self.stretches[left_out(self.stretches.len())..];
        let (first, second) = kept.split_at(kept.len() / 2);
        let (span, v_min) = (extent(kept), lowest(kept));
        let State { x, y, z, v } = self.at[0];
        CellResult {
            v_min,
            v_max: v_min + span,
            span,
            v_mean: kept.iter().map(|s| s.mean).sum::<f64>() / kept.len() as f64,
            span_error: span - extent(first).min(extent(second)),
            settle_time: self.unsettled_for,
            lyapunov: found.value,
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
