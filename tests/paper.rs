//! Does the paper come out: every figure, every number, on every engine, and the pages that show them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::contents::Kind;
use common::{boxes, contents, hopfmap};
use hopfmap::paper::ITEMS;
use hopfmap::results::Outcome;
use hopfmap::store::MapFile;
use std::path::Path;

/// `hopfmap paper` in draft; what it printed.
fn made(folder: &Path, names: &[&str], extra: &[&str]) -> String {
    let mut command = hopfmap();
    command.arg("paper").args(names).arg("-o").arg(folder).args(["--quality", "draft", "-q"]).args(extra);
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

/// The numbers of a folder, as other programs read them: (name, ours, verdict).
fn numbers(folder: &Path) -> Vec<(String, f64, String)> {
    let text = std::fs::read_to_string(folder.join("numbers.json")).unwrap();
    let all: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let number = |n: &serde_json::Value| {
        assert!(["name", "paper", "ours", "difference", "verdict", "note"].iter().all(|k| n.get(k).is_some()), "{n}");
        (n["name"].as_str().unwrap().into(), n["ours"].as_f64().unwrap(), n["verdict"].as_str().unwrap().into())
    };
    all.iter().map(number).collect()
}

#[test]
fn all_of_it_on_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made/anew");
    let report = made(&folder, &["all"], &["--engine", "cpu"]);
    for item in ITEMS {
        assert!(report.contains(item.caption), "{item:?}");
        for ending in item.files {
            let size = std::fs::metadata(folder.join(format!("{}.{ending}", item.name))).unwrap().len();
            assert!(size > 1000, "{item:?}.{ending}: {size} bytes");
        }
    }
    let found = numbers(&folder);
    for (name, ..) in &found {
        assert!(report.contains(name.as_str()), "{name} is not in the report:\n{report}");
    }
    assert!(found.len() >= 25 && found.iter().all(|n| n.2 != "fail"), "{found:?}");
    let slips: Vec<_> = found.iter().filter(|n| n.2 == "slip").map(|n| n.0.as_str()).collect();
    assert_eq!(slips.len(), 2, "{slips:?}");
    let missed: Vec<_> = found.iter().filter(|n| n.2 == "not reproduced").map(|n| n.0.as_str()).collect();
    assert_eq!(missed.len(), 2, "{missed:?}");

    // Fig. 6b: the largest oscillating Gamma is the same for every alpha, within a row of the grid.
    let map = MapFile::open(&folder.join("fig6b.h5")).unwrap();
    let gamma = &map.axes()[0].values;
    let oscillates = map.cut("outcome", &[None, None]).unwrap().mapv(|o| o == f64::from(Outcome::Oscillating as u8));
    for column in 0..map.axes()[1].values.len() {
        let last = (0..gamma.len()).rev().find(|row| oscillates[[*row, column]]).unwrap();
        assert!((gamma[last] - 0.654_400_482).abs() < gamma[1] - gamma[0], "column {column}: {}", gamma[last]);
    }
    // Fig. 5b: the threshold, within a step.
    let map = MapFile::open(&folder.join("fig5b.h5")).unwrap();
    let z_t = &map.axes()[1].values;
    for alpha in 0..3 {
        let spans = map.cut("span", &[Some(alpha), None]).unwrap();
        let first = spans.iter().position(|s| *s > 0.0).unwrap();
        assert!((z_t[first] - 0.167_253_811).abs() < z_t[1], "{}", z_t[first]);
    }
    // Fig. 5a: nothing at Z_T = 0, and each region inside the next.
    let map = MapFile::open(&folder.join("fig5a.h5")).unwrap();
    let region = |i: usize| map.cut("largest_span", &[Some(i), None, None]).unwrap().mapv(|s| s > 0.0);
    let regions: Vec<_> = (0..map.axes()[0].values.len()).map(region).collect();
    assert_eq!(map.axes()[0].values.last(), Some(&0.0));
    assert!(!regions.last().unwrap().iter().any(|r| *r), "none at Z_T = 0");
    for pair in regions.windows(2) {
        let outside = pair[0].iter().zip(&pair[1]).filter(|(wide, narrow)| **narrow && !**wide).count();
        assert_eq!(outside, 0);
    }
    assert!(regions[0].iter().filter(|r| **r).count() > regions[4].iter().filter(|r| **r).count());

    contents_are_as_they_were(&folder);

    // The page shows the table that this command makes.
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/paper.md")).unwrap();
    let table = std::fs::read_to_string(folder.join("numbers.md")).unwrap();
    assert!(
        comparable(&page).contains(&comparable(&table)),
        "docs/paper.md is not what 'hopfmap paper numbers' makes:\n{table}"
    );
    assert!(
        !comparable(&page).contains(&comparable(&table.replace("1.77792", "1.77892"))),
        "a wrong number would show"
    );
    let statements = std::fs::read_to_string(folder.join("statements.md")).unwrap();
    assert!(
        statements.lines().count() > 30 && page.contains(statements.trim()),
        "docs/paper.md is not what 'hopfmap paper statements' makes:\n{statements}"
    );
    // Again, without --force: nothing is touched.
    hopfmap().args(["paper", "fig7", "-o"]).arg(&folder).assert().code(2);
}

