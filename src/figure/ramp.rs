//! Picture of a ramp: V up and down against the walked parameter, thick where it oscillates, over the
//! equilibria (Figs. 2c, 4b).

use super::chart::{Axis, BLACK, Chart};
use super::colour::Rgb;
use super::drawing::{Area, Pen};
use super::labels;
use super::legend::{Entry, Legend, Sign};
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::{Scale, number};
use super::size::{Size, Space};
use super::special_marks::{Mark, draw_marks, entry, special_equilibrium};
use super::style::Style;
use crate::bifurcation::{Branch, SpecialEquilibrium};
use crate::error::Result;
use crate::figure::{colour, ordinary_left_out};
use crate::results::Outcome;
use crate::store::RampFile;

const WIDTH: f64 = 1240.0;
/// Height of the plot with its axes.
const HEIGHT: f64 = 740.0;
/// Colours of the ways up and down of a single lane.
const WAYS: [Rgb; 2] = [[31, 119, 180], [214, 90, 20]];
/// Pens of stable and of unstable equilibria.
const GREY: Pen = Pen::new(BLACK, 2.0).faint(0.45);
const UNSTABLE: Pen = GREY.dashed(8.0, 7.0);
/// Widths of the line, and of its thick parts on the way up and down.
const THIN: f64 = 3.0;
const THICK: [f64; 2] = [11.0, 5.0];

/// Draws the ramp over its equilibria.
pub(super) fn draw(
    file: &RampFile,
    branches: &[Branch],
    special: &[SpecialEquilibrium],
    style: &Style,
    size: &Size,
) -> Result<Picture> {
    Picture::fitted(size, (WIDTH, HEIGHT), |space| laid_out(file, branches, special, style, &space))
}

/// The picture in a space.
fn laid_out(
    file: &RampFile,
    branches: &[Branch],
    special: &[SpecialEquilibrium],
    style: &Style,
    space: &Space,
) -> Result<Picture> {
    let values = &file.axes[0].values;
    let lanes = file.v[0].len() / (2 * values.len());
    let [v_min, v_max, v_mean] = &file.v;
    let all = v_min.iter().chain(v_max).copied().chain(branches.iter().flat_map(|b| b.points.iter().map(|p| p.1)));
    let (low, high) =
        all.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
    let pad = 0.04 * (high - low);
    let index = |direction: usize, i: usize, lane: usize| (direction * values.len() + i) * lanes + lane;
    let colour_of = |direction: usize, lane: usize| match lanes {
        1 => WAYS[direction],
        _ => colour::viridis(0.85 * lane as f64 / (lanes - 1) as f64),
    };
    let subtitle = labels::fixed(&ordinary_left_out(&file.fixed));
    let (mut picture, top) = Picture::styled(space.width, "Voltage on the way up and down", &subtitle, &style.title);
    let outer = Area::new(MARGIN, top, space.width - MARGIN, top + space.high);
    let x = Axis::new(Scale::over(values), labels::axis(file.axes[0].parameter));
    let chart = Chart::new(&outer, x, Axis::new(Scale::linear(low - pad, high + pad), "V"), SIZES, 0.0);
    chart.draw_grid(&mut picture.drawing);
    chart.draw_axes(&mut picture.drawing);
    let drawing = &mut picture.drawing;
    for branch in branches {
        chart.curve(drawing, &branch.points, &[if branch.stable { GREY } else { UNSTABLE }]);
    }
    for lane in 0..lanes {
        for (direction, thick) in THICK.into_iter().enumerate() {
            let pen = |width| Pen::new(colour_of(direction, lane), width);
            let at = |i: &usize| index(direction, *i, lane);
            let known: Vec<usize> = (0..values.len()).filter(|i| v_mean[at(i)].is_finite()).collect();
            let mean = |run: &[usize]| run.iter().map(|i| (values[*i], v_mean[at(i)])).collect::<Vec<_>>();
            chart.curve(drawing, &mean(&known), &[pen(THIN)]);
            let loud = |i: &usize| file.outcomes[at(i)] == Some(Outcome::Oscillating);
            for run in known.split(|i| !loud(i)) {
                chart.curve(drawing, &mean(run), &[pen(thick)]);
            }
        }
    }
    let shown = special.iter().filter_map(|s| special_equilibrium(s.kind as u8, (s.value, s.v), s.lyapunov));
    let marks: Vec<Mark> = shown.filter(|mark| chart.marker(mark.at).is_some()).collect();
    let left_off = draw_marks(drawing, &chart, &marks);
    let line = |pen| Sign::Line(vec![pen]);
    let mut entries: Vec<Entry> = match lanes {
        1 => [0, 1].map(|way| Entry::new(line(Pen::new(WAYS[way], THIN)), ["up", "down"][way])).to_vec(),
        _ => (0..lanes).map(|i| Entry::new(line(Pen::new(colour_of(0, i), THIN)), lane_name(file, i))).collect(),
    };
    if file.outcomes.contains(&Some(Outcome::Oscillating)) {
        entries.push(Entry::new(line(Pen::new(BLACK, THICK[0])), "thick: oscillating"));
    }
    for (stable, pen, name) in [(true, GREY, "stable equilibrium"), (false, UNSTABLE, "unstable equilibrium")] {
        if branches.iter().any(|b| b.stable == stable) {
            entries.push(Entry::new(line(pen), name));
        }
    }
    for mark in &marks {
        if entries.iter().all(|e| e.name != mark.name) {
            entries.push(entry(mark));
        }
    }
    let legend = Legend::new(entries, SIZES.small, space.width - 2.0 * MARGIN);
    legend.draw(&mut picture.drawing, (MARGIN, outer.bottom + 0.4 * SIZES.text))?;
    picture.end_below(outer.bottom + 0.4 * SIZES.text + legend.height, &left_off);
    Ok(picture)
}

/// Name of a lane: the values of its axes.
fn lane_name(file: &RampFile, lane: usize) -> String {
    let mut rest = lane;
    let mut names = Vec::new();
    for axis in file.axes[1..].iter().rev() {
        names.push(format!("{} = {}", axis.parameter.info().symbol, number(&axis.values[rest % axis.values.len()])));
        rest /= axis.values.len();
    }
    names.reverse();
    names.join(", ")
}
