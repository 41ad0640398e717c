//! Several devices as one engine: each draws the next batch, and those of a lost one go to the others.

use crate::engine::{Batch, Engine, Next, Progress, Task, Work};
use crate::error::{Error, Result};
use crate::results::CellResult;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, ScopedJoinHandle};
use std::time::Duration;

/// Time for which an idle device waits for the next batch before it looks whether it is cancelled.
const WAIT: Duration = Duration::from_millis(100);
/// Time between two looks at the work while it has no batch yet.
const LOOK: Duration = Duration::from_millis(2);

/// Devices that share the work.
#[derive(Debug)]
pub(crate) struct Several<E> {
    devices: Vec<E>,
    /// Which of them are lost.
    lost: Vec<AtomicBool>,
    /// Their names, for messages.
    names: String,
    /// Whether they compute the same bits, so that one batch may be several devices'.
    is_of_one_kind: bool,
}

impl<E> Several<E> {
    pub(crate) fn new(devices: Vec<E>, names: String, is_of_one_kind: bool) -> Self {
        let lost = devices.iter().map(|_| AtomicBool::new(false)).collect();
        Self { devices, lost, names, is_of_one_kind }
    }
}

impl<E: Engine + Sync> Engine for Several<E> {
    fn run(&self, batch: &Batch, progress: &Progress) -> Result<Vec<CellResult>> {
        let all = batch.cells.len();
        let pieces = if self.is_of_one_kind { self.devices.len() } else { 1 };
        let cells = all.div_ceil(pieces).max(1);
        let pieces = (0..all).step_by(cells).map(|first| batch.piece(first..all.min(first + cells)));
        let due: VecDeque<Task> = pieces.enumerate().map(|(number, piece)| Task::new(0, number, piece)).collect();
        let mut work = Pieces { results: vec![Vec::new(); due.len()], most: batch.cells.len() as u64, due };
        self.run_all(&mut work, progress)?;
        Ok(work.results.concat())
    }

    fn run_all(&self, work: &mut dyn Work<Task>, progress: &Progress) -> Result<()> {
        let most = work.most_cells();
        let first = State { work, returned: VecDeque::new(), held: 0, is_ended: false, has_failed: false };
        let shared = Shared { state: Mutex::new(first), changed: Condvar::new() };
        let there = || (0..self.devices.len()).filter(|device| !self.lost[*device].load(Ordering::Relaxed));
        let ends: Vec<Result<()>> = std::thread::scope(|scope| {
            let threads: Vec<_> = there()
                .map(|device| {
                    let shared = &shared;
                    let run = move || self.run_one(device, shared, most, progress);
                    let thread = Builder::new().name(format!("device {device}")).spawn_scoped(scope, run);
                    thread.map_err(|e| {
                        shared.failed(Error::engine(
                            format!("a thread cannot be started: {e}"),
                            "free memory, or raise the limit on threads (ulimit -u)",
                        ))
                    })
                })
                .collect();
            let end = |thread: ScopedJoinHandle<'_, Result<()>>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            threads.into_iter().map(|thread| thread.and_then(end)).collect()
        });
        let mut lost = None;
        for end in ends {
            match end {
                Ok(()) => {}
                Err(e @ Error::DeviceLost { .. }) => lost = Some(e),
                // What the failure of another device has ended comes after it.
                Err(Error::Interrupted { .. }) if progress.stop.check().is_ok() => {}
                Err(e) => return Err(e),
            }
        }
        let state = shared.lock();
        if state.is_ended && state.returned.is_empty() && state.held == 0 {
            return Ok(());
        }
        let every = || Error::DeviceLost { adapter: self.names.clone(), problem: "each of them is lost".into() };
        Err(lost.unwrap_or_else(every))
    }
}

impl<E: Engine + Sync> Several<E> {
    /// Lets one device draw batches until there is none left; if it is lost, its batches go to the others.
    fn run_one(&self, device: usize, shared: &Shared<'_>, most: u64, progress: &Progress) -> Result<()> {
        let mut share = Share { shared, device, most, held: Vec::new() };
        let end = self.devices[device].run_all(&mut share, progress);
        match end {
            Err(lost @ Error::DeviceLost { .. }) => {
                self.lost[device].store(true, Ordering::Relaxed);
                share.give_back();
                if self.lost.iter().any(|lost| !lost.load(Ordering::Relaxed)) {
                    log::warn!("{lost}; the other devices go on with its cells");
                }
                Err(lost)
            }
            Err(e) => Err(shared.failed(e)),
            Ok(()) if !share.held.is_empty() => {
                let problem = format!("device {device} of {} has ended without all of its results", self.names);
                Err(shared.failed(Error::engine(problem, "please report this")))
            }
            Ok(()) => Ok(()),
        }
    }
}

