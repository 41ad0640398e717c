//! Hysteresis of the lanes of a ramp: the area of each loop, or why it is unknown.
//!
//! Along V_n, the folds of the static curve bound the loops: two branches coexist between the V_n
//! of two neighbouring folds. A ramp that does not pass both folds covers part of the loop at most.

use super::ramp::Ramp;
use crate::bifurcation::{Fold, IvCurve};
use crate::model::{F00Jets, Parameter, Parameters};
use crate::plan::Plan;
use crate::results::Outcome;
use std::collections::HashMap;
use std::sync::Arc;

/// Largest difference of mean voltages in one state, relative to 1 + |V|.
const SAME: f64 = 2e-4;
/// Largest number of cached static current–voltage curves.
const KEPT: usize = 1024;

/// Hysteresis of one lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Hysteresis {
    /// Area of the whole loop, or loops; `None` if the ramp does not show it.
    pub area: Option<f64>,
    /// Area between the two directions over the ramped values; NaN if some have no result.
    pub walked: f64,
    /// Explanation in words.
    pub words: String,
    /// V_n of the folds that bound the loop and that the ramp ended before: (beyond its lower end, beyond its upper
    /// end). `None` along other parameters, too.
    pub missed: [Option<f64>; 2],
    /// Largest step of the mean voltage, on the way up and on the way down: (middle of its two
    /// values, size).
    pub steps: [Option<(f64, f64)>; 2],
}

/// The hysteresis of each lane of a finished ramp, in their order.
pub fn hysteresis<'a>(plan: &'a Plan, ramp: &'a Ramp) -> impl Iterator<Item = Hysteresis> + 'a {
    let mut curves = IvCurves::default();
    (0..ramp.lanes).map(move |lane| {
        let loops = if plan.grid.axes()[0].parameter == Parameter::VN {
            curves.loops(&plan.parameters(lane as u64))
        } else {
            Vec::new()
        };
        let walked = ramp.loop_area(lane);
        let steps = [0, 1].map(|direction| largest_step(ramp, direction, lane));
        let missed = missed(plan, ramp, lane, &loops);
        let (area, words) = match unknown(ramp, lane).or_else(|| open(plan, ramp, lane, &loops)) {
            Some(why) => (None, why),
            None => (Some(walked), whole(plan, &loops, walked)),
        };
        Hysteresis { area, walked, words, missed, steps }
    })
}

impl Hysteresis {
    /// Whether the ramp shows the whole loop, or loops.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.area.is_some()
    }
}

/// The folds of `loops` nearest to the ramp's ends that it did not reach, of the loops that it touches, or of all if it
/// touches none.
fn missed(plan: &Plan, ramp: &Ramp, lane: usize, loops: &[Bistable]) -> [Option<f64>; 2] {
    let (low, high) = plan.grid.axes()[0].extent();
    let touched = loops.iter().filter(|l| l.touches((low, high)));
    let open: Vec<&Bistable> = touched.filter(|l| !l.beyond(plan, ramp, lane).is_empty()).collect();
    let none_touched = !loops.iter().any(|l| l.touches((low, high)));
    let folds = || open.iter().copied().chain(loops.iter().filter(|_| none_touched)).flat_map(|l| [l.from, l.to]);
    [folds().filter(|f| *f < low).reduce(f64::max), folds().filter(|f| *f > high).reduce(f64::min)]
}

