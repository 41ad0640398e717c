//! Are the regions of a map with a third axis nested, each within the one before; and the edges of each.

use super::{Line, Style, main_column, sides};
use crate::error::{Error, Result};
use crate::store::{MapFile, StoredAxis};
use std::collections::HashMap;

/// Colour of the regions' edges.
const EDGE: [u8; 3] = [255, 255, 255];

/// The regions of a map of three axes, one for each value of the first: where spans are above 0.
#[derive(Debug, Clone)]
pub struct Regions {
    /// Values of the first axis, in the order in which their regions are drawn: the largest region first.
    pub order: Vec<usize>,
    /// Number of cells of each value's region.
    pub cells: Vec<usize>,
    /// For each region in this order but the first: its cells outside of the one before.
    pub outside: Vec<usize>,
    masks: Vec<Vec<bool>>,
}

impl Regions {
    /// Reads the regions of a map.
    ///
    /// # Errors
    /// [`Error::Request`] if the map does not have three axes, or its last two have one value; [`Error::File`] if it cannot
    /// be read.
    pub fn read(map: &MapFile) -> Result<Self> {
        let [third, y, x] = map.axes() else {
            return Err(Error::request(
                format!("regions are drawn of three axes, and the map has {}", map.axes().len()),
                "sweep three axes, the slowest one for the regions",
            ));
        };
        if let Some(single) = [y, x].into_iter().find(|axis| axis.values.len() < 2) {
            let name = single.parameter.name();
            return Err(Error::request(format!("regions need a plane, and {name} has one value"), "sweep three axes"));
        }
        let masks = (0..third.values.len())
            .map(|i| Ok(map.cut(main_column(map), &[Some(i), None, None])?.iter().map(|v| *v > 0.0).collect()))
            .collect::<Result<Vec<Vec<bool>>>>()?;
        let cells: Vec<usize> = masks.iter().map(|m| m.iter().filter(|inside| **inside).count()).collect();
        let mut order: Vec<usize> = (0..masks.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(cells[*i]));
        let outside = |pair: &[usize]| masks[pair[1]].iter().zip(&masks[pair[0]]).filter(|(a, b)| **a && !**b).count();
        let outside = order.windows(2).map(outside).collect();
        Ok(Self { order, cells, outside, masks })
    }

    /// Whether each region is within the one before.
    #[must_use]
    pub fn are_nested(&self) -> bool {
        self.outside.iter().all(|n| *n == 0)
    }

    /// The edge of each region: lines halfway between cells in and out of it, on the plane as a style has it drawn.
    ///
    /// # Errors
    /// [`Error::Request`] if the style names an axis that is none of the plane's.
    pub fn edges(&self, map: &MapFile, style: &Style) -> Result<Vec<Line>> {
        let [_, first, second] = map.axes() else { return Ok(Vec::new()) };
        let is_swapped = sides([first, second], style)?[0] == first;
        let place = |(x, y): (f64, f64)| if is_swapped { (y, x) } else { (x, y) };
        let line = |points: Vec<_>| Line::new("edge of a region", EDGE, points.into_iter().map(place).collect());
        Ok(self.order.iter().flat_map(|i| edge(&self.masks[*i], first, second)).map(line).collect())
    }
}

/// A place in the plane of a map's axes: x, y.
type Point = (f64, f64);

/// The value half way between two.
fn middle(axis: &StoredAxis, a: f64, b: f64) -> f64 {
    if axis.is_log() { (a * b).sqrt() } else { 0.5 * (a + b) }
}

/// Values of an axis between the outer edges of its end cells.
fn to_the_edges(axis: &StoredAxis) -> Vec<f64> {
    let values = &axis.values;
    let beyond = |end: f64, next: f64| match axis.is_log() {
        true => end * (end / next).sqrt(),
        false => end + 0.5 * (end - next),
    };
    let last = values.len() - 1;
    let mut all = vec![beyond(values[0], values[1])];
    all.extend(values);
    all.push(beyond(values[last], values[last - 1]));
    all
}

