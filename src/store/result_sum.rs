//! Checksums of a map's cells, taken when they are written and again when they are read back.
//!
//! Cells come in order of index, in boxes of any size, so each start has one checksum over all its
//! cells. Numbers are summed as the file stores them, in f32 or f64, and every NaN counts as the
//! same. `columns` writes and reads the cells.

use super::schema::NO_OUTCOME;
use crate::results::{Attractors, COLUMNS, CellResult, Storage};
use crc32fast::Hasher;
use rayon::prelude::*;

/// Number of cells that one thread sums at a time.
const AT_ONCE: usize = 1 << 12;
/// Bytes of a cell: its numbers as f64, its outcome, and its certificate.
const RECORD: usize = COLUMNS.len() * size_of::<f64>() + 2;
/// Number of cells whose bytes lie side by side at a time.
const TOGETHER: usize = 64;

/// Running checksums of the cells so far.
#[derive(Debug, Clone)]
pub(super) struct ResultSum {
    double: bool,
    by_start: Vec<Hasher>,
    attractors: Hasher,
    computed_by: Hasher,
    margins: Hasher,
    /// Of the columns that were asked for, by start; empty as long as there are none.
    optional: Vec<Hasher>,
    /// Index of the next cell.
    next: u64,
}

impl ResultSum {
    /// The checksums of no cells; `starts` is 0 if there is one start and no dimension for it.
    pub(super) fn new(starts: usize, double: bool) -> Self {
        let by_start = vec![Hasher::new(); starts.max(1)];
        let [attractors, computed_by, margins] = [0; 3].map(|_| Hasher::new());
        Self { double, by_start, attractors, computed_by, margins, optional: Vec::new(), next: 0 }
    }

    /// Adds the results of a box's cells, by start.
    ///
    /// # Errors
    /// A message if the box is not the next one, or its starts differ in number or length.
    pub(super) fn add(&mut self, first: u64, by_start: &[Vec<CellResult>]) -> Result<(), String> {
        let cells = by_start.first().map_or(0, Vec::len);
        if by_start.iter().any(|results| results.len() != cells) {
            return Err(format!("cells from {first} on have {cells} results from one start and not from another"));
        }
        let sum_of = |results: &[CellResult]| {
            let certificate = |i: usize| results[i].certificate.map_or(NO_OUTCOME, |c| c as u8);
            let cell = |i: usize| (results[i].numbers(), [results[i].outcome as u8, certificate(i)]);
            self.sum_of(results.len(), cell)
        };
        let sums = by_start.iter().map(|results| results.par_chunks(AT_ONCE).map(sum_of).collect()).collect();
        self.extend(first, cells as u64, sums)
    }

    /// The checksum of consecutive cells of one start, from their columns: numbers, outcome and certificate.
    ///
    /// # Errors
    /// A message if a column is missing, or shorter than others.
    pub(super) fn sum_of_columns(&self, columns: &[Vec<f64>], cells: usize) -> Result<Hasher, String> {
        let mut all = [&[][..]; COLUMNS.len() + 2];
        if columns.len() != all.len() || columns.iter().any(|values| values.len() != cells) {
            return Err("a column of cells is missing, or shorter than others".to_string());
        }
        all.iter_mut().zip(columns).for_each(|(column, values)| *column = &values[..cells]);
        let [outcome, certificate] = [all[COLUMNS.len()], all[COLUMNS.len() + 1]];
        let cell = |i: usize| (std::array::from_fn(|c| all[c][i]), [outcome[i] as u8, certificate[i] as u8]);
        Ok(self.sum_of(cells, cell))
    }

    /// Adds the checksums of the next cells, by start, each in order of the cells.
    ///
    /// # Errors
    /// A message if the cells are not the next ones, or the number of starts is another.
    pub(super) fn extend(&mut self, first: u64, cells: u64, by_start: Vec<Vec<Hasher>>) -> Result<(), String> {
        if first != self.next || by_start.len() != self.by_start.len() {
            return Err(format!("cells from {first} on came where cell {} was due", self.next));
        }
        self.next += cells;
        for (hasher, sums) in self.by_start.iter_mut().zip(by_start) {
            sums.iter().for_each(|sum| hasher.combine(sum));
        }
        Ok(())
    }

    /// The checksum of consecutive cells of one start: the numbers of each, its outcome and its certificate.
    fn sum_of(&self, cells: usize, cell: impl Fn(usize) -> ([f64; COLUMNS.len()], [u8; 2])) -> Hasher {
        let doubles: [bool; COLUMNS.len()] =
            std::array::from_fn(|c| self.double && COLUMNS[c].kind == Storage::Computed);
        let (mut sum, mut bytes) = (Hasher::new(), [0; RECORD * TOGETHER]);
        for from in (0..cells).step_by(TOGETHER) {
            let some = from..cells.min(from + TOGETHER);
            for (i, record) in some.clone().zip(bytes.chunks_exact_mut(RECORD)) {
                let (numbers, codes) = cell(i);
                let (head, tail) = record.split_at_mut(RECORD - codes.len());
                for ((place, number), double) in head.as_chunks_mut().0.iter_mut().zip(numbers).zip(doubles) {
                    *place = stored(number, double);
                }
                tail.copy_from_slice(&codes);
            }
            sum.update(&bytes[..some.len() * RECORD]);
        }
        sum
    }

    /// Adds the attractors of the next cells, which summarise all their starts.
    pub(super) fn add_attractors(&mut self, cells: &[Attractors]) {
        let flag = |v: Option<u8>| v.map_or([0, 0], |v| [1, v]);
        for some in cells.chunks(AT_ONCE) {
            let mut bytes = Vec::with_capacity(some.len() * (4 + size_of::<f64>()));
            for c in some {
                bytes.extend(flag(c.count));
                bytes.extend(flag(c.coexist.map(u8::from)));
                bytes.extend(stored(c.largest_span, self.double));
            }
            self.attractors.update(&bytes);
        }
    }

    /// Adds the numbers of the engines that computed the next cells.
    pub(super) fn add_computed_by(&mut self, engines: &[u8]) {
        self.computed_by.update(engines);
    }

    /// Adds the margins of the next cells.
    pub(super) fn add_margins(&mut self, cells: &[[f64; 2]]) {
        for some in cells.chunks(AT_ONCE) {
            let bytes: Vec<u8> = some.iter().flatten().flat_map(|v| stored(*v, false)).collect();
            self.margins.update(&bytes);
        }
    }

    /// Adds the columns of the next cells that were asked for: by start, then by column.
    pub(super) fn add_optional(&mut self, by_start: &[Vec<Vec<f64>>]) {
        self.optional.resize(self.by_start.len(), Hasher::new());
        for (hasher, columns) in self.optional.iter_mut().zip(by_start) {
            for i in 0..columns.first().map_or(0, Vec::len) {
                let missing = f64::NEG_INFINITY;
                let cell = columns.iter().map(|column| stored(column.get(i).copied().unwrap_or(missing), true));
                cell.for_each(|bytes| hasher.update(&bytes));
            }
        }
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
        for hasher in
            self.by_start.iter().chain([&self.attractors, &self.computed_by, &self.margins]).chain(&self.optional)
        {
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
