//! The largest value of a quantity of stable cycles over some parameters within bounds.
//!
//! A coarse sweep finds where the quantity is large; from there cycles are followed by Newton's method in f64, and a
//! quadratic model of the quantity and of the conditions, from differences of neighbouring cycles, is maximised in a
//! box around the present point (sequential quadratic programming with a trust region), until the step is below 1e-7
//! of the ranges.
//!
//! Why no library: the bounded methods of those in Rust take a function that has a value everywhere. Here a cycle may
//! not exist at a trial point, and each value is a cycle that has to be followed from a neighbour.

mod basins;
mod condition;
mod edge;
mod follow;
mod local_model;
mod over;
mod quantity;
mod ray;
mod refine;
mod ridge;
mod search;
mod step;
mod working_point;

pub use condition::Condition;
pub use edge::Edge;
pub use over::Over;
pub use quantity::{QUANTITIES, Quantity};
pub use ray::{BoundaryPoint, Held};
pub use ridge::RidgePoint;
pub use search::{Border, Found, Optimum, Task, optimum};
pub use working_point::{Widest, WorkingPoint, widest};
