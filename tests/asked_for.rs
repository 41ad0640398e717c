//! Are the columns that are asked for checked as the others are: by the audit, `verify`, `replay` and `diff`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use hopfmap::Outcome;
use hopfmap::store::MapFile;
use std::path::Path;

/// A map with columns that are asked for.
fn map(path: &Path, of: &str, asked_for: &[&str]) {
    let made = hopfmap()
        .args(["sweep", "-q", "--engine", "cpu"])
        .args(of.split(' '))
        .args(asked_for)
        .arg("-o")
        .arg(path)
        .assert();
    assert!(made.success().get_output().stderr.is_empty());
}

/// Changes a column in one place of a map.
fn change(path: &Path, column: &str, place: usize, to: impl Fn(f64) -> f64) {
    let file = hdf5::File::open_rw(path).unwrap();
    let dataset = file.dataset(column).unwrap();
    let mut values = dataset.read_dyn::<f64>().unwrap();
    let value = values.iter_mut().nth(place).unwrap();
    assert!(value.is_finite(), "{column} has no value to change");
    *value = to(*value);
    dataset.write(&values).unwrap();
    file.close().unwrap();
}

/// Exit code and output of a command.
fn run(args: &[&str], files: &[&Path]) -> (i32, String) {
    let output = hopfmap().args(args).args(files).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_changed_number_is_found_by_all_checks() {
    let folder = tempfile::tempdir().unwrap();
    let (sound, changed) = (folder.path().join("sound.h5"), folder.path().join("changed.h5"));
    let asked_for = ["--means", "--input", "pulse:5,2,1", "--t-end", "30"];
    map(&sound, "--grid Gamma=0.1:0.9:4 --grid Z_T=0.2:1:3 --set V_n=2 --set R_n=6", &asked_for);
    let (verify, replay) = (["verify", "--cells", "12"], ["replay", "--cell", "0,2"]);
    // The negative control: nothing speaks against the map as it was made.
    for (code, text) in [run(&verify, &[&sound]), run(&replay, &[&sound]), run(&["diff"], &[&sound, &sound])] {
        assert!(code == 0, "{text}");
    }
    for (column, what) in [
        ("z_mean", "means asked for"),
        ("coherence", "means asked for"),
        ("i_mean", "means asked for"),
        ("power", "means asked for"),
        ("latency", "response"),
        ("spikes", "response"),
        ("response_v_max", "response"),
    ] {
        std::fs::copy(&sound, &changed).unwrap();
        change(&changed, column, 2, |value| if column == "spikes" { value + 1.0 } else { 1.02 * value });
        let (code, text) = run(&verify, &[&changed]);
        assert!(code == 1 && text.contains(&format!("wrong: {what}")), "{column}: {text}");
        let (code, text) = run(&replay, &[&changed]);
        assert!(code == 1 && text.contains(&format!("other values in {column}")), "{column}: {text}");
        for value in [None, Some(f64::NAN)] {
            if let Some(value) = value {
                change(&changed, column, 2, |_| value);
            }
            let (code, text) = run(&["diff"], &[&sound, &changed]);
            assert!(
                code == 1 && text.contains("0 outcomes, 0 spans and 1 other numbers"),
                "{column} {value:?}: {text}"
            );
        }
    }
}

#[test]
fn a_changed_interval_between_bursts_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bursts.h5");
    map(&path, "--grid V_n=8.1:8.1:1 --set R_n=38.8 --set Gamma=0.01 --set Z_T=1 --audit off", &["--means"]);
    let (code, text) = run(&["verify", "--cells", "1"], &[&path]);
    assert!(code == 0 && text.contains("0 outcomes wrong of 1"), "{text}");
    change(&path, "interval", 0, |value| 1.01 * value);
    let (code, text) = run(&["verify", "--cells", "1"], &[&path]);
    assert!(code == 1 && text.contains("wrong: means asked for"), "{text}");
}

#[test]
fn maps_that_lack_each_others_columns_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, more) in [("plain.h5", &[][..]), ("means.h5", &["--means"])] {
        map(&path(name), "--grid Gamma=0.1:0.9:4 --set V_n=2 --set R_n=6 --audit 4", more);
    }
    let (code, text) = run(&["diff"], &[&path("plain.h5"), &path("means.h5")]);
    assert!(code == 0 && text.contains("in one map only  z_mean, coherence, i_mean, power, interval"), "{text}");
    assert_eq!(MapFile::open(&path("means.h5")).unwrap().asked_for().count(), 5);
}

#[test]
fn chaos_whose_bursts_are_far_from_regular_is_no_false_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chaos.h5");
    let neuron =
        "--set R_n=51.584 --set Gamma=0.165 --set alpha=1.4718 --set Z_T=0.84613 --set Omega=4.65 --set x_0=1.14068";
    let geometry = "--set l=0.330936 --set lambda=0.0247067 --start 0.1,0.2,0.08,2.2 --audit off";
    map(&path, &format!("--grid V_n=11.005:11.02:6 {neuron} {geometry}"), &["--means"]);
    let (code, text) = run(&["verify", "--cells", "6"], &[&path]);
    assert!(code == 0 && text.contains("0 outcomes wrong of 6"), "{text}");
    // The control: a mean that is off by more than its quantity's fluctuations is found.
    let outcomes = MapFile::open(&path).unwrap().outcomes().unwrap();
    let chaotic = outcomes.iter().position(|o| *o == Outcome::Chaotic).unwrap();
    change(&path, "i_mean", chaotic, |value| 3.0 * value);
    let (code, text) = run(&["verify", "--cells", "6"], &[&path]);
    assert!(code == 1 && text.contains("wrong: means asked for"), "{text}");
}
