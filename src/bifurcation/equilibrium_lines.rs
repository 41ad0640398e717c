//! Equilibria along any one parameter, as lines with their stability and special points.
//!
//! Each line is followed by pseudo-arclength steps in the plane of the parameter and V, so it passes its folds.

use super::hopf::HopfPoint;
use super::iv_curve::{Fold, IvCurve};
use super::stability::{Stability, equilibria};
use super::test_functions::{TestFunctions, newton, with};
use crate::model::{F00Jets, Parameter, Parameters};
use std::sync::Arc;

/// Step along a line, in units of the ranges of the parameter and of V.
const STEP: f64 = 4e-3;
/// Shortest step in a bend.
const SHORTEST: f64 = 1e-6;
/// Cosine of the angle between neighbouring directions at least.
const COSINE: f64 = 0.98;
/// Values of the parameter at which lines are looked for.
const SEEDS: u32 = 16;
/// Points of a line at most.
const MOST: usize = 20_000;
/// Distance, in units of the ranges, below which two points are the same.
const SAME: f64 = 1e-5;
/// Size of a coefficient, relative to its terms, that counts as 0 at a point of codimension 2.
const ZERO: f64 = 1e-6;

/// An equilibrium of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePoint {
    /// Value of the parameter.
    pub value: f64,
    /// Voltage.
    pub v: f64,
    /// Whether no eigenvalue has a positive real part.
    pub stable: bool,
}

/// Kind of a special point of a line of equilibria.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SpecialEquilibriumKind {
    /// Andronov–Hopf point.
    Hopf = 0,
    /// Fold (saddle-node) of equilibria.
    Fold = 1,
    /// Bogdanov–Takens point: a fold with two eigenvalues of 0.
    BogdanovTakens = 2,
    /// Generalised Hopf (Bautin) point: a Hopf point with a first Lyapunov coefficient of 0.
    GeneralisedHopf = 3,
}

impl SpecialEquilibriumKind {
    /// All kinds, by number.
    pub const ALL: [Self; 4] = [Self::Hopf, Self::Fold, Self::BogdanovTakens, Self::GeneralisedHopf];

    /// Name of the kind in reports, files and pictures.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["Hopf", "fold", "Bogdanov-Takens", "generalised Hopf"][self as usize]
    }
}

/// A special point of a line of equilibria.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpecialEquilibrium {
    /// Kind of the point.
    pub kind: SpecialEquilibriumKind,
    /// Value of the parameter.
    pub value: f64,
    /// Voltage.
    pub v: f64,
    /// Angular frequency at a Hopf point, per tau_c; else NaN.
    pub omega: f64,
    /// First Lyapunov coefficient at a Hopf point where it exists; else NaN.
    pub lyapunov: f64,
}

/// The equilibria along one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct EquilibriumLines {
    /// Lines of equilibria in their order along each.
    pub lines: Vec<Vec<LinePoint>>,
    /// Special points, in order of the parameter.
    pub special: Vec<SpecialEquilibrium>,
}

/// The plane of a parameter and V.
struct Plane<'a> {
    functions: TestFunctions,
    base: &'a Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    /// Unit of V.
    unit: f64,
}

/// A point (parameter, V) of a line, and the direction of the line there, both in units of the ranges.
type Place = [f64; 2];

