//! Cycles by multiple shooting: a boundary value problem for the points where the segments of a period begin, the period
//! and the continued parameters.
//!
//! With z = (u_0, T, p) the conditions are that each segment ends where the next one begins, that u_0 moves across the
//! flow only (phase condition), and one linear condition per continued parameter: a given value of it, or a given
//! distance along the branch (pseudo-arclength, Keller 1977). Newton's method solves them.

use super::elimination::{Changes, Eliminated, SegmentEquation};
use super::flow::{Flow, Motion, System};
use super::mesh::Mesh;
use nalgebra::{DMatrix, DVector, SMatrix, Vector4};
use std::sync::Arc;

/// Entries of z: u_0, the period, and two parameters at most.
pub(super) const Z: usize = 7;
/// Index of the period in z.
pub(super) const PERIOD: usize = 4;
/// Index of the first continued parameter in z.
pub(super) const FIRST: usize = 5;
/// A direction, or a linear function, of z.
pub(super) type Direction = [f64; Z];

/// Iterations at most.
const ITERATIONS: usize = 9;
/// Change, relative to 1 + |u| and to the period, below which the iteration ends.
const ARRIVED: f64 = 1e-11;
/// Change up to which an iteration that rounding keeps going counts as converged.
const CONVERGED: f64 = 3e-9;

/// A closed orbit, or a guess of one.
#[derive(Debug, Clone)]
pub(super) struct Orbit<const P: usize> {
    /// Steps of the period.
    pub mesh: Arc<Mesh>,
    /// Points where the segments begin.
    pub nodes: Vec<Vector4<f64>>,
    /// Period, in tau_c.
    pub period: f64,
    /// Values of the continued parameters.
    pub values: [f64; P],
}

/// A linear condition: row · (z - z_0) = value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    /// Coefficients.
    pub row: Direction,
    /// The point from which distances count.
    pub from: Direction,
    /// Value.
    pub value: f64,
}

/// The linear part of the conditions about an orbit.
#[derive(Debug, Clone)]
pub(super) struct Linear<const P: usize> {
    eliminated: Eliminated,
}

/// A cycle that Newton's method has found.
#[derive(Debug, Clone)]
pub(super) struct Found<const P: usize> {
    /// The cycle.
    pub orbit: Orbit<P>,
    /// Linear part about it.
    pub linear: Linear<P>,
    /// Iterations.
    pub iterations: usize,
    /// Size of the first change.
    pub first_change: f64,
}

impl<const P: usize> Orbit<P> {
    /// The unknowns.
    pub(super) fn z(&self) -> Direction {
        let u = self.nodes[0];
        let mut z = [u[0], u[1], u[2], u[3], self.period, 0.0, 0.0];
        z[FIRST..FIRST + P].copy_from_slice(&self.values);
        z
    }

    /// The orbit moved by `factor` times changes of its points and of y.
    pub(super) fn moved(&self, points: &[Vector4<f64>], y: &Changes, factor: f64) -> Self {
        let mut moved = self.clone();
        for (node, change) in moved.nodes.iter_mut().zip(points) {
            node.axpy(factor, change, 1.0);
        }
        moved.period += factor * y[0];
        for (value, change) in moved.values.iter_mut().zip(&y[1..]) {
            *value += factor * change;
        }
        moved
    }

    /// The point halfway through the period minus the first one.
    pub(super) fn across(&self) -> Vector4<f64> {
        self.nodes[self.mesh.half] - self.nodes[0]
    }

    /// The orbit on another mesh, from a point of itself.
    pub(super) fn remeshed(&self, flow: &Flow<P>, from: usize, multiple: usize) -> Option<Self> {
        let (mesh, nodes) = Mesh::along_motion(&flow.field(), &self.nodes[from], self.period, multiple)?;
        Some(Self { mesh: Arc::new(mesh), nodes, ..self.clone() })
    }
}

/// Equations of all segments of an orbit; `None` if a number is not finite.
fn segments<const P: usize>(flow: &Flow<P>, orbit: &Orbit<P>) -> Option<Vec<SegmentEquation>> {
    let field = flow.field();
    let mut found = Vec::with_capacity(orbit.nodes.len());
    for (number, (steps, node)) in orbit.mesh.segments.iter().zip(&orbit.nodes).enumerate() {
        let mut motion = Motion::<P>::from(*node);
        for step in steps {
            motion = flow.step(&field, &motion, step * orbit.period);
        }
        let mut by_y = [Vector4::zeros(); 3];
        by_y[0] = field.rate(&motion.u) * steps.iter().sum::<f64>();
        by_y[1..=P].copy_from_slice(&motion.by_parameter);
        let next = orbit.nodes[(number + 1) % orbit.nodes.len()];
        let equation = SegmentEquation { by_start: motion.by_start, by_y, gap: next - motion.u };
        let is_finite = equation.gap.iter().chain(motion.by_start.iter()).all(|c| c.is_finite());
        if !is_finite {
            return None;
        }
        found.push(equation);
    }
    Some(found)
}

impl<const P: usize> Linear<P> {
    /// The linear part about an orbit; `None` if a number is not finite.
    pub(super) fn about(flow: &Flow<P>, orbit: &Orbit<P>) -> Option<Self> {
        Some(Self { eliminated: Eliminated::new(&segments(flow, orbit)?) })
    }

    /// The linear map whose eigenvalues are the Floquet multipliers; `None` if it is not finite.
    pub(super) fn monodromy(&self) -> Option<nalgebra::Matrix4<f64>> {
        self.eliminated.monodromy()
    }

