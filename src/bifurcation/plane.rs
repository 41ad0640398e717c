//! Curves on which an equilibrium and a zero of a test function coincide, over a plane of two
//! parameters.
//!
//! The unknowns are V and the plane's two parameters; a curve is where f(V) = 0 (an equilibrium)
//! and a test function both vanish. V is a coordinate like the others, so a branch that folds in
//! the plane does not fold here, and nothing is lost where branches end. Crossings on a coarse grid
//! are refined by Newton's method on the exact functions.

use super::hopf::opened;
use super::marching_tetrahedra::{Crossing, Sampled, sample};
use super::test_functions::{
    TestFunctions, TestValues, derivatives_on_line, is_geometry, moves_functions, newton, with,
};
use crate::model::{ORDERS, Parameter, Parameters};
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// Grid nodes along V and along each parameter of the plane.
const NODES: [usize; 3] = [321, 65, 65];
/// Index of the Hopf function in the samples.
pub(super) const HOPF: usize = 1;
/// Index of ∂V̇/∂V, which vanishes at folds, in the samples.
pub(super) const FOLD: usize = 2;
/// Distance, in grid cells, beyond which a point refined by Newton's method is discarded as astray.
const ASTRAY: f64 = 3.0;

/// Kind of a bifurcation curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CurveKind {
    /// Andronov–Hopf bifurcation, where oscillations are born.
    Hopf = 0,
    /// Saddle-node bifurcation, where two equilibria are born.
    Fold = 1,
    /// Cusp, where two folds meet.
    Cusp = 2,
}

impl CurveKind {
    /// Name of the kind in legends and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CurveKind::Hopf => "hopf",
            CurveKind::Fold => "fold",
            CurveKind::Cusp => "cusp",
        }
    }
}

/// One side of a plane: a parameter from `low` to `high`, sampled evenly or, if `log`, in equal
/// ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// Parameter along this side.
    pub parameter: Parameter,
    /// Smallest value of the parameter.
    pub low: f64,
    /// Largest value of the parameter.
    pub high: f64,
    /// Whether values are spaced by equal ratios; both ends are then above 0.
    pub log: bool,
}

impl Side {
    /// A side whose values are spaced evenly.
    #[must_use]
    pub fn linear(parameter: Parameter, range: RangeInclusive<f64>) -> Self {
        Self { parameter, low: *range.start(), high: *range.end(), log: false }
    }

    /// A side whose values are spaced by equal ratios.
    #[must_use]
    pub fn log(parameter: Parameter, range: RangeInclusive<f64>) -> Self {
        Self { log: true, ..Self::linear(parameter, range) }
    }

    /// The value at fraction `part` of the way from `low` to `high`.
    #[must_use]
    pub fn at(self, part: f64) -> f64 {
        if self.log { self.low * (self.high / self.low).powf(part) } else { self.low + (self.high - self.low) * part }
    }
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Value of the plane's first parameter.
    pub x: f64,
    /// Value of the plane's second parameter.
    pub y: f64,
    /// Voltage of the equilibrium.
    pub v: f64,
    /// Angular frequency per tau_c on a Hopf curve; else NaN.
    pub omega: f64,
    /// First Lyapunov coefficient on a Hopf curve where it exists; else NaN.
    pub lyapunov: f64,
}

/// A plane of two parameters, with V as third coordinate.
pub(super) struct Plane<'a> {
    functions: &'a TestFunctions,
    /// Range of V.
    v: (f64, f64),
    sides: [Side; 2],
}

impl<'a> Plane<'a> {
    pub(super) fn new(functions: &'a TestFunctions, v: (f64, f64), sides: [Side; 2]) -> Self {
        Self { functions, v, sides }
    }

    pub(super) fn tests(&self, at: [f64; 3]) -> TestValues {
        // A step outside a parameter's range (Gamma below 0, say) is harmless to these formulas;
        // only an impossible geometry is not.
        self.functions.at(at[0], &self.parameters(at))
    }

