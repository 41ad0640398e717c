//! Progress on stderr: a bar on a terminal, a line now and then anywhere else, nothing with `--quiet`.

use super::messages::{line, show_bar};
use crate::engine::{Progress, Tally};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Delay of the bar, so that short work shows none.
pub(super) const BAR_AFTER: Duration = Duration::from_secs(1);
/// Time between two updates of the bar.
pub(super) const TICK: Duration = Duration::from_millis(200);
/// Delay of the first line where stderr is not a terminal.
pub(super) const FIRST_LINE: Duration = Duration::from_secs(30);
/// Time between two lines where stderr is not a terminal.
pub(super) const EVERY_LINE: Duration = Duration::from_secs(180);

/// Work whose progress is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    /// Number of cells to process.
    pub cells: u64,
    /// Verb for what is done to the cells: "computed", "read".
    pub verb: &'a str,
    /// What is counted: "cells".
    pub unit: &'a str,
    /// Whether no progress is shown.
    pub quiet: bool,
}

/// Runs `work` while a second thread shows its progress.
pub(super) fn with_progress<T>(shown: Work<'_>, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if shown.quiet {
        return work();
    }
    std::thread::scope(|scope| {
        // Dropping the sender ends the display, also if `work` panics.
        let (running, ended) = channel::<()>();
        let show = move || match std::io::stderr().is_terminal() {
            true => draw_bar(shown, progress, &ended),
            false => write_lines(shown, progress, &ended, (FIRST_LINE, EVERY_LINE), &line),
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

fn draw_bar(shown: Work<'_>, progress: &Progress, ended: &Receiver<()>) {
    let begun = Instant::now();
    if !goes_on(ended, BAR_AFTER) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(shown.cells), ProgressDrawTarget::hidden());
    let template = format!(
        "{{bar:30}} {{percent:>3}}%  {{human_pos}} of {{human_len}} {} {}{{msg}}  {{eta}} left",
        shown.unit, shown.verb
    );
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    // Cells done by an earlier run say nothing about the speed of this one.
    bar.set_position(progress.read().done);
    bar.reset_eta();
    bar.set_draw_target(ProgressDrawTarget::stderr());
    show_bar(Some(bar.clone()));
    loop {
        let Tally { done, settled, steps } = progress.read();
        bar.set_message(rates(settled, steps, begun.elapsed()));
        bar.set_position(done);
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

fn write_lines(
    shown: Work<'_>,
    progress: &Progress,
    ended: &Receiver<()>,
    (first, every): (Duration, Duration),
    write: &dyn Fn(&str),
) {
    let (begun, done_before) = (Instant::now(), progress.read().done);
    let mut wait = first;
    while goes_on(ended, wait) {
        wait = every;
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
        let shown = Work { cells: 400, verb: "computed", unit: "cells", quiet: false };
        let (running, ended) = channel::<()>();
        std::thread::scope(|scope| {
            let write = |text: &str| {
                lines.lock().unwrap().push(text.to_string());
                if lines.lock().unwrap().len() == 1 {
                    progress.add(100, 60, 2_000_000);
                }
            };
            let (progress, soon) = (&progress, Duration::from_millis(1));
            scope.spawn(move || write_lines(shown, progress, &ended, (soon, soon), &write));
            while lines.lock().unwrap().len() < 2 {
                std::thread::yield_now();
            }
            drop(running);
        });
        let lines = lines.into_inner().unwrap();
        assert_eq!(lines[0], "25 %: 100 of 400 cells computed");
        assert!(lines[1].starts_with("50 %: 200 of 400 cells computed, 60 settled, "), "{}", lines[1]);
        assert!(lines[1].ends_with(" left"), "{}", lines[1]);
        // With --quiet there is no display.
        assert_eq!(with_progress(Work { quiet: true, ..shown }, &progress, || 7), 7);
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
