//! A cell's run: its motion so far, its settings, and its result. Twin of `shaders/run.wgsl`.

use super::Real;
use super::constants::{DRIFT, MOTION, RUNNING};
use super::newton::Newton;
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
    /// RK4 step of the current pass, in tau_c.
    pub dt: T,
    /// V on which the polynomials are centred, if it is near the motion.
    pub centre: T,
    /// Pass: `MOTION`, or one of Newton's method.
    pub pass: u32,
    /// Maxima at which the window ends.
    pub peaks_due: u32,
    /// Step of the window at which the run is looked at, or the pass ends.
    pub step_due: u32,
    /// Steps of Newton's method.
    pub newton_steps: u32,
    /// Returns of the motion that Newton's method has followed.
    pub returns: u32,
    /// Maxima of a cycle that the last window found unstable: the next one looks for another; 0 for none.
    pub skip: u32,
    /// Trapping region whose normal form the previous window followed, from 1; 0 for none.
    pub followed: u32,
    /// Whether the swing became smaller over the window about an equilibrium that no small cycle surrounds: 0 or 1.
    pub is_dying: u32,
    /// Windows and passes closed.
    pub windows: u32,
    /// Steps taken.
    pub steps: u32,
    /// Phase: `RUNNING`, or `FREE` or `DONE`.
    pub phase: u32,
    /// Current piece of the table.
    pub piece: i32,
    /// Padding: the shader's vectors begin at multiples of 16 bytes.
    pub unused: [u32; 1],
    /// Newton's method.
    pub newton: Newton<T>,
}

/// Result of a run as the shader writes it: missing numbers (period, error, time) are negative.
#[derive(Debug, Clone, Copy)]
pub struct RunResult<T> {
    /// Numbers in the order of `COLUMNS`.
    pub numbers: [T; crate::results::COLUMNS.len()],
    /// Number of the outcome.
    pub outcome: u32,
    /// Number of the certificate.
    pub certificate: u32,
    /// Steps taken.
    pub steps: u32,
    /// Final state: X, Y, Z, V.
    pub end: [T; 4],
}

/// Limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Maxima of the first window; `u32::MAX` for windows of `look_steps` steps instead, in which nothing settles
    /// but on a trapping region.
    pub first_peaks: u32,
    /// Steps between looks at whether a run has come to rest.
    pub look_steps: u32,
    /// Steps after which an unsettled cell is given up.
    pub max_steps: u32,
}

/// Settings of a run in addition to its parameters.
#[derive(Debug, Clone, Copy)]
pub struct RunSettings<'a, T> {
    /// RK4 step in units of tau_c.
    pub dt: T,
    /// Limits of the run.
    pub limits: RunLimits,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: T,
    /// Thermal value of Z, Z_T.
    pub z_t: T,
    /// Relaxation rate of Z, alpha Gamma, per tau_c.
    pub relaxation: T,
    /// Whether Z relaxes so slowly that a motion may follow the slow manifold.
    pub is_slow: bool,
    /// Trapping regions of the cell.
    pub regions: &'a [TrappingRegion<T>],
}

impl<T: Real> Run<T> {
    /// A run that starts from `state`; one that is not finite keeps its origin at 0 and ends as diverged.
    #[must_use]
    pub fn start(state: State<T>, dt: T, limits: &RunLimits) -> Self {
        let origin = |at: T| if to_origin_grid(at).is_finite() { to_origin_grid(at) } else { T::zero() };
        let (v_0, z_0) = (origin(state.v), origin(state.z));
        let state = State { z: state.z - z_0, v: state.v - v_0, ..state };
        Self {
            state,
            rate: State { x: T::zero(), y: T::zero(), z: T::zero(), v: T::zero() },
            window: Window::open(state.v),
            v_0,
            z_0,
            dt,
            centre: T::zero(),
            pass: MOTION,
            peaks_due: limits.first_peaks,
            step_due: limits.look_steps.min(limits.max_steps).max(1),
            newton_steps: 0,
            returns: 0,
            skip: 0,
            followed: 0,
            is_dying: 0,
            windows: 0,
            steps: 0,
            phase: RUNNING,
            piece: 0,
            unused: [0; 1],
            newton: Newton::nothing(),
        }
    }

    /// Step of the window at which the motion is looked at next: at the end of the run at the latest.
    pub(super) fn next_look(&self, limits: &RunLimits) -> u32 {
        let left = limits.max_steps - self.steps.min(limits.max_steps);
        self.window.step + limits.look_steps.min(left).max(1)
    }

    /// V near which the polynomials serve next: that of the motion, also in a pass from elsewhere, so that all
    /// passes of a method have the same polynomials.
    #[must_use]
    pub fn centred_on(&self) -> T {
        if self.pass == MOTION || self.pass == DRIFT { self.state.v } else { self.newton.from.v }
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

    /// Whether the run has to be looked at here: its window or its pass ends, or it is time.
    #[inline]
    #[must_use]
    pub fn is_due(&self) -> bool {
        (self.pass == MOTION && self.window.peaks == self.peaks_due) || self.window.step == self.step_due
    }
}
