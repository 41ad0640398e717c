//! Fig. 5a: regions of the plane (V_n, R_n) in which self-oscillations exist, at Gamma = 0.1 and
//! alpha = 1, for several Z_T, from starts near every equilibrium, with the Hopf curves on top. At
//! Z_T = 0 there is no region.

use crate::audit::side;
use crate::bifurcation::{CurveKind, Point, curves};
use crate::error::Result;
use crate::figure::{Line, Style, draw_regions};
use crate::model::BRANCHES;
use crate::model::{Parameter, Parameters, Start};
use crate::paper::{PaperRun, Quality};

/// Values of Z_T, that of the widest region first, so that the others are drawn over it.
pub(super) const Z_T: [f64; 6] = [1.0, 0.8, 0.6, 0.4, 0.2, 0.0];

fn width(quality: Quality) -> u64 {
    quality.pick([64, 192, 1024])
}

pub(super) fn cells(quality: Quality) -> u64 {
    (Z_T.len() * BRANCHES.len()) as u64 * width(quality).pow(2)
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let n = width(run.quality);
    let z_t: Vec<_> = Z_T.iter().map(f64::to_string).collect();
    let axes = [format!("Z_T={}", z_t.join(",")), format!("R_n=0:16:{n}"), format!("V_n=0:9:{n}")];
    let plan = run.own_plan(&axes, &[(Parameter::Gamma, 0.1)], Start::Equilibria)?;
    let map = run.map("fig5a", &plan)?;
    let sides = [side(&plan.grid.axes()[2]), side(&plan.grid.axes()[1])];
    let mut lines: Vec<Line> = Vec::new();
    for z_t in Z_T {
        let found = curves(sides, &Parameters { z_t, ..plan.parameters(0) })?;
        let points = |line: &[Point]| line.iter().map(|p| (p.x, p.y)).collect();
        lines.extend(found.of(CurveKind::Hopf).map(|line| Line::new("Hopf", [0, 0, 0], points(line))));
    }
    let order: Vec<usize> = (0..Z_T.len()).collect();
    run.draw("fig5a", |output| draw_regions(&map, &order, &lines, &Style::USUAL, output))
}
