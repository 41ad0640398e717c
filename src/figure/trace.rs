//! Picture of a trajectory (Fig. 3): V(t), the closed curve of the Bloch vector inside the unit
//! sphere, the power spectrum, and under an input the current against V.

use super::chart::{Axis, BLACK, Chart, Sizes};
use super::colour::Rgb;
use super::drawing::{Anchor, Area, Drawing, Letters, Pen};
use super::labels;
use super::picture::{MARGIN, Picture};
use super::scale::Scale;
use super::size::{Size, Space};
use super::style::Style;
use super::text::fitting;
use crate::error::Result;
use crate::model::Parameter;
use crate::store::TraceFile;
use std::f64::consts::TAU;

/// Width and height of a panel with its title.
const PANEL: (f64, f64) = (600.0, 640.0);
/// Width below which a panel goes to the next row.
const LEAST: f64 = 400.0;
const SIZES: Sizes = Sizes { text: 26.0, small: 22.0 };
/// Size of the panels' titles.
const TITLE: f64 = 28.0;
const LINE: Rgb = [49, 104, 142];
const CYCLE: Rgb = [214, 39, 40];
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

/// Draws the three panels, and a fourth with the current under an input, in as many rows as they need.
pub(super) fn draw(file: &TraceFile, fixed: &[(Parameter, f64)], style: &Style, size: &Size) -> Result<Picture> {
    let panels = if file.driven.is_some() { 4 } else { 3 };
    let fit = (size.width(PANEL.0 * f64::from(panels)) / LEAST) as u32;
    // Four go in pairs.
    let columns = if fit >= panels { panels } else { fit.clamp(1, 2) };
    let rows = panels.div_ceil(columns);
    let usual = (PANEL.0 * f64::from(columns), PANEL.1 * f64::from(rows));
    Picture::fitted(size, usual, |space| Ok(laid_out(file, fixed, style, [columns, rows], &space)))
}

/// The panels in a space, in columns and rows.
fn laid_out(
    file: &TraceFile,
    fixed: &[(Parameter, f64)],
    style: &Style,
    [columns, rows]: [u32; 2],
    space: &Space,
) -> Picture {
    let (mut picture, top) = Picture::styled(space.width, "", &labels::fixed(fixed), &style.title);
    let (wide, high) = (space.width / f64::from(columns), space.high / f64::from(rows));
    let area = |i: u32| {
        let (left, top) = (wide * f64::from(i % columns), top + high * f64::from(i / columns));
        let below = if i / columns + 1 < rows { MARGIN } else { 0.0 };
        Area::new(left + 0.5 * MARGIN, top, left + wide - MARGIN, top + high - below)
    };
    let drawing = &mut picture.drawing;
    voltage(drawing, &area(0), file);
    sphere(drawing, &area(1), file);
    spectrum(drawing, &area(2), file);
    if let Some([_, current]) = &file.driven {
        current_against_voltage(drawing, &area(3), &file.states[3], current);
    }
    picture.height = top + space.high + MARGIN;
    picture
}

/// Writes the title of a panel; what is left of the panel.
fn titled(drawing: &mut Drawing, area: &Area, title: &str) -> Area {
    let size = fitting(title, TITLE, area.width());
    let place = (0.5 * (area.left + area.right), area.top + 0.9 * TITLE);
    drawing.text(title, place, &Letters::new(size, Anchor::Middle));
    Area { top: area.top + 1.5 * TITLE, ..*area }
}

/// Draws a panel with one line.
fn panel(drawing: &mut Drawing, area: &Area, title: &str, axes: [Axis; 2], points: &[(f64, f64)], width: f64) -> Chart {
    let area = titled(drawing, area, title);
    let [x, y] = axes;
    let chart = Chart::new(&area, x, y, SIZES, 0.0);
    chart.draw_grid(drawing);
    chart.draw_axes(drawing);
    chart.curve(drawing, points, &[Pen::new(LINE, width)]);
    chart
}

fn range(values: &[f64]) -> (f64, f64) {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let pad = 0.06 * (high - low);
    (low - pad, high + pad)
}

