//! Curves of cycles in random planes: each ends for a reason, and none jumps to another.

use super::family::{CurveNode, Surface};
use super::flow::System;
use super::plane_curves::cycle_curves;
use super::plane_point::{CycleCurve, PlanePoint};
use crate::bifurcation::Side;
use crate::cancel::CancelToken;
use crate::model::{Parameter, Parameters};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// Distance of a point from the curve through its neighbour. Both are solved to about 1e-10; a mesh of a period has errors
/// of 1e-12 a step.
const SAME: f64 = 1e-6;

/// Uniform numbers.
struct Draw(Pcg64);

impl Draw {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// Ranges from which neurons are drawn.
const BOUNDS: [(f64, f64); 9] =
    [(0.5, 15.0), (1.0, 60.0), (0.02, 0.6), (0.1, 2.0), (0.3, 1.0), (1.0, 9.0), (0.5, 1.6), (0.3, 0.6), (0.025, 0.2)];

/// Neurons whose cycles bifurcate: a fold, a period doubling, a torus, chaos.
const RICH: [[f64; 9]; 3] = [
    [10.998, 51.584, 0.2, 1.4718, 0.84613, 4.65, 1.14068, 0.330936, 0.0247067],
    [4.0576, 56.307, 0.19, 1.5459, 0.99912, 0.86125, 1.58213, 0.346492, 0.0913697],
    [4.6759, 20.661, 0.106, 0.5648, 0.95657, 3.78322, 1.14369, 0.528377, 0.0793273],
];

/// A random neuron and a plane of two parameters about it; three of four are near one whose cycles bifurcate.
fn drawn(seed: u64) -> (Parameters<f64>, [Side; 2]) {
    let mut draw = Draw(Pcg64::seed_from_u64(seed));
    let p = match RICH.get(seed as usize % 4) {
        Some(near) => {
            let mut values = near.map(|v| v * draw.between(0.97, 1.03));
            values[Parameter::ZT as usize] = values[Parameter::ZT as usize].min(1.0);
            Parameters::from_array(values)
        }
        None => Parameters::from_array(BOUNDS.map(|(low, high)| draw.between(low, high))),
    };
    let first = draw.between(0.0, 9.0) as usize;
    let second = (first + 1 + draw.between(0.0, 8.0) as usize) % 9;
    let sides = [first, second].map(|i| {
        let (low, high) = BOUNDS[i];
        let at = p.to_array()[i];
        let width = if seed % 4 < 3 { 0.15 * at } else { 0.25 * (high - low) };
        Side::linear(Parameter::ALL[i], (at - width).max(low)..=(at + width).min(high))
    });
    (p, sides)
}

/// How far the curve through one point passes from another one.
fn passes(surface: &Surface<'_>, from: &PlanePoint, to: &PlanePoint) -> Option<f64> {
    let node = CurveNode::of_point(surface, from, to, 1)?;
    let units = surface.units(to.values);
    let place = |p: &PlanePoint| [p.values[0] / units[0], p.values[1] / units[1], p.period.ln(), p.v_max, p.v_min];
    let goal = place(to);
    let apart = |a: &[f64; 5]| a.iter().zip(&goal).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let here = place(&node.point);
    let chord = |a: &[f64; 5], b: &[f64; 5]| a.iter().zip(b).map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt();
    let (mut low, mut best) = ((0.0, here), apart(&here));
    let mut next = 0.1 * chord(&here, &goal);
    for _ in 0..40 {
        let at = place(&node.stepped(surface, next)?.node.point);
        best = best.min(apart(&at));
        if best < 0.01 * SAME {
            break;
        }
        let step: [f64; 5] = std::array::from_fn(|i| at[i] - low.1[i]);
        let left: [f64; 5] = std::array::from_fn(|i| goal[i] - at[i]);
        let product = |a: &[f64; 5], b: &[f64; 5]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let longest = 0.02;
        let change = ((next - low.0) * product(&step, &left) / product(&step, &step)).clamp(-longest, longest);
        low = (next, at);
        if !(change.abs() > 1e-14) {
            break;
        }
        next += change;
    }
    Some(best)
}

/// The largest distance of a point of a curve from the curve through one of its neighbours, and the number of pairs.
fn largest_jump(p: &Parameters<f64>, sides: [Side; 2], curve: &CycleCurve, every: usize) -> (f64, usize) {
    let system = System::new(*p, sides.map(|s| s.parameter));
    let surface = Surface { system: &system, sides, kind: curve.kind };
    let (mut worst, mut count): (f64, usize) = (0.0, 0);
    for pair in curve.points.windows(2).step_by(every) {
        for (from, to) in [(&pair[0], &pair[1]), (&pair[1], &pair[0])] {
            if let Some(found) = passes(&surface, from, to) {
                worst = worst.max(found);
                count += 1;
            }
        }
    }
    (worst, count)
}

#[test]
fn curves_in_random_planes_end_for_a_reason_and_do_not_jump() {
    let stop = CancelToken::default();
    let all: Vec<_> = (0..30_u64)
        .into_par_iter()
        .map(|seed| {
            let (p, sides) = drawn(seed);
            (p, sides, cycle_curves(sides, &p, &[], 2, &stop, &|_| {}).unwrap().curves)
        })
        .collect();
    let curves: Vec<_> = all.iter().flat_map(|(p, sides, found)| found.iter().map(move |c| (p, *sides, c))).collect();
    let jumps: Vec<_> = curves.par_iter().map(|(p, sides, c)| largest_jump(p, *sides, c, 7)).collect();
    let (mut pairs, mut worst): (usize, f64) = (0, 0.0);
    for ((p, sides, curve), (jump, count)) in curves.iter().zip(&jumps) {
        assert!(*jump < SAME, "{p:?} {sides:?} {:?}: {jump:e}", curve.kind);
        assert!(curve.ends.iter().all(|e| e.to_string().len() > 5), "{:?}", curve.ends);
        (pairs, worst) = (pairs + count, worst.max(*jump));
    }
    println!("{} curves, {pairs} pairs, the largest distance {worst:e}", curves.len());
    assert!(curves.len() >= 10 && pairs > 60, "{} {pairs}", curves.len());
}

#[test]
fn a_jump_between_curves_is_seen() {
    let (p, sides, found) = (0..30)
        .find_map(|seed| {
            let (p, sides) = drawn(seed);
            let found = cycle_curves(sides, &p, &[], 2, &CancelToken::default(), &|_| {}).unwrap().curves;
            found.iter().any(|c| c.points.len() > 20).then_some((p, sides, found))
        })
        .unwrap();
    let mut curve = found.into_iter().find(|c| c.points.len() > 20).unwrap();
    curve.points.truncate(20);
    assert!(largest_jump(&p, sides, &curve, 1).0 < SAME);
    let other = &mut curve.points[10];
    other.values[0] += 1e-4 * (sides[0].high - sides[0].low);
    other.period *= 1.0001;
    assert!(largest_jump(&p, sides, &curve, 1).0 > SAME);
}
