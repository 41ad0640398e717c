//! Attractors that the starts of a map miss: random starts of some of the audited cells, and where they end.

use super::recheck::{Ready, StoredResult, ready, table_of};
use super::sample::AuditSample;
use crate::cancel::CancelToken;
use crate::engine::{Batch, Cell, Progress};
use crate::error::Result;
use crate::model::random_state;
use crate::plan::{Plan, PreparedCell, name_unsettled, run_in_double};
use crate::results::{CellResult, Outcome};
use std::collections::BTreeMap;

/// Random starts of a cell that is searched.
pub const SEARCH_STARTS: u8 = 12;

/// For each cell that is searched, the number of attractors that random starts come to, and no start of the map. Only maps
/// with several starts are searched.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(super) fn missed(
    plan: &Plan,
    sample: &AuditSample,
    claims: &[StoredResult],
    stop: &CancelToken,
) -> Result<BTreeMap<u64, u8>> {
    let mut cells: BTreeMap<u64, Vec<StoredResult>> = BTreeMap::new();
    if plan.starts() > 1 {
        for claim in claims.iter().filter(|c| sample.is_searched(c.index)) {
            cells.entry(claim.index).or_default().push(claim.clone());
        }
    }
    // A longer time might let an unsettled start come to any attractor.
    if plan.request.t_max.is_some() {
        cells.retain(|_, all| all.iter().all(|c| c.result.outcome != Outcome::Unsettled));
    }
    // A start that the cell has, for its step and limits.
    let first: Vec<&StoredResult> =
        cells.values().filter_map(|all| all.iter().find(|c| c.result.outcome != Outcome::Absent)).collect();
    let (mut batch, mut searched) = (Batch::default(), Vec::new());
    for (ready, claim) in ready(plan, &first).iter().zip(&first) {
        let Some(Ready { cell: PreparedCell { cell, regions }, tables, .. }) = ready else { continue };
        let table = table_of(&mut batch, tables);
        for number in 0..usize::from(SEARCH_STARTS) {
            let seed = sample.seed().wrapping_add(claim.index);
            let start = random_state(seed, number, cell.parameters.v_n);
            batch.push(Cell { start, ..*cell }, regions, table);
        }
        searched.push(claim.index);
    }
    let all: Vec<usize> = (0..batch.cells.len()).collect();
    let progress = Progress { stop: stop.clone(), ..Progress::default() };
    let mut ends = run_in_double(&batch, &all, &progress)?;
    let of_cell = |n: usize| &cells[&searched[n / usize::from(SEARCH_STARTS)]];
    // What never closes is taken for the map's motion that never closes, if there is one: a name takes long.
    let is_open = |n: &usize| ends[*n].outcome == Outcome::Unsettled && !of_cell(*n).iter().any(never_closes);
    let open: Vec<usize> = all.into_iter().filter(is_open).collect();
    let mut rest = Batch { tables: batch.tables.clone(), ..Batch::default() };
    for n in &open {
        let cell = &batch.cells[*n];
        rest.push(*cell, batch.regions_of(cell), cell.table);
    }
    let mut named: Vec<CellResult> = open.iter().map(|n| ends[*n]).collect();
    name_unsettled(&rest, &mut named, &progress)?;
    open.into_iter().zip(named).for_each(|(n, end)| ends[n] = end);
    let each = ends.chunks_exact(SEARCH_STARTS.into());
    Ok(searched.iter().zip(each).map(|(index, ends)| (*index, missing(&cells[index], ends))).collect())
}

/// Whether the motion that a map has for a start never closes, as far as is known.
fn never_closes(claim: &StoredResult) -> bool {
    claim.result.outcome.is_aperiodic() || claim.result.outcome == Outcome::Unsettled
}

/// Number of attractors among `ends` on which none of a cell's results is.
fn missing(claims: &[StoredResult], ends: &[CellResult]) -> u8 {
    let mut new: Vec<&CellResult> = Vec::new();
    for end in ends.iter().filter(|end| end.outcome.is_settled()) {
        let is_known = claims.iter().any(|c| c.result.is_on_same_attractor(end))
            || end.outcome.is_aperiodic() && claims.iter().any(never_closes);
        if !is_known && !new.iter().any(|n| n.is_on_same_attractor(end)) {
            new.push(end);
        }
    }
    new.len() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Request;

    /// Results of all cells of a plan from its first `starts` starts, with names.
    fn claims(plan: &Plan, starts: usize) -> Vec<StoredResult> {
        let mut all = Vec::new();
        for index in 0..plan.grid.cells() {
            for start in 0..starts {
                let Some(PreparedCell { cell, regions }) = plan.single(index, start).cell() else { continue };
                let mut batch = Batch::default();
                let (l, lambda) = (cell.parameters.l, cell.parameters.lambda);
                batch.tables.push(std::sync::Arc::new(crate::engine::Tables::new(l, lambda, Default::default())));
                batch.push(cell, &regions, 0);
                let mut result = run_in_double(&batch, &[0], &Progress::default()).unwrap();
                name_unsettled(&batch, &mut result, &Progress::default()).unwrap();
                all.push(StoredResult { index, start, result: result[0], asked_for: Vec::new() });
            }
        }
        all
    }

    #[test]
    fn an_attractor_that_a_map_lacks_is_missed() {
        // Bistable: a quiet state and a cycle.
        let toml = "grid = ['V_n=2.4:3.4:11']\nstart = 'equilibria'\n[set]\nR_n = 9\nGamma = 0.1\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        let sample = AuditSample::draw(11, 11, 1);
        let found = |starts| missed(&plan, &sample, &claims(&plan, starts), &CancelToken::default()).unwrap();
        let (all, first) = (found(3), found(1));
        assert!(all.len() == 11 && all.values().all(|n| *n == 0), "{all:?}");
        assert!(first.len() == 11 && first.values().filter(|n| **n > 0).count() > 2, "{first:?}");
    }

    #[test]
    fn maps_with_one_start_are_not_searched() {
        let toml = "grid = ['V_n=2.4:3.4:3']\n[set]\nR_n = 9\nGamma = 0.1\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        let found = missed(&plan, &AuditSample::draw(3, 3, 1), &claims(&plan, 1), &CancelToken::default()).unwrap();
        assert!(found.is_empty());
    }
}
