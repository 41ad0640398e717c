//! The linear equations of multiple shooting, by orthogonal elimination of one segment after the other.
//!
//! Segment i gives A_i δ_i - δ_{i+1} + R_i y = r_i, with y the changes of the period and of the parameters. Householder
//! reflections remove δ_i from two neighbouring equations, which grows no rounding error whatever the multipliers are.
//! What is left is P δ_0 + Q δ_N + R y = r with δ_N = δ_0; the monodromy matrix is -Q⁻¹ P.

use nalgebra::{Complex, Matrix4, SMatrix, Vector4};
use std::f64::consts::TAU;

/// Points of the unit circle at which the characteristic polynomial is taken.
const CIRCLE: usize = 8;
/// Columns of y at most: the period and two parameters.
const Y: usize = 3;
/// Columns of a row of equations: δ_0 (4), δ_{i+1} (4), y (3), right-hand side (1).
const COLUMNS: usize = 8 + Y + 1;
/// First column of y.
const FIRST_Y: usize = 8;
/// Column of the right-hand side.
const RIGHT: usize = COLUMNS - 1;

/// Changes of the period and of the continued parameters.
pub(super) type Changes = [f64; Y];
/// Four equations.
type Rows = SMatrix<f64, 4, COLUMNS>;

/// The equation of one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct SegmentEquation {
    /// Derivative of the segment's end by its beginning.
    pub by_start: Matrix4<f64>,
    /// Derivatives of the segment's end by the period and by the parameters.
    pub by_y: [Vector4<f64>; Y],
    /// Beginning of the next segment minus the end of this one.
    pub gap: Vector4<f64>,
}

/// The equations after the elimination.
#[derive(Debug, Clone)]
pub(super) struct Eliminated {
    /// For each segment but the first: the triangle before δ_i, and its other columns.
    steps: Vec<(Matrix4<f64>, Rows)>,
    last: Rows,
}

impl Eliminated {
    /// Eliminates all points but the first.
    pub(super) fn new(segments: &[SegmentEquation]) -> Self {
        let rows = |s: &SegmentEquation| {
            let mut rows = Rows::zeros();
            rows.fixed_view_mut::<4, 4>(0, 4).fill_diagonal(-1.0);
            for (k, column) in s.by_y.iter().enumerate() {
                rows.set_column(FIRST_Y + k, column);
            }
            rows.set_column(RIGHT, &s.gap);
            rows
        };
        let mut steps = Vec::with_capacity(segments.len());
        let mut last = Rows::zeros();
        for (number, segment) in segments.iter().enumerate() {
            if number == 0 {
                last = rows(segment);
                last.fixed_view_mut::<4, 4>(0, 0).copy_from(&segment.by_start);
                continue;
            }
            let mut eliminated = SMatrix::<f64, 8, 4>::zeros();
            eliminated.fixed_view_mut::<4, 4>(0, 0).copy_from(&last.fixed_view::<4, 4>(0, 4));
            eliminated.fixed_view_mut::<4, 4>(4, 0).copy_from(&segment.by_start);
            let mut others = SMatrix::<f64, 8, COLUMNS>::zeros();
            others.fixed_view_mut::<4, COLUMNS>(0, 0).copy_from(&last);
            others.fixed_view_mut::<4, 4>(0, 4).fill(0.0);
            others.fixed_view_mut::<4, COLUMNS>(4, 0).copy_from(&rows(segment));
            reflect(&mut eliminated, &mut others);
            let triangle = eliminated.fixed_view::<4, 4>(0, 0).into_owned();
            steps.push((triangle, others.fixed_view::<4, COLUMNS>(0, 0).into_owned()));
            last = others.fixed_view::<4, COLUMNS>(4, 0).into_owned();
        }
        Self { steps, last }
    }

