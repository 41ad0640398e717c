//! A cut of a map along one or two axes, read block by block, so that memory depends on the picture,
//! not on the map.

use super::placing::first_is_x;
use super::style::Style;
use crate::error::{Error, Result};
use crate::figure::{View, fixed_indices, free_axes, ordinary_left_out};
use crate::model::Parameter;
use crate::results::{CERTIFICATE, DERIVED, LARGEST_SPAN, MARGINS, OUTCOME, Outcome};
use crate::store::{MapFile, StoredAxis};
use std::ops::Range;

/// Maximum number of cells read at a time; a chunk of the file has fewer.
const BLOCK: usize = 1 << 20;

/// A cut of a map, before its cells are read.
pub(super) struct Cut<'a> {
    map: &'a MapFile,
    pub column: String,
    start: usize,
    /// Name of the start that is shown, where the map has several.
    pub from: Option<String>,
    /// Index at which each axis of the map is fixed, or `None` for a free axis.
    indices: Vec<Option<usize>>,
    /// Free axes, slowest first.
    pub axes: Vec<StoredAxis>,
    pub fixed: Vec<(Parameter, f64)>,
    /// Whether the slower of two axes goes along x.
    first_is_x: bool,
}

/// Most distinct values that a legend names one by one.
const MOST_DISTINCT: usize = 8;

/// One cell of a cut; without an outcome it was never written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CutCell {
    pub value: f64,
    pub outcome: Option<Outcome>,
}

/// Consecutive cells of a row.
pub(super) struct Cells<'a> {
    /// Index of the row (0 in a 1-D cut).
    pub row: usize,
    /// Index of the first cell within the row.
    pub first: usize,
    pub cells: &'a [CutCell],
}

/// Summary of the cells of a cut: range of values and outcomes.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Smallest and largest settled value.
    range: Option<(f64, f64)>,
    /// Smallest settled value above 0.
    pub least: Option<f64>,
    /// Number of settled values that are not above 0.
    pub not_above_0: u64,
    /// Ends of the colours that are asked for.
    limits: [Option<f64>; 2],
    /// Numbers of settled values below the first limit, and above the second.
    pub beyond: [u64; 2],
    /// Distinct settled values, up to one more than [`MOST_DISTINCT`].
    values: Vec<f64>,
    outcomes: [bool; Outcome::ALL.len()],
    /// Whether a settled cell has no value.
    pub nothing: bool,
}

impl Seen {
    /// A summary that counts the values beyond the ends of the colours that a style asks for.
    pub(super) fn with(style: &Style) -> Self {
        Self { limits: [style.lowest, style.highest], ..Self::default() }
    }

    pub(super) fn take_in(&mut self, cell: &CutCell) {
        let Some(outcome) = cell.outcome else { return };
        self.outcomes[outcome as usize] = true;
        if outcome.is_settled() {
            self.nothing |= cell.value.is_nan();
            if cell.value.is_finite() {
                let (low, high) = self.range.unwrap_or((cell.value, cell.value));
                self.range = Some((low.min(cell.value), high.max(cell.value)));
                if cell.value > 0.0 {
                    self.least = Some(self.least.map_or(cell.value, |v| v.min(cell.value)));
                } else {
                    self.not_above_0 += 1;
                }
                self.beyond[0] += u64::from(self.limits[0].is_some_and(|low| cell.value < low));
                self.beyond[1] += u64::from(self.limits[1].is_some_and(|high| cell.value > high));
                if self.values.len() <= MOST_DISTINCT && !self.values.contains(&cell.value) {
                    self.values.push(cell.value);
                }
            }
        }
    }

    pub(super) fn has(&self, outcome: Outcome) -> bool {
        self.outcomes[outcome as usize]
    }

    /// Whether a settled cell has this value.
    pub(super) fn has_value(&self, value: f64) -> bool {
        self.values.contains(&value)
    }

    /// Distinct settled values, unless they are many.
    pub(super) fn distinct(&self) -> Option<&[f64]> {
        (self.values.len() <= MOST_DISTINCT).then_some(&self.values[..])
    }

    /// Smallest and largest settled value.
    pub(super) fn ends(&self) -> Option<[f64; 2]> {
        self.range.map(|(low, high)| [low, high])
    }

    /// Range from the smallest to the largest settled value; spans start at 0.
    pub(super) fn range(&self, column: &str) -> (f64, f64) {
        let (low, high) = self.range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let low = if column.ends_with("span") { 0.0 } else { low };
        match (low.is_finite(), high > low) {
            (true, true) => (low, high),
            (true, false) => (low, low + low.abs().max(1.0) * 1e-3),
            (false, _) => (0.0, 1.0),
        }
    }
}

/// Rank of an outcome: a picture of all starts shows a cell's highest one.
fn priority(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Chaotic => 7,
        Outcome::Quasiperiodic => 6,
        Outcome::Oscillating => 5,
        Outcome::Steady => 4,
        Outcome::Unsettled => 3,
        Outcome::Diverged => 2,
        Outcome::StartDependent => 1,
        Outcome::Absent => 0,
    }
}

