//! Sweeps, which run a plan into a map part by part, and ramps, which follow one parameter up and
//! down.

mod batcher;
mod boundary;
mod builder;
pub mod cluster;
mod failover;
mod hysteresis;
mod map;
mod margin;
mod optional;
mod part_work;
pub mod parts;
mod pipeline;
mod ramp;
mod ramp_file;
mod run;
mod stages;
mod summary;
#[cfg(test)]
mod two_devices_tests;

pub use batcher::{Batcher, TableCache};
pub use builder::Sweep;
pub use cluster::{JobArray, Shard, SlurmOptions};
pub use failover::Failover;
pub use hysteresis::{Hysteresis, hysteresis};
pub use map::Map;
pub use parts::{Merged, PartSpecs, PlanFile, merge, request_in};
pub use ramp::{DIRECTIONS, Ramp, check as check_ramp, ramp};
pub use ramp_file::record_ramp;
pub use run::{Done, SweepJob, run};
pub use stages::Stages;
pub use summary::Summary;
