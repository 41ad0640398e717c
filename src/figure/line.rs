//! A 1-D cut of a map as a line, a marker a cell.

use super::chart::{Layout, chart, write};
use super::colour::{Fill, label, of_outcome};
use super::picture::{Picture, drawing_failed};
use super::scale::Scale;
use super::{Cut, labels};
use crate::columns::{OUTCOME, Outcome};
use crate::error::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const SIZE: (u32, u32) = (1240, 800);
const TEXT: i32 = 30;
/// How a chart of lines lies under its two lines of title and over its legend.
pub(super) const LAYOUT: Layout<'_> =
    Layout { caption: None, margins: [110, 40, 60, 10], labels: (90, 130), ticks: (9, 7), grid: true, text: TEXT };

/// Draws the cut: settled cells joined by a line and marked by outcome; others marked where they have a value, else on the axis.
pub(super) fn draw(cut: &Cut) -> Result<Picture> {
    let x = &cut.axes[0];
    let settled = |i: usize| cut.outcomes[i].is_some_and(Outcome::is_settled);
    let points: Vec<(f64, f64)> = x.values.iter().copied().zip(cut.values.iter().copied()).collect();
    let shown = (0..points.len()).filter(|i| points[*i].1.is_finite()).map(|i| points[i].1);
    let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
    let low = if cut.column.ends_with("span") { 0.0 } else { low };
    let pad = 0.04 * (high - low);
    let y_scale = Scale::linear(low - pad, high + pad);

    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, &labels::column(&cut.column, cut.from.as_deref()), (140, 24), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(&cut.fixed), (140, 68), TEXT - 6, HPos::Left)?;
        let x_axis = (Scale::around(&x.values), labels::axis(x.parameter));
        let mut chart = chart(canvas, &LAYOUT, (x_axis.0, &x_axis.1), (y_scale, &labels::short(&cut.column)))?;
        let line = RGBColor(68, 1, 84);
        // The line breaks where a cell has no settled value.
        for run in (0..points.len()).collect::<Vec<_>>().split(|i| !settled(*i) || points[*i].1.is_nan()) {
            chart
                .draw_series(LineSeries::new(run.iter().map(|i| points[*i]), line.stroke_width(2)))
                .map_err(drawing_failed)?;
        }
        let radius = (2400 / points.len().max(1)).clamp(2, 6) as i32;
        let place = |i: usize| (points[i].0, if points[i].1.is_nan() { low } else { points[i].1 });
        for o in Outcome::ALL {
            let Fill::Plain([r, g, b]) = flat(of_outcome(o)) else { continue };
            let style = RGBColor(r, g, b).filled();
            let of_kind = (0..points.len()).filter(|i| cut.outcomes[*i] == Some(o));
            let there = of_kind.clone().next().is_some();
            let marks = of_kind.map(|i| Circle::new(place(i), radius, style));
            chart.draw_series(marks).map_err(drawing_failed)?;
            if cut.column != OUTCOME.0 && there {
                let at =
                    Outcome::ALL.iter().filter(|p| (**p as u8) < o as u8 && cut.outcomes.contains(&Some(**p))).count()
                        as i32;
                let x = 150 + 250 * at;
                canvas.draw(&Circle::new((x, SIZE.1 as i32 - 34), 8, style)).map_err(drawing_failed)?;
                write(canvas, &label(o), (x + 18, SIZE.1 as i32 - 46), TEXT - 4, HPos::Left)?;
            }
        }
        Ok(())
    })?;
    Ok(picture)
}

/// Markers are too small to hatch, and white ones would vanish.
fn flat(fill: Fill) -> Fill {
    match fill {
        Fill::Hatched(_, stroke) => Fill::Plain(stroke),
        other => other,
    }
}
