//! When a motion counts as settled, and what the answer then is. Twin of `shaders/settle.wgsl`.
//!
//! A run is cut into windows, and judged at the end of each.
//!
//! *Steady* is a motion that has entered the basin of a stable equilibrium (`basin`): theory says that it stays and dies there,
//! so its span is 0 and its voltage V*. However quiet, a motion anywhere else goes on.
//!
//! *Oscillating* is a motion whose returns to the Poincaré section "V has a maximum" agree: the last return of this window with
//! that of the window before in V, in Z and in the depth of the trough between, and all maxima within the window with one another.
//! The largest of these differences is the window's change. The changes, continued geometrically (Aitken), add up to
//! change q/(1-q), q = change / change before: the rest, which has to be small. A change that does not shrink has no such limit,
//! so a growing oscillation goes on, and so does a train of pulses, whose maxima differ. About a stable equilibrium there is one
//! more doubt: what shrinks nearly as fast as the linear part says is dying there.

use super::basin::{Basin, in_grains};
use super::constants::{DONE, DYING, FEWEST_PEAKS, REST_RELATIVE, RUNNING, SMALL_CYCLE};
use super::{Real, span::Window};
use crate::columns::{Answer, Outcome};
use crate::model::State;

/// A cell's run: its motion so far. As laid out here it lies in the shader's buffers.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Run<T> {
    /// Where the neuron is: Z counted from Z_T, V from `base`.
    pub state: State<T>,
    /// The window under way.
    pub window: Window<T>,
    /// Origin of V, in whole grains.
    pub base: T,
    /// The latest maximum of the window before.
    pub peak: T,
    /// The trough before it.
    pub trough: T,
    /// Z at it.
    pub z_peak: T,
    /// Change of the window before against the one before that; negative where there is none.
    pub change: T,
    /// Maxima of the window before.
    pub peaks: u32,
    /// Windows closed.
    pub windows: u32,
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

/// What a run needs to know beside its parameters.
#[derive(Debug, Clone, Copy)]
pub struct Pace<'a, T> {
    /// Step in units of tau_c.
    pub dt: T,
    /// Steps in a window.
    pub window_steps: u32,
    /// Windows after which a cell that has not settled is given up.
    pub max_windows: u32,
    /// Z_T, from which Z is counted.
    pub z_t: T,
    /// The cell's basins of rest.
    pub basins: &'a [Basin<T>],
}

impl<T: Real> Run<T> {
    /// A run that starts from `state`.
    #[must_use]
    pub fn start(state: State<T>, z_t: T) -> Self {
        let base = in_grains(state.v);
        // An infinite start has no distance from itself; as it is, it ends as diverged.
        let base = if base.is_finite() { base } else { T::zero() };
        let state = State { z: state.z - z_t, v: state.v - base, ..state };
        Self {
            state,
            window: Window::open(state.v),
            base,
            peak: T::zero(),
            trough: T::zero(),
            z_peak: T::zero(),
            change: -T::one(),
            peaks: 0,
            windows: 0,
            steps: 0,
            phase: RUNNING,
        }
    }

    fn is_finite(&self) -> bool {
        let s = &self.state;
        s.x.is_finite() && s.y.is_finite() && s.z.is_finite() && s.v.is_finite()
    }

    /// Closes the window; gives the verdict once there is one, else opens the next.
    pub fn close_window(&mut self, pace: &Pace<'_, T>) -> Option<Verdict<T>> {
        let w = self.window;
        self.windows += 1;
        if !self.is_finite() || !w.span().is_finite() {
            return Some(self.conclude(Outcome::Diverged, -T::one(), pace));
        }
        for basin in pace.basins {
            if basin.holds(&self.state, self.base) {
                return Some(self.at_rest(basin, pace));
            }
        }
        let floor = T::of(T::FLOOR);
        let mut change = -T::one();
        if w.peaks >= FEWEST_PEAKS && self.peaks >= FEWEST_PEAKS {
            let returns =
                (w.peak - self.peak).abs().max((w.trough - self.trough).abs()).max((w.z_peak - self.z_peak).abs());
            change = returns.max(w.v_max - w.low_peak);
        }
        let rest = rest(change, self.change, floor);
        let span = w.peak - w.trough;
        let near = rest >= T::zero() && rest <= T::of(T::REST).min(T::of(REST_RELATIVE) * span);
        if near && !self.is_dying(span, pace) {
            return Some(self.conclude(Outcome::Oscillating, rest, pace));
        }
        if self.windows >= pace.max_windows {
            return Some(self.conclude(Outcome::Unsettled, -T::one(), pace));
        }
        // The origin follows the motion, by whole grains, so that nothing is lost.
        let shift = in_grains(self.state.v);
        self.base = self.base + shift;
        self.state.v = self.state.v - shift;
        (self.peak, self.trough, self.z_peak) = (w.peak - shift, w.trough - shift, w.z_peak);
        self.peaks = w.peaks;
        self.change = change;
        self.window = Window::open(self.state.v);
        None
    }

