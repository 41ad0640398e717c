//! Returns to the Poincaré section "V has a maximum", and where they lead. Twin of `shaders/section.wgsl`.
//!
//! A window's return is its latest maximum of V, with Z there and the trough before it. Windows hold equal numbers of turns, so
//! their returns are iterates of one map. Two of its modes about a cycle are slow, amplitude and Z, real or a spiral; so four returns
//! y_0 … y_3 with differences d_1 … d_3 determine the recurrence c_0 d_1 + c_1 d_2 + d_3 = 0 that they follow, and its limit
//!
//! ```text
//! y_3 - (c_0 (d_2 + d_3) + c_1 d_3)/(c_0 + c_1 + 1)
//! ```
//!
//! which is Aitken's extrapolation for two modes at a time. The recurrence has to contract (Jury's conditions on its roots), so a
//! growing oscillation leads nowhere, and neither does a motion that leaves an unstable cycle.

use super::Real;
use super::constants::SINGLE_MODE_ANGLE;
use super::window::Window;

/// One return to the section, and the window that led to it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Return<T> {
    /// The maximum of V.
    pub peak: T,
    /// The lowest V since the maximum before.
    pub trough: T,
    /// Z at the maximum.
    pub z: T,
    /// Mean of V over the window's turns.
    pub mean: T,
    /// Their mean duration.
    pub period: T,
}

impl<T: Real> Return<T> {
    /// The latest of a window.
    #[must_use]
    pub fn latest(w: &Window<T>, dt: T) -> Self {
        Self { peak: w.peak, trough: w.trough, z: w.z_peak, mean: w.mean(), period: w.period(dt) }
    }

    /// What stands in where there has been none.
    #[must_use]
    pub fn nowhere() -> Self {
        let zero = T::zero();
        Self { peak: zero, trough: zero, z: zero, mean: zero, period: zero }
    }

    /// Component by component.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            peak: self.peak - other.peak,
            trough: self.trough - other.trough,
            z: self.z - other.z,
            mean: self.mean - other.mean,
            period: self.period - other.period,
        }
    }

    /// Every component times a number.
    #[must_use]
    pub fn times(self, by: T) -> Self {
        Self {
            peak: self.peak * by,
            trough: self.trough * by,
            z: self.z * by,
            mean: self.mean * by,
            period: self.period * by,
        }
    }

    /// The same counted from an origin that lies higher by `v` in V and `z` in Z.
    #[must_use]
    pub fn shifted(self, [v, z]: [T; 2]) -> Self {
        Self { peak: self.peak - v, trough: self.trough - v, z: self.z - z, mean: self.mean - v, ..self }
    }

    /// The largest of peak, trough and Z: what tells a state of the section.
    #[must_use]
    pub fn size(self) -> T {
        self.peak.abs().max(self.trough.abs()).max(self.z.abs())
    }

    /// V_max - V_min.
    #[must_use]
    pub fn span(self) -> T {
        self.peak - self.trough
    }
}

