//! `hopfmap trace`: one neuron in time, with its spectrum.

use super::given::Given;
use super::outputs::Outputs;
use crate::error::Result;
use crate::store;
use crate::sweep::{Theory, pace};
use crate::trace::{Beginning, Spectrum, Trajectory, Trial, integrate, record};
use clap::Args;
use std::fmt::Write;
use std::path::Path;

/// Windows of the default recording: what is recorded ends at t-end and is this long, in tau_c.
const RECORDED: f64 = 200.0;
/// Bytes a sample takes on disk.
const SAMPLE_BYTES: u64 = 8 * 8;

/// One to start from.
pub const EXAMPLE: &str =
    "Example:\n  hopfmap trace --set R_n=5 --set V_n=0.23 --set Gamma=0.1 -o fig3.h5 --plot fig3.png";

/// Arguments of `hopfmap trace`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// A parameter of the neuron: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where it starts: rest, X,Y,Z,V, or equilibrium[:K] (beside the K-th equilibrium in order of V)
    #[arg(long, default_value = "rest", allow_hyphen_values = true)]
    start: String,
    /// Time to which it runs, in tau_c [default: when a sweep would give it up: 60/(alpha Gamma), at least 5000, more beside a bifurcation]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    t_end: Option<f64>,
    /// Time from which it is recorded, in tau_c [default: 200 before t-end, or 0]
    #[arg(long, value_name = "T0", allow_hyphen_values = true)]
    from: Option<f64>,
    /// Step of RK4 in tau_c, and the spacing of the samples [default: as a sweep would choose it]
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    dt: Option<f64>,
    #[command(flatten)]
    outputs: Outputs,
}

/// Integrates, writes and draws.
pub fn run(arguments: &Arguments) -> Result<String> {
    let parameters = Given::parse(&arguments.set)?.complete(&[])?;
    let start = arguments.start.parse::<Beginning>()?.state(&parameters)?;
    let slowest = || Theory::covering(&parameters).of(&parameters).slowest;
    let t_end = arguments.t_end.unwrap_or_else(|| pace::longest(&parameters, slowest()));
    let from = arguments.from.unwrap_or((t_end - RECORDED).max(0.0));
    let trial = Trial { parameters, start, t_end, from, dt: arguments.dt };
    let (_, first, last) = trial.plan()?;
    arguments.outputs.check((last - first) * SAMPLE_BYTES)?;
    write(&integrate(&trial)?, &arguments.outputs.output, arguments.outputs.plot.as_deref())
}

/// Writes a trajectory and its spectrum, draws them if asked, and reports.
pub fn write(trajectory: &Trajectory, output: &Path, plot: Option<&Path>) -> Result<String> {
    let spectrum = trajectory.spectrum()?;
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    record(output, trajectory, &spectrum, &command)?;
    let mut report = report(trajectory, &spectrum, output);
    if let Some(picture) = plot {
        crate::figure::draw_trace(&store::TraceFile::open(output)?, picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.display());
    }
    Ok(report)
}

fn report(trajectory: &Trajectory, spectrum: &Spectrum, output: &Path) -> String {
    let Trajectory { motion, trial, dt, .. } = trajectory;
    let mut out = format!(
        "{}: t = {} to {}, {} samples at dt = {dt:.5}\n",
        output.display(),
        trial.from,
        trial.t_end,
        trajectory.states.len()
    );
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "  {name:<12} {text}");
    };
    line("span", format!("{:.7}", motion.span));
    line("mean V", format!("{:.7}", motion.v_mean));
    line(
        "motion",
        match motion.is_at_rest() {
            true => format!(
                "{}: V moves by {:.1e} at last, and rounding alone by up to {:.1e}",
                motion.name(),
                motion.span_at_end,
                motion.rounding
            ),
            false => motion.name().to_string(),
        },
    );
    if motion.period.is_finite() {
        line("period", format!("{:.6} tau_c ({:.1} samples)", motion.period, motion.period / dt));
        line("frequency", format!("omega = {:.5} from maxima, {:.5} from the spectrum", motion.omega(), spectrum.peak));
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
