//! Fig. 2b: the current I(V) = G(V) V at Z_T = 1 and the load lines at R_n = 8 that touch it, where V
//! jumps up and down.

use crate::bifurcation::IvCurve;
use crate::error::Result;
use crate::figure::{Curve, LinePlot, Stroke, subtitle};
use crate::model::{F00Jets, Parameter};
use crate::paper::{PaperRun, Quality};
use crate::store::{Series, SeriesFile, Value, Variable};
use std::sync::Arc;

const R_N: f64 = 8.0;
const END: f64 = 6.0;
const POINTS: u32 = 600;

pub(super) fn cells(_: Quality) -> u64 {
    0
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let p = run.parameters(0.0, R_N, 0.0);
    let r_n = p.r_n;
    let curve = IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
    let folds: Vec<f64> = curve.folds(r_n).into_iter().filter(|v| *v > 0.0).collect();
    // Load lines end at V = V_n; the paper's picture ends at 6, beyond its folds.
    let end = folds.iter().map(|v| 1.5 * v).fold(END, f64::max);
    let v: Vec<f64> = (0..=POINTS).map(|i| end * f64::from(i) / f64::from(POINTS)).collect();
    let current: Vec<f64> = v.iter().map(|v| curve.current(*v)[0]).collect();
    let inputs: Vec<f64> = folds.iter().map(|v| curve.input(*v, r_n)).collect();
    // An equilibrium is where I = (V_n - V)/R_n.
    let load = |v_n: f64| v.iter().map(|v| (v_n - v) / r_n).collect::<Vec<_>>();
    let [up, down] = [0, 1].map(|i| load(inputs.get(i).copied().unwrap_or(f64::NAN)));
    let points = |y: &[f64]| v.iter().copied().zip(y.iter().copied()).collect::<Vec<_>>();
    let variable = |name, long_name, values: &[f64]| Variable { name, units: "1", long_name, values: values.to_vec() };
    let mut fixed = vec![(Parameter::RN, r_n), (Parameter::ZT, p.z_t)];
    fixed.extend(
        run.set.iter().map(|(p, value)| (*p, *value)).filter(|(p, _)| ![Parameter::RN, Parameter::ZT].contains(p)),
    );
    let file = SeriesFile {
        series: vec![Series {
            axis: variable("V", "voltage on the memristor", &v),
            variables: vec![
                variable("I", "current I = G(V) V", &current),
                variable("load_up", "load line (V_n - V)/R_n through the fold where V jumps up", &up),
                variable("load_down", "load line (V_n - V)/R_n through the fold where V jumps down", &down),
            ],
        }],
        fixed,
        attributes: (folds.iter().zip(&inputs).zip(["up", "down"]))
            .flat_map(|((v, v_n), way)| {
                [(format!("fold_{way}_V"), Value::Number(*v)), (format!("fold_{way}_V_n"), Value::Number(*v_n))]
            })
            .collect(),
    };
    let touching: Vec<(f64, f64)> = folds.iter().map(|v| (*v, curve.current(*v)[0])).collect();
    let name = |i: usize| format!("load line at V_n = {:.4}", inputs.get(i).copied().unwrap_or(f64::NAN));
    let top = 1.15 * current.iter().copied().fold(0.0, f64::max);
    let mut curves = vec![Curve::new("I = G(V) V", [0, 0, 0], Stroke::Line(4), points(&current))];
    let lines = [([214, 39, 40], Stroke::Line(3), &up), ([31, 119, 180], Stroke::Dashed(3), &down)];
    for (i, (colour, stroke, line)) in lines.into_iter().enumerate().take(inputs.len()) {
        curves.push(Curve::new(name(i), colour, stroke, points(line)));
    }
    if !touching.is_empty() {
        curves.push(Curve::new("saddle-node bifurcations", [255, 127, 14], Stroke::Dots(8), touching));
    }
    let with = if folds.is_empty() { ": no folds" } else { " and load lines" };
    let plot = LinePlot {
        title: format!("Current through the memristor{with}"),
        subtitle: subtitle(&file.fixed),
        x: ("V".into(), 0.0, end),
        y: ("I".into(), 0.0, top),
        curves,
    };
    run.series("fig2b", "Current and load lines (Fig. 2b)", file)?;
    run.plot("fig2b", &plot)
}
