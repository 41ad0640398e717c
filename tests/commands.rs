//! Does the command line refuse what is wrong, with value, limit and remedy, and write nothing then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use std::path::Path;

const GOOD: [&str; 8] = ["--grid", "Gamma=0.1:1:4", "--grid", "Z_T=0:1:4", "--set", "V_n=2", "--set", "R_n=6"];

/// Runs `hopfmap sweep` with these arguments and output; gives (exit code, stderr).
fn sweep(arguments: &[&str], output: &Path) -> (i32, String) {
    let run = hopfmap().arg("sweep").args(arguments).arg("-o").arg(output).output().unwrap();
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(!message.contains("panicked"), "{message}");
    (run.status.code().unwrap(), message)
}

#[test]
fn bad_requests_exit_with_2_and_say_value_limit_and_remedy() {
    let replaced = |from: usize, with: &'static str| {
        let mut a = GOOD.to_vec();
        a[from] = with;
        a
    };
    let and = |more: &[&'static str]| [&GOOD[..], more].concat();
    let cases: Vec<(Vec<&str>, &[&str])> = vec![
        (replaced(5, "W_n=2"), &["'W_n'", "the parameters are"]),
        (and(&["--set", "V_n=3"]), &["V_n is set twice", "one --set"]),
        (and(&["--grid", "Γ=1"]), &["Gamma is swept twice"]),
        (and(&["--set", "Γ=0.5"]), &["Gamma is both swept", "leave one"]),
        (replaced(5, "V_n=nan"), &["V_n = NaN", "finite"]),
        (replaced(5, "V_n=inf"), &["V_n = inf", "finite"]),
        (replaced(5, "V_n=two"), &["'two'", "not a number"]),
        (and(&["--set", "alpha=2.5"]), &["alpha = 2.5", "Bloch sphere", "0 to 2"]),
        (and(&["--set", "α=-0.1"]), &["alpha = -0.1", "0 to 2"]),
        (replaced(3, "Z_T=0:1.1:4"), &["Z_T = 1.1", "0 to 1"]),
        (replaced(1, "Gamma=-1:1:4"), &["Gamma = -1", "0 or more"]),
        (replaced(7, "R_n=-6"), &["R_n = -6", "0 or more"]),
        (and(&["--set", "l=0"]), &["l = 0", "1e-6 to 1000000"]),
        (and(&["--set", "λ=-1"]), &["lambda = -1"]),
        (and(&["--set", "Ω=0"]), &["Omega = 0", "0.001 or more"]),
        (replaced(1, "Gamma=0.1:1:0"), &["count of 0"]),
        (replaced(1, "Gamma=0.1:1:1"), &["count of 1", "two different ends"]),
        (replaced(1, "Gamma=log:0:1:4"), &["logarithmic", "through 0"]),
        (and(&["--dt", "0"]), &["--dt = 0", "above 0"]),
        (and(&["--dt", "-0.1"]), &["--dt = -0.1"]),
        (and(&["--dt", "1"]), &["--dt 1", "no longer stable", "or less"]),
        (and(&["--t-max", "30", "--window", "20"]), &["--t-max 30", "windows", "raise --t-max"]),
        (and(&["--start", "1,1,0,0"]), &["Bloch sphere", "at most 1"]),
        (and(&["--start", "asleep"]), &["asleep", "--start rest"]),
        (replaced(1, "Gamma=0.1:1:99999999999"), &["TiB", "fewer cells"]),
        (replaced(1, "Gamma=0.1:1:9999999999999"), &["count of 9999999999999"]),
        (and(&["--adapter", "no such thing"]), &["'no such thing'", "there are"]),
        (and(&["--engine", "cpu", "--adapter", "fallback"]), &["--adapter", "--engine is cpu"]),
        (and(&["--engine", "gpu", "--precision", "f64"]), &["f64", "--engine cpu"]),
        (and(&["--precision", "f64", "--table-format", "rgba16float"]), &["rgba16float", "f64"]),
        (and(&["--plot", "picture.bmp"]), &["picture.bmp", ".png"]),
        (and(&["--start", "0,0,1,1e300"]), &["V = 1e300", "single precision"]),
        (replaced(1, "Gamma=1e-60:1:4"), &["Gamma = 1e-60", "single precision"]),
        (
            and(&["--grid", "x_0=0:2:2000", "--grid", "l=0.4:0.6:2000", "--grid", "λ=0.1:0.2:2000"]),
            &["2000 values of l", "tables"],
        ),
        (replaced(5, "V_n=1e200"), &["V_n = 1e200", "single precision"]),
        (vec!["--grid", "Gamma=0.1:1:4", "--set", "V_n=2"], &["R_n has no value", "--set R_n="]),
        (and(&["--engine", "abacus"]), &["abacus", "possible values"]),
    ];
    for (arguments, parts) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (code, message) = sweep(&arguments, &folder.path().join("map.h5"));
        assert_eq!(code, 2, "{arguments:?}: {message}");
        for part in parts {
            assert!(message.contains(part), "{arguments:?} should say {part:?}: {message}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{arguments:?} left something behind");
    }
}

#[test]
fn outputs_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (code, message) = sweep(&GOOD, &folder.path().join("nowhere/map.h5"));
    assert!(code == 2 && message.contains("does not exist"), "{message}");
    let (code, message) = sweep(&GOOD, folder.path());
    assert!(code == 2 && message.contains("is a folder"), "{message}");
    let there = folder.path().join("there.h5");
    std::fs::write(&there, "mine").unwrap();
    let (code, message) = sweep(&GOOD, &there);
    assert!(code == 2 && message.contains("--force"), "{message}");
    assert_eq!(std::fs::read(&there).unwrap(), b"mine");
    // A place that takes no new file; not even root can write there.
    #[cfg(target_os = "linux")]
    {
        let (code, message) = sweep(&GOOD, Path::new("/proc/map.h5"));
        assert!(code == 2 && message.contains("cannot be written"), "{message}");
    }
}

