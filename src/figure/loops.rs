//! Picture of a ramp of many lanes: the area of each lane's loop over one or two axes of the lanes.

use super::chart::{Axis, Chart};
use super::colour::Rgb;
use super::cut::{CutCell, Seen};
use super::drawing::{Area, Pen};
use super::field::Field;
use super::heatmap::{Page, Right};
use super::labels;
use super::legend::{Entry, Legend, Sign};
use super::look::Look;
use super::picture::{MARGIN, Picture, SIZES};
use super::placing::{check_line, first_is_x};
use super::scale::Scale;
use super::size::Size;
use super::style::Style;
use super::target::Target;
use crate::error::{Error, Result};
use crate::figure::{ordinary_left_out, saved};
use crate::results::Outcome;
use crate::store::{RampFile, StoredAxis};

const WIDTH: f64 = 1240.0;
/// Height of the plot of a line with its axes.
const LINE_HEIGHT: f64 = 640.0;
/// Number of lanes above which they have no dots of their own.
const MOST_DOTS: usize = 50;
const LINE: Rgb = [49, 104, 142];
/// Mark of a lane without an area.
const OPEN: Pen = Pen::new([214, 39, 40], 2.0);
const NOT_WHOLE: &str = "loop not shown whole";
/// Name of the number that is drawn.
const LOOP_AREA: &str = "loop_area";

/// Checks that the loop areas of lanes can be drawn: `shape` is the number of values of each axis but the ramp's own.
///
/// # Errors
/// [`Error::Request`] if there is one lane, or more than two axes have several values.
pub fn check_loops(shape: &[usize]) -> Result<()> {
    match shape.iter().filter(|n| **n > 1).count() {
        1 | 2 => Ok(()),
        0 => Err(Error::request("loop areas are drawn over lanes, and the ramp has one", "leave `variable` off")),
        n => Err(Error::request(
            format!("the lanes of a ramp lie along {n} axes, and loop areas are drawn over two at most"),
            "draw a cut with 'hopfmap plot --at NAME=VALUE'",
        )),
    }
}

/// Draws the area of each lane's loop over the axes of the lanes.
///
/// # Errors
/// [`Error::Request`] if the lanes lie along no axis or more than two, the file has no areas, or the style does not go with
/// them; [`Error::File`] if the picture cannot be written; [`Error::Engine`] only if drawing fails (not expected).
pub fn draw_loops<'a>(file: &RampFile, style: &Style, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    let shape: Vec<usize> = file.axes[1..].iter().map(|a| a.values.len()).collect();
    check_loops(&shape)?;
    if file.loop_area.len() != shape.iter().product::<usize>() {
        return Err(Error::request("the ramp's file has no loop areas", "run the ramp again"));
    }
    let (several, single): (Vec<&StoredAxis>, Vec<&StoredAxis>) =
        file.axes[1..].iter().partition(|a| a.values.len() > 1);
    let mut fixed = file.fixed.clone();
    fixed.extend(single.iter().map(|a| (a.parameter, a.values[0])));
    fixed.sort_by_key(|(p, _)| *p);
    let subtitle = labels::fixed(&ordinary_left_out(&fixed));
    let walked = file.axes[0].parameter.info().symbol;
    let title = format!("Loop area: integral of |mean V up − mean V down| over {walked}");
    let picture = match several[..] {
        [first, second] => plane(file, [first, second], style, [&title, &subtitle], &target.size)?,
        _ => line(file, several[0], style, [&title, &subtitle], &target.size)?,
    };
    saved(picture, style, &target)
}

fn plane(
    file: &RampFile,
    axes: [&StoredAxis; 2],
    style: &Style,
    [title, subtitle]: [&str; 2],
    size: &Size,
) -> Result<Picture> {
    let swapped = first_is_x(axes.map(|a| a.parameter), style)?;
    let [x, y] = if swapped { axes } else { [axes[1], axes[0]] };
    let scales = [x, y].map(|a| Scale::around(&a.values));
    let mut field = Field::new((&scales[0], &x.values), (&scales[1], &y.values));
    let mut seen = Seen::with(style);
    let (width, fast) = (x.values.len(), axes[1].values.len());
    for (lane, area) in file.loop_area.iter().enumerate() {
        let (slow, fast) = (lane / fast, lane % fast);
        let place = if swapped { [slow, fast] } else { [fast, slow] };
        let end = |a: &StoredAxis, i: usize| {
            if a.values[0] > a.values[a.values.len() - 1] { a.values.len() - 1 - i } else { i }
        };
        seen.take_in(&CutCell { value: *area, outcome: Some(Outcome::Steady) });
        field.cells[end(y, place[1]) * width + end(x, place[0])] = (Outcome::Steady as u8, *area as f32);
    }
    let look = Look::new(LOOP_AREA, seen, style)?;
    look.paint(&mut field);
    let named = |e: Entry| if e.name == "no value" { Entry { name: NOT_WHOLE.into(), ..e } } else { e };
    let page = Page {
        title,
        subtitle,
        below: look.entries().into_iter().map(named).collect(),
        right: Right::Bar(Some(&look)),
        heading: &style.title,
    };
    page.draw(Some(field), [x.parameter, y.parameter], scales, &[], size)
}

fn line(
    file: &RampFile,
    axis: &StoredAxis,
    style: &Style,
    [title, subtitle]: [&str; 2],
    size: &Size,
) -> Result<Picture> {
    check_line(axis.parameter, LOOP_AREA, style)?;
    if style.is_of_colours() {
        return Err(Error::request(
            "`vmin`, `vmax`, `log_colour` and `cmap` are of a plane's colours, and a line is left to draw",
            "leave them off",
        ));
    }
    let points: Vec<(f64, f64)> = axis.values.iter().copied().zip(file.loop_area.iter().copied()).collect();
    let high = file.loop_area.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let high = if high > 0.0 { 1.05 * high } else { 1.0 };
    Picture::fitted(size, (WIDTH, LINE_HEIGHT), |space| {
        let (mut picture, top) = Picture::styled(space.width, title, subtitle, &style.title);
        let outer = Area::new(MARGIN, top, space.width - MARGIN, top + space.high);
        let x = Axis::new(Scale::over(&axis.values), labels::axis(axis.parameter));
        let chart = Chart::new(&outer, x, Axis::new(Scale::linear(0.0, high), labels::short(LOOP_AREA)), SIZES, 0.0);
        chart.draw_grid(&mut picture.drawing);
        chart.draw_axes(&mut picture.drawing);
        chart.curve(&mut picture.drawing, &points, &[Pen::new(LINE, 2.5)]);
        let known = |i: usize| points.get(i).is_some_and(|p| p.1.is_finite());
        let mut entries = Vec::new();
        for (i, point) in points.iter().enumerate() {
            let is_alone = !(known(i + 1) || i > 0 && known(i - 1));
            match chart.marker(if known(i) { *point } else { (point.0, 0.0) }) {
                Some(at) if !known(i) => {
                    picture.drawing.cross(at, 6.0, &OPEN);
                    entries = vec![Entry::new(Sign::Cross(6.0, OPEN), NOT_WHOLE)];
                }
                Some(at) if is_alone || points.len() <= MOST_DOTS => picture.drawing.circle(at, 6.0, LINE),
                _ => {}
            }
        }
        let legend = Legend::new(entries, SIZES.small, space.width - 2.0 * MARGIN);
        legend.draw(&mut picture.drawing, (MARGIN, outer.bottom + 0.4 * SIZES.text))?;
        picture.end_below(outer.bottom + 0.4 * SIZES.text + legend.height, &[]);
        Ok(picture)
    })
}
