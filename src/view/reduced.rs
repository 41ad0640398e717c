//! Which cells of a large map the page has.

use crate::error::Result;
use crate::store::MapFile;
use std::ops::Range;

/// Most cells of a page, from all starts.
pub(super) const MOST_CELLS: usize = 2_000_000;

/// Cells that are read at once.
const AT_ONCE: usize = 1 << 20;

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

    /// The kept cells of a column from a start, row-major; read some rows of the slowest axis at a time.
    pub(super) fn cells_of(&self, map: &MapFile, column: &str, start: usize) -> Result<Vec<f64>> {
        let row = self.lengths[1..].iter().fold(1, |n: usize, m| n.saturating_mul(*m));
        let rows = (AT_ONCE / row.max(1)).max(1);
        let mut out = Vec::with_capacity(self.cells());
        for first in (0..self.lengths[0]).step_by(rows) {
            let last = (first + rows).min(self.lengths[0]);
            let mut kept = (first..last).filter(|i| i % self.strides[0] == 0).peekable();
            if kept.peek().is_none() {
                continue;
            }
            let mut place: Vec<Range<usize>> = self.lengths.iter().map(|n| 0..*n).collect();
            place[0] = first..last;
            let read = map.cells(column, start, &place)?;
            kept.for_each(|i| self.pick(&read, 1, i - first, &mut out));
        }
        Ok(out)
    }

    /// Adds the kept cells of some rows from an axis on; `at` is the place reached.
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
