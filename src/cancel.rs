//! A cancellation token: set once by the caller, polled by long-running work.

use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A cancellation flag shared between the caller and the workers; all clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicUsize>);

impl CancelToken {
    /// Requests cancellation, with the number of the operating system's signal (2 for Ctrl-C, 15
    /// for SIGTERM).
    pub fn cancel(&self, signal: u8) {
        self.0.store(usize::from(signal), Ordering::SeqCst);
    }

    /// The flag itself, for a signal handler to store its signal's number in.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicUsize> {
        self.0.clone()
    }

    /// Whether cancellation has been requested.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Returns `Ok` unless cancellation has been requested.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if cancelled.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Error::Interrupted { signal: signal as u8 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_hear_of_it_and_the_exit_code_names_the_signal() {
        let stop = CancelToken::default();
        let worker = stop.clone();
        assert!(worker.check().is_ok() && !worker.is_cancelled());
        stop.cancel(15);
        assert!(worker.is_cancelled());
        assert_eq!(worker.check().unwrap_err().exit_code(), 143);
    }
}
