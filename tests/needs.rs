//! What becomes of a test that cannot run on this machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::{Need, run};
use std::process::{Command, ExitCode, Output};

static NOWHERE: Need = Need::new("a program of no machine", "run no script", || false);
static HERE: Need = Need::new("Rust", "run rustup", || true);

/// Set where this binary runs the tests that the other one looks at.
const INSIDE: &str = "HOPFMAP_TEST_INSIDE";

fn main() -> ExitCode {
    if std::env::var_os(INSIDE).is_some() {
        return run(vec![
            ("needs_what_is_missing", vec![&HERE, &NOWHERE], || {}),
            ("needs_what_is_there", vec![&HERE], || {}),
        ]);
    }
    run(vec![("fault_32_a_test_that_cannot_run_is_ignored_with_its_reason", vec![], fault_32)])
}

fn inside(ci: bool) -> (Output, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(INSIDE, "1").env_remove("CI").env("NO_COLOR", "1");
    if ci {
        command.env("CI", "true");
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, text)
}

fn fault_32() {
    let (output, text) = inside(false);
    assert!(output.status.success(), "{text}");
    let line = |name: &str| text.lines().find(|l| l.contains(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
    let missing = line("needs_what_is_missing");
    assert!(
        missing.contains("ignored") && missing.contains("a program of no machine is missing: run no script"),
        "{text}"
    );
    assert!(line("needs_what_is_there").contains("ok"), "{text}");
    assert!(text.contains("1 passed") && text.contains("1 ignored"), "{text}");
    // In CI it fails.
    let (output, text) = inside(true);
    assert!(
        !output.status.success() && text.contains("1 failed") && text.contains("a program of no machine"),
        "{text}"
    );
}
