//! Where a neuron starts: one set of names for sweeps, ramps, trajectories and the starts of a finished map.

use super::neuron::State;
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// Where a neuron starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// At rest with its bath, the bias just switched on: (0, 0, Z_T, 0).
    Rest,
    /// Near each of the equilibria in turn: one more dimension of a map, [`BRANCHES`].
    Equilibria,
    /// Near one of them.
    Near(Branch),
    /// At this state.
    At(State<f64>),
}

/// An equilibrium, by its order in V.
///
/// Of two equilibria, both are outer ones; of one, it is the lower one; of more than three, the one between the outer
/// ones that grows fastest is the middle one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// The one of lowest V.
    Lower,
    /// The one between.
    Middle,
    /// The one of highest V.
    Upper,
}

/// Names of the branches, in order.
pub const BRANCHES: [&str; 3] = ["lower", "middle", "upper"];
/// How far a start near an equilibrium is from it, in X; Z goes along the Bloch sphere.
pub const PERTURBATION: f64 = 1e-3;

/// The start near an equilibrium at voltage `v`: X = 0.001, Y = 0, Z = Z_T (1 - 10⁻⁶).
#[must_use]
pub fn near_equilibrium(v: f64, z_t: f64) -> State<f64> {
    State { x: PERTURBATION, y: 0.0, z: z_t * (1.0 - PERTURBATION * PERTURBATION), v }
}

const ONE: &str = "rest, lower, middle, upper, or X,Y,Z,V";
const SEVERAL: &str = "rest, equilibria, lower, middle, upper, or X,Y,Z,V";

impl Branch {
    /// All of them, in order of V.
    pub const ALL: [Self; 3] = [Self::Lower, Self::Middle, Self::Upper];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        BRANCHES[self as usize]
    }
}

impl Start {
    /// Reads a start where only one makes sense: `equilibria` is refused.
    ///
    /// # Errors
    /// [`Error::Request`]: no start, or several.
    pub fn one(text: &str) -> Result<Self> {
        match Self::read(text, ONE)? {
            Start::Equilibria => Err(Error::request(
                "one start is needed here, and 'equilibria' is several",
                format!("give --start {ONE}"),
            )),
            start => Ok(start),
        }
    }

    fn read(text: &str, forms: &str) -> Result<Self> {
        let text = text.trim();
        let remedy = || format!("give --start {forms}");
        match text {
            "rest" => return Ok(Start::Rest),
            "equilibria" => return Ok(Start::Equilibria),
            _ => {}
        }
        if let Some(branch) = Branch::ALL.into_iter().find(|b| b.name() == text) {
            return Ok(Start::Near(branch));
        }
        let numbers: std::result::Result<Vec<f64>, _> = text.split(',').map(|n| n.trim().parse::<f64>()).collect();
        let Ok([x, y, z, v]) = numbers.as_deref() else {
            return Err(Error::request(format!("'{text}' is not a start"), remedy()));
        };
        let state = State { x: *x, y: *y, z: *z, v: *v };
        if ![x, y, z, v].iter().all(|n| n.is_finite()) {
            return Err(Error::request(format!("the start {text} is not finite"), remedy()));
        }
        let norm = state.bloch_norm_squared();
        if norm > 1.0 + 1e-12 {
            return Err(Error::request(
                format!("the start {text} lies outside the Bloch sphere: X² + Y² + Z² = {norm}"),
                "choose X, Y, Z with X² + Y² + Z² of at most 1",
            ));
        }
        Ok(Start::At(state))
    }

    /// How many starts a cell has.
    #[must_use]
    pub fn count(self) -> usize {
        if self == Start::Equilibria { BRANCHES.len() } else { 1 }
    }

    /// Whether it is near an equilibrium.
    #[must_use]
    pub fn is_near_equilibria(self) -> bool {
        matches!(self, Start::Equilibria | Start::Near(_))
    }
}

impl FromStr for Start {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text, SEVERAL)
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Start::Rest => write!(f, "rest"),
            Start::Equilibria => write!(f, "equilibria"),
            Start::Near(branch) => write!(f, "{}", branch.name()),
            Start::At(s) => write!(f, "{},{},{},{}", s.x, s.y, s.z, s.v),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stay_inside_the_sphere() {
        for text in ["rest", "equilibria", "lower", "middle", "upper", "0,0.6,0.8,-2"] {
            assert_eq!(text.parse::<Start>().unwrap().to_string(), text);
        }
        for bad in ["1,1,1,0", "0,0,nan,0", "0,0,1", "sleep", "0,0,1,inf", "", "equilibrium", "equilibrium:1", "Lower"]
        {
            assert!(bad.parse::<Start>().is_err(), "{bad}");
        }
    }

    #[test]
    fn fault_25_hints_name_only_starts_that_are_taken() {
        let hint = |e: Error| e.to_string().split_once("--start").unwrap().1.to_string();
        assert!(hint("sleep".parse::<Start>().unwrap_err()).contains("equilibria"));
        for refused in ["sleep", "equilibria", "0,0,nan,0"] {
            assert!(!hint(Start::one(refused).unwrap_err()).contains("equilibria"), "{refused}");
        }
    }
}
