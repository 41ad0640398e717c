//! Puts finished parts together: all of them, or none.

use super::map_builder::MapBuilder;
use super::plan_file::{PartSpecs, PlanFile};
use crate::cancel::CancelToken;
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::store::{Lock, MapFile, Output, PartEngine, PartState, Parts, check_output, clear_stale};
use crate::sweep::Summary;
use std::path::Path;

/// Parts that a message lists.
const LISTED: usize = 12;

/// What a merge came to.
#[derive(Debug)]
pub enum Merged {
    /// The map is there.
    Map(Box<(Plan, Summary)>),
    /// It was there already, complete, from an earlier run.
    Already,
}

/// Merges the parts of an output into it; `plan` and all else are read from their folder. A virtual map holds no cells
/// itself and always needs the folder next to it; otherwise the folder is removed. Each cell counts as done twice in
/// `progress`: when its part is found whole, and when it is merged.
///
/// # Errors
/// [`Error::Request`]: there are no parts, or the map is there and may not be replaced. [`Error::File`]: some parts are
/// missing or damaged (the message names them), or the disk is full. [`Error::Busy`]: another process is at work on it.
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
    // Parts that are missing beside a whole map of theirs were being removed: there is nothing to make it anew from.
    let is_removal = complete && (parts.present(&progress.stop)?.len() as u64) < specs.count();
    if is_removal || (complete && !output.replace) {
        let _lock = Lock::take(path)?;
        clear_up(path, &parts, &text, &progress.stop)?;
        return Ok(Merged::Already);
    }
    check_output(path, output.replace, 0)?;
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

/// What somebody needs to know when a merge ends early.
fn unfinished(parts: &Parts, source: Error) -> Error {
    Error::Unfinished {
        problem: format!("stopped before the map was there; all parts are kept in {}", parts.folder().display()),
        remedy: "mend what stands below, then run the same command again".to_string(),
        source: Box::new(source),
    }
}

/// A merge of a plan that is known.
pub(in crate::sweep) struct Merging<'a> {
    pub plan: &'a Plan,
    pub specs: &'a PartSpecs,
    pub parts: &'a Parts,
    pub output: Output<'a>,
    pub command: &'a str,
    /// Whether the map refers to the parts instead of holding their cells.
    pub is_virtual: bool,
    /// Hears of each part when it is found whole, and when it is merged.
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
            builder.add(&spec.place, &parts.read(&spec)?)?;
            (self.read)(index);
        }
        let summary = builder.finish(stop)?;
        if !self.is_virtual {
            parts.remove(stop);
        }
        Ok(summary)
    }
}

/// Checks that every part is there and whole; gives the engines that computed them, each once, in order of appearance.
fn check_complete(specs: &PartSpecs, parts: &Parts, stop: &CancelToken, read: &dyn Fn(u64)) -> Result<Vec<PartEngine>> {
    let mut present = parts.present(stop)?;
    present.retain(|index| *index < specs.count());
    let mut there: Vec<u64> = present.iter().copied().collect();
    there.sort_unstable();
    let (mut engines, mut damaged) = (Vec::new(), Vec::new());
    for index in there {
        stop.check()?;
        match parts.inspect(&specs.get(index)) {
            PartState::Whole(engine) if !engines.contains(&engine) => engines.push(engine),
            PartState::Whole(_) => {}
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
    // Nobody counts through all that is missing of a grid that may be far too large.
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

/// Removes the parts of a map that is complete, if they are its own and it does not refer to them.
pub(in crate::sweep) fn clear_up(path: &Path, parts: &Parts, plan: &str, stop: &CancelToken) -> Result<()> {
    let own = parts.plan()?.is_none_or(|text| text == plan);
    if parts.exist() && own && !MapFile::open(path)?.is_virtual() {
        parts.remove(stop);
    }
    Ok(())
}
