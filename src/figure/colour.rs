//! Colours: viridis for numbers, one distinct colour or hatching for each kind of cell without one.

use crate::results::Outcome;

/// Red, green, blue.
pub(crate) type Rgb = [u8; 3];

/// Colour of matplotlib's viridis at `part`, clamped to 0..1.
pub(crate) fn viridis(part: f64) -> Rgb {
    let c = colorous::VIRIDIS.eval_continuous(part.clamp(0.0, 1.0));
    [c.r, c.g, c.b]
}

/// Fill of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fill {
    /// One colour.
    Plain(Rgb),
    /// Diagonal strokes of the second colour on the first.
    Hatched(Rgb, Rgb),
}

impl Fill {
    /// The one colour of a line or a mark, which is too small to hatch and would vanish in white.
    pub(super) fn solid(self) -> Rgb {
        match self {
            Fill::Hatched(_, strokes) => strokes,
            Fill::Plain(colour) if colour.iter().all(|c| *c > 220) => colour.map(|c| c - 90),
            Fill::Plain(colour) => colour,
        }
    }

    /// The colour of one pixel in place of others of this colour: of two, the one that differs more from it.
    pub(super) fn on(self, ground: Rgb) -> Self {
        let light = |[r, g, b]: Rgb| 0.3 * f64::from(r) + 0.59 * f64::from(g) + 0.11 * f64::from(b);
        let contrast = |colour: Rgb| (light(colour) - light(ground)).abs();
        match self {
            Fill::Hatched(a, b) => Fill::Plain(if contrast(a) > contrast(b) { a } else { b }),
            Fill::Plain(_) => self,
        }
    }

    /// Colour at a pixel.
    pub(super) fn at(self, x: u32, y: u32) -> Rgb {
        match self {
            Fill::Plain(c) => c,
            Fill::Hatched(ground, stroke) => {
                if (x + y) % 8 < 3 {
                    stroke
                } else {
                    ground
                }
            }
        }
    }
}

/// Fill of a settled cell without a value in the drawn column, e.g. the period of a steady cell.
pub(super) const NO_VALUE: Fill = Fill::Plain([232, 232, 232]);

/// Fill that marks an outcome without a settled value, `None` for the others.
///
/// All of these fills are off viridis, and distinct in grey as well.
pub(super) fn mark(outcome: Outcome) -> Option<Fill> {
    match outcome {
        Outcome::Steady | Outcome::Oscillating | Outcome::Chaotic | Outcome::Quasiperiodic => None,
        Outcome::Unsettled => Some(Fill::Hatched([255, 255, 255], [90, 90, 90])),
        Outcome::StartDependent => Some(Fill::Hatched([250, 225, 190], [225, 140, 40])),
        Outcome::Diverged => Some(Fill::Plain([214, 39, 40])),
        Outcome::Absent => Some(Fill::Plain([250, 250, 250])),
    }
}

/// Fill of an outcome where outcomes themselves are drawn.
pub(super) fn of_outcome(outcome: Outcome) -> Fill {
    mark(outcome).unwrap_or(match outcome {
        Outcome::Oscillating => Fill::Plain(viridis(0.85)),
        Outcome::Chaotic => Fill::Plain([255, 127, 14]),
        Outcome::Quasiperiodic => Fill::Plain([247, 182, 210]),
        _ => Fill::Plain(viridis(0.15)),
    })
}

/// Legend text of an outcome.
pub(super) fn label(outcome: Outcome) -> String {
    outcome.name().replace('_', " ")
}