    pub(super) fn functions(&self) -> &TestFunctions {
        self.functions
    }

    pub(super) fn sides(&self) -> &[Side; 2] {
        &self.sides
    }

    pub(super) fn parameters(&self, [_, x, y]: [f64; 3]) -> Parameters<f64> {
        with(&with(self.functions.base(), self.sides[0].parameter, x), self.sides[1].parameter, y)
    }

    /// The point (V, x, y) at a position in units of the grid.
    fn at(&self, place: [f64; 3]) -> [f64; 3] {
        let part = |d: usize| place[d] / (NODES[d] - 1) as f64;
        [self.v.0 + (self.v.1 - self.v.0) * part(0), self.sides[0].at(part(1)), self.sides[1].at(part(2))]
    }

    /// Size of one grid cell at a position: the scale of Newton's steps.
    fn cell(&self, place: [f64; 3]) -> [f64; 3] {
        let next = |d: usize, by: f64| {
            let mut moved = place;
            moved[d] += by;
            self.at(moved)[d]
        };
        std::array::from_fn(|d| next(d, 0.5) - next(d, -0.5))
    }

    /// The point with any value that is degenerate for Hopf points moved to the nearest one that is
    /// not.
    fn opened(&self, [v, x, y]: [f64; 3]) -> [f64; 3] {
        let [x, y] = [(0, x), (1, y)].map(|(d, value)| value.max(opened_end(&self.sides[d])));
        [v, x, y]
    }

    /// The parameters at node `[j, k]` of the plane.
    fn node(&self, [j, k]: [usize; 2]) -> Parameters<f64> {
        self.parameters(self.at([0.0, j as f64, k as f64]))
    }

    /// Values that depend on the plane only through F_00, computed once for all nodes that share
    /// them.
    ///
    /// There is one value per node along the one side that F_00 depends on, or a single one; `None`
    /// if F_00 depends on both sides.
    fn shared<T: Send>(&self, depends: fn(Parameter) -> bool, make: impl Fn([usize; 2]) -> T + Sync) -> Option<Vec<T>> {
        let ranges = match self.sides.map(|s| depends(s.parameter)) {
            [true, true] => return None,
            [true, false] => (0..NODES[1]).map(|j| [j, 0]).collect(),
            [false, true] => (0..NODES[2]).map(|k| [0, k]).collect(),
            [false, false] => vec![[0, 0]],
        };
        Some(ranges.into_par_iter().map(&make).collect())
    }

    /// Index of a node's value in what [`Plane::shared`] returns.
    fn place(&self, depends: fn(Parameter) -> bool, [j, k]: [usize; 2]) -> usize {
        let [by_x, by_y] = self.sides.map(|s| depends(s.parameter));
        if by_x {
            j
        } else if by_y {
            k
        } else {
            0
        }
    }

    /// The functions of equilibria, Hopf points and folds, sampled on all nodes of the grid.
    pub(super) fn sampled(&self) -> Sampled<3> {
        let v: Vec<f64> = (0..NODES[0]).map(|i| self.at([i as f64, 0.0, 0.0])[0]).collect();
        let profiles = self.shared(is_geometry, |node| self.functions.rough_profile(&self.node(node)));
        let line = |node: [usize; 2]| {
            let p = self.node(node);
            match &profiles {
                Some(all) => derivatives_on_line(all[self.place(is_geometry, node)].as_deref(), &v, &p),
                None => derivatives_on_line(self.functions.rough_profile(&p).as_deref(), &v, &p),
            }
        };
        let lines = self.shared(moves_functions, line);
        sample(NODES, |values, node| {
            let (p, at) = (self.node(node), self.at([0.0, node[0] as f64, node[1] as f64]));
            let hopf_p = self.parameters(self.opened(at));
            let own;
            let functions: &[[f64; ORDERS]] = match &lines {
                Some(all) => &all[self.place(moves_functions, node)],
                None => {
                    own = line(node);
                    &own
                }
            };
            for ((values, v), f) in values.iter_mut().zip(&v).zip(functions) {
                let t = TestValues::of(*v, &p, f);
                let hopf = if p == hopf_p { t.hopf } else { TestValues::of(*v, &hopf_p, f).hopf };
                *values = [t.balance, hopf, t.fold];
            }
        })
    }

