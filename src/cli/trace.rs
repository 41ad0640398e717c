//! `hopfmap trace`: one neuron in time, with its spectrum.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::{OutputArgs, Outputs};
use super::parameter_args::ParameterArgs;
use super::request_args::FromMap;
use crate::bifurcation::only_start_state;
use crate::error::{Result, short};
use crate::figure;
use crate::model::Start;
use crate::plan::{Theory, timing};
use crate::results::Outcome;
use crate::store::TraceFile;
use crate::trace::{Motion, MotionSummary, Spectrum, Trajectory, TrajectoryRequest, integrate, record};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;

/// Default length of the record before t-end, in tau_c.
const RECORDED: f64 = 200.0;
/// Steps above which a search for the outcome is announced.
const LONG: f64 = 1e7;
/// Bytes per sample on disk.
const SAMPLE_BYTES: u64 = 8 * 8;

/// Example shown in the help.
pub(super) const EXAMPLE: &str =
    "Example:\n  hopfmap trace --set R_n=5 --set V_n=0.23 --set Gamma=0.1 -o fig3.h5 --plot fig3.png";

/// Arguments of `hopfmap trace`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    #[command(flatten)]
    from: FromMap,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: rest]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    /// Time to which it runs, in tau_c [default: when a sweep would give it up: 60/(alpha Gamma), at least 5000, more near a bifurcation]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_end: Option<f64>,
    /// Time from which it is recorded, in tau_c [default: 200 before t-end, or 0]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_start: Option<f64>,
    /// Step of RK4 in tau_c [default: from each cell's own rates]
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    dt: Option<f64>,
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
    /// [`crate::Error::Request`] if the output's name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        self.outputs.check_name()
    }
}

/// Integrates one neuron and writes, draws and reports its trajectory.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let base = arguments.from.request()?.unwrap_or_default();
    let parameters = ParameterArgs::over(&base, &arguments.set)?.complete(&[])?;
    let start = arguments.start.as_deref().map_or_else(|| base.start.single(), Start::one)?;
    let start = only_start_state(start, &parameters)?;
    let slowest = || Theory::prepared_for(&parameters).at(&parameters).slowest;
    let t_end = arguments.t_end.unwrap_or_else(|| timing::longest(&parameters, slowest()));
    let t_start = arguments.t_start.unwrap_or((t_end - RECORDED).max(0.0));
    let trial = TrajectoryRequest { parameters, start, t_end, t_start, dt: arguments.dt.or(base.dt) };
    let (_, first, last) = trial.plan()?;
    let outputs = arguments.outputs.outputs((None, None))?;
    let inputs: Vec<_> = arguments.from.input().into_iter().collect();
    outputs.check(&inputs, (last - first) * SAMPLE_BYTES)?;
    let trajectory = integrate(&trial)?;
    let steps = timing::longest(&parameters, slowest()) / trajectory.dt;
    if steps > LONG && parameters.alpha * parameters.gamma > 0.0 {
        arguments.verbosity.note(&format!("what becomes of the motion takes up to {steps:.0e} steps to find"));
    }
    write(&trajectory.followed()?, &outputs)
}

/// Writes a trajectory and its spectrum, draws them if requested, and reports.
pub(super) fn write(trajectory: &Trajectory, outputs: &Outputs) -> Result<Report> {
    let spectrum = trajectory.spectrum()?;
    record(outputs.file(), trajectory, &spectrum, &command_line())?;
    let mut report = Report::new(text(trajectory, &spectrum, outputs), object(trajectory, &spectrum, outputs));
    if let Some(picture) = outputs.picture() {
        figure::draw_trace(&TraceFile::open(&outputs.output)?, picture)?;
        report.drawn(picture.path);
    }
    Ok(report)
}

