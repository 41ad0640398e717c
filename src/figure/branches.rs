//! Bifurcation diagram: equilibria and the extremes of cycles over a parameter, and the cycles' spans.

use super::chart::{Chart, Layout, chart, font, write};
use super::labels;
use super::picture::{Canvas, Picture, drawing_failed};
use super::scale::Scale;
use crate::error::Result;
use crate::figure::ordinary_left_out;
use crate::store::{BranchSet, StoredCycle};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SIZE: (u32, u32) = (1560, 1340);
const TEXT: i32 = 30;
/// Height of the upper panel.
const UPPER: u32 = 760;
/// Left edge of the legend, its first line, and the distance between its entries, in pixels.
const LEGEND: (i32, i32, i32) = (1250, 150, 46);
/// Width of the labels, in pixels, within which only the first of several is drawn.
const APART: i32 = 48;

/// Special points of cycles, by number: label, name in the legend, colour.
const SPECIAL: [(&str, &str, RGBColor); 5] = [
    ("H", "H: Hopf", RGBColor(0, 0, 0)),
    ("LPC", "LPC: fold of cycles", RGBColor(214, 39, 40)),
    ("PD", "PD: period doubling", RGBColor(148, 3, 211)),
    ("NS", "NS: Neimark–Sacker", RGBColor(0, 128, 90)),
    ("Hom", "Hom: homoclinic", RGBColor(180, 110, 0)),
];
/// Special equilibria, by number.
const SPECIAL_EQUILIBRIA: [(&str, &str, RGBColor); 4] = [
    ("H", "H: Hopf", RGBColor(0, 0, 0)),
    ("LP", "LP: fold", RGBColor(214, 39, 40)),
    ("BT", "BT: Bogdanov–Takens", RGBColor(0, 90, 160)),
    ("GH", "GH: generalised Hopf", RGBColor(0, 128, 90)),
];
/// Colours of the cycles: once around, and with a doubled period.
const CYCLES: [RGBColor; 2] = [RGBColor(31, 119, 180), RGBColor(214, 110, 20)];

/// Points of one line or branch: its number, whether they are stable, and where they lie.
type Run = (u32, bool, Vec<(f64, f64)>);

/// Runs of points that are all stable or all unstable, each beginning where the one before ends.
fn runs(points: impl Iterator<Item = ((u32, bool), (f64, f64))>) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    for ((number, stable), point) in points {
        match found.last_mut() {
            Some((n, s, run)) if (*n, *s) == (number, stable) => run.push(point),
            last => {
                let joint = last.filter(|(n, ..)| *n == number).and_then(|(.., run)| run.last().copied());
                found.push((number, stable, joint.into_iter().chain([point]).collect()));
            }
        }
    }
    found
}

/// Smallest and largest of some values, with a margin; 0 and 1 if there are none.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let pad = 0.05 * (high - low).max(1e-6);
    if low.is_finite() { (low - pad, high + pad) } else { (0.0, 1.0) }
}

/// Draws solid lines where stable and dashed ones elsewhere.
fn draw_runs(chart: &mut Chart<'_, '_>, runs: &[Run], colour: impl Fn(u32) -> RGBColor) -> Result<()> {
    for (number, stable, points) in runs {
        let points = points.iter().copied();
        if *stable {
            chart.draw_series(LineSeries::new(points, colour(*number).stroke_width(4))).map_err(drawing_failed)?;
        } else {
            let dashes = DashedLineSeries::new(points, 9, 7, colour(*number).stroke_width(3));
            chart.draw_series(dashes).map_err(drawing_failed)?;
        }
    }
    Ok(())
}

/// Draws marks with their labels, each label next to its mark unless another one is there.
fn draw_marks(
    chart: &mut Chart<'_, '_>,
    marks: &[((f64, f64), &str, RGBColor)],
    taken: &mut Vec<(i32, i32)>,
) -> Result<()> {
    let mut drawn: Vec<(i32, i32, &str)> = Vec::new();
    for (at, label, colour) in marks {
        chart.draw_series([Circle::new(*at, 7, colour.filled())]).map_err(drawing_failed)?;
        let (x, y) = chart.backend_coord(at);
        // A point that two branches have in common gets one label.
        let is_same = |(left, top, other): &(i32, i32, &str)| (left - x).abs() + (top - y).abs() < 6 && other == label;
        if drawn.iter().any(is_same) {
            continue;
        }
        drawn.push((x, y, label));
        let free =
            |place: &(i32, i32)| taken.iter().all(|t| (t.0 - place.0).abs() > APART || (t.1 - place.1).abs() > TEXT);
        let places = [(x + 24, y - 12), (x - 24, y - 12), (x + 24, y + TEXT + 8), (x - 24, y + TEXT + 8)];
        let Some(place) = places.into_iter().find(free) else { continue };
        taken.push(place);
        let style = TextStyle::from(font(TEXT - 6)).color(colour).pos(Pos::new(HPos::Center, VPos::Bottom));
        let offset = (place.0 - x, place.1 - y);
        chart
            .draw_series([EmptyElement::at(*at) + Text::new((*label).to_string(), offset, style)])
            .map_err(drawing_failed)?;
    }
    Ok(())
}

