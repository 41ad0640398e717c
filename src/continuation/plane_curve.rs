//! Pseudo-arclength continuation of a curve of bifurcations of cycles in a plane of two parameters.

use super::family::{CurveNode, CurveStep, Surface};
use super::plane_point::{CurveEnd, CycleCurve, CycleCurveKind, PlanePoint};
use super::resonances::{FoundPoint, between, explain, zero};
use super::shooting::{FIRST, Orbit, PERIOD};
use super::step_control::{
    CORRECTION, FEW, HALVES, SEPARATES, SHORTEST, SHRINKAGE, SMALL_SPAN, SPAN_CHANGE, next_length,
};
use crate::bifurcation::{Codimension2, SpecialPoint, equilibria, is_degenerate_at_0, special_point_near};
use crate::cancel::CancelToken;
use crate::error::{Result, short};
use std::f64::consts::TAU;

/// First and longest step: units are 1 for the states, the ranges for the parameters, and the period for itself.
pub(super) const FIRST_STEP: f64 = 4e-3;
const LONGEST: f64 = 0.025;
/// Step below which a curve of small cycles has come to its end at an equilibrium.
const LAST_STEP: f64 = 1e-4;
/// Factor by which a step grows.
const GROWTH: f64 = 1.5;
/// Distance across at most, relative to the step.
const BEND: f64 = 0.3;
/// Cosine of the angle between neighbouring directions at least, and the one from which the step grows.
const COSINE: (f64, f64) = (0.95, 0.99);
/// Change of a period from one cycle to the next at a Hopf curve, and the largest span of the last cycle there.
const PERIODS: f64 = 0.1;
const LAST_SPAN: f64 = 0.2;
/// Distance of the halves of the last cycle before they become one cycle of half the period.
const LAST_HALVES: f64 = 4e-3;
/// Points from one mesh to the next.
const MESH_LIFE: usize = 4;
/// Points of one direction of a curve at most.
const MOST_POINTS: usize = 1500;
/// Steps of integration of one direction of a curve at most.
const MOST_WORK: usize = 500_000;
/// Share of a side next to a degenerate 0 that no curve enters.
pub(super) const NEXT_TO_DEGENERATE: f64 = 1e-3;
/// Speed at the slowest point, relative to the largest, of a cycle that nearly rests, and its distance from its
/// equilibrium, relative to 1 + |u|.
const NEARLY_RESTS: f64 = 1e-2;
const CLOSE: f64 = 1e-3;
/// Distance in the plane from a homoclinic orbit, relative to the ranges, at which a curve ends.
const ARRIVED: f64 = 1e-8;
/// Difference of a period and of a voltage at which two cycles are the same.
const SAME: f64 = 1e-6;

/// One direction of a curve from its first point.
#[derive(Debug)]
struct Half {
    points: Vec<PlanePoint>,
    special: Vec<(usize, SpecialPoint)>,
    /// The points of codimension 2 with their cycles.
    crossings: Vec<Crossing>,
    end: CurveEnd,
}

/// A point of codimension 2 with its cycle: a curve of another kind may pass there.
#[derive(Debug, Clone)]
pub(super) struct Crossing {
    /// The point.
    pub special: SpecialPoint,
    /// The cycle there.
    pub orbit: Orbit<2>,
}

/// What a step comes to.
enum Outcome {
    Taken(Box<CurveStep>, Vec<FoundPoint>),
    Ended(Option<PlanePoint>, Vec<FoundPoint>, Option<SpecialPoint>, CurveEnd),
    Shorter(&'static str),
}

/// Lower end of a side for cycles.
pub(super) fn lowest(side: &crate::bifurcation::Side) -> f64 {
    let share = NEXT_TO_DEGENERATE * side.high;
    if is_degenerate_at_0(side.parameter) { side.low.max(share) } else { side.low }
}

impl Surface<'_> {
    /// The curve through a node, in both directions, and the points where other curves may pass; cycles are `multiple` times
    /// around.
    ///
    /// # Errors
    /// [`crate::Error::Interrupted`] if cancelled.
    pub(super) fn curve(
        &self,
        start: &CurveNode,
        multiple: usize,
        stop: &CancelToken,
    ) -> Result<(CycleCurve, Vec<Crossing>)> {
        let onwards = self.follow(start, multiple, stop)?;
        let back = match onwards.end {
            CurveEnd::Loop => {
                Half { points: Vec::new(), special: Vec::new(), crossings: Vec::new(), end: CurveEnd::Loop }
            }
            _ => self.follow(&start.reversed(), multiple, stop)?,
        };
        let crossings = [back.crossings, onwards.crossings].concat();
        let before = back.points.len();
        let mut special: Vec<_> = back.special.iter().rev().map(|(after, s)| (before - after, *s)).collect();
        special.extend(onwards.special.iter().map(|(after, s)| (before + 1 + after, *s)));
        let mut points: Vec<_> = back.points.into_iter().rev().collect();
        points.push(start.point.clone());
        points.extend(onwards.points);
        if onwards.end == CurveEnd::Loop {
            points.push(start.point.clone());
        }
        Ok((CycleCurve { kind: self.kind, points, special, ends: [back.end, onwards.end] }, crossings))
    }

