//! `hopfmap trace`: one neuron in time, with its spectrum.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::device_args::DeviceArgs;
use super::messages::Verbosity;
use super::outputs::{OutputArgs, Outputs};
use super::parameter_args::ParameterArgs;
use super::request_args::FromMap;
use super::running::Running;
use crate::bifurcation::only_start_state;
use crate::error::{Result, short};
use crate::figure;
use crate::model::{Device, Parameter, Start};
use crate::plan::{Theory, timing};
use crate::results::Outcome;
use crate::store::TraceFile;
use crate::trace::{
    Bursts, Input, Means, Model, Motion, Noise, Spectrum, Trajectory, TrajectoryRequest, bursts, integrate_driven,
    integrate_free, integrate_noisy, means, periods, record,
};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::f64::consts::SQRT_2;
use std::fmt::Write;

/// Default length of the record before t-end, in tau_c.
const RECORDED: f64 = 200.0;
/// Default end where alpha Gamma = 0, in tau_c: nothing is damped, and no sweep would integrate it.
const UNDAMPED: f64 = 2000.0;
/// Steps above which a search for the outcome is announced.
const LONG: f64 = 1e7;
/// Bytes per sample on disk: t, ten variables over it, and half an angular frequency with its power.
const SAMPLE_BYTES: u64 = 12 * 8;

/// Distance of V from the dark state, and coherence there, that tell it.
const DARK: f64 = 1e-6;

/// Example shown in the help.
pub(super) const EXAMPLE: &str = "Examples:\n  hopfmap trace --set R_n=5 --set V_n=0.23 --set Gamma=0.1 -o fig3.h5 --plot fig3.png\n  \
    hopfmap trace --set R_n=8 --set Gamma=0.5 --input triangle:0,8,200 --t-end 400 -o loop.h5 --plot loop.png";

/// The equations, as the command line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Equations {
    Full,
    Pendulum,
}

/// Arguments of `hopfmap trace`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    #[command(flatten)]
    from: FromMap,
    #[command(flatten)]
    device: DeviceArgs,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: rest]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    /// Time to which it runs, in tau_c [default: when a sweep would give it up: 60/(alpha Gamma), at least 5000, more near a bifurcation; 2000 if
    /// alpha Gamma = 0]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_end: Option<f64>,
    /// Time from which it is recorded, in tau_c [default: 200 before t-end, or 0]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_start: Option<f64>,
    /// Step of RK4 in tau_c [default: from each cell's own rates]
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    dt: Option<f64>,
    /// Input V_n(t): step:T,A, pulse:T,WIDTH,A[,PERIOD] (added to V_n), sine:OFFSET,A,OMEGA, triangle:OFFSET,A,PERIOD, or
    /// a CSV file of times in tau_c and V_n
    #[arg(long, value_name = "FORM", allow_hyphen_values = true)]
    input: Option<String>,
    /// The equations: 'full' is Eq. 10, 'pendulum' is Eqs. 15 and 16, with Z held at Z_T
    #[arg(long, value_name = "MODEL", default_value = "full")]
    model: Equations,
    /// Strength D of white noise on dV/dt, in V² per tau_c: <xi(t) xi(t')> = 2 D delta(t - t') [default: 0]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    noise: Option<f64>,
    /// Seed of the random numbers: another one gives others
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
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
    let base = arguments.device.over(arguments.from.request()?.unwrap_or_default())?;
    let values = ParameterArgs::over(&base, &arguments.set)?;
    let level = values.get(Parameter::VN);
    let input = arguments.input.as_deref().map(|text| Input::parse(text, level)).transpose()?;
    // Equilibria, and what may come of the motion, are those at the first V_n.
    let values = match &input {
        Some(input) => values.with(Parameter::VN, input.at(0.0)),
        None => values,
    };
    let parameters = values.complete(&[])?;
    let start = arguments.start.as_deref().map_or_else(|| base.start.single(), Start::one)?;
    let start = only_start_state(start, &parameters)?;
    let slowest = || Theory::prepared_for(&parameters).at(&parameters).slowest;
    let is_damped = parameters.alpha * parameters.gamma > 0.0;
    let longest = || if is_damped { timing::longest(&parameters, slowest()) } else { UNDAMPED };
    let t_end = arguments.t_end.unwrap_or_else(longest);
    let t_start = arguments.t_start.unwrap_or((t_end - RECORDED).max(0.0));
    let trial = TrajectoryRequest { parameters, start, t_end, t_start, dt: arguments.dt.or(base.dt) };
    let (_, first, last) = trial.plan()?;
    let outputs = arguments.outputs.outputs((None, None))?;
    let inputs: Vec<_> = arguments.from.input().into_iter().chain(arguments.device.input()).collect();
    outputs.check(&inputs, (last - first) * SAMPLE_BYTES)?;
    let noise = Noise::new(arguments.noise.unwrap_or(0.0), arguments.seed)?;
    let is_pendulum = arguments.model == Equations::Pendulum;
    if input.is_some() || is_pendulum || noise.is_some() {
        let model = if is_pendulum { Model::Pendulum } else { Model::Full };
        let constant = Input::Step { level: parameters.v_n, at: 0.0, height: 0.0 };
        let of_time = input.as_ref().unwrap_or(&constant);
        let by = |model: Model| match &noise {
            Some(noise) => integrate_noisy(&trial, of_time, model, noise),
            None => integrate_driven(&trial, of_time, model),
        };
        let mut trajectory = by(model)?;
        if is_pendulum {
            trajectory.full = Some(by(Model::Full)?.states.iter().map(|s| s.v).collect());
        }
        if input.is_none() {
            trajectory.input = None;
        }
        return write(&trajectory, base.device.as_ref(), &outputs);
    }
    let trajectory = integrate_free(&trial)?;
    let steps = timing::longest(&parameters, slowest()) / trajectory.dt;
    if steps > LONG && is_damped {
        arguments.verbosity.note(&format!("what becomes of the motion takes up to {steps:.0e} steps to find"));
    }
    write(&trajectory.followed()?, base.device.as_ref(), &outputs)
}

