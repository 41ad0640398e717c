//! `hopfmap curves`: Hopf, fold and cusp sets in the plane of two parameters.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::OutputArgs;
use super::parameter_args::ParameterArgs;
use crate::bifurcation::{CurveKind, Curves, Side, curves};
use crate::error::{Error, Result};
use crate::figure;
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::store::{CurvePoint, CurveSet, Output, SIDES, Value, history, provenance, write_curves};
use clap::Args;
use serde_json::json;
use std::fmt::Write;

const FORM: &str = "write NAME=START:STOP, or NAME=log:START:STOP";

/// Arguments of `hopfmap curves`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap curves --x V_n=0:8 --y R_n=0:16 --set Gamma=0.1 -o curves.h5 --plot curves.png"
)]
pub(super) struct Arguments {
    /// The plane's first parameter: NAME=START:STOP
    #[arg(long, value_name = "RANGE")]
    x: String,
    /// Its second: NAME=START:STOP
    #[arg(long, value_name = "RANGE")]
    y: String,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options without reading a file.
    ///
    /// # Errors
    /// [`Error::Request`] if the output's name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        self.outputs.check_name()
    }
}

fn side(text: &str) -> Result<Side> {
    let (parameter, range) = split_assignment(text, FORM)?;
    let (log, rest) = range.strip_prefix("log:").map_or((false, range), |rest| (true, rest));
    let Some((low, high)) = rest.split_once(':').filter(|(_, high)| !high.contains(':')) else {
        return Err(Error::request(format!("'{text}' is not a range"), FORM));
    };
    Ok(Side { parameter, low: parse_value(parameter, low)?, high: parse_value(parameter, high)?, log })
}

/// Computes the curves and writes, draws and reports them.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let sides = [side(&arguments.x)?, side(&arguments.y)?];
    let values = ParameterArgs::parse(&arguments.set)?;
    for s in &sides {
        let (name, set) = (
            s.parameter.name(),
            arguments.set.iter().any(|t| split_assignment(t, "").is_ok_and(|(p, _)| p == s.parameter)),
        );
        if set {
            return Err(Error::request(format!("{name} is both an axis and set"), "leave one of the two off"));
        }
    }
    let base = sides.iter().fold(values, |g, s| g.with(s.parameter, s.low)).complete(&[])?;
    let outputs = arguments.outputs.outputs((None, None))?;
    outputs.check(&[], 0)?;
    let found = curves(sides, &base)?;
    let plane = sides.map(|s| s.parameter);
    let fixed: Vec<_> = Parameter::ALL.into_iter().filter(|p| !plane.contains(p)).map(|p| (p, base.get(p))).collect();
    write_curves(outputs.file(), &file(outputs.file(), &found, &sides, fixed.clone()))?;
    let names = plane.map(Parameter::name);
    let mut text = format!("{}: curves in the plane of {} and {}\n", outputs.output.display(), names[0], names[1]);
    let mut object = json!({ "output": path(&outputs.output), "x": names[0], "y": names[1] });
    for kind in [CurveKind::Hopf, CurveKind::Fold, CurveKind::Cusp] {
        let (lines, points) = (found.of(kind).count(), found.of(kind).map(<[_]>::len).sum::<usize>());
        // Writing to a String cannot fail.
        let why = found.no_hopf.filter(|_| kind == CurveKind::Hopf);
        let words = why.map(|why| format!(" (none: {why})")).unwrap_or_default();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let _ = writeln!(
            text,
            "  {:<6} {lines} line{}, {points} point{}{words}",
            kind.name(),
            plural(lines),
            plural(points)
        );
        object[kind.name()] = json!({ "lines": lines, "points": points });
        if let Some(why) = why {
            object["hopf_note"] = format!("none: {why}").into();
        }
    }
    let mut report = Report::new(text, object);
    if let Some(picture) = outputs.picture() {
        figure::draw_plane(sides.map(|s| (s.parameter, s.low, s.high)), &fixed, &figure::lines(&found), picture)?;
        report.drawn(picture.path);
    }
    Ok(report)
}

fn file(output: Output<'_>, found: &Curves, sides: &[Side; 2], fixed: Vec<(Parameter, f64)>) -> CurveSet {
    let point =
        |p: &crate::bifurcation::Point| CurvePoint { x: p.x, y: p.y, v: p.v, omega: p.omega, lyapunov: p.lyapunov };
    let text = |s: &str| Value::Text(s.to_string());
    let title = "Hopf, fold and cusp curves of a memristive quantum neuron";
    let mut attributes = provenance(title, history(output, &command_line()));
    for ([name, low, high], side) in SIDES.iter().zip(sides) {
        attributes.push((name.to_string(), text(side.parameter.name())));
        attributes.push((low.to_string(), Value::Number(side.low)));
        attributes.push((high.to_string(), Value::Number(side.high)));
    }
    attributes.extend(found.no_hopf.map(|why| ("hopf_note".to_string(), Value::Text(format!("none: {why}")))));
    CurveSet {
        plane: found.plane,
        fixed,
        kinds: [CurveKind::Hopf, CurveKind::Fold, CurveKind::Cusp].map(CurveKind::name).to_vec(),
        lines: found.lines.iter().map(|(kind, line)| (*kind as u8, line.iter().map(point).collect())).collect(),
        attributes,
    }
}
