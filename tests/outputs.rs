//! Does every command print and write what it did: the commands of `tests/data/outputs/commands`, one after the other in one folder.
//!
//! After a change that is wanted: `HOPFMAP_UPDATE_OUTPUTS=1 cargo test --release --test outputs`, read the difference, commit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::contents::{self, Kind};
use common::runs::{at_home, hopfmap};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

/// When each file in a folder was written.
fn written(folder: &Path) -> BTreeMap<String, SystemTime> {
    let entry = |e: std::io::Result<std::fs::DirEntry>| {
        let e = e.unwrap();
        (e.file_name().to_string_lossy().into_owned(), e.metadata().unwrap().modified().unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(entry).collect()
}

/// A report without the times in it, and the number of steps, which is another on other processors.
fn without_times(report: &str) -> String {
    let line = |line: &str| {
        let key = ["\"neuron_steps\": ", "_s\": "].into_iter().find(|key| line.contains(key));
        let number = |rest: &str| rest.trim_end_matches(',').parse::<f64>().is_ok();
        match key.and_then(|key| line.split_once(key).map(|(before, rest)| (before, key, rest))) {
            Some((before, key, rest)) if number(rest) => format!("{before}{key}some,\n"),
            _ => format!("{line}\n"),
        }
    };
    report.lines().map(line).collect()
}

/// What a command printed, and what is in the files that it wrote: name, text, kind.
fn outputs(folder: &Path, words: &[String]) -> Vec<(String, String, Kind)> {
    let before = written(folder);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = hopfmap(folder, &words).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {message}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut found = vec![("stdout".to_string(), without_times(&printed), Kind::Words)];
    for (name, time) in written(folder) {
        if before.get(&name) == Some(&time) {
            continue;
        }
        let path = folder.join(&name);
        match path.extension().and_then(|e| e.to_str()) {
            Some("h5") => found.push((name, contents::hdf5(&path), Kind::Data)),
            Some("svg") => found.push((name, contents::svg(&path), Kind::Picture)),
            _ => {}
        }
    }
    found
}

/// The text of one output in a file of several, each under a line `=== NAME`.
fn part<'a>(all: &'a str, name: &str) -> Option<&'a str> {
    let head = format!("=== {name}\n");
    let from = all.find(&head)? + head.len();
    Some(all[from..].find("\n=== ").map_or(&all[from..], |to| &all[from..=from + to]))
}

#[test]
fn commands_print_and_write_what_they_did() {
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/outputs");
    let update = std::env::var_os("HOPFMAP_UPDATE_OUTPUTS").is_some();
    let home = at_home();
    let commands = std::fs::read_to_string(known.join("commands")).unwrap();
    let mut wrong = String::new();
    for line in commands.lines() {
        let (name, words) = line.split_once(": ").unwrap();
        let found = outputs(home.path(), &shlex::split(words).unwrap());
        let path = known.join(format!("{name}.txt"));
        if update {
            let text: String = found.iter().map(|(name, text, _)| format!("=== {name}\n{text}")).collect();
            std::fs::write(&path, text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(expected.matches("=== ").count(), found.len(), "{name}: {:?}", found.iter().map(|f| &f.0));
        for (output, text, kind) in &found {
            let expected = part(&expected, output).unwrap_or_else(|| panic!("{name} did not write {output}"));
            for difference in contents::differences(expected, text, *kind) {
                wrong += &format!("{name}, {output}:\n{difference}\n");
            }
        }
    }
    assert!(commands.lines().count() > 40 && wrong.is_empty(), "{wrong}");
}
