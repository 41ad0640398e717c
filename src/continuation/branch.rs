//! Pseudo-arclength continuation of cycles along one parameter.

use super::ends;
use super::flow::System;
use super::node::{Node, Step, Units};
use super::point::{End, Point, Special};
use super::shooting::FIRST;
use super::special::{FoundSpecial, between, explain};
use super::step_control::{
    CORRECTION, FEW, HALVES, SEPARATES, SHORTEST, SHRINKAGE, SMALL_SPAN, SPAN_CHANGE, next_length,
};
use super::watch::Watch;
use crate::bifurcation::no_hopf;
use crate::error::short;

/// First and longest step along a branch: units are 1 for the states, the range for the parameter, and the period for
/// itself.
const FIRST_STEP: f64 = 5e-3;
const LONGEST: f64 = 0.03;
/// Factor by which a step grows.
const GROWTH: f64 = 1.4;
/// Cosine of the angle between neighbouring directions at least, and the one from which the step grows.
const COSINE: (f64, f64) = (0.9, 0.98);
/// Distance of two halves that are the same to rounding's effect on test functions.
const SAME_HALVES: f64 = 3e-5;
/// Distance of a multiplier from 1 in the last cycle before such an end.
const LAST_MULTIPLIER: f64 = 0.02;
/// Relaxation of Z in a period, alpha Gamma T, below which rounding hides that a cycle is isolated.
const ISOLATED: f64 = 1e-9;
/// Distance from an end of the range, relative to the range, next to which a branch can go no further for its sake.
const NEXT_TO: f64 = 1e-6;
const NOT_ISOLATED: &str =
    "degenerate: alpha Gamma = 0 to rounding, so nothing pulls Z to Z_T, and no equilibrium is isolated";
/// Multiplier from which on the end of a branch names it.
const STEEP: f64 = 1e6;
/// Cycles from one mesh to the next.
const MESH_LIFE: usize = 4;
/// Trials at most for the cycle of the largest span, and the distance of two at which it is found, relative to the steps.
const CREST_TRIALS: usize = 8;
const CREST_WIDTH: f64 = 1e-4;
/// Cycles of one direction of a branch at most.
pub(super) const MOST_POINTS: usize = 2000;
/// Steps of integration of one direction of a branch at most: a minute of one core.
const MOST_WORK: usize = 20_000_000;

/// Continuation along one parameter.
#[derive(Debug)]
pub(super) struct Tracer<'a> {
    /// The neuron.
    pub system: &'a System<1>,
    /// Range of the parameter.
    pub range: (f64, f64),
    /// Who watches.
    pub watch: &'a Watch,
}

/// One direction of a branch from its first cycle.
#[derive(Debug)]
pub(super) struct Half {
    /// Cycles after the first one.
    pub points: Vec<Point>,
    /// Special points; `after` counts the cycles of this half before each.
    pub special: Vec<FoundSpecial>,
    /// The special point where it ends, if it is one.
    pub last: Option<Special>,
    /// Why it ends.
    pub end: End,
    /// The cycle of half the period at the period doubling where it ends, if it does.
    pub once: Option<Node>,
}

/// Position of the largest value of the parabola through three points.
fn vertex([a, b, c]: [(f64, f64); 3]) -> f64 {
    let (left, right) = ((b.1 - a.1) / (b.0 - a.0), (c.1 - b.1) / (c.0 - b.0));
    let found = 0.5 * (a.0 + b.0) + 0.5 * (c.0 - a.0) * left / (left - right);
    if found.is_finite() { found } else { b.0 }
}

/// What a step comes to.
enum Outcome {
    Taken(Box<Step>, Vec<FoundSpecial>),
    Ended(Box<Node>, Vec<FoundSpecial>, Option<Special>, End),
    Shorter(&'static str),
}

impl Tracer<'_> {
    pub(super) fn units(&self) -> Units {
        Units { parameter: self.range.1 - self.range.0 }
    }

