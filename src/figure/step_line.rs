//! A line of names: steps between named ticks, in the colours of the names.

use super::chart::{Axis, Chart};
use super::colour::{Fill, NO_VALUE};
use super::cut::{Cut, Seen};
use super::drawing::{Area, Pen};
use super::labels;
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::Scale;
use super::size::Size;
use super::style::Style;
use crate::error::Result;
use crate::results::{OUTCOME, Outcome};

const WIDTH: f64 = 1240.0;
/// Height of a name's row, and of the axis below.
const ROW: f64 = 70.0;
const AXIS: f64 = 120.0;
/// Least height of the plot with its axes.
const LEAST: f64 = 360.0;
/// Width of a step, and of the lines between steps.
const STEP: f64 = 10.0;
const BETWEEN: Pen = Pen::new([120; 3], 1.5);

/// Draws a line through points whose values have names.
pub(super) fn draw(
    cut: &Cut<'_>,
    points: &[(f64, f64)],
    names: &[(f64, String, Fill)],
    seen: &Seen,
    style: &Style,
    size: &Size,
) -> Result<Picture> {
    let there = |value: f64| {
        let is_outcome = Outcome::from_f64(value).is_some_and(|o| cut.column == OUTCOME.0 && seen.has(o));
        is_outcome || seen.has_value(value) || points.iter().any(|p| p.1 == value)
    };
    let mut levels: Vec<(f64, &str, Fill)> =
        names.iter().filter(|n| there(n.0)).map(|(value, name, fill)| (*value, &**name, *fill)).collect();
    if seen.nothing || points.iter().any(|p| p.1.is_nan()) {
        levels.insert(0, (f64::NAN, "no value", NO_VALUE));
    }
    let level = |value: f64| levels.iter().position(|l| l.0 == value).unwrap_or(0);

    let x = &cut.axes[0];
    let title = labels::column(&cut.column, cut.from.as_deref());
    let height = (AXIS + ROW * levels.len() as f64).max(LEAST);
    Picture::fitted(size, (WIDTH, height), |space| {
        let (mut picture, top) = Picture::styled(space.width, &title, &labels::fixed(&cut.fixed), &style.title);
        let outer = Area::new(MARGIN, top, space.width - MARGIN, top + space.high);
        let scale = Scale::over(&x.values);
        let y = Axis::named(levels.iter().map(|l| l.1.to_string()).collect(), labels::short(&cut.column));
        let chart = Chart::new(&outer, Axis::new(scale, labels::axis(x.parameter)), y, SIZES, 0.0);
        chart.draw_grid(&mut picture.drawing);
        chart.draw_axes(&mut picture.drawing);
        // A cell reaches half way to its neighbours, and no farther than the axis.
        let half_way = |i: usize| scale.middle(points[i].0, points[i + 1].0);
        let mut first = 0;
        for run in points.chunk_by(|a, b| level(a.1) == level(b.1)) {
            let last = first + run.len() - 1;
            let from = if first > 0 { half_way(first - 1) } else { points[first].0 };
            let to = if last + 1 < points.len() { half_way(last) } else { points[last].0 };
            let at = level(run[0].1);
            let (y, colour) = (at as f64, levels[at].2.solid());
            if let Some(next) = points.get(last + 1) {
                chart.curve(&mut picture.drawing, &[(to, y), (to, level(next.1) as f64)], &[BETWEEN]);
            }
            let [a, b] = [from, to].map(|x| chart.at((x, y)));
            if (b.0 - a.0).abs() < STEP {
                picture.drawing.circle((0.5 * (a.0 + b.0), a.1), 0.5 * STEP, colour);
            } else {
                picture.drawing.line(a, b, &Pen::new(colour, STEP));
            }
            first = last + 1;
        }
        picture.end_below(outer.bottom, &[]);
        Ok(picture)
    })
}
