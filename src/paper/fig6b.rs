//! Fig. 6b: span over alpha and Gamma at V_n = 2, R_n = 6, Z_T = 1, with the Hopf curve: the largest
//! Gamma is the same for every alpha.

use crate::error::Result;
use crate::paper::{PaperRun, Quality, fig6a};

pub(super) fn cells(quality: Quality) -> u64 {
    fig6a::cells(quality)
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    fig6a::over_gamma(run, "fig6b", "alpha=0.05:2")
}
