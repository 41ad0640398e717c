//! The static picture of a neuron: conductance, current and load lines over V.

use super::line_plot::{Curve, LinePlot, Stroke, draw_line_plot};
use super::subtitle;
use super::target::Target;
use crate::bifurcation::IvCurve;
use crate::error::Result;
use crate::model::{Parameter, Parameters};

/// Points of a curve.
const POINTS: u32 = 800;
/// Colours of the load lines at the folds, in turn.
const COLOURS: [[u8; 3]; 4] = [[214, 39, 40], [31, 119, 180], [148, 103, 189], [140, 86, 75]];

/// What is known of a neuron's statics besides its current.
#[derive(Debug, Clone, Default)]
pub struct Statics {
    /// Whether V_n is known: with it there is a load line, and f.
    pub has_v_n: bool,
    /// Voltages of the equilibria at V_n.
    pub equilibria: Vec<f64>,
    /// Voltages of the folds at R_n.
    pub folds: Vec<f64>,
}

/// Draws G(V), I(V) = G V, the load lines (V_n - V) / R_n that touch it at the folds, and f / R_n = (V_n - V) / R_n - I, which
/// is 0 at the equilibria (Eq. 13).
///
/// # Errors
/// [`crate::Error::File`] if the picture cannot be written; [`crate::Error::Engine`] only if drawing fails (not expected).
pub fn draw_current<'a>(
    p: &Parameters<f64>,
    curve: &IvCurve,
    statics: &Statics,
    target: impl Into<Target<'a>>,
) -> Result<()> {
    let shown = statics.folds.iter().chain(&statics.equilibria);
    let far = shown.fold(0.0_f64, |far, v| far.max(v.abs())).max(2.0);
    let low =
        if statics.folds.iter().chain(&statics.equilibria).any(|v| *v < 0.0) || p.v_n < 0.0 { -1.3 * far } else { 0.0 };
    let high = 1.3 * far;
    let v: Vec<f64> = (0..=POINTS).map(|i| low + (high - low) * f64::from(i) / f64::from(POINTS)).collect();
    let points = |of: &dyn Fn(f64) -> f64| v.iter().map(|v| (*v, of(*v))).collect::<Vec<_>>();
    let current = |v: f64| curve.current(v)[0];
    let conductance = |v: f64| if v == 0.0 { curve.current(v)[1] } else { current(v) / v };
    let mut curves = vec![
        Curve::new("I = G V", [0, 0, 0], Stroke::Line(4), points(&current)),
        Curve::new("G", [44, 160, 44], Stroke::Line(2), points(&conductance)),
    ];
    let tops = points(&current).into_iter().chain(points(&conductance)).map(|p| p.1);
    let top = 1.15 * tops.fold(0.0, f64::max);
    for (fold, colour) in statics.folds.iter().zip(COLOURS.iter().cycle()) {
        let v_n = curve.input(*fold, p.r_n);
        let load = points(&|v| (v_n - v) / p.r_n);
        curves.push(Curve::new(format!("load line, V_n = {v_n:.4}"), *colour, Stroke::Dashed(3), load));
    }
    let at = |v: &f64| (*v, current(*v));
    curves.push(Curve::new("folds", [255, 127, 14], Stroke::Dots(8), statics.folds.iter().map(at).collect()));
    let mut fixed = vec![(Parameter::RN, p.r_n), (Parameter::ZT, p.z_t)];
    let mut bottom = if low < 0.0 { -top } else { 0.0 };
    if statics.has_v_n {
        fixed.insert(0, (Parameter::VN, p.v_n));
        let f = points(&|v| (p.v_n - v) / p.r_n - current(v));
        bottom = f.iter().fold(bottom, |low, point| low.min(1.15 * point.1)).max(-top);
        curves.push(Curve::new("f / R_n", [120, 120, 120], Stroke::Line(2), f));
        curves.push(Curve::new(
            "equilibria",
            [23, 150, 190],
            Stroke::Dots(8),
            statics.equilibria.iter().map(at).collect(),
        ));
    }
    curves.retain(|c| !c.points.is_empty());
    let plot = LinePlot {
        title: "Current, conductance and load lines (V_n\u{a0}−\u{a0}V)\u{a0}/\u{a0}R_n".into(),
        subtitle: subtitle(&fixed),
        x: ("V".into(), low, high),
        y: ("I, G".into(), bottom, top),
        curves,
    };
    draw_line_plot(&plot, target)
}
