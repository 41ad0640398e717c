//! Fig. 2c: two regions of hysteresis at R_n = 10, for wells at x_0 = 0, 0.1 and -0.1.

use crate::bifurcation::branches;
use crate::error::Result;
use crate::figure::{Style, draw_ramp};
use crate::model::{Parameter, Start};
use crate::paper::{PaperRun, Quality};
use crate::store::RampFile;

pub(super) fn cells(quality: Quality) -> u64 {
    2 * 3 * quality.pick([161, 401, 1601])
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let axes = [format!("V_n=-4:4:{}", cells(run.quality) / 6), "x_0=-0.1,0,0.1".to_string()];
    let plan = run.plan(&axes, &[(Parameter::RN, 10.0), (Parameter::Gamma, 1.0)], Start::Rest)?;
    run.ramp("fig2c", &plan)?;
    let file = RampFile::open(&run.path("fig2c", "h5"))?;
    let behind: Vec<_> = (0..3).flat_map(|lane| branches(&plan.parameters(lane), (-4.0, 4.0))).collect();
    run.draw("fig2c", |output| draw_ramp(&file, &behind, &[], &Style::USUAL, output))
}
