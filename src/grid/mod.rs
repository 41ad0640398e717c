//! The n-D grid that axes span: index to point, and boxes of cells.

mod axis;

pub use axis::{Axis, Spacing, parse_value, split_assignment};

use crate::error::{Error, Result};
use axis::LONGEST;

/// The grid: the axes' product in row-major order, the first axis slowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    cells: u64,
}

impl Grid {
    /// Of these axes.
    ///
    /// # Errors
    /// No axis, a parameter twice, or more cells than can be counted.
    pub fn new(axes: Vec<Axis>) -> Result<Self> {
        if axes.is_empty() {
            return Err(Error::request("no axis to sweep", "give at least one --grid NAME=START:STOP:COUNT"));
        }
        for (i, axis) in axes.iter().enumerate() {
            if axes[..i].iter().any(|a| a.parameter == axis.parameter) {
                return Err(Error::request(
                    format!("{} is swept twice", axis.parameter.name()),
                    "give each parameter one --grid",
                ));
            }
        }
        let cells =
            axes.iter().try_fold(1_u64, |n, a| n.checked_mul(a.len())).filter(|n| *n <= LONGEST).ok_or_else(|| {
                let counts: Vec<_> = axes.iter().map(|a| a.len().to_string()).collect();
                Error::request(
                    format!("a grid of {} cells is over {LONGEST}", counts.join(" x ")),
                    "ask for fewer values",
                )
            })?;
        Ok(Self { axes, cells })
    }

    /// The axes, slowest first.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Number of values along each axis.
    #[must_use]
    pub fn shape(&self) -> Vec<u64> {
        self.axes.iter().map(Axis::len).collect()
    }

    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// The axes' values at cell `index`, in the axes' order.
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        let mut rest = index;
        let mut point = vec![0.0; self.axes.len()];
        for (slot, axis) in point.iter_mut().zip(&self.axes).rev() {
            *slot = axis.value(rest % axis.len());
            rest /= axis.len();
        }
        point
    }

    /// The grid cut into boxes of at most `most` cells, each a hyperslab and a run of consecutive indices.
    #[must_use]
    pub fn boxes(&self, most: u64) -> Vec<GridBox> {
        let shape = self.shape();
        let (split, thickness) = cut(&shape, most);
        let inner: u64 = shape[split + 1..].iter().product();
        let outer: u64 = shape[..split].iter().product();
        let mut boxes = Vec::new();
        for o in 0..outer {
            let mut start = vec![0; shape.len()];
            let mut rest = o;
            for d in (0..split).rev() {
                start[d] = rest % shape[d];
                rest /= shape[d];
            }
            let mut at = 0;
            while at < shape[split] {
                let n = thickness.min(shape[split] - at);
                start[split] = at;
                let mut count = vec![1; shape.len()];
                count[split] = n;
                count[split + 1..].copy_from_slice(&shape[split + 1..]);
                boxes.push(GridBox {
                    first: (o * shape[split] + at) * inner,
                    cells: n * inner,
                    start: start.clone(),
                    count,
                });
                at += n;
            }
        }
        boxes
    }

    /// A shape for chunks on disk: the grid cut the same way, so that a box covers whole chunks.
    #[must_use]
    pub fn chunk(&self, most: u64) -> Vec<u64> {
        let shape = self.shape();
        let (split, thickness) = cut(&shape, most);
        let mut chunk = vec![1; shape.len()];
        chunk[split] = thickness;
        chunk[split + 1..].copy_from_slice(&shape[split + 1..]);
        chunk
    }
}

/// The axis along which to cut, and how many of its values make up at most `most` cells (a power of two where cut).
fn cut(shape: &[u64], most: u64) -> (usize, u64) {
    let mut inner = 1;
    for d in (0..shape.len()).rev() {
        if inner * shape[d] > most {
            let fits = (most / inner).max(1);
            // Powers of two nest, so a box of a smaller size never straddles one of a larger.
            return (d, 1 << fits.ilog2());
        }
        inner *= shape[d];
    }
    (0, shape[0])
}

/// A box of cells: consecutive in index, and a hyperslab of the n-D grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridBox {
    /// Index of its first cell.
    pub first: u64,
    /// Number of its cells.
    pub cells: u64,
    /// Its corner along each axis.
    pub start: Vec<u64>,
    /// Its extent along each axis.
    pub count: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn boxes_cover_every_cell_once_in_order(shape in prop::collection::vec(1_u64..9, 1..5), most in 1_u64..200) {
            let names = ["V_n", "R_n", "Gamma", "alpha"];
            let axes = shape.iter().zip(names).map(|(n, name)| {
                let list: Vec<_> = (0..*n).map(|i| (0.1 * (i + 1) as f64).to_string()).collect();
                format!("{name}={}", list.join(",")).parse().unwrap()
            });
            let grid = Grid::new(axes.collect()).unwrap();
            let mut next = 0;
            for b in grid.boxes(most) {
                prop_assert_eq!(b.first, next);
                prop_assert!(b.cells <= most.max(1) && b.cells == b.count.iter().product::<u64>());
                // Its first and last cell lie at the box's corners.
                let corner: Vec<_> = b.start.iter().zip(grid.axes()).map(|(i, a)| a.value(*i)).collect();
                prop_assert_eq!(grid.point(b.first), corner);
                let far: Vec<_> = b.start.iter().zip(&b.count).zip(grid.axes()).map(|((i, n), a)| a.value(i + n - 1)).collect();
                prop_assert_eq!(grid.point(b.first + b.cells - 1), far);
                next += b.cells;
            }
            prop_assert_eq!(next, grid.cells());
        }
    }
}
