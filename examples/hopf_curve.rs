//! The Andronov-Hopf curve in a plane of two parameters.
//!
//! `cargo run --release --example hopf_curve`

use hopfmap::Parameter::{Gamma, ZT};
use hopfmap::{Parameters, Side, hopf_curves};

fn main() -> hopfmap::Result<()> {
    let p = Parameters::at(2.0, 6.0, 0.1);
    for curve in hopf_curves(Side::linear(ZT, 0.0..=1.0), Side::linear(Gamma, 0.02..=1.0), &p)? {
        println!("{} points", curve.len());
        for point in curve.iter().step_by(curve.len().div_ceil(8)) {
            let cycle = if point.lyapunov < 0.0 { "stable" } else { "unstable" };
            println!("  Z_T = {:.4}, Gamma = {:.4}: omega = {:.4}, {cycle} cycle", point.x, point.y, point.omega);
        }
    }
    Ok(())
}
