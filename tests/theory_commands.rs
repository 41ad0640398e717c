//! Do statics, curves and convert say on the command line what the library knows, and refuse what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let run = hopfmap().args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

fn numbers(list: &Value, key: &str) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|e| e[key].as_f64().unwrap()).collect()
}

#[test]
fn statics_reports_in_the_agreed_form() {
    let all = json(&["statics", "--set", "R_n=5", "--set", "V_n=3", "--set", "Γ=0.1", "--json"]);
    let v = numbers(&all["equilibria"], "V");
    assert_eq!(v.len(), 3);
    let words: Vec<_> =
        all["equilibria"].as_array().unwrap().iter().map(|e| e["stability"].as_str().unwrap().to_string()).collect();
    assert_eq!(words, ["unstable focus", "saddle", "stable"]);
    for e in all["equilibria"].as_array().unwrap() {
        let pairs = e["eigenvalues"].as_array().unwrap();
        assert!(pairs.len() == 4 && pairs.iter().all(|p| p.as_array().unwrap().len() == 2));
        assert!((pairs[0][0].as_f64().unwrap() + 0.1).abs() < 1e-12, "-alpha Gamma");
    }
    let hopf = numbers(&all["hopf"], "V_n");
    assert!((hopf[0] - 0.225_384_542).abs() < 1e-8 && (hopf[1] - 3.308_630_134).abs() < 1e-8);
    assert!((numbers(&all["hopf"], "omega")[0] - 7.0231).abs() < 5e-5 && numbers(&all["hopf"], "lyapunov")[0] < 0.0);

    let folds = json(&["statics", "--set", "R_n=8", "--json"]);
    assert!(folds["equilibria"].is_null() && folds["hopf"].is_null(), "not asked for is not none");
    assert!((numbers(&folds["folds"], "V_n")[0] - 5.450_139_663).abs() < 1e-8);
    assert!(numbers(&folds["cusps"], "R_n").iter().any(|r| (r - 1.777_922_545).abs() < 1e-8));

    let text = hopfmap().args(["statics", "--set", "R_n=5", "--set", "V_n=3", "--set", "Gamma=0.1"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    for part in ["V* = 1.0088", "unstable focus", "Folds", "Cusps", "supercritical", "omega = 7.0230"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn convert_goes_there_and_back() {
    let there = json(&[
        "convert",
        "--set",
        "V_n=2",
        "--set",
        "R_n=6",
        "--set",
        "Gamma=0.1",
        "--set",
        "Z_T=0.9",
        "--json",
        "--si",
        "L=2e-9",
        "q=1.602e-19",
        "R_ext=5e5",
        "C_ext=1.4e-14",
    ]);
    let si = there["si"].as_object().unwrap();
    let texts: Vec<String> = si.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut back = vec!["convert", "--json", "--si"];
    back.extend(texts.iter().map(String::as_str));
    let plain = json(&back);
    for (name, value) in there["dimensionless"].as_object().unwrap() {
        let other = plain["dimensionless"][name].as_f64().unwrap();
        assert!((other - value.as_f64().unwrap()).abs() < 1e-10 * (1.0 + other.abs()), "{name}");
    }
    assert!((plain["dimensionless"]["V_n"].as_f64().unwrap() - 2.0).abs() < 1e-10);
}

#[test]
fn bad_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("c.h5");
    let out = out.to_str().unwrap();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["statics", "--set", "V_n=2"], "R_n is not given"),
        (vec!["statics", "--set", "Z_T=2"], "Z_T = 2"),
        (vec!["statics", "--set", "R_n=1", "--set", "r_n=2"], "set twice"),
        (
            vec!["curves", "--x", "V_n=0:9", "--y", "V_n=0:1", "--set", "R_n=5", "--set", "Gamma=0.1", "-o", out],
            "against itself",
        ),
        (vec!["curves", "--x", "V_n=9:0", "--y", "R_n=0:1", "--set", "Gamma=0.1", "-o", out], "empty range"),
        (vec!["curves", "--x", "V_n=0", "--y", "R_n=0:1", "--set", "Gamma=0.1", "-o", out], "not a range"),
        (
            vec!["curves", "--x", "V_n=0:1", "--y", "alpha=0:3", "--set", "R_n=5", "--set", "Gamma=0.1", "-o", out],
            "alpha = 3",
        ),
        (vec!["curves", "--x", "V_n=0:1", "--y", "R_n=0:3", "-o", out], "Gamma has no value"),
        (
            vec!["curves", "--x", "V_n=0:1", "--y", "R_n=0:3", "--set", "Gamma=0.1", "--set", "V_n=3", "-o", out],
            "both an axis and set",
        ),
        (vec!["convert", "--si", "m=1"], "q is not given"),
        (vec!["convert", "--si", "mass=1"], "unknown quantity 'mass'"),
        (vec!["convert", "--set", "V_n=2", "--si", "m=1"], "follows from"),
        (
            vec![
                "convert", "--set", "V_n=2", "--set", "R_n=6", "--set", "Gamma=0", "--si", "L=1", "q=1", "R_ext=1",
                "C_ext=1",
            ],
            "Gamma = 0",
        ),
    ];
    for (arguments, part) in cases {
        let run = hopfmap().args(&arguments).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
