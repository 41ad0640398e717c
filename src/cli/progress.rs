//! Progress on stderr: a bar on a terminal, a line a minute anywhere else, or what `--progress` says.

use super::messages::{Verbosity, line, show_bar};
use super::progress_stream::Stream;
use crate::engine::{Progress, Tally};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Delay of the bar, so that short work shows none.
pub(super) const BAR_AFTER: Duration = Duration::from_secs(1);
/// Time between two updates of the bar.
pub(super) const TICK: Duration = Duration::from_millis(200);
/// Time between two lines, and before the first one.
pub(super) const EVERY_LINE: Duration = Duration::from_secs(60);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Display {
    /// A bar on a terminal, lines anywhere else.
    Auto,
    /// A bar, on a terminal or not.
    Bar,
    /// A line a minute.
    Lines,
    /// Nothing.
    Off,
}

/// The option that says how progress is shown.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ProgressArgs {
    /// How progress is shown on stderr: a bar, a line a minute, or not at all [default: auto, a bar on a terminal and lines
    /// elsewhere; off with --quiet]
    #[arg(long, value_enum, value_name = "DISPLAY")]
    progress: Option<Display>,
}

impl ProgressArgs {
    /// How progress is shown, where `--quiet` is given or not.
    pub(super) fn display(self, verbosity: Verbosity) -> Display {
        self.progress.unwrap_or_else(|| Display::of(verbosity))
    }
}

impl Display {
    /// How a command without `--progress` shows it.
    pub(super) fn of(verbosity: Verbosity) -> Self {
        if verbosity.quiet { Display::Off } else { Display::Auto }
    }

    /// Where a bar is drawn; `None` where lines are written.
    pub(super) fn bar(self) -> Option<ProgressDrawTarget> {
        match (self, std::io::stderr().is_terminal()) {
            (Display::Auto | Display::Bar, true) => Some(ProgressDrawTarget::stderr()),
            (Display::Bar, false) => Some(ProgressDrawTarget::term_like(Box::new(Stream))),
            _ => None,
        }
    }
}

/// Work whose progress is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    /// Number of cells to process.
    pub cells: u64,
    /// Verb for what is done to the cells: "computed", "read".
    pub verb: &'a str,
    /// What is counted: "cells".
    pub unit: &'a str,
    /// How it is shown.
    pub display: Display,
}

/// Runs `work` while a second thread shows its progress.
pub(super) fn with_progress<T>(shown: Work<'_>, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if shown.display == Display::Off {
        return work();
    }
    std::thread::scope(|scope| {
        // Dropping the sender ends the display, also if `work` panics.
        let (running, ended) = channel::<()>();
        let show = move || match shown.display.bar() {
            Some(target) => draw_bar(shown, progress, &ended, target),
            None => write_lines(shown, progress, &ended, EVERY_LINE, &line),
        };
        if let Err(e) = std::thread::Builder::new().name("progress".into()).spawn_scoped(scope, show) {
            log::warn!("how far the work is cannot be shown ({e})");
        }
        let result = work();
        drop(running);
        result
    })
}

/// Waits for `time` at most and returns whether the work goes on.
pub(super) fn goes_on(ended: &Receiver<()>, time: Duration) -> bool {
    ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

fn draw_bar(shown: Work<'_>, progress: &Progress, ended: &Receiver<()>, target: ProgressDrawTarget) {
    let (begun, done_before) = (Instant::now(), progress.read().done);
    if !goes_on(ended, BAR_AFTER) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(shown.cells), ProgressDrawTarget::hidden());
    let template =
        format!("{{bar:10}} {{percent:>3}}% {{human_pos}} of {{human_len}} {} {}{{wide_msg}}", shown.unit, shown.verb);
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.set_position(done_before);
    bar.set_draw_target(target);
    show_bar(Some(bar.clone()));
    loop {
        let Tally { done, settled, steps } = progress.read();
        // The message is drawn at once, with the position before it; a narrow terminal shows its beginning.
        let elapsed = begun.elapsed();
        bar.set_position(done);
        bar.set_message(time_left(done_before, done, shown.cells, elapsed) + &rates(settled, steps, elapsed));
        if !goes_on(ended, TICK) {
            break;
        }
    }
    show_bar(None);
    bar.finish_and_clear();
}

