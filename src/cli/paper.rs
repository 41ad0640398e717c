//! `hopfmap paper`: every figure of the paper, and the table of its numbers.

use super::command_line::{command_line, command_of_picture};
use super::command_report::{Format, Report, path};
use super::messages::Verbosity;
use super::outputs::make_folder;
use super::page_args::PageArgs;
use super::progress::{ProgressArgs, Work, with_progress};
use super::signals::listen;
use crate::engine::{EngineKind, EngineOptions, Progress, open_engine};
use crate::error::{Error, Result};
use crate::paper::{Agreement, ITEMS, Item, Number, PaperRun, Quality, items, markdown};
use crate::plan::parse_settings;
use crate::store;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Arguments of `hopfmap paper`.
#[derive(Debug, Args)]
#[command(after_help = format!("Examples:\n  hopfmap paper fig6a numbers -o paper --quality draft\n  hopfmap paper fig2a fig2b -o own --set x_0=0.6 --set R_n=9\n\n{}", contents()))]
pub(super) struct Arguments {
    /// What to make: names from the list below, or 'all'
    #[arg(value_name = "NAME", default_value = "all")]
    names: Vec<String>,
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; view: an .html page; paper and man: a folder)
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// How fine: draft takes minutes on two cores, poster has maps of 4096 x 4096 cells
    #[arg(long, value_enum, default_value_t)]
    quality: Quality,
    /// The engine: gpu, cpu, or auto, which is a hardware GPU if one works, else the CPU [default: auto]
    #[arg(long, value_enum, value_name = "ENGINE")]
    engine: Option<EngineKind>,
    /// GPU adapter: its index in 'hopfmap adapters', pci:ID with its PCI bus id, part of its name, or 'fallback' for the
    /// software adapter; 0,1 are two of them, and 'all' is every one of the first one's kind
    #[arg(long, value_name = "ADAPTER")]
    adapter: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    pub format: Format,
}

/// List of item names for the help.
fn contents() -> String {
    let mut out = String::from("Names:\n");
    for item in ITEMS {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {:<8} {}", item.name, item.caption);
    }
    out.push_str("\nWith --set:\n");
    for item in ITEMS.iter().filter(|item| !item.takes.is_empty()) {
        let names: Vec<_> = item.takes.iter().map(|p| p.name()).collect();
        let _ = writeln!(out, "  {:<8} {}", item.name, names.join(", "));
    }
    out
}

/// Makes the requested items in order; fails if a number of the paper is not reproduced.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let (items, verbosity) = (items(&arguments.names)?, arguments.verbosity);
    let set = parse_settings(&arguments.set, false)?.parameters;
    items.iter().try_for_each(|item| item.check_set(&set))?;
    let (size, outline_text) = arguments.page.of_results()?;
    let kind = arguments.engine.unwrap_or_default();
    let wanted = EngineOptions { kind, adapter: arguments.adapter.clone(), ..EngineOptions::default() };
    let chosen = open_engine(&wanted)?;
    let folder = &arguments.output;
    make_folder(folder)?;
    let (command, listed) = (command_line(), items.len());
    let items = due(&items, folder, arguments.force, &command)?;
    if items.len() < listed {
        verbosity.note(&format!("{} of {listed} are there already, from an earlier run", listed - items.len()));
    }
    verbosity.note(&chosen.reason);
    let progress = Progress::default();
    listen(&progress.stop);
    let mut run = PaperRun::new(folder, arguments.quality, wanted, &chosen, &progress, command);
    let work = Work {
        cells: items.iter().map(|i| i.cells(arguments.quality)).sum(),
        verb: "computed",
        unit: "cells",
        display: arguments.progress.display(verbosity),
    };
    (run.force, run.set, run.drawn_by) = (arguments.force, set, command_of_picture());
    (run.size, run.outline_text) = (size, outline_text);
    with_progress(work, &progress, || {
        (1..).zip(&items).try_for_each(|(n, item)| {
            let begun = Instant::now();
            item.make(&mut run)?;
            let seconds = begun.elapsed().as_secs_f64();
            verbosity.note(&format!("[{n}/{}] {:<8} {seconds:>6.1} s  {}", items.len(), item.name, item.caption));
            Ok::<(), Error>(())
        })
    })?;
    // Maps made for an item of this run that are no items of this run themselves.
    let further: Vec<_> = run.maps().filter(|name| items.iter().all(|i| i.name != *name)).collect();
    let object = json!({
        "output": path(folder),
        "made": items.iter().map(made_object).collect::<Vec<_>>(),
        "further_maps": further,
        "numbers": run.numbers.iter().map(number_object).collect::<Vec<_>>(),
    });
    let mut text: String = items.iter().map(|i| format!("{}: {}\n", files(i).join(", "), i.caption)).collect();
    for name in &further {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}.h5: the map that numbers are taken from");
    }
    if !run.numbers.is_empty() {
        text.push_str(&markdown(&run.numbers));
    }
    let failed: Vec<_> = run.numbers.iter().filter(|n| n.agreement == Agreement::Fail).map(|n| &n.name[..]).collect();
    let report = Report::new(text, object);
    if failed.is_empty() {
        return Ok(report);
    }
    let problem = format!("{} of the paper's numbers did not come out: {}", failed.len(), failed.join("; "));
    Ok(report.failed(Error::file(&folder.join("numbers.md"), problem)))
}

/// Items still to make, with their outputs checked.
///
/// Items that an interrupted run of the same command has finished are left out, and the files of an
/// item it began may exist.
fn due(items: &[Item], folder: &Path, force: bool, command: &str) -> Result<Vec<Item>> {
    let paths = |item: &Item| files(item).into_iter().map(|name| folder.join(name));
    items.iter().flat_map(paths).for_each(|path| store::clear_stale(&path));
    let is_made = |item: &Item| paths(item).all(|path| path.is_file());
    let is_begun = |item: &Item| {
        // An HDF5 file records its command; an item without one counts as this command's own.
        let first = paths(item).next().filter(|path| path.is_file());
        first.is_some_and(|path| path.extension().is_none_or(|e| e != "h5") || store::is_of_command(&path, command))
    };
    let own = |item: &&Item| !force && is_begun(item);
    let due: Vec<Item> = items.iter().filter(|item| !(own(item) && is_made(item))).copied().collect();
    for item in if due.is_empty() { items } else { &due } {
        if due.is_empty() || !own(&item) {
            paths(item).try_for_each(|path| store::check_output(&path, force, 0))?;
        }
    }
    Ok(due)
}

/// File names of an item.
fn files(item: &Item) -> Vec<String> {
    item.files.iter().map(|ending| format!("{}.{ending}", item.name)).collect()
}

fn made_object(item: &Item) -> Value {
    json!({ "name": item.name, "caption": item.caption, "files": files(item) })
}

fn number_object(number: &Number) -> Value {
    let agreement = match number.agreement {
        Agreement::Agrees => "agrees",
        Agreement::Slip => "slip",
        Agreement::NotReproduced => "not reproduced",
        Agreement::Open => "open",
        Agreement::Fail => "fail",
    };
    json!({
        "name": number.name, "paper": number.paper, "ours": number.ours, "difference": number.difference,
        "verdict": agreement, "note": number.note,
    })
}