/// The edge of a region, up to the edges of the plane: marching squares on the cells' centres.
fn edge(mask: &[bool], y: &StoredAxis, x: &StoredAxis) -> Vec<Vec<Point>> {
    let (nx, ny) = (x.values.len(), y.values.len());
    let cell = |i: usize, n: usize| i.clamp(1, n) - 1;
    let inside = |i: usize, j: usize| mask[cell(i, ny) * nx + cell(j, nx)];
    let (xs, ys) = (to_the_edges(x), to_the_edges(y));
    let mut found = Vec::new();
    for i in 0..=ny {
        for j in 0..=nx {
            // Sides of the square that the edge crosses: below, right, above, left.
            let (a, b, c, d) = (inside(i, j), inside(i, j + 1), inside(i + 1, j + 1), inside(i + 1, j));
            let (left, right, low, high) = (xs[j], xs[j + 1], ys[i], ys[i + 1]);
            let (across, up) = (middle(x, left, right), middle(y, low, high));
            let sides =
                [(a != b, (across, low)), (b != c, (right, up)), (c != d, (across, high)), (d != a, (left, up))];
            let crossed: Vec<_> = sides.iter().filter(|s| s.0).map(|s| s.1).collect();
            match crossed[..] {
                [p, q] => found.push([p, q]),
                // A saddle: the corners that are inside are kept apart.
                [below, right, above, left] => {
                    let pairs = if a { [(below, left), (right, above)] } else { [(below, right), (left, above)] };
                    found.extend(pairs.map(|(p, q)| [p, q]));
                }
                _ => {}
            }
        }
    }
    joined(&found)
}

/// Lines of pieces that have an end in common.
fn joined(pieces: &[[Point; 2]]) -> Vec<Vec<Point>> {
    let key = |p: &Point| [p.0.to_bits(), p.1.to_bits()];
    let mut at: HashMap<[u64; 2], Vec<usize>> = HashMap::new();
    for (i, piece) in pieces.iter().enumerate() {
        piece.iter().for_each(|end| at.entry(key(end)).or_default().push(i));
    }
    let mut is_used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    for first in 0..pieces.len() {
        if std::mem::replace(&mut is_used[first], true) {
            continue;
        }
        let mut line = pieces[first].to_vec();
        // From one end as far as it goes, and then from the other.
        for _ in 0..2 {
            while let Some(end) = line.last().copied() {
                let next = at.get(&key(&end)).and_then(|list| list.iter().copied().find(|i| !is_used[*i]));
                let Some(next) = next else { break };
                is_used[next] = true;
                let [p, q] = pieces[next];
                line.push(if p == end { q } else { p });
            }
            line.reverse();
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameter;

    #[test]
    fn an_edge_runs_halfway_between_cells_in_and_out() {
        let axis = |parameter, values: &[f64]| StoredAxis { parameter, values: values.to_vec() };
        let (y, x) = (axis(Parameter::RN, &[0.0, 1.0, 2.0]), axis(Parameter::VN, &[0.0, 2.0, 4.0]));
        let one = [false, false, false, false, true, false, false, false, false];
        let lines = edge(&one, &y, &x);
        assert_eq!((lines.len(), lines[0].len(), lines[0][0]), (1, 5, lines[0][4]), "one closed line");
        let mut points: Vec<_> = lines.concat();
        points.sort_by(|a, b| a.partial_cmp(b).unwrap());
        points.dedup();
        assert_eq!(points, [(1.0, 1.0), (2.0, 0.5), (2.0, 1.5), (3.0, 1.0)]);
        assert!(edge(&[true; 9], &y, &x).is_empty());
        // Two corners of a square: two edges, and each corner has its own, up to the edges of the cells.
        let saddle =
            edge(&[true, false, false, true], &axis(Parameter::RN, &[0.0, 1.0]), &axis(Parameter::VN, &[0.0, 1.0]));
        let [one, other] =
            [[(0.5, -0.5), (0.5, 0.0), (0.0, 0.5), (-0.5, 0.5)], [(1.5, 0.5), (1.0, 0.5), (0.5, 1.0), (0.5, 1.5)]];
        let is = |line: &Vec<Point>, points: [Point; 4]| *line == points || line.iter().rev().eq(points.iter());
        assert!(saddle.len() == 2 && is(&saddle[0], one) && is(&saddle[1], other), "{saddle:?}");
    }
}
