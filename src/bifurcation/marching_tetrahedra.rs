//! Curves in three dimensions on which two functions vanish, found on a grid and joined in order.
//!
//! Each cube of the grid is cut into six tetrahedra (Kuhn's triangulation: neighbours share whole
//! faces). On a face both functions are interpolated linearly; where both vanish inside it, the
//! curve crosses. It enters a tetrahedron by one face and leaves by another, so the pieces join to
//! polylines without gaps, whatever the curve does relative to the axes. The first sampled function
//! is paired with any one of the others.

use rayon::prelude::*;
use std::collections::HashMap;

/// Orders in which the three axes are walked from a cube's low corner to its high one.
const WALKS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
/// Faces of a tetrahedron, each by the numbers of its three corners.
const FACES: [[usize; 3]; 4] = [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]];

/// Values of N functions on a grid of `shape` nodes.
pub(super) struct Sampled<const N: usize> {
    pub shape: [usize; 3],
    /// Values at the nodes, first index fastest.
    pub values: Vec<[f64; N]>,
}

/// A crossing of a curve with a face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    /// Position in units of the grid.
    pub place: [f64; 3],
    /// Whether the face is on the lowest or highest plane of each axis.
    pub on_border: [bool; 3],
}

/// Samples all nodes in parallel; `fill` writes the values along the first axis at the indices of
/// the other two.
pub(super) fn sample<const N: usize>(
    shape: [usize; 3],
    fill: impl Fn(&mut [[f64; N]], [usize; 2]) + Sync,
) -> Sampled<N> {
    let [n, m, k] = shape;
    let mut values = vec![[0.0; N]; n * m * k];
    values.par_chunks_mut(n).enumerate().for_each(|(line, values)| fill(values, [line % m, line / m]));
    Sampled { shape, values }
}

/// The cross product of two corners' values and its sign, both functions shifted by an
/// infinitesimal (e, e²).
///
/// Thanks to the shift, a curve through an edge or a corner passes on one side of it, the same side
/// for all faces that meet there.
fn cross([a_0, a_1]: [f64; 2], [b_0, b_1]: [f64; 2]) -> (f64, bool) {
    let value = a_0 * b_1 - a_1 * b_0;
    let first = [value, a_1 - b_1, b_0 - a_0].into_iter().find(|s| *s != 0.0);
    (value, first.is_some_and(|s| s > 0.0))
}

/// The point in a triangle, in barycentric coordinates, where two functions with these corner
/// values both vanish.
pub(super) fn zero_in_triangle([a, b, c]: [[f64; 2]; 3]) -> Option<[f64; 3]> {
    let areas = [cross(b, c), cross(c, a), cross(a, b)];
    let sum: f64 = areas.iter().map(|s| s.0).sum();
    let inside = areas.iter().all(|s| s.1) || areas.iter().all(|s| !s.1);
    (inside && sum != 0.0 && sum.is_finite()).then(|| areas.map(|s| s.0 / sum))
}

impl<const N: usize> Sampled<N> {
    fn index(&self, node: [usize; 3]) -> usize {
        (node[2] * self.shape[1] + node[1]) * self.shape[0] + node[0]
    }

    fn node(&self, index: usize) -> [usize; 3] {
        let [n, m, _] = self.shape;
        [index % n, index / n % m, index / (n * m)]
    }

    /// Low corners of the cubes in which neither the first function nor function `other` has one sign on all corners:
    /// no curve crosses the rest.
    fn crossed_cubes(&self, other: usize) -> Vec<[usize; 3]> {
        const BOTH: u8 = 3;
        let [n, m, k] = self.shape;
        // One bit for each function that is positive.
        let sign = |v: &[f64; N]| u8::from(v[0] > 0.0) | u8::from(v[other] > 0.0) << 1;
        let signs: Vec<u8> = self.values.par_iter().with_min_len(n).map(sign).collect();
        let in_line = |line: usize| {
            let (y, z) = (line % (m - 1), line / (m - 1));
            let edge = |y: usize, z: usize| &signs[(z * m + y) * n..][..n];
            let edges = [edge(y, z), edge(y + 1, z), edge(y, z + 1), edge(y + 1, z + 1)];
            let any: Vec<u8> = (0..n).map(|x| edges.iter().fold(0, |bits, e| bits | e[x])).collect();
            let all: Vec<u8> = (0..n).map(|x| edges.iter().fold(BOTH, |bits, e| bits & e[x])).collect();
            let differ = move |x: &usize| (any[*x] | any[x + 1]) & !(all[*x] & all[x + 1]) == BOTH;
            (0..n - 1).filter(differ).map(move |x| [x, y, z])
        };
        (0..(m - 1) * (k - 1)).into_par_iter().flat_map_iter(in_line).collect()
    }

