//! The conductance table: F_00, F_01 and ½ (F_11 - F_00) as polynomials on overlapping pieces of the line.
//! Twin of `shaders/table.wgsl`.
//!
//! The coordinate is xi = x_V / l. Piece n is centred on n * spacing, xi ≥ 0, and contains the coefficients
//! of the three functions in powers of u = (xi - n * spacing) / reach, |u| ≤ 1. F_00 and F_11 are even and
//! F_01 is odd, so a piece serves xi < 0 too, where its number has a minus sign. The spacing is a small
//! fraction of the reach, so a motion that is not too large stays on one piece, with no seams and no
//! look-ups. On the last piece the functions are 0; it has no outer end.
//!
//! `chebyshev` bounds the error. The spacing has three significant bits, so that n * spacing and the
//! distance from it are exact in any precision.

use super::Real;
use super::chebyshev::{Scheme, error, reach};
use super::constants::V_INFINITY;
use crate::model::{Elements, F00Jets};
use std::f64::consts::FRAC_1_SQRT_2;

/// Largest spacing of pieces, as a fraction of their reach.
const APART: f64 = 0.125;
/// Largest function value beyond the table's end, as a fraction of the allowed error.
const CUT_OFF: f64 = 0.05;

/// Texture format of the single-precision table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", clap(rename_all = "lowercase"))]
pub enum Format {
    /// Four f32 per texel.
    #[default]
    Rgba32Float,
    /// Four half-precision numbers per texel: half the size, with 11 significant bits.
    Rgba16Float,
}

impl Format {
    /// Name of the texture format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Rgba32Float => "rgba32float",
            Format::Rgba16Float => "rgba16float",
        }
    }
}

/// Conductance table of one geometry in precision `T`.
#[derive(Debug, Clone)]
pub struct Table<T: Real> {
    /// Oscillator length l.
    pub l: f64,
    /// Tunnelling length lambda.
    pub lambda: f64,
    /// Distance in xi between the centres of neighbouring pieces.
    pub spacing: T,
    /// Inverse of the spacing.
    pub inverse_spacing: T,
    /// Largest distance in xi from a piece's centre at which the piece serves.
    pub reach: T,
    /// Inverse of the reach.
    pub inverse_reach: T,
    /// Pieces from xi = 0 up: coefficients of F_00, F_01 and ½ (F_11 - F_00) by power, the 0-th first.
    pub pieces: Vec<T::Piece>,
    /// Bound on the error of F_00, F_01 and F_11: of interpolation with the rounding of the stored
    /// coefficients, and of the cut-off at the table's end.
    pub error_bound: f64,
}

/// Position on a piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<T> {
    /// Sign: 1, or -1 where the piece serves xi < 0.
    pub side: T,
    /// Distance from the piece's centre, as a fraction of its reach.
    pub u: T,
}

impl Table<f64> {
    /// Table in double precision.
    #[must_use]
    pub fn new(l: f64, lambda: f64) -> Self {
        Self::of(&F00Jets::new(l, lambda), l, lambda)
    }

    /// Table in double precision from an existing profile.
    #[must_use]
    pub fn of(profile: &F00Jets, l: f64, lambda: f64) -> Self {
        Self::build::<{ <f64 as Real>::TERMS }>(profile, l, lambda, |c| c)
    }
}

impl Table<f32> {
    /// Table in single precision, with coefficients rounded as the texture stores them.
    #[must_use]
    pub fn of(profile: &F00Jets, l: f64, lambda: f64, format: Format) -> Self {
        let store = |c: f32| match format {
            Format::Rgba32Float => c,
            Format::Rgba16Float => half::f16::from_f32(c).to_f32(),
        };
        Self::build::<{ <f32 as Real>::TERMS }>(profile, l, lambda, store)
    }
}

/// Largest number of three significant bits that is not above `most`.
fn three_bits(most: f64) -> f64 {
    let quarter = (most.log2().floor() - 2.0).exp2();
    (most / quarter).floor() * quarter
}