impl Plane<'_> {
    fn parameters(&self, at: Place) -> Parameters<f64> {
        with(self.base, self.parameter, self.value(at))
    }

    fn value(&self, at: Place) -> f64 {
        self.range.0 + at[0] * (self.range.1 - self.range.0)
    }

    fn voltage(&self, at: Place) -> f64 {
        at[1] * self.unit
    }

    fn place(&self, value: f64, v: f64) -> Place {
        [(value - self.range.0) / (self.range.1 - self.range.0), v / self.unit]
    }

    fn balance(&self, at: Place) -> f64 {
        self.functions.at(self.voltage(at), &self.parameters(at)).balance
    }

    /// Derivatives of the balance by both coordinates.
    fn gradient(&self, at: Place) -> Place {
        std::array::from_fn(|d| {
            let (mut up, mut down) = (at, at);
            up[d] += 1e-6;
            down[d] -= 1e-6;
            (self.balance(up) - self.balance(down)) / 2e-6
        })
    }

    /// The direction along the line at a point of it, on the side of `towards`.
    fn direction(&self, at: Place, towards: Place) -> Option<Place> {
        let [by_value, by_v] = self.gradient(at);
        let length = by_value.hypot(by_v);
        let unit = [by_v / length, -by_value / length];
        let sign = if unit[0] * towards[0] + unit[1] * towards[1] < 0.0 { -1.0 } else { 1.0 };
        (length > 0.0 && length.is_finite()).then_some([sign * unit[0], sign * unit[1]])
    }

    /// The point of the line nearest to a guess.
    fn corrected(&self, guess: Place) -> Option<Place> {
        newton(|at| vec![self.balance(at)], guess, [1.0, 1.0], [true; 2])
            .filter(|found| (found[0] - guess[0]).hypot(found[1] - guess[1]) < STEP)
    }

    /// The line from a point in a direction, without that point, to the end of the range.
    fn follow(&self, start: Place, towards: Place) -> Vec<Place> {
        let (mut at, mut step, mut line) = (start, STEP, Vec::new());
        let Some(mut ahead) = self.direction(start, towards) else { return line };
        while line.len() < MOST && step > SHORTEST {
            let guess = [at[0] + step * ahead[0], at[1] + step * ahead[1]];
            let next = self.corrected(guess).and_then(|next| Some((next, self.direction(next, ahead)?)));
            let Some((next, turned)) = next.filter(|(_, d)| d[0] * ahead[0] + d[1] * ahead[1] > COSINE) else {
                step *= 0.5;
                continue;
            };
            if !(0.0..=1.0).contains(&next[0]) {
                let border = if next[0] < 0.0 { 0.0 } else { 1.0 };
                let share = (border - at[0]) / (next[0] - at[0]);
                let guess = [border, at[1] + share * (next[1] - at[1])];
                line.extend(newton(|at| vec![self.balance(at)], guess, [1.0, 1.0], [false, true]));
                return line;
            }
            // A closed line.
            if line.len() > 8 && (next[0] - start[0]).hypot(next[1] - start[1]) < 0.6 * step {
                line.extend([next, start]);
                return line;
            }
            line.push(next);
            (at, ahead, step) = (next, turned, (1.3 * step).min(STEP));
        }
        line
    }

    /// Whether a line passes a point.
    fn passes(&self, line: &[Place], at: Place) -> bool {
        line.windows(2).any(|w| {
            let ([a, b], [c, d]) = (w[0], w[1]);
            if !((a.min(c) - SAME..=a.max(c) + SAME).contains(&at[0]) && (b - at[1]).abs() < 4.0 * STEP) {
                return false;
            }
            let share = if a == c { 0.5 } else { ((at[0] - a) / (c - a)).clamp(0.0, 1.0) };
            let guess = [at[0], b + share * (d - b)];
            let near = newton(|at| vec![self.balance(at)], guess, [1.0, 1.0], [false, true]);
            near.is_some_and(|n| (n[1] - at[1]).abs() < SAME) || (guess[1] - at[1]).abs() < SAME
        })
    }

    fn is_stable(&self, at: Place) -> bool {
        self.functions.linear(self.voltage(at), &self.parameters(at)).stability() == Stability::Stable
    }

    /// The fold between two points of a line, if there is one.
    fn fold(&self, a: Place, b: Place) -> Option<SpecialEquilibrium> {
        let slope = |at: Place| self.functions.at(self.voltage(at), &self.parameters(at)).fold;
        if slope(a) * slope(b) >= 0.0 {
            return None;
        }
        let both = |at: Place| {
            let t = self.functions.at(self.voltage(at), &self.parameters(at));
            vec![t.balance, t.fold]
        };
        let middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
        let at = newton(both, middle, [1.0, 1.0], [true; 2])?;
        let near = (at[0] - middle[0]).hypot(at[1] - middle[1]) < 4.0 * STEP;
        let p = self.parameters(at);
        let c_1 = self.functions.at(self.voltage(at), &p).c_1;
        let doubly = c_1.abs() < ZERO * (p.omega * p.omega + p.gamma * p.gamma);
        let kind = if doubly { SpecialEquilibriumKind::BogdanovTakens } else { SpecialEquilibriumKind::Fold };
        let (value, v) = (self.value(at), self.voltage(at));
        near.then_some(SpecialEquilibrium { kind, value, v, omega: f64::NAN, lyapunov: f64::NAN })
    }
}

