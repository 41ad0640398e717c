//! The pool: slots on the adapter, each with the run of one cell. A slot whose run ends takes the next cell of a
//! queue, across batches, so that slow cells hold up no others.

use super::Gpu;
use super::buffers::{Buffers, IN_FLIGHT};
use super::dispatch::{self, Fetch, InFlight};
use super::layout::{DispatchParams, QueuedCell};
use crate::engine::{Batch, Next, Progress, Work};
use crate::error::Result;
use crate::results::{CellResult, Outcome};
use rayon::prelude::*;
use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Target duration of a dispatch: below every watchdog, and short enough for progress and cancellation.
const TARGET_DISPATCH_TIME: Duration = Duration::from_millis(75);
/// Fewest steps of a dispatch of many slots, and of the first one, when the adapter's speed is unknown.
const FIRST_STEPS: u32 = 64;
/// Fewest steps of a dispatch on a software adapter, which has no watchdog: where other programs hold the cores, what
/// begins and ends a dispatch takes longer than the target, and fewer steps would take no less.
const FEWEST_IN_SOFTWARE: u32 = 128;
/// Most steps of a dispatch: well below 65,535 iterations, after which some software adapters leave a loop
/// silently.
const MOST_STEPS: u32 = 32_000;
/// Most steps of a dispatch while many runs are left and no cell waits: runs that end leave their lanes empty.
const PACKED_STEPS: u32 = 2_000;
/// Number of runs that are many.
const MANY: u32 = 4096;
/// Most cells of the batches that are held at a time: a batch is held by its slowest cell. It bounds the host's memory.
const MOST_HELD: usize = 1 << 20;

/// A batch in the pool, and its results so far.
struct Held<B> {
    batch: B,
    /// Number of its first cell.
    first: u32,
    /// Number of its cells that have been put into the queue.
    queued: usize,
    /// Number of its cells without a result.
    left: usize,
    results: Vec<CellResult>,
}

/// The slots, their queue, and the batches whose cells they hold.
struct Pool<'a, B> {
    gpu: &'a Gpu,
    buffers: Buffers,
    held: VecDeque<Held<B>>,
    /// Whether no batch comes any more that goes with the pool's tables.
    is_ended: bool,
    /// A batch with other tables.
    rest: Option<B>,
    /// Number of the next cell that is put into the queue.
    queued: u32,
    /// Last known number of the next cell that is drawn from it.
    drawn: u32,
    /// Last known number of running cells.
    running: u32,
    /// Steps of the next dispatch.
    steps: u32,
    /// Most steps of any dispatch.
    limit: u32,
    /// Number of dispatches sent.
    index: usize,
    in_flight: VecDeque<InFlight>,
    fetches: VecDeque<Fetch>,
    /// Steps taken by the counters of the dispatches, and by the results.
    taken: u64,
    told: u64,
    /// Cells done and settled, and steps, that were counted for batches that are not handed over yet.
    added: [u64; 3],
    last_seen: Instant,
}

/// Integrates the cells of all batches, in at most `most` slots.
///
/// The adapter always has a dispatch to run: two are in flight, and each leaves the packed list of running cells, and
/// their number, where the next one reads them.
pub(super) fn run<B: Borrow<Batch>>(gpu: &Gpu, work: &mut dyn Work<B>, progress: &Progress, most: usize) -> Result<()> {
    let (mut rest, cells) = (None, work.most_cells());
    loop {
        progress.stop.check()?;
        let first = match rest.take() {
            Some(batch) => batch,
            None => match work.next(true)? {
                Next::Batch(batch) => batch,
                Next::Later => continue,
                Next::End => return Ok(()),
            },
        };
        if first.borrow().cells.is_empty() {
            work.finished(first, Vec::new())?;
            continue;
        }
        let mut pool = Pool::open(gpu, first, most, cells)?;
        progress.note_device_bytes(pool.buffers.bytes);
        pool.run(work, progress).inspect_err(|_| pool.take_back(progress))?;
        rest = pool.rest.take();
    }
}

/// Steps of the next dispatch, after one of `steps` steps took this time: `fewest` at least, whatever it took, and no more
/// than `limit`.
fn next_steps(steps: u32, took: Duration, fewest: u32, limit: u32) -> u32 {
    let ratio = (TARGET_DISPATCH_TIME.as_secs_f64() / took.as_secs_f64().max(1e-6)).clamp(0.25, 4.0);
    ((f64::from(steps) * ratio) as u32).max(fewest).min(limit).max(1)
}