    fn follow(&self, start: &CurveNode, multiple: usize, stop: &CancelToken) -> Result<Half> {
        let end = CurveEnd::Limit("points".to_string());
        let mut half = Half { points: Vec::new(), special: Vec::new(), crossings: Vec::new(), end };
        let (mut node, mut step, mut age, mut work) = (start.clone(), FIRST_STEP, 0, 0);
        let mut why = "";
        while half.points.len() < MOST_POINTS {
            stop.check()?;
            step = step.min(LONGEST).min((HALVES.0 * node.orbit.across().norm()).max(HALVES.1));
            if step < LAST_STEP
                && let Some(point) = self.equilibrium_end(&node.point, &node.point)
            {
                half.special.push((half.points.len(), point));
                half.end = CurveEnd::At(point.kind);
                break;
            }
            if step < SHORTEST {
                half.end = CurveEnd::Step(format!("{why} at {}", self.place(&node)));
                break;
            }
            work += node.orbit.mesh.steps();
            if work > MOST_WORK {
                half.end = CurveEnd::Limit(format!("work: a period has {} steps", node.orbit.mesh.steps()));
                break;
            }
            match self.attempt(&node, step) {
                Outcome::Shorter(reason) => {
                    why = reason;
                    step *= SHRINKAGE;
                }
                Outcome::Ended(last, special, ending, end) => {
                    take(&mut half, &special);
                    half.points.extend(last);
                    half.special.extend(ending.map(|s| (half.points.len(), s)));
                    half.end = end;
                    break;
                }
                Outcome::Taken(taken, special) => {
                    take(&mut half, &special);
                    half.points.push(taken.node.point.clone());
                    step = next_length(step, taken.iterations, taken.cosine > COSINE.1, GROWTH);
                    let before = std::mem::replace(&mut node, taken.node);
                    age += 1;
                    if age >= MESH_LIFE || taken.iterations > FEW + 1 {
                        age = 0;
                        node = node.remeshed(self, multiple).unwrap_or(node);
                    }
                    if self.is_homoclinic(&before, &node) {
                        half.end = CurveEnd::Homoclinic;
                        break;
                    }
                    if half.points.len() > 8 && self.closes(start, &before, &node) {
                        half.end = CurveEnd::Loop;
                        break;
                    }
                }
            }
        }
        Ok(half)
    }

    fn place(&self, node: &CurveNode) -> String {
        let [x, y] = node.point.values;
        format!("{} = {}, {} = {}", self.sides[0].parameter.name(), short(x), self.sides[1].parameter.name(), short(y))
    }

    /// Tries a step from a node.
    fn attempt(&self, node: &CurveNode, distance: f64) -> Outcome {
        let Some(step) = node.stepped(self, distance) else {
            return Outcome::Shorter("Newton's method does not converge");
        };
        // Where two halves of the period change places, the curve has passed the end at which they are the same.
        let halves = [node.orbit.across(), step.node.orbit.across()];
        if halves[0].dot(&halves[1]) < 0.0 {
            return self.shrunk(node, &step.node);
        }
        if step.correction > CORRECTION || step.bend > BEND || step.cosine < COSINE.0 {
            return Outcome::Shorter("the curve bends too much");
        }
        let (before, after) = (node.point.span(), step.node.point.span());
        if (after - before).abs() > SPAN_CHANGE * before.max(after) + SMALL_SPAN {
            return Outcome::Shorter("the span changes too much");
        }
        if let Some((side, border)) = self.beyond(&step.node) {
            return self.at_border(node, &step.node, distance, (side, border));
        }
        let special = between(self, node, &step.node, distance);
        // A curve of Neimark–Sacker points ends where the pair becomes real.
        let is_end = |s: &FoundPoint| {
            self.kind == CycleCurveKind::NeimarkSacker
                && matches!(s.special.kind, Codimension2::Resonance1 | Codimension2::Resonance2)
        };
        if let Some(number) = special.iter().position(is_end) {
            let last = &special[number];
            let (point, end) = (last.node.point.clone(), CurveEnd::At(last.special.kind));
            return Outcome::Ended(Some(point), special[..=number].to_vec(), None, end);
        }
        if distance > SEPARATES && !explain(self.kind, &special, node, &step.node) {
            return Outcome::Shorter("the multipliers change too much");
        }
        Outcome::Taken(Box::new(step), special)
    }

