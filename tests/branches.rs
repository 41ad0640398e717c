//! Branches of cycles: against independent solvers, and what the command says of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::contents;
use common::runs::{at_home, done, hopfmap, json, names, refused};
use common::tolerance;
use hopfmap::continuation::{Diagram, End, SpecialKind, cycle_from, diagram};
use hopfmap::model::{Conductance, F00Jets, FINER, Rates};
use hopfmap::{Cycle, Parameter, Parameters, Start, State, cycle};

/// The paper's neuron with R_n = 5 and Gamma = 0.1 along V_n.
fn paper(r_n: f64) -> Diagram {
    diagram(&Parameters::at(0.0, r_n, 0.1), Parameter::VN, (0.0, 12.0), true, &[], false)
}

/// A neuron whose period doubles along Gamma.
fn doubling() -> Parameters<f64> {
    Parameters {
        v_n: 10.998213835558035,
        r_n: 51.58365187984562,
        gamma: 0.2,
        alpha: 1.4717992375794342,
        z_t: 0.8461339268689599,
        omega: 4.65,
        x_0: 1.1406789800363548,
        l: 0.3309361787411915,
        lambda: 0.02470666513972922,
    }
}

/// A neuron with a fold of cycles along Gamma.
fn folding() -> Parameters<f64> {
    Parameters {
        v_n: 4.05763821776806,
        r_n: 56.30669418704481,
        gamma: 0.2,
        alpha: 1.5458692532120955,
        z_t: 0.999117486262571,
        omega: 0.8612528157215089,
        x_0: 1.5821326701697012,
        l: 0.34649177746451937,
        lambda: 0.09136966683515943,
    }
}

/// A neuron whose cycle becomes a torus along Gamma.
fn torus() -> Parameters<f64> {
    Parameters {
        v_n: 4.675944792746062,
        r_n: 20.661342581319253,
        gamma: 0.2,
        alpha: 0.5647944923011909,
        z_t: 0.9565722537755171,
        omega: 3.7832240034441056,
        x_0: 1.1436900141828406,
        l: 0.5283765115515946,
        lambda: 0.07932732271297124,
    }
}

fn with(p: &Parameters<f64>, parameter: Parameter, value: f64) -> Parameters<f64> {
    let mut values = p.to_array();
    values[parameter as usize] = value;
    Parameters::from_array(values)
}

/// The cycle of the kernel's own solver (RK4, single shooting) next to a point of a branch.
fn shot(p: &Parameters<f64>, state: &State<f64>, period: f64) -> Option<Cycle> {
    let step = FINER * Rates::for_neuron(p, 0.0, &Conductance::new(p.l, p.lambda)).step();
    Cycle::near(p, &F00Jets::new(p.l, p.lambda), state, period, 0.5 * step)
}

#[test]
fn the_papers_branch_joins_both_hopf_points() {
    let found = paper(5.0);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    assert_eq!(branch.ends, [End::Hopf, End::Hopf]);
    let hopf: Vec<f64> = branch.special.iter().map(|s| s.value).collect();
    assert_eq!(hopf.len(), 2);
    assert!((hopf[0] - 0.225_384_542).abs() < 1e-8 && (hopf[1] - 3.308_630_134).abs() < 1e-8, "{hopf:?}");
    let widest = branch.points.iter().max_by(|a, b| a.span().total_cmp(&b.span())).unwrap();
    assert!((widest.span() - 0.069_92).abs() < 5e-6 && (widest.value - 1.7236).abs() < 0.01, "{widest:?}");
    assert!(branch.points.iter().all(hopfmap::continuation::Point::is_stable));
    // The largest span is one: a cycle on either side has a smaller one.
    for away in [-0.01, 0.01] {
        let p = Parameters::at(widest.value + away, 5.0, 0.1);
        assert!(cycle(&p, &State::rest(1.0)).unwrap().span() < widest.span());
    }
    let wide = paper(16.0);
    assert_eq!(wide.branches.len(), 1);
    assert_eq!(wide.branches[0].ends, [End::Hopf, End::Hopf]);
    let last = wide.branches[0].special[1].value;
    assert!((last - wide.hopf[1].parameters.v_n).abs() < 1e-9 && (last - 8.297_579_87).abs() < 1e-7, "{last}");
}

