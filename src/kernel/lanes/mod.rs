//! Many cells in single precision side by side: the same run as `settle` and `sweep` prescribe, a step of all lanes at a time.
//!
//! A step is taken by `step` for all lanes at once, whatever happens in them. Where something does (an extremum of V, or a motion that
//! leaves the reach of its polynomials) the lane gets a second look, by the scalar kernel. No lane looks at another, so the answer of
//! a cell does not depend on the company it keeps.

mod peak;
mod polynomials;
mod rows;
mod step;

pub use peak::peak;
pub use polynomials::reach;
pub use rows::LANES;
pub use step::OPERATIONS;

use super::basin::Basin;
use super::neuron::Neuron;
use super::settle::{Cadence, Pace, Run, Verdict};
use super::span::Sample;
use super::{Real, rk4, table::Table};
use crate::model::{Parameters, State};
use polynomials::Terms;
use pulp::{Arch, Simd, WithSimd};
use rows::{Fixed, Moving, Row};
use step::{LEFT, PLAIN, pairs, step};

/// Where a window's motion was, its middle is the centre of the next one's polynomials if it lies this near, as a part of the reach.
const NEAR_MIDDLE: f32 = 0.9;
/// A swing that grows still has this part of the reach to do so.
const MARGIN: f32 = 0.05;
/// A motion that has left its polynomials' reach gets others about a point this part of the reach ahead of it.
const AHEAD: f32 = 0.5;

/// A cell to run.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// Its number among its fellows, for whoever takes the verdict.
    pub number: usize,
    /// Where in parameter space.
    pub parameters: Parameters<f64>,
    /// Where it starts.
    pub start: State<f64>,
    /// Step in units of tau_c.
    pub dt: f64,
    /// When windows end, and the run.
    pub cadence: Cadence,
    /// How far a maximum may seem to lie from where it is.
    pub blur: f64,
    /// Where it can come to rest.
    pub basins: Vec<Basin<f32>>,
    /// F_ij in f64, for the polynomials,
    pub exact: &'a Table<f64>,
    /// and in f32, for steps beyond their reach.
    pub single: &'a Table<f32>,
    /// How far from their centre, in V, the polynomials serve.
    pub reach: f32,
}

/// A cell under way, beside its lane's rows.
#[derive(Debug, Clone)]
struct Lane<'a> {
    job: Job<'a>,
    parameters: Parameters<f32>,
    run: Run<f32>,
    neuron: Neuron<f32>,
    /// The group's clock when the run began,
    began: u64,
    /// and when the window opened.
    opened: u64,
}

impl Lane<'_> {
    /// When time ends its window, or its run, on the group's clock.
    fn due(&self) -> u64 {
        let Cadence { window_steps, max_steps, .. } = self.job.cadence;
        (self.opened + u64::from(window_steps)).min(self.began + u64::from(max_steps))
    }
}

/// The instructions that lanes are computed with here.
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
pub struct Group<'a> {
    lanes: Vec<Lane<'a>>,
    /// Before and after a step, in turn.
    moving: Box<[Moving; 2]>,
    fixed: Box<Fixed>,
    flags: Row,
    /// Steps taken so far.
    clock: u64,
    /// When time ends a window next, or earlier.
    due: u64,
    /// Lanes whose windows are full of turns.
    full: Vec<usize>,
    /// The instructions to use.
    arch: Arch,
}

impl Default for Group<'_> {
    fn default() -> Self {
        Self {
            lanes: Vec::with_capacity(LANES),
            moving: Box::new([Moving::empty(), Moving::empty()]),
            fixed: Box::new(Fixed::empty()),
            flags: [PLAIN; LANES],
            clock: 0,
            due: u64::MAX,
            full: Vec::with_capacity(LANES),
            arch: Arch::new(),
        }
    }
}

