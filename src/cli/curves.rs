//! `hopfmap curves`: bifurcation curves of equilibria and cycles in the plane of two parameters.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::OutputArgs;
use super::parameter_args::ParameterArgs;
use super::plane_curves::{self, CyclesArgs, object, of_cycles, stored, text};
use super::progress::ProgressArgs;
use crate::bifurcation::{Curves, Side, curves};
use crate::error::{Error, Result};
use crate::figure;
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::store::{CurveSet, Output, SIDES, Value, history, provenance, write_curves};
use clap::Args;

const FORM: &str = "write NAME=START:STOP, or NAME=log:START:STOP";

/// Arguments of `hopfmap curves`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hopfmap curves --x V_n=0:8 --y R_n=0:16 --set Gamma=0.1 -o curves.h5 --plot curves.png\n  \
    hopfmap curves --x V_n=6:14 --y R_n=20:60 --set Gamma=0.02 --cycles -o curves.h5 --plot curves.png"
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
    cycles: CyclesArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options without reading a file.
    ///
    /// # Errors
    /// [`Error::Request`] if the output's name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        self.cycles.lines()?;
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
    let lines = arguments.cycles.lines()?;
    let outputs = arguments.outputs.outputs((None, None))?;
    outputs.check(&[], 0)?;
    let found = curves(sides, &base)?;
    let cycles = lines
        .map(|n| of_cycles(sides, &base, &found, n, arguments.progress.display(arguments.verbosity)))
        .transpose()?;
    let plane = sides.map(|s| s.parameter);
    let fixed: Vec<_> = Parameter::ALL.into_iter().filter(|p| !plane.contains(p)).map(|p| (p, base.get(p))).collect();
    let mut set = CurveSet { fixed: fixed.clone(), ..stored(&found, cycles.as_ref()) };
    set.attributes = attributes(outputs.file(), &found, &sides);
    let more = cycles.as_ref().map(|c| plane_curves::attributes(&set, c));
    set.attributes.extend(more.into_iter().flatten());
    write_curves(outputs.file(), &set)?;
    let names = plane.map(Parameter::name);
    let head = format!("{}: curves in the plane of {} and {}\n", outputs.output.display(), names[0], names[1]);
    let mut object = object(&set, &found, cycles.as_ref());
    object["output"] = path(&outputs.output);
    let mut report = Report::new(head + &text(&set, &found, cycles.as_ref()), object);
    if let Some(picture) = outputs.picture()? {
        let lines = figure::curve_lines(&set.lines, &set.special);
        let axes = sides.map(|s| (s.parameter, s.low, s.high));
        report.drawn(picture.output.path);
        figure::draw_plane(axes, &fixed, &lines, &figure::Style::USUAL, picture)?;
    }
    Ok(report)
}

fn attributes(output: Output<'_>, found: &Curves, sides: &[Side; 2]) -> Vec<(String, Value)> {
    let text = |s: &str| Value::Text(s.to_string());
    let title = "Bifurcation curves of a memristive quantum neuron";
    let mut attributes = provenance(title, history(output, &command_line()));
    for ([name, low, high], side) in SIDES.iter().zip(sides) {
        attributes.push((name.to_string(), text(side.parameter.name())));
        attributes.push((low.to_string(), Value::Number(side.low)));
        attributes.push((high.to_string(), Value::Number(side.high)));
    }
    attributes.extend(found.no_hopf.map(|why| ("hopf_note".to_string(), Value::Text(format!("none: {why}")))));
    attributes
}
