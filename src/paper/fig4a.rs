//! Fig. 4a: span of the self-oscillations along V_n at R_n = 5, Gamma = 0.1, Z_T = 1, with the paper's
//! fits 0.060 √(V_n - 0.23) from 0.23 to 0.6 and 0.033 √(3.31 - V_n) from 3.1 to 3.31.

use crate::error::Result;
use crate::figure::{Curve, LinePlot, Stroke, subtitle};
use crate::model::{Parameter, Start};
use crate::paper::{PaperRun, Quality, fit};
use crate::store::MapFile;

/// The paper's fit at the onset: factor, range of V_n, threshold.
pub(super) const ONSET: (f64, (f64, f64), f64) = (0.060, (0.23, 0.6), 0.23);
/// The paper's fit at the end of the oscillations: factor, range of V_n, threshold.
pub(super) const END: (f64, (f64, f64), f64) = (0.033, (3.1, 3.31), 3.31);

pub(super) fn cells(quality: Quality) -> u64 {
    quality.pick([351, 701, 3501])
}

/// Map of the sweep along V_n.
pub(super) fn map(run: &mut PaperRun<'_>) -> Result<MapFile> {
    let axes = [format!("V_n=0:3.5:{}", cells(run.quality))];
    let plan = run.plan(&axes, &[(Parameter::RN, 5.0), (Parameter::Gamma, 0.1)], Start::Rest)?;
    run.map("fig4a", &plan)
}

/// Pairs (V_n, span) of the cells that oscillate.
pub(super) fn spans(map: &MapFile) -> Result<Vec<(f64, f64)>> {
    let spans = map.cut("span", &[None])?;
    Ok(map.axes()[0].values.iter().copied().zip(spans).filter(|(_, s)| *s > 0.0).collect())
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let map = map(run)?;
    // As many crosses as can be distinguished.
    let every = (cells(run.quality) / 88).max(1) as usize;
    let points = spans(&map)?.into_iter().step_by(every).collect();
    let named = |(a, _, at): (f64, (f64, f64), f64), falls: bool| {
        if falls { format!("{a:.3} √({at} − V_n)") } else { format!("{a:.3} √(V_n − {at})") }
    };
    let plot = LinePlot {
        title: "Oscillation span V_max − V_min along the input voltage".into(),
        subtitle: subtitle(map.fixed()),
        x: ("V_n   (input voltage)".into(), 0.0, 3.5),
        y: ("V_max − V_min".into(), 0.0, 0.08),
        curves: vec![
            Curve::new("simulated", [0, 0, 0], Stroke::Crosses(6), points),
            Curve::new(named(ONSET, false), [44, 160, 44], Stroke::Line(4), fit::curve(ONSET.0, ONSET.1, ONSET.2)),
            Curve::new(named(END, true), [214, 39, 40], Stroke::Line(4), fit::curve(END.0, END.1, END.2)),
        ],
    };
    run.plot("fig4a", &plot)
}
