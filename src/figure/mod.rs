//! Pictures: heat maps, lines, trajectories, ramps, regions, surfaces, as PNG, SVG and PDF. Data come from files, never
//! from an engine.

mod about;
mod bitmap;
mod branches;
mod category;
mod chart;
mod colour;
mod colour_bar;
mod current;
mod cut;
mod cut_line;
mod drawing;
mod facets;
mod field;
mod frames;
mod heatmap;
mod labels;
mod legend;
mod line_plot;
mod look;
mod loops;
mod native;
mod nested;
mod outline;
mod overlay;
mod pdf;
mod picture;
mod placing;
mod ramp;
mod regions;
mod scale;
mod size;
#[cfg(test)]
mod snapshot_tests;
mod special_marks;
mod step_line;
mod style;
mod surface;
mod target;
mod text;
mod theory;
mod ticks;
mod trace;

pub use about::About;
#[cfg(feature = "cli")]
pub(crate) use colour::viridis;
pub use current::{Statics, draw_current};
pub use facets::{check_panels, draw_facets};
pub use frames::draw_frames;
pub use line_plot::{Curve, LinePlot, Stroke, draw_line_plot};
pub use loops::{check_loops, draw_loops};
pub use native::draw_native;
pub use nested::Regions;
pub use regions::draw_regions;
pub use size::Size;
pub use style::{ColourMap, Style, Title};
pub use surface::{Axis3d, Surface, Thread, draw_surface};
pub use target::{Target, check_outline};
pub use theory::{curve_lines, lines};

use crate::bifurcation::{Branch, SpecialEquilibrium};
use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::results::LARGEST_SPAN;
use crate::store::{self, BranchSet, MapFile, RampFile, StoredAxis, TraceFile};
use cut::Cut;
use std::path::Path;

/// A line drawn over a heat map, or on a plane of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name in the legend; lines of one name share colour and entry.
    pub name: &'static str,
    /// Colour: red, green, blue.
    pub colour: [u8; 3],
    /// Points in the plane's coordinates: (x, y). A line of one point is drawn as a dot.
    pub points: Vec<(f64, f64)>,
    /// Solid or dashed.
    pub stroke: Stroke,
    /// Label next to a dot.
    pub label: Option<&'static str>,
}

impl Line {
    /// A solid line, or a dot without a label. Lines without a name are not in the legend.
    #[must_use]
    pub fn new(name: &'static str, colour: [u8; 3], points: Vec<(f64, f64)>) -> Self {
        Self { name, colour, points, stroke: Stroke::Line(3), label: None }
    }
}

/// Checks that a picture can be written at `path`.
///
/// # Errors
/// [`Error::Request`] if the name does not end in .png, .svg or .pdf, or the file exists or cannot be
/// written.
pub fn check_output(path: &Path, force: bool) -> Result<()> {
    if target::ending(path).is_none() {
        return Err(Error::request(
            format!("the picture {} does not end in .png, .svg or .pdf", path.display()),
            "name it FILE.png, FILE.svg or FILE.pdf",
        ));
    }
    store::check_output(path, force, 0)
}

/// Checks that a map of this shape can be drawn without fixing axes.
///
/// # Errors
/// [`Error::Request`] if more than two axes, or none, have several values.
pub fn check_drawable(shape: &[u64]) -> Result<()> {
    match shape.iter().filter(|n| **n > 1).count() {
        1 | 2 => Ok(()),
        0 => Err(Error::request("a map of one cell cannot be drawn", "leave `plot` off")),
        n => Err(Error::request(
            format!("a map of {n} axes cannot be drawn as a whole"),
            "leave `plot` off, and draw a cut with 'hopfmap plot --at NAME=VALUE', or panels with --facet NAME",
        )),
    }
}

/// The part of a map to draw.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Name of the column.
    pub column: &'a str,
    /// Index of the start, where there are several.
    pub start: usize,
    /// Fixed axes, each at the value nearest to this one.
    pub at: &'a [(Parameter, f64)],
    /// How it is drawn.
    pub style: &'a Style,
}

impl View<'_> {
    /// View of the whole map: its spans, or the largest over the starts where there are several.
    #[must_use]
    pub fn whole(map: &MapFile) -> Self {
        View { column: main_column(map), start: 0, at: &[], style: &Style::USUAL }
    }
}

