//! Points of codimension 2 on a curve of bifurcations of cycles, by zeros of their test functions along it.

use super::family::{CurveNode, Surface};
use super::plane_point::CycleCurveKind;
use super::shooting::FIRST;
use crate::bifurcation::{Codimension2, SpecialPoint};

/// Trials at most for one zero.
const TRIALS: usize = 40;
/// Width, relative to the step, of the interval at which a zero is found.
const WIDTH: f64 = 1e-11;

/// What is left of a cycle's multipliers without those that make its bifurcation.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// Of a fold or a period doubling: q_2 mu² + q_1 mu + q_0 has the two others as roots.
    Two([f64; 3]),
    /// Of a Neimark–Sacker point: the third multiplier, and the sum of the pair.
    Pair(f64, f64),
}

/// The rest of a node's multipliers.
fn rest(kind: CycleCurveKind, node: &CurveNode) -> Rest {
    let [c_0, c_1, c_2, c_3] = node.map.cubic();
    let divided = |root: f64| {
        let q_1 = c_2 + root * c_3;
        Rest::Two([c_1 + root * q_1, q_1, c_3])
    };
    match kind {
        CycleCurveKind::Fold => divided(1.0),
        CycleCurveKind::Doubling => divided(-1.0),
        CycleCurveKind::NeimarkSacker => {
            // The pair's product is 1.
            let third = -c_0 / c_3;
            let sum = if third.abs() > 1.0 { (c_1 - c_3) / -c_0 } else { -c_2 / c_3 - third };
            Rest::Pair(third, sum)
        }
    }
}

/// Number of other multipliers outside the unit circle.
fn unstable(rest: Rest) -> i64 {
    match rest {
        Rest::Pair(third, _) => i64::from(third.abs() > 1.0),
        Rest::Two([q_0, q_1, q_2]) => {
            let square = q_1 * q_1 - 4.0 * q_0 * q_2;
            if square < 0.0 {
                return 2 * i64::from(q_0 > q_2);
            }
            let larger = -0.5 * (q_1 + square.sqrt().copysign(q_1));
            let roots = [(larger.abs(), q_2.abs()), (q_0.abs(), larger.abs())];
            roots.iter().filter(|(above, below)| above > below).count() as i64
        }
    }
}

/// Value of a test function at a node; `image` is the direction in the plane in which the surface's image is a line.
type Test = fn(Rest, &CurveNode, &[f64; 2]) -> f64;

fn at_one(rest: Rest) -> f64 {
    if let Rest::Two([q_0, q_1, q_2]) = rest { q_0 + q_1 + q_2 } else { f64::NAN }
}

fn at_minus_one(rest: Rest) -> f64 {
    if let Rest::Two([q_0, q_1, q_2]) = rest { q_0 - q_1 + q_2 } else { f64::NAN }
}

fn on_circle(rest: Rest) -> f64 {
    if let Rest::Two([q_0, _, q_2]) = rest { q_0 - q_2 } else { f64::NAN }
}

fn third(rest: Rest) -> f64 {
    if let Rest::Pair(third, _) = rest { third } else { f64::NAN }
}

fn sum(rest: Rest) -> f64 {
    if let Rest::Pair(_, sum) = rest { sum } else { f64::NAN }
}

/// Component of the curve's direction in the plane along the image of the surface: it changes sign at a cusp.
fn along_image(node: &CurveNode, image: &[f64; 2]) -> f64 {
    node.frame[0][FIRST] * image[0] + node.frame[0][FIRST + 1] * image[1]
}

/// Test functions of each kind of curve, with the number of other multipliers that cross the unit circle there.
fn tests(kind: CycleCurveKind) -> &'static [(Codimension2, i64, Test)] {
    match kind {
        CycleCurveKind::Fold => &[
            (Codimension2::CuspOfCycles, 0, |_, n, image| along_image(n, image)),
            (Codimension2::FoldFlip, 1, |r, _, _| at_minus_one(r)),
            (Codimension2::Resonance1, 1, |r, _, _| at_one(r)),
            (Codimension2::FoldNeimarkSacker, 2, |r, _, _| on_circle(r)),
        ],
        CycleCurveKind::Doubling => &[
            (Codimension2::FoldFlip, 1, |r, _, _| at_one(r)),
            (Codimension2::Resonance2, 1, |r, _, _| at_minus_one(r)),
            (Codimension2::FlipNeimarkSacker, 2, |r, _, _| on_circle(r)),
        ],
        CycleCurveKind::NeimarkSacker => &[
            (Codimension2::Resonance1, 0, |r, _, _| sum(r) - 2.0),
            (Codimension2::Resonance2, 0, |r, _, _| sum(r) + 2.0),
            (Codimension2::Resonance3, 0, |r, _, _| sum(r) + 1.0),
            (Codimension2::Resonance4, 0, |r, _, _| sum(r)),
            (Codimension2::FoldNeimarkSacker, 1, |r, _, _| third(r) - 1.0),
            (Codimension2::FlipNeimarkSacker, 1, |r, _, _| third(r) + 1.0),
        ],
    }
}

