//! The settling rule: when a run ends, and with which result. Twin of `shaders/settle.wgsl`.
//!
//! A run is looked at from time to time, and at the end of each window, a number of maxima of V that doubles
//! from window to window.
//!
//! *Steady*: the state is in a trapping region (`trapping`); or the swing of V about a stable equilibrium changes
//! over two windows as the normal form of its Hopf point says, dS/dt = σ S + κ S³, and dies by it.
//!
//! *Oscillating*: Newton's method (`newton`) leads from the motion to a cycle whose multipliers are inside the
//! unit circle, and the motion's own return, one period later, is nearer to the cycle as the return map says.
//! Nearness alone does not count: a motion can pass a stable cycle and go on. About an unstable equilibrium,
//! a swing that follows the normal form to the cycle's span counts too.
//!
//! What a precision cannot decide stays unsettled: coherences that rounding would keep from growing again, and
//! multipliers next to the unit circle.

use super::Real;
use super::constants::{
    ABOUT, DAMPING, DONE, DRIFT_RATE, DYING, FEWEST_MORE_PEAKS, FEWEST_REPEATS, FIRST_PEAKS, INSIDE_UNSTABLE,
    MARKED_PEAKS, MORE_PEAKS, MOST_PEAKS, MOTION, NEAR_RETURN, NORMAL_FORM_ERROR, NORMAL_FORM_NOISE, QUIET, V_INFINITY,
};
use super::run::{Run, RunResult, RunSettings};
use super::trapping::to_origin_grid;
use super::window::Window;
use crate::results::{COLUMNS, CellResult, Certificate, Outcome};

impl<T: Real> Run<T> {
    /// Looks at the run where it is due; returns the result if the run ends.
    pub fn look(&mut self, settings: &RunSettings<'_, T>) -> Option<RunResult<T>> {
        self.windows += 1;
        if self.pass != MOTION {
            self.newton_steps += self.window.step;
            return self.end_pass(settings);
        }
        let w = self.window;
        if !self.is_finite() || !w.span().is_finite() {
            return Some(self.without_numbers(Outcome::Diverged));
        }
        for region in settings.regions {
            if region.growth < T::zero() && region.holds(&self.state, self.v_0, self.z_0 - settings.z_t) {
                return Some(self.at_rest(region.v(), Certificate::Ellipsoid, settings));
            }
        }
        if self.follows_slow_manifold(settings) {
            let end = self.v_0 + self.state.v;
            return Some(RunResult {
                outcome: Outcome::Unsettled as u32,
                ..self.at_rest(end, Certificate::SlowManifold, settings)
            });
        }
        let by_time = settings.limits.first_peaks == u32::MAX;
        let is_over = self.steps >= settings.limits.max_steps;
        // What the last window has seen when the time is up counts, too.
        let is_whole = w.peaks == self.peaks_due || (is_over && !by_time && w.peaks >= FIRST_PEAKS);
        self.newton.expected = T::zero();
        let dies_at = if is_whole { self.dies_by_normal_form(settings) } else { None };
        if let Some(v) = dies_at {
            return Some(self.at_rest(v, Certificate::NormalForm, settings));
        }
        self.centre = T::of(0.5) * (w.v_min + w.v_max);
        if is_over && by_time {
            return Some(self.last_window());
        }
        if self.state.x.abs() + self.state.y.abs() < T::of(T::COHERENCE) && !by_time {
            return Some(self.without_numbers(Outcome::Unsettled));
        }
        if is_whole {
            let next = w.peaks + w.peaks.div_ceil(MORE_PEAKS).max(FEWEST_MORE_PEAKS);
            let whole = if next > MARKED_PEAKS { next.div_ceil(MARKED_PEAKS) * MARKED_PEAKS } else { next };
            self.peaks_due = whole.min(MOST_PEAKS);
        }
        let mut period = [T::zero(); 2];
        if is_whole {
            period = self.near_period();
            self.skip = 0;
        }
        if is_whole || w.peaks == 0 || by_time {
            self.follow_origin();
        }
        if period[0] > T::zero() {
            self.leave_motion(period, w.span());
        } else if is_over {
            return Some(self.without_numbers(Outcome::Unsettled));
        } else {
            self.step_due = self.next_look(&settings.limits);
        }
        None
    }

