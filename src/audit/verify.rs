//! Verification of a finished map: cells drawn at random, integrated again by the audit's rule, compared with the file.

use super::audit::{Audit, Check, Counts};
use super::recheck::StoredResult;
use super::sample::AuditSample;
use super::stored_plan::plan_of;
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::grid::unravel;
use crate::plan::Plan;
use crate::store::MapFile;

/// Results that are integrated together, between two updates of the progress.
const TOGETHER: usize = 256;

/// Cells of a map, drawn to be verified.
#[derive(Debug)]
pub struct Verify {
    plan: Plan,
    sample: AuditSample,
    stored: Vec<StoredResult>,
    claimed: Counts,
}

/// What a verification found.
#[derive(Debug)]
pub struct Verification {
    /// The plan of the map.
    pub plan: Plan,
    /// The cells that were drawn.
    pub sample: AuditSample,
    /// The checks of these cells.
    pub audit: Audit,
    /// What the map's own audit counted.
    pub claimed: Counts,
}

impl Verify {
    /// Draws `cells` cells of a map with this seed and reads their results.
    ///
    /// # Errors
    /// [`Error::Request`] if no cell is drawn, or if the map's request does not fit its coordinates; [`Error::File`] if the
    /// map cannot be read.
    pub fn new(map: &MapFile, cells: u64, seed: u64) -> Result<Self> {
        let plan = plan_of(map)?;
        let shape: Vec<usize> = plan.grid.shape().iter().map(|n| *n as usize).collect();
        let sample = AuditSample::draw(plan.grid.cells(), cells, seed);
        if sample.is_empty() {
            return Err(Error::request("`cells` 0 verifies nothing", "give a number of cells"));
        }
        let mut stored = Vec::new();
        for &index in sample.cells() {
            let place = unravel(&shape, index as usize);
            for start in 0..plan.starts() {
                stored.push(StoredResult { index, start, result: map.result(start, &place)? });
            }
        }
        let whole = |name: &str| map.number(name).filter(|n| *n >= 0.0).unwrap_or(0.0) as u64;
        let claimed = Counts {
            decided: whole("audit_decided"),
            flips: whole("audit_flips"),
            beyond: whole("audit_beyond_error"),
        };
        Ok(Self { plan, sample, stored, claimed })
    }

    /// Number of results to check: the cells drawn, each with all its starts.
    #[must_use]
    pub fn results(&self) -> u64 {
        self.stored.len() as u64
    }

    /// Integrates the cells again; `progress` counts results.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if cancelled.
    pub fn run(self, progress: &Progress) -> Result<Verification> {
        let Self { plan, sample, stored, claimed } = self;
        let mut checks = Vec::new();
        for together in stored.chunks(TOGETHER) {
            checks.extend(Audit::run(&plan, &sample, together, &progress.stop)?.checks);
            progress.add(together.len() as u64, 0, 0);
        }
        let audit = Audit::with(&plan, &sample, checks);
        Ok(Verification { plan, sample, audit, claimed })
    }
}

impl Verification {
    /// Whether any result could be checked and the map is no worse than its own audit says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.audit.decided() > 0 && !self.audit.is_worse_than(&self.claimed)
    }

    /// Checks with another outcome, or with a span beyond its stated error.
    pub fn missed(&self) -> impl Iterator<Item = &Check> {
        self.audit.checks.iter().filter(|f| f.is_mismatch() || f.is_beyond(self.audit.tolerance))
    }
}

/// Verifies `cells` cells of a map, drawn with this seed.
///
/// # Errors
/// As for [`Verify::new`] and [`Verify::run`].
pub fn verify(map: &MapFile, cells: u64, seed: u64, progress: &Progress) -> Result<Verification> {
    Verify::new(map, cells, seed)?.run(progress)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Tally;
    use crate::plan::Request;
    use crate::results::{CellResult, Outcome};

    #[test]
    fn progress_counts_results_and_nothing_else() {
        let plan =
            Plan::new(Request::from_toml("grid = ['Gamma=0.5:1:3']\n[set]\nV_n = 2.0\nR_n = 6.0\n").unwrap()).unwrap();
        let sample = AuditSample::draw(plan.grid.cells(), 3, 1);
        let result = |&index| StoredResult {
            index,
            start: 0,
            result: CellResult::new([0.0; crate::results::COLUMNS.len()], Outcome::Steady),
        };
        let stored: Vec<_> = sample.cells().iter().map(result).collect();
        let progress = Progress::default();
        let found = Verify { plan, sample, stored, claimed: Counts::default() }.run(&progress).unwrap();
        assert_eq!(progress.read(), Tally { done: 3, settled: 0, steps: 0 });
        assert_eq!(found.audit.checks.len(), 3);
    }
}
