//! The audit: a sample of a map's cells recomputed in another way, so that a file states its
//! reliability.
//!
//! The cells are drawn at random by a seeded generator. Each is integrated on the CPU in f64 from
//! its own start, with half the step and a long wait, and judged by another rule than the map's: the
//! spans of long windows (`recheck`), and where they do not agree, exponents and cycles
//! (`second_opinion`); starts displaced by little tell where the last digits decide (`sensitive`).

use super::asked_for::check_asked_for;
use super::confidence::{bounds, upper_bound};
use super::missed::missed;
use super::recheck::{Recheck, StoredResult, ready, recheck};
use super::sample::AuditSample;
use super::second_opinion::complete;
use super::sensitive::sensitive;
use super::tolerance::span_tolerance;
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::plan::Plan;
use crate::results::{CellResult, Outcome};
use crate::store::{AuditRow, NOT_SEARCHED, Value};

/// Largest part of the spans beyond their errors, and of undecided checks, in a map that holds.
const FEW: f64 = 0.01;
/// A span that is off by this many times what is allowed is wrong.
const GROSS: f64 = 10.0;
/// Largest difference of the spans of chaos, relative to the larger one: extremes are rare.
const CHAOTIC: f64 = 0.5;
/// Largest difference of the spans of a torus, relative.
const TORUS: f64 = 0.05;
/// Quantiles of the spans' differences that are reported.
pub(super) const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 1.0];

/// A stored result of a settled cell, and what the audit found for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// Index of the cell.
    pub index: u64,
    /// Number of the start.
    pub start: usize,
    /// Result stored in the map.
    pub claimed: CellResult,
    /// Outcome of the audit: steady, oscillating, diverged, or unsettled if no two successive long
    /// windows agreed.
    pub found: Outcome,
    /// Span of the last long window.
    pub span: f64,
    /// What else is not as in the map: a sum of [`PERIOD_OFF`](super::PERIOD_OFF) and its like.
    pub numbers_off: u8,
    /// Whether starts displaced by 1e-6 end elsewhere.
    pub is_start_sensitive: bool,
    /// Number of attractors that random starts of the cell came to, and none of its starts; `None` if the cell was not
    /// searched, or another check of the cell has it.
    pub missed: Option<u8>,
}

/// The audit of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// All checks of settled cells.
    pub checks: Vec<Check>,
    /// Seed of the sample.
    pub seed: u64,
    /// Tolerance of a span in addition to its stated error.
    pub tolerance: f64,
}