    /// Moves the origin to the motion in whole steps of the origin grid, without rounding, and opens a window.
    fn follow_origin(&mut self) {
        let shift = [to_origin_grid(self.state.v), to_origin_grid(self.state.z)];
        self.v_0 = self.v_0 + shift[0];
        self.z_0 = self.z_0 + shift[1];
        self.state.v = self.state.v - shift[0];
        self.state.z = self.state.z - shift[1];
        self.centre = self.centre - shift[0];
        self.window = Window::open(self.state.v);
    }

    /// Period of the return of the window from which Newton's method starts, and the time to start after the
    /// latest maximum, both in steps; 0 where no return came near enough.
    fn near_period(&self) -> [T; 2] {
        let (w, quarter) = (&self.window, T::of(0.25));
        if self.is_dying == 1 {
            return [T::zero(); 2];
        }
        if self.skip != 1 && w.last_distance <= T::of(NEAR_RETURN) * w.swing() {
            return [w.last_time, quarter * w.last_time];
        }
        // A period of several maxima fits into the window some times.
        let fits = w.near > 0 && w.near != self.skip && FEWEST_REPEATS * w.near < w.peaks;
        if fits && w.near_distance <= T::of(NEAR_RETURN) * w.span() {
            return [w.near_time, quarter * w.near_time / T::of(f64::from(w.near))];
        }
        [T::zero(); 2]
    }

    /// Whether the motion is at rest but for Z, which relaxes slowly. In single precision never: see `COHERENCE`.
    fn follows_slow_manifold(&self, settings: &RunSettings<'_, T>) -> bool {
        let away = (self.z_0 - settings.z_t) + self.state.z;
        let most = T::of(QUIET) + T::of(DRIFT_RATE) * settings.relaxation * away.abs();
        T::COHERENCE == 0.0
            && settings.is_slow
            && self.state.x.abs() + self.state.y.abs() <= T::of(QUIET)
            && self.rate.v.abs() <= most
    }

    /// V of the stable equilibrium about which the swing dies by the normal form. About an unstable one, notes the
    /// span that the normal form predicts.
    fn dies_by_normal_form(&mut self, settings: &RunSettings<'_, T>) -> Option<T> {
        let w = self.window;
        let (first, last) = (w.first_swing.abs(), w.swing());
        let middle = T::of(0.5) * (w.peak + w.trough);
        let time = (w.last_peak - w.first_peak) * self.dt;
        let noise = T::of(NORMAL_FORM_NOISE) * T::of(T::ROUNDING).max(settings.peak_error * first);
        let before = self.followed;
        self.followed = 0;
        self.is_dying = 0;
        for (region, number) in settings.regions.iter().zip(1..) {
            let off = region.distance(middle, self.v_0).abs();
            if !(off <= last && (last - first).abs() > noise) {
                continue;
            }
            // No small cycle surrounds an equilibrium that is stable near a supercritical Hopf point.
            let most = if region.curvature < T::zero() { first } else { T::of(DYING) * first };
            if region.growth < T::zero() && last < most {
                self.is_dying = 1;
            }
            if !(off <= T::of(ABOUT) * last && w.first_swing > T::zero()) || region.curvature == T::zero() {
                continue;
            }
            // S⁻² obeys a linear equation.
            let predicted = region.change(first, time);
            let seen = T::one() / (last * last) - T::one() / (first * first);
            if !((seen - predicted).abs() <= T::of(NORMAL_FORM_ERROR) * predicted.abs()) {
                continue;
            }
            self.followed = number;
            if before != number {
                continue;
            }
            let square = -region.growth / region.curvature;
            if region.growth < T::zero() && (square < T::zero() || last * last < T::of(INSIDE_UNSTABLE) * square) {
                return Some(region.v());
            }
            if region.growth > T::zero() && square > T::zero() {
                self.newton.expected = square.sqrt();
            }
        }
        None
    }

    /// Time of the motion so far, Newton's method aside.
    fn time(&self, settings: &RunSettings<'_, T>) -> T {
        T::of(f64::from(self.steps - self.newton_steps)) * settings.dt
    }

