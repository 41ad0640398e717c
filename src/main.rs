//! The binary: prepares the environment, runs the command line, and exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    set_environment();
    hopfmap::cli::main()
}

/// Sets what libraries read from the environment, unless the user has set it.
///
/// A layer of Mesa looks for a display when Vulkan starts and writes to stderr when there is none; the choice of
/// adapters needs no display. Files appear by rename, so the HDF5 library's file locks add nothing, and some file
/// systems refuse them.
#[expect(unsafe_code, reason = "the environment can be changed safely only here, before any thread starts")]
fn set_environment() {
    for (name, value) in [("NODEVICE_SELECT", "1"), ("HDF5_USE_FILE_LOCKING", "FALSE")] {
        if std::env::var_os(name).is_none() {
            // SAFETY: this is the first call of `main`, so no other thread exists that could read the environment.
            unsafe { std::env::set_var(name, value) };
        }
    }
}
