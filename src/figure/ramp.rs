//! Picture of a ramp: V up and down against the walked parameter, thick where it oscillates, over the
//! equilibria (Figs. 2c, 4b).

use super::chart::{chart, write};
use super::cut_line::LAYOUT;
use super::labels;
use super::picture::{Picture, drawing_failed};
use super::scale::{Scale, number};
use crate::bifurcation::Branch;
use crate::error::Result;
use crate::figure::{colour, ordinary_left_out};
use crate::results::Outcome;
use crate::store::RampFile;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const SIZE: (u32, u32) = (1240, 900);
const TEXT: i32 = 30;
/// Colours of the ways up and down of a single lane.
const WAYS: [RGBColor; 2] = [RGBColor(31, 119, 180), RGBColor(214, 90, 20)];

/// Draws the ramp over its equilibria.
pub(super) fn draw(file: &RampFile, branches: &[Branch]) -> Result<Picture> {
    let values = &file.axes[0].values;
    let lanes = file.v[0].len() / (2 * values.len());
    let [v_min, v_max, v_mean] = &file.v;
    let all = v_min.iter().chain(v_max).copied().chain(branches.iter().flat_map(|b| b.points.iter().map(|p| p.1)));
    let (low, high) =
        all.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
    let pad = 0.04 * (high - low);
    let index = |direction: usize, i: usize, lane: usize| (direction * values.len() + i) * lanes + lane;
    let colour_of = |direction: usize, lane: usize| {
        if lanes == 1 {
            return WAYS[direction];
        }
        let [r, g, b] = colour::viridis(0.85 * lane as f64 / (lanes - 1) as f64);
        RGBColor(r, g, b)
    };
    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, "Voltage on the way up and down", (140, 24), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(&ordinary_left_out(&file.fixed)), (140, 68), TEXT - 6, HPos::Left)?;
        let x = (Scale::around(values), labels::axis(file.axes[0].parameter));
        let mut chart = chart(canvas, &LAYOUT, (x.0, &x.1), (Scale::linear(low - pad, high + pad), "V"))?;
        for branch in branches {
            let points = branch.points.iter().copied();
            let grey = BLACK.mix(0.45).stroke_width(2);
            if branch.stable {
                chart.draw_series(LineSeries::new(points, grey)).map_err(drawing_failed)?;
            } else {
                chart.draw_series(DashedLineSeries::new(points, 8, 7, grey)).map_err(drawing_failed)?;
            }
        }
        for lane in 0..lanes {
            for direction in 0..2 {
                let colour = colour_of(direction, lane);
                let at = |i: &usize| index(direction, *i, lane);
                let known: Vec<usize> = (0..values.len()).filter(|i| v_mean[at(i)].is_finite()).collect();
                let line = known.iter().map(|i| (values[*i], v_mean[at(i)]));
                chart.draw_series(LineSeries::new(line, colour.stroke_width(3))).map_err(drawing_failed)?;
                let loud = |i: &usize| file.outcomes[at(i)] == Some(Outcome::Oscillating);
                for run in known.split(|i| !loud(i)).filter(|r| r.len() > 1) {
                    let mean = run.iter().map(|i| (values[*i], v_mean[at(i)]));
                    chart
                        .draw_series(LineSeries::new(mean, colour.stroke_width(if direction == 0 { 11 } else { 5 })))
                        .map_err(drawing_failed)?;
                }
            }
        }
        let mut entries: Vec<(String, RGBColor)> = match lanes {
            1 => vec![("up".into(), WAYS[0]), ("down".into(), WAYS[1])],
            _ => (0..lanes).map(|lane| (lane_name(file, lane), colour_of(0, lane))).collect(),
        };
        if file.outcomes.contains(&Some(Outcome::Oscillating)) {
            entries.push(("thick: oscillating".into(), RGBColor(0, 0, 0)));
        }
        let mut x = 150;
        for (name, colour) in entries {
            let y = SIZE.1 as i32 - 34;
            let width = if name.starts_with("thick") { 9 } else { 4 };
            canvas
                .draw(&PathElement::new([(x, y), (x + 40, y)], colour.stroke_width(width)))
                .map_err(drawing_failed)?;
            write(canvas, &name, (x + 52, y - 12), TEXT - 4, HPos::Left)?;
            x += 90 + 15 * name.chars().count() as i32;
        }
        Ok(())
    })?;
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
