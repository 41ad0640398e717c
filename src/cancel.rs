//! The wish that work should end: set once by whoever waits, looked at often by whatever works.

use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shared between those who ask and those who work; clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicUsize>);

impl CancelToken {
    /// Asks for the end, as the operating system's signal of this number does (2 for Ctrl-C, 15 for SIGTERM).
    pub fn cancel(&self, signal: u8) {
        self.0.store(usize::from(signal), Ordering::SeqCst);
    }

    /// The flag itself, for a signal handler to write its signal's number into.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicUsize> {
        self.0.clone()
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Goes on while nobody has asked.
    ///
    /// # Errors
    /// [`Error::Interrupted`] once somebody has.
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
