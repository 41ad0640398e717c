//! Pipeline over the parts that are due: one by one, or overlapping on three threads if the engine
//! leaves the CPU free.

use super::part_work::{PartBatches, PartWork};
use super::stages::{Integrate, Stages};
use crate::engine::{Progress, Stage};
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

    /// Bound on the number of cells that are due, counting starts.
    fn most_cells(&self) -> u64 {
        let largest = self.specs.get(0).place.cells * self.plan.starts() as u64;
        largest.saturating_mul(self.due.len() as u64)
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
            let part = stages.run(&spec.place)?;
            job.progress.timed(Stage::Finish, || job.parts.write(&spec, &part))?;
        }
    }
    Ok(())
}

/// Computes and writes the parts with the three stages on three threads. The engine has the batches of several parts in
/// hand.
///
/// # Errors
/// As for [`run_sequential`], and [`Error::Engine`] if a thread cannot be started. The error is the
/// first of disk, engine and theory. Parts that the engine had finished before are still written.
pub(super) fn run_overlapping(job: &DueParts<'_>, stages: Stages<'_>) -> Result<()> {
    let Stages { mut prepare, integrate: Integrate { mut tables, mut failover, .. }, check } = stages;
    // A stage whose channel is closed ends quietly; the stage that failed returns the error.
    let pieces = failover.pieces();
    let (send_prepared, prepared) = sync_channel::<PartBatches>(0);
    let (send_back, back) = sync_channel::<PartBatches>(1);
    scope(|scope| {
        let theory = spawn(scope, "theory", move || -> Result<()> {
            for (spec, is_made) in job.iter() {
                if is_made {
                    job.count_as_done(&spec);
                    continue;
                }
                let part = job.progress.timed(Stage::Theory, || -> Result<_> {
                    let cells = prepare.run(&spec.place)?;
                    // The cells are as large as all of its batches, and not needed while these wait for the engine.
                    Ok(PartBatches::new(spec, &cells, job.plan, &mut tables, job.progress).in_pieces(pieces))
                })?;
                if send_prepared.send(part).is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        let info = failover.first_info().clone();
        let disk = spawn(scope, "disk", move || -> Result<()> {
            for part in back {
                job.progress.timed(Stage::Finish, || {
                    let (spec, integrated) = part.complete(job.progress, &info)?;
                    job.parts.write(&spec, &check.run(&spec.place, integrated)?)
                })?;
            }
            Ok(())
        })?;
        let mut work = PartWork::new(job.progress, prepared, send_back, job.most_cells());
        let engine = failover.run_while(|engine| {
            let before = work.done;
            work.restart(&engine.devices);
            let ended = engine.engine.run_all(&mut work, job.progress);
            (work.done > before, ended)
        });
        drop(work);
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
    use crate::engine::{
        Batch, Engine, EngineInfo, EngineKind, EngineOptions, Next, OpenEngine, Task, Work, open_engine,
    };
    use crate::plan::OnDeviceLoss;
    use crate::plan::Request;
    use crate::results::CellResult;
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

    /// An engine in whose hands several batches are, and whose device is lost with each of these batches.
    struct Flaky {
        lost_with: &'static [usize],
        seen: std::sync::atomic::AtomicUsize,
    }

    impl Engine for Flaky {
        fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
            let cpu = open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() })?;
            cpu.engine.run(batch, progress)
        }

        fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
            let mut held: Vec<Task> = Vec::new();
            loop {
                let next = work.next(held.is_empty())?;
                let is_over = matches!(next, Next::End);
                if let Next::Batch(task) = next {
                    let n = self.seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if self.lost_with.contains(&n) {
                        return Err(Error::DeviceLost { adapter: "Flaky".into(), problem: "pulled out".into() });
                    }
                    held.push(task);
                }
                // The latest ones come back first.
                while held.len() > 2 || is_over && !held.is_empty() {
                    let task = held.remove(held.len() - 1);
                    let results = self.run(&task.batch, progress)?;
                    work.finished(task, results)?;
                }
                if is_over {
                    return Ok(());
                }
            }
        }
    }

    #[test]
    fn parts_that_a_lost_device_held_start_over() {
        let (plan, specs, folder) = small(40);
        let parts_of = |name: &str| {
            let parts = Parts::beside_output(&folder.path().join(name));
            parts.open_or_create("plan").unwrap();
            parts
        };
        let sound = parts_of("sound.h5");
        made(true, &plan, &specs, &sound, &Progress::default()).unwrap();
        let due: Vec<u64> = (0..specs.count()).collect();
        assert!(due.len() > 20);
        // Lost once, or again after some parts, the device is opened again; lost twice in a row, the CPU goes on.
        for (n, (lost_with, losses)) in
            [(&[4_usize][..], 1), (&[4, 14], 2), (&[4, 5], 2), (&[], 0)].into_iter().enumerate()
        {
            let parts = parts_of(&format!("{n}.h5"));
            let flaky = Flaky { lost_with, seen: std::sync::atomic::AtomicUsize::new(0) };
            let cpu = open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() }).unwrap();
            let info = EngineInfo { kind: EngineKind::Gpu, adapter: "Flaky".into(), ..cpu.info.clone() };
            let first = OpenEngine { engine: Box::new(flaky), devices: vec![info.clone()], info, ..cpu };
            let (progress, notes) = (Progress::default(), std::cell::Cell::new(0));
            let note = |_: &str| notes.set(notes.get() + 1);
            let failover = Failover::new(&first, EngineOptions::default(), OnDeviceLoss::Cpu, &note);
            let job = DueParts { plan: &plan, progress: &progress, specs: &specs, parts: &parts, due: &due };
            run_overlapping(&job, Stages::new(&plan, &progress, failover)).unwrap();
            assert!(notes.get() >= losses, "{lost_with:?}: {} notes", notes.get());
            assert_eq!(progress.read().done, 3 * specs.count() * plan.starts() as u64, "{lost_with:?}");
            for index in &due {
                let [a, b] = [&sound, &parts].map(|parts| parts.read(&specs.get(*index)).unwrap());
                let numbers = |part: &crate::store::Part| -> Vec<_> {
                    part.results.iter().flatten().map(|r| (r.outcome, r.numbers().map(f64::to_bits))).collect()
                };
                assert_eq!(numbers(&a), numbers(&b), "{lost_with:?}, part {index}");
                assert_eq!((a.neuron_steps, a.largest_steps), (b.neuron_steps, b.largest_steps));
            }
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