impl<'a> Cut<'a> {
    /// Makes the cut of a map that a view shows.
    ///
    /// # Errors
    /// [`Error::Request`] if no axis or more than two are left free, a parameter is fixed that is no
    /// axis, or an axis is fixed at a value beyond it.
    pub(super) fn new(map: &'a MapFile, view: &View<'_>) -> Result<Self> {
        let View { column, start, at, .. } = *view;
        let indices = fixed_indices(map, at)?;
        let (axes, fixed) = free_axes(map, at)?;
        if axes.is_empty() {
            return Err(Error::request("no axis is left to draw along", "fix fewer axes with `at`"));
        }
        if axes.len() > 2 {
            let names: Vec<_> = axes.iter().map(|a| a.parameter.name()).collect();
            return Err(Error::request(
                format!("{} axes are left to draw along: {}", axes.len(), names.join(", ")),
                format!("fix {} of them with `at` NAME=VALUE, or draw panels with `facet` NAME", axes.len() - 2),
            ));
        }
        let first_is_x = match &axes[..] {
            [first, second] => first_is_x([first.parameter, second.parameter], view.style)?,
            _ => false,
        };
        let cut = Self {
            map,
            column: column.to_string(),
            start,
            from: None,
            indices,
            axes,
            fixed: ordinary_left_out(&fixed),
            first_is_x,
        };
        let from = map.starts().get(start).cloned().filter(|_| !cut.is_derived());
        Ok(Self { from, ..cut })
    }

    /// Plane of the last two axes of a map of three axes, at an index of the first.
    ///
    /// # Errors
    /// [`Error::Request`] if the style names an axis that is none of the plane's.
    pub(super) fn plane(map: &'a MapFile, column: &str, index: usize, style: &Style) -> Result<Self> {
        let indices = vec![Some(index), None, None];
        let axes = map.axes()[1..].to_vec();
        let first_is_x = first_is_x([axes[0].parameter, axes[1].parameter], style)?;
        let column = column.to_string();
        Ok(Self { map, column, start: 0, from: None, indices, axes, fixed: Vec::new(), first_is_x })
    }

    /// Axes of a plane as they are drawn: x, then y.
    pub(super) fn sides(&self) -> [&StoredAxis; 2] {
        let [first, second] = [&self.axes[0], &self.axes[self.axes.len() - 1]];
        if self.first_is_x { [first, second] } else { [second, first] }
    }

    /// Indices along x and y of a cell of a plane.
    pub(super) fn place(&self, row: usize, column: usize) -> [usize; 2] {
        if self.first_is_x { [row, column] } else { [column, row] }
    }

    fn is_derived(&self) -> bool {
        self.is_attractors() || MARGINS.iter().any(|m| m.0 == self.column)
    }

    /// Whether the column tells of the attractors of a cell.
    fn is_attractors(&self) -> bool {
        DERIVED.iter().any(|d| d.0 == self.column)
    }

    /// Shape of the cut: (rows, cells per row); a 1-D cut is one row.
    pub(super) fn shape(&self) -> (usize, usize) {
        match &self.axes[..] {
            [y, x] => (y.values.len(), x.values.len()),
            [x] => (1, x.values.len()),
            _ => (0, 0),
        }
    }

