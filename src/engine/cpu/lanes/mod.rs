//! Many cells in vector lanes: runs as in `kernel::settle` and `kernel::advance`, one step of all lanes at a
//! time.
//!
//! `step` steps all lanes at once, whatever happens in them. Lanes with an event (an extremum of V, or a motion
//! that leaves the reach of its polynomials) are then handled by the scalar kernel. Lanes are independent, so
//! the result of a cell does not depend on its neighbours.

mod cell;
mod events;
mod polynomials;
mod rows;
mod step;
mod vector;

pub use cell::LaneCell;
pub use step::operations;
pub use vector::Lane;

use crate::kernel::chebyshev::Scheme;
use crate::kernel::run::{RunResult, RunSettings};
use crate::kernel::{Real, piece};
use crate::model::State;
use cell::ActiveCell;
use events::{EventContext, handle_events, put_state, rates, state};
use pulp::{Arch, Simd, WithSimd};
use rows::{LaneCoefficients, LaneState, Row};
use step::{NO_EVENT, pairs, step};

/// A group of lanes in single precision: enough independent vectors to hide latencies, few enough rows to stay
/// in the first-level cache.
pub type Singles<'a> = Group<'a, f32, 64, { <f32 as Real>::TERMS }>;
/// A group of lanes in double precision, with rows of as many bytes as in [`Singles`].
pub type Doubles<'a> = Group<'a, f64, 32, { <f64 as Real>::TERMS }>;

/// Vector instructions of lanes on this machine.
#[must_use]
pub fn instructions() -> &'static str {
    match Arch::new() {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(_) => "AVX-512",
        #[cfg(target_arch = "x86_64")]
        Arch::V3(_) => "AVX2",
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(_) => "NEON",
        _ => "baseline",
    }
}

/// A group of lanes, the busy ones first.
#[derive(Debug)]
pub struct Group<'a, T: Lane, const LANES: usize, const TERMS: usize> {
    lanes: Vec<ActiveCell<'a, T>>,
    /// States before and after a step, swapped with every step.
    moving: Box<[LaneState<T, LANES>; 2]>,
    fixed: Box<LaneCoefficients<T, LANES, TERMS>>,
    flags: Row<T, LANES>,
    scheme: Box<Scheme<TERMS>>,
    /// Steps taken so far.
    clock: u64,
    /// A clock not later than the next one at which time ends a window.
    due: u64,
    /// Lanes whose windows have all their maxima.
    full: Vec<usize>,
    /// Vector instructions to use.
    arch: Arch,
}

impl<T: Lane, const LANES: usize, const TERMS: usize> Default for Group<'_, T, LANES, TERMS> {
    fn default() -> Self {
        Self {
            lanes: Vec::with_capacity(LANES),
            moving: Box::new([LaneState::empty(), LaneState::empty()]),
            fixed: Box::new(LaneCoefficients::empty()),
            flags: [T::of(NO_EVENT); LANES],
            scheme: Box::new(Scheme::default()),
            clock: 0,
            due: u64::MAX,
            full: Vec::with_capacity(LANES),
            arch: Arch::new(),
        }
    }
}

impl<'a, T: Lane, const LANES: usize, const TERMS: usize> Group<'a, T, LANES, TERMS> {
    /// Number of lanes.
    pub const LANES: usize = LANES;

    /// Number of busy lanes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Whether no lane is busy.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Puts a cell into a free lane, of which there has to be one.
    pub fn put(&mut self, job: LaneCell<'a, T>) {
        let lane = ActiveCell::new(job, self.clock);
        let (run, table) = (&lane.run, lane.cell.table);
        let rates = piece::derivative(&lane.parameters, [run.v_0, run.z_0], &run.state, table);
        let centre = run.state.v;
        self.due = self.due.min(lane.due());
        self.lanes.push(lane);
        self.open_window(self.lanes.len() - 1, centre, &rates);
    }

