//! A real Python environment, set up once under target/ with what the tests read maps with.

use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 6] = ["numpy", "xarray", "h5netcdf", "netCDF4", "h5py", "matplotlib"];

/// The environment's interpreter; `None`, and a word on stderr, where there is no Python or no h5dump outside CI.
pub fn environment() -> Option<PathBuf> {
    let present =
        |program: &str, argument: &str| Command::new(program).arg(argument).output().is_ok_and(|o| o.status.success());
    for (program, argument) in [("python3", "--version"), ("h5dump", "--version")] {
        if !present(program, argument) {
            assert!(!super::in_ci(), "{program} is missing: run scripts/setup");
            eprintln!("SKIPPED: {program} is missing, so reading the map with other programs was not tested");
            return None;
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join("bin/python3");
    let ready = folder.join("ready");
    // A list that has grown makes the environment anew.
    let wanted = PACKAGES.join(" ");
    if std::fs::read_to_string(&ready).ok().as_deref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES));
        std::fs::write(&ready, wanted).unwrap();
    }
    Some(python)
}

/// Runs a command to its end; its output is part of the message where it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text
}
