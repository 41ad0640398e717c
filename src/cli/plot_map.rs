//! Pictures of a map: a whole one, a cut, panels, frames, regions, with bifurcation curves over them.

use super::axis_values::{Fixed, differences, taken, wanted};
use super::command_report::{Report, path};
use super::map_start::of_map;
use super::messages::Verbosity;
use super::outputs::check_has_axes;
use super::panel_args::{paths, values};
use super::plane_curves::{of_cycles, stored};
use super::plot_args::Arguments;
use super::progress::Display;
use crate::bifurcation::{Side, curves};
use crate::error::{Error, Result, shown};
use crate::figure::{self, Line, Style, Target, View};
use crate::grid::Points;
use crate::model::{PARAMETER_COUNT, Parameter, Parameters};
use crate::store::{MapFile, Output, StoredAxis};
use serde_json::json;
use std::path::PathBuf;

/// Values of an axis for which there is a picture or a panel each.
type Values = (Parameter, Vec<f64>);

/// Draws a map as the arguments say; the second are the pictures of `--each`, and none without it.
pub(super) fn draw_map(arguments: &Arguments, target: Option<Target<'_>>) -> Result<(Report, Vec<PathBuf>)> {
    let style = arguments.style.style()?;
    let map = MapFile::open(&arguments.file)?;
    check_has_axes(map.points().map(Points::len))?;
    if arguments.regions {
        return Ok((draw_nested(&map, &style, target)?, Vec::new()));
    }
    let mut fixed = arguments.at.fixed(map.axes())?;
    let at: Vec<_> = fixed.iter().map(|f| (f.parameter, f.value)).collect();
    let cycles = arguments.cycles.lines()?;
    if cycles.is_some() && !arguments.bifurcations.curves {
        return Err(Error::request("--cycles adds to --curves, which is missing", "give --curves too"));
    }
    let panels = &arguments.panels;
    let facets = panels.facet.as_deref().map(|text| values(text, "--facet", map.axes(), &arguments.at)).transpose()?;
    let each = panels.each.as_deref().map(|text| values(text, "--each", map.axes(), &arguments.at)).transpose()?;
    let start = of_map(&map, arguments.start.as_deref())?;
    let own = if start.is_some() { "span" } else { figure::main_column(&map) };
    let column = arguments.variable.as_deref().unwrap_or(own);
    let view = View { column, start: start.unwrap_or(0), at: &at, style: &style };
    let several = facets.as_ref().or(each.as_ref());
    let found = match several {
        Some(values) => parameter(values),
        None => (Parameter::VN, Vec::new()),
    };
    if facets.is_some() {
        figure::check_panels(&map, &view, (found.0, &found.1))?;
    }
    let input = [("the file to draw", &*arguments.file)];
    let names = match &each {
        Some(_) => paths(arguments.output.as_deref(), found.1.len(), &input, arguments.force)?,
        None => Vec::new(),
    };
    let (overlays, notes) = match (arguments.bifurcations.curves, several) {
        (false, _) => (Vec::new(), Vec::new()),
        (true, None) => one_overlay(&map, &at, &style, cycles, arguments.verbosity).map(|(o, n)| (vec![o], n))?,
        (true, Some(_)) => overlays(&map, &at, &found, &style, cycles, arguments.verbosity)?,
    };
    match (&facets, target) {
        (Some(_), Some(target)) => figure::draw_facets(&map, &view, (found.0, &found.1), &overlays, target)?,
        (None, Some(target)) if arguments.native => figure::draw_native(&map, &view, target)?,
        (None, Some(target)) if each.is_none() => {
            figure::draw(&map, &view, overlays.first().map_or(&[], |lines| lines), target)?;
        }
        _ => {
            let mut targets = Vec::new();
            for path in &names {
                let output = Output::with(path, arguments.force);
                targets.push(arguments.page.target(output, Some(&arguments.file))?);
            }
            figure::draw_frames(&map, &view, (found.0, &found.1), &overlays, &targets)?;
        }
    }
    let start = map.starts().get(view.start).filter(|_| view.column != figure::main_column(&map));
    let mut object = json!({ "variable": view.column, "start": start, "at": taken(&fixed), "asked": wanted(&fixed) });
    if let Some(values) = several {
        let key = if facets.is_some() { "facets" } else { "each" };
        let name = values.first().map_or("", |f| f.parameter.name());
        object[key] = json!({ "axis": name, "values": found.1 });
        fixed.extend(values);
    }
    let mut text = differences(&fixed);
    if arguments.bifurcations.curves && overlays.iter().all(Vec::is_empty) {
        text.push_str("no bifurcation curve lies in this plane\n");
    }
    notes.iter().for_each(|note| text.push_str(&format!("{note}\n")));
    Ok((Report::new(text, object), names))
}

/// The parameter and the values of an axis.
fn parameter(values: &[Fixed]) -> Values {
    let first = values.first().map_or(Parameter::VN, |f| f.parameter);
    (first, values.iter().map(|f| f.value).collect())
}