/// Writes a trajectory and its spectrum, draws them if requested, and reports.
pub(super) fn write(trajectory: &Trajectory, device: Option<&Device>, outputs: &Outputs) -> Result<Report> {
    let spectrum = trajectory.spectrum()?;
    record(outputs.file(), trajectory, &spectrum, device, &command_line())?;
    let (means, bursts) = (means(trajectory), bursts(trajectory));
    let mut lines = text(trajectory, &spectrum, outputs);
    lines.push_str(&more_text(trajectory, &means, &bursts));
    let mut object = object(trajectory, &spectrum, (&means, &bursts), outputs);
    if let Some(device) = device {
        let running = Running::in_record(trajectory);
        lines.push_str("in the device's units\n");
        lines.push_str(&running.text(device));
        object["si"] = running.object(device);
    }
    let mut report = Report::new(lines, object);
    if let Some(picture) = outputs.picture()? {
        report.drawn(picture.output.path);
        figure::draw_trace(&TraceFile::open(&outputs.output)?, &figure::Style::USUAL, picture)?;
    }
    Ok(report)
}

/// Smallest and largest value.
fn extremes(values: &[f64]) -> [f64; 2] {
    let ends = |[low, high]: [f64; 2], v: &f64| [low.min(*v), high.max(*v)];
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], ends)
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
    if let Some(full) = &trajectory.full {
        let [low, high] = extremes(full);
        line("Eq. 10", format!("a span of {:.7}: V from {low:.7} to {high:.7}, from the same start", high - low));
    }
    line("recorded mean", format!("{:.7}", trajectory.v_mean()));
    line("motion", motion_text(trajectory));
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

/// Voltage of the dark state that an undamped motion has come to, if it has: there F_01 = 0, so the particle turns freely
/// while V rests.
fn dark_state(trajectory: &Trajectory) -> Option<f64> {
    let (p, motion) = (&trajectory.trial.parameters, &trajectory.motion);
    let last = trajectory.states.last()?;
    let v = p.x_0 / (SQRT_2 * p.l);
    let is_dark = p.gamma == 0.0 && motion.is_at_rest() && last.x.hypot(last.y) > DARK;
    (is_dark && (last.v - v).abs() < DARK).then_some(v)
}

