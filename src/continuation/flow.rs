//! The flow of Eq. 10 with its derivatives by the start and by the continued parameters, in steps of order 8.

use crate::cycle::Field;
use crate::cycle::dop853::{self, STAGE_WEIGHTS, STAGES, STEP_WEIGHTS};
use crate::model::{F00Jets, Family, Parameter, Parameters};
use nalgebra::{Matrix4, Vector4};
use std::f64::consts::SQRT_2;
use std::sync::{Arc, Mutex, PoisonError};

/// Relative change of lambda/l for F_00's derivative by it.
const RATIO_STEP: f64 = 1e-4;
/// Relative change of lambda/l up to which that derivative is taken as it was. No zero of a test function depends on it:
/// Newton's method takes one iteration more at worst.
const RATIO_LIFE: f64 = 1e-3;

/// Profiles of F_00 at lambda/l a little smaller and larger, and the distance between them.
type Neighbours = Arc<(F00Jets, F00Jets, f64)>;

/// The last profiles of a geometry that changes, each with its ratio lambda/l.
#[derive(Debug, Default)]
struct Last {
    profile: Option<(f64, Arc<F00Jets>)>,
    neighbours: Option<(f64, Neighbours)>,
}

/// A neuron with P parameters that are continued.
#[derive(Debug)]
pub(super) struct System<const P: usize> {
    base: Parameters<f64>,
    /// The continued parameters.
    pub continued: [Parameter; P],
    profile: Arc<F00Jets>,
    family: Family,
    last: Mutex<Last>,
}

/// The flow at one value of each continued parameter.
#[derive(Debug, Clone)]
pub(super) struct Flow<const P: usize> {
    /// All parameters.
    pub p: Parameters<f64>,
    continued: [Parameter; P],
    /// Derivatives of F_00.
    pub profile: Arc<F00Jets>,
    /// F_00 next to this ratio lambda/l, only where l or lambda is continued.
    neighbours: Option<Neighbours>,
}

/// A point that moves with the flow, and its derivatives by the start and by each continued parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Motion<const P: usize> {
    /// Point (X, Y, Z, V).
    pub u: Vector4<f64>,
    /// Derivative by the start.
    pub by_start: Matrix4<f64>,
    /// Derivative by each continued parameter.
    pub by_parameter: [Vector4<f64>; P],
}

impl<const P: usize> Motion<P> {
    /// A motion that begins at `u`.
    pub(super) fn from(u: Vector4<f64>) -> Self {
        Self { u, by_start: Matrix4::identity(), by_parameter: [Vector4::zeros(); P] }
    }

    fn add(&mut self, factor: f64, k: &Self) {
        self.u.axpy(factor, &k.u, 1.0);
        for (a, b) in self.by_start.as_mut_slice().iter_mut().zip(k.by_start.as_slice()) {
            *a += factor * b;
        }
        for (a, b) in self.by_parameter.iter_mut().zip(&k.by_parameter) {
            a.axpy(factor, b, 1.0);
        }
    }
}

fn is_geometry(parameter: Parameter) -> bool {
    matches!(parameter, Parameter::L | Parameter::Lambda)
}

impl<const P: usize> System<P> {
    /// The neuron `base` with these parameters continued.
    pub(super) fn new(base: Parameters<f64>, continued: [Parameter; P]) -> Self {
        let profile = Arc::new(F00Jets::new(base.l, base.lambda));
        Self { base, continued, profile, family: Family::default(), last: Mutex::default() }
    }

    /// All parameters at these values of the continued ones.
    pub(super) fn parameters(&self, values: [f64; P]) -> Parameters<f64> {
        let mut all = self.base.to_array();
        for (parameter, value) in self.continued.iter().zip(values) {
            all[*parameter as usize] = value;
        }
        Parameters::from_array(all)
    }

