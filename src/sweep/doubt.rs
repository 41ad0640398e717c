//! Verdicts that theory does not allow are taken back.
//!
//! A motion can look quiet while it is still growing out of rounding, or while Z creeps towards Z_T: a neuron comes to rest only at a
//! stable equilibrium, and those are known exactly. And it can look like a small cycle while it is dying too slowly to tell: a small
//! cycle surrounds an unstable equilibrium. Cells that contradict this have not settled.

use super::plan::Plan;
use crate::columns::{Answer, Outcome};
use crate::model::Parameters;
use crate::statics::{Landscape, Profile, Stability, equilibria};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// How far a resting voltage may lie from its equilibrium, relative to 1 + |V|: a few times what the settling rule and f32 leave.
const NEAR: f64 = 1e-4;

/// Cycles with a smaller span are small: the equilibrium beside them decides. A cycle beside a stable equilibrium, as a subcritical
/// Hopf point has it, keeps a distance from it.
const SMALL: f64 = 2e-3;

/// Makes `Unsettled` of every verdict that the equilibrium beside it contradicts. `first` is the index of the first answer.
pub fn doubt(plan: &Plan, first: u64, answers: &mut [Answer]) {
    // Profiles follow (l, lambda), landscapes x_0 and Z_T as well; a box holds few of them, and cells in plenty.
    let mut profiles: HashMap<[u64; 2], Arc<Profile>> = HashMap::new();
    let mut landscapes: HashMap<[u64; 4], Arc<(Landscape, Arc<Profile>)>> = HashMap::new();
    let mut doubtful = Vec::new();
    let small = |a: &Answer| a.outcome == Outcome::Steady || a.outcome == Outcome::Oscillating && a.span < SMALL;
    for (index, answer) in (first..).zip(answers.iter_mut()).filter(|(_, a)| small(a)) {
        let p = plan.parameters(index);
        let geometry = [p.l.to_bits(), p.lambda.to_bits()];
        let key = [geometry[0], geometry[1], p.x_0.to_bits(), p.z_t.to_bits()];
        let landscape = landscapes.entry(key).or_insert_with(|| {
            let profile = profiles.entry(geometry).or_insert_with(|| Arc::new(Profile::new(p.l, p.lambda))).clone();
            Arc::new((Landscape::new(profile.clone(), p.x_0, p.l, p.z_t), profile))
        });
        doubtful.push((p, landscape.clone(), answer));
    }
    doubtful.into_par_iter().for_each(|(p, landscape, answer)| {
        if !allowed(&p, answer, &landscape.0, &landscape.1) {
            answer.outcome = Outcome::Unsettled;
            (answer.settle_time, answer.span_error) = (f64::NAN, f64::NAN);
        }
    });
}

/// Whether the equilibrium nearest to the motion lets it be what it was called.
fn allowed(p: &Parameters<f64>, answer: &Answer, landscape: &Landscape, profile: &Profile) -> bool {
    let v = answer.v_mean;
    let all = equilibria(p, landscape, profile);
    let Some(nearest) = all.iter().min_by(|a, b| (a.v - v).abs().total_cmp(&(b.v - v).abs())) else { return false };
    let stable = nearest.linear.stability() == Stability::Stable;
    match answer.outcome {
        Outcome::Steady => stable && (nearest.v - v).abs() <= NEAR * (1.0 + v.abs()),
        _ => !stable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::Request;

    #[test]
    fn quiet_at_an_unstable_equilibrium_is_no_rest() {
        let toml = "grid = ['Gamma=0.3,0.9']\n[set]\nV_n = 2.0\nR_n = 6.0\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        let profile = Arc::new(Profile::new(0.5, 0.13));
        let v = Landscape::new(profile, 0.8, 0.5, 1.0).equilibria(2.0, 6.0)[0];
        let resting = |v: f64| Answer { v_mean: v, ..Answer::without_numbers(Outcome::Steady) };
        let mut answers = vec![resting(v), resting(v)];
        doubt(&plan, 0, &mut answers);
        // Gamma = 0.3 lies below the Hopf curve at 0.654, 0.9 above it.
        assert_eq!([answers[0].outcome, answers[1].outcome], [Outcome::Unsettled, Outcome::Steady]);
        let small_cycle = |v| Answer { v_mean: v, span: 1e-4, ..Answer::without_numbers(Outcome::Oscillating) };
        let mut cycles = [small_cycle(v), small_cycle(v), Answer { span: 0.1, ..small_cycle(v) }];
        doubt(&plan, 0, &mut cycles[..2]);
        doubt(&plan, 1, &mut cycles[2..]);
        assert_eq!(
            cycles.iter().map(|c| c.outcome).collect::<Vec<_>>(),
            [Outcome::Oscillating, Outcome::Unsettled, Outcome::Oscillating]
        );
        let mut elsewhere = vec![resting(v), resting(v + 0.01)];
        doubt(&plan, 0, &mut elsewhere);
        assert_eq!(elsewhere[1].outcome, Outcome::Unsettled);
    }
}
