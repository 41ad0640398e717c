//! Distance between a map's edge, between oscillating and steady cells, and the Hopf curve: theory
//! and map check each other.

use crate::bifurcation::{CurveKind, Curves, Side, curves};
use crate::grid::Axis;
use crate::plan::Plan;
use crate::results::{CellResult, Outcome};

/// The edge of a 2-D map, built cell by cell in row-major order during the sweep.
///
/// Memory: one state per column, and the points of the edge.
#[derive(Debug)]
pub struct Boundary {
    width: usize,
    /// Last settled outcome in the row so far, and its column.
    in_row: Option<(Outcome, usize)>,
    /// Last settled outcome in each column, and its row.
    in_column: Vec<Option<(Outcome, usize)>>,
    /// Points (column, row) of the edge, in cells.
    points: Vec<[f64; 2]>,
}

/// Distances from the edge to the Hopf curve, in cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundaryDistance {
    /// Median distance.
    pub median: f64,
    /// Largest distance.
    pub worst: f64,
    /// Number of points of the edge.
    pub points: usize,
}

/// The plane's side along one axis.
#[must_use]
pub fn side(axis: &Axis) -> Side {
    let (low, high) = axis.extent();
    Side { parameter: axis.parameter, low, high, log: axis.is_log() && low > 0.0 }
}

/// The curves of a map's own plane, its last axis along x and its first along y.
///
/// `None` unless exactly two axes have more than one value.
#[must_use]
pub fn curves_of(plan: &Plan) -> Option<Curves> {
    let free: Vec<&Axis> = plan.grid.axes().iter().filter(|a| a.len() > 1).collect();
    let [y, x] = free[..] else { return None };
    curves([side(x), side(y)], &plan.parameters(0)).ok()
}

impl Boundary {
    /// The edge of a map `width` cells wide, still without cells.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { width, in_row: None, in_column: vec![None; width], points: Vec::new() }
    }

    /// Whether the map has an edge: neighbouring settled cells of both kinds.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.points.is_empty()
    }

    /// Adds the results of cells from index `first` on.
    ///
    /// Where a row or a column changes between an oscillating and a steady cell, the edge passes
    /// halfway between the two; unsettled cells in between are bridged.
    pub fn add(&mut self, first: u64, results: &[CellResult]) {
        for (index, result) in (first as usize..).zip(results) {
            let (row, column) = (index / self.width, index % self.width);
            if column == 0 {
                self.in_row = None;
            }
            if !result.outcome.is_settled() {
                continue;
            }
            if let Some((outcome, at)) = self.in_row
                && outcome != result.outcome
            {
                self.points.push([0.5 * (at + column) as f64, row as f64]);
            }
            if let Some((outcome, at)) = self.in_column[column]
                && outcome != result.outcome
            {
                self.points.push([column as f64, 0.5 * (at + row) as f64]);
            }
            self.in_row = Some((result.outcome, column));
            self.in_column[column] = Some((result.outcome, row));
        }
    }

    /// Distances from the edge to the Hopf curves of the map's plane; `None` without an edge or a
    /// curve.
    #[must_use]
    pub fn distance(&self, curves: &Curves, x: &Axis, y: &Axis) -> Option<BoundaryDistance> {
        let lines: Vec<Vec<[f64; 2]>> = curves
            .of(CurveKind::Hopf)
            .map(|line| line.iter().map(|p| [x.position(p.x), y.position(p.y)]).collect())
            .collect();
        let nearest = |point: &[f64; 2]| {
            let segments = lines.iter().flat_map(|line| line.windows(2));
            segments.map(|s| to_segment(*point, s[0], s[1])).fold(f64::INFINITY, f64::min)
        };
        let mut distances: Vec<f64> = self.points.iter().map(nearest).filter(|d| d.is_finite()).collect();
        distances.sort_by(f64::total_cmp);
        let worst = *distances.last()?;
        Some(BoundaryDistance { median: distances[distances.len() / 2], worst, points: distances.len() })
    }
}