/// Where four returns, the latest last, lead; `None` where they lead nowhere. Changes below `noise` are none.
#[inline]
pub fn limit<T: Real>(y: [Return<T>; 4], noise: T) -> Option<Return<T>> {
    let (one, zero) = (T::one(), T::zero());
    let (d_1, d_2, d_3) = (y[1].minus(y[0]), y[2].minus(y[1]), y[3].minus(y[2]));
    if d_3.size() <= noise && d_2.size() <= noise {
        return Some(y[3]);
    }
    // In the plane of span and Z: c_0 d_1 + c_1 d_2 = -d_3.
    let (a_1, a_2, a_3) = (d_1.span(), d_2.span(), d_3.span());
    let (left, right) = (a_1 * d_2.z, a_2 * d_1.z);
    let det = left - right;
    let (c_0, c_1) = if det.abs() > T::of(SINGLE_MODE_ANGLE) * (left.abs() + right.abs()) {
        ((a_2 * d_3.z - a_3 * d_2.z) / det, (a_3 * d_1.z - a_1 * d_3.z) / det)
    } else {
        // One mode is left, or none beside it can be seen.
        (zero, -(a_2 * a_3 + d_2.z * d_3.z) / (a_2 * a_2 + d_2.z * d_2.z))
    };
    let contracts = c_0 < one && c_1.abs() < one + c_0;
    if !contracts {
        return None;
    }
    let whole = c_0 + c_1 + one;
    Some(y[3].minus(d_2.times(c_0 / whole)).minus(d_3.times((c_0 + c_1) / whole)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A return that is told by its maximum, trough and Z; its mean lies halfway, and its period grows with Z.
    pub(in super::super) fn return_at(peak: f64, trough: f64, z: f64) -> Return<f64> {
        Return { peak, trough, z, mean: 0.5 * (peak + trough), period: 0.9 + 0.1 * z }
    }

    /// Returns that spiral into `to`: a turn of angle and a shrinking by `q` a window, seen in peak, trough and Z.
    pub(in super::super) fn spiral(n: i32, to: Return<f64>, q: f64, angle: f64) -> Return<f64> {
        let (size, at) = (1e-3 * q.powi(n), angle * f64::from(n));
        return_at(to.peak + size * at.cos(), to.trough - 0.7 * size * (at + 0.1).cos(), to.z + 5.0 * size * at.sin())
    }

    pub(in super::super) const CYCLE: Return<f64> =
        Return { peak: 0.1, trough: 0.0, z: -0.3, mean: 0.05, period: 0.87 };

    fn extrapolated(return_at: impl Fn(i32) -> Return<f64>) -> Option<Return<f64>> {
        limit([0, 1, 2, 3].map(return_at), 1e-15)
    }

    #[test]
    fn limits_of_spirals_and_of_single_modes_are_exact() {
        for (q, angle) in [(0.8, 0.9), (0.5, 3.0), (0.95, 0.3), (0.7, 0.0), (0.7, std::f64::consts::PI)] {
            let found = extrapolated(|n| spiral(n, CYCLE, q, angle)).expect("it converges");
            let off = found.minus(CYCLE);
            let off = off.size().max(off.mean.abs()).max(off.period.abs());
            assert!(off < 1e-11, "{q} {angle}: {off:e}");
            // What the last return alone would miss.
            assert!(spiral(3, CYCLE, q, angle).minus(CYCLE).size() > 1e-4);
        }
        // One real mode, seen in V and Z; in Z alone; in V alone.
        for [v, z] in [[0.01, 0.3], [0.0, 0.3], [0.01, 0.0]] {
            let one = |n: i32| return_at(0.1 + v * 0.8_f64.powi(n), 0.0, 0.2 + z * 0.8_f64.powi(n));
            assert!(extrapolated(one).expect("it converges").minus(return_at(0.1, 0.0, 0.2)).size() < 1e-12, "{v} {z}");
        }
        // Two real modes of different directions.
        let two = |n: i32| return_at(0.1 + 0.9_f64.powi(n), 0.5_f64.powi(n), 0.3 * 0.9_f64.powi(n) - 0.5_f64.powi(n));
        assert!(extrapolated(two).expect("it converges").minus(return_at(0.1, 0.0, 0.0)).size() < 1e-12);
    }

    #[test]
    fn what_does_not_contract_leads_nowhere() {
        assert!(
            extrapolated(|n| spiral(n, CYCLE, 1.1, 0.9)).is_none()
                && extrapolated(|n| spiral(n, CYCLE, 1.05, 0.0)).is_none()
        );
        assert!(extrapolated(|n| spiral(n, CYCLE, 1.0, 0.5)).is_none(), "a slow beat does not end");
        // Growth along one direction and decay along the other: a motion that leaves an unstable cycle.
        let saddle = |n: i32| return_at(0.1 + 1.2_f64.powi(n), 0.5_f64.powi(n), 0.3 * 0.5_f64.powi(n));
        assert!(extrapolated(saddle).is_none());
        // What does not change is there already; a NaN leads nowhere.
        assert_eq!(extrapolated(|_| CYCLE), Some(CYCLE));
        assert!(
            extrapolated(|n| if n == 2 { return_at(f64::NAN, 0.0, 0.0) } else { spiral(n, CYCLE, 0.8, 0.9) }).is_none()
        );
    }
}