/// Means, and bursts where there are some.
fn more_text(trajectory: &Trajectory, means: &Means, bursts: &Bursts) -> String {
    let over = if means.over_a_period { "over one period" } else { "over the record" };
    let mut lines = vec![(
        "means",
        format!(
            "Z {:.7}, coherence {:.6}, I {:.6}, power {:.6}, {over}; |r| up to {:.6}",
            means.z_mean, means.coherence, means.current, means.power, means.r_max
        ),
    )];
    if means.over_a_period {
        let balance = format!(
            "<(dV/dt) X> = {:.6e}, alpha Gamma (Z_T - <Z>) / 2 = {:.6e} per tau_c",
            means.drive, means.relaxation
        );
        lines.push(("drive", balance));
    }
    if let Some(v) = dark_state(trajectory) {
        lines.push((
            "dark state",
            format!("F_01 = 0 at V = x_0 / (2^½ l) = {v:.7}: the coherence does not act on the voltage and stays"),
        ));
    }
    if let Some(noise) = &trajectory.noise {
        let periods = periods(trajectory);
        lines.push(("noise", format!("D = {} per tau_c, seed {}", short(noise.strength), noise.seed)));
        let relative = periods.deviation / periods.mean;
        lines.push((
            "periods",
            format!(
                "{}, of {:.6} +- {:.6} tau_c (jitter {relative:.4})",
                periods.count, periods.mean, periods.deviation
            ),
        ));
    }
    if let Some(first) = bursts.all.first() {
        let intervals = match bursts.all.len() {
            1 => String::new(),
            2 => format!(", {:.2} tau_c apart", bursts.interval()),
            _ => format!(
                ", every {:.2} +- {:.2} tau_c (CV {:.3})",
                bursts.interval(),
                bursts.interval_deviation(),
                bursts.interval_deviation() / bursts.interval()
            ),
        };
        lines.push((
            "bursts",
            format!(
                "{} above a swing of {:.4}{intervals}, the first at t = {:.3}, {:.4} high on average",
                bursts.all.len(),
                bursts.threshold,
                first.time,
                bursts.height()
            ),
        ));
    }
    lines.into_iter().map(|(name, text)| format!("  {name:<14} {text}\n")).collect()
}

/// What the motion is, and what becomes of it if that is something else.
fn motion_text(trajectory: &Trajectory) -> String {
    let (motion, name) = (&trajectory.motion, trajectory.motion_name());
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

fn object(
    trajectory: &Trajectory,
    spectrum: &Spectrum,
    (means, bursts): (&Means, &Bursts),
    outputs: &Outputs,
) -> Value {
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
        "recorded_v_mean": trajectory.v_mean(),
        "span_of_full_equations": trajectory.full.as_ref().map(|full| extremes(full)).map(|[low, high]| high - low),
        "motion": trajectory.motion_name(),
        "outcome": motion.outcome.map(|end| end.outcome.name()),
        "lyapunov": motion.lyapunov(),
        "time_between_maxima": motion.between_maxima,
        "period": motion.period(),
        "frequency": motion.omega(),
        "spectrum_peak": spectrum.peak,
        "harmonics": spectrum.harmonics,
        "harmonics_above_floor": spectrum.above_floor,
        "total_harmonic_distortion": spectrum.distortion,
        "model": trajectory.model.name(),
        "means": {
            "over": if means.over_a_period { "one period" } else { "the record" },
            "z": means.z_mean,
            "coherence": means.coherence,
            "current": means.current,
            "power": means.power,
            "drive": means.drive,
            "relaxation": means.relaxation,
        },
        "r_max": means.r_max,
        "noise": trajectory.noise.map(|noise| {
            let periods = periods(trajectory);
            json!({
                "strength": noise.strength, "seed": noise.seed, "periods": periods.count, "period_mean": periods.mean,
                "period_deviation": periods.deviation,
            })
        }),
        "bursts": {
            "count": bursts.all.len(),
            "threshold": bursts.threshold,
            "times": bursts.all.iter().map(|b| b.time).collect::<Vec<_>>(),
            "interval": bursts.interval(),
            "interval_deviation": bursts.interval_deviation(),
            "height": bursts.height(),
        },
    })
}
