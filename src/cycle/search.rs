//! Search for the cycle that a motion settles on.

use super::cycle::Cycle;
use super::field::{Field, point, state};
use crate::model::{Conductance, F00Jets, FINER, Parameters, Rates, State};
use nalgebra::Vector4;

/// Returns before the first attempt; each later one has twice as many.
const FIRST_RETURNS: usize = 4;
/// Returns at most, after which there is no cycle to be found.
const MOST_RETURNS: usize = 1 << 16;
/// Steps at most.
const MOST_STEPS: u64 = 100_000_000;
/// Rates, relative to 1 + |u|, below which the motion is at rest.
const AT_REST: f64 = 1e-13;
/// Change in one step, relative to 1 + |u|, that rounding makes: a motion that changes less is at rest too.
const ROUNDS_OFF: f64 = 4.0 * f64::EPSILON;
/// Steps that one attempt by Newton's method takes, about, in units of the steps of its period.
const ATTEMPT: f64 = 64.0;
/// Steps between two calls of a watching function.
const WATCHED: u64 = 1 << 12;
/// Steps at most where a motion is on its cycle already: seconds of one core.
const MOST_STEPS_NEARBY: u64 = 5_000_000;
/// Maxima in the longest period that is looked for.
const LONGEST: usize = 64;
/// Maxima in the longest period that is looked for where a motion is on its cycle already.
const LONGEST_NEARBY: usize = 256;
/// Distance of a state from itself a period later, relative to 1 + |u|, of a motion on its cycle.
const CLOSED: f64 = 1e-4;
/// A shorter period is taken if it closes the orbit up to this factor as well as the best.
const AS_GOOD: f64 = 3.0;
/// Share of the return map's contraction that the motion's own returns may lack.
const LACK: f64 = 0.25;
/// Difference of two returns, relative to 1 + |u|, that is rounding.
const ROUNDING: f64 = 1e-11;
/// Error of a return, relative to 1 + |u|, by the rule's step in double precision.
const STEP_ERROR: f64 = 1e-7;
/// Largest distance from the cycle, relative to its span, that may be the step's error.
const STEP_SHARE: f64 = 1e-3;

/// A maximum of V: its time and its point.
type Return = (f64, Vector4<f64>);

/// The stable cycle on which the motion from `start` settles; `None` if it comes to rest, or to no
/// cycle of 64 maxima or fewer within 65,536 maxima and 100 million steps.
///
/// A cycle found by Newton's method is the motion's own only if the motion is in its linear
/// neighbourhood: one return brings it nearer as the return map says, up to a quarter of the
/// contraction.
///
/// ```
/// use hopfmap::{Parameters, State, cycle};
/// let p = Parameters::at(2.0, 6.0, 0.33); // V_n, R_n, Gamma
/// let found = cycle(&p, &State::rest(p.z_t)).unwrap();
/// assert!((found.span() - 0.1087).abs() < 1e-4 && found.is_stable());
/// ```
#[must_use]
pub fn cycle(p: &Parameters<f64>, start: &State<f64>) -> Option<Cycle> {
    match cycle_within(p, start, MOST_STEPS, &|_, _| true) {
        Settled::Cycle(found) => Some(*found),
        _ => None,
    }
}

/// What a motion settles on.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// A stable cycle.
    Cycle(Box<Cycle>),
    /// Rest, at this state.
    Rest(State<f64>),
    /// Nothing yet.
    Open {
        /// Time since the start.
        time: f64,
        /// Steps taken, those of attempts by Newton's method included.
        steps: u64,
    },
    /// The watching function has ended the search.
    Stopped,
}

/// What the motion from `start` settles on within `most` steps, 65,536 maxima of V and periods of 64 maxima; `watch` gets
/// the steps taken since its last call and the state now and then, and the search ends where it returns false.
pub fn cycle_within(
    p: &Parameters<f64>,
    start: &State<f64>,
    most: u64,
    watch: &dyn Fn(u64, &State<f64>) -> bool,
) -> Settled {
    let profile = F00Jets::new(p.l, p.lambda);
    let (first, returns, longest) = (FIRST_RETURNS, MOST_RETURNS, LONGEST);
    let search = Search { first, most: returns, longest, closed: f64::INFINITY, steps: most, for_attempts: 0 };
    settled_on(p, &profile, start, search, watch)
}

/// The stable cycle of at most 256 maxima of V that the motion from `start` is on after twice as many; `None` if it is on
/// none. Only a motion that nearly closes is tried.
#[must_use]
pub fn cycle_nearby(p: &Parameters<f64>, profile: &F00Jets, start: &State<f64>) -> Option<Cycle> {
    // Two periods, and the maximum that begins them.
    let returns = 2 * LONGEST_NEARBY + 1;
    let (longest, closed, steps) = (LONGEST_NEARBY, CLOSED, MOST_STEPS_NEARBY);
    let search = Search { first: returns, most: returns, longest, closed, steps, for_attempts: MOST_STEPS };
    match settled_on(p, profile, start, search, &|_, _| true) {
        Settled::Cycle(found) => Some(*found),
        _ => None,
    }
}

/// When and how cycles are looked for.
#[derive(Debug, Clone, Copy)]
struct Search {
    /// Maxima of V before the first attempt; each later one has twice as many.
    first: usize,
    /// Maxima of V at most.
    most: usize,
    /// Maxima in the longest period.
    longest: usize,
    /// Largest distance of a state from itself a period later, relative to 1 + |u|.
    closed: f64,
    /// Steps at most.
    steps: u64,
    /// Steps for attempts by Newton's method beyond these.
    for_attempts: u64,
}