/// Adds the pictures of `--each` to a report.
pub(super) fn report_frames(report: &mut Report, names: &[PathBuf]) {
    let (first, last) = (names.first().map(|p| p.display()), names.last().map(|p| p.display()));
    if let (Some(first), Some(last)) = (first, last) {
        report.text.push_str(&format!("drawn: {} pictures, {first} to {last}\n", names.len()));
    }
    report.json["drawn"] = names.iter().map(|name| path(name)).collect();
}

/// Draws the regions of a map of three axes, and reports whether they are nested.
fn draw_nested(map: &MapFile, style: &Style, target: Option<Target<'_>>) -> Result<Report> {
    let regions = figure::Regions::read(map)?;
    let axis = &map.axes()[0];
    let (name, value) = (axis.parameter.name(), |i: usize| shown(axis.values[i]));
    if let Some(target) = target {
        figure::draw_regions(map, &regions.order, &regions.edges(map, style)?, style, target)?;
    }
    let mut text = match regions.are_nested() {
        true => format!("nested: the region of each {name} is within that of the one before, by decreasing size\n"),
        false => "not nested:\n".to_string(),
    };
    for (place, &i) in regions.order.iter().enumerate() {
        let outside = match place.checked_sub(1).map(|before| (before, regions.outside[before])) {
            Some((before, n)) if n > 0 => {
                format!(", {n} of them outside of that of {name} = {}", value(regions.order[before]))
            }
            _ => String::new(),
        };
        text.push_str(&format!("  {name} = {}: {} cells{outside}\n", value(i), regions.cells[i]));
    }
    let region = |(place, i): (usize, &usize)| {
        let outside = place.checked_sub(1).map(|before| regions.outside[before]);
        json!({ "value": axis.values[*i], "cells": regions.cells[*i], "cells_outside_of_the_one_before": outside })
    };
    let object = json!({
        "regions_over": name, "nested": regions.are_nested(),
        "regions": regions.order.iter().enumerate().map(region).collect::<Vec<_>>(),
    });
    Ok(Report::new(text, object))
}

/// Lines over a plane, and what was not followed.
type Overlay = (Vec<Line>, Vec<String>);

/// The bifurcation curves of each of several planes.
fn overlays(
    map: &MapFile,
    at: &[(Parameter, f64)],
    (axis, values): &Values,
    style: &Style,
    cycles: Option<usize>,
    verbosity: Verbosity,
) -> Result<(Vec<Vec<Line>>, Vec<String>)> {
    let (mut lines, mut notes) = (Vec::new(), Vec::new());
    for value in values {
        let (one, more) = one_overlay(map, &[at, &[(*axis, *value)]].concat(), style, cycles, verbosity)?;
        lines.push(one);
        notes.extend(more);
    }
    Ok((lines, notes))
}

/// Bifurcation curves of the plane that is left when the axes in `at` are fixed, and what was not followed.
fn one_overlay(
    map: &MapFile,
    at: &[(Parameter, f64)],
    style: &Style,
    cycles: Option<usize>,
    verbosity: Verbosity,
) -> Result<Overlay> {
    let (free, fixed) = figure::free_axes(map, at)?;
    plane_lines(&free.iter().collect::<Vec<_>>(), &fixed, style, cycles, verbosity)
}

/// Bifurcation curves of the plane of two axes, and what was not followed.
///
/// # Errors
/// [`Error::Request`] if there are not two axes, or the style names another one.
pub(super) fn plane_lines(
    axes: &[&StoredAxis],
    fixed: &[(Parameter, f64)],
    style: &Style,
    cycles: Option<usize>,
    verbosity: Verbosity,
) -> Result<Overlay> {
    let [first, second] = axes[..] else {
        return Err(Error::request(
            format!("--curves needs a plane, and {} axes are left to draw along", axes.len()),
            "leave --curves off, or fix all axes but two with --at",
        ));
    };
    let mut values = [0.0; PARAMETER_COUNT];
    // Any value of the plane's own parameters, which 0 may be none of.
    for axis in axes {
        values[axis.parameter as usize] = axis.values[0];
    }
    for (p, value) in fixed {
        values[*p as usize] = *value;
    }
    let side = |axis: &StoredAxis| {
        let ends = axis.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        Side { parameter: axis.parameter, low: ends.0, high: ends.1, log: axis.is_log() }
    };
    let (sides, base) = (figure::sides([first, second], style)?.map(side), Parameters::from_array(values));
    let found = curves(sides, &base)?;
    let cycles = cycles.map(|n| of_cycles(sides, &base, &found, n, Display::of(verbosity))).transpose()?;
    let set = stored(&found, cycles.as_ref());
    Ok((figure::curve_lines(&set.lines, &set.special), cycles.map_or(Vec::new(), |c| c.notes)))
}
