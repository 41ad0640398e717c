//! One window of a motion: extrema of V between steps, maxima, period and mean. Twin of
//! `shaders/window.wgsl`.

use super::Real;
use super::constants::{AS_GOOD, MARKED_PEAKS, RETURNED, V_INFINITY};
use crate::model::State;

/// V and Z at one end of a step, with their rates of change per tau_c.
#[derive(Debug, Clone, Copy)]
pub struct StepEnd<T> {
    /// Voltage.
    pub v: T,
    /// Rate dV/dt.
    pub rate: T,
    /// Z.
    pub z: T,
    /// Rate dZ/dt.
    pub z_rate: T,
}

impl<T: Real> StepEnd<T> {
    /// End of a step with this state and derivative.
    #[inline]
    pub fn of(state: &State<T>, derivative: &State<T>) -> Self {
        Self { v: state.v, rate: derivative.v, z: state.z, z_rate: derivative.z }
    }
}

/// Extremum of V within a step whose end rates differ in sign: (fraction of the step, V).
///
/// V is the cubic through both values and rates, whose error is V⁗ dt⁴/384, so sampling does not limit the
/// span.
#[inline]
pub fn extremum<T: Real>(a: StepEnd<T>, b: StepEnd<T>, dt: T) -> (T, T) {
    let (zero, two, three, four, six) = (T::zero(), T::of(2.0), T::of(3.0), T::of(4.0), T::of(6.0));
    let (m0, m1, rise) = (a.rate * dt, b.rate * dt, b.v - a.v);
    // V(s) = V_a + s (m0 + s (qb/2 + s qa/3)), V'(s) = m0 + s (qb + s qa).
    let qa = three * (m0 + m1) - six * rise;
    let qb = six * rise - four * m0 - two * m1;
    let root = (qb * qb - four * qa * m0).max(zero).sqrt();
    let q = -T::of(0.5) * (qb + if qb < zero { -root } else { root });
    // Exactly one of the roots m0/q and q/qa is inside; if rounding leaves both outside, the zero of the
    // chord through both rates is as good.
    let (part, whole) = if is_fraction(m0, q) {
        (m0, q)
    } else if is_fraction(q, qa) {
        (q, qa)
    } else {
        (m0, m0 - m1)
    };
    let s = part / whole;
    (s, a.v + s * (m0 + s * (T::of(0.5) * qb + s * (qa * T::of(1.0 / 3.0)))))
}

/// Whether a / b is between 0 and 1.
#[inline]
fn is_fraction<T: Real>(a: T, b: T) -> bool {
    let zero = T::zero();
    b != zero && (a < zero) == (b < zero) && a.abs() <= b.abs()
}

/// Z at fraction `s` of a step, on the cubic through both values and rates.
#[inline]
pub fn z_within<T: Real>(a: StepEnd<T>, b: StepEnd<T>, s: T, dt: T) -> T {
    let (two, three) = (T::of(2.0), T::of(3.0));
    let (m0, m1, rise) = (a.z_rate * dt, b.z_rate * dt, b.z - a.z);
    a.z + s * (m0 + s * ((three * rise - two * m0 - m1) + s * (m0 + m1 - two * rise)))
}

/// Integral of V over a step, with time in steps, by Hermite's rule.
#[inline]
fn area_of<T: Real>(a: StepEnd<T>, b: StepEnd<T>, dt: T) -> T {
    T::of(0.5) * (a.v + b.v) + (a.rate - b.rate) * dt * T::of(1.0 / 12.0)
}

/// A step that contains an extremum of V, with the window's record at that step.
#[derive(Debug, Clone, Copy)]
pub struct ExtremumStep<T> {
    /// Start of the step.
    a: StepEnd<T>,
    /// End of the step.
    b: StepEnd<T>,
    /// Number of the window's steps before this one.
    step: u32,
    /// Lowest V since the previous maximum.
    low: T,
    /// Integral of V up to the start of the step, with time in steps.
    area: T,
}

/// Whether V has a maximum within the step from `a` to `b`.
#[inline]
fn falls<T: Real>(a: StepEnd<T>, b: StepEnd<T>) -> bool {
    a.rate > T::zero() && b.rate <= T::zero()
}

/// Whether V has an extremum within the step from `a` to `b`.
#[inline]
pub fn has_extremum<T: Real>(a: StepEnd<T>, b: StepEnd<T>) -> bool {
    falls(a, b) || a.rate < T::zero() && b.rate >= T::zero()
}

