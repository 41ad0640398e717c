//! The two-parameter family of cycles next to a cycle, and the test function that is 0 on a curve of bifurcations.
//!
//! The cycles of two parameters form a surface in the space of (u_0, T, p_1, p_2). A curve of bifurcations is where a test
//! function on it is 0. The surface's own tangent plane gives coordinates: the surface passes folds of cycles and Hopf
//! points smoothly, where the parameters are none.

use super::extent::Extent;
use super::flow::System;
use super::mesh::Mesh;
use super::multipliers::AcrossFlow;
use super::node::across_opposite;
use super::plane_point::{CycleCurveKind, PlanePoint};
use super::shooting::{Condition, Direction, FIRST, Found, Linear, Orbit, PERIOD, solve};
use crate::bifurcation::Side;
use crate::cycle::{point, state};
use nalgebra::Vector4;
use std::sync::Arc;

/// Distance, in units of the surface's coordinates, for the test function's derivatives. They steer steps only.
const DIFFERENCE: f64 = 2e-5;
/// Secants at most for one point of a curve.
const SECANTS: usize = 14;
/// Distance across the curve at which a point is found, and the one up to which rounding may keep it.
const ARRIVED: f64 = 2e-12;
const ROUNDING: f64 = 1e-8;

/// A plane of two parameters, with the kind of curve that is followed in it.
#[derive(Debug)]
pub(super) struct Surface<'a> {
    /// The neuron.
    pub system: &'a System<2>,
    /// Sides of the plane.
    pub sides: [Side; 2],
    /// Kind of the curve.
    pub kind: CycleCurveKind,
}

/// A cycle of the surface next to a node.
#[derive(Debug, Clone)]
pub(super) struct Neighbour {
    /// The cycle with its linear part.
    pub found: Found<2>,
    /// Value of the test function.
    pub test: f64,
    /// Coordinates along and across the curve.
    place: [f64; 2],
}

/// A point of a curve, with all that the next step needs.
#[derive(Debug, Clone)]
pub(super) struct CurveNode {
    /// The cycle.
    pub orbit: Orbit<2>,
    /// Linear part about it.
    pub linear: Linear<2>,
    /// Normal of the plane in which the first point moves.
    pub normal: Vector4<f64>,
    /// Squared inverse units.
    weights: Direction,
    /// Unit vectors of the surface's tangent plane: along the curve and across it.
    pub frame: [Direction; 2],
    /// Derivative of the test function across the curve.
    slope: f64,
    /// The map across the flow.
    pub map: AcrossFlow,
    /// The cycle's numbers.
    pub point: PlanePoint,
    /// Point at which the motion is slowest, and its speed over the largest one.
    pub slowest: (Vector4<f64>, f64),
}

/// A step along a curve.
#[derive(Debug, Clone)]
pub(super) struct CurveStep {
    /// Where it leads.
    pub node: CurveNode,
    /// Iterations of Newton's method for the first cycle.
    pub iterations: usize,
    /// First correction over the predicted change.
    pub correction: f64,
    /// Distance across the predicted direction, over the step.
    pub bend: f64,
    /// Cosine of the angle between the directions before and after.
    pub cosine: f64,
}

fn product(weights: &Direction, a: &Direction, b: &Direction) -> f64 {
    (0..weights.len()).map(|i| weights[i] * a[i] * b[i]).sum()
}

fn combined(a: &Direction, by_a: f64, b: &Direction, by_b: f64) -> Direction {
    std::array::from_fn(|i| by_a * a[i] + by_b * b[i])
}

impl Surface<'_> {
    /// Unit of each parameter at these values.
    pub(super) fn units(&self, values: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|i| {
            let Side { low, high, log, .. } = self.sides[i];
            if log { values[i].abs().max(low) * (high / low).ln() } else { high - low }
        })
    }

    fn weights(&self, orbit: &Orbit<2>) -> Direction {
        let mut weights = [1.0; super::shooting::Z];
        weights[PERIOD] = orbit.period.powi(-2);
        for (i, unit) in self.units(orbit.values).into_iter().enumerate() {
            weights[FIRST + i] = unit.powi(-2);
        }
        weights
    }

    /// The test function at a cycle; `rows` are the coordinates' linear functions, and `reference` the way between opposite
    /// points of a cycle next to it.
    fn test(
        &self,
        found: &Found<2>,
        map: &AcrossFlow,
        (normal, rows): (&Vector4<f64>, &[Direction; 2]),
        reference: &Vector4<f64>,
    ) -> Option<f64> {
        match self.kind {
            CycleCurveKind::Doubling => Some(map.doubling()),
            CycleCurveKind::NeimarkSacker => Some(map.torus()),
            CycleCurveKind::Fold => {
                // Where the surface folds over the plane, the area of its image vanishes.
                let a = found.linear.direction(normal, &[(rows[0], 1.0), (rows[1], 0.0)])?;
                let b = found.linear.direction(normal, &[(rows[0], 0.0), (rows[1], 1.0)])?;
                let [x, y] = self.units(found.orbit.values);
                let area = (a[FIRST] * b[FIRST + 1] - a[FIRST + 1] * b[FIRST]) / (x * y);
                // It vanishes with the cycle's size at a Hopf point, too.
                let size = found.orbit.across().dot(reference) / reference.norm();
                Some(if size.abs() > 0.0 { area / size } else { area })
            }
        }
    }
}

