//! Pipeline over the parts that are due: one by one, or overlapping on three threads if the engine
//! leaves the CPU free.

use super::stages::{Integrated, PreparedCells, Stages};
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::store::{PartSpec, Parts};
use crate::sweep::parts::PartSpecs;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};

/// Parts of a sweep that are due, and their folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueParts<'a> {
    /// Plan of the sweep.
    pub plan: &'a Plan,
    /// Counters of the sweep.
    pub progress: &'a Progress,
    /// Specifications of the parts.
    pub specs: &'a PartSpecs,
    /// Folder of the parts.
    pub parts: &'a Parts,
    /// Numbers of the due parts, in order.
    pub due: &'a [u64],
}

impl DueParts<'_> {
    /// The specification of each due part, and whether another process has computed it in the
    /// meantime.
    fn iter(&self) -> impl Iterator<Item = (PartSpec, bool)> {
        self.due.iter().map(|&index| (self.specs.get(index), self.parts.path(index).exists()))
    }

    /// Counts the cells of a part that another process has computed.
    fn count_as_done(&self, spec: &PartSpec) {
        self.progress.add(spec.place.cells * self.plan.starts() as u64, 0, 0);
    }
}

/// Computes and writes the parts one after the other.
///
/// # Errors
/// As for [`Stages::run`]; [`Error::File`] if a part cannot be written.
pub(super) fn run_sequential(job: &DueParts<'_>, mut stages: Stages<'_>) -> Result<()> {
    for (spec, is_made) in job.iter() {
        if is_made {
            job.count_as_done(&spec);
        } else {
            job.parts.write(&spec, &stages.run(&spec.place)?)?;
        }
    }
    Ok(())
}

