//! Ctrl-C, SIGTERM and a closed terminal: the first signal cancels the work, the second ends the
//! process at once.

use crate::cancel::CancelToken;

/// Registers signal handlers that set `stop`.
#[cfg(unix)]
pub(super) fn listen(stop: &CancelToken) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let armed = Arc::new(AtomicBool::new(false));
    let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup) {
        // In this order, the first signal finds `armed` unset and sets it. A signal that cannot be
        // registered keeps its default action.
        let _ = register_conditional_shutdown(signal, 128 | signal, armed.clone());
        let _ = register(signal, armed.clone());
        let _ = register_usize(signal, stop.flag(), signal as usize);
    }
}

/// Whether this process was started with a signal ignored, e.g. by nohup.
///
/// Only Linux reports this; elsewhere the signal counts as ignored.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Makes a file-size limit (SIGXFSZ) an error of the write, like a full disk, instead of the process's
/// end.
#[cfg(unix)]
pub(super) fn outlive_file_limits() {
    // If it cannot be registered, the default action stays.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

/// Does nothing: other systems have no such signal.
#[cfg(not(unix))]
pub fn outlive_file_limits() {}

/// Does nothing: on other systems a signal ends the process; finished parts are kept.
#[cfg(not(unix))]
pub fn listen(_: &CancelToken) {}
