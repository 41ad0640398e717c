//! Fig. 7: the conductance functions F_ij(x_V) at l = 0.5 and lambda = 0.13.

use crate::error::Result;
use crate::figure::{Curve, LinePlot, Stroke};
use crate::model::{Conductance, Elements, Parameter};
use crate::paper::{PaperRun, Quality};
use crate::store::{Series, SeriesFile, Variable};

const END: f64 = 2.0;
const POINTS: u32 = 800;
/// The paper's axis of F_ij, and the length of another, relative to the curves'.
const F: [f64; 2] = [-0.3, 0.5];
const MARGIN: f64 = 1.1;

/// An element to draw: name in the file, symbol, colour, accessor.
type Pick = (&'static str, &'static str, [u8; 3], fn(&Elements<f64>) -> f64);

pub(super) fn cells(_: Quality) -> u64 {
    0
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let p = run.parameters(0.0, 0.0, 0.0);
    let functions = Conductance::new(p.l, p.lambda);
    let x: Vec<f64> = (0..=POINTS).map(|i| END * (2.0 * f64::from(i) / f64::from(POINTS) - 1.0)).collect();
    let elements: Vec<Elements<f64>> = x.iter().map(|x| functions.elements(*x)).collect();
    let picks: [Pick; 3] = [
        ("F00", "F_00", [31, 119, 180], |e| e.f00),
        ("F01", "F_01", [214, 90, 20], |e| e.f01),
        ("F11", "F_11", [44, 160, 44], |e| e.f11),
    ];
    let all = || elements.iter().flat_map(|e| [e.f00, e.f01, e.f11]);
    let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    // The paper's axis, if the curves fit in and fill it.
    let fills = high - low > 0.5 * (F[1] - F[0]) && low >= F[0] && high <= F[1];
    let [bottom, top] = if fills { F } else { [low, high].map(|end| MARGIN * end) };
    let strokes = [Stroke::Line(4), Stroke::Dashed(4), Stroke::Line(2)];
    let mut variables = Vec::new();
    let mut curves = Vec::new();
    for ((name, symbol, colour, pick), stroke) in picks.into_iter().zip(strokes) {
        let values: Vec<f64> = elements.iter().map(pick).collect();
        let points = x.iter().copied().zip(values.iter().copied()).collect();
        curves.push(Curve::new(symbol, colour, stroke, points));
        variables.push(Variable { name, units: "1", long_name: "conductance matrix element", values });
    }
    let axis =
        Variable { name: "x_V", units: "1", long_name: "position x_V = x_0 - sqrt(2) l V in units of L", values: x };
    let fixed = vec![(Parameter::L, p.l), (Parameter::Lambda, p.lambda)];
    let plot = LinePlot {
        title: "Conductance functions F_ij(x_V)".into(),
        subtitle: format!("l = {}, λ = {}", p.l, p.lambda),
        x: ("x_V   (units of L)".into(), -END, END),
        y: ("F_ij".into(), bottom, top),
        curves,
    };
    let file = SeriesFile { series: vec![Series { axis, variables }], fixed, attributes: Vec::new() };
    run.series("fig7", "Conductance functions (Fig. 7)", file)?;
    run.plot("fig7", &plot)
}
