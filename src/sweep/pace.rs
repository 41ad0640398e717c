//! How long a cell is given: the window its span is measured over, and the time after which it is given up.

use crate::error::{Error, Result};
use crate::model::Parameters;
use std::f64::consts::TAU;

/// Transients die like e^(-alpha Gamma t), through trains of pulses: 30 of these times, plus [`SETTLING_EXTRA`].
const SETTLING_TIMES: f64 = 30.0;
/// Added for what relaxes at rates of its own.
const SETTLING_EXTRA: f64 = 200.0;
/// Bounds on the default t_max. The lower one is for slow growth near the Hopf curve, the upper for alpha Gamma → 0.
const T_MAX: (f64, f64) = (1000.0, 20_000.0);
/// The default window in relaxation times 1/(alpha Gamma): long enough for two windows to show the slow drift of Z.
const WINDOW_TIMES: f64 = 2.0;
/// The default window is no shorter than this, nor than [`WINDOW_TURNS`] turns of the particle.
const SHORTEST_WINDOW: f64 = 20.0;
/// Turns of the particle, 2 pi / Omega each, that a window holds at least.
const WINDOW_TURNS: f64 = 8.0;
/// Windows that fit into the default t_max at least.
const WINDOWS: f64 = 10.0;
/// A verdict needs three windows that agree and one before them.
pub const FEWEST_WINDOWS: u32 = 4;
/// Steps of one cell that the counters hold, with room to spare.
const MOST_STEPS: f64 = 2_147_483_648.0;

/// What stands in for a rule where the request says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// `--t-max`.
    pub t_max: Option<f64>,
    /// `--window`.
    pub window: Option<f64>,
}

/// (steps in a window, windows at most) for one cell.
///
/// # Errors
/// A t_max that holds too few windows, a window of less than a step, or more steps than are counted.
pub fn pace(p: &Parameters<f64>, dt: f64, times: &Times) -> Result<(u32, u32)> {
    let relaxation = p.alpha * p.gamma;
    let turn = TAU / p.omega;
    let t_max = times.t_max.unwrap_or_else(|| longest(p));
    let window = times.window.unwrap_or_else(|| {
        (WINDOW_TIMES / relaxation).max(SHORTEST_WINDOW).max(WINDOW_TURNS * turn).min(t_max / WINDOWS)
    });
    let window_steps = (window / dt).ceil();
    let windows = (t_max / (window_steps * dt)).floor();
    if windows < f64::from(FEWEST_WINDOWS) {
        return Err(Error::request(
            format!("t_max = {t_max} holds {windows} windows of {window}, and a verdict takes {FEWEST_WINDOWS}"),
            format!("raise --t-max to {} or shorten --window", f64::from(FEWEST_WINDOWS) * window_steps * dt),
        ));
    }
    if windows * window_steps > MOST_STEPS {
        return Err(Error::request(
            format!(
                "a cell would take {:.3e} steps of dt = {dt:.3e}, and {MOST_STEPS:.3e} are counted",
                windows * window_steps
            ),
            "lower --t-max, or sweep the stiffest cells on their own".to_string(),
        ));
    }
    // Both are below 2^31 by now.
    Ok((window_steps as u32, windows as u32))
}

/// The time after which a cell is given up, where the request does not say.
#[must_use]
pub fn longest(p: &Parameters<f64>) -> f64 {
    let turns = WINDOWS * WINDOW_TURNS * TAU / p.omega;
    let (low, high) = (T_MAX.0.max(turns), T_MAX.1.max(turns));
    (SETTLING_TIMES / (p.alpha * p.gamma) + SETTLING_EXTRA).clamp(low, high)
}

/// The rule in one sentence, for files.
#[must_use]
pub fn rule() -> String {
    format!(
        "t_max = {SETTLING_TIMES}/(alpha Gamma) + {SETTLING_EXTRA}, within [{}, {}] tau_c, both raised to {} turns 2 pi/Omega where that is more; \
         window = {WINDOW_TIMES}/(alpha Gamma), at least {SHORTEST_WINDOW} tau_c and {WINDOW_TURNS} turns 2 pi/Omega, at most t_max/{WINDOWS}",
        T_MAX.0,
        T_MAX.1,
        WINDOWS * WINDOW_TURNS
    )
}