impl<T: Real> Table<T> {
    fn build<const TERMS: usize>(profile: &F00Jets, l: f64, lambda: f64, store: impl Fn(T) -> T) -> Self {
        let scheme = Scheme::<TERMS>::default();
        let reach = T::of(reach(profile, TERMS, T::TABLE_ERROR)).widen();
        let spacing = three_bits(APART * reach);
        let cut_off = CUT_OFF * T::TABLE_ERROR;
        // The last piece begins `reach` before its centre.
        let last = ((end(profile, cut_off) + reach) / spacing).ceil();
        let mut rounding = 0.0_f64;
        let mut pieces: Vec<T::Piece> = Vec::with_capacity(last as usize + 1);
        for n in 0..last as usize {
            let f = profile.elements_at(&scheme.points.map(|u| n as f64 * spacing + reach * u));
            let bend = std::array::from_fn(|j| 0.5 * (f.f11[j] - f.f00[j]));
            let exact = [f.f00, f.f01, bend].map(|values| scheme.through(&values));
            let mut piece = T::Piece::default();
            let mut off = [0.0_f64; 3];
            for (k, kept) in piece.as_mut().iter_mut().enumerate() {
                let exact = exact.map(|c| c[k]);
                *kept = exact.map(|c| store(T::of(c)));
                off = std::array::from_fn(|f| off[f] + (kept[f].widen() - exact[f]).abs());
            }
            rounding = rounding.max(off[1]).max(off[0] + 2.0 * off[2]);
            pieces.push(piece);
        }
        pieces.push(T::Piece::default());
        Self {
            l,
            lambda,
            spacing: T::of(spacing),
            inverse_spacing: T::of(1.0 / spacing),
            reach: T::of(reach),
            inverse_reach: T::of(1.0 / reach),
            pieces,
            error_bound: (error(profile, TERMS, reach) + rounding).max(cut_off),
        }
    }

    /// Number of the last piece, on which the functions are 0.
    #[must_use]
    pub fn last(&self) -> i32 {
        self.pieces.len() as i32 - 1
    }

    /// The functions at some places on each piece, both sides of 0: their x_V, and F_00, F_01 and F_11 there.
    #[must_use]
    pub fn sampled(&self, a_piece: i32) -> (Vec<f64>, [Vec<f64>; 3]) {
        let last = a_piece * self.last();
        let (mut x_v, mut functions): (_, [Vec<f64>; 3]) = (Vec::new(), Default::default());
        for n in -last..=last {
            let xi = T::of(f64::from(n) / f64::from(a_piece)) * self.spacing;
            let f = self.look_up(xi);
            x_v.push(xi.widen() * self.l);
            for (column, value) in functions.iter_mut().zip([f.f00, f.f01, f.f11]) {
                column.push(value.widen());
            }
        }
        (x_v, functions)
    }

    /// The piece whose centre is nearest to xi; any piece for NaN.
    #[inline]
    pub(super) fn nearest(&self, xi: T) -> i32 {
        let (last, half) = (self.last(), T::of(0.5));
        // Both bounds are exact, and clamp infinities too.
        let n = (xi * self.inverse_spacing + half).floor().max(T::of(f64::from(-last))).min(T::of(f64::from(last)));
        n.to_i32().unwrap_or(last)
    }

    /// Position of xi on a piece.
    #[inline]
    pub(super) fn place(&self, piece: i32, xi: T) -> Place<T> {
        let side = if piece < 0 { -T::one() } else { T::one() };
        let middle = T::of(f64::from(piece.abs())) * self.spacing;
        Place { side, u: (side * xi - middle) * self.inverse_reach }
    }

    /// Coefficients of a piece.
    #[inline]
    pub(super) fn coefficients(&self, piece: i32) -> &T::Piece {
        &self.pieces[piece.unsigned_abs() as usize]
    }

