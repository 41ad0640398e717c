//! One neuron in time: its trajectory and its spectrum.

mod motion;
mod record;
mod spectrum;
mod trajectory;

pub use motion::{Motion, MotionSummary};
pub use record::record;
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{Trajectory, TrajectoryRequest, integrate, trajectory};
