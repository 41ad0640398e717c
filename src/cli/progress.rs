//! How far a sweep is, on stderr: silent in a pipe, with -q, and for anything that takes less than a second.

use crate::engine::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Nothing is drawn before this.
const QUIET: Duration = Duration::from_secs(1);
/// Time between two looks at the counters.
const TICK: Duration = Duration::from_millis(200);
const BAR: &str = "{bar:30} {percent:>3}%  {human_pos} of {human_len} cells  {msg}  {eta} left";

/// Does `work` while a second thread shows its progress towards `cells`. What `work` notes stands above the display.
pub fn shown<T>(cells: u64, quiet: bool, progress: &Progress, work: impl FnOnce(&dyn Fn(&str)) -> T) -> T {
    if quiet {
        return work(&|_| ());
    }
    let bar = ProgressBar::with_draw_target(Some(cells), ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    std::thread::scope(|scope| {
        // Dropping the sender, also by a panic inside `work`, ends the display.
        let (running, stopped) = channel::<()>();
        let display = bar.clone();
        scope.spawn(move || {
            let begun = Instant::now();
            if stopped.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            // What an earlier run has done already says nothing of the pace of this one.
            display.set_position(progress.read().0);
            display.reset_eta();
            display.set_draw_target(ProgressDrawTarget::stderr());
            loop {
                let (done, settled, steps) = progress.read();
                let rate = steps as f64 / 1e6 / begun.elapsed().as_secs_f64();
                display.set_message(format!("{settled} settled  {rate:.1} M neuron-steps/s"));
                display.set_position(done);
                if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            display.finish_and_clear();
        });
        let result = work(&|note| bar.suspend(|| eprintln!("{note}")));
        drop(running);
        result
    })
}
