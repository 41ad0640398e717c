//! Comparison of two maps of one grid, cell by cell and in bounded memory.

use super::audit::QUANTILES;
use super::stored_plan::stored_request;
use super::tolerance::span_tolerance;
use crate::error::{Error, Result};
use crate::grid::{Boxes, GridBox};
use crate::results::{CellResult, MEANS, Outcome, optional_columns};
use crate::store::MapFile;

/// Number of cells compared at a time.
const AT_ONCE: u64 = 1 << 16;
/// Largest number of cells that a report lists.
const LISTED: usize = 10;
/// Number of size classes per decade in which differences are counted.
const PER_DECADE: f64 = 64.0;
/// Smallest difference that size classes resolve: all smaller ones share one class.
const SMALLEST: f64 = 1e-12;
/// Number of decades with size classes.
const DECADES: f64 = 16.0;
/// Relative difference up to which values of an axis or a parameter are the same.
const SAME: f64 = 1e-12;
/// Difference of values in columns that were asked for, relative to 1 + their size, up to which they are the same: both maps
/// have them in f64, but may have other steps.
const SAME_VALUE: f64 = 1e-5;

/// One cell whose results differ between the maps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mismatch {
    /// Index of the cell.
    pub index: u64,
    /// Number of the start.
    pub start: usize,
    /// Result in each map.
    pub results: [CellResult; 2],
}

/// Differences of two maps in a column that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnDifference {
    /// Name of the column.
    pub name: &'static str,
    /// Number of values compared: of means, where the outcomes agree on a motion that repeats.
    pub compared: u64,
    /// Number of values that differ by more than 1e-5 of 1 + their size, or that only one map has.
    pub beyond: u64,
    /// Largest difference.
    pub worst: f64,
}

/// Differences of two maps.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Number of results compared: cells times starts.
    pub claims: u64,
    /// Number of results with outcome `a` in the first map and `b` in the second, as
    /// `outcomes[a][b]`.
    pub outcomes: [[u64; Outcome::ALL.len()]; Outcome::ALL.len()],
    /// Number of results with different outcomes, neither of them unsettled.
    pub flips: u64,
    /// Number of spans that differ by more than both errors and both tolerances.
    pub beyond: u64,
    /// Number of spans compared: both cells are settled, with the same outcome.
    pub spans: u64,
    /// Largest difference of two spans, with its cell.
    pub worst: Option<(f64, Mismatch)>,
    /// The first cells where the maps contradict each other.
    pub places: Vec<Mismatch>,
    /// What both maps have in columns that were asked for.
    pub asked_for: Vec<ColumnDifference>,
    /// Columns that were asked for in one map only.
    pub only_in_one: Vec<&'static str>,
    /// Fixed parameters that differ, with both values.
    pub apart: Vec<String>,
    classes: Vec<u64>,
}

impl Difference {
    fn new(apart: Vec<String>) -> Self {
        let classes = vec![0; (DECADES * PER_DECADE) as usize];
        let outcomes = [[0; Outcome::ALL.len()]; Outcome::ALL.len()];
        let (claims, flips, beyond, spans) = (0, 0, 0, 0);
        let (asked_for, only_in_one) = (Vec::new(), Vec::new());
        let (worst, places) = (None, Vec::new());
        Self { claims, outcomes, flips, beyond, spans, worst, places, asked_for, only_in_one, apart, classes }
    }

