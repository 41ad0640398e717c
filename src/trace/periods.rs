//! Periods of a record, also of a noisy one: what noise does to them.

use super::trajectory::Trajectory;
use crate::model::State;

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
    let crossing = |(n, pair): (usize, &[State<f64>])| {
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
