//! One neuron in time: its trajectory and its spectrum.

mod record;
mod spectrum;
mod trajectory;

pub use record::record;
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{MotionSummary, Trajectory, TrajectoryRequest, integrate, trajectory};
