//! The working point with the largest margin: as far as can be from where the stable cycle, or a condition, ends.
//!
//! The margin is the distance to the nearest point of the boundary, each parameter in units of its value at the working point;
//! the bounds of the ranges count as boundary, too. Points of the boundary are found along rays from a cycle. The point
//! with the largest distance to those that are known is the next centre, rays towards its nearest ones add more of
//! them, and so on until the distance to the known ones is the margin.

use super::basins::Coarse;
use super::condition::{Condition, STABLE_INSIDE};
use super::follow::{Sample, Space};
use super::local_model::Goal;
use super::quantity::{QUANTITY_COUNT, Quantity};
#[cfg(test)]
use super::ray::Held;
use super::ray::{BoundaryPoint, boundary, distance, values};
use super::search::Task;
use crate::cancel::CancelToken;
use crate::engine::Progress;
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Widest places of the coarse sweep from which the search starts.
const TRIED: usize = 4;
/// Rays from a first centre.
const RAYS: usize = 48;
/// Reach of rays, in units of the distance to the nearest known point.
const REACH: f64 = 1.6;
/// Rounds of new centres at most.
const ROUNDS: usize = 20;
/// Difference of the distance to the known points and the margin, relative, at which the search ends.
const ARRIVED: f64 = 1e-7;
/// Difference of two margins, relative, that are one flat top.
const SAME_MARGIN: f64 = 1e-6;
/// Share of a margin below which a place of the coarse sweep is not looked at.
const NARROW: f64 = 0.85;
/// Known points that a step looks at, and steps in a round.
const LOOKED_AT: usize = 40;
const STEPS: usize = 200;
/// Opening of the three rays towards a contact from which on they are cast once in a round.
const ZOOMED: f64 = 0.02;
/// Contacts: nearest points within this factor of the margin.
const CONTACT: f64 = 1.0 + 1e-3;

/// A working point and its margin.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkingPoint {
    /// Values of both parameters.
    pub at: [f64; 2],
    /// Distance to the nearest point of the boundary, each parameter in units of its value here.
    pub margin: f64,
    /// All quantities of the cycle there, in their order.
    pub values: [f64; QUANTITY_COUNT],
    /// The nearest points of the boundary in their directions, nearest first.
    pub contacts: Vec<BoundaryPoint>,
    /// Whether the margin is known to 1e-7 of itself.
    pub converged: bool,
    /// Whether a margin as large was found at other places, too: the margin's top is flat.
    pub flat: bool,
}

/// The result of a search for the largest margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Widest {
    /// The working points with locally largest margins, best first.
    pub points: Vec<WorkingPoint>,
    /// Cells of the coarse sweep with a cycle, over all starts.
    pub oscillating: usize,
    /// Values of both parameters in the cell of the coarse sweep with the largest margin, and its margin there.
    pub best_cell: Option<(Vec<f64>, f64)>,
    /// Cells of the coarse sweep whose margin is a local maximum, and how many of them were refined.
    pub basins: [usize; 2],
}

/// The working points with locally largest margins.
///
/// # Errors
/// [`Error::Request`] if there are not exactly two ranges, one contains 0, or a limit of sweeps is broken;
/// [`Error::Interrupted`] if cancelled.
pub fn widest(task: &Task, progress: &Progress) -> Result<Widest> {
    task.check()?;
    if task.over.len() != 2 {
        return Err(Error::request(
            format!("a margin is a distance in a plane, and the number of varying parameters is {}", task.over.len()),
            "give `over` twice",
        ));
    }
    if let Some(over) = task.over.iter().find(|o| o.low <= 0.0 && o.high >= 0.0) {
        return Err(Error::request(
            format!("a margin is relative to the parameters, and the range of {} contains 0", over.parameter.name()),
            "give it bounds of one sign",
        ));
    }
    let space = Space::new(task.over.clone(), task.base);
    let conditions = [Condition::STABLE].into_iter().chain(task.within.iter().copied()).collect();
    let goal = Goal { of: Quantity::Span, conditions, inside: STABLE_INSIDE };
    let coarse = Coarse::sweep(&space, &goal, task.start, progress)?;
    let places = coarse.widest(&space);
    let mut points: Vec<WorkingPoint> = Vec::new();
    let mut tried = 0;
    for (hint, start, cell) in &places {
        // Within half the margin of another working point there is no wider place of its own.
        let at = coarse.values(&space, *cell);
        if tried == TRIED || points.iter().any(|point| distance(point.at, at) < 0.5 * point.margin) {
            continue;
        }
        // What is much narrower in the coarse sweep cannot become the widest.
        if points.iter().any(|point| *hint < NARROW * point.margin) {
            continue;
        }
        let Some(sample) = coarse.sample(&space, *start, *cell).filter(|s| goal.is_kept(s)) else { continue };
        tried += 1;
        let Some(point) = widen(&space, &goal, sample, REACH * hint, &progress.stop)? else { continue };
        let same = |other: &WorkingPoint| (other.margin / point.margin - 1.0).abs() < SAME_MARGIN;
        match points.iter_mut().find(|other| same(other) || distance(other.at, point.at) < 1e-5) {
            Some(other) => other.flat |= distance(other.at, point.at) >= 1e-5,
            None => points.push(point),
        }
    }
    points.sort_by(|a, b| b.margin.total_cmp(&a.margin));
    let best_cell = places.first().map(|(margin, _, cell)| (coarse.values(&space, *cell).to_vec(), *margin));
    Ok(Widest { points, oscillating: coarse.oscillating(), best_cell, basins: [places.len(), tried] })
}