impl Audit {
    /// Rechecks the settled ones among `claims`, the stored results of the sample's cells.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub fn run(plan: &Plan, sample: &AuditSample, claims: &[StoredResult], stop: &CancelToken) -> Result<Self> {
        // With a limit of the request's own, a cell may be unsettled that a longer time would settle.
        let is_due = |c: &&StoredResult| {
            c.result.outcome.is_settled() || c.result.outcome == Outcome::Unsettled && plan.request.t_max.is_none()
        };
        let due: Vec<_> = claims.iter().filter(is_due).collect();
        let ready = ready(plan, &due);
        let mut found = recheck(&ready, &due, stop)?;
        let mut numbers_off = complete(plan, &ready, &due, &mut found, stop)?;
        check_asked_for(plan, &ready, &due, &found, &mut numbers_off, stop)?;
        let sensitive = sensitive(plan, &ready, &due, &found, stop)?;
        let mut missed = missed(plan, sample, claims, stop)?;
        let check =
            |(((claim, found), numbers_off), is_start_sensitive): (((&&StoredResult, Option<Recheck>), u8), bool)| {
                let Recheck { outcome: found, span, .. } = found?;
                let (index, start, claimed) = (claim.index, claim.start, claim.result);
                let missed = missed.remove(&index);
                Some(Check { index, start, claimed, found, span, numbers_off, is_start_sensitive, missed })
            };
        let checks = due.iter().zip(found).zip(numbers_off).zip(sensitive).filter_map(check).collect();
        Ok(Self::with(plan, sample, checks))
    }

    /// An audit of existing checks.
    #[must_use]
    pub fn with(plan: &Plan, sample: &AuditSample, checks: Vec<Check>) -> Self {
        Self { checks, seed: sample.seed(), tolerance: span_tolerance(&plan.request) }
    }

    /// Number of checks that found a settled outcome.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.checks.iter().filter(|f| f.found.is_settled()).count()
    }

    /// Number of checks that found the other settled outcome.
    #[must_use]
    pub fn mismatches(&self) -> usize {
        self.checks.iter().filter(|f| f.is_mismatch()).count()
    }

    /// Number of checks that the audit could not decide, though the last digits of the start do not decide them.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.checks.iter().filter(|f| !f.is_decided() && !f.is_start_sensitive).count()
    }

    /// Number of checks whose starts, displaced by 1e-6, end elsewhere.
    #[must_use]
    pub fn start_sensitive(&self) -> usize {
        self.checks.iter().filter(|f| f.is_start_sensitive).count()
    }

    /// Number of cells that were searched for attractors that no start of the map comes to.
    #[must_use]
    pub fn searched(&self) -> usize {
        self.checks.iter().filter(|f| f.missed.is_some()).count()
    }

    /// Number of searched cells with such an attractor.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.checks.iter().filter(|f| f.missed.is_some_and(|n| n > 0)).count()
    }

    /// Bounds on the fraction of the map's cells with such an attractor, as far as 12 random starts find it, at 95 %
    /// confidence (Clopper–Pearson).
    #[must_use]
    pub fn missing_bounds(&self) -> [f64; 2] {
        bounds(self.missing(), self.searched())
    }

    /// Number of checks with another period, mean, number of maxima, exponent or response, or with a span that is grossly wrong.
    #[must_use]
    pub fn wrong_numbers(&self) -> usize {
        self.checks.iter().filter(|f| f.has_wrong_number(self.tolerance)).count()
    }

    /// What speaks against the map; `None` if it holds: no outcome and no number is wrong, at most 1 % of the spans
    /// are beyond their errors, and at most 1 % of the checks are undecided.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let moving = self.checks.iter().filter(|f| f.found.moves()).count();
        let few = |count: usize, of: usize| count <= 1 || count as f64 <= FEW * of as f64;
        let all = [
            (self.mismatches() == 0, format!("{} wrong outcomes", self.mismatches())),
            (
                self.wrong_numbers() == 0,
                format!("{} wrong periods, means, numbers of maxima, exponents or responses", self.wrong_numbers()),
            ),
            (few(self.beyond_tolerance(), moving), format!("{} spans beyond their errors", self.beyond_tolerance())),
            (few(self.undecided(), self.checks.len()), format!("{} that could not be decided", self.undecided())),
        ];
        let told: Vec<String> = all.into_iter().filter(|(holds, _)| !holds).map(|(_, text)| text).collect();
        (!told.is_empty()).then(|| format!("{} among {} results", told.join(", "), self.checks.len()))
    }

    /// Number of checks whose span differs by more than twice its stated error and the tolerance.
    #[must_use]
    pub fn beyond_tolerance(&self) -> usize {
        self.checks.iter().filter(|f| f.is_beyond(self.tolerance)).count()
    }

    /// Upper bound on the fraction of the map's settled outcomes that are wrong, at 95 % confidence
    /// (Clopper–Pearson).
    #[must_use]
    pub fn mismatch_bound(&self) -> f64 {
        upper_bound(self.mismatches(), self.decided())
    }

    /// Quantiles of |span - span of the audit|, at the fractions in `QUANTILES`; NaN if no outcome
    /// agrees.
    #[must_use]
    pub fn quantiles(&self) -> [f64; QUANTILES.len()] {
        let mut off: Vec<f64> = self.checks.iter().filter_map(Check::off).collect();
        off.sort_by(f64::total_cmp);
        QUANTILES.map(|q| {
            let rank = (q * off.len() as f64).ceil().max(1.0) as usize;
            off.get(rank - 1).copied().unwrap_or(f64::NAN)
        })
    }

    /// The audit as root attributes of a file.
    #[must_use]
    pub fn attributes(&self) -> Vec<(String, Value)> {
        let number = |name: &str, value: f64| (name.to_string(), Value::Number(value));
        let mut all = vec![
            (
                "audit_rule".to_string(),
                Value::Text(
                    "cells of a random sample again: CPU, f64, half the step, a wait of 14 decay times of what is slowest, spans of two long windows agree, else a cycle by Newton's method or the largest Lyapunov exponent".into(),
                ),
            ),
            number("audit_seed", self.seed as f64),
            number("audit_checked", self.checks.len() as f64),
            number("audit_decided", self.decided() as f64),
            number("audit_flips", self.mismatches() as f64),
            number("audit_flip_rate_bound_95", self.mismatch_bound()),
            number("audit_beyond_error", self.beyond_tolerance() as f64),
            number("audit_wrong_numbers", self.wrong_numbers() as f64),
            number("audit_undecided", self.undecided() as f64),
            number("audit_start_sensitive", self.start_sensitive() as f64),
            number("audit_tolerance", self.tolerance),
        ];
        if self.searched() > 0 {
            let [low, high] = self.missing_bounds();
            all.extend([
                number("audit_searched", self.searched() as f64),
                number("audit_missing_attractors", self.missing() as f64),
                number("audit_missing_rate_low_95", low),
                number("audit_missing_rate_high_95", high),
            ]);
        }
        for (q, off) in QUANTILES.iter().zip(self.quantiles()) {
            all.push(number(&format!("audit_span_difference_q{:.0}", 100.0 * q), off));
        }
        all
    }

    /// All checks, for the file's group `audit`.
    #[must_use]
    pub fn rows(&self) -> Vec<AuditRow> {
        let row = |check: &Check| AuditRow {
            cell: check.index,
            start: check.start as u8,
            outcome: check.claimed.outcome as u8,
            outcome_audit: check.found as u8,
            span: check.claimed.span,
            span_audit: check.span,
            span_error: check.claimed.span_error,
            numbers_off: check.numbers_off,
            start_sensitive: check.is_start_sensitive.into(),
            missed: check.missed.unwrap_or(NOT_SEARCHED),
        };
        self.checks.iter().map(row).collect()
    }
}

