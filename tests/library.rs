//! The library from outside: the README's program in a crate of its own, without the features that only the command needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::path::Path;
use std::process::Command;

/// Only what the program spends its time in is optimized: the rest is built in a third of the time.
const OPTIMIZED: &str = "[profile.dev]\ndebug = false\n[profile.dev.package.hopfmap]\nopt-level = 3\n\
                         [profile.dev.package.pulp]\nopt-level = 3\n";

/// The program in the README.
fn program() -> String {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, after) = page.split_once("```rust\n").expect("a program in Rust");
    after.split_once("```").unwrap().0.to_string()
}

#[test]
fn a_fresh_crate_runs_the_readmes_program_without_the_commands_features() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"fresh\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         hopfmap = {{ path = {:?}, default-features = false }}\n{OPTIMIZED}",
        root.display().to_string()
    );
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    // The versions that everything else is tested with.
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    std::fs::write(folder.path().join("src/main.rs"), program()).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library");
    let run = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let (printed, message) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{message}");
    assert_eq!(printed.trim(), "largest span 0.1087", "{message}");
    let lock = std::fs::read_to_string(folder.path().join("Cargo.lock")).unwrap();
    for command_only in ["clap", "indicatif", "resvg", "signal-hook"] {
        assert!(!lock.contains(&format!("name = \"{command_only}\"")), "{command_only} is built for the library alone");
    }
}
