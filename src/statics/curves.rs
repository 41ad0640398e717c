//! Hopf, fold and cusp sets in the plane of any two parameters, as ordered polylines.
//!
//! The unknowns are V and the plane's two parameters; a curve is where f(V) = 0 (an equilibrium) and a test function both
//! vanish. V is a coordinate like the others, so a branch that folds in the plane does not fold here, and nothing is lost
//! where branches end. Crossings of a coarse grid are refined by Newton's method on the exact functions.

use super::lyapunov::lyapunov;
use super::march::{Crossing, Sampled, sample};
use super::tester::{Tester, Tests, refine, v_range, with};
use crate::error::{Error, Result};
use crate::model::{Parameter, Parameters};

/// Nodes along V, and along each parameter of the plane.
const NODES: [usize; 3] = [321, 65, 65];
/// It has gone astray when it ends farther than this from where it began, in grid cells.
const ASTRAY: f64 = 3.0;

/// What a curve marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Andronov–Hopf: oscillations are born.
    Hopf = 0,
    /// Saddle-node: two equilibria are born.
    Fold = 1,
    /// Where two folds meet.
    Cusp = 2,
}

impl Kind {
    /// The word for it in legends and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Hopf => "hopf",
            Kind::Fold => "fold",
            Kind::Cusp => "cusp",
        }
    }
}

/// One side of a plane: from `low` to `high`, sampled evenly or, where `log`, in equal ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// Which parameter.
    pub parameter: Parameter,
    /// Its smallest value.
    pub low: f64,
    /// Its largest.
    pub high: f64,
    /// Whether values are spaced by equal ratios; both ends are then above 0.
    pub log: bool,
}

impl Side {
    /// The value a part of the way from low to high.
    fn at(&self, part: f64) -> f64 {
        if self.log { self.low * (self.high / self.low).powf(part) } else { self.low + (self.high - self.low) * part }
    }
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Value of the plane's first parameter.
    pub x: f64,
    /// Value of its second.
    pub y: f64,
    /// Voltage of the equilibrium.
    pub v: f64,
    /// Frequency, on a Hopf curve; else NaN.
    pub omega: f64,
    /// First Lyapunov coefficient, on a Hopf curve where there is one; else NaN.
    pub lyapunov: f64,
}

/// The curves of a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The plane's parameters.
    pub plane: [Parameter; 2],
    /// Polylines, each with what it marks; a cusp is a line of one point.
    pub lines: Vec<(Kind, Vec<Point>)>,
}

impl Curves {
    /// The polylines of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &[Point]> {
        self.lines.iter().filter(move |(k, _)| *k == kind).map(|(_, line)| line.as_slice())
    }
}

struct Plane<'a> {
    tester: &'a Tester,
    /// Range of V.
    v: (f64, f64),
    sides: [Side; 2],
}

