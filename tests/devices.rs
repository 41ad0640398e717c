//! Several adapters of one machine: all of a kind compute one map, to the bits of one of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::llvmpipe;
use common::same::{assert_same, differences};
use std::path::Path;
use std::process::{Command, Output};

tests! {
    two_adapters_of_one_kind_make_the_map_of_one: [LINUX, LLVMPIPE];
    adapters_are_named_one_by_one_or_all_at_once: [LINUX, LLVMPIPE];
}

/// Paths for Vulkan's loader: the software adapter, and a copy that counts as another one.
fn two_adapters(folder: &Path) -> String {
    let (icd, library) = llvmpipe().unwrap();
    let copy = folder.join("libvulkan_lvp_copy.so");
    std::fs::copy(library, &copy).unwrap();
    let text =
        format!(r#"{{"ICD": {{"api_version": "1.1.0", "library_path": {copy:?}}}, "file_format_version": "1.0.0"}}"#);
    std::fs::write(folder.join("copy.json"), text).unwrap();
    format!("{}:{}", icd.display(), folder.join("copy.json").display())
}

fn run(folder: &Path, drivers: &str, arguments: &[&str]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopfmap"));
    command.args(arguments).current_dir(folder).env("VK_DRIVER_FILES", drivers).env("VK_ICD_FILENAMES", drivers);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    (output, text)
}

fn sweep(folder: &Path, drivers: &str, adapter: &str, name: &str) -> (Output, String) {
    let grid = ["--grid", "Gamma=0.05:0.8:40", "--grid", "alpha=0.1:2:40", "--set", "V_n=2", "--set", "R_n=6"];
    let options = ["--engine", "gpu", "--part-cells", "160", "--audit", "8", "-o", name, "--adapter", adapter];
    run(folder, drivers, &[&["sweep"], &grid[..], &options[..]].concat())
}

fn two_adapters_of_one_kind_make_the_map_of_one() {
    let home = tempfile::tempdir().unwrap();
    let (folder, drivers) = (home.path(), two_adapters(home.path()));
    for (adapter, name) in [("0", "one.h5"), ("all", "all.h5"), ("1,0", "both.h5")] {
        let (output, text) = sweep(folder, &drivers, adapter, name);
        assert!(output.status.success(), "{adapter}: {text}");
        let both = text.contains("engine gpu on 0 'llvmpipe") && text.contains(", 1 'llvmpipe")
            || text.contains("engine gpu on 1 'llvmpipe") && text.contains(", 0 'llvmpipe");
        assert_eq!(both, adapter != "0", "{text}");
    }
    // The file holds its request, which names the adapter.
    let is_request = |line: &String| line.contains("request");
    for name in ["all.h5", "both.h5"] {
        let others: Vec<String> = differences(&folder.join("one.h5"), &folder.join(name)).unwrap();
        assert!(others.iter().all(is_request), "{others:?}");
    }
    let (output, text) = sweep(folder, &drivers, "all", "repeated.h5");
    assert!(output.status.success(), "{text}");
    assert_same(&folder.join("all.h5"), &folder.join("repeated.h5"));
}

fn adapters_are_named_one_by_one_or_all_at_once() {
    let home = tempfile::tempdir().unwrap();
    let (folder, drivers) = (home.path(), two_adapters(home.path()));
    let (_, listed) = run(folder, &drivers, &["adapters"]);
    assert!(listed.contains("0  llvmpipe") && listed.contains("1  llvmpipe"), "{listed}");
    for (adapter, what) in [
        ("llvmpipe", "fits 2 adapters"),
        ("0,0", "twice"),
        ("0,2", "the adapter of index 2 was requested, and there is none"),
    ] {
        let (output, text) = sweep(folder, &drivers, adapter, "refused.h5");
        assert!(output.status.code() == Some(2) && text.contains(what), "{adapter}: {text}");
        assert!(!folder.join("refused.h5").exists());
    }
}
