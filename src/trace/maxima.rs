//! Maxima of V with their swings, found step by step.

use crate::kernel::window::{StepEnd, extremum};

/// A maximum of V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Maximum {
    /// Its time, in tau_c.
    pub time: f64,
    /// Its height above the higher of its two neighbouring minima.
    pub swing: f64,
}

/// The latest maximum: its swing is known at the next one.
#[derive(Debug, Clone, Copy)]
struct Latest {
    time: f64,
    v: f64,
    /// Lowest V before it.
    before: f64,
    counts: bool,
}

/// The maxima of a record so far.
///
/// The first and the last one count only if a minimum, or a `pause`, lies between them and the record's end.
#[derive(Debug)]
pub(super) struct Maxima {
    begins: f64,
    pause: f64,
    /// Whether what is next to the record's ends counts as minimum.
    has_quiet_ends: bool,
    /// Lowest V since the latest maximum, and whether that was a minimum.
    low: f64,
    has_minimum: bool,
    latest: Option<Latest>,
    /// V and its rate dV/dt at the end of the last step.
    end: f64,
    rate: f64,
    found: Vec<Maximum>,
}

impl Maxima {
    /// No maxima yet, of a record that begins at this time.
    pub(super) fn new(begins: f64, pause: f64) -> Self {
        let (low, has_minimum, latest, found) = (f64::INFINITY, false, None, Vec::new());
        let (end, rate) = (f64::INFINITY, f64::NAN);
        Self { begins, pause, has_quiet_ends: false, low, has_minimum, latest, end, rate, found }
    }

    /// Maxima whose first and last one count in any case.
    pub(super) fn with_quiet_ends(self) -> Self {
        Self { has_quiet_ends: true, ..self }
    }

    /// Looks at a step of `dt` that begins at `time`; returns the extremum of V in it, if there is one.
    pub(super) fn observe(&mut self, time: f64, [a, b]: [StepEnd<f64>; 2], dt: f64) -> Option<f64> {
        self.low = self.low.min(a.v);
        self.end = b.v;
        // The rate may jump between two steps.
        let before = std::mem::replace(&mut self.rate, b.rate);
        if before > 0.0 && a.rate < 0.0 {
            self.take_maximum(time, a.v);
        } else if before < 0.0 && a.rate > 0.0 {
            self.has_minimum = true;
        }
        let (is_maximum, is_minimum) = (a.rate > 0.0 && b.rate <= 0.0, a.rate < 0.0 && b.rate >= 0.0);
        if !(is_maximum || is_minimum) {
            return None;
        }
        let (part, v) = extremum(a, b, dt);
        if is_minimum {
            (self.low, self.has_minimum) = (self.low.min(v), true);
        } else {
            self.take_maximum(time + part * dt, v);
        }
        Some(v)
    }

    /// Takes in a maximum: the one before it has its next minimum now.
    fn take_maximum(&mut self, time: f64, v: f64) {
        let (low, is_first) = (self.low, self.latest.is_none());
        self.take_latest(low);
        let paused = time - self.begins > self.pause;
        let counts = !is_first || self.has_minimum || paused || self.has_quiet_ends;
        self.latest = Some(Latest { time, v, before: low, counts });
        (self.low, self.has_minimum) = (v, false);
    }

    /// Adds the latest maximum, whose next minimum is known now.
    fn take_latest(&mut self, after: f64) {
        if let Some(Latest { time, v, before, counts: true }) = self.latest {
            self.found.push(Maximum { time, swing: v - before.max(after) });
        }
    }

    /// The maxima of the record, which ends at this time.
    pub(super) fn finish(mut self, ends: f64) -> Vec<Maximum> {
        let paused = self.latest.is_some_and(|latest| ends - latest.time > self.pause);
        if self.has_minimum || paused || self.has_quiet_ends {
            self.take_latest(self.low.min(self.end));
        }
        self.found
    }
}