    /// Whether the maps contradict each other: outcomes differ, or spans by more than their errors, or numbers in columns that
    /// were asked for.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        self.flips > 0 || self.beyond > 0 || self.asked_for.iter().any(|column| column.beyond > 0)
    }

    /// Quantiles of the spans' differences, to 4 %, at the fractions in [`QUANTILES`]; NaN if no
    /// span was compared.
    #[must_use]
    pub fn quantiles(&self) -> [f64; QUANTILES.len()] {
        let Some((worst, _)) = self.worst else { return [f64::NAN; QUANTILES.len()] };
        QUANTILES.map(|q| {
            let rank = (q * self.spans as f64).ceil() as u64;
            let mut seen = 0;
            let class = self.classes.iter().position(|n| {
                seen += n;
                seen >= rank
            });
            let upper = |class: usize| match class {
                0 => 0.0,
                c => SMALLEST * 10_f64.powf(c as f64 / PER_DECADE),
            };
            class.map_or(worst, upper).min(worst)
        })
    }

    fn take_in(&mut self, place: Mismatch, tolerance: f64) {
        let [a, b] = place.results;
        self.claims += 1;
        self.outcomes[a.outcome as usize][b.outcome as usize] += 1;
        let decided = |o: Outcome| o != Outcome::Unsettled;
        let mut contradicts = false;
        if a.outcome != b.outcome {
            contradicts = decided(a.outcome) && decided(b.outcome);
            self.flips += u64::from(contradicts);
        } else if a.outcome.is_settled() {
            let off = (a.span - b.span).abs();
            self.spans += 1;
            let class = if off < SMALLEST { 0.0 } else { 1.0 + ((off / SMALLEST).log10() * PER_DECADE).floor() };
            let last = self.classes.len() - 1;
            self.classes[(class as usize).min(last)] += 1;
            if self.worst.is_none_or(|(w, _)| off > w) {
                self.worst = Some((off, place));
            }
            // A span that is NaN is beyond every error.
            contradicts = !(off <= a.span_error.max(0.0) + b.span_error.max(0.0) + tolerance);
            self.beyond += u64::from(contradicts);
        }
        if contradicts && self.places.len() < LISTED {
            self.places.push(place);
        }
    }
}

/// Compares two maps of one grid.
///
/// # Errors
/// [`Error::Request`] if grids or starts differ, or a stored request is invalid; [`Error::File`] if
/// cells cannot be read.
pub fn difference(a: &MapFile, b: &MapFile) -> Result<Difference> {
    let apart = |what: &str, one: &str, other: &str| {
        let (a, b) = (a.path().display(), b.path().display());
        Error::request(format!("{a} and {b} have different {what}: {one} and {other}"), "compare maps of one grid")
    };
    let shape = |m: &MapFile| {
        let axes: Vec<_> = m.axes().iter().map(|a| format!("{} {}", a.values.len(), a.parameter.name())).collect();
        m.points().map_or_else(
            || axes.join(" x "),
            |points| {
                let names: Vec<_> = points.parameters().iter().map(|p| p.name()).collect();
                format!("{} points of {}", points.len(), names.join(", "))
            },
        )
    };
    if shape(a) != shape(b) {
        return Err(apart("axes", &shape(a), &shape(b)));
    }
    let same = |x: f64, y: f64| (x - y).abs() <= SAME * x.abs().max(y.abs());
    for (x, y) in a.axes().iter().zip(b.axes()) {
        if let Some((u, v)) = x.values.iter().zip(&y.values).find(|(u, v)| !same(**u, **v)) {
            return Err(apart(&format!("values of {}", x.parameter.name()), &u.to_string(), &v.to_string()));
        }
    }
    if let (Some(x), Some(y)) = (a.points(), b.points()) {
        for p in x.parameters() {
            if let Some((u, v)) = x.column(*p).zip(y.column(*p)).find(|(u, v)| !same(*u, *v)) {
                return Err(apart(&format!("values of {}", p.name()), &u.to_string(), &v.to_string()));
            }
        }
    }
    if a.starts() != b.starts() {
        let starts = |m: &MapFile| Ok::<_, Error>(stored_request(m)?.start.to_string());
        return Err(apart("starts", &starts(a)?, &starts(b)?));
    }
    let differing = a.fixed().iter().zip(b.fixed()).filter(|((_, u), (_, v))| !same(*u, *v));
    let mut found = Difference::new(differing.map(|((p, u), (_, v))| format!("{} = {u} and {v}", p.name())).collect());
    let tolerance = span_tolerance(&stored_request(a)?) + span_tolerance(&stored_request(b)?);
    let shape = a.shape().iter().map(|n| *n as u64).collect();
    let has = |map: &MapFile, name: &str| map.asked_for().any(|(n, _)| n == name);
    for (name, _) in optional_columns() {
        match (has(a, name), has(b, name)) {
            (true, true) => {
                found.asked_for.push(ColumnDifference { name, compared: 0, beyond: 0, worst: 0.0 });
            }
            (false, false) => (),
            _ => found.only_in_one.push(name),
        }
    }
    for place in Boxes::new(shape, AT_ONCE).iter() {
        let results = [a.results(&place)?, b.results(&place)?];
        compare(&mut found, &place, &results[0], &results[1], tolerance);
        if !found.asked_for.is_empty() {
            compare_asked_for(&mut found, [a, b], &place, &results)?;
        }
    }
    Ok(found)
}

