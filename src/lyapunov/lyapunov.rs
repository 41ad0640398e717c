//! The largest Lyapunov exponents of motions, each over a given time.

use super::exponent::{Exponent, exponent, left_out};
use super::follow::{Followed, follow};
use super::path::{Path, STRETCH, depth, extent};
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::model::{F00Jets, Parameters, State};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Fewest modulations over which a motion is followed. A modulation takes at least a relaxation time of Z.
pub const MODULATIONS: f64 = 50.0;
/// Fewest periods of the particle over which a motion is followed.
pub const PERIODS: f64 = 400.0;
/// Least change of the extent of successive stretches, relative to it, that is a modulation.
pub const MODULATED: f64 = 1e-3;
/// Least growth of a tangent, as a logarithm, that is exponential without doubt: near a torus it grows by powers of the
/// time.
pub const FOLDS: f64 = 12.0;
/// Least such growth in the second half of a watch of what is still chaotic there: on a torus, growth and decay alternate
/// within half of it.
pub const LATE_FOLDS: f64 = 24.0;

/// The largest Lyapunov exponent of a motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lyapunov {
    /// The exponent, per tau_c.
    pub value: f64,
    /// By how much it may be off, per tau_c.
    pub error: f64,
    /// Difference of the largest and the smallest extent of V in successive stretches of four periods 2 pi/Omega,
    /// relative to the extent of V: how strongly the motion is modulated.
    pub depth: f64,
    /// Time over which it was measured, in tau_c.
    pub time: f64,
    /// Growth of the tangent in the second half of that time, as a logarithm.
    pub late_growth: f64,
}

impl Lyapunov {
    /// Whether neighbours leave the motion exponentially, without doubt.
    #[must_use]
    pub fn is_chaotic(&self) -> bool {
        self.value > 2.0 * self.error && self.value * self.time > FOLDS
    }

    /// Whether the extent of V changes between stretches.
    #[must_use]
    pub fn is_modulated(&self) -> bool {
        self.depth > MODULATED
    }
}

/// A motion whose exponent is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Parameters of the neuron.
    pub parameters: Parameters<f64>,
    /// Conductances of its geometry.
    pub profile: &'a F00Jets,
    /// State on the motion.
    pub start: State<f64>,
    /// Longest step of RK4, in tau_c.
    pub dt: f64,
    /// Least time, in tau_c.
    pub time: f64,
}

/// A motion that is followed for some stretches.
struct Fixed<'a> {
    path: Path<'a>,
    stretches: usize,
}

impl<'a> Fixed<'a> {
    fn new(q: &Question<'a>) -> Self {
        let tangent = State { x: 0.0, y: FRAC_1_SQRT_2, z: FRAC_1_SQRT_2, v: 0.0 };
        let path = Path::new(&q.parameters, q.profile, q.start, tangent, q.dt);
        let least = (PERIODS / STRETCH).max(q.time / path.stretch()).ceil();
        let stretches = if least * f64::from(path.length) < f64::from(u32::MAX) { least as usize } else { 0 };
        Self { path, stretches }
    }
}

impl<'a> Followed<'a> for Fixed<'a> {
    fn path(&mut self) -> &mut Path<'a> {
        &mut self.path
    }

    fn goes_on(&mut self) -> bool {
        self.path.stretches.len() < self.stretches
    }
}

/// The largest Lyapunov exponents of motions; `None` if a motion leaves the finite numbers, or its time is too long to
/// count.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub fn lyapunov(questions: &[Question<'_>], stop: &CancelToken) -> Result<Vec<Option<Lyapunov>>> {
    let mut all: Vec<Fixed<'_>> = questions.iter().map(Fixed::new).collect();
    follow(&mut all, stop)?;
    Ok(all.iter().map(answer).collect())
}

fn answer(Fixed { path, stretches }: &Fixed<'_>) -> Option<Lyapunov> {
    if path.stretches.len() < *stretches {
        return None;
    }
    let growth = path.growth();
    let Exponent { value, error, .. } = exponent(&growth, path.stretch())?;
    let late_growth = growth[growth.len() / 2..].iter().sum();
    let kept = &path.stretches[left_out(*stretches)..];
    let depth = depth(kept) / extent(kept);
    value.is_finite().then_some(Lyapunov { value, error, depth, time: path.time(), late_growth })
}

/// Time over which the exponent of a neuron's motion is measured at least, in tau_c.
#[must_use]
pub fn watched_for(p: &Parameters<f64>) -> f64 {
    1.5 * (MODULATIONS / (p.alpha * p.gamma)).max(PERIODS * TAU / p.omega)
}
