//! A sweep in memory, as `ndarray` arrays.
//!
//! `cargo run --release --example sweep_to_array`

use hopfmap::Parameter::{Gamma, RN, VN, ZT};
use hopfmap::{Outcome, Sweep};

fn main() -> hopfmap::Result<()> {
    // The plane of the paper's Fig. 6a.
    let map = Sweep::new()
        .axis(Gamma, 0.02..=1.0, 64) // slowest axis first
        .axis(ZT, 0.0..=1.0, 64)
        .set(VN, 2.0)
        .set(RN, 6.0)
        .run()?;
    let span = map.array("span")?;
    let oscillating = map.outcomes().mapv(|o| o == Outcome::Oscillating);
    let largest = span.iter().copied().fold(0.0, f64::max);
    println!("{:?}: {} cells oscillate", span.shape(), oscillating.iter().filter(|o| **o).count());
    println!("largest span {largest:.4}");
    Ok(())
}