impl<'a> Group<'a> {
    /// Busy lanes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Puts a cell into a free lane, of which there has to be one.
    pub fn put(&mut self, job: Job<'a>) {
        let parameters = job.parameters.map(f32::of);
        let s = &job.start;
        let run = Run::start(State { x: s.x as f32, y: s.y as f32, z: s.z as f32, v: s.v as f32 });
        let neuron = Neuron::about(&parameters, run.base, run.z_base, job.single);
        let lane = Lane { job, parameters, run, neuron, began: self.clock, opened: self.clock };
        let centre = lane.run.state.v;
        self.due = self.due.min(lane.due());
        self.lanes.push(lane);
        self.open_window(self.lanes.len() - 1, centre);
    }

    /// Takes up to `most` steps in every lane; gives the steps taken and the verdicts that fell, whose lanes are free then.
    pub fn advance(&mut self, most: u32, verdicts: &mut Vec<(usize, Verdict<f32>)>) -> u64 {
        if self.lanes.is_empty() {
            return 0;
        }
        let steps = (self.due - self.clock).min(u64::from(most)) as u32;
        let busy = self.lanes.len() as u64;
        let [a, b] = &mut *self.moving;
        let (fixed, flags, lanes, full) = (&mut *self.fixed, &mut self.flags, &mut self.lanes[..], &mut self.full);
        let taken = self.arch.dispatch(Walk { a, b, fixed, flags, lanes, full, clock: self.clock, steps });
        if taken % 2 == 1 {
            self.moving.swap(0, 1);
        }
        self.clock += u64::from(taken);
        if self.clock == self.due {
            self.full.clear();
            self.full.extend(0..self.lanes.len());
        }
        // From the last on: a lane that is done gives its place to the last one.
        while let Some(i) = self.full.pop() {
            self.close_window(i, verdicts);
        }
        if self.clock >= self.due {
            self.due = self.lanes.iter().map(Lane::due).min().unwrap_or(u64::MAX);
        }
        u64::from(taken) * busy
    }

    /// Closes a lane's window where it ends.
    fn close_window(&mut self, i: usize, verdicts: &mut Vec<(usize, Verdict<f32>)>) {
        let (lane, m) = (&mut self.lanes[i], &self.moving[0]);
        let (run, cadence) = (&mut lane.run, lane.job.cadence);
        run.window.step = (self.clock - lane.opened) as u32;
        run.steps = (self.clock - lane.began) as u32;
        if !run.window_ends(&cadence) {
            return;
        }
        run.state = state(m, i);
        (run.window.v_min, run.window.v_max) = (m.v_min[i], m.v_max[i]);
        (run.window.low, run.window.area) = (m.low[i], m.area[i]);
        let (middle, base) = (0.5 * (run.window.v_min + run.window.v_max), run.base);
        let (dt, blur, z_t) = (lane.job.dt as f32, lane.job.blur as f32, lane.parameters.z_t);
        if let Some(verdict) = run.close_window(&Pace { dt, cadence, blur, z_t, basins: &lane.job.basins }) {
            verdicts.push((lane.job.number, verdict));
            self.lanes.swap_remove(i);
            let last = self.lanes.len();
            if i < last {
                self.moving[0].carry(last, i);
                self.fixed.carry(last, i);
            }
            return;
        }
        lane.opened = self.clock;
        lane.neuron = Neuron::about(&lane.parameters, run.base, run.z_base, lane.job.single);
        let middle = middle - (run.base - base);
        let near = (middle - run.state.v).abs() <= NEAR_MIDDLE * lane.job.reach;
        let centre = if near { middle } else { run.state.v };
        self.open_window(i, centre);
    }

    /// Fills a lane's rows from its run, whose window has just been opened.
    fn open_window(&mut self, i: usize, centre: f32) {
        let (lane, m, f) = (&self.lanes[i], &mut self.moving[0], &mut self.fixed);
        let (run, p) = (&lane.run, &lane.parameters);
        let rates = lane.neuron.derivative(&run.state, lane.job.single);
        put_state(m, i, &run.state, &rates);
        (m.v_min[i], m.v_max[i], m.low[i], m.area[i]) =
            (run.window.v_min, run.window.v_max, run.window.low, run.window.area);
        f.counting[i] = 0.0;
        (f.omega[i], f.gamma[i], f.relaxation[i], f.dt[i]) = (p.omega, p.gamma, p.alpha * p.gamma, lane.job.dt as f32);
        (f.base[i], f.z_base[i], f.below[i]) = (run.base, run.z_base, 1.0 - run.z_base);
        f.settling[i] = f.relaxation[i] * (run.z_base - p.z_t);
        take_terms(f, i, lane, centre);
    }
}

