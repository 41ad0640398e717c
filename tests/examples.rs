//! Do the examples run as they stand: the Python script, the CI workflow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{hopfmap, python};
use std::path::{Path, PathBuf};
use std::process::Command;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

#[test]
fn the_python_example_draws_a_map() {
    let Some(interpreter) = python::environment() else { return };
    let folder = tempfile::tempdir().unwrap();
    let sweep = |name: &str, axis: &str, set: &str| {
        let mut command = hopfmap();
        command.current_dir(folder.path()).args([
            "sweep",
            "--grid",
            "Gamma=0.02:1:24",
            "--grid",
            axis,
            "--set",
            "V_n=2",
        ]);
        command
            .args(["--set", "R_n=6", "--set", set, "--engine", "cpu", "--audit", "off", "-o", name])
            .assert()
            .success();
    };
    sweep("fig6a.h5", "Z_T=0:1:24", "alpha=1");
    let script = |arguments: &[&str]| {
        let mut command = Command::new(&interpreter);
        command.arg(example("read_map.py")).args(arguments).current_dir(folder.path());
        command
    };
    // With no arguments, as its first lines say.
    let said = python::run(&mut script(&[]));
    assert!(said.contains("largest span 0.108") && said.contains("0 cells"), "{said}");
    let png = std::fs::read(folder.path().join("fig6a-python.png")).unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.next_frame(&mut pixels).unwrap();
    assert!(pixels.chunks(4).any(|p| p == [68, 1, 84, 255]), "viridis's dark end is missing");
    // Another plane: a word on what to change, and no traceback.
    sweep("other.h5", "alpha=0.5:2:8", "Z_T=1");
    let other = script(&["other.h5", "other.png"]).output().unwrap();
    let message = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(
        !other.status.success() && message.contains("change X and Y") && !message.contains("Traceback"),
        "{message}"
    );
}

#[test]
fn the_ci_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("ci.yml")).unwrap();
    let steps: Vec<&str> = text.lines().filter_map(|l| l.trim().strip_prefix("- run: ")).collect();
    assert_eq!(steps.len(), 4, "{steps:?}");
    // Set-up and build have happened, or this test would not run.
    assert_eq!(&steps[..2], ["./scripts/setup", "cargo build --release"]);
    for step in &steps[2..] {
        let arguments = step.strip_prefix("./target/release/hopfmap ").unwrap();
        hopfmap().args(arguments.split_whitespace()).current_dir(folder.path()).assert().success();
    }
    // What it uploads is there.
    assert!(text.contains("map.h5") && folder.path().join("map.h5").exists() && folder.path().join("map.png").exists());
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let commands =
        ["sweep", "plot", "trace", "ramp", "replay", "verify", "statics", "curves", "convert", "paper", "adapters"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = python::run(Command::new(env!("CARGO_BIN_EXE_hopfmap")).args(["completions", shell]));
        for command in commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    hopfmap().args(["completions", "tcsh"]).assert().code(2);
    let page = python::run(Command::new(env!("CARGO_BIN_EXE_hopfmap")).arg("man"));
    assert!(page.contains(".TH hopfmap 1") && page.contains("hopfmap\\-sweep(1)"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let man = |extra: &[&str]| hopfmap().args(["man", "-o"]).arg(folder.path()).args(extra).assert();
    man(&[]).success();
    for command in commands {
        let page = std::fs::read_to_string(folder.path().join(format!("hopfmap-{command}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains("Example"), "{command}");
    }
    man(&[]).code(2);
    man(&["--force"]).success();
    // A folder is made if it is not there; what is a file cannot become one.
    hopfmap().args(["man", "-o"]).arg(folder.path().join("made/here")).assert().success();
    assert!(folder.path().join("made/here/hopfmap.1").is_file());
    hopfmap().args(["man", "-o"]).arg(folder.path().join("hopfmap.1")).assert().code(2);
}