    /// Whether a motion of this span about a stable equilibrium is on its way to it.
    fn is_dying(&self, span: T, pace: &Pace<'_, T>) -> bool {
        let lost = (self.peak - self.trough) - span;
        let time = T::of(f64::from(pace.window_steps)) * pace.dt;
        let mean = self.window.mean();
        pace.basins.iter().any(|b| {
            let surrounds = b.distance(mean, self.base).abs() < span;
            surrounds && (span < T::of(SMALL_CYCLE) || lost > T::of(DYING) * b.decay * time * span)
        })
    }

    fn time(&self, pace: &Pace<'_, T>) -> T {
        T::of(f64::from(self.steps)) * pace.dt
    }

    fn end(&self, pace: &Pace<'_, T>) -> [T; 4] {
        [self.state.x, self.state.y, pace.z_t + self.state.z, self.base + self.state.v]
    }

    fn at_rest(&mut self, basin: &Basin<T>, pace: &Pace<'_, T>) -> Verdict<T> {
        self.phase = DONE;
        let (v, zero) = (basin.v(), T::zero());
        Verdict {
            numbers: [zero, v, v, v, -T::one(), zero, self.time(pace)],
            outcome: Outcome::Steady as u32,
            end: self.end(pace),
        }
    }

    /// The verdict where the motion is not at rest. A cycle shows its last turn; what has not settled, its last window.
    fn conclude(&mut self, outcome: Outcome, rest: T, pace: &Pace<'_, T>) -> Verdict<T> {
        self.phase = DONE;
        let (w, b) = (&self.window, self.base);
        let cycle = outcome == Outcome::Oscillating;
        let (low, high) = if cycle { (w.trough, w.peak) } else { (w.v_min, w.v_max) };
        let (period, time) = if cycle { (w.period(pace.dt), self.time(pace)) } else { (-T::one(), -T::one()) };
        Verdict {
            numbers: [high - low, b + low, b + high, b + w.mean(), period, rest, time],
            outcome: outcome as u32,
            end: self.end(pace),
        }
    }
}

