//! Builds the mutated tree, and drops the mutants that do not compile.

use crate::sites::Mutant;
use crate::tree::{Places, Tree};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds until everything left compiles; those that do not are removed from `mutants`. Gives the test binaries.
pub fn build(tree: &Tree, target: &Path, mutants: &mut Vec<Mutant>) -> Result<Vec<PathBuf>> {
    loop {
        let places = tree.write(mutants)?;
        let messages = cargo(&tree.root, target, &["build", "--lib", "--bins"])?;
        let errors: Vec<_> = messages.iter().filter(|m| m["message"]["level"] == "error").collect();
        if errors.is_empty() {
            break;
        }
        let bad = blamed(&errors, &places);
        let text = |e: &Value| e["message"]["rendered"].as_str().unwrap_or_default().to_string();
        ensure!(!bad.is_empty(), "the tree does not compile:\n{}", errors.iter().map(|e| text(e)).collect::<String>());
        eprintln!("  {} mutants do not compile: dropped", bad.len());
        mutants.retain(|m| !bad.contains(&m.number));
    }
    let messages = cargo(&tree.root, target, &["test", "--no-run"])?;
    let built = messages.iter().filter(|m| m["reason"] == "compiler-artifact" && m["profile"]["test"] == true);
    let binaries: Vec<_> = built.filter_map(|m| m["executable"].as_str().map(PathBuf::from)).collect();
    ensure!(!binaries.is_empty(), "no test binary was built");
    Ok(binaries)
}

/// Runs cargo in the tree and gives its messages.
fn cargo(root: &Path, target: &Path, arguments: &[&str]) -> Result<Vec<Value>> {
    let output = Command::new("cargo")
        .args(arguments)
        .args(["--release", "--message-format=json"])
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_QUIET", "true")
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    let text = String::from_utf8(output.stdout)?;
    let messages: Vec<Value> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    let failed = messages.iter().any(|m| m["message"]["level"] == "error");
    ensure!(output.status.success() || failed, "cargo {} failed", arguments.join(" "));
    Ok(messages)
}

/// The mutants that errors point at: by their primary spans, or else by any, or else all of the files concerned.
fn blamed(errors: &[&Value], places: &Places) -> BTreeSet<u32> {
    let mut bad = BTreeSet::new();
    for error in errors {
        let spans = error["message"]["spans"].as_array().cloned().unwrap_or_default();
        let hit = |span: &Value| -> Vec<u32> {
            let (Some(file), Some(start), Some(end)) =
                (span["file_name"].as_str(), span["byte_start"].as_u64(), span["byte_end"].as_u64())
            else {
                return Vec::new();
            };
            let inside = |r: &std::ops::Range<usize>| (start as usize) < r.end && r.start < end as usize;
            places.get(file).into_iter().flatten().filter(|(r, _)| inside(r)).map(|(_, n)| *n).collect()
        };
        let (primary, rest): (Vec<_>, Vec<_>) = spans.iter().partition(|s| s["is_primary"] == true);
        let mut found: Vec<u32> = primary.iter().flat_map(|s| hit(s)).collect();
        if found.is_empty() {
            found = rest.iter().flat_map(|s| hit(s)).collect();
        }
        if found.is_empty() {
            let files = spans.iter().filter_map(|s| s["file_name"].as_str());
            found = files.filter_map(|f| places.get(f)).flatten().map(|(_, n)| *n).collect();
        }
        bad.extend(found);
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_laid_to_the_mutant_that_they_lie_in() {
        let places = Places::from([("src/a.rs".to_string(), vec![(10..20, 1), (30..40, 2)])]);
        let error = |primary: u64, other: u64| {
            let span = |at: u64, p: bool| json!({"file_name": "src/a.rs", "byte_start": at, "byte_end": at + 1, "is_primary": p});
            json!({"message": {"level": "error", "spans": [span(primary, true), span(other, false)]}})
        };
        let of = |e: Value| blamed(&[&e], &places).into_iter().collect::<Vec<_>>();
        assert_eq!(of(error(12, 35)), [1]);
        assert_eq!(of(error(5, 35)), [2]);
        assert_eq!(of(error(5, 6)), [1, 2]);
    }
}
