//! Puts finished parts together: all of them, or none.

use super::assemble::{Assembly, Summary};
use super::identity::{Heads, Identity};
use super::plan::Plan;
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{Found, PartEngine, Parts, clear_stale};
use std::path::Path;

/// Parts that a message lists.
const LISTED: usize = 12;

/// Merges the parts of `path` into it; `plan` and all else are read from their folder. A virtual map holds no cells itself and needs
/// the folder beside it for ever; otherwise the folder is removed. Each cell counts as done twice in `progress`: when its part is found
/// whole, and when it is merged.
///
/// # Errors
/// There are no parts, or some are missing or damaged: the message names them. Or the disk is full.
pub fn merge(path: &Path, command: &str, progress: &Progress, is_virtual: bool) -> Result<(Plan, Summary)> {
    let parts = Parts::of(path);
    let nothing = || {
        let folder = parts.folder().display();
        Error::request(format!("there are no parts to merge: {folder} is not there, or holds no plan"), "sweep first")
    };
    let text = parts.plan()?.ok_or_else(nothing)?;
    let identity = Identity::from_text(&text, parts.folder())?;
    let plan = Plan::new(identity.request.clone())?;
    let heads = identity.heads(&plan)?;
    clear_stale(path);
    let kept = |source: Error| match &source {
        Error::Interrupted { .. } => unfinished(&parts, source),
        Error::File { path: of, .. } if of == path => unfinished(&parts, source),
        _ => source,
    };
    let read = |index: u64| progress.add(heads.get(index).place.cells * plan.starts() as u64, 0, 0);
    let summary = merge_parts(&plan, &heads, &parts, path, command, &progress.stop, is_virtual, &read).map_err(kept)?;
    Ok((plan, summary))
}

/// What somebody needs to know when a merge ends early.
fn unfinished(parts: &Parts, source: Error) -> Error {
    Error::Unfinished {
        problem: format!("stopped before the map was there; all parts are kept in {}", parts.folder().display()),
        remedy: "mend what stands below, then run the same command again".to_string(),
        source: Box::new(source),
    }
}

/// Merges the parts of a plan that is known; `read` hears of each part when it is found whole, and when it is merged.
#[expect(clippy::too_many_arguments, reason = "what the two callers have in common")]
pub(super) fn merge_parts(
    plan: &Plan,
    heads: &Heads,
    parts: &Parts,
    path: &Path,
    command: &str,
    stop: &Stop,
    is_virtual: bool,
    read: &dyn Fn(u64),
) -> Result<Summary> {
    let engines = check_complete(heads, parts, stop, read)?;
    let all = 0..heads.count();
    let elsewhere = || all.clone().map(|i| (parts.path_from_output(i), heads.get(i).place)).collect();
    let elsewhere = if is_virtual { elsewhere() } else { Vec::new() };
    let mut assembly = Assembly::begin(plan, heads, path, command, &engines, elsewhere)?;
    for index in all {
        stop.check()?;
        let head = heads.get(index);
        assembly.take_in(&head.place, &parts.read(&head)?)?;
        read(index);
    }
    let summary = assembly.finish(stop)?;
    if !is_virtual {
        parts.remove()?;
    }
    Ok(summary)
}

/// Checks that every part is there and whole; gives the engines that computed them, each once, in order of appearance.
fn check_complete(heads: &Heads, parts: &Parts, stop: &Stop, read: &dyn Fn(u64)) -> Result<Vec<PartEngine>> {
    let (mut engines, mut missing, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..heads.count() {
        stop.check()?;
        match parts.look(&heads.get(index)) {
            Found::Whole(engine) if !engines.contains(&engine) => engines.push(engine),
            Found::Whole(_) => {}
            Found::Missing => missing.push(index.to_string()),
            Found::Damaged(problem) => damaged.push(format!("{index} ({problem})")),
        }
        read(index);
    }
    if missing.is_empty() && damaged.is_empty() {
        return Ok(engines);
    }
    let list = |what: &str, found: &[String]| {
        let more = found.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!found.is_empty())
            .then(|| format!("{} {what}: {}{more}", found.len(), found[..found.len().min(LISTED)].join(", ")))
    };
    let problems: Vec<_> = [list("missing", &missing), list("damaged", &damaged)].into_iter().flatten().collect();
    Err(Error::file(
        parts.folder(),
        format!(
            "of {} parts {}; run the sweep's command again (or the shards that failed), then merge",
            heads.count(),
            problems.join("; ")
        ),
    ))
}
