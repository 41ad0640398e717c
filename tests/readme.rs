//! Does every command of the README and of the pages in docs run, as a newcomer would run it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::run;
use common::{blocks, pages};
use std::path::Path;
use std::process::Command;

/// Languages of fenced blocks: what is a command, or its file, is run here, Python in `tests/other_programs.rs`, Rust in `tests/library.rs`; the rest is for other programs.
const LANGUAGES: [&str; 8] = ["rust", "sh", "toml", "csv", "python", "matlab", "julia", "text"];

/// Runs the commands of a page in a folder, as a newcomer would; how many there are.
fn follow(page: &Path, folder: &Path) -> usize {
    if let [spec] = &blocks(page, "toml")[..] {
        // A request, or a device.
        for name in ["sweep.toml", "device.toml"] {
            std::fs::write(folder.join(name), spec).unwrap();
        }
    }
    if let [points] = &blocks(page, "csv")[..] {
        std::fs::write(folder.join("samples.csv"), points).unwrap();
    }
    let mut ran = 0;
    for line in blocks(page, "sh").iter().flat_map(|b| b.lines()) {
        // The set-up and the build have happened, or this test would not run; the rest of the line is tried as it is.
        let command = line.strip_prefix("./scripts/setup && ").unwrap_or(line);
        let arguments = command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("hopfmap "));
        let arguments = arguments.unwrap_or_else(|| panic!("a command this test does not know: {line}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopfmap"));
        run(command.args(shlex::split(arguments).unwrap()).current_dir(folder));
        ran += 1;
    }
    ran
}

#[test]
fn every_command_runs() {
    let mut ran = 0;
    for page in pages() {
        let folder = tempfile::tempdir().unwrap();
        ran += follow(&page, folder.path());
        let text = std::fs::read_to_string(&page).unwrap();
        for fence in text.lines().filter_map(|l| l.strip_prefix("```")).step_by(2) {
            assert!(LANGUAGES.contains(&fence), "{}: a block of '{fence}' that nothing runs", page.display());
        }
    }
    assert!(ran >= 25, "only {ran} commands were found");
    // Set-up on a machine that has everything changes nothing and says nothing.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(run(&mut Command::new(root.join("scripts/setup"))), "");
}

#[test]
fn pages_are_short_and_their_links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lines = |name: &str| std::fs::read_to_string(root.join(name)).unwrap().lines().count();
    assert!(lines("README.md") <= 130 && lines("ARCHITECTURE.md") <= 100);
    let more = ["ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    for page in pages().into_iter().chain(more) {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let there = link.starts_with("https://") || page.parent().unwrap().join(link).exists();
            assert!(there, "{}: {link} is not there", page.display());
        }
    }
}

/// The examples in a help text: what stands behind `hopfmap ` on the lines after `Example:` or `Examples:`.
fn examples(help: &str) -> Vec<Vec<String>> {
    let behind = help.split("Example").skip(1).flat_map(str::lines).map(str::trim);
    // A line that wraps goes on until the next example, or until prose begins.
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut going = false;
    for line in behind {
        if let Some(rest) = line.strip_prefix("hopfmap ") {
            found.push(rest.split_whitespace().filter(|w| *w != "\\").map(str::to_string).collect());
            going = true;
        } else if line.is_empty() {
            going = false;
        } else if going && let Some(last) = found.last_mut() {
            last.extend(line.split_whitespace().filter(|w| *w != "\\").map(str::to_string));
        }
    }
    found
}

#[test]
fn the_help_carries_examples_that_parse() {
    use clap::{CommandFactory, Parser};
    use hopfmap::cli::Cli;
    let parses = |example: &[String]| {
        let words = std::iter::once("hopfmap".to_string()).chain(example.iter().cloned());
        Cli::try_parse_from(words).map(drop)
    };
    let top = Cli::command();
    let mut all: Vec<clap::Command> = top.get_subcommands().filter(|c| c.get_name() != "help").cloned().collect();
    assert!(all.len() >= 13);
    all.push(top);
    for mut command in all {
        // -h and --help show two texts.
        let texts = [command.render_help().to_string(), command.render_long_help().to_string()];
        let found = texts.map(|help| examples(&help));
        assert!(found.iter().all(|f| !f.is_empty()), "{} has no example", command.get_name());
        for example in found.into_iter().flatten() {
            if let Err(e) = parses(&example) {
                panic!("{example:?} in the help of {}: {e}", command.get_name());
            }
        }
    }
    // The negative control: a broken example is seen.
    assert!(parses(&["sweep".into(), "--gird".into(), "V_n=1".into()]).is_err());
}
