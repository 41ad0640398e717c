//! All results of a single cell, from each of its equilibria.
//!
//! `cargo run --release --example one_cell`

use hopfmap::Parameter::{Gamma, RN, VN};
use hopfmap::{Start, Sweep};

fn main() -> hopfmap::Result<()> {
    // Here a cycle and a quiet state coexist: which one is reached depends on the start.
    let map = Sweep::new().values(VN, [7.0]).set(RN, 16.0).set(Gamma, 0.1).start(Start::Equilibria).run()?;
    let (outcomes, spans) = (map.outcomes(), map.array("span")?);
    for (i, start) in map.starts().iter().enumerate() {
        println!("from the {start} equilibrium: {}, span {:.4}", outcomes[[i, 0]].name(), spans[[i, 0]]);
    }
    Ok(())
}
