//! A point of a branch with all that the next step needs, and the step.

use super::extent::Extent;
use super::flow::{Flow, System};
use super::multipliers::AcrossFlow;
use super::point::Point;
use super::shooting::{Condition, Direction, FIRST, Linear, Orbit, PERIOD, Z, solve};
use crate::cycle::state;
use nalgebra::{Complex, Vector4};

/// A cycle with its linear part, its direction along the branch and its multipliers.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The cycle.
    pub orbit: Orbit<1>,
    /// Linear part about it.
    pub linear: Linear<1>,
    /// Direction along the branch, of length 1.
    pub tangent: Direction,
    /// Normal of the plane in which the first point moves.
    pub normal: Vector4<f64>,
    /// The map across the flow.
    pub map: AcrossFlow,
    /// The cycle's numbers.
    pub point: Point,
    /// Point at which the motion is slowest, and its speed over the largest one.
    pub slowest: (Vector4<f64>, f64),
}

/// A step along the branch.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Where it leads.
    pub node: Node,
    /// Iterations of Newton's method.
    pub iterations: usize,
    /// First correction over the predicted change.
    pub correction: f64,
    /// Cosine of the angle between the directions before and after.
    pub cosine: f64,
}

/// Units of z in which distances along a branch are measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    /// Unit of the parameter.
    pub parameter: f64,
}

impl Units {
    /// Squared inverse units of z for a cycle of this period.
    fn weights(self, period: f64) -> Direction {
        let mut weights = [1.0; Z];
        weights[PERIOD] = period.powi(-2);
        weights[FIRST] = self.parameter.powi(-2);
        weights[FIRST + 1] = 0.0;
        weights
    }

    /// The linear function of z that gives the distance in a direction.
    pub(super) fn row(self, direction: &Direction, period: f64) -> Direction {
        let weights = self.weights(period);
        std::array::from_fn(|i| weights[i] * direction[i])
    }

