//! Time limits of cells: the time between looks at whether a cell has come to rest, and the time after
//! which a cell is given up.

use crate::error::{Error, Result};
use crate::kernel::constants::{CONTRACTION_F32, FIRST_PEAKS};
use crate::kernel::run::RunLimits;
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
/// Fewest decay times in the default t_max: this many times 1/(alpha Gamma), beyond that limit.
const FEWEST_RELAXATIONS: f64 = 4.0;
/// Longest default t_max for the relaxation of Z, in tau_c: it acts below alpha Gamma = 2e-6.
const MOST_RELAXATION: f64 = 2e6;
/// Longest time in the default t_max for slow growth or decay near a bifurcation, in tau_c.
const LONGEST_GROWTH: f64 = 40_000.0;
/// Default time between looks at whether a cell has come to rest, in tau_c.
const LOOK: f64 = 2.0;
/// Fewest cycles of the particle, 2 pi / Omega each, in the default t_max.
const CYCLES: f64 = 96.0;
/// Fewest looks within t_max.
pub const FEWEST_WINDOWS: u32 = 5;
/// Fewest looks in the default t_max, if the time between them is given.
const WINDOWS: f64 = 12.0;
/// Most steps of a cell in single precision; what has not settled then is integrated in double precision.
const SINGLE_STEPS: u32 = 16_000;
/// Largest R_n in single precision: beyond, the tables' error in R_n F_ij moves a cycle by more than 1e-5.
const SINGLE_R_N: f64 = 25.0;
/// Smallest alpha Gamma in single precision: below, Z moves by less than rounding in a step.
const SINGLE_RELAXATION: f64 = 1e-3;
/// Smallest alpha Gamma in single precision of a cell that cannot come to rest: below, its cycle turns slowly
/// into its place, with multipliers next to the unit circle.
const SINGLE_CYCLE: f64 = 0.015;
/// Largest alpha Gamma at which a motion may follow the slow manifold, along which Z alone relaxes.
const SLOW_RELAXATION: f64 = 2e-3;
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
                    "`t_max` {t_max} holds {:.1} windows of {window}, and {FEWEST_WINDOWS} are needed",
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
        let longest = MOST_RELAXATION + LONGEST_GROWTH + SETTLING_EXTRA;
        let longest = longest.max(CYCLES * TAU / omega).max(windows);
        self.t_max.map_or((SHORTEST.max(windows), longest), |t| (t, t))
    }

    /// The time (tau_c) after which a cell is given up; `slowest` is the slowest rate about its
    /// equilibria.
    #[must_use]
    pub fn of(&self, p: &Parameters<f64>, slowest: f64) -> f64 {
        self.t_max.unwrap_or_else(|| {
            let own = longest(p, slowest).max(CYCLES * TAU / p.omega);
            own.max(self.window.map_or(0.0, |w| WINDOWS * w))
        })
    }
}

/// Whether the steps of a run can be counted, and `dt` is a normal number in any precision.
#[must_use]
pub fn is_countable(time: f64, dt: f64) -> bool {
    dt.is_normal() && (dt as f32).is_normal() && time / dt <= MOST_STEPS
}

/// Limits of a run of one cell that is given up after `time`, with this step.
#[must_use]
pub fn run_limits(time: f64, dt: f64, times: &TimeOverrides) -> RunLimits {
    // Conversion from floating point to integer saturates.
    let steps = |time: f64| (time / dt).ceil().max(1.0) as u32;
    let look_steps = steps(times.window.unwrap_or(LOOK));
    RunLimits { first_peaks: FIRST_PEAKS, look_steps, max_steps: steps(time) }
}

/// Limits of the same run in single precision, which leaves slow cells to double precision; no steps at all for
/// cells that it cannot decide. `slowest` is the slowest rate about the equilibria, and `can_rest` says whether
/// there is a stable one.
#[must_use]
pub fn in_single(p: &Parameters<f64>, slowest: f64, limits: RunLimits, can_rest: bool) -> RunLimits {
    let relaxation = if can_rest { SINGLE_RELAXATION } else { SINGLE_CYCLE };
    // Beside a Hopf point the cycle's multiplier is 1 - 4 pi sigma/omega.
    let is_near = 2.0 * TAU * slowest < CONTRACTION_F32 * p.omega;
    let suits = p.r_n.abs() <= SINGLE_R_N && p.alpha * p.gamma >= relaxation && !is_near;
    RunLimits { max_steps: if suits { limits.max_steps.min(SINGLE_STEPS) } else { 0 }, ..limits }
}

/// Whether Z relaxes, but so slowly that a motion may follow the slow manifold.
#[must_use]
pub fn is_slow(p: &Parameters<f64>) -> bool {
    let rate = p.alpha * p.gamma;
    rate > 0.0 && rate <= SLOW_RELAXATION
}

/// Discretisation error of an interpolated maximum, with the `rotation` rate (Omega² + Gamma²)^½.
///
/// A return seems to move with the position of its maximum in a step: V and Z are interpolated by
/// cubics there, with errors of the order V'''' dt⁴/384. The factor is for a span of 0.1 with its
/// harmonics (9e-7 was seen in Z at Omega dt = 0.14).
#[must_use]
pub fn peak_error(rotation: f64, dt: f64) -> f64 {
    BLUR * (rotation * dt).powi(4)
}

