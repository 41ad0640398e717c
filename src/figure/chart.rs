//! A chart with titled axes, the base of most pictures.

use super::picture::{Canvas, FONT_FAMILY, drawing_failed};
use super::scale::{Scale, number};
use crate::error::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A chart on two [`Scale`]s.
pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

/// Layout of a chart on its canvas; lengths in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    /// Title above the chart, if it has its own.
    pub caption: Option<&'a str>,
    /// Margins: top, right, bottom, left.
    pub margins: [i32; 4],
    /// Space for labels: (height below, width at the left).
    pub labels: (i32, i32),
    /// Approximate number of ticks along (x, y).
    pub ticks: (usize, usize),
    /// Whether grid lines are drawn at the ticks.
    pub grid: bool,
    /// Font size of the axis titles.
    pub text: i32,
}

/// Font of the pictures.
pub(super) fn font(size: i32) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FONT_FAMILY), f64::from(size), FontStyle::Normal)
}

/// Draws one line of text with its top at `at`, aligned by `side`.
pub(super) fn write(canvas: &Canvas<'_>, text: &str, at: (i32, i32), size: i32, side: HPos) -> Result<()> {
    let style = TextStyle::from(font(size)).pos(Pos::new(side, VPos::Top));
    canvas.draw_text(text, &style, at).map_err(drawing_failed)
}

/// Draws titled axes and returns the chart to draw on.
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