impl Plane<'_> {
    fn tests(&self, at: [f64; 3]) -> Tests {
        // A step outside a parameter's range (Gamma below 0, say) is harmless to these formulas; geometry alone is not.
        self.tester.at(at[0], &self.parameters(at))
    }

    fn parameters(&self, [_, x, y]: [f64; 3]) -> Parameters<f64> {
        with(&with(self.tester.base(), self.sides[0].parameter, x), self.sides[1].parameter, y)
    }

    /// The point at a place in units of the grid.
    fn at(&self, place: [f64; 3]) -> [f64; 3] {
        let part = |d: usize| place[d] / (NODES[d] - 1) as f64;
        [self.v.0 + (self.v.1 - self.v.0) * part(0), self.sides[0].at(part(1)), self.sides[1].at(part(2))]
    }

    /// The size of one grid cell at a point: what Newton's steps are measured in.
    fn cell(&self, place: [f64; 3]) -> [f64; 3] {
        let next = |d: usize, by: f64| {
            let mut moved = place;
            moved[d] += by;
            self.at(moved)[d]
        };
        std::array::from_fn(|d| next(d, 0.5) - next(d, -0.5))
    }

    /// What tells equilibria, Hopf points and folds, on all nodes of the grid.
    fn sampled(&self) -> Sampled<3> {
        sample(NODES, |node| {
            let t = self.tests(self.at(node.map(|i| i as f64)));
            [t.balance, t.hopf, t.fold]
        })
    }

    /// Polylines of points (V, x, y) at which equilibria meet a test, refined; `which` it is in the samples.
    fn trace(&self, sampled: &Sampled<3>, which: usize, test: impl Fn(&Tests) -> f64) -> Vec<Vec<[f64; 3]>> {
        let exact = |c: &Crossing| {
            let start = self.at(c.place);
            let free = [true, !c.on_border[1], !c.on_border[2]];
            let both = |x| {
                let t = self.tests(x);
                vec![t.balance, test(&t)]
            };
            let cell = self.cell(c.place);
            let found = refine(both, start, cell, free)?;
            let near = (0..3).all(|d| (found[d] - start[d]).abs() <= ASTRAY * cell[d]);
            near.then_some(found)
        };
        sampled.polylines(which).iter().map(|line| line.iter().filter_map(exact).collect()).collect()
    }

    /// Splits lines at the points where `keep` turns false, adding the exact end that `end` finds there.
    fn clipped(
        &self,
        lines: Vec<Vec<[f64; 3]>>,
        keep: impl Fn(&Tests) -> bool,
        end: impl Fn(&Tests) -> Vec<f64>,
    ) -> Vec<Vec<[f64; 3]>> {
        let mut kept = Vec::new();
        for line in lines {
            let mut piece: Vec<[f64; 3]> = Vec::new();
            for pair in 0..line.len() {
                let inside = keep(&self.tests(line[pair]));
                let was_inside = pair > 0 && keep(&self.tests(line[pair - 1]));
                let border = || refine(|x| end(&self.tests(x)), line[pair], self.whole(), [true; 3]);
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

    /// The ranges' widths.
    fn whole(&self) -> [f64; 3] {
        let [x, y] = &self.sides;
        [self.v.1 - self.v.0, x.high - x.low, y.high - y.low]
    }

    fn point(&self, at: [f64; 3], kind: Kind) -> Point {
        let [v, x, y] = at;
        let c_1 = self.tests(at).c_1;
        let omega = if kind == Kind::Hopf { c_1.max(0.0).sqrt() } else { f64::NAN };
        let p = self.parameters(at);
        let usual = self.tester.is_usual(&p);
        let coefficient = (kind == Kind::Hopf && usual)
            .then(|| lyapunov(v, omega, &p, self.tester.profile()))
            .flatten()
            .map_or(f64::NAN, |l| l.coefficient);
        Point { x, y, v, omega, lyapunov: coefficient }
    }
}

/// All curves of the plane of two parameters; `base` gives the others (its values of the two are not used).
///
/// # Errors
/// The same parameter twice, a range of no width, or one that leaves the parameter's own.
pub fn curves(sides: [Side; 2], base: &Parameters<f64>) -> Result<Curves> {
    let plane = sides.map(|s| s.parameter);
    if plane[0] == plane[1] {
        return Err(Error::request(
            format!("a plane of {} against itself has no curves", plane[0].name()),
            "name two different parameters",
        ));
    }
    for Side { parameter: p, low, high, log } in sides {
        for end in [low, high] {
            p.check(end)?;
        }
        if !(low < high) || log && low <= 0.0 {
            return Err(Error::request(
                format!("{} from {low} to {high} is an empty range", p.name()),
                format!("write {}=START:STOP with START below STOP", p.name()),
            ));
        }
    }
    let v = v_range(base, &sides.map(|s| (s.parameter, (s.low, s.high))));
    let tester = Tester::new(*base);
    let plane_box = Plane { tester: &tester, v, sides };
    let sampled = plane_box.sampled();
    let hopf = plane_box.trace(&sampled, 1, |t| t.hopf);
    let hopf = plane_box.clipped(hopf, |t| t.c_1 > 0.0, |t| vec![t.balance, t.fold, t.c_1]);
    let folds = plane_box.trace(&sampled, 2, |t| t.fold);
    drop(sampled);
    let mut lines = Vec::new();
    for line in &hopf {
        lines.push((Kind::Hopf, line.iter().map(|at| plane_box.point(*at, Kind::Hopf)).collect()));
    }
    for line in folds.iter().filter(|line| line.len() > 1) {
        lines.push((Kind::Fold, line.iter().map(|at| plane_box.point(*at, Kind::Fold)).collect()));
        for pair in line.windows(2) {
            let bend = |at: [f64; 3]| plane_box.tests(at).bend;
            if bend(pair[0]) * bend(pair[1]) < 0.0 {
                let all = |x| {
                    let t = plane_box.tests(x);
                    vec![t.balance, t.fold, t.bend]
                };
                let cusp = refine(all, pair[0], plane_box.whole(), [true; 3]);
                lines.extend(cusp.map(|at| (Kind::Cusp, vec![plane_box.point(at, Kind::Cusp)])));
            }
        }
    }
    Ok(Curves { plane, lines })
}
