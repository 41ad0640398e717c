//! Cells in lanes, before and while they run.

use super::polynomials::Terms;
use super::rows::{LaneCoefficients, Row};
use crate::kernel::Real;
use crate::kernel::chebyshev::Scheme;
use crate::kernel::run::{Run, RunLimits};
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
    /// Limits of the run.
    pub limits: RunLimits,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: f64,
    /// Whether Z relaxes so slowly that a motion may follow the slow manifold.
    pub is_slow: bool,
    /// Trapping regions of the cell.
    pub regions: &'a [TrappingRegion<T>],
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
    /// Origin of V and Z and centre of the lane's polynomials.
    terms: Option<[T; 3]>,
}

impl<'a, T: Real> ActiveCell<'a, T> {
    /// Starts a cell at this clock of the group.
    pub(super) fn new(job: LaneCell<'a, T>, clock: u64) -> Self {
        let (parameters, s) = (job.parameters.map(T::of), &job.start);
        let start = State { x: T::of(s.x), y: T::of(s.y), z: T::of(s.z), v: T::of(s.v) };
        let run = Run::start(start, T::of(job.dt), &job.limits);
        Self { cell: job, parameters, run, began: clock, opened: clock, terms: None }
    }

    /// The group's clock at which the run is looked at next.
    pub(super) fn due(&self) -> u64 {
        self.opened + u64::from(self.run.step_due)
    }

    /// Sets the polynomials of lane `i` about a centre, counted from the run's origin of V.
    pub(super) fn take_terms<const LANES: usize, const TERMS: usize>(
        &mut self,
        f: &mut LaneCoefficients<T, LANES, TERMS>,
        i: usize,
        centre: T,
        scheme: &Scheme<TERMS>,
    ) {
        let about = Some([self.run.v_0, self.run.z_0, centre]);
        if self.terms == about {
            return;
        }
        self.terms = about;
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

    /// Takes the polynomials of lane `i` away while V moves so fast that each step crosses pieces: every step of the
    /// lane is an event then.
    pub(super) fn take_no_terms<const LANES: usize, const TERMS: usize>(
        &mut self,
        f: &mut LaneCoefficients<T, LANES, TERMS>,
        i: usize,
    ) {
        if self.terms.take().is_some() {
            // No distance is as short as this, and 0 keeps all numbers finite.
            f.reach[i] = -T::one();
            for rows in [&mut f.f_00, &mut f.f_01, &mut f.half_f_11] {
                rows.iter_mut().for_each(|row| row[i] = T::zero());
            }
        }
    }
}
