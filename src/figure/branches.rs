//! Bifurcation diagram: equilibria and the extremes of cycles over a parameter, and the cycles' spans.

use super::bitmap::drawing_failed;
use super::chart::{Axis, BLACK, Chart};
use super::colour::Rgb;
use super::drawing::{Area, Drawing, Pen};
use super::labels;
use super::legend::{Entry, Legend, Sign};
use super::line_plot::WIDTH;
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::Scale;
use super::size::{NARROW, Size, Space};
use super::special_marks::{Mark, draw_marks, entry, special_equilibrium};
use super::style::Style;
use crate::error::Result;
use crate::figure::ordinary_left_out;
use crate::store::{BranchSet, StoredCycle, StoredSpecial};

/// Heights of the upper and of the lower panel with their axes.
const UPPER: f64 = 650.0;
const LOWER: f64 = 540.0;
const GREY: Rgb = [120; 3];

/// Special points of cycles, by number: label, name in the legend, colour.
const SPECIAL: [(&str, &str, Rgb); 5] = [
    ("H", "H: Hopf", [0, 0, 0]),
    ("LPC", "LPC: fold of cycles", [214, 39, 40]),
    ("PD", "PD: period doubling", [148, 3, 211]),
    ("NS", "NS: Neimark–Sacker", [0, 128, 90]),
    ("Hom", "Hom: homoclinic", [180, 110, 0]),
];
/// Colours of the cycles: once around, and with a doubled period.
const CYCLES: [Rgb; 2] = [[31, 119, 180], [214, 110, 20]];

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
fn draw_runs(drawing: &mut Drawing, chart: &Chart, runs: &[Run], colour: impl Fn(u32) -> Rgb) {
    for (number, stable, points) in runs {
        chart.curve(drawing, points, &[pen(colour(*number), *stable)]);
    }
}

/// Pen of a line that is stable or not.
fn pen(colour: Rgb, stable: bool) -> Pen {
    if stable { Pen::new(colour, 4.0) } else { Pen::new(colour, 3.0).dashed(9.0, 7.0) }
}

/// Draws the diagram.
pub(super) fn draw(set: &BranchSet, style: &Style, size: &Size) -> Result<Picture> {
    let high = UPPER + LOWER;
    // Without a legend at its right, a panel is as wide as the picture.
    let usual = if size.width(WIDTH) < NARROW { (0.77 * WIDTH, high) } else { (WIDTH, high) };
    Picture::fitted(size, usual, |space| laid_out(set, style, &space))
}

/// The diagram in a space: its legend at the right, or below where there is no room.
fn laid_out(set: &BranchSet, style: &Style, space: &Space) -> Result<Picture> {
    let Some((parameter, low, high)) = set.followed else {
        return Err(drawing_failed("no parameter is continued"));
    };
    let x = || Axis::new(Scale::linear(low, high), labels::axis(parameter));
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
    let span = extent(set.cycles.iter().map(|c| c.numbers[0]).chain([0.0]));
    let shown = set.special_equilibria.iter().filter(|s| inside(s.value));
    let of_equilibria: Vec<Mark> =
        shown.filter_map(|s| special_equilibrium(s.kind, (s.value, s.numbers[0]), s.numbers[2])).collect();
    let of_cycle = |s: &StoredSpecial| {
        let (label, name, colour) = SPECIAL.get(usize::from(s.kind))?;
        Some(Mark { at: (s.value, s.numbers[0]), label, name, colour: *colour, is_open: false })
    };
    let shown = set.special.iter().filter(|s| inside(s.value) && s.numbers[0] <= span.1);
    let of_cycles: Vec<Mark> = shown.filter_map(of_cycle).collect();
    let doubled = set.cycles.iter().any(|c| starts_doubled(c.branch));
    let entries = legend(of_equilibria.iter().chain(&of_cycles), doubled);
    let (width, below) = (space.width, space.is_narrow());
    let legend = match below {
        true => Legend::new(entries, SIZES.small, width - 2.0 * MARGIN),
        false => Legend::column(entries, SIZES.small, 0.3 * width),
    };
    let subtitle = labels::fixed(&ordinary_left_out(&set.fixed));
    let (mut picture, top) = Picture::styled(width, "Equilibria and cycles", &subtitle, &style.title);
    let right = width - MARGIN - if below { 0.0 } else { legend.width + SIZES.text };
    let v =
        extent(set.equilibria.iter().map(|e| e.v).chain(set.cycles.iter().flat_map(|c| [c.numbers[1], c.numbers[2]])));
    let axes = [Axis::new(Scale::linear(v.0, v.1), "V"), Axis::new(Scale::linear(0.0, span.1), labels::short("span"))];
    let [above, under] = [UPPER, LOWER].map(|high| high / (UPPER + LOWER) * space.high);
    let areas = [(top, above), (top + above, under)].map(|(top, height)| Area::new(MARGIN, top, right, top + height));
    let panels = |left: f64| [0, 1].map(|i| Chart::new(&areas[i], x(), axes[i].clone(), SIZES, left));
    // Both begin where the one with the wider labels begins.
    let [upper, lower] = panels(0.0);
    let [upper, lower] = panels(upper.frame.left.max(lower.frame.left));
    let drawing = &mut picture.drawing;
    for panel in [&upper, &lower] {
        panel.draw_grid(drawing);
        panel.draw_axes(drawing);
    }
    draw_runs(drawing, &upper, &equilibria, |_| GREY);
    for pick in [|c: &StoredCycle| c.numbers[1], |c: &StoredCycle| c.numbers[2]] {
        draw_runs(drawing, &upper, &cycles(pick), colour);
    }
    let mut left_off = draw_marks(drawing, &upper, &of_equilibria);
    draw_runs(drawing, &lower, &cycles(|c| c.numbers[0]), colour);
    left_off.extend(draw_marks(drawing, &lower, &of_cycles));
    let bottom = top + space.high;
    if below {
        legend.draw(drawing, (MARGIN, bottom + 0.4 * SIZES.text))?;
        picture.end_below(bottom + 0.4 * SIZES.text + legend.height, &left_off);
    } else {
        legend.draw(drawing, (upper.frame.right + SIZES.text, upper.frame.top))?;
        picture.end_below(bottom.max(upper.frame.top + legend.height), &left_off);
    }
    Ok(picture)
}

/// Entries of the legend: lines first, then the special points that there are.
fn legend<'a>(marks: impl Iterator<Item = &'a Mark>, doubled: bool) -> Vec<Entry> {
    let line = |colour, stable| Sign::Line(vec![pen(colour, stable)]);
    let mut entries = vec![
        Entry::new(line(GREY, true), "equilibrium"),
        Entry::new(line(CYCLES[0], true), "cycle"),
        Entry::new(line(CYCLES[1], true), "doubled period"),
        Entry::new(line(BLACK, false), "dashed: unstable"),
    ];
    if !doubled {
        entries.remove(2);
    }
    for mark in marks {
        if entries.iter().all(|e| e.name != mark.name) {
            entries.push(entry(mark));
        }
    }
    entries
}
