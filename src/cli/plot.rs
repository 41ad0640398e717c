//! `hopfmap plot`: a picture of a finished map.

use crate::error::{Error, Result};
use crate::figure::{self, View};
use crate::grid::{parse_value, split_assignment};
use crate::model::{COUNT, Parameter, Parameters};
use crate::statics::{Side, curves};
use crate::store::{MapFile, Output, StoredAxis, check_apart};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hopfmap plot`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap plot map.h5 -o map.svg --variable v_mean --at alpha=1")]
pub struct Arguments {
    /// The map
    map: PathBuf,
    /// Where to draw it: FILE.png or FILE.svg [default: the map's name with .png]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which column: span, v_min, v_max, v_mean, period, span_error, settle_time or outcome; of a map with several starts also
    /// attractors, coexistence or largest_span [default: span, or largest_span]
    #[arg(long)]
    variable: Option<String>,
    /// Which start of a map that has several: lower, middle or upper
    #[arg(long, value_name = "NAME")]
    start: Option<String>,
    /// Fix an axis at the value nearest to this: NAME=VALUE. A map of more than two axes needs all but two fixed.
    #[arg(long, value_name = "NAME=VALUE")]
    at: Vec<String>,
    /// Draw the Hopf, fold and cusp curves of the map's plane over it
    #[arg(long)]
    curves: bool,
    /// Replace a picture that exists
    #[arg(long)]
    force: bool,
}

/// Draws and says where.
pub fn run(arguments: &Arguments) -> Result<String> {
    let map = MapFile::open(&arguments.map)?;
    let output = arguments.output.clone().unwrap_or_else(|| arguments.map.with_extension("png"));
    check_apart(&arguments.map, &output)?;
    figure::check_output(&output, arguments.force)?;
    let at: Vec<(Parameter, f64)> = (arguments.at.iter())
        .map(|text| {
            let (p, value) = split_assignment(text, "write --at NAME=VALUE")?;
            Ok((p, parse_value(p, value)?))
        })
        .collect::<Result<_>>()?;
    for (i, (p, _)) in at.iter().enumerate() {
        if at[..i].iter().any(|(q, _)| q == p) {
            return Err(Error::request(format!("--at fixes {} twice", p.name()), "fix each axis once"));
        }
    }
    let overlay = if arguments.curves { overlay(&map, &at)? } else { Vec::new() };
    let start = map.start(arguments.start.as_deref())?;
    let own = if arguments.start.is_some() { "span" } else { figure::main_column(&map) };
    let view = View { column: arguments.variable.as_deref().unwrap_or(own), start, at: &at };
    figure::draw(&map, &view, &overlay, Output::with(&output, arguments.force))?;
    Ok(format!("drawn: {}\n", output.display()))
}

/// The curves of the plane that is left when the axes in `at` are fixed.
fn overlay(map: &MapFile, at: &[(Parameter, f64)]) -> Result<Vec<figure::Line>> {
    let (free, fixed) = figure::free_axes(map, at)?;
    let [y, x] = &free[..] else {
        return Err(Error::request(
            format!("--curves needs a plane, and {} axes are left to draw along", free.len()),
            "leave --curves off, or fix all axes but two with --at",
        ));
    };
    let mut values = [0.0; COUNT];
    for (p, value) in fixed {
        values[p as usize] = value;
    }
    let side = |axis: &StoredAxis| {
        let ends = axis.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        Side { parameter: axis.parameter, low: ends.0, high: ends.1, log: ends.0 > 0.0 && ends.1 > 100.0 * ends.0 }
    };
    Ok(figure::lines(&curves([side(x), side(y)], &Parameters::from_array(values))?))
}
