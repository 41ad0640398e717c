//! The state a neuron starts from: one set of names for sweeps, ramps, trajectories and the starts
//! of a finished map.

use super::neuron::State;
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// The state, or the states, that a neuron starts from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Start {
    /// In equilibrium with its bath, the bias just switched on: (0, 0, Z_T, 0).
    #[default]
    Rest,
    /// Near each equilibrium: one start per branch, a further dimension [`BRANCHES`] of a map.
    Equilibria,
    /// Near the equilibrium of one branch.
    Near(Branch),
    /// At an explicit state.
    At(State<f64>),
}

/// An equilibrium, by its order in V.
///
/// With two equilibria, they are the lower and the upper one; a single one is the lower one; with
/// more than three, the middle one is the one between the outer ones that grows fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// The equilibrium of lowest V.
    Lower,
    /// The equilibrium between the lowest and the highest V.
    Middle,
    /// The equilibrium of highest V.
    Upper,
}

/// Names of the branches, in order.
pub const BRANCHES: [&str; 3] = ["lower", "middle", "upper"];
/// Distance in X of a start from its equilibrium; Z is lowered to stay inside the Bloch sphere.
pub const PERTURBATION: f64 = 1e-3;

/// The start near an equilibrium at voltage `v`: X = 0.001, Y = 0, Z = Z_T (1 - 10⁻⁶).
#[must_use]
pub fn near_equilibrium(v: f64, z_t: f64) -> State<f64> {
    State { x: PERTURBATION, y: 0.0, z: z_t * (1.0 - PERTURBATION * PERTURBATION), v }
}

const ONE: &str = "rest, lower, middle, upper, or X,Y,Z,V";
const SEVERAL: &str = "rest, equilibria, lower, middle, upper, or X,Y,Z,V";

impl Branch {
    /// All branches, in order of V.
    pub const ALL: [Self; 3] = [Self::Lower, Self::Middle, Self::Upper];

    /// Name of the branch.
    #[must_use]
    pub fn name(self) -> &'static str {
        BRANCHES[self as usize]
    }
}

impl Start {
    /// Parses a single start: `equilibria` is refused.
    ///
    /// # Errors
    /// [`Error::Request`] if the text is not a start, or is several starts.
    pub fn one(text: &str) -> Result<Self> {
        Self::read(text, ONE)?.single()
    }

    /// The start itself, if it is a single one.
    ///
    /// # Errors
    /// [`Error::Request`] for [`Start::Equilibria`].
    pub fn single(self) -> Result<Self> {
        match self {
            Start::Equilibria => Err(Error::request(
                "one start is needed here, and 'equilibria' is several",
                format!("give `start` {ONE}"),
            )),
            start => Ok(start),
        }
    }

    fn read(text: &str, forms: &str) -> Result<Self> {
        let text = text.trim();
        let remedy = || format!("give `start` {forms}");
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
        let start = Start::At(State { x: *x, y: *y, z: *z, v: *v });
        start.check()?;
        Ok(start)
    }

    /// Checks that a start at an explicit state is finite and inside the Bloch sphere.
    ///
    /// # Errors
    /// [`Error::Request`] if it is not.
    pub fn check(&self) -> Result<()> {
        let Start::At(state) = self else { return Ok(()) };
        if ![state.x, state.y, state.z, state.v].iter().all(|n| n.is_finite()) {
            return Err(Error::request(format!("the start {self} is not finite"), "give `start` four finite numbers"));
        }
        let norm = state.bloch_norm_squared();
        if norm > 1.0 + 1e-12 {
            return Err(Error::request(
                format!("the start {self} is outside the Bloch sphere: X² + Y² + Z² = {norm}"),
                "choose X, Y, Z with X² + Y² + Z² of at most 1",
            ));
        }
        Ok(())
    }

    /// Number of starts per cell.
    #[must_use]
    pub fn count(self) -> usize {
        if self == Start::Equilibria { BRANCHES.len() } else { 1 }
    }

    /// Whether the start is near an equilibrium or several.
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

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
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
        let hint = |e: Error| e.to_string().split_once("`start`").unwrap().1.to_string();
        assert!(hint("sleep".parse::<Start>().unwrap_err()).contains("equilibria"));
        for refused in ["sleep", "equilibria", "0,0,nan,0"] {
            assert!(!hint(Start::one(refused).unwrap_err()).contains("equilibria"), "{refused}");
        }
    }
}