/// The locally widest working point from a cycle.
fn widen(
    space: &Space,
    goal: &Goal,
    from: Sample,
    first_reach: f64,
    stop: &CancelToken,
) -> Result<Option<WorkingPoint>> {
    let mut here = from;
    let cast = |from: &Sample, angles: Vec<f64>, reach: f64| -> Vec<BoundaryPoint> {
        angles.into_par_iter().filter_map(|angle| boundary(space, goal, from, angle, reach)).collect()
    };
    let all_round: Vec<f64> = (0..RAYS).map(|i| TAU * i as f64 / RAYS as f64).collect();
    let mut known = cast(&here, all_round.clone(), first_reach);
    let mut opening = TAU / RAYS as f64;
    let mut best: Option<(f64, Sample)> = None;
    let mut converged = false;
    for _ in 0..ROUNDS {
        stop.check()?;
        // The centre farthest from all known points, as far as the cycle can be followed.
        let (at, hoped) = farthest(values(space, &here), &known);
        let to: Vec<f64> = at.iter().zip(&space.over).map(|(v, over)| over.coordinate(*v)).collect();
        let Some(centre) = space.follow(&here, &to).filter(|s| goal.is_kept(s)) else {
            // The boundary lies between: it has not been seen from here.
            known.extend(cast(&here, all_round.clone(), REACH * hoped));
            continue;
        };
        here = centre;
        let mut margin = nearest(at, &known);
        let reach = REACH * margin;
        for contact in contacts(at, &known, 1.05) {
            let towards = |p: &BoundaryPoint| ((p.at[1] - at[1]) / at[1].abs()).atan2((p.at[0] - at[0]) / at[0].abs());
            let mut middle = towards(&contact);
            let mut width = opening;
            // Later rounds begin where the one before has ended.
            for _ in 0..if opening > ZOOMED { 2 } else { 1 } {
                let angles = [middle - width, middle, middle + width];
                let rays: Vec<_> = angles.into_par_iter().map(|a| boundary(space, goal, &here, a, reach)).collect();
                known.extend(rays.iter().flatten());
                let [Some(a), Some(b), Some(c)] = [0, 1, 2].map(|i| rays[i].map(|p| distance(at, p.at))) else { break };
                // The lowest point of the parabola through the three.
                let bend = a - 2.0 * b + c;
                let shift = if bend > 0.0 { (0.5 * (a - c) / bend).clamp(-1.0, 1.0) } else { (a - c).signum() };
                middle += shift * width;
                width *= 0.1;
            }
            known.extend(boundary(space, goal, &here, middle, reach));
        }
        margin = margin.min(nearest(at, &known));
        opening = (0.3 * opening).max(1e-3);
        if best.as_ref().is_none_or(|(most, _)| margin > *most) {
            best = Some((margin, here.clone()));
        }
        if hoped - margin < ARRIVED * margin {
            converged = true;
            break;
        }
    }
    let Some((_, sample)) = best else { return Ok(None) };
    // Nothing may be nearer in a direction that no ray has gone.
    let at = values(space, &sample);
    known.extend(cast(&sample, all_round, REACH * nearest(at, &known)));
    let margin = nearest(at, &known);
    let contacts = contacts(at, &known, CONTACT);
    Ok(Some(WorkingPoint { at, margin, values: sample.values, contacts, converged, flat: false }))
}

/// Distance to the nearest known point.
fn nearest(at: [f64; 2], known: &[BoundaryPoint]) -> f64 {
    known.iter().map(|p| distance(at, p.at)).fold(f64::INFINITY, f64::min)
}