fn text(trajectory: &Trajectory, spectrum: &Spectrum, outputs: &Outputs) -> String {
    let Trajectory { motion, trial, dt, .. } = trajectory;
    let mut out = format!(
        "{}: recorded from t = {} to {}, {} samples at dt = {}\n",
        outputs.output.display(),
        short(trial.t_start),
        short(trial.t_end),
        trajectory.states.len(),
        short(*dt)
    );
    let mut line = |name: &str, text: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {name:<14} {text}");
    };
    line(
        "recorded span",
        format!("{:.7}: V from {:.7} to {:.7} in this record", motion.span, motion.v_min, motion.v_max),
    );
    line("recorded mean", format!("{:.7}", motion.v_mean));
    line("motion", motion_text(motion));
    if motion.period().is_finite() {
        line("period", format!("{:.6} tau_c ({:.1} samples)", motion.period(), motion.period() / dt));
    } else if motion.between_maxima.is_finite() {
        line("maxima", format!("every {:.6} tau_c on average", motion.between_maxima));
    }
    if spectrum.fundamental.is_finite() {
        line(
            "frequency",
            format!("omega = {:.5} by the period, {:.5} from the spectrum", motion.omega(), spectrum.fundamental),
        );
    } else if spectrum.peak.is_finite() {
        line("frequency", format!("omega = {:.5} at the highest peak of the spectrum", spectrum.peak));
    }
    if let [first, rest @ ..] = &spectrum.harmonics[..] {
        let relative: Vec<_> = rest.iter().take(4).map(|a| format!("{:.2e}", a / first)).collect();
        line(
            "harmonics",
            format!(
                "{} above the floor; amplitude {first:.4e}, then {} of it; distortion {:.3} %",
                spectrum.above_floor,
                relative.join(", "),
                100.0 * spectrum.distortion
            ),
        );
    }
    out
}

/// What the motion is, and what becomes of it if that is something else.
fn motion_text(motion: &MotionSummary) -> String {
    let name = motion.kind().name();
    if motion.is_at_rest() {
        return format!(
            "{name}: V moves by {:.1e} at last, and rounding alone by up to {:.1e}",
            motion.span_at_end(),
            motion.rounding
        );
    }
    let Some(end) = &motion.outcome else { return name.to_string() };
    match motion.kind() {
        Motion::Chaotic | Motion::Quasiperiodic => {
            format!("{name}, with a largest Lyapunov exponent of {:.4} per tau_c", motion.lyapunov())
        }
        Motion::Settling if end.outcome == Outcome::Steady => {
            format!("{name}: it comes to rest at V = {:.7}, after this record", end.v_mean)
        }
        Motion::Settling if end.outcome == Outcome::Oscillating => {
            let (span, period) = (end.span, end.period);
            format!("{name}: it comes to a cycle of span {span:.7} and period {period:.6} tau_c, after this record")
        }
        Motion::Settling => {
            let (what, span) = (end.outcome.name(), end.span);
            format!("{name}: it becomes {what}, with a span of {span:.7}, after this record")
        }
        Motion::Unsettled => format!("{name}: a sweep gives it up before it has settled"),
        _ => name.to_string(),
    }
}

fn object(trajectory: &Trajectory, spectrum: &Spectrum, outputs: &Outputs) -> Value {
    let Trajectory { motion, trial, dt, .. } = trajectory;
    json!({
        "output": path(&outputs.output),
        "t_start": trial.t_start,
        "t_end": trial.t_end,
        "dt": dt,
        "samples": trajectory.states.len(),
        "recorded_span": motion.span,
        "recorded_v_min": motion.v_min,
        "recorded_v_max": motion.v_max,
        "recorded_v_mean": motion.v_mean,
        "motion": motion.kind().name(),
        "outcome": motion.outcome.map(|end| end.outcome.name()),
        "lyapunov": motion.lyapunov(),
        "time_between_maxima": motion.between_maxima,
        "period": motion.period(),
        "frequency": motion.omega(),
        "spectrum_peak": spectrum.peak,
        "harmonics": spectrum.harmonics,
        "harmonics_above_floor": spectrum.above_floor,
        "total_harmonic_distortion": spectrum.distortion,
    })
}
