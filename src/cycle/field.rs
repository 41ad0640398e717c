//! Eq. 10, its Jacobian and its derivatives by the parameters in f64, and one step of RK4 along a motion and its tangents.

use crate::model::{F00Jets, Parameter, Parameters, State};
use nalgebra::{Matrix4, Vector4};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// The vector field of Eq. 10 for one neuron; a point is (X, Y, Z, V).
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    p: &'a Parameters<f64>,
    profile: &'a F00Jets,
}

/// A state as a point of the vector field.
#[must_use]
pub fn point(s: &State<f64>) -> Vector4<f64> {
    Vector4::new(s.x, s.y, s.z, s.v)
}

/// A point of the vector field as a state.
#[must_use]
pub fn state(u: &Vector4<f64>) -> State<f64> {
    State { x: u[0], y: u[1], z: u[2], v: u[3] }
}

/// A point that moves along Eq. 10 with its tangents and the integral of V.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moving {
    /// Point (X, Y, Z, V).
    pub(super) u: Vector4<f64>,
    /// Derivative of the point by the point where the motion began.
    pub(super) tangents: Matrix4<f64>,
    /// ∫ V dt since the motion began.
    pub(super) area: f64,
}

impl Moving {
    /// A motion that begins at `u`.
    pub(super) fn from(u: Vector4<f64>) -> Self {
        Self { u, tangents: Matrix4::identity(), area: 0.0 }
    }
}

impl<'a> Field<'a> {
    /// The field of a neuron; `profile` belongs to its geometry.
    #[must_use]
    pub fn new(p: &'a Parameters<f64>, profile: &'a F00Jets) -> Self {
        Self { p, profile }
    }

    /// Rates of change per tau_c.
    #[must_use]
    pub fn rate(&self, u: &Vector4<f64>) -> Vector4<f64> {
        let (p, [x, y, z, v]) = (self.p, [u[0], u[1], u[2], u[3]]);
        let f = self.profile.elements(p.x_0 / p.l - SQRT_2 * v);
        let g = 0.5 * ((1.0 + z) * f.f00 + 2.0 * x * f.f01 + (1.0 - z) * f.f11);
        let v_dot = p.v_n - (1.0 + p.r_n * g) * v;
        Vector4::new(
            p.omega * y + 2.0 * v_dot * z - p.gamma * x,
            -p.omega * x - p.gamma * y,
            -2.0 * v_dot * x - p.alpha * p.gamma * (z - p.z_t),
            v_dot,
        )
    }

    /// Rates of change per tau_c, and the Jacobian of the field.
    #[must_use]
    pub fn linearized(&self, u: &Vector4<f64>) -> (Vector4<f64>, Matrix4<f64>) {
        self.linearized_from(u, &self.derivatives(u))
    }

    /// F_00 and its first three derivatives by xi = x_0/l - √2 V at a point.
    #[must_use]
    pub fn derivatives(&self, u: &Vector4<f64>) -> [f64; 4] {
        self.profile.first_derivatives(self.p.x_0 / self.p.l - SQRT_2 * u[3])
    }