fn state(m: &Moving, i: usize) -> State<f32> {
    State { x: m.x[i], y: m.y[i], z: m.z[i], v: m.v[i] }
}

fn rates(m: &Moving, i: usize) -> State<f32> {
    State { x: m.x_rate[i], y: m.y_rate[i], z: m.z_rate[i], v: m.v_rate[i] }
}

fn put_state(m: &mut Moving, i: usize, state: &State<f32>, rates: &State<f32>) {
    (m.x[i], m.y[i], m.z[i], m.v[i]) = (state.x, state.y, state.z, state.v);
    (m.x_rate[i], m.y_rate[i], m.z_rate[i], m.v_rate[i]) = (rates.x, rates.y, rates.z, rates.v);
}

/// Polynomials for a lane about a centre, counted from its origin.
fn take_terms(f: &mut Fixed, i: usize, lane: &Lane<'_>, centre: f32) {
    let (run, p) = (&lane.run, &lane.job.parameters);
    let origin = [f64::from(run.base), f64::from(run.z_base)];
    // A motion that is lost has no place to be near; it stays lost, without a second look at each step.
    let lost = !centre.is_finite();
    let centre = if lost { 0.0 } else { centre };
    let terms = Terms::new(p, origin, f64::from(centre), lane.job.reach.into(), lane.job.exact);
    f.centre[i] = centre;
    f.reach[i] = if lost { f32::INFINITY } else { lane.job.reach };
    f.rate[i] = terms.rate as f32;
    f.slope[i] = terms.slope as f32;
    f.lean[i] = terms.lean as f32;
    let fill = |rows: &mut [Row], terms: &[f64]| rows.iter_mut().zip(terms).for_each(|(row, t)| row[i] = *t as f32);
    fill(&mut f.change, &terms.change);
    fill(&mut f.cross, &terms.cross);
    fill(&mut f.bend, &terms.bend);
}

/// Steps of a whole group, until one lane's window is full.
struct Walk<'w, 'a> {
    a: &'w mut Moving,
    b: &'w mut Moving,
    fixed: &'w mut Fixed,
    flags: &'w mut Row,
    lanes: &'w mut [Lane<'a>],
    full: &'w mut Vec<usize>,
    clock: u64,
    steps: u32,
}

impl WithSimd for Walk<'_, '_> {
    type Output = u32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) -> u32 {
        let Walk { mut a, mut b, fixed, flags, lanes, full, clock, steps } = self;
        let busy = lanes.len().div_ceil(2 * S::F32_LANES).min(pairs::<S>());
        for taken in 0..steps {
            if step(s, a, b, fixed, flags, busy) {
                look_again(a, b, fixed, flags, lanes, full, clock + u64::from(taken));
            }
            std::mem::swap(&mut a, &mut b);
            if !full.is_empty() {
                return taken + 1;
            }
        }
        steps
    }
}

/// Where the polynomials of a motion are to be taken about that has left their reach: where both ends of its last swing are within the
/// new one, if there is such a place, or else ahead of it.
fn centre(lane: &Lane<'_>, low: f32, next: &State<f32>, rate: f32) -> f32 {
    let reach = lane.job.reach;
    let other = if rate > 0.0 { low } else { lane.run.window.peak };
    let ahead = reach.copysign(rate);
    let middle = 0.5 * (other + next.v);
    if (next.v - middle).abs() <= NEAR_MIDDLE * reach - MARGIN * reach {
        middle + MARGIN * ahead
    } else {
        next.v + AHEAD * ahead
    }
}

