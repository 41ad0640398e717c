//! Which equations a trajectory is of.

/// The equations that are integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Model {
    /// Eq. 10.
    #[default]
    Full,
    /// Eq. 10 with Z held at Z_T: the pendulum of Eqs. 15 and 16.
    ///
    /// d²X/dt² + 2 (Gamma + Z_T R_n F_01 V) dX/dt + (Omega² + Gamma²) X = ε(X, V) is the same as the rates of X and Y, with ε what
    /// is left of 2 Z_T (d²V/dt² + Gamma dV/dt).
    Pendulum,
}

impl Model {
    /// Name in reports and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Model::Full => "full",
            Model::Pendulum => "pendulum",
        }
    }
}