/// The middle and the size of the largest step between neighbouring values that both have a result.
fn largest_step(ramp: &Ramp, direction: usize, lane: usize) -> Option<(f64, f64)> {
    let size = |i: usize| (ramp.at(direction, i, lane).v_mean - ramp.at(direction, i - 1, lane).v_mean).abs();
    let steps = (1..ramp.values.len()).map(|i| (0.5 * (ramp.values[i] + ramp.values[i - 1]), size(i)));
    steps.filter(|(_, size)| size.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The reason why a lane has no area, if values have no result.
fn unknown(ramp: &Ramp, lane: usize) -> Option<String> {
    let ways = 2 * ramp.values.len();
    let outcomes: Vec<Outcome> = (0..2)
        .flat_map(|direction| (0..ramp.values.len()).map(move |i| (direction, i)))
        .map(|(direction, i)| ramp.at(direction, i, lane))
        .filter(|result| !result.v_mean.is_finite())
        .map(|result| result.outcome)
        .collect();
    let kinds = Outcome::ALL.into_iter().filter(|o| outcomes.contains(o)).map(|o| match o {
        Outcome::StartDependent => "start dependent: alpha Gamma = 0",
        Outcome::Unsettled => "unsettled: more steps than are counted",
        other => other.name(),
    });
    let kinds = kinds.collect::<Vec<_>>().join("; ");
    match outcomes.len() {
        0 => None,
        n if n == ways => Some(format!("no value has a result ({kinds})")),
        n => Some(format!("{n} of {ways} values have no result ({kinds})")),
    }
}

/// Cache of static current–voltage curves by the parameters they depend on: many lanes share one.
#[derive(Default)]
struct IvCurves(HashMap<[u64; 4], IvCurve>);

impl IvCurves {
    /// The ranges of V_n in which two branches coexist.
    fn loops(&mut self, p: &Parameters<f64>) -> Vec<Bistable> {
        let key = [p.l, p.lambda, p.x_0, p.z_t].map(f64::to_bits);
        if self.0.len() > KEPT {
            self.0.clear();
        }
        let make = || IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
        let curve = self.0.entry(key).or_insert_with(make);
        // In order of V, the way up leaves its branch at the first fold of a pair, the way down at
        // the second.
        curve.folds_with_input(p.r_n).chunks_exact(2).map(Bistable::between).collect()
    }
}

/// A range of V_n in which two branches coexist, between two folds.
#[derive(Debug, Clone, Copy)]
struct Bistable {
    /// V_n of the fold at its lower end, which the way down passes.
    from: f64,
    /// V_n of the fold at its upper end, which the way up passes.
    to: f64,
    /// Voltages of both folds, in order: the middle branch lies between them.
    folds: (f64, f64),
}

impl Bistable {
    /// The range between two folds in order of V.
    fn between(pair: &[Fold]) -> Self {
        let inputs = [pair[0].v_n, pair[1].v_n];
        Self { from: inputs[0].min(inputs[1]), to: inputs[0].max(inputs[1]), folds: (pair[0].v, pair[1].v) }
    }

    /// Whether it overlaps a range of V_n.
    fn touches(&self, (low, high): (f64, f64)) -> bool {
        self.from <= high && self.to >= low
    }

    /// V_n of the folds that the ramp ended before, if the branch that each ends had not been left earlier: a motion
    /// may jump before its fold.
    fn beyond(&self, plan: &Plan, ramp: &Ramp, lane: usize) -> Vec<f64> {
        let axis = &plan.grid.axes()[0];
        let (low, high) = axis.extent();
        let rises = axis.value(0) < axis.value(axis.len() - 1);
        let (first, last) = if rises { (0, ramp.values.len() - 1) } else { (ramp.values.len() - 1, 0) };
        let jumped_up = ramp.at(0, last, lane).v_mean > self.folds.1;
        let jumped_down = ramp.at(1, first, lane).v_mean < self.folds.0;
        let is_open = self.to > high && !jumped_up || self.from < low && !jumped_down;
        [self.from, self.to].into_iter().filter(|fold| is_open && !(low..=high).contains(fold)).collect()
    }

    /// Whether a value between the folds has different means up and down.
    fn is_shown(&self, ramp: &Ramp, lane: usize) -> bool {
        let differ = |i: usize| {
            let [up, down] = [0, 1].map(|direction| ramp.at(direction, i, lane).v_mean);
            (up - down).abs() > SAME * (1.0 + up.abs())
        };
        self.values(ramp).any(differ)
    }

    /// The indices of the values between the folds.
    fn values(&self, ramp: &Ramp) -> impl Iterator<Item = usize> {
        (0..ramp.values.len()).filter(|i| self.from < ramp.values[*i] && ramp.values[*i] < self.to)
    }
}

/// Ranges as text: `a to b and c to d`.
fn listed<'a>(loops: impl Iterator<Item = &'a Bistable>) -> String {
    loops.map(|Bistable { from, to, .. }| format!("{from:.4} to {to:.4}")).collect::<Vec<_>>().join(" and ")
}

/// The reason why a lane's loop is not whole, if it is not; `loops` are the loops along V_n.
fn open(plan: &Plan, ramp: &Ramp, lane: usize, loops: &[Bistable]) -> Option<String> {
    let axis = &plan.grid.axes()[0];
    let (name, range) = (axis.parameter.name(), axis.extent());
    let mut reasons = Vec::new();
    for l in loops.iter().filter(|l| l.touches(range)) {
        let (beyond, Bistable { from, to, .. }) = (l.beyond(plan, ramp, lane), l);
        if !beyond.is_empty() {
            let beyond: Vec<_> = beyond.iter().map(|f| format!("{f:.4}")).collect();
            reasons.push(format!(
                "the ramp did not reach the {} at {name} = {}, and two branches coexist from {from:.4} to {to:.4}",
                if beyond.len() == 1 { "fold" } else { "folds" },
                beyond.join(" and ")
            ));
        } else if l.values(ramp).next().is_none() {
            reasons.push(format!("no value is between the folds at {name} = {from:.4} and {to:.4}"));
        } else if !l.is_shown(ramp, lane) {
            reasons.push(format!(
                "up and down are on one branch at each value between the folds at {name} = {from:.4} and {to:.4}"
            ));
        }
    }
    if !loops.is_empty() && !loops.iter().any(|l| l.touches(range)) {
        reasons.push(format!(
            "the ramp did not reach the folds, and two branches coexist from {name} = {}",
            listed(loops.iter())
        ));
    }
    let lowest = if axis.value(0) < axis.value(axis.len() - 1) { 0 } else { ramp.values.len() - 1 };
    let [up, down] = [0, 1].map(|direction| ramp.at(direction, lowest, lane));
    if (up.v_mean - down.v_mean).abs() > SAME * (1.0 + up.v_mean.abs()) {
        reasons.push(format!(
            "up begins at V = {:.4} and down ends at V = {:.4}, two states at {name} = {}",
            up.v_mean, down.v_mean, range.0
        ));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// The words for a lane whose directions begin and end in the same states, with every fold between.
fn whole(plan: &Plan, loops: &[Bistable], area: f64) -> String {
    let axis = &plan.grid.axes()[0];
    let (low, high) = axis.extent();
    match (axis.parameter, loops) {
        (Parameter::VN, []) => "there are no folds".to_string(),
        (Parameter::VN, _) => {
            format!("folds at V_n = {}", listed(loops.iter().filter(|l| l.touches(axis.extent()))))
        }
        _ if area < SAME * (high - low) => {
            "up and down begin and end on the same states, with no gap between them at these values".to_string()
        }
        _ => "up and down begin and end on the same states".to_string(),
    }
}
