//! Cycles as branches: pseudo-arclength continuation along one parameter, stable and unstable alike, with the
//! bifurcations on the way.
//!
//! A cycle is the solution of a boundary value problem by multiple shooting; its Floquet multipliers come from the same
//! linear equations. Curves of the bifurcations in the plane of two parameters are followed the same way. Names of special points are Kuznetsov's and MatCont's.

mod branch;
mod diagram;
mod elimination;
mod ends;
mod extent;
mod family;
mod flow;
#[cfg(test)]
mod homoclinic_tests;
mod mesh;
mod multipliers;
#[cfg(test)]
mod neighbour_tests;
mod node;
mod plane_curve;
mod plane_curves;
mod plane_point;
mod plane_seeds;
#[cfg(test)]
mod plane_tests;
mod point;
mod resonances;
mod search;
mod shooting;
mod special;
mod starts;
mod step_control;
mod watch;

pub use diagram::{Diagram, diagram, diagram_watched};
pub use plane_curves::{CycleCurves, cycle_curves};
pub use plane_point::{CurveEnd, CycleCurve, CycleCurveKind, PlanePoint};
pub use point::{CycleBranch, End, Origin, Point, Special, SpecialKind};
pub use search::{Ending, MOST_STEPS, Started, cycle_from, cycle_from_watched, trial_values};
pub use watch::Watch;
