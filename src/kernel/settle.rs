//! When a motion counts as settled, and what the answer then is. Twin of `shaders/settle.wgsl`.
//!
//! A run is cut into windows. It is settled once the extremes of V in successive windows have agreed twice running (so neither
//! the span nor its place moves) and their changes, continued geometrically, add up to no more than the stated rest:
//! change q/(1-q), q = change / change before. A change that does not shrink has no such limit, so a growing or a slowly dying
//! oscillation goes on. To count as oscillating, all maxima of the window have to be the same as well: a train of pulses with
//! pauses between them is no cycle, however regular.

use super::constants::{
    AGREE_ABSOLUTE, AGREE_RELATIVE, AGREEMENTS, DONE, FEWEST_PEAKS, NOISE, REST_ABSOLUTE, REST_RELATIVE, RUNNING,
    STEADY_SPAN,
};
use super::{Real, span::Window};
use crate::columns::{Answer, Outcome};
use crate::model::State;

/// A cell's run: its motion so far. As laid out here it lies in the shader's buffers.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Run<T> {
    /// Where the neuron is.
    pub state: State<T>,
    /// The window under way.
    pub window: Window<T>,
    /// Smallest V of the window before.
    pub v_min: T,
    /// Largest V of the window before.
    pub v_max: T,
    /// Change of these against the window before that: the larger of the two.
    pub change: T,
    /// Windows closed.
    pub windows: u32,
    /// How many times running windows have agreed.
    pub agreed: u32,
    /// Steps taken in all.
    pub steps: u32,
    /// `FRESH`, `RUNNING` or `DONE`.
    pub phase: u32,
}

/// The numbers of a finished run, as the shader writes them: what is missing is negative (period, error, time).
#[derive(Debug, Clone, Copy)]
pub struct Verdict<T> {
    /// In column order.
    pub numbers: [T; crate::columns::COLUMNS.len()],
    /// What became of the cell.
    pub outcome: u32,
    /// The state it ended in: X, Y, Z, V.
    pub end: [T; 4],
}

impl<T: Real> Run<T> {
    /// A run that starts from `state`.
    #[must_use]
    pub fn start(state: State<T>) -> Self {
        Self {
            state,
            window: Window::open(state.v),
            v_min: T::zero(),
            v_max: T::zero(),
            change: T::zero(),
            windows: 0,
            agreed: 0,
            steps: 0,
            phase: RUNNING,
        }
    }

    fn is_finite(&self) -> bool {
        let s = &self.state;
        s.x.is_finite() && s.y.is_finite() && s.z.is_finite() && s.v.is_finite()
    }

    /// Closes the window; gives the verdict once there is one, else opens the next.
    pub fn close_window(&mut self, max_windows: u32, dt: T) -> Option<Verdict<T>> {
        let w = self.window;
        let span = w.span();
        let change = (w.v_min - self.v_min).abs().max((w.v_max - self.v_max).abs());
        let noise = T::of(NOISE) * T::epsilon() * self.state.v.abs().max(T::one());
        self.windows += 1;
        if !self.is_finite() || !span.is_finite() {
            return Some(self.verdict(Outcome::Diverged, -T::one(), dt));
        }
        // Rounding alone may tell two quiet windows apart; an oscillation stands above it.
        let quiet = span <= T::of(STEADY_SPAN);
        let same = T::of(AGREE_ABSOLUTE).max(T::of(AGREE_RELATIVE) * span).max(if quiet { noise } else { T::zero() });
        let agrees = self.windows > 1 && change <= same;
        self.agreed = if agrees { self.agreed + 1 } else { 0 };
        let rest = rest(change, self.change, noise);
        let near = rest >= T::zero() && rest <= noise + T::of(REST_ABSOLUTE) + T::of(REST_RELATIVE) * span;
        let cycle = w.peaks >= FEWEST_PEAKS && w.v_max - w.low_peak <= same;
        if self.agreed >= AGREEMENTS && near && (quiet || cycle) {
            let outcome = if quiet { Outcome::Steady } else { Outcome::Oscillating };
            return Some(self.verdict(outcome, rest, dt));
        }
        if self.windows >= max_windows {
            return Some(self.verdict(Outcome::Unsettled, rest, dt));
        }
        self.v_min = w.v_min;
        self.v_max = w.v_max;
        self.change = change;
        self.window = Window::open(self.state.v);
        None
    }

