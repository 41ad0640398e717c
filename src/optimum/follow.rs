//! A cycle followed from one set of parameters to another.

use super::over::Over;
use super::quantity::{QUANTITY_COUNT, quantities};
use crate::cycle::{Cycle, OrbitPoint, Settled, cycle_within, orbit_from};
use crate::model::{Conductance, F00Jets, FINER, Family, Parameters, Rates, State};
use std::sync::Arc;

/// Times that a move is halved at most.
const HALVINGS: u32 = 6;
/// Largest change of the period in one move, relative to it: a larger one may lead to another cycle.
const PERIOD_CHANGE: f64 = 0.1;
/// Points of an orbit at least, from which power and distortion are taken.
const FEWEST_POINTS: usize = 256;
/// Steps of a period at least in the first iterations; the last ones take eight times as many, whose error is below 1e-8.
const FEWEST_STEPS: f64 = 64.0;
/// Steps at most in which the motion from the end of a sweep's cell comes to its cycle: it is near it already.
const SETTLED_STEPS: u64 = 1_000_000;
/// Steps of a period at most.
const MOST_STEPS: f64 = 1e5;

/// A cycle at a point of the box of parameters.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// Coordinate along each range, from 0 to 1.
    pub at: Vec<f64>,
    /// The cycle.
    pub cycle: Cycle,
    /// Its numbers, in the order of the quantities.
    pub values: [f64; QUANTITY_COUNT],
    /// Steps of RK4 in the first iterations of Newton's method: neighbours have as many, so that RK4's error changes
    /// smoothly between them.
    steps: f64,
}

/// The box of parameters in which cycles are followed.
#[derive(Debug)]
pub(super) struct Space {
    /// The ranges that span the box.
    pub over: Vec<Over>,
    /// The values of all parameters outside the ranges.
    pub base: Parameters<f64>,
    /// F_00 of the geometry, unless a length varies.
    profile: Option<Arc<F00Jets>>,
    /// F_00 of all geometries.
    family: Family,
}

impl Space {
    pub(super) fn new(over: Vec<Over>, base: Parameters<f64>) -> Self {
        let lengths = [crate::model::Parameter::L, crate::model::Parameter::Lambda];
        let is_fixed = !over.iter().any(|o| lengths.contains(&o.parameter));
        let profile = is_fixed.then(|| Arc::new(F00Jets::new(base.l, base.lambda)));
        Self { over, base, profile, family: Family::default() }
    }

    /// The space in which the last parameter stays at a coordinate.
    pub(super) fn without_last(&self, at: f64) -> Option<Self> {
        let (last, first) = self.over.split_last()?;
        Some(Self::new(first.to_vec(), self.parameters_with(&[*last], &[at])))
    }

    /// The parameters at a point.
    pub(super) fn parameters(&self, at: &[f64]) -> Parameters<f64> {
        self.parameters_with(&self.over, at)
    }

    fn parameters_with(&self, over: &[Over], at: &[f64]) -> Parameters<f64> {
        let mut values = self.base.to_array();
        for (over, at) in over.iter().zip(at) {
            values[over.parameter as usize] = over.value(*at);
        }
        Parameters::from_array(values)
    }

    fn profile(&self, p: &Parameters<f64>) -> Arc<F00Jets> {
        let blended = || self.family.blend(p.l, p.lambda).map(|blend| blend.sparse_profile());
        self.profile.clone().unwrap_or_else(|| Arc::new(blended().unwrap_or_else(|| F00Jets::new(p.l, p.lambda))))
    }

    /// The orbit of the motion from a state over a time.
    pub(super) fn orbit(&self, at: &[f64], start: &State<f64>, time: f64, steps: usize) -> Vec<OrbitPoint> {
        let p = self.parameters(at);
        orbit_from(&p, &self.profile(&p), start, time, steps)
    }

    /// The stable cycle that the motion from a state settles on.
    pub(super) fn settled(&self, at: &[f64], start: &State<f64>) -> Option<Sample> {
        let p = self.parameters(at);
        match cycle_within(&p, start, SETTLED_STEPS, &|_, _| true) {
            Settled::Cycle(found) => self.anchored(at, &found),
            _ => None,
        }
    }

    /// A sample of a cycle with the rule's own number of steps.
    pub(super) fn anchored(&self, at: &[f64], near: &Cycle) -> Option<Sample> {
        let p = self.parameters(at);
        let step = FINER * Rates::for_neuron(&p, near.v_max, &Conductance::new(p.l, p.lambda)).step();
        let steps = (near.period / step).ceil().max(FEWEST_STEPS);
        (step.is_normal() && steps <= MOST_STEPS).then(|| self.near(at, near, steps)).flatten()
    }

    /// The cycle near another one, with this number of steps.
    fn near(&self, at: &[f64], near: &Cycle, steps: f64) -> Option<Sample> {
        let p = self.parameters(at);
        let profile = self.profile(&p);
        // Between two whole numbers of steps, so that rounding does not add one.
        let found = Cycle::near(&p, &profile, &near.state, near.period, near.period / (steps - 0.5))?;
        let change = (found.period - near.period).abs();
        if !(change < PERIOD_CHANGE * near.period) {
            return None;
        }
        let values = quantities(&found, &found.orbit(&p, &profile, (steps as usize).max(FEWEST_POINTS)));
        values.iter().all(|v| v.is_finite()).then(|| Sample { at: at.to_vec(), cycle: found, values, steps })
    }

    /// The cycle of `from` at a neighbouring point, in one move.
    pub(super) fn neighbour(&self, from: &Sample, to: &[f64]) -> Option<Sample> {
        self.near(to, &from.cycle, from.steps)
    }

    /// The cycle of `from` at another point, in one move or in several small ones.
    pub(super) fn follow(&self, from: &Sample, to: &[f64]) -> Option<Sample> {
        self.follow_halving(from, to, HALVINGS)
    }

    fn follow_halving(&self, from: &Sample, to: &[f64], halvings: u32) -> Option<Sample> {
        if let Some(found) = self.near(to, &from.cycle, from.steps) {
            return Some(found);
        }
        let left = halvings.checked_sub(1)?;
        let middle: Vec<f64> = from.at.iter().zip(to).map(|(a, b)| 0.5 * (a + b)).collect();
        // A half that cannot be gone is halved once more; a whole move costs at most twice as many.
        let middle = self.follow_halving(from, &middle, left)?;
        self.follow_halving(&middle, to, left)
    }
}
