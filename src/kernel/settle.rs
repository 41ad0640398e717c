//! The settling rule: when a run ends, and with which result. Twin of `shaders/settle.wgsl`.
//!
//! A run is judged at the end of each window: a fixed number of maxima of V, or a time where V has fewer.
//! *Steady*: the state is in a trapping region (`trapping`): span 0, V = V*. Nothing else is steady, however
//! quiet. *Oscillating*: the returns (`section`) have the same limit in two successive windows. The limit is
//! the result, the difference its error (at least a fraction of what the limit adds to the latest return). This
//! return has to be near the limit, and all maxima of the window near each other, so a train of pulses is not
//! settled. About a stable equilibrium, a motion that is small or shrinks at over half the linear rate decays.

use super::Real;
use super::constants::{
    DECAY_SHARE, DONE, EXTRAPOLATION_ERROR, LIMIT_TOLERANCE_RELATIVE, NEAR_LIMIT, PEAK_ERRORS, SMALL_CYCLE,
};
use super::run::{Run, RunResult, RunSettings};
use super::section::{Return, limit};
use super::trapping::{TrappingRegion, to_origin_grid};
use super::window::Window;
use crate::results::{CellResult, Outcome};

impl<T: Real> Run<T> {
    /// Closes the window; returns the result if the run ends, else opens the next window.
    pub fn close_window(&mut self, settings: &RunSettings<'_, T>) -> Option<RunResult<T>> {
        let w = self.window;
        self.windows += 1;
        if !self.is_finite() || !w.span().is_finite() {
            return Some(self.conclude(Outcome::Diverged, None, settings));
        }
        for region in settings.regions {
            if region.holds(&self.state, self.v_0, self.z_0 - settings.z_t) {
                return Some(self.at_rest(region, settings));
            }
        }
        let noise = T::of(T::RETURN_NOISE).max(settings.peak_error);
        let latest = Return::latest(&w, settings.dt);
        let whole = w.peaks == settings.limits.peaks_per_window;
        let mut extrapolated = None;
        if whole && self.returns >= 3 {
            extrapolated = limit([self.return_3, self.return_2, self.return_1, latest], noise);
        }
        if let Some(limit) = extrapolated.filter(|_| self.returns == 4) {
            let (span, remaining) = (limit.span(), limit.minus(latest));
            let added = remaining.peak.abs().max(remaining.trough.abs());
            let error = noise.max(limit.minus(self.limit).size()).max(T::of(EXTRAPOLATION_ERROR) * added);
            let away = added.max(w.v_max - w.low_peak);
            let tolerance = T::of(T::LIMIT_TOLERANCE).max(T::of(PEAK_ERRORS) * settings.peak_error);
            let agrees = error <= tolerance.min(T::of(LIMIT_TOLERANCE_RELATIVE) * span);
            if agrees && away <= T::of(NEAR_LIMIT) * span && !self.is_decaying(latest.span(), settings) {
                return Some(self.conclude(Outcome::Oscillating, Some((limit, error)), settings));
            }
        }
        if self.steps >= settings.limits.max_steps {
            return Some(self.conclude(Outcome::Unsettled, None, settings));
        }
        // The origin follows the motion in whole steps of the origin grid, without rounding.
        let shift = [to_origin_grid(self.state.v), to_origin_grid(self.state.z)];
        self.v_0 = self.v_0 + shift[0];
        self.z_0 = self.z_0 + shift[1];
        self.state.v = self.state.v - shift[0];
        self.state.z = self.state.z - shift[1];
        self.return_3 = self.return_2.shifted(shift);
        self.return_2 = self.return_1.shifted(shift);
        self.return_1 = latest.shifted(shift);
        self.limit = extrapolated.unwrap_or(latest).shifted(shift);
        self.returns = match (whole, extrapolated) {
            (false, _) => 0, // a window ended by time restarts the count
            (true, Some(_)) => 4,
            (true, None) => 3.min(self.returns + 1),
        };
        self.window = Window::open(self.state.v);
        None
    }

    /// Whether a motion of this span decays to a stable equilibrium that it surrounds.
    fn is_decaying(&self, span: T, settings: &RunSettings<'_, T>) -> bool {
        let lost = self.return_1.span() - span;
        let time = T::of(f64::from(self.window.step)) * settings.dt;
        let mean = self.window.mean();
        settings.regions.iter().any(|b| {
            let surrounds = b.distance(mean, self.v_0).abs() < span;
            surrounds && (span < T::of(SMALL_CYCLE) || lost > T::of(DECAY_SHARE) * b.decay * time * span)
        })
    }

    fn time(&self, settings: &RunSettings<'_, T>) -> T {
        T::of(f64::from(self.steps)) * settings.dt
    }

    fn end(&self) -> [T; 4] {
        [self.state.x, self.state.y, self.z_0 + self.state.z, self.v_0 + self.state.v]
    }

