//! Does every command end properly when stdout or stderr is full, closed or has no reader, and keep stderr to itself.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::at_home;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MAP: [&str; 13] = [
    "sweep",
    "--grid",
    "Gamma=0.1,1",
    "--grid",
    "Z_T=0.5,1",
    "--set",
    "V_n=2",
    "--set",
    "R_n=6",
    "--engine",
    "cpu",
    "-o",
    "map.h5",
];

/// Runs in a folder without the environment of a desktop.
fn hopfmap(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopfmap"));
    command.args(arguments).current_dir(folder).env_remove("XDG_RUNTIME_DIR").env_remove("NODEVICE_SELECT");
    command
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A pipe whose reader has gone before the program starts.
fn without_reader() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Commands that report something, all of them quick; each may be run many times.
fn reports() -> Vec<Vec<&'static str>> {
    vec![
        vec!["--help"],
        vec!["--version"],
        vec!["sweep", "--help"],
        vec!["help", "ramp"],
        vec!["adapters"],
        vec!["statics", "--set", "R_n=5"],
        vec!["statics", "--set", "R_n=5", "--json"],
        vec![
            "convert",
            "--set",
            "V_n=2",
            "--set",
            "R_n=6",
            "--set",
            "Gamma=0.1",
            "--set",
            "Z_T=0.9",
            "--si",
            "L=2e-9",
            "q=1.6e-19",
            "R_ext=6e5",
            "C_ext=1e-15",
        ],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["man", "-o", "pages", "--force"],
        vec!["sweep", "--from", "map.h5", "-q", "-o", "again.h5", "--force"],
        vec!["sweep", "--from", "map.h5", "-q", "-o", "again.h5", "--force", "--json"],
        vec!["ramp", "--grid", "V_n=0:2:3", "--set", "R_n=6", "--set", "Gamma=1", "-q", "-o", "ramp.h5", "--force"],
        vec![
            "trace", "--from", "map.h5", "--set", "Gamma=1", "--set", "Z_T=1", "--t-end", "50", "-o", "trace.h5",
            "--force",
        ],
        vec!["replay", "map.h5", "--cell", "0,0"],
        vec!["verify", "map.h5", "--cells", "2", "-q"],
        vec!["diff", "map.h5", "map.h5"],
        vec!["plot", "map.h5", "-o", "map.svg", "--force"],
        vec!["view", "map.h5", "-o", "map.html", "--force"],
    ]
}

#[test]
fn fault_13_a_report_that_cannot_be_written_is_an_error_and_one_that_nobody_reads_is_none() {
    let home = at_home();
    assert_eq!(code(&hopfmap(home.path(), &MAP).output().unwrap()), 0);
    for arguments in reports() {
        let run =
            |stdout: Stdio| hopfmap(home.path(), &arguments).stdout(stdout).stderr(Stdio::piped()).output().unwrap();
        // The negative control: a report that is read.
        let read = run(Stdio::piped());
        let message = String::from_utf8_lossy(&read.stderr).into_owned();
        assert!(code(&read) == 0 && !read.stdout.is_empty() && message.is_empty(), "{arguments:?}: {message}");
        let full = run(full());
        let message = String::from_utf8_lossy(&full.stderr).into_owned();
        assert!(code(&full) == 1 && message.contains("stdout"), "{arguments:?}: {message}");
        let unread = run(without_reader());
        let message = String::from_utf8_lossy(&unread.stderr).into_owned();
        assert!(code(&unread) == 0 && message.is_empty(), "{arguments:?}: {message}");
        // Open for reading alone: nothing can be written.
        let refused = run(File::open("/dev/null").unwrap().into());
        assert!(
            code(&refused) == 1 || ["--help", "--version", "help"].iter().any(|w| arguments.contains(w)),
            "{arguments:?}"
        );
    }
}

#[test]
fn fault_12_a_full_or_closed_stderr_ends_nothing() {
    let home = at_home();
    assert_eq!(code(&hopfmap(home.path(), &MAP).output().unwrap()), 0);
    let second = ["sweep", "--from", "map.h5", "--force", "-o", "again.h5"];
    let commands: [(&[&str], i32); 9] = [
        (&second, 0),
        (&["sweep", "--from", "map.h5", "--force", "-o", "parts.h5", "--part-cells", "1"], 0),
        (&["ramp", "--grid", "V_n=0:2:3", "--set", "R_n=6", "--set", "Gamma=1", "-o", "ramp.h5", "--force"], 0),
        (&["paper", "fig2a", "-o", "paper", "--quality", "draft", "--engine", "cpu", "--force"], 0),
        (&["verify", "map.h5", "--cells", "2"], 0),
        // Errors of the parser, of a request and of a file are lines on stderr too.
        (&["sweep", "--gird"], 2),
        (&["sweep", "--grid", "Gamma=0.1:1:4", "-o", "x.h5"], 2),
        (&["diff", "map.h5", "nothing.h5"], 2),
        (&["merge", "nothing.h5"], 2),
    ];
    for (arguments, expected) in commands {
        for stderr in [full(), without_reader(), File::open("/dev/null").unwrap().into()] {
            let output = hopfmap(home.path(), arguments).stderr(stderr).stdout(Stdio::piped()).output().unwrap();
            assert_eq!(code(&output), expected, "{arguments:?}");
        }
        // What would have been written there, so that this is no test of silence.
        let output = hopfmap(home.path(), arguments).output().unwrap();
        assert!(code(&output) == expected && (!output.stderr.is_empty() || arguments[0] == "verify"), "{arguments:?}");
    }
    // Both at once.
    let run = hopfmap(home.path(), &second).stderr(full()).stdout(full()).status().unwrap();
    assert_eq!(run.code(), Some(1));
    let run = hopfmap(home.path(), &second).stderr(without_reader()).stdout(without_reader()).status().unwrap();
    assert_eq!(run.code(), Some(0));
}

