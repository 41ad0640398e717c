//! Runs of a plan: parts are computed by an engine, each kept as soon as it is done, then merged
//! into a map.

use super::cluster::Shard;
use super::failover::Failover;
use super::parts::MapBuilder;
use super::parts::{Merging, clear_up};
use super::parts::{PartSpecs, PlanFile};
use super::pipeline::{DueParts, run_overlapping, run_sequential};
use super::stages::Stages;
use super::summary::Summary;
use crate::cancel::CancelToken;
use crate::engine::{EngineKind, OpenEngine, Progress, Stage};
use crate::error::{Error, Result, bytes_shown};
use crate::plan::OnDeviceLoss;
use crate::plan::Plan;
use crate::store::{Lock, MapFile, Output, PartSpec, PartState, Parts, check_output, clear_stale, free_space};
use std::path::Path;

/// A sweep to run, with its output and options.
#[derive(Clone, Copy)]
pub struct SweepJob<'a> {
    /// Plan to compute.
    pub plan: &'a Plan,
    /// Path of the map.
    pub path: &'a Path,
    /// Whether an existing map may be replaced.
    pub force: bool,
    /// Command line, for the file's history.
    pub command: &'a str,
    /// Counters of finished cells, with the cancellation token.
    pub progress: &'a Progress,
    /// Shard of this process, if several processes share the parts.
    pub shard: Option<Shard>,
    /// Policy when a device stays lost.
    pub on_loss: OnDeviceLoss,
    /// Called with messages for the user while the sweep runs.
    pub note: &'a dyn Fn(&str),
}

/// Result of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// The map is written.
    Map(Box<Summary>),
    /// The map was already there, complete, from an earlier run.
    Already,
    /// The parts of this shard are written.
    Shard {
        /// Number of parts of this shard.
        mine: u64,
        /// Number of parts of the sweep.
        all: u64,
        /// Number of parts of other shards that do not exist yet.
        missing: u64,
    },
}

/// Sweeps the plan and writes the map to `path`.
///
/// # Errors
/// As for [`SweepJob::run`].
pub fn run(
    plan: &Plan,
    chosen: &OpenEngine,
    path: &Path,
    command: &str,
    progress: &Progress,
) -> Result<Option<Summary>> {
    match SweepJob::new(plan, path, command, progress).run(chosen)? {
        Done::Map(summary) => Ok(Some(*summary)),
        Done::Already | Done::Shard { .. } => Ok(None),
    }
}

/// The class of an engine, cpu or gpu.
fn class(chosen: &OpenEngine) -> EngineKind {
    chosen.info.kind
}

impl std::fmt::Debug for SweepJob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SweepJob").field("path", &self.path).field("shard", &self.shard).finish_non_exhaustive()
    }
}

impl<'a> SweepJob<'a> {
    /// A job for the whole plan without messages; it replaces no map, and stops if the device stays
    /// lost.
    #[must_use]
    pub fn new(plan: &'a Plan, path: &'a Path, command: &'a str, progress: &'a Progress) -> Self {
        Self { plan, path, force: false, command, progress, shard: None, on_loss: OnDeviceLoss::Stop, note: &|_| () }
    }

    /// Whether the complete map of this very sweep exists; if so, leftovers of an earlier run are
    /// removed.
    ///
    /// # Errors
    /// [`Error::Request`] if the part size is out of range or the plan file is damaged;
    /// [`Error::Busy`] if another process works on the map; [`Error::File`] if the lock or the plan
    /// file cannot be read or written.
    pub fn was_done(&self, chosen: &OpenEngine) -> Result<bool> {
        let parts = Parts::beside_output(self.path);
        let (plan_file, specs) = self.plan_file(chosen, &parts)?;
        if !is_complete(self.path, &specs) {
            return Ok(false);
        }
        clear_stale(self.path);
        if parts.exist() {
            let _lock = Lock::take(self.path)?;
            clear_up(self.path, &parts, &plan_file.text()?, &self.progress.stop)?;
        }
        Ok(true)
    }

    /// The plan file of this sweep, and the specifications of its parts.
    fn plan_file(&self, chosen: &OpenEngine, parts: &Parts) -> Result<(PlanFile, PartSpecs)> {
        let own = PlanFile::new(self.plan, class(chosen));
        let specs = own.part_specs(self.plan)?;
        if self.on_loss == OnDeviceLoss::Cpu && own.engine == EngineKind::Cpu {
            // Parts that were begun on a GPU may be finished on the CPU.
            let theirs = PlanFile::new(self.plan, EngineKind::Gpu);
            if parts.plan()?.is_some_and(|text| theirs.text().is_ok_and(|t| t == text)) {
                let specs = theirs.part_specs(self.plan)?;
                return Ok((theirs, specs));
            }
        }
        Ok((own, specs))
    }