    /// The side of the plane, and its value, beyond which a node is.
    fn beyond(&self, node: &CurveNode) -> Option<(usize, f64)> {
        (0..2).find_map(|i| {
            let (low, high) = (lowest(&self.sides[i]), self.sides[i].high);
            let value = node.point.values[i];
            (value < low).then_some((i, low)).or((value > high).then_some((i, high)))
        })
    }

    /// The end at a side of the plane between a node and one beyond it.
    fn at_border(&self, node: &CurveNode, beyond: &CurveNode, distance: f64, (side, border): (usize, f64)) -> Outcome {
        let parameter = self.sides[side].parameter;
        let is_inner = border > self.sides[side].low && border < self.sides[side].high;
        let end = if is_inner { CurveEnd::Degenerate(parameter) } else { CurveEnd::Side(parameter, border) };
        let value = |n: &CurveNode| n.point.values[side] - border;
        let (at_a, at_b) = (value(node), value(beyond));
        if at_a == 0.0 || at_a * at_b > 0.0 {
            return Outcome::Ended(None, Vec::new(), None, end);
        }
        match zero(self, node, (distance, at_a, at_b), &value) {
            Some((mut last, far)) => {
                last.point.values[side] = border;
                // Beyond another side earlier: a shorter step comes to that one.
                if self.beyond(&last).is_some() {
                    return Outcome::Shorter("the curve leaves the plane at a corner");
                }
                let special = between(self, node, &last, far);
                Outcome::Ended(Some(last.point), special, None, end)
            }
            None if distance > SEPARATES => Outcome::Shorter("Newton's method does not converge"),
            None => Outcome::Ended(None, Vec::new(), None, end),
        }
    }

    /// The equilibrium (V, x, y) to which two cycles on opposite sides of it shrink.
    fn centre(a: &PlanePoint, b: &PlanePoint) -> [f64; 3] {
        let share = a.span() / (a.span() + b.span());
        let middle = |p: &PlanePoint| 0.5 * (p.v_min + p.v_max);
        let place = |p: &PlanePoint| [middle(p), p.values[0], p.values[1]];
        let (from, to) = (place(a), place(b));
        std::array::from_fn(|i| from[i] + share * (to[i] - from[i]))
    }

    /// The generalised Hopf or zero-Hopf point to which the cycles of a curve shrink.
    fn equilibrium_end(&self, a: &PlanePoint, b: &PlanePoint) -> Option<SpecialPoint> {
        let kind = match self.kind {
            CycleCurveKind::Fold => Codimension2::GeneralisedHopf,
            CycleCurveKind::NeimarkSacker => Codimension2::ZeroHopf,
            CycleCurveKind::Doubling => return None,
        };
        let (guess, span) = (Self::centre(a, b), a.span().max(b.span()));
        let p = self.system.parameters([guess[1], guess[2]]);
        let units = self.units(a.values);
        let is_near = |s: &SpecialPoint| {
            let apart = [(s.x - guess[1]) / units[0], (s.y - guess[2]) / units[1], s.v - guess[0]];
            apart.iter().all(|d| d.abs() < 0.5 * span) && (s.period / a.period - 1.0).abs() < PERIODS
        };
        let is_small = span < LAST_SPAN;
        is_small.then(|| special_point_near(kind, self.sides, &p, guess)).flatten().filter(is_near)
    }

    /// The end where the cycle shrinks to an equilibrium, or its two halves to one cycle of half the period.
    fn shrunk(&self, node: &CurveNode, beyond: &CurveNode) -> Outcome {
        let (a, b) = (&node.point, &beyond.point);
        if let Some(point) = self.equilibrium_end(a, b) {
            return Outcome::Ended(None, Vec::new(), Some(point), CurveEnd::At(point.kind));
        }
        let (guess, span) = (Self::centre(a, b), a.span().max(b.span()));
        let p = self.system.parameters([guess[1], guess[2]]);
        let is_hopf = equilibria(&p).iter().any(|e| {
            let pair = e.eigenvalues.iter().find(|m| m.im > 0.0);
            (e.v - guess[0]).abs() < span && pair.is_some_and(|m| (TAU / m.im / a.period - 1.0).abs() < PERIODS)
        });
        if is_hopf && span < SMALL_SPAN {
            return Outcome::Ended(None, Vec::new(), None, CurveEnd::Hopf);
        }
        // Half the way between the halves is the size of what is left.
        let halves = node.orbit.across().norm();
        if span > LAST_SPAN.min(10.0 * halves) && halves < LAST_HALVES {
            return match self.kind {
                CycleCurveKind::Fold => {
                    let point = SpecialPoint {
                        kind: Codimension2::GeneralisedDoubling,
                        x: a.values[0],
                        y: a.values[1],
                        v: a.v_max,
                        period: 0.5 * a.period,
                    };
                    Outcome::Ended(None, Vec::new(), Some(point), CurveEnd::At(point.kind))
                }
                _ => Outcome::Ended(None, Vec::new(), None, CurveEnd::Doubling),
            };
        }
        Outcome::Shorter("two halves of the period change places")
    }

