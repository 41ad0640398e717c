//! Special points between two neighbours of a branch, found by zeros of their test functions.

use super::flow::System;
use super::multipliers::AcrossFlow;
use super::node::{Node, Units};
use super::point::{Special, SpecialKind};
use super::shooting::FIRST;

/// Trials at most for one zero.
const TRIALS: usize = 60;
/// Width, relative to the step, of the interval at which a zero is found.
const WIDTH: f64 = 1e-13;
/// Distance of a multiplier from the unit circle at a point that counts.
const ON_CIRCLE: f64 = 1e-5;

/// Value of a test function at a cycle.
type Test = fn(&Node) -> f64;
/// Value of a test function from the map across the flow.
type OfMap = fn(&AcrossFlow) -> f64;

/// Test functions, each with the kind of point that it is 0 at, and the same function or one of the same sign changes from the
/// multipliers alone, which do not depend on the point where the period begins.
const TESTS: [(SpecialKind, Test, OfMap); 3] = [
    (SpecialKind::Fold, |n| n.tangent[FIRST], AcrossFlow::fold),
    (SpecialKind::Doubling, |n| n.map.doubling(), AcrossFlow::doubling),
    (SpecialKind::NeimarkSacker, |n| n.map.torus(), AcrossFlow::torus),
];
/// Points where the period begins in other samples of a test function, as parts of the period.
const SAMPLES: [f64; 3] = [0.25, 0.5, 0.75];
/// A test function's value is known if it is this many times the largest difference of its samples.
const KNOWN: f64 = 2.0;

/// A special point with its cycle.
#[derive(Debug, Clone)]
pub(super) struct FoundSpecial {
    /// The point.
    pub special: Special,
    /// The cycle there.
    pub node: Node,
    /// Distance from the node before it.
    distance: f64,
}

/// Special points between `a` and the node `b` at a distance along the branch, in their order.
pub(super) fn between(system: &System<1>, units: Units, a: &Node, b: &Node, distance: f64) -> Vec<FoundSpecial> {
    let mut found: Vec<FoundSpecial> = Vec::new();
    for (kind, test, of_map) in TESTS {
        let (at_a, at_b) = (test(a), test(b));
        if at_a * at_b < 0.0 && sign(system, a, of_map) * sign(system, b, of_map) < 0.0 {
            let zero = zero(system, units, a, (distance, at_a, at_b), test);
            found.extend(zero.filter(|(node, _)| is_of_kind(kind, node)).map(|(node, distance)| FoundSpecial {
                special: Special {
                    kind,
                    value: node.point.value,
                    span: node.point.span(),
                    period: node.point.period,
                    v_max: node.point.v_max,
                    equilibrium: f64::NAN,
                    after: 0,
                },
                node,
                distance,
            }));
        }
    }
    found.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    found
}

/// Sign of a test function; 0 where rounding decides it. The same cycle with another beginning and another mesh shows what
/// rounding makes of the function.
fn sign(system: &System<1>, node: &Node, of_map: OfMap) -> f64 {
    let own = of_map(&node.map);
    let (mut low, mut high) = (own, own);
    for part in SAMPLES {
        let Some(map) = node.map_from(system, part) else { return 0.0 };
        let other = of_map(&map);
        (low, high) = (low.min(other), high.max(other));
    }
    let is_known = low * high > 0.0 && low.abs().min(high.abs()) > KNOWN * (high - low);
    if is_known { own.signum() } else { 0.0 }
}

/// Change of the number of unstable multipliers that the special points between two nodes make: its parity, and whether
/// a pair crosses the unit circle.
pub(super) fn explain(found: &[FoundSpecial], change: i64) -> bool {
    let count = |kind| found.iter().filter(|f| f.special.kind == kind).count() as i64;
    let single = count(SpecialKind::Fold) + count(SpecialKind::Doubling);
    let pairs = count(SpecialKind::NeimarkSacker);
    let most = single + 2 * pairs;
    change.abs() <= most && (change - single) % 2 == 0
}

/// Whether the multipliers are those of a point of this kind: a product of two real multipliers may be 1 as well.
fn is_of_kind(kind: SpecialKind, node: &Node) -> bool {
    let on_circle = |m: &nalgebra::Complex<f64>| (m.norm() - 1.0).abs() < ON_CIRCLE;
    match kind {
        SpecialKind::NeimarkSacker => node.point.multipliers[1..].iter().any(|m| m.im > 0.0 && on_circle(m)),
        _ => true,
    }
}

/// The node where `test` is 0 between `a` and a distance, with the values at both ends, by secants (Illinois' rule).
fn zero(
    system: &System<1>,
    units: Units,
    a: &Node,
    (distance, at_a, at_b): (f64, f64, f64),
    test: Test,
) -> Option<(Node, f64)> {
    let (mut low, mut high) = ((0.0, at_a), (distance, at_b));
    let mut best: Option<(Node, f64, f64)> = None;
    for _ in 0..TRIALS {
        let t = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        let node = a.stepped(system, units, t)?.node;
        let value = test(&node);
        let is_last = value == 0.0 || (high.0 - low.0).abs() <= WIDTH * distance.abs();
        let moved = best.as_ref().map_or(f64::INFINITY, |b| (b.1 - t).abs());
        if best.as_ref().is_none_or(|b| value.abs() < b.2) {
            best = Some((node, t, value.abs()));
        }
        if is_last || moved <= WIDTH * distance.abs() {
            break;
        }
        if value * at_a > 0.0 {
            (low, high) = ((t, value), (high.0, 0.5 * high.1));
        } else {
            (low, high) = ((low.0, 0.5 * low.1), (t, value));
        }
    }
    best.map(|(node, t, _)| (node, t))
}