impl CurveNode {
    fn rows(&self) -> [Direction; 2] {
        self.frame.map(|d| std::array::from_fn(|i| self.weights[i] * d[i]))
    }

    /// The node of a cycle, whose direction along the curve is on the side of `towards`; `None` if a number is not finite.
    pub(super) fn new(surface: &Surface<'_>, orbit: Orbit<2>, linear: Linear<2>, towards: &Direction) -> Option<Self> {
        let flow = surface.system.at(orbit.values)?;
        let rate = flow.field().rate(&orbit.nodes[0]);
        let normal = across_opposite(&rate, &orbit.across()).normalize();
        let weights = surface.weights(&orbit);
        let [a, b] = linear.surface(&normal, &weights.map(|w| w.sqrt().recip()))?;
        let map = AcrossFlow::of(&linear, &rate)?;
        let extent = Extent::of(&flow, &orbit);
        let point = PlanePoint {
            values: orbit.values,
            state: state(&extent.highest),
            period: orbit.period,
            v_min: extent.v_min,
            v_max: extent.highest[3],
            multipliers: map.multipliers(),
        };
        let mut node = Self {
            orbit,
            linear,
            normal,
            weights,
            frame: [a, b],
            slope: f64::NAN,
            map,
            point,
            slowest: extent.slowest,
        };
        let is_finite = normal.iter().chain(&a).chain(&b).all(|c| c.is_finite());
        if !is_finite {
            return None;
        }
        let test = |place: [f64; 2]| node.neighbour(surface, None, place).map(|n| n.test);
        let difference = |i: usize| {
            let mut place = [0.0; 2];
            place[i] = DIFFERENCE;
            let up = test(place)?;
            place[i] = -DIFFERENCE;
            Some((up - test(place)?) / (2.0 * DIFFERENCE))
        };
        let gradient = [difference(0)?, difference(1)?];
        let length = gradient[0].hypot(gradient[1]);
        if !(length > 0.0 && length.is_finite()) {
            return None;
        }
        // Along the curve the test function stays 0.
        let mut rotation = [gradient[1] / length, -gradient[0] / length];
        if product(&node.weights, &combined(&a, rotation[0], &b, rotation[1]), towards) < 0.0 {
            rotation = rotation.map(|c| -c);
        }
        node.frame = [combined(&a, rotation[0], &b, rotation[1]), combined(&a, -rotation[1], &b, rotation[0])];
        node.slope = gradient[1] * rotation[0] - gradient[0] * rotation[1];
        Some(node)
    }

    /// The node with the other direction along the curve.
    pub(super) fn reversed(&self) -> Self {
        let mut other = self.clone();
        other.frame.iter_mut().for_each(|d| d.iter_mut().for_each(|c| *c = -*c));
        other.slope = -other.slope;
        other
    }

    /// The cycle of the surface at coordinates from this node, from the nearest cycle known.
    fn neighbour(&self, surface: &Surface<'_>, from: Option<&Neighbour>, place: [f64; 2]) -> Option<Neighbour> {
        let rows = self.rows();
        let (orbit, linear, known) = match from {
            None => (&self.orbit, &self.linear, [0.0; 2]),
            Some(n) => (&n.found.orbit, &n.found.linear, n.place),
        };
        let conditions = [(rows[0], place[0] - known[0]), (rows[1], place[1] - known[1])];
        let direction = linear.direction(&self.normal, &conditions)?;
        let (points, y) = linear.spread(&direction, 0.0)?;
        let guess = orbit.moved(&points, &y, 1.0);
        let from = self.orbit.z();
        let conditions = [0, 1].map(|i| Condition { row: rows[i], from, value: place[i] });
        let mut found = solve(surface.system, guess, (&self.orbit.nodes[0], &self.normal), &conditions)?;
        let flow = surface.system.at(found.orbit.values)?;
        found.linear = Linear::about(&flow, &found.orbit)?;
        let map = AcrossFlow::of(&found.linear, &flow.field().rate(&found.orbit.nodes[0]))?;
        let test = surface.test(&found, &map, (&self.normal, &rows), &self.orbit.across())?;
        let sizes = points.iter().map(Vector4::amax).fold(y[0].abs() / orbit.period, f64::max);
        found.first_change /= sizes.max(f64::MIN_POSITIVE);
        test.is_finite().then_some(Neighbour { found, test, place })
    }

