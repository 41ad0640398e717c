//! Sweeps: what was asked, made into a plan, run into a map, and audited.

mod audit;
mod edge;
mod gather;
mod header;
pub mod pace;
mod plan;
mod request;
mod run;
mod sample;
mod theory;

pub use audit::{Audit, Claim, Counts, Finding};
pub use edge::{Edge, EdgeDistance, curves_of, side};
pub use gather::{Gathering, TableShelf};
pub use plan::{Plan, Ready};
pub use request::{BESIDE, BRANCHES, Request, Start, beside, parse_settings};
pub use run::{Summary, recompute, run};
pub use sample::Sample;
pub use theory::{Said, Theory};
