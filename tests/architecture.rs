//! Is the house as ARCHITECTURE.md draws it: rooms import only what they may, and the big names stay in their rooms.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rooms and whom they may import; `error` is open to all. The same table stands in ARCHITECTURE.md.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("stop", &[]),
    ("columns", &[]),
    ("model", &[]),
    ("grid", &["model"]),
    ("kernel", &["model", "columns"]),
    ("engine", &["kernel", "columns", "model", "stop"]),
    ("store", &["grid", "columns", "model", "stop"]),
    ("statics", &["model"]),
    ("sweep", &["statics", "engine", "kernel", "store", "grid", "columns", "model", "stop"]),
    ("trace", &["sweep", "statics", "engine", "kernel", "store", "grid", "columns", "model"]),
    ("figure", &["statics", "store", "columns", "model"]),
    ("paper", &["figure", "trace", "sweep", "statics", "store", "engine", "kernel", "grid", "columns", "model"]),
    (
        "cli",
        &[
            "paper", "trace", "sweep", "figure", "statics", "store", "engine", "kernel", "grid", "columns", "model",
            "stop",
        ],
    ),
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The part before the unit tests, without comments and doc examples.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]").next().unwrap_or_default();
    body.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_string()
}

/// The rooms that a file names by `crate::…`.
fn imports(text: &str) -> Vec<String> {
    let after = code(text).split("crate::").skip(1).map(str::to_string).collect::<Vec<_>>();
    let name = |s: &String| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    after.iter().map(name).filter(|n| !n.is_empty()).collect()
}

fn breaches(files: &[(PathBuf, String)]) -> Vec<String> {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut found = Vec::new();
    for (path, text) in files {
        let here = room(path);
        let Some(may) = allowed.get(here.as_str()) else { continue };
        // A test may make what a room reads.
        if path.to_string_lossy().ends_with("_tests.rs") {
            continue;
        }
        for there in imports(text) {
            let fine = there == here || there == "error" || may.contains(&there.as_str());
            // Re-exports of the crate's root, Error and Result, are the error room's.
            if !fine && !["Error", "Result"].contains(&there.as_str()) {
                found.push(format!("{} imports {there}", path.display()));
            }
        }
    }
    found
}

#[test]
fn rooms_import_only_what_they_may() {
    assert_eq!(breaches(&sources()), Vec::<String>::new());
    // The negative control: an engine inside a figure is seen.
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/figure/bad.rs");
    assert_eq!(breaches(&[(src, "use crate::engine::Cpu;".to_string())]).len(), 1);
}

#[test]
fn every_room_is_in_the_table_and_no_arrow_goes_round() {
    let rooms: std::collections::BTreeSet<_> = sources().iter().map(|(p, _)| room(p)).collect();
    let known: Vec<_> = MAY_IMPORT.iter().map(|(r, _)| *r).collect();
    for room in rooms.iter().filter(|r| !["main", "lib"].contains(&r.as_str())) {
        assert!(known.contains(&room.as_str()), "room {room} is not in the table");
    }
    // Each room imports only rooms that stand before it, so there is no circle.
    for (i, (room, may)) in MAY_IMPORT.iter().enumerate() {
        assert!(may.iter().all(|m| known[..i].contains(m)), "{room} imports a room that stands after it");
    }
}

#[test]
fn big_names_stay_in_their_rooms() {
    for (name, home) in [
        ("wgpu", "src/engine/gpu"),
        ("hdf5", "src/store"),
        ("plotters", "src/figure"),
        ("indicatif::ProgressBar", "src/cli"),
        ("clap::Parser", "src/cli"),
    ] {
        for (path, text) in sources() {
            let named = code(&text).contains(&format!("{name}::")) || code(&text).contains(&format!("use {name}"));
            let at_home = path.to_string_lossy().contains(home) || path.ends_with("main.rs");
            assert!(at_home || !named, "{} names {name}", path.display());
        }
    }
}

#[test]
fn architecture_md_shows_the_same_table() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    for (room, may) in MAY_IMPORT {
        let list = if may.is_empty() { "nothing".to_string() } else { may.join(", ") };
        let row = format!("| `{room}` | {list} |");
        assert!(page.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}

#[test]
fn files_stay_short_and_say_what_they_are() {
    for (path, text) in sources() {
        assert!(text.lines().count() <= 400, "{} is over 400 lines", path.display());
        assert!(text.starts_with("//!"), "{} does not open with what it is", path.display());
    }
}

/// A test that returns early where it cannot run counts as passed. Tests with needs stand in files without Rust's own harness, which
/// passes over `#[test]` there without a word.
#[test]
fn fault_32_no_test_is_left_out_in_silence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let own_main: Vec<String> = manifest["test"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["harness"].as_bool() == Some(false))
        .map(|t| format!("{}.rs", t["name"].as_str().unwrap()))
        .collect();
    assert!(own_main.len() >= 5, "{own_main:?}");
    let silent = |name: &str, text: &str| {
        let unseen = own_main.iter().any(|n| n == name) && text.lines().any(|l| l.trim() == "#[test]");
        // Written in two halves, so that this line is not found itself.
        unseen || text.contains(concat!("else { ret", "urn };"))
    };
    for entry in std::fs::read_dir(root.join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "rs") {
            let (name, text) = (path.file_name().unwrap().to_string_lossy(), std::fs::read_to_string(&path).unwrap());
            assert!(
                !silent(&name, &text),
                "{name}: a test that cannot run has to say what it needs: tests/common/needs.rs"
            );
        }
    }
    // The negative controls.
    assert!(silent("parts.rs", concat!("let Some(python) = environment() else { ret", "urn };")));
    assert!(silent("slurm.rs", "#[test]\nfn unseen() {}") && !silent("parts.rs", "#[test]\nfn seen() {}"));
}
