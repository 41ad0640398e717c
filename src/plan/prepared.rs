//! A cell made ready for an engine, or the reason why it is not integrated.

use super::theory::Regions;
use crate::engine::Cell;
use crate::results::Outcome;
use smallvec::SmallVec;

/// A cell prepared for each of its starts: mostly one.
pub type PreparedStarts = SmallVec<[Prepared; 1]>;

/// A cell prepared for an engine with its trapping regions, or the reason why it is not.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every cell is to be integrated, and a box would cost each an allocation"
)]
pub enum Prepared {
    /// A cell that can be integrated.
    Cell(PreparedCell),
    /// No unique result: alpha Gamma = 0, so the end state depends on the start.
    StartDependent,
    /// No start: the cell lacks the equilibrium near which it should start.
    Absent,
    /// Too many steps to count, or a step too small for a normal number; the outcome is unsettled.
    Uncountable {
        /// Step in tau_c: the requested one, or the one from the cell's rates.
        dt: f64,
        /// Steps that the run could take.
        steps: f64,
    },
}

/// A cell that an engine can integrate.
#[derive(Debug, Clone)]
pub struct PreparedCell {
    /// Parameters, start, step and limits of the cell.
    pub cell: Cell,
    /// The trapping regions of its stable equilibria.
    pub regions: Regions,
}

impl Prepared {
    /// The prepared cell, if it can be integrated.
    #[must_use]
    pub fn cell(self) -> Option<PreparedCell> {
        match self {
            Prepared::Cell(cell) => Some(cell),
            Prepared::StartDependent | Prepared::Absent | Prepared::Uncountable { .. } => None,
        }
    }

    /// The outcome without integration: `Unsettled` for a cell that is still to be integrated.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Prepared::Cell(_) | Prepared::Uncountable { .. } => Outcome::Unsettled,
            Prepared::StartDependent => Outcome::StartDependent,
            Prepared::Absent => Outcome::Absent,
        }
    }
}
