//! `hopfmap plot`: a picture of a finished map.

use crate::error::Result;
use crate::figure;
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::store::MapFile;
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
    /// Which column: span, v_min, v_max, v_mean, period, span_error, settle_time or outcome
    #[arg(long, default_value = "span")]
    variable: String,
    /// Fix an axis at the value nearest to this: NAME=VALUE. A map of more than two axes needs all but two fixed.
    #[arg(long, value_name = "NAME=VALUE")]
    at: Vec<String>,
    /// Replace a picture that exists
    #[arg(long)]
    force: bool,
}

/// Draws and says where.
pub fn run(arguments: &Arguments) -> Result<String> {
    let map = MapFile::open(&arguments.map)?;
    let output = arguments.output.clone().unwrap_or_else(|| arguments.map.with_extension("png"));
    figure::check_output(&output, arguments.force)?;
    let at: Vec<(Parameter, f64)> = (arguments.at.iter())
        .map(|text| {
            let (p, value) = split_assignment(text, "write --at NAME=VALUE")?;
            Ok((p, parse_value(p, value)?))
        })
        .collect::<Result<_>>()?;
    figure::draw(&map, &arguments.variable, &at, &output)?;
    Ok(format!("drawn: {}\n", output.display()))
}
