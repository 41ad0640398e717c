//! Number types of lanes, and their arithmetic on the machine's vectors.

use crate::kernel::Real;
use pulp::Simd;
use std::fmt::Debug;

/// A number type with vector arithmetic.
pub trait Lane: Real {
    /// A vector of this type.
    type Vector<S: Simd>: Copy + Debug;
    /// A mask: one truth value per entry of a vector.
    type Mask<S: Simd>: Copy + Debug;

    /// Number of entries of a vector.
    fn width<S: Simd>() -> usize {
        size_of::<Self::Vector<S>>() / size_of::<Self>()
    }
    /// A bit for each of up to 64 flags, from the lowest on: whether it differs from 0.
    fn nonzero(flags: &[Self]) -> u64;
    /// A row as vectors.
    fn vectors<S: Simd>(row: &[Self]) -> &[Self::Vector<S>];
    /// A row as mutable vectors.
    fn vectors_mut<S: Simd>(row: &mut [Self]) -> &mut [Self::Vector<S>];
    /// A vector with all entries equal to `value`.
    fn splat<S: Simd>(s: S, value: Self) -> Self::Vector<S>;
    /// Multiply-add a b + c, rounded once where the machine can.
    fn simd_mul_add<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>, c: Self::Vector<S>) -> Self::Vector<S>;
    /// Sum a + b.
    fn simd_add<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Difference a - b.
    fn simd_sub<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Product a b.
    fn simd_mul<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Negative -a.
    fn simd_neg<S: Simd>(s: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// Absolute value |a|.
    fn simd_abs<S: Simd>(s: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// Smaller of a and b, by entry.
    fn simd_min<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Larger of a and b, by entry.
    fn simd_max<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Comparison a < b.
    fn simd_lt<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Mask<S>;
    /// Comparison a ≤ b.
    fn simd_le<S: Simd>(s: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Mask<S>;
    /// Conjunction of two masks.
    fn simd_and<S: Simd>(s: S, a: Self::Mask<S>, b: Self::Mask<S>) -> Self::Mask<S>;
    /// Disjunction of two masks.
    fn simd_or<S: Simd>(s: S, a: Self::Mask<S>, b: Self::Mask<S>) -> Self::Mask<S>;
    /// Entries of `yes` where the mask is true, of `no` elsewhere.
    fn select<S: Simd>(s: S, mask: Self::Mask<S>, yes: Self::Vector<S>, no: Self::Vector<S>) -> Self::Vector<S>;
    /// Whether the mask is true anywhere.
    fn simd_any<S: Simd>(s: S, mask: Self::Mask<S>) -> bool;
}

macro_rules! lane {
    ($type:ty, $vector:ident, $mask:ident, $as:ident, $as_mut:ident, $splat:ident, $fused:ident, $add:ident, $sub:ident,
     $mul:ident, $neg:ident, $abs:ident, $min:ident, $max:ident, $less:ident, $at_most:ident, $and:ident, $or:ident, $select:ident,
     $first:ident) => {
        impl Lane for $type {
            type Vector<S: Simd> = S::$vector;
            type Mask<S: Simd> = S::$mask;

            #[inline(always)]
            fn nonzero(flags: &[Self]) -> u64 {
                flags.iter().enumerate().fold(0, |bits, (i, flag)| bits | u64::from(flag.to_bits() != 0) << i)
            }
            #[inline(always)]
            fn vectors<S: Simd>(row: &[Self]) -> &[S::$vector] {
                S::$as(row).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(row: &mut [Self]) -> &mut [S::$vector] {
                S::$as_mut(row).0
            }
            #[inline(always)]
            fn splat<S: Simd>(s: S, value: Self) -> S::$vector {
                s.$splat(value)
            }
            #[inline(always)]
            fn simd_mul_add<S: Simd>(s: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                s.$fused(a, b, c)
            }
            #[inline(always)]
            fn simd_add<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$vector {
                s.$add(a, b)
            }
            #[inline(always)]
            fn simd_sub<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$vector {
                s.$sub(a, b)
            }
            #[inline(always)]
            fn simd_mul<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$vector {
                s.$mul(a, b)
            }
            #[inline(always)]
            fn simd_neg<S: Simd>(s: S, a: S::$vector) -> S::$vector {
                s.$neg(a)
            }
            #[inline(always)]
            fn simd_abs<S: Simd>(s: S, a: S::$vector) -> S::$vector {
                s.$abs(a)
            }
            #[inline(always)]
            fn simd_min<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$vector {
                s.$min(a, b)
            }
            #[inline(always)]
            fn simd_max<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$vector {
                s.$max(a, b)
            }
            #[inline(always)]
            fn simd_lt<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$mask {
                s.$less(a, b)
            }
            #[inline(always)]
            fn simd_le<S: Simd>(s: S, a: S::$vector, b: S::$vector) -> S::$mask {
                s.$at_most(a, b)
            }
            #[inline(always)]
            fn simd_and<S: Simd>(s: S, a: S::$mask, b: S::$mask) -> S::$mask {
                s.$and(a, b)
            }
            #[inline(always)]
            fn simd_or<S: Simd>(s: S, a: S::$mask, b: S::$mask) -> S::$mask {
                s.$or(a, b)
            }
            #[inline(always)]
            fn select<S: Simd>(s: S, mask: S::$mask, yes: S::$vector, no: S::$vector) -> S::$vector {
                s.$select(mask, yes, no)
            }
            #[inline(always)]
            fn simd_any<S: Simd>(s: S, mask: S::$mask) -> bool {
                s.$first(mask) < Self::width::<S>()
            }
        }
    };
}

lane!(
    f32,
    f32s,
    m32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_add_e_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    neg_f32s,
    abs_f32s,
    min_f32s,
    max_f32s,
    less_than_f32s,
    less_than_or_equal_f32s,
    and_m32s,
    or_m32s,
    select_f32s,
    first_true_m32s
);
lane!(
    f64,
    f64s,
    m64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_add_e_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    neg_f64s,
    abs_f64s,
    min_f64s,
    max_f64s,
    less_than_f64s,
    less_than_or_equal_f64s,
    and_m64s,
    or_m64s,
    select_f64s,
    first_true_m64s
);
