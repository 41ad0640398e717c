//! One neuron in time: its trajectory, its spectrum, ramps, and a map's cell run again.

mod hysteresis;
mod ramp;
mod record;
mod record_ramp;
mod replay;
mod spectrum;
mod trajectory;

pub use hysteresis::{Hysteresis, hysteresis};
pub use ramp::{DIRECTIONS, Ramp, check as check_ramp, ramp};
pub use record::record;
pub use record_ramp::record_ramp;
pub use replay::{Replay, replay};
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{Motion, Trajectory, Trial, integrate};
