//! White noise on V, and what it does to the period.
//!
//! dV/dt = V_n - (1 + R_n g) V + xi(t) with <xi(t) xi(t')> = 2 D delta(t - t'), D in V² per tau_c. The rates of X and Z contain
//! dV/dt, and with it xi, since it is the moving voltage that shakes the well; products with it are those of Stratonovich.
//! Over each step xi is constant, (2 D / dt)^½ times a normal number: for one noise such paths converge to the Stratonovich
//! solution (Wong and Zakai, Ann. Math. Stat. 36, 1560, 1965), here with strong order 1 in dt.

use super::trajectory::Trajectory;
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

/// Periods of a record: times between upward crossings of 0 by Y, which no noise drives directly, so that it crosses once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Periods {
    /// Number of periods.
    pub count: usize,
    /// Mean, in tau_c; NaN without one.
    pub mean: f64,
    /// Standard deviation, in tau_c; NaN with fewer than two.
    pub deviation: f64,
}

/// The periods of a record.
#[must_use]
pub fn periods(trajectory: &Trajectory) -> Periods {
    let crossing = |(n, pair): (usize, &[crate::model::State<f64>])| {
        let (a, b) = (pair[0].y, pair[1].y);
        (a < 0.0 && b >= 0.0).then(|| n as f64 + a / (a - b))
    };
    let times: Vec<f64> = trajectory.states.windows(2).enumerate().filter_map(crossing).collect();
    let all: Vec<f64> = times.windows(2).map(|w| trajectory.dt * (w[1] - w[0])).collect();
    let count = all.len();
    let mean = all.iter().sum::<f64>() / count as f64;
    let squares: f64 = all.iter().map(|t| (t - mean).powi(2)).sum();
    Periods { count, mean, deviation: if count < 2 { f64::NAN } else { (squares / (count - 1) as f64).sqrt() } }
}
