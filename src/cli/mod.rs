//! The command line: one file per command, arguments → library call → report.

mod adapters;
mod axis_values;
mod bench;
mod command_line;
mod command_report;
mod completions;
mod convert;
mod curves;
mod cycles;
mod cycles_report;
mod device_args;
mod diff;
mod man;
mod map_report;
mod map_start;
mod merge;
mod messages;
mod optimum;
mod outputs;
mod page_args;
mod panel_args;
mod paper;
mod parameter_args;
mod place;
mod plane_curves;
mod plot;
mod plot_args;
mod plot_map;
mod plot_ramp;
mod progress;
mod progress_stream;
mod ramp;
mod replay;
mod request_args;
mod rules;
mod running;
mod signals;
mod slurm;
mod statics;
mod stdout;
mod style_args;
mod sweep;
mod trace;
mod verify;
mod view;
mod watching;
mod working_point;

use crate::error::{Error, Result};
use crate::model::PARAMETERS;
use clap::{CommandFactory, Parser, Subcommand};
use command_report::Report;
use std::fmt::Write;
use std::process::ExitCode;

/// hopfmap: maps of where a memristive quantum neuron oscillates.
#[derive(Debug, Parser)]
#[command(name = "hopfmap", version, about, after_help = sweep::EXAMPLE, after_long_help = with_parameters(sweep::EXAMPLE), max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Integrate a grid of neurons and write the map of their oscillation spans.
    #[command(after_long_help = with_parameters(sweep::EXAMPLE))]
    Sweep(sweep::Arguments),
    /// Put the finished parts of a sweep together into its map.
    Merge(merge::Arguments),
    /// Compare two maps of the same grid.
    Diff(diff::Arguments),
    /// Draw a map, a trajectory, a ramp, curves or branches of cycles.
    Plot(plot::Arguments),
    /// Write one HTML page of a map, a ramp or a trajectory, to look at it and integrate a map's cells in a browser.
    View(view::Arguments),
    /// Integrate one neuron in time and write its trajectory and spectrum.
    #[command(after_long_help = with_parameters(trace::EXAMPLE))]
    Trace(trace::Arguments),
    /// Walk one parameter up and down with the state carried along: hysteresis.
    #[command(after_long_help = with_parameters(ramp::EXAMPLE))]
    Ramp(ramp::Arguments),
    /// Compute one cell of a finished map again and compare it with the file.
    Replay(replay::Arguments),
    /// Compute some cells of a finished map again by another rule and compare them with the file.
    Verify(verify::Arguments),
    /// Report equilibria, their stability, folds, cusps and Hopf points of one neuron.
    #[command(after_long_help = with_parameters(statics::EXAMPLE))]
    Statics(statics::Arguments),
    /// Compute bifurcation curves in the plane of two parameters: Hopf, fold, cusp, and those of cycles.
    Curves(curves::Arguments),
    /// Find the largest span, or another quantity of stable cycles, over some parameters within bounds.
    #[command(after_long_help = with_parameters(optimum::EXAMPLE))]
    Optimum(optimum::Arguments),
    /// Follow cycles along one parameter, stable and unstable alike, with their bifurcations.
    #[command(after_long_help = with_parameters(cycles::EXAMPLE))]
    Cycles(cycles::Arguments),
    /// Convert a device in SI units to the dimensionless parameters, or back (Table I).
    Convert(convert::Arguments),
    /// Make the figures of the paper, and the table of its numbers against ours.
    Paper(paper::Arguments),
    /// Measure how fast this machine is, on every engine there is.
    Bench(bench::Arguments),
    /// List the GPU adapters there are and say which one --engine auto would take.
    Adapters(adapters::Arguments),
    /// Print what a shell needs to complete commands and options.
    Completions(completions::Arguments),
    /// Print the manual page, or write one for each command.
    Man(man::Arguments),
}

impl Cli {
    /// Checks the command's options for conflicts, without reading or writing a file.
    ///
    /// # Errors
    /// [`Error::Request`] if options exclude or need each other, or an output's name is unsuitable.
    pub fn check(&self) -> Result<()> {
        match &self.command {
            Command::Sweep(arguments) => arguments.check(),
            Command::Trace(arguments) => arguments.check(),
            Command::Plot(arguments) => arguments.check(),
            Command::Ramp(arguments) => arguments.check(),
            Command::Replay(arguments) => arguments.check(),
            Command::Curves(arguments) => arguments.check(),
            Command::Cycles(arguments) => arguments.check(),
            Command::Bench(arguments) => arguments.check(),
            Command::Convert(arguments) => arguments.check(),
            _ => Ok(()),
        }
    }