    /// Takes up to `most` steps in every busy lane; returns the steps taken, summed over lanes. Results of cells
    /// that end go to `outcomes`, and their lanes become free.
    pub fn advance(&mut self, most: u32, outcomes: &mut Vec<(usize, RunResult<T>)>) -> u64 {
        if self.lanes.is_empty() {
            return 0;
        }
        let steps = (self.due - self.clock).min(u64::from(most)) as u32;
        let busy = self.lanes.len() as u64;
        let [a, b] = &mut *self.moving;
        let (fixed, lanes, full, scheme) = (&mut *self.fixed, &mut self.lanes[..], &mut self.full, &*self.scheme);
        let looked = EventContext { fixed, lanes, full, scheme };
        let taken = narrowed::<T>(self.arch, busy as usize).dispatch(Walk {
            a,
            b,
            flags: &mut self.flags,
            looked,
            clock: self.clock,
            steps,
        });
        if taken % 2 == 1 {
            self.moving.swap(0, 1);
        }
        self.clock += u64::from(taken);
        if self.clock == self.due {
            self.full.clear();
            self.full.extend(0..self.lanes.len());
        }
        // From the last lane down: a finished lane is replaced by the last one.
        while let Some(i) = self.full.pop() {
            self.close_window(i, outcomes);
        }
        if self.clock >= self.due {
            self.due = self.lanes.iter().map(ActiveCell::due).min().unwrap_or(u64::MAX);
        }
        u64::from(taken) * busy
    }

    /// Closes a lane's window if it ends here.
    fn close_window(&mut self, i: usize, outcomes: &mut Vec<(usize, RunResult<T>)>) {
        let (lane, m) = (&mut self.lanes[i], &self.moving[0]);
        let (run, limits) = (&mut lane.run, lane.cell.limits);
        run.window.step = (self.clock - lane.opened) as u32;
        run.steps = (self.clock - lane.began) as u32;
        if !run.window_ends(&limits) {
            return;
        }
        run.state = state(m, i);
        (run.window.v_min, run.window.v_max) = (m.v_min[i], m.v_max[i]);
        (run.window.low, run.window.area) = (m.low[i], m.area[i]);
        let (middle, v_0) = (T::of(0.5) * (run.window.v_min + run.window.v_max), run.v_0);
        let (dt, peak_error, z_t) = (T::of(lane.cell.dt), T::of(lane.cell.peak_error), lane.parameters.z_t);
        if let Some(outcome) =
            run.close_window(&RunSettings { dt, limits, peak_error, z_t, regions: &lane.cell.regions })
        {
            outcomes.push((lane.cell.number, outcome));
            self.lanes.swap_remove(i);
            let last = self.lanes.len();
            if i < last {
                self.moving[0].carry(last, i);
                self.fixed.carry(last, i);
            }
            return;
        }
        lane.opened = self.clock;
        let centre = piece::centre_for_window(middle - (run.v_0 - v_0), run.state.v, lane.cell.table.reach_in_v());
        let rates = rates(m, i);
        self.open_window(i, centre, &rates);
    }

    /// Fills a lane's rows from its run after a window has been opened.
    fn open_window(&mut self, i: usize, centre: T, rates: &State<T>) {
        let (lane, m, f) = (&self.lanes[i], &mut self.moving[0], &mut self.fixed);
        let (run, p) = (&lane.run, &lane.parameters);
        put_state(m, i, &run.state, rates);
        (m.v_min[i], m.v_max[i], m.low[i], m.area[i]) =
            (run.window.v_min, run.window.v_max, run.window.low, run.window.area);
        f.counting[i] = T::zero();
        (f.omega[i], f.gamma[i], f.relaxation[i], f.dt[i]) = (p.omega, p.gamma, p.alpha * p.gamma, T::of(lane.cell.dt));
        (f.v_0[i], f.z_0[i], f.one_minus_z_0[i]) = (run.v_0, run.z_0, T::one() - run.z_0);
        f.z_drift[i] = f.relaxation[i] * (run.z_0 - p.z_t);
        lane.take_terms(f, i, centre, &self.scheme);
    }
}

/// Vector instructions for the busy lanes: shorter vectors if these hold all of them, which is faster and gives
/// the same bits.
fn narrowed<T>(arch: Arch, busy: usize) -> Arch {
    match arch {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(v4) if busy * size_of::<T>() <= 64 => Arch::V3(*v4),
        other => other,
    }
}

