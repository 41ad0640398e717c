//! `hopfmap plot`: a picture of a map, a trajectory, a ramp, curves or branches of cycles.

use super::axis_values::{differences, taken, wanted};
use super::command_report::{Report, path};
use super::outputs::{check_distinct, check_picture};
pub(super) use super::plot_args::Arguments;
use super::plot_map::{draw_map, report_frames};
use super::plot_ramp::{RampPicture, lanes_at};
use crate::error::{Error, Result};
use crate::figure::{self, Target};
use crate::store::{BranchSet, Contents, CurvesFile, Output, RampFile, TraceFile};
use serde_json::json;

/// Draws the file and reports the picture's path.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    if let Some(note) = arguments.at.note(arguments.panels.names_values()) {
        arguments.verbosity.note(note);
    }
    let mut report = if arguments.panels.each.is_some() { frames(arguments)? } else { picture(arguments)? };
    report.json["file"] = path(&arguments.file);
    Ok(report)
}

/// Draws a picture for each value of an axis of a map.
fn frames(arguments: &Arguments) -> Result<Report> {
    let contents = Contents::of(&arguments.file)?;
    if contents != Contents::Map {
        return Err(not_of(contents, "--each"));
    }
    let (mut report, names) = draw_map(arguments, None)?;
    report.json["contents"] = contents.name().into();
    report_frames(&mut report, &names);
    Ok(report)
}

/// Draws one picture.
fn picture(arguments: &Arguments) -> Result<Report> {
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
        Contents::Map => draw_map(arguments, Some(picture))?.0,
        Contents::Ramp => draw_lanes(arguments, picture)?,
        Contents::Trajectory | Contents::Curves | Contents::Branches => {
            let more = [
                ("--at", !arguments.at.is_empty()),
                ("--variable", arguments.variable.is_some()),
                ("--curves", arguments.bifurcations.curves),
            ];
            refuse(contents, &[&arguments.map_only()[..], &more].concat())?;
            let style = arguments.style.style()?;
            match contents {
                Contents::Trajectory => figure::draw_trace(&TraceFile::open(&arguments.file)?, &style, picture)?,
                Contents::Branches => figure::draw_branches(&BranchSet::open(&arguments.file)?, &style, picture)?,
                _ => {
                    let file = CurvesFile::open(&arguments.file)?;
                    let lines = figure::curve_lines(&file.lines, &file.special);
                    figure::draw_plane(file.sides, &file.fixed, &lines, &style, picture)?;
                }
            }
            Report::new("", json!({}))
        }
    };
    report.json["contents"] = contents.name().into();
    report.drawn(&output);
    Ok(report)
}

fn not_of(contents: Contents, option: &str) -> Error {
    Error::request(format!("{option} does not go with a {}", contents.name()), format!("leave {option} off"))
}

fn refuse(contents: Contents, options: &[(&str, bool)]) -> Result<()> {
    options.iter().find(|o| o.1).map_or(Ok(()), |(name, _)| Err(not_of(contents, name)))
}

fn draw_lanes(arguments: &Arguments, target: Target<'_>) -> Result<Report> {
    refuse(Contents::Ramp, &arguments.map_only())?;
    let style = arguments.style.style()?;
    let ramp = RampFile::open(&arguments.file)?;
    let fixed = arguments.at.fixed(&ramp.axes)?;
    if let Some(walked) = fixed.iter().find(|f| f.axis == 0) {
        let name = walked.parameter.name();
        return Err(Error::request(format!("--at {name} fixes the ramp's own axis"), "fix other axes"));
    }
    let ramp = lanes_at(ramp, &fixed);
    let shape: Vec<usize> = ramp.axes[1..].iter().map(|a| a.values.len()).collect();
    let kind = RampPicture::of(&shape, arguments.variable.as_deref(), arguments.bifurcations.curves)?;
    kind.draw(&ramp, &style, target)?;
    let text = differences(&fixed) + &kind.note(&shape);
    let object = json!({ "variable": kind.variable(), "at": taken(&fixed), "asked": wanted(&fixed) });
    Ok(Report::new(text, object))
}
