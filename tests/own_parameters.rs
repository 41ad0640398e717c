//! Pictures with one's own parameters: the paper's figures, load lines, nested regions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, json, names, refused};
use hopfmap::model::Conductance;
use hopfmap::store::MapFile;

fn dataset(path: &std::path::Path, name: &str) -> Vec<f64> {
    hdf5::File::open(path).unwrap().dataset(name).unwrap().read_raw().unwrap()
}

#[test]
fn figures_of_the_paper_take_own_parameters() {
    let home = at_home();
    let paper = |words: &[&str]| done(hopfmap(home.path(), &[&["paper", "--engine", "cpu", "-q"], words].concat()));
    paper(&["fig7", "fig2b", "-o", "plain"]);
    paper(&["fig7", "-o", "own", "--set", "lambda=0.2"]);
    let of = |folder: &str, name: &str| dataset(&home.path().join(folder).join("fig7.h5"), name);
    let (x, f11) = (of("own", "x_V"), of("own", "F11"));
    let functions = Conductance::new(0.5, 0.2);
    assert!(x.iter().zip(&f11).all(|(x, f)| functions.elements(*x).f11 == *f));
    assert_ne!(of("plain", "F11"), f11, "the negative control: the paper's lambda");
    // The paper's own values change nothing, and others do.
    let loads = |folder: &str| dataset(&home.path().join(folder).join("fig2b.h5"), "load_up");
    paper(&["fig2b", "-o", "same", "--set", "R_n=8", "--set", "Z_T=1"]);
    paper(&["fig2b", "-o", "other", "--set", "R_n=9"]);
    assert_eq!(loads("plain"), loads("same"));
    assert_ne!(loads("plain"), loads("other"));
    // What a figure does not take is refused before anything is made.
    for (words, parts) in [
        (&["fig5a", "--set", "Z_T=0.5"][..], ["fig5a takes no own Z_T", "V_n, R_n and Z_T are its axes"]),
        (&["fig2b", "--set", "Gamma=0.5"], ["fig2b takes no own Gamma", "it takes R_n"]),
        (&["fig2b", "fig3", "--set", "l=0.4"], ["fig3 takes no own l", "are fig2a, fig2b, fig5a, fig7"]),
        (&["fig7", "--set", "l=-1"], ["l = -1 is out of range", "give l"]),
    ] {
        let (code, message) = refused(hopfmap(home.path(), &[&["paper", "-o", "no"], words].concat()));
        assert!(code == 2 && parts.iter().all(|part| message.contains(part)), "{words:?}: {message}");
    }
    assert!(!names(home.path()).contains(&"no".to_string()));
}

#[test]
fn load_lines_at_the_folds_are_drawn() {
    let home = at_home();
    let statics = ["statics", "--set", "R_n=8", "--set", "V_n=4", "--plot"];
    done(hopfmap(home.path(), &[&statics[..], &["loads.svg"]].concat()));
    let picture = std::fs::read_to_string(home.path().join("loads.svg")).unwrap();
    for words in ["= 5.4501", "= 2.9232", "I = G V", "f / R", "equilibria"] {
        assert!(picture.contains(words), "{words}");
    }
    assert_eq!(json(home.path(), &[&statics[..], &["more.svg", "--json"]].concat())["drawn"], "more.svg");
    // Below the cusp there is no fold, and no load line touches.
    done(hopfmap(home.path(), &["statics", "--set", "R_n=1", "--plot", "none.svg"]));
    assert!(!std::fs::read_to_string(home.path().join("none.svg")).unwrap().contains("load line,"));
    for (words, part) in [
        (&["--set", "V_n=4", "--plot", "a.svg"][..], "R_n"),
        (&["--set", "R_n=0", "--plot", "a.svg"], "load lines need R_n above 0"),
        (&["--set", "R_n=8", "--plot", "a.txt"], "does not end in .png, .svg or .pdf"),
        (&["--set", "R_n=8", "--plot", "loads.svg"], "exists"),
    ] {
        let (code, message) = refused(hopfmap(home.path(), &[&["statics"], words].concat()));
        assert!(code == 2 && message.contains(part), "{words:?}: {message}");
    }
}

/// The region of each value of a map's first axis, cell by cell.
fn regions(map: &MapFile) -> Vec<Vec<bool>> {
    let cut = |i| map.cut("span", &[Some(i), None, None]).unwrap().iter().map(|v| *v > 0.0).collect();
    (0..map.axes()[0].values.len()).map(cut).collect()
}

#[test]
fn regions_are_nested_or_not() {
    let home = at_home();
    let plane =
        ["--grid", "V_n=0:6:16", "--grid", "R_n=1:12:12", "--set", "Gamma=0.2", "--engine", "cpu", "--audit", "off"];
    for (axis, is_nested) in [("Z_T=0.4,1,0.7", None), ("Z_T=0.4,0.7,1", Some(true)), ("x_0=0.5,0.8,1.2", Some(false))]
    {
        let words = ["sweep", "-q", "--force", "-o", "map.h5", "--grid", axis];
        let Some(is_nested) = is_nested else {
            assert!(refused(hopfmap(home.path(), &[&words[..], &plane].concat())).1.contains("neither rise nor fall"));
            continue;
        };
        done(hopfmap(home.path(), &[&words[..], &plane].concat()));
        let found = json(home.path(), &["plot", "map.h5", "--regions", "-o", "r.svg", "--force", "--json"]);
        // By hand: sorted by size, is each within the one before.
        let mut all = regions(&MapFile::open(&home.path().join("map.h5")).unwrap());
        all.sort_by_key(|mask| std::cmp::Reverse(mask.iter().filter(|inside| **inside).count()));
        let within = |pair: &[Vec<bool>]| pair[1].iter().zip(&pair[0]).all(|(a, b)| *b || !*a);
        let sizes: Vec<usize> = all.iter().map(|mask| mask.iter().filter(|inside| **inside).count()).collect();
        assert!(sizes[2] > 0, "{axis}: each value has a region: {sizes:?}");
        assert_eq!(all.windows(2).all(within), is_nested, "{axis}: the test's own look");
        assert_eq!(found["nested"], is_nested, "{axis}: {found}");
        let cells: Vec<_> =
            found["regions"].as_array().unwrap().iter().map(|r| r["cells"].as_u64().unwrap() as usize).collect();
        assert_eq!(cells, sizes);
        assert!(std::fs::read_to_string(home.path().join("r.svg")).unwrap().contains("edge of a region"));
    }
    done(hopfmap(home.path(), &[&["sweep", "-q", "-o", "plane.h5"], &plane[..], &["--set", "Z_T=1"]].concat()));
    let (code, message) = refused(hopfmap(home.path(), &["plot", "plane.h5", "--regions", "-o", "x.png"]));
    assert!(code == 2 && message.contains("regions are drawn of three axes, and the map has 2"), "{message}");
}