    fn at_rest(&mut self, region: &TrappingRegion<T>, settings: &RunSettings<'_, T>) -> RunResult<T> {
        self.phase = DONE;
        let (v, zero) = (region.v(), T::zero());
        RunResult {
            numbers: [zero, v, v, v, -T::one(), zero, self.time(settings)],
            outcome: Outcome::Steady as u32,
            end: self.end(),
        }
    }

    /// Result of a run that is not steady: of a cycle the limit of its returns, otherwise its last window.
    fn conclude(
        &mut self,
        outcome: Outcome,
        cycle: Option<(Return<T>, T)>,
        settings: &RunSettings<'_, T>,
    ) -> RunResult<T> {
        self.phase = DONE;
        let (w, b, none) = (&self.window, self.v_0, -T::one());
        let numbers = match cycle {
            Some((limit, error)) => {
                let (low, high) = (limit.trough, limit.peak);
                [high - low, b + low, b + high, b + limit.mean, limit.period, error, self.time(settings)]
            }
            None => [w.v_max - w.v_min, b + w.v_min, b + w.v_max, b + w.mean(), none, none, none],
        };
        RunResult { numbers, outcome: outcome as u32, end: self.end() }
    }
}

impl<T: Real> RunResult<T> {
    /// Result in f64, with NaN for missing numbers.
    #[must_use]
    pub fn result(&self) -> CellResult {
        let Some(outcome) = Outcome::from_number(self.outcome).filter(|o| *o != Outcome::Diverged) else {
            return CellResult::without_numbers(Outcome::Diverged);
        };
        let mut result = CellResult::new(self.numbers.map(Real::widen), outcome);
        result.end = self.end.map(Real::widen);
        if !(result.period > 0.0) {
            result.period = f64::NAN;
        }
        for missing in [&mut result.span_error, &mut result.settle_time] {
            if *missing < 0.0 {
                *missing = f64::NAN;
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::run::WindowLimits;
    use crate::kernel::section::tests::{CYCLE, return_at, spiral};
    use crate::model::State;

    const PEAKS: u32 = 20;

    fn still(regions: &[TrappingRegion<f64>]) -> RunSettings<'_, f64> {
        let limits = WindowLimits { peaks_per_window: PEAKS, window_steps: 1000, max_steps: 100_000 };
        RunSettings { dt: 0.02, limits, peak_error: 0.0, z_t: 1.0, regions }
    }

    /// A stable equilibrium at V = 1: trapping region a ball of radius 1e-4, decay rate 0.01.
    fn rest_at_1() -> TrappingRegion<f64> {
        let mut form = [0.0; super::super::trapping::FORM];
        for i in [0, 4, 7, 9] {
            form[i] = 1e8;
        }
        TrappingRegion::about(1.0, form, 0.01)
    }

    /// Result, and number of its window, of a run at V = 1.05 that is fed with `returns` counted from V = Z = 1.
    fn fed(
        regions: &[TrappingRegion<f64>],
        returns: impl Fn(i32) -> Return<f64>,
        change: impl Fn(&mut Run<f64>, i32),
    ) -> (Option<RunResult<f64>>, i32) {
        let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.05 });
        for n in 0..100 {
            let y = returns(n).shifted([run.v_0 - 1.0, run.z_0 - 1.0]);
            run.window.peaks = PEAKS;
            run.window.step = 1000;
            run.steps += 1000;
            (run.window.v_min, run.window.trough) = (y.trough, y.trough);
            (run.window.v_max, run.window.peak, run.window.low_peak) = (y.peak, y.peak, y.peak);
            run.window.z_peak = y.z;
            run.window.last_peak = y.period * f64::from(PEAKS - 1) / 0.02;
            run.window.area_at_peak = y.mean * run.window.last_peak;
            change(&mut run, n);
            if let Some(outcome) = run.close_window(&still(regions)) {
                return (Some(outcome), n);
            }
        }
        (None, 100)
    }

    fn outcome(found: &(Option<RunResult<f64>>, i32)) -> Option<Outcome> {
        found.0.as_ref().and_then(|v| Outcome::from_number(v.outcome))
    }

    /// Returns with their trough at V = 1 and this span.
    fn spans(span: impl Fn(i32) -> f64) -> impl Fn(i32) -> Return<f64> {
        move |n| return_at(span(n), 0.0, 0.0)
    }

