//! A chart with its axes drawn: what every kind of picture begins with.

use super::picture::{Canvas, FONT_FAMILY, drawing_failed};
use super::scale::{Scale, number};
use crate::error::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A chart on two scales.
pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

/// How a chart lies on its canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    /// Title above it, where it has one of its own.
    pub caption: Option<&'a str>,
    /// Free space: top, right, bottom, left.
    pub margins: [i32; 4],
    /// Space for the labels below and at the left.
    pub labels: (i32, i32),
    /// Ticks along x and y, about.
    pub ticks: (usize, usize),
    /// Whether lines run across at the ticks.
    pub grid: bool,
    /// Size of the axes' titles.
    pub text: i32,
}

/// The pictures' font.
pub(super) fn font(size: i32) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FONT_FAMILY), f64::from(size), FontStyle::Normal)
}

/// Writes one line of text, `at` its upper corner.
pub(super) fn write(canvas: &Canvas<'_>, text: &str, at: (i32, i32), size: i32, side: HPos) -> Result<()> {
    let style = TextStyle::from(font(size)).pos(Pos::new(side, VPos::Top));
    canvas.draw_text(text, &style, at).map_err(drawing_failed)
}

/// Draws the axes of a chart, each with its title, and gives the chart to draw on.
pub(super) fn chart<'a, 'b>(
    canvas: &'a Canvas<'b>,
    layout: &Layout<'_>,
    x: (Scale, &str),
    y: (Scale, &str),
) -> Result<Chart<'a, 'b>> {
    let [top, right, bottom, left] = layout.margins;
    let mut builder = ChartBuilder::on(canvas);
    builder.margin_top(top).margin_right(right).margin_bottom(bottom).margin_left(left);
    builder.x_label_area_size(layout.labels.0).y_label_area_size(layout.labels.1);
    if let Some(caption) = layout.caption {
        builder.caption(caption, font(layout.text + 4));
    }
    let mut chart = builder.build_cartesian_2d(x.0, y.0).map_err(drawing_failed)?;
    let faint = BLACK.mix(if layout.grid { 0.1 } else { 0.0 });
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(faint)
        .x_desc(x.1)
        .y_desc(y.1)
        .axis_desc_style(font(layout.text))
        .label_style(font(layout.text - 4))
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .x_labels(layout.ticks.0)
        .y_labels(layout.ticks.1)
        .set_all_tick_mark_size(6)
        .draw()
        .map_err(drawing_failed)?;
    Ok(chart)
}
