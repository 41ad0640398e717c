//! Lines and dots over a map: with an edge that keeps them readable on every colour, and their labels.

use super::chart::{BLACK, Chart};
use super::colour::Rgb;
use super::drawing::{Anchor, Area, Drawing, Letters, Pen, Place};
use super::legend::{Entry, Sign};
use super::scale::Scale;
use super::text::{CAPITAL, width};
use crate::figure::{Line, Stroke};

/// Radius of a dot.
const DOT: f64 = 7.0;
/// Distances from a dot at which its label is tried, where there is no room next to it.
const RINGS: u32 = 8;
const WHITE: Rgb = [255; 3];

/// Whether a colour is nearer to white than to black.
fn is_light([r, g, b]: Rgb) -> bool {
    0.3 * f64::from(r) + 0.59 * f64::from(g) + 0.11 * f64::from(b) > 70.0
}

/// Strokes of a line: a wide one, dark under a light colour and white under a dark one, and its own.
fn pens(line: &Line) -> Vec<Pen> {
    let (under, more) = if is_light(line.colour) { (BLACK, 2.0) } else { (WHITE, 3.0) };
    let (size, dashed) = match line.stroke {
        Stroke::Line(w) => (f64::from(w), false),
        Stroke::Dashed(w) => (f64::from(w), true),
        Stroke::Dots(_) | Stroke::Crosses(_) => (3.0, false),
    };
    let pen = |colour, size| if dashed { Pen::new(colour, size).dashed(14.0, 10.0) } else { Pen::new(colour, size) };
    vec![pen(under, size + more), pen(line.colour, size)]
}

/// Draws lines, and over them dots with their labels; the labels for which there is no room.
pub(super) fn draw(drawing: &mut Drawing, chart: &Chart, lines: &[Line], size: f64) -> Vec<String> {
    let (dots, curves): (Vec<_>, Vec<_>) = lines.iter().partition(|l| l.points.len() == 1);
    for line in curves {
        chart.curve(drawing, &line.points, &pens(line));
    }
    let marks: Vec<(Place, &Line)> =
        dots.into_iter().filter_map(|l| chart.marker(*l.points.first()?).map(|at| (at, l))).collect();
    for (place, line) in &marks {
        drawing.circle(*place, DOT + 2.0, BLACK);
        drawing.circle(*place, DOT, line.colour);
    }
    let labels: Vec<_> = marks.iter().filter_map(|(at, l)| l.label.map(|label| (*at, label, BLACK))).collect();
    draw_labels(drawing, &chart.frame, &labels, size)
}

/// Places of a label's middle, from its dot: next to it, and then farther and farther away, all around it.
fn places(half: f64, size: f64) -> Vec<(Place, bool)> {
    let away = DOT + 4.0;
    let (side, up, down) = (half + away, -away, away + CAPITAL * size);
    let near = [(side, up), (-side, up), (side, down), (-side, down), (0.0, up - 4.0), (0.0, down + 4.0)];
    let mut all: Vec<_> = near.map(|place| (place, false)).to_vec();
    for ring in 1..=RINGS {
        let far = f64::from(ring) * 1.5 * size;
        let around = (0..16).map(|i| (f64::from(i) + 0.5) * std::f64::consts::TAU / 16.0);
        all.extend(around.map(|a| {
            let (sin, cos) = a.sin_cos();
            (((half + far) * cos, far * sin + 0.5 * CAPITAL * size), true)
        }));
    }
    all
}

