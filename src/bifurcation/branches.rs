//! The curve of equilibria along V_n, split where stability changes.

use super::iv_curve::IvCurve;
use super::stability::{Linear, Stability};
use crate::model::{F00Jets, Parameters};
use std::sync::Arc;

/// Number of intervals between the points of the curve.
const POINTS: u32 = 2000;

/// A piece of the curve of equilibria, stable or unstable as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Whether the equilibria of this piece are stable.
    pub stable: bool,
    /// Points (V_n, V).
    pub points: Vec<(f64, f64)>,
}

/// All pieces of the curve with V_n between `low` and `high`; `p`'s own V_n is not used.
#[must_use]
pub fn branches(p: &Parameters<f64>, (low, high): (f64, f64)) -> Vec<Branch> {
    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    let curve = IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t);
    let mut found: Vec<Branch> = Vec::new();
    for i in 0..=POINTS {
        let v = low.min(0.0) + (high.max(0.0) - low.min(0.0)) * f64::from(i) / f64::from(POINTS);
        let point = (curve.input(v, p.r_n), v);
        if !(low..=high).contains(&point.0) {
            continue;
        }
        let stable = Linear::at(v, &Parameters { v_n: point.0, ..*p }, &profile).stability() == Stability::Stable;
        match found.last_mut().filter(|b| b.stable == stable) {
            Some(branch) => branch.points.push(point),
            None => {
                // A piece begins at the last point of the previous one.
                let joint = found.last().and_then(|b| b.points.last().copied());
                found.push(Branch { stable, points: joint.into_iter().chain([point]).collect() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_stay_in_their_range_and_meet() {
        // Folds at V_n = 3.09 and 9.48 with R_n = 16: along V the curve leaves the range and
        // re-enters.
        let p = Parameters::at(0.0, 16.0, 1.0);
        for range in [(0.0, 12.0), (4.0, 8.0), (-1.0, 2.0)] {
            let found = branches(&p, range);
            let points: Vec<(f64, f64)> = found.iter().flat_map(|b| b.points.clone()).collect();
            assert!(points.len() > 50, "{range:?}: {}", points.len());
            assert!(points.iter().all(|p| (range.0..=range.1).contains(&p.0)), "{range:?}");
            assert!(found.windows(2).all(|b| b[0].stable != b[1].stable && b[0].points.last() == b[1].points.first()));
        }
        // Without a resistor V = V_n: the curve covers the range, ends included.
        let straight = branches(&Parameters::at(0.0, 0.0, 1.0), (-1.0, 3.0));
        let points: Vec<(f64, f64)> = straight.iter().flat_map(|b| b.points.clone()).collect();
        assert_eq!((points[0], points[points.len() - 1]), ((-1.0, -1.0), (3.0, 3.0)));
        // Between the folds three branches pass V_n = 5, the middle one a saddle.
        let passes = |b: &&Branch| b.points.windows(2).any(|p| (p[0].0 - 5.0) * (p[1].0 - 5.0) < 0.0);
        let found = branches(&p, (0.0, 12.0));
        let stable: Vec<bool> = found.iter().filter(passes).map(|b| b.stable).collect();
        assert_eq!(stable, [true, false, true]);
    }
}
