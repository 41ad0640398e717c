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

/// Does `work` while a second thread shows its progress towards `cells`.
pub fn shown<T>(cells: u64, quiet: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if quiet {
        return work();
    }
    std::thread::scope(|scope| {
        // Dropping the sender, also by a panic inside `work`, ends the display.
        let (running, stopped) = channel::<()>();
        scope.spawn(move || {
            let begun = Instant::now();
            if stopped.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(Some(cells), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(BAR) {
                bar.set_style(style);
            }
            loop {
                let (done, settled, steps) = progress.read();
                let rate = steps as f64 / 1e6 / begun.elapsed().as_secs_f64();
                bar.set_message(format!("{settled} settled  {rate:.1} M neuron-steps/s"));
                bar.set_position(done);
                if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            bar.finish_and_clear();
        });
        let result = work();
        drop(running);
        result
    })
}
