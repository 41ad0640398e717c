//! Ctrl-C and SIGTERM: the first asks the work to end, the second ends it at once.

use crate::stop::Stop;

/// Lets signals set `stop`.
#[cfg(unix)]
pub fn listen(stop: &Stop) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let armed = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds nothing armed and arms it. What cannot be registered keeps the system's way.
        let _ = register_conditional_shutdown(signal, 128 | signal, armed.clone());
        let _ = register(signal, armed.clone());
        let _ = register_usize(signal, stop.flag(), signal as usize);
    }
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
pub fn listen(_: &Stop) {}
