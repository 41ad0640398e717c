//! Hopf points along any one parameter.

use super::hopf::{HopfPoint, hopf_points_along_v_n, no_hopf, opened};
use super::marching_tetrahedra::{sample, zero_in_triangle};
use super::test_functions::{TestFunctions, TestValues, derivatives_on_line, moves_functions, newton, v_range, with};
use crate::model::{Parameter, Parameters};

/// Grid nodes along V and along the parameter.
const NODES: [usize; 2] = [641, 401];
/// Ends of the pieces into which a wide range is cut, with either sign: each piece has all nodes, so that points at small values
/// are found in a range up to large ones.
const CUTS: [f64; 5] = [1e2, 1e3, 1e4, 1e5, 1e6];

/// Every Hopf point along one parameter within `range`, in order of the parameter.
#[must_use]
pub fn hopf_points(parameter: Parameter, range: (f64, f64), p: &Parameters<f64>) -> Vec<HopfPoint> {
    let mut found: Vec<HopfPoint> = match parameter {
        Parameter::VN => {
            hopf_points_along_v_n(p).into_iter().filter(|h| (range.0..=range.1).contains(&h.parameters.v_n)).collect()
        }
        // The Hopf condition does not depend on alpha.
        Parameter::Alpha => Vec::new(),
        _ => points_on_line(parameter, range, p),
    };
    found.sort_by(|a, b| a.parameters.get(parameter).total_cmp(&b.parameters.get(parameter)));
    found
}

/// The Hopf point along one parameter next to an equilibrium of about this voltage; `p` has about its value.
///
/// `None` if Newton's method finds none; the caller looks whether it is near.
#[must_use]
pub fn hopf_point_near(parameter: Parameter, p: &Parameters<f64>, v: f64) -> Option<HopfPoint> {
    let functions = TestFunctions::new(*p);
    let both = |x: [f64; 2]| {
        let t = functions.at(x[0], &with(p, parameter, x[1]));
        vec![t.balance, t.hopf]
    };
    let value = p.get(parameter);
    let [v, value] = newton(both, [v, value], [1.0 + v.abs(), 1.0 + value.abs()], [true; 2])?;
    functions.hopf_point(v, &with(p, parameter, value))
}

/// Hopf points along one parameter other than V_n and alpha.
fn points_on_line(parameter: Parameter, (low, high): (f64, f64), base: &Parameters<f64>) -> Vec<HopfPoint> {
    // The parameter itself can be degenerate only at the lower end of the range.
    if no_hopf(&with(base, parameter, high)).is_some() {
        return Vec::new();
    }
    let range = (opened(parameter, (low, high)), high);
    let mut found: Vec<HopfPoint> = Vec::new();
    for piece in pieces(range) {
        for h in points_on_piece(parameter, piece, base) {
            let known = |k: &HopfPoint| {
                (h.v - k.v).abs() < 1e-9 && (h.parameters.get(parameter) - k.parameters.get(parameter)).abs() < 1e-9
            };
            if !found.iter().any(known) {
                found.push(h);
            }
        }
    }
    found
}

