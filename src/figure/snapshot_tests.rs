//! Snapshot tests: pictures of made-up data, compared with those in `snapshots/`.
//!
//! After an intended change, run `INSTA_UPDATE=always cargo test --lib figure`, look at the new
//! pictures, and commit them.

use super::*;
use crate::cancel::CancelToken;
use crate::fingerprint::hex;
use crate::grid::{Axis, Grid, GridBox};
use crate::results::{Attractors, COLUMNS, CellResult, Outcome};
use crate::store::{Header, MapWriter, Output, StoredCycle, StoredEquilibrium, StoredSpecial};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::f64::consts::TAU;

/// Text of a picture, without its version, and with each bitmap replaced by a hash of its pixels, so that the PNG compressor
/// does not matter.
fn text(svg: &str) -> String {
    let (before, rest) = svg.split_once("<metadata>").unwrap();
    let svg = &format!("{before}{}", rest.split_once("</metadata>\n").unwrap().1);
    const START: &str = "data:image/png;base64,";
    let mut parts = svg.split(START);
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (data, rest) = part.split_once('"').unwrap();
        let bytes = STANDARD.decode(data).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let digest = hex(&Sha256::digest(&pixels)[..8]);
        text += &format!("{digest}\"{rest}");
    }
    text
}

/// Text of a picture that `draw` writes to a file.
fn written(draw: impl FnOnce(&Path) -> Result<()>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.svg");
    draw(&path).unwrap();
    text(&std::fs::read_to_string(path).unwrap())
}

/// Text of a picture of the usual size.
fn drawn(picture: &picture::Picture) -> String {
    text(&picture.svg(&Size::default(), &About::default()).unwrap())
}

macro_rules! shows {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        })
    };
}

fn axis(parameter: Parameter, values: &[f64]) -> StoredAxis {
    StoredAxis { parameter, values: values.to_vec() }
}

fn fixed() -> Vec<(Parameter, f64)> {
    vec![(Parameter::VN, 2.0), (Parameter::RN, -0.125), (Parameter::Alpha, 3e-7)]
}

/// A map of synthetic cells; NaN means no value.
struct Made {
    axes: Vec<&'static str>,
    starts: Vec<&'static str>,
    values: Vec<f64>,
    outcomes: Vec<Option<Outcome>>,
}

/// A map of 4 × 6 cells with every outcome.
fn made() -> Made {
    let outcomes = (0..24).map(|i| match i {
        1 => Some(Outcome::Unsettled),
        5 => Some(Outcome::StartDependent),
        8 => Some(Outcome::Diverged),
        13 | 14 => Some(Outcome::Absent),
        i if i % 3 == 0 => Some(Outcome::Steady),
        _ => Some(Outcome::Oscillating),
    });
    Made {
        axes: vec!["Z_T=1,0.7,0.5,0.2", "Gamma=log:0.01:0.32:6"],
        starts: Vec::new(),
        values: (0..24).map(|i| if i == 4 { f64::NAN } else { 0.02 + 0.013 * f64::from(i * i % 11) }).collect(),
        outcomes: outcomes.collect(),
    }
}

impl Made {
    fn line() -> Self {
        Self { axes: vec!["Gamma=0.3:1.45:24"], ..made() }
    }

