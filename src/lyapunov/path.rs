//! A motion that is followed with its tangent, and what its stretches were like.

use crate::model::{F00Jets, Parameters, State};
use std::f64::consts::TAU;

/// Length of a stretch, in periods 2 pi/Omega of the particle: extents of successive ones are compared.
pub const STRETCH: f64 = 4.0;

/// A motion, one tangent to it, and the stretches that it has passed.
#[derive(Debug, Clone)]
pub struct Path<'a> {
    /// Parameters of the neuron.
    pub parameters: Parameters<f64>,
    /// Conductances of the neuron's geometry.
    pub profile: &'a F00Jets,
    /// State, and a tangent of length 1.
    pub at: [State<f64>; 2],
    /// Step of RK4, in tau_c.
    pub dt: f64,
    /// Steps of a stretch.
    pub length: u32,
    /// The stretches so far.
    pub stretches: Vec<Stretch>,
}

/// What a stretch of a motion was like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Growth of the tangent, as a logarithm.
    pub growth: f64,
    /// Smallest V, between steps as well.
    pub low: f64,
    /// Largest V, between steps as well.
    pub high: f64,
    /// Mean V.
    pub mean: f64,
}

impl<'a> Path<'a> {
    /// A motion from `start`, with this tangent of length 1 and steps of at most `dt` (tau_c); `profile` belongs to the
    /// neuron's geometry.
    #[must_use]
    pub fn new(p: &Parameters<f64>, profile: &'a F00Jets, start: State<f64>, tangent: State<f64>, dt: f64) -> Self {
        let length = (STRETCH * TAU / (p.omega * dt)).ceil().max(1.0) as u32;
        Self { parameters: *p, profile, at: [start, tangent], dt, length, stretches: Vec::new() }
    }

    /// Time of a stretch, in tau_c.
    #[must_use]
    pub fn stretch(&self) -> f64 {
        f64::from(self.length) * self.dt
    }

    /// Time of all stretches so far, in tau_c.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.stretches.len() as f64 * self.stretch()
    }

    /// Growth of the tangent in each stretch so far, as a logarithm.
    #[must_use]
    pub fn growth(&self) -> Vec<f64> {
        self.stretches.iter().map(|s| s.growth).collect()
    }

    /// Whether the motion and its tangent are finite numbers.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.stretches.last().is_none_or(|s| s.growth.is_finite())
    }
}

/// The extent of V over some stretches.
#[must_use]
pub fn extent(stretches: &[Stretch]) -> f64 {
    stretches.iter().fold(f64::NEG_INFINITY, |m, s| m.max(s.high)) - lowest(stretches)
}

/// The extent of V in each stretch.
#[must_use]
pub fn extents(stretches: &[Stretch]) -> Vec<f64> {
    stretches.iter().map(|s| s.high - s.low).collect()
}

/// Difference of the largest and the smallest extent of V in each stretch.
#[must_use]
pub fn depth(stretches: &[Stretch]) -> f64 {
    let all = extents(stretches);
    all.iter().fold(0.0_f64, |m, s| m.max(*s)) - all.iter().fold(f64::INFINITY, |m, s| m.min(*s))
}

/// The smallest V over some stretches.
#[must_use]
pub fn lowest(stretches: &[Stretch]) -> f64 {
    stretches.iter().fold(f64::INFINITY, |m, s| m.min(s.low))
}
