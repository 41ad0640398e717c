//! The power spectrum of V: one-sided, per unit of angular frequency, under a Hann window.
//!
//! With samples v_j, j < N, at spacing dt, their mean subtracted, and the window w_j = sin²(pi
//! j/N):
//!
//! ```text
//! S(omega_k) = dt |Σ w_j v_j e^(-i omega_k t_j)|² / (pi Σ w_j²),   omega_k = 2 pi k / (N dt),   0 < k ≤ N/2
//! ```
//!
//! The integral of S over omega is then the variance of V; S has the unit of V² tau_c. The peak is
//! placed between bins by the ratio of its two highest ones, which is exact for a single line under
//! this window; amplitudes of harmonics are the window's own transform at multiples of that
//! frequency.

use crate::error::{Error, Result};
use std::f64::consts::{PI, TAU};

/// Largest number of harmonics computed, the fundamental included.
const HARMONICS: usize = 8;
/// Largest distance of a line from a multiple of the known frequency, relative to that frequency.
const NEAR: f64 = 0.01;
/// Ratio of a harmonic's bin to the floor above which the harmonic stands out.
const STANDS_OUT: f64 = 100.0;

/// The spectrum of a record.
#[derive(Debug, Clone)]
pub struct Spectrum {
    /// Angular frequencies of the bins, per tau_c.
    pub omega: Vec<f64>,
    /// Power spectral density S at these frequencies, in tau_c.
    pub power: Vec<f64>,
    /// Angular frequency of the highest peak, refined between bins; NaN if nothing moves.
    pub peak: f64,
    /// Angular frequency of the fundamental, of which the highest peak may be a multiple.
    pub fundamental: f64,
    /// Amplitudes of cos(n fundamental t + phase) in V, n = 1, 2, …, up to half the sampling rate.
    pub harmonics: Vec<f64>,
    /// Total harmonic distortion (Σ_{n ≥ 2} A_n²)^½ / A_1.
    pub distortion: f64,
    /// Median of S: the noise floor below the harmonics.
    pub floor: f64,
    /// Number of harmonics, the fundamental included, whose bins exceed the floor a hundredfold.
    pub above_floor: usize,
}

impl Spectrum {
    /// The spectrum without harmonics and distortion, for a motion that does not repeat.
    #[must_use]
    pub fn without_harmonics(self) -> Self {
        Self { fundamental: f64::NAN, harmonics: Vec::new(), distortion: f64::NAN, above_floor: 0, ..self }
    }

    /// The spectrum without peak and harmonics, for a motion that does not oscillate.
    ///
    /// Rounding and drift have spectra too.
    #[must_use]
    pub fn without_peak(self) -> Self {
        Self { peak: f64::NAN, ..self.without_harmonics() }
    }
}

