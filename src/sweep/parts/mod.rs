//! Parts of a sweep: their specifications, and how they are merged into one map.

mod header;
mod map_builder;
mod merge;
mod plan_file;

pub(in crate::sweep) use map_builder::MapBuilder;
pub use merge::{Merged, merge};
pub(in crate::sweep) use merge::{Merging, clear_up};
pub use plan_file::{PartSpecs, PlanFile, request_in};