/// The nearest known points in their directions, within a factor of the nearest of all: nearest first.
fn contacts(at: [f64; 2], known: &[BoundaryPoint], within: f64) -> Vec<BoundaryPoint> {
    let mut near: Vec<(f64, BoundaryPoint)> = known.iter().map(|p| (distance(at, p.at), *p)).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let limit = within * near.first().map_or(0.0, |n| n.0);
    let mut found: Vec<BoundaryPoint> = Vec::new();
    for (d, p) in near.into_iter().take_while(|n| n.0 <= limit) {
        // As far from each other as half the margin: on different sides.
        let is_apart = |q: &BoundaryPoint| {
            let part = |k: usize| (p.at[k] - q.at[k]) / at[k];
            part(0).hypot(part(1)) > 0.5 * d
        };
        if found.iter().all(is_apart) {
            found.push(p);
        }
    }
    found
}

/// The point with the largest distance to the known ones near a point, and that distance: steps of the linear programme.
fn farthest(from: [f64; 2], known: &[BoundaryPoint]) -> ([f64; 2], f64) {
    let (mut at, mut most) = (from, nearest(from, known));
    let mut region = 0.5 * most;
    for _ in 0..STEPS {
        let mut near: Vec<(f64, [f64; 2])> = known.iter().map(|p| (distance(at, p.at), p.at)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(LOOKED_AT);
        // In steps relative to the centre: d((b - p)/p) = -(b/p) dp/p.
        let plane = |(d, b): &(f64, [f64; 2])| {
            let slope = |k: usize| -(b[k] - at[k]) / at[k] * (b[k] / at[k]) / d;
            (*d, [slope(0), slope(1)])
        };
        let step = highest(&near.iter().map(plane).collect::<Vec<_>>(), region);
        let next = [0, 1].map(|k| at[k] * (1.0 + step[k]));
        let there = nearest(next, known);
        if there > most {
            (at, most) = (next, there);
        } else {
            region *= 0.4;
        }
        if region < 1e-12 {
            break;
        }
    }
    (at, most)
}

/// The step in a square that raises the lowest of some planes the most: at a corner of the polytope below them all.
fn highest(planes: &[(f64, [f64; 2])], region: f64) -> [f64; 2] {
    let lowest = |s: [f64; 2]| planes.iter().map(|(d, g)| d + g[0] * s[0] + g[1] * s[1]).fold(f64::INFINITY, f64::min);
    let (mut best, mut most) = ([0.0; 2], lowest([0.0; 2]));
    let mut look = |s: [f64; 2]| {
        let value = lowest(s);
        if s.iter().all(|v| v.abs() <= region) && value > most {
            (best, most) = (s, value);
        }
    };
    let sides = [-region, region];
    sides.iter().for_each(|x| sides.iter().for_each(|y| look([*x, *y])));
    for (i, (d, g)) in planes.iter().enumerate() {
        for (e, h) in &planes[..i] {
            // Where two planes are equal: a line g·s = c, with the sides of the square, and with a third plane.
            let (c, n) = (e - d, [g[0] - h[0], g[1] - h[1]]);
            for side in sides {
                look([side, (c - n[0] * side) / n[1]]);
                look([(c - n[1] * side) / n[0], side]);
            }
            for (f, k) in &planes[..i] {
                let (b, m) = (f - d, [g[0] - k[0], g[1] - k[1]]);
                let determinant = n[0] * m[1] - n[1] * m[0];
                look([(c * m[1] - n[1] * b) / determinant, (n[0] * b - c * m[0]) / determinant]);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_ring_is_farthest_from_it() {
        // A circle about (2, 3) in units of these values: its middle is where all distances are equal.
        let ring = (0..60).map(|i| TAU * f64::from(i) / 60.0);
        let known: Vec<_> = ring
            .map(|a| BoundaryPoint { at: [2.0 * (1.0 + 0.3 * a.cos()), 3.0 * (1.0 + 0.3 * a.sin())], held: Held::Edge })
            .collect();
        let (at, most) = farthest([2.3, 2.9], &known);
        assert!((most - 0.3).abs() < 1e-9 && (at[0] - 2.0).abs() < 1e-8 && (at[1] - 3.0).abs() < 1e-8, "{at:?} {most}");
        let near = |p: [f64; 2]| nearest(p, &known);
        for away in [[1e-3, 0.0], [-1e-3, 0.0], [0.0, 1e-3], [0.0, -1e-3], [1e-3, 1e-3], [-1e-3, -1e-3]] {
            assert!(near([at[0] + away[0], at[1] + away[1]]) < most, "{away:?}");
        }
    }

    #[test]
    fn contacts_are_on_different_sides() {
        let point = |x: f64, y: f64| BoundaryPoint { at: [x, y], held: Held::Edge };
        let known = [point(1.1, 1.0), point(1.1, 1.001), point(0.8999, 1.0), point(1.0, 1.2)];
        assert_eq!(contacts([1.0, 1.0], &known, 1.01), [known[0], known[2]]);
    }
}
