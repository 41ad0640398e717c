//! Margins: how far each cell of a 2-D map is from the boundary of the region of its stable cycle.
//!
//! The boundary runs between cells with a stable cycle and all others, in straight lines through one point on each
//! side of the grid that joins two such cells. On it the point is found by extrapolation from up to three cells before it:
//! at a Hopf point the squared span vanishes smoothly, and elsewhere 1 - |multiplier| does; where neither vanishes between
//! the two cells, the point is halfway.

use super::boundary::{Boundary, Piece, value};
use crate::grid::{Axis, GridBox};
use crate::results::{CellResult, Outcome};
use rayon::prelude::*;
use std::collections::VecDeque;

/// Distance, in cells, up to which an extrapolation that ends beyond the next cell is taken to end at it.
const BEYOND: f64 = 1.5;

/// Cells in a row from which a point of the boundary between the middle two is found.
const AROUND: usize = 6;
/// Rows up to the last of them.
const AHEAD: usize = 4;

/// What the boundary needs of a cell.
#[derive(Debug, Clone, Copy)]
enum Seen {
    /// A stable cycle: its squared span, and 1 less its largest multiplier.
    Cycle([f32; 2]),
    /// At rest.
    Rest,
    /// No stable cycle, and no rest either, or not known.
    Other,
}

/// The boundary of a map, built from cells in row-major order.
///
/// Memory: six rows, the pieces of the boundary, and the runs of cells with a cycle.
#[derive(Debug)]
pub(super) struct MarginBuilder {
    width: usize,
    /// The row that cells are added to, and the rows before it, oldest first.
    row: Vec<Seen>,
    before: VecDeque<Vec<Seen>>,
    /// Number of complete rows.
    rows: usize,
    /// Pieces between each row and the next.
    pieces: Vec<Vec<Piece>>,
    /// Runs of cells with a cycle, as index of the first and behind the last, in order.
    runs: Vec<(u64, u64)>,
}

/// The margins of a map's cells.
#[derive(Debug)]
pub(super) struct Margins {
    in_cells: Boundary,
    in_values: Boundary,
    runs: Vec<(u64, u64)>,
}

/// A cell's margins: in cells, and relative to its parameters; NaN without a stable cycle.
pub(super) type Margin = [f64; 2];

impl MarginBuilder {
    /// The boundary of a map `width` cells wide, still without cells.
    pub(super) fn new(width: usize) -> Self {
        let (row, before, pieces) = (Vec::with_capacity(width), VecDeque::new(), Vec::new());
        Self { width, row, before, rows: 0, pieces, runs: Vec::new() }
    }

    /// Adds the results of cells from index `first` on, by start.
    pub(super) fn add(&mut self, first: u64, by_start: &[Vec<CellResult>]) {
        for i in 0..by_start.first().map_or(0, Vec::len) {
            let seen = seen(by_start.iter().filter_map(|results| results.get(i)));
            if matches!(seen, Seen::Cycle(_)) {
                let index = first + i as u64;
                match self.runs.last_mut().filter(|run| run.1 == index) {
                    Some(run) => run.1 += 1,
                    None => self.runs.push((index, index + 1)),
                }
            }
            self.row.push(seen);
            if self.row.len() == self.width {
                let row = std::mem::replace(&mut self.row, Vec::with_capacity(self.width));
                self.add_row(row);
            }
        }
    }

    fn add_row(&mut self, row: Vec<Seen>) {
        self.rows += 1;
        self.before.push_back(row);
        // A strip between two rows needs two more rows on both sides.
        if self.rows >= AHEAD {
            self.add_strip();
        }
        if self.before.len() >= AROUND {
            self.before.pop_front();
        }
    }

    fn add_strip(&mut self) {
        let number = self.pieces.len();
        let strip = self.strip(number + self.before.len() - self.rows, number);
        self.pieces.push(strip);
    }

    /// The pieces between a row, by its number among those that are kept, and the next.
    fn strip(&self, at: usize, number: usize) -> Vec<Piece> {
        let rows = &self.before;
        let across = |row: usize, c: usize| {
            let line = rows.get(row)?;
            let around = std::array::from_fn(|i| (c + i).checked_sub(2).and_then(|c| line.get(c)));
            crossing(around).map(|x| [c as f64 + x, (number + row - at) as f64])
        };
        let down = |c: usize| {
            let cell = |row: Option<usize>| row.and_then(|row| rows.get(row)).and_then(|row| row.get(c));
            let around = std::array::from_fn(|i| cell((at + i).checked_sub(2)));
            crossing(around).map(|y| [c as f64, number as f64 + y])
        };
        let is_cycle = |c: usize| matches!(rows.get(at).and_then(|row| row.get(c)), Some(Seen::Cycle(_)));
        let mut pieces = Vec::new();
        for c in 0..self.width.saturating_sub(1) {
            // The sides of the square of four cells, one after the other around it.
            match [across(at, c), down(c + 1), across(at + 1, c), down(c)] {
                // Two diagonal cells: each is cut off by itself.
                [Some(top), Some(right), Some(bottom), Some(left)] => pieces.extend(match is_cycle(c) {
                    true => [[left, top], [right, bottom]],
                    false => [[top, right], [bottom, left]],
                }),
                sides => {
                    let mut points = sides.into_iter().flatten();
                    pieces.extend(points.next().zip(points.next()).map(|(a, b)| [a, b]));
                }
            }
        }
        pieces
    }

