//! The conductance table: Taylor jets of F_00 at equally spaced nodes, from which F_00, F_01 and F_11 all follow.
//!
//! The coordinate is xi = x_V / l and node n lies at n * spacing on xi ≥ 0 (F_00 is even). A look-up takes the nearest
//! node and evaluates the jet and two of its derivatives: F_01 = (1/√2) dF_00/dxi, F_11 = F_00 + ½ d²F_00/dxi².
//! The spacing has three significant bits, so that n * spacing and the distance to the node are exact in any precision.
//!
//! `spacing` bounds the error. Twin of `shaders/table.wgsl`.

use super::Real;
use super::spacing::{NEAR, largest_spacing, remainder, rounding_error};
use crate::model::{Conductance, Elements, MAX_DERIVATIVES};
use std::f64::consts::FRAC_1_SQRT_2;

/// Coefficients of the f64 jets.
pub const EXACT: usize = 8;
/// What the table leaves off at its end, as a part of the error it may have.
const CUT_OFF: f64 = 0.05;
/// How the single-precision table is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[clap(rename_all = "lowercase")]
pub enum Format {
    /// Four f32 a node.
    #[default]
    Rgba32Float,
    /// Four half-precision numbers a node: half the size, with 11 significant bits.
    Rgba16Float,
}

impl Format {
    /// The name of the texture format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Rgba32Float => "rgba32float",
            Format::Rgba16Float => "rgba16float",
        }
    }
}

/// F_ij for one geometry in precision `T`.
#[derive(Debug, Clone)]
pub struct Table<T: Real> {
    /// Oscillator length l it was made for.
    pub l: f64,
    /// Tunnelling length lambda it was made for.
    pub lambda: f64,
    /// Distance between nodes in xi.
    pub spacing: T,
    /// Its inverse.
    pub inverse_spacing: T,
    /// Beyond |xi| = end the functions are 0.
    pub end: T,
    /// About an origin its jet serves to this distance.
    pub reach: T,
    /// dⁿF_00/dxiⁿ at 0, where those of even order are largest.
    at_0: [f64; MAX_DERIVATIVES],
    /// Jets, xi = 0 first; coefficient k is dᵏF_00/dxiᵏ / k!.
    pub jets: Vec<T::Jet>,
    /// Largest error in F_00, F_01 and F_11: the bound above, with the rounding of the stored coefficients and what is
    /// cut off at the end.
    pub error_bound: f64,
}

/// A place on the table from which changes are counted.
#[derive(Debug, Clone, Copy)]
pub struct Origin<T: Real> {
    /// Where it is.
    xi: T,
    /// 1, or -1 where xi is negative.
    side: T,
    /// The jet of the nearest node.
    jet: T::Jet,
    /// The distance from that node.
    d: T,
    /// Its jet serves to this distance; -1 beyond the table's end.
    reach: T,
    /// Half of F_00's second derivative there.
    bend: T,
    /// F_00 there.
    pub f00: T,
    /// F_11 there.
    pub f11: T,
}

/// What lies between an origin and another place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changes<T> {
    /// Change of F_00.
    pub f00: T,
    /// F_01 there.
    pub f01: T,
    /// Change of F_11 - F_00.
    pub bend: T,
}

impl Table<f64> {
    /// By quadrature.
    #[must_use]
    pub fn new(l: f64, lambda: f64) -> Self {
        let functions = Conductance::new(l, lambda);
        let at = |xi: f64| {
            let f: [f64; EXACT] = functions.derivatives(xi);
            let mut factorial = 1.0;
            let mut k = 0.0;
            f.map(|d| {
                factorial *= f64::max(k, 1.0);
                k += 1.0;
                d / factorial
            })
        };
        Self::build(l, lambda, &functions, at, |c| c)
    }
}

impl Table<f32> {
    /// In single precision, from the table by quadrature (whose own error is far below this one's).
    #[must_use]
    pub fn from_exact(exact: &Table<f64>, format: Format) -> Self {
        let functions = Conductance::new(exact.l, exact.lambda);
        let store = |c: f32| match format {
            Format::Rgba32Float => c,
            Format::Rgba16Float => half::f16::from_f32(c).to_f32(),
        };
        Self::build(exact.l, exact.lambda, &functions, |xi| exact.jet_at(xi), store)
    }
}