/// The equilibria along one parameter within a range, with their folds and the Hopf points `hopf`.
#[must_use]
pub fn equilibrium_lines(
    p: &Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    hopf: &[HopfPoint],
) -> EquilibriumLines {
    let values = (0..=SEEDS).map(|i| range.0 + (range.1 - range.0) * f64::from(i) / f64::from(SEEDS));
    let seeds: Vec<(f64, f64)> = values
        .flat_map(|value| equilibria(&with(p, parameter, value)).into_iter().map(move |e| (value, e.v)))
        .collect();
    let unit = seeds.iter().map(|s| s.1.abs()).fold(0.0, f64::max).max(1e-3);
    let plane = Plane { functions: TestFunctions::new(*p), base: p, parameter, range, unit };
    let mut lines: Vec<Vec<Place>> = Vec::new();
    for (value, v) in seeds {
        let start = plane.place(value, v);
        if lines.iter().any(|line| plane.passes(line, start)) {
            continue;
        }
        let onwards = plane.follow(start, [1.0, 0.0]);
        let mut line = if onwards.last() == Some(&start) { Vec::new() } else { plane.follow(start, [-1.0, 0.0]) };
        line.reverse();
        line.push(start);
        line.extend(onwards);
        if line.len() > 1 {
            lines.push(line);
        }
    }
    let mut special: Vec<SpecialEquilibrium> = hopf.iter().map(|h| hopf_equilibrium(h, parameter)).collect();
    special.extend(lines.iter().flat_map(|line| line.windows(2)).filter_map(|w| plane.fold(w[0], w[1])));
    if parameter == Parameter::VN {
        // All of them are known, however wide the range is.
        let known: Vec<f64> = special.iter().filter(|s| s.kind != SpecialEquilibriumKind::Hopf).map(|s| s.v).collect();
        let curve = IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
        let missed = curve.folds_with_input(p.r_n).into_iter().filter(|fold| {
            (range.0..=range.1).contains(&fold.v_n) && known.iter().all(|v| (v - fold.v).abs() > SAME * (1.0 + v.abs()))
        });
        special.extend(missed.map(|Fold { v, v_n }| SpecialEquilibrium {
            kind: SpecialEquilibriumKind::Fold,
            value: v_n,
            v,
            omega: f64::NAN,
            lyapunov: f64::NAN,
        }));
    }
    special.sort_by(|a, b| a.value.total_cmp(&b.value));
    let point = |at: &Place| LinePoint { value: plane.value(*at), v: plane.voltage(*at), stable: plane.is_stable(*at) };
    EquilibriumLines { lines: lines.iter().map(|line| line.iter().map(point).collect()).collect(), special }
}