    fn run(self) -> Result<Report> {
        self.check()?;
        match self.command {
            Command::Sweep(arguments) => sweep::run(&arguments),
            Command::Merge(arguments) => merge::run(&arguments),
            Command::Diff(arguments) => diff::run(&arguments),
            Command::Plot(arguments) => plot::run(&arguments),
            Command::View(arguments) => view::run(&arguments),
            Command::Trace(arguments) => trace::run(&arguments),
            Command::Ramp(arguments) => ramp::run(&arguments),
            Command::Replay(arguments) => replay::run(&arguments),
            Command::Verify(arguments) => verify::run(&arguments),
            Command::Statics(arguments) => statics::run(&arguments),
            Command::Curves(arguments) => curves::run(&arguments),
            Command::Optimum(arguments) => optimum::run(&arguments),
            Command::Cycles(arguments) => cycles::run(&arguments),
            Command::Convert(arguments) => convert::run(&arguments),
            Command::Paper(arguments) => paper::run(&arguments),
            Command::Bench(arguments) => bench::run(&arguments),
            Command::Adapters(_) => adapters::run(),
            Command::Completions(arguments) => Ok(completions::run(&arguments, Cli::command())),
            Command::Man(arguments) => man::run(&arguments, Cli::command()),
        }
    }

    /// Presentation options of the command: (notes are off, the report is JSON).
    fn presentation(&self) -> (bool, bool) {
        match &self.command {
            Command::Sweep(a) => (a.verbosity.quiet, a.format.json),
            Command::Merge(a) => (a.verbosity.quiet, a.format.json),
            Command::Diff(a) => (a.verbosity.quiet, a.format.json),
            Command::Plot(a) => (a.verbosity.quiet, a.format.json),
            Command::View(a) => (a.verbosity.quiet, a.format.json),
            Command::Trace(a) => (a.verbosity.quiet, a.format.json),
            Command::Ramp(a) => (a.verbosity.quiet, a.format.json),
            Command::Replay(a) => (a.verbosity.quiet, a.format.json),
            Command::Verify(a) => (a.verbosity.quiet, a.format.json),
            Command::Curves(a) => (a.verbosity.quiet, a.format.json),
            Command::Optimum(a) => (a.verbosity.quiet, a.format.json),
            Command::Cycles(a) => (a.verbosity.quiet, a.format.json),
            Command::Paper(a) => (a.verbosity.quiet, a.format.json),
            Command::Bench(a) => (a.verbosity.quiet, a.format.json),
            Command::Statics(a) => (false, a.format.json),
            Command::Convert(a) => (false, a.format.json),
            Command::Adapters(a) => (false, a.format.json),
            Command::Completions(_) | Command::Man(_) => (false, false),
        }
    }
}

/// Runs a command and returns its text for stdout.
///
/// # Errors
/// Any [`Error`] of the command, also one that comes with a report, such as maps that contradict.
pub fn run(cli: Cli) -> Result<String> {
    let (_, json) = cli.presentation();
    let report = cli.run()?;
    let printed = report.printed(json);
    report.error.map_or(Ok(printed), Err)
}

/// Starts the global thread pool that computes cells.
///
/// The global pool cannot be started twice, so a trial pool is built first; if that fails, the
/// calling thread computes alone.
fn start_threads() -> Result<()> {
    let (threads, alone) = (rayon::ThreadPoolBuilder::new(), rayon::ThreadPoolBuilder::new().num_threads(1));
    let pool = if rayon::ThreadPoolBuilder::new().build().is_ok() { threads } else { alone.use_current_thread() };
    pool.build_global().map_err(|e| {
        Error::request(
            format!("the threads that compute cells cannot be started: {e}"),
            "free memory or raise the limit on threads (ulimit -u), then run it again",
        )
    })
}

/// Runs this process's command line and returns its exit code.
///
/// Reports go to stdout, notes and errors to stderr.
#[must_use]
pub fn main() -> ExitCode {
    signals::outlive_file_limits();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return stdout::print_help(&error),
    };
    let (quiet, json) = cli.presentation();
    messages::install_logger(quiet);
    let (printed, error) = match start_threads().and_then(|()| cli.run()) {
        Ok(report) => (stdout::print(&report.printed(json)), report.error),
        Err(error) => (Ok(()), Some(error)),
    };
    match (error, printed) {
        (Some(error), _) => stdout::failed(&error, error.exit_code()),
        (None, Err(error)) => stdout::failed(&error, 1),
        (None, Ok(())) => ExitCode::SUCCESS,
    }
}

/// Text of the long help: an example and the table of parameters.
fn with_parameters(example: &str) -> String {
    format!("{example}\n\n{}", parameter_help())
}

/// Table of parameters for the help.
fn parameter_help() -> String {
    let mut out = String::from("Parameters (Greek letters and any letter case are understood):\n");
    for info in &PARAMETERS {
        let default = info.default.map_or("must be given".to_string(), |v| format!("default {v}"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {:<7} {:<3} {} [{default}; {}]", info.name, info.symbol, info.meaning, info.range);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_names_every_parameter() {
        Cli::command().debug_assert();
        let help = parameter_help();
        for info in &PARAMETERS {
            assert!(help.contains(info.name) && help.contains(info.meaning));
        }
    }
}