impl<T: Real> Table<T> {
    fn build(
        l: f64,
        lambda: f64,
        functions: &Conductance,
        jet_at: impl Fn(f64) -> [f64; EXACT],
        store: impl Fn(T) -> T,
    ) -> Self {
        let m = T::jet(&[0.0; EXACT], |c| c).as_ref().len();
        let at_0: [f64; MAX_DERIVATIVES] = functions.derivatives(0.0);
        let spacing = largest_spacing(m as i32, at_0[m].abs(), T::TABLE_ERROR);
        let cut_off = CUT_OFF * T::TABLE_ERROR;
        let end = end(functions, cut_off);
        let last = (end / spacing).ceil();
        let mut rounding = 0.0_f64;
        let jets = (0..=last as usize).map(|n| {
            let exact = jet_at(n as f64 * spacing);
            let jet = T::jet(&exact, &store);
            rounding = rounding.max(rounding_error(&exact, jet.as_ref(), 0.5 * spacing));
            jet
        });
        let jets = jets.collect();
        Self {
            l,
            lambda,
            spacing: T::of(spacing),
            inverse_spacing: T::of(1.0 / spacing),
            end: T::of(last * spacing),
            reach: T::of(NEAR * spacing),
            at_0,
            jets,
            error_bound: (remainder(m as i32, at_0[m].abs(), spacing) + rounding).max(cut_off),
        }
    }

    /// The node nearest to xi = x_V / l, and the distance from it; `None` beyond the end. A NaN is beyond it too; the state it came from
    /// keeps it.
    #[inline]
    fn nearest(&self, distance: T) -> Option<(T::Jet, T)> {
        if !(distance < self.end) {
            return None;
        }
        let node = (distance * self.inverse_spacing + T::of(0.5)).whole().min(self.jets.len() - 1);
        Some((self.jets[node], distance - T::of(node as f64) * self.spacing))
    }

    /// F_00, F_01, F_11 at xi.
    #[inline]
    pub fn look_up(&self, xi: T) -> Elements<T> {
        let zero = T::zero();
        let Some((jet, d)) = self.nearest(xi.abs()) else { return Elements { f00: zero, f01: zero, f11: zero } };
        let [f, f_1, f_2] = thrice(jet.as_ref(), d);
        let side = if xi < zero { -T::one() } else { T::one() };
        Elements { f00: f, f01: T::of(FRAC_1_SQRT_2) * side * f_1, f11: f + f_2 }
    }

    /// A place on the table from which changes are counted.
    pub fn origin(&self, xi: T) -> Origin<T> {
        let side = if xi < T::zero() { -T::one() } else { T::one() };
        let found = self.nearest(xi.abs());
        let reach = if found.is_some() { self.reach } else { -T::one() };
        let (jet, d) = found.unwrap_or_else(|| (T::jet(&[0.0; EXACT], |c| c), T::zero()));
        let [f, _, f_2] = thrice(jet.as_ref(), d);
        Origin { xi, side, jet, d, reach, f00: f, bend: f_2, f11: f + f_2 }
    }

    /// At xi = origin + `by`: the changes of F_00 and F_11 from the origin, and F_01 itself.
    ///
    /// Near the origin its own jet serves, and the changes are products of `by`: P(d) - P(d_0) = (d - d_0) Q(d, d_0).
    #[inline]
    pub fn around(&self, o: &Origin<T>, by: T) -> Changes<T> {
        let zero = T::zero();
        let xi = o.xi + by;
        // Where the jet is taken about, how far from there, and what lies between there and the origin.
        let (jet, d_0, e, side, lift, bend) = if by.abs() <= o.reach {
            (o.jet, o.d, o.side * by, o.side, zero, zero)
        } else {
            let Some((jet, d)) = self.nearest(xi.abs()) else {
                return Changes { f00: -o.f00, f01: zero, bend: -o.bend };
            };
            let c = jet.as_ref();
            (jet, zero, d, if xi < zero { -T::one() } else { T::one() }, c[0] - o.f00, c[2] - o.bend)
        };
        let (d, c) = (d_0 + e, jet.as_ref());
        let f = lift + e * divided(c.iter().copied(), d, d_0);
        let halves = c.iter().enumerate().skip(2).map(|(k, &c)| T::of((k * (k - 1) / 2) as f64) * c);
        let f_2 = bend + e * divided(halves, d, d_0);
        Changes { f00: f, f01: T::of(FRAC_1_SQRT_2) * side * slope(c, d), bend: f_2 }
    }
}