/// The second look at the lanes that need one; those whose windows are full now are listed.
#[inline(never)]
fn look_again(
    a: &Moving,
    b: &mut Moving,
    f: &mut Fixed,
    flags: &Row,
    lanes: &mut [Lane<'_>],
    full: &mut Vec<usize>,
    clock: u64,
) {
    // Eight flags at a glance: in most steps most of them are plain.
    let noted = |group: &[f32]| group.iter().fold(0, |bits, flag| bits | flag.to_bits()) != 0;
    let groups = flags.chunks_exact(8).zip((0..).step_by(8)).filter(|(group, _)| noted(group));
    for i in groups.flat_map(|(_, first)| first..first + 8).filter(|i| flags[*i] != PLAIN) {
        let Some(lane) = lanes.get_mut(i) else { continue };
        let (before, k1, dt) = (state(a, i), rates(a, i), lane.job.dt as f32);
        if flags[i] == LEFT {
            let next = rk4::step(&lane.neuron, lane.job.single, &before, &k1, dt);
            let k = lane.neuron.derivative(&next, lane.job.single);
            put_state(b, i, &next, &k);
            take_terms(f, i, lane, centre(lane, a.low[i], &next, k.v));
        }
        let w = &mut lane.run.window;
        w.step = (clock - lane.opened) as u32;
        (w.v_min, w.v_max, w.low, w.area) = (a.v_min[i], a.v_max[i], a.low[i], a.area[i]);
        w.watch(Sample::of(&before, &k1), Sample::of(&state(b, i), &rates(b, i)), dt);
        // A vector waits for a word that was just written into it, so only what changes is.
        let counting = if w.peaks > 0 { 1.0 } else { 0.0 };
        for (row, value) in [
            (&mut b.v_min, w.v_min),
            (&mut b.v_max, w.v_max),
            (&mut b.low, w.low),
            (&mut b.area, w.area),
            (&mut f.counting, counting),
        ] {
            if row[i] != value {
                row[i] = value;
            }
        }
        if w.peaks == lane.job.cadence.turns {
            full.push(i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::Format;

    /// Verdicts of 40 cells across the Hopf curve, in order, each with its numbers' bits.
    fn verdicts(arch: Arch) -> Vec<(u32, [f32; 7])> {
        let exact = Table::<f64>::new(0.5, 0.13);
        let single = Table::from_exact(&exact, Format::default());
        let mut group = Group { arch, ..Group::default() };
        for number in 0..40 {
            let parameters = Parameters { z_t: 0.9, ..Parameters::at(2.0, 6.0, 0.02 * (number + 1) as f64) };
            let cadence = Cadence { turns: 10, window_steps: 900, max_steps: 20_000 };
            let (start, basins) = (State::rest(0.9), Vec::new());
            let (dt, blur, reach, exact, single) = (0.0198, 1e-6, reach(&exact), &exact, &single);
            group.put(Job { number, parameters, start, dt, cadence, blur, basins, exact, single, reach });
        }
        let (mut found, mut steps) = (Vec::new(), 0);
        while !group.is_empty() {
            steps += group.advance(1000, &mut found);
        }
        assert!(steps > 40 * 900);
        found.sort_by_key(|v| v.0);
        found.iter().map(|(_, v)| (v.outcome, v.numbers)).collect()
    }

    #[test]
    fn any_instructions_give_the_same_cells() {
        let here = verdicts(Arch::new());
        assert_eq!(here.len(), 40);
        let bits = |all: &[(u32, [f32; 7])]| all.iter().map(|v| (v.0, v.1.map(f32::to_bits))).collect::<Vec<_>>();
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = pulp::x86::V3::try_new() {
            assert_eq!(bits(&here), bits(&verdicts(Arch::V3(v3))), "fused alike, so alike to the bit");
        }
        // Without fused multiply-adds the last bits differ, and no more than those.
        let plain = verdicts(Arch::Scalar);
        for (a, b) in here.iter().zip(&plain) {
            assert_eq!(a.0, b.0);
            assert!((a.1[0] - b.1[0]).abs() < 1e-5, "{a:?} {b:?}");
        }
        assert!(here.iter().any(|v| v.1[0] > 0.05));
    }
}
