//! Does the CI workflow of the examples run as it stands, and do completions and manual pages name every command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use common::runs::run;
use std::path::{Path, PathBuf};
use std::process::Command;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

#[test]
fn the_ci_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("ci.yml")).unwrap();
    let steps: Vec<&str> = text.lines().filter_map(|l| l.trim().strip_prefix("- run: ")).collect();
    assert_eq!(steps.len(), 4, "{steps:?}");
    // Set-up and build have happened, or this test would not run.
    assert_eq!(steps[0], "./scripts/setup && cargo build --release");
    for step in &steps[1..] {
        let arguments = step.strip_prefix("./hopfmap/target/release/hopfmap ").unwrap();
        if arguments.starts_with("diff") {
            std::fs::copy(folder.path().join("map.h5"), folder.path().join("reference.h5")).unwrap();
        }
        hopfmap().args(arguments.split_whitespace()).current_dir(folder.path()).assert().success();
    }
    // What it uploads is there.
    assert!(text.contains("map.h5") && folder.path().join("map.h5").exists() && folder.path().join("map.png").exists());
}

/// The examples of the library, and a word that each prints.
const LIBRARY: [(&str, &str); 7] = [
    ("sweep_to_array", "cells oscillate"),
    ("sweep_to_file", "tau_c"),
    ("one_cell", "equilibrium: oscillating"),
    ("equilibria", "saddle"),
    ("hopf_curve", "stable cycle"),
    ("trajectory", "oscillating"),
    ("cancel_and_progress", "cancelled"),
];

#[test]
fn examples_of_the_library_run() {
    // A run of this file alone does not build them.
    let profile: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
    let root = env!("CARGO_MANIFEST_DIR");
    let cargo = Command::new(env!("CARGO")).args(["build", "--examples"]).args(profile).current_dir(root).status();
    assert!(cargo.unwrap().success());
    let built = Path::new(env!("CARGO_BIN_EXE_hopfmap")).parent().unwrap().join("examples");
    let folder = tempfile::tempdir().unwrap();
    for (name, word) in LIBRARY {
        let output = Command::new(built.join(name)).current_dir(folder.path()).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains(word), "{name}: {printed} {output:?}");
    }
    let there = std::fs::read_dir(example("")).unwrap().filter_map(|e| e.unwrap().file_name().into_string().ok());
    let mut names: Vec<_> = there.filter_map(|n| n.strip_suffix(".rs").map(str::to_string)).collect();
    names.sort();
    let mut known = LIBRARY.map(|e| e.0.to_string());
    known.sort();
    assert_eq!(names, known, "every example is run");
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let commands = [
        "sweep", "plot", "trace", "ramp", "replay", "verify", "statics", "curves", "optimum", "convert", "paper",
        "adapters",
    ];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(Command::new(env!("CARGO_BIN_EXE_hopfmap")).args(["completions", shell]));
        for command in commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    hopfmap().args(["completions", "tcsh"]).assert().code(2);
    let page = run(Command::new(env!("CARGO_BIN_EXE_hopfmap")).arg("man"));
    assert!(page.contains(".TH hopfmap 1") && page.contains("hopfmap\\-sweep(1)"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let man = |extra: &[&str]| hopfmap().args(["man", "-o"]).arg(folder.path()).args(extra).assert();
    man(&[]).success();
    for command in commands {
        let page = std::fs::read_to_string(folder.path().join(format!("hopfmap-{command}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains("Example"), "{command}");
    }
    // Pages that are there already, and the same, are left; others are replaced only with --force.
    man(&[]).success();
    std::fs::write(folder.path().join("hopfmap-plot.1"), "mine").unwrap();
    man(&[]).code(2);
    man(&["--force"]).success();
    // A folder is made if it is not there; what is a file cannot become one.
    hopfmap().args(["man", "-o"]).arg(folder.path().join("made/here")).assert().success();
    assert!(folder.path().join("made/here/hopfmap.1").is_file());
    hopfmap().args(["man", "-o"]).arg(folder.path().join("hopfmap.1")).assert().code(2);
}
