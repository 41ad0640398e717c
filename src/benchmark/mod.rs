//! Fixed workloads that measure how fast this machine is.

pub mod workloads;