    /// Writes a file with the values in every column, and opens it.
    fn map(&self) -> MapFile {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.h5");
        let axes: Vec<Axis> = self.axes.iter().map(|a| a.parse().unwrap()).collect();
        let shape: Vec<u64> = axes.iter().map(Axis::len).collect();
        let is_fixed = |p: &Parameter| axes.iter().all(|a| a.parameter != *p);
        let value = |p: Parameter| p.info().default.unwrap_or(2.5);
        let fixed = Parameter::ALL.into_iter().filter(is_fixed).map(|p| (p, value(p))).collect();
        let header = Header {
            grid: Grid::new(axes).unwrap(),
            starts: self.starts.iter().map(ToString::to_string).collect(),
            fixed,
            si: Vec::new(),
            double: true,
            chunk: shape.clone(),
            attributes: Vec::new(),
            request: String::new(),
            engines: vec!["cpu".into()],
            margins: false,
            optional: Vec::new(),
            elsewhere: Vec::new(),
        };
        let mut writer = MapWriter::create(Output::new(&path), &header).unwrap();
        let cells = self.values.iter().zip(&self.outcomes);
        let result =
            |(value, outcome): (&f64, &Option<Outcome>)| CellResult::new([*value; COLUMNS.len()], outcome.unwrap());
        let results: Vec<CellResult> = cells.map(result).collect();
        let by_start = vec![results; self.starts.len().max(1)];
        let place = GridBox { first: 0, cells: shape.iter().product(), start: vec![0; shape.len()], count: shape };
        writer.write(&place, &by_start).unwrap();
        if !self.starts.is_empty() {
            writer.write_attractors(&place, &Attractors::of_cells(&by_start)).unwrap();
        }
        writer.finish(&CancelToken::default()).unwrap();
        MapFile::open(&path).unwrap()
    }

    /// Text of the picture of one column.
    fn svg(&self, column: &str, lines: &[Line]) -> String {
        let map = self.map();
        let cut = cut::Cut::new(&map, &View { column, start: 1.min(self.starts.len()), at: &[], style: &Style::USUAL })
            .unwrap();
        let picture = if self.axes.len() == 2 {
            heatmap::draw(&cut, lines, &Style::USUAL, None, &Size::default())
        } else {
            cut_line::draw(&cut, &Style::USUAL, None, &Size::default())
        };
        drawn(&picture.unwrap())
    }
}

fn lines() -> Vec<Line> {
    let points = |shift: f64| (0..40).map(|i| (0.012 * 1.07_f64.powi(i), shift + 0.01 * f64::from(i))).collect();
    let hopf = |shift: f64| Line::new("Hopf", [0, 0, 0], points(shift));
    let cusp = Line::new("cusp", [214, 39, 40], vec![(0.06, 0.55)]);
    vec![hopf(0.3), hopf(0.45), cusp]
}

#[test]
fn heat_maps_are_as_they_were() {
    shows!("heat_map_of_spans", made().svg("span", &lines()));
    shows!("heat_map_of_outcomes", made().svg("outcome", &[]));
    let starts = Made { starts: vec!["lower", "middle", "upper"], ..made() };
    shows!("heat_map_of_means", starts.svg("v_mean", &[]));
    // Counts have names in place of a bar, unless they are many; a single value needs none.
    let values = (0..24).map(|i| if i == 4 { f64::NAN } else { f64::from(1 + i % 3) }).collect();
    let counts = Made { values, ..made() };
    shows!("heat_map_of_counts", counts.svg("maxima", &[]));
    let many = Made { values: (0..24).map(f64::from).collect(), ..made() };
    let same = Made { values: vec![0.0; 24], ..made() };
    let pictures = [(&counts, "span"), (&counts, "maxima"), (&many, "maxima"), (&same, "span")];
    // The map, the masks of its two kinds of hatched cells, and the bar if there is one.
    let bitmaps = pictures.map(|(map, column)| map.svg(column, &[]).matches("<image").count());
    assert_eq!(bitmaps, [4, 3, 4, 3], "{bitmaps:?}");
    // Negative controls: one cell's value, and one cell's outcome.
    let mut other = made();
    other.values[10] += 0.002;
    assert_ne!(other.svg("span", &[]), made().svg("span", &[]));
    other = made();
    other.outcomes[10] = Some(Outcome::Unsettled);
    assert_ne!(other.svg("span", &[]), made().svg("span", &[]));
}

