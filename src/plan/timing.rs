//! Time limits of cells: the window over which returns are compared, and the time after which a
//! cell is given up.

use crate::error::{Error, Result};
use crate::kernel::run::WindowLimits;
use crate::model::Parameters;
use std::f64::consts::TAU;

/// Decay times in the default t_max: this many times 1/(alpha Gamma), for transients and trains of
/// pulses, plus this many times 1/(slowest rate about an equilibrium).
const SETTLING_TIMES: f64 = 60.0;
/// Time in the default t_max for everything that relaxes at other rates, in tau_c.
const SETTLING_EXTRA: f64 = 500.0;
/// Shortest default t_max, in tau_c.
const SHORTEST: f64 = 5000.0;
/// Longest relaxation time in the default t_max, in tau_c: the limit acts below alpha Gamma = 6e-4.
const LONGEST_RELAXATION: f64 = 100_000.0;
/// Longest time in the default t_max for slow growth or decay near a bifurcation, in tau_c.
const LONGEST_GROWTH: f64 = 40_000.0;
/// Default window in relaxation times 1/(alpha Gamma): long enough to show the slow drift of Z, and
/// to hold a whole train of pulses.
const WINDOW_TIMES: f64 = 0.7;
/// Default window in units of 1/(slowest rate): what grows or decays at that rate changes
/// noticeably within it.
const WINDOW_RATES: f64 = 0.5;
/// Shortest default window, in tau_c; [`WINDOW_CYCLES`] is another lower limit.
const SHORTEST_WINDOW: f64 = 16.0;
/// Fewest cycles of the particle, 2 pi / Omega each, in a default window.
const WINDOW_CYCLES: f64 = 8.0;
/// Fewest windows in the default t_max.
const WINDOWS: f64 = 12.0;
/// Fewest windows, hence returns, for a cycle: four returns give a limit, and two successive limits
/// have to agree.
pub const FEWEST_WINDOWS: u32 = 5;
/// Fewest maxima of V in a window.
const FEWEST_PEAKS: f64 = 3.0;
/// Longest duration of a window in units of its expected duration; it then ends with fewer maxima.
const PATIENCE: f64 = 1.5;
/// Discretisation error of an interpolated maximum, divided by the fourth power of the rotation
/// angle per step.
const BLUR: f64 = 2.5e-3;
/// Largest countable number of steps of one cell, half the range of the u32 counters.
pub const MOST_STEPS: f64 = 2_147_483_648.0;

/// Times that a request sets in place of the rules, in tau_c.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeOverrides {
    /// Time after which a cell is given up, `--t-max`.
    pub t_max: Option<f64>,
    /// Length of a window, `--window`.
    pub window: Option<f64>,
}

impl TimeOverrides {
    /// Checks that t_max holds enough windows.
    ///
    /// # Errors
    /// [`Error::Request`] if t_max holds fewer than [`FEWEST_WINDOWS`] windows.
    pub fn check(&self) -> Result<()> {
        if let (Some(t_max), Some(window)) = (self.t_max, self.window)
            && t_max < f64::from(FEWEST_WINDOWS) * window
        {
            return Err(Error::request(
                format!(
                    "`t_max` {t_max} holds {:.1} windows of {window}, and an outcome needs {FEWEST_WINDOWS}",
                    t_max / window
                ),
                format!("raise `t_max` to {} or shorten `window`", f64::from(FEWEST_WINDOWS) * window),
            ));
        }
        Ok(())
    }

    /// The shortest and the longest time (tau_c) after which any cell is given up, with `omega` the
    /// smallest Omega.
    #[must_use]
    pub fn extent(&self, omega: f64) -> (f64, f64) {
        let windows = self.window.map_or(0.0, |w| WINDOWS * w);
        let longest = LONGEST_RELAXATION + LONGEST_GROWTH + SETTLING_EXTRA;
        let longest = longest.max(WINDOWS * WINDOW_CYCLES * TAU / omega).max(windows);
        self.t_max.map_or((SHORTEST.max(windows), longest), |t| (t, t))
    }

    /// The time (tau_c) after which a cell is given up; `slowest` is the slowest rate about its
    /// equilibria.
    #[must_use]
    pub fn of(&self, p: &Parameters<f64>, slowest: f64) -> f64 {
        self.t_max.unwrap_or_else(|| {
            let own = longest(p, slowest).max(WINDOWS * WINDOW_CYCLES * TAU / p.omega);
            own.max(self.window.map_or(0.0, |w| WINDOWS * w))
        })
    }
}