    /// What is left for δ_0 and y: its matrix, and the right-hand side.
    pub(super) fn closed(&self) -> (SMatrix<f64, 4, 7>, Vector4<f64>) {
        let mut matrix = SMatrix::<f64, 4, 7>::zeros();
        let sum = self.last.fixed_view::<4, 4>(0, 0) + self.last.fixed_view::<4, 4>(0, 4);
        matrix.fixed_view_mut::<4, 4>(0, 0).copy_from(&sum);
        matrix.fixed_view_mut::<4, Y>(0, 4).copy_from(&self.last.fixed_view::<4, Y>(0, FIRST_Y));
        (matrix, self.last.column(RIGHT).into_owned())
    }

    /// The monodromy matrix; `None` if it is not finite.
    pub(super) fn monodromy(&self) -> Option<Matrix4<f64>> {
        let (p, q) = (self.last.fixed_view::<4, 4>(0, 0).into_owned(), self.last.fixed_view::<4, 4>(0, 4).into_owned());
        let found = -q.lu().solve(&p)?;
        found.iter().all(|c| c.is_finite()).then_some(found)
    }

    /// Coefficients of det(P + mu Q), lowest power of mu first, the largest of modulus 1: its roots are the multipliers.
    ///
    /// Those near the unit circle are as exact as the determinant, however large the others are.
    pub(super) fn characteristic(&self) -> Option<[f64; 5]> {
        let (p, q) = (self.last.fixed_view::<4, 4>(0, 0), self.last.fixed_view::<4, 4>(0, 4));
        let mut coefficients = [0.0; 5];
        for k in 0..CIRCLE {
            let angle = TAU * k as f64 / CIRCLE as f64;
            let mu = Complex::from_polar(1.0, angle);
            let matrix = Matrix4::from_fn(|i, j| mu * q[(i, j)] + p[(i, j)]);
            let determinant = matrix.lu().determinant();
            for (power, c) in coefficients.iter_mut().enumerate() {
                *c += (determinant * Complex::from_polar(1.0, -angle * power as f64)).re;
            }
        }
        let largest = coefficients.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
        (largest > 0.0 && largest.is_finite()).then(|| coefficients.map(|c| c / largest))
    }

    /// Changes of the points where segments begin, from those of the first one and of y; `with_gaps` is 0 for a direction
    /// along a branch and 1 for a step of Newton's method.
    pub(super) fn spread(&self, first: &Vector4<f64>, y: &Changes, with_gaps: f64) -> Option<Vec<Vector4<f64>>> {
        let mut found = vec![Vector4::zeros(); self.steps.len() + 1];
        let mut next = *first;
        for (number, (triangle, rows)) in self.steps.iter().enumerate().rev() {
            let mut right = rows.column(RIGHT) * with_gaps;
            right -= rows.fixed_view::<4, 4>(0, 0) * first + rows.fixed_view::<4, 4>(0, 4) * next;
            for (k, change) in y.iter().enumerate() {
                right -= rows.column(FIRST_Y + k) * *change;
            }
            next = triangle.solve_upper_triangular(&right)?;
            found[number + 1] = next;
        }
        found[0] = *first;
        Some(found)
    }
}

/// Makes `columns` upper triangular by Householder reflections, which are applied to `others` too.
fn reflect(columns: &mut SMatrix<f64, 8, 4>, others: &mut SMatrix<f64, 8, COLUMNS>) {
    for k in 0..4 {
        let norm = (k..8).map(|i| columns[(i, k)].powi(2)).sum::<f64>().sqrt();
        if norm == 0.0 {
            continue;
        }
        let head = columns[(k, k)];
        let alpha = if head > 0.0 { -norm } else { norm };
        let mut normal = [0.0; 8];
        for (i, n) in normal.iter_mut().enumerate().skip(k) {
            *n = columns[(i, k)];
        }
        normal[k] -= alpha;
        let squared: f64 = normal.iter().map(|n| n * n).sum();
        let apply = |column: &mut [f64]| {
            let product: f64 = normal.iter().zip(column.iter()).map(|(n, c)| n * c).sum();
            let factor = 2.0 * product / squared;
            column.iter_mut().zip(&normal).for_each(|(c, n)| *c -= factor * n);
        };
        for j in k..4 {
            apply(&mut columns.as_mut_slice()[8 * j..8 * j + 8]);
        }
        for column in others.as_mut_slice().chunks_exact_mut(8) {
            apply(column);
        }
    }
}
