//! Bursts and spikes of a record: stretches in which V swings widely, with quiet before and after.
//!
//! The swing of a maximum of V is its height above the higher of its two neighbouring minima. A burst begins with a swing of
//! at least `BEGINS` of the largest one of the record, and ends with one below `ENDS` of it, or where V has no maximum for
//! `PAUSE` revolutions of the particle. What has begun before the record, or has not ended within it, does not count; a spike is
//! a burst of one maximum.

use super::maxima::{Maxima, Maximum};
use super::trajectory::Trajectory;
use crate::kernel::window::StepEnd;
use std::f64::consts::TAU;

/// Swing with which a burst begins, relative to the largest one.
pub(super) const BEGINS: f64 = 0.5;
/// Swing below which a burst has ended, relative to the largest one.
pub(super) const ENDS: f64 = 0.25;
/// Time without a maximum after which a burst has ended, in revolutions 2 pi / Omega of the particle.
pub(super) const PAUSE: f64 = 5.0;

/// A burst of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Time of its largest swing, in tau_c.
    pub time: f64,
    /// Largest swing of V in it.
    pub height: f64,
    /// Number of maxima of V in it.
    pub maxima: u32,
}

/// The bursts of a record, in order of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bursts {
    /// All of them.
    pub all: Vec<Burst>,
    /// Swing with which a burst begins.
    pub threshold: f64,
}

impl Bursts {
    /// Intervals between the bursts, in tau_c.
    fn intervals(&self) -> Vec<f64> {
        self.all.windows(2).map(|w| w[1].time - w[0].time).collect()
    }

    /// Mean interval between bursts, in tau_c; NaN with fewer than two.
    #[must_use]
    pub fn interval(&self) -> f64 {
        mean(&self.intervals())
    }

    /// Standard deviation of the intervals, in tau_c; NaN with fewer than three bursts.
    #[must_use]
    pub fn interval_deviation(&self) -> f64 {
        let (intervals, mean) = (self.intervals(), self.interval());
        let squares: f64 = intervals.iter().map(|i| (i - mean).powi(2)).sum();
        if intervals.len() < 2 { f64::NAN } else { (squares / (intervals.len() - 1) as f64).sqrt() }
    }

    /// Mean height, in units of V; NaN without a burst.
    #[must_use]
    pub fn height(&self) -> f64 {
        mean(&self.all.iter().map(|b| b.height).collect::<Vec<_>>())
    }

    /// Time of the first burst since t = 0, in tau_c; NaN without a burst.
    #[must_use]
    pub fn first(&self) -> f64 {
        self.all.first().map_or(f64::NAN, |b| b.time)
    }
}

/// Mean of some numbers; NaN if there are none.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The bursts of a record; none where V moves by no more than rounding.
#[must_use]
pub fn bursts(trajectory: &Trajectory) -> Bursts {
    let begins = trajectory.first as f64 * trajectory.dt;
    let pause = PAUSE * TAU / trajectory.trial.parameters.omega;
    of_maxima(&maxima(trajectory, pause), begins, pause, trajectory.motion.rounding)
}

/// The maxima of V in a record with their swings, in order.
fn maxima(trajectory: &Trajectory, pause: f64) -> Vec<Maximum> {
    let (p, dt) = (&trajectory.trial.parameters, trajectory.dt);
    let end = |i: usize| {
        let (v, v_n) = (trajectory.states[i].v, trajectory.input.as_ref().map_or(p.v_n, |input| input[i]));
        StepEnd { v, rate: v_n - v - p.r_n * trajectory.current[i], z: 0.0, z_rate: 0.0 }
    };
    let begins = trajectory.first as f64 * dt;
    let mut found = Maxima::new(begins, pause);
    for i in 1..trajectory.states.len() {
        found.observe(begins + (i as f64 - 1.0) * dt, [end(i - 1), end(i)], dt);
    }
    found.finish(begins + trajectory.states.len().saturating_sub(1) as f64 * dt)
}

/// The bursts among maxima of a record that begins at this time; swings up to `rounding` are none.
pub(super) fn of_maxima(maxima: &[Maximum], begins: f64, pause: f64, rounding: f64) -> Bursts {
    let largest = maxima.iter().fold(0.0_f64, |most, m| most.max(m.swing));
    if largest <= rounding {
        return Bursts::default();
    }
    let (high, low) = (BEGINS * largest, ENDS * largest);
    let mut all = Vec::new();
    // The burst that has begun; whether there was quiet since what came before.
    let (mut current, mut is_quiet, mut last): (Option<Burst>, bool, f64) = (None, false, begins);
    for m in maxima {
        if m.time - last > pause || m.swing < low {
            all.extend(current.take());
            is_quiet = true;
        }
        last = m.time;
        if let Some(burst) = &mut current {
            burst.maxima += 1;
            if m.swing > burst.height {
                (burst.time, burst.height) = (m.time, m.swing);
            }
        } else if is_quiet && m.swing >= high {
            current = Some(Burst { time: m.time, height: m.swing, maxima: 1 });
            is_quiet = false;
        }
    }
    // The last one has ended if its swings had fallen below what begins one.
    let falls = maxima.last().is_some_and(|m| m.swing < high);
    all.extend(current.filter(|_| falls));
    Bursts { all, threshold: high }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maxima every unit of time with these swings.
    fn every(swings: &[f64]) -> Vec<Maximum> {
        swings.iter().enumerate().map(|(n, swing)| Maximum { time: n as f64, swing: *swing }).collect()
    }

    #[test]
    fn bursts_are_those_with_quiet_before_and_after() {
        let count = |swings: &[f64]| of_maxima(&every(swings), 0.0, 5.0, 1e-12).all.len();
        // Two bursts, the second with a dip that is not quiet.
        assert_eq!(count(&[0.1, 0.6, 1.0, 0.3, 0.1, 0.7, 0.3, 0.9, 0.2]), 2);
        // Steady, decaying and growing motions have none.
        assert_eq!(count(&[1.0; 9]), 0);
        assert_eq!(count(&[1.0, 0.8, 0.6, 0.4, 0.2, 0.1]), 0);
        assert_eq!(count(&[0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]), 0);
        // What moves by rounding alone has none.
        assert!(of_maxima(&every(&[1e-13, 1e-14, 1e-13, 1e-14]), 0.0, 5.0, 1e-12).all.is_empty());
    }

    #[test]
    fn a_burst_is_timed_by_its_largest_swing() {
        let found = of_maxima(&every(&[0.1, 0.6, 1.0, 0.3, 0.1, 0.7, 0.9, 0.2, 0.1, 0.1, 0.8, 0.1]), 0.0, 5.0, 1e-12);
        let times: Vec<f64> = found.all.iter().map(|b| b.time).collect();
        assert_eq!(times, [2.0, 6.0, 10.0]);
        assert_eq!(found.all.iter().map(|b| b.maxima).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!((found.interval(), found.interval_deviation(), found.first()), (4.0, 0.0, 2.0));
        assert!((found.height() - 0.9).abs() < 1e-12 && found.threshold == 0.5);
    }

    #[test]
    fn pauses_separate_spikes_of_one_height() {
        let spikes: Vec<Maximum> = (1..=5).map(|n| Maximum { time: 20.0 * f64::from(n), swing: 1.0 }).collect();
        // The last one may go on after the record.
        assert_eq!(of_maxima(&spikes, 0.0, 5.0, 1e-12).all.len(), 4);
        assert_eq!(of_maxima(&spikes, 0.0, 30.0, 1e-12).all.len(), 0);
    }
}
