//! How far apart the nodes of a conductance table may lie, and what its error then is at most.
//!
//! With m coefficients, d the longest distance that a jet serves and M = |dᵐF_00/dxiᵐ| at 0 (even m; F_00 has a positive Fourier
//! transform, so its even derivatives are largest there), the remainders are at most
//! M dᵐ/m! in F_00, M dᵐ⁻¹/(√2 (m-1)!) in F_01, and M dᵐ/m! + M dᵐ⁻²/(2 (m-2)!) in F_11.

use super::Real;
use std::f64::consts::FRAC_1_SQRT_2;

/// Spacings that are tried in each octave: three significant bits.
const SPACINGS: [f64; 4] = [1.75, 1.5, 1.25, 1.0];

/// About an origin its jet serves to this distance, in spacings, whatever other node is nearer: so a small motion never meets a seam.
pub(super) const NEAR: f64 = 0.0625;

/// Octave in which the search for the spacing begins: beyond every lambda / l that is allowed.
const WIDEST: f64 = (1_u64 << 42) as f64;

/// Largest remainder of F_00, F_01, F_11 for jets of `m` coefficients, which serve a little beyond the middle between nodes.
pub(super) fn remainder(m: i32, derivative_at_0: f64, spacing: f64) -> f64 {
    let d = (0.5 + NEAR) * spacing;
    let term = |n: i32| derivative_at_0 * d.powi(n) / (1..=n).map(f64::from).product::<f64>();
    (term(m) + 0.5 * term(m - 2)).max(FRAC_1_SQRT_2 * term(m - 1))
}

/// The largest spacing of [`SPACINGS`], over all octaves, that keeps the remainder within `error`.
pub(super) fn largest_spacing(m: i32, derivative_at_0: f64, error: f64) -> f64 {
    let mut octave = WIDEST;
    loop {
        for s in SPACINGS {
            if remainder(m, derivative_at_0, s * octave) <= error {
                return s * octave;
            }
        }
        octave *= 0.5;
    }
}

/// Largest change of F_00, F_01 or F_11 within `d` of a node because its coefficients were rounded.
pub(super) fn rounding_error<T: Real>(exact: &[f64], stored: &[T], d: f64) -> f64 {
    let (mut f, mut f_1, mut f_2) = (0.0, 0.0, 0.0);
    for (e, s) in exact.iter().zip(stored).rev() {
        f_2 = f_2 * d + f_1;
        f_1 = f_1 * d + f;
        f = f * d + (e - s.widen()).abs();
    }
    f64::max(f + f_2, FRAC_1_SQRT_2 * f_1)
}
