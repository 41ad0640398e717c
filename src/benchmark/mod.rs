//! Fixed workloads that measure the speed of this machine.

pub mod workloads;