    fn concluded(&mut self, outcome: Outcome, certificate: Certificate, numbers: [T; COLUMNS.len()]) -> RunResult<T> {
        self.phase = DONE;
        let s = &self.state;
        let end = [s.x, s.y, self.z_0 + s.z, self.v_0 + s.v];
        RunResult { numbers, outcome: outcome as u32, certificate: certificate as u32, steps: self.steps, end }
    }

    /// Result of a run that has come to rest at this V.
    fn at_rest(&mut self, v: T, certificate: Certificate, settings: &RunSettings<'_, T>) -> RunResult<T> {
        let (zero, none, missing) = (T::zero(), -T::one(), T::of(V_INFINITY));
        let time = self.time(settings);
        let numbers = [zero, v, v, v, none, zero, time, none, none, missing, missing];
        self.concluded(Outcome::Steady, certificate, numbers)
    }

    /// Result of a run on the cycle that Newton's method has found.
    pub(super) fn on_cycle(&mut self, certificate: Certificate, settings: &RunSettings<'_, T>) -> RunResult<T> {
        let (n, b) = (self.newton, self.v_0);
        let (span, maxima) = (n.high - n.low, T::of(f64::from(n.maxima)));
        // What a period adds in error, the contraction of the returns takes away.
        let step = maxima * self.dt / n.period;
        let damping = T::of(DAMPING) * step * step * step * step * step * span;
        let added = damping + T::of(T::ROUNDING) * (T::one() + span);
        let contraction = (T::one() - n.multiplier).max(T::of(T::CONTRACTION));
        let error = n.change + T::of(T::RETURN_NOISE).max(settings.peak_error) + added / contraction;
        let time = self.time(settings);
        let missing = T::of(V_INFINITY);
        let (low, high, mean) = (b + n.low, b + n.high, b + n.mean);
        let numbers = [span, low, high, mean, n.period, error, time, n.multiplier, maxima, missing, missing];
        self.concluded(Outcome::Oscillating, certificate, numbers)
    }

    /// Result of a run that is neither.
    pub(super) fn without_numbers(&mut self, outcome: Outcome) -> RunResult<T> {
        // Infinite numbers are missing ones, as are negative errors and times.
        self.concluded(outcome, Certificate::None, [T::of(V_INFINITY); COLUMNS.len()])
    }

    /// Result of a run in windows by time: what its last window has seen.
    fn last_window(&mut self) -> RunResult<T> {
        let (w, b, none) = (self.window, self.v_0, -T::one());
        let missing = T::of(V_INFINITY);
        let period = w.period(self.dt);
        let numbers =
            [w.span(), b + w.v_min, b + w.v_max, b + w.mean(), period, none, none, none, none, missing, missing];
        self.concluded(Outcome::Unsettled, Certificate::None, numbers)
    }
}

impl<T: Real> RunResult<T> {
    /// Result in f64, with NaN for missing numbers.
    #[must_use]
    pub fn result(&self) -> CellResult {
        let outcome = Outcome::from_number(self.outcome).unwrap_or(Outcome::Diverged);
        let certificate = Certificate::from_number(self.certificate);
        let Some(certificate) = certificate.filter(|_| outcome != Outcome::Diverged) else {
            let steps = u64::from(self.steps);
            return CellResult { steps, certificate, ..CellResult::without_numbers(Outcome::Diverged) };
        };
        let number = |x: T| if x < T::of(V_INFINITY) { x.widen() } else { f64::NAN };
        let mut result =
            CellResult { certificate: Some(certificate), ..CellResult::new(self.numbers.map(number), outcome) };
        result.end = self.end.map(Real::widen);
        result.steps = u64::from(self.steps);
        let positive = [&mut result.period, &mut result.multiplier, &mut result.maxima];
        positive.into_iter().filter(|n| !(**n > 0.0)).for_each(|n| *n = f64::NAN);
        let at_least_0 = [&mut result.span_error, &mut result.settle_time];
        at_least_0.into_iter().filter(|n| !(**n >= 0.0)).for_each(|n| *n = f64::NAN);
        result
    }
}
