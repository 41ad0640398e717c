//! The state a neuron starts from: one set of names for sweeps, ramps, trajectories and the starts
//! of a finished map.

use super::neuron::State;
use crate::error::{Error, Result};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
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
    /// At several states drawn at random, the same draws in every cell: see [`random_state`].
    Random {
        /// Number of states.
        count: u8,
        /// Seed of the draws.
        seed: u64,
    },
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

/// Fewest and most random starts.
const RANDOM: (u8, u8) = (2, 200);

/// State `number` of those drawn with this seed: X, Y, Z uniform in the unit ball, V uniform from 0 to V_n, between
/// which every attractor is.
#[must_use]
pub fn random_state(seed: u64, number: usize, v_n: f64) -> State<f64> {
    let mut generator = Pcg64::seed_from_u64(seed.wrapping_add((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    // 53 bits, from 0 to below 1.
    let mut uniform = || (generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
    loop {
        let [x, y, z] = std::array::from_fn(|_| 2.0 * uniform() - 1.0);
        let state = State { x, y, z, v: v_n * uniform() };
        if state.bloch_norm_squared() <= 1.0 {
            return state;
        }
    }
}

const ONE: &str = "rest, lower, middle, upper, or X,Y,Z,V";
const SEVERAL: &str = "rest, equilibria, lower, middle, upper, X,Y,Z,V, or a number of random starts";

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
    /// [`Error::Request`] for [`Start::Equilibria`] and [`Start::Random`].
    pub fn single(self) -> Result<Self> {
        if self.count() == 1 {
            return Ok(self);
        }
        let problem = format!("one start is needed here, and '{self}' is several");
        Err(Error::request(problem, format!("give `start` {ONE}")))
    }

    /// Names of the starts, if they are several: the entries of a map's dimension `start`.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        match self {
            Start::Equilibria => BRANCHES.map(String::from).to_vec(),
            Start::Random { count, .. } => (1..=count).map(|n| format!("random_{n}")).collect(),
            _ => Vec::new(),
        }
    }

    /// A number of random starts, and a seed after a colon.
    fn random(text: &str) -> Option<Result<Self>> {
        let (count, seed) = text.split_once(':').unwrap_or((text, "1"));
        let (count, seed) = (count.trim().parse::<u64>().ok()?, seed.trim().parse::<u64>().ok()?);
        let (least, most) = RANDOM;
        let fits = u8::try_from(count).ok().filter(|n| (least..=most).contains(n));
        Some(fits.map(|count| Start::Random { count, seed }).ok_or_else(|| {
            Error::request(format!("{count} random starts are not {least} to {most}"), "give a number between")
        }))
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
        if let Some(random) = Self::random(text) {
            return random;
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
        match self {
            Start::Equilibria => BRANCHES.len(),
            Start::Random { count, .. } => count.into(),
            _ => 1,
        }
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
            Start::Random { count, seed } => write!(f, "{count}:{seed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stay_inside_the_sphere() {
        for text in ["rest", "equilibria", "lower", "middle", "upper", "0,0.6,0.8,-2", "64:3"] {
            assert_eq!(text.parse::<Start>().unwrap().to_string(), text);
        }
        for bad in [
            "1,1,1,0",
            "0,0,nan,0",
            "0,0,1",
            "sleep",
            "0,0,1,inf",
            "",
            "equilibrium",
            "equilibrium:1",
            "Lower",
            "1",
            "201",
            "-3",
            "8:x",
        ] {
            assert!(bad.parse::<Start>().is_err(), "{bad}");
        }
    }

    #[test]
    fn random_starts_fill_the_ball_and_the_voltages() {
        assert_eq!("12".parse::<Start>().unwrap(), Start::Random { count: 12, seed: 1 });
        assert_eq!("2".parse::<Start>().unwrap().names(), ["random_1", "random_2"]);
        let all: Vec<_> = (0..2000).map(|n| random_state(7, n, -4.0)).collect();
        assert!(all.iter().all(|s| s.bloch_norm_squared() <= 1.0 && (-4.0..=0.0).contains(&s.v)));
        // Half of the ball's volume is outside 0.79 of its radius, and each octant holds an eighth.
        let outside = all.iter().filter(|s| s.bloch_norm_squared() > 0.63).count();
        let octant = all.iter().filter(|s| s.x > 0.0 && s.y > 0.0 && s.z > 0.0).count();
        let low = all.iter().filter(|s| s.v < -2.0).count();
        assert!(outside.abs_diff(1000) < 110 && octant.abs_diff(250) < 75 && low.abs_diff(1000) < 110);
        assert_eq!(random_state(7, 3, -4.0), all[3]);
        assert_ne!(random_state(8, 3, -4.0), all[3]);
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
