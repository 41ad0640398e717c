//! The n-D grid spanned by the axes, or a list of points: cell index to point, and boxes of cells.

mod axis;
mod points;
mod si_axis;
mod spacing;
mod text_table;

pub use axis::{Axis, parse_value, split_assignment};
pub use points::Points;
pub use si_axis::{SiAxis, needs_device, parse_quantity, split_quantity};
pub use spacing::Spacing;
pub use text_table::{table_lines, table_text};

use crate::error::{Error, Result};
use crate::model::{PARAMETER_COUNT, Parameter};
use spacing::LONGEST;

/// A parameter grid: the Cartesian product of the axes in row-major order, the first axis slowest; or a list of points,
/// which has one dimension and no axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    points: Option<Points>,
    cells: u64,
}

impl Grid {
    /// The grid spanned by these axes.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no axis, a parameter occurs twice, or there are more than
    /// 2^40 cells.
    pub fn new(axes: Vec<Axis>) -> Result<Self> {
        if axes.is_empty() {
            return Err(Error::request("no axis to sweep", "give at least one `grid` NAME=START:STOP:COUNT"));
        }
        for (i, axis) in axes.iter().enumerate() {
            axis.check()?;
            if axes[..i].iter().any(|a| a.parameter == axis.parameter) {
                return Err(Error::request(
                    format!("{} is swept twice", axis.parameter.name()),
                    "give each parameter one `grid`",
                ));
            }
        }
        let cells =
            axes.iter().try_fold(1_u64, |n, a| n.checked_mul(a.len())).filter(|n| *n <= LONGEST).ok_or_else(|| {
                let counts: Vec<_> = axes.iter().map(|a| a.len().to_string()).collect();
                Error::request(
                    format!("a grid of {} cells has over {LONGEST} (2^40)", counts.join(" x ")),
                    "ask for fewer values",
                )
            })?;
        Ok(Self { axes, points: None, cells })
    }

    /// The grid of these points, one a cell.
    #[must_use]
    pub fn of_points(points: Points) -> Self {
        Self { axes: Vec::new(), cells: points.len() as u64, points: Some(points) }
    }

    /// The axes, slowest first; none of a list of points.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The list of points, if the grid is one.
    #[must_use]
    pub fn points(&self) -> Option<&Points> {
        self.points.as_ref()
    }

    /// The parameters that differ among the cells: those of the axes, or of the list's columns.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        match &self.points {
            Some(points) => points.parameters().to_vec(),
            None => self.axes.iter().map(|a| a.parameter).collect(),
        }
    }

    /// Each of these parameters with its values: along its axis, or at every point of the list.
    #[must_use]
    pub fn coordinates(&self) -> Vec<(Parameter, Vec<f64>)> {
        match &self.points {
            Some(points) => points.parameters().iter().map(|p| (*p, points.column(*p).collect())).collect(),
            None => self.axes.iter().map(|a| (a.parameter, a.values().collect())).collect(),
        }
    }

    /// The (smallest, largest) value of a parameter over all cells; `None` if it is not one of [`Grid::parameters`].
    #[must_use]
    pub fn extent(&self, p: Parameter) -> Option<(f64, f64)> {
        let of_axis = || self.axes.iter().find(|a| a.parameter == p).map(Axis::extent);
        self.points.as_ref().map_or_else(of_axis, |points| points.extent(p))
    }

    /// The number of values along each axis, or of points.
    #[must_use]
    pub fn shape(&self) -> Vec<u64> {
        match &self.points {
            Some(points) => vec![points.len() as u64],
            None => self.axes.iter().map(Axis::len).collect(),
        }
    }

    /// The number of cells.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// The values at cell `index`, in the order of [`Grid::parameters`].
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        if let Some(points) = &self.points {
            return points.row(index as usize).to_vec();
        }
        let shape: Vec<usize> = self.axes.iter().map(|a| a.len() as usize).collect();
        self.axes.iter().zip(unravel(&shape, index as usize)).map(|(axis, i)| axis.value(i as u64)).collect()
    }

    /// Writes the values at cell `index` into an array indexed by parameter.
    pub fn fill(&self, index: u64, values: &mut [f64; PARAMETER_COUNT]) {
        if let Some(points) = &self.points {
            let row = points.parameters().iter().zip(points.row(index as usize));
            return row.for_each(|(p, value)| values[*p as usize] = *value);
        }
        let mut rest = index;
        for axis in self.axes.iter().rev() {
            values[axis.parameter as usize] = axis.value(rest % axis.len());
            rest /= axis.len();
        }
    }

    /// The grid split into boxes of at most `most` cells, each a hyperslab and a run of consecutive
    /// indices.
    #[must_use]
    pub fn boxes(&self, most: u64) -> Boxes {
        Boxes::new(self.shape(), most)
    }

    /// A chunk shape for storage: the grid is split as by [`Grid::boxes`], so that a box covers
    /// whole chunks.
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

