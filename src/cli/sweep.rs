//! `hopfmap sweep`: integrates a grid of neurons and writes the map of their spans.

use super::command_line::command_line;
use super::command_report::{Format, Report, path};
use super::map_report::map_report;
use super::messages::Verbosity;
use super::outputs::{OutputArgs, Outputs, check_distinct, check_map_drawable, check_picture};
use super::plot_map::plane_lines;
use super::progress::{ProgressArgs, Work, with_progress};
use super::request_args::RequestArgs;
use super::rules::exclusive;
use super::signals::listen;
use super::slurm::{self, Submission};
use super::style_args::PictureArgs;
use crate::engine::{EngineKind, Progress, open_engine};
use crate::error::{Error, Result, short};
use crate::figure::{self, Line, Style, View};
use crate::grid::Axis;
use crate::model::Parameter;
use crate::plan::{OnDeviceLoss, Plan, Request, parse_audit};
use crate::store::{MapFile, StoredAxis};
use crate::sweep::{Done, Shard, SweepJob};
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Example shown in the help.
pub(super) const EXAMPLE: &str = "Example:\n  hopfmap sweep --grid Gamma=0.02:1:128 --grid Z_T=0:1:128 --set V_n=2 \\\n    --set R_n=6 -o fig6a.h5 --plot fig6a.png";

/// Arguments of `hopfmap sweep`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    #[command(flatten)]
    request: RequestArgs,
    /// Points instead of axes: a CSV file with the parameters' names in its first line and one point in each line after it;
    /// '-' is the standard input
    #[arg(long, value_name = "FILE.csv|-")]
    points: Option<String>,
    /// Cells to compute again in f64 by another rule, so that the file says how far it can be trusted: a number, or 'off'
    /// [default: a thousandth of the cells, at least 64 and at most 4096]
    #[arg(long, value_name = "N|off", value_parser = parse_audit)]
    audit: Option<u64>,
    /// Cells in a part at most; a sweep of several parts keeps each as soon as it is done [default: 65536]
    #[arg(long, value_name = "N")]
    part_cells: Option<u64>,
    /// Add means of each cell's settled motion, in f64: z_mean, coherence, i_mean, power and, of motions that never close, the
    /// interval between bursts
    #[arg(long)]
    means: bool,
    /// Input V_n(t): step:T,A, pulse:T,WIDTH,A[,PERIOD] (added to V_n), sine:OFFSET,A,OMEGA, triangle:OFFSET,A,PERIOD, or
    /// a CSV file of times in tau_c and V_n [default: none; with one, each cell has the latency, the number of spikes and
    /// response_v_max of its response from its start]
    #[arg(long, value_name = "FORM", allow_hyphen_values = true)]
    input: Option<String>,
    /// Time to which it runs, in tau_c [default: none; responses to --input need it]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_end: Option<f64>,
    /// Least swing of V in a spike of a response [default: half of each response's largest]
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    threshold: Option<f64>,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Compute every N-th part only, from the I-th on, and leave the merging to 'hopfmap merge'; 'slurm' takes I and N from
    /// the job array that this runs in
    #[arg(long, value_name = "I/N|slurm")]
    shard: Option<String>,
    /// What to do when a GPU is lost and stays so; 'cpu' needs --engine auto, and the file says which cells came from it
    /// [default: stop]
    #[arg(long, value_enum, value_name = "ACTION")]
    on_device_loss: Option<OnDeviceLoss>,
    #[command(flatten)]
    submission: Submission,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if options exclude or need each other, or the output's name is unsuitable.
    pub(super) fn check(&self) -> Result<()> {
        let (plot, shard) = (("--plot", self.outputs.plot.is_some()), ("--shard", self.shard.is_some()));
        self.request.check()?;
        self.submission.check(plot, shard)?;
        exclusive(("--points", self.points.is_some()), self.request.grid(), "a sweep is over axes or over points")?;
        exclusive(shard, plot, "a shard has no map to draw: draw the merged map")?;
        self.outputs.check_name()
    }

    fn request(&self) -> Result<Request> {
        let request = self.request.request(self.points.as_deref())?;
        Ok(Request {
            audit: self.audit.or(request.audit),
            part_cells: self.part_cells.or(request.part_cells),
            on_device_loss: self.on_device_loss.or(request.on_device_loss),
            means: self.means || request.means,
            input: self.input.clone().or(request.input),
            t_end: self.t_end.or(request.t_end),
            threshold: self.threshold.or(request.threshold),
            ..request
        })
    }

    /// Output paths. A shard or a job array makes no map here, so it skips the request file's picture.
    fn outputs(&self, request: &Request) -> Result<Outputs> {
        let mut plot = request.plot.clone();
        if plot.is_some() && (self.shard.is_some() || self.submission.is_wanted()) {
            plot = None;
            self.verbosity.note("note: no picture is drawn here; draw the merged map with 'hopfmap plot'");
        }
        self.outputs.outputs((request.output.clone(), plot))
    }

    fn shard(&self) -> Result<Option<Shard>> {
        self.shard.as_deref().map(str::parse).transpose()
    }
}