    fn verdict(&mut self, outcome: Outcome, rest: T, dt: T) -> Verdict<T> {
        let none = -T::one();
        self.phase = DONE;
        let w = &self.window;
        let period = if outcome == Outcome::Oscillating { w.period(dt) } else { none };
        let time = if outcome.is_settled() { T::of(f64::from(self.steps)) * dt } else { none };
        let mean = if outcome == Outcome::Steady { T::of(0.5) * (w.v_min + w.v_max) } else { w.mean() };
        Verdict {
            numbers: [w.span(), w.v_min, w.v_max, mean, period, rest, time],
            outcome: outcome as u32,
            end: [self.state.x, self.state.y, self.state.z, self.state.v],
        }
    }
}

/// What geometric continuation of the changes still adds to the span; negative where they do not shrink.
#[inline]
pub fn rest<T: Real>(change: T, before: T, noise: T) -> T {
    if change <= noise {
        return noise;
    }
    if change >= before {
        return -T::one();
    }
    change * change / (before - change)
}

impl<T: Real> Verdict<T> {
    /// The answer in f64, with NaN for what is missing.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let Some(outcome) = Outcome::from_number(self.outcome).filter(|o| *o != Outcome::Diverged) else {
            return Answer::without_numbers(Outcome::Diverged);
        };
        let mut answer = Answer::new(self.numbers.map(Real::widen), outcome);
        answer.end = self.end.map(Real::widen);
        if !(answer.period > 0.0) {
            answer.period = f64::NAN;
        }
        for missing in [&mut answer.span_error, &mut answer.settle_time] {
            if *missing < 0.0 {
                *missing = f64::NAN;
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_sums_the_geometric_series() {
        // Spans 1 - qⁿ: what is missing from the limit 1 is qⁿ.
        let q = 0.7_f64;
        let (n, at) = (9, |n: i32| 1.0 - q.powi(n));
        let left = rest(at(n) - at(n - 1), at(n - 1) - at(n - 2), 0.0);
        assert!((left - q.powi(n)).abs() < 1e-12);
        assert!(rest(2e-9, 1e-9, 1e-15) < 0.0, "growth has no limit");
    }

    /// Feeds spans to a run as windows of one step.
    fn fed(spans: impl Iterator<Item = f64>) -> (Option<Outcome>, usize) {
        let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.0 });
        for (n, span) in spans.enumerate() {
            run.window.v_min = 1.0;
            run.window.v_max = 1.0 + span;
            (run.window.peaks, run.window.low_peak) = (20, run.window.v_max);
            if let Some(verdict) = run.close_window(100, 0.02) {
                return (Outcome::from_number(verdict.outcome), n);
            }
        }
        (None, 0)
    }

    #[test]
    fn slow_growth_and_slow_decay_do_not_pass_for_settled() {
        let growing = |n: i32| 1e-9 * 1.05_f64.powi(n);
        assert_eq!(fed((0..100).map(growing)).0, Some(Outcome::Unsettled));
        // Changes of 5e-6 a window agree by the absolute rule's neighbourhood, but ten times that is still to come.
        let dying = |n: i32| 1e-4 * 0.999_f64.powi(n);
        assert_eq!(fed((0..100).map(dying)).0, Some(Outcome::Unsettled));
        let done = |n: i32| 0.1 - 0.05 * 0.1_f64.powi(n);
        assert_eq!(fed((0..100).map(done)).0, Some(Outcome::Oscillating));
        assert_eq!(fed((0..100).map(|n| 0.1 * 0.1_f64.powi(n))).0, Some(Outcome::Steady));
    }

    #[test]
    fn drifts_and_pulse_trains_are_no_cycles() {
        let judged = |change: fn(&mut Run<f64>, f64)| {
            let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.0 });
            for n in 0..10 {
                (run.window.v_min, run.window.v_max) = (1.0, 1.1);
                (run.window.peaks, run.window.low_peak) = (20, 1.1);
                change(&mut run, f64::from(n));
                if let Some(verdict) = run.close_window(10, 0.02) {
                    return Outcome::from_number(verdict.outcome);
                }
            }
            None
        };
        assert_eq!(judged(|_, _| ()), Some(Outcome::Oscillating));
        // The same span every time, further up every time.
        assert_eq!(
            judged(|r, n| (r.window.v_min, r.window.v_max) = (1.0 + 0.01 * n, 1.1 + 0.01 * n)),
            Some(Outcome::Unsettled)
        );
        assert_eq!(judged(|r, _| r.window.low_peak = 1.01), Some(Outcome::Unsettled));
        assert_eq!(judged(|r, _| r.window.peaks = 1), Some(Outcome::Unsettled));
    }

    #[test]
    fn poison_is_called_diverged() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.0 });
            run.state.x = bad;
            let verdict = run.close_window(10, 0.02).expect("a verdict at once");
            assert_eq!(verdict.answer().outcome, Outcome::Diverged);
            assert!(verdict.answer().span.is_nan());
        }
    }
}
