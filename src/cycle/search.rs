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
/// Returns and steps at most of a motion that settles soon.
const SOON_RETURNS: usize = 512;
const SOON_STEPS: u64 = 60_000;
/// Rates, relative to 1 + |u|, below which the motion is at rest.
const AT_REST: f64 = 1e-13;
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
    let profile = F00Jets::new(p.l, p.lambda);
    let (first, most, longest, steps) = (FIRST_RETURNS, MOST_RETURNS, LONGEST, MOST_STEPS);
    settled_on(p, &profile, start, Search { first, most, longest, closed: f64::INFINITY, steps })
}

/// The stable cycle on which a motion settles soon, within 512 maxima of V and 60,000 steps; `None` if it settles later,
/// or on none.
#[must_use]
pub fn cycle_soon(p: &Parameters<f64>, start: &State<f64>) -> Option<Cycle> {
    let profile = F00Jets::new(p.l, p.lambda);
    let (first, most, longest, steps) = (FIRST_RETURNS, SOON_RETURNS, LONGEST, SOON_STEPS);
    settled_on(p, &profile, start, Search { first, most, longest, closed: f64::INFINITY, steps })
}

/// The stable cycle of at most 256 maxima of V that the motion from `start` is on after twice as many; `None` if it is on
/// none. Only a motion that nearly closes is tried.
#[must_use]
pub fn cycle_nearby(p: &Parameters<f64>, profile: &F00Jets, start: &State<f64>) -> Option<Cycle> {
    // Two periods, and the maximum that begins them.
    let returns = 2 * LONGEST_NEARBY + 1;
    let (longest, closed, steps) = (LONGEST_NEARBY, CLOSED, MOST_STEPS_NEARBY);
    settled_on(p, profile, start, Search { first: returns, most: returns, longest, closed, steps })
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
}

/// The cycle that the motion from `start` is on.
fn settled_on(p: &Parameters<f64>, profile: &F00Jets, start: &State<f64>, search: Search) -> Option<Cycle> {
    let step = FINER * Rates::for_neuron(p, start.v, &Conductance::new(p.l, p.lambda)).step();
    if !step.is_normal() {
        return None;
    }
    let field = Field::new(p, profile);
    let (mut u, mut returns) = (point(start), Vec::<Return>::new());
    let mut rising = field.rate(&u)[3] > 0.0;
    let mut attempt = search.first;
    for n in 0..search.steps {
        let next = field.step(&u, step);
        let rate = field.rate(&next);
        let rises = rate[3] > 0.0;
        if rising && !rises {
            let (after, at) = field.extremum(&u, step);
            returns.push((n as f64 * step + after, at));
            if returns.len() == attempt {
                if let Some(found) = attempt_at(p, profile, &returns, step, search) {
                    return Some(found);
                }
                attempt *= 2;
            }
        }
        // False for NaN, too.
        let is_moving = rate.amax() > AT_REST * (1.0 + next.amax());
        if !is_moving || returns.len() >= search.most {
            return None;
        }
        (u, rising) = (next, rises);
    }
    None
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

/// The cycle on which these returns settle, if they are near one.
fn attempt_at(p: &Parameters<f64>, profile: &F00Jets, returns: &[Return], step: f64, search: Search) -> Option<Cycle> {
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
    let period = returns[at].0 - returns[before].0;
    let found = Cycle::near(p, profile, &state(&returns[at].1), period, step)?;
    let before = at.checked_sub(found.maxima as usize)?;
    (found.is_stable() && is_neighbour(&found, &returns[before].1, &returns[at].1)).then_some(found)
}

/// Whether a motion with these two successive returns is in the linear neighbourhood of a cycle.
fn is_neighbour(cycle: &Cycle, before: &Vector4<f64>, after: &Vector4<f64>) -> bool {
    let centre = point(&cycle.state);
    let (from, to) = (before - centre, after - centre);
    let contraction = 1.0 - cycle.multiplier();
    // A motion with coarser steps settles this far from the cycle; a nearly neutral one, whose
    // contraction says nothing, has to be near it all the same.
    let is_near = from.amax() <= STEP_SHARE * cycle.span();
    if is_near && from.amax() * contraction <= STEP_ERROR * (1.0 + centre.amax()) {
        return true;
    }
    let lack = (to - cycle.return_map * from).norm();
    lack <= LACK * contraction * from.norm()
}