    /// F_00, F_01 and ½ (F_11 - F_00) at xi, which is on this piece.
    #[inline]
    pub(super) fn at(&self, piece: i32, xi: T) -> [T; 3] {
        if piece.abs() == self.last() {
            return [T::zero(); 3];
        }
        let Place { side, u } = self.place(piece, xi);
        let f = polynomials(self.coefficients(piece), u);
        [f[0], side * f[1], f[2]]
    }

    /// F_00, F_01 and F_11 at xi; 0 for NaN.
    #[inline]
    pub fn look_up(&self, xi: T) -> Elements<T> {
        let xi = if xi.is_nan() { T::infinity() } else { xi };
        let [f00, f01, bend] = self.at(self.nearest(xi), xi);
        Elements { f00, f01, f11: f00 + T::of(2.0) * bend }
    }

    /// Lowest and highest V on a piece, counted from an origin at this xi.
    #[inline]
    pub(super) fn range(&self, piece: i32, xi: T) -> [T; 2] {
        let (middle, last) = (T::of(f64::from(piece)) * self.spacing, self.last());
        let to_v = |distance: T| distance * T::of(FRAC_1_SQRT_2);
        [
            if piece == last { -T::of(V_INFINITY) } else { to_v(xi - (middle + self.reach)) },
            if piece == -last { T::of(V_INFINITY) } else { to_v(xi - (middle - self.reach)) },
        ]
    }

    /// Reach of a piece in V.
    #[must_use]
    pub fn reach_in_v(&self) -> T {
        self.reach * T::of(FRAC_1_SQRT_2)
    }
}

/// Values of three polynomials: Horner's scheme in u² over pairs, a shorter dependency chain.
#[inline]
pub(super) fn polynomials<T: Real>(piece: &T::Piece, u: T) -> [T; 3] {
    let square = u * u;
    let pair = |pair: &[[T; 3]]| match pair {
        [a, b] => std::array::from_fn(|f| b[f] * u + a[f]),
        [a] => *a,
        _ => [T::zero(); 3],
    };
    let mut pairs = piece.as_ref().chunks(2).rev().map(pair);
    let last = pairs.next().unwrap_or([T::zero(); 3]);
    pairs.fold(last, |sum, pair| std::array::from_fn(|f| sum[f] * square + pair[f]))
}