/// The polynomial with these coefficients, its derivative, and half its second one: Horner's scheme, repeated.
#[inline]
fn thrice<T: Real>(c: &[T], d: T) -> [T; 3] {
    let (mut f, mut f_1, mut f_2) = (T::zero(), T::zero(), T::zero());
    for &c in c.iter().rev() {
        f_2 = f_2 * d + f_1;
        f_1 = f_1 * d + f;
        f = f * d + c;
    }
    [f, f_1, f_2]
}

/// dP/dd of the polynomial with these coefficients.
#[inline]
fn slope<T: Real>(c: &[T], d: T) -> T {
    let (mut f, mut f_1) = (T::zero(), T::zero());
    for &c in c.iter().rev() {
        f_1 = f_1 * d + f;
        f = f * d + c;
    }
    f_1
}

/// (P(d) - P(d_0))/(d - d_0) of the polynomial with these coefficients.
#[inline]
fn divided<T: Real>(c: impl DoubleEndedIterator<Item = T>, d: T, d_0: T) -> T {
    let (mut at_0, mut q) = (T::zero(), T::zero());
    for c in c.rev() {
        q = q * d + at_0;
        at_0 = at_0 * d_0 + c;
    }
    q
}

impl Table<f64> {
    /// |dⁿF_00/dxiⁿ| is nowhere above this, n < 12: even ones are largest at 0, and, the Fourier transform being positive, an odd one stays
    /// below the geometric mean of its neighbours there.
    #[must_use]
    pub fn largest_derivative(&self, n: usize) -> f64 {
        let even = |n: usize| self.at_0[n].abs();
        if n.is_multiple_of(2) { even(n) } else { (even(n - 1) * even(n + 1)).sqrt() }
    }

    /// Taylor coefficients of F_00 about xi itself.
    fn jet_at(&self, xi: f64) -> [f64; EXACT] {
        let node = ((xi * self.inverse_spacing).round() as usize).min(self.jets.len() - 1);
        let d = xi - node as f64 * self.spacing;
        if xi > self.end {
            return [0.0; EXACT];
        }
        let mut c = self.jets[node];
        // Repeated synthetic division shifts the polynomial's origin by d.
        for start in 0..EXACT {
            for k in (start..EXACT - 1).rev() {
                c[k] += d * c[k + 1];
            }
        }
        c
    }
}

