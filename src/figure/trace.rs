//! Picture of a trajectory (Fig. 3): V(t), the closed curve of the Bloch vector inside the unit
//! sphere, the power spectrum, and under an input the current against V.

use super::chart::{Layout, chart, font, write};
use super::labels;
use super::picture::{Canvas, Picture, drawing_failed};
use super::scale::Scale;
use crate::error::Result;
use crate::model::Parameter;
use crate::store::TraceFile;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::f64::consts::TAU;

/// Size of the picture without the current's panel.
const SIZE: (u32, u32) = (1800, 720);
/// Width of the picture with it.
const WIDE: u32 = 2400;
const TEXT: i32 = 26;
const LINE: RGBColor = RGBColor(49, 104, 142);
/// Number of last periods shown in the panels of V(t) and of the Bloch vector.
const PERIODS: f64 = 12.0;
/// Upper end of the spectrum's panel, in multiples of the peak's frequency.
const OVERTONES: f64 = 5.5;
/// Number of decades of the spectrum shown below its peak.
const DECADES: f64 = 14.0;
/// Points with which one revolution of the Bloch vector looks smooth.
const POINTS_OF_A_CYCLE: f64 = 40.0;
/// View direction of the sphere: rotation about Z, then tilt, in radians.
const VIEW: (f64, f64) = (0.6, 0.35);
/// Number of points below which a curve is drawn whole; more would not be visible, so it is thinned.
const MOST: usize = 4000;

/// Draws the three panels.
pub(super) fn draw(file: &TraceFile, fixed: &[(Parameter, f64)]) -> Result<Picture> {
    let (width, panels) = if file.driven.is_some() { (WIDE, 4) } else { (SIZE.0, 3) };
    let mut picture = Picture::new(width, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, &labels::fixed(fixed), (60, 20), TEXT, HPos::Left)?;
        let panels = canvas.margin(60, 10, 10, 10).split_evenly((1, panels));
        voltage(&panels[0], file)?;
        sphere(&panels[1], file)?;
        spectrum(&panels[2], file)?;
        match &file.driven {
            Some([_, current]) => current_against_voltage(&panels[3], &file.states[3], current),
            None => Ok(()),
        }
    })?;
    Ok(picture)
}

/// Layout of a panel on its third of the canvas.
fn panel(title: &str) -> Layout<'_> {
    Layout { caption: Some(title), margins: [10, 30, 10, 10], labels: (75, 115), ticks: (5, 7), grid: true, text: TEXT }
}

fn range(values: &[f64]) -> (f64, f64) {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let pad = 0.06 * (high - low);
    (low - pad, high + pad)
}

fn voltage(canvas: &Canvas<'_>, file: &TraceFile) -> Result<()> {
    let (first, last) = (file.t[0], file.t[file.t.len() - 1]);
    // The last periods, where the motion repeats; bursts and responses are shown whole.
    let repeats = file.period.is_finite() && file.bursts == 0.0 && file.driven.is_none();
    let from = if repeats { (last - PERIODS * file.period).max(first) } else { first };
    let start = file.t.partition_point(|t| *t < from);
    let v = &file.states[3][start..];
    let (low, high) = range(v);
    let mut chart = chart(
        canvas,
        &panel("(a) voltage"),
        (Scale::linear(from, last), "t   (τ_c)"),
        (Scale::linear(low, high), "V"),
    )?;
    chart.draw_series(LineSeries::new(thinned(&file.t[start..], v), LINE.stroke_width(2))).map_err(drawing_failed)?;
    Ok(())
}

/// A curve of `MOST` points at most, which keeps the extremes of each stretch that it thins.
fn thinned(t: &[f64], v: &[f64]) -> Vec<(f64, f64)> {
    if v.len() <= MOST {
        return t.iter().copied().zip(v.iter().copied()).collect();
    }
    let stretch = (2 * v.len()).div_ceil(MOST);
    let mut points = Vec::new();
    for (t, v) in t.chunks(stretch).zip(v.chunks(stretch)) {
        let at =
            |better: fn(f64, f64) -> bool| (1..v.len()).fold(0, |best, i| if better(v[i], v[best]) { i } else { best });
        let (low, high) = (at(|a, b| a < b), at(|a, b| a > b));
        for i in [low.min(high), low.max(high)] {
            points.push((t[i], v[i]));
        }
    }
    points
}

/// The current against the voltage, from the start on: a memristor's loop.
fn current_against_voltage(canvas: &Canvas<'_>, v: &[f64], current: &[f64]) -> Result<()> {
    let ((left, right), (low, high)) = (range(v), range(current));
    let mut chart =
        chart(canvas, &panel("(d) current"), (Scale::linear(left, right), "V"), (Scale::linear(low, high), "I"))?;
    let step = (v.len() / MOST).max(1);
    let points = v.iter().copied().zip(current.iter().copied()).step_by(step);
    chart.draw_series(LineSeries::new(points, LINE.stroke_width(2))).map_err(drawing_failed)?;
    Ok(())
}

