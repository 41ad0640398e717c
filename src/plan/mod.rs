//! Plans: a request, checked and completed, and its cells prepared for an engine.

mod aperiodic;
mod bounds;
mod driven;
mod finish;
mod input;
mod input_table;
mod neuron;
#[expect(clippy::module_inception, reason = "the main type of this module has a file of its own name")]
mod plan;
mod prepared;
mod request;
mod request_text;
mod theory;
pub mod timing;

pub use driven::Driven;
pub use finish::{name_unsettled, run_in_double, undecided};
pub use input::Input;
pub use neuron::{outcome, outcome_of};
pub use plan::Plan;
pub use prepared::{Prepared, PreparedCell, PreparedStarts};
pub use request::{OnDeviceLoss, Request, Settings, device_from_file, parse_settings};
pub use request_text::parse_audit;
pub use theory::{CellTheory, Regions, Theory};
