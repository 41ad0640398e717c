//! Bounds on the rates of a neuron's motion, and the step of RK4 that follows from them.

use crate::model::{Conductance, Parameters};
use std::f64::consts::SQRT_2;

/// Step times rotation rate: `dt = ACCURATE_ROTATION / rotation` at most.
///
/// That is 0.02 at Omega = 7, where RK4's error in the span was 1e-6 or less (4e-5 at a step of
/// 0.05).
pub const ACCURATE_ROTATION: f64 = 0.14;
/// Step times stiffness: `dt = ACCURATE_STIFF / max(stiff, drive)` at most.
///
/// It resolves the fastest relaxation of V as well as the oscillation. `drive` counts because a
/// fast moving V rotates the Bloch vector at the rate 2 |dV/dt|.
pub const ACCURATE_STIFF: f64 = 0.4;
/// Step times rate below which RK4 damps every mode (2.785 on the real axis, 2.828 on the imaginary
/// one).
pub const STABLE: f64 = 2.7;

/// Factor on the rule's step in double precision: RK4's error in the span falls below 1e-7.
pub const FINER: f64 = 0.5;
/// Number of intervals between the points on which the bounds are taken.
const POINTS: u32 = 400;

/// Upper bounds on the rates of motion of one or many neurons, per tau_c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Rotation rate of the Bloch vector about its axis, (Omega² + Gamma²)^½.
    pub rotation: f64,
    /// Fastest relaxation rate: of V, of the particle through V, or by dephasing.
    pub stiff: f64,
    /// Rotation rate of X into Z by a moving voltage, 2 |dV/dt|.
    pub drive: f64,
}

/// Ranges within which neurons of one geometry are bounded together.
#[derive(Debug, Clone, Copy)]
pub struct ParameterRanges {
    /// Voltages passed through: from the least of 0, V_n and start to the greatest.
    pub v: (f64, f64),
    /// Input voltages.
    pub v_n: (f64, f64),
    /// Positions of the well.
    pub x_0: (f64, f64),
}

impl Rates {
    /// Zero rates, the neutral element of [`Rates::or`].
    pub const NONE: Self = Self { rotation: 0.0, stiff: 0.0, drive: 0.0 };

    /// Bounds for parameters `p` (except its V_n and x_0) within ranges, for every state inside the
    /// Bloch sphere.
    ///
    /// g ≥ 0 there, so V never leaves the interval spanned by 0, V_n and its start: dV/dt points
    /// inwards at both ends. `stiff` bounds |∂V̇/∂V| (linear in the Bloch vector, hence largest on
    /// the sphere) plus the feedback 2 |∂V̇/∂(X, Z)| that Eq. 10 passes on to X and Z, plus Gamma
    /// max(1, alpha).
    #[must_use]
    pub fn bound(p: &Parameters<f64>, within: &ParameterRanges, functions: &Conductance) -> Self {
        let samples = Samples::new(p.l, p.lambda, functions);
        let (mut slope, mut feedback) = (0.0_f64, 0.0_f64);
        let free = |v: f64| (within.v_n.0 - v).abs().max((within.v_n.1 - v).abs());
        let mut drive = free(within.v.0).max(free(within.v.1));
        for (xi, f) in &samples.derivatives {
            // The voltages at xi, or up to halfway to its neighbours, for some position of the
            // well. Everything below is linear in V, so the ends of this range suffice.
            let at = |x_0: f64| (x_0 / p.l - xi) / SQRT_2;
            let (low, high) = (at(within.x_0.0) - samples.half, at(within.x_0.1) + samples.half);
            let (low, high) = (low.max(within.v.0), high.min(within.v.1));
            if low > high {
                continue;
            }
            for v in [low, high] {
                let here = Local::at(v, f);
                slope = slope.max(here.slope);
                feedback = feedback.max(here.feedback);
                drive = drive.max(free(v + p.r_n * here.current));
            }
        }
        Self::from_bounds(p, slope, feedback, drive)
    }

    fn from_bounds(p: &Parameters<f64>, slope: f64, feedback: f64, drive: f64) -> Self {
        Self {
            rotation: p.omega.hypot(p.gamma),
            stiff: 1.0 + p.r_n * (slope + 2.0 * feedback) + p.gamma * p.alpha.max(1.0),
            drive: 2.0 * drive,
        }
    }

    /// Bounds for one neuron that starts at voltage `start`.
    #[must_use]
    pub fn for_neuron(p: &Parameters<f64>, start: f64, functions: &Conductance) -> Self {
        let v = (p.v_n.min(start).min(0.0), p.v_n.max(start).max(0.0));
        Self::bound(p, &ParameterRanges { v, v_n: (p.v_n, p.v_n), x_0: (p.x_0, p.x_0) }, functions)
    }