impl<'a, B: Borrow<Batch>> Pool<'a, B> {
    fn open(gpu: &'a Gpu, first: B, most: usize, cells: u64) -> Result<Self> {
        let buffers = Buffers::new(gpu, first.borrow(), most, cells)?;
        let known = gpu.dispatch_steps.load(Ordering::Relaxed) / u64::from(buffers.slots);
        let steps = (known as u32).clamp(FIRST_STEPS, MOST_STEPS);
        let mut pool = Self {
            gpu,
            buffers,
            held: VecDeque::new(),
            is_ended: false,
            rest: None,
            queued: 0,
            drawn: 0,
            running: 0,
            steps,
            limit: MOST_STEPS,
            index: 0,
            in_flight: VecDeque::new(),
            fetches: VecDeque::new(),
            taken: 0,
            told: 0,
            added: [0; 3],
            last_seen: Instant::now(),
        };
        pool.hold(first);
        Ok(pool)
    }

    /// Integrates the cells of the batches, until there is no more work or a batch has other tables.
    fn run(&mut self, work: &mut dyn Work<B>, progress: &Progress) -> Result<()> {
        loop {
            progress.stop.check()?;
            self.take_in(work)?;
            while self.in_flight.len() < IN_FLIGHT && self.is_busy() {
                self.send();
            }
            let Some(sent) = self.in_flight.pop_front() else {
                self.collect(work, 0)?;
                if self.is_ended && self.held.is_empty() {
                    dispatch::check_told(self.gpu, self.told, self.taken)?;
                    return Ok(());
                }
                continue;
            };
            self.look(&sent, progress)?;
            // The results of one dispatch may be on their way; earlier ones have arrived.
            self.collect(work, 1)?;
        }
    }

    /// Takes the batches that were not handed over out of the counters.
    fn take_back(&self, progress: &Progress) {
        let [done, settled, steps] = self.added;
        progress.take_back(done, settled, steps);
    }

    /// Whether cells are running or waiting in the queue, as far as is known.
    fn is_busy(&self) -> bool {
        self.running > 0 || self.queued != self.drawn
    }

    /// Number of cells of held batches that are not in the queue yet.
    fn unqueued(&self) -> usize {
        self.held.iter().map(|held| held.results.len() - held.queued).sum()
    }

    /// Whether another batch may be held.
    fn may_hold_more(&self) -> bool {
        let cells: usize = self.held.iter().map(|held| held.results.len()).sum();
        cells < MOST_HELD
    }

    fn hold(&mut self, batch: B) {
        let cells = batch.borrow().cells.len();
        let results = vec![CellResult::without_numbers(Outcome::Unsettled); cells];
        let first = self.queued.wrapping_add(self.unqueued() as u32);
        self.held.push_back(Held { batch, first, queued: 0, left: cells, results });
    }

    /// Takes batches as long as the queue has free places, and puts them there.
    fn take_in(&mut self, work: &mut dyn Work<B>) -> Result<()> {
        while !self.is_ended && self.unqueued() == 0 && self.may_hold_more() {
            let is_idle = self.in_flight.is_empty() && self.fetches.is_empty() && !self.is_busy();
            match work.next(is_idle)? {
                Next::Batch(batch) if batch.borrow().cells.is_empty() => work.finished(batch, Vec::new())?,
                Next::Batch(batch) if self.buffers.has_tables_of(batch.borrow()) => self.hold(batch),
                Next::Batch(batch) => (self.rest, self.is_ended) = (Some(batch), true),
                Next::Later => break,
                Next::End => self.is_ended = true,
            }
        }
        let mut free = (self.buffers.queue_length - self.queued.wrapping_sub(self.drawn)) as usize;
        for held in &mut self.held {
            let batch = held.batch.borrow();
            let cells = &batch.cells[held.queued..batch.cells.len().min(held.queued + free)];
            let raw: Vec<QueuedCell> = cells.par_iter().map(|c| QueuedCell::new(c, batch.regions_of(c))).collect();
            self.buffers.put(self.gpu, self.queued, &raw);
            self.queued = self.queued.wrapping_add(raw.len() as u32);
            (held.queued, free) = (held.queued + raw.len(), free - raw.len());
        }
        Ok(())
    }

    /// Sends a dispatch.
    fn send(&mut self) {
        let is_open = !self.is_ended || self.unqueued() > 0 || self.queued != self.drawn;
        let many = !is_open && self.running > MANY;
        let steps = if many { self.steps.min(PACKED_STEPS) } else { self.steps };
        let params = DispatchParams {
            running: self.running,
            steps,
            packed: u32::from(self.index > 0),
            is_open: u32::from(is_open),
            queued: self.queued,
            mask: self.buffers.queue_length - 1,
            unused: [0; 2],
        };
        let slots = if is_open { self.buffers.slots } else { self.running };
        self.in_flight.push_back(dispatch::send(self.gpu, &self.buffers, self.index, slots, &params));
        self.index += 1;
    }

