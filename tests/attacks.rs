//! The attack scripts, each with a small sample; `scripts/` has them whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::interpreter;
use common::runs::run;
use std::path::Path;
use std::process::Command;

tests! {
    no_failed_system_call_loses_data_in_silence: [LINUX, STRACE, PYTHON];
    killed_commands_leave_nothing_behind: [LINUX, PYTHON];
    two_at_once_lose_nothing: [LINUX, PYTHON];
    hostile_files_are_refused: [LINUX, STRACE, PYTHON];
    random_command_lines_end_well: [LINUX, PYTHON];
}

/// A script with these words, against the program under test; it ends with exit code 1 where it finds a fault.
fn attack(script: &str, words: &[&str]) -> String {
    let mut command = Command::new(interpreter());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script)).args(words);
    run(command.args(["--program", env!("CARGO_BIN_EXE_hopfmap")]))
}

fn no_failed_system_call_loses_data_in_silence() {
    attack("inject-faults", &["--sample", "200"]);
}

fn killed_commands_leave_nothing_behind() {
    attack("kill-anything", &["20"]);
}

fn two_at_once_lose_nothing() {
    attack("two-at-once", &["12"]);
}

fn hostile_files_are_refused() {
    attack("hostile-files", &["60"]);
}

fn random_command_lines_end_well() {
    attack("fuzz-commands", &["300"]);
}