    /// Bounds for one neuron that starts at voltage `start`, by a look-up in its geometry's
    /// envelope.
    #[must_use]
    pub fn within(p: &Parameters<f64>, start: f64, envelope: &Envelope) -> Self {
        let (low, high) = (p.v_n.min(start).min(0.0), p.v_n.max(start).max(0.0));
        let (below, above) = (envelope.up_to(low), envelope.up_to(high));
        // V + R_n g V has the sign of V, so dV/dt is between V_n and what the far end leaves of it.
        let far = |end: f64, l: &Local| (p.v_n - end - p.r_n * l.current.copysign(end)).abs();
        let drive = p.v_n.abs().max(far(low, &below)).max(far(high, &above));
        Self::from_bounds(p, below.slope.max(above.slope), below.feedback.max(above.feedback), drive)
    }

    /// Bounds that hold for both operands.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            rotation: self.rotation.max(other.rotation),
            stiff: self.stiff.max(other.stiff),
            drive: self.drive.max(other.drive),
        }
    }

    /// The rule's step, in tau_c: min(`ACCURATE_ROTATION` / rotation, `ACCURATE_STIFF` / max(stiff,
    /// drive)).
    #[must_use]
    pub fn step(&self) -> f64 {
        (ACCURATE_ROTATION / self.rotation).min(ACCURATE_STIFF / self.stiff.max(self.drive))
    }

    /// The longest step at which RK4 is stable for every neuron within these bounds.
    #[must_use]
    pub fn longest_stable_step(&self) -> f64 {
        STABLE / self.rotation.hypot(self.drive).max(self.stiff)
    }
}

/// Local bounds at one voltage that the rates are made of, for every state inside the Bloch sphere.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Local {
    /// Largest |d(V g)/dV|.
    slope: f64,
    /// Largest |∂(V g)/∂(X, Z)|.
    feedback: f64,
    /// Largest V g.
    current: f64,
}

impl Local {
    /// The bounds at voltage `v`, from dⁿF_00/dxiⁿ there.
    fn at(v: f64, f: &[f64; 4]) -> Self {
        let (f01, f11) = (f[1] / SQRT_2, f[0] + 0.5 * f[2]);
        // Derivatives of V F_ij with respect to V: x_V/l falls by √2 per unit of V.
        let on_curve = |value: f64, d_xi: f64| value - SQRT_2 * v * d_xi;
        let (d00, d01, d11) = (on_curve(f[0], f[1]), on_curve(f01, f[2] / SQRT_2), on_curve(f11, f[1] + 0.5 * f[3]));
        Self {
            slope: 0.5 * (d00 + d11).abs() + (0.5 * (d00 - d11)).hypot(d01),
            feedback: (v * f01).hypot(0.5 * v * (f[0] - f11)),
            current: v * (0.5 * (f[0] + f11) + (0.5 * (f[0] - f11)).hypot(f01)),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            slope: self.slope.max(other.slope),
            feedback: self.feedback.max(other.feedback),
            current: self.current.max(other.current.abs()),
        }
    }
}

/// F_00 and three derivatives over the whole line, at equally spaced xi.
struct Samples {
    derivatives: Vec<(f64, [f64; 4])>,
    /// Half the distance between neighbouring samples, in V.
    half: f64,
}

impl Samples {
    fn new(l: f64, lambda: f64, functions: &Conductance) -> Self {
        // F_ij vary on the longer of l and lambda; beyond the longer of 12 l and 45 lambda they are
        // 0 to f64.
        let reach = 12.0_f64.max(45.0 * lambda / l);
        let xi = |i: u32| reach * (2.0 * f64::from(i) / f64::from(POINTS) - 1.0);
        Self {
            derivatives: (0..=POINTS).map(|i| (xi(i), functions.derivatives(xi(i)))).collect(),
            half: reach / f64::from(POINTS) / SQRT_2,
        }
    }
}

/// The bounds of one geometry between 0 and any voltage, so that a cell's own step costs a look-up.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Bounds with the least |V| from which each counts, from 0 outwards, for negative and for
    /// positive V.
    ways: [Vec<(f64, Local)>; 2],
    /// One over the distance between them.
    inverse_spacing: f64,
}