    /// Rates and Jacobian at a point, from F_00's derivatives there.
    ///
    /// F_01 = F_00'/√2 and F_11 = F_00 + ½ F_00'' (derivatives by xi).
    #[must_use]
    pub fn linearized_from(&self, u: &Vector4<f64>, d: &[f64; 4]) -> (Vector4<f64>, Matrix4<f64>) {
        let (p, [x, y, z, v]) = (self.p, [u[0], u[1], u[2], u[3]]);
        let (f00, f01, f11) = (d[0], FRAC_1_SQRT_2 * d[1], d[0] + 0.5 * d[2]);
        let (f00_v, f01_v, f11_v) = (-SQRT_2 * d[1], -d[2], -SQRT_2 * (d[1] + 0.5 * d[3]));
        let g = 0.5 * ((1.0 + z) * f00 + 2.0 * x * f01 + (1.0 - z) * f11);
        let g_v = 0.5 * ((1.0 + z) * f00_v + 2.0 * x * f01_v + (1.0 - z) * f11_v);
        let v_dot = p.v_n - (1.0 + p.r_n * g) * v;
        let (by_x, by_z) = (-p.r_n * v * f01, -0.5 * p.r_n * v * (f00 - f11));
        let by_v = -(1.0 + p.r_n * g) - p.r_n * v * g_v;
        let relaxation = p.alpha * p.gamma;
        let rate = Vector4::new(
            p.omega * y + 2.0 * v_dot * z - p.gamma * x,
            -p.omega * x - p.gamma * y,
            -2.0 * v_dot * x - relaxation * (z - p.z_t),
            v_dot,
        );
        #[rustfmt::skip]
        let jacobian = Matrix4::new(
            2.0 * z * by_x - p.gamma,        p.omega,  2.0 * (v_dot + z * by_z),        2.0 * z * by_v,
            -p.omega,                        -p.gamma, 0.0,                             0.0,
            -2.0 * (v_dot + x * by_x),       0.0,      -2.0 * x * by_z - relaxation,    -2.0 * x * by_v,
            by_x,                            0.0,      by_z,                            by_v,
        );
        (rate, jacobian)
    }

    /// Derivative of the rates by one parameter at a point, from F_00's derivatives there.
    ///
    /// `by_ratio` holds the derivatives of F_00, F_00' and F_00'' by lambda/l; l and lambda alone need them.
    #[must_use]
    pub fn by_parameter(
        &self,
        u: &Vector4<f64>,
        d: &[f64; 4],
        parameter: Parameter,
        by_ratio: &[f64; 3],
    ) -> Vector4<f64> {
        let (p, [x, y, z, v]) = (self.p, [u[0], u[1], u[2], u[3]]);
        let conductance = |d: &[f64]| d[0] + FRAC_1_SQRT_2 * x * d[1] + 0.25 * (1.0 - z) * d[2];
        let by_conductance = -p.r_n * v;
        let by_xi = by_conductance * conductance(&d[1..]);
        let by_ratio = by_conductance * conductance(by_ratio);
        let v_dot = match parameter {
            Parameter::Gamma => return Vector4::new(-x, -y, -p.alpha * (z - p.z_t), 0.0),
            Parameter::Alpha => return Vector4::new(0.0, 0.0, -p.gamma * (z - p.z_t), 0.0),
            Parameter::ZT => return Vector4::new(0.0, 0.0, p.alpha * p.gamma, 0.0),
            Parameter::Omega => return Vector4::new(y, -x, 0.0, 0.0),
            Parameter::VN => 1.0,
            Parameter::RN => -conductance(d) * v,
            Parameter::X0 => by_xi / p.l,
            Parameter::L => -(by_xi * p.x_0 + by_ratio * p.lambda) / (p.l * p.l),
            Parameter::Lambda => by_ratio / p.l,
        };
        Vector4::new(2.0 * z * v_dot, 0.0, -2.0 * x * v_dot, v_dot)
    }

