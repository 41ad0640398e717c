//! Architecture: modules import only what ARCHITECTURE.md allows, there is no circle, and files stay short.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::sources::{code, module, sources};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Modules and what each may import; `error` is open to all. ARCHITECTURE.md has the same table.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("fingerprint", &[]),
    ("cancel", &[]),
    ("results", &[]),
    ("model", &[]),
    ("grid", &["model"]),
    ("kernel", &["model", "results"]),
    ("engine", &["kernel", "results", "model", "cancel", "fingerprint"]),
    ("store", &["grid", "results", "model", "cancel", "fingerprint"]),
    ("bifurcation", &["model"]),
    ("cycle", &["model"]),
    ("continuation", &["cycle", "bifurcation", "model", "cancel"]),
    ("lyapunov", &["kernel", "model", "cancel"]),
    ("plan", &["cycle", "bifurcation", "lyapunov", "engine", "kernel", "grid", "results", "model", "cancel"]),
    ("trace", &["plan", "cycle", "kernel", "store", "results", "model"]),
    (
        "audit",
        &[
            "trace",
            "plan",
            "cycle",
            "bifurcation",
            "lyapunov",
            "engine",
            "kernel",
            "store",
            "grid",
            "results",
            "model",
            "cancel",
        ],
    ),
    (
        "sweep",
        &[
            "audit",
            "trace",
            "plan",
            "bifurcation",
            "engine",
            "kernel",
            "store",
            "grid",
            "results",
            "model",
            "cancel",
            "fingerprint",
        ],
    ),
    ("optimum", &["sweep", "plan", "engine", "cycle", "results", "grid", "model", "cancel"]),
    ("benchmark", &["sweep", "audit", "plan", "engine", "kernel", "results"]),
    ("figure", &["bifurcation", "store", "results", "model"]),
    ("view", &["figure", "bifurcation", "kernel", "store", "results", "model", "fingerprint"]),
    (
        "paper",
        &[
            "figure",
            "optimum",
            "sweep",
            "audit",
            "trace",
            "plan",
            "continuation",
            "cycle",
            "bifurcation",
            "store",
            "engine",
            "model",
        ],
    ),
    (
        "cli",
        &[
            "view",
            "paper",
            "figure",
            "benchmark",
            "optimum",
            "sweep",
            "audit",
            "trace",
            "plan",
            "continuation",
            "bifurcation",
            "store",
            "engine",
            "kernel",
            "grid",
            "results",
            "model",
            "cancel",
        ],
    ),
];

/// The modules that a file names by `crate::…`.
fn imports(text: &str) -> Vec<String> {
    let after = code(text).split("crate::").skip(1).map(str::to_string).collect::<Vec<_>>();
    let name = |s: &String| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    after.iter().map(name).filter(|n| !n.is_empty()).collect()
}

fn breaches(files: &[(PathBuf, String)]) -> Vec<String> {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut found = Vec::new();
    for (path, text) in files {
        let here = module(path);
        let Some(may) = allowed.get(here.as_str()) else { continue };
        // A test may make what a module reads.
        if path.to_string_lossy().ends_with("_tests.rs") {
            continue;
        }
        for there in imports(text) {
            let fine = there == here || there == "error" || may.contains(&there.as_str());
            // Re-exports of the crate's root, Error and Result, are the error module's.
            if !fine && !["Error", "Result"].contains(&there.as_str()) {
                found.push(format!("{} imports {there}", path.display()));
            }
        }
    }
    found
}

#[test]
fn modules_import_only_what_they_may() {
    assert_eq!(breaches(&sources()), Vec::<String>::new());
    // The negative control: an engine inside a figure is seen.
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/figure/bad.rs");
    assert_eq!(breaches(&[(src, "use crate::engine::Cpu;".to_string())]).len(), 1);
}

