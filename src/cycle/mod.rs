//! Limit cycles of one neuron by Newton's method on its return map, in f64.
//!
//! A cycle of period T is a point u on the section dV/dt = 0 with φ_T(u) = u, where φ is the flow of
//! Eq. 10. Newton's method solves both conditions for (u, T); the derivative of φ comes from the
//! variational equation, carried through the same steps of RK4. Its eigenvalues are the Floquet
//! multipliers: the cycle is stable if all but the trivial one are inside the unit circle.

#[expect(clippy::module_inception, reason = "the main type of this module has a file of its own name")]
mod cycle;
pub(crate) mod dop853;
mod field;
mod orbit;
mod search;

pub use cycle::Cycle;
pub use field::{Field, point, state};
pub use orbit::{OrbitPoint, orbit_from};
pub use search::{Settled, cycle, cycle_nearby, cycle_within, next_maximum};
