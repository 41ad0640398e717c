//! The static theory: equilibria, folds and cusps, linear stability, Hopf points, and curves of each in two parameters.
//!
//! Sec. III, Sec. IV up to Eq. 16, and Appendices E and F of the paper, in f64.

mod along;
mod basin;
mod branches;
mod curves;
mod hopf;
mod landscape;
mod lyapunov;
mod march;
mod plane;
mod roots;
mod stability;
mod tester;

pub use along::along;
pub use basin::{Basin, basin};
pub use branches::{Branch, branches};
pub use curves::{Curves, curves};
pub use hopf::{HopfPoint, along_input, no_hopf};
pub use landscape::{Cusp, Landscape};
pub use lyapunov::{Lyapunov, lyapunov};
pub use plane::{Kind, Point, Side};
pub use stability::{Equilibrium, Linear, Stability, equilibria};
