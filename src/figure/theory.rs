//! Bifurcation curves and points of codimension 2 as lines and marks over a map.

use super::{Line, Stroke};
use crate::bifurcation::{Codimension2, Curves};
use crate::store::{CURVE_KINDS, CurvePoint, StoredPoint};

/// Name in the legend and colour of each kind of curve, by number.
const STYLES: [(&str, [u8; 3]); CURVE_KINDS.len()] = [
    ("Hopf", [0, 0, 0]),
    ("fold", [255, 127, 14]),
    ("cusp", [214, 39, 40]),
    ("LPC", [255, 70, 70]),
    ("PD", [255, 120, 255]),
    ("NS", [80, 220, 255]),
];
/// Name of Hopf points at which the cycle is born unstable, in the legend.
const SUBCRITICAL: &str = "Hopf, subcritical";
/// Sizes of a first Lyapunov coefficient that has a sign: it is 0 at a generalised Hopf point, and has none at a zero-Hopf
/// point.
const SIGNED: (f64, f64) = (1e-7, 1e7);
/// Colour of the marks.
const MARK: [u8; 3] = [255, 235, 60];

/// Whether a Hopf point is subcritical; `None` if its coefficient has no sign.
fn subcritical(lyapunov: f64) -> Option<bool> {
    (SIGNED.0..SIGNED.1).contains(&lyapunov.abs()).then_some(lyapunov > 0.0)
}

/// A line of Hopf points, cut where the first Lyapunov coefficient changes its sign.
fn hopf(points: &[CurvePoint]) -> Vec<Line> {
    let mut found: Vec<(bool, Vec<(f64, f64)>)> = Vec::new();
    let mut before = points.iter().find_map(|p| subcritical(p.lyapunov)).unwrap_or(false);
    for pair in points.windows(2) {
        let is = subcritical(pair[0].lyapunov).or(subcritical(pair[1].lyapunov)).unwrap_or(before);
        before = is;
        let end = (pair[1].x, pair[1].y);
        match found.last_mut() {
            Some((last, run)) if *last == is => run.push(end),
            _ => found.push((is, vec![(pair[0].x, pair[0].y), end])),
        }
    }
    let colour = STYLES[0].1;
    let line = |(is, points): (bool, Vec<_>)| match is {
        false => Line::new(STYLES[0].0, colour, points),
        true => Line { stroke: Stroke::Dashed(3), ..Line::new(SUBCRITICAL, colour, points) },
    };
    found.into_iter().map(line).collect()
}

/// Lines and marks of curves, each with the number of its kind, and of points of codimension 2.
pub fn curve_lines(curves: &[(u8, Vec<CurvePoint>)], special: &[StoredPoint]) -> Vec<Line> {
    let mut lines = Vec::new();
    // Curves of equilibria lie over those of cycles.
    let of_cycles = curves.iter().rev().filter(|(kind, _)| *kind > 2);
    for (kind, points) in of_cycles.chain(curves.iter().filter(|(kind, _)| *kind <= 2)) {
        let Some((name, colour)) = STYLES.get(usize::from(*kind)) else { continue };
        if *kind == 0 && points.len() > 1 {
            lines.extend(hopf(points));
            continue;
        }
        let label = (*kind == 2).then(|| Codimension2::Cusp.label());
        lines.push(Line { label, ..Line::new(name, *colour, points.iter().map(|p| (p.x, p.y)).collect()) });
    }
    for s in special.iter().filter(|s| s.kind != Codimension2::Cusp as u8) {
        let Some(kind) = Codimension2::ALL.get(usize::from(s.kind)) else { continue };
        let mark = Line::new(kind.name(), MARK, vec![(s.at[0], s.at[1])]);
        lines.push(Line { label: Some(kind.label()), ..mark });
    }
    lines
}

/// Lines and marks of the curves of equilibria.
pub fn lines(found: &Curves) -> Vec<Line> {
    let point = |p: &crate::bifurcation::Point| CurvePoint {
        x: p.x,
        y: p.y,
        v: p.v,
        omega: p.omega,
        lyapunov: p.lyapunov,
        cycle: [f64::NAN; 3],
    };
    let curves: Vec<_> =
        found.lines.iter().map(|(kind, line)| (*kind as u8, line.iter().map(point).collect())).collect();
    let special: Vec<_> = found
        .special
        .iter()
        .map(|s| StoredPoint { kind: s.kind as u8, at: [s.x, s.y], v: s.v, period: s.period })
        .collect();
    curve_lines(&curves, &special)
}
