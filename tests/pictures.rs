//! Are pictures true and readable: curves where they belong, texts apart from each other, and no cell lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{boxes, made, tolerance};
use hopfmap::bifurcation::Branch;
use hopfmap::figure::{
    Curve, Line, LinePlot, Size, Stroke, Surface, Target, Thread, View, draw, draw_branches, draw_line_plot,
    draw_plane, draw_ramp, draw_regions, draw_surface, draw_trace,
};
use hopfmap::model::Parameter;
use hopfmap::results::Outcome;
use hopfmap::store::{BranchSet, Output, RampFile, StoredAxis, StoredCycle, StoredSpecial, TraceFile};
use resvg::tiny_skia::{Pixmap, Transform};
use std::f64::consts::TAU;
use std::path::Path;

/// Text of the picture of this size that `draw` writes.
fn svg(size: Size, draw: impl FnOnce(Target<'_>) -> hopfmap::Result<()>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.svg");
    draw(Target { size, ..Target::from(Output::new(&path)) }).unwrap();
    std::fs::read_to_string(path).unwrap()
}

fn plot(size: Size, x: (&str, f64, f64), y: (&str, f64, f64), curves: Vec<Curve>) -> String {
    let axis = |(name, low, high): (&str, f64, f64)| (name.to_string(), low, high);
    let plot = LinePlot { title: "Lines".into(), subtitle: "V_n = 2".into(), x: axis(x), y: axis(y), curves };
    svg(size, |output| draw_line_plot(&plot, output))
}

fn sine(size: Size) -> String {
    let points = (0..=3000).map(|i| f64::from(i) / 1000.0).map(|x| (x, (TAU * x).sin())).collect();
    plot(size, ("x", 0.0, 3.0), ("y", -1.2, 1.2), vec![Curve::new("", [214, 39, 40], Stroke::Line(3), points)])
}

/// How far the red line of a picture, `scale` times as large, lies from the sine at most, in pixels of the picture.
fn off_the_sine(svg: &str, scale: u32) -> f64 {
    let document = roxmltree::Document::parse(svg).unwrap();
    let frame = document.descendants().find(|n| n.has_tag_name("rect") && n.attribute("fill") == Some("none")).unwrap();
    let side = |name: &str| frame.attribute(name).unwrap().parse::<f64>().unwrap() * f64::from(scale);
    let (left, top, width, height) = (side("x"), side("y"), side("width"), side("height"));
    let tree = boxes::tree(svg);
    let size = [tree.size().width(), tree.size().height()].map(|s| (s * scale as f32) as u32);
    let mut pixels = Pixmap::new(size[0], size[1]).unwrap();
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
    let mut most = 0.0_f64;
    // The ends of the line are cut straight.
    for px in (left + 10.0) as u32..(left + width - 10.0) as u32 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for py in top as u32..(top + height) as u32 {
            let pixel = pixels.pixel(px, py).unwrap();
            let red = f64::from(pixel.red()) - f64::from(pixel.green());
            (sum, weight) = (sum + red * (f64::from(py) + 0.5), weight + red);
        }
        let x = 3.0 * (f64::from(px) + 0.5 - left) / width;
        let y = top + height * (1.2 - (TAU * x).sin()) / 2.4;
        most = most.max((sum / weight - y).abs());
    }
    most / f64::from(scale)
}

#[test]
fn a_sine_is_where_it_belongs() {
    let svg = sine(Size::default());
    let off = off_the_sine(&svg, 4);
    assert!(off < tolerance::PIXEL, "{off}");
    // Negative control: the same line through whole pixels.
    let start = svg.find("<polyline points=\"").unwrap() + 18;
    let end = start + svg[start..].find('"').unwrap();
    let whole =
        |place: &str| place.split(',').map(|n| n.parse::<f64>().unwrap().round().to_string()).collect::<Vec<_>>();
    let points: Vec<String> = svg[start..end].split(' ').map(|place| whole(place).join(",")).collect();
    let rounded = format!("{}{}{}", &svg[..start], points.join(" "), &svg[end..]);
    let off = off_the_sine(&rounded, 4);
    assert!(off > 2.0 * tolerance::PIXEL, "{off}");
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
    found.push(("regions".into(), svg(size, |output| draw_regions(&map, &order, &[], output))));
    found
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
    svg(size, |output| draw_trace(&file, output))
}

fn fixed() -> Vec<(Parameter, f64)> {
    let parameters = Parameter::ALL.into_iter();
    parameters.zip(1..).map(|(p, i)| (p, 1.234_567 / f64::from(i))).collect()
}

