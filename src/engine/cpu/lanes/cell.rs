//! Cells in lanes, before and while they run.

use super::polynomials::Terms;
use super::rows::{LaneCoefficients, Row};
use crate::kernel::Real;
use crate::kernel::chebyshev::Scheme;
use crate::kernel::run::{Run, WindowLimits};
use crate::kernel::table::Table;
use crate::kernel::trapping::TrappingRegion;
use crate::model::{F00Jets, Parameters, State};

/// A cell to run in a lane.
#[derive(Debug, Clone)]
pub struct LaneCell<'a, T: Real> {
    /// Number of the cell, returned with its result.
    pub number: usize,
    /// Parameters of the neuron.
    pub parameters: Parameters<f64>,
    /// Initial state.
    pub start: State<f64>,
    /// RK4 step in units of tau_c.
    pub dt: f64,
    /// Limits of the run and its windows.
    pub limits: WindowLimits,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: f64,
    /// Trapping regions of the cell.
    pub regions: Vec<TrappingRegion<T>>,
    /// Profile of F_ij in f64, for the lane's polynomials.
    pub exact: &'a F00Jets,
    /// Table in the lane's precision, for steps beyond the polynomials' reach, which is that of its pieces.
    pub table: &'a Table<T>,
}

/// A running cell: its data apart from its lane's rows.
#[derive(Debug, Clone)]
pub(super) struct ActiveCell<'a, T: Real> {
    pub cell: LaneCell<'a, T>,
    pub parameters: Parameters<T>,
    pub run: Run<T>,
    /// The group's clock at the start of the run.
    pub began: u64,
    /// The group's clock at the start of the window.
    pub opened: u64,
}

impl<'a, T: Real> ActiveCell<'a, T> {
    /// Starts a cell at this clock of the group.
    pub(super) fn new(job: LaneCell<'a, T>, clock: u64) -> Self {
        let (parameters, s) = (job.parameters.map(T::of), &job.start);
        let run = Run::start(State { x: T::of(s.x), y: T::of(s.y), z: T::of(s.z), v: T::of(s.v) });
        Self { cell: job, parameters, run, began: clock, opened: clock }
    }

    /// The group's clock at which the number of steps ends the window or the run.
    pub(super) fn due(&self) -> u64 {
        let WindowLimits { window_steps, max_steps, .. } = self.cell.limits;
        (self.opened + u64::from(window_steps)).min(self.began + u64::from(max_steps))
    }

    /// Sets the polynomials of lane `i` about a centre, counted from the run's origin of V.
    pub(super) fn take_terms<const LANES: usize, const TERMS: usize>(
        &self,
        f: &mut LaneCoefficients<T, LANES, TERMS>,
        i: usize,
        centre: T,
        scheme: &Scheme<TERMS>,
    ) {
        let (run, job, reach) = (&self.run, &self.cell, self.cell.table.reach_in_v());
        // A diverged motion has no centre; an infinite reach spares it an event at each step.
        let lost = !centre.is_finite();
        let centre = if lost { T::zero() } else { centre };
        let about = [centre.widen(), reach.widen()];
        let terms = Terms::new(&job.parameters, [run.v_0.widen(), run.z_0.widen()], about, job.exact, scheme);
        f.centre[i] = centre;
        f.reach[i] = if lost { T::infinity() } else { reach };
        f.v_dot_0[i] = T::of(terms.v_dot_0);
        f.leak[i] = T::of(terms.leak);
        f.r_dg_dz[i] = T::of(terms.r_dg_dz);
        let fill = |rows: &mut [Row<T, LANES>], terms: &[f64]| {
            rows.iter_mut().zip(terms).for_each(|(row, t)| row[i] = T::of(*t));
        };
        fill(&mut f.f_00, &terms.f_00);
        fill(&mut f.f_01, &terms.f_01);
        fill(&mut f.half_f_11, &terms.half_f_11);
    }
}
