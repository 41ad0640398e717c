//! Peak arithmetic rate of a core: chains of multiply-adds in vector registers. Twin of
//! `shaders/flops.wgsl`.

use super::lanes::Lane;
use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;

/// Number of independent chains: more than latency times throughput of any core, and few enough for sixteen
/// registers.
pub const CHAINS: usize = 12;
/// Links of each chain in one timing.
const LINKS: u32 = 2_000_000;

struct Chains<T>(PhantomData<T>);

impl<T: Lane> WithSimd for Chains<T> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) -> f64 {
        let all = |value| T::splat(s, T::of(black_box(value)));
        let (a, b, mut chains) = (all(0.999_999), all(1e-6), [all(1.0); CHAINS]);
        let begun = Instant::now();
        for _ in 0..LINKS {
            for chain in &mut chains {
                *chain = T::simd_mul_add(s, *chain, a, b);
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        black_box(chains);
        2.0 * f64::from(LINKS) * (CHAINS * T::width::<S>()) as f64 / seconds
    }
}

/// Peak operations per second of one core in `T`; a multiply-add counts as two.
#[must_use]
pub fn fma_rate<T: Lane>() -> f64 {
    Arch::new().dispatch(Chains::<T>(PhantomData))
}