#[test]
fn every_module_is_in_the_table_and_there_is_no_circle() {
    let modules: std::collections::BTreeSet<_> = sources().iter().map(|(p, _)| module(p)).collect();
    let known: Vec<_> = MAY_IMPORT.iter().map(|(r, _)| *r).collect();
    for module in modules.iter().filter(|r| !["main", "lib"].contains(&r.as_str())) {
        assert!(known.contains(&module.as_str()), "module {module} is not in the table");
    }
    // Each module imports only modules that stand before it, so there is no circle.
    for (i, (module, may)) in MAY_IMPORT.iter().enumerate() {
        assert!(may.iter().all(|m| known[..i].contains(m)), "{module} imports a module that stands after it");
    }
}

#[test]
fn big_names_stay_in_their_modules() {
    for (name, home) in [
        ("wgpu", "src/engine/gpu"),
        ("hdf5", "src/store"),
        ("resvg", "src/figure"),
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
    for (module, may) in MAY_IMPORT {
        let list = if may.is_empty() { "nothing".to_string() } else { may.join(", ") };
        let row = format!("| `{module}` | {list} |");
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

/// Names that the crate's root exports.
fn exported(lib: &str) -> Vec<String> {
    let lists = lib.split("pub use ").skip(1).filter_map(|text| text.split_once(';')).map(|(list, _)| list);
    let names = lists.flat_map(|list| list.rsplit("::").next().unwrap().split(['{', '}', ',']));
    names.map(str::trim).filter(|name| !name.is_empty()).map(str::to_string).collect()
}

#[test]
fn the_front_page_is_short() {
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let names = exported(&lib);
    assert!(names.contains(&"Sweep".to_string()) && names.contains(&"ndarray".to_string()), "{names:?}");
    assert!(names.len() <= 60, "{} names at the root: {names:?}", names.len());
    // Modules are for this repository's own binary, tests and benches: the front page shows none.
    for (before, line) in lib.lines().zip(lib.lines().skip(1)).filter(|(_, line)| line.starts_with("pub mod ")) {
        assert_eq!(before, "#[doc(hidden)]", "{line}");
    }
    assert_eq!(exported("pub use a::b::{C, D};\npub use e;"), ["C", "D", "e"]);
}

#[test]
fn no_circle_among_files() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: BTreeMap<String, String> = sources()
        .into_iter()
        .filter(|(p, _)| !p.to_string_lossy().ends_with("_tests.rs"))
        .map(|(p, text)| {
            let inside = p.strip_prefix(&src).unwrap().to_string_lossy().trim_end_matches(".rs").replace('/', "::");
            (inside, code(&text))
        })
        .filter(|(name, _)| !name.ends_with("mod") && name != "lib" && name != "main")
        .collect();
    let targets = |name: &str, text: &str| -> Vec<String> {
        let parent = name.rsplit_once("::").map_or("", |(p, _)| p);
        let mut found = Vec::new();
        for (prefix, base) in [("super::", parent.to_string()), ("crate::", String::new())] {
            for after in text.split(prefix).skip(1) {
                let path: String = after.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
                let whole = if base.is_empty() { path } else { format!("{base}::{path}") };
                found.extend(files.keys().filter(|f| *f != name && whole.starts_with(&format!("{f}::"))).cloned());
            }
        }
        found
    };
    let arrows: BTreeMap<String, Vec<String>> = files.iter().map(|(n, t)| (n.clone(), targets(n, t))).collect();
    assert!(arrows.values().map(Vec::len).sum::<usize>() > 100, "the arrows are seen");
    // Files that no file is left to wait for go, until none goes: what stays is a circle.
    let mut left: Vec<&String> = arrows.keys().collect();
    loop {
        let (gone, stay): (Vec<&String>, Vec<&String>) =
            left.iter().partition(|n| arrows[**n].iter().all(|t| !left.contains(&t)));
        left = stay;
        if gone.is_empty() {
            break;
        }
    }
    assert_eq!(left, Vec::<&String>::new());
}
