//! `hopfmap replay`: one cell of a finished map again, held against what the file says of it.

use super::trace::write;
use crate::error::{Error, Result};
use crate::grid::{parse_value, split_assignment};
use crate::store::{self, MapFile, Output};
use crate::trace::replay;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `hopfmap replay`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap replay map.h5 --at Gamma=0.1,Z_T=0.5 -o cell.h5 --plot cell.png")]
pub struct Arguments {
    /// The map
    map: PathBuf,
    /// The cell, by its index along each axis, from 0: i,j[,…]
    #[arg(long, value_name = "I,J,…", conflicts_with = "at", required_unless_present = "at")]
    cell: Option<String>,
    /// The cell nearest to these values, one for each axis: NAME=VALUE[,NAME=VALUE…]
    #[arg(long, value_name = "NAME=VALUE,…")]
    at: Option<String>,
    /// Which start of a map that has several: lower, middle or upper
    #[arg(long, value_name = "NAME")]
    start: Option<String>,
    /// Where to write its trajectory (HDF5 with netCDF-4 conventions)
    #[arg(short, long, value_name = "FILE.h5")]
    output: Option<PathBuf>,
    /// Draw the trajectory, too: FILE.png or FILE.svg (needs --output)
    #[arg(long, value_name = "FILE", requires = "output")]
    plot: Option<PathBuf>,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
}

/// Runs the cell again, reports, and fails where the file's word does not hold.
pub fn run(arguments: &Arguments) -> Result<String> {
    let map = MapFile::open(&arguments.map)?;
    let place = place(arguments, &map)?;
    if let Some(output) = &arguments.output {
        store::check_apart(&arguments.map, output)?;
        store::check_output(output, arguments.force, 0)?;
    }
    if let Some(picture) = &arguments.plot {
        store::check_apart(&arguments.map, picture)?;
        crate::figure::check_output(picture, arguments.force)?;
    }
    let again = replay(&map, map.start(arguments.start.as_deref())?, &place)?;
    let at = map.axes.iter().zip(&place).map(|(a, i)| format!("{} = {:.6}", a.parameter.name(), a.values[*i]));
    let mut report = format!("{}\n", at.collect::<Vec<_>>().join(", "));
    // Writing to a String cannot fail.
    let _ = writeln!(report, "  in the map   {:<12} span {:.7}", again.stored_outcome.name(), again.stored_span);
    let _ = writeln!(report, "  again (f64)  {:<12} span {:.7}", again.answer.outcome.name(), again.answer.span);
    if let Some(output) = &arguments.output {
        let picture = arguments.plot.as_deref().map(|path| Output::with(path, arguments.force));
        report.push_str(&write(&again.trajectory, Output::with(output, arguments.force), picture)?);
    }
    if !again.agrees() {
        return Err(Error::file(
            &arguments.map,
            format!(
                "says {} with span {:.7} of this cell, and it is {} with span {:.7} (tolerance {:.1e})",
                again.stored_outcome.name(),
                again.stored_span,
                again.answer.outcome.name(),
                again.answer.span,
                again.tolerance
            ),
        ));
    }
    let _ = writeln!(report, "the map's word holds (tolerance {:.1e})", again.tolerance);
    Ok(report)
}

fn place(arguments: &Arguments, map: &MapFile) -> Result<Vec<usize>> {
    if let Some(text) = &arguments.cell {
        let parsed: std::result::Result<Vec<usize>, _> = text.split(',').map(|i| i.trim().parse()).collect();
        return parsed.map_err(|_| {
            Error::request(format!("'{text}' is not a cell"), "write --cell I,J with whole numbers from 0")
        });
    }
    let mut place = vec![None; map.axes.len()];
    for text in arguments.at.iter().flat_map(|t| t.split(',')) {
        let (p, value) = split_assignment(text, "write --at NAME=VALUE,NAME=VALUE")?;
        let value = parse_value(p, value)?;
        let Some(axis) = map.axes.iter().position(|a| a.parameter == p) else {
            return Err(Error::request(format!("{} is no axis of the map", p.name()), "name its axes"));
        };
        place[axis] = Some(map.axes[axis].nearest_within(value)?);
    }
    let missing = map.axes.iter().zip(&place).find(|(a, i)| i.is_none() && a.values.len() > 1);
    if let Some((axis, _)) = missing {
        let name = axis.parameter.name();
        return Err(Error::request(format!("--at names no value of {name}"), format!("add {name}=…")));
    }
    Ok(place.into_iter().map(Option::unwrap_or_default).collect())
}