/// Text of the settled cells and the steps per second; empty if the work takes no steps.
fn rates(settled: u64, steps: u64, elapsed: Duration) -> String {
    match steps {
        0 => String::new(),
        _ => format!(", {settled} settled, {:.1} M neuron-steps/s", steps as f64 / 1e6 / elapsed.as_secs_f64()),
    }
}

fn write_lines(shown: Work<'_>, progress: &Progress, ended: &Receiver<()>, every: Duration, write: &dyn Fn(&str)) {
    let (begun, done_before) = (Instant::now(), progress.read().done);
    while goes_on(ended, every) {
        let Tally { done, settled, steps } = progress.read();
        let elapsed = begun.elapsed();
        let left = time_left(done_before, done, shown.cells, elapsed);
        let percent = 100.0 * done as f64 / shown.cells.max(1) as f64;
        write(&format!(
            "{percent:.0} %: {done} of {} {} {}{}{left}",
            shown.cells,
            shown.unit,
            shown.verb,
            rates(settled, steps, elapsed)
        ));
    }
}

/// Text of the remaining time at the mean speed so far; empty before the first cell.
fn time_left(before: u64, done: u64, all: u64, elapsed: Duration) -> String {
    let now = done.saturating_sub(before);
    if now == 0 {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() * all.saturating_sub(done) as f64 / now as f64;
    format!(", about {} left", indicatif::HumanDuration(Duration::from_secs_f64(seconds.min(1e9))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn fault_22_a_pipe_gets_lines_while_the_work_goes_on_and_none_with_quiet() {
        let (progress, lines) = (Progress::default(), Mutex::new(Vec::new()));
        progress.add(100, 0, 0);
        let shown = Work { cells: 400, verb: "computed", unit: "cells", display: Display::Auto };
        let (running, ended) = channel::<()>();
        std::thread::scope(|scope| {
            let write = |text: &str| {
                lines.lock().unwrap().push(text.to_string());
                if lines.lock().unwrap().len() == 1 {
                    progress.add(100, 60, 2_000_000);
                }
            };
            let (progress, soon) = (&progress, Duration::from_millis(1));
            scope.spawn(move || write_lines(shown, progress, &ended, soon, &write));
            while lines.lock().unwrap().len() < 2 {
                std::thread::yield_now();
            }
            drop(running);
        });
        let lines = lines.into_inner().unwrap();
        assert_eq!(lines[0], "25 %: 100 of 400 cells computed");
        assert!(lines[1].starts_with("50 %: 200 of 400 cells computed, 60 settled, "), "{}", lines[1]);
        assert!(lines[1].ends_with(" left"), "{}", lines[1]);
        // With --quiet there is no display, unless one is asked for.
        assert_eq!(with_progress(Work { display: Display::Off, ..shown }, &progress, || 7), 7);
        let of = |progress, quiet| ProgressArgs { progress }.display(Verbosity { quiet });
        assert_eq!([of(None, true), of(None, false)], [Display::Off, Display::Auto]);
        assert_eq!([of(Some(Display::Lines), true), of(Some(Display::Off), false)], [Display::Lines, Display::Off]);
    }

    #[test]
    fn what_an_earlier_run_did_says_nothing_of_the_pace() {
        let minute = Duration::from_secs(60);
        assert_eq!(time_left(100, 200, 400, minute), ", about 2 minutes left");
        assert_eq!(time_left(100, 100, 400, minute), "");
        assert_eq!(time_left(0, 400, 400, minute), ", about 0 seconds left");
        assert!(time_left(0, 1, u64::MAX, minute).contains("years"));
    }
}