    /// The margins of the map, whose first axis runs along the rows.
    pub(super) fn finish(mut self, [y, x]: [&Axis; 2]) -> Margins {
        // The last strips have fewer rows behind them.
        while self.pieces.len() + 1 < self.rows {
            self.add_strip();
        }
        let indices = [y, x].map(|axis| (0..axis.len()).map(|i| i as f64).collect());
        let lines = [y, x].map(|axis| axis.values().collect::<Vec<f64>>());
        let in_cells = Boundary::new(indices, &self.pieces, |point| point);
        let values = |[x, y]: [f64; 2]| [value(&lines[1], x), value(&lines[0], y)];
        let in_values = Boundary::new(lines.clone(), &self.pieces, values);
        Margins { in_cells, in_values, runs: self.runs }
    }
}

/// What is seen of a cell: the cycle of the start with the largest span, if one comes to a cycle.
fn seen<'a>(starts: impl Iterator<Item = &'a CellResult> + Clone) -> Seen {
    let cycles = starts.clone().filter(|r| r.outcome == Outcome::Oscillating);
    // In single precision, as stored: the same from a part in memory and from its file.
    match cycles.map(|r| (r.span as f32, r.multiplier as f32)).max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((span, multiplier)) => Seen::Cycle([span * span, 1.0 - multiplier]),
        None if starts.clone().all(|r| matches!(r.outcome, Outcome::Steady | Outcome::Absent)) => Seen::Rest,
        None => Seen::Other,
    }
}

/// The distance from the third of six cells in a row to the boundary between it and the fourth, if there is one.
fn crossing([a_2, a_1, a, b, b_1, b_2]: [Option<&Seen>; AROUND]) -> Option<f64> {
    match (a?, b?) {
        (Seen::Cycle(_), Seen::Cycle(_)) => None,
        (Seen::Cycle(cycle), outer) => Some(beyond(cycle, [a_1, a_2], outer)),
        (outer, Seen::Cycle(cycle)) => Some(1.0 - beyond(cycle, [b_1, b_2], outer)),
        _ => None,
    }
}

/// The distance from a cycle's cell, before the outer one, at which an extrapolation from the inner cells vanishes: by the
/// parabola through three cells, as the position over the number, or by the line through two.
fn beyond(cycle: &[f32; 2], inner: [Option<&Seen>; 2], outer: &Seen) -> f64 {
    let numbers = inner.map(|seen| match seen {
        Some(Seen::Cycle(numbers)) => Some(numbers),
        _ => None,
    });
    let [Some(one), two] = numbers else { return 0.5 };
    let zero = |i: usize| {
        let [q_0, q_1] = [cycle[i], one[i]].map(f64::from);
        let line = q_0 / (q_1 - q_0);
        let parabola = two.map(|two| {
            let q_2 = f64::from(two[i]);
            let inner = -1.0 + q_1 / (q_2 - q_1);
            (q_0 * inner - q_2 * line) / (q_0 - q_2)
        });
        [parabola.unwrap_or(f64::NAN), line]
    };
    // A cycle ends at rest with its span, and at any other motion with its stability.
    let found = (usize::from(!matches!(outer, Seen::Rest))..2).flat_map(zero);
    // Somewhat beyond the outer cell, which has no cycle, the extrapolation is not quite right. NaN is outside.
    found.into_iter().find(|d| (0.0..=BEYOND).contains(d)).map_or(0.5, |d| d.min(1.0))
}

impl Margins {
    /// The margins of a box's cells.
    pub(super) fn of_box(&self, place: &GridBox) -> Vec<Margin> {
        (place.first..place.first + place.cells).into_par_iter().map(|index| self.of(index)).collect()
    }