/// The direction in the plane of the surface's image at a node of a curve of folds, in units of the sides.
fn image(surface: &Surface<'_>, node: &CurveNode) -> [f64; 2] {
    let units = surface.units(node.orbit.values);
    let plane = |i: usize| [node.frame[i][FIRST] / units[0], node.frame[i][FIRST + 1] / units[1]];
    let (axis, across) = (plane(0), plane(1));
    let size = |v: [f64; 2]| v[0].hypot(v[1]);
    let longer = if size(across) > size(axis) { across } else { axis };
    // As a linear function of the parameters.
    [longer[0] / size(longer) / units[0], longer[1] / size(longer) / units[1]]
}

/// A point of codimension 2 with its cycle.
#[derive(Debug, Clone)]
pub(super) struct FoundPoint {
    /// The point.
    pub special: SpecialPoint,
    /// The cycle there.
    pub node: CurveNode,
    /// Distance from the node before it.
    pub distance: f64,
    /// Number of multipliers that cross the unit circle.
    crosses: i64,
}

/// Points of codimension 2 between `a` and the node `b` at a distance along the curve, in their order.
pub(super) fn between(surface: &Surface<'_>, a: &CurveNode, b: &CurveNode, distance: f64) -> Vec<FoundPoint> {
    let direction = image(surface, a);
    let mut found = Vec::new();
    for (kind, crosses, test) in tests(surface.kind) {
        let value = |n: &CurveNode| test(rest(surface.kind, n), n, &direction);
        let (at_a, at_b) = (value(a), value(b));
        if at_a * at_b < 0.0
            && let Some((node, distance)) = zero(surface, a, (distance, at_a, at_b), &value)
            && is_of_kind(*kind, rest(surface.kind, &node))
        {
            found.push(FoundPoint { special: special(*kind, &node), node, distance, crosses: *crosses });
        }
    }
    found.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    found
}

fn special(kind: Codimension2, node: &CurveNode) -> SpecialPoint {
    let [x, y] = node.point.values;
    SpecialPoint { kind, x, y, v: node.point.v_max, period: node.point.period }
}

/// Whether the multipliers are those of a point of this kind: a pair whose product is 1 may be real.
fn is_of_kind(kind: Codimension2, rest: Rest) -> bool {
    match (kind, rest) {
        (Codimension2::FoldNeimarkSacker | Codimension2::FlipNeimarkSacker, Rest::Two([q_0, q_1, q_2])) => {
            q_1 * q_1 < 4.0 * q_0 * q_2
        }
        (Codimension2::FoldNeimarkSacker | Codimension2::FlipNeimarkSacker, Rest::Pair(_, sum)) => sum.abs() < 2.0,
        _ => true,
    }
}

/// Whether the points between two neighbours explain the change of the number of unstable multipliers.
pub(super) fn explain(kind: CycleCurveKind, found: &[FoundPoint], a: &CurveNode, b: &CurveNode) -> bool {
    let change = unstable(rest(kind, b)) - unstable(rest(kind, a));
    let most: i64 = found.iter().map(|f| f.crosses).sum();
    change.abs() <= most && (change - most) % 2 == 0
}

/// The node at which `value` is 0 between `a` and a distance, with the values at both ends, by secants (Illinois' rule).
pub(super) fn zero(
    surface: &Surface<'_>,
    a: &CurveNode,
    (distance, at_a, at_b): (f64, f64, f64),
    value: &dyn Fn(&CurveNode) -> f64,
) -> Option<(CurveNode, f64)> {
    let (mut low, mut high) = ((0.0, at_a), (distance, at_b));
    let mut best: Option<(CurveNode, f64, f64)> = None;
    for _ in 0..TRIALS {
        let t = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        let node = a.stepped(surface, t)?.node;
        let here = value(&node);
        let moved = best.as_ref().map_or(f64::INFINITY, |b| (b.1 - t).abs());
        if best.as_ref().is_none_or(|b| here.abs() < b.2) {
            best = Some((node, t, here.abs()));
        }
        let is_last = here == 0.0 || (high.0 - low.0).abs() <= WIDTH * distance.abs();
        if is_last || moved <= WIDTH * distance.abs() {
            break;
        }
        if here * at_a > 0.0 {
            (low, high) = ((t, here), (high.0, 0.5 * high.1));
        } else {
            (low, high) = ((low.0, 0.5 * low.1), (t, here));
        }
    }
    best.map(|(node, t, _)| (node, t))
}
