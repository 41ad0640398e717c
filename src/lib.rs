//! Maps of where a memristive quantum neuron oscillates.
//!
//! An artificial neuron with a quantum memristor (Potter, Zagoskin, Savel'ev, Balanov: "Hysteresis and Self-Oscillations in
//! an Artificial Memristive Quantum Neuron") is four coupled equations, Eq. 10 of the paper, for a Bloch vector (X, Y, Z)
//! and a voltage V. This crate integrates a grid of them in lockstep with RK4, as a WGSL shader on any GPU or on all cores of
//! the CPU, and gives each cell its oscillation span and an outcome.
//!
//! # A sweep, as an array
//!
//! ```
//! use hopfmap::{Outcome, Parameter::*, Sweep};
//!
//! let map = Sweep::new()
//!     .axis(Gamma, 0.02..=1.0, 16) // slowest axis first
//!     .axis(ZT, 0.0..=1.0, 16)
//!     .set(VN, 2.0)
//!     .set(RN, 6.0)
//!     .run()?; // or .run_to("map.h5")? for a file
//! let span = map.array("span")?; // an ndarray::ArrayD<f64> of shape [16, 16]
//! let oscillating = map.outcomes().mapv(|o| o == Outcome::Oscillating);
//! assert_eq!(span.shape(), oscillating.shape());
//! # assert!(oscillating.iter().any(|o| *o));
//! # Ok::<(), hopfmap::Error>(())
//! ```
//!
//! # Without a grid
//!
//! ```
//! use hopfmap::{Parameter::*, Parameters, Side, Stability, equilibria, hopf_curves};
//!
//! let p = Parameters::at(2.0, 6.0, 0.33); // V_n, R_n, Gamma; all others as in the paper
//! assert_eq!(equilibria(&p)[0].linear.stability(), Stability::UnstableFocus);
//! let curves = hopf_curves(Side::linear(ZT, 0.0..=1.0), Side::linear(Gamma, 0.02..=1.0), &p)?;
//! # assert!(!curves.is_empty());
//! # Ok::<(), hopfmap::Error>(())
//! ```
//!
//! # What is here
//!
//! - [`Sweep`] makes a [`Map`] in memory or a [`MapFile`]; [`Progress`] counts, and cancels.
//! - [`equilibria`], [`hopf_curves`] and [`hopf_points`] are the static theory; [`trajectory`] is one neuron in time,
//!   [`cycle`] the limit cycle that it settles on, with its Floquet multipliers.
//! - [`Parameters`], [`Axis`] and [`Start`] say what is computed; [`Outcome`] and [`CellResult`] what came out.
//! - Errors name a value, the limit it breaks, and the remedy: [`Error`].
//!
//! Features, both on by default: `figures` draws pictures, `cli` is the command `hopfmap`. Without them only the library is
//! built: `hopfmap = { version = "0.1", default-features = false }`.
//!
//! The modules behind these names are not part of the stable interface; ARCHITECTURE.md shows them.

#[doc(hidden)]
pub mod audit;
#[doc(hidden)]
pub mod benchmark;
#[doc(hidden)]
pub mod bifurcation;
#[doc(hidden)]
pub mod cancel;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod continuation;
#[doc(hidden)]
pub mod cycle;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod error;
#[cfg(feature = "figures")]
#[doc(hidden)]
pub mod figure;
mod fingerprint;
#[doc(hidden)]
pub mod grid;
#[doc(hidden)]
pub mod kernel;
#[doc(hidden)]
pub mod lyapunov;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod optimum;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod paper;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod results;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod sweep;
#[doc(hidden)]
pub mod trace;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod view;

pub use audit::{Audit, BoundaryDistance, Check};
pub use bifurcation::{Equilibrium, HopfPoint, Linear, Point, Side, Stability, equilibria, hopf_curves, hopf_points};
pub use cancel::CancelToken;
pub use cycle::{Cycle, cycle};
pub use engine::{EngineKind, Precision, Progress, Tally};
pub use error::{Error, Result};
pub use grid::{Axis, Points, Spacing};
pub use model::{Branch, Parameter, Parameters, Start, State};
pub use ndarray;
pub use plan::{Request, outcome};
pub use results::{CellResult, Outcome};
pub use store::{MapFile, StoredAxis};
pub use sweep::{Map, Summary, Sweep};
pub use trace::{Motion, MotionSummary, Spectrum, Trajectory, TrajectoryRequest, integrate, trajectory};