    #[test]
    fn cycles_settle_on_their_limit() {
        let found = fed(&[], |n| spiral(n, CYCLE, 0.6, 0.8), |_, _| ());
        assert_eq!(outcome(&found), Some(Outcome::Oscillating));
        let result = found.0.expect("settled").result();
        let last = spiral(found.1, CYCLE, 0.6, 0.8);
        // The limit is off by less than the stated error; the latest return is much farther off.
        assert!((result.span - 0.1).abs() < 1e-10 && result.span_error < 3e-7, "{result:?}");
        assert!((last.span() - 0.1).abs() > 10.0 * result.span_error, "the limit adds nothing here");
        assert!((result.v_max - 1.1).abs() < 1e-10 && (result.v_min - 1.0).abs() < 1e-10);
        assert!((result.v_mean - 1.05).abs() < 1e-10 && (result.period - 0.87).abs() < 1e-10, "{result:?}");
        assert_eq!(outcome(&fed(&[], |_| CYCLE, |_, _| ())), Some(Outcome::Oscillating));
    }

    #[test]
    fn what_grows_dies_or_beats_goes_on() {
        let unsettled = |returns: &dyn Fn(i32) -> Return<f64>| {
            assert_eq!(outcome(&fed(&[], returns, |_, _| ())), Some(Outcome::Unsettled));
        };
        unsettled(&spans(|n| 1e-9 * 1.05_f64.powi(n)));
        unsettled(&|n| spiral(n, CYCLE, 1.0, 0.5));
        unsettled(&spans(|n| 0.1 * 0.9_f64.powi(n))); // its limit is no cycle
        unsettled(&spans(|_| 0.0)); // quiet, but in no trapping region
        unsettled(&spans(|n| 0.1 + 1e-3 * 0.999_f64.powi(n))); // changes of 1e-6, but a thousand of them to come
        unsettled(&|n| return_at(0.1, 0.0, 1e-3 * f64::from(n))); // a limit that keeps moving
    }

    #[test]
    fn trains_of_pulses_are_no_cycles() {
        let unsettled = |change: fn(&mut Run<f64>, i32)| {
            assert_eq!(outcome(&fed(&[], |_| CYCLE, change)), Some(Outcome::Unsettled));
        };
        unsettled(|r, _| r.window.low_peak -= 0.09); // regular pauses: the latest maxima agree, others are lower
        unsettled(|r, _| r.window.peaks = PEAKS - 1); // pauses so long that a window has too few maxima
        unsettled(|r, n| r.window.peaks = if n % 4 == 3 { 1 } else { PEAKS });
    }

    #[test]
    fn rest_is_where_a_basin_is_entered() {
        let regions = [rest_at_1()];
        let at = |v: f64| fed(&regions, |_| CYCLE, move |r, _| r.state.v = v - r.v_0);
        assert_eq!((outcome(&at(1.00005)), at(1.00005).1), (Some(Outcome::Steady), 0));
        assert_ne!(outcome(&at(1.0005)), Some(Outcome::Steady));
    }

    #[test]
    fn dying_about_a_stable_equilibrium_is_no_cycle() {
        let regions = [rest_at_1()];
        let with =
            |regions: &[TrappingRegion<f64>], span: &dyn Fn(i32) -> f64| outcome(&fed(regions, spans(span), |_, _| ()));
        assert_eq!(with(&regions, &|_| 1.9e-3), Some(Outcome::Unsettled), "too small to surround a stable one");
        assert_eq!(with(&[], &|_| 1.9e-3), Some(Outcome::Oscillating));
        // The loss in a window of 20 tau_c is below RETURN_NOISE, but more than half of the linear decay.
        let slow = TrappingRegion { decay: 1e-8, ..rest_at_1() };
        let dying = |n: i32| 0.1 - 1.5e-8 * f64::from(n);
        assert_eq!(with(&[slow], &dying), Some(Outcome::Unsettled));
        assert_eq!(with(&[slow], &|_| 0.1), Some(Outcome::Oscillating));
        assert_eq!(with(&[], &dying), Some(Outcome::Oscillating));
    }

    #[test]
    fn the_origin_moves_without_a_trace() {
        let mut run = Run::<f32>::start(State { x: 0.0, y: 0.0, z: 0.5, v: 0.0 });
        run.state.v = 7.123_456;
        let limits = WindowLimits { peaks_per_window: 9, window_steps: 1, max_steps: 9 };
        assert!(run.close_window(&RunSettings { dt: 0.02, limits, peak_error: 0.0, z_t: 0.5, regions: &[] }).is_none());
        assert_eq!(run.v_0 + run.state.v, 7.123_456);
        assert!(run.state.v.abs() <= 0.5 / 4096.0 && (run.v_0 * 4096.0).fract() == 0.0);
        assert_eq!(run.z_0 + run.state.z, 0.5);
    }

    #[test]
    fn poison_is_called_diverged() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut run = Run::start(State { x: 0.0, y: 0.0, z: 1.0, v: 1.0 });
            run.state.x = bad;
            let outcome = run.close_window(&still(&[rest_at_1()])).expect("an outcome at once");
            assert_eq!(outcome.result().outcome, Outcome::Diverged);
            assert!(outcome.result().span.is_nan());
        }
    }
}