    /// Largest size in bytes that the missing output can take on disk: the map, and the parts it is
    /// merged from.
    ///
    /// # Errors
    /// [`Error::Request`] if the part size, the shard, the folder's name or the plan file is
    /// unusable; [`Error::File`] if the folder of parts cannot be read; [`Error::Interrupted`] if
    /// cancelled.
    pub fn bytes(&self, chosen: &OpenEngine) -> Result<u64> {
        let parts = Parts::beside_output(self.path);
        let (_, specs) = self.plan_file(chosen, &parts)?;
        self.check_parts(&parts, &specs)?;
        let (all, map) = (specs.count(), self.plan.bytes());
        if all == 1 && self.shard.is_none() {
            return Ok(map);
        }
        let mine = |i: &u64| *i < all && self.shard.is_none_or(|s| s.takes(*i));
        // Counts the existing parts only: the grid may be far too large to count through.
        let there = parts.present(&self.progress.stop)?.iter().filter(|i| mine(i)).count() as u64;
        let missing = self.shard.map_or(all, |s| s.parts(all)).saturating_sub(there);
        let of_parts = (u128::from(map) * u128::from(missing) / u128::from(all)) as u64;
        // A shard writes its parts and no map.
        Ok(of_parts.saturating_add(if self.shard.is_none() { map } else { 0 }))
    }

    /// Computes the missing parts and, unless the job is a shard, merges them into the map.
    ///
    /// # Errors
    /// [`Error::Request`] if the output, the shard or the part size cannot be used, or the folder
    /// has parts of another plan; [`Error::Busy`] if another process computes or merges this map;
    /// [`Error::File`] if a file cannot be read or written; [`Error::Engine`] if the engine fails
    /// on a map that fits one part; [`Error::Interrupted`] if cancelled after a shard's last part;
    /// [`Error::Unfinished`] if the engine or the disk fails, or the sweep is cancelled: finished
    /// parts are kept, and the same command continues with them. Nothing new exists at `path` then.
    pub fn run(&self, chosen: &OpenEngine) -> Result<Done> {
        let parts = Parts::beside_output(self.path);
        let (plan_file, specs) = self.plan_file(chosen, &parts)?;
        self.check_parts(&parts, &specs)?;
        clear_stale(self.path);
        // Shards share the work; a process that writes the map works alone.
        let _lock = if self.shard.is_none() { Some(Lock::take(self.path)?) } else { None };
        if !self.force && is_complete(self.path, &specs) {
            clear_up(self.path, &parts, &plan_file.text()?, &self.progress.stop)?;
            return Ok(Done::Already);
        }
        if self.shard.is_none() {
            // Checked before the work, not after it.
            check_output(self.path, self.force, 0)?;
        }
        let failover = Failover::new(chosen, self.plan.request.wanted(), self.on_loss, self.note);
        let stages = Stages::new(self.plan, self.progress, failover);
        // A part that one of several kinds of devices computes says which.
        if specs.count() == 1 && self.shard.is_none() && !parts.exist() && chosen.is_of_one_kind() {
            return self.run_whole(&specs.get(0), &specs, stages);
        }
        parts.open_or_create(&plan_file.text()?)?;
        let computed = self.compute_parts(class(chosen) == EngineKind::Gpu, &parts, &specs, stages);
        let Some(shard) = self.shard else {
            computed?;
            return self.merge(&parts, &specs).map_err(|e| self.unfinished(e, &parts, &specs));
        };
        // Another process may have run the same shard, and a merge may have followed meanwhile.
        if parts.plan().is_ok_and(|plan| plan.is_none()) && is_complete(self.path, &specs) {
            clear_up(self.path, &parts, &plan_file.text()?, &self.progress.stop)?;
            return Ok(Done::Already);
        }
        computed?;
        let all = specs.count();
        let present = parts.present(&self.progress.stop)?.iter().filter(|i| **i < all).count() as u64;
        Ok(Done::Shard { mine: shard.parts(all), all, missing: all.saturating_sub(present) })
    }

    /// Merges all parts into the map.
    fn merge(&self, parts: &Parts, specs: &PartSpecs) -> Result<Done> {
        let (plan, output, command) = (self.plan, self.output(), self.command);
        let merging = Merging { plan, specs, parts, output, command, is_virtual: false, read: &|_| () };
        let merged = self.progress.timed(Stage::Finish, || merging.run(&self.progress.stop));
        Ok(Done::Map(Box::new(merged?)))
    }

