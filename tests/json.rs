//! Is what each command prints with --json as its schema in docs/json says: the commands of `tests/data/json/commands`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use clap::CommandFactory;
use common::runs::{at_home, json};
use common::schema::departures;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema(command: &str) -> Value {
    let path = root().join(format!("docs/json/{command}.json"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{command}: {e}"))).unwrap()
}

/// The value with each key in turn taken away, wherever it stands, with the key's place.
fn without_each(value: &Value, place: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (key, inner) in value.as_object().into_iter().flatten() {
        let here = format!("{place}.{key}");
        let mut less = value.clone();
        less.as_object_mut().unwrap().shift_remove(key);
        found.push((here.clone(), less));
        found.extend(without_each(inner, &here).into_iter().map(|(place, inner)| {
            let mut other = value.clone();
            other[key] = inner;
            (place, other)
        }));
    }
    found
}

#[test]
fn reports_are_as_their_schemas_say() {
    let home = at_home();
    std::fs::copy(root().join("tests/data/json/p.csv"), home.path().join("p.csv")).unwrap();
    std::fs::copy(root().join("examples/device.toml"), home.path().join("device.toml")).unwrap();
    let commands = std::fs::read_to_string(root().join("tests/data/json/commands")).unwrap();
    let (mut wrong, mut seen, mut tried) = (Vec::new(), 0, 0);
    let mut have = BTreeSet::new();
    for line in commands.lines() {
        let (name, words) = line.split_once(": ").unwrap();
        let words: Vec<&str> = words.split(' ').chain(["--json"]).collect();
        let (schema, report) = (schema(name), json(home.path(), &words));
        wrong.extend(departures(&schema, &report, line));
        have.insert(name.to_string());
        // The negative controls: a key that is missing, one that is renamed, and one that is new.
        for (place, less) in without_each(&report, "") {
            tried += 1;
            seen += usize::from(!departures(&schema, &less, "").is_empty() || is_optional(&place));
        }
        let (mut renamed, mut more) = (report.clone(), report.clone());
        let first = report.as_object().unwrap().keys().next().unwrap().clone();
        let value = renamed.as_object_mut().unwrap().shift_remove(&first).unwrap();
        renamed[format!("{first}_")] = value;
        more["news"] = json!(1);
        assert!(!departures(&schema, &renamed, "").is_empty() && !departures(&schema, &more, "").is_empty(), "{line}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 500 && seen * 10 > tried * 9, "{seen} of {tried} missing keys are seen");
    // Reports that take too long here, bench measures, paper makes figures.
    have.extend(["bench", "paper"].map(String::from));
    let with_json: BTreeSet<String> = hopfmap::cli::Cli::command()
        .get_subcommands()
        .filter(|c| c.get_arguments().any(|a| a.get_long() == Some("json")))
        .map(|c| c.get_name().to_string())
        .collect();
    assert_eq!(have, with_json, "every command that reports has a schema");
    let files = std::fs::read_dir(root().join("docs/json")).unwrap().map(|f| f.unwrap().path());
    let files: BTreeSet<_> = files.map(|f| f.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(files, with_json);
    with_json.iter().for_each(|name| assert_eq!(schema(name)["title"], format!("hopfmap {name} --json")));
}

/// Whether a key is one of those that reports have only sometimes: parameters by name, and a picture.
fn is_optional(place: &str) -> bool {
    let key = place.rsplit('.').next().unwrap();
    hopfmap::Parameter::parse(key).is_ok() || ["drawn", "note", "asked", "point"].contains(&key)
}