/// Main column of a map: the span, or the largest span over its starts.
#[must_use]
pub fn main_column(map: &MapFile) -> &'static str {
    if map.starts().is_empty() { "span" } else { LARGEST_SPAN }
}

/// Draws one column of a map.
///
/// # Errors
/// [`Error::Request`] if no axis or more than two are left free, a parameter in `at` is no axis, or
/// there is no such column, or the style does not go with it; [`Error::File`] if a file cannot be read or written; [`Error::Engine`]
/// only if drawing fails (not expected).
pub fn draw<'a>(map: &MapFile, view: &View<'_>, overlay: &[Line], target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    view.style.check()?;
    let cut = Cut::new(map, view)?;
    let mut picture = match cut.axes.len() {
        2 => heatmap::draw(&cut, overlay, view.style, None, &target.size)?,
        _ => cut_line::draw(&cut, view.style, None, &target.size)?,
    };
    picture.transparent = view.style.transparent;
    target.save(&picture)
}

/// Free axes, and the values of all other parameters.
pub type FreeAxes = (Vec<StoredAxis>, Vec<(Parameter, f64)>);

/// Axes of a map left free when those in `at` are fixed, in the map's order, and the values of all other parameters.
///
/// # Errors
/// [`Error::Request`] if a parameter in `at` is no axis, or its value is beyond the axis.
pub fn free_axes(map: &MapFile, at: &[(Parameter, f64)]) -> Result<FreeAxes> {
    let indices = fixed_indices(map, at)?;
    let both = || map.axes().iter().zip(&indices);
    let free = both().filter(|(_, i)| i.is_none()).map(|(a, _)| a.clone()).collect();
    let mut fixed = map.fixed().to_vec();
    fixed.extend(both().filter_map(|(a, i)| i.map(|i| (a.parameter, a.values[i]))));
    fixed.sort_by_key(|(p, _)| *p);
    Ok((free, fixed))
}

/// Checks that a style places the axes that are left to draw.
///
/// # Errors
/// [`Error::Request`] if it names another one, or one for both.
pub fn check_axes(axes: &[&StoredAxis], style: &Style) -> Result<()> {
    match axes {
        [first, second] => sides([first, second], style).map(drop),
        [line] => placing::check_line(line.parameter, "its numbers", style),
        _ => style.check(),
    }
}

/// Axes of a plane as a style has them drawn: x, then y.
///
/// # Errors
/// [`Error::Request`] if the style names a parameter that is none of them.
pub fn sides<'a>([first, second]: [&'a StoredAxis; 2], style: &Style) -> Result<[&'a StoredAxis; 2]> {
    let is_swapped = placing::first_is_x([first.parameter, second.parameter], style)?;
    Ok(if is_swapped { [first, second] } else { [second, first] })
}

/// Draws lines on a plane of two parameters.
///
/// # Errors
/// [`Error::Request`] if the style does not go with a plane; [`Error::File`] if the picture cannot be written;
/// [`Error::Engine`] only if drawing fails (not expected).
pub fn draw_plane<'a>(
    axes: [(Parameter, f64, f64); 2],
    fixed: &[(Parameter, f64)],
    lines: &[Line],
    style: &Style,
    target: impl Into<Target<'a>>,
) -> Result<()> {
    let target = target.into();
    without_colours(style, "a plane of curves")?;
    let [x, y] = axes;
    // As usual, x is x: it is the slower one for the order of files alone.
    let is_swapped = (style.x, style.y) != (None, None) && !placing::first_is_x([x.0, y.0], style)?;
    let swap = |line: &Line| Line { points: line.points.iter().map(|(x, y)| (*y, *x)).collect(), ..line.clone() };
    let swapped: Vec<Line> = if is_swapped { lines.iter().map(swap).collect() } else { Vec::new() };
    let (axes, lines) = if is_swapped { ([y, x], &swapped[..]) } else { (axes, lines) };
    saved(heatmap::plane(axes, &ordinary_left_out(fixed), lines, style, &target.size)?, style, &target)
}

