//! Pictures of maps: a heat map of two axes, a line along one. Reads a store, never an engine.

mod colour;
mod heatmap;
mod labels;
mod line;
mod picture;
mod scale;

use crate::columns::{OUTCOME, Outcome};
use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::store::{self, MapFile, StoredAxis};
use std::path::Path;

/// A cut of a map, ready to draw: one or two axes, and the cells along them.
#[derive(Debug, Clone)]
struct Cut {
    column: String,
    /// Slowest first.
    axes: Vec<StoredAxis>,
    fixed: Vec<(Parameter, f64)>,
    /// Row-major.
    values: Vec<f64>,
    /// `None` where nobody wrote the cell.
    outcomes: Vec<Option<Outcome>>,
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

/// Draws one column of a map, with the axes in `at` fixed at the nearest value.
///
/// # Errors
/// More than two axes left, a parameter in `at` that is no axis, no such column, or a file that cannot be read or written.
pub fn draw(map: &MapFile, column: &str, at: &[(Parameter, f64)], path: &Path) -> Result<()> {
    let cut = cut(map, column, at)?;
    let picture = if cut.axes.len() == 2 { heatmap::draw(&cut)? } else { line::draw(&cut)? };
    picture.save(path)
}

fn cut(map: &MapFile, column: &str, at: &[(Parameter, f64)]) -> Result<Cut> {
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
        Some((_, value)) => Some(axis.nearest(*value)),
        None if axis.values.len() == 1 => Some(0),
        None => None,
    };
    let indices: Vec<Option<usize>> = map.axes.iter().map(fix).collect();
    let free: Vec<_> = map.axes.iter().zip(&indices).filter(|(_, i)| i.is_none()).map(|(a, _)| a.clone()).collect();
    if free.is_empty() {
        return Err(Error::request("no axis is left to draw along", "fix fewer axes with --at"));
    }
    if free.len() > 2 {
        let names: Vec<_> = free.iter().map(|a| a.parameter.name()).collect();
        return Err(Error::request(
            format!("{} axes are left to draw along: {}", free.len(), names.join(", ")),
            format!("fix {} of them with --at NAME=VALUE", free.len() - 2),
        ));
    }
    let mut fixed = map.fixed.clone();
    fixed.extend(map.axes.iter().zip(&indices).filter_map(|(a, i)| i.map(|i| (a.parameter, a.values[i]))));
    fixed.sort_by_key(|(p, _)| *p);
    // The geometry is worth a line of its own only where it is not the paper's.
    let ordinary = |p: Parameter, v: f64| p >= Parameter::X0 && p.info().default == Some(v);
    fixed.retain(|(p, v)| !ordinary(*p, *v));
    let values = map.cut(column, &indices)?.into_iter().collect();
    let outcomes = map.cut(OUTCOME.0, &indices)?.into_iter().map(|n| Outcome::from_number(n as u32)).collect();
    Ok(Cut { column: column.to_string(), axes: free, fixed, values, outcomes })
}