    /// Scalar product of two directions.
    pub(super) fn product(self, a: &Direction, b: &Direction, period: f64) -> f64 {
        self.row(a, period).iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// Part of a point's rate across the way to the opposite point of the cycle.
///
/// The plane across it holds both, and so the whole way to where they meet: a Hopf point or a period doubling.
pub(super) fn across_opposite(rate: &Vector4<f64>, opposite: &Vector4<f64>) -> Vector4<f64> {
    let squared = opposite.norm_squared();
    if squared > 0.0 { rate - opposite * (rate.dot(opposite) / squared) } else { *rate }
}

/// Numbers of a cycle.
fn numbers(flow: &Flow<1>, orbit: &Orbit<1>, map: &AcrossFlow, extent: &Extent) -> Point {
    let [a, b, c] = map.multipliers();
    let p = &flow.p;
    Point {
        value: orbit.values[0],
        state: state(&extent.highest),
        period: orbit.period,
        v_min: extent.v_min,
        v_max: extent.highest[3],
        v_mean: extent.mean,
        // The means of dV/dt and of V dV/dt over a period are 0.
        current: (p.v_n - extent.mean) / p.r_n,
        power: (p.v_n * extent.mean - extent.mean_square) / p.r_n,
        maxima: extent.maxima,
        multipliers: [Complex::new(1.0, 0.0), a, b, c],
    }
}

impl Node {
    /// The node of a cycle, whose direction along the branch is on the side of `towards`; `None` if a number is not finite.
    pub(super) fn new(
        system: &System<1>,
        units: Units,
        orbit: Orbit<1>,
        linear: Linear<1>,
        towards: &Direction,
    ) -> Option<Self> {
        let flow = system.at(orbit.values)?;
        let rate = flow.field().rate(&orbit.nodes[0]);
        let normal = across_opposite(&rate, &orbit.across()).normalize();
        let row = units.row(towards, orbit.period);
        let mut tangent = linear.direction(&normal, &[(row, 1.0)])?;
        let length = units.product(&tangent, &tangent, orbit.period).sqrt();
        tangent.iter_mut().for_each(|t| *t /= length);
        if !(length > 0.0 && normal.iter().chain(&tangent).all(|c| c.is_finite())) {
            return None;
        }
        let map = AcrossFlow::of(&linear, &rate)?;
        let extent = Extent::of(&flow, &orbit);
        let point = numbers(&flow, &orbit, &map, &extent);
        Some(Self { orbit, linear, tangent, normal, map, point, slowest: extent.slowest })
    }

    /// The node `distance` along the branch; `None` if Newton's method does not converge.
    pub(super) fn stepped(&self, system: &System<1>, units: Units, distance: f64) -> Option<Step> {
        let (points, y) = self.linear.spread(&self.tangent, 0.0)?;
        let guess = self.orbit.moved(&points, &y, distance);
        let row = units.row(&self.tangent, self.orbit.period);
        let condition = Condition { row, from: self.orbit.z(), value: distance };
        let found = solve(system, guess, (&self.orbit.nodes[0], &self.normal), &[condition])?;
        let sizes = points.iter().map(Vector4::amax).fold(0.0, f64::max);
        let predicted = (sizes.max(y[0].abs() / self.orbit.period)) * distance.abs();
        let node = Self::new(system, units, found.orbit, found.linear, &self.tangent)?;
        let cosine = units.product(&node.tangent, &self.tangent, self.orbit.period);
        Some(Step { iterations: found.iterations, correction: found.first_change / predicted, cosine, node })
    }

    /// The cycle at a value of the parameter, from a guess `distance` along the branch.
    pub(super) fn at_value(&self, system: &System<1>, units: Units, distance: f64, value: f64) -> Option<Self> {
        let (points, y) = self.linear.spread(&self.tangent, 0.0)?;
        let guess = self.orbit.moved(&points, &y, distance);
        let condition = Condition::fixed(FIRST, value);
        let found = solve(system, guess, (&self.orbit.nodes[0], &self.normal), &[condition])?;
        Self::new(system, units, found.orbit, found.linear, &self.tangent)
    }

    /// The cycle with a new mesh, whose first point is where a segment begins and the motion across the way to the opposite
    /// point is fastest.
    pub(super) fn remeshed(&self, system: &System<1>, units: Units, multiple: usize) -> Option<Self> {
        let flow = system.at(self.orbit.values)?;
        let field = flow.field();
        let nodes = &self.orbit.nodes;
        let speeds = nodes.iter().enumerate().map(|(i, u)| {
            let opposite = nodes[(i + self.orbit.mesh.half) % nodes.len()] - u;
            across_opposite(&field.rate(u), &opposite).norm()
        });
        let (fastest, _) = speeds.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let (points, y) = self.linear.spread(&self.tangent, 0.0)?;
        let rate = field.rate(&self.orbit.nodes[fastest]).normalize();
        let across = points[fastest] - rate * rate.dot(&points[fastest]);
        let towards = [across[0], across[1], across[2], across[3], y[0], y[1], 0.0];
        let orbit = self.orbit.remeshed(&flow, fastest, multiple)?;
        let linear = Linear::about(&flow, &orbit)?;
        Self::new(system, units, orbit, linear, &towards)
    }

    /// The map across the flow of the same cycle, on a mesh of its own that begins at a part of the period.
    pub(super) fn map_from(&self, system: &System<1>, part: f64) -> Option<AcrossFlow> {
        let flow = system.at(self.orbit.values)?;
        let from = (part * self.orbit.nodes.len() as f64) as usize;
        let orbit = self.orbit.remeshed(&flow, from.min(self.orbit.nodes.len() - 1), 1)?;
        AcrossFlow::of(&Linear::about(&flow, &orbit)?, &flow.field().rate(&orbit.nodes[0]))
    }
}