/// The spectrum of values at spacing `dt`, of a motion that repeats with angular frequency `omega`.
///
/// Harmonics are of `omega`, refined by the highest peak where that is at a multiple of it; if `omega` is NaN, of the
/// highest peak itself.
///
/// # Errors
/// [`Error::Request`] if there are fewer than 16 values, or if the Fourier transform fails (not
/// expected).
pub fn spectrum(values: &[f64], dt: f64, omega: f64) -> Result<Spectrum> {
    let n = values.len();
    if n < 16 {
        return Err(Error::request(format!("a record of {n} samples has no spectrum"), "record 16 samples or more"));
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let window = |j: usize| (PI * j as f64 / n as f64).sin().powi(2);
    let windowed: Vec<f64> = values.iter().enumerate().map(|(j, v)| window(j) * (v - mean)).collect();
    let squares: f64 = (0..n).map(|j| window(j).powi(2)).sum();

    let transform = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let mut bins = transform.make_output_vec();
    let failed = |e: realfft::FftError| Error::request(format!("the spectrum failed: {e}"), "please report this");
    transform.process(&mut windowed.clone(), &mut bins).map_err(failed)?;
    let width = TAU / (n as f64 * dt);
    let at: Vec<f64> = (1..bins.len()).map(|k| k as f64 * width).collect();
    let power: Vec<f64> = bins[1..].iter().map(|b| dt * b.norm_sqr() / (PI * squares)).collect();

    let mut sorted = power.clone();
    sorted.sort_by(f64::total_cmp);
    let floor = sorted[sorted.len() / 2];
    let top = (0..power.len()).max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap_or(0);
    let peak = if power[top] > 0.0 { refined(&power, top) * width } else { f64::NAN };
    let near = peak / (peak / omega).round();
    // The highest peak may be of a drift or of the transient.
    let fundamental = match omega.is_nan() {
        true => peak,
        false if (near - omega).abs() <= NEAR * omega => near,
        false => omega,
    };

    // Amplitude from the transform at any frequency: a line of amplitude A gives A Σw / 2.
    let amplitude = |at: f64| {
        let (mut re, mut im) = (0.0, 0.0);
        for (j, v) in windowed.iter().enumerate() {
            let (sin, cos) = (at * j as f64 * dt).sin_cos();
            re += v * cos;
            im += v * sin;
        }
        4.0 * re.hypot(im) / n as f64
    };
    let present = (1..=HARMONICS).map(|h| h as f64 * fundamental).take_while(|w| *w < PI / dt);
    let harmonics: Vec<f64> = present.map(amplitude).collect();
    let overtones = harmonics.iter().skip(1).map(|a| a * a).sum::<f64>().sqrt();
    let bin = |h: usize| ((h as f64 * fundamental / width).round() as usize).wrapping_sub(1);
    let above_floor =
        (1..=harmonics.len()).filter(|h| power.get(bin(*h)).is_some_and(|p| *p > STANDS_OUT * floor)).count();
    let distortion = harmonics.first().map_or(f64::NAN, |a| overtones / a);
    Ok(Spectrum { omega: at, power, peak, fundamental, harmonics, distortion, floor, above_floor })
}

/// Position of the line in bins (counted from frequency 0), from the highest bin and its higher
/// neighbour: (2r - 1)/(r + 1) beyond the highest, r the ratio of amplitudes.
fn refined(power: &[f64], top: usize) -> f64 {
    let at = |k: Option<usize>| k.and_then(|k| power.get(k)).copied().unwrap_or(0.0);
    let (left, right) = (at(top.checked_sub(1)), at(Some(top + 1)));
    let (side, next) = if right > left { (1.0, right) } else { (-1.0, left) };
    let ratio = (next / power[top]).sqrt();
    (top + 1) as f64 + side * (2.0 * ratio - 1.0) / (ratio + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_placed_and_weighed(w in 3.0..9.0f64, phase in 0.0..6.3f64, a in 1e-3..1.0f64, second in 0.0..0.3f64) {
            let dt = 0.02;
            let value = |j: usize| {
                let t = j as f64 * dt;
                1.3 + a * ((w * t + phase).cos() + second * (2.0 * (w * t + phase)).cos())
            };
            let values: Vec<f64> = (0..10_000).map(value).collect();
            let s = spectrum(&values, dt, f64::NAN).unwrap();
            prop_assert!((s.peak - w).abs() < 1e-4, "{} {w}", s.peak);
            prop_assert!((s.harmonics[0] - a).abs() < 1e-3 * a && (s.harmonics[1] - second * a).abs() < 1e-3 * a);
            prop_assert!((s.distortion - second).abs() < 2e-3);
            // Parseval: the integral of S is the variance.
            let integral: f64 = s.power.iter().sum::<f64>() * (s.omega[1] - s.omega[0]);
            let variance = 0.5 * a * a * (1.0 + second * second);
            prop_assert!((integral / variance - 1.0).abs() < 0.01, "{integral} {variance}");
        }
    }

    #[test]
    fn silence_has_no_peak() {
        let s = spectrum(&[1.0; 100], 0.1, f64::NAN).unwrap();
        assert!(s.peak.is_nan() && s.above_floor == 0 && s.harmonics.is_empty());
        assert!(spectrum(&[1.0; 3], 0.1, f64::NAN).is_err());
    }
}
