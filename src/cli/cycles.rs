//! `hopfmap cycles`: branches of cycles along one parameter, with their bifurcations.

use super::command_line::command_line;
use super::command_report::{Format, Report};
use super::cycles_report::{object, text};
use super::messages::Verbosity;
use super::outputs::OutputArgs;
use super::parameter_args::ParameterArgs;
use super::progress::ProgressArgs;
use super::signals::listen;
use super::watching::{with_watch, words};
use crate::bifurcation::{EquilibriumLines, SpecialEquilibriumKind, equilibrium_lines, no_hopf};
use crate::continuation::{
    Diagram, Ending, MOST_STEPS, Point, Special, SpecialKind, Started, Watch, cycle_from_watched, diagram_watched,
    trial_values,
};
use crate::error::{Error, Result, short, shown};
use crate::figure;
use crate::grid::{parse_value, split_assignment};
use crate::model::{Parameter, Parameters, Start};
use crate::store::{BranchSet, StoredCycle, StoredEquilibrium, StoredSpecial, history, provenance, write_branches};
use clap::{Args, ValueEnum};
use std::path::Path;

const FORM: &str = "write NAME=START:STOP";
/// Width of a range, in units of the parameter's default, from which points may lie closer together than what is followed.
const WIDE: f64 = 100.0;
/// Steps in which the equilibria of a range are followed, at least.
const STEPS: f64 = 250.0;

/// Example shown in the help.
pub(super) const EXAMPLE: &str = "Examples:\n  hopfmap cycles --along V_n=0:9 --set R_n=5 --set Gamma=0.1 -o branch.h5 --plot branch.png\n  \
    hopfmap cycles --along alpha=0.1:2 --set V_n=2 --set R_n=6 --set Gamma=0.1 --start-from rest -o branch.h5";

/// Branches that are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Those from Hopf points or from the start.
    Main,
    /// Period-doubled ones too.
    All,
}

/// Arguments of `hopfmap cycles`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The parameter along which cycles are followed: NAME=START:STOP
    #[arg(long = "along", value_name = "RANGE")]
    followed: String,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where branches begin: 'hopf' is every Hopf point in the range; 'rest', 'lower', 'middle', 'upper' or X,Y,Z,V is the
    /// cycle that the motion from there comes to, at the value of --set, or at some values of the range
    /// [default: hopf, and rest if there is no Hopf point]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start_from: Option<String>,
    /// Which branches are followed: 'main', or 'all' for the period-doubled ones too
    #[arg(long, value_name = "WHICH", default_value = "main")]
    branches: Which,
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
        self.outputs.check_name()
    }
}

/// What is followed.
struct Request {
    p: Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    /// Whether branches begin at Hopf points.
    from_hopf: bool,
    /// The start of a motion, and the values of the parameter at which it is tried.
    start: Option<(Start, Vec<f64>)>,
}

fn range(text: &str) -> Result<(Parameter, (f64, f64))> {
    let (parameter, range) = split_assignment(text, FORM)?;
    let Some((low, high)) = range.split_once(':').filter(|(_, high)| !high.contains(':')) else {
        return Err(Error::request(format!("'{text}' is not a range"), FORM));
    };
    let (low, high) = (parse_value(parameter, low)?, parse_value(parameter, high)?);
    if low >= high {
        return Err(Error::request(
            format!("{} from {} to {} is an empty range", parameter.name(), shown(low), shown(high)),
            format!("write {}=START:STOP with START below STOP", parameter.name()),
        ));
    }
    Ok((parameter, (low, high)))
}

fn request(arguments: &Arguments) -> Result<Request> {
    let (parameter, range) = range(&arguments.followed)?;
    let values = ParameterArgs::parse(&arguments.set)?;
    let is_set = |text: &String| split_assignment(text, "").is_ok_and(|(p, _)| p == parameter);
    let set = values.get(parameter).filter(|_| arguments.set.iter().any(is_set));
    let name = parameter.name();
    if let Some(value) = set.filter(|v| !(range.0..=range.1).contains(v)) {
        let problem = format!("{name} = {}, where the start is followed, is outside the range", shown(value));
        return Err(Error::request(problem, format!("give --set {name}=… within {}", arguments.followed)));
    }
    let from = arguments.start_from.as_deref().map(str::trim);
    let from_hopf = from.is_none_or(|f| f == "hopf");
    if from_hopf && set.is_some() {
        let problem = format!("{name} is both followed along and set");
        return Err(Error::request(
            problem,
            format!("leave --set {name}=… off, or give --start-from rest to begin there"),
        ));
    }
    let p = values.with(parameter, set.unwrap_or(0.5 * (range.0 + range.1))).complete(&[])?;
    let start = match from {
        None => Some(Start::Rest),
        Some("hopf") => None,
        Some(text) => Some(Start::one(text).map_err(named_here)?),
    };
    let start = start.map(|s| (s, set.map_or_else(|| trial_values(range), |v| vec![v])));
    Ok(Request { p, parameter, range, from_hopf, start })
}

