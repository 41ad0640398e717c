//! Does every command of the README run, as a newcomer would run it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::readme_blocks as blocks;
use common::runs::run;
use std::path::Path;
use std::process::Command;

#[test]
fn every_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs = blocks("toml");
    assert_eq!(specs.len(), 1);
    std::fs::write(folder.path().join("sweep.toml"), &specs[0]).unwrap();
    let mut ran = 0;
    for line in blocks("sh").iter().flat_map(|b| b.lines()) {
        // The set-up and the build have happened, or this test would not run; the rest of the line is tried as it stands.
        let command = line.strip_prefix("./scripts/setup && ").unwrap_or(line);
        if command == "cargo test --release" {
            continue; // This is it.
        }
        let arguments = command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("hopfmap "));
        let arguments = arguments.unwrap_or_else(|| panic!("a command this test does not know: {line}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopfmap"));
        run(command.args(shlex::split(arguments).unwrap()).current_dir(folder.path()));
        ran += 1;
    }
    assert!(ran >= 6, "only {ran} commands were found");
    // Set-up on a machine that has everything changes nothing and says nothing.
    assert_eq!(run(&mut Command::new(root.join("scripts/setup"))), "");
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