/// The xi beyond which F_00, |F_01| and F_11 all stay below `cut_off`.
fn end(profile: &F00Jets, cut_off: f64) -> f64 {
    let largest = |xi: f64| {
        let f = profile.elements(xi);
        f.f00.abs().max(f.f01.abs()).max(f.f11.abs())
    };
    // F_00 falls monotonically and F_01 and F_11 decay after it, so the last crossing is the only one in the tail.
    let (mut inside, mut outside) = (0.0, profile.end());
    while outside - inside > 1e-3 * outside {
        let middle = 0.5 * (inside + outside);
        if largest(middle) >= cut_off { inside = middle } else { outside = middle }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Conductance;
    use proptest::prelude::*;

    /// Largest difference between a look-up and quadrature over a fine scan across the table and beyond its end.
    fn worst<T: Real>(table: &Table<T>, points: u32) -> f64 {
        let functions = Conductance::new(table.l, table.lambda);
        let end = f64::from(table.last()) * table.spacing.widen();
        let mut worst = 0.0_f64;
        for i in 0..points {
            // An irrational stride samples every distance from a centre.
            let xi = 1.1 * end * (2.0 * (f64::from(i) * 0.618_033_988_749_895).fract() - 1.0);
            let (seen, exact) = (table.look_up(T::of(xi)), functions.elements(T::of(xi).widen() * table.l));
            for (s, e) in [(seen.f00, exact.f00), (seen.f01, exact.f01), (seen.f11, exact.f11)] {
                worst = worst.max((s.widen() - e).abs());
            }
        }
        worst
    }

    /// Largest error of any piece at this fraction of its reach.
    fn worst_at<T: Real>(table: &Table<T>, part: f64) -> f64 {
        let functions = Conductance::new(table.l, table.lambda);
        let at = |n: i32| {
            let xi = f64::from(n) * table.spacing.widen() + part * table.reach.widen();
            let ([f00, f01, bend], e) = (table.at(n, T::of(xi)), functions.elements(T::of(xi).widen() * table.l));
            let off = [f00.widen() - e.f00, f01.widen() - e.f01, f00.widen() + 2.0 * bend.widen() - e.f11];
            off.iter().fold(0.0, |m, d| d.abs().max(m))
        };
        (0..table.last()).map(at).fold(0.0, f64::max)
    }

    #[test]
    fn default_geometry_is_exact_to_a_millionth_over_the_whole_line() {
        let (double, single) = (Table::<f64>::new(0.5, 0.13), single(0.5, 0.13, Format::Rgba32Float));
        let (error, promised) = (worst(&single, 20_000), single.error_bound + 2e-7);
        assert!(worst(&double, 20_000) < 1e-12 && error < promised && promised < 1.2e-6, "{error} {promised}");
        for part in [-1.0, -0.6, 0.0, 0.6, 1.0] {
            let (single, double) = (worst_at(&single, part), worst_at(&double, part));
            assert!(single < 1e-6 && double < 1.2e-12, "at {part} of the reach {single} {double}");
        }
        // The reach is neither too long nor too short; at twice the reach the error is far above the bound.
        assert!(worst_at(&single, 1.0) > 1e-7 && worst_at(&double, 1.0) > 1e-13);
        assert!(worst_at(&single, 2.0) > 1e-5 && worst_at(&double, 2.0) > 1e-10);
        assert!(single.reach_in_v() > 0.085 && double.reach_in_v() > 0.085, "one piece holds spans of 0.17");
    }

    fn single(l: f64, lambda: f64, format: Format) -> Table<f32> {
        Table::<f32>::of(&F00Jets::new(l, lambda), l, lambda, format)
    }

    #[test]
    fn half_precision_stays_within_its_stated_error() {
        let half = single(0.5, 0.13, Format::Rgba16Float);
        let error = worst(&half, 20_000);
        assert!(error <= half.error_bound + 2e-7, "{error} > {}", half.error_bound);
        assert!(error > 1e-5 && half.error_bound < 5e-4, "{error}, {}", half.error_bound);
    }

    #[test]
    fn every_geometry_fits_a_texture() {
        for decade in -12..=12 {
            for part in [1.0, 2.0, 5.0] {
                let (l, lambda) = (1.0, part * 10_f64.powi(decade));
                let table = single(l, lambda, Format::Rgba32Float);
                let texels = table.pieces.len() * <f32 as Real>::TERMS;
                assert!(texels <= 8192, "lambda/l = {lambda}: {texels} texels");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_geometry_keeps_the_promise(l in 0.01..10.0f64, decades in -3.0..3.0f64) {
            let (double, single) = (Table::<f64>::new(l, l * 10_f64.powf(decades)), single(l, l * 10_f64.powf(decades), Format::Rgba32Float));
            prop_assert!(worst(&double, 500) < 2e-12);
            prop_assert!(worst(&single, 500) < 1e-6);
        }
    }

    proptest! {
        #[test]
        fn spacings_have_three_bits(most in 1e-30..1e30f64) {
            let s = three_bits(most);
            let mantissa = s / s.log2().floor().exp2();
            prop_assert!(s <= most && most < 1.26 * s && [1.0, 1.25, 1.5, 1.75].contains(&mantissa), "{s} {most}");
        }
    }

    #[test]
    fn poison_looks_up_as_nothing() {
        let table = single(0.5, 0.13, Format::Rgba32Float);
        for xi in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN] {
            assert_eq!((table.look_up(xi).f00, table.look_up(xi).f01), (0.0, 0.0));
            assert_eq!(table.nearest(xi).abs(), table.last());
        }
        assert!((table.look_up(f32::MIN_POSITIVE / 2.0).f00 - 0.404_160_2).abs() < 1e-6);
    }
}
