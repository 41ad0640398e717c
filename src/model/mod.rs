//! The physics of one neuron in f64: no grid, no device, no file.

mod conductance;
mod family;
mod lattice;
mod neuron;
mod parameters;
pub mod physical;
mod profile;
mod start;
mod step;

pub use conductance::{Conductance, Elements, MAX_DERIVATIVES};
pub use family::{Blend, Family};
pub use neuron::{State, conductance, derivative};
pub use parameters::{COUNT, Info, Parameter, Parameters, Range, TABLE};
pub use profile::{ORDERS, Profile};
pub use start::{BESIDE, BRANCHES, Branch, Start, beside};
pub use step::{ACCURATE_STIFF, ACCURATE_TURN, Envelope, FINER, Rates, STABLE, Within};