    /// The cycle where the test function is 0, at a distance along the curve; and its distance across.
    fn on_curve(&self, surface: &Surface<'_>, distance: f64) -> Option<(Neighbour, usize, f64)> {
        let first = self.neighbour(surface, None, [distance, 0.0])?;
        let (iterations, correction) = (first.found.iterations, first.found.first_change);
        let mut slope = self.slope;
        let mut best = first;
        let mut moved_before = f64::INFINITY;
        let limit = distance.abs().max(1e-3);
        for _ in 0..SECANTS {
            let move_by = -best.test / slope;
            if !(move_by.abs() <= limit) {
                return None;
            }
            if move_by.abs() <= ARRIVED {
                return Some((best, iterations, correction));
            }
            if move_by.abs() <= ROUNDING && move_by.abs() > 0.3 * moved_before {
                return Some((best, iterations, correction));
            }
            moved_before = move_by.abs();
            let next = self.neighbour(surface, Some(&best), [distance, best.place[1] + move_by])?;
            let difference = (next.test - best.test) / move_by;
            // Differences of a short move are rounding.
            if move_by.abs() > 1e-7 {
                slope = difference;
            }
            best = next;
        }
        None
    }

    /// The node at a distance along the curve; `None` if no point of it is found.
    pub(super) fn stepped(&self, surface: &Surface<'_>, distance: f64) -> Option<CurveStep> {
        let (at, iterations, correction) = self.on_curve(surface, distance)?;
        let bend = at.place[1].abs() / distance.abs();
        let node = Self::new(surface, at.found.orbit, at.found.linear, &self.frame[0])?;
        let cosine = product(&node.weights, &node.frame[0], &self.frame[0]);
        Some(CurveStep { node, iterations, correction, bend, cosine })
    }

    /// The node moved onto the curve.
    pub(super) fn refined(&self, surface: &Surface<'_>) -> Option<Self> {
        let (at, ..) = self.on_curve(surface, 0.0)?;
        Self::new(surface, at.found.orbit, at.found.linear, &self.frame[0])
    }

    /// The node with a new mesh, whose first point is where a segment begins and the motion across the way to the opposite
    /// point is fastest.
    pub(super) fn remeshed(&self, surface: &Surface<'_>, multiple: usize) -> Option<Self> {
        let flow = surface.system.at(self.orbit.values)?;
        let field = flow.field();
        let nodes = &self.orbit.nodes;
        let speeds = nodes.iter().enumerate().map(|(i, u)| {
            let opposite = nodes[(i + self.orbit.mesh.half) % nodes.len()] - u;
            across_opposite(&field.rate(u), &opposite).norm()
        });
        let (fastest, _) = speeds.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let rate = field.rate(&nodes[fastest]).normalize();
        let (points, y) = self.linear.spread(&self.frame[0], 0.0)?;
        let across = points[fastest] - rate * rate.dot(&points[fastest]);
        let towards = [across[0], across[1], across[2], across[3], y[0], y[1], y[2]];
        let orbit = self.orbit.remeshed(&flow, fastest, multiple)?;
        let linear = Linear::about(&flow, &orbit)?;
        let node = Self::new(surface, orbit, linear, &towards)?;
        node.refined(surface)
    }

    /// The node of a point of a curve, whose direction is that to another point.
    pub(super) fn of_point(surface: &Surface<'_>, at: &PlanePoint, next: &PlanePoint, multiple: usize) -> Option<Self> {
        let flow = surface.system.at(at.values)?;
        let (mesh, nodes) = Mesh::along_motion(&flow.field(), &point(&at.state), at.period, multiple)?;
        let orbit = Orbit { mesh: Arc::new(mesh), nodes, period: at.period, values: at.values };
        let linear = Linear::about(&flow, &orbit)?;
        let away = point(&next.state) - point(&at.state);
        let [x, y] = [0, 1].map(|i| next.values[i] - at.values[i]);
        let towards = [away[0], away[1], away[2], away[3], next.period - at.period, x, y];
        Self::new(surface, orbit, linear, &towards)?.refined(surface)
    }
}
