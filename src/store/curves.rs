//! Writes curves in the plane of two parameters: points in order, each with the number of its line.

use super::Output;
use super::checked::{CheckedFile, Element};
use super::netcdf::{attach_groups, attach_scales, coordinates, make_scale, name_flags, number};
use super::schema::{SCHEMA, Value, long_name};
use super::writer::described;
use crate::error::Result;
use crate::model::Parameter;
use hdf5::Dataset;

/// One point of a curve.
#[derive(Debug, Clone, Copy)]
pub struct CurvePoint {
    /// Value of the plane's first parameter.
    pub x: f64,
    /// Value of the plane's second parameter.
    pub y: f64,
    /// Voltage V of the equilibrium.
    pub v: f64,
    /// Angular frequency of the oscillation born at a Hopf point, in 1/tau_c; NaN elsewhere.
    pub omega: f64,
    /// First Lyapunov coefficient; NaN where there is none.
    pub lyapunov: f64,
    /// Period, smallest and largest V of the cycle on a curve of cycles; NaN elsewhere.
    pub cycle: [f64; 3],
}

impl CurvePoint {
    /// A point (x, y, V) without other numbers.
    #[must_use]
    pub fn plain([x, y, v]: [f64; 3]) -> Self {
        Self { x, y, v, omega: f64::NAN, lyapunov: f64::NAN, cycle: [f64::NAN; 3] }
    }
}

/// Names of the kinds of curves, by number: of equilibria, then of cycles.
pub const CURVE_KINDS: [&str; 6] = ["hopf", "fold", "cusp", "LPC", "PD", "NS"];
/// Number of the first kind of cycles.
pub const FIRST_OF_CYCLES: u8 = 3;

/// A point of codimension 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredPoint {
    /// Number of its kind.
    pub kind: u8,
    /// Values of the plane's parameters.
    pub at: [f64; 2],
    /// Voltage of the equilibrium, or largest voltage of the cycle.
    pub v: f64,
    /// Period of the cycle or of the oscillation at a Hopf point; NaN where there is none.
    pub period: f64,
}

/// The numbers of the reasons why a curve of cycles ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredEnds {
    /// Number of the line.
    pub line: u32,
    /// Numbers of the reasons at its beginning and at its end.
    pub ends: [u8; 2],
}

const CYCLES: [(&str, &str); 3] = [
    ("period", "period of the cycle, in units of tau_c"),
    ("v_min", "smallest voltage V of the cycle"),
    ("v_max", "largest voltage V of the cycle"),
];
pub(super) const SPECIAL: [(&str, &str); 3] = [
    ("special_V", "voltage of the equilibrium, or largest voltage of the cycle"),
    ("special_period", "period of the cycle, or of the oscillation at a Hopf point, in units of tau_c"),
    ("special_kind", "kind of the point of codimension 2"),
];
const ENDS: [(&str, &str); 3] = [
    ("curve_line", "number of the polyline"),
    ("curve_begin", "why the curve ends at its first point"),
    ("curve_end", "why the curve ends at its last point"),
];

/// Name of the variable of a special point's parameter.
pub(super) fn special_name(parameter: Parameter) -> String {
    format!("special_{}", parameter.name())
}