/// Holds every picture and data file against what is known of it in `tests/data/paper`.
///
/// After a change that is wanted: `HOPFMAP_UPDATE_PAPER=1 cargo test --test paper`, look at the new pictures, commit.
fn contents_are_as_they_were(folder: &Path) {
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/paper");
    let update = std::env::var_os("HOPFMAP_UPDATE_PAPER").is_some();
    let mut wrong = String::new();
    for item in ITEMS {
        for ending in item.files {
            let (read, kind): (fn(&Path) -> String, Kind) = match *ending {
                "svg" => (contents::svg, Kind::Picture),
                "h5" => (contents::hdf5, Kind::Data),
                _ => continue,
            };
            let file = folder.join(format!("{}.{ending}", item.name));
            if *ending == "svg" {
                let texts = boxes::wrong(&std::fs::read_to_string(&file).unwrap());
                assert!(texts.is_empty(), "{}: {texts:?}", item.name);
            }
            let found = read(&file);
            let path = known.join(format!("{}.{ending}.txt", item.name));
            if update {
                std::fs::write(&path, &found).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap();
            let apart = contents::differences(&expected, &found, kind);
            if !apart.is_empty() {
                wrong += &format!("{}.{ending}:\n{}\n", item.name, apart.join("\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_comparison_of_figures_can_fail() {
    let line = "polyline stroke=#F096C8 | 802 1.00000e2 4.00000e2 2.50000e2";
    let apart = |other: &str, kind| contents::differences(line, other, kind).len();
    let seen = |from, to, kind| apart(&line.replace(from, to), kind);
    assert_eq!(apart(line, Kind::Data), 0);
    assert_eq!(seen("F096C8", "F196C8", Kind::Picture), 1);
    assert_eq!(seen("4.0000", "4.0200", Kind::Picture), 1);
    assert_eq!((seen("1.0", "1.009", Kind::Picture), seen("1.0", "1.009", Kind::Data)), (0, 1));
    assert_eq!(seen("802", "803", Kind::Data), 1);
    assert_eq!((apart("", Kind::Picture), apart(&format!("{line}\n{line}"), Kind::Data)), (1, 1));
    let words = |a: &str, b: &str, kind| contents::differences(a, b, kind).len();
    assert_eq!(words("text 'fold' | 1 28 28 28", "text 'fold' | 1 29 29 29", Kind::Picture), 1);
    assert_eq!(words("  \"span\": 0.1086739,", "  \"span\": 0.1086740,", Kind::Words), 0);
    assert_eq!(words("  \"span\": 0.1086739,", "  \"span\": 0.1087739,", Kind::Words), 1);
    assert_eq!(words("steady 8", "steady 9", Kind::Words) + words("steady 8", "Steady 8", Kind::Words), 2);
}

/// A table without its differences and the last digit of its numbers, which the engine's rounding may move.
fn comparable(text: &str) -> String {
    let cells = |line: &str| {
        let cells: Vec<String> = line.split('|').map(|c| c.trim().to_string()).collect();
        let rounded = |(i, c): (usize, &String)| match c.parse::<f64>() {
            Ok(v) if i == 3 => format!("{v:.3}"),
            _ if i == 4 => String::new(),
            _ => c.clone(),
        };
        cells.iter().enumerate().map(rounded).collect::<Vec<_>>().join("|")
    };
    text.lines().filter(|l| l.starts_with('|') && l.matches('|').count() == 7).map(cells).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_numbers_come_out_on_the_shader_too() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &["fig4a", "numbers"], &["--engine", "gpu", "--adapter", &common::adapter()]);
    let found = numbers(folder.path());
    assert!(found.iter().all(|n| n.2 != "fail"), "{found:?}");
    assert!(MapFile::open(&folder.path().join("fig4a.h5")).unwrap().text("engine").as_deref() == Some("gpu"));
}

#[test]
fn an_item_that_is_whole_is_refused_and_one_that_is_not_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = hopfmap();
        command.args(["paper", "fig7", "-o"]).arg(folder.path()).args(["--quality", "draft", "--engine", "cpu"]);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run().0, Some(0));
    let (code, message) = run();
    assert!(code == Some(2) && message.contains("fig7.h5 exists"), "{message}");
    std::fs::remove_file(folder.path().join("fig7.svg")).unwrap();
    let (code, message) = run();
    assert!(code == Some(0) && folder.path().join("fig7.svg").exists(), "{message}");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (&["paper", "fig9", "-o", "x"][..], "name some of: all, fig2a"),
        (&["paper", "fig7", "-o", "/dev/null/x"], "cannot be made"),
        (&["paper", "fig7"], "--output"),
        (&["paper", "fig7", "-o", "x", "--engine", "cpu", "--adapter", "fallback"], "leave one"),
    ] {
        let run = hopfmap().args(arguments).current_dir(folder.path()).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && message.contains(part), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}