/// Record of one window. Times are in steps from the window's start.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Window<T> {
    /// Steps taken in this window.
    pub step: u32,
    /// Maxima of V so far.
    pub peaks: u32,
    /// Smallest V, between steps as well.
    pub v_min: T,
    /// Largest V, between steps as well.
    pub v_max: T,
    /// Latest maximum.
    pub peak: T,
    /// Z at the latest maximum.
    pub z_peak: T,
    /// Lowest V between the two latest maxima.
    pub trough: T,
    /// Lowest V since the latest maximum.
    pub low: T,
    /// Time of the first maximum.
    pub first_peak: T,
    /// Time of the latest maximum.
    pub last_peak: T,
    /// Integral of V since the window's start, with time in steps.
    pub area: T,
    /// Integral of V up to the first maximum.
    pub area_at_first: T,
    /// Integral of V up to the latest maximum.
    pub area_at_last: T,
    /// Largest difference in maximum, minimum before it and Z of the two latest maxima.
    pub last_distance: T,
    /// Time between the two latest maxima.
    pub last_time: T,
    /// Swing of the first maximum: its height above the minimum before it; negative, and too small, if that was not seen.
    pub first_swing: T,
    /// Marked maximum: the first one, or a later one every `MARKED_PEAKS`.
    pub mark_peak: T,
    /// Lowest V before the marked maximum; infinite where it was not seen.
    pub mark_trough: T,
    /// Z at the marked maximum.
    pub mark_z: T,
    /// Time of the marked maximum.
    pub mark_time: T,
    /// Number of maxima after which the motion came back nearest to the marked one, up to `AS_GOOD`; 0 before.
    pub near: u32,
    /// Largest difference in maximum, minimum before it and Z of that return.
    pub near_distance: T,
    /// Time of that return since the marked maximum.
    pub near_time: T,
}

impl<T: Real> Window<T> {
    /// A window that opens at voltage `v`.
    #[must_use]
    pub fn open(v: T) -> Self {
        let zero = T::zero();
        Self {
            step: 0,
            peaks: 0,
            v_min: v,
            v_max: v,
            peak: v,
            z_peak: zero,
            trough: v,
            low: v,
            first_peak: zero,
            last_peak: zero,
            area: zero,
            area_at_first: zero,
            area_at_last: zero,
            last_distance: T::of(V_INFINITY),
            last_time: zero,
            first_swing: zero,
            mark_peak: zero,
            mark_trough: zero,
            mark_z: zero,
            mark_time: zero,
            near: 0,
            near_distance: T::of(V_INFINITY),
            near_time: zero,
        }
    }

    /// Adds the step from `a` to `b`.
    #[inline]
    pub fn observe(&mut self, a: StepEnd<T>, b: StepEnd<T>, dt: T) {
        if let Some(found) = self.observe_step(a, b, dt) {
            self.observe_extremum(&found, dt);
        }
    }

    /// Adds the step from `a` to `b` without its extremum, if it has one. `observe_extremum` adds the
    /// extremum, now or some steps later, but before the next one.
    #[inline]
    pub fn observe_step(&mut self, a: StepEnd<T>, b: StepEnd<T>, dt: T) -> Option<ExtremumStep<T>> {
        self.v_min = self.v_min.min(b.v);
        self.v_max = self.v_max.max(b.v);
        self.low = self.low.min(b.v);
        let found = ExtremumStep { a, b, step: self.step, low: self.low, area: self.area };
        self.area = self.area + area_of(a, b, dt);
        self.step += 1;
        if falls(a, b) {
            self.peaks += 1;
            self.low = T::of(V_INFINITY);
        }
        has_extremum(a, b).then_some(found)
    }