/// Draws labels of dots, each at the first free place next to its own, or farther away with a line to it.
///
/// It returns those that have no free place.
pub(super) fn draw_labels(
    drawing: &mut Drawing,
    frame: &Area,
    labels: &[(Place, &str, Rgb)],
    size: f64,
) -> Vec<String> {
    let mut taken: Vec<Area> = Vec::new();
    let mut drawn: Vec<(Place, &str)> = Vec::new();
    let mut left_off: Vec<String> = Vec::new();
    let dots = labels.iter().map(|((x, y), ..)| Area::new(x - DOT, y - DOT, x + DOT, y + DOT)).collect::<Vec<_>>();
    for ((x, y), label, colour) in labels {
        // A point that two branches have in common gets one label.
        if drawn.iter().any(|(at, other)| other == label && (at.0 - x).abs() + (at.1 - y).abs() < 6.0) {
            continue;
        }
        let half = 0.5 * width(label, size);
        let area =
            |(dx, dy): &Place| Area::new(x + dx - half - 4.0, y + dy - size, x + dx + half + 4.0, y + dy + 0.3 * size);
        let is_free = |(place, is_far): &&(Place, bool)| {
            let a = area(place);
            let inside = frame.has((a.left, a.top)) && frame.has((a.right, a.bottom));
            let apart = |t: &Area| a.right < t.left || a.left > t.right || a.bottom < t.top || a.top > t.bottom;
            inside && taken.iter().all(apart) && (!is_far || dots.iter().all(apart))
        };
        let all = places(half, size);
        let Some((place, is_far)) = all.iter().find(is_free) else {
            left_off.push((*label).to_string());
            continue;
        };
        let a = area(place);
        if *is_far {
            // To the nearest point of the label's box.
            let end = (x.clamp(a.left, a.right), y.clamp(a.top, a.bottom));
            for pen in [Pen::new(WHITE, 5.0), Pen::new(*colour, 2.0)] {
                drawing.line((*x, *y), end, &pen);
            }
        }
        taken.push(a);
        drawn.push(((*x, *y), label));
        let letters = Letters { colour: *colour, edged: true, ..Letters::new(size, Anchor::Middle) };
        drawing.text(label, (x + place.0, y + place.1), &letters);
    }
    left_off
}

/// Whether a line through points has a piece between 0 and 1 on both axes.
fn crosses(points: &[Place]) -> bool {
    let side = |(x, y): Place| [-x, x - 1.0, -y, y - 1.0].map(|beyond| beyond - 1e-3);
    let inside = |p: &Place| side(*p).iter().all(|beyond| *beyond <= 0.0);
    // The part of a piece that is on the inner side of all edges begins before it ends.
    let passes = |pair: &[Place]| {
        if !pair.iter().all(|(x, y)| x.is_finite() && y.is_finite()) {
            return false;
        }
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (a, b) in side(pair[0]).into_iter().zip(side(pair[1])) {
            match (a <= 0.0, b <= 0.0) {
                (true, true) => {}
                (true, false) => to = to.min(a / (a - b)),
                (false, true) => from = from.max(a / (a - b)),
                _ => return false,
            }
        }
        from < to
    };
    points.iter().any(inside) || points.windows(2).any(passes)
}

/// Entries of the legend of the lines that are seen between these scales of x and y, each name once: as it is drawn.
pub(super) fn entries(lines: &[Line], [x, y]: [Scale; 2]) -> Vec<Entry> {
    let is_seen = |l: &&Line| crosses(&l.points.iter().map(|p| (x.part(p.0), y.part(p.1))).collect::<Vec<_>>());
    let lines: Vec<&Line> = lines.iter().filter(is_seen).collect();
    let is_new = |i: usize, l: &Line| !l.name.is_empty() && lines[..i].iter().all(|m| m.name != l.name);
    let named = lines.iter().enumerate().filter(|(i, l)| is_new(*i, l));
    let sign = |l: &Line| if l.points.len() == 1 { Sign::Dot(DOT, l.colour, true) } else { Sign::Line(pens(l)) };
    let name = |l: &Line| l.label.map_or(l.name.to_string(), |label| format!("{label}: {}", l.name));
    named.map(|(_, l)| Entry::new(sign(l), name(l))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_seen_where_a_piece_of_it_is_in_the_frame() {
        for (points, is) in [
            (vec![(0.5, 0.5)], true),
            (vec![(1.2, 0.5)], false),
            (vec![(-1.0, 0.5), (2.0, 0.6)], true),
            (vec![(-1.0, 1.5), (2.0, 1.6)], false),
            // Past a corner, and through it.
            (vec![(-0.4, 0.5), (0.5, 1.9)], false),
            (vec![(-0.4, 0.5), (0.5, 1.2)], true),
            (vec![(f64::NAN, 0.5), (0.5, f64::NAN)], false),
            (vec![], false),
        ] {
            assert_eq!(crosses(&points), is, "{points:?}");
        }
    }
}