#[test]
fn colours_start_at_the_lowest_settled_value() {
    let range = |column: &str, change: &dyn Fn(&mut Made)| {
        let mut made = made();
        change(&mut made);
        let mut seen = cut::Seen::default();
        let cells = made.values.iter().zip(&made.outcomes);
        cells.for_each(|(value, outcome)| seen.take_in(&cut::CutCell { value: *value, outcome: *outcome }));
        seen.range(column)
    };
    // The smallest and the largest value of settled cells; cell 8 has diverged.
    assert_eq!(range("v_max", &|c| c.values[8] = 9.0), (0.02, 0.02 + 0.013 * 9.0));
    assert_eq!(range("largest_span", &|_| ()), (0.0, 0.02 + 0.013 * 9.0));
    assert_eq!(range("v_max", &|c| c.values.fill(-5.0)), (-5.0, -4.995));
    assert_eq!(range("v_max", &|c| c.values.fill(0.5)), (0.5, 0.501));
    assert_eq!(range("v_max", &|c| c.values.fill(f64::NAN)), (0.0, 1.0));
    assert_eq!(range("v_max", &|c| c.outcomes.fill(None)), (0.0, 1.0));
}

#[test]
fn lines_of_cells_are_as_they_were() {
    shows!("line_of_spans", Made::line().svg("span", &[]));
    shows!("line_of_means", Made::line().svg("v_mean", &[]));
    shows!("line_of_outcomes", Made::line().svg("outcome", &[]));
    let nothing = Made { values: vec![f64::NAN; 24], ..Made::line() };
    shows!("line_of_nothing", nothing.svg("v_mean", &[]));
    let dense = Made {
        values: (0..900).map(|i| (0.01 * f64::from(i)).sin()).collect(),
        outcomes: vec![Some(Outcome::Oscillating); 900],
        axes: vec!["V_n=0:899:900"],
        starts: Vec::new(),
    };
    let dense = dense.svg("v_max", &[]);
    assert_eq!(dense.matches("r=\"3\"").count(), 2, "many settled cells have markers at their ends alone");
    assert_ne!(nothing.svg("v_mean", &[]), Made::line().svg("v_mean", &[]));
}

#[test]
fn planes_of_curves_are_as_they_were() {
    let sides = [(Parameter::Gamma, 0.0, 0.2), (Parameter::ZT, 0.2, 0.9)];
    let draw = |style| heatmap::plane(sides, &fixed(), &lines(), style, &Size::default()).unwrap();
    shows!("plane", drawn(&draw(&Style::USUAL)));
}

fn trace(period: f64, points: u32) -> TraceFile {
    let t: Vec<f64> = (0..points).map(|i| 4.0 + 0.05 * f64::from(i)).collect();
    let wave = |phase: f64, size: f64| t.iter().map(|t| size * (TAU * t / 1.7 + phase).sin()).collect::<Vec<_>>();
    let omega: Vec<f64> = (0..300).map(|i| 0.1 * f64::from(i)).collect();
    TraceFile {
        states: [wave(0.0, 0.5), wave(1.2, 0.4), wave(2.0, 0.3), wave(0.4, 0.05)],
        power: omega.iter().map(|w| (-(w - 3.7) * (w - 3.7) * 4.0).exp()).collect(),
        omega,
        period,
        peak: if period.is_finite() { TAU / period } else { f64::NAN },
        bursts: 0.0,
        full: None,
        driven: None,
        fixed: fixed(),
        t,
    }
}

#[test]
fn traces_are_as_they_were() {
    let svg = |file: &TraceFile| drawn(&trace::draw(file, &file.fixed, &Style::USUAL, &Size::default()).unwrap());
    shows!("trace_of_a_cycle", svg(&trace(1.7, 600)));
    shows!("trace_without_a_period", svg(&trace(f64::NAN, 200)));
    // A long record is thinned to the extremes of short stretches.
    let long = svg(&trace(f64::NAN, 12_500));
    let points: Vec<usize> = long.split("<polyline").map(|line| line.matches(',').count()).collect();
    assert!(points.iter().any(|n| (3500..4000).contains(n)), "{points:?}");
    // The axis follows the power to small values.
    let faint = TraceFile { power: trace(1.7, 600).power.iter().map(|s| 3e-7 * s).collect(), ..trace(1.7, 600) };
    shows!("trace_of_a_faint_cycle", svg(&faint));
    let silent = TraceFile { power: vec![0.0; 300], omega: (0..300).map(f64::from).collect(), ..trace(1.7, 600) };
    shows!("trace_without_power", svg(&silent));
}

