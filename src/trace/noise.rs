//! White noise on V.
//!
//! dV/dt = V_n - (1 + R_n g) V + xi(t) with <xi(t) xi(t')> = 2 D delta(t - t'), D in V² per tau_c. The rates of X and Z contain
//! dV/dt, and with it xi, since it is the moving voltage that shakes the well; products with it are those of Stratonovich.
//! Over each step xi is constant, (2 D / dt)^½ times a normal number: for one noise such paths converge to the Stratonovich
//! solution (Wong and Zakai, Ann. Math. Stat. 36, 1560, 1965), here with strong order 1 in dt.

use crate::error::{Error, Result, shown};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::f64::consts::TAU;

/// Largest strength: V then jumps by more than any voltage of the paper within tau_c.
const STRONGEST: f64 = 1e3;

/// White noise on V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Strength D, in V² per tau_c.
    pub strength: f64,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Noise {
    /// Noise of this strength; `None` for 0.
    ///
    /// # Errors
    /// [`Error::Request`] if the strength is negative, not finite or above 1000.
    pub fn new(strength: f64, seed: u64) -> Result<Option<Self>> {
        if !(0.0..=STRONGEST).contains(&strength) {
            return Err(Error::request(
                format!("`noise` {} is not a strength", shown(strength)),
                format!("give D from 0 to {STRONGEST}, in V² per tau_c"),
            ));
        }
        Ok((strength > 0.0).then_some(Self { strength, seed }))
    }

    /// The force xi in each step of `dt`, in order.
    pub(super) fn forces(&self, dt: f64) -> impl FnMut(u64) -> f64 + use<> {
        let mut generator = Pcg64::seed_from_u64(self.seed);
        let size = (2.0 * self.strength / dt).sqrt();
        let mut second: Option<f64> = None;
        move |_| {
            size * second.take().unwrap_or_else(|| {
                // 53 bits, from above 0 to 1: two uniform numbers are two normal ones (Box and Muller).
                let mut uniform = || ((generator.next_u64() >> 11) + 1) as f64 / 9_007_199_254_740_992.0;
                let (radius, (sin, cos)) = ((-2.0 * uniform().ln()).sqrt(), (TAU * uniform()).sin_cos());
                second = Some(radius * sin);
                radius * cos
            })
        }
    }
}
