//! `hopfmap sweep`: a grid of neurons to a map of their spans.

use super::asked::Asked;
use super::outputs::Outputs;
use super::progress::shown;
use super::report::report;
use super::signals::listen;
use super::slurm::{self, Submission};
use crate::engine::{Progress, choose};
use crate::error::{Error, Result};
use crate::figure::View;
use crate::store;
use crate::sweep::{Done, Identity, Job, OnDeviceLoss, Plan, Request, Shard, request_in};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// One to start from.
pub const EXAMPLE: &str = "Example:\n  hopfmap sweep --grid Gamma=0.02:1:128 --grid Z_T=0:1:128 --set V_n=2 \\\n    --set R_n=6 -o fig6a.h5 --plot fig6a.png";

/// Arguments of `hopfmap sweep`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Take the request from this file (TOML: grid, set, start, engine, output, …); what stands on the command line goes before
    #[arg(long, value_name = "FILE.toml", conflicts_with = "from")]
    spec: Option<PathBuf>,
    /// Take the request from this map, or from this folder of parts
    #[arg(long, value_name = "MAP.h5")]
    from: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
    /// Cells to compute again in f64 by another rule, so that the file says how far it can be trusted: a number, or 'off'
    /// [default: a thousandth of the cells, at least 64 and at most 4096]
    #[arg(long, value_name = "N|off", value_parser = audited)]
    audit: Option<u64>,
    /// Cells in a part at most; a sweep of several parts keeps each as soon as it is done [default: 65536 on cpu, 262144 on gpu]
    #[arg(long, value_name = "N")]
    part_cells: Option<u64>,
    /// Where to write the map (HDF5 with netCDF-4 conventions)
    #[arg(short, long, value_name = "FILE.h5")]
    output: Option<PathBuf>,
    /// Draw it, too: FILE.png or FILE.svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
    /// Compute every N-th part only, from the I-th on, and leave the merging to 'hopfmap merge'; 'off' computes all
    /// [default: I and N of the Slurm job array that this runs in, else off]
    #[arg(long, value_name = "I/N|off")]
    shard: Option<String>,
    /// What to do when a GPU is lost and stays so; 'cpu' needs --engine auto, and the file says which cells came from it
    #[arg(long, value_enum, default_value_t)]
    on_device_loss: OnDeviceLoss,
    #[command(flatten)]
    submission: Submission,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// Reads `--audit`.
fn audited(text: &str) -> std::result::Result<u64, String> {
    if text == "off" {
        return Ok(0);
    }
    text.parse().map_err(|_| "give a number of cells, or 'off'".to_string())
}

impl Arguments {
    fn request(&self) -> Result<Request> {
        let base = match (&self.spec, &self.from) {
            (Some(path), _) => Request::from_file(path)?,
            (None, Some(path)) => request_in(path)?,
            (None, None) => Request::default(),
        };
        let asked = self.asked.request(base)?;
        Ok(Request { audit: self.audit.or(asked.audit), part_cells: self.part_cells.or(asked.part_cells), ..asked })
    }

    fn outputs(&self, request: &Request) -> Result<Outputs> {
        let output = self.output.clone().or_else(|| request.output.clone()).ok_or_else(|| {
            Error::request("no output is named", "add -o FILE.h5, or output = \"FILE.h5\" to the file of --spec")
        })?;
        if let Some(from) = self.from.as_ref().filter(|f| f.is_file()) {
            store::check_apart(from, &output)?;
        }
        Ok(Outputs { output, plot: self.plot.clone(), force: self.force })
    }

    fn shard(&self) -> Result<Option<Shard>> {
        match self.shard.as_deref() {
            Some("off") => Ok(None),
            Some(text) => Ok(Some(text.parse()?)),
            None => Ok(None),
        }
    }
}

/// Everything that can fail for a bad request fails before the first step; then the sweep; then the picture.
pub fn run(arguments: &Arguments) -> Result<String> {
    let request = arguments.request()?;
    let outputs = arguments.outputs(&request)?;
    let plan = Plan::new(request)?;
    if arguments.submission.is_wanted() {
        return slurm::run(&arguments.submission, &plan, &outputs, arguments.on_device_loss);
    }
    let shard = arguments.shard()?;
    let chosen = choose(&plan.request.wanted())?;
    let progress = Progress::default();
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let mut job = Job::new(&plan, &outputs.output, &command, &progress);
    (job.shard, job.on_loss, job.replace) = (shard, arguments.on_device_loss, outputs.force);
    check(arguments, &plan, &outputs, shard)?;
    if !outputs.force && job.was_done(&chosen)? {
        return Ok(format!("{}: complete already\n", outputs.output.display()));
    }
    outputs.check(job.bytes(&chosen)?)?;
    if !arguments.quiet {
        eprintln!("{}; dt = {:.5}", chosen.reason, plan.dt);
        if let (Some(shard), None) = (shard, &arguments.shard) {
            eprintln!("shard {shard} of a job array ('--shard off' computes all)");
        }
    }
    listen(&progress.stop);
    let mine = |cells: u64| shard.map_or(cells, |s| cells / s.of);
    let all = mine(plan.grid.cells() * plan.starts() as u64);
    let done = shown(all, arguments.quiet, &progress, |note| Job { note, ..job }.run(&chosen))?;
    let summary = match done {
        Done::Map(summary) => summary,
        Done::Already => return Ok(String::new()),
        Done::Shard { mine, all, missing } => {
            let rest = match missing {
                0 => format!("all {all} are: 'hopfmap merge {}' puts them together", outputs.output.display()),
                n => format!("of all {all}, {n} are missing still"),
            };
            return Ok(format!("{}: this shard's {mine} parts are there; {rest}\n", outputs.output.display()));
        }
    };
    let mut report = report(&plan, &summary, &outputs.output);
    if let Some(picture) = outputs.picture() {
        let map = store::MapFile::open(&outputs.output)?;
        crate::figure::draw(&map, &View::whole(&map), &[], picture)?;
        // Writing to a String cannot fail.
        let _ = writeln!(report, "drawn: {}", picture.path.display());
    }
    Ok(report)
}

/// What the options have to fit beside the request.
fn check(arguments: &Arguments, plan: &Plan, outputs: &Outputs, shard: Option<Shard>) -> Result<()> {
    Identity::of(plan, plan.request.engine)?;
    if outputs.plot.is_some() {
        if shard.is_some() {
            return Err(Error::request("a shard has no map to draw", "leave --plot off, and draw the merged map"));
        }
        crate::figure::check_drawable(&plan.grid.shape())?;
    }
    if arguments.on_device_loss == OnDeviceLoss::Cpu && plan.request.engine != crate::engine::Kind::Auto {
        return Err(Error::request(
            "--on-device-loss cpu needs --engine auto: another engine was asked for by name",
            "leave one of the two off",
        ));
    }
    Ok(())
}
