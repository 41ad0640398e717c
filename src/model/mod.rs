//! The physics of one neuron in f64, without grids, devices or files.

mod conductance;
mod device;
mod f00_jets;
mod family;
mod lattice;
mod neuron;
mod parameters;
pub mod physical;
mod start;
mod step;

pub use conductance::{Conductance, Elements, MAX_DERIVATIVES};
pub use device::{COUNTERPARTS, DELTA_OMEGA, Device, axis_names};
pub use f00_jets::{F00Jets, ORDERS, TERMS as JET_TERMS};
pub use family::{Blend, Family};
pub use neuron::{State, conductance, derivative};
pub use parameters::{PARAMETER_COUNT, PARAMETERS, Parameter, ParameterInfo, Parameters, Range};
pub use start::{BRANCHES, Branch, PERTURBATION, Start, near_equilibrium, random_state};
pub use step::{ACCURATE_ROTATION, ACCURATE_STIFF, Envelope, FINER, ParameterRanges, Rates, STABLE};
