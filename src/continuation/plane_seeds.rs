//! Where curves of bifurcations of cycles in a plane are begun: at points on lines of the plane, and at points of codimension
//! 2 where another curve passes.

use super::diagram::{Traced, once_around, traced};
use super::family::{CurveNode, Surface};
use super::plane_curve::{Crossing, FIRST_STEP, lowest};
use super::plane_point::{CycleCurve, CycleCurveKind, PlanePoint};
use super::point::{End, SpecialKind};
use super::resonances::zero;
use super::shooting::{Linear, Orbit, Z};
use super::watch::Watch;
use crate::bifurcation::{Codimension2, Side, SpecialPoint, no_hopf};
use crate::cycle::{Cycle, Settled, cycle_within};
use crate::error::short;
use crate::model::{Parameter, Parameters, State};

/// Places on a line, as shares of it, from where the motion from rest is tried.
const TRIALS: [f64; 3] = [0.5, 0.25, 0.75];
/// Steps for which such a motion is followed: one that settles later is left out.
const SOON: u64 = 1_000_000;
/// Difference of a cycle's period and largest voltage from a branch's, relative, up to which it is on that branch.
const ON_BRANCH: f64 = 0.02;
/// Times at most that a period is halved where a branch ends at a period doubling, and branches at most each time.
const MOST_HALVINGS: usize = 4;
const MOST_ONCE: usize = 4;
/// Distance of a cycle's halves, relative to its span, at which it is one of half the period, gone around twice.
const ONE_CYCLE: f64 = 1e-3;
/// Share of a side by which lines are off a generalised Hopf or zero-Hopf point.
const OFF_POINT: f64 = 0.01;
/// Distance of a point from a curve, relative to the ranges, at which the curve is tried for it; and difference of the
/// logarithms of the periods.
const NEARBY: f64 = 0.03;
/// Distance of a point from a curve, relative to the ranges, at which it is on it.
const ON_CURVE: f64 = 1e-6;

/// A point from which a curve is followed.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    /// Kind of the curve.
    pub kind: CycleCurveKind,
    /// The cycle there.
    orbit: Orbit<2>,
    v_max: f64,
    /// How many times the cycle is gone around.
    pub multiple: usize,
    /// Which side of the plane runs along the line on which the point was found.
    axis: usize,
    /// The point of codimension 2 that it is.
    crossing: Option<SpecialPoint>,
}

/// The parameters with another value of one.
pub(super) fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut all = p.to_array();
    all[parameter as usize] = value;
    Parameters::from_array(all)
}

/// Whether a branch passes a cycle.
fn passes(t: &Traced, value: f64, cycle: &Cycle) -> bool {
    t.branch.points.windows(2).any(|w| {
        let (a, b) = (&w[0], &w[1]);
        if (a.value - value) * (b.value - value) > 0.0 {
            return false;
        }
        let share = if a.value == b.value { 0.5 } else { (value - a.value) / (b.value - a.value) };
        let between = |pick: fn(&super::point::Point) -> f64| pick(a) + share * (pick(b) - pick(a));
        let apart = (between(|p| p.period) / cycle.period - 1.0).abs();
        let higher = (between(|p| p.v_max) - cycle.v_max).abs() + (between(|p| p.v_min) - cycle.v_min).abs();
        apart < ON_BRANCH && higher < ON_BRANCH * (1.0 + cycle.v_max.abs())
    })
}

