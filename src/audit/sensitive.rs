//! Whether the end of a cell depends on the last digits of its start: starts displaced by 1e-6, by the map's own rule,
//! and by the audit's where it contradicts the map.

use super::recheck::{Ready, Recheck, StoredResult, recheck, table_of};
use super::second_opinion::{PERIOD, complete};
use crate::cancel::CancelToken;
use crate::engine::{Batch, Cell, Progress};
use crate::error::Result;
use crate::model::State;
use crate::plan::{Plan, PreparedCell, name_unsettled, run_in_double};
use crate::results::{CellResult, Outcome};

/// Displacement of a start that asks whether its end depends on the last digits.
const DISPLACED: f64 = 1e-6;
/// Pairs of further displaced starts of a cell in doubt.
const MORE: u32 = 16;
/// Pairs of displaced starts by the audit's own rule.
const CONFIRMING: u32 = 32;
/// Difference of the times in which displaced starts settle, relative, of motions that part on the way.
const PARTED: f64 = 1e-3;

/// For each result, whether starts displaced by 1e-6 have different ends, of which the map has one: two of them, and 32
/// more, followed until they have a name, where the two have different ends, none of them the map's, or settled at
/// different times, or where the second run of the cell ended elsewhere than in the map.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn sensitive(
    plan: &Plan,
    ready: &[Option<Ready>],
    claims: &[&StoredResult],
    found: &[Option<Recheck>],
    stop: &CancelToken,
) -> Result<Vec<bool>> {
    let all: Vec<usize> = (0..ready.len()).collect();
    let two = displaced_ends(ready, &all, &[1.0, -1.0], false, stop)?;
    let is_one_of = |i: usize, ends: &[CellResult]| ends.iter().any(|end| is_as_claimed(&claims[i].result, end));
    let is_sensitive = |i: usize, ends: &[CellResult]| settled_ends_differ(ends) && is_one_of(i, ends);
    let mut sensitive: Vec<bool> = two.iter().enumerate().map(|(i, ends)| is_sensitive(i, ends)).collect();
    let ends_elsewhere =
        |i: usize| found[i].is_some_and(|f| f.outcome.is_settled() && f.outcome != claims[i].result.outcome);
    let is_doubtful =
        |i: &usize| !sensitive[*i] && (ends_elsewhere(*i) || ends_differ(&two[*i]) || ways_differ(&two[*i]));
    let doubtful: Vec<usize> = all.iter().copied().filter(is_doubtful).collect();
    let more: Vec<f64> = (1..=MORE).flat_map(|k| [0.25, -0.25].map(|by| by * f64::from(k))).collect();
    for (i, ends) in doubtful.iter().zip(displaced_ends(ready, &doubtful, &more, true, stop)?) {
        sensitive[*i] = is_sensitive(*i, &ends);
    }
    // A wrong rule of the map may have different ends where there is but one.
    for i in all.into_iter().filter(|i| sensitive[*i] && ends_elsewhere(*i)).collect::<Vec<_>>() {
        let Some(ready) = &ready[i] else { continue };
        sensitive[i] = outcomes_differ(plan, ready, claims[i], stop)?;
    }
    Ok(sensitive)
}

/// Whether 64 displaced starts of a cell have different outcomes by the audit's own rule.
fn outcomes_differ(plan: &Plan, ready: &Ready, claim: &StoredResult, stop: &CancelToken) -> Result<bool> {
    let by = (1..=CONFIRMING).map(|k| f64::from(k) / f64::from(CONFIRMING));
    let displaced = |by: f64| Some(Ready { cell: started(&ready.cell, by), ..ready.clone() });
    let all: Vec<Option<Ready>> = by.flat_map(|by| [displaced(by), displaced(-by)]).collect();
    let claims = vec![claim; all.len()];
    let mut found = recheck(&all, &claims, stop)?;
    complete(plan, &all, &claims, &mut found, stop)?;
    let outcomes: Vec<Outcome> = found.into_iter().flatten().map(|f| f.outcome).filter(|o| o.is_settled()).collect();
    Ok(outcomes.iter().any(|o| *o != outcomes[0]))
}

/// The cell with its start displaced.
fn started(prepared: &PreparedCell, by: f64) -> PreparedCell {
    let cell = Cell { start: displaced(&prepared.cell.start, by), ..prepared.cell };
    PreparedCell { cell, regions: prepared.regions.clone() }
}

/// A start displaced by `by` times 1e-6.
fn displaced(start: &State<f64>, by: f64) -> State<f64> {
    State { x: start.x + by * DISPLACED, v: start.v + by * DISPLACED, ..*start }
}

/// For each of these cells, the ends of starts displaced by these multiples of 1e-6; none where there is no cell.
fn displaced_ends(
    ready: &[Option<Ready>],
    which: &[usize],
    by: &[f64],
    with_names: bool,
    stop: &CancelToken,
) -> Result<Vec<Vec<CellResult>>> {
    let mut batch = Batch::default();
    let mut of: Vec<usize> = Vec::new();
    for (n, i) in which.iter().enumerate() {
        let Some(Ready { cell: PreparedCell { cell, regions }, tables, .. }) = &ready[*i] else { continue };
        let table = table_of(&mut batch, tables);
        for by in by {
            batch.push(Cell { start: displaced(&cell.start, *by), ..*cell }, regions, table);
        }
        of.push(n);
    }
    let all: Vec<usize> = (0..batch.cells.len()).collect();
    let progress = Progress { stop: stop.clone(), ..Progress::default() };
    let mut ends = run_in_double(&batch, &all, &progress)?;
    if with_names {
        name_unsettled(&batch, &mut ends, &progress)?;
    }
    let mut found = vec![Vec::new(); which.len()];
    ends.chunks_exact(by.len()).zip(of).for_each(|(ends, n)| found[n] = ends.to_vec());
    Ok(found)
}

/// Whether not all ends are on one attractor.
fn ends_differ(ends: &[CellResult]) -> bool {
    ends.iter().any(|end| !is_same(end, &ends[0]))
}

/// Whether the settled ones of these ends are not all on one attractor.
fn settled_ends_differ(ends: &[CellResult]) -> bool {
    let mut settled = ends.iter().filter(|end| end.outcome.is_settled());
    settled.next().is_some_and(|first| settled.any(|end| !is_same(end, first)))
}

/// Whether motions that began as neighbours have settled at different times: they parted on the way.
fn ways_differ(ends: &[CellResult]) -> bool {
    let times: Vec<f64> = ends.iter().map(|end| end.settle_time).collect();
    times.iter().any(|time| (time - times[0]).abs() > PARTED * times[0])
}

/// Whether a map's result is that of this end: on one attractor, and a cycle of the same period.
fn is_as_claimed(claim: &CellResult, end: &CellResult) -> bool {
    let periods_differ = (claim.period - end.period).abs() > PERIOD * end.period || claim.maxima != end.maxima;
    claim.is_on_same_attractor(end) && !(claim.outcome == Outcome::Oscillating && periods_differ)
}

/// Whether two ends are on one attractor, as far as they tell.
fn is_same(a: &CellResult, b: &CellResult) -> bool {
    if a.outcome.is_settled() { a.is_on_same_attractor(b) } else { a.outcome == b.outcome }
}
