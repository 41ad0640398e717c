//! Merge of finished parts: all of them, or none.

use super::map_builder::MapBuilder;
use super::plan_file::{PartSpecs, PlanFile};
use crate::cancel::CancelToken;
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::store::{Lock, MapFile, Output, PartEngine, PartState, Parts, check_output, clear_stale};
use crate::sweep::Summary;
use std::path::Path;

/// Largest number of parts that a message lists.
const LISTED: usize = 12;

/// Result of a merge.
#[derive(Debug)]
pub enum Merged {
    /// The map is written.
    Map(Box<(Plan, Summary)>),
    /// The map was already there, complete, from an earlier run.
    Already,
}

/// Merges the parts of an output; the plan is read from their folder.
///
/// A virtual map holds no cells itself and always needs the folder next to it; otherwise the folder
/// is removed. In `progress` each cell counts twice: when its part is checked, and when it is
/// merged.
///
/// # Errors
/// [`Error::Request`] if there are no parts, the plan file is damaged, or the map exists and may
/// not be replaced; [`Error::File`] if parts are missing or damaged (the message names them) or the
/// lock or the folder cannot be used; [`Error::Busy`] if another process works on the map;
/// [`Error::Interrupted`] if cancelled before the merge starts; [`Error::Unfinished`] if the map
/// cannot be written, or the merge is cancelled: all parts are kept.
pub fn merge(output: Output<'_>, command: &str, progress: &Progress, is_virtual: bool) -> Result<Merged> {
    let path = output.path;
    let parts = Parts::beside_output(path);
    clear_stale(path);
    let there = if path.is_file() { MapFile::open(path).ok().filter(MapFile::is_sealed) } else { None };
    let Some(text) = parts.plan()? else {
        if there.is_some() {
            parts.remove_empty();
            return Ok(Merged::Already);
        }
        let folder = parts.folder().display();
        let problem = format!("there are no parts to merge: {folder} is not there, or holds no plan");
        return Err(Error::request(problem, "sweep first"));
    };
    let plan_file = PlanFile::from_text(&text, parts.folder())?;
    let plan = Plan::new(plan_file.request.clone())?;
    let specs = plan_file.part_specs(&plan)?;
    let complete = there
        .is_some_and(|map| map.text("plan_sha256").as_deref() == Some(specs.plan()) && map.is_virtual() == is_virtual);
    // If the map is complete and parts are missing, their removal was interrupted: the map cannot
    // be rebuilt from them.
    let is_removal = complete && (parts.present(&progress.stop)?.len() as u64) < specs.count();
    if is_removal || (complete && !output.force) {
        let _lock = Lock::take(path)?;
        clear_up(path, &parts, &text, &progress.stop)?;
        return Ok(Merged::Already);
    }
    check_output(path, output.force, 0)?;
    let _lock = Lock::take(path)?;
    let kept = |source: Error| match &source {
        Error::Interrupted { .. } => unfinished(&parts, source),
        Error::File { path: of, .. } if of == path => unfinished(&parts, source),
        _ => source,
    };
    let read = |index: u64| progress.add(specs.get(index).place.cells * plan.starts() as u64, 0, 0);
    let merging = Merging { plan: &plan, specs: &specs, parts: &parts, output, command, is_virtual, read: &read };
    let summary = merging.run(&progress.stop).map_err(kept)?;
    Ok(Merged::Map(Box::new((plan, summary))))
}

/// The error of a merge that ended early.
fn unfinished(parts: &Parts, source: Error) -> Error {
    Error::Unfinished {
        problem: format!("stopped before the map was there; all parts are kept in {}", parts.folder().display()),
        remedy: "fix the causes listed below, then run the same command again".to_string(),
        source: Box::new(source),
    }
}

/// A merge of the parts of one plan.
pub(in crate::sweep) struct Merging<'a> {
    pub plan: &'a Plan,
    pub specs: &'a PartSpecs,
    pub parts: &'a Parts,
    pub output: Output<'a>,
    pub command: &'a str,
    /// Whether the map refers to the parts instead of holding their cells.
    pub is_virtual: bool,
    /// Called with a part's number when it is checked, and when it is merged.
    pub read: &'a dyn Fn(u64),
}

impl Merging<'_> {
    /// Merges, and removes the parts unless the map needs them.
    pub(crate) fn run(&self, stop: &CancelToken) -> Result<Summary> {
        let Self { plan, specs, parts, .. } = *self;
        let engines = check_complete(specs, parts, stop, self.read)?;
        let all = 0..specs.count();
        let elsewhere = || all.clone().map(|i| (parts.path_from_output(i), specs.get(i).place)).collect();
        let elsewhere = if self.is_virtual { elsewhere() } else { Vec::new() };
        if self.is_virtual {
            parts.mark_read()?;
        }
        let mut builder = MapBuilder::begin(plan, specs, self.output, self.command, &engines, elsewhere)?;
        for index in all {
            stop.check()?;
            let spec = specs.get(index);
            builder.add_stored(&spec.place, parts.read_stored(&spec)?)?;
            (self.read)(index);
        }
        let summary = builder.finish(stop)?;
        if !self.is_virtual {
            parts.remove(stop);
        }
        Ok(summary)
    }
}

/// Checks that every part exists and is whole; returns the engines that computed them, each kind once,
/// in order of appearance.
fn check_complete(specs: &PartSpecs, parts: &Parts, stop: &CancelToken, read: &dyn Fn(u64)) -> Result<Vec<PartEngine>> {
    let mut present = parts.present(stop)?;
    present.retain(|index| *index < specs.count());
    let mut there: Vec<u64> = present.iter().copied().collect();
    there.sort_unstable();
    let (mut engines, mut damaged) = (Vec::new(), Vec::new());
    for index in there {
        stop.check()?;
        match parts.inspect(&specs.get(index)) {
            PartState::Whole(engine) => engine.add_to(&mut engines),
            // Removed since the folder was read.
            PartState::Missing => drop(present.remove(&index)),
            PartState::Damaged(problem) => damaged.push(format!("{index} ({problem})")),
        }
        read(index);
    }
    let missing = specs.count() - present.len() as u64;
    if missing == 0 && damaged.is_empty() {
        return Ok(engines);
    }
    // Lists the first missing parts only: the grid may be far too large to count through.
    let absent = (0..specs.count()).filter(|index| !present.contains(index));
    let absent: Vec<_> = absent.take(LISTED).map(|index| index.to_string()).collect();
    let list = |what: &str, count: u64, found: &[String]| {
        let listed = found.len().min(LISTED);
        let more = count - listed as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (count > 0).then(|| format!("{count} {what}: {}{more}", found[..listed].join(", ")))
    };
    let problems: Vec<_> = [list("missing", missing, &absent), list("damaged", damaged.len() as u64, &damaged)]
        .into_iter()
        .flatten()
        .collect();
    Err(Error::file(
        parts.folder(),
        format!(
            "of {} parts {}; run the sweep's command again (or the shards that failed), then merge",
            specs.count(),
            problems.join("; ")
        ),
    ))
}

/// Removes the parts of a complete map, if they belong to it and it does not refer to them.
pub(in crate::sweep) fn clear_up(path: &Path, parts: &Parts, plan: &str, stop: &CancelToken) -> Result<()> {
    let own = parts.plan()?.is_none_or(|text| text == plan);
    if parts.exist() && own && !MapFile::open(path)?.is_virtual() {
        parts.remove(stop);
    }
    Ok(())
}
