//! Fig. 5b: span along Z_T at R_n = 5, V_n = 2, Gamma = 0.1 for alpha = 2, 1 and 0.5, with the paper's
//! fits 0.0734 √(alpha (Z_T - 0.17)).

use crate::error::Result;
use crate::figure::{Curve, LinePlot, Stroke, subtitle};
use crate::model::{Parameter, Start};
use crate::paper::{PaperRun, Quality, fit};
use crate::store::MapFile;

pub(super) const ALPHA: [f64; 3] = [2.0, 1.0, 0.5];
/// Factor and threshold of the paper's fits.
pub(super) const FIT: (f64, f64) = (0.0734, 0.17);
const COLOURS: [[u8; 3]; 3] = [[148, 60, 180], [44, 160, 44], [31, 119, 180]];

/// Number of values of Z_T from 0 to 1.
pub(super) fn values(quality: Quality) -> u64 {
    quality.pick([101, 201, 1001])
}

pub(super) fn cells(quality: Quality) -> u64 {
    ALPHA.len() as u64 * values(quality)
}

/// Map of the sweep along Z_T for each alpha.
pub(super) fn map(run: &mut PaperRun<'_>) -> Result<MapFile> {
    let axes =
        [format!("alpha={}", ALPHA.map(|a| a.to_string()).join(",")), format!("Z_T=0:1:{}", values(run.quality))];
    let settings = [(Parameter::VN, 2.0), (Parameter::RN, 5.0), (Parameter::Gamma, 0.1)];
    let plan = run.plan(&axes, &settings, Start::Rest)?;
    run.map("fig5b", &plan)
}

/// Pairs (Z_T, span) of the cells that oscillate at `ALPHA[i]`.
pub(super) fn spans(map: &MapFile, i: usize) -> Result<Vec<(f64, f64)>> {
    let spans = map.cut("span", &[Some(i), None])?;
    Ok(map.axes()[1].values.iter().copied().zip(spans).filter(|(_, s)| *s > 0.0).collect())
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let map = map(run)?;
    let mut curves = Vec::new();
    for (i, (alpha, colour)) in ALPHA.into_iter().zip(COLOURS).enumerate() {
        curves.push(Curve::new(format!("α = {alpha}"), colour, Stroke::Dots(6), spans(&map, i)?));
        let fitted = fit::curve(FIT.0 * alpha.sqrt(), (FIT.1, 1.0), FIT.1);
        // One legend entry, the last, serves all three fits.
        let last = i + 1 == ALPHA.len();
        let name = if last { format!("{} √(α (Z_T − {}))", FIT.0, FIT.1) } else { String::new() };
        curves.push(Curve::new(name, [0, 0, 0], Stroke::Line(2), fitted));
    }
    let plot = LinePlot {
        title: "Oscillation span V_max − V_min along Z_T".into(),
        subtitle: subtitle(map.fixed()),
        x: ("Z_T   (0: infinite, 1: zero temperature)".into(), 0.0, 1.0),
        y: ("V_max − V_min".into(), 0.0, 0.1),
        curves,
    };
    run.plot("fig5b", &plot)
}
