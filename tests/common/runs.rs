//! The program run in a folder, and what came of it.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The HDF5 library locks what it writes, and a program that another test starts just then inherits the lock for as long as it runs.
pub const LOCKING: (&str, &str) = ("HDF5_USE_FILE_LOCKING", "FALSE");

/// Runs in this folder; paths in commands and messages are the same wherever it lies.
pub fn hopfmap(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopfmap"));
    command.env(LOCKING.0, LOCKING.1).current_dir(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn done(mut command: Command) -> String {
    run(&mut command)
}

/// Runs a command to its end; its output is part of the message where it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

/// Exit code and what stood on stderr.
pub fn refused(mut command: Command) -> (i32, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code().unwrap_or(-1), String::from_utf8(stderr).unwrap())
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub fn at_home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A plane of 4 × 6 cells; Z_T takes the values 0, 0.2, …, 1.
pub const PLANE: [&str; 10] =
    ["--grid", "Gamma=0.1:1:4", "--grid", "Z_T=0:1:6", "--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu"];

/// The map of [`PLANE`].
pub fn sweep(home: &Path, output: &str, more: &[&str]) {
    done(hopfmap(home, &[&["sweep", "-q", "--force", "-o", output], &PLANE[..], more].concat()));
}

/// What a command that is done reports with --json.
pub fn json(home: &Path, arguments: &[&str]) -> Value {
    let output = hopfmap(home, arguments).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {message}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"))
}
