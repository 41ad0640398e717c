//! Are pictures true: curves where they belong, no cell lost, one scale of colours for all panels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{boxes, made, tolerance};
use hopfmap::figure::{Curve, LinePlot, Size, Stroke, Target, View, draw, draw_line_plot};
use hopfmap::results::Outcome;
use hopfmap::store::Output;
use resvg::tiny_skia::{Pixmap, Transform};
use std::f64::consts::TAU;

/// Text of the picture of this size that `draw` writes.
fn svg(size: Size, draw: impl FnOnce(Target<'_>) -> hopfmap::Result<()>) -> String {
    made::svg(|output| draw(Target { size, ..Target::from(output) }))
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
    let [left, top, width, height] = boxes::frame(svg).map(|side| side * f64::from(scale));
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

/// Columns and rows of a map that is larger than its picture.
const LARGE: (u64, u64) = (1600, 1000);

/// Columns and rows of its unsettled cells: two are in corners, next to the frame.
fn lost() -> Vec<(u64, u64)> {
    let scattered = (0..50).map(|i| ((7 + i * 997) % LARGE.0, (3 + i * 619) % LARGE.1));
    scattered.chain([(LARGE.0 - 1, 0), (0, LARGE.1 - 1)]).collect()
}

#[test]
fn no_unsettled_cell_is_lost_in_a_picture_smaller_than_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let axes = [format!("R_n=0:8:{}", LARGE.1), format!("V_n=0:16:{}", LARGE.0)];
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
    let [left, top, width, height] = boxes::frame(&svg);
    let differs = |x: u32, y: u32| with.pixel(x, y) != without.pixel(x, y);
    for (column, row) in lost() {
        let x = left + width * (column as f64 + 0.5) / LARGE.0 as f64;
        let y = top + height * (1.0 - (row as f64 + 0.5) / LARGE.1 as f64);
        assert!(differs(x as u32, y as u32), "({column}, {row}) at {x}, {y}");
    }
    // Nothing else is drawn otherwise.
    let inside = |(x, y): &(u32, u32)| {
        let (x, y) = (f64::from(*x) - left, f64::from(*y) - top);
        (0.0..width).contains(&x) && (0.0..height).contains(&y)
    };
    let all = (0..with.height()).flat_map(|y| (0..with.width()).map(move |x| (x, y)));
    assert_eq!(all.filter(inside).filter(|(x, y)| differs(*x, *y)).count(), lost().len());
    // The SVG has every cell.
    let link = document.descendants().find_map(|n| n.attribute("href")).unwrap();
    let bytes = STANDARD.decode(link.split_once("base64,").unwrap().1).unwrap();
    let info = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    assert_eq!((u64::from(info.info().width), u64::from(info.info().height)), LARGE);
}
