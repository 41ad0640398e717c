//! Neurons to ask the static theory about: the paper's own, and random ones.

use hopfmap::bifurcation::{IvCurve, Side};
use hopfmap::model::{F00Jets, PARAMETERS, Parameter, Parameters};
use std::sync::Arc;

pub const BASE: Parameters<f64> =
    Parameters { v_n: 2.0, r_n: 5.0, gamma: 0.1, alpha: 1.0, z_t: 1.0, omega: 7.0, x_0: 0.8, l: 0.5, lambda: 0.13 };

/// The neuron of Fig. 3.
pub const FIG_3: Parameters<f64> = Parameters { v_n: 0.23, ..BASE };

pub fn profile(p: &Parameters<f64>) -> Arc<F00Jets> {
    Arc::new(F00Jets::new(p.l, p.lambda))
}

pub fn curve(p: &Parameters<f64>) -> IvCurve {
    IvCurve::new(profile(p), p.x_0, p.l, p.z_t)
}

pub fn side(parameter: Parameter, (low, high): (f64, f64)) -> Side {
    Side { parameter, low, high, log: false }
}

/// A small random number generator, so that a failure repeats.
pub struct Random(pub u64);

impl Random {
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn parameters(&mut self) -> Parameters<f64> {
        Parameters {
            v_n: self.between(-9.0, 9.0),
            r_n: self.between(0.0, 30.0),
            gamma: self.between(0.0, 2.0),
            alpha: self.between(0.0, 2.0),
            z_t: self.between(0.0, 1.0),
            omega: self.between(1.0, 12.0),
            x_0: self.between(-1.5, 1.5),
            l: self.between(0.2, 1.0),
            lambda: self.between(0.02, 0.6),
        }
    }
}

/// A number between two, from the generator.
pub type Draw<'a> = &'a mut dyn FnMut(f64, f64) -> f64;
/// A name and a neuron drawn at random.
pub type Region = (&'static str, fn(Draw<'_>) -> Parameters<f64>);
/// Regions: near the paper's neurons; of middling, slow, strong and sharp ones.
pub const REGIONS: [Region; 5] = [
    ("near", |u| drawn(u, [0.0, 8.0], [1.0, 16.0], [7.0, 7.0], [0.8, 0.8], [0.5, 0.5], [0.26, 0.26])),
    ("mid", |u| {
        let lambda = u(0.03, 0.6);
        let p = drawn(u, [0.0, 10.0], [0.5, 50.0], [1.0, 10.0], [0.0, 1.6], [0.1, 1.5], [0.1, 0.1]);
        Parameters { lambda, ..p }
    }),
    ("slow", |u| drawn(u, [0.0, 10.0], [5.0, 200.0], [0.05, 2.0], [0.4, 1.4], [0.3, 0.8], [0.1, 0.4])),
    ("strong", |u| drawn(u, [0.0, 30.0], [20.0, 500.0], [1.0, 10.0], [0.4, 1.6], [0.2, 0.8], [0.05, 0.4])),
    ("sharp", |u| drawn(u, [0.0, 20.0], [20.0, 200.0], [1.0, 8.0], [0.8, 1.6], [0.2, 0.6], [0.05, 0.15])),
];

/// A neuron with Gamma from 0.01 to 1, logarithmically, alpha from 0.2 to 2 and Z_T from 0.2 to 1; `ratio` is lambda/l.
fn drawn(
    u: Draw<'_>,
    v_n: [f64; 2],
    r_n: [f64; 2],
    omega: [f64; 2],
    x_0: [f64; 2],
    l: [f64; 2],
    ratio: [f64; 2],
) -> Parameters<f64> {
    let mut of = |[a, b]: [f64; 2]| u(a, b);
    let l = of(l);
    let (gamma, alpha, z_t) = (10_f64.powf(of([-2.0, 0.0])), of([0.2, 2.0]), of([0.2, 1.0]));
    let (v_n, r_n, omega, x_0, lambda) = (of(v_n), of(r_n), of(omega), of(x_0), l * of(ratio));
    Parameters { v_n, r_n, gamma, alpha, z_t, omega, x_0, l, lambda }
}

/// A request for this neuron alone, or with axes in place of some of its parameters.
pub fn request(p: &Parameters<f64>, axes: &[String]) -> String {
    let grid: Vec<String> = axes.iter().map(|axis| format!("'{axis}'")).collect();
    let is_axis = |name: &str| axes.iter().any(|axis| axis.starts_with(&format!("{name}=")));
    let fixed = PARAMETERS.iter().zip(p.to_array()).filter(|(info, _)| !is_axis(info.name));
    let set: String = fixed.map(|(info, value)| format!("{} = {value:?}\n", info.name)).collect();
    format!("grid = [{}]\n[set]\n{set}", grid.join(", "))
}