    /// The point one step of RK4 after `u`.
    pub(super) fn step(&self, u: &Vector4<f64>, h: f64) -> Vector4<f64> {
        let k1 = self.rate(u);
        let k2 = self.rate(&(u + 0.5 * h * k1));
        let k3 = self.rate(&(u + 0.5 * h * k2));
        let k4 = self.rate(&(u + h * k3));
        u + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4)
    }

    /// The motion one step of RK4 later, its tangents by the variational equation dM/dt = J M.
    pub(super) fn step_with_tangents(&self, from: &Moving, h: f64) -> Moving {
        let (u, m) = (&from.u, &from.tangents);
        let (k1, j1) = self.linearized(u);
        let t1 = j1 * m;
        let u2 = u + 0.5 * h * k1;
        let (k2, j2) = self.linearized(&u2);
        let t2 = j2 * (m + 0.5 * h * t1);
        let u3 = u + 0.5 * h * k2;
        let (k3, j3) = self.linearized(&u3);
        let t3 = j3 * (m + 0.5 * h * t2);
        let u4 = u + h * k3;
        let (k4, j4) = self.linearized(&u4);
        let t4 = j4 * (m + h * t3);
        Moving {
            u: u + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4),
            tangents: m + h / 6.0 * (t1 + 2.0 * (t2 + t3) + t4),
            area: from.area + h / 6.0 * (u[3] + 2.0 * (u2[3] + u3[3]) + u4[3]),
        }
    }

    /// The extremum of V within a step of `h` from `u`, between whose ends dV/dt changes its sign:
    /// the time since `u`, and the point.
    pub(super) fn extremum(&self, u: &Vector4<f64>, h: f64) -> (f64, Vector4<f64>) {
        let begin = self.rate(u)[3];
        let (mut low, mut high) = (0.0, h);
        let mut end = (h, self.step(u, h));
        let mut slopes = [begin, self.rate(&end.1)[3]];
        for _ in 0..ROOT_STEPS {
            // The secant through both ends (Illinois' rule halves the slope of an end that stays).
            let t = (low * slopes[1] - high * slopes[0]) / (slopes[1] - slopes[0]);
            let middle = self.step(u, t);
            let slope = self.rate(&middle)[3];
            end = (t, middle);
            if !(slope.abs() > ROOT_SLOPE * begin.abs()) {
                break;
            }
            if (slope > 0.0) == (begin > 0.0) {
                (low, slopes) = (t, [slope, 0.5 * slopes[1]]);
            } else {
                (high, slopes) = (t, [0.5 * slopes[0], slope]);
            }
        }
        end
    }
}

/// Largest number of secants that look for an extremum.
const ROOT_STEPS: usize = 40;
/// Slope dV/dt at which an extremum is found, relative to that at the step's beginning.
const ROOT_SLOPE: f64 = 1e-13;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conductance, derivative};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_field_is_eq_10_and_the_jacobian_its_derivative(
            v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, z_t in 0.0..1.0f64, x in -0.5..0.5f64, y in -0.5..0.5f64,
            z in -0.5..0.5f64, v in -9.0..9.0f64, alpha in 0.0..2.0f64,
        ) {
            let p = Parameters { z_t, alpha, ..Parameters::at(v_n, r_n, 0.1) };
            let profile = F00Jets::new(p.l, p.lambda);
            let field = Field::new(&p, &profile);
            let u = Vector4::new(x, y, z, v);
            let exact = point(&derivative(&state(&u), &p, &Conductance::new(p.l, p.lambda)));
            let (rate, jacobian) = field.linearized(&u);
            prop_assert!((rate - exact).amax() < 1e-10 && (field.rate(&u) - exact).amax() < 1e-10);
            for d in 0..4 {
                let mut e = Vector4::zeros();
                e[d] = 1e-5;
                let column = (field.rate(&(u + e)) - field.rate(&(u - e))) / 2e-5;
                prop_assert!((jacobian.column(d) - column).amax() < 1e-6 * (1.0 + jacobian.amax()), "{d}");
            }
            let step = 1e-5;
            let moved = |ratio: f64| F00Jets::new(p.l, p.lambda + ratio * p.l).first_derivatives::<3>(p.x_0 / p.l - SQRT_2 * v);
            let (up, down) = (moved(step), moved(-step));
            let by_ratio = std::array::from_fn(|n| (up[n] - down[n]) / (2.0 * step));
            for parameter in Parameter::ALL {
                let rate = |by: f64| {
                    let mut values = p.to_array();
                    values[parameter as usize] += by;
                    let p = Parameters::from_array(values);
                    Field::new(&p, &F00Jets::new(p.l, p.lambda)).rate(&u)
                };
                let expected = (rate(step) - rate(-step)) / (2.0 * step);
                let found = field.by_parameter(&u, &field.derivatives(&u), parameter, &by_ratio);
                prop_assert!((found - expected).amax() < 1e-6 * (1.0 + expected.amax()), "{parameter:?}: {found} {expected}");
            }
        }
    }
}
