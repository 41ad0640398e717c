//! Steps of one period, chosen by their error and then kept while Newton's method moves the cycle.

use super::flow::plain_step;
use crate::cycle::Field;
use nalgebra::Vector4;

/// Error of a step, relative to 1 + |u|.
const TOLERANCE: f64 = 1e-12;
/// Share of the step that the error allows.
const SAFETY: f64 = 0.8;
/// Bounds on the ratio of one step to the one before.
const RATIO: (f64, f64) = (0.25, 4.0);
/// Steps of one segment at most.
const STEPS_IN_SEGMENT: usize = 3;
/// Fewest steps in such a part.
const FEWEST: f64 = 16.0;
/// Steps of a period at most: a second of one core per iteration.
pub(super) const MOST_STEPS: usize = 100_000;

/// The steps of a period in units of the period, in segments between whose ends Newton's method connects the motion.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    /// Steps of each segment.
    pub segments: Vec<Vec<f64>>,
    /// Segments in the first half of the period.
    pub half: usize,
}

impl Mesh {
    /// The mesh of the motion from `u` over `period`, and the points where its segments begin; `None` if it needs too many
    /// steps or leaves the finite numbers.
    ///
    /// A segment ends with each half of each part of the period, of which there are `multiple`.
    pub(super) fn along_motion(
        field: &Field<'_>,
        u: &Vector4<f64>,
        period: f64,
        multiple: usize,
    ) -> Option<(Self, Vec<Vector4<f64>>)> {
        let pieces = 2 * multiple.max(1);
        let mut mesh = Self { segments: Vec::new(), half: 0 };
        let (mut at, mut nodes, mut taken) = (*u, Vec::new(), 0);
        let piece = period / pieces as f64;
        let most = 2.0 * piece / FEWEST;
        let mut h = most;
        for number in 0..pieces {
            let mut steps = Vec::new();
            let mut left = piece;
            while left > 0.0 {
                // The last two steps are equally long, and the last one ends where the piece ends.
                let wanted = h.min(most);
                let step = if wanted >= left { left } else { wanted.min(0.5 * left).max(0.5 * wanted) };
                let trial = plain_step(field, &at, step);
                let error = trial.error / (TOLERANCE * (1.0 + at.amax()));
                taken += 1;
                if taken > 4 * MOST_STEPS || step < 1e-12 * period {
                    return None;
                }
                let factor = if error > 0.0 { SAFETY * error.powf(-0.125) } else { RATIO.1 };
                if !(error <= 1.0) {
                    h = step * if factor.is_finite() { factor.clamp(RATIO.0, SAFETY) } else { RATIO.0 };
                    continue;
                }
                if steps.len() == STEPS_IN_SEGMENT {
                    mesh.segments.push(std::mem::take(&mut steps));
                }
                if steps.is_empty() {
                    nodes.push(at);
                }
                steps.push(step / period);
                at = trial.end;
                left = if step == left { 0.0 } else { left - step };
                h = step * factor.clamp(RATIO.0, RATIO.1);
            }
            mesh.segments.push(steps);
            if number + 1 == pieces / 2 {
                mesh.half = mesh.segments.len();
            }
        }
        (mesh.steps() <= MOST_STEPS).then_some((mesh, nodes))
    }

    /// Number of steps.
    pub(super) fn steps(&self) -> usize {
        self.segments.iter().map(Vec::len).sum()
    }
}
