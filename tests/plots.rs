//! `hopfmap plot` on the command line: panels, pictures for each value, axes, ramps of many lanes; what cannot be drawn is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, json, names, refused, sweep};
use common::{boxes, contents};
use hopfmap::store::MapFile;
use std::path::Path;

const CUBE: [&str; 12] = [
    "--grid",
    "alpha=0.5,1,2",
    "--grid",
    "Gamma=0.1:1:4",
    "--grid",
    "Z_T=0:1:6",
    "--set",
    "V_n=2",
    "--set",
    "R_n=6",
    "--engine",
    "cpu",
];

fn cube(home: &Path) {
    done(hopfmap(home, &[&["sweep", "-q", "--audit", "off", "-o", "cube.h5"], &CUBE[..]].concat()));
}

fn text(home: &Path, name: &str) -> String {
    let svg = std::fs::read_to_string(home.join(name)).unwrap();
    assert_eq!(boxes::wrong(&svg), Vec::<String>::new(), "{name}");
    svg
}

/// Bitmaps of a picture, in their order: maps, then the bar.
fn bitmaps(svg: &str) -> Vec<String> {
    svg.split("base64,").skip(1).map(|rest| rest.split('"').next().unwrap().to_string()).collect()
}

#[test]
fn panels_and_pictures_have_one_scale_of_colours() {
    let home = at_home();
    let home = home.path();
    cube(home);
    let found = json(home, &["plot", "cube.h5", "--facet", "alpha", "--json", "-o", "panels.svg"]);
    assert_eq!(found["facets"]["values"], serde_json::json!([0.5, 1.0, 2.0]), "{found}");
    let panels = text(home, "panels.svg");
    assert_eq!(bitmaps(&panels).len(), 4);
    let found = json(home, &["plot", "cube.h5", "--each", "alpha", "--json", "-o", "frame-{}.svg"]);
    assert_eq!(found["drawn"], serde_json::json!(["frame-0.svg", "frame-1.svg", "frame-2.svg"]), "{found}");
    for (i, panel) in bitmaps(&panels)[..3].iter().enumerate() {
        assert_eq!(&bitmaps(&text(home, &format!("frame-{i}.svg")))[0], panel, "frame {i}");
    }
    // Negative control: drawn alone, the first has a scale of its own.
    done(hopfmap(home, &["plot", "cube.h5", "--at", "alpha=0.5", "-o", "alone.svg"]));
    assert_ne!(bitmaps(&text(home, "alone.svg"))[0], bitmaps(&panels)[0]);
    // Chosen values, one of them a neighbour; curves over each; lines for each value.
    let report = done(hopfmap(home, &["plot", "cube.h5", "--facet", "Z_T=0.5,1", "--curves", "-o", "two.svg"]));
    assert!(report.contains("Z_T = 0.5: nearest is 0.4") && text(home, "two.svg").contains("Hopf"), "{report}");
    done(hopfmap(home, &["plot", "cube.h5", "--at", "Z_T=1", "--each", "alpha=1,2", "-o", "line-{}.svg"]));
    text(home, "line-1.svg");
}

#[test]
fn axes_go_where_they_are_sent() {
    let home = at_home();
    let home = home.path();
    sweep(home, "map.h5", &[]);
    let drawn = |more: &[&str]| {
        done(hopfmap(home, &[&["plot", "map.h5", "--force", "-o", "a.svg"], more].concat()));
        contents::drawing(&text(home, "a.svg")).to_string()
    };
    let usual = drawn(&[]);
    assert_eq!(drawn(&["--x-axis", "Z_T"]), usual);
    assert_eq!(drawn(&["--y-axis", "Gamma", "--x-axis", "Z_T"]), usual);
    let other = drawn(&["--x-axis", "gamma"]);
    assert_ne!(other, usual);
    assert_eq!(drawn(&["--y-axis", "Z_T"]), other);
    // V_n of the plane (V_n, R_n) goes along x, whichever comes first; curves lie over it.
    let plane =
        ["--set", "Gamma=0.1", "--engine", "cpu", "--audit", "off", "--curves", "-q", "--force", "--plot", "p.svg"];
    let swept = |first: &str, second: &str, more: &[&str]| {
        let grids = ["sweep", "--grid", first, "--grid", second, "-o", "p.h5"];
        done(hopfmap(home, &[&grids[..], &plane, more].concat()));
        contents::drawing(&text(home, "p.svg")).to_string()
    };
    let (v_n, r_n) = ("V_n=0:9:7", "R_n=0:16:8");
    let paper = swept(v_n, r_n, &[]);
    assert_eq!(bitmaps(&swept(r_n, v_n, &[])), bitmaps(&paper));
    assert!(paper.contains("Hopf") && paper.contains("CP: cusp"));
    assert_ne!(swept(v_n, r_n, &["--x-axis", "R_n"]), paper);
}