#[test]
fn plots_say_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.h5");
    let axes =
        ["--grid", "alpha=1,2", "--grid", "Gamma=0.1:1:3", "--grid", "Z_T=0:1:3", "--set", "V_n=2", "--set", "R_n=6"];
    let (code, message) = sweep(&[&axes[..], &["--plot", "p.png"]].concat(), &map);
    assert!(code == 2 && message.contains("3 axes"), "{message}");
    assert_eq!(sweep(&axes, &map).0, 0);
    for (arguments, part) in [
        (vec![], "fix 1 of them"),
        (vec!["--at", "V_n=2"], "is not an axis"),
        (vec!["--at", "alpha=1", "--variable", "spam"], "no column 'spam'"),
        (vec!["--at", "alpha=1", "--at", "Gamma=1", "--at", "Z_T=1"], "no axis is left"),
        (vec!["--at", "alpha=x"], "not a number"),
        (vec!["--at", "alpha=1", "--at", "alpha=2"], "twice"),
        (vec!["--at", "Gamma=50"], "is outside the map"),
        (vec!["--at", "alpha=1", "--at", "Gamma=1", "--curves"], "needs a plane"),
    ] {
        let run = hopfmap().arg("plot").arg(&map).args(&arguments).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    hopfmap().arg("plot").arg(&map).args(["--at", "alpha=1"]).assert().success();
    hopfmap().arg("plot").arg(&map).args(["--at", "alpha=1"]).assert().code(2);
}

#[test]
fn reports_go_to_stdout_and_notes_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.h5");
    let run = hopfmap().arg("sweep").args(GOOD).arg("-o").arg(&map).output().unwrap();
    let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(
        out.contains("16 cells (4 Gamma x 4 Z_T)") && out.contains("oscillating") && out.contains("largest span"),
        "{out}"
    );
    assert!(err.lines().any(|l| l.starts_with("engine ") && l.contains(": ")), "auto says which and why: {err}");
    let quiet =
        hopfmap().arg("sweep").args(GOOD).args(["-q", "--force", "--engine", "cpu", "-o"]).arg(&map).output().unwrap();
    assert!(quiet.stderr.is_empty(), "{}", String::from_utf8_lossy(&quiet.stderr));
}

#[test]
fn adapters_are_listed_with_the_choice_of_auto() {
    let run = hopfmap().arg("adapters").output().unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.starts_with("0  ") && text.contains("PCI bus id") && text.contains("--engine auto takes"), "{text}");
    assert!(text.contains("[software") || text.contains("GPU,"), "scripts/setup installs a software adapter: {text}");
    let listed = adapters();
    for (i, adapter) in listed.iter().enumerate() {
        assert_eq!(adapter["index"], i);
        assert!(text.contains(&format!("{i}  {}  [", adapter["name"].as_str().unwrap())), "{text}");
        assert!(adapter["hardware"] == true || adapter["pci_bus_id"].is_null(), "{adapter}");
    }
}

/// The adapters of this machine, as `hopfmap adapters --json` lists them.
fn adapters() -> Vec<serde_json::Value> {
    let run = hopfmap().args(["adapters", "--json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    report["adapters"].as_array().unwrap().clone()
}

#[test]
fn an_adapter_is_named_by_its_index_or_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.h5");
    let all = adapters();
    let software = all.iter().position(|a| a["hardware"] == false).expect("scripts/setup installs a software adapter");
    let name = all[software]["name"].as_str().unwrap();
    let few = ["--grid", "Gamma=0.5:1:2", "--set", "V_n=2", "--set", "R_n=6", "--force", "--audit", "off"];
    let index = software.to_string();
    // On the command line, where auto takes the CPU for so few cells if no adapter is named, and in a request.
    let engine_of = |words: &[&str]| {
        let (code, message) = sweep(&[&few[..], words].concat(), &map);
        assert_eq!(code, 0, "{words:?}: {message}");
        let line = message.lines().find(|l| l.starts_with("engine ")).unwrap().to_string();
        assert!(!line.contains(", pci:"), "{line}");
        line
    };
    let mut texts = vec![&index, "fallback"];
    if all.iter().filter(|a| a["name"].as_str().unwrap().contains(name)).count() == 1 {
        texts.push(name);
    }
    for text in texts {
        assert!(engine_of(&["--adapter", text]).starts_with(&format!("engine gpu on '{name}'")), "{text}");
        let spec = folder.path().join("spec.toml");
        std::fs::write(&spec, format!("adapter = {}\n", serde_json::json!(text))).unwrap();
        let line = engine_of(&["--spec", spec.to_str().unwrap()]);
        assert!(line.starts_with(&format!("engine gpu on '{name}'")), "{text}: {line}");
        // Only adapters with a PCI bus id have it in the file.
        let file = hdf5::File::open(&map).unwrap();
        assert_eq!(common::same::text(&file.attr("adapter").unwrap()).unwrap(), name);
        assert!(file.attr("pci_bus_id").is_err());
    }
    assert!(engine_of(&[]).contains("2 cells are too few for a GPU"));
    for (text, wanted) in [
        ("99", "the adapter of index 99"),
        ("pci:ffff:ff:1f.7", "an adapter with PCI bus id 'ffff:ff:1f.7'"),
        ("", "an adapter named ''"),
    ] {
        let (code, message) = sweep(&[&few[..], &["--adapter", text]].concat(), &map);
        let listed = message.contains("there are: 0 '") && message.contains(&format!("{index} '{name}' (software)"));
        assert!(code == 2 && message.contains(wanted) && listed, "{message}");
    }
}