    /// The margins of one cell.
    fn of(&self, index: u64) -> Margin {
        let run = self.runs.partition_point(|run| run.1 <= index);
        if self.runs.get(run).is_none_or(|run| index < run.0) {
            return [f64::NAN; 2];
        }
        let width = self.in_cells.lines[1].len() as u64;
        let cell = [(index / width) as usize, (index % width) as usize];
        let one_over = [0, 1].map(|axis| 1.0 / self.in_values.lines[axis][cell[axis]].abs());
        let relative = match one_over.iter().all(|scale| scale.is_finite()) {
            true => self.in_values.nearest(cell, one_over),
            false => f64::NAN,
        };
        [self.in_cells.nearest(cell, [1.0; 2]), relative]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn margins(of: [&str; 2], cell: impl Fn(f64, f64) -> CellResult, at_once: usize) -> (Margins, usize) {
        let axes: Vec<Axis> = of.iter().map(|text| text.parse().unwrap()).collect();
        let width = axes[1].len() as usize;
        let points = axes[0].values().flat_map(|y| axes[1].values().map(move |x| (y, x)).collect::<Vec<_>>());
        let results: Vec<CellResult> = points.map(|(y, x)| cell(y, x)).collect();
        let mut builder = MarginBuilder::new(width);
        for (n, some) in results.chunks(at_once).enumerate() {
            builder.add((n * at_once) as u64, &[some.to_vec()]);
        }
        (builder.finish([&axes[0], &axes[1]]), width)
    }

    /// A cell of a disc about (0.5, 0.5) at whose rim the squared span vanishes linearly.
    fn in_a_disc(y: f64, x: f64) -> CellResult {
        let inside = 0.3 - (x - 0.5).hypot(y - 0.5);
        match inside > 0.0 {
            true => CellResult {
                span: inside.sqrt(),
                multiplier: 1.0 - inside,
                ..CellResult::without_numbers(Outcome::Oscillating)
            },
            false => CellResult::without_numbers(Outcome::Steady),
        }
    }

    #[test]
    fn a_disc_has_its_distances_to_the_rim() {
        for at_once in [7, 41, 5000] {
            let (found, width) = margins(["Z_T=0:1:41", "alpha=0:1:51"], in_a_disc, at_once);
            // One number for both axes: a disc in these values is an ellipse in cells.
            let mut worst: f64 = 0.0;
            for index in 0..41 * 51 {
                let (y, x) = ((index / width) as f64 / 40.0, (index % width) as f64 / 50.0);
                let inside = 0.3 - (x - 0.5).hypot(y - 0.5);
                let [cells, relative] = found.of(index as u64);
                assert_eq!(cells.is_nan(), inside <= 0.0, "{index}");
                if inside > 0.0 {
                    // In these coordinates, where the rim is nearest, one cell is 1/40 or 1/50.
                    assert!(cells > 40.0 * inside - 0.05 && cells < 50.0 * inside + 0.05, "{index}: {cells} {inside}");
                    // At least the distance relative to the larger parameter, at most to the smaller one.
                    let (low, high) = (inside / x.max(y), inside / x.min(y));
                    worst = worst.max(low - relative).max(relative - high);
                }
            }
            assert!(worst < 0.01, "{worst}");
        }
    }

    #[test]
    fn the_boundary_is_found_between_cells_and_the_grid_ends() {
        // Cycles left of alpha = 0.537, whose squared span vanishes there.
        let cell = |_: f64, x: f64| match x < 0.537 {
            true => CellResult { span: (0.537 - x).sqrt(), ..CellResult::without_numbers(Outcome::Oscillating) },
            false => CellResult::without_numbers(Outcome::Steady),
        };
        let (found, width) = margins(["Z_T=0.1:1:10", "alpha=0:1:11"], cell, 13);
        let [cells, relative] = found.of((5 * width + 4) as u64);
        assert!((cells - 1.37).abs() < 1e-5 && (relative - 0.137 / 0.4).abs() < 1e-6, "{cells} {relative}");
        // Column 2: the grid's edge is nearer in cells; relative to alpha = 0.2, the other axis' edge is.
        let [cells, relative] = found.of((5 * width + 2) as u64);
        assert!(cells == 2.0 && (relative - 0.4 / 0.6).abs() < 1e-12, "{cells} {relative}");
        // On the edge nothing is known, and relative to 0 there is no distance.
        assert!(found.of(3)[0] == 0.0 && found.of((5 * width) as u64)[1].is_nan());
        // Without an extrapolation the boundary is halfway.
        let flat = |y: f64, x: f64| CellResult { span: 1.0, multiplier: 0.5, ..cell(y, x) };
        let (found, width) = margins(["Z_T=0.1:1:10", "alpha=0:1:11"], flat, 13);
        assert_eq!(found.of((5 * width + 5) as u64)[0], 0.5);
        // A cycle that ends where it loses its stability: by the multiplier.
        let lost = |y: f64, x: f64| match x < 0.537 {
            true => CellResult { span: 1.0, multiplier: 1.0 - (0.537 - x), ..cell(y, x) },
            false => CellResult::without_numbers(Outcome::Chaotic),
        };
        let (found, width) = margins(["Z_T=0.1:1:10", "alpha=0:1:11"], lost, 13);
        assert!((found.of((5 * width + 5) as u64)[0] - 0.37).abs() < 1e-5);
    }

    #[test]
    fn every_lone_cell_is_seen() {
        // One cell without a cycle among others: a diamond of halfway points about it.
        let cell = |y: f64, x: f64| match (x - 0.5).abs() < 0.01 && (y - 0.5).abs() < 0.01 {
            true => CellResult::without_numbers(Outcome::Unsettled),
            false => CellResult { span: 1.0, multiplier: 0.5, ..CellResult::without_numbers(Outcome::Oscillating) },
        };
        let (found, width) = margins(["Z_T=0:1:11", "alpha=0:1:11"], cell, 5);
        for away in 1..5 {
            for index in [5 * width + 5 - away, 5 * width + 5 + away, (5 - away) * width + 5, (5 + away) * width + 5] {
                assert_eq!(found.of(index as u64)[0], (away as f64 - 0.5).min(5.0 - away as f64), "{index}");
            }
        }
    }
}
