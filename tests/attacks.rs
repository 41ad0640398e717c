//! The attack scripts, each with a small sample; `scripts/` has them whole.
//!
//! The sample is the same each time, so that a failure is of the change that was made; HOPFMAP_ATTACK_SEED draws another.
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
fn attack(script: &str, size: &[&str]) -> String {
    let seed = std::env::var("HOPFMAP_ATTACK_SEED").unwrap_or_else(|_| "2611".to_string());
    let seeded =
        if script == "inject-faults" || script == "hostile-files" { vec!["--seed", &seed] } else { vec![&seed[..]] };
    let mut command = Command::new(interpreter());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script)).args(size).args(seeded);
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
