//! Quadratic models of the goal and of the conditions around a cycle, from differences of its neighbours.

use super::condition::Condition;
use super::follow::{Sample, Space};
use super::quantity::Quantity;
use nalgebra::{DMatrix, DVector};

/// Factor on the distance of neighbours where one is missing, and how often it is applied.
const NEARER: f64 = 0.2;
const NEARER_AT_MOST: usize = 4;

/// What is maximised, and under which conditions.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub of: Quantity,
    pub conditions: Vec<Condition>,
    /// Distance of the largest multiplier from 1 at which a cycle counts as stable.
    pub inside: f64,
}

impl Goal {
    /// The goal's value.
    pub(super) fn value(&self, sample: &Sample) -> f64 {
        sample.values[self.of as usize]
    }

    /// Whether all conditions hold.
    pub(super) fn is_kept(&self, sample: &Sample) -> bool {
        self.conditions.iter().all(|c| c.excess(&sample.values) < 0.0)
    }

    /// The goal, and the excess of each condition over what it is kept at.
    fn functions(&self, sample: &Sample) -> DVector<f64> {
        let excess = self.conditions.iter().map(|c| c.excess(&sample.values) - c.kept_at(self.inside));
        DVector::from_iterator(1 + self.conditions.len(), std::iter::once(self.value(sample)).chain(excess))
    }
}

/// A function's value, gradient and Hessian, by the coordinates.
#[derive(Debug, Clone)]
pub(super) struct Quadratic {
    pub value: f64,
    pub gradient: DVector<f64>,
    pub hessian: DMatrix<f64>,
}

/// Neighbours along one axis: both sides, or two on the side where there are cycles.
struct Axis {
    /// The first difference quotient, for each function.
    first: DVector<f64>,
    /// The second.
    second: DVector<f64>,
    /// Signs of the sides that have neighbours.
    sides: Vec<f64>,
    /// Values of the nearest neighbours, in the order of the sides.
    nearest: Vec<DVector<f64>>,
}

/// The models of the goal and of each condition; `None` if too few neighbours have a cycle.
///
/// With both sides, f' = (8 (f_1 - f_-1) - (f_2 - f_-2)) / 12 h and f'' = (16 (f_1 + f_-1) - (f_2 + f_-2) - 30 f_0) /
/// 12 h², to the fourth order in h; with one side, f' to the third order and f'' to the second.
pub(super) fn models(space: &Space, goal: &Goal, centre: &Sample, distance: f64) -> Option<Vec<Quadratic>> {
    let mut h = distance;
    for _ in 0..NEARER_AT_MOST {
        if let Some(found) = models_at(space, goal, centre, h) {
            return Some(found);
        }
        h *= NEARER;
    }
    None
}

fn models_at(space: &Space, goal: &Goal, centre: &Sample, h: f64) -> Option<Vec<Quadratic>> {
    let n = centre.at.len();
    let at = |moves: &[(usize, f64)]| -> Option<DVector<f64>> {
        let mut to = centre.at.clone();
        moves.iter().for_each(|(axis, by)| to[*axis] += by * h);
        Some(goal.functions(&space.neighbour(centre, &to)?))
    };
    let here = goal.functions(centre);
    let axes = (0..n).map(|i| axis(&here, h, |by| at(&[(i, by)]))).collect::<Option<Vec<Axis>>>()?;
    let mut models: Vec<Quadratic> = (0..here.len())
        .map(|f| Quadratic {
            value: here[f],
            gradient: DVector::from_iterator(n, axes.iter().map(|a| a.first[f])),
            hessian: DMatrix::from_diagonal(&DVector::from_iterator(n, axes.iter().map(|a| a.second[f]))),
        })
        .collect();
    for i in 0..n {
        for j in i + 1..n {
            let mixed = mixed(&here, &axes[i], &axes[j], h, |a, b| at(&[(i, a), (j, b)]))?;
            for (f, model) in models.iter_mut().enumerate() {
                model.hessian[(i, j)] = mixed[f];
                model.hessian[(j, i)] = mixed[f];
            }
        }
    }
    Some(models)
}

/// The differences along one axis; `at` gives the functions some distances away.
fn axis(here: &DVector<f64>, h: f64, at: impl Fn(f64) -> Option<DVector<f64>>) -> Option<Axis> {
    let (down, up) = (at(-1.0), at(1.0));
    if let (Some(m_1), Some(p_1)) = (&down, &up)
        && let (Some(m_2), Some(p_2)) = (at(-2.0), at(2.0))
    {
        let first = (8.0 * (p_1 - m_1) - (&p_2 - &m_2)) / (12.0 * h);
        let second = (16.0 * (p_1 + m_1) - (&p_2 + &m_2) - 30.0 * here) / (12.0 * h * h);
        let nearest = vec![m_1.clone(), p_1.clone()];
        return Some(Axis { first, second, sides: vec![-1.0, 1.0], nearest });
    }
    let one_side = |side: f64, f_1: Option<DVector<f64>>| {
        let (f_1, f_2, f_3) = (f_1?, at(2.0 * side)?, at(3.0 * side)?);
        let first = (-11.0 * here + 18.0 * &f_1 - 9.0 * &f_2 + 2.0 * &f_3) / (6.0 * h * side);
        let second = (2.0 * here - 5.0 * &f_1 + 4.0 * &f_2 - &f_3) / (h * h);
        Some(Axis { first, second, sides: vec![side], nearest: vec![f_1] })
    };
    one_side(1.0, up).or_else(|| one_side(-1.0, down))
}

/// The mixed second derivative, from the corners on the sides that have neighbours.
fn mixed(
    here: &DVector<f64>,
    a: &Axis,
    b: &Axis,
    h: f64,
    corner: impl Fn(f64, f64) -> Option<DVector<f64>>,
) -> Option<DVector<f64>> {
    let (mut sum, mut count) = (DVector::zeros(here.len()), 0.0);
    for (side_a, f_a) in a.sides.iter().zip(&a.nearest) {
        for (side_b, f_b) in b.sides.iter().zip(&b.nearest) {
            if let Some(f_ab) = corner(*side_a, *side_b) {
                sum += (f_ab - f_a - f_b + here) / (side_a * side_b * h * h);
                count += 1.0;
            }
        }
    }
    (count > 0.0).then(|| sum / count)
}
