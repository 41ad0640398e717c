//! A gallery of pictures that are hard to draw: no text lies over another or leaves the picture.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{boxes, made};
use hopfmap::bifurcation::{Branch, SpecialEquilibrium, SpecialEquilibriumKind};
use hopfmap::figure::{
    Curve, Line, LinePlot, Size, Stroke, Style, Surface, Target, Thread, View, draw, draw_branches, draw_facets,
    draw_line_plot, draw_loops, draw_plane, draw_ramp, draw_regions, draw_surface, draw_trace,
};
use hopfmap::model::Parameter;
use hopfmap::results::Outcome;
use hopfmap::store::{BranchSet, RampFile, StoredAxis, StoredCycle, StoredSpecial, TraceFile};
use std::f64::consts::TAU;
use std::path::Path;

/// Text of the picture of this size that `draw` writes.
fn svg(size: Size, draw: impl FnOnce(Target<'_>) -> hopfmap::Result<()>) -> String {
    made::svg(|output| draw(Target { size, ..Target::from(output) }))
}

fn plot(size: Size, x: (&str, f64, f64), y: (&str, f64, f64), curves: Vec<Curve>) -> String {
    let axis = |(name, low, high): (&str, f64, f64)| (name.to_string(), low, high);
    let plot = LinePlot { title: "Lines".into(), subtitle: "V_n = 2".into(), x: axis(x), y: axis(y), curves };
    svg(size, |output| draw_line_plot(&plot, output))
}

/// A value and an outcome of each kind, in patches.
fn patches(i: u64) -> (f64, Outcome) {
    let outcome = Outcome::ALL[(i / 3) as usize % Outcome::ALL.len()];
    (0.01 * (i % 17) as f64, outcome)
}

fn quiet(value: impl Fn(u64) -> f64) -> impl Fn(u64) -> (f64, Outcome) {
    move |i| (value(i), Outcome::Steady)
}

/// A cell of a made-up map by its index.
type Cells = Box<dyn Fn(u64) -> (f64, Outcome)>;
/// A map to draw: its name here, axes, starts, column, cells.
type Case = (&'static str, Vec<&'static str>, &'static [&'static str], &'static str, Cells);

/// Pictures of maps: name and text.
fn maps(folder: &Path, size: Size) -> Vec<(String, String)> {
    let starts: &[&str] = &["lower", "middle", "upper"];
    let (none, plane) = (&starts[..0], ["Gamma=0.02:1:9", "Z_T=0:1:13"]);
    let cases: Vec<Case> = vec![
        ("all outcomes", plane.to_vec(), none, "span", Box::new(patches)),
        ("names", plane.to_vec(), none, "outcome", Box::new(patches)),
        ("certificates", plane.to_vec(), none, "certificate", Box::new(patches)),
        ("counts", plane.to_vec(), none, "maxima", Box::new(quiet(|i| (i % 4) as f64))),
        ("many counts", plane.to_vec(), none, "maxima", Box::new(quiet(|i| i as f64))),
        ("long title", plane.to_vec(), none, "multiplier", Box::new(patches)),
        ("several starts", plane.to_vec(), starts, "v_mean", Box::new(patches)),
        ("attractors", plane.to_vec(), starts, "attractors", Box::new(patches)),
        ("coexistence", plane.to_vec(), starts, "coexistence", Box::new(patches)),
        ("1 x 3", vec!["V_n=2", "Z_T=0:1:3"], none, "span", Box::new(patches)),
        ("3 x 2", vec!["V_n=0:1:3", "Z_T=0:1:2"], none, "span", Box::new(patches)),
        ("2 x 300", vec!["V_n=0:1:2", "Z_T=0:1:300"], none, "span", Box::new(patches)),
        ("500 x 500", vec!["V_n=0:8:500", "R_n=0:16:500"], none, "span", Box::new(patches)),
        ("log-log", vec!["Gamma=log:1e-4:1:20", "alpha=log:0.001:2:30"], none, "period", Box::new(patches)),
        ("narrow log", vec!["Gamma=log:0.2:0.9:20", "alpha=log:1.1:1.9:9"], none, "period", Box::new(patches)),
        ("falling", vec!["Gamma=1:0.02:9", "Z_T=1,0.7,0.1"], none, "span", Box::new(patches)),
        ("no number", plane.to_vec(), none, "period", Box::new(quiet(|_| f64::NAN))),
        ("one number", plane.to_vec(), none, "v_mean", Box::new(quiet(|_| -0.123_456))),
        ("negative", vec!["V_n=-8:-2:9", "x_0=-16:16:9"], none, "v_min", Box::new(quiet(|i| -3.0 - i as f64))),
        ("tiny", plane.to_vec(), none, "span_error", Box::new(quiet(|i| 1e-9 * i as f64))),
        ("huge", plane.to_vec(), none, "settle_time", Box::new(quiet(|i| 1e7 * i as f64))),
        ("narrow", plane.to_vec(), none, "v_mean", Box::new(quiet(|i| 2.5 + 1e-6 * i as f64))),
        ("narrow axes", vec!["V_n=2.00001:2.00002:9", "R_n=123456:123457:9"], none, "span", Box::new(patches)),
        ("a line", vec!["V_n=0:3.5:40"], none, "span", Box::new(patches)),
        ("a long line", vec!["V_n=0:3.5:400"], none, "v_mean", Box::new(quiet(|i| (0.02 * i as f64).sin()))),
        ("a line of names", vec!["V_n=0:3.5:40"], none, "outcome", Box::new(patches)),
        ("a logarithmic line", vec!["Gamma=log:0.01:1:40"], none, "span", Box::new(patches)),
        ("a line of nothing", vec!["V_n=0:3.5:4"], none, "v_mean", Box::new(quiet(|_| f64::NAN))),
        ("a line of certificates", vec!["V_n=0:3.5:40"], none, "certificate", Box::new(patches)),
        ("a line of answers", vec!["V_n=0:3.5:400"], starts, "coexistence", Box::new(patches)),
        ("times", plane.to_vec(), none, "settle_time", Box::new(quiet(|i| 3.0 * 1.1_f64.powi(i as i32)))),
        ("a line of times", vec!["V_n=0:3.5:60"], none, "settle_time", Box::new(quiet(|i| 1.3_f64.powi(i as i32)))),
        ("1500 x 1500", vec!["R_n=0:8:1500", "V_n=0:16:1500"], none, "v_min", Box::new(quiet(|i| -1e-5 * i as f64))),
        ("a narrow line", vec!["V_n=2.000001:2.000003:4"], none, "v_mean", Box::new(quiet(|i| 1e-7 * i as f64))),
    ];
    let overlay = lines();
    let drawn = |(name, axes, starts, column, cell): Case| {
        let map = made::map(folder, &axes, starts, cell);
        let view = View { column, ..View::whole(&map) };
        (
            name.to_string(),
            svg(size, |output| draw(&map, &view, if axes[0].starts_with("Gamma") { &overlay } else { &[] }, output)),
        )
    };
    let mut found: Vec<_> = cases.into_iter().map(drawn).collect();
    let map = made::map(folder, &["Z_T=1,0.8,0.6,0.123456", "R_n=0:16:9", "V_n=0:9:9"], starts, patches);
    let order: Vec<usize> = (0..map.axes()[0].values.len()).collect();
    found.push(("regions".into(), svg(size, |output| draw_regions(&map, &order, &[], &Style::USUAL, output))));
    found.extend(facets(folder, size));
    found
}

/// Panels of a map of three axes: how many, of what column, with which lines over them.
fn facets(folder: &Path, size: Size) -> Vec<(String, String)> {
    let cases: [(&str, &str, &str, &str, bool); 6] = [
        ("facets of 5", "Z_T=0,0.123456,0.3,0.4,0.5", "Gamma=0.02:1:9", "span", true),
        ("one facet", "Z_T=0.2", "Gamma=0.02:1:9", "span", false),
        ("2 facets", "R_n=123456,654321", "Gamma=log:1e-4:1:9", "v_mean", false),
        ("facets of 25", "Z_T=0:1:25", "x_0=-16:-2:9", "outcome", false),
        ("narrow facets", "Z_T=0:1:7", "V_n=2.00001:2.00002:9", "v_max", false),
        ("facets of names", "Z_T=0:1:3", "Gamma=0.02:1:9", "certificate", true),
    ];
    let drawn = |(name, facet, axis, column, has_lines): (&str, &str, &str, &str, bool)| {
        let map = made::map(folder, &[facet, axis, "alpha=0.5:2:13"], &[], patches);
        let view = View { column, ..View::whole(&map) };
        let first = &map.axes()[0];
        let overlays = vec![if has_lines { lines() } else { Vec::new() }; first.values.len()];
        let draw = |output: Target<'_>| draw_facets(&map, &view, (first.parameter, &first.values), &overlays, output);
        (name.to_string(), svg(size, draw))
    };
    cases.into_iter().map(drawn).collect()
}

/// Lines with many names, and dots close together.
fn lines() -> Vec<Line> {
    let line = |name, y: f64| Line::new(name, [0; 3], (0..20).map(|i| (0.05 * f64::from(i), y)).collect());
    let mut all: Vec<Line> = ["Hopf", "Hopf, subcritical", "fold", "LPC", "PD", "NS", "best Gamma for each alpha"]
        .into_iter()
        .zip(1..)
        .map(|(name, i)| line(name, 0.1 * f64::from(i)))
        .collect();
    for (i, label) in ["BT", "GH", "cusp", "ZH", "BT", "GH"].into_iter().enumerate() {
        let dot = Line::new("cusp", [214, 39, 40], vec![(0.5 + 0.01 * i as f64, 0.5)]);
        all.push(Line { label: Some(label), ..dot });
    }
    all
}

fn trace(size: Size, period: f64, driven: bool) -> String {
    let t: Vec<f64> = (0..400).map(|i| 1e5 + 0.05 * f64::from(i)).collect();
    let wave = |size: f64| t.iter().map(|t| size * (TAU * t / 1.7).sin()).collect::<Vec<_>>();
    let omega: Vec<f64> = (0..300).map(|i| 0.1 * f64::from(i)).collect();
    let file = TraceFile {
        states: [wave(0.5), wave(0.4), wave(0.3), wave(1e-7)],
        power: omega.iter().map(|w| (-(w - 3.7) * (w - 3.7)).exp()).collect(),
        omega,
        period,
        peak: TAU / period,
        bursts: 0.0,
        full: None,
        driven: driven.then(|| [wave(1.0), wave(-2e-5)]),
        fixed: fixed(),
        t,
    };
    svg(size, |output| draw_trace(&file, &Style::USUAL, output))
}

fn fixed() -> Vec<(Parameter, f64)> {
    let parameters = Parameter::ALL.into_iter();
    parameters.zip(1..).map(|(p, i)| (p, 1.234_567 / f64::from(i))).collect()
}

/// A ramp with lanes along R_n and Gamma.
fn lanes(shape: [usize; 2]) -> RampFile {
    let axis = |parameter, values: Vec<f64>| StoredAxis { parameter, values };
    let walked: Vec<f64> = (0..60).map(|i| 0.1 * f64::from(i)).collect();
    let lanes = shape[0] * shape[1];
    let cells = 2 * walked.len() * lanes;
    let v: Vec<f64> = (0..cells).map(|i| (0.01 * i as f64).sin()).collect();
    let values = |n: usize, first: f64| (0..n).map(|i| first + i as f64).collect();
    RampFile {
        axes: vec![
            axis(Parameter::VN, walked),
            axis(Parameter::RN, values(shape[0], 4.123_456)),
            axis(Parameter::Gamma, values(shape[1], 0.123_456)),
        ],
        v: [v.clone(), v.clone(), v],
        outcomes: vec![Some(Outcome::Oscillating); cells],
        loop_area: (0..lanes).map(|i| if i % 3 == 2 { f64::NAN } else { 1e-7 * i as f64 }).collect(),
        fixed: fixed(),
    }
}

fn ramp(size: Size, many: usize, is_marked: bool) -> String {
    let branches = [true, false].map(|stable| Branch { stable, points: vec![(0.0, 0.0), (5.0, 1.0)] });
    let special = |(i, kind): (u32, SpecialEquilibriumKind)| SpecialEquilibrium {
        kind,
        value: 2.0 + 0.01 * f64::from(i),
        v: 0.5,
        omega: 1.0,
        lyapunov: 1.0,
    };
    let special: Vec<_> = (0..).zip(SpecialEquilibriumKind::ALL).map(special).collect();
    let special = if is_marked { &special[..] } else { &[] };
    svg(size, |output| draw_ramp(&lanes([many, 1]), &branches, special, &Style::USUAL, output))
}

fn branches(size: Size) -> String {
    let numbers = [0.3, 0.5, 0.8, 0.6, 1.0, 0.1, 0.1];
    let cycle = |i: u32| StoredCycle {
        branch: 0,
        value: 0.1 * f64::from(i),
        numbers,
        maxima: 1,
        multipliers: [[0.0; 4]; 2],
        stable: i < 5,
    };
    let special =
        |kind| StoredSpecial { branch: 0, kind, value: 0.4 + 0.01 * f64::from(kind), numbers: [0.3, 0.6, 1.0] };
    let set = BranchSet {
        followed: Some((Parameter::VN, 0.0, 1.0)),
        fixed: fixed(),
        cycles: (0..10).map(cycle).collect(),
        special: (0..5).map(special).collect(),
        special_equilibria: (0..4).map(special).collect(),
        ..BranchSet::default()
    };
    svg(size, |output| draw_branches(&set, &Style::USUAL, output))
}

fn surface(size: Size) -> String {
    let point = |x: u32, y: u32| [1000.0 * f64::from(x), -1e-7 * f64::from(y), 0.123 * f64::from(x + y)];
    let thread = |i: u32| Thread {
        name: format!("a fold with a long name, {i}"),
        colour: [214, 39, 40],
        points: (0..6).map(|x| point(x, i)).collect(),
    };
    let surface = Surface {
        title: "A surface".into(),
        subtitle: "of x and y, ".repeat(20),
        edges: [("V_n".into(), 0.0, 5000.0), ("R_n".into(), -5e-7, 0.0), ("V*".into(), 0.0, 1.3)],
        rows: (0..6).map(|y| (0..6).map(|x| point(x, y)).collect()).collect(),
        threads: (0..4).map(thread).collect(),
    };
    svg(size, |output| draw_surface(&surface, output))
}

/// Every picture at a size, by its name.
fn all(size: Size) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = maps(folder.path(), size);
    let mut add = |name: &str, svg: String| all.push((name.to_string(), svg));
    let names = |n: u32| {
        (0..n).map(|i| {
            Curve::new(
                format!("a curve with a long name, and a number, {i}"),
                [0; 3],
                Stroke::Dots(6),
                vec![(0.0, 0.0)],
            )
        })
    };
    let long = "A title of an axis that goes on and on, and is longer than the axis itself is, and then some more of it, at last";
    add("long titles", plot(size, (long, -1e-7, 1e-7), (long, -1e9, 1e9), names(12).collect()));
    add("a cycle", trace(size, 1.7, false));
    add("an input", trace(size, f64::NAN, true));
    add("a lane", ramp(size, 1, true));
    add("six lanes", ramp(size, 6, false));
    for shape in [[9, 1], [7, 8], [1, 70]] {
        add("loop areas", svg(size, |output| draw_loops(&lanes(shape), &Style::USUAL, output)));
    }
    add("branches", branches(size));
    add("a surface", surface(size));
    add(
        "a plane",
        svg(size, |output| {
            draw_plane(
                [(Parameter::VN, 0.0, 1.0), (Parameter::RN, 0.0, 1.0)],
                &fixed(),
                &lines(),
                &Style::USUAL,
                output,
            )
        }),
    );
    all
}

