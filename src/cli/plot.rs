//! `hopfmap plot`: a picture of a map, a trajectory, a ramp, curves or branches of cycles.

use super::axis_values::{AtArgs, differences, taken, wanted};
use super::command_report::{Format, Report, path};
use super::map_start::of_map;
use super::messages::Verbosity;
use super::outputs::{check_distinct, check_picture};
use super::page_args::PageArgs;
use super::plane_curves::{CyclesArgs, of_cycles, stored};
use super::plot_ramp::{draw as draw_ramp, lanes_at};
use super::rules::exclusive;
use super::style_args::StyleArgs;
use crate::bifurcation::{Side, curves};
use crate::error::{Error, Result, shown};
use crate::figure::{self, Target, View};
use crate::model::{PARAMETER_COUNT, Parameter, Parameters};
use crate::store::{BranchSet, Contents, CurvesFile, MapFile, Output, RampFile, StoredAxis, TraceFile};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `hopfmap plot`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap plot map.h5 -o map.svg --variable v_mean --at alpha=1")]
pub(super) struct Arguments {
    /// The file: a map, a trajectory, a ramp, curves or branches of cycles
    file: PathBuf,
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; paper and man: a folder) [default: the file's name with .png]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Which column of a map: span, v_min, v_max, v_mean, period, span_error, settle_time, multiplier, maxima, lyapunov,
    /// lyapunov_error, outcome or certificate; of a map with several starts also attractors, coexistence or largest_span; with
    /// --means z_mean, coherence, i_mean, power or interval; with --input latency, spikes or response_v_max [default: span, or largest_span]
    #[arg(long, value_name = "COLUMN")]
    variable: Option<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: all of the map's]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    #[command(flatten)]
    at: AtArgs,
    /// Draw the Hopf, fold and cusp curves of a map's plane over it
    #[arg(long)]
    curves: bool,
    #[command(flatten)]
    cycles: CyclesArgs,
    #[command(flatten)]
    style: StyleArgs,
    #[command(flatten)]
    page: PageArgs,
    /// Draw one pixel for each cell of a plane, without axes, as a PNG for other programs
    #[arg(long)]
    native: bool,
    /// Draw a map of three axes as regions where oscillations exist, one for each value of the slowest axis, and say whether
    /// they are nested
    #[arg(long)]
    regions: bool,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if `--regions` is given with an option of other pictures.
    pub(super) fn check(&self) -> Result<()> {
        let regions = ("--regions", self.regions);
        for other in [
            ("--variable", self.variable.is_some()),
            ("--start", self.start.is_some()),
            ("--at", !self.at.is_empty()),
            ("--curves", self.curves),
            ("--cycles", self.cycles.cycles.is_some()),
        ] {
            exclusive(regions, other, "regions are drawn of the whole map")?;
        }
        let page = self.page.first_used();
        for other in [
            regions,
            ("--curves", self.curves),
            ("--title", self.style.has_title()),
            ("--transparent", self.style.transparent),
            (page.unwrap_or_default(), page.is_some()),
        ] {
            exclusive(("--native", self.native), other, "native pixels are the bare cells, one for each")?;
        }
        self.page.check(None)?;
        Ok(())
    }
}

/// Draws the file and reports the picture's path.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let output = arguments.output.clone().unwrap_or_else(|| arguments.file.with_extension("png"));
    if arguments.output.is_none() && output == arguments.file {
        let problem = format!("{} is named like a picture, and the picture would take its place", output.display());
        return Err(Error::request(problem, "name the HDF5 file to draw, or the picture with -o FILE.png"));
    }
    check_distinct(&[("the file to draw", &arguments.file)], ("the picture", &output))?;
    check_picture(&output, arguments.force)?;
    arguments.page.check(Some(&output))?;
    let contents = Contents::of(&arguments.file)?;
    let picture = arguments.page.target(Output::with(&output, arguments.force), Some(&arguments.file))?;
    let mut report = match contents {
        Contents::Map => draw_map(arguments, picture)?,
        Contents::Ramp => draw_lanes(arguments, picture)?,
        Contents::Trajectory | Contents::Curves | Contents::Branches => {
            refuse(contents, &[&arguments.map_only()[..], &[("--at", !arguments.at.is_empty())]].concat())?;
            match contents {
                Contents::Trajectory => figure::draw_trace(&TraceFile::open(&arguments.file)?, picture)?,
                Contents::Branches => figure::draw_branches(&BranchSet::open(&arguments.file)?, picture)?,
                _ => draw_curves(&CurvesFile::open(&arguments.file)?, picture)?,
            }
            Report::new("", json!({}))
        }
    };
    report.json["file"] = path(&arguments.file);
    report.json["contents"] = contents.name().into();
    report.drawn(&output);
    Ok(report)
}

