//! Marks of special points, with labels and entries of a legend: open where a Hopf point is subcritical.

use super::chart::Chart;
use super::colour::Rgb;
use super::drawing::Drawing;
use super::legend::{Entry, Sign};
use super::overlay::draw_labels;
use super::picture::SIZES;

/// Radius of a mark, and width of the edge of an open one.
const RADIUS: f64 = 7.0;
const EDGE: f64 = 2.0;
const WHITE: Rgb = [255; 3];

/// Special equilibria, by number: label, name in the legend, colour.
const SPECIAL_EQUILIBRIA: [(&str, &str, Rgb); 4] = [
    ("H", "H: Hopf", [0, 0, 0]),
    ("LP", "LP: fold", [214, 39, 40]),
    ("BT", "BT: Bogdanov–Takens", [0, 90, 160]),
    ("GH", "GH: generalised Hopf", [0, 128, 90]),
];
const SUBCRITICAL: &str = "H: Hopf, subcritical";

/// The mark of a special point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub at: (f64, f64),
    pub label: &'static str,
    pub name: &'static str,
    pub colour: Rgb,
    /// Whether it is a ring.
    pub is_open: bool,
}

/// The mark of a special equilibrium, by the number of its kind and its first Lyapunov coefficient.
pub(super) fn special_equilibrium(kind: u8, at: (f64, f64), lyapunov: f64) -> Option<Mark> {
    let (label, name, colour) = *SPECIAL_EQUILIBRIA.get(usize::from(kind))?;
    let is_open = kind == 0 && lyapunov > 0.0;
    Some(Mark { at, label, name: if is_open { SUBCRITICAL } else { name }, colour, is_open })
}

/// Draws marks with their labels; those for which there is no room.
pub(super) fn draw_marks(drawing: &mut Drawing, chart: &Chart, marks: &[Mark]) -> Vec<String> {
    let placed = marks.iter().filter_map(|mark| chart.marker(mark.at).map(|at| (at, mark)));
    let placed: Vec<_> = placed.collect();
    for (at, mark) in &placed {
        drawing.circle(*at, RADIUS, mark.colour);
        if mark.is_open {
            drawing.circle(*at, RADIUS - EDGE, WHITE);
        }
    }
    let labels: Vec<_> = placed.iter().map(|(at, mark)| (*at, mark.label, mark.colour)).collect();
    draw_labels(drawing, &chart.frame, &labels, SIZES.small)
}

/// The entry of a mark in a legend.
pub(super) fn entry(mark: &Mark) -> Entry {
    let sign = match mark.is_open {
        true => Sign::Dot(RADIUS - EDGE, WHITE, true),
        false => Sign::Dot(RADIUS, mark.colour, false),
    };
    Entry::new(sign, mark.name)
}
