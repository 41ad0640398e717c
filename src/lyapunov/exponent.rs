//! The largest Lyapunov exponent of a motion from the growth of a tangent, and how sure it is.

/// Fraction of the growth that is left out at the beginning, while the tangent turns into the direction that grows
/// fastest.
const TURNING: f64 = 0.125;
/// Segments of the rest, whose exponents are compared.
const SEGMENTS: usize = 12;
/// Standard errors of their mean by which the exponent may be off.
const SURE: f64 = 3.0;
/// Growth by a power of the time, as near a torus: it looks like an exponent of up to this many times 1/time.
const POWERS: f64 = 2.0;

/// A largest Lyapunov exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponent {
    /// Exponent, per tau_c.
    pub value: f64,
    /// What scatters between segments, in tau_c⁻¹.
    pub scatter: f64,
    /// By how much the exponent may be off, in tau_c⁻¹.
    pub error: f64,
}

/// Number of steps of growth that are left out at the beginning.
#[must_use]
pub fn left_out(all: usize) -> usize {
    (TURNING * all as f64) as usize
}

/// The exponent from ln(length after / length before) of a tangent in successive times of length `each` (tau_c); `None`
/// if there are fewer than four for each segment.
///
/// Each segment's mean is weighted by sin², so that growth and decay which alternate within it cancel, as on a torus
/// (a weighted Birkhoff average).
#[must_use]
pub fn exponent(growth: &[f64], each: f64) -> Option<Exponent> {
    let kept = &growth[left_out(growth.len())..];
    let length = kept.len() / SEGMENTS;
    if length < 4 {
        return None;
    }
    let weight = |k: usize| (std::f64::consts::PI * (k as f64 + 0.5) / length as f64).sin().powi(2);
    let whole: f64 = (0..length).map(weight).sum();
    let mean = |part: &[f64]| part.iter().enumerate().map(|(k, g)| weight(k) * g).sum::<f64>() / (whole * each);
    let means: Vec<f64> = kept.chunks_exact(length).take(SEGMENTS).map(mean).collect();
    let n = means.len() as f64;
    let value = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|m| (m - value).powi(2)).sum::<f64>() / (n - 1.0);
    let scatter = SURE * (variance / n).sqrt();
    let error = scatter + POWERS / (kept.len() as f64 * each);
    Some(Exponent { value, scatter, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::{Rng, SeedableRng};

    #[test]
    fn the_exponent_of_noise_is_found_within_its_error() {
        let mut generator = Pcg64::seed_from_u64(3);
        let mut noise = || generator.next_u64() as f64 / u64::MAX as f64 - 0.5;
        let mut missed = 0;
        for _ in 0..200 {
            let growth: Vec<f64> = (0..2000).map(|_| 0.7 + 4.0 * noise()).collect();
            let found = exponent(&growth, 7.0).unwrap();
            assert!(found.error < 0.03, "{found:?}");
            missed += usize::from((found.value - 0.1).abs() > found.error);
        }
        assert!(missed <= 4, "{missed}");
    }

    #[test]
    fn bounded_and_slowly_growing_distances_have_no_exponent() {
        // Distances that breathe by e^±8 with a period of 13.7 times, and one that grows with the time.
        let breathing: Vec<f64> = (0..900)
            .map(|k| {
                let at = |k: f64| 8.0 * (std::f64::consts::TAU * k / 13.7).sin() + (1.0 + k).ln();
                at(f64::from(k) + 1.0) - at(f64::from(k))
            })
            .collect();
        let found = exponent(&breathing, 7.0).unwrap();
        assert!(found.value.abs() < found.error && found.error < 2e-3, "{found:?}");
        // Without weights the breathing would count.
        let plain = breathing[225..225 + 56].iter().sum::<f64>() / (56.0 * 7.0);
        assert!(plain.abs() > 2e-3, "{plain}");
        assert_eq!(exponent(&breathing[..40], 7.0), None);
    }
}
