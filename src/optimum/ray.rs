//! The boundary of the region of cycles that keep the conditions, along a straight line from a cycle.

use super::condition::Condition;
use super::follow::{Sample, Space};
use super::local_model::Goal;

/// Moves within the reach, before any fails.
const MOVES: f64 = 3.0;
/// Smallest move, relative to the reach.
const SMALLEST: f64 = 1e-9;
/// Move, relative to the reach, from which on the boundary is extrapolated.
const EXTRAPOLATED: f64 = 1e-2;
/// Difference, relative to the reach, of two extrapolations of which the better one is taken.
const AGREE: f64 = 1e-7;
/// Width, relative to the reach, of the interval in which a condition's limit is found, and trials at most.
const WIDTH: f64 = 1e-9;
const TRIALS: usize = 40;

/// What ends the region at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Held {
    /// A bound of a range.
    Bound,
    /// A condition, which the cycles beyond break.
    Condition(Condition),
    /// The stable cycle's own end: beyond, it is unstable, or there is none.
    Edge,
}

/// A point of the boundary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundaryPoint {
    /// Values of both parameters.
    pub at: [f64; 2],
    /// What ends the region there.
    pub held: Held,
}

/// The values of both parameters of a sample.
pub(super) fn values(space: &Space, sample: &Sample) -> [f64; 2] {
    [0, 1].map(|k| space.over[k].value(sample.at[k]))
}

/// The distance between two points, each parameter in units of its value at the first.
pub(super) fn distance(from: [f64; 2], to: [f64; 2]) -> f64 {
    let part = |k: usize| (to[k] - from[k]) / from[k];
    part(0).hypot(part(1))
}

/// The most that a condition lacks, negative where all are kept, and its number.
fn lack(goal: &Goal, sample: &Sample) -> (f64, usize) {
    let excess = goal.conditions.iter().map(|c| c.excess(&sample.values)).enumerate();
    excess.map(|(i, e)| (e, i)).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::NEG_INFINITY, 0))
}

/// What ends the region where a condition, by its number, is at its limit.
fn held_by(goal: &Goal, number: usize) -> Held {
    match goal.conditions.get(number) {
        Some(condition) if *condition != Condition::STABLE => Held::Condition(*condition),
        _ => Held::Edge,
    }
}

/// The first point of the boundary from a cycle in a direction, each parameter in units of its value at the cycle;
/// `None` if it is further away than the reach.
///
/// Where a move leads to a cycle that breaks a condition, the condition's limit is between, and is found by secants. Where it
/// leads to no cycle it is halved; near such a boundary the most that a condition lacks is extrapolated to 0 by lines through
/// the last points, if two of them agree.
pub(super) fn boundary(space: &Space, goal: &Goal, from: &Sample, angle: f64, reach: f64) -> Option<BoundaryPoint> {
    let centre = values(space, from);
    let by = [angle.cos() * centre[0].abs(), angle.sin() * centre[1].abs()];
    let point = |t: f64| [0, 1].map(|k| centre[k] + t * by[k]);
    let exit = [0, 1].map(|k| match by[k] {
        by if by > 0.0 => (space.over[k].high - centre[k]) / by,
        by if by < 0.0 => (space.over[k].low - centre[k]) / by,
        _ => f64::INFINITY,
    });
    let exit = exit[0].min(exit[1]);
    let to = |here: &Sample, t: f64| {
        let at: Vec<f64> = point(t).iter().zip(&space.over).map(|(v, over)| over.coordinate(*v)).collect();
        space.neighbour(here, &at)
    };
    let (mut here, mut t, mut step) = (from.clone(), 0.0, reach / MOVES);
    let mut seen = vec![(0.0, lack(goal, from).0)];
    while step > SMALLEST * reach {
        let next = (t + step).min(exit);
        match to(&here, next).map(|found| (lack(goal, &found), found)) {
            Some(((excess, _), _)) if excess < 0.0 && next >= exit => {
                return Some(BoundaryPoint { at: point(exit), held: Held::Bound });
            }
            Some(((excess, _), _)) if excess < 0.0 && next >= reach => return None,
            Some(((excess, _), found)) if excess < 0.0 => {
                seen.push((next, excess));
                (here, t) = (found, next);
            }
            Some((beyond, _)) => {
                let before = (t, lack(goal, &here).0);
                match limit(goal, |t| to(&here, t), before, (next, beyond), WIDTH * reach) {
                    Some((root, number)) => {
                        return Some(BoundaryPoint { at: point(root), held: held_by(goal, number) });
                    }
                    None => step *= 0.5,
                }
            }
            None => step *= 0.5,
        }
        if step < EXTRAPOLATED * reach
            && let Some(root) = extrapolated(&seen, AGREE * reach).filter(|root| *root > t && *root < t + 2.0 * step)
        {
            return Some(BoundaryPoint { at: point(root), held: Held::Edge });
        }
    }
    Some(BoundaryPoint { at: point(t + step), held: Held::Edge })
}

/// Where the most that a condition lacks is 0, between a place where all are kept and one where this one is broken, by secants
/// (Illinois' rule); the condition's number comes with it. `None` where there is no cycle on the way.
fn limit(
    goal: &Goal,
    sample: impl Fn(f64) -> Option<Sample>,
    kept: (f64, f64),
    (at, (excess, number)): (f64, (f64, usize)),
    width: f64,
) -> Option<(f64, usize)> {
    let (mut low, mut high, mut number) = (kept, (at, excess), number);
    let mut before = f64::INFINITY;
    for _ in 0..TRIALS {
        let t = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        let is_last = !((t - before).abs() > width && high.0 - low.0 > width);
        if is_last || !t.is_finite() {
            return t.is_finite().then_some((t, number));
        }
        before = t;
        let (excess, worst) = lack(goal, &sample(t)?);
        if excess == 0.0 {
            return Some((t, worst));
        }
        // Illinois' rule halves the value of an end that stays.
        if excess < 0.0 {
            (low, high) = ((t, excess), (high.0, 0.5 * high.1));
        } else {
            number = worst;
            (low, high) = ((low.0, 0.5 * low.1), (t, excess));
        }
    }
    Some((low.0, number))
}

/// The root of a smooth function behind its last points, where the parabola and the line through them agree.
fn extrapolated(seen: &[(f64, f64)], within: f64) -> Option<f64> {
    let [.., a, b, c] = seen else { return None };
    let line = |p: &(f64, f64), q: &(f64, f64)| q.0 - q.1 * (q.0 - p.0) / (q.1 - p.1);
    let (first, last) = (line(a, b), line(b, c));
    // Neville's scheme for the inverse function at 0.
    let parabola = (c.1 * first - a.1 * last) / (c.1 - a.1);
    ((parabola - last).abs() < within).then_some(parabola)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_through_three_points_has_its_root() {
        let inverse = |y: f64| 0.7 + 2.0 * y - 3.0 * y * y;
        let seen: Vec<_> = [-0.03, -0.02, -0.01].map(|y| (inverse(y), y)).to_vec();
        assert!((extrapolated(&seen, 0.01).unwrap() - 0.7).abs() < 1e-12);
        assert_eq!(extrapolated(&seen, 1e-5), None);
        assert_eq!(extrapolated(&seen[1..], 1.0), None);
    }
}