/// Default t_max (tau_c) from the decay rates alone; [`TimeOverrides::of`] adds the limits by
/// cycles and windows.
#[must_use]
pub fn longest(p: &Parameters<f64>, slowest: f64) -> f64 {
    let relaxation = p.alpha * p.gamma;
    let most = LONGEST_RELAXATION.max((FEWEST_RELAXATIONS / relaxation).min(MOST_RELAXATION));
    let relaxing = (SETTLING_TIMES / relaxation).min(most);
    let growing = (SETTLING_TIMES / slowest).min(LONGEST_GROWTH);
    (relaxing + growing + SETTLING_EXTRA).max(SHORTEST)
}

/// The rule for t_max and window as text, for files.
#[must_use]
pub fn rule() -> String {
    format!(
        "t_max = {SETTLING_TIMES}/(alpha Gamma) (at most {LONGEST_RELAXATION} or {FEWEST_RELAXATIONS}/(alpha Gamma), the longer, and \
         {MOST_RELAXATION}) + {SETTLING_TIMES}/nu (at most {LONGEST_GROWTH}) + {SETTLING_EXTRA}, at least {SHORTEST} tau_c and {CYCLES} \
         cycles 2 pi/Omega, with nu the smallest |Re mu| at the cell's equilibria, alpha Gamma aside; looks {LOOK} tau_c apart"
    )
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests say what they expect by panicking")]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn slow_cells_get_long_times() {
        let p = Parameters::at(2.0, 6.0, 0.5);
        let limits_of = |p: &Parameters<f64>, slowest: f64, dt: f64, times: &TimeOverrides| {
            run_limits(times.of(p, slowest), dt, times)
        };
        let usual = limits_of(&p, 1.0, 0.02, &TimeOverrides::default());
        assert_eq!((usual.look_steps, usual.max_steps), (100, 250_000));
        let near = limits_of(&p, 1e-3, 0.02, &TimeOverrides::default());
        assert_eq!(near.max_steps, 2_031_000);
        let slow = Parameters { alpha: 0.02, ..Parameters::at(2.0, 6.0, 0.02) };
        assert!(longest(&slow, 1.0) > 100_000.0);
        // A rate of zero or an unknown one still gives usable integers.
        for slowest in [0.0, f64::INFINITY] {
            let c = limits_of(&p, slowest, 0.02, &TimeOverrides::default());
            assert!(c.look_steps >= 100 && c.max_steps >= FEWEST_WINDOWS * 1000, "{c:?}");
        }
        let overridden = TimeOverrides { t_max: Some(100.0), window: Some(10.0) };
        let short = limits_of(&p, 1.0, 0.02, &overridden);
        assert_eq!((short.look_steps, short.max_steps), (500, 5000));
    }

    #[test]
    fn single_precision_leaves_what_it_cannot_decide() {
        let limits = RunLimits { first_peaks: 7, look_steps: 200, max_steps: 250_000 };
        let steps = |p: Parameters<f64>| in_single(&p, 1.0, limits, true).max_steps;
        let p = Parameters::at(2.0, 6.0, 0.5);
        let short = RunLimits { max_steps: 100, ..limits };
        assert_eq!((steps(p), in_single(&p, 1.0, short, true).max_steps), (SINGLE_STEPS, 100));
        let slow = Parameters { alpha: 0.02, ..p };
        assert_eq!((steps(slow), in_single(&slow, 1.0, limits, false).max_steps), (SINGLE_STEPS, 0));
        for hard in [Parameters { r_n: 1.01 * SINGLE_R_N, ..p }, Parameters { alpha: 1.9e-3, ..p }] {
            assert_eq!(steps(hard), 0, "{hard:?}");
        }
        // Next to a Hopf point, where the cycle's multiplier is next to 1.
        assert_eq!(
            (in_single(&p, 1e-3, limits, true).max_steps, in_single(&p, 4e-3, limits, true).max_steps),
            (0, SINGLE_STEPS)
        );
    }

    /// Numbers in a text, in order.
    pub(crate) fn numbers(text: &str) -> Vec<f64> {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        text.split(|c: char| !is_digit(c)).filter_map(|t| t.trim_end_matches('.').parse().ok()).collect()
    }

    #[test]
    fn fault_31_the_rule_for_times_says_what_is_done() {
        let found = numbers(&rule());
        let [times, most, fewest, far, grow_times, most_growth, extra, least, cycles, twice_pi, look] = found[..]
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
                    let relaxing = (times / gamma).min(most.max((fewest / gamma).min(far)));
                    let t_max =
                        (relaxing + (grow_times / slowest).min(most_growth) + extra).max(least).max(cycles * cycle);
                    assert!(
                        (TimeOverrides::default().of(&p, slowest) / t_max - 1.0).abs() < 1e-12,
                        "{gamma} {omega} {slowest}"
                    );
                    let times = TimeOverrides::default();
                    let limits = run_limits(times.of(&p, slowest), 0.01, &times);
                    assert_eq!(limits.look_steps, (look / 0.01_f64).ceil() as u32);
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