impl Arguments {
    /// Options that apply to maps only, and whether they are given.
    fn map_only(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("--cycles", self.cycles.cycles.is_some() && !self.curves),
            ("--variable", self.variable.is_some()),
            ("--start", self.start.is_some()),
            ("--curves", self.curves),
            ("--regions", self.regions),
            ("--native", self.native),
            (self.style.first_used().unwrap_or_default(), self.style.first_used().is_some()),
        ]
    }
}

fn refuse(contents: Contents, options: &[(&str, bool)]) -> Result<()> {
    match options.iter().find(|o| o.1) {
        Some((name, _)) => {
            Err(Error::request(format!("{name} does not go with a {}", contents.name()), format!("leave {name} off")))
        }
        None => Ok(()),
    }
}

fn draw_map(arguments: &Arguments, target: Target<'_>) -> Result<Report> {
    let style = arguments.style.style()?;
    let map = MapFile::open(&arguments.file)?;
    if arguments.regions {
        return draw_nested(&map, target);
    }
    let fixed = arguments.at.fixed(map.axes())?;
    let at: Vec<_> = fixed.iter().map(|f| (f.parameter, f.value)).collect();
    let cycles = arguments.cycles.lines()?;
    if cycles.is_some() && !arguments.curves {
        return Err(Error::request("--cycles adds to --curves, which is missing", "give --curves too"));
    }
    let (overlay, notes) =
        if arguments.curves { overlay(&map, &at, cycles, arguments.verbosity)? } else { Default::default() };
    let start = of_map(&map, arguments.start.as_deref())?;
    let own = if start.is_some() { "span" } else { figure::main_column(&map) };
    let view = View {
        column: arguments.variable.as_deref().unwrap_or(own),
        start: start.unwrap_or(0),
        at: &at,
        style: &style,
    };
    match arguments.native {
        true => figure::draw_native(&map, &view, target)?,
        false => figure::draw(&map, &view, &overlay, target)?,
    }
    let start = map.starts().get(view.start).filter(|_| view.column != figure::main_column(&map));
    let object = json!({ "variable": view.column, "start": start, "at": taken(&fixed), "asked": wanted(&fixed) });
    let mut text = differences(&fixed);
    if arguments.curves && overlay.is_empty() {
        text.push_str("no bifurcation curve lies in this plane\n");
    }
    notes.iter().for_each(|note| text.push_str(&format!("{note}\n")));
    Ok(Report::new(text, object))
}

/// Draws the regions of a map of three axes, and reports whether they are nested.
fn draw_nested(map: &MapFile, target: Target<'_>) -> Result<Report> {
    let regions = figure::Regions::read(map)?;
    let axis = &map.axes()[0];
    let (name, value) = (axis.parameter.name(), |i: usize| shown(axis.values[i]));
    figure::draw_regions(map, &regions.order, &regions.edges(map), target)?;
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

fn draw_lanes(arguments: &Arguments, target: Target<'_>) -> Result<Report> {
    refuse(Contents::Ramp, &arguments.map_only())?;
    let ramp = RampFile::open(&arguments.file)?;
    let fixed = arguments.at.fixed(&ramp.axes)?;
    if let Some(walked) = fixed.iter().find(|f| f.axis == 0) {
        let name = walked.parameter.name();
        return Err(Error::request(format!("--at {name} fixes the ramp's own axis"), "fix other axes"));
    }
    draw_ramp(&lanes_at(ramp, &fixed), target)?;
    Ok(Report::new(differences(&fixed), json!({ "at": taken(&fixed), "asked": wanted(&fixed) })))
}

fn draw_curves(file: &CurvesFile, target: Target<'_>) -> Result<()> {
    figure::draw_plane(file.sides, &file.fixed, &figure::curve_lines(&file.lines, &file.special), target)
}

/// Bifurcation curves of the plane that is left when the axes in `at` are fixed, and what was not followed.
fn overlay(
    map: &MapFile,
    at: &[(Parameter, f64)],
    cycles: Option<usize>,
    verbosity: Verbosity,
) -> Result<(Vec<figure::Line>, Vec<String>)> {
    let (free, fixed) = figure::free_axes(map, at)?;
    let [y, x] = &free[..] else {
        return Err(Error::request(
            format!("--curves needs a plane, and {} axes are left to draw along", free.len()),
            "leave --curves off, or fix all axes but two with --at",
        ));
    };
    let mut values = [0.0; PARAMETER_COUNT];
    for (p, value) in fixed {
        values[p as usize] = value;
    }
    let side = |axis: &StoredAxis| {
        let ends = axis.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        Side { parameter: axis.parameter, low: ends.0, high: ends.1, log: axis.is_log() }
    };
    let (sides, base) = ([side(x), side(y)], Parameters::from_array(values));
    let found = curves(sides, &base)?;
    let cycles = cycles.map(|n| of_cycles(sides, &base, &found, n, verbosity)).transpose()?;
    let set = stored(&found, cycles.as_ref());
    Ok((figure::curve_lines(&set.lines, &set.special), cycles.map_or(Vec::new(), |c| c.notes)))
}