/// The checks of stored rows; of each stored result only outcome, span and error are known.
pub fn checks(rows: &[AuditRow]) -> impl Iterator<Item = Check> + '_ {
    rows.iter().filter_map(|row| {
        let outcome = |number: u8| Outcome::from_number(number.into());
        let claimed = CellResult {
            span: row.span,
            span_error: row.span_error,
            ..CellResult::without_numbers(outcome(row.outcome)?)
        };
        let (index, start, span) = (row.cell, row.start.into(), row.span_audit);
        let (numbers_off, is_start_sensitive) = (row.numbers_off, row.start_sensitive != 0);
        let (found, missed) = (outcome(row.outcome_audit)?, Some(row.missed).filter(|n| *n != NOT_SEARCHED));
        Some(Check { index, start, claimed, found, span, numbers_off, is_start_sensitive, missed })
    })
}

impl Check {
    /// Whether the audit found another settled outcome, and the last digits of the start do not decide which.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        self.is_decided() && self.found != self.claimed.outcome && !self.is_start_sensitive
    }

    /// Whether the audit found a settled outcome. Where the map has none, one that never closes is as hard to tell for
    /// both.
    fn is_decided(&self) -> bool {
        let is_doubtful = self.claimed.outcome == Outcome::Unsettled && self.found.is_aperiodic();
        self.found.is_settled() && !is_doubtful
    }

    /// Whether a number besides the span is not as in the map, or the span is off by ten times what is allowed.
    #[must_use]
    pub fn has_wrong_number(&self, tolerance: f64) -> bool {
        let gross = !self.claimed.outcome.is_aperiodic() && self.is_off_by(GROSS, tolerance);
        !self.is_start_sensitive && (self.numbers_off != 0 || gross)
    }

    /// Difference of the spans, if both outcomes agree on a settled motion.
    #[must_use]
    pub fn off(&self) -> Option<f64> {
        let alike = self.found == self.claimed.outcome && self.found.is_settled();
        alike.then_some((self.span - self.claimed.span).abs())
    }

    /// Whether the spans differ by more than twice the stored error and the tolerance; of what never closes, by more
    /// than a part, as extremes are rare there.
    #[must_use]
    pub fn is_beyond(&self, tolerance: f64) -> bool {
        !self.is_start_sensitive && self.is_off_by(1.0, tolerance)
    }

    fn is_off_by(&self, times: f64, tolerance: f64) -> bool {
        let c = &self.claimed;
        let stated = if c.span_error.is_finite() { c.span_error.max(0.0) } else { 0.0 };
        let part = match c.outcome {
            Outcome::Chaotic => CHAOTIC,
            Outcome::Quasiperiodic => TORUS,
            _ => 0.0,
        };
        self.off().is_some_and(|off| !(off <= times * (2.0 * stated + tolerance + part * c.span.max(self.span))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Request, outcome_of};

    fn audited(spoil: impl Fn(u64, &mut CellResult)) -> Audit {
        let toml = "grid = ['Gamma=0.1:1:10']\nprecision = 'f64'\n[set]\nV_n = 2.0\nR_n = 6.0\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        let claims: Vec<StoredResult> = (0..10)
            .map(|index| {
                let cell = plan.single(index, 0).cell().unwrap();
                let mut result = outcome_of(&cell, plan.request.table_format).unwrap();
                spoil(index, &mut result);
                StoredResult { index, start: 0, result, asked_for: Vec::new() }
            })
            .collect();
        Audit::run(&plan, &AuditSample::draw(10, 10, 1), &claims, &CancelToken::default()).unwrap()
    }

    #[test]
    fn sound_claims_stand_and_false_ones_do_not() {
        let sound = audited(|_, _| ());
        assert_eq!((sound.checks.len(), sound.decided(), sound.mismatches(), sound.beyond_tolerance()), (10, 10, 0, 0));
        assert!(sound.quantiles()[3] < 1e-6, "{:?}", sound.quantiles());
        assert_eq!(sound.problem(), None);
        let flipped = audited(|i, a| {
            if i == 3 {
                a.outcome = Outcome::Steady;
            }
        });
        assert_eq!(flipped.mismatches(), 1);
        assert!(flipped.problem().unwrap().contains("1 wrong outcomes among 10 results"), "{:?}", flipped.problem());
        let off = audited(|i, a| {
            if i == 2 {
                a.span += 1e-4;
            }
        });
        assert_eq!((off.mismatches(), off.beyond_tolerance(), off.wrong_numbers()), (0, 1, 1));
        assert!(off.problem().is_some());
        type Change = fn(&mut CellResult);
        let changes: [Change; 6] = [
            |a| a.period *= 0.5,
            |a| (a.period, a.maxima) = (2.0 * a.period, 2.0),
            |a| a.maxima = 2.0,
            |a| a.v_mean += 1e-3,
            |a| *a = CellResult::without_numbers(Outcome::Unsettled),
            |a| (a.outcome, a.lyapunov) = (Outcome::Quasiperiodic, 0.0),
        ];
        for (n, change) in changes.iter().enumerate() {
            // Cell 2 oscillates.
            let changed = audited(|i, a| {
                if i == 2 {
                    change(a);
                }
            });
            assert!(changed.problem().is_some(), "change {n}: {:?}", changed.checks[2]);
            assert_eq!(changed.mismatches() + changed.wrong_numbers(), 1, "change {n}: {:?}", changed.checks[2]);
        }
        // Claims that no check decides speak against a map as well.
        let mut undecided = sound.clone();
        undecided.checks.iter_mut().take(2).for_each(|c| c.found = Outcome::Unsettled);
        assert!(undecided.problem().unwrap().starts_with("2 that could not be decided"), "{:?}", undecided.problem());
        let growing = audited(|i, a| {
            if i == 0 {
                (a.settle_time, a.outcome) = (1.0, Outcome::Steady);
            }
        });
        assert_eq!(growing.mismatches(), 1, "an outcome that came too early is found out");
    }
}
