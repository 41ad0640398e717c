//! One neuron in time: its trajectory and its spectrum, its bursts, what drives it, and its response to an input.

mod bursts;
mod cell;
mod driven;
mod equations;
mod maxima;
mod means;
mod motion;
mod record;
mod spectrum;
mod trajectory;

pub use crate::plan::Input;
pub use bursts::{Burst, Bursts, bursts};
pub use cell::{STRETCH, cell_means, cell_response, held_means};
pub use driven::integrate_driven;
pub use equations::Model;
pub use means::{Means, Quantities, means, quantities};
pub use motion::{Motion, MotionSummary};
pub use record::record;
pub use spectrum::{Spectrum, spectrum};
pub use trajectory::{Trajectory, TrajectoryRequest, integrate, trajectory};
