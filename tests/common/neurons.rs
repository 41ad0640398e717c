//! Neurons to ask the static theory about: the paper's own, and random ones.

use hopfmap::bifurcation::{IvCurve, Side};
use hopfmap::model::{F00Jets, Parameter, Parameters};
use std::sync::Arc;

pub const BASE: Parameters<f64> =
    Parameters { v_n: 2.0, r_n: 5.0, gamma: 0.1, alpha: 1.0, z_t: 1.0, omega: 7.0, x_0: 0.8, l: 0.5, lambda: 0.13 };

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
