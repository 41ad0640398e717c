//! Fig. 6a: span over Z_T and Gamma at V_n = 2, R_n = 6, alpha = 1, with the Hopf curve.

use crate::audit::curves_of;
use crate::error::Result;
use crate::figure::lines;
use crate::model::{Parameter, Start};
use crate::paper::{PaperRun, Quality};
use crate::plan::Plan;
use crate::store::MapFile;

/// Range of Gamma.
pub(super) const GAMMA: (f64, f64) = (0.02, 1.0);

fn width(quality: Quality) -> u64 {
    quality.pick([128, 512, 4096])
}

pub(super) fn cells(quality: Quality) -> u64 {
    width(quality).pow(2)
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    over_gamma(run, "fig6a", "Z_T=0:1")
}

/// Map over Gamma and another parameter, `NAME=START:STOP`, with its plan.
pub(super) fn map(run: &mut PaperRun<'_>, name: &'static str, other: &str) -> Result<(Plan, MapFile)> {
    let n = width(run.quality);
    let axes = [format!("Gamma={}:{}:{n}", GAMMA.0, GAMMA.1), format!("{other}:{n}")];
    let plan = run.plan(&axes, &[(Parameter::VN, 2.0), (Parameter::RN, 6.0)], Start::Rest)?;
    let map = run.map(name, &plan)?;
    Ok((plan, map))
}

/// Draws the map over Gamma and another parameter with the Hopf curve on top.
pub(super) fn over_gamma(run: &mut PaperRun<'_>, name: &'static str, other: &str) -> Result<()> {
    let (plan, map) = map(run, name, other)?;
    let hopf = curves_of(&plan).map(|c| lines(&c)).unwrap_or_default();
    run.heat_map(name, &map, &hopf)
}