/// Refuses what a style says of colours, for pictures without a scale of them.
fn without_colours(style: &Style, what: &str) -> Result<()> {
    style.check()?;
    if style.is_of_colours() {
        return Err(Error::request(
            format!("{what} has no scale of colours"),
            "leave `vmin`, `vmax`, `log_colour` and `cmap` off",
        ));
    }
    Ok(())
}

/// Refuses what a style says of colours and axes, for pictures with axes of their own.
fn without_axes(style: &Style, what: &str) -> Result<()> {
    without_colours(style, what)?;
    if style.x.or(style.y).is_some() {
        return Err(Error::request(
            format!("the axes of {what} are always the same"),
            "leave `x_axis` and `y_axis` off",
        ));
    }
    Ok(())
}

/// Saves a picture on the ground that a style asks for.
fn saved(mut picture: picture::Picture, style: &Style, target: &Target<'_>) -> Result<()> {
    picture.transparent = style.transparent;
    target.save(&picture)
}

/// Draws a trajectory as in Fig. 3: V(t), the Bloch vector's curve in the unit sphere, and the power
/// spectrum.
///
/// # Errors
/// [`Error::Request`] if the style does not go with it; [`Error::File`] if the picture cannot be written; [`Error::Engine`] only if drawing fails (not
/// expected).
pub fn draw_trace<'a>(file: &TraceFile, style: &Style, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    without_axes(style, "a trajectory")?;
    saved(trace::draw(file, &ordinary_left_out(&file.fixed), style, &target.size)?, style, &target)
}

/// Draws a ramp of a few lanes: mean V up and down, thick where it oscillates, over the equilibria and their special points.
///
/// # Errors
/// [`Error::Request`] if the style does not go with it; [`Error::File`] if the picture cannot be written; [`Error::Engine`] only if drawing fails (not
/// expected).
pub fn draw_ramp<'a>(
    file: &RampFile,
    equilibria: &[Branch],
    special: &[SpecialEquilibrium],
    style: &Style,
    target: impl Into<Target<'a>>,
) -> Result<()> {
    let target = target.into();
    without_colours(style, "a ramp of a few lanes")?;
    placing::check_line(file.axes[0].parameter, "V", style)?;
    saved(ramp::draw(file, equilibria, special, style, &target.size)?, style, &target)
}

/// Draws a bifurcation diagram: equilibria and extremes of cycles over a parameter, and below them the cycles' spans.
///
/// # Errors
/// [`Error::Request`] if the style does not go with it; [`Error::File`] if the picture cannot be written; [`Error::Engine`] only if drawing fails (not
/// expected).
pub fn draw_branches<'a>(set: &BranchSet, style: &Style, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    without_axes(style, "a bifurcation diagram")?;
    saved(branches::draw(set, style, &target.size)?, style, &target)
}

/// Fixed parameters in the paper's symbols: `V_n = 2, R_n = 6, …`.
///
/// Geometry is included only where it differs from the paper's.
#[must_use]
pub fn subtitle(fixed: &[(Parameter, f64)]) -> String {
    labels::fixed(&ordinary_left_out(fixed))
}

/// Fixed parameters without those of the geometry that have the paper's values.
fn ordinary_left_out(fixed: &[(Parameter, f64)]) -> Vec<(Parameter, f64)> {
    let ordinary = |p: Parameter, v: f64| p >= Parameter::X0 && p.info().default == Some(v);
    fixed.iter().copied().filter(|(p, v)| !ordinary(*p, *v)).collect()
}

/// Index at which each axis is fixed, by `at` or because it has one value; `None` for a free axis.
fn fixed_indices(map: &MapFile, at: &[(Parameter, f64)]) -> Result<Vec<Option<usize>>> {
    for (p, _) in at {
        if !map.axes().iter().any(|a| a.parameter == *p) {
            let names: Vec<_> = map.axes().iter().map(|a| a.parameter.name()).collect();
            return Err(Error::request(
                format!("`at` {} is not an axis of the map", p.name()),
                format!("its axes are {}", names.join(", ")),
            ));
        }
    }
    let fix = |axis: &StoredAxis| match at.iter().find(|(p, _)| *p == axis.parameter) {
        Some((_, value)) => axis.nearest_within(*value).map(Some),
        None if axis.values.len() == 1 => Ok(Some(0)),
        None => Ok(None),
    };
    map.axes().iter().map(fix).collect()
}
