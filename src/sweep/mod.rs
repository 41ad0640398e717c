//! Sweeps: what was asked, made into a plan, and run into a map.

mod doubt;
mod edge;
pub mod pace;
mod plan;
mod request;
mod run;

pub use doubt::doubt;
pub use edge::{Edge, EdgeDistance, curves_of, side};
pub use plan::Plan;
pub use request::{Request, Start, parse_settings};
pub use run::{Summary, recompute, run};
