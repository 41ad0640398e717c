//! Does the Python package do what docs/python.md says: scripts/check-python, with this build's program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::interpreter;
use std::path::Path;
use std::process::{Command, Output};

tests! {
    the_python_package_works: [PYTHON];
    a_broken_python_package_is_seen: [PYTHON];
}

fn check(program: &str, arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check-python");
    let mut command = Command::new(script);
    command.args(arguments).env("HOPFMAP", program).env("PYTHON", interpreter());
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    command.output().unwrap()
}

fn the_python_package_works() {
    let output = check(env!("CARGO_BIN_EXE_hopfmap"), &[]);
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}");
}

/// The negative control: with another program than hopfmap the tests fail.
fn a_broken_python_package_is_seen() {
    let output = check("/bin/true", &["python/tests/test_words.py"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains("failed"), "{output:?}");
}