    fn crossing(&self, face: [usize; 3], weights: [f64; 3]) -> Crossing {
        let nodes = face.map(|i| self.node(i));
        let place = std::array::from_fn(|d| nodes.iter().zip(weights).map(|(n, w)| n[d] as f64 * w).sum());
        let on = |d: usize, at: usize| nodes.iter().all(|n| n[d] == at);
        Crossing { place, on_border: std::array::from_fn(|d| on(d, 0) || on(d, self.shape[d] - 1)) }
    }

    /// The curves on which the first function and function `other` vanish, as polylines of
    /// crossings.
    pub(super) fn polylines(&self, other: usize) -> Vec<Vec<Crossing>> {
        let mut numbers: HashMap<[usize; 3], usize> = HashMap::new();
        let mut crossings = Vec::new();
        let mut neighbours: Vec<Vec<usize>> = Vec::new();
        for low in self.crossed_cubes(other) {
            for walk in WALKS {
                let mut corner = low;
                let mut corners = [self.index(low); 4];
                for (step, axis) in walk.into_iter().enumerate() {
                    corner[axis] += 1;
                    corners[step + 1] = self.index(corner);
                }
                let mut passed = Vec::new();
                for face in FACES {
                    // Indices rise along the walk, so both tetrahedra at a face see its corners in
                    // one order.
                    let face = face.map(|c| corners[c]);
                    if let Some(weights) = zero_in_triangle(face.map(|i| [self.values[i][0], self.values[i][other]])) {
                        passed.push(*numbers.entry(face).or_insert_with(|| {
                            crossings.push(self.crossing(face, weights));
                            neighbours.push(Vec::new());
                            crossings.len() - 1
                        }));
                    }
                }
                if let [a, b] = passed[..] {
                    neighbours[a].push(b);
                    neighbours[b].push(a);
                }
            }
        }
        join(&neighbours).into_iter().map(|line| line.into_iter().map(|i| crossings[i]).collect()).collect()
    }
}

/// Chains of a graph whose nodes have at most two neighbours: open chains first, then closed ones.
fn join(neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; neighbours.len()];
    let mut chains = Vec::new();
    let ends = (0..neighbours.len()).filter(|i| neighbours[*i].len() == 1);
    for start in ends.chain(0..neighbours.len()) {
        if seen[start] || neighbours[start].is_empty() {
            continue;
        }
        let mut chain = vec![start];
        seen[start] = true;
        let mut here = start;
        while let Some(&next) = neighbours[here].iter().find(|n| !seen[**n]) {
            seen[next] = true;
            chain.push(next);
            here = next;
        }
        if chain.len() > 2 && neighbours[here].contains(&start) {
            chain.push(start);
        }
        chains.push(chain);
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(shape: [usize; 3], f: impl Fn([usize; 3]) -> [f64; 2] + Sync) -> Sampled<2> {
        sample(shape, |values, [j, k]| values.iter_mut().enumerate().for_each(|(i, v)| *v = f([i, j, k])))
    }

    #[test]
    fn a_circle_comes_out_as_one_closed_line() {
        // The unit sphere cut by a tilted plane, around the middle of a grid of 21³ nodes.
        let f = |node: [usize; 3]| {
            let [x, y, z] = node.map(|i| i as f64 * 0.2 - 2.013);
            [x * x + y * y + z * z - 1.0, 0.3 * x - 0.2 * y + z + 0.05]
        };
        let lines = sampled([21; 3], f).polylines(1);
        assert_eq!(lines.len(), 1);
        let (first, last) = (lines[0][0], lines[0][lines[0].len() - 1]);
        assert_eq!(first.place, last.place);
        for c in &lines[0] {
            let r: f64 = c.place.iter().map(|p| (p * 0.2 - 2.013).powi(2)).sum();
            assert!((r - 1.0).abs() < 0.05 && c.on_border == [false; 3]);
        }
    }

    #[test]
    fn a_line_through_the_grid_ends_on_its_border() {
        let f = |node: [usize; 3]| [node[0] as f64 - 2.4, node[1] as f64 - 1.7 + 0.1 * node[2] as f64];
        let lines = sampled([6, 6, 6], f).polylines(1);
        assert_eq!(lines.len(), 1);
        assert!(lines[0][0].on_border[2] && lines[0][lines[0].len() - 1].on_border[2]);
    }
}
