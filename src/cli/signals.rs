//! Ctrl-C and SIGTERM: the first asks the work to end, the second ends it at once.

use crate::stop::Stop;

/// Lets signals set `stop`.
#[cfg(unix)]
pub fn listen(stop: &Stop) {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
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
    // A quota on file sizes is then an error of the write that met it, like a full disk.
    let _ = register(SIGXFSZ, Arc::default());
}

/// Elsewhere the system ends the program; finished parts are kept all the same.
#[cfg(not(unix))]
pub fn listen(_: &Stop) {}
