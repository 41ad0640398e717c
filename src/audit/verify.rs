//! Verification of a finished map: cells drawn at random, integrated again by the audit's rule, compared with the file.

use super::audit::{Audit, Check};
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
                let (result, asked_for) = (map.result(start, &place)?, map.asked_for_at(start, &place)?);
                stored.push(StoredResult { index, start, result, asked_for });
            }
        }
        Ok(Self { plan, sample, stored })
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
        let Self { plan, sample, stored } = self;
        let mut checks = Vec::new();
        // All starts of a cell together.
        for together in stored.chunks((TOGETHER / plan.starts()).max(1) * plan.starts()) {
            checks.extend(Audit::run(&plan, &sample, together, &progress.stop)?.checks);
            progress.add(together.len() as u64, 0, 0);
        }
        let audit = Audit::with(&plan, &sample, checks);
        Ok(Verification { plan, sample, audit })
    }
}

impl Verification {
    /// Whether any result could be checked, and nothing speaks against the map.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.audit.decided() > 0 && self.audit.problem().is_none()
    }

    /// Checks with another outcome or number, or with a span beyond its stated error.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        let t = self.audit.tolerance;
        self.audit.checks.iter().filter(move |f| f.is_mismatch() || f.has_wrong_number(t) || f.is_beyond(t))
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
            asked_for: Vec::new(),
        };
        let stored: Vec<_> = sample.cells().iter().map(result).collect();
        let progress = Progress::default();
        let found = Verify { plan, sample, stored }.run(&progress).unwrap();
        assert_eq!(progress.read(), Tally { done: 3, settled: 0, steps: 0 });
        assert_eq!(found.audit.checks.len(), 3);
    }
}