/// An error about a start, with the name that the option has in this command.
fn named_here(error: Error) -> Error {
    let named = |text: String| text.replace("`start`", "`start_from`");
    match error {
        Error::Request { problem, remedy } => Error::Request { problem: named(problem), remedy: named(remedy) },
        other => other,
    }
}

/// Follows the branches; the notes say what was not found.
fn follow(request: &Request, all: bool, watch: &Watch) -> Result<(Diagram, Vec<String>)> {
    let Request { p, parameter, range, from_hopf, .. } = *request;
    let mut notes = Vec::new();
    let mut found = diagram_watched(&p, parameter, range, (from_hopf, all), &[], watch);
    watch.stop.check()?;
    // Where no cycle can be isolated, no start leads to one.
    let none = no_hopf(&with(&p, parameter, range.1));
    let is_started = none.is_none() && (!from_hopf || found.hopf.is_empty());
    if let Some((start, values)) = request.start.as_ref().filter(|_| is_started) {
        let started = cycle_from_watched(&p, parameter, values, *start, watch).map_err(named_here)?;
        match &started.cycle {
            Some(cycle) => {
                let branches = diagram_watched(&p, parameter, range, (false, all), std::slice::from_ref(cycle), watch);
                found = Diagram { hopf: found.hopf, ..branches };
                notes.push("only the branch of this motion's cycle is followed: there may be others".to_string());
            }
            None => notes.push(no_cycle(parameter, &started, *start)),
        }
        watch.stop.check()?;
    }
    match none {
        Some(why) => notes.push(format!("there is no Hopf point and no cycle: {why}")),
        None if from_hopf && found.hopf.is_empty() => {
            notes.insert(0, "there is no Hopf point in the range".to_string());
        }
        None if from_hopf => notes.push(
            "branches that meet none of these Hopf points are not looked for: --start-from rest or X,Y,Z,V begins at a \
             motion's cycle"
                .to_string(),
        ),
        None => {}
    }
    Ok((found, notes))
}

/// The error of work that was stopped: nothing is written before all branches are whole.
fn stopped(error: Error, watch: &Watch, output: &Path) -> Error {
    match error {
        Error::Interrupted { .. } => Error::Unfinished {
            problem: format!("stopped, with {}; {} is not written", words(watch), output.display()),
            remedy: "run it again, perhaps over a narrower range".to_string(),
            source: Box::new(error),
        },
        other => other,
    }
}

/// Follows the branches and writes, draws and reports them.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let request = request(arguments)?;
    let Request { p, parameter, range, from_hopf, .. } = request;
    let outputs = arguments.outputs.outputs((None, None))?;
    outputs.check(&[], 0)?;
    let all = arguments.branches == Which::All;
    let watch = Watch::default();
    listen(&watch.stop);
    let followed =
        with_watch(arguments.progress.display(arguments.verbosity), &watch, || follow(&request, all, &watch));
    let (found, mut notes) = followed.map_err(|e| stopped(e, &watch, &outputs.output))?;
    notes.extend(wide(parameter, range));
    if from_hopf {
        notes.extend(without_branch(&found));
    }
    if found.branches.is_empty() {
        notes.push("no cycle was found, and the file has no branch".to_string());
    }
    let lines = equilibrium_lines(&p, parameter, range, &found.hopf);
    let fixed: Vec<_> = Parameter::ALL.into_iter().filter(|q| *q != parameter).map(|q| (q, p.get(q))).collect();
    let mut stored = stored(&found, &lines, fixed);
    stored.attributes = provenance(
        "Cycles of a memristive quantum neuron along one parameter",
        history(outputs.file(), &command_line()),
    );
    watch.stop.check().map_err(|e| stopped(e, &watch, &outputs.output))?;
    write_branches(outputs.file(), &stored)?;
    let mut report = Report::new(text(&found, &lines, &notes, &outputs), object(&found, &lines, &notes, &outputs));
    if let Some(picture) = outputs.picture()? {
        report.drawn(picture.output.path);
        figure::draw_branches(&stored, &figure::Style::USUAL, picture)?;
    }
    Ok(report)
}