#[test]
fn cycles_of_branches_are_those_of_single_shooting() {
    let start = cycle_from(&doubling(), Parameter::Gamma, &[0.2], Start::Rest).unwrap().unwrap();
    let cases = [
        (
            Parameters::at(0.0, 5.0, 0.1),
            Parameter::VN,
            diagram(&Parameters::at(0.0, 5.0, 0.1), Parameter::VN, (0.0, 9.0), true, &[], false),
        ),
        (doubling(), Parameter::Gamma, diagram(&doubling(), Parameter::Gamma, (0.15, 0.3), false, &[start], true)),
        (folding(), Parameter::Gamma, diagram(&folding(), Parameter::Gamma, (0.1, 0.3), true, &[], false)),
    ];
    let (mut compared, mut unstable) = (0, 0);
    for (base, parameter, found) in cases {
        for branch in &found.branches {
            for point in branch.points.iter().step_by(4).filter(|p| p.span() > 0.01 && p.multipliers[1].norm() < 50.0) {
                let p = with(&base, parameter, point.value);
                // Single shooting does not converge for some very unstable cycles.
                let Some(shot) = shot(&p, &point.state, point.period) else { continue };
                let ours = [point.period, point.v_min, point.v_max, point.v_mean];
                let theirs = [shot.period, shot.v_min, shot.v_max, shot.v_mean];
                let off = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(off < tolerance::SINGLE_SHOOTING * (1.0 + shot.multiplier()), "{point:?} {shot:?}");
                let multipliers = point.multipliers[1..].iter().zip(&shot.multipliers).map(|(a, b)| (a - b).norm());
                let off = multipliers.fold(0.0, f64::max);
                assert!(off < tolerance::SHOT_MULTIPLIER * (1.0 + shot.multiplier()), "{point:?} {shot:?}");
                assert_eq!((point.maxima, point.is_stable()), (shot.maxima, shot.is_stable()), "{point:?}");
                // The mean current by Kirchhoff's law.
                assert!((point.current - (p.v_n - shot.v_mean) / p.r_n).abs() < 1e-8);
                compared += 1;
                unstable += u32::from(!shot.is_stable());
                // The negative control: another parameter has another cycle.
                let other = with(&base, parameter, point.value + 1e-4);
                let elsewhere = self::shot(&other, &point.state, point.period);
                assert!(elsewhere.is_none_or(|c| (c.v_max - point.v_max).abs() > tolerance::SINGLE_SHOOTING));
            }
        }
    }
    assert!(compared > 40 && unstable > 10, "{compared} {unstable}");
}

/// Values by an independent solver: its own quadrature of the conductance, DOP853 at a relative tolerance of 1e-12, the
/// variational equation, and Newton's method for the cycle together with the condition on its multipliers.
#[test]
fn special_points_are_those_of_an_independent_solver() {
    let start =
        |p: &Parameters<f64>, at: f64| vec![cycle_from(p, Parameter::Gamma, &[at], Start::Rest).unwrap().unwrap()];
    for (p, from, kind, value, period) in [
        (doubling(), Some(0.2), SpecialKind::Doubling, 0.173_237_296_7, 1.315_057_069),
        (folding(), None, SpecialKind::Fold, 0.189_998_210_2, 3.489_223_596),
        (torus(), Some(0.12), SpecialKind::NeimarkSacker, NS_GAMMA, 1.607_126_797),
    ] {
        let starts = from.map_or(Vec::new(), |at| start(&p, at));
        let found = diagram(&p, Parameter::Gamma, (0.05, 0.3), from.is_none(), &starts, false);
        let special: Vec<_> = found.branches.iter().flat_map(|b| &b.special).filter(|s| s.kind == kind).collect();
        let near =
            |s: &&&hopfmap::continuation::Special| (s.value - value).abs() < 1e-8 && (s.period - period).abs() < 1e-6;
        assert!(special.iter().any(|s| near(&s)), "{special:?}");
        // By the kernel's own solver, the multipliers have crossed the unit circle between the two sides.
        if kind != SpecialKind::Fold {
            let branch = &found.branches[0];
            let multiplier_on = |above: bool| {
                let side = branch.points.iter().filter(|q| (q.value > value) == above);
                let nearest = side.min_by(|a, b| (a.value - value).abs().total_cmp(&(b.value - value).abs())).unwrap();
                let q = with(&p, Parameter::Gamma, nearest.value);
                shot(&q, &nearest.state, nearest.period).unwrap().multiplier()
            };
            assert!((multiplier_on(true) - 1.0) * (multiplier_on(false) - 1.0) < 0.0);
        }
    }
}