/// The xi beyond which F_00, |F_01| and F_11 all stay below `cut_off`.
fn end(functions: &Conductance, cut_off: f64) -> f64 {
    let largest = |xi: f64| {
        let [f, f_1, f_2]: [f64; 3] = functions.derivatives(xi);
        f.abs().max((FRAC_1_SQRT_2 * f_1).abs()).max((f + 0.5 * f_2).abs())
    };
    let mut outside = 1.0;
    while largest(outside) >= cut_off {
        outside *= 2.0;
    }
    // F_00 falls monotonically and F_01, F_11 die out behind it, so the last crossing is the only one in the tail.
    let mut inside = 0.0;
    while outside - inside > 1e-3 * outside {
        let middle = 0.5 * (inside + outside);
        if largest(middle) >= cut_off { inside = middle } else { outside = middle }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Largest difference between a look-up and quadrature over a fine scan across the table and beyond its end.
    fn worst<T: Real>(table: &Table<T>, points: u32) -> f64 {
        let functions = Conductance::new(table.l, table.lambda);
        let mut worst = 0.0_f64;
        for i in 0..points {
            // An irrational stride visits every distance from a node.
            let xi = 1.1 * table.end.widen() * (2.0 * (f64::from(i) * 0.618_033_988_749_895).fract() - 1.0);
            let (seen, exact) = (table.look_up(T::of(xi)), functions.elements(T::of(xi).widen() * table.l));
            for (s, e) in [(seen.f00, exact.f00), (seen.f01, exact.f01), (seen.f11, exact.f11)] {
                worst = worst.max((s.widen() - e).abs());
            }
        }
        worst
    }

    #[test]
    fn default_geometry_is_exact_to_a_millionth_over_the_whole_line() {
        let exact = Table::<f64>::new(0.5, 0.13);
        let single = Table::from_exact(&exact, Format::Rgba32Float);
        assert!(worst(&exact, 20_000) < 1e-12);
        let error = worst(&single, 20_000);
        assert!(error < 1e-6 && error <= single.error_bound + 2e-7, "{error}");
        // The negative control: twice the spacing would break the promise, and the scan would see it.
        assert!(remainder(4, 24.0 * f64::from(single.jets[0][2]).abs(), 2.0 * f64::from(single.spacing)) > 1e-6);
        assert!(error > 1e-7, "the scan misses the nodes' midpoints: {error}");
    }

    #[test]
    fn half_precision_stays_within_its_stated_error() {
        let exact = Table::<f64>::new(0.5, 0.13);
        let half = Table::from_exact(&exact, Format::Rgba16Float);
        let error = worst(&half, 20_000);
        assert!(error <= half.error_bound + 2e-7, "{error} > {}", half.error_bound);
        assert!(error > 1e-5 && half.error_bound < 5e-4, "{error}, {}", half.error_bound);
    }

    #[test]
    fn every_geometry_fits_a_texture() {
        for decade in -12..=12 {
            for part in [1.0, 2.0, 5.0] {
                let (l, lambda) = (1.0, part * 10_f64.powi(decade));
                let table = Table::from_exact(&Table::new(l, lambda), Format::Rgba32Float);
                assert!(table.jets.len() <= 8192, "lambda/l = {lambda}: {} nodes", table.jets.len());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_geometry_keeps_the_promise(l in 0.01..10.0f64, decades in -3.0..3.0f64) {
            let exact = Table::<f64>::new(l, l * 10_f64.powf(decades));
            let single = Table::from_exact(&exact, Format::Rgba32Float);
            prop_assert!(worst(&exact, 500) < 2e-12);
            prop_assert!(worst(&single, 500) < 1e-6);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Changes from an origin are those of the functions, near it and far from it, on either side of 0 and beyond the end.
        #[test]
        fn changes_from_an_origin_are_the_functions(at in -9.0..9.0f64, by in -9.0..9.0f64, decades in -12.0..0.0f64) {
            let exact = Table::<f64>::new(0.5, 0.13);
            let single = Table::from_exact(&exact, Format::Rgba32Float);
            for by in [by, by.signum() * 10_f64.powf(decades)] {
                let (o, here, there) = (exact.origin(at), exact.look_up(at), exact.look_up(at + by));
                let f = exact.around(&o, by);
                prop_assert!((f.f00 - (there.f00 - here.f00)).abs() < 3e-12 && (f.f00 + f.bend - (there.f11 - here.f11)).abs() < 3e-12);
                prop_assert!((f.f01 - there.f01).abs() < 3e-12, "{f:?} {there:?}");
                // In single precision near the origin the change keeps its digits, however small it is.
                let (at, by) = (at as f32, by as f32);
                let (f, e) = (single.around(&single.origin(at), by), exact.around(&exact.origin(f64::from(at)), f64::from(by)));
                let small = f64::from(by.abs()).min(1.0);
                let allowed = if by.abs() <= single.reach { 1e-4 * small } else { 2e-6 };
                prop_assert!((f64::from(f.f00) - e.f00).abs() < allowed, "{f:?} {e:?}");
            }
        }
    }

    #[test]
    fn poison_looks_up_as_nothing() {
        let table = Table::from_exact(&Table::new(0.5, 0.13), Format::Rgba32Float);
        for xi in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            assert_eq!(table.look_up(xi).f00, 0.0);
        }
        assert!((table.look_up(f32::MIN_POSITIVE / 2.0).f00 - 0.404_160_2).abs() < 1e-6);
        let far = table.around(&table.origin(0.3), f32::NAN);
        assert_eq!((far.f00, far.f01), (-table.look_up(0.3).f00, 0.0));
    }
}
