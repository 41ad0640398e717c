//! Writes curves in the plane of two parameters: points in order, each with the number of its line.

use super::Output;
use super::checked::{CheckedFile, Element};
use super::netcdf::{attach_scales, coordinates, make_scale, name_flags, number};
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
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

/// Writes a file of curves atomically.
///
/// Its variables run along `point`; `line` numbers the polylines, and `kind` says what each marks.
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
    variable(file, "line", "number of the polyline", &points.iter().map(|p| p.0).collect::<Vec<_>>())?;
    let kinds = variable(file, "kind", "what the curve marks", &points.iter().map(|p| p.1).collect::<Vec<_>>())?;
    let values: Vec<u8> = (0_u8..).take(content.kinds.len()).collect();
    name_flags(&kinds, &values, &content.kinds)?;
    for (p, value) in &content.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    let names = [x.name(), y.name(), "V", "angular_frequency", "lyapunov", "line", "kind"].map(str::to_string);
    let positions: Vec<_> =
        [x.name(), y.name()].into_iter().chain(content.fixed.iter().map(|(p, _)| p.name())).collect();
    for name in &names[2..] {
        coordinates(&root.dataset(name)?, &positions)?;
    }
    attach_scales(&root, &["point".to_string()], &names)
}