const NS_GAMMA: f64 = 0.106_254_276_592;

#[test]
fn period_doublings_bound_the_cells_with_two_maxima() {
    let p = doubling();
    let start = cycle_from(&p, Parameter::Gamma, &[0.2], Start::Rest).unwrap().unwrap();
    let found = diagram(&p, Parameter::Gamma, (0.15, 0.3), false, &[start], true);
    let doublings = |n: usize| {
        let kind = |s: &&hopfmap::continuation::Special| s.kind == SpecialKind::Doubling;
        found.branches[n].special.iter().filter(kind).map(|s| s.value).collect::<Vec<_>>()
    };
    let (first, second) = (doublings(0)[0], doublings(1)[1]);
    // Cells along Gamma across both: the cells of two maxima lie between.
    let step = 0.0004;
    for i in 0..=18 {
        let gamma = 0.1680 + step * f64::from(i);
        let maxima = cycle(&Parameters { gamma, ..p }, &State::rest(p.z_t)).map_or(0, |c| c.maxima);
        let inside = gamma > second + step && gamma < first - step;
        let outside = gamma < second - step || gamma > first + step;
        assert!(!(inside && maxima != 2 || outside && maxima == 2), "{gamma}: {maxima} maxima, {second} to {first}");
    }
    // A doubled branch begins with twice the period where it leaves the other one.
    let doubled = &found.branches[1];
    assert!((doubled.points[0].period / doubled.special[0].period - 2.0).abs() < 1e-3);
    assert!(found.branches.len() >= 3);
}

#[test]
fn a_branch_that_closes_is_followed_once_around() {
    let p = Parameters {
        v_n: 10.998,
        r_n: 51.584,
        gamma: 0.2,
        alpha: 1.4718,
        z_t: 0.84613,
        omega: 4.65,
        x_0: 1.14068,
        l: 0.330936,
        lambda: 0.0247067,
    };
    // On the cycle of four maxima, next to which there is another one.
    let seed = State { x: 0.0, y: 0.0, z: p.z_t, v: 0.0 };
    let start = cycle_from(&p, Parameter::Gamma, &[0.2], Start::At(seed)).unwrap().unwrap();
    let found = diagram(&p, Parameter::Gamma, (0.09, 0.3), false, &[start], false);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    assert_eq!(branch.ends, [End::Loop, End::Loop]);
    let folds = branch.special.iter().filter(|s| s.kind == SpecialKind::Fold).count();
    assert_eq!(folds, 2, "{:?}", branch.special);
    // Each value of the parameter has two cycles, one of them unstable.
    let crossings = branch.points.windows(2).filter(|w| (w[0].value - 0.22) * (w[1].value - 0.22) < 0.0);
    let stable: Vec<bool> = crossings.map(|w| w[0].is_stable()).collect();
    assert!(stable.len() == 2 && stable[0] != stable[1], "{stable:?}");
}

#[test]
fn every_parameter_can_be_followed() {
    let p = Parameters::at(2.0, 6.0, 0.1);
    for (parameter, range) in [
        (Parameter::VN, (0.0, 9.0)),
        (Parameter::RN, (0.5, 20.0)),
        (Parameter::Gamma, (0.02, 1.0)),
        (Parameter::Alpha, (0.2, 2.0)),
        (Parameter::ZT, (0.05, 1.0)),
        (Parameter::Omega, (4.0, 12.0)),
        (Parameter::X0, (0.4, 1.2)),
        (Parameter::L, (0.35, 0.7)),
        (Parameter::Lambda, (0.06, 0.3)),
    ] {
        let at = p.get(parameter);
        let start = cycle_from(&p, parameter, &[at], Start::Rest).unwrap().unwrap();
        let found = diagram(&p, parameter, range, false, &[start], false);
        let branch = &found.branches[0];
        for point in branch.points.iter().step_by(7).filter(|p| p.span() > 0.01) {
            let q = with(&p, parameter, point.value);
            let shot = shot(&q, &point.state, point.period).unwrap();
            assert!((shot.span() - point.span()).abs() < 1e-8, "{parameter:?} {point:?}");
        }
        assert!(branch.points.len() > 10, "{parameter:?}");
        for end in &branch.ends {
            assert!(matches!(end, End::Hopf | End::Range), "{parameter:?}: {end}");
        }
    }
}