/// Curves ready to be written.
#[derive(Debug, Clone)]
pub struct CurveSet {
    /// The two parameters that span the plane.
    pub plane: [Parameter; 2],
    /// Parameters that are the same everywhere.
    pub fixed: Vec<(Parameter, f64)>,
    /// Names of the kinds of curves, by number.
    pub kinds: Vec<&'static str>,
    /// Number of each line's kind, and its points in order.
    pub lines: Vec<(u8, Vec<CurvePoint>)>,
    /// Points of codimension 2.
    pub special: Vec<StoredPoint>,
    /// Ends of the curves of cycles.
    pub ends: Vec<StoredEnds>,
    /// Names of the kinds of special points and of ends, by number; without them the file has none, and no cycles.
    pub names: [Vec<&'static str>; 2],
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

impl CurveSet {
    /// A plane without curves.
    #[must_use]
    pub fn new(plane: [Parameter; 2]) -> Self {
        let (fixed, kinds, lines, special, ends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { plane, fixed, kinds, lines, special, ends, names: [Vec::new(), Vec::new()], attributes: Vec::new() }
    }
}

/// Writes a file of curves atomically.
///
/// Its variables run along `point`; `line` numbers the polylines, and `kind` says what each marks. Those of points of
/// codimension 2 run along `special`, and the ends of curves of cycles along `curve`.
///
/// # Errors
/// [`crate::Error::File`] if the folder cannot be written to, or the disk is full.
pub fn write_curves(output: Output<'_>, content: &CurveSet) -> Result<()> {
    super::write_whole(output, |file| write(file, content))
}

fn variable<T: Element>(file: &mut CheckedFile, name: &str, long_name: &str, values: &[T]) -> hdf5::Result<Dataset> {
    let root = (**file.file()).clone();
    described(file.list(&root, name, values)?, long_name)
}

fn write(file: &mut CheckedFile, content: &CurveSet) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    number(&root, "hopfmap_curves_schema", SCHEMA)?;
    file.attributes(&content.attributes)?;
    let points: Vec<(u32, u8, CurvePoint)> = (0_u32..)
        .zip(&content.lines)
        .flat_map(|(line, (kind, points))| points.iter().map(move |p| (line, *kind, *p)))
        .collect();
    let column = |pick: fn(&CurvePoint) -> f64| points.iter().map(|(_, _, p)| pick(p)).collect::<Vec<f64>>();
    let index: Vec<u32> = (0_u32..).take(points.len()).collect();
    make_scale(&variable(file, "point", "index of the point", &index)?, "point")?;
    let [x, y] = content.plane;
    variable(file, x.name(), &long_name(x), &column(|p| p.x))?;
    variable(file, y.name(), &long_name(y), &column(|p| p.y))?;
    variable(file, "V", "voltage of the equilibrium", &column(|p| p.v))?;
    let omega = "angular frequency of the oscillation born at a Hopf point, in units of 1/tau_c";
    variable(file, "angular_frequency", omega, &column(|p| p.omega))?;
    variable(
        file,
        "lyapunov",
        "first Lyapunov coefficient: negative where the cycle is born stable",
        &column(|p| p.lyapunov),
    )?;
    let has_more = !content.names[0].is_empty();
    let mut cycles = Vec::new();
    for (i, (name, words)) in CYCLES.iter().enumerate().filter(|_| has_more) {
        variable(file, name, words, &points.iter().map(|(_, _, p)| p.cycle[i]).collect::<Vec<_>>())?;
        cycles.push((*name).to_string());
    }
    variable(file, "line", "number of the polyline", &points.iter().map(|p| p.0).collect::<Vec<_>>())?;
    let kinds = variable(file, "kind", "what the curve marks", &points.iter().map(|p| p.1).collect::<Vec<_>>())?;
    let numbers = |count: usize| (0_u8..).take(count).collect::<Vec<u8>>();
    name_flags(&kinds, &numbers(content.kinds.len()), &content.kinds)?;
    for (p, value) in &content.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    let names = [x.name(), y.name(), "V", "angular_frequency", "lyapunov", "line", "kind"].map(str::to_string);
    let names = [&names[..], &cycles].concat();
    let positions: Vec<_> =
        [x.name(), y.name()].into_iter().chain(content.fixed.iter().map(|(p, _)| p.name())).collect();
    for name in &names[2..] {
        coordinates(&root.dataset(name)?, &positions)?;
    }
    if has_more { write_more(file, content, &names) } else { attach_scales(&root, &["point".to_string()], &names) }
}

/// Writes the points of codimension 2 and the ends of curves, and attaches all variables to their axes; `names` are those
/// along `point`.
fn write_more(file: &mut CheckedFile, content: &CurveSet, names: &[String]) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    let numbers = |count: usize| (0_u8..).take(count).collect::<Vec<u8>>();
    let flags = |dataset: &Dataset, names: &[&str]| {
        let words: Vec<String> = names.iter().map(|n| n.replace(' ', "_")).collect();
        name_flags(dataset, &numbers(names.len()), &words.iter().map(String::as_str).collect::<Vec<_>>())
    };

    let special = &content.special;
    let index: Vec<u32> = (0_u32..).take(special.len()).collect();
    make_scale(&variable(file, "special", "index of the point of codimension 2", &index)?, "special")?;
    let mut special_names = Vec::new();
    for (i, p) in content.plane.iter().enumerate() {
        special_names.push(special_name(*p));
        variable(file, &special_name(*p), &long_name(*p), &special.iter().map(|s| s.at[i]).collect::<Vec<_>>())?;
    }
    variable(file, SPECIAL[0].0, SPECIAL[0].1, &special.iter().map(|s| s.v).collect::<Vec<_>>())?;
    variable(file, SPECIAL[1].0, SPECIAL[1].1, &special.iter().map(|s| s.period).collect::<Vec<_>>())?;
    let list: Vec<u8> = special.iter().map(|s| s.kind).collect();
    flags(&variable(file, SPECIAL[2].0, SPECIAL[2].1, &list)?, &content.names[0])?;
    special_names.extend(SPECIAL.map(|(name, _)| name.to_string()));

    let ends = &content.ends;
    let index: Vec<u32> = (0_u32..).take(ends.len()).collect();
    make_scale(&variable(file, "curve", "index of the curve of cycles", &index)?, "curve")?;
    variable(file, ENDS[0].0, ENDS[0].1, &ends.iter().map(|e| e.line).collect::<Vec<_>>())?;
    for (i, (name, words)) in ENDS[1..].iter().enumerate() {
        let list: Vec<u8> = ends.iter().map(|e| e.ends[i]).collect();
        flags(&variable(file, name, words, &list)?, &content.names[1])?;
    }
    let axis = |name: &str| vec![name.to_string()];
    let end_names = ENDS.map(|(name, _)| name.to_string());
    attach_groups(&root, &[(&axis("point"), names), (&axis("special"), &special_names), (&axis("curve"), &end_names)])
}