/// The work, and what devices have of it.
struct State<'a> {
    work: &'a mut dyn Work<Task>,
    /// Batches that a lost device has given back.
    returned: VecDeque<Task>,
    /// Number of batches in the hands of all devices.
    held: usize,
    /// Whether the work has no batch any more.
    is_ended: bool,
    /// Whether a device has failed for good.
    has_failed: bool,
}

struct Shared<'a> {
    state: Mutex<State<'a>>,
    changed: Condvar,
}

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the work ends with `error`.
    fn failed(&self, error: Error) -> Error {
        self.lock().has_failed = true;
        self.changed.notify_all();
        error
    }
}

/// The share of one device in the work.
struct Share<'a, 'b> {
    shared: &'b Shared<'a>,
    device: usize,
    /// Bound on the number of cells of all batches.
    most: u64,
    /// Batches in the device's hands.
    held: Vec<Task>,
}

impl Share<'_, '_> {
    /// Gives the batches in the device's hands to the others.
    fn give_back(&mut self) {
        let mut state = self.shared.lock();
        state.held -= self.held.len();
        state.returned.extend(self.held.drain(..));
        drop(state);
        self.shared.changed.notify_all();
    }

    /// The next batch, if there is one yet.
    fn take(&mut self, state: &mut State<'_>) -> Result<Option<Task>> {
        if state.has_failed {
            return Err(Error::Interrupted { signal: 0 });
        }
        let mut next = state.returned.pop_front();
        if next.is_none() && !state.is_ended {
            match state.work.next(false)? {
                Next::Batch(task) => next = Some(task),
                Next::Later => {}
                Next::End => state.is_ended = true,
            }
        }
        if let Some(task) = &next {
            state.held += 1;
            self.held.push(task.clone());
        }
        Ok(next)
    }
}

impl Drop for Share<'_, '_> {
    /// A panic of this device's thread ends the work: the others would wait for its batches without end.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.lock().has_failed = true;
            self.shared.changed.notify_all();
        }
    }
}

impl Work<Task> for Share<'_, '_> {
    fn most_cells(&self) -> u64 {
        self.most
    }

    fn next(&mut self, may_wait: bool) -> Result<Next<Task>> {
        let shared = self.shared;
        let mut state = shared.lock();
        let mut waited = Duration::ZERO;
        loop {
            if let Some(task) = self.take(&mut state)? {
                return Ok(Next::Batch(task));
            }
            // As long as another device has batches, it may be lost and leave them.
            if state.is_ended && state.held == self.held.len() {
                return Ok(Next::End);
            }
            if !may_wait || waited >= WAIT {
                return Ok(Next::Later);
            }
            state = shared.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            waited += LOOK;
        }
    }

    fn finished(&mut self, task: Task, results: Vec<CellResult>) -> Result<()> {
        let mut state = self.shared.lock();
        let is_same = |held: &Task| (held.group, held.number) == (task.group, task.number);
        if let Some(at) = self.held.iter().position(is_same) {
            self.held.remove(at);
            state.held -= 1;
        }
        state.work.finished(Task { device: self.device, ..task }, results)?;
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }
}

/// A batch in pieces.
struct Pieces {
    due: VecDeque<Task>,
    most: u64,
    results: Vec<Vec<CellResult>>,
}

impl Work<Task> for Pieces {
    fn most_cells(&self) -> u64 {
        self.most
    }

    fn next(&mut self, _: bool) -> Result<Next<Task>> {
        Ok(self.due.pop_front().map_or(Next::End, Next::Batch))
    }

    fn finished(&mut self, task: Task, results: Vec<CellResult>) -> Result<()> {
        self.results[task.number] = results;
        Ok(())
    }
}

#[cfg(test)]
#[path = "several_tests.rs"]
mod tests;