    /// Follows a branch from a node in its direction; `multiple` is that of the period from
    /// which period doublings have led here.
    pub(super) fn follow(&self, start: &Node, multiple: usize) -> Half {
        let mut half = Half { points: Vec::new(), special: Vec::new(), last: None, end: End::Points, once: None };
        let (mut node, mut step, mut age, mut work) = (start.clone(), FIRST_STEP, 0, 0);
        let mut why = "";
        // The node before the present one, and the step between them.
        let mut before_last: Option<(Node, f64)> = None;
        while half.points.len() < MOST_POINTS && self.watch.goes_on() {
            step = step.min(LONGEST).min((HALVES.0 * node.orbit.across().norm()).max(HALVES.1));
            if step < SHORTEST {
                let before = before_last.as_ref().map(|(before, _)| before);
                let orbit = before.and_then(|b| ends::homoclinic(self.system, self.range, b, &node, ends::FORESEEN.1));
                if orbit.is_some() {
                    (half.last, half.end) = (orbit, End::Homoclinic);
                    return half;
                }
                let words = || {
                    let (largest, at) = (node.point.multipliers[1].norm(), short(node.point.value));
                    let steep =
                        if largest > STEEP { format!(", with a multiplier of {largest:.0e}") } else { String::new() };
                    End::Step(format!("{why} at {} = {at}{steep}", self.name()))
                };
                half.end = self.degenerate_border(&node).map_or_else(words, End::Degenerate);
                return half;
            }
            work += 6 * node.orbit.mesh.steps();
            if work > MOST_WORK {
                let steps = node.orbit.mesh.steps();
                half.end =
                    End::Step(format!("{MOST_WORK} steps of integration are taken, the limit, {steps} in a period"));
                return half;
            }
            if let Some(why) = self.degenerate(&node) {
                half.end = End::Degenerate(why);
                return half;
            }
            match self.attempt(&node, step) {
                Outcome::Shorter(reason) => {
                    why = reason;
                    step *= SHRINKAGE;
                }
                Outcome::Ended(last, special, ending, end) => {
                    self.take(&mut half, special);
                    match end {
                        End::Range => half.points.push(last.point),
                        End::Doubling => half.once = Some(*last),
                        _ => {}
                    }
                    (half.last, half.end) = (ending, end);
                    return half;
                }
                Outcome::Taken(taken, special) => {
                    self.take(&mut half, special);
                    half.points.push(taken.node.point.clone());
                    self.watch.add_cycle();
                    let (here, length) = (node.point.span(), before_last.as_ref().map_or(0.0, |(_, length)| *length));
                    if let Some((earlier, _)) = before_last.take().filter(|(n, _): &(Node, f64)| n.point.span() < here)
                        && taken.node.point.span() < here
                    {
                        self.add_crest(&mut half, &earlier, (length, step));
                    }
                    before_last = Some((node.clone(), step));
                    step = next_length(step, taken.iterations, taken.cosine > COSINE.1, GROWTH);
                    let before = std::mem::replace(&mut node, taken.node);
                    age += 1;
                    if age >= MESH_LIFE || taken.iterations > FEW + 1 {
                        age = 0;
                        node = node.remeshed(self.system, self.units(), multiple).unwrap_or(node);
                    }
                    if let Some((special, end)) = self.ending(start, &before, &node, half.points.len()) {
                        (half.last, half.end) = (special, end);
                        return half;
                    }
                }
            }
        }
        half
    }