/// Whether the steps of a run can be counted, and `dt` is a normal number in any precision.
#[must_use]
pub fn is_countable(time: f64, dt: f64) -> bool {
    dt.is_normal() && (dt as f32).is_normal() && time / dt <= MOST_STEPS
}

/// Window limits of one cell; `slowest` is the slowest rate about its equilibria.
#[must_use]
pub fn window_limits(p: &Parameters<f64>, slowest: f64, dt: f64, times: &TimeOverrides) -> WindowLimits {
    let cycle = TAU / p.omega;
    let relaxation = p.alpha * p.gamma;
    let t_max = times.of(p, slowest);
    let window = times.window.unwrap_or_else(|| {
        let slow = (WINDOW_TIMES / relaxation).max(WINDOW_RATES / slowest);
        slow.max(SHORTEST_WINDOW).max(WINDOW_CYCLES * cycle).min(t_max / WINDOWS)
    });
    window_limits_for(t_max, window, p.omega, dt)
}

/// Window limits for a run of `t_max` in windows of about `window` (both in tau_c) of a particle
/// that rotates at `omega`.
#[must_use]
pub fn window_limits_for(t_max: f64, window: f64, omega: f64, dt: f64) -> WindowLimits {
    // Conversion from floating point to integer saturates.
    let steps = |time: f64| (time / dt).ceil().max(1.0) as u32;
    let cycles = (window * omega / TAU).round().max(FEWEST_PEAKS);
    WindowLimits {
        peaks_per_window: cycles as u32,
        window_steps: steps(PATIENCE * window.max(cycles * TAU / omega)),
        max_steps: steps(t_max),
    }
}

/// Discretisation error of an interpolated maximum.
///
/// A return seems to move with the position of its maximum in a step: V and Z are interpolated by
/// cubics there, with errors of the order V'''' dt⁴/384. The factor is for a span of 0.1 with its
/// harmonics (9e-7 was seen in Z at Omega dt = 0.14).
#[must_use]
pub fn peak_error(p: &Parameters<f64>, dt: f64) -> f64 {
    BLUR * (p.omega.hypot(p.gamma) * dt).powi(4)
}

/// Default t_max (tau_c) from the decay rates alone; [`TimeOverrides::of`] adds the limits by
/// cycles and windows.
#[must_use]
pub fn longest(p: &Parameters<f64>, slowest: f64) -> f64 {
    let relaxing = (SETTLING_TIMES / (p.alpha * p.gamma)).min(LONGEST_RELAXATION);
    let growing = (SETTLING_TIMES / slowest).min(LONGEST_GROWTH);
    (relaxing + growing + SETTLING_EXTRA).max(SHORTEST)
}