    /// The flow at these values; `None` where a value is not finite, or a length not positive.
    pub(super) fn at(&self, values: [f64; P]) -> Option<Flow<P>> {
        let p = self.parameters(values);
        if !values.iter().all(|v| v.is_finite()) {
            return None;
        }
        if !self.continued.iter().any(|q| is_geometry(*q)) {
            return Some(Flow { p, continued: self.continued, profile: self.profile.clone(), neighbours: None });
        }
        let ratio = p.lambda / p.l;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let by_ratio = |factor: f64| Some(self.family.blend(p.l, factor * p.lambda)?.sparse_profile());
        let profile = match &last.profile {
            Some((at, profile)) if *at == ratio => profile.clone(),
            _ => Arc::new(by_ratio(1.0)?),
        };
        let neighbours = match &last.neighbours {
            Some((at, neighbours)) if (at / ratio - 1.0).abs() < RATIO_LIFE => neighbours.clone(),
            _ => {
                let made = (by_ratio(1.0 - RATIO_STEP)?, by_ratio(1.0 + RATIO_STEP)?, 2.0 * RATIO_STEP * ratio);
                last.neighbours.insert((ratio, Arc::new(made))).1.clone()
            }
        };
        last.profile = Some((ratio, profile.clone()));
        Some(Flow { p, continued: self.continued, profile, neighbours: Some(neighbours) })
    }
}

impl<const P: usize> Flow<P> {
    /// The vector field.
    pub(super) fn field(&self) -> Field<'_> {
        Field::new(&self.p, &self.profile)
    }

    /// Derivatives of F_00, F_00' and F_00'' by lambda/l at a voltage.
    fn by_ratio(&self, v: f64) -> [f64; 3] {
        let Some(neighbours) = &self.neighbours else { return [0.0; 3] };
        let (below, above, width) = &**neighbours;
        let xi = self.p.x_0 / self.p.l - SQRT_2 * v;
        let (below, above) = (below.first_derivatives::<3>(xi), above.first_derivatives::<3>(xi));
        std::array::from_fn(|n| (above[n] - below[n]) / width)
    }

    /// Rate of change of a motion and its derivatives.
    fn rate(&self, field: &Field<'_>, at: &Motion<P>) -> Motion<P> {
        let d = field.derivatives(&at.u);
        let (rate, jacobian) = field.linearized_from(&at.u, &d);
        let by_ratio = self.by_ratio(at.u[3]);
        let by_parameter = std::array::from_fn(|i| {
            jacobian * at.by_parameter[i] + field.by_parameter(&at.u, &d, self.continued[i], &by_ratio)
        });
        Motion { u: rate, by_start: jacobian * at.by_start, by_parameter }
    }

    /// The motion one step of length `h` later.
    pub(super) fn step(&self, field: &Field<'_>, from: &Motion<P>, h: f64) -> Motion<P> {
        let mut rates =
            [Motion { u: Vector4::zeros(), by_start: Matrix4::zeros(), by_parameter: [Vector4::zeros(); P] }; STAGES];
        for stage in 0..STAGES {
            let mut at = *from;
            for (earlier, weight) in STAGE_WEIGHTS[stage] {
                at.add(h * weight, &rates[*earlier]);
            }
            rates[stage] = self.rate(field, &at);
        }
        let mut end = *from;
        for (stage, weight) in STEP_WEIGHTS {
            end.add(h * weight, &rates[*stage]);
        }
        end
    }
}

/// One step of a point without its derivatives.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlainStep {
    /// Point at the end.
    pub end: Vector4<f64>,
    /// Integrals of V and of V² over the step.
    pub integrals: [f64; 2],
    /// Estimated error, in the units of the point.
    pub error: f64,
}

/// A step of length `h` from `u`.
pub(super) fn plain_step(field: &Field<'_>, u: &Vector4<f64>, h: f64) -> PlainStep {
    let (mut voltages, mut stage) = ([0.0; STAGES], 0);
    let (end, error) = dop853::step(u, h, |at, _| {
        voltages[stage] = at[3];
        stage += 1;
        field.rate(at)
    });
    let integral = |power: i32| h * STEP_WEIGHTS.iter().map(|(i, w)| w * voltages[*i].powi(power)).sum::<f64>();
    PlainStep { end, integrals: [integral(1), integral(2)], error }
}
