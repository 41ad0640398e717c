//! A 1-D cut of a map as a line with one marker per cell.

use super::category::Category;
use super::chart::{Axis, Chart};
use super::colour::{Rgb, label, of_outcome};
use super::cut::{Cut, CutCell, Seen};
use super::drawing::{Area, Pen};
use super::labels;
use super::legend::{Entry, Legend, Sign};
use super::look::is_log;
use super::picture::{MARGIN, Picture, SIZES};
use super::placing::check_line;
use super::scale::Scale;
use super::size::Size;
use super::step_line;
use super::style::Style;
use crate::error::{Error, Result};
use crate::results::Outcome;
use std::collections::BTreeMap;

const WIDTH: f64 = 1240.0;
/// Height of the plot with its axes.
const HEIGHT: f64 = 640.0;
/// Number of cells above which a settled cell has no marker of its own: they would hide the line.
const MOST_MARKERS: usize = 50;
/// Radii of markers.
const RADIUS: f64 = 6.0;
const SMALL_RADIUS: f64 = 3.0;

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

/// Draws the cut: a line through the settled cells, and markers coloured by outcome.
///
/// Of many cells, those have markers that are not settled, alone between others, or of another outcome than the one before.
/// The marker of a cell without a value is at the lowest value drawn.
///
/// # Errors
/// [`Error::Request`] if the style speaks of a plane; [`Error::File`] if the file cannot be read.
pub(super) fn draw(cut: &Cut<'_>, style: &Style, common: Option<&Seen>, size: &Size) -> Result<Picture> {
    if style.is_of_colours() {
        return Err(Error::request(
            "`vmin`, `vmax`, `log_colour` and `cmap` are of a plane's colours, and a line is left to draw",
            "leave them off, or fix one axis less",
        ));
    }
    let x = &cut.axes[0];
    check_line(x.parameter, &cut.column, style)?;
    let all = points(cut)?;
    let mut seen = common.cloned().unwrap_or_default();
    all.iter().for_each(|p| seen.take_in(&p.cell));
    let points: Vec<(f64, f64)> = all.iter().map(|p| (p.x, p.cell.value)).collect();
    if let Some(names) = Category::of(&cut.column).and_then(|category| category.entries(&seen, style.colour_map())) {
        return step_line::draw(cut, &points, &names, &seen, style, size);
    }
    let outcome = |i: usize| all[i].cell.outcome;
    let settled = |i: usize| outcome(i).is_some_and(Outcome::is_settled);
    let there = |o: &Outcome| all.iter().any(|p| p.cell.outcome == Some(*o));
    let shown =
        points.iter().map(|p| p.1).filter(|v| v.is_finite()).chain(common.and_then(Seen::ends).into_iter().flatten());
    let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
    let low = if cut.column.ends_with("span") { 0.0 } else { low };
    let pad = 0.04 * (high - low);
    let y_scale = match is_log(&cut.column, &seen, style) && low > 0.0 {
        true => Scale::decades(low / 1.2, high * 1.2),
        false => Scale::linear(low - pad, high + pad),
    };

    let title = labels::column(&cut.column, cut.from.as_deref());
    let outcomes = Outcome::ALL.into_iter().filter(there);
    let entries: Vec<_> =
        outcomes.map(|o| Entry::new(Sign::Dot(RADIUS, of_outcome(o).solid(), false), label(o))).collect();
    let x_axis = Axis::new(Scale::over(&x.values), labels::axis(x.parameter));
    let y_axis = Axis::new(y_scale, labels::short(&cut.column));
    // The line breaks where a cell has no settled value.
    let joined = |i: usize| settled(i) && !points[i].1.is_nan();
    let line: Vec<(f64, f64)> =
        (0..points.len()).map(|i| if joined(i) { points[i] } else { (points[i].0, f64::NAN) }).collect();
    let few = points.len() <= MOST_MARKERS;
    let radius = if few { RADIUS } else { SMALL_RADIUS };
    let like = |i: usize, j: usize| joined(j) && outcome(i) == outcome(j);
    let is_marked = |i: usize| {
        let alone = !(i > 0 && like(i, i - 1) && i + 1 < points.len() && like(i, i + 1));
        few || !joined(i) || alone
    };
    Picture::fitted(size, (WIDTH, HEIGHT), |space| {
        let (mut picture, top) = Picture::styled(space.width, &title, &labels::fixed(&cut.fixed), &style.title);
        let legend = Legend::new(entries.clone(), SIZES.small, space.width - 2.0 * MARGIN);
        let outer = Area::new(MARGIN, top, space.width - MARGIN, top + space.high);
        let chart = Chart::new(&outer, x_axis.clone(), y_axis.clone(), SIZES, 0.0);
        chart.draw_grid(&mut picture.drawing);
        chart.draw_axes(&mut picture.drawing);
        chart.curve(&mut picture.drawing, &line, &[Pen::new(LINE, 3.0)]);
        for o in Outcome::ALL {
            for i in (0..points.len()).filter(|i| outcome(*i) == Some(o) && is_marked(*i)) {
                let point = (points[i].0, if points[i].1.is_nan() { low } else { points[i].1 });
                if let Some(at) = chart.marker(point) {
                    picture.drawing.circle(at, radius, of_outcome(o).solid());
                }
            }
        }
        legend.draw(&mut picture.drawing, (MARGIN, outer.bottom + 0.4 * SIZES.text))?;
        picture.end_below(outer.bottom + 0.4 * SIZES.text + legend.height, &[]);
        Ok(picture)
    })
}

/// Colour of the line.
const LINE: Rgb = [68, 1, 84];

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