/// Runs the sweep and draws its map.
///
/// Everything that a bad request can make fail is checked before the first step.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let (request, verbosity) = (arguments.request()?, arguments.verbosity);
    let outputs = arguments.outputs(&request)?;
    let mut inputs = arguments.request.inputs();
    let table = arguments.input.as_deref().map(Path::new).filter(|path| path.is_file());
    inputs.extend(table.map(|path| ("the file of --input", path)));
    let points = arguments.points.as_deref().map(Path::new).filter(|path| path.is_file());
    inputs.extend(points.map(|path| ("the file of --points", path)));
    let plan = Plan::new(request)?;
    let on_loss = plan.request.on_device_loss.unwrap_or_default();
    if arguments.submission.is_wanted() {
        outputs.check(&inputs, plan.bytes())?;
        return slurm::run(&arguments.submission, &plan, &outputs, on_loss);
    }
    let shard = arguments.shard()?;
    check(&plan, &outputs, on_loss)?;
    // It holds the axes' values, of which there may be too many for any file.
    let picture = || map_picture(arguments, &plan, &outputs);
    let chosen = open_engine(&plan.wanted())?;
    let (progress, command) = (Progress::default(), command_line());
    let note = |text: &str| verbosity.note(text);
    let mut job = SweepJob::new(&plan, &outputs.output, &command, &progress);
    (job.shard, job.on_loss, job.note, job.force) = (shard, on_loss, &note, outputs.force);
    check_distinct(&inputs, ("the output", &outputs.output))?;
    if !outputs.force && job.was_done(&chosen)? {
        if let Some(picture) = &outputs.plot {
            check_distinct(&[&inputs[..], &[("the map", &outputs.output)]].concat(), ("the picture", picture))?;
            // An existing picture may be this command's own: drawn again, it has the same bytes.
            check_picture(picture, outputs.force || picture.is_file())?;
        }
        return drawn(there_already(&outputs), &outputs, &picture()?);
    }
    outputs.check(&inputs, job.bytes(&chosen)?)?;
    let picture = picture()?;
    verbosity.note(&format!("{}; dt = {}", chosen.reason, short(plan.dt)));
    if let Some(own) = plan.finer_step() {
        verbosity.note(&format!(
            "--dt {} is longer than the {} that the rates ask for: spans are off by more, see their span_error",
            short(plan.dt),
            short(own)
        ));
    }
    listen(&progress.stop);
    let all = plan.grid.cells() * plan.starts() as u64;
    let cells = shard.map_or(all, |shard| shard.share(all));
    let work = Work { cells, verb: "computed", unit: "cells", display: arguments.progress.display(verbosity) };
    let begun = Instant::now();
    match with_progress(work, &progress, || job.run(&chosen))? {
        Done::Map(summary) => {
            let mut report = map_report(&plan, &summary, &outputs.output);
            report.json["work"] = work_done(&progress, begun.elapsed());
            drawn(report, &outputs, &picture)
        }
        Done::Already => drawn(there_already(&outputs), &outputs, &picture),
        Done::Shard { mine, all, missing } => {
            let mut report = shard_report(&outputs, shard, [mine, all, missing]);
            report.json["work"] = work_done(&progress, begun.elapsed());
            Ok(report)
        }
    }
}

