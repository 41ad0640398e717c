//! Curves of theory as lines over a map.

use super::Line;
use crate::bifurcation::{Curves, Kind, Point};

/// The curves as a figure draws them: x first.
pub fn lines(found: &Curves) -> Vec<Line> {
    let line = |(kind, points): &(Kind, Vec<Point>)| Line {
        name: match kind {
            Kind::Hopf => "Hopf",
            Kind::Fold => "fold",
            Kind::Cusp => "cusp",
        },
        colour: match kind {
            Kind::Hopf => [255, 255, 255],
            Kind::Fold => [255, 127, 14],
            Kind::Cusp => [214, 39, 40],
        },
        points: points.iter().map(|p| (p.x, p.y)).collect(),
    };
    found.lines.iter().map(line).collect()
}