fn voltage(drawing: &mut Drawing, area: &Area, file: &TraceFile) {
    let (first, last) = (file.t[0], file.t[file.t.len() - 1]);
    // The last periods, where the motion repeats; bursts and responses are shown whole.
    let repeats = file.period.is_finite() && file.bursts == 0.0 && file.driven.is_none();
    let from = if repeats { (last - PERIODS * file.period).max(first) } else { first };
    let start = file.t.partition_point(|t| *t < from);
    let v = &file.states[3][start..];
    let full = file.full.as_ref().map(|full| &full[start..]);
    let ends = [Some(v), full].into_iter().flatten().map(range);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), (low, high)| (l.min(low), h.max(high)));
    let axes = [Axis::new(Scale::linear(from, last), "t   (τ_c)"), Axis::new(Scale::linear(low, high), "V")];
    let title = if full.is_some() { "(a) voltage; red: of Eq. 10" } else { "(a) voltage" };
    let chart = panel(drawing, area, title, axes, &thinned(&file.t[start..], v), 2.5);
    if let Some(full) = full {
        chart.curve(drawing, &thinned(&file.t[start..], full), &[Pen::new(CYCLE, 2.5)]);
    }
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
fn current_against_voltage(drawing: &mut Drawing, area: &Area, v: &[f64], current: &[f64]) {
    let ((left, right), (low, high)) = (range(v), range(current));
    let axes = [Axis::new(Scale::linear(left, right), "V"), Axis::new(Scale::linear(low, high), "I")];
    let step = (v.len() / MOST).max(1);
    let points: Vec<_> = v.iter().copied().zip(current.iter().copied()).step_by(step).collect();
    panel(drawing, area, "(d) current", axes, &points, 2.5);
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

fn sphere(drawing: &mut Drawing, area: &Area, file: &TraceFile) {
    let area = titled(drawing, area, "(b) Bloch vector");
    let unit = 0.4 * area.width().min(area.height());
    let centre = (0.5 * (area.left + area.right), 0.5 * (area.top + area.bottom));
    let at = |(right, up): (f64, f64)| (centre.0 + unit * right, centre.1 - unit * up);
    let around =
        |f: &dyn Fn(f64) -> (f64, f64)| (0..=180).map(|i| at(f(f64::from(i) * TAU / 180.0))).collect::<Vec<_>>();
    let circles = [
        around(&|a: f64| (a.cos(), a.sin())),
        around(&|a: f64| seen([a.cos(), a.sin(), 0.0])),
        around(&|a: f64| seen([a.cos(), 0.0, a.sin()])),
        around(&|a: f64| seen([0.0, a.cos(), a.sin()])),
    ];
    circles.iter().for_each(|circle| drawing.polyline(circle, &Pen::new(BLACK, 1.0).faint(0.25)));
    for (name, tip) in [("X", [1.0, 0.0, 0.0]), ("Y", [0.0, 1.0, 0.0]), ("Z", [0.0, 0.0, 1.0])] {
        drawing.line(at((0.0, 0.0)), at(seen(tip)), &Pen::new(BLACK, 1.0).faint(0.5));
        let (x, y) = at(seen(tip.map(|c| 1.12 * c)));
        drawing.text(name, (x, y + 0.3 * SIZES.text), &Letters::new(SIZES.text, Anchor::Middle));
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
    let curve: Vec<_> = (from..x.len()).step_by(step).map(|i| at(seen([x[i], y[i], z[i]]))).collect();
    drawing.polyline(&curve, &Pen::new(CYCLE, 2.5));
}

fn spectrum(drawing: &mut Drawing, area: &Area, file: &TraceFile) {
    let top = file.power.iter().copied().fold(0.0, f64::max);
    let highest = file.omega.last().copied().unwrap_or(1.0);
    // The particle's line, too, where the highest one is that of bursts.
    let shown = (OVERTONES * file.peak).max(if file.bursts > 0.0 { OVERTONES * 0.5 * omega(file) } else { 0.0 });
    let end = if file.peak.is_finite() { shown.min(highest) } else { highest };
    let top = if top > 0.0 { top } else { 1.0 };
    let floor = top * 10_f64.powf(-DECADES);
    let x = Axis::new(Scale::linear(0.0, end), "ω   (1/τ_c)");
    let y = Axis::new(Scale::decades(floor, top * 10.0), "S(ω)   (τ_c)");
    let points: Vec<_> =
        file.omega.iter().zip(&file.power).filter(|(w, _)| **w <= end).map(|(w, s)| (*w, s.max(floor))).collect();
    panel(drawing, area, "(c) power spectrum", [x, y], &points, 2.0);
}
