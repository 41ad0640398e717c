//! Does every command report as JSON on demand, keep quiet when told, and report a failure too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::contents;
use common::runs::{PLANE, at_home, done, hopfmap, json, sweep};
use serde_json::Value;

/// Every command with a report, on files that [`sweep`] and the commands before it have made.
fn reporting() -> Vec<Vec<&'static str>> {
    let neuron = ["--set", "R_n=6", "--set", "Gamma=0.5"];
    vec![
        [&["sweep", "-o", "a.h5"], &PLANE[..], &["--plot", "a.png"]].concat(),
        [&["sweep", "-o", "parts.h5", "--part-cells", "6", "--shard", "0/1"], &PLANE[..]].concat(),
        vec!["merge", "parts.h5", "--plot", "parts.png"],
        [&["sweep", "-o", "job.h5", "--slurm", "2", "--dry-run"], &PLANE[..]].concat(),
        vec!["diff", "a.h5", "parts.h5"],
        vec!["verify", "a.h5", "--cells", "3"],
        vec!["replay", "a.h5", "--at", "Gamma=0.1,Z_T=0.5", "-o", "cell.h5", "--plot", "cell.png"],
        [&["trace", "--set", "V_n=2", "--t-end", "50", "-o", "trace.h5", "--plot", "trace.png"], &neuron[..]].concat(),
        [&["ramp", "--grid", "V_n=0:4:5", "-o", "ramp.h5", "--plot", "ramp.png"], &neuron[..]].concat(),
        vec![
            "curves",
            "--x",
            "V_n=0:9",
            "--y",
            "R_n=0:16",
            "--set",
            "Gamma=0.1",
            "-o",
            "curves.h5",
            "--plot",
            "curves.svg",
        ],
        vec!["plot", "a.h5", "--at", "Z_T=0.5", "-o", "cut.svg"],
        vec!["plot", "trace.h5", "-o", "trace.svg"],
        vec!["plot", "ramp.h5", "-o", "ramp.svg"],
        vec!["plot", "curves.h5", "-o", "curves-again.svg"],
        vec!["view", "a.h5", "-o", "a.html"],
        vec!["view", "ramp.h5"],
        vec!["paper", "fig2a", "-o", "paper", "--quality", "draft", "--engine", "cpu"],
        vec!["statics", "--set", "R_n=5", "--set", "V_n=3", "--set", "Gamma=0.1"],
        vec!["optimum", "--over", "Gamma=0.1:1", "--set", "V_n=2", "--set", "R_n=6", "--within", "multiplier<0.99"],
        vec!["adapters"],
    ]
}

/// Keys that are neither in snake case nor a quantity's own name.
fn odd_keys(value: &Value) -> Vec<String> {
    let known = |key: &str| {
        hopfmap::model::Parameter::ALL.iter().any(|p| p.name() == key)
            || ["V", "THD"].contains(&key)
            || key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    match value {
        Value::Object(all) => {
            let own = all.keys().filter(|k| !known(k)).cloned();
            own.chain(all.values().flat_map(odd_keys)).collect()
        }
        Value::Array(all) => all.iter().flat_map(odd_keys).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn fault_22_reports_are_json_on_demand_and_notes_are_off_with_quiet() {
    let home = at_home();
    for arguments in reporting() {
        let quiet = !["statics", "adapters"].contains(&arguments[0]);
        let words = [&arguments[..], &["--json"], if quiet { &["-q"] } else { &[] }].concat();
        let output = hopfmap(home.path(), &words).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && message.is_empty(), "{arguments:?}: {message}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        assert!(found.as_object().is_some_and(|o| o.len() > 2), "{arguments:?}: {found}");
        assert_eq!(odd_keys(&found), Vec::<String>::new(), "{arguments:?}");
        if let Some(picture) = arguments.iter().find(|a| a.ends_with(".png") || a.ends_with(".svg")) {
            assert!(
                found["drawn"] == *picture && home.path().join(picture).is_file()
                    || found["trajectory"]["drawn"] == *picture,
                "{found}"
            );
        }
    }
    assert_eq!(odd_keys(&serde_json::json!({ "Ok": 1, "V_n": { "two words": 2 } })).len(), 2, "the negative control");
    // The picture of a file is the one that its command drew.
    let picture = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    let same = |a: &str, b: &str| contents::drawing(&picture(a)) == contents::drawing(&picture(b));
    assert!(same("curves.svg", "curves-again.svg") && !same("ramp.svg", "trace.svg"));
    // Text is there without --json, and another thing.
    let text = done(hopfmap(home.path(), &["diff", "a.h5", "parts.h5"]));
    assert!(text.contains("the maps agree") && serde_json::from_str::<Value>(&text).is_err(), "{text}");
}

#[test]
fn fault_22_a_failure_has_its_report_too() {
    let home = at_home();
    sweep(home.path(), "a.h5", &[]);
    sweep(home.path(), "b.h5", &[]);
    // A file that says something else; its seal is gone, so it counts as edited and not as damaged.
    let edited = hdf5::File::open_rw(home.path().join("b.h5")).unwrap();
    edited.dataset("span").unwrap().write_slice(&ndarray::arr2(&[[0.5_f32]]), (0..1, 5..6)).unwrap();
    drop(edited);
    for (arguments, key) in [
        (&["diff", "a.h5", "b.h5"][..], "agree"),
        (&["replay", "b.h5", "--cell", "0,5"], "holds"),
        (&["verify", "b.h5", "--cells", "24"], "holds"),
    ] {
        let output = hopfmap(home.path(), &[arguments, &["--json"]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found[key], Value::Bool(false), "{arguments:?}: {found}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "), "{arguments:?}");
    }
    assert_eq!(
        json(home.path(), &["diff", "a.h5", "a.h5", "--json"])["agree"],
        Value::Bool(true),
        "the negative control"
    );
}

#[test]
fn a_plot_says_which_start_it_shows() {
    let home = at_home();
    sweep(home.path(), "starts.h5", &["--start", "equilibria"]);
    let start = |more: &[&str]| {
        let plot = ["plot", "starts.h5", "-o", "p.svg", "--force", "--json"];
        json(home.path(), &[&plot[..], more].concat())["start"].clone()
    };
    assert_eq!(start(&[]), Value::Null, "the largest span is of all starts");
    assert_eq!(start(&["--variable", "v_mean"]), "lower");
    assert_eq!(start(&["--start", "upper"]), "upper");
}
