//! Do CDO, Octave, netCDF's and NCO's tools and a CF checker read every kind of file: scripts/check-files, where all of them are there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::path::Path;
use std::process::Command;

fn main() -> std::process::ExitCode {
    let trial = Trial::ignorable_test("fault_27_other_programs_read_every_kind_of_file", read_by_other_programs);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

/// Ignored where a program is missing, in CI too: together they take longer to install than all other tests to run.
fn read_by_other_programs() -> Result<Completion, Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check-files");
    let missing = Command::new(&script).arg("--missing").output()?;
    let missing = String::from_utf8_lossy(&missing.stdout).trim().replace('\n', ", ");
    if !missing.is_empty() {
        return Ok(Completion::ignored_with(format!("missing: {missing}")));
    }
    let output = Command::new(&script).env("HOPFMAP", env!("CARGO_BIN_EXE_hopfmap")).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() { Ok(Completion::Completed) } else { Err(Failed::from(printed.into_owned())) }
}
