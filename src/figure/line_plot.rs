//! Line plots: lines, dots and crosses on two axes, with a legend at the right.

use super::chart::{Layout, chart, write};
use super::picture::{Canvas, Picture, drawing_failed};
use super::scale::Scale;
use crate::error::Result;
use crate::store::Output;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const SIZE: (u32, u32) = (1560, 900);
const TEXT: i32 = 30;
/// Left edge of the legend and distance between its entries, in pixels.
const LEGEND: (i32, i32) = (1190, 46);

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
    /// Points (x, y); a NaN or a point outside the axes breaks the line.
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
pub fn draw_line_plot(plot: &LinePlot, output: Output<'_>) -> Result<()> {
    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, &plot.title, (140, 24), TEXT + 6, HPos::Left)?;
        write(canvas, &plot.subtitle, (140, 68), TEXT - 6, HPos::Left)?;
        let right = SIZE.0 as i32 - LEGEND.0 + 30;
        let layout = Layout {
            caption: None,
            margins: [110, right, 10, 10],
            labels: (90, 130),
            ticks: (8, 7),
            grid: true,
            text: TEXT,
        };
        let (x, y) = (&plot.x, &plot.y);
        let mut chart = chart(canvas, &layout, (Scale::linear(x.1, x.2), &x.0), (Scale::linear(y.1, y.2), &y.0))?;
        for curve in &plot.curves {
            let colour = rgb(curve.colour);
            let inside = |p: &(f64, f64)| (x.1..=x.2).contains(&p.0) && (y.1..=y.2).contains(&p.1);
            for run in curve.points.split(|p| !inside(p)) {
                let points = run.iter().copied();
                match curve.stroke {
                    Stroke::Line(w) => chart.draw_series(LineSeries::new(points, colour.stroke_width(w))).map(drop),
                    Stroke::Dashed(w) => {
                        chart.draw_series(DashedLineSeries::new(points, 12, 8, colour.stroke_width(w))).map(drop)
                    }
                    Stroke::Dots(r) => chart.draw_series(points.map(|p| Circle::new(p, r, colour.filled()))).map(drop),
                    Stroke::Crosses(r) => {
                        chart.draw_series(points.map(|p| Cross::new(p, r, colour.stroke_width(2)))).map(drop)
                    }
                }
                .map_err(drawing_failed)?;
            }
        }
        legend(canvas, &plot.curves)
    })?;
    picture.save(output)
}

fn rgb([r, g, b]: [u8; 3]) -> RGBColor {
    RGBColor(r, g, b)
}

/// Draws the legend: one entry per named curve, from the top.
fn legend(canvas: &Canvas<'_>, curves: &[Curve]) -> Result<()> {
    let (x, mut y) = (LEGEND.0, 150);
    for curve in curves.iter().filter(|c| !c.name.is_empty()) {
        let (colour, middle) = (rgb(curve.colour), (x + 22, y));
        let ends = [(x, y), (x + 44, y)];
        match curve.stroke {
            Stroke::Line(w) => canvas.draw(&PathElement::new(ends, colour.stroke_width(w))),
            Stroke::Dashed(w) => {
                let dashes = [[ends[0], (x + 17, y)], [(x + 27, y), ends[1]]];
                dashes.iter().try_for_each(|d| canvas.draw(&PathElement::new(*d, colour.stroke_width(w))))
            }
            Stroke::Dots(r) => canvas.draw(&Circle::new(middle, r.max(5), colour.filled())),
            Stroke::Crosses(r) => canvas.draw(&Cross::new(middle, r.max(6), colour.stroke_width(2))),
        }
        .map_err(drawing_failed)?;
        write(canvas, &curve.name, (x + 58, y - 13), TEXT - 6, HPos::Left)?;
        y += LEGEND.1;
    }
    Ok(())
}