/// The Hopf points at which no branch begins or ends, if there are any.
fn without_branch(found: &Diagram) -> Option<String> {
    let is_hopf = |s: &&Special| s.kind == SpecialKind::Hopf;
    let ends: Vec<&Special> = found.branches.iter().flat_map(|b| &b.special).filter(is_hopf).collect();
    let width = found.range.1 - found.range.0;
    let values = found.hopf.iter().map(|h| h.parameters.get(found.parameter));
    let alone: Vec<String> =
        values.filter(|v| !ends.iter().any(|s| (s.value - v).abs() <= 1e-6 * width)).map(short).collect();
    (!alone.is_empty()).then(|| {
        format!("no branch could be begun at the Hopf point {} = {}", found.parameter.name(), alone.join(", "))
    })
}

/// That points may be missed in a range that is wide for its parameter. Along V_n all folds and Hopf points are known.
fn wide(parameter: Parameter, (low, high): (f64, f64)) -> Option<String> {
    let scale = parameter.info().default.unwrap_or(1.0);
    let width = high - low;
    (parameter != Parameter::VN && width > WIDE * scale).then(|| {
        let step = short(width / STEPS);
        format!(
            "the range is wide: equilibria are followed in steps of {step}, and folds or Hopf points closer together may be \
             missed; give a narrower one"
        )
    })
}

fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut all = p.to_array();
    all[parameter as usize] = value;
    Parameters::from_array(all)
}

/// Why a start leads to no cycle: what became of the first motion, and of those that did not come to rest.
fn no_cycle(parameter: Parameter, started: &Started, start: Start) -> String {
    let name = parameter.name();
    let list = |values: Vec<f64>| values.into_iter().map(short).collect::<Vec<_>>().join(", ");
    let all = &started.others;
    let tried = all.iter().filter(|o| o.1 != Ending::Untried).map(|o| o.0).collect();
    let mut words = format!("the motion from {start} comes to no cycle at {name} = {}", list(tried));
    if let Some((value, Ending::Rest(v))) = all.first() {
        words += &format!("; at {name} = {} it comes to rest at V = {}", short(*value), short(*v));
    }
    let open = |o: &(f64, Ending)| if let Ending::Open(time, steps) = o.1 { Some((o.0, time, steps)) } else { None };
    let mut open = all.iter().filter_map(open);
    if let Some((value, time, steps)) = open.next() {
        let others = open.map(|o| o.0).collect::<Vec<_>>();
        let as_well = if others.is_empty() { String::new() } else { format!(", nor at {}", list(others)) };
        words += &format!(
            "; at {name} = {} it is on no cycle and not at rest at t = {}, after {steps} steps (the limit is {MOST_STEPS}){as_well}; \
             give --start-from X,Y,Z,V nearer to a cycle, such as a late state of 'hopfmap trace', or another --set {name}=…",
            short(value),
            short(time)
        );
    }
    let untried: Vec<f64> = all.iter().filter(|o| o.1 == Ending::Untried).map(|o| o.0).collect();
    if !untried.is_empty() {
        words += &format!("; {name} = {} is not tried, for the time that it takes", list(untried));
    }
    words
}

fn stored(found: &Diagram, lines: &EquilibriumLines, fixed: Vec<(Parameter, f64)>) -> BranchSet {
    let numbered = || (0_u32..).zip(&found.branches);
    let cycle = |(branch, c): (u32, &Point)| StoredCycle {
        branch,
        value: c.value,
        numbers: [c.span(), c.v_min, c.v_max, c.v_mean, c.period, c.current, c.power],
        maxima: c.maxima,
        multipliers: [c.multipliers.map(|m| m.re), c.multipliers.map(|m| m.im)],
        stable: c.is_stable(),
    };
    let special = |(branch, s): (u32, &Special)| StoredSpecial {
        branch,
        kind: s.kind as u8,
        value: s.value,
        numbers: [s.span, s.v_max, s.period],
    };
    BranchSet {
        followed: Some((found.parameter, found.range.0, found.range.1)),
        fixed,
        cycles: numbered().flat_map(|(n, b)| b.points.iter().map(move |c| (n, c))).map(cycle).collect(),
        special: numbered().flat_map(|(n, b)| b.special.iter().map(move |s| (n, s))).map(special).collect(),
        equilibria: (0_u32..)
            .zip(&lines.lines)
            .flat_map(|(line, points)| {
                points.iter().map(move |e| StoredEquilibrium { line, value: e.value, v: e.v, stable: e.stable })
            })
            .collect(),
        special_equilibria: lines
            .special
            .iter()
            .map(|s| StoredSpecial {
                branch: 0,
                kind: s.kind as u8,
                value: s.value,
                numbers: [s.v, s.omega, s.lyapunov],
            })
            .collect(),
        kinds: [
            SpecialKind::ALL.map(SpecialKind::name).to_vec(),
            SpecialEquilibriumKind::ALL.map(SpecialEquilibriumKind::name).to_vec(),
        ],
        attributes: Vec::new(),
    }
}
