//! A sweep written to HDF5, and one column read back.
//!
//! `cargo run --release --example sweep_to_file -- map.h5`

use hopfmap::Parameter::{Gamma, RN, VN};
use hopfmap::{EngineKind, Precision, Sweep};

fn main() -> hopfmap::Result<()> {
    let path = std::env::args().nth(1).unwrap_or("map.h5".to_string());
    // If it ends early, the same call goes on with the parts that are there.
    let map = Sweep::new()
        .log_axis(Gamma, 0.02..=2.0, 50)
        .set(VN, 2.0)
        .set(RN, 6.0)
        .engine(EngineKind::Cpu)
        .precision(Precision::F64)
        .run_to(&path)?;
    let period = map.cut("period", &[None])?;
    for (gamma, period) in map.axes()[0].values.iter().zip(&period).filter(|(_, p)| p.is_finite()) {
        println!("Gamma = {gamma:.4}: period {period:.4} tau_c");
    }
    Ok(())
}