    /// Whether a curve has come to a homoclinic orbit: its cycles nearly rest at an equilibrium, and the rest of the way in
    /// the plane is short.
    fn is_homoclinic(&self, before: &CurveNode, node: &CurveNode) -> bool {
        let (slowest, speed) = node.slowest;
        if speed > NEARLY_RESTS || node.point.period <= before.point.period {
            return false;
        }
        let p = self.system.parameters(node.orbit.values);
        let nearest = equilibria(&p)
            .into_iter()
            .map(|e| {
                let apart = [slowest[0], slowest[1], slowest[2] - p.z_t, slowest[3] - e.v];
                (apart.iter().fold(0.0_f64, |m, c| m.max(c.abs())), e)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, nearest)) = nearest.filter(|(distance, e)| *distance <= CLOSE * (1.0 + e.v.abs())) else {
            return false;
        };
        // Near the orbit the distance falls as exp(-mu T), with mu the rate of the slowest mode.
        let rate = nearest.eigenvalues.iter().map(|e| e.re.abs()).fold(f64::INFINITY, f64::min);
        let units = self.units(node.orbit.values);
        let speed = (node.frame[0][FIRST] / units[0]).hypot(node.frame[0][FIRST + 1] / units[1]);
        (speed / node.frame[0][PERIOD] / rate).abs() <= ARRIVED
    }

    /// Whether the first point of the curve is between two neighbours, and passed in its own direction.
    fn closes(&self, start: &CurveNode, before: &CurveNode, node: &CurveNode) -> bool {
        let units = self.units(start.orbit.values);
        let place = |p: &PlanePoint| {
            let [x, y] = p.values;
            [x / units[0], y / units[1], (p.period / start.point.period).ln(), p.v_max, p.v_min]
        };
        let (from, to, first) = (place(&before.point), place(&node.point), place(&start.point));
        let difference = |a: &[f64; 5], b: &[f64; 5]| std::array::from_fn::<f64, 5, _>(|i| a[i] - b[i]);
        let product = |a: &[f64; 5], b: &[f64; 5]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (step, offset) = (difference(&to, &from), difference(&first, &from));
        let length = product(&step, &step);
        let share = product(&step, &offset) / length;
        let rest = difference(&offset, &step.map(|s| share * s));
        if !((0.0..=1.0).contains(&share) && product(&rest, &rest) < 0.04 * length) {
            return false;
        }
        // The same direction in the plane, or, at a cusp, of the period.
        let ahead = [start.frame[0][FIRST] / units[0], start.frame[0][FIRST + 1] / units[1]];
        let agreement = ahead[0] * step[0] + ahead[1] * step[1];
        if agreement + start.frame[0][PERIOD] / start.point.period * step[2] <= 0.0 {
            return false;
        }
        let axis = (0..5).max_by(|a, b| step[*a].abs().total_cmp(&step[*b].abs())).unwrap_or(0);
        let value = |n: &CurveNode| place(&n.point)[axis] - first[axis];
        let at_a = value(before);
        let far = step.iter().map(|s| s * s).sum::<f64>().sqrt();
        let guess = if at_a == 0.0 {
            before.clone()
        } else {
            let mut reach = far;
            let found = loop {
                let Some(end) = before.stepped(self, reach) else { return false };
                let at_b = value(&end.node);
                if at_a * at_b <= 0.0 {
                    break zero(self, before, (reach, at_a, at_b), &value);
                }
                reach *= 1.5;
                if reach > 10.0 * far {
                    return false;
                }
            };
            match found {
                Some((node, _)) => node,
                None => return false,
            }
        };
        let at = place(&guess.point);
        (0..5).all(|i| (at[i] - first[i]).abs() < SAME)
    }
}

fn take(half: &mut Half, special: &[FoundPoint]) {
    let after = half.points.len();
    half.special.extend(special.iter().map(|f| (after, f.special)));
    half.crossings.extend(special.iter().map(|f| Crossing { special: f.special, orbit: f.node.orbit.clone() }));
}
