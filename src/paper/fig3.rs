//! Fig. 3: self-oscillations at R_n = 5, V_n = 0.23, Gamma = 0.1, alpha = 1, Z_T = 1: (a) V(t),
//! (b) the limit cycle of the Bloch vector inside the unit sphere, (c) the power spectrum of V.

use crate::error::Result;
use crate::figure::{Style, draw_trace};
use crate::model::{Parameters, State};
use crate::paper::{PaperRun, Quality};
use crate::store::TraceFile;
use crate::trace::{Trajectory, TrajectoryRequest, integrate, record};

/// Start and end of the record, in tau_c.
///
/// Growth near the Hopf point is slow; it has ended before the start, so the record shows the cycle.
const TIMES: (f64, f64) = (6000.0, 8000.0);

pub(super) fn cells(_: Quality) -> u64 {
    0
}

/// Trajectory of the settled motion, in f64.
pub(super) fn trajectory() -> Result<Trajectory> {
    let parameters = Parameters::at(0.23, 5.0, 0.1);
    let start = State::rest(parameters.z_t);
    integrate(&TrajectoryRequest { parameters, start, t_end: TIMES.1, t_start: TIMES.0, dt: None })
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let trajectory = trajectory()?;
    let path = run.path("fig3", "h5");
    record(run.output(&path), &trajectory, &trajectory.spectrum()?, None, &run.command)?;
    let file = TraceFile::open(&path)?;
    run.draw("fig3", |output| draw_trace(&file, &Style::USUAL, output))
}
