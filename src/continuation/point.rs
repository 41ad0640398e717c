//! What a branch is made of: points, special points, ends.

use crate::model::State;
use nalgebra::Complex;

/// A cycle of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Value of the continued parameter.
    pub value: f64,
    /// State at the highest maximum of V.
    pub state: State<f64>,
    /// Period, in tau_c.
    pub period: f64,
    /// Smallest V.
    pub v_min: f64,
    /// Largest V.
    pub v_max: f64,
    /// Mean of V over the period.
    pub v_mean: f64,
    /// Mean of the current I = g V over the period.
    pub current: f64,
    /// Mean of the power g V² over the period.
    pub power: f64,
    /// Number of maxima of V in a period.
    pub maxima: u32,
    /// Floquet multipliers: the trivial one, 1, first, then the others, largest modulus first.
    pub multipliers: [Complex<f64>; 4],
}

impl Point {
    /// Span V_max - V_min.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.v_max - self.v_min
    }

    /// Whether all multipliers but the trivial one are inside the unit circle.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.multipliers[1].norm() < 1.0
    }

    /// Number of multipliers outside the unit circle.
    pub(super) fn unstable(&self) -> usize {
        self.multipliers[1..].iter().filter(|m| m.norm() > 1.0).count()
    }
}

/// Kind of a special point of a branch of cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SpecialKind {
    /// Andronov–Hopf point, where the cycle shrinks to an equilibrium.
    Hopf = 0,
    /// Fold of cycles (limit point of cycles), where two cycles are born: a multiplier is 1.
    Fold = 1,
    /// Period doubling: a multiplier is -1.
    Doubling = 2,
    /// Neimark–Sacker point, where a torus is born: a pair of multipliers is on the unit circle.
    NeimarkSacker = 3,
    /// Homoclinic orbit to an equilibrium: the period grows without bound.
    Homoclinic = 4,
}

impl SpecialKind {
    /// All kinds, by number.
    pub const ALL: [Self; 5] = [Self::Hopf, Self::Fold, Self::Doubling, Self::NeimarkSacker, Self::Homoclinic];

    /// Name of the kind in reports, files and pictures.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["Hopf", "LPC", "PD", "NS", "homoclinic"][self as usize]
    }
}

/// A special point of a branch of cycles.
#[derive(Debug, Clone, PartialEq)]
pub struct Special {
    /// Kind of the point.
    pub kind: SpecialKind,
    /// Value of the continued parameter.
    pub value: f64,
    /// Span of the cycle; 0 at a Hopf point.
    pub span: f64,
    /// Period, in tau_c; infinite at a homoclinic orbit.
    pub period: f64,
    /// Largest V of the cycle.
    pub v_max: f64,
    /// V of the equilibrium at a Hopf point or a homoclinic orbit; else NaN.
    pub equilibrium: f64,
    /// Number of points of the branch before it.
    pub after: usize,
}

/// Why a branch ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The end of the parameter's range.
    Range,
    /// A Hopf point, where the cycle shrinks to an equilibrium.
    Hopf,
    /// A period doubling of a cycle with half the period.
    Doubling,
    /// A homoclinic orbit.
    Homoclinic,
    /// The branch closes.
    Loop,
    /// Cycles are isolated no longer; the text says why.
    Degenerate(&'static str),
    /// As many points as are computed at most.
    Points,
    /// Newton's method needs steps too small; the text says why.
    Step(String),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Range => write!(f, "the end of the range"),
            End::Hopf => write!(f, "a Hopf point"),
            End::Doubling => write!(f, "a period doubling, with half the period"),
            End::Homoclinic => write!(f, "a homoclinic orbit"),
            End::Loop => write!(f, "it closes"),
            End::Degenerate(why) => write!(f, "{why}"),
            End::Points => write!(f, "the limit of 2000 cycles"),
            End::Step(why) => write!(f, "the steps became too small: {why}"),
        }
    }
}

/// Where a branch comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Origin {
    /// A Hopf point, at this value of the parameter.
    Hopf(f64),
    /// A cycle that a motion settles on, at this value of the parameter.
    Start(f64),
    /// The period doubling at this value of the parameter, of the branch with this number.
    Doubling(usize, f64),
}

/// A branch of cycles along one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleBranch {
    /// Where it comes from.
    pub origin: Origin,
    /// Cycles in their order along the branch.
    pub points: Vec<Point>,
    /// Special points in their order along the branch.
    pub special: Vec<Special>,
    /// Why the branch ends at its beginning and at its end.
    pub ends: [End; 2],
}