fn hopf_equilibrium(h: &HopfPoint, parameter: Parameter) -> SpecialEquilibrium {
    let lyapunov = h.lyapunov.map_or(f64::NAN, |l| l.coefficient);
    // Elsewhere the coefficient is of the order of its terms, whatever the units of time are.
    let kind = match h.lyapunov.is_some_and(|l| l.coefficient.abs() < ZERO * l.size) {
        true => SpecialEquilibriumKind::GeneralisedHopf,
        false => SpecialEquilibriumKind::Hopf,
    };
    SpecialEquilibrium { kind, value: h.parameters.get(parameter), v: h.v, omega: h.omega, lyapunov }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::{branches, hopf_points};

    #[test]
    fn lines_along_v_n_are_the_curve_of_equilibria() {
        let p = Parameters::at(0.0, 16.0, 0.1);
        let found = equilibrium_lines(&p, Parameter::VN, (0.0, 12.0), &hopf_points(Parameter::VN, (0.0, 12.0), &p));
        assert_eq!(found.lines.len(), 1);
        let kinds: Vec<_> = found.special.iter().map(|s| s.kind.name()).collect();
        assert_eq!(kinds, ["Hopf", "fold", "Hopf", "fold"], "{found:?}");
        let all = branches(&p, (0.0, 12.0));
        for point in &found.lines[0] {
            // The nearest point of the sampled curve, and its stability away from where that changes.
            let distance = |q: &(f64, f64)| ((q.0 - point.value) / 12.0).hypot(q.1 - point.v);
            let nearest = all.iter().flat_map(|b| b.points.iter().map(move |q| (distance(q), b.stable)));
            let (distance, stable) = nearest.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
            let at_change = found.special.iter().any(|s| (s.v - point.v).abs() < 0.02);
            assert!(distance < 0.02 && (stable == point.stable || at_change), "{point:?} {distance}");
        }
        // The negative control: another resistance has another curve.
        let other = branches(&Parameters::at(0.0, 12.0, 0.1), (0.0, 12.0));
        let near = |q: &LinePoint| {
            other.iter().flat_map(|b| &b.points).any(|o| (o.0 - q.value).abs() < 0.05 && (o.1 - q.v).abs() < 0.02)
        };
        assert!(!found.lines[0].iter().all(near));
    }

    #[test]
    fn folds_along_v_n_are_found_in_any_range() {
        let p = Parameters::at(0.0, 5.0, 0.1);
        let folds = |range: (f64, f64)| -> Vec<f64> {
            let found = equilibrium_lines(&p, Parameter::VN, range, &[]).special;
            found.iter().filter(|s| s.kind == SpecialEquilibriumKind::Fold).map(|s| s.value).collect()
        };
        let narrow = folds((0.0, 9.0));
        assert_eq!(narrow.len(), 2, "{narrow:?}");
        for range in [(0.0, 2e3), (-1e5, 1e5), (-1e300, 1e300)] {
            let wide = folds(range);
            assert!(wide.iter().zip(&narrow).all(|(a, b)| (a - b).abs() < 1e-8), "{range:?}: {wide:?}, not {narrow:?}");
            assert_eq!(wide.len(), 2, "{range:?}");
        }
        assert!(folds((4.0, 2e3)).is_empty());
    }

    #[test]
    fn lines_along_every_parameter_hold_the_equilibria_there() {
        let p = Parameters::at(3.0, 8.0, 0.1);
        for (parameter, range) in [
            (Parameter::RN, (0.5, 20.0)),
            (Parameter::Gamma, (0.01, 1.0)),
            (Parameter::Alpha, (0.1, 2.0)),
            (Parameter::ZT, (0.0, 1.0)),
            (Parameter::Omega, (2.0, 9.0)),
            (Parameter::X0, (0.2, 1.5)),
            (Parameter::L, (0.3, 0.7)),
            (Parameter::Lambda, (0.05, 0.3)),
        ] {
            let found = equilibrium_lines(&p, parameter, range, &[]);
            for share in [0.137, 0.519, 0.883] {
                let value = range.0 + share * (range.1 - range.0);
                let expected: Vec<f64> = equilibria(&with(&p, parameter, value)).iter().map(|e| e.v).collect();
                let mut crossings: Vec<f64> = Vec::new();
                for w in found.lines.iter().flat_map(|line| line.windows(2)) {
                    if (w[0].value - value) * (w[1].value - value) < 0.0 {
                        let share = (value - w[0].value) / (w[1].value - w[0].value);
                        crossings.push(w[0].v + share * (w[1].v - w[0].v));
                    }
                }
                crossings.sort_by(f64::total_cmp);
                assert_eq!(crossings.len(), expected.len(), "{parameter:?} = {value}: {crossings:?} {expected:?}");
                assert!(
                    crossings.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-3),
                    "{crossings:?} {expected:?}"
                );
            }
        }
    }
}