fn compare(found: &mut Difference, place: &GridBox, a: &[Vec<CellResult>], b: &[Vec<CellResult>], tolerance: f64) {
    for (start, (a, b)) in a.iter().zip(b).enumerate() {
        for (index, (a, b)) in (place.first..).zip(a.iter().zip(b)) {
            found.take_in(Mismatch { index, start, results: [*a, *b] }, tolerance);
        }
    }
}

/// Compares the columns that were asked for in both maps.
fn compare_asked_for(
    found: &mut Difference,
    maps: [&MapFile; 2],
    place: &GridBox,
    [a, b]: &[Vec<Vec<CellResult>>; 2],
) -> Result<()> {
    let values = [maps[0].values_asked_for(place)?, maps[1].values_asked_for(place)?];
    let number = |map: &MapFile, name: &str| map.asked_for().position(|(n, _)| n == name);
    for column in &mut found.asked_for {
        let is_mean = MEANS.iter().any(|mean| mean.0 == column.name);
        let (Some(i), Some(j)) = (number(maps[0], column.name), number(maps[1], column.name)) else { continue };
        for start in 0..a.len() {
            let both = a[start].iter().zip(&b[start]).zip(values[0][start][i].iter().zip(&values[1][start][j]));
            for ((a, b), (u, v)) in both {
                // Means of what never closes depend on where in its motion they begin; a response does not depend on what
                // the motion without the input is.
                let has_both = !is_mean || a.outcome == b.outcome && !a.outcome.is_aperiodic();
                if !has_both || u.is_nan() && v.is_nan() {
                    continue;
                }
                let off = (u - v).abs();
                column.compared += 1;
                // A number that only one map has is beyond every error.
                column.beyond += u64::from(!(off <= SAME_VALUE * (1.0 + u.abs())));
                column.worst = column.worst.max(off);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(outcome: Outcome, span: f64) -> CellResult {
        CellResult { span, span_error: 1e-6, ..CellResult::without_numbers(outcome) }
    }

    #[test]
    fn contradictions_are_counted_and_what_is_open_is_not_one() {
        use Outcome::{Oscillating as O, Steady as S, Unsettled as U};
        let mut found = Difference::new(Vec::new());
        let mut put =
            |a: CellResult, b: CellResult| found.take_in(Mismatch { index: 0, start: 0, results: [a, b] }, 1e-5);
        put(result(O, 0.1), result(O, 0.100_005));
        put(result(S, 0.0), result(S, 0.0));
        put(result(O, 0.1), result(U, 0.3));
        put(result(O, 0.1), result(O, 0.100_02));
        put(result(O, 0.1), result(S, 0.0));
        put(result(O, 0.1), result(O, f64::NAN));
        assert_eq!((found.claims, found.spans, found.flips, found.beyond), (6, 4, 1, 2));
        assert_eq!(found.outcomes[O as usize][U as usize], 1);
        assert_eq!(found.places.len(), 3);
        assert!(found.is_contradiction());
    }

    #[test]
    fn quantiles_are_right_to_their_class() {
        let mut found = Difference::new(Vec::new());
        for i in 1..=1000 {
            let off = 1e-9 * f64::from(i);
            let results = [result(Outcome::Oscillating, 0.0), result(Outcome::Oscillating, off)];
            found.take_in(Mismatch { index: 0, start: 0, results }, 1.0);
        }
        for (q, found) in QUANTILES.iter().zip(found.quantiles()) {
            assert!((found / (1e-6 * q) - 1.0).abs() < 0.04, "{q}: {found}");
        }
        assert!((found.worst.unwrap().0 - 1e-6).abs() < 1e-15);
        let empty = Difference::new(Vec::new());
        assert!(empty.quantiles()[0].is_nan() && !empty.is_contradiction());
    }
}