/// Computes and writes the parts with the three stages on three threads, at most one part per
/// stage.
///
/// # Errors
/// As for [`run_sequential`], and [`Error::Engine`] if a thread cannot be started. The error is the
/// first of disk, engine and theory. Parts that the engine had finished before are still written.
pub(super) fn run_overlapping(job: &DueParts<'_>, stages: Stages<'_>) -> Result<()> {
    let Stages { mut prepare, mut integrate, check } = stages;
    // A stage whose channel is closed ends quietly; the stage that failed returns the error.
    let (send_prepared, prepared) = sync_channel::<(PartSpec, Option<PreparedCells>)>(0);
    let (send_integrated, integrated) = sync_channel::<(PartSpec, Integrated)>(0);
    scope(|scope| {
        let theory = spawn(scope, "theory", move || -> Result<()> {
            for (spec, is_made) in job.iter() {
                let cells = if is_made { None } else { Some(prepare.run(&spec.place)?) };
                if send_prepared.send((spec, cells)).is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        let disk = spawn(scope, "disk", move || -> Result<()> {
            for (spec, integrated) in integrated {
                job.parts.write(&spec, &check.run(&spec.place, integrated)?)?;
            }
            Ok(())
        })?;
        let engine = move || -> Result<()> {
            for (spec, cells) in prepared {
                let Some(cells) = cells else {
                    job.count_as_done(&spec);
                    continue;
                };
                if send_integrated.send((spec, integrate.run(&cells)?)).is_err() {
                    break;
                }
            }
            Ok(())
        };
        let engine = engine();
        let theory = join(theory);
        join(disk).and(engine).and(theory)
    })
}

/// Starts a stage on its own thread.
fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> Result<()> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<()>>> {
    Builder::new().name(name.into()).spawn_scoped(scope, work).map_err(|e| {
        Error::engine(
            format!("a thread cannot be started: {e}"),
            "free memory, or raise the limit on threads (ulimit -u)",
        )
    })
}

/// The result of a thread; its panic is resumed here.
fn join(thread: ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineKind, EngineOptions, open_engine};
    use crate::plan::OnDeviceLoss;
    use crate::plan::Request;
    use crate::sweep::Failover;
    use crate::sweep::parts::PlanFile;

    /// A plan with `gammas` parts of three cells with all starts, its specifications, and a folder.
    fn small(gammas: u32) -> (Plan, PartSpecs, tempfile::TempDir) {
        let request = format!(
            "grid = ['Gamma=0.1:1:{gammas}', 'R_n=1:9:3']\nstart = 'equilibria'\npart-cells = 12\n[set]\nV_n = 2.0\n"
        );
        let plan = Plan::new(Request::from_toml(&request).unwrap()).unwrap();
        let specs = PlanFile::new(&plan, EngineKind::Cpu).part_specs(&plan).unwrap();
        (plan, specs, tempfile::tempdir().unwrap())
    }

    /// Computes all parts.
    fn made(overlapping: bool, plan: &Plan, specs: &PartSpecs, parts: &Parts, progress: &Progress) -> Result<()> {
        let wanted = EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() };
        let chosen = open_engine(&wanted).unwrap();
        let due: Vec<u64> = (0..specs.count()).collect();
        let failover = Failover::new(&chosen, wanted, OnDeviceLoss::Stop, &|_| ());
        let job = DueParts { plan, progress, specs, parts, due: &due };
        let stages = Stages::new(plan, progress, failover);
        if overlapping { run_overlapping(&job, stages) } else { run_sequential(&job, stages) }
    }

    #[test]
    fn parts_that_another_process_has_made_count_as_done() {
        let (plan, specs, folder) = small(4);
        assert!(plan.starts() > 1 && specs.count() > 1);
        let all = 12 * plan.starts() as u64;
        for (first, second) in [(true, true), (true, false), (false, true)] {
            let parts = Parts::beside_output(&folder.path().join(format!("{first}-{second}.h5")));
            parts.open_or_create("plan").unwrap();
            let made = |overlapping| {
                let progress = Progress::default();
                made(overlapping, &plan, &specs, &parts, &progress).unwrap();
                progress.read()
            };
            let (once, twice) = (made(first), made(second));
            assert_eq!((once.done, twice.done), (all, all));
            assert!(once.steps > 0 && twice.steps == 0, "{once:?} {twice:?}");
        }
    }

    #[test]
    fn a_stage_that_fails_ends_those_before_it() {
        let (plan, specs, folder) = small(40);
        // Without a folder the first part fails on the disk: only parts in progress are computed.
        let parts = Parts::beside_output(&folder.path().join("gone/map.h5"));
        for (overlapping, most) in [(true, 4), (false, 1)] {
            let progress = Progress::default();
            let failed = made(overlapping, &plan, &specs, &parts, &progress).unwrap_err();
            assert!(matches!(failed, Error::File { .. }), "{failed}");
            let parts_made = progress.read().done / (specs.get(0).place.cells * plan.starts() as u64);
            assert!(specs.count() >= 30 && parts_made <= most, "{parts_made} of {}", specs.count());
        }
    }

    #[test]
    fn a_part_that_goes_while_parts_are_checked_is_missing_by_its_number() {
        use crate::sweep::parts::Merging;
        let (plan, specs, folder) = small(12);
        let output = folder.path().join("map.h5");
        let parts = Parts::beside_output(&output);
        parts.open_or_create("plan").unwrap();
        made(true, &plan, &specs, &parts, &Progress::default()).unwrap();
        assert!(specs.count() > 2);
        let read = |index: u64| {
            let _ = std::fs::remove_file(folder.path().join(parts.path_from_output(index + 1)));
        };
        let merging = Merging {
            plan: &plan,
            specs: &specs,
            parts: &parts,
            output: crate::store::Output::new(&output),
            command: "test",
            is_virtual: false,
            read: &|index| {
                if index == 0 {
                    read(index);
                }
            },
        };
        let message = merging.run(&crate::cancel::CancelToken::default()).unwrap_err().to_string();
        assert!(message.contains("1 missing: 1") && !message.contains("more"), "{message}");
        assert!(!output.exists());
    }
}
