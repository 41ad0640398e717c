//! What limits a cycle: the law of its mean Z, and the amplitude law next to a Hopf point.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::{FIG_3, Random};
use common::tolerance;
use hopfmap::bifurcation::{amplitude_law, hopf_points, hopf_points_along_v_n};
use hopfmap::continuation::diagram;
use hopfmap::cycle::cycle;
use hopfmap::model::{Parameter, Parameters, State};
use hopfmap::plan::outcome;
use hopfmap::results::Outcome;
use hopfmap::trace::{TrajectoryRequest, integrate, means, trajectory};

/// The law of a simple cycle: ⟨Z⟩ stays at the threshold Z_AH, and ⟨(dV/dt) X⟩ = alpha Gamma (Z_T - ⟨Z⟩) / 2 exactly.
#[test]
fn the_mean_of_z_stays_at_the_threshold() {
    let mut random = Random(24);
    let (mut seen, mut off, mut worst) = (0, Vec::new(), 0.0_f64);
    while seen < 500 {
        let p = Parameters {
            v_n: random.between(0.2, 4.0),
            r_n: random.between(3.0, 8.0),
            gamma: random.between(0.02, 0.6),
            alpha: random.between(0.2, 2.0),
            z_t: random.between(0.2, 1.0),
            ..FIG_3
        };
        let Ok(Some(end)) = outcome(&p, State::rest(p.z_t), None) else { continue };
        if end.outcome != Outcome::Oscillating || end.maxima != 1.0 {
            continue;
        }
        // The cycle itself: a motion that a sweep has settled early is still on its way.
        let Some(cycle) = cycle(&p, &State::rest(p.z_t)) else { continue };
        if (cycle.span() - end.span).abs() > tolerance::SPAN_F64 {
            continue;
        }
        let short = TrajectoryRequest { parameters: p, start: cycle.state, t_end: 20.0, t_start: 10.0, dt: None };
        let found = means(&integrate(&short).unwrap().with_outcome(end));
        assert!(found.over_a_period, "{p:?}, {end:?}");
        seen += 1;
        worst = worst.max((found.drive / found.relaxation - 1.0).abs());
        // The threshold next to the cycle's own, of which there may be several.
        let thresholds = hopf_points(Parameter::ZT, (0.0, 1.0), &p);
        let nearest = thresholds.iter().map(|h| h.parameters.z_t).filter(|z_ah| *z_ah <= p.z_t);
        let apart =
            nearest.map(|z_ah| (found.z_mean - z_ah).abs() - 0.02 * (p.z_t - z_ah)).fold(f64::INFINITY, f64::min);
        if apart > 0.01 {
            off.push((p, found.z_mean, apart));
        }
    }
    println!("{} of {seen} off; the identity holds to {worst:e}", off.len());
    off.iter().for_each(|o| println!("    {o:?}"));
    assert!(worst < 1e-6, "{worst:e}");
    assert!(off.len() <= seen / 20, "{}", off.len());
    // The nine points of docs/physics.md.
    let z_mean = |gamma: f64| {
        let p = Parameters { v_n: 2.0, r_n: 6.0, gamma, ..FIG_3 };
        means(&trajectory(&p, 2000.0).unwrap()).z_mean
    };
    assert!(
        (z_mean(0.1) - 0.13402).abs() < 1e-4 && (z_mean(0.6) - 0.90527).abs() < 1e-4,
        "{} {}",
        z_mean(0.1),
        z_mean(0.6)
    );
}

#[test]
fn spans_near_a_hopf_point_follow_the_amplitude_law() {
    let p = Parameters { v_n: 0.0, ..FIG_3 };
    let hopf = hopf_points_along_v_n(&p);
    let born = hopf.iter().find(|h| h.v > 0.0).unwrap();
    let law = amplitude_law(born, Parameter::VN).unwrap();
    assert!(law.is_above);
    let range = (born.parameters.v_n - 0.01, born.parameters.v_n + 0.02);
    let found = diagram(&p, Parameter::VN, range, true, &[], false);
    let cycles = &found.branches[0].points;
    let factors: Vec<f64> =
        cycles.iter().filter(|c| c.span() > 1e-4).map(|c| c.span() / (c.value - born.parameters.v_n).sqrt()).collect();
    println!("a = {}, by cycles {factors:?}", law.factor);
    assert!(factors.len() > 3 && factors.iter().all(|f| (f / law.factor - 1.0).abs() < tolerance::AMPLITUDE));
    // Fig. 5b's factor along Z_T.
    let along_z_t = hopf_points(Parameter::ZT, (0.0, 1.0), &Parameters { v_n: 2.0, ..FIG_3 });
    let law = amplitude_law(&along_z_t[0], Parameter::ZT).unwrap();
    assert!((law.factor - 0.0734).abs() < 2e-4 && law.is_above, "{law:?}");
}
