//! Streams of a batch's cells through the adapter: while it computes one, the next is uploaded and the last is read
//! back.

use super::Gpu;
use super::buffers::{Buffers, IN_FLIGHT};
use super::dispatch::{self, Fetch, InFlight};
use crate::engine::{Batch, Cell, Progress};
use crate::error::Result;
use crate::results::CellResult;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Target duration of a dispatch: below every watchdog, and short enough for progress and cancellation.
const TARGET_DISPATCH_TIME: Duration = Duration::from_millis(75);
/// Steps of the first dispatch, when the adapter's speed is unknown.
const FIRST_STEPS: u32 = 64;
/// Most steps of a dispatch: well below 65,535 iterations, after which some software adapters leave a loop
/// silently.
const MOST_STEPS: u32 = 32_000;
/// Most streams that are on the adapter at a time.
const STREAMS: usize = 2;

/// Cells of one stream and their progress.
struct SubBatch<'a> {
    cells: &'a [Cell],
    buffers: Buffers,
    /// Last known number of running cells.
    running: u32,
    /// Steps of the next dispatch.
    steps: u32,
    /// Most steps of any dispatch.
    limit: u32,
    /// Number of dispatches sent.
    dispatch_index: usize,
    /// Steps taken, over all cells.
    taken: u64,
    in_flight: VecDeque<InFlight>,
}

/// Results of a stream that are being read back.
struct PendingResults<'a> {
    cells: &'a [Cell],
    /// Index of the first cell in the batch.
    first: usize,
    taken: u64,
    fetch: Fetch,
}

/// Integrates all cells of the batch, `most` of them in a stream.
///
/// The adapter always has a dispatch to run: with two streams, each has one in flight, and the adapter runs that of
/// one while the status of the other is read. A stream that is alone has two in flight: each leaves the packed list
/// of running cells, and their number, where the next one reads them.
pub(super) fn run(gpu: &Gpu, batch: &Batch, progress: &Progress, most: usize) -> Result<Vec<CellResult>> {
    let mut chunks = batch.cells.chunks(most).enumerate();
    let mut results = vec![CellResult::without_numbers(crate::results::Outcome::Unsettled); batch.cells.len()];
    let mut streams: Vec<(usize, SubBatch<'_>)> = Vec::with_capacity(STREAMS);
    let mut fetched: VecDeque<PendingResults<'_>> = VecDeque::new();
    let mut last_seen = Instant::now();
    loop {
        progress.stop.check()?;
        while streams.len() < STREAMS {
            let Some((number, cells)) = chunks.next() else { break };
            streams.push((number * most, SubBatch::open(gpu, batch, cells)?));
        }
        let each = IN_FLIGHT / streams.len().max(1);
        streams.iter_mut().for_each(|(_, stream)| stream.send(gpu, each));
        // The adapter has work; dispatches are read in the order of their submission.
        let oldest = streams.iter().enumerate().min_by_key(|(_, (_, s))| s.in_flight.front().map(|sent| sent.at));
        let Some((i, _)) = oldest else {
            match fetched.pop_front() {
                Some(last) => last.put(gpu, &mut results)?,
                None => return Ok(results),
            }
            continue;
        };
        let (first, stream) = &mut streams[i];
        stream.look(gpu, progress, &mut last_seen)?;
        if stream.running == 0 && stream.in_flight.is_empty() {
            let fetch = dispatch::fetch(gpu, &stream.buffers);
            fetched.push_back(PendingResults { cells: stream.cells, first: *first, taken: stream.taken, fetch });
            streams.swap_remove(i);
            // The results of one stream may be on their way; earlier ones have arrived.
            if fetched.len() > 1
                && let Some(earlier) = fetched.pop_front()
            {
                earlier.put(gpu, &mut results)?;
            }
        }
    }
}

impl<'a> SubBatch<'a> {
    fn open(gpu: &Gpu, batch: &Batch, cells: &'a [Cell]) -> Result<Self> {
        let buffers = Buffers::new(gpu, batch, cells)?;
        let running = buffers.cells;
        let (steps, limit) = (FIRST_STEPS, MOST_STEPS);
        Ok(Self { cells, buffers, running, steps, limit, dispatch_index: 0, taken: 0, in_flight: VecDeque::new() })
    }

    /// Sends dispatches until this many are in flight, as long as cells are running.
    fn send(&mut self, gpu: &Gpu, in_flight: usize) {
        while self.running > 0 && self.in_flight.len() < in_flight {
            self.in_flight.push_back(dispatch::send(gpu, &self.buffers, self.dispatch_index, self.running, self.steps));
            self.dispatch_index += 1;
        }
    }

    /// Waits for the oldest dispatch, and sets the number of steps of the next one by its duration.
    fn look(&mut self, gpu: &Gpu, progress: &Progress, last_seen: &mut Instant) -> Result<()> {
        let Some(sent) = self.in_flight.pop_front() else { return Ok(()) };
        let (status, on_device) = dispatch::wait_for(gpu, &self.buffers, &sent)?;
        let taken = status.check(gpu, self.running, sent.steps)?;
        if status.cut_short > 0 {
            // The shader counts the steps it takes, so nothing is lost; later dispatches request fewer.
            self.limit = (sent.steps / 2).max(1);
        }
        progress.add(u64::from(self.running - status.running), u64::from(status.settled), taken);
        progress.add_device_time(on_device);
        self.taken += taken;
        self.running = status.running;
        let took = (*last_seen).max(sent.at).elapsed();
        *last_seen = Instant::now();
        let ratio = (TARGET_DISPATCH_TIME.as_secs_f64() / took.as_secs_f64().max(1e-6)).clamp(0.25, 4.0);
        self.steps = ((f64::from(sent.steps) * ratio) as u32).clamp(1, self.limit);
        Ok(())
    }
}

impl PendingResults<'_> {
    fn put(self, gpu: &Gpu, results: &mut [CellResult]) -> Result<()> {
        let found = dispatch::read_results(gpu, &self.fetch, self.cells, self.taken)?;
        results[self.first..self.first + found.len()].copy_from_slice(&found);
        Ok(())
    }
}