fn to_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let side = [b[0] - a[0], b[1] - a[1]];
    let from = [p[0] - a[0], p[1] - a[1]];
    let length = side[0] * side[0] + side[1] * side[1];
    let part = if length > 0.0 { ((from[0] * side[0] + from[1] * side[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (from[0] - part * side[0]).hypot(from[1] - part * side[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::Point;
    use crate::model::Parameter;

    #[test]
    fn the_edge_passes_between_the_cells_it_parts() {
        use Outcome::{Oscillating as O, Steady as S, Unsettled as U};
        let rows = [[S, S, O, O], [S, U, U, O], [S, S, S, S]];
        let results: Vec<CellResult> = rows.concat().into_iter().map(CellResult::without_numbers).collect();
        let mut edge = Boundary::new(4);
        // In two pieces, as boxes of cells may arrive.
        edge.add(0, &results[..5]);
        edge.add(5, &results[5..]);
        assert!(edge.is_there() && !Boundary::new(4).is_there());
        assert_eq!(edge.points, [[1.5, 0.0], [1.5, 1.0], [2.0, 1.0], [3.0, 1.5]]);
    }

    #[test]
    fn distances_to_a_segment() {
        assert_eq!(to_segment([1.0, 1.0], [0.0, 0.0], [2.0, 0.0]), 1.0);
        assert_eq!(to_segment([5.0, 4.0], [0.0, 0.0], [2.0, 0.0]), 5.0);
        assert_eq!(to_segment([3.0, 4.0], [0.0, 0.0], [0.0, 0.0]), 5.0);
    }

    #[test]
    fn distances_are_counted_in_cells_and_their_median_is_the_middle_one() {
        let axis = |text: &str| text.parse::<Axis>().unwrap();
        let (x, y) = (axis("Gamma=0:1:11"), axis("Z_T=0:0.5:6"));
        let at = |x: f64, y: f64| Point { x, y, v: 0.0, omega: 1.0, lyapunov: -1.0 };
        let curve = |kind, points: Vec<Point>| Curves {
            plane: [x.parameter, y.parameter],
            lines: vec![(kind, points)],
            special: Vec::new(),
            no_hopf: None,
        };
        // A vertical line at Gamma = 0.4, four cells from the left.
        let hopf = curve(CurveKind::Hopf, vec![at(0.4, 0.0), at(0.4, 0.3), at(0.4, 0.5)]);
        let mut edge = Boundary::new(11);
        edge.points = vec![[6.5, 1.0], [4.5, 0.0], [4.0, 3.0], [1.0, 2.0], [3.75, 5.0]];
        let found = edge.distance(&hopf, &x, &y).unwrap();
        assert_eq!(found.points, 5);
        assert!((found.median - 0.5).abs() < 1e-12 && (found.worst - 3.0).abs() < 1e-12, "{found:?}");
        // Beyond the curve's end, across and along it.
        edge.points = vec![[7.0, 9.0]];
        assert!((edge.distance(&hopf, &x, &y).unwrap().worst - 5.0).abs() < 1e-12);
        // Nothing to measure: no Hopf curve, or no edge.
        assert_eq!(edge.distance(&curve(CurveKind::Fold, vec![at(0.4, 0.0), at(0.4, 0.5)]), &x, &y), None);
        assert_eq!(Boundary::new(11).distance(&hopf, &x, &y), None);
    }

    #[test]
    fn an_edge_ends_with_its_row() {
        use Outcome::{Oscillating as O, Steady as S};
        let results: Vec<CellResult> = [S, S, O, O].into_iter().map(CellResult::without_numbers).collect();
        let mut edge = Boundary::new(2);
        edge.add(0, &results);
        // The last cell of the first row and the first one of the second are not neighbours.
        assert_eq!(edge.points, [[0.0, 0.5], [1.0, 0.5]]);
    }

    #[test]
    fn curves_belong_to_planes() {
        let plan = |axes: &str| {
            let toml = format!("grid = [{axes}]\n[set]\nV_n = 2.0\nR_n = 6.0\n");
            Plan::new(crate::plan::Request::from_toml(&toml).unwrap()).unwrap()
        };
        let found = curves_of(&plan("'Z_T=0:1:4', 'alpha=1', 'Gamma=0.02:1:5'")).unwrap();
        assert_eq!(found.plane.map(Parameter::name), ["Gamma", "Z_T"], "the last axis runs along x");
        assert!(found.of(CurveKind::Hopf).count() > 0);
        assert!(curves_of(&plan("'Gamma=0.02:1:5'")).is_none());
        let side = side(&"Gamma=log:1:0.1:3".parse().unwrap());
        assert_eq!((side.low, side.high, side.log), (0.1, 1.0, true));
        assert!(!super::side(&"Gamma=0:1:3".parse().unwrap()).log);
    }
}
