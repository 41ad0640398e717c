//! Sweeps: a plan run into a map, part by part, and ramps, which follow one parameter up and down.

mod batcher;
pub mod cluster;
mod failover;
mod hysteresis;
pub mod parts;
mod pipeline;
mod ramp;
mod ramp_file;
mod run;
mod stages;

pub use batcher::{Gathering, TableShelf};
pub use cluster::{Array, Shard, SlurmAsked};
pub use failover::Supply;
pub use hysteresis::{Hysteresis, hysteresis};
pub use parts::{Heads, Identity, Merged, Summary, merge, request_in};
pub use ramp::{DIRECTIONS, Ramp, check as check_ramp, ramp};
pub use ramp_file::record_ramp;
pub use run::{Done, Job, run};
pub use stages::Workshop;
