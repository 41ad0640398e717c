//! Checks of results: sampled cells recomputed by another rule, cells replayed from a file, maps
//! compared.

mod asked_for;
#[expect(clippy::module_inception, reason = "the main type of this module has a file of its own name")]
mod audit;
mod boundary;
mod confidence;
mod difference;
mod missed;
mod recheck;
mod replay;
mod sample;
mod second_opinion;
mod sensitive;
mod stored_plan;
mod tolerance;
mod verify;

pub use asked_for::{ASKED_MEAN_OFF, RESPONSE_OFF};
pub use audit::{Audit, Check, checks};
pub use boundary::{Boundary, BoundaryDistance, curves_of, side};
pub use difference::{ColumnDifference, Difference, Mismatch, difference};
pub use missed::SEARCH_STARTS;
pub use recheck::StoredResult;
pub use replay::{Replay, replay};
pub use sample::AuditSample;
pub use second_opinion::{EXPONENT_OFF, MAXIMA_OFF, MEAN_OFF, PERIOD_OFF};
pub use stored_plan::{plan_of, stored_request};
pub use tolerance::SPAN_F32;
pub use verify::{Verification, Verify, verify};
