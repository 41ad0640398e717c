//! How full a device's slots are, from the first dispatch to the last.

use std::sync::Mutex;

/// Most stretches of time that are kept; beyond that, neighbours are joined.
const MOST_STRETCHES: usize = 4096;

/// A stretch of time, and the part of the slots that had a run.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    seconds: f64,
    part: f64,
}

impl Stretch {
    fn joined(self, next: Self) -> Self {
        let seconds = self.seconds + next.seconds;
        let sum = self.part * self.seconds + next.part * next.seconds;
        Self { seconds, part: if seconds > 0.0 { sum / seconds } else { self.part } }
    }
}

/// Record of the part of a pool's slots that had a run, dispatch by dispatch.
#[derive(Debug, Default)]
pub struct OccupancyRecord(Mutex<Vec<Stretch>>);

impl OccupancyRecord {
    /// Adds a dispatch that took this time, with this part of the slots' possible steps taken.
    pub fn add(&self, seconds: f64, part: f64) {
        // A record that a panic has left is of no use.
        let Ok(mut stretches) = self.0.lock() else { return };
        stretches.push(Stretch { seconds, part });
        if stretches.len() > MOST_STRETCHES {
            *stretches = stretches.chunks(2).filter_map(|pair| pair.iter().copied().reduce(Stretch::joined)).collect();
        }
    }

    /// The mean part of the slots that had a run in each of `n` stretches of equal length; `None` without a dispatch.
    #[must_use]
    pub fn over_time(&self, n: usize) -> Option<Vec<f64>> {
        let stretches = self.0.lock().ok()?.clone();
        let total: f64 = stretches.iter().map(|s| s.seconds).sum();
        if total <= 0.0 || n == 0 {
            return None;
        }
        let width = total / n as f64;
        let (mut busy, mut begun) = (vec![0.0; n], 0.0);
        for Stretch { seconds, part } in stretches {
            let ended = begun + seconds;
            let first = ((begun / width) as usize).min(n - 1);
            for (i, busy) in busy.iter_mut().enumerate().skip(first) {
                let (from, to) = (width * i as f64, if i + 1 == n { f64::INFINITY } else { width * (i + 1) as f64 });
                if from >= ended {
                    break;
                }
                *busy += part * (ended.min(to) - begun.max(from)).max(0.0);
            }
            begun = ended;
        }
        Some(busy.into_iter().map(|sum| (sum / width).clamp(0.0, 1.0)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_shared_out_in_time() {
        let record = OccupancyRecord::default();
        assert_eq!(record.over_time(10), None);
        record.add(3.0, 1.0);
        record.add(1.0, 0.5);
        record.add(0.0, 0.1);
        let close = |n: usize, expected: &[f64]| {
            let found = record.over_time(n).unwrap();
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}, not {expected:?}");
            assert_eq!(found.len(), expected.len());
        };
        close(1, &[0.875]);
        close(2, &[1.0, 0.75]);
        close(4, &[1.0, 1.0, 1.0, 0.5]);
        close(8, &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]);
        assert_eq!(record.over_time(0), None);
    }

    #[test]
    fn a_long_record_stays_short_and_keeps_its_means() {
        let record = OccupancyRecord::default();
        let n = 5 * MOST_STRETCHES;
        (0..n).for_each(|i| record.add(0.5, if i < n / 2 { 1.0 } else { 0.25 }));
        assert!(record.0.lock().unwrap().len() <= MOST_STRETCHES);
        let halves = record.over_time(2).unwrap();
        assert!((halves[0] - 1.0).abs() < 1e-3 && (halves[1] - 0.25).abs() < 1e-3, "{halves:?}");
    }
}