#[test]
fn the_command_reports_in_the_agreed_form() {
    let home = at_home();
    let set = ["--set", "R_n=5", "--set", "Gamma=0.1"];
    let words = [&["cycles", "--along", "V_n=0:9"], &set[..], &["-o", "b.h5", "--plot", "b.svg", "--json"]].concat();
    let found = json(home.path(), &words);
    let branch = &found["branches"][0];
    let point = &branch["points"][10];
    for key in ["V_n", "span", "period"] {
        assert!(point[key].as_f64().unwrap() > 0.0, "{point}");
    }
    assert!(point["stable"].as_bool().unwrap() && point["multipliers"].as_array().unwrap().len() == 4);
    assert_eq!(point["multipliers"][0].as_array().unwrap().len(), 2);
    let special = &branch["special"][0];
    assert!(special["kind"] == "Hopf" && (special["V_n"].as_f64().unwrap() - 0.225_384_542).abs() < 1e-8);
    assert!(special["span"] == 0.0 && special["period"].as_f64().unwrap() > 0.0);
    assert_eq!(found["equilibria"]["special"].as_array().unwrap().len(), 4);
    assert!(std::fs::read_to_string(home.path().join("b.svg")).unwrap().contains("Hopf"));
    // The file is drawn the same way.
    done(hopfmap(home.path(), &["plot", "b.h5", "-o", "other.svg"]));
    let picture = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    assert_eq!(contents::drawing(&picture("b.svg")), contents::drawing(&picture("other.svg")));
}

#[test]
fn bad_requests_are_refused_and_a_range_without_cycles_is_said_to_be_one() {
    let home = at_home();
    let base = ["--set", "R_n=5", "--set", "Gamma=0.1", "-o", "b.h5"];
    for (words, message) in [
        (&["--along", "W_n=0:1"][..], "unknown parameter 'W_n'"),
        (&["--along", "V_n=2:2"], "empty range"),
        (&["--along", "V_n=3:2"], "empty range"),
        (&["--along", "V_n=1"], "not a range"),
        (&["--along", "V_n=0:inf"], "V_n"),
        (&["--along", "alpha=0:3", "--set", "V_n=2"], "alpha = 3"),
        (&["--along", "Z_T=0:1"], "V_n has no value"),
        (&["--along", "V_n=0:9", "--set", "V_n=2"], "both followed along and set"),
        (&["--along", "V_n=0:9", "--set", "V_n=12", "--start-from", "rest"], "outside the range"),
        (&["--along", "V_n=0:9", "--start-from", "equilibria"], "start"),
        (&["--along", "V_n=0:9", "--start-from", "2,0,0,1"], "Bloch"),
        (&["--along", "V_n=0:9", "--start-from", "foo"], "--start-from"),
        (&["--along", "V_n=0:0.2", "--start-from", "upper"], "no equilibrium 'upper'"),
    ] {
        let (code, printed) = refused(hopfmap(home.path(), &[&["cycles"], words, &base].concat()));
        assert!(code == 2 && printed.contains(message), "{words:?}: {printed}");
    }
    assert_eq!(names(home.path()), Vec::<String>::new());
    let none = json(home.path(), &[&["cycles", "--along", "V_n=0:0.1", "--json"], &base[..]].concat());
    assert!(none["branches"].as_array().unwrap().is_empty(), "{none}");
    assert!(
        none["notes"].to_string().contains("comes to rest") && none["notes"].to_string().contains("no cycle"),
        "{none}"
    );
    let words = ["cycles", "--along", "V_n=0:9", "--set", "V_n=0.1", "--start-from", "rest", "--force"];
    let rest = done(hopfmap(home.path(), &[&words[..], &base].concat()));
    assert!(rest.contains("at V_n = 0.1 it comes to rest") && rest.contains("no branch"), "{rest}");
    // There is no middle equilibrium at the middle of the range, V_n = 4.5, and one at V_n = 3.375, which is quiet.
    let middle = ["cycles", "--along", "V_n=0:9", "--start-from", "middle", "--force"];
    let found = done(hopfmap(home.path(), &[&middle[..], &base].concat()));
    assert!(found.contains("branch"), "{found}");
    // Z hardly relaxes: no first cycle is found next to the Hopf points. The negative control is every other report.
    let slow = ["cycles", "--along", "V_n=0:9", "--set", "alpha=1e-9", "--force"];
    let found = done(hopfmap(home.path(), &[&slow[..], &base].concat()));
    assert!(found.contains("no branch could be begun at the Hopf point V_n = 0.22538, 3.3086"), "{found}");
    assert!(!rest.contains("could be begun"), "{rest}");
    let flat = done(hopfmap(
        home.path(),
        &["cycles", "--along", "V_n=0:9", "--set", "R_n=5", "--set", "Gamma=0", "-o", "g.h5"],
    ));
    assert!(flat.contains("degenerate: Gamma = 0"), "{flat}");
}

