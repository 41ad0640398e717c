//! What a curve of bifurcations of cycles in a plane is made of: points, special points, ends.

use crate::bifurcation::{Codimension2, SpecialPoint};
use crate::model::{Parameter, State};
use nalgebra::Complex;

/// Kind of a curve of bifurcations of cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CycleCurveKind {
    /// Folds of cycles (limit points of cycles).
    Fold = 0,
    /// Period doublings.
    Doubling = 1,
    /// Neimark–Sacker points.
    NeimarkSacker = 2,
}

impl CycleCurveKind {
    /// All kinds, by number.
    pub const ALL: [Self; 3] = [Self::Fold, Self::Doubling, Self::NeimarkSacker];

    /// Name of the kind in reports, files and pictures.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["LPC", "PD", "NS"][self as usize]
    }
}

/// A point of a curve: a cycle at its bifurcation.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanePoint {
    /// Values of the plane's two parameters.
    pub values: [f64; 2],
    /// State at the highest maximum of V.
    pub state: State<f64>,
    /// Period, in `tau_c`.
    pub period: f64,
    /// Smallest V.
    pub v_min: f64,
    /// Largest V.
    pub v_max: f64,
    /// Nontrivial Floquet multipliers, largest modulus first.
    pub multipliers: [Complex<f64>; 3],
}

impl PlanePoint {
    /// Span `V_max` - `V_min`.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.v_max - self.v_min
    }
}

/// Why a curve ends.
#[derive(Debug, Clone, PartialEq)]
pub enum CurveEnd {
    /// A side of the plane: the parameter and its value.
    Side(Parameter, f64),
    /// Next to a value of a parameter at which no cycle is isolated.
    Degenerate(Parameter),
    /// The curve closes.
    Loop,
    /// A point of codimension 2.
    At(Codimension2),
    /// A Hopf curve, where the cycle shrinks to an equilibrium.
    Hopf,
    /// Period doublings, where two halves of the cycle become one of half the period.
    Doubling,
    /// A homoclinic orbit: the period grows without bound.
    Homoclinic,
    /// As many points, or steps of integration, as are computed at most.
    Limit(String),
    /// Steps too small; the text says why.
    Step(String),
}

impl CurveEnd {
    /// Numbers and names of the kinds of ends in files.
    pub const NAMES: [&'static str; 9] =
        ["side", "degenerate", "closes", "codimension_2", "hopf", "homoclinic", "limit", "steps_too_small", "doubling"];

    /// Number of the kind of end.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self {
            CurveEnd::Side(..) => 0,
            CurveEnd::Degenerate(_) => 1,
            CurveEnd::Loop => 2,
            CurveEnd::At(_) => 3,
            CurveEnd::Hopf => 4,
            CurveEnd::Homoclinic => 5,
            CurveEnd::Limit(_) => 6,
            CurveEnd::Step(_) => 7,
            CurveEnd::Doubling => 8,
        }
    }
}

impl std::fmt::Display for CurveEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CurveEnd::Side(parameter, value) => {
                write!(f, "a side of the plane, {} = {}", parameter.name(), crate::error::short(*value))
            }
            CurveEnd::Degenerate(parameter) => write!(f, "next to {} = 0, which is degenerate", parameter.name()),
            CurveEnd::Loop => write!(f, "it closes"),
            CurveEnd::At(kind) => write!(f, "{} ({})", kind.name(), kind.label()),
            CurveEnd::Hopf => write!(f, "a Hopf curve"),
            CurveEnd::Doubling => write!(f, "a curve of period doublings, with half the period"),
            CurveEnd::Homoclinic => write!(f, "a homoclinic orbit: the period grows without bound"),
            CurveEnd::Limit(what) => write!(f, "the limit of {what}"),
            CurveEnd::Step(why) => write!(f, "the steps became too small: {why}"),
        }
    }
}

/// A curve of bifurcations of cycles in the plane of two parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleCurve {
    /// What its points are.
    pub kind: CycleCurveKind,
    /// Points in their order along the curve.
    pub points: Vec<PlanePoint>,
    /// Points of codimension 2, each with the number of points before it, in their order along the curve.
    pub special: Vec<(usize, SpecialPoint)>,
    /// Why the curve ends at its beginning and at its end.
    pub ends: [CurveEnd; 2],
}