fn ramp(size: Size, lanes: usize) -> String {
    let axis = |parameter, values: Vec<f64>| StoredAxis { parameter, values };
    let walked: Vec<f64> = (0..60).map(|i| 0.1 * f64::from(i)).collect();
    let cells = 2 * walked.len() * lanes;
    let v: Vec<f64> = (0..cells).map(|i| (0.01 * i as f64).sin()).collect();
    let values = (0..lanes).map(|i| 4.123_456 + i as f64).collect();
    let file = RampFile {
        axes: vec![axis(Parameter::VN, walked), axis(Parameter::RN, values), axis(Parameter::Gamma, vec![0.123_456])],
        v: [v.clone(), v.clone(), v],
        outcomes: vec![Some(Outcome::Oscillating); cells],
        fixed: fixed(),
    };
    let branches = [true, false].map(|stable| Branch { stable, points: vec![(0.0, 0.0), (5.0, 1.0)] });
    svg(size, |output| draw_ramp(&file, &branches, output))
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
    svg(size, |output| draw_branches(&set, output))
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

/// Pictures of every kind: name and text.
fn gallery(size: Size) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = maps(folder.path(), size);
    let mut add = |name: &str, svg: String| all.push((name.to_string(), svg));
    add("a sine", sine(size));
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
    add("a lane", ramp(size, 1));
    add("six lanes", ramp(size, 6));
    add("branches", branches(size));
    add("a surface", surface(size));
    add(
        "a plane",
        svg(size, |output| {
            draw_plane([(Parameter::VN, 0.0, 1.0), (Parameter::RN, 0.0, 1.0)], &fixed(), &lines(), output)
        }),
    );
    all
}

#[test]
fn no_text_lies_over_another_or_leaves_the_picture() {
    for size in [None, Some("86mm"), Some("180x90mm")] {
        let all = gallery(Size::new(size, None).unwrap());
        let wrong: Vec<String> = all
            .iter()
            .flat_map(|(name, svg)| boxes::wrong(svg).into_iter().map(move |w| format!("{name}: {w}")))
            .collect();
        let n = wrong.len();
        assert!(all.len() > 38 && n == 0, "{n} of {} pictures, {size:?}:\n{}", all.len(), wrong.join("\n"));
    }
}

/// Columns and rows of a map that is larger than its picture.
const LARGE: (u64, u64) = (1600, 1000);

/// Columns and rows of its unsettled cells.
fn lost() -> Vec<(u64, u64)> {
    (0..50).map(|i| ((7 + i * 997) % LARGE.0, (3 + i * 619) % LARGE.1)).collect()
}

#[test]
fn no_unsettled_cell_is_lost_in_a_picture_smaller_than_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let axes = [format!("V_n=0:8:{}", LARGE.1), format!("R_n=0:16:{}", LARGE.0)];
    let axes = [axes[0].as_str(), axes[1].as_str()];
    let drawn = |lost: &[(u64, u64)], name: &str| {
        let cell = |i: u64| {
            let is_lost = lost.contains(&(i % LARGE.0, i / LARGE.0));
            (0.4 + 1e-7 * i as f64, if is_lost { Outcome::Unsettled } else { Outcome::Steady })
        };
        let map = made::map(folder.path(), &axes, &[], cell);
        let path = folder.path().join(name);
        draw(&map, &View::whole(&map), &[], Output::new(&path)).unwrap();
        (Pixmap::load_png(&path).unwrap(), svg(Size::default(), |output| draw(&map, &View::whole(&map), &[], output)))
    };
    let ((with, svg), (without, _)) = (drawn(&lost(), "with.png"), drawn(&[], "without.png"));
    let document = roxmltree::Document::parse(&svg).unwrap();
    let frame = document.descendants().find(|n| n.has_tag_name("rect") && n.attribute("fill") == Some("none")).unwrap();
    let side = |name: &str| frame.attribute(name).unwrap().parse::<f64>().unwrap();
    let differs = |x: u32, y: u32| with.pixel(x, y) != without.pixel(x, y);
    for (column, row) in lost() {
        let x = side("x") + side("width") * (column as f64 + 0.5) / LARGE.0 as f64;
        let y = side("y") + side("height") * (1.0 - (row as f64 + 0.5) / LARGE.1 as f64);
        assert!(differs(x as u32, y as u32), "({column}, {row}) at {x}, {y}");
    }
    // Nothing else is drawn otherwise.
    let inside = |(x, y): &(u32, u32)| {
        let (x, y) = (f64::from(*x) - side("x"), f64::from(*y) - side("y"));
        (0.0..side("width")).contains(&x) && (0.0..side("height")).contains(&y)
    };
    let all = (0..with.height()).flat_map(|y| (0..with.width()).map(move |x| (x, y)));
    assert_eq!(all.filter(inside).filter(|(x, y)| differs(*x, *y)).count(), lost().len());
    // The SVG has every cell.
    let link = document.descendants().find_map(|n| n.attribute("href")).unwrap();
    let bytes = STANDARD.decode(link.split_once("base64,").unwrap().1).unwrap();
    let info = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    assert_eq!((u64::from(info.info().width), u64::from(info.info().height)), LARGE);
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