    /// Calls `see` with all cells, row by row and in order.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no such column or an outcome is invalid; [`Error::File`] if the
    /// file cannot be read.
    pub(super) fn read(&self, see: impl FnMut(&Cells<'_>)) -> Result<()> {
        self.read_by(BLOCK, see)
    }

    /// Reads the cells in order, at most `most` of them at a time.
    fn read_by(&self, most: usize, mut see: impl FnMut(&Cells<'_>)) -> Result<()> {
        let (rows, width) = self.shape();
        let wide = width.clamp(1, most);
        // A power of two, so that blocks are made of whole chunks.
        let high = 1 << (most / wide).ilog2();
        for row in (0..rows).step_by(high) {
            for first in (0..width).step_by(wide) {
                let (rows, columns) = (row..rows.min(row + high), first..width.min(first + wide));
                let cells = self.block(&rows, &columns)?;
                for (row, cells) in rows.zip(cells.chunks(columns.len())) {
                    see(&Cells { row, first, cells });
                }
            }
        }
        Ok(())
    }

    fn block(&self, rows: &Range<usize>, columns: &Range<usize>) -> Result<Vec<CutCell>> {
        let mut running = if self.axes.len() == 2 { vec![columns, rows] } else { vec![columns] };
        let index_of = |index: &Option<usize>| match index {
            Some(i) => *i..i + 1,
            None => running.pop().cloned().unwrap_or(0..1),
        };
        let place: Vec<_> = self.indices.iter().map(index_of).collect();
        let values = self.map.cells(&self.column, self.start, &place)?;
        let outcomes_from = |start: usize| -> Result<Vec<Option<Outcome>>> {
            let numbers = self.map.cells(OUTCOME.0, start, &place)?;
            Ok(numbers.into_iter().map(|n| Outcome::from_number(n as u32)).collect())
        };
        let mut outcomes = outcomes_from(self.start)?;
        if self.is_derived() {
            // A cell takes the highest-ranked outcome of its starts.
            for other in 1..self.map.starts().len() {
                for (o, new) in outcomes.iter_mut().zip(outcomes_from(other)?) {
                    *o = (*o).into_iter().chain(new).max_by_key(|o| priority(*o));
                }
            }
        }
        let counted = self.is_attractors() && self.column != LARGEST_SPAN || self.column == CERTIFICATE.0;
        let whole = |v: f64| if counted && v == f64::from(u8::MAX) { f64::NAN } else { v };
        Ok(values.into_iter().zip(outcomes).map(|(v, outcome)| CutCell { value: whole(v), outcome }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineOptions, Progress, open_engine};
    use crate::plan::{Plan, Request};
    use crate::sweep::run;

    /// All cells of a cut, read in blocks of at most `most` cells.
    fn in_blocks(cut: &Cut<'_>, most: usize) -> Vec<CutCell> {
        let (rows, width) = cut.shape();
        let mut cells = vec![CutCell { value: f64::INFINITY, outcome: None }; rows * width];
        let mut next = 0;
        cut.read_by(most, |part| {
            assert!(part.first + part.cells.len() <= width && part.row < rows);
            cells[part.row * width + part.first..][..part.cells.len()].copy_from_slice(part.cells);
            next += part.cells.len();
        })
        .unwrap();
        assert_eq!(next, rows * width, "every cell once");
        cells
    }

    #[test]
    fn blocks_of_any_size_show_the_same_cells_as_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.h5");
        let toml = "grid = ['Gamma=0,0.2,0.9', 'V_n=1,3,4,5,6', 'R_n=5,8,16,20']\nstart = 'equilibria'\nengine = 'cpu'\nt-max = 60.0\naudit = 0\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        run(
            &plan,
            &open_engine(&EngineOptions { kind: plan.request.engine, ..EngineOptions::default() }).unwrap(),
            &path,
            "",
            &Progress::default(),
        )
        .unwrap();
        let map = MapFile::open(&path).unwrap();
        let fixed: [&[(Parameter, f64)]; 3] =
            [&[(Parameter::Gamma, 0.9)], &[(Parameter::VN, 4.0)], &[(Parameter::RN, 8.0), (Parameter::Gamma, 0.0)]];
        let mut seen = Seen::default();
        for column in ["span", "v_mean", "period", "outcome", "largest_span", "attractors", "coexistence"] {
            for (start, at) in fixed.iter().flat_map(|at| (0..3).map(move |start| (start, at))) {
                let cut = Cut::new(&map, &View { column, start, at, style: &crate::figure::Style::USUAL }).unwrap();
                let whole = map.cut_from(column, start, &cut.indices).unwrap();
                let outcomes = map.cut_from(OUTCOME.0, start, &cut.indices).unwrap();
                let cells = in_blocks(&cut, BLOCK);
                cells.iter().for_each(|c| seen.take_in(c));
                for (cell, (value, outcome)) in cells.iter().zip(whole.iter().zip(&outcomes)) {
                    let counted = ["attractors", "coexistence"].contains(&column) && *value == 255.0;
                    let value = if counted { f64::NAN } else { *value };
                    assert!(cell.value == value || cell.value.is_nan() && value.is_nan(), "{column}: {cell:?} {value}");
                    assert!(cut.is_derived() || cell.outcome == Outcome::from_number(*outcome as u32), "{column}");
                }
                for most in [1, 2, 3, 7, 16] {
                    let in_pieces = in_blocks(&cut, most);
                    let same =
                        |(a, b): (&CutCell, &CutCell)| a.value.to_bits() == b.value.to_bits() && a.outcome == b.outcome;
                    assert!(in_pieces.iter().zip(&cells).all(same), "{column} in blocks of {most}");
                }
            }
        }
        // Outcomes that occur are seen; negative control: one that does not occur is not.
        assert!([Outcome::Steady, Outcome::StartDependent, Outcome::Absent].iter().all(|o| seen.has(*o)));
        assert!(!seen.has(Outcome::Diverged) && seen.nothing);
    }

    #[test]
    fn colours_run_over_what_is_settled() {
        let range = |column: &str, cells: &[(f64, Outcome)]| {
            let mut seen = Seen::default();
            cells.iter().for_each(|(value, o)| seen.take_in(&CutCell { value: *value, outcome: Some(*o) }));
            seen.range(column)
        };
        use Outcome::{Oscillating, Steady, Unsettled};
        let cells = [(2.0, Steady), (5.0, Oscillating), (9.0, Unsettled), (f64::NAN, Steady)];
        assert_eq!((range("v_mean", &cells), range("span", &cells)), ((2.0, 5.0), (0.0, 5.0)));
        assert_eq!((range("v_mean", &cells[..1]), range("v_mean", &[])), ((2.0, 2.002), (0.0, 1.0)));
        assert_eq!(range("span", &[]), (0.0, 1e-3));
    }
}
