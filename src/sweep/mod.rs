//! Sweeps: what was asked, made into a plan, run into a map, and audited.

mod again;
mod assemble;
mod audit;
mod difference;
mod edge;
mod gather;
mod header;
mod identity;
mod merge;
pub mod pace;
mod part;
mod plan;
mod request;
mod run;
mod sample;
mod shard;
mod slurm;
mod supply;
mod theory;
pub mod yardstick;

pub use assemble::Summary;
pub use audit::{Audit, Claim, Counts, Finding};
pub use difference::{Difference, Place, difference};
pub use edge::{Edge, EdgeDistance, curves_of, side};
pub use gather::{Gathering, TableShelf};
pub use identity::{Heads, Identity, request_in};
pub use merge::merge;
pub use part::Workshop;
pub use plan::{Plan, Ready};
pub use request::{BESIDE, BRANCHES, Request, Start, beside, parse_settings};
pub use run::{Done, Job, recompute, run};
pub use sample::Sample;
pub use shard::Shard;
pub use slurm::{Array, Asked as SlurmAsked};
pub use supply::{OnDeviceLoss, Supply};
pub use theory::{Said, Theory};
