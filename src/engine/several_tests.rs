//! Do several devices share the work to the same bits, also when one is lost.

use super::*;
use crate::engine::{Cell, Cpu, Precision, Tables, Timing};
use crate::kernel::run::RunLimits;
use crate::kernel::table::Format;
use crate::model::{Parameters, State};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// What becomes of a device after some batches.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Lost,
    Failed,
    Panics,
    Forgets,
}

/// A device that has three batches in hand, as a GPU has several, and ends after some of them.
struct Device {
    end: Option<(usize, End)>,
    done: AtomicUsize,
}

impl Device {
    fn sound() -> Self {
        Self { end: None, done: AtomicUsize::new(0) }
    }

    fn that(end: End, after: usize) -> Self {
        Self { end: Some((after, end)), ..Self::sound() }
    }
}

impl Engine for Device {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        Cpu::new(Precision::F32).run(batch, progress)
    }

    fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
        let (mut held, mut is_over) = (VecDeque::new(), false);
        while !(is_over && held.is_empty()) {
            let mut is_full = held.len() == 2;
            match work.next(held.is_empty())? {
                Next::Batch(task) => held.push_back(task),
                Next::Later => is_full = true,
                Next::End => is_over = true,
            }
            let done = self.done.load(Ordering::Relaxed);
            match self.end.filter(|(after, _)| done >= *after && held.len() > 1) {
                Some((_, End::Lost)) => {
                    return Err(Error::DeviceLost { adapter: "Device".into(), problem: "pulled out".into() });
                }
                Some((_, End::Failed)) => return Err(Error::engine("refused an operation", "report it")),
                Some((_, End::Panics)) => panic!("a mistake in this device's thread"),
                Some((_, End::Forgets)) => return Ok(()),
                None => {}
            }
            if is_over || is_full {
                // The latest ones come back first.
                let Some(task) = held.pop_back() else { continue };
                let results = self.run(&task.batch, progress)?;
                self.done.fetch_add(1, Ordering::Relaxed);
                work.finished(task, results)?;
            }
        }
        Ok(())
    }
}

/// Short runs along a line across the Hopf curve.
fn batch(cells: usize) -> Batch {
    let p = Parameters::at(2.0, 6.0, 0.1);
    let mut batch = Batch { tables: vec![Arc::new(Tables::new(p.l, p.lambda, Format::default()))], ..Batch::default() };
    let limits = RunLimits { first_peaks: 10, look_steps: 1000, max_steps: 2000 };
    for n in 0..cells {
        let parameters = Parameters { gamma: 0.01 * (n + 1) as f64, ..p };
        let timing = Timing { dt: 0.02, peak_error: 0.0, limits };
        batch.push(Cell::new(parameters, State::rest(1.0), timing), &[], 0);
    }
    batch
}

/// 40 batches of two cells, one by one.
fn pieces() -> Pieces {
    let whole = batch(80);
    let piece = |number: usize| Task::new(0, number, whole.piece(2 * number..2 * number + 2));
    let due: VecDeque<Task> = (0..40).map(piece).collect();
    Pieces { results: vec![Vec::new(); due.len()], most: 80, due }
}

fn bits(results: &[CellResult]) -> Vec<[u64; 4]> {
    results.iter().map(|r| r.end.map(f64::to_bits)).collect()
}

/// Results of all batches by these devices, and how many of them each has integrated.
fn integrated(devices: Vec<Device>) -> (Result<Vec<CellResult>>, Vec<usize>, u64) {
    let (several, mut work, progress) = (Several::new(devices, "A, B".into(), true), pieces(), Progress::default());
    let end = several.run_all(&mut work, &progress).map(|()| work.results.concat());
    let done = several.devices.iter().map(|d| d.done.load(Ordering::Relaxed)).collect();
    (end, done, progress.read().done)
}

#[test]
fn devices_share_the_work_and_change_no_bit() {
    let (alone, ..) = integrated(vec![Device::sound()]);
    let alone = bits(&alone.unwrap());
    for count in [2, 3, 7] {
        let (found, done, cells) = integrated((0..count).map(|_| Device::sound()).collect());
        assert_eq!(bits(&found.unwrap()), alone, "{count} devices");
        assert_eq!((done.iter().sum::<usize>(), cells), (40, 80));
        assert!(count > 3 || done.iter().all(|n| *n > 0), "{done:?}");
    }
    // One batch is shared in pieces.
    let several = Several::new(vec![Device::sound(), Device::sound(), Device::sound()], String::new(), true);
    let found = several.run(&batch(80), &Progress::default()).unwrap();
    assert!(bits(&found) == alone && alone[0] != alone[1]);
    assert!(several.run(&Batch::default(), &Progress::default()).unwrap().is_empty());
    // Devices of different kinds do not share a batch.
    let several = Several::new(vec![Device::sound(), Device::sound()], String::new(), false);
    assert_eq!(bits(&several.run(&batch(80), &Progress::default()).unwrap()), alone);
    let mut done: Vec<_> = several.devices.iter().map(|d| d.done.load(Ordering::Relaxed)).collect();
    done.sort_unstable();
    assert_eq!(done, [0, 1]);
}

#[test]
fn the_batches_of_a_lost_device_go_to_the_others() {
    let alone = bits(&integrated(vec![Device::sound()]).0.unwrap());
    for after in [0, 1, 5] {
        let (found, done, _) = integrated(vec![Device::sound(), Device::that(End::Lost, after), Device::sound()]);
        assert_eq!(bits(&found.unwrap()), alone, "lost after {after}");
        assert!(done.iter().sum::<usize>() == 40 && done[1] <= after, "{done:?}");
    }
    // A lost device is not asked any more.
    let several = Several::new(vec![Device::that(End::Lost, 0), Device::sound()], String::new(), true);
    for _ in 0..3 {
        several.run_all(&mut pieces(), &Progress::default()).unwrap();
    }
    assert_eq!(several.devices.iter().map(|d| d.done.load(Ordering::Relaxed)).sum::<usize>(), 120);
}

#[test]
fn all_lost_or_one_failed_ends_the_work() {
    let lost = || vec![Device::that(End::Lost, 2), Device::that(End::Lost, 1)];
    let (end, ..) = integrated(lost());
    assert!(matches!(end, Err(Error::DeviceLost { .. })), "{end:?}");
    let several = Several::new(lost(), "A, B".into(), true);
    assert!(several.run_all(&mut pieces(), &Progress::default()).is_err());
    // From then on it has no device left.
    let message = several.run_all(&mut pieces(), &Progress::default()).unwrap_err().to_string();
    assert!(message.contains("A, B") && message.contains("lost"), "{message}");
    for how in [End::Failed, End::Forgets] {
        let (end, ..) = integrated(vec![Device::sound(), Device::that(how, 1)]);
        assert!(matches!(end, Err(Error::Engine { .. })), "{end:?}");
    }
    // A panic is no silent wait.
    let panics = || integrated(vec![Device::sound(), Device::that(End::Panics, 1)]);
    assert!(std::panic::catch_unwind(panics).is_err());
    let progress = Progress::default();
    progress.stop.cancel(2);
    let end = Several::new(lost(), String::new(), true).run(&batch(8), &progress);
    assert!(matches!(end, Err(Error::Interrupted { .. })), "{end:?}");
}
