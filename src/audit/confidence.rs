//! Confidence bounds of rates, after Clopper and Pearson.

use statrs::distribution::{Beta, ContinuousCDF};

/// Confidence of the bounds.
const CONFIDENCE: f64 = 0.95;

/// The rate above which at most `events` of `trials` would be seen in less than one case of twenty.
pub(super) fn upper_bound(events: usize, trials: usize) -> f64 {
    if events >= trials {
        return 1.0;
    }
    Beta::new(events as f64 + 1.0, (trials - events) as f64).map_or(1.0, |b| b.inverse_cdf(CONFIDENCE))
}

/// The lowest and the highest rate at which `events` of `trials` are not unlikely: two-sided bounds, 2.5 % on each side.
pub(super) fn bounds(events: usize, trials: usize) -> [f64; 2] {
    let (k, n, tail) = (events as f64, trials as f64, 0.5 * (1.0 - CONFIDENCE));
    let low = if events == 0 { 0.0 } else { Beta::new(k, n - k + 1.0).map_or(0.0, |b| b.inverse_cdf(tail)) };
    let high =
        if events >= trials { 1.0 } else { Beta::new(k + 1.0, n - k).map_or(1.0, |b| b.inverse_cdf(1.0 - tail)) };
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_clopper_and_pearsons() {
        // Without events the bound is 1 - 0.05^(1/n).
        assert!((upper_bound(0, 64) - (1.0 - 0.05_f64.powf(1.0 / 64.0))).abs() < 1e-6);
        assert!((upper_bound(3, 100) - 0.0757).abs() < 2e-4, "{}", upper_bound(3, 100));
        assert_eq!(upper_bound(0, 0), 1.0);
        // Where the binomial sums of 3 or more, and of 3 or fewer, of 64 are 1/40.
        let [low, high] = bounds(3, 64);
        assert!((low - 0.009_773_1).abs() < 1e-6 && (high - 0.130_935_7).abs() < 1e-6, "{low} {high}");
        assert_eq!((bounds(0, 64)[0], bounds(64, 64)[1]), (0.0, 1.0));
    }
}
