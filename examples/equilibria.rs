//! Equilibria of one neuron and their stability.
//!
//! `cargo run --release --example equilibria`

use hopfmap::{Parameters, equilibria};

fn main() {
    // V_n, R_n, Gamma; all other parameters as in the paper.
    let p = Parameters::at(4.0, 8.0, 0.9);
    for e in equilibria(&p) {
        println!("V* = {:.6}: {}", e.v, e.linear.stability().name());
        for mu in e.linear.eigenvalues() {
            println!("    {:+.6} {:+.6} i", mu.re, mu.im);
        }
    }
}
