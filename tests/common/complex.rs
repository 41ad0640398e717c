//! Rows of complex_cells.csv: neurons whose motion is no simple cycle, with their right outcomes.

use hopfmap::{Parameters, State};
use std::path::Path;

/// A neuron, its start, and what an independent integrator found.
#[derive(Debug, Clone)]
pub struct Complex {
    pub p: Parameters<f64>,
    pub start: State<f64>,
    pub outcome: String,
    pub span: f64,
    pub period: f64,
    pub note: String,
}

impl Complex {
    /// A neuron of unknown outcome that starts at rest.
    pub fn at_rest(p: Parameters<f64>) -> Self {
        let (span, period) = (f64::NAN, f64::NAN);
        Self { p, start: State::rest(p.z_t), outcome: String::new(), span, period, note: String::new() }
    }
}

pub fn complex() -> Vec<Complex> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/complex_cells.csv");
    let row = |r: csv::StringRecord| {
        let number = |i: usize| r[i].parse().unwrap_or(f64::NAN);
        let p = Parameters::from_array(std::array::from_fn(number));
        // Of a map with starts near the equilibria, the note has the start that leads here.
        let text = if &r[9] == "equilibria" { r[18].split(['[', ']']).nth(1).unwrap() } else { &r[9] };
        let start = match text {
            "rest" => State::rest(p.z_t),
            text => {
                let numbers: Vec<f64> = text.split(',').map(|t| t.trim().parse().unwrap()).collect();
                State { x: numbers[0], y: numbers[1], z: numbers[2], v: numbers[3] }
            }
        };
        Complex { p, start, outcome: r[15].into(), span: number(16), period: number(17), note: r[18].into() }
    };
    csv::Reader::from_path(path).unwrap().records().map(|r| row(r.unwrap())).collect()
}