/// What geometric continuation of the changes still adds; negative where they do not shrink, or where there are not two.
#[inline]
pub fn rest<T: Real>(change: T, before: T, floor: T) -> T {
    if change < T::zero() || before < T::zero() {
        return -T::one();
    }
    if change <= floor {
        return floor;
    }
    if change >= before {
        return -T::one();
    }
    floor.max(change * change / (before - change))
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
        // Returns 1 - qⁿ: what is missing from the limit 1 is qⁿ.
        let q = 0.7_f64;
        let (n, at) = (9, |n: i32| 1.0 - q.powi(n));
        let left = rest(at(n) - at(n - 1), at(n - 1) - at(n - 2), 0.0);
        assert!((left - q.powi(n)).abs() < 1e-12);
        assert!(rest(2e-9, 1e-9, 1e-15) < 0.0, "growth has no limit");
        assert!(rest(1e-9, -1.0, 1e-15) < 0.0 && rest(-1.0, 1.0, 1e-15) < 0.0, "one change is not a series");
    }

    fn still(basins: &[Basin<f64>]) -> Pace<'_, f64> {
        Pace { dt: 0.02, window_steps: 1000, max_windows: 100, z_t: 1.0, basins }
    }

    /// A stable equilibrium at V = 1 whose basin is a ball of radius 1e-4, and whose oscillations die at the rate 0.01.
    fn rest_at_1() -> Basin<f64> {
        let mut form = [0.0; super::super::basin::FORM];
        for i in [0, 4, 7, 9] {
            form[i] = 1e8;
        }
        Basin::about(1.0, form, 0.01)
    }

    /// Feeds windows to a run whose state lies 0.05 above V = 1; the verdict, and the window it fell in.
    fn fed(basins: &[Basin<f64>], change: impl Fn(&mut Run<f64>, i32)) -> (Option<Outcome>, i32) {
        let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.05 }, 1.0);
        for n in 0..100 {
            run.window.peaks = 20;
            let low = 1.0 - run.base;
            (run.window.v_min, run.window.trough) = (low, low);
            (run.window.v_max, run.window.peak, run.window.low_peak) = (low + 0.1, low + 0.1, low + 0.1);
            run.window.last_peak = 1.0;
            run.window.area_at_peak = low + 0.05;
            change(&mut run, n);
            if let Some(verdict) = run.close_window(&still(basins)) {
                return (Outcome::from_number(verdict.outcome), n);
            }
        }
        (None, 100)
    }

    /// Windows whose maxima are at 1 + `span`.
    fn spans(span: impl Fn(i32) -> f64) -> impl Fn(&mut Run<f64>, i32) {
        move |run, n| {
            let top = 1.0 - run.base + span(n);
            (run.window.v_max, run.window.peak, run.window.low_peak) = (top, top, top);
        }
    }

    #[test]
    fn cycles_settle_and_what_grows_or_dies_goes_on() {
        assert_eq!(fed(&[], |_, _| ()).0, Some(Outcome::Oscillating));
        let done = |n: i32| 0.1 - 0.05 * 0.1_f64.powi(n);
        assert_eq!(fed(&[], spans(done)).0, Some(Outcome::Oscillating));
        assert_eq!(fed(&[], spans(|n| 1e-9 * 1.05_f64.powi(n))).0, Some(Outcome::Unsettled));
        // Changes of 1e-6 a window look still, but a thousand times that is to come.
        assert_eq!(fed(&[], spans(|n| 0.1 + 1e-3 * 0.999_f64.powi(n))).0, Some(Outcome::Unsettled));
        // Without a basin to enter nothing is steady, however quiet.
        assert_eq!(fed(&[], spans(|_| 0.0)).0, Some(Outcome::Unsettled));
    }

    #[test]
    fn the_whole_state_has_to_return() {
        let unsettled = |change: fn(&mut Run<f64>, i32)| assert_eq!(fed(&[], change).0, Some(Outcome::Unsettled));
        unsettled(|r, n| r.window.z_peak = 1e-3 * f64::from(n));
        unsettled(|r, n| r.window.trough -= 1e-3 * f64::from(n));
        // A regular train of pulses with pauses.
        unsettled(|r, _| r.window.low_peak -= 0.09);
        unsettled(|r, _| r.window.peaks = 1);
    }

    #[test]
    fn rest_is_where_a_basin_is_entered() {
        let basins = [rest_at_1()];
        let at = |v: f64| move |r: &mut Run<f64>, _| r.state.v = v - r.base;
        assert_eq!(fed(&basins, at(1.00005)), (Some(Outcome::Steady), 0));
        assert_ne!(fed(&basins, at(1.0005)).0, Some(Outcome::Steady));
    }

    #[test]
    fn dying_about_a_stable_equilibrium_is_no_cycle() {
        let basins = [rest_at_1()];
        assert_eq!(fed(&basins, spans(|_| 1e-3)).0, Some(Outcome::Unsettled), "too small to surround a stable one");
        assert_eq!(fed(&[], spans(|_| 1e-3)).0, Some(Outcome::Oscillating));
        // What it loses in a window of 20 hides below the floor, and is half of what the linear part takes, or more.
        let slow = Basin { decay: 1e-8, ..rest_at_1() };
        assert_eq!(fed(&[slow], spans(|n| 0.1 - 1.5e-8 * f64::from(n))).0, Some(Outcome::Unsettled));
        assert_eq!(fed(&[slow], spans(|_| 0.1)).0, Some(Outcome::Oscillating));
        assert_eq!(fed(&[], spans(|n| 0.1 - 1.5e-8 * f64::from(n))).0, Some(Outcome::Oscillating));
    }

    #[test]
    fn the_origin_moves_without_a_trace() {
        let mut run = Run::<f32>::start(State { x: 0.0, y: 0.0, z: 0.5, v: 0.0 }, 0.5);
        run.state.v = 7.123_456;
        assert!(run.close_window(&Pace { dt: 0.02, window_steps: 1, max_windows: 9, z_t: 0.5, basins: &[] }).is_none());
        assert_eq!(run.base + run.state.v, 7.123_456);
        assert!(run.state.v.abs() <= 0.5 / 64.0 && (run.base * 64.0).fract() == 0.0);
    }

    #[test]
    fn poison_is_called_diverged() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.0 }, 1.0);
            run.state.x = bad;
            let verdict = run.close_window(&still(&[rest_at_1()])).expect("a verdict at once");
            assert_eq!(verdict.answer().outcome, Outcome::Diverged);
            assert!(verdict.answer().span.is_nan());
        }
    }
}
