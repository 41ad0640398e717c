//! `hopfmap paper`: every figure of the paper, and the table of its numbers.

use super::progress::shown;
use crate::engine::{Kind, Progress, Wanted, choose};
use crate::error::{Error, Result};
use crate::paper::{ITEMS, Item, Quality, Studio, Verdict, items, markdown};
use crate::store;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Arguments of `hopfmap paper`.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  hopfmap paper fig6a numbers -o paper --quality draft\n\n{}", contents()))]
pub struct Arguments {
    /// What to make: names from the list below, or 'all'
    #[arg(value_name = "NAME", default_value = "all")]
    names: Vec<String>,
    /// Folder for the files; it is made if it is not there
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// How fine: draft takes minutes on two cores, poster has maps of 4096 x 4096 cells
    #[arg(long, value_enum, default_value_t)]
    quality: Quality,
    /// What computes: auto takes a hardware GPU if there is one, else the CPU
    #[arg(long, value_enum, default_value_t)]
    engine: Kind,
    /// GPU adapter: part of its name, or 'fallback' for the software adapter
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// No notes and no progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// The list of names, for the help.
fn contents() -> String {
    let mut out = String::from("Names:\n");
    for item in ITEMS {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {:<8} {}", item.name, item.caption);
    }
    out
}

/// Makes what was asked for, one after the other; fails where a number of the paper does not come out.
pub fn run(arguments: &Arguments) -> Result<String> {
    let items = items(&arguments.names)?;
    let wanted = Wanted { kind: arguments.engine, adapter: arguments.adapter.clone(), ..Wanted::default() };
    let chosen = choose(&wanted)?;
    let folder = &arguments.output;
    std::fs::create_dir_all(folder).map_err(|e| {
        Error::input(folder, format!("cannot be made ({e})"), "name a folder in a place that you may write to")
    })?;
    for item in &items {
        for ending in item.files {
            store::check_output(&folder.join(format!("{}.{ending}", item.name)), arguments.force, 0)?;
        }
    }
    if !arguments.quiet {
        eprintln!("{}", chosen.reason);
    }
    let progress = Progress::default();
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let mut studio = Studio::new(folder, arguments.quality, wanted, &chosen, &progress, command);
    studio.replace = arguments.force;
    let cells = items.iter().map(|i| i.cells(arguments.quality)).sum();
    let mut report = String::new();
    shown(cells, arguments.quiet, &progress, |_| {
        items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| made(n, item, items.len(), arguments, &mut studio, &mut report))
    })?;
    if !studio.numbers.is_empty() {
        report.push_str(&markdown(&studio.numbers));
        let failed: Vec<_> =
            studio.numbers.iter().filter(|n| n.verdict == Verdict::Fail).map(|n| &n.name[..]).collect();
        if !failed.is_empty() {
            let problem = format!("{} of the paper's numbers did not come out: {}", failed.len(), failed.join("; "));
            return Err(Error::file(&folder.join("numbers.md"), problem));
        }
    }
    Ok(report)
}

fn made(
    n: usize,
    item: &Item,
    of: usize,
    arguments: &Arguments,
    studio: &mut Studio<'_>,
    report: &mut String,
) -> Result<()> {
    let begun = Instant::now();
    item.make(studio)?;
    let files = item.files.iter().map(|e| format!("{}.{e}", item.name)).collect::<Vec<_>>().join(", ");
    // Writing to a String cannot fail.
    let _ = writeln!(report, "{files}: {}", item.caption);
    if !arguments.quiet {
        eprintln!("[{}/{of}] {:<8} {:>6.1} s  {}", n + 1, item.name, begun.elapsed().as_secs_f64(), item.caption);
    }
    Ok(())
}