    /// Adds the cycle of the largest span among the last three, the first of which is `earlier`; `steps` lie between them.
    fn add_crest(&self, half: &mut Half, earlier: &Node, steps: (f64, f64)) {
        let count = half.points.len();
        let Some([middle, last]) = count.checked_sub(2).and_then(|i| half.points.get(i..)) else { return };
        let mut known = [(0.0, earlier.point.span()), (steps.0, middle.span()), (steps.0 + steps.1, last.span())];
        let mut best: Option<(f64, Point)> = None;
        for _ in 0..CREST_TRIALS {
            let at = vertex(known).clamp(known[0].0, known[2].0);
            let trial = earlier.stepped(self.system, self.units(), at);
            let Some(found) = trial.filter(|t| t.correction < 1.0).map(|t| t.node.point) else { break };
            let span = found.span();
            if best.as_ref().is_none_or(|(_, b)| span > b.span()) {
                best = Some((at, found));
            }
            let is_last = (at - known[1].0).abs() < CREST_WIDTH * (known[2].0 - known[0].0);
            // The neighbours of the largest span so far remain.
            known = match (span > known[1].1, at < known[1].0) {
                (true, true) => [known[0], (at, span), known[1]],
                (true, false) => [known[1], (at, span), known[2]],
                (false, true) => [(at, span), known[1], known[2]],
                (false, false) => [known[0], known[1], (at, span)],
            };
            if is_last {
                break;
            }
        }
        if let Some((at, point)) = best.filter(|(_, p)| p.span() > middle.span()) {
            let index = if at < steps.0 { count - 2 } else { count - 1 };
            half.points.insert(index, point);
            half.special.iter_mut().filter(|f| f.special.after > index).for_each(|f| f.special.after += 1);
        }
    }

