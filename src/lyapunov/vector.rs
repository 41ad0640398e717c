//! Pairs of the machine's vectors of f64, with their arithmetic.

use pulp::Simd;
use std::ops::{Add, Mul, Sub};

/// Two vectors, so that one computes while the other waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<S: Simd>(pub(super) S, S::f64s, S::f64s);

impl<S: Simd> Pair<S> {
    #[inline(always)]
    pub(super) fn get(s: S, row: &[f64], j: usize) -> Self {
        let v = S::as_simd_f64s(row).0;
        Self(s, v[2 * j], v[2 * j + 1])
    }

    #[inline(always)]
    pub(super) fn put(self, row: &mut [f64], j: usize) {
        let v = S::as_mut_simd_f64s(row).0;
        (v[2 * j], v[2 * j + 1]) = (self.1, self.2);
    }

    #[inline(always)]
    pub(super) fn all(s: S, value: f64) -> Self {
        Self(s, s.splat_f64s(value), s.splat_f64s(value))
    }

    /// self·b + c, rounded once where the machine can.
    #[inline(always)]
    pub(super) fn mul_add(self, b: Self, c: Self) -> Self {
        let s = self.0;
        Self(s, s.mul_add_e_f64s(self.1, b.1, c.1), s.mul_add_e_f64s(self.2, b.2, c.2))
    }

    #[inline(always)]
    pub(super) fn abs(self) -> Self {
        Self(self.0, self.0.abs_f64s(self.1), self.0.abs_f64s(self.2))
    }

    #[inline(always)]
    pub(super) fn min(self, b: Self) -> Self {
        Self(self.0, self.0.min_f64s(self.1, b.1), self.0.min_f64s(self.2, b.2))
    }

    #[inline(always)]
    pub(super) fn max(self, b: Self) -> Self {
        Self(self.0, self.0.max_f64s(self.1, b.1), self.0.max_f64s(self.2, b.2))
    }

    /// `yes` where self < b, else `no`.
    #[inline(always)]
    pub(super) fn if_less(self, b: Self, yes: Self, no: Self) -> Self {
        let s = self.0;
        let (m, n) = (s.less_than_f64s(self.1, b.1), s.less_than_f64s(self.2, b.2));
        Self(s, s.select_f64s(m, yes.1, no.1), s.select_f64s(n, yes.2, no.2))
    }

    /// Whether self < b anywhere.
    #[inline(always)]
    pub(super) fn is_less_anywhere(self, b: Self) -> bool {
        let s = self.0;
        let mask = s.or_m64s(s.less_than_f64s(self.1, b.1), s.less_than_f64s(self.2, b.2));
        s.first_true_m64s(mask) < width::<S>()
    }
}

impl<S: Simd> Add for Pair<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self(self.0, self.0.add_f64s(self.1, b.1), self.0.add_f64s(self.2, b.2))
    }
}

impl<S: Simd> Sub for Pair<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self(self.0, self.0.sub_f64s(self.1, b.1), self.0.sub_f64s(self.2, b.2))
    }
}

impl<S: Simd> Mul for Pair<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self(self.0, self.0.mul_f64s(self.1, b.1), self.0.mul_f64s(self.2, b.2))
    }
}

/// Entries of a vector.
#[inline(always)]
pub(super) fn width<S: Simd>() -> usize {
    size_of::<S::f64s>() / size_of::<f64>()
}
