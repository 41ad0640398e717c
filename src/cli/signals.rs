//! Ctrl-C, SIGTERM and a terminal that is closed: the first asks the work to end, the second ends it at once.

use crate::cancel::CancelToken;

/// Lets signals set `stop`.
#[cfg(unix)]
pub fn listen(stop: &CancelToken) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let armed = Arc::new(AtomicBool::new(false));
    let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup) {
        // In this order: the first signal finds nothing armed and arms it. What cannot be registered keeps the system's way.
        let _ = register_conditional_shutdown(signal, 128 | signal, armed.clone());
        let _ = register(signal, armed.clone());
        let _ = register_usize(signal, stop.flag(), signal as usize);
    }
}

/// Whether this process was started with a signal ignored, as nohup does it. Only Linux tells; elsewhere it counts as ignored.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Lets a limit on file sizes be an error of the write that meets it, like a full disk, and not the program's end.
#[cfg(unix)]
pub fn outlive_file_limits() {
    // What cannot be registered keeps the system's way.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

/// There is no such signal elsewhere.
#[cfg(not(unix))]
pub fn outlive_file_limits() {}

/// Elsewhere the system ends the program; finished parts are kept all the same.
#[cfg(not(unix))]
pub fn listen(_: &CancelToken) {}
