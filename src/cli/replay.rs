//! `hopfmap replay`: recomputes one cell of a finished map and compares it with the file.

use super::axis_values::{AtArgs, Fixed, differences};
use super::command_report::{Format, Report, path};
use super::map_start::one_of_map;
use super::messages::Verbosity;
use super::outputs::OutputArgs;
use super::place::Place;
use super::rules::{exclusive, needs};
use super::trace::write;
use crate::audit::{Replay, replay};
use crate::error::{Error, Result, short};
use crate::store::MapFile;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `hopfmap replay`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap replay map.h5 --at Gamma=0.1,Z_T=0.5 -o cell.h5 --plot cell.png")]
pub(super) struct Arguments {
    /// The map
    map: PathBuf,
    /// The cell, by its index along each axis, or the number of its point, from 0
    #[arg(long, value_name = "I,J,…")]
    cell: Option<String>,
    #[command(flatten)]
    at: AtArgs,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: the map's first]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if options exclude or need each other, no cell is named, or the output's
    /// name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        let (cell, at) = (("--cell", self.cell.is_some()), ("--at", !self.at.is_empty()));
        exclusive(cell, at, "either names the cell")?;
        if !cell.1 && !at.1 {
            return Err(Error::request("no cell is named", "add --at NAME=VALUE,NAME=VALUE or --cell I,J"));
        }
        needs(("--plot", self.outputs.plot.is_some()), ("-o", self.outputs.output.is_some()))?;
        self.outputs.check_name()
    }
}

/// Recomputes the cell and reports; fails if the file disagrees.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    if let Some(note) = arguments.at.note(false) {
        arguments.verbosity.note(note);
    }
    let map = MapFile::open(&arguments.map)?;
    let (place, fixed) = place(arguments, &map)?;
    let start = one_of_map(&map, arguments.start.as_deref())?;
    let outputs = arguments.outputs.output.is_some().then(|| arguments.outputs.outputs((None, None))).transpose()?;
    if let Some(outputs) = &outputs {
        outputs.check(&[("the map to read", &arguments.map)], 0)?;
    }
    let replayed = replay(&map, start, &place)?;
    let start = map.starts().get(start).cloned();
    let at = Place::of_map(&map, &place);
    let mut text = at.text();
    text.push_str(&start.as_ref().map_or("\n".into(), |s| format!(", start {s}\n")));
    text.push_str(&differences(&fixed));
    // Writing to a String cannot fail.
    let _ =
        writeln!(text, "  in the map   {:<12} final span {:.7}", replayed.stored_outcome.name(), replayed.stored_span);
    let _ =
        writeln!(text, "  again (f64)  {:<12} final span {:.7}", replayed.result.outcome.name(), replayed.result.span);
    for (name, [stored, again]) in &replayed.asked_for {
        let _ = writeln!(text, "  {name:<14} {} in the map, {} again", short(*stored), short(*again));
    }
    let mut object = object(arguments, &replayed, &at, start.as_deref());
    if !fixed.is_empty() {
        object["asked"] = super::axis_values::wanted(&fixed);
    }
    if let Some(outputs) = &outputs {
        let trajectory = write(&replayed.trajectory, None, outputs)?;
        text.push_str("the whole way from the start to the outcome, so that its span includes the transient:\n");
        text.push_str(&trajectory.text);
        object["trajectory"] = trajectory.json;
    }
    if replayed.agrees() {
        let _ = writeln!(text, "this cell agrees with the map (tolerance {:.1e})", replayed.tolerance);
        return Ok(Report::new(text, object));
    }
    let apart: Vec<_> = replayed.asked_for_apart().collect();
    let others = if apart.is_empty() { String::new() } else { format!("; other values in {}", apart.join(", ")) };
    let problem = format!(
        "says {} with span {:.7} of this cell, and it is {} with span {:.7} (tolerance {:.1e}){others}",
        replayed.stored_outcome.name(),
        replayed.stored_span,
        replayed.result.outcome.name(),
        replayed.result.span,
        replayed.tolerance
    );
    Ok(Report::new("", object).failed(Error::file(&arguments.map, problem)))
}

fn object(arguments: &Arguments, replayed: &Replay, at: &Place, start: Option<&str>) -> Value {
    let result = &replayed.result;
    json!({
        "map": path(&arguments.map),
        "at": at.json(),
        "start": start,
        "holds": replayed.agrees(),
        "in_map": { "outcome": replayed.stored_outcome.name(), "span": replayed.stored_span },
        "again": {
            "outcome": result.outcome.name(), "span": result.span, "v_min": result.v_min, "v_max": result.v_max,
            "v_mean": result.v_mean, "period": result.period, "settle_time": result.settle_time,
        },
        "tolerance": replayed.tolerance,
        "asked_for": replayed.asked_for.iter().map(|(name, [stored, again])| {
            json!({ "name": name, "in_map": stored, "again": again })
        }).collect::<Vec<_>>(),
        "trajectory": null,
    })
}

/// Index of the cell along each axis, and the `--at` values that selected it (none with `--cell`).
fn place(arguments: &Arguments, map: &MapFile) -> Result<(Vec<usize>, Vec<Fixed>)> {
    if let Some(text) = &arguments.cell {
        let parsed: std::result::Result<Vec<usize>, _> = text.split(',').map(|i| i.trim().parse()).collect();
        let place = parsed.map_err(|_| {
            Error::request(format!("'{text}' is not a cell"), "write --cell I,J with whole numbers from 0")
        })?;
        return Ok((place, Vec::new()));
    }
    if map.points().is_some() {
        return Err(Error::request(
            "--at names a cell by its axes, and this is a map of points",
            "name the point by its number from 0, as --cell 12",
        ));
    }
    let fixed = arguments.at.fixed(map.axes())?;
    let named = |axis: usize| fixed.iter().find(|f| f.axis == axis).map(|f| f.index);
    let mut place = Vec::new();
    for (i, axis) in map.axes().iter().enumerate() {
        let only = (axis.values.len() == 1).then_some(0);
        place.push(named(i).or(only).ok_or_else(|| {
            let name = axis.parameter.name();
            Error::request(format!("--at names no value of {name}"), format!("add {name}=…"))
        })?);
    }
    Ok((place, fixed))
}
