//! The audit: a sample of a map's cells recomputed in another way, so that a file states its
//! reliability.
//!
//! The cells are drawn at random by a seeded generator. Each is integrated on the CPU in f64 from
//! its own start, with half the step and a long wait, and judged by a rule that
//! shares nothing with the map's (`recheck`).

use super::recheck::{Recheck, StoredResult, recheck};
use super::sample::AuditSample;
use super::tolerance::span_tolerance;
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::plan::Plan;
use crate::results::{CellResult, Outcome};
use crate::store::{AuditRow, Value};
use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

/// Confidence of the bounds.
const CONFIDENCE: f64 = 0.95;
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
        let settled: Vec<_> = claims.iter().filter(|c| c.result.outcome.is_settled()).collect();
        let found = recheck(plan, &settled, stop)?;
        let check = |(claim, found): (&&StoredResult, Option<Recheck>)| {
            let (found, span) = found?;
            Some(Check { index: claim.index, start: claim.start, claimed: claim.result, found, span })
        };
        let checks = settled.iter().zip(found).filter_map(check).collect();
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

    /// Number of checks whose span differs by more than its stated error and the tolerance.
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

    /// Whether this audit contradicts an earlier audit's counts.
    ///
    /// It does if it finds more mismatches, or more spans beyond their errors, than the earlier rates
    /// produce in one audit in twenty. If the earlier count is 0, a single one is too many.
    #[must_use]
    pub fn is_worse_than(&self, earlier: &Counts) -> bool {
        let more = |found: usize, of: usize, then: u64| {
            let rate = if earlier.decided == 0 { 0.0 } else { then as f64 / earlier.decided as f64 };
            let allowed = Binomial::new(rate.clamp(0.0, 1.0), of as u64).map_or(0, |b| b.inverse_cdf(CONFIDENCE));
            found as u64 > if rate == 0.0 { 0 } else { allowed }
        };
        more(self.mismatches(), self.decided(), earlier.flips)
            || more(self.beyond_tolerance(), self.decided(), earlier.beyond)
    }

    /// The audit as root attributes of a file.
    #[must_use]
    pub fn attributes(&self) -> Vec<(String, Value)> {
        let number = |name: &str, value: f64| (name.to_string(), Value::Number(value));
        let mut all = vec![
            (
                "audit_rule".to_string(),
                Value::Text(
                    "settled cells of a random sample again: CPU, f64, half the step, a wait of 14 decay times of what is slowest, spans of two long windows agree".into(),
                ),
            ),
            number("audit_seed", self.seed as f64),
            number("audit_checked", self.checks.len() as f64),
            number("audit_decided", self.decided() as f64),
            number("audit_flips", self.mismatches() as f64),
            number("audit_flip_rate_bound_95", self.mismatch_bound()),
            number("audit_beyond_error", self.beyond_tolerance() as f64),
            number("audit_tolerance", self.tolerance),
        ];
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
        Some(Check { index, start, claimed, found: outcome(row.outcome_audit)?, span })
    })
}

/// Counts of an earlier audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Checks that found a settled outcome.
    pub decided: u64,
    /// Decided checks that found the other outcome.
    pub flips: u64,
    /// Decided checks whose spans differ by more than their errors.
    pub beyond: u64,
}

impl Check {
    /// Whether the audit found the other settled outcome.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        self.found.is_settled() && self.found != self.claimed.outcome
    }

    /// Difference of the spans, if both outcomes agree.
    #[must_use]
    pub fn off(&self) -> Option<f64> {
        (self.found == self.claimed.outcome).then_some((self.span - self.claimed.span).abs())
    }

    /// Whether the spans differ by more than the stored error and the tolerance.
    #[must_use]
    pub fn is_beyond(&self, tolerance: f64) -> bool {
        let stated = if self.claimed.span_error.is_finite() { self.claimed.span_error.max(0.0) } else { 0.0 };
        self.off().is_some_and(|off| !(off <= stated + tolerance))
    }
}

/// The rate above which at most `events` of `trials` would be seen in less than one case of twenty.
fn upper_bound(events: usize, trials: usize) -> f64 {
    if events >= trials {
        return 1.0;
    }
    Beta::new(events as f64 + 1.0, (trials - events) as f64).map_or(1.0, |b| b.inverse_cdf(CONFIDENCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::recompute;
    use crate::plan::PreparedCell;
    use crate::plan::Request;

    #[test]
    fn bounds_are_clopper_and_pearsons() {
        // Without events the bound is 1 - 0.05^(1/n).
        assert!((upper_bound(0, 64) - (1.0 - 0.05_f64.powf(1.0 / 64.0))).abs() < 1e-6);
        assert!((upper_bound(3, 100) - 0.0757).abs() < 2e-4, "{}", upper_bound(3, 100));
        assert_eq!(upper_bound(0, 0), 1.0);
    }

    fn audited(spoil: impl Fn(u64, &mut CellResult)) -> Audit {
        let toml = "grid = ['Gamma=0.1:1:10']\nprecision = 'f64'\n[set]\nV_n = 2.0\nR_n = 6.0\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        let claims: Vec<StoredResult> = (0..10)
            .map(|index| {
                let PreparedCell { cell, regions } = plan.single(index, 0).cell().unwrap();
                let mut result = recompute(&plan, &cell, &regions).unwrap();
                spoil(index, &mut result);
                StoredResult { index, start: 0, result }
            })
            .collect();
        Audit::run(&plan, &AuditSample::draw(10, 10, 1), &claims, &CancelToken::default()).unwrap()
    }

    #[test]
    fn sound_claims_stand_and_false_ones_do_not() {
        let sound = audited(|_, _| ());
        assert_eq!((sound.checks.len(), sound.decided(), sound.mismatches(), sound.beyond_tolerance()), (10, 10, 0, 0));
        assert!(sound.quantiles()[3] < 1e-6, "{:?}", sound.quantiles());
        let none = Counts { decided: 64, flips: 0, beyond: 0 };
        assert!(!sound.is_worse_than(&none));
        let flipped = audited(|i, a| {
            if i == 3 {
                a.outcome = Outcome::Steady;
            }
        });
        assert_eq!(flipped.mismatches(), 1);
        // An audit that decided nothing allows nothing.
        assert!(flipped.is_worse_than(&Counts::default()));
        assert!(flipped.is_worse_than(&none) && !flipped.is_worse_than(&Counts { flips: 10, ..none }));
        let off = audited(|i, a| {
            if i == 2 {
                a.span += 1e-4;
            }
        });
        assert_eq!((off.mismatches(), off.beyond_tolerance()), (0, 1));
        assert!(off.is_worse_than(&none));
        let growing = audited(|i, a| {
            if i == 0 {
                (a.settle_time, a.outcome) = (1.0, Outcome::Steady);
            }
        });
        assert_eq!(growing.mismatches(), 1, "an outcome that came too early is found out");
    }
}
