//! Runs of `hopfmap optimum` and what they found.

use super::hopfmap;
use serde_json::Value;

pub fn optimum(arguments: &str) -> Value {
    let words = arguments.split_whitespace();
    let run = hopfmap().arg("optimum").args(words).args(["--json", "-q"]).output().unwrap();
    assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

pub fn best(found: &Value) -> &Value {
    &found["optima"][0]
}
