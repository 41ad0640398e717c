//! The boundary of the region of cycles that keep the conditions, along a straight line from a cycle.

use super::follow::{Sample, Space};
use super::local_model::Goal;

/// Moves within the reach, before any fails.
const MOVES: f64 = 6.0;
/// Smallest move, relative to the reach.
const SMALLEST: f64 = 1e-9;
/// Move, relative to the reach, from which on the boundary is extrapolated.
const EXTRAPOLATED: f64 = 1e-2;
/// Difference, relative to the reach, of two extrapolations of which the better one is taken.
const AGREE: f64 = 1e-7;

/// A point of the boundary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundaryPoint {
    /// Values of both parameters.
    pub at: [f64; 2],
    /// Whether it is on a bound of a range.
    pub is_bound: bool,
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

/// The first point of the boundary from a cycle in a direction, each parameter in units of its value at the cycle;
/// `None` if it is further away than the reach.
///
/// Moves are halved where they lead to no cycle that keeps the conditions. Near the boundary the most that a condition
/// lacks is extrapolated to 0 by lines through the last points, if two of them agree; else the moves are halved on.
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
    let lack = |sample: &Sample| goal.conditions.iter().map(|c| c.excess(&sample.values)).fold(f64::MIN, f64::max);
    let (mut here, mut t, mut step) = (from.clone(), 0.0, reach / MOVES);
    let mut seen = vec![(0.0, lack(from))];
    while step > SMALLEST * reach {
        let next = (t + step).min(exit);
        let at: Vec<f64> = point(next).iter().zip(&space.over).map(|(v, over)| over.coordinate(*v)).collect();
        match space.neighbour(&here, &at).filter(|s| goal.is_kept(s)) {
            Some(found) if next >= exit => {
                drop(found);
                return Some(BoundaryPoint { at: point(exit), is_bound: true });
            }
            Some(_) if next >= reach => return None,
            Some(found) => {
                seen.push((next, lack(&found)));
                (here, t) = (found, next);
            }
            None => step *= 0.5,
        }
        if step < EXTRAPOLATED * reach
            && let Some(root) = extrapolated(&seen, AGREE * reach).filter(|root| *root > t && *root < t + 2.0 * step)
        {
            return Some(BoundaryPoint { at: point(root), is_bound: false });
        }
    }
    Some(BoundaryPoint { at: point(t + step), is_bound: false })
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
