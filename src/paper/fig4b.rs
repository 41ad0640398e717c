//! Fig. 4b: V along V_n, up and down, at R_n = 5, Gamma = 0.1, Z_T = 1; thick where it oscillates.

use crate::bifurcation::branches;
use crate::error::Result;
use crate::figure::{Style, draw_ramp};
use crate::model::{Parameter, Start};
use crate::paper::{PaperRun, Quality};
use crate::store::RampFile;

const V_N: (f64, f64) = (0.02, 5.0);

pub(super) fn cells(quality: Quality) -> u64 {
    2 * quality.pick([125, 250, 1000])
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let axes = [format!("V_n={}:{}:{}", V_N.0, V_N.1, cells(run.quality) / 2)];
    let plan = run.plan(&axes, &[(Parameter::RN, 5.0), (Parameter::Gamma, 0.1)], Start::Rest)?;
    run.ramp("fig4b", &plan)?;
    let file = RampFile::open(&run.path("fig4b", "h5"))?;
    let behind = branches(&plan.parameters(0), V_N);
    run.draw("fig4b", |output| draw_ramp(&file, &behind, &[], &Style::USUAL, output))
}
