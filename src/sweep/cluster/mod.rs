//! Sweeps by many processes: shards, and job arrays for Slurm.

mod shard;
mod slurm;

pub use shard::Shard;
pub use slurm::{JobArray, SlurmOptions};