    /// Coefficients of the polynomial whose roots are the multipliers, lowest power first.
    pub(super) fn characteristic(&self) -> Option<[f64; 5]> {
        self.eliminated.characteristic()
    }

    /// Solves the equations with the right-hand sides of the gaps times `with_gaps`, of the phase condition and of the
    /// other conditions.
    fn solve(&self, with_gaps: f64, phase: (&Vector4<f64>, f64), conditions: &[(Direction, f64)]) -> Option<Direction> {
        let size = 5 + P;
        let (closed, right) = self.eliminated.closed();
        let mut a = DMatrix::zeros(size, size);
        let mut b = DVector::zeros(size);
        for i in 0..4 {
            for j in 0..size {
                a[(i, j)] = closed[(i, j)];
            }
            b[i] = with_gaps * right[i];
            a[(4, i)] = phase.0[i];
        }
        b[4] = phase.1;
        for (k, (row, value)) in conditions.iter().enumerate() {
            for j in 0..size {
                a[(5 + k, j)] = row[j];
            }
            b[5 + k] = *value;
        }
        let solution = a.full_piv_lu().solve(&b)?;
        let mut z = [0.0; Z];
        z[..size].copy_from_slice(solution.as_slice());
        z.iter().all(|c| c.is_finite()).then_some(z)
    }

    /// The direction in which the other conditions stay as they are and these take these values.
    pub(super) fn direction(&self, normal: &Vector4<f64>, conditions: &[(Direction, f64)]) -> Option<Direction> {
        self.solve(0.0, (normal, 0.0), conditions)
    }

    /// Two directions that span the surface of cycles of two parameters, of length 1 and orthogonal in these units.
    pub(super) fn surface(&self, normal: &Vector4<f64>, units: &Direction) -> Option<[Direction; 2]> {
        let (closed, _) = self.eliminated.closed();
        let mut a = SMatrix::<f64, Z, Z>::zeros();
        for j in 0..Z {
            for i in 0..4 {
                a[(i, j)] = closed[(i, j)] * units[j];
            }
            a[(4, j)] = if j < 4 { normal[j] * units[j] } else { 0.0 };
        }
        let size = a.amax();
        if !(size > 0.0 && size.is_finite()) {
            return None;
        }
        let svd = (a / size).try_svd(false, true, f64::EPSILON, 400)?;
        let rows = svd.v_t?;
        let mut order: [usize; Z] = std::array::from_fn(|i| i);
        order.sort_by(|i, j| svd.singular_values[*i].total_cmp(&svd.singular_values[*j]));
        Some([order[0], order[1]].map(|row| std::array::from_fn(|j| rows[(row, j)] * units[j])))
    }

    /// Changes of all points and of y in a direction of z.
    pub(super) fn spread(&self, z: &Direction, with_gaps: f64) -> Option<(Vec<Vector4<f64>>, Changes)> {
        let y = [z[PERIOD], z[FIRST], z[FIRST + 1]];
        Some((self.eliminated.spread(&Vector4::new(z[0], z[1], z[2], z[3]), &y, with_gaps)?, y))
    }
}

fn dot(a: &Direction, b: &Direction) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Condition {
    fn off(&self, z: &Direction) -> f64 {
        let from: Direction = std::array::from_fn(|i| z[i] - self.from[i]);
        dot(&self.row, &from) - self.value
    }

    /// The condition that one entry of z has this value.
    pub(super) fn fixed(entry: usize, value: f64) -> Self {
        let mut row = [0.0; Z];
        row[entry] = 1.0;
        Self { row, from: [0.0; Z], value }
    }
}

/// The cycle near a guess, by Newton's method; the phase condition holds the first point in the plane through `anchor`
/// across the flow there. `None` if the method does not converge.
pub(super) fn solve<const P: usize>(
    system: &System<P>,
    guess: Orbit<P>,
    (anchor, normal): (&Vector4<f64>, &Vector4<f64>),
    conditions: &[Condition; P],
) -> Option<Found<P>> {
    let mut orbit = guess;
    let (mut first_change, mut before) = (0.0, f64::INFINITY);
    let guessed_period = orbit.period;
    for iteration in 0..ITERATIONS {
        let flow = system.at(orbit.values)?;
        let linear = Linear::about(&flow, &orbit)?;
        let z = orbit.z();
        let right: Vec<(Direction, f64)> = conditions.iter().map(|c| (c.row, -c.off(&z))).collect();
        let step = linear.solve(1.0, (normal, normal.dot(&(anchor - orbit.nodes[0]))), &right)?;
        let (points, y) = linear.spread(&step, 1.0)?;
        let sizes = points.iter().zip(&orbit.nodes).map(|(c, u)| c.amax() / (1.0 + u.amax()));
        let values = y[1..].iter().zip(&orbit.values).map(|(c, value)| c.abs() / (1.0 + value.abs()));
        let change = sizes.chain(values).fold(y[0].abs() / orbit.period, f64::max);
        if iteration == 0 {
            first_change = change;
        }
        orbit = orbit.moved(&points, &y, 1.0);
        let is_near = orbit.period > 0.5 * guessed_period && orbit.period < 2.0 * guessed_period;
        if !(is_near && change < 10.0) {
            return None;
        }
        let is_stalled = change <= CONVERGED && change > 0.25 * before;
        if change <= ARRIVED || is_stalled {
            // The linear part is that of the point before, which is nearer than the change.
            return Some(Found { orbit, linear, iterations: iteration + 1, first_change });
        }
        if iteration >= 2 && change > 0.5 * before {
            return None;
        }
        before = change;
    }
    None
}
