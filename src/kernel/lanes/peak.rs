//! What a core can do at best: chains of fused multiply-adds in vector registers and nothing else.

use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;
use std::time::Instant;

/// Independent chains: more than latency times throughput of any core.
const CHAINS: usize = 16;
/// Links of each chain in one timing.
const LINKS: u32 = 2_000_000;

struct Chains;

impl WithSimd for Chains {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) -> f64 {
        let (a, b) = (s.splat_f32s(black_box(0.999_999)), s.splat_f32s(black_box(1e-6)));
        let mut chains = [s.splat_f32s(black_box(1.0)); CHAINS];
        let begun = Instant::now();
        for _ in 0..LINKS {
            for chain in &mut chains {
                *chain = s.mul_add_e_f32s(*chain, a, b);
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        black_box(chains.iter().fold(0.0, |sum, c| sum + s.reduce_sum_f32s(*c)));
        2.0 * f64::from(LINKS) * (CHAINS * S::F32_LANES) as f64 / seconds
    }
}

/// Operations per second of one core at its best, a multiplication and an addition counted apart.
#[must_use]
pub fn peak() -> f64 {
    Arch::new().dispatch(Chains)
}
