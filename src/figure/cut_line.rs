//! A 1-D cut of a map as a line with one marker per cell.

use super::chart::{Layout, chart, write};
use super::colour::{Fill, label, of_outcome};
use super::cut::{Cut, CutCell};
use super::labels;
use super::picture::{Picture, drawing_failed};
use super::scale::Scale;
use crate::error::Result;
use crate::results::{OUTCOME, Outcome};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::collections::BTreeMap;

const SIZE: (u32, u32) = (1240, 800);
const TEXT: i32 = 30;
/// Layout of a line chart below its two title lines and above its legend.
pub(super) const LAYOUT: Layout<'_> =
    Layout { caption: None, margins: [110, 40, 60, 10], labels: (90, 130), ticks: (9, 7), grid: true, text: TEXT };

/// Number of cells above which a cut is thinned to the visible cells of each pixel.
const MOST_POINTS: usize = 1 << 14;
/// Number of groups of neighbours in a thinned cut: more than there are pixels along the axis.
const GROUPS: usize = 1 << 11;

/// A cell to draw.
#[derive(Debug, Clone, Copy)]
struct Point {
    index: usize,
    x: f64,
    cell: CutCell,
}

/// A group of neighbouring cells, of which only the visible ones are kept.
///
/// Kept are the first and the last cell and, for each outcome, the lowest, the highest and one
/// without a value.
#[derive(Default)]
struct Group {
    number: usize,
    ends: Option<(Point, Point)>,
    /// Lowest and highest cell, by outcome and whether the value is NaN.
    extremes: BTreeMap<(u8, bool), (Point, Point)>,
}

impl Group {
    fn take_in(&mut self, point: Point) {
        self.ends = Some((self.ends.map_or(point, |e| e.0), point));
        let CutCell { value, outcome } = point.cell;
        let kind = (outcome.map_or(u8::MAX, |o| o as u8), value.is_nan());
        let (low, high) = self.extremes.entry(kind).or_insert((point, point));
        if value < low.cell.value {
            *low = point;
        }
        if value > high.cell.value {
            *high = point;
        }
    }

    /// Moves the kept cells to `points`, in order.
    fn empty_into(&mut self, points: &mut Vec<Point>) {
        let pairs = self.extremes.values().copied().chain(self.ends);
        let mut kept: Vec<Point> = pairs.flat_map(|(a, b)| [a, b]).collect();
        kept.sort_by_key(|p| p.index);
        kept.dedup_by_key(|p| p.index);
        points.append(&mut kept);
        (self.extremes, self.ends) = (BTreeMap::new(), None);
    }
}

/// Visible cells of a cut, in order; all cells of a short cut.
fn points(cut: &Cut<'_>) -> Result<Vec<Point>> {
    let (values, n) = (&cut.axes[0].values, cut.shape().1);
    let group_of = |index: usize| match n > MOST_POINTS {
        true => (index as u128 * GROUPS as u128 / n as u128) as usize,
        false => index,
    };
    let (mut points, mut group) = (Vec::new(), Group::default());
    cut.read(|part| {
        for (index, cell) in (part.first..).zip(part.cells) {
            if group_of(index) != group.number {
                group.empty_into(&mut points);
                group.number = group_of(index);
            }
            group.take_in(Point { index, x: values[index], cell: *cell });
        }
    })?;
    group.empty_into(&mut points);
    Ok(points)
}

/// Draws the cut: a line through the settled cells, and for every cell a marker coloured by outcome.
///
/// The marker of a cell without a value is at the lowest value drawn.
pub(super) fn draw(cut: &Cut<'_>) -> Result<Picture> {
    let x = &cut.axes[0];
    let all = points(cut)?;
    let outcome = |i: usize| all[i].cell.outcome;
    let settled = |i: usize| outcome(i).is_some_and(Outcome::is_settled);
    let points: Vec<(f64, f64)> = all.iter().map(|p| (p.x, p.cell.value)).collect();
    let there = |o: Outcome| all.iter().any(|p| p.cell.outcome == Some(o));
    let shown = points.iter().map(|p| p.1).filter(|v| v.is_finite());
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
            let of_kind = (0..points.len()).filter(|i| outcome(*i) == Some(o));
            let marks = of_kind.map(|i| Circle::new(place(i), radius, style));
            chart.draw_series(marks).map_err(drawing_failed)?;
            if cut.column != OUTCOME.0 && there(o) {
                let at = Outcome::ALL.iter().filter(|p| (**p as u8) < o as u8 && there(**p)).count() as i32;
                let x = 150 + 250 * at;
                canvas.draw(&Circle::new((x, SIZE.1 as i32 - 34), 8, style)).map_err(drawing_failed)?;
                write(canvas, &label(o), (x + 18, SIZE.1 as i32 - 46), TEXT - 4, HPos::Left)?;
            }
        }
        Ok(())
    })?;
    Ok(picture)
}

/// Plain fill for a marker, which is too small to hatch and would vanish in white.
fn flat(fill: Fill) -> Fill {
    match fill {
        Fill::Hatched(_, stroke) => Fill::Plain(stroke),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cells: &[(f64, Option<Outcome>)]) -> Vec<usize> {
        let (mut group, mut points) = (Group::default(), Vec::new());
        for (index, (value, outcome)) in cells.iter().enumerate() {
            group.take_in(Point { index, x: index as f64, cell: CutCell { value: *value, outcome: *outcome } });
        }
        group.empty_into(&mut points);
        assert!(group.extremes.is_empty() && group.ends.is_none());
        points.iter().map(|p| p.index).collect()
    }

    #[test]
    fn of_many_neighbours_those_are_kept_that_show() {
        let (loud, quiet, lost) = (Some(Outcome::Oscillating), Some(Outcome::Steady), Some(Outcome::Unsettled));
        let mut cells: Vec<_> = (0..1000).map(|i| (f64::from(i % 7), loud)).collect();
        cells[500].0 = 70.0;
        cells[600].0 = -70.0;
        assert_eq!(kept(&cells), [0, 500, 600, 999]);
        // A cell of another outcome, without a value, or never written breaks the line, so it is kept.
        cells[300] = (3.0, lost);
        cells[310] = (f64::NAN, quiet);
        cells[311] = (f64::NAN, quiet);
        cells[320] = (f64::NAN, None);
        assert_eq!(kept(&cells), [0, 300, 310, 320, 500, 600, 999]);
        assert_eq!(kept(&cells[..1]), [0]);
        assert!(kept(&[]).is_empty());
    }
}
