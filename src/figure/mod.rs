//! Pictures: heat maps, lines, trajectories, ramps, regions, surfaces. Reads a store, never an engine.

mod chart;
mod colour;
mod cut;
mod cut_line;
mod heatmap;
mod labels;
mod line_plot;
mod picture;
mod ramp;
mod regions;
mod scale;
#[cfg(test)]
mod snapshot_tests;
mod surface;
mod theory;
mod trace;

pub use line_plot::{Curve, LinePlot, Stroke, draw_line_plot};
pub use regions::draw_regions;
pub use surface::{Axis3d, Surface, Thread, draw_surface};
pub use theory::lines;

use crate::bifurcation::Branch;
use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::results::DERIVED;
use crate::store::{self, MapFile, Output, RampFile, StoredAxis, TraceFile};
use cut::Cut;
use std::path::Path;

/// A line drawn over a heat map, or on a plane of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name in the legend; lines of one name share colour and entry.
    pub name: &'static str,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// Points in the plane's coordinates: (x, y). A line of one point is drawn as a dot.
    pub points: Vec<(f64, f64)>,
}

/// Checks that a picture can be written at `path`.
///
/// # Errors
/// A name that ends neither in .png nor in .svg, or a place that cannot be written to.
pub fn check_output(path: &Path, force: bool) -> Result<()> {
    let known = ["png", "svg"];
    if !path.extension().is_some_and(|e| known.iter().any(|k| e.eq_ignore_ascii_case(k))) {
        return Err(Error::request(
            format!("the picture {} ends neither in .png nor in .svg", path.display()),
            "name it FILE.png or FILE.svg",
        ));
    }
    store::check_output(path, force, 0)
}

/// Checks that a map of this shape can be drawn without fixing axes.
///
/// # Errors
/// More than two axes with several values, or none.
pub fn check_drawable(shape: &[u64]) -> Result<()> {
    match shape.iter().filter(|n| **n > 1).count() {
        1 | 2 => Ok(()),
        0 => Err(Error::request("a map of one cell cannot be drawn", "leave --plot off")),
        n => Err(Error::request(
            format!("a map of {n} axes cannot be drawn as a whole"),
            "leave --plot off, and draw a cut with 'hopfmap plot --at NAME=VALUE'",
        )),
    }
}

/// What of a map is drawn.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The column.
    pub column: &'a str,
    /// The number of the start, where there are several.
    pub start: usize,
    /// Axes that are fixed, each at the nearest value.
    pub at: &'a [(Parameter, f64)],
}

impl View<'_> {
    /// The whole map: its spans, or the largest over the starts where there are several.
    #[must_use]
    pub fn whole(map: &MapFile) -> Self {
        View { column: main_column(map), start: 0, at: &[] }
    }
}

/// The column that a map is about.
#[must_use]
pub fn main_column(map: &MapFile) -> &'static str {
    if map.starts.is_empty() { "span" } else { DERIVED[2].0 }
}

/// Draws one column of a map.
///
/// # Errors
/// More than two axes left, a parameter in `at` that is no axis, no such column, or a file that cannot be read or written.
pub fn draw(map: &MapFile, view: &View<'_>, overlay: &[Line], output: Output<'_>) -> Result<()> {
    let cut = Cut::new(map, view)?;
    let picture = if cut.axes.len() == 2 { heatmap::draw(&cut, overlay)? } else { cut_line::draw(&cut)? };
    picture.save(output)
}

/// Axes that run, and the values of all other parameters.
pub type FreeAxes = (Vec<StoredAxis>, Vec<(Parameter, f64)>);

/// The axes of a map that are left to run when those in `at` are fixed, and the values of all other parameters.
///
/// # Errors
/// A parameter in `at` that is no axis.
pub fn free_axes(map: &MapFile, at: &[(Parameter, f64)]) -> Result<FreeAxes> {
    let indices = fixed_indices(map, at)?;
    let both = || map.axes.iter().zip(&indices);
    let free = both().filter(|(_, i)| i.is_none()).map(|(a, _)| a.clone()).collect();
    let mut fixed = map.fixed.clone();
    fixed.extend(both().filter_map(|(a, i)| i.map(|i| (a.parameter, a.values[i]))));
    fixed.sort_by_key(|(p, _)| *p);
    Ok((free, fixed))
}

/// Draws lines on a plane of two parameters.
///
/// # Errors
/// A file that cannot be written.
pub fn draw_plane(
    axes: [(Parameter, f64, f64); 2],
    fixed: &[(Parameter, f64)],
    lines: &[Line],
    output: Output<'_>,
) -> Result<()> {
    heatmap::plane(axes, &ordinary_left_out(fixed), lines)?.save(output)
}

/// Draws a trajectory as Fig. 3 does: V(t), the Bloch vector's curve in the unit sphere, and the power spectrum.
///
/// # Errors
/// A file that cannot be written.
pub fn draw_trace(file: &TraceFile, output: Output<'_>) -> Result<()> {
    trace::draw(file, &ordinary_left_out(&file.fixed))?.save(output)
}

/// Checks that a ramp has few enough lanes to be told apart in a picture.
///
/// # Errors
/// More than `most`.
pub fn check_lanes(lanes: usize, most: usize) -> Result<()> {
    if lanes > most {
        return Err(Error::request(
            format!("a ramp of {lanes} lanes cannot be drawn, {most} at most"),
            "leave --plot off, or walk fewer lanes",
        ));
    }
    Ok(())
}

/// Draws a ramp: V both ways, thick where it oscillates, over the equilibria.
///
/// # Errors
/// A file that cannot be written.
pub fn draw_ramp(file: &RampFile, branches: &[Branch], output: Output<'_>) -> Result<()> {
    ramp::draw(file, branches)?.save(output)
}

/// What is the same everywhere, in the paper's symbols: `V_n = 2, R_n = 6, …`; the geometry only where it is not the paper's.
#[must_use]
pub fn subtitle(fixed: &[(Parameter, f64)]) -> String {
    labels::fixed(&ordinary_left_out(fixed))
}

/// The geometry is worth a word only where it is not the paper's.
fn ordinary_left_out(fixed: &[(Parameter, f64)]) -> Vec<(Parameter, f64)> {
    let ordinary = |p: Parameter, v: f64| p >= Parameter::X0 && p.info().default == Some(v);
    fixed.iter().copied().filter(|(p, v)| !ordinary(*p, *v)).collect()
}

/// The index at which each axis is fixed, if it is: by `at`, or because it has one value.
fn fixed_indices(map: &MapFile, at: &[(Parameter, f64)]) -> Result<Vec<Option<usize>>> {
    for (p, _) in at {
        if !map.axes.iter().any(|a| a.parameter == *p) {
            let names: Vec<_> = map.axes.iter().map(|a| a.parameter.name()).collect();
            return Err(Error::request(
                format!("--at {} fixes what is no axis of the map", p.name()),
                format!("its axes are {}", names.join(", ")),
            ));
        }
    }
    let fix = |axis: &StoredAxis| match at.iter().find(|(p, _)| *p == axis.parameter) {
        Some((_, value)) => axis.nearest_within(*value).map(Some),
        None if axis.values.len() == 1 => Ok(Some(0)),
        None => Ok(None),
    };
    map.axes.iter().map(fix).collect()
}