/// Draws the diagram.
pub(super) fn draw(set: &BranchSet) -> Result<Picture> {
    let Some((parameter, low, high)) = set.followed else {
        return Err(drawing_failed("no parameter is continued"));
    };
    let x = || (Scale::linear(low, high), labels::axis(parameter));
    let inside = |value: f64| (low..=high).contains(&value);
    // Branches of doubled periods begin at a period doubling.
    let first_kind = |n: u32| set.special.iter().find(|s| s.branch == n).map(|s| s.kind);
    let starts_doubled = |n: u32| {
        let first = set.cycles.iter().find(|c| c.branch == n).map(|c| c.numbers[4]);
        let born = set.special.iter().find(|s| s.branch == n).map(|s| s.numbers[2]);
        first_kind(n) == Some(2) && first.zip(born).is_some_and(|(period, born)| period > 1.5 * born)
    };
    let colour = |n: u32| CYCLES[usize::from(starts_doubled(n))];
    let cycles = |pick: fn(&StoredCycle) -> f64| {
        runs(set.cycles.iter().map(move |c| ((c.branch, c.stable), (c.value, pick(c)))))
    };
    let equilibria = runs(set.equilibria.iter().map(|e| ((e.line, e.stable), (e.value, e.v))));
    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, "Equilibria and cycles", (140, 24), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(&ordinary_left_out(&set.fixed)), (140, 68), TEXT - 6, HPos::Left)?;
        let (upper, lower) = canvas.split_vertically(UPPER);
        let right = SIZE.0 as i32 - LEGEND.0 + 30;
        let layout = |top| Layout {
            caption: None,
            margins: [top, right, 10, 10],
            labels: (90, 130),
            ticks: (8, 7),
            grid: true,
            text: TEXT,
        };

        let v = extent(
            set.equilibria.iter().map(|e| e.v).chain(set.cycles.iter().flat_map(|c| [c.numbers[1], c.numbers[2]])),
        );
        let (scale, title) = x();
        let mut panel = chart(&upper, &layout(110), (scale, &title), (Scale::linear(v.0, v.1), "V"))?;
        draw_runs(&mut panel, &equilibria, |_| RGBColor(120, 120, 120))?;
        for pick in [|c: &StoredCycle| c.numbers[1], |c: &StoredCycle| c.numbers[2]] {
            draw_runs(&mut panel, &cycles(pick), colour)?;
        }
        let mut marks = Vec::new();
        for s in set.special_equilibria.iter().filter(|s| inside(s.value)) {
            let Some((label, _, colour)) = SPECIAL_EQUILIBRIA.get(usize::from(s.kind)) else { continue };
            marks.push(((s.value, s.numbers[0]), *label, *colour));
        }
        draw_marks(&mut panel, &marks, &mut Vec::new())?;

        let span = extent(set.cycles.iter().map(|c| c.numbers[0]).chain([0.0]));
        let (scale, title) = x();
        let spans = (Scale::linear(0.0, span.1), labels::short("span"));
        let mut panel = chart(&lower, &layout(10), (scale, &title), (spans.0, &spans.1))?;
        draw_runs(&mut panel, &cycles(|c| c.numbers[0]), colour)?;
        let mut marks = Vec::new();
        for s in set.special.iter().filter(|s| inside(s.value) && s.numbers[0] <= span.1) {
            let Some((label, _, colour)) = SPECIAL.get(usize::from(s.kind)) else { continue };
            marks.push(((s.value, s.numbers[0]), *label, *colour));
        }
        draw_marks(&mut panel, &marks, &mut Vec::new())?;
        legend(canvas, set, set.cycles.iter().any(|c| starts_doubled(c.branch)))
    })?;
    Ok(picture)
}

/// Draws the legend: lines first, then the special points that there are.
fn legend(canvas: &Canvas<'_>, set: &BranchSet, doubled: bool) -> Result<()> {
    let (x, mut y, step) = LEGEND;
    let mut entry = |text: &str, draw: &dyn Fn(i32) -> std::result::Result<(), String>| -> Result<()> {
        draw(y).map_err(drawing_failed)?;
        write(canvas, text, (x + 58, y - 13), TEXT - 6, HPos::Left)?;
        y += step;
        Ok(())
    };
    let line = |colour: RGBColor| {
        move |y: i32| {
            canvas.draw(&PathElement::new([(x, y), (x + 44, y)], colour.stroke_width(4))).map_err(|e| e.to_string())
        }
    };
    entry("equilibrium", &line(RGBColor(120, 120, 120)))?;
    entry("cycle", &line(CYCLES[0]))?;
    if doubled {
        entry("doubled period", &line(CYCLES[1]))?;
    }
    entry("dashed: unstable", &|y: i32| {
        let dashes = [[(x, y), (x + 17, y)], [(x + 27, y), (x + 44, y)]];
        dashes
            .iter()
            .try_for_each(|d| canvas.draw(&PathElement::new(*d, BLACK.stroke_width(3))))
            .map_err(|e| e.to_string())
    })?;
    let mut shown: Vec<&str> = Vec::new();
    let of_cycles = set.special.iter().filter_map(|s| SPECIAL.get(usize::from(s.kind)));
    let of_equilibria = set.special_equilibria.iter().filter_map(|s| SPECIAL_EQUILIBRIA.get(usize::from(s.kind)));
    for (_, name, colour) in of_equilibria.chain(of_cycles) {
        if !shown.contains(name) {
            shown.push(name);
            entry(name, &|y: i32| {
                canvas.draw(&Circle::new((x + 22, y), 7, colour.filled())).map_err(|e| e.to_string())
            })?;
        }
    }
    Ok(())
}
