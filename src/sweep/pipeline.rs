//! Parts on a conveyor, where the engine leaves the CPU free: theory goes ahead of it, audit and disk come behind.

use super::failover::Failover;
use super::parts::PartSpecs;
use super::stages::Workshop;
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::store::Parts;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};

/// Makes and writes the parts that are due, in order. At most three are under way: one in each hand.
///
/// # Errors
/// The first of what disk, engine or theory report. What the engine had done before is written still.
pub fn run(
    plan: &Plan,
    progress: &Progress,
    (specs, parts): (&PartSpecs, &Parts),
    due: &[u64],
    failover: &mut Failover<'_>,
) -> Result<()> {
    // A hand that meets a channel without another end has nothing to do any more; the other one says why.
    let (send_ready, ready) = sync_channel(0);
    let (send_made, made) = sync_channel(0);
    scope(|scope| {
        let theory = started(scope, "theory", move || -> Result<()> {
            let mut stages = Workshop::new(plan, progress);
            for &index in due {
                let spec = specs.get(index);
                // Another process may have been here since.
                let there = parts.path(index).exists();
                let prepared = if there { None } else { Some(stages.prepare(&spec.place)?) };
                if send_ready.send((spec, prepared)).is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        let disk = started(scope, "disk", move || -> Result<()> {
            let stages = Workshop::new(plan, progress);
            for (spec, integrated) in made {
                parts.write(&spec, &stages.finish(&spec.place, integrated)?)?;
            }
            Ok(())
        })?;
        let engine = move || -> Result<()> {
            let mut stages = Workshop::new(plan, progress);
            for (spec, mut prepared) in ready {
                if prepared.is_none() {
                    progress.add(spec.place.cells * plan.starts() as u64, 0, 0);
                    continue;
                }
                // Where the device is lost and the part begun anew, theory has to speak again.
                let integrated = failover.run(|chosen| stages.integrate(chosen, &spec.place, prepared.take()))?;
                if send_made.send((spec, integrated)).is_err() {
                    break;
                }
            }
            Ok(())
        };
        let engine = engine();
        let theory = joined(theory);
        joined(disk).and(engine).and(theory)
    })
}

/// A thread beside this one.
fn started<'scope>(
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

/// What a thread came to; a panic goes on here.
fn joined(thread: ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineKind, EngineOptions, open_engine};
    use crate::plan::OnDeviceLoss;
    use crate::plan::Request;
    use crate::sweep::parts::PlanFile;

    /// A plan of so many parts, three cells and all starts each, and where they go.
    fn small(gammas: u32) -> (Plan, PartSpecs, tempfile::TempDir) {
        let request = format!(
            "grid = ['Gamma=0.1:1:{gammas}', 'R_n=1:9:3']\nstart = 'equilibria'\npart-cells = 12\n[set]\nV_n = 2.0\n"
        );
        let plan = Plan::new(Request::from_toml(&request).unwrap()).unwrap();
        let specs = PlanFile::of(&plan, EngineKind::Cpu).unwrap().part_specs(&plan).unwrap();
        (plan, specs, tempfile::tempdir().unwrap())
    }

    /// Makes all parts.
    fn made(plan: &Plan, specs: &PartSpecs, parts: &Parts, progress: &Progress) -> Result<()> {
        let wanted = EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() };
        let chosen = open_engine(&wanted).unwrap();
        let due: Vec<u64> = (0..specs.count()).collect();
        let mut failover = Failover::new(&chosen, wanted, OnDeviceLoss::Stop, &|_| ());
        run(plan, progress, (specs, parts), &due, &mut failover)
    }

    #[test]
    fn parts_that_another_process_has_made_count_as_done() {
        let (plan, specs, folder) = small(4);
        let parts = Parts::beside_output(&folder.path().join("map.h5"));
        parts.open_or_create("plan").unwrap();
        let progress = [Progress::default(), Progress::default()];
        for progress in &progress {
            made(&plan, &specs, &parts, progress).unwrap();
        }
        let [(cells, _, steps), (cells_twice, _, steps_twice)] = progress.map(|p| p.read());
        assert!(plan.starts() > 1 && specs.count() > 1);
        assert_eq!((cells, cells_twice), (12 * plan.starts() as u64, 12 * plan.starts() as u64));
        assert!(steps > 0 && steps_twice == 0, "{steps} {steps_twice}");
    }

    #[test]
    fn a_stage_that_fails_ends_those_before_it() {
        let (plan, specs, folder) = small(40);
        // Without a folder to write to, the first part fails on the disk: those that were under way are made, no others.
        let parts = Parts::beside_output(&folder.path().join("gone/map.h5"));
        let progress = Progress::default();
        let failed = made(&plan, &specs, &parts, &progress).unwrap_err();
        assert!(matches!(failed, Error::File { .. }), "{failed}");
        let parts_made = progress.read().0 / (specs.get(0).place.cells * plan.starts() as u64);
        assert!(specs.count() >= 30 && parts_made <= 4, "{parts_made} of {}", specs.count());
    }

    #[test]
    fn a_part_that_goes_while_parts_are_checked_is_missing_by_its_number() {
        use crate::sweep::parts::Merging;
        let (plan, specs, folder) = small(12);
        let output = folder.path().join("map.h5");
        let parts = Parts::beside_output(&output);
        parts.open_or_create("plan").unwrap();
        made(&plan, &specs, &parts, &Progress::default()).unwrap();
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
