//! Checksums of a map's cells, taken when they are written and again when they are read back.
//!
//! Cells come in order of index, in boxes of any size, so each start has one checksum over all its
//! cells. Numbers are summed as the file stores them, in f32 or f64, and every NaN counts as the
//! same. `columns` writes and reads the cells.

use super::schema::NO_OUTCOME;
use crate::results::{Attractors, COLUMNS, CellResult, Storage};
use crc32fast::Hasher;
use rayon::prelude::*;

/// Number of cells that are summed together.
const AT_ONCE: usize = 1 << 12;

/// Running checksums of the cells so far.
#[derive(Debug, Clone)]
pub(super) struct ResultSum {
    double: bool,
    by_start: Vec<Hasher>,
    attractors: Hasher,
    computed_by: Hasher,
    /// Index of the next cell.
    next: u64,
}

impl ResultSum {
    /// The checksums of no cells; `starts` is 0 if there is one start and no dimension for it.
    pub(super) fn new(starts: usize, double: bool) -> Self {
        let by_start = vec![Hasher::new(); starts.max(1)];
        Self { double, by_start, attractors: Hasher::new(), computed_by: Hasher::new(), next: 0 }
    }

    /// Adds the results of a box's cells, by start.
    ///
    /// # Errors
    /// A message if the box is not the next one, or its starts differ in number or length.
    pub(super) fn add(&mut self, first: u64, by_start: &[Vec<CellResult>]) -> Result<(), String> {
        let cells = by_start.first().map_or(0, Vec::len);
        if first != self.next || by_start.len() != self.by_start.len() || by_start.iter().any(|a| a.len() != cells) {
            return Err(format!("cells from {first} on came where cell {} was due", self.next));
        }
        self.next += cells as u64;
        for (hasher, results) in self.by_start.iter_mut().zip(by_start) {
            let sum_of = |some: &[CellResult]| {
                let mut bytes = Vec::with_capacity(some.len() * (COLUMNS.len() * size_of::<f64>() + 2));
                for result in some {
                    for (column, value) in COLUMNS.iter().zip(result.numbers()) {
                        bytes.extend(stored(value, self.double && column.kind == Storage::Computed));
                    }
                    bytes.extend([result.outcome as u8, result.certificate.map_or(NO_OUTCOME, |c| c as u8)]);
                }
                let mut sum = Hasher::new();
                sum.update(&bytes);
                sum
            };
            let sums: Vec<Hasher> = results.par_chunks(AT_ONCE).map(sum_of).collect();
            sums.iter().for_each(|sum| hasher.combine(sum));
        }
        Ok(())
    }

    /// Adds the attractors of the next cells, which summarise all their starts.
    pub(super) fn add_attractors(&mut self, cells: &[Attractors]) {
        for c in cells {
            let flag = |v: Option<u8>| v.map_or([0, 0], |v| [1, v]);
            self.attractors.update(&flag(c.count));
            self.attractors.update(&flag(c.coexist.map(u8::from)));
            self.attractors.update(&stored(c.largest_span, self.double));
        }
    }

    /// Adds the number of the engine that computed the next `cells` cells.
    pub(super) fn add_computed_by(&mut self, cells: u64, engine: u8) {
        (0..cells).for_each(|_| self.computed_by.update(&[engine]));
    }

    /// Checksums of no cells, for the same starts and precision.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.starts(), self.double)
    }

    /// Number of starts; 0 if there is one.
    pub(super) fn starts(&self) -> usize {
        if self.by_start.len() > 1 { self.by_start.len() } else { 0 }
    }

    /// Compares with the checksums of the cells read back; the error is the reason if they differ.
    pub(super) fn compare(&self, there: &Self) -> Result<(), String> {
        if there.next != self.next {
            return Err(format!("{} of its cells were written, of {}", self.next, there.next));
        }
        if there.value() != self.value() {
            return Err("the disk gives back other cells than it was given".to_string());
        }
        Ok(())
    }

    /// One checksum over everything.
    pub(super) fn value(&self) -> u32 {
        let mut all = Hasher::new();
        for hasher in self.by_start.iter().chain([&self.attractors, &self.computed_by]) {
            all.update(&hasher.clone().finalize().to_le_bytes());
        }
        all.finalize()
    }
}

/// The bytes of a number as the file stores it.
fn stored(value: f64, double: bool) -> [u8; 8] {
    let stored = if double { value } else { f64::from(value as f32) };
    (if stored.is_nan() { f64::NAN } else { stored }).to_bits().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Outcome;

    #[test]
    fn any_cut_gives_the_same_sum_and_any_change_another() {
        let result =
            |i: u8| CellResult { span: f64::from(i) / 3.0, ..CellResult::without_numbers(Outcome::Oscillating) };
        let cells: Vec<CellResult> = (0..20).map(result).collect();
        let sum = |cuts: &[usize], cells: &[CellResult]| {
            let mut sum = ResultSum::new(0, false);
            let mut from = 0;
            for to in cuts {
                sum.add(from as u64, &[cells[from..*to].to_vec()]).unwrap();
                from = *to;
            }
            sum.value()
        };
        let whole = sum(&[20], &cells);
        assert_eq!(sum(&[1, 7, 20], &cells), whole);
        let changed = |change: fn(&mut CellResult)| {
            let mut cells = cells.clone();
            change(&mut cells[13]);
            sum(&[20], &cells)
        };
        assert_ne!(changed(|a| a.span += 1e-6), whole);
        assert_ne!(changed(|a| a.outcome = Outcome::Steady), whole);
        assert_ne!(changed(|a| a.certificate = Some(crate::results::Certificate::None)), whole);
        assert_ne!(changed(|a| a.period = 0.0), whole);
        // A change below single precision makes no difference.
        assert_eq!(changed(|a| a.span *= 1.0 + 1e-12), whole);
        let mut late = ResultSum::new(0, false);
        assert!(late.add(5, &[cells]).is_err(), "a box is missing");
    }
}
