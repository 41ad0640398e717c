//! Progress of a sweep read from another thread, and its cancellation.
//!
//! `cargo run --release --example cancel_and_progress`

use hopfmap::Parameter::{Gamma, RN, VN, ZT};
use hopfmap::{Error, Progress, Sweep};
use std::time::Duration;

fn main() -> hopfmap::Result<()> {
    let progress = Progress::default();
    let sweep = Sweep::new()
        .axis(Gamma, 0.02..=1.0, 2000)
        .axis(ZT, 0.0..=1.0, 2000)
        .set(VN, 2.0)
        .set(RN, 6.0)
        .progress(&progress);
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                std::thread::sleep(Duration::from_millis(300));
                let tally = progress.read();
                println!("{} cells done, {} M steps", tally.done, tally.steps / 1_000_000);
            }
            // The number of the signal is what the exit code of a command would be made of.
            progress.stop.cancel(2);
        });
        sweep.run()
    });
    match ended {
        Err(Error::Interrupted { .. }) => println!("cancelled"),
        other => println!("{} cells", other?.outcomes().len()),
    }
    Ok(())
}
