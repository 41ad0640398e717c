//! What a recorded motion is: its numbers, and what becomes of it.

use crate::results::{CellResult, Outcome};
use std::f64::consts::TAU;

/// Largest distance of a record's extremes from those of the cycle that it is on, relative to the cycle's span.
const ON_CYCLE: f64 = 0.01;
/// Such a distance from a motion that never closes, whose extremes are rare.
const ON_APERIODIC: f64 = 0.15;
/// Least span of a record of a motion that never closes, relative to the motion's.
const LEAST_APERIODIC: f64 = 0.1;
/// Least span at the beginning and at the end of a record, relative to the whole one's, of what goes on as it began.
const GOES_ON: f64 = 0.9;

/// Summary of the recorded part of a trajectory, measured by the same window as in a sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotionSummary {
    /// Span V_max - V_min.
    pub span: f64,
    /// Smallest V, between steps too.
    pub v_min: f64,
    /// Largest V, between steps too.
    pub v_max: f64,
    /// Mean of V from the first maximum to the last: of a cycle, over whole periods.
    pub v_mean: f64,
    /// Mean time between maxima, in tau_c; NaN with fewer than two maxima, and at rest.
    pub between_maxima: f64,
    /// Smallest V at the end of the record: in its last tenth, or over one period of the outcome if that is longer, be it
    /// after the record.
    pub v_min_at_end: f64,
    /// Largest V at the end of the record.
    pub v_max_at_end: f64,
    /// Span at the beginning of the record, for as long.
    pub span_at_start: f64,
    /// Whether the input changes during the record.
    pub is_driven: bool,
    /// Largest span that rounding alone may cause; see [`TrajectoryRequest::rounding`](super::TrajectoryRequest::rounding).
    pub rounding: f64,
    /// What becomes of the motion, as a sweep finds it; `None` if that was not asked, or depends on the start alone.
    pub outcome: Option<CellResult>,
}

/// What a recorded motion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// V moves by no more than rounding throughout.
    AtRest,
    /// V moves by no more than rounding at the end of the record.
    AtRestInTheEnd,
    /// The motion repeats.
    Oscillating,
    /// The motion never closes, and its largest Lyapunov exponent is positive.
    Chaotic,
    /// The motion is modulated and stays so, with an exponent of 0.
    Quasiperiodic,
    /// The record ends before the motion has settled on its outcome.
    Settling,
    /// What becomes of it is not known, and it has fewer than two maxima in the record.
    WithoutMaxima,
    /// A sweep gives it up before it has settled.
    Unsettled,
    /// The input changes during the record.
    Driven,
}

impl Motion {
    /// Name of the motion in reports and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Motion::AtRest => "at rest",
            Motion::AtRestInTheEnd => "at rest in the end",
            Motion::Oscillating => Outcome::Oscillating.name(),
            Motion::Chaotic => Outcome::Chaotic.name(),
            Motion::Quasiperiodic => Outcome::Quasiperiodic.name(),
            Motion::Settling => "settling",
            Motion::WithoutMaxima => "moving without two maxima",
            Motion::Unsettled => Outcome::Unsettled.name(),
            Motion::Driven => "driven",
        }
    }
}

impl MotionSummary {
    /// Span V_max - V_min at the end of the record.
    #[must_use]
    pub fn span_at_end(&self) -> f64 {
        self.v_max_at_end - self.v_min_at_end
    }

    /// Whether V moves by no more than rounding at the end of the record.
    ///
    /// If so, there is no oscillation, and the motion before was the transient.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.span_at_end() <= self.rounding
    }

    /// What the motion is. Without an outcome, what repeats its maxima is taken to oscillate.
    #[must_use]
    pub fn kind(&self) -> Motion {
        if self.is_driven {
            return Motion::Driven;
        }
        if self.span <= self.rounding {
            return Motion::AtRest;
        }
        if self.is_at_rest() {
            return Motion::AtRestInTheEnd;
        }
        let Some(outcome) = &self.outcome else {
            return match self.between_maxima.is_finite() {
                true if self.goes_on() => Motion::Oscillating,
                true => Motion::Settling,
                false => Motion::WithoutMaxima,
            };
        };
        match outcome.outcome {
            Outcome::Oscillating if self.is_on(outcome, ON_CYCLE, 1.0 - 2.0 * ON_CYCLE) => Motion::Oscillating,
            Outcome::Chaotic if self.is_on(outcome, ON_APERIODIC, LEAST_APERIODIC) => Motion::Chaotic,
            Outcome::Quasiperiodic if self.is_on(outcome, ON_APERIODIC, LEAST_APERIODIC) => Motion::Quasiperiodic,
            settled if settled.is_settled() => Motion::Settling,
            _ => Motion::Unsettled,
        }
    }

    /// Whether V moves as far at the beginning and at the end of the record as in all of it.
    pub(super) fn goes_on(&self) -> bool {
        self.span_at_end().min(self.span_at_start) >= GOES_ON * self.span
    }

    /// Whether V stays between the extremes of an outcome at the end of the record, to a fraction of its span, and moves
    /// by at least `least` of it.
    fn is_on(&self, outcome: &CellResult, fraction: f64, least: f64) -> bool {
        let margin = fraction * outcome.span + self.rounding;
        let is_within = self.v_min_at_end >= outcome.v_min - margin && self.v_max_at_end <= outcome.v_max + margin;
        is_within && self.span_at_end() >= least * outcome.span
    }

    /// Period of the motion, in tau_c: that of the cycle that it is on. Without an outcome, the mean time between
    /// maxima; NaN if the motion does not repeat.
    #[must_use]
    pub fn period(&self) -> f64 {
        match (self.kind(), &self.outcome) {
            (Motion::Oscillating, Some(outcome)) => outcome.period,
            (Motion::Oscillating, None) => self.between_maxima,
            _ => f64::NAN,
        }
    }

    /// Angular frequency 2 pi / period, per tau_c.
    #[must_use]
    pub fn omega(&self) -> f64 {
        TAU / self.period()
    }

    /// Largest Lyapunov exponent of a motion that never closes, per tau_c; NaN for others.
    #[must_use]
    pub fn lyapunov(&self) -> f64 {
        match (self.kind(), &self.outcome) {
            (Motion::Chaotic | Motion::Quasiperiodic, Some(outcome)) => outcome.lyapunov,
            _ => f64::NAN,
        }
    }
}