/// Special points of all branches along one side of the plane at a value of the other; and notes.
pub(super) fn seeds(
    base: &Parameters<f64>,
    sides: &[Side; 2],
    axis: usize,
    other: f64,
    watch: &Watch,
) -> (Vec<Seed>, Vec<String>) {
    let (side, across) = (sides[axis], sides[1 - axis]);
    let p = with(base, across.parameter, other);
    let range = (lowest(&side), side.high);
    if no_hopf(&with(&p, side.parameter, side.high)).is_some() {
        return (Vec::new(), Vec::new());
    }
    let p = with(&p, side.parameter, side.at(0.5));
    let (_, mut found) = traced(&p, side.parameter, range, (true, false), &[], watch);
    for share in TRIALS {
        let value = side.at(share).max(range.0);
        let q = with(&p, side.parameter, value);
        let soon = cycle_within(&q, &State::rest(q.z_t), SOON, &|_, _| watch.goes_on());
        if let Settled::Cycle(cycle) = soon
            && !found.iter().any(|t| passes(t, value, &cycle))
        {
            found.extend(traced(&q, side.parameter, range, (false, false), &[(value, *cycle)], watch).1);
        }
    }
    // A start may lead to a cycle whose period has doubled.
    let mut doubled = 0;
    for _ in 0..MOST_HALVINGS {
        let once = once_around(&p, side.parameter, range, &found[doubled..], MOST_ONCE, watch);
        doubled = found.len();
        for t in once {
            let known = t.special.iter().all(|f| {
                found.iter().flat_map(|o| &o.special).any(|g| {
                    f.special.kind == g.special.kind
                        && (f.special.value - g.special.value).abs() < ON_CURVE * (range.1 - range.0)
                        && (f.special.period / g.special.period - 1.0).abs() < ON_CURVE
                })
            });
            if !known {
                found.push(t);
            }
        }
    }
    let mut notes = Vec::new();
    let mut all = Vec::new();
    for t in &found {
        for end in t.branch.ends.iter().filter(|e| matches!(e, End::Step(_) | End::Points)) {
            notes.push(format!(
                "a branch along {} at {} = {} ends early: {end}",
                side.parameter.name(),
                across.parameter.name(),
                short(other)
            ));
        }
        for f in &t.special {
            let kind = match f.special.kind {
                SpecialKind::Fold => CycleCurveKind::Fold,
                SpecialKind::Doubling => CycleCurveKind::Doubling,
                SpecialKind::NeimarkSacker => CycleCurveKind::NeimarkSacker,
                SpecialKind::Hopf | SpecialKind::Homoclinic => continue,
            };
            if f.node.orbit.across().norm() < ONE_CYCLE * f.special.span {
                continue;
            }
            let mut values = [other; 2];
            values[axis] = f.special.value;
            let Orbit { mesh, nodes, period, .. } = f.node.orbit.clone();
            let orbit = Orbit { mesh, nodes, period, values };
            all.push(Seed { kind, orbit, v_max: f.special.v_max, multiple: t.multiple, axis, crossing: None });
        }
    }
    (all, notes)
}

/// Lines on either side of a point where a curve of cycles begins: the side of the plane along each, and its value of the
/// other.
pub(super) fn next_to(point: &SpecialPoint, sides: &[Side; 2]) -> Vec<(usize, f64)> {
    if !matches!(point.kind, Codimension2::GeneralisedHopf | Codimension2::ZeroHopf) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (axis, value) in [(1, point.x), (0, point.y)] {
        let side = sides[1 - axis];
        let off =
            if side.log { OFF_POINT * value * (side.high / side.low).ln() } else { OFF_POINT * (side.high - side.low) };
        let inside = |v: &f64| (lowest(&side)..=side.high).contains(v);
        found.extend([value - off, value + off].into_iter().filter(inside).map(|v| (axis, v)));
    }
    found
}

/// Kind of the curve that passes a point of codimension 2 on a curve of another kind.
fn other_kind(kind: CycleCurveKind, at: Codimension2) -> Option<CycleCurveKind> {
    use CycleCurveKind::{Doubling, Fold, NeimarkSacker};
    let kinds = match at {
        Codimension2::FoldFlip => [Fold, Doubling],
        Codimension2::Resonance1 | Codimension2::FoldNeimarkSacker => [Fold, NeimarkSacker],
        Codimension2::Resonance2 | Codimension2::FlipNeimarkSacker => [Doubling, NeimarkSacker],
        _ => return None,
    };
    kinds.contains(&kind).then(|| if kinds[0] == kind { kinds[1] } else { kinds[0] })
}

impl Seed {
    /// The point of a curve of this kind as one of the curve of another kind that passes there.
    pub(super) fn of_crossing(crossing: &Crossing, kind: CycleCurveKind, multiple: usize) -> Option<Self> {
        let (special, orbit) = (crossing.special, crossing.orbit.clone());
        let kind = other_kind(kind, special.kind)?;
        Some(Self { kind, orbit, v_max: special.v, multiple, axis: 0, crossing: Some(special) })
    }

