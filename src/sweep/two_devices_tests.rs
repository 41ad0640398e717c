//! A sweep on two devices of one kind, one of which is lost in the middle.

use super::failover::Failover;
use super::parts::PlanFile;
use super::pipeline::{DueParts, run_overlapping};
use super::stages::Stages;
use crate::engine::gpu::{AdapterFilter, Gpu};
use crate::engine::{
    Batch, Engine, EngineKind, EngineOptions, Next, OpenEngine, Progress, Several, Task, Work, open_engine,
};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::plan::{OnDeviceLoss, Plan, Request};
use crate::results::CellResult;
use crate::store::{Part, Parts};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A device that is taken away with its next batch after some.
struct Device {
    gpu: Gpu,
    batches: AtomicUsize,
    lost_after: usize,
}

impl Device {
    fn new(lost_after: usize) -> Self {
        let gpu = Gpu::open(&AdapterFilter::Any, Format::default());
        let gpu = gpu.expect("the shader's tests need an adapter: run scripts/setup");
        Self { gpu, batches: AtomicUsize::new(0), lost_after }
    }
}

impl Engine for Device {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        self.gpu.run(batch, progress)
    }

    fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
        self.gpu.run_all(&mut Counted { work, device: self }, progress)
    }
}

/// The work of a device, which counts its batches.
struct Counted<'a> {
    work: &'a mut dyn Work<Task>,
    device: &'a Device,
}

impl Work<Task> for Counted<'_> {
    fn most_cells(&self) -> u64 {
        self.work.most_cells()
    }

    fn next(&mut self, may_wait: bool) -> Result<Next<Task>> {
        let next = self.work.next(may_wait)?;
        if matches!(next, Next::Batch(_))
            && self.device.batches.fetch_add(1, Ordering::Relaxed) == self.device.lost_after
        {
            self.device.gpu.destroy();
        }
        Ok(next)
    }

    fn finished(&mut self, task: Task, results: Vec<CellResult>) -> Result<()> {
        self.work.finished(task, results)
    }
}

/// Cells along a side of the map: HOPFMAP_SIDE, or 40.
fn side() -> u64 {
    std::env::var("HOPFMAP_SIDE").ok().and_then(|side| side.parse().ok()).unwrap_or(40)
}

fn plan() -> Plan {
    let side = side();
    let part = (side * side).div_ceil(16).max(1);
    let request = format!(
        "grid = ['Gamma=0.05:0.8:{side}', 'alpha=0.1:2:{side}']\naudit = 8\npart-cells = {part}\n[set]\nV_n = 2.0\nR_n = 6.0\n"
    );
    Plan::new(Request::from_toml(&request).unwrap()).unwrap()
}

/// All parts of a plan by these devices, and the messages that there were.
fn parts(plan: &Plan, devices: Vec<Device>) -> Vec<Part> {
    let folder = tempfile::tempdir().unwrap();
    let specs = PlanFile::new(plan, EngineKind::Gpu).part_specs(plan).unwrap();
    let parts = Parts::beside_output(&folder.path().join("map.h5"));
    parts.open_or_create("plan").unwrap();
    let any = open_engine(&EngineOptions { kind: EngineKind::Gpu, ..EngineOptions::default() }).unwrap();
    let devices_info = vec![any.info.clone(); devices.len()];
    let chosen = OpenEngine {
        engine: Box::new(Several::new(devices, "two devices".into(), true)),
        devices: devices_info,
        ..any
    };
    let progress = Progress::default();
    // No device is opened again.
    let failover = Failover::new(&chosen, EngineOptions::default(), OnDeviceLoss::Stop, &|note| panic!("{note}"));
    let due: Vec<u64> = (0..specs.count()).collect();
    let job = DueParts { plan, progress: &progress, specs: &specs, parts: &parts, due: &due };
    run_overlapping(&job, Stages::new(plan, &progress, failover)).unwrap();
    assert_eq!(progress.read().done, side() * side());
    due.iter().map(|index| parts.read(&specs.get(*index)).unwrap()).collect()
}

#[test]
fn two_devices_make_the_map_of_one_and_so_does_the_one_that_is_left() {
    let plan = plan();
    const NEVER: usize = usize::MAX;
    let bits = |part: &Part| -> Vec<_> {
        part.results.iter().flatten().map(|r| (r.outcome, r.numbers().map(f64::to_bits), r.steps)).collect()
    };
    let alone: Vec<_> = parts(&plan, vec![Device::new(NEVER)]).iter().map(bits).collect();
    assert!(alone.len() >= 16, "{}", alone.len());
    for lost_after in [NEVER, 3] {
        let two = parts(&plan, vec![Device::new(NEVER), Device::new(lost_after)]);
        assert!(two.iter().map(bits).eq(alone.iter().cloned()), "lost after {lost_after}");
        assert!(two.iter().all(|part| part.engine.engine == "gpu"));
    }
    // Negative control: cells differ.
    assert!(alone[0] != alone[9]);
}