    /// Why the branch goes no further, where nothing pulls Z to Z_T to more than rounding in a period: cycles are then not
    /// isolated.
    fn degenerate(&self, node: &Node) -> Option<&'static str> {
        let p = self.system.parameters(node.orbit.values);
        let is_near = p.alpha * p.gamma * node.point.period < ISOLATED;
        let at_border = || no_hopf(&self.system.parameters([self.range.0]));
        is_near.then(|| at_border().unwrap_or(NOT_ISOLATED))
    }

    /// Why there are no isolated cycles at the end of the range that a node is next to.
    fn degenerate_border(&self, node: &Node) -> Option<&'static str> {
        let near = |value: f64| (node.point.value - value).abs() < NEXT_TO * self.units().parameter;
        [self.range.0, self.range.1]
            .into_iter()
            .filter(|v| near(*v))
            .find_map(|v| no_hopf(&self.system.parameters([v])))
    }

    fn name(&self) -> &'static str {
        self.system.continued[0].name()
    }

    fn take(&self, half: &mut Half, special: Vec<FoundSpecial>) {
        let after = half.points.len();
        half.special.extend(special.into_iter().map(|mut found| {
            found.special.after = after;
            found
        }));
    }

    /// Tries a step from a node.
    fn attempt(&self, node: &Node, distance: f64) -> Outcome {
        let (system, units) = (self.system, self.units());
        let Some(step) = node.stepped(system, units, distance) else {
            return Outcome::Shorter("Newton's method does not converge");
        };
        // Where two halves of the period change places, the branch has passed the end at which they are the same.
        let halves = [node.orbit.across(), step.node.orbit.across()];
        if halves[0].dot(&halves[1]) < 0.0 || halves[1].norm() < SAME_HALVES {
            // A multiplier is 1 there. No special point is lost between a cycle that nearly has it and that end.
            let nearest = node.point.multipliers[1..].iter().map(|m| (m - 1.0).norm()).fold(f64::INFINITY, f64::min);
            if nearest > LAST_MULTIPLIER && distance > SEPARATES {
                return Outcome::Shorter("two halves of the period change places");
            }
            return self.shrunk(node, &step.node);
        }
        if step.correction > CORRECTION {
            return Outcome::Shorter("Newton's first correction is too large");
        }
        if step.cosine < COSINE.0 {
            return Outcome::Shorter("the branch bends too much");
        }
        let (before, after) = (node.point.span(), step.node.point.span());
        if (after - before).abs() > SPAN_CHANGE * before.max(after) + SMALL_SPAN {
            return Outcome::Shorter("the span changes too much");
        }
        let (low, high) = self.range;
        let is_inside = (low..=high).contains(&step.node.point.value);
        if !is_inside {
            return self.at_border(node, &step.node, distance);
        }
        let special = between(system, units, node, &step.node, distance);
        let change = step.node.point.unstable() as i64 - node.point.unstable() as i64;
        if distance > SEPARATES && !explain(&special, change) {
            return Outcome::Shorter("the multipliers change too much");
        }
        Outcome::Taken(Box::new(step), special)
    }

    /// The end of the range between a node and one beyond it.
    fn at_border(&self, node: &Node, beyond: &Node, distance: f64) -> Outcome {
        let (system, units) = (self.system, self.units());
        let value = if beyond.point.value > self.range.1 { self.range.1 } else { self.range.0 };
        let share = (value - node.point.value) / (beyond.point.value - node.point.value);
        if share <= 0.0 {
            return Outcome::Ended(Box::new(node.clone()), Vec::new(), None, End::Range);
        }
        if no_hopf(&system.parameters([value])).is_some() {
            return Outcome::Shorter("no cycle is isolated at the end of the range");
        }
        match node.at_value(system, units, share * distance, value) {
            Some(last) => {
                let row = units.row(&node.tangent, node.orbit.period);
                let (from, to) = (node.orbit.z(), last.orbit.z());
                let far: f64 = (0..row.len()).map(|i| row[i] * (to[i] - from[i])).sum();
                let special = between(system, units, node, &last, far);
                Outcome::Ended(Box::new(last), special, None, End::Range)
            }
            None if distance > SEPARATES => Outcome::Shorter("Newton's method does not converge"),
            None => Outcome::Ended(Box::new(node.clone()), Vec::new(), None, End::Range),
        }
    }

    /// The end where the cycle shrinks to an equilibrium, or its two halves to one cycle of half the period.
    fn shrunk(&self, node: &Node, beyond: &Node) -> Outcome {
        let hopf = ends::hopf(self.system, node, beyond);
        if let Some(special) = hopf {
            return Outcome::Ended(Box::new(node.clone()), Vec::new(), Some(special), End::Hopf);
        }
        match ends::doubling(self.system, self.units(), node) {
            Some((special, once)) => Outcome::Ended(Box::new(once), Vec::new(), Some(special), End::Doubling),
            None => Outcome::Shorter("two halves of the period change places"),
        }
    }

    /// The end of a branch at a homoclinic orbit, or where it began.
    fn ending(&self, start: &Node, before: &Node, node: &Node, taken: usize) -> Option<(Option<Special>, End)> {
        if let Some(special) = ends::homoclinic(self.system, self.range, before, node, ends::FORESEEN.0) {
            return Some((Some(special), End::Homoclinic));
        }
        (taken > 8 && self.closes(start, before, node)).then_some((None, End::Loop))
    }

    /// Whether the first cycle of the branch is between two neighbours, and passed in its own direction.
    fn closes(&self, start: &Node, before: &Node, node: &Node) -> bool {
        let place = |n: &Node| {
            let (p, s) = (&n.point, &n.point.state);
            [p.value / self.units().parameter, (p.period / start.point.period).ln(), s.x, s.y, s.z, s.v, p.v_min]
        };
        let (from, to, first) = (place(before), place(node), place(start));
        let difference = |a: &[f64; 7], b: &[f64; 7]| std::array::from_fn::<f64, 7, _>(|i| a[i] - b[i]);
        let product = |a: &[f64; 7], b: &[f64; 7]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (step, offset) = (difference(&to, &from), difference(&first, &from));
        let length = product(&step, &step);
        let share = product(&step, &offset) / length;
        let rest = difference(&offset, &step.map(|s| share * s));
        let is_between = (0.0..=1.0).contains(&share) && product(&rest, &rest) < 0.04 * length;
        if !is_between || start.tangent[FIRST] * (node.point.value - before.point.value) <= 0.0 {
            return false;
        }
        let units = self.units();
        let back = before.at_value(self.system, units, 0.0, start.point.value);
        back.is_some_and(|b| {
            let (p, q) = (&b.point, &start.point);
            (p.period / q.period - 1.0).abs() < 1e-7 && (p.v_max - q.v_max).abs() + (p.v_min - q.v_min).abs() < 1e-7
        })
    }
}
