//! hopfmap: maps of where a memristive quantum neuron oscillates.
//!
//! An artificial neuron with a quantum memristor (Potter, Zagoskin, Savel'ev, Balanov: "Hysteresis and Self-Oscillations in
//! an Artificial Memristive Quantum Neuron") is four coupled equations, Eq. 10 of the paper, for a Bloch vector (X, Y, Z)
//! and a voltage V. This crate integrates grids of them in lockstep with RK4, as a WGSL shader on any GPU or natively on
//! all cores, gives each cell an oscillation span and a named outcome, and writes labelled maps to HDF5.
//!
//! The way data flows:
//!
//! ```text
//! Request → Plan (validated, its step chosen) → batches of cells + conductance tables → engine (gpu | cpu)
//!         → answers (span, outcome, …) → MapWriter → one .h5 → figure
//! ```
//!
//! One cell without any file, at the parameters of the paper's Fig. 6a:
//!
//! ```
//! use hopfmap::results::Outcome;
//! use hopfmap::sweep::{Plan, Request, recompute};
//!
//! let request = Request::from_toml("grid = ['Gamma=0.33']\n[set]\nV_n = 2.0\nR_n = 6.0\n")?;
//! let plan = Plan::new(request)?;
//! let hopfmap::plan::PreparedCell { cell, regions } = plan.single(0, 0).cell().expect("alpha Gamma is not 0");
//! let answer = recompute(&plan, &cell, &trapping regions)?;
//! assert_eq!(answer.outcome, Outcome::Oscillating);
//! assert!((answer.span - 0.1087).abs() < 5e-4);
//! # Ok::<(), hopfmap::Error>(())
//! ```
//!
//! Invariants: only `engine::gpu` names wgpu, only `store` names hdf5, `figure` reads stores and never engines; numbers
//! that the shader shares with Rust are typed once and generated from there. ARCHITECTURE.md has the whole picture.

pub mod audit;
pub mod benchmark;
pub mod bifurcation;
pub mod cancel;
pub mod cli;
pub mod engine;
pub mod error;
pub mod figure;
pub mod grid;
pub mod kernel;
pub mod model;
pub mod paper;
pub mod plan;
pub mod results;
pub mod store;
pub mod sweep;
pub mod trace;

pub use error::{Error, Result};