/// Steps of a whole group until a lane's window is full.
struct Walk<'w, 'a, T: Lane, const LANES: usize, const TERMS: usize> {
    a: &'w mut LaneState<T, LANES>,
    b: &'w mut LaneState<T, LANES>,
    flags: &'w mut Row<T, LANES>,
    looked: EventContext<'w, 'a, T, LANES, TERMS>,
    clock: u64,
    steps: u32,
}

impl<T: Lane, const LANES: usize, const TERMS: usize> WithSimd for Walk<'_, '_, T, LANES, TERMS> {
    type Output = u32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) -> u32 {
        let Walk { mut a, mut b, flags, mut looked, clock, steps } = self;
        let busy = looked.lanes.len().div_ceil(2 * T::width::<S>()).min(pairs::<S, T>(LANES));
        for taken in 0..steps {
            if step(s, a, b, looked.fixed, flags, busy) {
                handle_events(a, b, flags, clock + u64::from(taken), &mut looked);
            }
            std::mem::swap(&mut a, &mut b);
            if !looked.full.is_empty() {
                return taken + 1;
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::run::WindowLimits;
    use crate::kernel::table::{Format, Table};
    use crate::model::{F00Jets, Parameters};

    /// Outcomes and numbers of 40 cells across the Hopf curve, in order.
    fn outcomes<T: Lane, const LANES: usize, const TERMS: usize>(
        exact: &F00Jets,
        table: &Table<T>,
        arch: Arch,
    ) -> Vec<(u32, [f64; 7])> {
        let mut group = Group::<T, LANES, TERMS> { arch, ..Group::default() };
        let (mut found, mut steps, mut next) = (Vec::new(), 0, 0);
        loop {
            while group.len() < LANES && next < 40 {
                let parameters = Parameters { z_t: 0.9, ..Parameters::at(2.0, 6.0, 0.02 * (next + 1) as f64) };
                let limits = WindowLimits { peaks_per_window: 10, window_steps: 900, max_steps: 20_000 };
                let (start, regions) = (State::rest(0.9), Vec::new());
                let (dt, peak_error) = (0.0198, 1e-6);
                group.put(LaneCell { number: next, parameters, start, dt, limits, peak_error, regions, exact, table });
                next += 1;
            }
            if group.is_empty() {
                break;
            }
            steps += group.advance(1000, &mut found);
        }
        assert!(steps > 40 * 900);
        found.sort_by_key(|v| v.0);
        found.iter().map(|(_, v)| (v.outcome, v.numbers.map(Real::widen))).collect()
    }

    fn any_instructions_agree<T: Lane, const LANES: usize, const TERMS: usize>(
        exact: &F00Jets,
        table: &Table<T>,
        off: f64,
    ) -> Vec<(u32, [f64; 7])> {
        let of = |arch| outcomes::<T, LANES, TERMS>(exact, table, arch);
        let here = of(Arch::new());
        assert_eq!(here.len(), 40);
        let bits = |all: &[(u32, [f64; 7])]| all.iter().map(|v| (v.0, v.1.map(f64::to_bits))).collect::<Vec<_>>();
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = pulp::x86::V3::try_new() {
            assert_eq!(bits(&here), bits(&of(Arch::V3(v3))), "fused alike, so alike to the bit");
        }
        // Without fused multiply-adds only the last bits differ.
        for (a, b) in here.iter().zip(&of(Arch::Scalar)) {
            assert_eq!(a.0, b.0);
            assert!((a.1[0] - b.1[0]).abs() < off, "{a:?} {b:?}");
        }
        assert!(here.iter().any(|v| v.1[0] > 0.05));
        here
    }

    #[test]
    fn any_instructions_give_the_same_cells() {
        let exact = F00Jets::new(0.5, 0.13);
        let single = Table::<f32>::of(&exact, 0.5, 0.13, Format::default());
        let double = Table::<f64>::of(&exact, 0.5, 0.13);
        let singles = any_instructions_agree::<f32, 64, { <f32 as Real>::TERMS }>(&exact, &single, 1e-5);
        let doubles = any_instructions_agree::<f64, 32, { <f64 as Real>::TERMS }>(&exact, &double, 1e-9);
        for (a, b) in singles.iter().zip(&doubles) {
            assert!((a.1[0] - b.1[0]).abs() < 2e-5, "{a:?} {b:?}");
        }
    }
}
