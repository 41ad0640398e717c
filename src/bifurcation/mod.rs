//! The static theory: equilibria, folds and cusps, linear stability, Hopf points, and curves of
//! each in two parameters.
//!
//! Covers Sec. III, Sec. IV up to Eq. 16, and Appendices E and F of the paper, in f64.

mod amplitude_law;
mod branches;
mod codimension;
mod curves;
mod equilibrium_lines;
mod hopf;
mod hopf_points;
mod iv_curve;
mod lyapunov;
mod marching_tetrahedra;
mod modes;
mod plane;
mod roots;
mod slow_manifold;
mod stability;
mod starts;
mod test_functions;
mod trapping;

pub use amplitude_law::{AmplitudeLaw, amplitude_law};
pub use branches::{Branch, branches};
pub use codimension::{Codimension2, SpecialPoint, special_point_near};
pub use curves::{Curves, curves, hopf_curves};
pub use equilibrium_lines::{
    EquilibriumLines, LinePoint, SpecialEquilibrium, SpecialEquilibriumKind, equilibrium_lines,
};
pub use hopf::{HopfPoint, hopf_points_along_v_n, is_degenerate_at_0, no_hopf};
pub use hopf_points::{hopf_point_near, hopf_points};
pub use iv_curve::{Cusp, Fold, IvCurve, IvSamples, Voltages};
pub use lyapunov::{Lyapunov, lyapunov, lyapunov_of};
pub use modes::{Mode, oscillation};
pub use plane::{CurveKind, Point, Side};
pub use slow_manifold::{SlowManifoldEnd, end_of_slow_manifold};
pub use stability::{Equilibrium, Linear, Stability, equilibria, equilibria_on};
pub use starts::{branch_index, only_start_state, start_state};
pub use trapping::{TrappingRegion, trapping_region, trapping_region_by};
