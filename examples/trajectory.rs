//! One neuron in time, and the lines of its spectrum.
//!
//! `cargo run --release --example trajectory`

use hopfmap::{Parameters, trajectory};

fn main() -> hopfmap::Result<()> {
    // From rest at t = 0, in units of tau_c.
    let found = trajectory(&Parameters::at(2.0, 6.0, 0.33), 400.0)?;
    let last = found.states.len() - 1;
    println!("{} steps of {:.5} tau_c, {}", last, found.dt, found.motion.kind().name());
    println!("V from {:.4} to {:.4}, period {:.4}", found.motion.v_min, found.motion.v_max, found.motion.period());
    let spectrum = found.spectrum()?;
    for (n, amplitude) in (1..).zip(&spectrum.harmonics) {
        println!("harmonic {n}: amplitude {amplitude:.3e}");
    }
    Ok(())
}