#[test]
fn cells_beyond_the_colours_are_marked_and_counted() {
    let home = at_home();
    let home = home.path();
    sweep(home, "map.h5", &[]);
    let drawn = |more: &[&str]| {
        let report = done(hopfmap(home, &[&["plot", "map.h5", "--force", "-o", "a.svg"], more].concat()));
        (contents::drawing(&text(home, "a.svg")).to_string(), report)
    };
    let spans = MapFile::open(&home.join("map.h5")).unwrap().cut("span", &[None, None]).unwrap();
    let (below, above) = (spans.iter().filter(|v| **v < 0.02).count(), spans.iter().filter(|v| **v > 0.05).count());
    let both = drawn(&["--vmin", "0.02", "--vmax", "0.05"]).0;
    assert!(below > 1 && above > 1, "{below} {above}");
    assert!(
        both.contains(&format!(">below 0.02 ({below} cells)<"))
            && both.contains(&format!(">above 0.05 ({above} cells)<"))
    );
    // The bar has a point at each end with cells beyond it, and none with all cells between its ends.
    let points = |svg: &str| svg.matches("<polygon").count();
    let [one, none] = [&["--vmax", "0.05"], &["--vmax", "9"]].map(|more| drawn(more).0);
    assert_eq!([points(&both), points(&one), points(&none), points(&drawn(&[]).0)], [2, 1, 0, 0]);
    assert!(!one.contains("below") && !none.contains("above"));
    // An option that has nothing to do says so.
    let idle = "--exact has nothing to check";
    assert!(drawn(&["--exact"]).1.contains(idle) && !drawn(&["--exact", "--at", "Z_T=1"]).1.contains(idle));
}

#[test]
fn a_ramp_of_many_lanes_is_drawn_as_loop_areas() {
    let home = at_home();
    let home = home.path();
    let ramp = ["ramp", "-q", "--grid", "V_n=0:8:9", "--set", "R_n=8", "--engine", "cpu", "--force"];
    let lanes = ["--grid", "Gamma=0.5:1.5:8", "-o", "r.h5", "--plot", "r.svg"];
    let report = done(hopfmap(home, &[&ramp[..], &lanes].concat()));
    assert!(report.contains("8 lanes: the area of each one's loop is drawn"), "{report}");
    let drawn = text(home, "r.svg");
    assert!(drawn.contains("Loop area"));
    done(hopfmap(home, &["plot", "r.h5", "-o", "again.svg"]));
    assert_eq!(contents::drawing(&text(home, "again.svg")), contents::drawing(&drawn));
    done(hopfmap(home, &["plot", "r.h5", "--at", "Gamma=1.5", "--curves", "--title", "One", "-o", "one.svg"]));
    let one = text(home, "one.svg");
    assert!(one.contains("LP: fold") && one.contains(">One<"));
    let plane = ["--grid", "Gamma=0.5:1.5:4", "--grid", "Z_T=0.5,1", "-o", "p.h5", "--plot", "p.svg"];
    done(hopfmap(home, &[&ramp[..], &plane].concat()));
    assert_eq!(bitmaps(&text(home, "p.svg")).len(), 2);
    done(hopfmap(home, &["plot", "p.h5", "--cmap", "magma", "--x-axis", "Gamma", "-o", "p2.svg"]));
    let [other, usual] = ["p2.svg", "p.svg"].map(|name| contents::drawing(&text(home, name)).to_string());
    assert_ne!(other, usual);
}

