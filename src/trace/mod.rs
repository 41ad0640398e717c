//! One neuron in time: its trajectory and its spectrum, its bursts, what drives it, and its response to an input.

mod asked_for;
mod bursts;
mod cell;
mod driven;
mod equations;
mod maxima;
mod means;
mod motion;
mod noise;
mod periods;
mod record;
mod spectrum;
mod trajectory;

pub use crate::plan::Input;
pub use asked_for::{asked_for, response_start};
pub use bursts::{Burst, Bursts, bursts};
pub use cell::{
    BURST_PERIODS, STRETCH, cell_means, cell_response, held_means, interval_of_bursts, response_step, stretch,
};
pub use driven::{integrate_driven, integrate_forced, integrate_free, integrate_noisy};
pub use equations::Model;
pub use means::{Means, Quantities, means, quantities};
pub use motion::{Motion, MotionSummary};
pub use noise::Noise;
pub use periods::{Periods, periods};
pub use record::record;
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{Trajectory, TrajectoryRequest, integrate, trajectory};
