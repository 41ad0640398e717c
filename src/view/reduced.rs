//! Which cells of a large map the page has.

use crate::error::Result;
use crate::store::MapFile;
use std::ops::Range;

/// Most cells of a page, from all starts.
pub(super) const MOST_CELLS: usize = 2_000_000;

/// The indices that are kept along each axis: each `stride`-th.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    lengths: Vec<usize>,
    pub strides: Vec<usize>,
}

impl Kept {
    /// Strides for axes of these lengths, so that a page with `starts` starts has at most `most` cells.
    pub(super) fn of(lengths: &[usize], starts: usize, most: usize) -> Self {
        let mut kept = Self { lengths: lengths.to_vec(), strides: vec![1; lengths.len()] };
        while kept.cells().saturating_mul(starts.max(1)) > most {
            let Some(longest) = (0..lengths.len()).max_by_key(|axis| kept.length(*axis)) else { break };
            if kept.length(longest) < 2 {
                break;
            }
            kept.strides[longest] += 1;
        }
        kept
    }

    fn length(&self, axis: usize) -> usize {
        self.lengths[axis].div_ceil(self.strides[axis])
    }

    /// Number of cells that are kept.
    pub(super) fn cells(&self) -> usize {
        (0..self.lengths.len()).fold(1, |n, axis| n.saturating_mul(self.length(axis)))
    }

    /// Whether all cells are kept.
    pub(super) fn is_whole(&self) -> bool {
        self.strides.iter().all(|s| *s == 1)
    }

    /// The indices that are kept along an axis.
    pub(super) fn indices(&self, axis: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.lengths[axis]).step_by(self.strides[axis])
    }

    /// The kept cells of a column from a start, row-major; read row by row of the slowest axis.
    pub(super) fn cells_of(&self, map: &MapFile, column: &str, start: usize) -> Result<Vec<f64>> {
        let mut out = Vec::with_capacity(self.cells());
        for first in self.indices(0) {
            let mut place: Vec<Range<usize>> = self.lengths.iter().map(|n| 0..*n).collect();
            place[0] = first..first + 1;
            let row = map.cells(column, start, &place)?;
            self.pick(&row, 1, 0, &mut out);
        }
        Ok(out)
    }

    /// Adds the kept cells of a row from an axis on; `at` is the place reached.
    fn pick(&self, row: &[f64], axis: usize, at: usize, out: &mut Vec<f64>) {
        if axis == self.lengths.len() {
            out.extend(row.get(at));
            return;
        }
        for i in self.indices(axis) {
            self.pick(row, axis + 1, at * self.lengths[axis] + i, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_map_is_thinned_along_its_longest_axes() {
        assert!(Kept::of(&[3, 4], 1, 12).is_whole());
        let kept = Kept::of(&[3, 4], 1, 11);
        assert_eq!((kept.strides.clone(), kept.cells()), (vec![1, 2], 6));
        assert!(Kept::of(&[2000, 3000], 2, MOST_CELLS).cells() <= MOST_CELLS / 2);
        let mut out = Vec::new();
        kept.pick(&[0.0, 1.0, 2.0, 3.0], 1, 0, &mut out);
        assert_eq!(out, [0.0, 2.0]);
    }
}