fn ramp(lanes: &[StoredAxis]) -> RampFile {
    let walked: Vec<f64> = (0..16).map(|i| 0.5 * f64::from(i)).collect();
    let count: usize = lanes.iter().map(|a| a.values.len()).product();
    let cells = 2 * 16 * count;
    let mean = |i: usize| {
        let (direction, step, lane) = (i / (16 * count), i / count % 16, i % count);
        let x = walked[step] - 2.0 * direction as f64;
        if step == 3 { f64::NAN } else { x / (1.0 + x.abs()) + 0.3 * lane as f64 }
    };
    let v_mean: Vec<f64> = (0..cells).map(mean).collect();
    RampFile {
        axes: std::iter::once(axis(Parameter::VN, &walked)).chain(lanes.iter().cloned()).collect(),
        v: [v_mean.iter().map(|v| v - 0.1).collect(), v_mean.iter().map(|v| v + 0.07).collect(), v_mean],
        outcomes: (0..cells)
            .map(|i| match i / count % 16 {
                6..=9 | 13 => Some(Outcome::Oscillating),
                12 => None,
                _ => Some(Outcome::Steady),
            })
            .collect(),
        loop_area: vec![0.5; count],
        fixed: fixed(),
    }
}

#[test]
fn ramps_are_as_they_were() {
    let branch = |stable, from: f64| Branch {
        stable,
        points: (0..5).map(|i| (from + f64::from(i), 0.2 * f64::from(i))).collect(),
    };
    let branches = [branch(true, 0.0), branch(false, 2.5)];
    let (style, size) = (Style::USUAL, Size::default());
    let draw = |file: &RampFile, b: &[Branch]| drawn(&ramp::draw(file, b, &[], &style, &size).unwrap());
    let svg = |file: &RampFile| draw(file, &branches);
    shows!("ramp", svg(&ramp(&[])));
    let lanes = [axis(Parameter::RN, &[4.0, 6.0]), axis(Parameter::Gamma, &[0.1, 0.2, 0.4])];
    shows!("ramp_of_lanes", svg(&ramp(&lanes)));
    let quiet = RampFile { outcomes: vec![Some(Outcome::Steady); 32], ..ramp(&[]) };
    assert!(svg(&ramp(&[])).contains("thick") && !svg(&quiet).contains("thick"));
    let v = [vec![f64::NAN; 32], vec![f64::NAN; 32], vec![f64::NAN; 32]];
    shows!("ramp_of_nothing", draw(&RampFile { v, ..quiet }, &[]));
}

#[test]
fn line_plots_are_as_they_were() {
    let points = |shift: f64| -> Vec<(f64, f64)> {
        (0..20).map(|i| (0.1 * f64::from(i), shift + (0.4 * f64::from(i)).sin())).collect()
    };
    let mut broken = points(0.2);
    broken[7].1 = f64::NAN;
    let curves = vec![
        Curve::new("line", [200, 0, 0], Stroke::Line(3), broken),
        Curve::new("", [0, 200, 0], Stroke::Line(2), points(-0.2)),
        Curve::new("dashed", [0, 200, 0], Stroke::Dashed(2), points(0.0)),
        Curve::new("dots", [0, 0, 200], Stroke::Dots(4), points(0.5)),
        Curve::new("crosses", [90, 90, 90], Stroke::Crosses(5), points(-0.5)),
    ];
    let plot = LinePlot {
        title: "A line plot".into(),
        subtitle: "with V_n = 2".into(),
        x: ("x".into(), 0.0, 1.5),
        y: ("V_max".into(), -1.2, 1.3),
        curves,
    };
    shows!("line_plot", written(|path| draw_line_plot(&plot, Output::new(path))));
}