impl Envelope {
    /// The envelope for a well at `x_0`, oscillator length `l` and tunnelling length `lambda`.
    #[must_use]
    pub fn new(x_0: f64, l: f64, lambda: f64) -> Self {
        let samples = Samples::new(l, lambda, &Conductance::new(l, lambda));
        let way = |sign: f64| {
            let voltage = |xi: f64| sign * (x_0 / l - xi) / SQRT_2;
            let covered =
                samples.derivatives.iter().map(|(xi, f)| (voltage(*xi), f)).filter(|(v, _)| *v >= -samples.half);
            let mut way: Vec<(f64, Local)> = covered
                .map(|(v, f)| {
                    let ends = [(v - samples.half).max(0.0), v + samples.half].map(|v| Local::at(sign * v, f));
                    ((v - samples.half).max(0.0), Local::default().or(ends[0]).or(ends[1]))
                })
                .collect();
            way.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut most = Local::default();
            for (_, local) in &mut way {
                most = most.or(*local);
                *local = most;
            }
            way
        };
        Self { ways: [way(-1.0), way(1.0)], inverse_spacing: 0.5 / samples.half }
    }

    fn up_to(&self, v: f64) -> Local {
        let way = &self.ways[usize::from(v >= 0.0)];
        // The bounds are equally spaced from the second one on, so one or two steps lead to the last that counts.
        let counts = |i: usize| way.get(i).is_some_and(|(from, _)| *from <= v.abs());
        let mut counted = ((v.abs() * self.inverse_spacing) as usize).min(way.len());
        while counts(counted) {
            counted += 1;
        }
        while counted > 0 && !counts(counted - 1) {
            counted -= 1;
        }
        counted.checked_sub(1).map_or_else(Local::default, |i| way[i].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{State, derivative};
    use proptest::prelude::*;

    proptest! {
        /// The difference quotient of ∂V̇/∂V never exceeds the bound, anywhere in the sphere and in
        /// the voltage's range.
        #[test]
        fn bound_holds(v_n in -30.0..30.0f64, r_n in 0.0..20.0f64, z in -0.7..0.7f64, x in -0.7..0.7f64, part in 0.0..1.0f64) {
            let p = Parameters::at(v_n, r_n, 0.1);
            let functions = Conductance::new(p.l, p.lambda);
            let rates = Rates::for_neuron(&p, 0.0, &functions);
            let v = part * v_n;
            let at = |v| derivative(&State { x, y: 0.0, z, v }, &p, &functions).v;
            let slope = (at(v + 1e-5) - at(v - 1e-5)) / 2e-5;
            // The bound is taken on 401 points, which can miss the largest value slightly.
            prop_assert!(slope.abs() <= rates.stiff * 1.02, "{slope} > {rates:?}");
            let own = Rates::within(&p, 0.0, &Envelope::new(p.x_0, p.l, p.lambda));
            prop_assert!(slope.abs() <= own.stiff * 1.02 && 2.0 * at(v).abs() <= own.drive * 1.02 + 1e-9, "{own:?}");
            prop_assert!(own.step() >= 0.7 * rates.step(), "{own:?} is far above {rates:?}");
            prop_assert!(2.0 * at(v).abs() <= rates.drive * 1.02 + 1e-9, "{} > {rates:?}", at(v));
            prop_assert!(rates.step() < rates.longest_stable_step());
        }
    }

    proptest! {
        /// The look-up gives bounds like the scan's for any start: hardly lower, and not much
        /// higher.
        #[test]
        fn bounds_looked_up_are_those_scanned(
            v_n in -10.0..10.0f64, r_n in 0.0..20.0f64, start in -10.0..10.0f64, x_0 in -1.0..1.5f64,
        ) {
            let p = Parameters { x_0, ..Parameters::at(v_n, r_n, 0.1) };
            let scanned = Rates::for_neuron(&p, start, &Conductance::new(p.l, p.lambda));
            let envelope = Envelope::new(p.x_0, p.l, p.lambda);
            let looked_up = Rates::within(&p, start, &envelope);
            for v in [v_n, start] {
                let way = &envelope.ways[usize::from(v >= 0.0)];
                let searched = way.iter().rev().find(|(from, _)| *from <= v.abs()).map_or_else(Local::default, |(_, l)| *l);
                prop_assert_eq!(envelope.up_to(v), searched);
            }
            prop_assert_eq!(looked_up.rotation, scanned.rotation);
            for (a, b) in [(looked_up.stiff, scanned.stiff), (looked_up.drive, scanned.drive)] {
                let (low, high) = (0.97 * b - 1e-9, 4.0 * b + 1e-9);
                prop_assert!((low..=high).contains(&a), "{a} for {b}");
            }
        }
    }

    #[test]
    fn the_papers_own_parameters_get_a_fiftieth() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let step = Rates::for_neuron(&p, 0.0, &Conductance::new(p.l, p.lambda)).step();
        assert!((0.019..=0.02).contains(&step), "{step}");
    }
}
