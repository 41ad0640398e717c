//! Lines on stderr: a command's notes, the library's warnings, errors. A closed or full stderr is
//! ignored.
//!
//! The library's messages name fields in backticks, `t_max`; here they become options, --t-max.

use clap::{Args, CommandFactory};
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Progress bar on the screen, hidden while a line is written.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// The option that silences notes and progress.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Verbosity {
    /// No notes and no progress on stderr
    #[arg(short, long)]
    pub quiet: bool,
}

impl Verbosity {
    /// Writes a note, unless notes are off.
    pub(super) fn note(self, text: &str) {
        if !self.quiet {
            line(text);
        }
    }
}

/// Text that is safe for a terminal: control characters, e.g. from file names, are escaped.
pub(super) fn printable(text: &str) -> String {
    let is_command = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_command(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

/// Long names of all commands' options.
static OPTIONS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let command = super::Cli::command();
    let arguments = command.get_subcommands().flat_map(clap::Command::get_arguments);
    arguments.filter_map(|argument| argument.get_long()).map(str::to_string).collect()
});

/// The text with each field that an option sets, `` `t_max` ``, as that option, `--t-max`.
pub(super) fn with_options(text: &str) -> String {
    // What follows these words are a parser's message and the user's own text.
    let (text, parsed) = text.split_at(text.find(NOT_UNDERSTOOD).unwrap_or(text.len()));
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, quoted)) = rest.split_once('`') {
        out.push_str(before);
        let option = quoted.split_once('`').map(|(field, after)| (field.replace('_', "-"), after));
        let ends =
            |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || ".-_/".contains(c)) || after == ".";
        let is_field = |(name, after): &(String, &str)| begins(before) && ends(after) && OPTIONS.contains(name);
        match option.filter(is_field) {
            Some((name, after)) => {
                out.push_str("--");
                out.push_str(&name);
                rest = after;
            }
            None => {
                out.push('`');
                rest = quoted;
            }
        }
    }
    out.push_str(rest);
    out.push_str(parsed);
    out
}

/// Words before a parser's message.
const NOT_UNDERSTOOD: &str = " is not understood";

/// Whether a field can follow this text: a file name's part does not stand alone.
fn begins(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| c == ' ' || c == '(')
}

/// Writes one line to stderr, above the progress bar if there is one.
pub(super) fn line(text: &str) {
    let write = || {
        // One write per line keeps lines of several processes apart. A failure cannot be reported.
        let _ = std::io::stderr().lock().write_all(format!("{}\n", printable(&with_options(text))).as_bytes());
    };
    match &*BAR.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Sets the progress bar that [`line`] writes above, or none.
pub(super) fn show_bar(bar: Option<ProgressBar>) {
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Logger that prints this crate's warnings as notes and drops the logs of other crates.
struct Notes;

impl log::Log for Notes {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        let target = metadata.target();
        metadata.level() <= log::Level::Warn && (target == "hopfmap" || target.starts_with("hopfmap::"))
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            line(&format!("note: {}", record.args()));
        }
    }

    fn flush(&self) {}
}

/// Sends the library's warnings to stderr, or nowhere with `--quiet`.
pub(super) fn install_logger(quiet: bool) {
    log::set_max_level(if quiet { log::LevelFilter::Off } else { log::LevelFilter::Warn });
    // A program that calls this crate's command line may have a logger of its own.
    let _ = log::set_logger(&Notes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::{Level, Log, Metadata};

    #[test]
    fn fields_become_options() {
        for (text, shown) in [
            ("raise `t_max` to 3 or shorten `window`", "raise --t-max to 3 or shorten --window"),
            ("`dt` 3 is above 2; leave `dt`", "--dt 3 is above 2; leave --dt"),
            ("one ` more, `dt`", "one ` more, --dt"),
            ("a file `no` and `force", "a file `no` and `force"),
            ("`no such` field, ``, `", "`no such` field, ``, `"),
            ("leave `dt`.", "leave --dt."),
            ("the output `force`.h5 or a/`dt` exists", "the output `force`.h5 or a/`dt` exists"),
            ("a.toml is not understood: unknown field `t_max`", "a.toml is not understood: unknown field `t_max`"),
            ("", ""),
        ] {
            assert_eq!(with_options(text), shown);
        }
    }

    #[test]
    fn warnings_of_this_crate_are_notes_and_others_are_dropped() {
        let shown = |target: &str, level| Notes.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(shown("hopfmap", Level::Warn) && shown("hopfmap::store::parts", Level::Error));
        assert!(!shown("hopfmap::store", Level::Info), "only warnings");
        assert!(!shown("wgpu_hal::vulkan", Level::Error) && !shown("hopfmapper", Level::Warn), "only this crate");
    }
}