/// What `hopfmap cycles` says.
fn printed(words: &str) -> String {
    let home = at_home();
    done(hopfmap(home.path(), &words.split_whitespace().collect::<Vec<_>>()))
}

/// A search that comes to no cycle.
const LONG: &str = "cycles --along Omega=1e5:1e6 --set V_n=2 --set R_n=6 --set Gamma=0.1 --start-from rest -o a.h5";

#[test]
fn a_search_that_finds_no_cycle_ends_at_its_limit_and_says_it() {
    let found = printed(LONG);
    let limit = format!("the limit is {}", hopfmap::continuation::MOST_STEPS);
    assert!(found.contains(&limit) && found.contains("--start-from X,Y,Z,V"), "{found}");
    assert!(found.contains("is not tried"), "{found}");
    // The negative control: a start that comes to a cycle says none of it.
    let found = printed("cycles --along V_n=1:3 --set R_n=6 --set Gamma=0.1 --start-from rest -o a.h5");
    assert!(!found.contains("limit is") && found.contains("only the branch of this motion's cycle"), "{found}");
}

#[test]
fn a_branch_that_comes_to_a_neuron_without_damping_ends_as_degenerate() {
    let found = printed("cycles --along Gamma=0:1 --set V_n=2 --set R_n=6 -o a.h5");
    assert!(found.contains("degenerate: Gamma = 0, so nothing is damped") && !found.contains("halves"), "{found}");
    let found = printed("cycles --along alpha=0:2 --set V_n=2 --set R_n=6 --set Gamma=0.1 -o a.h5");
    assert!(found.contains("degenerate: alpha = 0") && !found.contains("NS") && !found.contains("halves"), "{found}");
    let found = printed("cycles --along Gamma=0.01:1 --set V_n=2 --set R_n=6 -o a.h5");
    assert!(!found.contains("degenerate"), "{found}");
}

#[test]
fn rounding_makes_no_special_points_where_omega_is_large() {
    for omega in [1e5, 1e6] {
        let p = Parameters { omega, ..Parameters::at(0.0, 5.0, 0.1) };
        let found = diagram(&p, Parameter::VN, (0.0, 9.0), true, &[], false);
        let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
        assert_eq!(branch.ends, [End::Hopf, End::Hopf], "{omega}");
        let kinds: Vec<_> = branch.special.iter().map(|s| s.kind).collect();
        assert_eq!(kinds, [SpecialKind::Hopf; 2], "{omega}");
        // Both are the Hopf points of the statics.
        for (s, h) in branch.special.iter().zip(&found.hopf) {
            assert!((s.value - h.parameters.v_n).abs() < 1e-8, "{omega}: {} {}", s.value, h.parameters.v_n);
        }
    }
    let found = printed("cycles --along V_n=0:9 --set R_n=5 --set Gamma=0.1 --set Omega=1e5 -o a.h5");
    assert!(found.contains("l_1 = -2.5") && found.contains("largest span 4.97"), "{found}");
    assert!(!found.contains("generalised"), "{found}");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_the_work_with_a_message_and_writes_nothing() {
    use std::io::Read;
    let home = at_home();
    let mut child = hopfmap(home.path(), &LONG.split_whitespace().collect::<Vec<_>>()).spawn().unwrap();
    // Until its handler is there, the signal would end the process at once.
    let status = format!("/proc/{}/status", child.id());
    let is_caught = || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mask = text.lines().find_map(|l| l.strip_prefix("SigCgt:")).map(|m| u64::from_str_radix(m.trim(), 16));
        mask.and_then(Result::ok).is_none_or(|m| m >> 1 & 1 == 1)
    };
    while !is_caught() {
        std::thread::yield_now();
    }
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    let mut message = String::new();
    child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    assert!(
        kill.success() && status.code() == Some(130) && message.contains("a.h5 is not written"),
        "{status}: {message}"
    );
    assert_eq!(names(home.path()), Vec::<String>::new());
}