/// Angular frequency Omega of the particle, per tau_c.
fn omega(file: &TraceFile) -> f64 {
    file.fixed.iter().find(|(p, _)| *p == Parameter::Omega).map_or(f64::NAN, |(_, value)| *value)
}

/// Projection of a point of the unit sphere: (right, up).
fn seen([x, y, z]: [f64; 3]) -> (f64, f64) {
    let (azimuth, tilt) = VIEW;
    let right = x * azimuth.cos() - y * azimuth.sin();
    let back = x * azimuth.sin() + y * azimuth.cos();
    (right, z * tilt.cos() + back * tilt.sin())
}

fn sphere(canvas: &Canvas<'_>, file: &TraceFile) -> Result<()> {
    let (w, h) = canvas.dim_in_pixel();
    let half = 1.25;
    let aspect = f64::from(h - 90) / f64::from(w - 20);
    let mut chart = ChartBuilder::on(canvas)
        .caption("(b) Bloch vector in the unit sphere", font(TEXT + 4))
        .margin(10)
        .build_cartesian_2d(Scale::linear(-half, half), Scale::linear(-half * aspect, half * aspect))
        .map_err(drawing_failed)?;
    let around = |f: &dyn Fn(f64) -> (f64, f64)| {
        (0..=180).map(|i| f(f64::from(i) * std::f64::consts::TAU / 180.0)).collect::<Vec<_>>()
    };
    let grey = BLACK.mix(0.25);
    let circles = [
        around(&|a: f64| (a.cos(), a.sin())),
        around(&|a: f64| seen([a.cos(), a.sin(), 0.0])),
        around(&|a: f64| seen([a.cos(), 0.0, a.sin()])),
        around(&|a: f64| seen([0.0, a.cos(), a.sin()])),
    ];
    for circle in circles {
        chart.draw_series(LineSeries::new(circle, grey.stroke_width(1))).map_err(drawing_failed)?;
    }
    let label = font(TEXT - 2).color(&BLACK);
    for (name, tip) in [("X", [1.0, 0.0, 0.0]), ("Y", [0.0, 1.0, 0.0]), ("Z", [0.0, 0.0, 1.0])] {
        let axis = [[0.0; 3], tip].map(seen);
        chart.draw_series(LineSeries::new(axis, BLACK.mix(0.5).stroke_width(1))).map_err(drawing_failed)?;
        let (right, up) = seen(tip.map(|c| 1.1 * c));
        let text = Text::new(name, (right, up), label.clone());
        chart.draw_series(std::iter::once(text)).map_err(drawing_failed)?;
    }
    let [x, y, z, _] = &file.states;
    // The last periods show the settled curve; a whole record may include the transient.
    let dt = (file.t[file.t.len() - 1] - file.t[0]) / (file.t.len() - 1).max(1) as f64;
    // A motion that does not repeat is shown as far back as its revolutions can be drawn.
    let shown = if file.period.is_finite() {
        PERIODS * file.period
    } else {
        MOST as f64 / POINTS_OF_A_CYCLE * TAU / omega(file)
    };
    // All of it, where Omega is not known.
    let many = if shown.is_finite() { (shown / dt) as usize } else { x.len() };
    let from = x.len().saturating_sub(many);
    let step = ((x.len() - from) / MOST).max(1);
    let curve = (from..x.len()).step_by(step).map(|i| seen([x[i], y[i], z[i]]));
    chart.draw_series(LineSeries::new(curve, RGBColor(214, 39, 40).stroke_width(2))).map_err(drawing_failed)?;
    Ok(())
}

fn spectrum(canvas: &Canvas<'_>, file: &TraceFile) -> Result<()> {
    let top = file.power.iter().copied().fold(0.0, f64::max);
    let highest = file.omega.last().copied().unwrap_or(1.0);
    // The particle's line, too, where the highest one is that of bursts.
    let shown = (OVERTONES * file.peak).max(if file.bursts > 0.0 { OVERTONES * 0.5 * omega(file) } else { 0.0 });
    let end = if file.peak.is_finite() { shown.min(highest) } else { highest };
    let top = if top > 0.0 { top } else { 1.0 };
    let floor = top * 10_f64.powf(-DECADES);
    let y = Scale::decades(floor, top * 10.0);
    let mut chart =
        chart(canvas, &panel("(c) power spectrum"), (Scale::linear(0.0, end), "ω   (1/τ_c)"), (y, "S(ω)   (τ_c)"))?;
    let points = file.omega.iter().zip(&file.power).filter(|(w, _)| **w <= end).map(|(w, s)| (*w, s.max(floor)));
    chart.draw_series(LineSeries::new(points, LINE.stroke_width(1))).map_err(drawing_failed)?;
    Ok(())
}
