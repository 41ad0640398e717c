//! Ends of branches: Hopf points, period doublings, homoclinic orbits.

use super::flow::System;
use super::node::{Node, Units};
use super::point::{Special, SpecialKind};
use super::shooting::{FIRST, PERIOD};
use super::starts::once_around;
use crate::bifurcation::{equilibria, hopf_point_near};
use std::f64::consts::TAU;

/// Difference of a Hopf point's period from the last cycle's, relative.
const PERIODS: f64 = 0.1;
/// Largest span of a last cycle before a Hopf point.
const LAST_SPAN: f64 = 0.1;
/// Speed at the slowest point, relative to the largest, of a cycle that nearly rests.
const NEARLY_RESTS: f64 = 1e-2;
/// Distance of a homoclinic cycle from its equilibrium, relative to 1 + |u|.
const CLOSE: f64 = 1e-3;
/// Distance in the parameter from the homoclinic orbit, relative to the range, at which a branch ends, or by which two cycles'
/// extrapolations of it differ that are this near.
const ARRIVED: f64 = 1e-10;
/// Distance up to which the orbit is extrapolated: while the branch goes on, and where it can go no further.
pub(super) const FORESEEN: (f64, f64) = (1e-9, 1e-6);
/// Secants at most for a period doubling.
const SECANTS: usize = 40;

/// The Hopf point between two cycles of opposite sides of it.
pub(super) fn hopf(system: &System<1>, node: &Node, beyond: &Node) -> Option<Special> {
    let (a, b) = (&node.point, &beyond.point);
    let share = a.span() / (a.span() + b.span());
    let value = a.value + share * (b.value - a.value);
    let v = a.v_mean + share * (b.v_mean - a.v_mean);
    let found = hopf_point_near(system.continued[0], &system.parameters([value]), v)?;
    let (at, period) = (found.parameters.get(system.continued[0]), TAU / found.omega);
    // The cycle's size in all of its states: that in V alone is small where Omega is large.
    let size = a.span() + b.span() + node.orbit.across().norm() + beyond.orbit.across().norm();
    let near = (at - value).abs() <= 10.0 * (a.value - b.value).abs() + 1e-3 * (1.0 + value.abs())
        && (found.v - v).abs() <= 10.0 * size
        && (period / a.period - 1.0).abs() < PERIODS
        && a.span().max(b.span()) < LAST_SPAN;
    near.then_some(Special {
        kind: SpecialKind::Hopf,
        value: at,
        span: 0.0,
        period,
        v_max: found.v,
        equilibrium: found.v,
        after: 0,
    })
}

/// The period doubling of the cycle with half the period to which the two halves of a cycle come.
pub(super) fn doubling(system: &System<1>, units: Units, node: &Node) -> Option<(Special, Node)> {
    let mut once = once_around(system, units, node)?;
    let mut before = (once.point.value, once.map.doubling());
    let mut value = before.0 - 1e-6 * units.parameter * node.tangent[FIRST].signum();
    for _ in 0..SECANTS {
        once = once.at_value(system, units, 0.0, value)?;
        let test = once.map.doubling();
        let next = value - test * (value - before.0) / (test - before.1);
        before = (value, test);
        if !next.is_finite() || (next - value).abs() > 0.1 * units.parameter {
            return None;
        }
        if (next - value).abs() <= 1e-12 * (1.0 + value.abs()) {
            let point = &once.point;
            let special = Special {
                kind: SpecialKind::Doubling,
                value: next,
                span: point.span(),
                period: point.period,
                v_max: point.v_max,
                equilibrium: f64::NAN,
                after: 0,
            };
            return Some((special, once));
        }
        value = next;
    }
    None
}

/// The homoclinic orbit that a branch comes to, where its cycles nearly rest at an equilibrium and the rest of the way in
/// the parameter is shorter than rounding.
pub(super) fn homoclinic(
    system: &System<1>,
    range: (f64, f64),
    before: &Node,
    node: &Node,
    foreseen: f64,
) -> Option<Special> {
    let (slowest, speed) = node.slowest;
    if speed > NEARLY_RESTS || node.point.period <= before.point.period {
        return None;
    }
    let p = system.parameters(node.orbit.values);
    let (nearest, distance) = equilibria(&p)
        .into_iter()
        .map(|e| {
            let apart = [slowest[0], slowest[1], slowest[2] - p.z_t, slowest[3] - e.v];
            let distance = apart.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
            (e, distance)
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    if distance > CLOSE * (1.0 + nearest.v.abs()) {
        return None;
    }
    // Near the orbit the parameter's distance from it falls as exp(-mu T), with mu the rate of the slowest mode; where that
    // mode oscillates, so does the distance.
    let slow = nearest.eigenvalues.iter().min_by(|a, b| a.re.abs().total_cmp(&b.re.abs()))?;
    let rest = |n: &Node| n.tangent[FIRST] / n.tangent[PERIOD] / slow.re.abs();
    let width = range.1 - range.0;
    let (earlier, left) = (rest(before), rest(node));
    let found = [before.point.value + earlier, node.point.value + left];
    let (value, is_near) = match slow.im == 0.0 {
        true => (found[1], left.abs() <= foreseen * width && (found[0] - found[1]).abs() <= ARRIVED * width),
        false => (node.point.value, earlier.abs().max(left.abs()) <= ARRIVED * width),
    };
    (is_near && value.is_finite()).then(|| Special {
        kind: SpecialKind::Homoclinic,
        value,
        span: node.point.span(),
        period: f64::INFINITY,
        v_max: node.point.v_max,
        equilibrium: nearest.v,
        after: 0,
    })
}