/// The rule for t_max and window as text, for files.
#[must_use]
pub fn rule() -> String {
    format!(
        "t_max = {SETTLING_TIMES}/(alpha Gamma) (at most {LONGEST_RELAXATION}) + {SETTLING_TIMES}/nu (at most {LONGEST_GROWTH}) + {SETTLING_EXTRA}, at \
         least {SHORTEST} tau_c and {} cycles 2 pi/Omega, with nu the smallest |Re mu| at the cell's equilibria, alpha Gamma aside; \
         window = {WINDOW_TIMES}/(alpha Gamma), at least {WINDOW_RATES}/nu, {SHORTEST_WINDOW} tau_c and {WINDOW_CYCLES} cycles, at most t_max/{WINDOWS}",
        WINDOWS * WINDOW_CYCLES
    )
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests say what they expect by panicking")]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn slow_cells_get_long_windows_and_long_times() {
        let p = Parameters::at(2.0, 6.0, 0.5);
        let usual = window_limits(&p, 1.0, 0.02, &TimeOverrides::default());
        assert_eq!((usual.peaks_per_window, usual.max_steps), (18, 250_000));
        assert!((1200..1220).contains(&usual.window_steps), "{usual:?}");
        let near = window_limits(&p, 1e-3, 0.02, &TimeOverrides::default());
        assert_eq!((near.peaks_per_window, near.max_steps), (557, 2_031_000));
        let slow = Parameters { alpha: 0.02, ..Parameters::at(2.0, 6.0, 0.02) };
        assert!(longest(&slow, 1.0) > 100_000.0);
        // A rate of zero or an unknown one still gives usable integers.
        for slowest in [0.0, f64::INFINITY] {
            let c = window_limits(&p, slowest, 0.02, &TimeOverrides::default());
            assert!(
                c.peaks_per_window >= 18 && c.window_steps >= 1000 && c.max_steps >= FEWEST_WINDOWS * 1000,
                "{c:?}"
            );
        }
        let overridden = TimeOverrides { t_max: Some(100.0), window: Some(10.0) };
        let short = window_limits(&p, 1.0, 0.02, &overridden);
        assert_eq!((short.peaks_per_window, short.window_steps, short.max_steps), (11, 750, 5000));
    }

    /// Numbers in a text, in order.
    pub(crate) fn numbers(text: &str) -> Vec<f64> {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        text.split(|c: char| !is_digit(c)).filter_map(|t| t.trim_end_matches('.').parse().ok()).collect()
    }

    #[test]
    fn fault_31_the_rule_for_times_says_what_is_done() {
        let found = numbers(&rule());
        let [
            times,
            most,
            grow_times,
            most_growth,
            extra,
            least,
            cycles,
            twice_pi,
            window,
            by_rate,
            shortest,
            in_cycles,
            windows,
        ] = found[..]
        else {
            panic!("{} numbers in {}", found.len(), rule())
        };
        assert_eq!(twice_pi, 2.0);
        // Neurons that reach every limit: the text's numbers compared with the code.
        for gamma in [1e-9, 1e-3, 0.02, 0.5, 2.0] {
            for omega in [1e-3, 0.05, 7.0] {
                for slowest in [1e-9, 1e-3, 0.3, f64::INFINITY] {
                    let p = Parameters { omega, ..Parameters::at(2.0, 6.0, gamma) };
                    let cycle = TAU / omega;
                    let t_max = ((times / gamma).min(most) + (grow_times / slowest).min(most_growth) + extra)
                        .max(least)
                        .max(cycles * cycle);
                    assert!(
                        (TimeOverrides::default().of(&p, slowest) / t_max - 1.0).abs() < 1e-12,
                        "{gamma} {omega} {slowest}"
                    );
                    let length = (window / gamma)
                        .max(by_rate / slowest)
                        .max(shortest)
                        .max(in_cycles * cycle)
                        .min(t_max / windows);
                    let expected = window_limits_for(t_max, length, omega, 0.01);
                    assert_eq!(
                        window_limits(&p, slowest, 0.01, &TimeOverrides::default()),
                        expected,
                        "{gamma} {omega} {slowest}"
                    );
                }
            }
        }
    }

    #[test]
    fn times_that_do_not_fit_each_other_are_refused() {
        let times = |t_max, window| TimeOverrides { t_max, window };
        assert!(times(None, None).check().is_ok() && times(Some(25.0), Some(5.0)).check().is_ok());
        assert!(times(Some(10.0), Some(5.0)).check().unwrap_err().to_string().contains("windows"));
    }

    #[test]
    fn no_cell_is_given_less_or_more_than_the_extent() {
        let some = [1e-9, 1e-3, 0.3, f64::INFINITY];
        for times in [
            TimeOverrides::default(),
            TimeOverrides { window: Some(1e4), t_max: None },
            TimeOverrides { window: None, t_max: Some(7.0) },
        ] {
            let (low, high) = times.extent(0.01);
            let chosen =
                some.map(|slowest| times.of(&Parameters { omega: 0.01, ..Parameters::at(2.0, 6.0, 1e-9) }, slowest));
            assert!(chosen.iter().all(|t| (low..=high).contains(t)), "{times:?}: {chosen:?} {low} {high}");
            assert!(chosen.contains(&high), "{times:?}: {chosen:?} {high}");
            let quick = times.of(&Parameters::at(2.0, 6.0, 2.0), 1e3);
            assert!(quick == low, "{times:?}: {quick} {low}");
        }
        assert!(is_countable(5000.0, 0.02) && is_countable(MOST_STEPS, 1.0));
        assert!(
            ![(1.01 * MOST_STEPS, 1.0), (1.0, 0.0), (1.0, f64::NAN), (1e-38, 1e-39)]
                .iter()
                .any(|(t, dt)| is_countable(*t, *dt))
        );
    }
}