/// The pieces of a range.
fn pieces((low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let below = CUTS.iter().rev().map(|cut| -cut);
    let inside = below.chain(CUTS).filter(|cut| low < *cut && *cut < high);
    let ends: Vec<f64> = [low].into_iter().chain(inside).chain([high]).collect();
    ends.windows(2).map(|w| (w[0], w[1])).collect()
}

/// Hopf points in one piece of a range.
fn points_on_piece(parameter: Parameter, range: (f64, f64), base: &Parameters<f64>) -> Vec<HopfPoint> {
    let functions = TestFunctions::new(*base);
    let v = v_range(base, &[(parameter, range)]);
    let [n, m] = NODES;
    let at =
        |i: f64, j: f64| [v.0 + (v.1 - v.0) * i / (n - 1) as f64, range.0 + (range.1 - range.0) * j / (m - 1) as f64];
    let both = |x: [f64; 2]| {
        let t = functions.at(x[0], &with(base, parameter, x[1]));
        vec![t.balance, t.hopf]
    };
    let voltages: Vec<f64> = (0..n).map(|i| at(i as f64, 0.0)[0]).collect();
    let shared = (!moves_functions(parameter))
        .then(|| derivatives_on_line(functions.rough_profile(base).as_deref(), &voltages, base));
    let grid = sample([n, m, 1], |values, [j, _]| {
        let p = with(base, parameter, at(0.0, j as f64)[1]);
        let own;
        let f_00 = match &shared {
            Some(shared) => shared,
            None => {
                own = derivatives_on_line(functions.rough_profile(&p).as_deref(), &voltages, &p);
                &own
            }
        };
        for ((values, v), f) in values.iter_mut().zip(&voltages).zip(f_00) {
            let t = TestValues::of(*v, &p, f);
            *values = [t.balance, t.hopf];
        }
    });
    let value = |i: usize, j: usize| grid.values[j * n + i];
    let mut found: Vec<HopfPoint> = Vec::new();
    for j in 0..m - 1 {
        for i in 0..n - 1 {
            for corners in [[(i, j), (i + 1, j), (i + 1, j + 1)], [(i, j), (i, j + 1), (i + 1, j + 1)]] {
                let Some(weights) = zero_in_triangle(corners.map(|(i, j)| value(i, j))) else { continue };
                let place = |pick: fn((usize, usize)) -> usize| {
                    corners.iter().zip(weights).map(|(c, w)| pick(*c) as f64 * w).sum()
                };
                let start = at(place(|c| c.0), place(|c| c.1));
                let scale = [v.1 - v.0, range.1 - range.0];
                let Some([v, q]) = newton(both, start, scale, [true; 2]) else { continue };
                let known = |h: &HopfPoint| (h.v - v).abs() < 1e-9 && (h.parameters.get(parameter) - q).abs() < 1e-9;
                if (range.0..=range.1).contains(&q) && !found.iter().any(known) {
                    found.extend(functions.hopf_point(v, &with(base, parameter, q)));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_ranges_have_the_points_of_narrow_ones() {
        assert_eq!(pieces((-1e3, 250.0)), [(-1e3, -100.0), (-100.0, 100.0), (100.0, 250.0)]);
        assert_eq!(pieces((2.0, 9.0)), [(2.0, 9.0)]);
        let p = Parameters::at(2.0, 6.0, 0.1);
        for (parameter, narrow, wide) in [
            (Parameter::X0, (-5.0, 5.0), (-1e3, 1e3)),
            (Parameter::L, (0.1, 10.0), (0.1, 1e3)),
            (Parameter::RN, (0.5, 50.0), (0.5, 1e4)),
        ] {
            let values = |range| -> Vec<f64> {
                hopf_points(parameter, range, &p).iter().map(|h| h.parameters.get(parameter)).collect()
            };
            let (few, all) = (values(narrow), values(wide));
            assert!(!few.is_empty(), "{parameter:?}");
            for value in few {
                assert!(all.iter().any(|q| (q - value).abs() < 1e-8), "{parameter:?} = {value}: {all:?}");
            }
        }
    }

    #[test]
    fn points_next_to_either_end_of_the_range_are_found() {
        for (parameter, high, p) in [
            (Parameter::ZT, 1.0, Parameters::at(0.23, 5.0, 0.1)),
            (Parameter::Gamma, 3.0, Parameters::at(2.0, 6.0, 0.1)),
            (Parameter::RN, 20.0, Parameters::at(2.0, 6.0, 0.1)),
        ] {
            let whole = hopf_points(parameter, (0.01, high), &p);
            let value = |h: &HopfPoint| h.parameters.get(parameter);
            assert!(!whole.is_empty(), "{parameter:?}");
            for q in whole.iter().map(value) {
                // The point is in the first or the last of the 400 intervals.
                for (low, high) in [(q - 1e-4, q + 0.2), ((q - 0.2).max(1e-3), q + 1e-4)] {
                    let found = hopf_points(parameter, (low, high), &p);
                    assert!(found.iter().any(|h| (value(h) - q).abs() < 1e-7), "{parameter:?} = {q}: {found:?}");
                }
            }
        }
    }
}
