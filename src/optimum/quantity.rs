//! What is maximised or bounded: numbers of one cycle.

use crate::cycle::{Cycle, OrbitPoint};
use std::f64::consts::TAU;

/// Harmonics in the total harmonic distortion, the fundamental included, as in the spectra of trajectories.
const HARMONICS: usize = 8;

macro_rules! quantities {
    ($($variant:ident $name:literal $meaning:literal;)*) => {
        /// A number of a cycle.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Quantity { $(#[doc = $meaning] $variant),* }

        impl Quantity {
            /// All quantities, in the order of [`QUANTITIES`].
            pub const ALL: [Quantity; QUANTITY_COUNT] = [$(Quantity::$variant),*];
        }

        /// Name and meaning of each quantity.
        pub const QUANTITIES: [(&str, &str); QUANTITY_COUNT] = [$(($name, $meaning)),*];
    };
}

/// Number of quantities.
pub(super) const QUANTITY_COUNT: usize = 10;

quantities! {
    Span "span" "oscillation span V_max - V_min";
    VMax "v_max" "largest voltage V of the cycle";
    VMin "v_min" "smallest voltage V of the cycle";
    VMean "v_mean" "mean voltage V of the cycle";
    Period "period" "period in units of tau_c";
    Frequency "frequency" "angular frequency 2 pi / period, per tau_c";
    Power "power" "mean power I V = g V^2 in the memristor, in units of the voltage's squared over R_0";
    Thd "THD" "total harmonic distortion of V, of the harmonics 2 to 8 relative to the first";
    Multiplier "multiplier" "largest modulus of a Floquet multiplier, the trivial one aside";
    Maxima "maxima" "number of maxima of V in a period";
}

impl Quantity {
    /// Name in options and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        QUANTITIES[self as usize].0
    }

    /// The quantity of this name, in any letter case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether it is known from the columns of a sweep, without the orbit.
    pub(super) fn is_column(self) -> bool {
        !matches!(self, Quantity::Power | Quantity::Thd)
    }
}

/// Power and total harmonic distortion of an orbit at equal times of one period.
///
/// Power: P = (1/T) ∫ I V dt with I = g V. Distortion: (Σ_{n = 2..8} A_n²)^½ / A_1, A_n the amplitude of the n-th
/// harmonic of V.
pub(super) fn of_orbit(orbit: &[OrbitPoint]) -> [f64; 2] {
    let count = orbit.len() as f64;
    let mean = orbit.iter().map(|o| o.state.v).sum::<f64>() / count;
    let power = orbit.iter().map(|o| o.current * o.state.v).sum::<f64>() / count;
    let amplitude = |n: usize| {
        let (sin, cos) = orbit.iter().enumerate().fold((0.0, 0.0), |(sin, cos), (i, o)| {
            let (s, c) = (TAU * ((n * i) % orbit.len()) as f64 / count).sin_cos();
            let v = o.state.v - mean;
            (sin + v * s, cos + v * c)
        });
        2.0 * f64::hypot(sin, cos) / count
    };
    let overtones = (2..=HARMONICS).map(|n| amplitude(n).powi(2)).sum::<f64>().sqrt();
    [power, overtones / amplitude(1)]
}

/// All quantities of a cycle, in the order of [`QUANTITIES`], from its orbit at equal times.
pub(super) fn quantities(cycle: &Cycle, orbit: &[OrbitPoint]) -> [f64; QUANTITY_COUNT] {
    let [power, distortion] = of_orbit(orbit);
    [
        cycle.span(),
        cycle.v_max,
        cycle.v_min,
        cycle.v_mean,
        cycle.period,
        TAU / cycle.period,
        power,
        distortion,
        cycle.multiplier(),
        f64::from(cycle.maxima),
    ]
}