    /// Adds the extremum of a step that `observe_step` has added.
    #[inline(always)]
    pub fn observe_extremum(&mut self, found: &ExtremumStep<T>, dt: T) {
        let (two, third) = (T::of(2.0), T::of(1.0 / 3.0));
        let ExtremumStep { a, b, .. } = *found;
        let (s, v) = extremum(a, b, dt);
        self.low = self.low.min(v);
        if !falls(a, b) {
            self.v_min = self.v_min.min(v);
            return;
        }
        self.v_max = self.v_max.max(v);
        let now = T::of(f64::from(found.step)) + s;
        // Before the maximum, V is taken as a parabola with its vertex there.
        let z = z_within(a, b, s, dt);
        self.area_at_last = found.area + s * ((two * v + a.v) * third);
        self.last_distance = (v - self.peak).abs().max((found.low - self.trough).abs()).max((z - self.z_peak).abs());
        self.last_time = now - self.last_peak;
        // Before the first maximum, the record is that of the opening.
        let opened = self.trough;
        self.peak = v;
        self.z_peak = z;
        self.trough = found.low;
        self.last_peak = now;
        // At the window's first maximum the minimum before it may not have been seen.
        let is_trough_seen = self.peaks > 1 || found.low < opened.min(b.v);
        if self.peaks == 1 {
            self.first_peak = now;
            self.area_at_first = self.area_at_last;
            self.first_swing = if is_trough_seen { self.swing() } else { -self.swing() };
        }
        let since = (self.peaks - 1) % MARKED_PEAKS;
        if since == 0 {
            self.mark_peak = v;
            self.mark_trough = if is_trough_seen { self.trough } else { T::of(V_INFINITY) };
            self.mark_z = self.z_peak;
            self.mark_time = now;
            self.near = 0;
            self.near_distance = T::of(V_INFINITY);
            return;
        }
        let mut apart = (v - self.mark_peak).abs().max((self.z_peak - self.mark_z).abs());
        if self.mark_trough < T::of(V_INFINITY) {
            apart = apart.max((self.trough - self.mark_trough).abs());
        }
        // A later return counts only if it is much nearer: the smallest number of maxima is looked for.
        let is_open = self.near_distance > T::of(RETURNED) * T::of(T::RETURN_NOISE);
        if is_open && apart < T::of(AS_GOOD) * self.near_distance {
            self.near = since;
            self.near_distance = apart;
            self.near_time = now - self.mark_time;
        }
    }

    /// Span of the window, V_max - V_min.
    pub fn span(&self) -> T {
        self.v_max - self.v_min
    }

    /// Swing of the latest maximum: its height above the minimum before it.
    pub fn swing(&self) -> T {
        self.peak - self.trough
    }

    /// Mean time between maxima in tau_c; 0 with fewer than two maxima.
    pub fn period(&self, dt: T) -> T {
        if self.peaks < 2 {
            return T::zero();
        }
        (self.last_peak - self.first_peak) * dt / T::of(f64::from(self.peaks - 1))
    }

    /// Mean of V over whole periods; the middle of its range with fewer than two maxima.
    pub fn mean(&self) -> T {
        if self.peaks < 2 {
            return T::of(0.5) * (self.v_min + self.v_max);
        }
        (self.area_at_last - self.area_at_first) / (self.last_peak - self.first_peak)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Window of V = mean + A cos(w t + phase) plus a second harmonic, sampled at `dt`.
    fn watched(mean: f64, a: f64, w: f64, phase: f64, dt: f64) -> Window<f64> {
        let at = |n: u32| {
            let t = f64::from(n) * dt;
            let (p, q) = (w * t + phase, 2.0 * (w * t + phase));
            StepEnd {
                v: mean + a * (p.cos() + 0.2 * q.cos()),
                rate: -a * w * (p.sin() + 0.4 * q.sin()),
                z: 0.5 + a * p.sin(),
                z_rate: a * w * p.cos(),
            }
        };
        let mut window = Window::open(at(0).v);
        for n in 0..1000 {
            window.observe(at(n), at(n + 1), dt);
        }
        window
    }

    proptest! {
        #[test]
        fn sampling_does_not_limit_span_period_or_mean(
            mean in -5.0..5.0f64, a in 1e-3..0.5f64, w in 5.0..9.0f64, phase in 0.0..6.3f64,
        ) {
            let dt = 0.14 / w;
            let seen = watched(mean, a, w, phase, dt);
            // max 1.2 A at 0; min of cos p + 0.2 cos 2p is -0.8 A at pi.
            prop_assert!((seen.span() - 2.0 * a).abs() < 4e-6 * a, "{}", seen.span() / a);
            prop_assert!((seen.period(dt) - std::f64::consts::TAU / w).abs() < 1e-6);
            prop_assert!((seen.mean() - mean).abs() < 1e-4 * a);
            // The latest return alone has the same span, and its Z is that at the maximum.
            prop_assert!((seen.peak - seen.trough - 2.0 * a).abs() < 8e-6 * a, "both ends may be off");
            prop_assert!((seen.z_peak - 0.5).abs() < 2e-4 * a, "{}", seen.z_peak);
            // Many maxima were compared; their largest samples alone would be too low (see the next test).
            prop_assert!(seen.peaks > 20);
        }
    }

    #[test]
    fn samples_alone_would_fall_short() {
        let (dt, w) = (0.02, 7.0);
        let mut worst = 0.0_f64;
        for n in 0..10 {
            let phase = 0.014 * f64::from(n);
            let samples = (0..1000).map(|k| (w * dt * f64::from(k) + phase).cos());
            worst = worst.max(1.0 - samples.fold(f64::MIN, f64::max));
        }
        assert!(worst > 1e-7, "the comparison above would not notice a missing extremum: {worst}");
    }
}