/// What the work has taken: steps in f32 and in f64, wall time by stage in s, and what the devices have had of it. Stages
/// of several parts run at the same time and share the cores.
fn work_done(progress: &Progress, wall: Duration) -> Value {
    let seconds = |nanoseconds: &AtomicU64| 1e-9 * nanoseconds.load(Ordering::Relaxed) as f64;
    let bytes = Some(progress.device_bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0);
    let on_device = Some(seconds(&progress.device_time)).filter(|time| *time > 0.0);
    let [theory, finish] = &progress.stage_time;
    json!({
        "wall_s": wall.as_secs_f64(),
        "neuron_steps": progress.read().steps,
        "theory_s": seconds(theory),
        "finish_s": seconds(finish),
        "device_s": on_device,
        "device_bytes": bytes,
        "occupancy": progress.occupancy(),
        "occupancy_over_time": progress.slots_in_time.over_time(10),
    })
}

/// Report of a map that is complete from an earlier run.
pub(super) fn there_already(outputs: &Outputs) -> Report {
    let text = format!("{}: complete already\n", outputs.output.display());
    Report::new(text, json!({ "output": path(&outputs.output), "complete_already": true }))
}

fn shard_report(outputs: &Outputs, shard: Option<Shard>, [mine, all, missing]: [u64; 3]) -> Report {
    let output = outputs.output.display();
    let quoted = shlex::try_quote(&outputs.output.to_string_lossy()).map_or_else(|_| output.to_string(), Into::into);
    let rest = match missing {
        0 => format!("all {all} are; merge them with: hopfmap merge {quoted}"),
        n => format!("of all {all}, {n} are still missing"),
    };
    let object = json!({
        "output": path(&outputs.output),
        "shard": shard.map(|s| s.to_string()),
        "parts": mine,
        "parts_in_all": all,
        "parts_missing": missing,
    });
    Report::new(format!("{output}: this shard's {mine} parts are there; {rest}\n"), object)
}

/// How a finished map is drawn: its style, and the lines over it.
pub(super) type MapPicture = (Style, Vec<Line>);

/// How the map is drawn, found before it is computed: a wrong request ends here.
fn map_picture(arguments: &Arguments, plan: &Plan, outputs: &Outputs) -> Result<MapPicture> {
    let style = arguments.picture.style(outputs.plot.is_some())?;
    let stored = |axis: &Axis| StoredAxis { parameter: axis.parameter, values: axis.values().collect() };
    let axes: Vec<_> = plan.grid.axes().iter().filter(|axis| axis.len() > 1).map(stored).collect();
    if outputs.plot.is_some() {
        figure::check_axes(&axes.iter().collect::<Vec<_>>(), &style)?;
    }
    if !arguments.picture.bifurcations.curves {
        return Ok((style, Vec::new()));
    }
    let p = plan.parameters(0);
    let fixed: Vec<_> = Parameter::ALL.into_iter().map(|q| (q, p.get(q))).collect();
    let lines = plane_lines(&axes.iter().collect::<Vec<_>>(), &fixed, &style, None, arguments.verbosity)?.0;
    Ok((style, lines))
}

/// Draws the finished map if a picture is requested, and adds it to the report.
pub(super) fn drawn(mut report: Report, outputs: &Outputs, (style, lines): &MapPicture) -> Result<Report> {
    if let Some(picture) = outputs.picture()? {
        let map = MapFile::open(&outputs.output)?;
        report.drawn(picture.output.path);
        figure::draw(&map, &View { style, ..View::whole(&map) }, lines, picture)?;
    }
    Ok(report)
}

/// Checks what depends on the plan: a drawable shape, and `--on-device-loss`.
fn check(plan: &Plan, outputs: &Outputs, on_loss: OnDeviceLoss) -> Result<()> {
    if outputs.plot.is_some() {
        check_map_drawable(plan)?;
    }
    if on_loss == OnDeviceLoss::Cpu && plan.request.engine != EngineKind::Auto {
        return Err(Error::request(
            "--on-device-loss cpu needs --engine auto: another engine was requested by name",
            "leave one of the two off",
        ));
    }
    Ok(())
}
