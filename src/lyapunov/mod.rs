//! Largest Lyapunov exponents: motions with one tangent each, many side by side.
//!
//! How fast neighbours leave a motion is the mean growth of a tangent to it. Positive: the motion is chaotic; 0: it is
//! quasiperiodic, if it is modulated, or a cycle.

mod exponent;
mod follow;
mod lanes;
#[expect(clippy::module_inception, reason = "the main type of this module has a file of its own name")]
mod lyapunov;
mod path;
mod vector;

pub use exponent::{Exponent, exponent, left_out};
pub use follow::{Followed, follow};
pub use lyapunov::{FOLDS, LATE_FOLDS, Lyapunov, MODULATED, MODULATIONS, PERIODS, Question, lyapunov, watched_for};
pub use path::{Path, STRETCH, Stretch, depth, extent, extents, lowest};
