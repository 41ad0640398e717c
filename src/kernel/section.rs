//! Returns to the Poincaré section "V has a maximum", and their limit. Twin of `shaders/section.wgsl`.
//!
//! A window's return is its latest maximum of V, with Z there and the minimum of V before it. Windows hold
//! equal numbers of oscillations, so their returns are iterates of one map. Two modes of this map about a
//! cycle are slow, amplitude and Z (real, or a spiral). So four returns y_0 … y_3 with differences
//! d_1 … d_3 determine the recurrence c_0 d_1 + c_1 d_2 + d_3 = 0 that they follow, and its limit
//!
//! ```text
//! y_3 - (c_0 (d_2 + d_3) + c_1 d_3)/(c_0 + c_1 + 1)
//! ```
//!
//! which is Aitken's extrapolation for two modes at a time. The recurrence has to contract (Jury's
//! conditions on its roots), so a growing oscillation has no limit, nor has a motion that leaves an unstable
//! cycle.

use super::Real;
use super::constants::SINGLE_MODE_ANGLE;
use super::window::Window;

/// One return to the section, with mean and period of its window.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Return<T> {
    /// Maximum of V.
    pub peak: T,
    /// Lowest V since the previous maximum.
    pub trough: T,
    /// Z at the maximum.
    pub z: T,
    /// Mean of V over the window's periods.
    pub mean: T,
    /// Mean period in the window, in tau_c.
    pub period: T,
}

impl<T: Real> Return<T> {
    /// Latest return of a window.
    #[must_use]
    pub fn latest(w: &Window<T>, dt: T) -> Self {
        Self { peak: w.peak, trough: w.trough, z: w.z_peak, mean: w.mean(), period: w.period(dt) }
    }

    /// Placeholder where there has been no return.
    #[must_use]
    pub fn nowhere() -> Self {
        let zero = T::zero();
        Self { peak: zero, trough: zero, z: zero, mean: zero, period: zero }
    }

    /// Difference of two returns, by component.
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

    /// Product of every component with a number.
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

    /// This return counted from an origin that is higher by `v` in V and `z` in Z.
    #[must_use]
    pub fn shifted(self, [v, z]: [T; 2]) -> Self {
        Self { peak: self.peak - v, trough: self.trough - v, z: self.z - z, mean: self.mean - v, ..self }
    }

    /// Norm: the largest of |peak|, |trough| and |Z|, which fix a point of the section.
    #[must_use]
    pub fn size(self) -> T {
        self.peak.abs().max(self.trough.abs()).max(self.z.abs())
    }

    /// Span: peak minus trough.
    #[must_use]
    pub fn span(self) -> T {
        self.peak - self.trough
    }
}

/// Limit of four successive returns, the latest last; `None` if they do not contract. Changes up to `noise`
/// count as none.
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
        // One mode is left, or the other cannot be resolved.
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

    /// A return with this maximum, trough and Z; its mean is halfway between, its period grows with Z.
    pub(in super::super) fn return_at(peak: f64, trough: f64, z: f64) -> Return<f64> {
        Return { peak, trough, z, mean: 0.5 * (peak + trough), period: 0.9 + 0.1 * z }
    }

    /// Return `n` of a spiral into `to`: rotation by `angle` and contraction by `q` per window, seen in peak,
    /// trough and Z.
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
            // The latest return alone is farther off.
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
        // Returns that do not change are their own limit; with a NaN there is none.
        assert_eq!(extrapolated(|_| CYCLE), Some(CYCLE));
        assert!(
            extrapolated(|n| if n == 2 { return_at(f64::NAN, 0.0, 0.0) } else { spiral(n, CYCLE, 0.8, 0.9) }).is_none()
        );
    }
}
