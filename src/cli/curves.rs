//! `hopfmap curves`: Hopf, fold and cusp sets in the plane of two parameters.

use super::given::Given;
use super::outputs::Outputs;
use crate::error::{Error, Result};
use crate::figure;
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::statics::{Curves, Kind, Side, curves};
use crate::store::{LineFile, LinePoint, Value, write_lines};
use clap::Args;
use std::fmt::Write;

const FORM: &str = "write NAME=START:STOP, or NAME=log:START:STOP";

/// Arguments of `hopfmap curves`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap curves --x V_n=0:8 --y R_n=0:16 --set Gamma=0.1 -o curves.h5 --plot curves.png"
)]
pub struct Arguments {
    /// The plane's first parameter: NAME=START:STOP
    #[arg(long, value_name = "RANGE")]
    x: String,
    /// Its second: NAME=START:STOP
    #[arg(long, value_name = "RANGE")]
    y: String,
    /// A parameter that is the same everywhere: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    outputs: Outputs,
}

fn side(text: &str) -> Result<Side> {
    let (parameter, range) = split_assignment(text, FORM)?;
    let (log, rest) = range.strip_prefix("log:").map_or((false, range), |rest| (true, rest));
    let Some((low, high)) = rest.split_once(':') else {
        return Err(Error::request(format!("'{text}' is not a range"), FORM));
    };
    Ok(Side { parameter, low: parse_value(parameter, low)?, high: parse_value(parameter, high)?, log })
}

/// Computes, writes and draws.
pub fn run(arguments: &Arguments) -> Result<String> {
    let sides = [side(&arguments.x)?, side(&arguments.y)?];
    let given = Given::parse(&arguments.set)?;
    for s in &sides {
        let (name, set) = (
            s.parameter.name(),
            arguments.set.iter().any(|t| split_assignment(t, "").is_ok_and(|(p, _)| p == s.parameter)),
        );
        if set {
            return Err(Error::request(format!("{name} is both an axis and set"), "leave one of the two off"));
        }
    }
    let base = sides.iter().fold(given, |g, s| g.with(s.parameter, s.low)).complete(&[])?;
    arguments.outputs.check(0)?;
    let found = curves(sides, &base)?;
    let plane = sides.map(|s| s.parameter);
    let fixed: Vec<_> = Parameter::ALL.into_iter().filter(|p| !plane.contains(p)).map(|p| (p, base.get(p))).collect();
    write_lines(&arguments.outputs.output, &file(&found, fixed.clone()))?;
    let mut report = format!(
        "{}: curves in the plane of {} and {}\n",
        arguments.outputs.output.display(),
        plane[0].name(),
        plane[1].name()
    );
    for kind in [Kind::Hopf, Kind::Fold, Kind::Cusp] {
        let points: usize = found.of(kind).map(<[_]>::len).sum();
        // Writing to a String cannot fail.
        let why = found.no_hopf.filter(|_| kind == Kind::Hopf).map(|why| format!(" (none: {why})")).unwrap_or_default();
        let _ = writeln!(report, "  {:<6} {} lines, {points} points{why}", kind.name(), found.of(kind).count());
    }
    if let Some(picture) = &arguments.outputs.plot {
        figure::draw_plane(sides.map(|s| (s.parameter, s.low, s.high)), &fixed, &figure::lines(&found), picture)?;
        let _ = writeln!(report, "drawn: {}", picture.display());
    }
    Ok(report)
}

fn file(found: &Curves, fixed: Vec<(Parameter, f64)>) -> LineFile {
    let point = |p: &crate::statics::Point| LinePoint { x: p.x, y: p.y, v: p.v, omega: p.omega, lyapunov: p.lyapunov };
    let text = |s: &str| Value::Text(s.to_string());
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let mut file = LineFile {
        plane: found.plane,
        fixed,
        kinds: [Kind::Hopf, Kind::Fold, Kind::Cusp].map(Kind::name).to_vec(),
        lines: found.lines.iter().map(|(kind, line)| (*kind as u8, line.iter().map(point).collect())).collect(),
        attributes: vec![
            ("Conventions".into(), text("CF-1.11")),
            ("title".into(), text("Hopf, fold and cusp curves of a memristive quantum neuron")),
            ("source".into(), Value::Text(format!("hopfmap {}", env!("CARGO_PKG_VERSION")))),
            ("history".into(), Value::Text(format!("{:.0} {command}", jiff::Timestamp::now()))),
        ],
    };
    file.attributes.extend(found.no_hopf.map(|why| ("hopf_note".into(), Value::Text(format!("none: {why}")))));
    file
}
