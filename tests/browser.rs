//! Does the page of a map work in a real browser: its numbers, its integrator, mouse, keys and labels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::kinds::{MAP, write};
use common::needs::{Need, interpreter};
use common::runs::run;
use common::{hopfmap, needs};
use std::path::{Path, PathBuf};
use std::process::Command;

static BROWSER: Need = Need::new("chromium, or a Python with playwright", "run scripts/setup tests", || {
    let has =
        |program: &Path, words: &[&str]| Command::new(program).args(words).output().is_ok_and(|o| o.status.success());
    has(Path::new("chromium"), &["--version"])
        && has(&interpreter(), &["-c", "import axe_playwright_python, playwright"])
});

fn main() -> std::process::ExitCode {
    needs::run(vec![
        ("a_page_shows_a_map", vec![&BROWSER], a_page_shows_a_map),
        ("a_page_shows_uneven_and_descending_axes_of_several_starts", vec![&BROWSER], a_page_shows_several_starts),
        ("a_page_shows_lines_and_cubes", vec![&BROWSER], a_page_shows_lines_and_cubes),
        ("no_text_of_a_file_leaves_its_place", vec![&BROWSER], no_text_of_a_file_leaves_its_place),
    ])
}

fn check(map: &Path, words: &[&str]) {
    let page = map.with_extension("html");
    hopfmap().arg("view").arg(map).args(["-o", page.to_str().unwrap()]).assert().success();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check_page.py");
    run(Command::new(interpreter()).arg(script).arg(&page).arg(map).args(words));
}

fn made(words: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", words);
    (folder, map)
}

fn a_page_shows_a_map() {
    let (_folder, map) = made(MAP);
    check(&map, &["axe"]);
}

fn a_page_shows_several_starts() {
    let (_folder, map) =
        made("sweep --grid Gamma=log:1:0.1:6 --grid R_n=12,9,7,2,1 --set V_n=2.5 --start equilibria --engine cpu");
    check(&map, &[]);
}

fn a_page_shows_lines_and_cubes() {
    for words in ["--grid R_n=1:12:9 --set V_n=2", "--grid Z_T=0.5,1 --grid V_n=1:4:4 --grid R_n=4:12:5"] {
        let (_folder, map) = made(&format!("sweep {words} --set Gamma=0.2 --engine cpu"));
        check(&map, &[]);
    }
}

fn no_text_of_a_file_leaves_its_place() {
    let (folder, map) = made(MAP);
    let hostile = folder.path().join("a'\"<script>alert(1)<!-- {{SCRIPT}}.h5");
    std::fs::rename(map, &hostile).unwrap();
    check(&hostile, &[]);
    let html = std::fs::read_to_string(hostile.with_extension("html")).unwrap();
    assert_eq!(html.matches("<script>alert").count(), 0);
    assert!(html.contains("\\u003cscript>alert(1)"));
}