/// What the motion from `start` settles on.
fn settled_on(
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: &State<f64>,
    search: Search,
    watch: &dyn Fn(u64, &State<f64>) -> bool,
) -> Settled {
    let step = FINER * Rates::for_neuron(p, start.v, &Conductance::new(p.l, p.lambda)).step();
    if !step.is_normal() {
        return Settled::Open { time: 0.0, steps: 0 };
    }
    let field = Field::new(p, profile);
    let (mut u, mut returns) = (point(start), Vec::<Return>::new());
    let mut rising = field.rate(&u)[3] > 0.0;
    let (mut attempt, mut taken, mut seen) = (search.first, 0, 0);
    for n in 0..search.steps {
        let next = field.step(&u, step);
        let rate = field.rate(&next);
        let rises = rate[3] > 0.0;
        taken += 1;
        if rising && !rises {
            let (after, at) = field.extremum(&u, step);
            returns.push((n as f64 * step + after, at));
            if returns.len() == attempt {
                let (found, cost) =
                    attempt_at(p, profile, &returns, step, search, search.steps + search.for_attempts - taken);
                if let Some(found) = found {
                    return Settled::Cycle(Box::new(found));
                }
                taken = (taken + cost).min(search.steps);
                attempt *= 2;
            }
        }
        let most = rate.amax();
        let size = 1.0 + next.amax();
        if most <= AT_REST * size || most * step <= ROUNDS_OFF * size {
            return Settled::Rest(state(&next));
        }
        // A rate that is not finite ends the search, too.
        if returns.len() >= search.most || taken >= search.steps || !most.is_finite() {
            return Settled::Open { time: n as f64 * step, steps: taken };
        }
        if taken >= seen + WATCHED {
            if !watch(taken - seen, &state(&next)) {
                return Settled::Stopped;
            }
            seen = taken;
        }
        (u, rising) = (next, rises);
    }
    Settled::Open { time: search.steps as f64 * step, steps: taken }
}

/// The state at the first maximum of V of the motion from `start`, within `time` (tau_c) and a million steps of length
/// `step`; `None` if there is none.
#[must_use]
pub fn next_maximum(
    p: &Parameters<f64>,
    profile: &F00Jets,
    start: &State<f64>,
    step: f64,
    time: f64,
) -> Option<State<f64>> {
    let field = Field::new(p, profile);
    let (mut u, mut rises) = (point(start), false);
    for _ in 0..(time / step).min(1e6) as u32 {
        let next = field.step(&u, step);
        let rises_on = field.rate(&next)[3] > 0.0;
        if rises && !rises_on {
            return Some(state(&field.extremum(&u, step).1));
        }
        (u, rises) = (next, rises_on);
    }
    None
}

/// The cycle on which these returns settle, if they are near one, and the steps that the attempt took; `left` of them may be
/// taken.
fn attempt_at(
    p: &Parameters<f64>,
    profile: &F00Jets,
    returns: &[Return],
    step: f64,
    search: Search,
    left: u64,
) -> (Option<Cycle>, u64) {
    let Some((at, period)) = nearly_closed(returns, search) else { return (None, 0) };
    let cost = (ATTEMPT * period / step) as u64;
    if cost > left {
        return (None, 0);
    }
    let found = Cycle::near(p, profile, &state(&returns[at].1), period, step).filter(|found| {
        let before = at.checked_sub(found.maxima as usize);
        found.is_stable() && before.is_some_and(|before| is_neighbour(found, &returns[before].1, &returns[at].1))
    });
    (found, cost)
}

/// The return that begins the last period, by its number, and the period, if the last returns nearly close.
fn nearly_closed(returns: &[Return], search: Search) -> Option<(usize, f64)> {
    let last = returns.len() - 1;
    let apart = |q: usize| (returns[last].1 - returns[last - q].1).amax();
    let longest = search.longest.min(last / 2).max(1);
    let rounding = ROUNDING * (1.0 + returns[last].1.amax());
    let best = (1..=longest).map(apart).fold(f64::INFINITY, f64::min).max(rounding);
    if best > search.closed * (1.0 + returns[last].1.amax()) {
        return None;
    }
    let q = (1..=longest).find(|q| apart(*q) <= AS_GOOD * best)?;
    // The highest of the last q maxima begins the period.
    let at = (last + 1 - q..=last).max_by(|a, b| returns[*a].1[3].total_cmp(&returns[*b].1[3]))?;
    let before = at.checked_sub(q)?;
    Some((at, returns[at].0 - returns[before].0))
}

/// Whether a motion with these two successive returns is in the linear neighbourhood of a cycle.
fn is_neighbour(cycle: &Cycle, before: &Vector4<f64>, after: &Vector4<f64>) -> bool {
    let centre = point(&cycle.state);
    let (from, to) = (before - centre, after - centre);
    let contraction = 1.0 - cycle.multiplier();
    // A motion with coarser steps settles this far from the cycle; a nearly neutral one, whose
    // contraction says nothing, has to be near it all the same.
    let is_near = from.amax() <= STEP_SHARE * cycle.span();
    let error = STEP_ERROR.max(cycle.error);
    if is_near && from.amax() * contraction <= error * (1.0 + centre.amax()) {
        return true;
    }
    let lack = (to - cycle.return_map * from).norm();
    lack <= LACK * contraction * from.norm()
}
