//! Progress of work whose extent is not known before: a spinner on a terminal, a line a minute anywhere else.

use super::messages::{line, show_bar};
use super::progress::{BAR_AFTER, Display, EVERY_LINE, TICK, goes_on};
use crate::continuation::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::sync::mpsc::{Receiver, channel};

/// Runs `work` while a second thread shows how far it is, if `display` says so.
pub(super) fn with_watch<T>(display: Display, watch: &Watch, work: impl FnOnce() -> T) -> T {
    if display == Display::Off {
        return work();
    }
    std::thread::scope(|scope| {
        // Dropping the sender ends the display, also if `work` panics.
        let (running, ended) = channel::<()>();
        let show = move || match display.bar() {
            Some(target) => spin(watch, &ended, target),
            None => {
                while goes_on(&ended, EVERY_LINE) {
                    line(&words(watch));
                }
            }
        };
        if let Err(e) = std::thread::Builder::new().name("progress".into()).spawn_scoped(scope, show) {
            log::warn!("how far the work is cannot be shown ({e})");
        }
        let result = work();
        drop(running);
        result
    })
}

fn spin(watch: &Watch, ended: &Receiver<()>, target: ProgressDrawTarget) {
    if !goes_on(ended, BAR_AFTER) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, target);
    show_bar(Some(bar.clone()));
    loop {
        bar.set_message(words(watch));
        bar.tick();
        if !goes_on(ended, TICK) {
            break;
        }
    }
    show_bar(None);
    bar.finish_and_clear();
}

/// How far the work is: "2 branches and 310 cycles followed, 4.2 million steps of motions".
pub(super) fn words(watch: &Watch) -> String {
    let [steps, cycles, branches] = watch.read();
    let motions =
        if steps > 0 { format!(", {:.1} million steps of motions", steps as f64 / 1e6) } else { String::new() };
    format!("{cycles} cycles followed, {branches} branches whole{motions}")
}
