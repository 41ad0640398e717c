//! What steps along branches and along curves of a plane have in common: when they are repeated, and how they change.

/// Shortest step, in units of 1 for the states, of the ranges for the parameters, and of the period for itself.
pub(super) const SHORTEST: f64 = 1e-8;
/// Shortest step that is taken to separate special points.
pub(super) const SEPARATES: f64 = 1e-5;
/// Iterations up to which a step grows.
pub(super) const FEW: usize = 3;
/// Factor by which a step shrinks.
pub(super) const SHRINKAGE: f64 = 0.5;
/// First correction at most, relative to the predicted change.
pub(super) const CORRECTION: f64 = 0.4;
/// Change of the span from one cycle to the next, relative to the larger one.
pub(super) const SPAN_CHANGE: f64 = 0.25;
/// Span that changes freely.
pub(super) const SMALL_SPAN: f64 = 4e-3;
/// Step next to the end where two halves of a cycle become the same, relative to their distance, and at least.
pub(super) const HALVES: (f64, f64) = (0.5, 2e-3);

/// The length of the step after one of this length and number of iterations: `grown` times it after few iterations where
/// neighbouring directions are nearly the same, and less after many.
pub(super) fn next_length(step: f64, iterations: usize, is_straight: bool, grown: f64) -> f64 {
    match iterations {
        n if n <= FEW && is_straight => step * grown,
        n if n > FEW + 2 => step * SHRINKAGE,
        _ => step,
    }
}