#[test]
fn fault_25_what_cannot_be_drawn_is_refused_with_a_remedy_and_nothing_is_written() {
    let home = at_home();
    let home = home.path();
    cube(home);
    sweep(home, "map.h5", &[]);
    done(hopfmap(
        home,
        &["curves", "--x", "V_n=0:9", "--y", "R_n=0:16", "--set", "Gamma=0.1", "-q", "-o", "curves.h5"],
    ));
    let before = names(home);
    for (words, parts) in [
        (&["plot", "cube.h5", "--facet", "Omega"][..], ["--facet Omega is not an axis", "alpha, Gamma, Z_T"]),
        (&["plot", "map.h5", "--facet", "Z_T"], ["leaves one axis, Gamma", "leave --facet off"]),
        (&["plot", "cube.h5", "--facet", "Z_T", "--at", "Z_T=1"], ["is fixed by --at", "leave one"]),
        (&["plot", "cube.h5", "--facet", "Z_T=0.4,0.41"], ["the same value", "once"]),
        (&["plot", "cube.h5", "--facet", "Z_T=0.5", "--exact"], ["nearest is 0.4", "--exact"]),
        (&["plot", "cube.h5", "--at", "Z_T=0.5", "--exact"], ["Z_T = 0.5 is no value of the axis", "name 0.4"]),
        (&["plot", "cube.h5", "--each", "Z_T", "-o", "f.png"], ["without one {}", "frame-{}.png"]),
        (&["plot", "cube.h5", "--each", "Z_T"], ["without one {}", "frame-{}.png"]),
        (&["plot", "cube.h5", "--each", "Z_T", "-o", "f-{}.txt"], ["does not end in", "name it"]),
        (&["plot", "cube.h5"], ["3 axes are left", "--facet NAME"]),
        (&["plot", "map.h5", "--x-axis", "Z_T", "--y-axis", "Z_T"], ["both Z_T", "name two"]),
        (&["plot", "map.h5", "--x-axis", "V_n"], ["none of the axes", "Gamma and Z_T"]),
        (&["plot", "map.h5", "--at", "Z_T=1", "--y-axis", "Gamma"], ["a line has span there", "leave --y-axis off"]),
        (&["plot", "map.h5", "--variable", "outcome", "--cmap", "magma"], ["colours of their own", "leave --cmap off"]),
        (
            &["plot", "map.h5", "--variable", "outcome", "--cmap", "viridis"],
            ["colours of their own", "leave --cmap off"],
        ),
        (&["plot", "map.h5", "--variable", "outcome", "--vmin", "1"], ["are names", "--vmin"]),
        (&["plot", "curves.h5", "--vmin", "1"], ["no scale of colours", "--vmin"]),
        (&["plot", "curves.h5", "--each", "V_n", "-o", "f-{}.png"], ["--each does not go", "leave --each off"]),
        (&["sweep", "--from", "map.h5", "--curves", "-o", "n.h5"], ["none is drawn", "--plot"]),
        (&["sweep", "--from", "map.h5", "--size", "86mm", "-o", "n.h5"], ["none is drawn", "--plot"]),
        (&["sweep", "--from", "map.h5", "--size", "0", "-o", "n.h5", "--plot", "n.png"], ["0 pixels", "1 to 20000"]),
        (&["statics", "--set", "R_n=5", "--dpi", "300"], ["none is drawn", "--plot"]),
        (&["paper", "fig7", "-o", ".", "--dpi", "9"], ["--dpi is 9", "10 to 2400"]),
        (
            &["sweep", "--from", "map.h5", "--x-axis", "V_n", "-o", "n.h5", "--plot", "n.png"],
            ["none of the axes", "Gamma"],
        ),
        (
            &["ramp", "--from", "map.h5", "--y-axis", "Gamma", "-o", "n.h5", "--plot", "n.png"],
            ["--y-axis Gamma", "leave"],
        ),
    ] {
        let (code, message) = refused(hopfmap(home, words));
        assert!(code == 2 && parts.iter().all(|p| message.contains(p)), "{words:?}: {code} {message}");
    }
    assert_eq!(names(home), before);
}

#[test]
fn curves_are_drawn_over_any_parameter_and_titles_are_of_one_line() {
    let home = at_home();
    let home = home.path();
    // No parameter of the plane may be taken for 0, which l is not.
    let plane =
        "sweep --grid l=0.4:0.6:2 --grid Gamma=0.1:0.2:2 --set V_n=2.2 --set R_n=6 --engine cpu --audit off -q -o l.h5";
    done(hopfmap(home, &plane.split(' ').collect::<Vec<_>>()));
    done(hopfmap(home, &["plot", "l.h5", "--curves", "-o", "l.svg"]));
    done(hopfmap(home, &["view", "l.h5", "-o", "l.html"]));
    let (code, message) = refused(hopfmap(home, &["plot", "l.h5", "--title", "a\u{1}b", "-o", "no.svg"]));
    assert!(code == 2 && message.contains("control character U+0001") && !home.join("no.svg").exists(), "{message}");
}
