//! Optima on the edge of the region of stable cycles: the edge itself, where Newton's method does not reach it.
//!
//! The search keeps the largest multiplier m at 1 - d. The optimum is a smooth function of d, also at a fold of cycles, where the
//! parameter's distance from it is quadratic in d: two values of d extrapolate it to 0.

use super::follow::{Sample, Space};
use super::local_model::Goal;
use super::quantity::QUANTITY_COUNT;
use super::refine::{Refined, Scale, refine};
use crate::cancel::CancelToken;
use crate::error::Result;

/// Factor between the two distances from 1.
const NEARER: f64 = 0.5;
/// Multiplier from which on an optimum that was not refined may be at a fold of cycles.
const NEARLY_NEUTRAL: f64 = 0.9;
/// First move towards a fold, in the coordinates, and smallest one.
const FIRST_MOVE: f64 = 1e-3;
const SMALLEST: f64 = 1e-13;
/// Moves at most.
const MOVES: usize = 200;
/// Growth of the goal in a first move, relative to 1 + its modulus, that a maximum inside the range does not have.
const FLAT: f64 = 1e-5;
/// Difference of two extrapolations, in the coordinates, at which a fold is found.
const AGREE: f64 = 1e-8;
/// Span, relative to 1 + |V|, below which a neutral cycle is next to a Hopf point.
const SHRINKS: f64 = 1e-2;

/// How the stable cycle ends at an edge of its region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// A fold of cycles.
    Fold,
    /// A period doubling.
    Doubling,
    /// A Neimark–Sacker bifurcation.
    NeimarkSacker,
    /// A Hopf point.
    Hopf,
}

impl Edge {
    /// What it is called in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Edge::Fold => "a fold of cycles",
            Edge::Doubling => "a period doubling",
            Edge::NeimarkSacker => "a Neimark–Sacker bifurcation",
            Edge::Hopf => "a Hopf point",
        }
    }

    /// The edge that holds a refined optimum, if one does.
    pub(super) fn held(found: &Refined) -> Option<Self> {
        let is_held = found.multipliers.iter().next().is_some_and(|m| *m != 0.0);
        is_held.then(|| Self::of(&found.sample))
    }

    /// The edge next to a nearly neutral cycle.
    fn of(sample: &Sample) -> Self {
        let critical = sample.cycle.multipliers[0];
        match (critical.im != 0.0, critical.re > 0.0) {
            (true, _) => Edge::NeimarkSacker,
            (false, false) => Edge::Doubling,
            (false, true) if sample.cycle.span() < SHRINKS * (1.0 + sample.cycle.v_max.abs()) => Edge::Hopf,
            (false, true) => Edge::Fold,
        }
    }
}

/// An optimum on an edge.
#[derive(Debug, Clone)]
pub(super) struct OnEdge {
    pub edge: Edge,
    pub at: Vec<f64>,
    pub values: [f64; QUANTITY_COUNT],
}

/// The optimum on the edge that a refined one is next to; `None` if it is next to none.
pub(super) fn on_edge(
    space: &Space,
    goal: &Goal,
    found: &Refined,
    scale: Scale,
    stop: &CancelToken,
) -> Result<Option<OnEdge>> {
    let is_next = found.sample.cycle.multiplier() > NEARLY_NEUTRAL;
    if Edge::held(found).is_some() && found.converged {
        // Nearer to the edge the goal is better, so that the search goes on towards it.
        let goal = Goal { inside: NEARER * goal.inside, ..goal.clone() };
        let scale = Scale { region: 0.1 * scale.region, ..scale };
        let nearer = refine(space, &goal, &found.sample, scale, stop)?;
        let Some(nearer) = nearer.filter(|n| n.converged) else { return Ok(None) };
        let limit = |far: f64, near: f64| near + (near - far) * NEARER / (1.0 - NEARER);
        let coordinates = found.sample.at.iter().zip(&nearer.sample.at);
        let at = coordinates.map(|(a, b)| if *a == *b { *a } else { limit(*a, *b).clamp(0.0, 1.0) }).collect();
        let values = std::array::from_fn(|i| limit(found.sample.values[i], nearer.sample.values[i]));
        return Ok(Some(OnEdge { edge: Edge::of(&found.sample), at, values }));
    }
    let slope = found.models[0].gradient[0];
    // A model of differences across a fold has a maximum of its own; its slope there is no maximum's.
    let rises = slope.abs() * FIRST_MOVE > FLAT * (1.0 + goal.value(&found.sample).abs());
    let is_line = space.over.len() == 1 && is_next && rises;
    Ok(if is_line { fold(space, goal, &found.sample, slope.signum()) } else { None })
}

/// The fold of cycles to which the only coordinate leads from a cycle in a direction.
///
/// There (1 - m)² is linear in the coordinate. Moves are halved where they lead to no cycle, until the lines through the last
/// three agree in where it is 0.
fn fold(space: &Space, goal: &Goal, from: &Sample, direction: f64) -> Option<OnEdge> {
    let mut here = from.clone();
    let start = from.at.first().copied()?;
    let (mut t, mut step) = (0.0, FIRST_MOVE);
    let mut seen = vec![(0.0, neutral(from), from.values)];
    for _ in 0..MOVES {
        if step < SMALLEST {
            break;
        }
        match space.neighbour(&here, &[start + direction * (t + step)]).filter(|s| goal.is_kept(s)) {
            Some(found) => {
                t += step;
                seen.push((t, neutral(&found), found.values));
                here = found;
            }
            None => step *= 0.5,
        }
        let [.., a, b, c] = &seen[..] else { continue };
        let root = |p: &(f64, f64, _), q: &(f64, f64, _)| q.0 - q.1 * (q.0 - p.0) / (q.1 - p.1);
        let (first, last) = (root(a, b), root(b, c));
        if (first - last).abs() < AGREE && last >= t {
            // The quantities are linear in 1 - m.
            let (p, q) = (b.1.sqrt(), c.1.sqrt());
            let values = std::array::from_fn(|i| c.2[i] + (c.2[i] - b.2[i]) * q / (p - q));
            return Some(OnEdge { edge: Edge::of(&here), at: vec![start + direction * last], values });
        }
    }
    None
}

/// (1 - m)² of a cycle.
fn neutral(sample: &Sample) -> f64 {
    (1.0 - sample.cycle.multiplier()).powi(2)
}
