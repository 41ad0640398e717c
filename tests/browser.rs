//! Does the page of a map, a ramp or a trajectory work in a real browser: its numbers, its integrator, mouse, keys and labels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::kinds::{MAP, OPTIONAL, RAMP, TRACE, write};
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
        ("pages_show_what_is_in_their_files", vec![&BROWSER], pages_show_what_is_in_their_files),
        ("no_text_of_a_file_leaves_its_place", vec![&BROWSER], no_text_of_a_file_leaves_its_place),
        ("what_has_no_page_is_refused", vec![], what_has_no_page_is_refused),
    ])
}

/// Writes the page of each file, and checks all of them in one browser.
fn check(files: &[PathBuf]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check_page.py");
    let mut command = Command::new(interpreter());
    command.arg(script);
    for file in files {
        hopfmap().arg("view").arg(file).args(["--force", "-q"]).assert().success();
        command.arg(file);
    }
    println!("{}", run(&mut command));
}

fn pages_show_what_is_in_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let points = folder.path().join("points.csv");
    std::fs::write(&points, "V_n,Gamma\n2,0.1\n2.5,0.05\n3,0.2\n2.2,0.15\n2.8,0.12\n").unwrap();
    let points = format!("sweep --points {} --set R_n=6 --engine cpu", points.display());
    let files = [
        ("map", MAP),
        (
            "starts",
            "sweep --grid Gamma=log:1:0.1:6 --grid R_n=12,9,7,2,1 --set V_n=2.5 --start equilibria --engine cpu",
        ),
        ("line", "sweep --grid R_n=1:12:9 --set V_n=2 --set Gamma=0.2 --engine cpu"),
        ("cube", "sweep --grid Z_T=0.5,1 --grid V_n=1:4:4 --grid R_n=4:12:5 --set Gamma=0.2 --engine cpu"),
        (
            "four",
            "sweep --grid Z_T=0.5,1 --grid alpha=0.5,1 --grid V_n=1:4:3 --grid R_n=4:12:3 --set Gamma=0.2 --engine cpu",
        ),
        ("single", "sweep --grid V_n=2 --set R_n=6 --set Gamma=0.1 --engine cpu"),
        ("optional", OPTIONAL),
        ("points", &points),
        ("ramp", RAMP),
        ("trace", TRACE),
    ];
    check(&files.map(|(name, words)| write(folder.path(), &format!("{name}.h5"), words)));
}

fn no_text_of_a_file_leaves_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let names =
        ["a'\"<script>alert(1)<!-- {{SCRIPT}}.h5", "-x </script><img src=x onerror=alert(2)>\u{2028}`${alert(3)}`.h5"];
    for (name, words) in names.into_iter().zip([MAP, TRACE]) {
        // A name of a file has no slash.
        let file = write(folder.path(), "plain.h5", words);
        let hostile = folder.path().join(name.replace('/', "∕"));
        std::fs::rename(file, &hostile).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/spoil.py");
        run(Command::new(interpreter()).arg(script).arg(&hostile));
        check(&[hostile.clone()]);
        let html = std::fs::read_to_string(hostile.with_extension("html")).unwrap();
        assert_eq!(html.matches("<script>alert").count(), 0);
        assert_eq!(html.matches("<img").count(), 0);
        assert!(html.contains("\\u003cscript>alert(") && html.contains("onerror=alert("), "they are in the data");
    }
}

fn what_has_no_page_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let curves = write(folder.path(), "curves.h5", common::kinds::CURVES);
    let map = write(folder.path(), "map.h5", MAP);
    for (file, output, words) in [
        (&curves, "c.html", "is a file of curves"),
        (&map, "m.png", "does not end in .html"),
        (&map, "-", "stdout"),
        (&folder.path().join("none.h5"), "n.html", "cannot be opened"),
    ] {
        let refused = hopfmap().arg("view").arg(file).args(["-o"]).arg(output).current_dir(&folder).assert().code(2);
        let message = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing was written");
}
