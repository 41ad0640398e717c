//! What a caller sees of a long search, and how it ends one.

use crate::cancel::CancelToken;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps of motions and cycles of branches so far, and a flag to end the work.
#[derive(Debug, Default)]
pub struct Watch {
    /// Cancellation flag.
    pub stop: CancelToken,
    steps: AtomicU64,
    cycles: AtomicU64,
    branches: AtomicU64,
}

impl Watch {
    /// A watch that ends the work with this flag.
    #[must_use]
    pub fn with(stop: &CancelToken) -> Self {
        Self { stop: stop.clone(), ..Self::default() }
    }

    /// Steps of motions, cycles and branches so far.
    #[must_use]
    pub fn read(&self) -> [u64; 3] {
        [&self.steps, &self.cycles, &self.branches].map(|c| c.load(Ordering::Relaxed))
    }

    /// Adds steps of a motion; false if the work has to end.
    pub(super) fn add_steps(&self, steps: u64) -> bool {
        self.steps.fetch_add(steps, Ordering::Relaxed);
        self.goes_on()
    }

    pub(super) fn add_cycle(&self) {
        self.cycles.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_branch(&self) {
        self.branches.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the work has not been cancelled.
    pub(super) fn goes_on(&self) -> bool {
        !self.stop.is_cancelled()
    }
}