/// The index of a cell from its indices along the axes, the last axis fastest.
#[must_use]
pub fn ravel(shape: &[usize], indices: &[usize]) -> usize {
    shape.iter().zip(indices).fold(0, |index, (n, i)| index * n + i)
}

/// The indices of a cell along the axes, the last axis fastest.
#[must_use]
pub fn unravel(shape: &[usize], index: usize) -> Vec<usize> {
    let (mut rest, mut indices) = (index, vec![0; shape.len()]);
    for (slot, n) in indices.iter_mut().zip(shape).rev() {
        *slot = rest % n;
        rest /= n;
    }
    indices
}

/// The axis to split, and how many of its values make up at most `most` cells (a power of two if
/// split).
fn cut(shape: &[u64], most: u64) -> (usize, u64) {
    let mut inner = 1;
    for d in (0..shape.len()).rev() {
        if inner * shape[d] > most {
            let fits = (most / inner).max(1);
            // Powers of two nest, so a smaller box never straddles a larger one.
            return (d, 1 << fits.ilog2());
        }
        inner *= shape[d];
    }
    (0, shape[0])
}

/// A box of cells: consecutive in index, and a hyperslab of the n-D grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridBox {
    /// Index of the first cell.
    pub first: u64,
    /// Number of cells.
    pub cells: u64,
    /// Index of the first cell along each axis.
    pub start: Vec<u64>,
    /// Number of cells along each axis.
    pub count: Vec<u64>,
}

/// A grid split into boxes, in order of index.
///
/// The boxes are not stored: a grid may have more boxes than fit in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxes {
    shape: Vec<u64>,
    /// The axis along which the grid is split.
    split: usize,
    /// Number of values of the split axis in one box.
    thickness: u64,
}

impl Boxes {
    /// The boxes of a grid of this shape, with at most `most` cells each.
    #[must_use]
    pub fn new(shape: Vec<u64>, most: u64) -> Self {
        let (split, thickness) = cut(&shape, most);
        Self { shape, split, thickness }
    }

    /// The chunks of this shape of a grid, in order; `None` if their cells are not consecutive, or there are none.
    #[must_use]
    pub fn chunks(shape: Vec<u64>, chunk: &[u64]) -> Option<Self> {
        if chunk.len() != shape.len() || shape.is_empty() || shape.contains(&0) || chunk.contains(&0) {
            return None;
        }
        let split = (1..shape.len()).rev().find(|d| chunk[*d] < shape[*d]).unwrap_or(0);
        let thickness = chunk[split];
        // One that reaches beyond the grid has places without cells in between.
        let is_run = chunk[..split].iter().all(|n| *n == 1) && chunk[split + 1..] == shape[split + 1..];
        is_run.then_some(Self { shape, split, thickness })
    }

    /// Number of cells of a box that the grid's end does not cut.
    #[must_use]
    pub fn whole(&self) -> u64 {
        self.thickness.saturating_mul(self.shape[self.split + 1..].iter().product())
    }

