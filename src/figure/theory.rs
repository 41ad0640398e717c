//! Bifurcation curves as lines over a map.

use super::Line;
use crate::bifurcation::{CurveKind, Curves, Point};

/// Converts bifurcation curves to lines with points (x, y).
pub fn lines(found: &Curves) -> Vec<Line> {
    let line = |(kind, points): &(CurveKind, Vec<Point>)| Line {
        name: match kind {
            CurveKind::Hopf => "Hopf",
            CurveKind::Fold => "fold",
            CurveKind::Cusp => "cusp",
        },
        colour: match kind {
            CurveKind::Hopf => [255, 255, 255],
            CurveKind::Fold => [255, 127, 14],
            CurveKind::Cusp => [214, 39, 40],
        },
        points: points.iter().map(|p| (p.x, p.y)).collect(),
    };
    found.lines.iter().map(line).collect()
}
