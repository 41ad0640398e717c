//! Fig. 6b: span over alpha and Gamma at V_n = 2, R_n = 6, Z_T = 1, with the Hopf curve: the largest
//! Gamma is the same for every alpha.

use crate::error::Result;
use crate::paper::{PaperRun, Quality, fig6a};
use crate::plan::Plan;
use crate::store::MapFile;

/// Range of alpha.
pub(super) const ALPHA: (f64, f64) = (0.05, 2.0);

pub(super) fn cells(quality: Quality) -> u64 {
    fig6a::cells(quality)
}

fn axis() -> String {
    format!("alpha={}:{}", ALPHA.0, ALPHA.1)
}

/// Map over Gamma and alpha, with its plan.
pub(super) fn map(run: &mut PaperRun<'_>) -> Result<(Plan, MapFile)> {
    fig6a::map(run, "fig6b", &axis())
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    fig6a::over_gamma(run, "fig6b", &axis())
}