    fn output(&self) -> Output<'a> {
        Output::with(self.path, self.force)
    }

    /// Checks that this shard has a part, and that the folder of parts, if needed, can have its
    /// name.
    fn check_parts(&self, parts: &Parts, specs: &PartSpecs) -> Result<()> {
        if let Some(shard) = self.shard
            && shard.index >= specs.count()
        {
            return Err(Error::request(
                format!("shard {shard} has nothing to compute: the sweep has {} parts", specs.count()),
                "use fewer shards, or a smaller `part_cells`",
            ));
        }
        if specs.count() > 1 || self.shard.is_some() { parts.check_name() } else { Ok(()) }
    }

    /// Computes a map that fits one part, without a folder of parts.
    fn run_whole(&self, spec: &PartSpec, specs: &PartSpecs, mut stages: Stages<'_>) -> Result<Done> {
        let part = stages.run(&spec.place).map_err(nothing_kept)?;
        self.progress.timed(Stage::Finish, || {
            let engine = std::slice::from_ref(&part.engine);
            let mut builder = MapBuilder::begin(self.plan, specs, self.output(), self.command, engine, Vec::new())?;
            builder.add(&spec.place, &part)?;
            Ok(Done::Map(Box::new(builder.finish(&self.progress.stop)?)))
        })
    }

    /// Computes and writes the parts that are due.
    fn compute_parts(&self, overlapping: bool, parts: &Parts, specs: &PartSpecs, stages: Stages<'_>) -> Result<()> {
        let kept = |e| self.unfinished(e, parts, specs);
        let due = self.due(parts, specs).map_err(kept)?;
        let job = DueParts { plan: self.plan, progress: self.progress, specs, parts, due: &due };
        // Engine cpu keeps all cores busy, so overlapping stages would gain nothing there.
        if overlapping { run_overlapping(&job, stages) } else { run_sequential(&job, stages) }.map_err(kept)
    }

    /// The parts of this shard that are to be computed; damaged parts are reported and set aside.
    fn due(&self, parts: &Parts, specs: &PartSpecs) -> Result<Vec<u64>> {
        let mut due = Vec::new();
        let present = parts.present(&self.progress.stop)?;
        for index in (0..specs.count()).filter(|i| self.shard.is_none_or(|s| s.takes(*i))) {
            self.progress.stop.check()?;
            if !present.contains(&index) {
                due.push(index);
                continue;
            }
            let spec = specs.get(index);
            match parts.inspect_cells(&spec) {
                PartState::Whole(_) => self.progress.add(spec.place.cells * self.plan.starts() as u64, 0, 0),
                PartState::Missing => due.push(index),
                PartState::Damaged(problem) => {
                    let aside = parts.quarantine(index)?;
                    let is_empty =
                        std::fs::symlink_metadata(&aside).is_ok_and(|file| file.is_file() && file.len() == 0);
                    let (path, aside) = (parts.path(index), aside.file_name().unwrap_or_default().display());
                    (self.note)(&match is_empty {
                        true => format!("{} is empty, as after a power cut, and is computed again", path.display()),
                        false => format!(
                            "{} is damaged and is computed again; what was there is kept as {aside} ({problem})",
                            path.display()
                        ),
                    });
                    due.push(index);
                }
            }
        }
        Ok(due)
    }

    /// The error of a run that ended early: what is kept, and how to continue.
    fn unfinished(&self, source: Error, parts: &Parts, specs: &PartSpecs) -> Error {
        let all = specs.count();
        let present = parts.present(&CancelToken::default()).unwrap_or_default();
        let there = present.iter().filter(|i| **i < all).count();
        let folder = parts.folder();
        let problem = format!("stopped with {there} of {all} parts kept in {}", folder.display());
        let (free, part) = (free_space(folder), self.plan.bytes().div_ceil(all));
        let due = if there as u64 == all { self.plan.bytes() } else { part };
        let remedy = match &source {
            Error::File { .. } if free < due => format!(
                "make room ({} are free there, and up to {} are needed next), then run the same command again to continue",
                bytes_shown(free),
                bytes_shown(due)
            ),
            Error::DeviceLost { .. } => {
                "run the same command again to continue, with `on_device_loss` cpu if it happens again".to_string()
            }
            _ => "run the same command again to continue".to_string(),
        };
        Error::Unfinished { problem, remedy, source: Box::new(source) }
    }
}

/// Whether a complete map of this plan exists at `path`.
///
/// A map that another program has copied or changed does not count: its cells may differ.
pub(super) fn is_complete(path: &Path, specs: &PartSpecs) -> bool {
    let is_own = |map: &MapFile| map.is_sealed() && map.text("plan_sha256").as_deref() == Some(specs.plan());
    path.is_file() && MapFile::open(path).is_ok_and(|map| is_own(&map))
}

/// The error of a sweep that fits one part, where nothing is kept.
fn nothing_kept(source: Error) -> Error {
    match source {
        Error::Interrupted { .. } | Error::DeviceLost { .. } => Error::Unfinished {
            problem: "stopped before the map was done; it fits one part, so nothing is kept".to_string(),
            remedy: "run the same command again, with a smaller `part_cells` to keep more of it".to_string(),
            source: Box::new(source),
        },
        other => other,
    }
}