/// What is wrong with the texts of all pictures at a size.
fn wrong(size: Size) -> Vec<String> {
    let all = all(size);
    assert!(all.len() >= 50, "{}", all.len());
    all.iter().flat_map(|(name, svg)| boxes::wrong(svg).into_iter().map(move |w| format!("{name}: {w}"))).collect()
}

#[test]
fn no_text_lies_over_another_or_leaves_the_picture() {
    let wrong = wrong(Size::default());
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nor_in_a_column_of_a_journal() {
    let wrong = wrong(Size::new(Some("86mm"), None).unwrap());
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nor_on_a_wide_and_low_page() {
    let wrong = wrong(Size::new(Some("180x90mm"), None).unwrap().or_higher());
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts_over_each_other_are_found() {
    let with = |more: &str| {
        let text = "font-family=\"DejaVu Sans\" font-size=\"20\"";
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"100\"><text x=\"20\" y=\"40\" {text}>first</text><text {more} {text}>second</text></svg>"
        )
    };
    assert!(boxes::wrong(&with("x=\"100\" y=\"40\"")).is_empty());
    assert!(boxes::wrong(&with("x=\"50\" y=\"45\""))[0].contains("over 'first'"));
    assert!(boxes::wrong(&with("x=\"170\" y=\"80\""))[0].contains("leaves"));
}
