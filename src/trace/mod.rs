//! One neuron in time: its trajectory, its spectrum, and a map's cell run again.

mod record;
mod replay;
mod spectrum;
mod trajectory;

pub use record::record;
pub use replay::{Replay, replay};
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{Beginning, Motion, Trajectory, Trial, integrate};