    /// The node from which the curve through this point is followed; next to a point of codimension 2, on the side where a
    /// curve of Neimark–Sacker points has its pair on the unit circle.
    pub(super) fn node(&self, surface: &Surface<'_>) -> Option<CurveNode> {
        let flow = surface.system.at(self.orbit.values)?;
        let linear = Linear::about(&flow, &self.orbit)?;
        let mut across = [0.0; Z];
        across[super::shooting::FIRST + 1 - self.axis] = 1.0;
        let node = CurveNode::new(surface, self.orbit.clone(), linear, &across)?;
        let mut node = node.refined(surface)?;
        if self.crossing.is_some() {
            let is_one = |n: &CurveNode| {
                surface.kind != CycleCurveKind::NeimarkSacker || n.point.multipliers.iter().any(|m| m.im != 0.0)
            };
            let off = |distance: f64| Some(node.stepped(surface, distance)?.node).filter(is_one);
            node = off(FIRST_STEP).or_else(|| off(-FIRST_STEP))?;
        }
        node.remeshed(surface, self.multiple).or(Some(node))
    }

    /// Whether the point is on a curve of its kind.
    pub(super) fn is_on(&self, surface: &Surface<'_>, curve: &CycleCurve, multiple: usize) -> bool {
        let units = surface.units(self.orbit.values);
        let is_same = |a: &SpecialPoint, b: &SpecialPoint| {
            a.kind == b.kind
                && (a.x - b.x).abs() < ON_CURVE * units[0]
                && (a.y - b.y).abs() < ON_CURVE * units[1]
                && (a.period / b.period - 1.0).abs() < ON_CURVE
        };
        let meets = |at: &SpecialPoint| curve.special.iter().any(|(_, s)| is_same(s, at));
        self.crossing.as_ref().is_some_and(meets) || holds(surface, curve, multiple, self)
    }

    /// The point's place in words.
    pub(super) fn place(&self, surface: &Surface<'_>) -> String {
        let side = |i: usize| format!("{} = {}", surface.sides[i].parameter.name(), short(self.orbit.values[i]));
        format!("{}, {}", side(0), side(1))
    }
}

/// Whether a curve passes a point.
fn holds(surface: &Surface<'_>, curve: &CycleCurve, multiple: usize, seed: &Seed) -> bool {
    let (at, across) = (seed.orbit.values, 1 - seed.axis);
    let units = surface.units(at);
    let is_nearby = |a: &PlanePoint, b: &PlanePoint| {
        let (from, to) = (a.values[across] - at[across], b.values[across] - at[across]);
        let near = |p: &PlanePoint| {
            (p.values[seed.axis] - at[seed.axis]).abs() < NEARBY * units[seed.axis]
                && (p.period / seed.orbit.period).ln().abs() < 2.0 * NEARBY
        };
        from * to <= 0.0 && (near(a) || near(b))
    };
    curve.points.windows(2).any(|w| {
        if !is_nearby(&w[0], &w[1]) {
            return false;
        }
        let Some(node) = CurveNode::of_point(surface, &w[0], &w[1], multiple) else { return false };
        let value = |n: &CurveNode| n.point.values[across] - at[across];
        let is_same = |n: &CurveNode| {
            (n.point.values[seed.axis] - at[seed.axis]).abs() < ON_CURVE * units[seed.axis]
                && (n.point.period / seed.orbit.period - 1.0).abs() < ON_CURVE
                && (n.point.v_max - seed.v_max).abs() < 1e3 * ON_CURVE * (1.0 + seed.v_max.abs())
        };
        if is_same(&node) {
            return true;
        }
        let at_a = value(&node);
        // The distance at which the value of the other parameter is passed.
        let mut reach = 1e-3;
        while reach < 0.2 {
            let Some(step) = node.stepped(surface, reach) else { return false };
            let at_b = value(&step.node);
            if at_a * at_b <= 0.0 {
                return zero(surface, &node, (reach, at_a, at_b), &value).is_some_and(|(n, _)| is_same(&n));
            }
            reach *= 2.0;
        }
        false
    })
}
