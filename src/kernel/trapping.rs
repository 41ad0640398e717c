//! Equilibria with what is known about motions near them. Trapping regions: ellipsoids around stable equilibria that no trajectory leaves, so a state inside is
//! steady. Twin of `shaders/trapping.wgsl`.

use super::Real;
use super::constants::ORIGIN_STEP;
use crate::model::State;

/// Number of coefficients of a quadratic form in (X, Y, Z - Z_T, V - V*): xx, xy, xz, xv, yy, yz, yv, zz,
/// zv, vv, mixed ones doubled.
pub const FORM: usize = 10;

/// The ellipsoid form(u) < 1 about a stable equilibrium, u = (X, Y, Z - Z_T, V - V*), laid out as in the
/// shader's buffers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct TrappingRegion<T> {
    /// Voltage V* of the equilibrium rounded to the origin grid, exact in any precision.
    pub v_high: T,
    /// Remainder V* - `v_high`.
    pub v_low: T,
    /// Coefficients of the form.
    pub form: [T; FORM],
    /// σ: growth rate of the slowest oscillation about the equilibrium, per tau_c; negative where it is stable.
    /// Only then the region holds anything.
    pub growth: T,
    /// κ of the normal form dS/dt = σ S + κ S³ of the span S of small oscillations; 0 if it was not needed.
    pub curvature: T,
}

/// The multiple of `ORIGIN_STEP` nearest to `v`.
#[inline]
pub fn to_origin_grid<T: Real>(v: T) -> T {
    (v / T::of(ORIGIN_STEP) + T::of(0.5)).floor() * T::of(ORIGIN_STEP)
}

impl TrappingRegion<f64> {
    /// Trapping region about voltage `v`.
    #[must_use]
    pub fn about(v: f64, form: [f64; FORM], growth: f64, curvature: f64) -> Self {
        let v_high = to_origin_grid(v);
        Self { v_high, v_low: v - v_high, form, growth, curvature }
    }

    /// This region rounded to precision `T`. A form that overflows there is a region too small to be entered.
    #[must_use]
    pub fn rounded<T: Real>(&self) -> TrappingRegion<T> {
        TrappingRegion {
            v_high: T::of(self.v_high),
            v_low: T::of(self.v_low),
            form: self.form.map(T::of),
            growth: T::of(self.growth),
            curvature: T::of(self.curvature),
        }
    }
}

impl<T: Real> TrappingRegion<T> {
    /// Voltage V* of the equilibrium.
    pub fn v(&self) -> T {
        self.v_high + self.v_low
    }

    /// Difference V - V* of a voltage `v` counted from `v_0`.
    #[inline]
    pub fn distance(&self, v: T, v_0: T) -> T {
        (v_0 - self.v_high) + (v - self.v_low)
    }

    /// Change of S⁻² over a time, from the span S at its beginning, by the normal form: with w = S⁻²,
    /// dw/dt = -2 σ w - 2 κ.
    pub fn change(&self, span: T, time: T) -> T {
        let x = T::of(2.0) * self.growth * time;
        // (1 - exp(-x))/x.
        let mut part = (T::one() - (-x).exp()) / x;
        if x.abs() < T::of(0.05) {
            part = T::one() - x * (T::of(0.5) - x * (T::of(1.0 / 6.0) - x * T::of(1.0 / 24.0)));
        }
        -T::of(2.0) * time * (self.growth / (span * span) + self.curvature) * part
    }

    /// Whether a state is inside, with its V counted from `v_0` and its Z from Z_T + `z_above`.
    pub fn holds(&self, s: &State<T>, v_0: T, z_above: T) -> bool {
        let (x, y, z, v) = (s.x, s.y, z_above + s.z, self.distance(s.v, v_0));
        let [xx, xy, xz, xv, yy, yz, yv, zz, zv, vv] = self.form;
        let form = x * (xx * x + xy * y + xz * z + xv * v)
            + y * (yy * y + yz * z + yv * v)
            + z * (zz * z + zv * v)
            + v * (vv * v);
        form < T::one()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_and_outside() {
        let form = [4.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 4.0, 0.0, 4.0];
        let region = TrappingRegion::about(1.3, form, -0.1, 0.0);
        assert!((region.v() - 1.3).abs() < 1e-15);
        let at = |x: f64, v: f64| State { x, y: 0.0, z: 0.0, v };
        assert!(region.holds(&at(0.4, 0.3), 1.25, 0.0) && !region.holds(&at(0.4, 0.3), 1.5, 0.0));
        assert!(!region.holds(&at(0.4, 0.3), 1.25, 0.5));
        assert!(!region.holds(&at(0.6, 0.05), 1.25, 0.0));
        assert!(!region.holds(&at(f64::NAN, 0.0), 1.25, 0.0), "a NaN is nowhere");
        // Single precision far from 0: the distance to V* keeps its digits.
        let far = TrappingRegion::about(8.000_000_1, form, -0.1, 0.0).rounded::<f32>();
        assert!((far.distance(0.000_000_3, 8.0) - 2e-7).abs() < 1e-12);
    }
}
