//! The best step of a quadratic model in a box, under linear conditions.

use super::local_model::Quadratic;
use nalgebra::{DMatrix, DVector};

/// How far a candidate may be outside the box or a condition by rounding, in the coordinates.
const ROUNDING: f64 = 1e-12;
/// Faces of the box that are tried at most: those of nine parameters, and more with few conditions.
const MOST_FACES: usize = 1 << 17;

/// A step, and what holds it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The step.
    pub by: DVector<f64>,
    /// Multiplier of each condition: 0 where it is not active.
    pub multipliers: DVector<f64>,
}

/// The step d within `low ≤ d ≤ high` that maximises g·d + ½ d·H d with c + ∇c·d ≤ 0 for each condition.
///
/// The maximum lies on some face of the polytope and is stationary there; each face of the box with each subset of the
/// conditions is tried, and the best feasible candidate is taken. Without a candidate the step is 0.
pub(super) fn best_step(
    goal: &Quadratic,
    lagrangian: &DMatrix<f64>,
    conditions: &[Quadratic],
    [low, high]: [&DVector<f64>; 2],
) -> Step {
    let (n, m) = (goal.gradient.len(), conditions.len());
    let value = |d: &DVector<f64>| goal.gradient.dot(d) + 0.5 * d.dot(&(lagrangian * d));
    let is_feasible = |d: &DVector<f64>| {
        let in_box = (0..n).all(|i| d[i] >= low[i] - ROUNDING && d[i] <= high[i] + ROUNDING);
        in_box && conditions.iter().all(|c| c.value + c.gradient.dot(d) <= ROUNDING * (1.0 + c.gradient.amax()))
    };
    let mut best = Step { by: DVector::zeros(n), multipliers: DVector::zeros(m) };
    // Where a condition is overstepped, a step back is better than none.
    let mut most = if is_feasible(&best.by) { 0.0 } else { f64::NEG_INFINITY };
    let faces = 3_usize.saturating_pow(n as u32).saturating_mul(1 << m.min(20)).min(MOST_FACES);
    for face in 0..faces {
        let (sides, active) = (face / (1 << m), face % (1 << m));
        let side = |i: usize| sides / 3_usize.pow(i as u32) % 3;
        let free: Vec<usize> = (0..n).filter(|i| side(*i) == 0).collect();
        let held: Vec<usize> = (0..m).filter(|j| active >> j & 1 == 1).collect();
        if held.len() > free.len() {
            continue;
        }
        let mut d = DVector::from_fn(n, |i, _| [0.0, low[i], high[i]][side(i)]);
        let Some(multipliers) = solve_face(goal, lagrangian, conditions, &free, &held, &mut d) else { continue };
        let gain = value(&d);
        if d.iter().all(|v| v.is_finite()) && gain > most && is_feasible(&d) {
            most = gain;
            let mut all = DVector::zeros(m);
            held.iter().zip(multipliers.iter()).for_each(|(j, v)| all[*j] = *v);
            best = Step { by: d, multipliers: all };
        }
    }
    best
}

/// Moves the free components of `d` to the stationary point of a face; returns the multipliers of the held conditions.
fn solve_face(
    goal: &Quadratic,
    lagrangian: &DMatrix<f64>,
    conditions: &[Quadratic],
    free: &[usize],
    held: &[usize],
    d: &mut DVector<f64>,
) -> Option<DVector<f64>> {
    let (f, h) = (free.len(), held.len());
    // Stationary: H d + g - Σ λ ∇c = 0 on the free components, and c + ∇c·d = 0 for the held conditions.
    let fixed = lagrangian * &*d;
    let (mut a, mut b) = (DMatrix::zeros(f + h, f + h), DVector::zeros(f + h));
    for (r, i) in free.iter().enumerate() {
        free.iter().enumerate().for_each(|(c, j)| a[(r, c)] = lagrangian[(*i, *j)]);
        b[r] = -goal.gradient[*i] - fixed[*i];
        for (c, j) in held.iter().enumerate() {
            a[(r, f + c)] = -conditions[*j].gradient[*i];
            a[(f + c, r)] = conditions[*j].gradient[*i];
        }
    }
    for (c, j) in held.iter().enumerate() {
        b[f + c] = -conditions[*j].value - conditions[*j].gradient.dot(d);
    }
    if f + h == 0 {
        return Some(DVector::zeros(0));
    }
    let solved = a.lu().solve(&b)?;
    free.iter().enumerate().for_each(|(r, i)| d[*i] = solved[r]);
    Some(solved.rows(f, h).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quadratic(value: f64, gradient: &[f64], hessian: &[f64]) -> Quadratic {
        let n = gradient.len();
        Quadratic {
            value,
            gradient: DVector::from_row_slice(gradient),
            hessian: DMatrix::from_row_slice(n, n, hessian),
        }
    }

    proptest! {
        #[test]
        fn no_point_of_the_box_is_better(
            g in prop::array::uniform2(-2.0..2.0f64), h in prop::array::uniform3(-3.0..3.0f64),
            c in prop::array::uniform2(-2.0..2.0f64), slack in -1.0..0.0f64,
            points in prop::collection::vec(prop::array::uniform2(0.0..1.0f64), 200),
        ) {
            let goal = quadratic(0.0, &g, &[h[0], h[1], h[1], h[2]]);
            let condition = quadratic(slack, &c, &[0.0; 4]);
            let (low, high) = (DVector::from_row_slice(&[-0.5, -1.0]), DVector::from_row_slice(&[1.0, 0.25]));
            let step = best_step(&goal, &goal.hessian, std::slice::from_ref(&condition), [&low, &high]);
            let change = |d: &DVector<f64>| goal.gradient.dot(d) + 0.5 * d.dot(&(&goal.hessian * d));
            let most = change(&step.by);
            prop_assert!(slack + condition.gradient.dot(&step.by) < 1e-9);
            for at in points {
                let d = DVector::from_fn(2, |i, _| low[i] + at[i] * (high[i] - low[i]));
                if slack + condition.gradient.dot(&d) <= 0.0 {
                    prop_assert!(change(&d) <= most + 1e-9, "{d} is better than {}", step.by);
                }
            }
        }
    }
}
