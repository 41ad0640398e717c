//! The boundary of a region in a 2-D map as short straight pieces, and the distance of cells to it.

use smallvec::SmallVec;

/// Cells on a side of a tile.
const TILE: usize = 16;

/// A piece of the boundary: two points (column, row), in cells.
pub(super) type Piece = [[f64; 2]; 2];

/// Coordinates (x, y), and what they are multiplied by.
type Place = ([f64; 2], [f64; 2]);

/// The boundary in one kind of coordinates.
#[derive(Debug)]
pub(super) struct Boundary {
    /// Coordinates of the rows (y) and of the columns (x).
    pub(super) lines: [Vec<f64>; 2],
    /// Tiles with pieces, by band of [`TILE`] rows.
    bands: Vec<Vec<Tile>>,
}

/// The pieces between a square of neighbouring cells.
#[derive(Debug)]
struct Tile {
    /// Least and greatest coordinates (x, y) of the pieces.
    low: [f64; 2],
    high: [f64; 2],
    pieces: Vec<Piece>,
}

impl Boundary {
    /// The boundary of strips of pieces (column, row), in coordinates that a function makes of these.
    pub(super) fn new(lines: [Vec<f64>; 2], strips: &[Vec<Piece>], to: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        let band = |strips: &[Vec<Piece>]| {
            let mut pieces: Vec<&Piece> = strips.iter().flatten().collect();
            let column = |piece: &Piece| piece[0][0].min(piece[1][0]) as usize / TILE;
            pieces.sort_by_key(|piece| column(piece));
            let tiles = pieces.chunk_by(|a, b| column(a) == column(b));
            tiles.map(|pieces| Tile::new(pieces.iter().map(|piece| piece.map(&to)).collect())).collect()
        };
        Self { lines, bands: strips.chunks(TILE).map(band).collect() }
    }

    /// Distance from a cell (row, column) to the nearest piece, or to the grid's edge if that is nearer, with both
    /// coordinates (y, x) multiplied by `scales`.
    pub(super) fn nearest(&self, cell: [usize; 2], scales: [f64; 2]) -> f64 {
        let [y, x] = [0, 1].map(|axis| self.lines[axis][cell[axis]]);
        let place = ([x, y], [scales[1], scales[0]]);
        // Squared distances, up to the result.
        let mut best = f64::INFINITY;
        for (axis, at) in [y, x].into_iter().enumerate() {
            for end in [self.lines[axis].first(), self.lines[axis].last()].into_iter().flatten() {
                best = best.min(((end - at) * scales[axis]).powi(2));
            }
        }
        let away = |row: usize| ((self.lines[0][row] - y) * scales[0]).powi(2);
        let own = cell[0] / TILE;
        let (mut up, mut down) = (true, true);
        let mut near: SmallVec<[(f64, &Tile); 32]> = SmallVec::new();
        for n in 0..self.bands.len().max(own + 1) {
            // Further bands on a side are further away.
            up = up && n <= own && (n == 0 || away((own - n + 1) * TILE) < best);
            down = down && own + n < self.bands.len() && (n == 0 || away((own + n) * TILE) < best);
            let bands = [(up && n > 0).then(|| own - n), down.then_some(own + n)];
            near.extend(bands.into_iter().flatten().filter_map(|band| self.bands.get(band)).flatten().filter_map(
                |tile| {
                    let at_least = tile.squared_distance(place);
                    (at_least < best).then_some((at_least, tile))
                },
            ));
            near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            for (at_least, tile) in near.drain(..) {
                if at_least < best {
                    best = tile.pieces.iter().fold(best, |best, piece| best.min(squared_distance(place, piece)));
                }
            }
            if !up && !down {
                break;
            }
        }
        best.sqrt()
    }
}

impl Tile {
    fn new(pieces: Vec<Piece>) -> Self {
        let of = |f: fn(f64, f64) -> f64, from: f64| {
            [0, 1].map(|axis| pieces.iter().flatten().map(|point| point[axis]).fold(from, f))
        };
        Self { low: of(f64::min, f64::INFINITY), high: of(f64::max, f64::NEG_INFINITY), pieces }
    }

    /// Squared distance from a place to the rectangle that holds the pieces.
    fn squared_distance(&self, (at, scales): Place) -> f64 {
        let away = |axis: usize| (self.low[axis] - at[axis]).max(at[axis] - self.high[axis]).max(0.0) * scales[axis];
        away(0) * away(0) + away(1) * away(1)
    }
}

/// The value at a fractional index, linear between neighbours.
pub(super) fn value(values: &[f64], at: f64) -> f64 {
    let (below, part) = (at.floor() as usize, at.fract());
    let next = values[(below + 1).min(values.len() - 1)];
    values[below] + part * (next - values[below])
}

/// Squared distance from a place to a piece.
fn squared_distance((at, scales): Place, piece: &Piece) -> f64 {
    let [a, b] = piece.map(|point| [(point[0] - at[0]) * scales[0], (point[1] - at[1]) * scales[1]]);
    let side = [b[0] - a[0], b[1] - a[1]];
    let length = side[0] * side[0] + side[1] * side[1];
    let part = if length > 0.0 { (-(a[0] * side[0] + a[1] * side[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    let [dx, dy] = [a[0] + part * side[0], a[1] + part * side[1]];
    dx * dx + dy * dy
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No tile that is left out has a nearer piece than those that are seen.
        #[test]
        fn the_nearest_piece_of_all_is_found(
            points in prop::collection::vec((0.0..69.0f64, 0.0..49.0f64, -1.0..1.0f64, 0.0..1.0f64), 0..60),
            (row, column) in (0usize..50, 0usize..70), scales in (0.01..10.0f64, 0.01..10.0f64),
        ) {
            let mut strips = vec![Vec::new(); 49];
            let mut all = Vec::new();
            for (x, y, dx, dy) in points {
                let piece = [[x, y], [(x + dx).clamp(0.0, 69.0), y.floor() + dy]];
                strips[y as usize].push(piece);
                all.push(piece);
            }
            let lines = [50, 70].map(|n| (0..n).map(f64::from).collect());
            let found = Boundary::new(lines, &strips, |point| point).nearest([row, column], [scales.0, scales.1]);
            let (x, y) = (column as f64, row as f64);
            let edges = [x * scales.1, (69.0 - x) * scales.1, y * scales.0, (49.0 - y) * scales.0];
            let place = ([x, y], [scales.1, scales.0]);
            let pieces = all.iter().map(|piece| squared_distance(place, piece).sqrt());
            prop_assert_eq!(found, edges.into_iter().chain(pieces).fold(f64::INFINITY, f64::min));
        }
    }
}
