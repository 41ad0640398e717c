//! Does no branch jump: each cycle of 200 random branches is found from both of its neighbours.

use super::diagram::diagram;
use super::flow::System;
use super::node::{Node, Units};
use super::point::{CycleBranch, End, Point};
use super::search::cycle_from;
use super::starts::at_point;
use crate::model::{Parameter, Parameters, Start};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// Difference of a cycle from itself, found from a neighbour.
const SAME: f64 = 1e-7;
/// Steps at most by which the nearest place is approached.
const TRIALS: usize = 30;
/// First step, and longest one, relative to the distance of the neighbours.
const STEPS: (f64, f64) = (0.05, 0.3);

/// Uniform numbers.
struct Draw(Pcg64);

impl Draw {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// A neuron, a parameter and its range.
fn drawn(seed: u64) -> (Parameters<f64>, Parameter, (f64, f64)) {
    let mut draw = Draw(Pcg64::seed_from_u64(seed));
    let ranges = [
        (Parameter::VN, (0.0, 16.0)),
        (Parameter::RN, (0.5, 80.0)),
        (Parameter::Gamma, (0.01, 1.5)),
        (Parameter::ZT, (0.05, 1.0)),
        (Parameter::Omega, (1.0, 12.0)),
        (Parameter::Alpha, (0.05, 2.0)),
    ];
    let (parameter, range) = ranges[draw.between(0.0, ranges.len() as f64) as usize];
    let bounds = [
        (0.5, 15.0),
        (1.0, 60.0),
        (0.02, 1.0),
        (0.1, 2.0),
        (0.3, 1.0),
        (1.0, 9.0),
        (0.5, 1.6),
        (0.3, 0.6),
        (0.025, 0.2),
    ];
    (Parameters::from_array(bounds.map(|(low, high)| draw.between(low, high))), parameter, range)
}

fn place(units: Units, p: &Point) -> [f64; 7] {
    let s = &p.state;
    [p.value / units.parameter, p.period.ln(), s.x, s.y, s.z, s.v, p.v_min]
}

fn apart(a: &[f64; 7], b: &[f64; 7]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// How far the branch through one cycle passes from another one.
fn passes(system: &System<1>, units: Units, from: &Node, target: &Point) -> f64 {
    let goal = place(units, target);
    let at = |distance: f64| from.stepped(system, units, distance).map(|s| place(units, &s.node.point));
    let here = place(units, &from.point);
    let length = apart(&here, &goal);
    let (mut low, mut high) = ((0.0, here), (STEPS.0 * length, [f64::NAN; 7]));
    let mut best = apart(&here, &goal);
    for _ in 0..TRIALS {
        let Some(found) = at(high.0) else { break };
        high.1 = found;
        best = best.min(apart(&found, &goal));
        // The distance at which the chord comes nearest to the goal.
        let difference = |a: &[f64; 7], b: &[f64; 7]| std::array::from_fn::<f64, 7, _>(|i| a[i] - b[i]);
        let scalar = |a: &[f64; 7], b: &[f64; 7]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let chord = difference(&high.1, &low.1);
        let (product, square) = (scalar(&chord, &difference(&goal, &high.1)), scalar(&chord, &chord));
        let longest = STEPS.1 * length;
        let next = high.0 + ((high.0 - low.0) * product / square).clamp(-longest, longest);
        if !next.is_finite() || best < 0.01 * SAME {
            break;
        }
        low = high;
        high = (next, [f64::NAN; 7]);
    }
    best
}

/// The largest distance of a cycle from the branch through one of its neighbours.
fn largest_jump(p: &Parameters<f64>, parameter: Parameter, range: (f64, f64), branch: &CycleBranch) -> f64 {
    let (system, units) = (System::new(*p, [parameter]), Units { parameter: range.1 - range.0 });
    let mut worst: f64 = 0.0;
    // Every third pair, to save time.
    for pair in branch.points.windows(2).step_by(3) {
        for (from, to) in [(&pair[0], &pair[1]), (&pair[1], &pair[0])] {
            let Some(node) = at_point(&system, units, from) else { continue };
            worst = worst.max(passes(&system, units, &node, to));
        }
    }
    worst
}

/// Branches of a draw.
fn branches(seed: u64) -> (Parameters<f64>, Parameter, (f64, f64), Vec<CycleBranch>) {
    let (p, parameter, range) = drawn(seed);
    let mut found = diagram(&p, parameter, range, true, &[], false).branches;
    if parameter == Parameter::Alpha {
        let start = cycle_from(&p, parameter, &[p.get(parameter)], Start::Rest).unwrap();
        found = start.map_or(Vec::new(), |s| diagram(&p, parameter, range, false, &[s], false).branches);
    }
    (p, parameter, range, found)
}

#[test]
fn no_branch_jumps_and_each_ends_for_a_reason() {
    let all: Vec<_> = (0..440_u64).into_par_iter().map(branches).collect();
    let mut chosen: Vec<_> =
        all.iter().flat_map(|(p, q, r, found)| found.iter().map(move |b| (p, *q, *r, b))).collect();
    assert!(chosen.len() >= 200, "{}", chosen.len());
    chosen.truncate(200);
    let points: usize = chosen.iter().map(|c| c.3.points.len()).sum();
    let worst: Vec<f64> =
        chosen.par_iter().map(|(p, parameter, range, b)| largest_jump(p, *parameter, *range, b)).collect();
    for ((p, parameter, _, branch), worst) in chosen.iter().zip(&worst) {
        assert!(*worst < SAME, "{parameter:?} {p:?} {:?}: {worst:e}", branch.origin);
        for end in &branch.ends {
            let is_step = matches!(end, End::Step(why) if why.len() < 10);
            assert!(!is_step && !end.to_string().is_empty(), "{end:?}");
        }
    }
    assert!(points > 5000, "{points}");
    println!("{points} cycles, the largest distance {:e}", worst.iter().fold(0.0_f64, |m, w| m.max(*w)));
}

#[test]
fn a_jump_is_seen() {
    let p = Parameters::at(2.0, 5.0, 0.1);
    let (parameter, range) = (Parameter::VN, (0.0, 9.0));
    let found = diagram(&p, parameter, range, true, &[], false).branches;
    let other = diagram(&Parameters { gamma: 0.1001, ..p }, parameter, range, true, &[], false).branches;
    let mut jumping = found[0].clone();
    jumping.points[30] = other[0].points[30].clone();
    assert!(largest_jump(&p, parameter, range, &found[0]) < SAME);
    assert!(largest_jump(&p, parameter, range, &jumping) > 1e-6);
}
