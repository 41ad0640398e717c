//! Points of codimension 2 in the plane of two parameters: their names, and those of equilibria, refined.

use super::hopf::is_degenerate_at_0;
use super::lyapunov::lyapunov;
use super::plane::{Plane, Side};
use super::test_functions::{TestFunctions, TestValues, newton};
use crate::model::Parameters;
use std::f64::consts::TAU;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $label:literal;)*) => {
        /// Kind of a point of codimension 2; its number is its place in this list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Codimension2 {
            $($(#[$doc])* $variant,)*
        }

        impl Codimension2 {
            /// All kinds, by number.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Name of the kind in reports and files.
            #[must_use]
            pub fn name(self) -> &'static str {
                [$($name),*][self as usize]
            }

            /// Short label in pictures, as in MatCont.
            #[must_use]
            pub fn label(self) -> &'static str {
                [$($label),*][self as usize]
            }
        }
    };
}

kinds! {
    /// Cusp, where two folds meet.
    Cusp = "cusp", "CP";
    /// Bogdanov–Takens point: a fold with two eigenvalues of 0, where a Hopf curve ends.
    BogdanovTakens = "Bogdanov-Takens", "BT";
    /// Generalised Hopf (Bautin) point: the first Lyapunov coefficient is 0, and a fold of cycles begins.
    GeneralisedHopf = "generalised Hopf", "GH";
    /// Zero-Hopf (fold–Hopf) point: eigenvalues of 0 and of ± i omega.
    ZeroHopf = "zero-Hopf", "ZH";
    /// Cusp of cycles, where two folds of cycles meet.
    CuspOfCycles = "cusp of cycles", "CPC";
    /// Fold–flip point: multipliers of 1 and of -1.
    FoldFlip = "fold-flip", "LPPD";
    /// Strong resonance 1:1: two multipliers of 1.
    Resonance1 = "1:1 resonance", "R1";
    /// Strong resonance 1:2: two multipliers of -1.
    Resonance2 = "1:2 resonance", "R2";
    /// Strong resonance 1:3: multipliers of exp(± 2 pi i / 3).
    Resonance3 = "1:3 resonance", "R3";
    /// Strong resonance 1:4: multipliers of ± i.
    Resonance4 = "1:4 resonance", "R4";
    /// Fold–Neimark–Sacker point: a multiplier of 1 and a pair on the unit circle.
    FoldNeimarkSacker = "fold-Neimark-Sacker", "LPNS";
    /// Flip–Neimark–Sacker point: a multiplier of -1 and a pair on the unit circle.
    FlipNeimarkSacker = "flip-Neimark-Sacker", "PDNS";
    /// Generalised period doubling: a period doubling where a fold of cycles of twice the period begins.
    GeneralisedDoubling = "generalised period doubling", "GPD";
}

/// A point of codimension 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpecialPoint {
    /// Kind of the point.
    pub kind: Codimension2,
    /// Value of the plane's first parameter.
    pub x: f64,
    /// Value of the plane's second parameter.
    pub y: f64,
    /// Voltage of the equilibrium, or largest voltage of the cycle.
    pub v: f64,
    /// Period of the cycle, or of the oscillation at a Hopf point, in units of `tau_c`; NaN where there is none.
    pub period: f64,
}

/// Share of a range next to a degenerate value in which test functions are 0 to rounding.
const NEXT_TO_DEGENERATE: f64 = 1e-6;
/// Distance of two points, relative to the ranges, at which they are the same.
const SAME: f64 = 1e-7;

impl SpecialPoint {
    /// Whether this is the same point, in a plane of this size.
    pub(super) fn is_same(&self, other: &Self, [_, width, height]: [f64; 3]) -> bool {
        self.kind == other.kind
            && (self.x - other.x).abs() <= SAME * width
            && (self.y - other.y).abs() <= SAME * height
            && (self.v - other.v).abs() <= SAME.sqrt() * (1.0 + self.v.abs())
    }
}

/// l_1 times ∂V̇/∂V, which does not grow without bound at a zero-Hopf point; 0 at a generalised Hopf point alone.
fn bautin(functions: &TestFunctions, v: f64, p: &Parameters<f64>) -> f64 {
    let f = functions.derivatives(v, p);
    let t = TestValues::of(v, p, &f);
    let coefficient = (t.c_1 > 0.0).then(|| lyapunov(v, t.c_1.sqrt(), p, &f)).flatten();
    coefficient.map_or(f64::NAN, |l| l.coefficient * t.fold)
}