/// Part of fault 12: a part that is set aside is a note while the work goes on.
#[test]
fn fault_12_notes_during_a_run_end_nothing() {
    let home = at_home();
    let parts = [&MAP[..], &["--part-cells", "1", "--shard", "0/1"]].concat();
    assert_eq!(code(&hopfmap(home.path(), &parts).output().unwrap()), 0);
    let part = home.path().join("map.h5.parts/part-000002.h5");
    let mut bytes = std::fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&part, &bytes).unwrap();
    let output = hopfmap(home.path(), &parts).stderr(full()).output().unwrap();
    assert_eq!(code(&output), 0, "the damaged part is computed again");
    std::fs::write(&part, &bytes).unwrap();
    let output = hopfmap(home.path(), &parts).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("is damaged"), "the note that was lost before");
}

#[test]
fn fault_12_words_that_are_not_text_are_taken_or_refused() {
    let home = at_home();
    let name = std::ffi::OsStr::from_bytes(b"m\xfcller.h5");
    // As an output: refused before the work or taken, but never the end of the program after it.
    for arguments in [&MAP[..12], &["ramp", "--grid", "V_n=0:2:3", "--set", "R_n=6", "--set", "Gamma=1", "-o"]] {
        let output = hopfmap(home.path(), arguments).arg(name).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!([0, 2].contains(&code(&output)), "{arguments:?}: {message}");
        let _ = std::fs::remove_file(home.path().join(name));
    }
    // As a word of no meaning to the file: it is part of the recorded command line.
    let output =
        hopfmap(home.path(), &MAP).arg("--plot").arg(std::ffi::OsStr::from_bytes(b"\xff.png")).output().unwrap();
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let history = hopfmap::store::MapFile::open(&home.path().join("map.h5")).unwrap().text("history").unwrap();
    assert!(history.contains("--plot \u{fffd}.png"), "{history}");
    for arguments in [&["sweep", "--set"][..], &["plot"], &["verify"], &["convert", "--si"], &["diff", "map.h5"], &[]] {
        let output = hopfmap(home.path(), arguments).arg(std::ffi::OsStr::from_bytes(b"V_n=\xff")).output().unwrap();
        assert_eq!(code(&output), 2, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn fault_26_drivers_are_silent_where_there_is_no_desktop() {
    let home = at_home();
    let shader = [&MAP[..9], &["--engine", "gpu", "--adapter", "fallback", "-q", "-o", "gpu.h5"]].concat();
    let bad = ["sweep", "--grid", "Gamma=1", "--set", "V_n=2", "--set", "R_n=6", "--adapter", "no such", "-o", "x.h5"];
    for (arguments, expected) in [(&shader[..], 0), (&["adapters"], 0), (&bad, 2)] {
        let output = hopfmap(home.path(), arguments).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code(&output), expected, "{arguments:?}: {message}");
        assert!(!message.contains("XDG_RUNTIME_DIR"), "{arguments:?}: {message}");
        // Real errors are not hidden with the driver's.
        assert_eq!(
            message.starts_with("error: ") && message.contains("'no such'"),
            expected == 2,
            "{arguments:?}: {message}"
        );
        assert!(expected == 2 || message.is_empty(), "{arguments:?}: {message}");
    }
}

/// What a terminal shows of a command's stderr, read to its end or until `enough` of it.
fn on_a_terminal(folder: &Path, words: &[&str], enough: impl Fn(&str) -> bool) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::Read;
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let slave = File::options().read(true).write(true).open(std::ffi::OsStr::from_bytes(name.as_bytes())).unwrap();
    let mut child = hopfmap(folder, words)
        .stdout(Stdio::null())
        .stderr(slave)
        .env("TERM", "xterm")
        .env("RAYON_NUM_THREADS", "1")
        .spawn()
        .unwrap();
    let (mut terminal, mut shown, mut piece) = (File::from(terminal), String::new(), [0; 4096]);
    // Once the other side is closed, reading is an error.
    while let Ok(n @ 1..) = terminal.read(&mut piece) {
        shown += &String::from_utf8_lossy(&piece[..n]);
        if enough(&shown) {
            let _ = child.kill();
        }
    }
    child.wait().unwrap();
    shown
}

#[test]
fn a_terminal_gets_a_bar_that_is_taken_away_at_the_end() {
    let home = at_home();
    let wide =
        ["--grid", "Gamma=0.1:1:200", "--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu", "--precision", "f64"];
    let long = [&["sweep", "--grid", "Z_T=0:1:20000", "-o", "map.h5"], &wide[..]].concat();
    let shown = on_a_terminal(home.path(), &long, |shown| shown.contains(" left"));
    for word in ["%", " of 4,000,000 cells computed, about ", " left"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    // No time is left off a bar that is far from its end.
    assert!(!shown.contains("about 0 seconds"), "{shown}");
    // It is gone once the work is done: the line is cleared, and nothing of the bar follows.
    let rows = "Z_T=0:1:200";
    let whole = [&["sweep", "--grid", rows, "-o", "whole.h5"], &wide[..]].concat();
    let shown = on_a_terminal(home.path(), &whole, |_| false);
    let (_, after) = shown.rsplit_once(" left").expect("a bar");
    assert!(after.contains("\u{1b}[2K"), "{shown:?}");
    // A short one gets none.
    let short = [&MAP[..12], &["short.h5"]].concat();
    let shown = on_a_terminal(home.path(), &short, |_| false);
    assert!(!shown.contains("cells computed"), "{shown}");
}
