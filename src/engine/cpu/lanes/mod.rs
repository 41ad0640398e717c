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
use crate::kernel::constants::MOTION;
use crate::kernel::run::{RunResult, RunSettings};
use crate::kernel::{Real, piece};
use cell::ActiveCell;
use events::{EventContext, derivative, handle_events, put_state, rates, state};
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
    moving: [Box<LaneState<T, LANES>>; 2],
    fixed: Box<LaneCoefficients<T, LANES, TERMS>>,
    flags: Row<T, LANES>,
    scheme: Box<Scheme<TERMS>>,
    /// Steps taken so far.
    clock: u64,
    /// The clock at which each lane's run is looked at next.
    due: [u64; LANES],
    /// The least of them, or less.
    next_due: u64,
    /// Lanes whose windows have all their maxima.
    full: Vec<usize>,
    /// Vector instructions to use.
    arch: Arch,
}

impl<T: Lane, const LANES: usize, const TERMS: usize> Default for Group<'_, T, LANES, TERMS> {
    fn default() -> Self {
        Self {
            lanes: Vec::with_capacity(LANES),
            moving: [Box::new(LaneState::empty()), Box::new(LaneState::empty())],
            fixed: Box::new(LaneCoefficients::empty()),
            flags: [T::of(NO_EVENT); LANES],
            scheme: Box::new(Scheme::default()),
            clock: 0,
            due: [u64::MAX; LANES],
            next_due: u64::MAX,
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
        self.due[self.lanes.len()] = lane.due();
        self.next_due = self.next_due.min(lane.due());
        let centre = lane.run.state.v;
        self.lanes.push(lane);
        self.open_window(self.lanes.len() - 1, centre);
    }

    /// Takes up to `most` steps in every busy lane; returns the steps taken, summed over lanes. Results of cells
    /// that end go to `outcomes`, and their lanes become free.
    pub fn advance(&mut self, most: u32, outcomes: &mut Vec<(usize, RunResult<T>)>) -> u64 {
        if self.lanes.is_empty() {
            return 0;
        }
        let steps = (self.next_due - self.clock).min(u64::from(most)) as u32;
        let busy = self.lanes.len() as u64;
        let [a, b] = &mut self.moving;
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
        let is_due = self.clock == self.next_due;
        if is_due {
            for i in 0..self.lanes.len() {
                if self.due[i] == self.clock && !self.is_full(i) {
                    self.full.push(i);
                }
            }
            self.full.sort_unstable();
        }
        // From the last lane down: a finished lane is replaced by the last one.
        while let Some(i) = self.full.pop() {
            self.look(i, outcomes);
        }
        if is_due {
            self.next_due = self.due.iter().copied().fold(u64::MAX, u64::min);
        }
        u64::from(taken) * busy
    }

    /// Whether the motion of a lane has all maxima of its window.
    fn is_full(&self, i: usize) -> bool {
        let run = &self.lanes[i].run;
        run.pass == MOTION && run.window.peaks == run.peaks_due
    }

    /// Looks at a lane's run if it is due.
    fn look(&mut self, i: usize, outcomes: &mut Vec<(usize, RunResult<T>)>) {
        let (lane, m) = (&mut self.lanes[i], &self.moving[0]);
        let (run, limits) = (&mut lane.run, lane.cell.limits);
        run.window.step = (self.clock - lane.opened) as u32;
        run.steps = (self.clock - lane.began) as u32;
        if !run.is_due() {
            return;
        }
        (run.state, run.rate) = (state(m, i), rates(m, i));
        (run.window.v_min, run.window.v_max) = (m.v_min[i], m.v_max[i]);
        (run.window.low, run.window.area) = (m.low[i], m.area[i]);
        let p = &lane.parameters;
        let settings = RunSettings {
            dt: T::of(lane.cell.dt),
            limits,
            peak_error: T::of(lane.cell.peak_error),
            z_t: p.z_t,
            relaxation: p.alpha * p.gamma,
            is_slow: lane.cell.is_slow,
            regions: lane.cell.regions,
        };
        if let Some(outcome) = run.look(&settings) {
            outcomes.push((lane.cell.number, outcome));
            self.lanes.swap_remove(i);
            let last = self.lanes.len();
            self.due[i] = self.due[last];
            self.due[last] = u64::MAX;
            if i < last {
                self.moving[0].carry(last, i);
                self.fixed.carry(last, i);
            }
            return;
        }
        lane.opened = self.clock - u64::from(run.window.step);
        self.due[i] = lane.opened + u64::from(run.step_due);
        self.next_due = self.next_due.min(self.due[i]);
        let centre = piece::centre_for_window(run.centre, run.centred_on(), lane.cell.table.reach_in_v());
        self.open_window(i, centre);
    }

    /// Fills a lane's rows from its run after it has been looked at.
    fn open_window(&mut self, i: usize, centre: T) {
        let (lane, m, f) = (&mut self.lanes[i], &mut self.moving[0], &mut self.fixed);
        let p = &lane.parameters;
        let relaxation = p.alpha * p.gamma;
        (f.omega[i], f.gamma[i], f.relaxation[i], f.dt[i]) = (p.omega, p.gamma, relaxation, lane.run.dt);
        (f.v_0[i], f.z_0[i], f.one_minus_z_0[i]) = (lane.run.v_0, lane.run.z_0, T::one() - lane.run.z_0);
        f.z_drift[i] = relaxation * (lane.run.z_0 - p.z_t);
        lane.take_terms(f, i, centre, &self.scheme);
        let run = &lane.run;
        put_state(m, i, &run.state, &derivative(f, i, &run.state));
        (m.v_min[i], m.v_max[i], m.low[i], m.area[i]) =
            (run.window.v_min, run.window.v_max, run.window.low, run.window.area);
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
                handle_events(a, b, flags, T::nonzero(flags), clock + u64::from(taken), &mut looked);
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
    use crate::kernel::run::RunLimits;
    use crate::kernel::table::{Format, Table};
    use crate::model::{F00Jets, Parameters, State};

    type Numbers = [f64; crate::results::COLUMNS.len()];

    /// Outcomes and numbers of 40 cells across the Hopf curve, in order.
    fn outcomes<T: Lane, const LANES: usize, const TERMS: usize>(
        exact: &F00Jets,
        table: &Table<T>,
        arch: Arch,
    ) -> Vec<(u32, Numbers)> {
        let mut group = Group::<T, LANES, TERMS> { arch, ..Group::default() };
        let (mut found, mut steps, mut next) = (Vec::new(), 0, 0);
        loop {
            while group.len() < LANES && next < 40 {
                let parameters = Parameters { z_t: 0.9, ..Parameters::at(2.0, 6.0, 0.02 * (next + 1) as f64) };
                let limits = RunLimits { first_peaks: 5, look_steps: 400, max_steps: 20_000 };
                let (start, regions) = (State::rest(0.9), &[][..]);
                let (dt, peak_error) = (0.0198, 1e-6);
                let is_slow = false;
                group.put(LaneCell {
                    number: next,
                    parameters,
                    start,
                    dt,
                    limits,
                    peak_error,
                    is_slow,
                    regions,
                    exact,
                    table,
                });
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
    ) -> Vec<(u32, Numbers)> {
        let of = |arch| outcomes::<T, LANES, TERMS>(exact, table, arch);
        let here = of(Arch::new());
        assert_eq!(here.len(), 40);
        let bits = |all: &[(u32, Numbers)]| all.iter().map(|v| (v.0, v.1.map(f64::to_bits))).collect::<Vec<_>>();
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
        // What single precision does not leave undecided, it decides as double precision does.
        let decided: Vec<_> = singles.iter().zip(&doubles).filter(|(a, _)| a.0 < 2).collect();
        assert!(decided.len() > 10, "{}", decided.len());
        for (a, b) in decided {
            assert!(a.0 == b.0 && (a.1[0] - b.1[0]).abs() < 2e-5, "{a:?} {b:?}");
        }
    }
}
