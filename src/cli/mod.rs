//! The command line: one file per command, arguments → library call → report.

mod adapters;
mod asked;
mod bench;
mod completions;
mod convert;
mod curves;
mod diff;
mod given;
mod man;
mod merge;
mod outputs;
mod paper;
mod plot;
mod progress;
mod ramp;
mod replay;
mod report;
mod signals;
mod slurm;
mod statics;
mod sweep;
mod trace;
mod verify;

use crate::error::Result;
use crate::model::TABLE;
use clap::{CommandFactory, Parser, Subcommand};
use std::fmt::Write;

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
    /// Draw a map as a heat map (two axes) or a curve (one axis).
    Plot(plot::Arguments),
    /// Integrate one neuron in time and write its trajectory and spectrum.
    #[command(after_long_help = with_parameters(trace::EXAMPLE))]
    Trace(trace::Arguments),
    /// Walk one parameter up and down with the state carried along: hysteresis.
    #[command(after_long_help = with_parameters(ramp::EXAMPLE))]
    Ramp(ramp::Arguments),
    /// Run one cell of a finished map again and hold it against the file.
    Replay(replay::Arguments),
    /// Compute some cells of a finished map again in another way and hold the file to its word.
    Verify(verify::Arguments),
    /// Report equilibria, their stability, folds, cusps and Hopf points of one neuron.
    #[command(after_long_help = with_parameters(statics::EXAMPLE))]
    Statics(statics::Arguments),
    /// Compute the Hopf, fold and cusp curves in the plane of two parameters.
    Curves(curves::Arguments),
    /// Convert a device in SI units to the dimensionless parameters, or back (Table I).
    Convert(convert::Arguments),
    /// Make the figures of the paper, and the table of its numbers against ours.
    Paper(paper::Arguments),
    /// Measure how fast this machine is, on every engine there is.
    Bench(bench::Arguments),
    /// List the GPU adapters there are and say which one --engine auto would take.
    #[command(after_help = "Example:\n  hopfmap adapters")]
    Adapters,
    /// Print what a shell needs to complete commands and options.
    Completions(completions::Arguments),
    /// Print the manual page, or write one for each command.
    Man(man::Arguments),
}

/// Runs a command; what it returns belongs on stdout.
///
/// # Errors
/// Those of the command.
pub fn run(cli: Cli) -> Result<String> {
    match cli.command {
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Trace(arguments) => trace::run(&arguments),
        Command::Ramp(arguments) => ramp::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Statics(arguments) => statics::run(&arguments),
        Command::Curves(arguments) => curves::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Paper(arguments) => paper::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Adapters => Ok(adapters::run()),
        Command::Completions(arguments) => completions::run(&arguments, Cli::command()),
        Command::Man(arguments) => man::run(&arguments, Cli::command()),
    }
}

/// An example and the table of parameters, for the long help.
fn with_parameters(example: &str) -> String {
    format!("{example}\n\n{}", parameter_help())
}

/// The table of parameters, for the help.
fn parameter_help() -> String {
    let mut out = String::from("Parameters (Greek letters and any letter case are understood):\n");
    for info in &TABLE {
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
        for info in &TABLE {
            assert!(help.contains(info.name) && help.contains(info.meaning));
        }
    }
}