    /// Refined polylines of points (V, x, y) where equilibria meet `test`, function `which` of the
    /// samples.
    pub(super) fn trace(
        &self,
        sampled: &Sampled<3>,
        which: usize,
        test: impl Fn(&TestValues) -> f64,
    ) -> Vec<Vec<[f64; 3]>> {
        let opens = which == HOPF;
        let exact = |c: &Crossing| {
            let start = if opens { self.opened(self.at(c.place)) } else { self.at(c.place) };
            let free = [true, !c.on_border[1], !c.on_border[2]];
            let both = |x| {
                let t = self.tests(x);
                vec![t.balance, test(&t)]
            };
            let cell = self.cell(c.place);
            let found = newton(both, start, cell, free)?;
            let near = (0..3).all(|d| (found[d] - start[d]).abs() <= ASTRAY * cell[d]);
            let [v, x, y] = found;
            let is_root = !opens || self.functions.linear(v, &self.parameters([v, x, y])).is_hopf_root();
            (near && is_root).then_some(found)
        };
        sampled.polylines(which).iter().map(|line| line.iter().filter_map(exact).collect()).collect()
    }

    /// Splits lines where `keep` becomes false, adding the exact end that solves `end` there.
    pub(super) fn clipped(
        &self,
        lines: Vec<Vec<[f64; 3]>>,
        keep: impl Fn(&TestValues) -> bool,
        end: impl Fn(&TestValues) -> Vec<f64>,
    ) -> Vec<Vec<[f64; 3]>> {
        let mut kept = Vec::new();
        for line in lines {
            let mut piece: Vec<[f64; 3]> = Vec::new();
            for pair in 0..line.len() {
                let inside = keep(&self.tests(line[pair]));
                let was_inside = pair > 0 && keep(&self.tests(line[pair - 1]));
                let border = || newton(|x| end(&self.tests(x)), line[pair], self.whole(), [true; 3]);
                match (was_inside, inside) {
                    (false, true) if pair > 0 => piece = border().into_iter().chain([line[pair]]).collect(),
                    (_, true) => piece.push(line[pair]),
                    (true, false) => {
                        piece.extend(border());
                        kept.push(std::mem::take(&mut piece));
                    }
                    (false, false) => {}
                }
            }
            kept.push(piece);
        }
        kept.retain(|piece| piece.len() > 1);
        kept
    }

    /// Widths of the ranges of V, x and y.
    pub(super) fn whole(&self) -> [f64; 3] {
        let [x, y] = &self.sides;
        [self.v.1 - self.v.0, x.high - x.low, y.high - y.low]
    }

    pub(super) fn point(&self, at: [f64; 3], kind: CurveKind) -> Point {
        let [v, x, y] = at;
        let p = self.parameters(at);
        if kind != CurveKind::Hopf {
            return Point { x, y, v, omega: f64::NAN, lyapunov: f64::NAN };
        }
        let point = self.functions.hopf_point(v, &p);
        let omega = point.map_or_else(|| self.tests(at).c_1.max(0.0).sqrt(), |h| h.omega);
        let lyapunov = point.and_then(|h| h.lyapunov).map_or(f64::NAN, |l| l.coefficient);
        Point { x, y, v, omega, lyapunov }
    }
}

/// Lower end of a side for Hopf points.
fn opened_end(side: &Side) -> f64 {
    opened(side.parameter, (side.low, side.high))
}