    /// Waits for the oldest dispatch, and sets the number of steps of the next one by its duration.
    fn look(&mut self, sent: &InFlight, progress: &Progress) -> Result<()> {
        let (status, on_device) = dispatch::wait_for(self.gpu, &self.buffers, sent)?;
        let drawn = status.drawn.wrapping_sub(self.drawn);
        let taken = status.check(self.gpu, self.running, drawn, sent.steps)?;
        if status.cut_short > 0 {
            // The shader counts the steps it takes, so nothing is lost; later dispatches request fewer.
            self.limit = (sent.steps / 2).max(1);
        }
        if status.finished > 0 {
            self.fetches.push_back(dispatch::fetch(self.gpu, &self.buffers, sent, status.finished));
        }
        let added = [u64::from(status.finished), u64::from(status.settled), taken];
        progress.add(added[0], added[1], added[2]);
        self.added.iter_mut().zip(added).for_each(|(sum, n)| *sum += n);
        progress.add_device_time(on_device);
        // From the first cell to the last one that is drawn, a slot without a run is one too many.
        let is_dry = status.drawn == sent.queued;
        if !is_dry || self.unqueued() > 0 {
            progress.add_slot_steps(taken, u64::from(self.buffers.slots) * u64::from(sent.steps));
        }
        (self.drawn, self.running) = (status.drawn, status.running);
        self.taken += taken;
        let took = match on_device {
            0 => self.last_seen.max(sent.at).elapsed(),
            nanoseconds => Duration::from_nanos(nanoseconds),
        };
        self.last_seen = Instant::now();
        let possible = f64::from(self.buffers.slots) * f64::from(sent.steps);
        progress.slots_in_time.add(took.as_secs_f64(), taken as f64 / possible);
        let fewest = if self.gpu.adapter().hardware { FIRST_STEPS } else { FEWEST_IN_SOFTWARE };
        let mut steps = next_steps(sent.steps, took, fewest, self.limit);
        if sent.is_open && is_dry && self.unqueued() > 0 {
            // The queue ran empty before the slots had taken all their steps.
            steps = steps.min((sent.steps / 2).max(FIRST_STEPS));
        } else if sent.is_open && !is_dry {
            self.gpu.dispatch_steps.store(u64::from(steps) * u64::from(self.buffers.slots), Ordering::Relaxed);
        }
        self.steps = steps;
        Ok(())
    }

    /// Reads results until those of `kept` dispatches are left, and hands over the batches that are complete.
    fn collect(&mut self, work: &mut dyn Work<B>, kept: usize) -> Result<()> {
        while self.fetches.len() > kept
            && let Some(fetch) = self.fetches.pop_front()
        {
            for raw in dispatch::read_results(self.gpu, &fetch)? {
                let cell = |held: &Held<B>| raw.number.wrapping_sub(held.first) as usize;
                let found = self.held.iter_mut().find(|held| cell(held) < held.queued);
                let Some(held) = found else { return Err(dispatch::impossible(self.gpu, "a result of no cell")) };
                let i = cell(held);
                // A result has steps; a place without one has none.
                if held.results[i].steps > 0 {
                    return Err(dispatch::impossible(self.gpu, "two results of one cell"));
                }
                held.results[i] = dispatch::result(self.gpu, &raw, &held.batch.borrow().cells[i])?;
                held.left = held.left.saturating_sub(1);
                self.told += u64::from(raw.steps);
            }
            while let Some(at) = self.held.iter().position(|held| held.left == 0) {
                if let Some(held) = self.held.remove(at) {
                    let settled = held.results.iter().filter(|r| r.outcome.is_settled()).count() as u64;
                    let steps = held.results.iter().map(|r| r.steps).sum();
                    let over = [held.results.len() as u64, settled, steps];
                    self.added.iter_mut().zip(over).for_each(|(sum, n)| *sum = sum.saturating_sub(n));
                    work.finished(held.batch, held.results)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispatches_come_to_the_target_time_and_never_to_nothing() {
        // A device that takes 10 us a step and this much for a dispatch as such.
        let settled = |fixed: f64, fewest: u32, limit: u32| {
            let took = |steps: u32| Duration::from_secs_f64(fixed + 1e-5 * f64::from(steps));
            (0..50).fold(FIRST_STEPS, |steps, _| next_steps(steps, took(steps), fewest, limit))
        };
        assert!((7000..=7500).contains(&settled(1e-3, 64, 32_000)), "{}", settled(1e-3, 64, 32_000));
        assert_eq!(settled(1e-3, 64, 5000), 5000);
        // Where a dispatch as such takes longer than the target, steps do not go on falling.
        assert_eq!((settled(0.2, 64, 32_000), settled(0.2, 512, 32_000)), (64, 512));
        // The limit after a loop that was cut short comes first.
        assert_eq!((settled(0.2, 512, 100), settled(0.2, 512, 1)), (100, 1));
        assert_eq!(next_steps(64, Duration::ZERO, 64, 32_000), 256);
    }
}