    /// Number of the box that holds the cell with this index.
    #[must_use]
    pub fn holding(&self, index: u64) -> u64 {
        let inner: u64 = self.shape[self.split + 1..].iter().product();
        let (outer, at) = (index / inner / self.shape[self.split], index / inner % self.shape[self.split]);
        outer * self.shape[self.split].div_ceil(self.thickness) + at / self.thickness
    }

    /// Number of boxes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a grid has a cell, hence a box")]
    pub fn len(&self) -> u64 {
        self.shape[..self.split].iter().product::<u64>() * self.shape[self.split].div_ceil(self.thickness)
    }

    /// The box with this number.
    #[must_use]
    pub fn get(&self, number: u64) -> GridBox {
        let slabs = self.shape[self.split].div_ceil(self.thickness);
        let (outer, at) = (number / slabs, number % slabs * self.thickness);
        let mut start = vec![0; self.shape.len()];
        let mut rest = outer;
        for d in (0..self.split).rev() {
            start[d] = rest % self.shape[d];
            rest /= self.shape[d];
        }
        start[self.split] = at;
        let inner: u64 = self.shape[self.split + 1..].iter().product();
        let n = self.thickness.min(self.shape[self.split] - at);
        let mut count = vec![1; self.shape.len()];
        count[self.split] = n;
        count[self.split + 1..].copy_from_slice(&self.shape[self.split + 1..]);
        GridBox { first: (outer * self.shape[self.split] + at) * inner, cells: n * inner, start, count }
    }

    /// All boxes, in order.
    pub fn iter(&self) -> impl Iterator<Item = GridBox> {
        (0..self.len()).map(|n| self.get(n))
    }
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
            for b in grid.boxes(most).iter() {
                prop_assert_eq!(b.first, next);
                prop_assert!(b.cells <= most.max(1) && b.cells == b.count.iter().product::<u64>());
                // The first and the last cell are at the box's corners.
                let corner: Vec<_> = b.start.iter().zip(grid.axes()).map(|(i, a)| a.value(*i)).collect();
                prop_assert_eq!(grid.point(b.first), corner);
                let far: Vec<_> = b.start.iter().zip(&b.count).zip(grid.axes()).map(|((i, n), a)| a.value(i + n - 1)).collect();
                prop_assert_eq!(grid.point(b.first + b.cells - 1), far);
                next += b.cells;
            }
            prop_assert_eq!(next, grid.cells());
            // A chunk is a box of the smallest kind, and each cell is found in its own.
            let chunks = Boxes::chunks(shape.clone(), &grid.chunk(most)).unwrap();
            prop_assert_eq!(&chunks, &grid.boxes(most));
            for (number, b) in chunks.iter().enumerate() {
                prop_assert!(b.cells <= chunks.whole());
                prop_assert!((b.first..b.first + b.cells).all(|i| chunks.holding(i) == number as u64));
            }
        }
    }

    #[test]
    fn the_last_box_of_a_huge_grid_is_found_without_the_others() {
        let axes = ["V_n=1:2:65536", "R_n=1:2:4096", "Gamma=0.1:1:256", "alpha=0.1:1:8", "Z_T=0:1:2"];
        let grid = Grid::new(axes.iter().map(|a| a.parse().unwrap()).collect()).unwrap();
        assert_eq!(grid.cells(), 1 << 40);
        let boxes = grid.boxes(1 << 18);
        assert_eq!(boxes.len(), 1 << 22);
        let last = boxes.get(boxes.len() - 1);
        assert_eq!(last.first + last.cells, 1 << 40);
        let first = boxes.get(0);
        let corner: Vec<_> = grid.axes().iter().map(|a| a.value(0)).collect();
        assert_eq!((first.first, grid.point(0)), (0, corner));
        let end: Vec<_> = grid.axes().iter().map(|a| a.value(a.len() - 1)).collect();
        assert_eq!(grid.point((1 << 40) - 1), end);
    }
}
