//! A cell's run: its motion so far, its settings, and its result. Twin of `shaders/run.wgsl`.

use super::Real;
use super::constants::RUNNING;
use super::section::Return;
use super::trapping::{TrappingRegion, to_origin_grid};
use super::window::Window;
use crate::model::State;

/// A cell's run, laid out as in the shader's buffers.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Run<T> {
    /// State, with Z counted from `z_0` and V from `v_0`.
    pub state: State<T>,
    /// Rates of change of the state, per tau_c.
    pub rate: State<T>,
    /// Current window.
    pub window: Window<T>,
    /// Origin of V, on the origin grid.
    pub v_0: T,
    /// Origin of Z, on the origin grid.
    pub z_0: T,
    /// Return of the previous window.
    pub return_1: Return<T>,
    /// Return of two windows ago.
    pub return_2: Return<T>,
    /// Return of three windows ago.
    pub return_3: Return<T>,
    /// Limit of the returns up to the previous window.
    pub limit: Return<T>,
    /// Number of stored returns, at most 3; 4 if they had a limit.
    pub returns: u32,
    /// Windows closed.
    pub windows: u32,
    /// Steps taken.
    pub steps: u32,
    /// Phase: `FRESH`, `RUNNING` or `DONE`.
    pub phase: u32,
    /// Current piece of the table.
    pub piece: i32,
}

/// Result of a run as the shader writes it: missing numbers (period, error, time) are negative.
#[derive(Debug, Clone, Copy)]
pub struct RunResult<T> {
    /// Numbers in the order of `COLUMNS`.
    pub numbers: [T; crate::results::COLUMNS.len()],
    /// Number of the outcome.
    pub outcome: u32,
    /// Final state: X, Y, Z, V.
    pub end: [T; 4],
}

/// Limits of windows and of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowLimits {
    /// Maxima that end a window.
    pub peaks_per_window: u32,
    /// Steps that end a window with fewer maxima.
    pub window_steps: u32,
    /// Steps after which an unsettled cell is given up.
    pub max_steps: u32,
}

/// Settings of a run in addition to its parameters.
#[derive(Debug, Clone, Copy)]
pub struct RunSettings<'a, T> {
    /// RK4 step in units of tau_c.
    pub dt: T,
    /// Limits of the run and its windows.
    pub limits: WindowLimits,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: T,
    /// Thermal value of Z, Z_T.
    pub z_t: T,
    /// Trapping regions of the cell.
    pub regions: &'a [TrappingRegion<T>],
}

impl<T: Real> Run<T> {
    /// A run that starts from `state`; one that is not finite keeps its origin at 0 and ends as diverged.
    #[must_use]
    pub fn start(state: State<T>) -> Self {
        let origin = |at: T| if to_origin_grid(at).is_finite() { to_origin_grid(at) } else { T::zero() };
        let (v_0, z_0) = (origin(state.v), origin(state.z));
        let state = State { z: state.z - z_0, v: state.v - v_0, ..state };
        Self {
            state,
            rate: State { x: T::zero(), y: T::zero(), z: T::zero(), v: T::zero() },
            window: Window::open(state.v),
            v_0,
            z_0,
            return_1: Return::nowhere(),
            return_2: Return::nowhere(),
            return_3: Return::nowhere(),
            limit: Return::nowhere(),
            returns: 0,
            windows: 0,
            steps: 0,
            phase: RUNNING,
            piece: 0,
        }
    }

    /// Records a step: the state at its end, and the rates of change of that state.
    #[inline]
    pub fn accept_step(&mut self, state: State<T>, rate: State<T>) {
        (self.state, self.rate) = (state, rate);
        self.steps += 1;
    }

    /// Whether all components of the state are finite.
    pub(super) fn is_finite(&self) -> bool {
        let s = &self.state;
        s.x.is_finite() && s.y.is_finite() && s.z.is_finite() && s.v.is_finite()
    }

    /// Whether the current window ends here.
    #[inline]
    #[must_use]
    pub fn window_ends(&self, limits: &WindowLimits) -> bool {
        let w = &self.window;
        w.peaks == limits.peaks_per_window || w.step == limits.window_steps || self.steps == limits.max_steps
    }
}
