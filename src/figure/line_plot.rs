//! Line plots: lines, dots and crosses on two axes, with a legend at the right.

use super::chart::{Axis, Chart};
use super::drawing::{Area, Drawing, Pen};
use super::legend::{Entry, Legend, Sign};
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::Scale;
use super::size::Space;
use super::target::Target;
use crate::error::Result;

pub(super) const WIDTH: f64 = 1560.0;
/// Height of the plot with its axes.
const HEIGHT: f64 = 780.0;

/// Line or marker style of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stroke {
    /// A line of this width.
    Line(u32),
    /// A dashed line of this width.
    Dashed(u32),
    /// A dot of this radius at each point.
    Dots(i32),
    /// A cross of this size at each point.
    Crosses(i32),
}

/// A curve of a line plot.
#[derive(Debug, Clone)]
pub struct Curve {
    /// Name in the legend; curves without one are not listed.
    pub name: String,
    /// Colour: red, green, blue.
    pub colour: [u8; 3],
    /// Line or marker style.
    pub stroke: Stroke,
    /// Points (x, y); a NaN breaks the line, and the frame cuts it off.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Makes a curve.
    #[must_use]
    pub fn new(name: impl Into<String>, colour: [u8; 3], stroke: Stroke, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), colour, stroke, points }
    }
}

/// A plot of curves on two axes.
#[derive(Debug, Clone)]
pub struct LinePlot {
    /// Title of the plot.
    pub title: String,
    /// Subtitle with the fixed parameters.
    pub subtitle: String,
    /// Title and range of the x axis.
    pub x: (String, f64, f64),
    /// Title and range of the y axis.
    pub y: (String, f64, f64),
    /// Curves in drawing order, the bottom one first.
    pub curves: Vec<Curve>,
}

/// Draws a line plot to `output`.
///
/// # Errors
/// [`crate::Error::File`] if the picture cannot be written; [`crate::Error::Engine`] only if drawing
/// fails (not expected).
pub fn draw_line_plot<'a>(plot: &LinePlot, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    target.save(&Picture::fitted(&target.size, (WIDTH, HEIGHT), |space| laid_out(plot, &space))?)
}

/// The plot in a space: its legend at the right, or below where there is no room.
fn laid_out(plot: &LinePlot, space: &Space) -> Result<Picture> {
    let width = space.width;
    let (mut picture, top) = Picture::new(width, &plot.title, &plot.subtitle);
    let named = plot.curves.iter().filter(|c| !c.name.is_empty());
    let entries = named.map(|c| Entry::new(sign(c.stroke, c.colour), &c.name)).collect();
    let below = space.is_narrow();
    let legend = match below {
        true => Legend::new(entries, SIZES.small, width - 2.0 * MARGIN),
        false => Legend::column(entries, SIZES.small, 0.3 * width),
    };
    let right = if below || legend.width == 0.0 { 0.0 } else { legend.width + SIZES.text };
    let outer = Area::new(MARGIN, top, width - MARGIN - right, top + space.high);
    let axis = |(title, low, high): &(String, f64, f64)| Axis::new(Scale::linear(*low, *high), title);
    let chart = Chart::new(&outer, axis(&plot.x), axis(&plot.y), SIZES, 0.0);
    chart.draw_grid(&mut picture.drawing);
    chart.draw_axes(&mut picture.drawing);
    plot.curves.iter().for_each(|curve| draw_curve(&mut picture.drawing, &chart, curve));
    if below {
        legend.draw(&mut picture.drawing, (MARGIN, outer.bottom + 0.4 * SIZES.text))?;
        picture.end_below(outer.bottom + 0.4 * SIZES.text + legend.height, &[]);
    } else {
        legend.draw(&mut picture.drawing, (chart.frame.right + SIZES.text, chart.frame.top))?;
        picture.end_below(outer.bottom.max(chart.frame.top + legend.height), &[]);
    }
    Ok(picture)
}

/// Pen of a stroke that is a line.
fn pen(stroke: Stroke, colour: [u8; 3]) -> Pen {
    match stroke {
        Stroke::Line(w) => Pen::new(colour, f64::from(w)),
        Stroke::Dashed(w) => Pen::new(colour, f64::from(w)).dashed(12.0, 8.0),
        Stroke::Dots(_) | Stroke::Crosses(_) => Pen::new(colour, 2.0),
    }
}

/// Sign of a curve in the legend.
fn sign(stroke: Stroke, colour: [u8; 3]) -> Sign {
    match stroke {
        Stroke::Line(_) | Stroke::Dashed(_) => Sign::Line(vec![pen(stroke, colour)]),
        Stroke::Dots(r) => Sign::Dot(f64::from(r), colour, false),
        Stroke::Crosses(r) => Sign::Cross(f64::from(r), pen(stroke, colour)),
    }
}

/// Draws a curve as a line or as marks.
fn draw_curve(drawing: &mut Drawing, chart: &Chart, curve: &Curve) {
    let marks = || curve.points.iter().filter_map(|p| chart.marker(*p));
    match sign(curve.stroke, curve.colour) {
        Sign::Dot(r, colour, _) => marks().for_each(|at| drawing.circle(at, r, colour)),
        Sign::Cross(r, pen) => marks().for_each(|at| drawing.cross(at, r, &pen)),
        _ => chart.curve(drawing, &curve.points, &[pen(curve.stroke, curve.colour)]),
    }
}