#[test]
fn surfaces_are_as_they_were() {
    let height = |x: f64, y: f64| 0.4 * (3.0 * x).sin() + 0.3 * y * y;
    let row = |j: u32| -> Vec<[f64; 3]> {
        let y = -1.0 + 0.25 * f64::from(j);
        (0..11).map(|i| 0.2 * f64::from(i)).map(|x| [x, y, height(x, y)]).collect()
    };
    let thread = |name: &str, points: Vec<[f64; 3]>| Thread { name: name.into(), colour: [214, 39, 40], points };
    let line_at = |y: f64| (0..11).map(|i| 0.2 * f64::from(i)).map(|x| [x, y, height(x, y)]).collect::<Vec<_>>();
    let surface = Surface {
        title: "A surface".into(),
        subtitle: "of x and y".into(),
        edges: [("x".into(), 0.0, 2.0), ("y".into(), -1.0, 1.0), ("V".into(), -0.3, 0.65)],
        rows: (0..9).map(row).collect(),
        threads: vec![
            thread("fold", line_at(0.5)),
            thread("fold", line_at(-0.5)),
            thread("cusp", vec![[1.0, 0.0, height(1.0, 0.0)]]),
        ],
    };
    shows!("surface", written(|path| draw_surface(&surface, Output::new(path))));
}

#[test]
fn branches_are_as_they_were() {
    // Two branches: one around once, stable up to a period doubling, and one from there with a doubled period.
    let cycle = |branch: u32, i: u32, stable| {
        let (value, span) = (1.0 + 0.25 * f64::from(i), 0.4 * (0.3 * f64::from(i)).sin());
        let (low, high) = (0.8 - 0.6 * span, 0.8 + 0.4 * span);
        let period = f64::from(branch + 1);
        let numbers = [span, low, high, 0.8, period, 0.1, 0.08];
        StoredCycle { branch, value, numbers, maxima: 1, multipliers: [[0.0; 4]; 2], stable }
    };
    let special = |branch, kind, value, numbers| StoredSpecial { branch, kind, value, numbers };
    let equilibrium = |i: u32| {
        let v = 0.2 * f64::from(i);
        StoredEquilibrium { line: 0, value: 4.0 * v - v * v, v, stable: !(3..8).contains(&i) }
    };
    let set = BranchSet {
        followed: Some((Parameter::VN, 0.0, 4.5)),
        fixed: fixed(),
        cycles: (0..11).map(|i| cycle(0, i, i < 6)).chain((6..9).map(|i| cycle(1, i, true))).collect(),
        special: vec![
            special(0, 0, 1.0, [0.0, 0.8, 1.0]),
            special(0, 2, 2.5, [0.39, 0.95, 1.0]),
            special(0, 1, 3.4, [0.06, 0.82, 1.0]),
            special(0, 3, 2.0, [0.37, 0.94, 1.0]),
            special(0, 4, 3.5, [0.05, 0.82, f64::INFINITY]),
            special(1, 2, 2.5, [0.39, 0.95, 1.0]),
        ],
        equilibria: (0..12).map(equilibrium).collect(),
        special_equilibria: (0..4)
            .map(|kind| special(0, kind, 0.9 * f64::from(kind) + 0.5, [0.4 * f64::from(kind) + 0.2, 7.0, -0.1]))
            .collect(),
        ..BranchSet::default()
    };
    shows!("branches", written(|path| draw_branches(&set, &Style::USUAL, Output::new(path))));
}

#[test]
fn titles_use_the_papers_symbols() {
    assert_eq!(labels::short("largest_span"), "V_max − V_min");
    assert_eq!(labels::short("v_min"), "V_min");
    assert_eq!(labels::short("v_mean"), "mean V");
    assert_eq!(labels::short("settle_time"), "settle time (τ_c)");
    assert!(labels::is_time("period") && !labels::is_time("v_mean"));
    assert!(labels::column("period", None).ends_with("in units of τ_c"));
    assert!(labels::column("span", Some("lower")).ends_with("from near the lower equilibrium"));
    assert!(labels::column("span", Some("random_2")).ends_with("from the start random_2"));
    assert!(
        labels::column("span", None).starts_with(char::is_uppercase) && !labels::column("span", None).contains("units")
    );
    // The geometry is left out where it is the paper's, and only there.
    assert_eq!(subtitle(&[(Parameter::VN, 2.0), (Parameter::X0, 0.8), (Parameter::L, 0.25)]), "V_n = 2, l = 0.25");
}