impl Plane<'_> {
    /// The point of a kind at a place.
    fn special(&self, kind: Codimension2, at: [f64; 3]) -> SpecialPoint {
        let [v, x, y] = at;
        let period = match kind {
            Codimension2::GeneralisedHopf | Codimension2::ZeroHopf => TAU / self.tests(at).c_1.max(0.0).sqrt(),
            _ => f64::NAN,
        };
        SpecialPoint { kind, x, y, v, period }
    }

    fn bautin(&self, at: [f64; 3]) -> f64 {
        bautin(self.functions(), at[0], &self.parameters(at))
    }

    /// The point of a kind next to a guess, by Newton's method on its conditions.
    fn refined(&self, kind: Codimension2, guess: [f64; 3]) -> Option<SpecialPoint> {
        let conditions = |at: [f64; 3]| {
            let t = self.tests(at);
            match kind {
                Codimension2::Cusp => vec![t.balance, t.fold, t.bend],
                Codimension2::BogdanovTakens => vec![t.balance, t.fold, t.c_1],
                Codimension2::ZeroHopf => vec![t.balance, t.fold, t.c_2],
                _ => vec![t.balance, t.hopf, self.bautin(at)],
            }
        };
        let at = newton(conditions, guess, self.whole(), [true; 3])?;
        let is_regular = kind != Codimension2::ZeroHopf || self.tests(at).c_1 > 0.0;
        (is_regular && !self.is_degenerate(at)).then(|| self.special(kind, at))
    }

    /// Whether a place is next to a value at which test functions are 0 to rounding.
    pub(super) fn is_degenerate(&self, at: [f64; 3]) -> bool {
        self.sides().iter().zip([at[1], at[2]]).any(|(Side { parameter, low, high, .. }, value)| {
            *low <= 0.0 && is_degenerate_at_0(*parameter) && value <= NEXT_TO_DEGENERATE * high
        })
    }

    /// Points between the neighbours of a line of Hopf points or of folds: after which point of the line each lies, its
    /// place, and what it is.
    pub(super) fn between(&self, line: &[[f64; 3]], is_hopf: bool) -> Vec<(usize, SpecialPoint)> {
        type Test<'t> = &'t dyn Fn([f64; 3]) -> f64;
        let (bautin, fold) = (|at| self.bautin(at), |at| self.tests(at).fold);
        let (c_1, c_2, bend) = (|at| self.tests(at).c_1, |at| self.tests(at).c_2, |at| self.tests(at).bend);
        let hopf: [(Codimension2, Test<'_>); 2] =
            [(Codimension2::GeneralisedHopf, &bautin), (Codimension2::ZeroHopf, &fold)];
        let folds: [(Codimension2, Test<'_>); 3] =
            [(Codimension2::Cusp, &bend), (Codimension2::BogdanovTakens, &c_1), (Codimension2::ZeroHopf, &c_2)];
        let tests = if is_hopf { &hopf[..] } else { &folds[..] };
        let mut found = Vec::new();
        for (kind, test) in tests {
            let values: Vec<f64> = line.iter().map(|at| test(*at)).collect();
            for (after, pair) in values.windows(2).enumerate() {
                if !(pair[0] * pair[1] < 0.0) {
                    continue;
                }
                let share = pair[0] / (pair[0] - pair[1]);
                let (a, b) = (line[after], line[after + 1]);
                let guess = std::array::from_fn(|d| a[d] + share * (b[d] - a[d]));
                let is_near = |s: &SpecialPoint| {
                    let at = [s.v, s.x, s.y];
                    (0..3).all(|d| (at[d] - guess[d]).abs() <= 2.0 * (b[d] - a[d]).abs() + 1e-3 * self.whole()[d])
                };
                found.extend(self.refined(*kind, guess).filter(is_near).map(|s| (after, s)));
            }
        }
        found.sort_by_key(|(after, _)| *after);
        found
    }
}

/// The generalised Hopf or zero-Hopf point in a plane next to a guess (V, x, y), if Newton's method finds one.
#[must_use]
pub fn special_point_near(
    kind: Codimension2,
    sides: [Side; 2],
    base: &Parameters<f64>,
    guess: [f64; 3],
) -> Option<SpecialPoint> {
    let functions = TestFunctions::new(*base);
    Plane::new(&functions, (guess[0] - 1.0, guess[0] + 1.0), sides).refined(kind, guess)
}
