//! Tests of plans: steps, cells that cannot be counted, geometries.

use super::*;
use crate::model::Conductance;
use crate::results::Outcome;

fn plan(toml: &str) -> Result<Plan> {
    Plan::new(
        Request::from_toml(&format!("grid = ['Gamma=0:1:5', 'Z_T=0:1:3']\n{toml}\n[set]\nV_n = 2.0\nR_n = 6.0\n"))
            .unwrap(),
    )
}

#[test]
fn step_follows_the_rule_and_yields_to_the_request() {
    assert!((plan("").unwrap().dt - 0.14 / 7.0_f64.hypot(1.0)).abs() < 1e-12);
    assert_eq!(plan("dt = 0.01").unwrap().dt, 0.01);
    assert!(plan("dt = 1.0").unwrap_err().to_string().contains("no longer stable"));
    for bad in ["dt = 0.0", "dt = -1.0", "dt = nan", "t-max = 0.0", "window = inf"] {
        assert!(plan(bad).is_err(), "{bad}");
    }
    assert!(plan("t-max = 10.0\nwindow = 5.0").unwrap_err().to_string().contains("windows"));
    assert!(plan("t-max = 1e12").unwrap_err().to_string().contains("steps"));
    assert!(plan("dt = 1e-6").unwrap_err().to_string().contains("steps"));
    assert!(plan("dt = 1e-40").unwrap_err().to_string().contains("steps"));
}

#[test]
fn fault_28_a_stiff_cell_stays_unsettled_and_the_others_are_computed() {
    let plan = |axes: &str, more: &str| {
        let toml = format!("grid = [{axes}]\nprecision = 'f64'\n[set]\nGamma = 0.5\n{more}\n");
        Plan::new(Request::from_toml(&toml).unwrap())
    };
    // From 2^31 steps up to a step too small for any number.
    for stiff in ["1e7", "1e30", "1e100", "1e308"] {
        for (axes, more) in
            [("'R_n=6,S'", "V_n = 2.0"), ("'V_n=2,S'", "R_n = 6.0"), ("'Omega=7,S'", "V_n = 2.0\nR_n = 6.0")]
        {
            let grid = plan(&axes.replace('S', stiff), more).unwrap();
            assert!(grid.single(0, 0).cell().is_some(), "{axes} {stiff}");
            let ready = grid.single(1, 0);
            assert!(matches!(ready, Prepared::Uncountable { .. }), "{axes} {stiff}: {ready:?}");
            assert_eq!(ready.outcome(), Outcome::Unsettled);
            // A grid of the stiff cell alone is refused.
            let alone = plan(&axes.replace("6,S", stiff).replace("2,S", stiff).replace("7,S", stiff), more);
            assert!(alone.unwrap_err().to_string().contains("steps"), "{axes} {stiff}");
        }
    }
    // Grids of stiff cells alone are refused, small or large; a grid that crosses V_n = 0 is not.
    assert!(plan("'V_n=1e30:1e31:4'", "R_n = 6.0").is_err());
    assert!(plan("'V_n=-1e31:-1e30:4000'", "R_n = 6.0").is_err());
    assert!(plan("'V_n=-1e31:1e30:4000'", "R_n = 6.0").is_ok());
}

#[test]
fn without_relaxation_there_is_no_cell() {
    let plan = plan("").unwrap();
    assert!(matches!(plan.single(0, 0), Prepared::StartDependent));
    let PreparedCell { cell, regions } = plan.single(14, 0).cell().unwrap();
    assert_eq!((cell.parameters.gamma, cell.parameters.z_t, cell.start.z), (1.0, 1.0, 1.0));
    assert_eq!(regions.len(), 1);
    assert!(cell.dt >= plan.dt && cell.dt < 2.0 * plan.dt, "{} {}", cell.dt, plan.dt);
}

#[test]
fn geometries_come_in_the_order_of_the_cells() {
    let toml = "grid = ['lambda=0.1,0.2', 'Z_T=0:1:3', 'l=0.5,1,2']\n[set]\nV_n = 2.0\nR_n = 6.0\nGamma = 0.1\n";
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    let (all, count) = plan.geometries();
    let mut seen = Vec::new();
    for p in (0..plan.grid.cells()).map(|i| plan.parameters(i)) {
        if !seen.contains(&(p.l, p.lambda)) {
            seen.push((p.l, p.lambda));
        }
    }
    assert_eq!((all.collect::<Vec<_>>(), count), (seen, 6));
    assert_eq!(super::tests::plan("").unwrap().geometries().1, 1);
}

#[test]
fn starts_beside_equilibria_follow_their_order() {
    let toml = "grid = ['V_n=2.0,4.0']\nstart = 'equilibria'\n[set]\nR_n = 8.0\nGamma = 0.1\n";
    let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
    let v = |index, start| plan.single(index, start).cell().map(|c| c.cell.start.v);
    assert!(v(0, 0).is_some() && v(0, 1).is_none() && v(0, 2).is_none(), "one equilibrium");
    let [low, middle, high] = [0, 1, 2].map(|s| v(1, s).unwrap());
    assert!(low < middle && middle < high);
    // A start named by its equilibrium is the same state.
    for (number, name) in crate::model::BRANCHES.iter().enumerate() {
        let one = Plan::new(Request::from_toml(&toml.replace("equilibria", name)).unwrap()).unwrap();
        assert_eq!(one.starts(), 1);
        let same = |index| one.single(index, 0).cell().map(|c| c.cell.start.v);
        assert_eq!([same(0), same(1)], [v(0, number), v(1, number)], "{name}");
    }
}

#[test]
fn the_size_on_disk_counts_every_column() {
    let bytes = |start: &str, precision: &str| {
        let toml = format!(
            "grid = ['V_n=2.0,4.0', 'Z_T=0:1:3']\nstart = '{start}'\nprecision = '{precision}'\n[set]\nR_n = 8.0\nGamma = 0.1\n"
        );
        Plan::new(Request::from_toml(&toml).unwrap()).unwrap().bytes()
    };
    let (axes, numbers, derived) = (8 * (2 + 3), COLUMNS.len() as u64, DERIVED.len() as u64);
    let margins = 6 * 4 * MARGINS.len() as u64;
    assert_eq!(bytes("rest", "f32"), axes + margins + 6 * (4 * numbers + 2));
    assert_eq!(bytes("rest", "f64"), axes + margins + 6 * (8 * numbers + 2));
    assert_eq!(bytes("equilibria", "f32"), axes + margins + 6 * (3 * (4 * numbers + 2) + 4 * derived));
    assert_eq!(bytes("equilibria", "f64"), axes + margins + 6 * (3 * (8 * numbers + 2) + 8 * derived));
}

#[test]
fn a_step_longer_than_the_rules_is_told() {
    let finer = |dt: &str| {
        let toml = format!("grid = ['Gamma=0.1,0.2']\n{dt}\n[set]\nV_n = 2.0\nR_n = 6.0\n");
        let plan = Plan::new(Request::from_toml(&toml).unwrap()).unwrap();
        (plan.dt, plan.finer_step())
    };
    let (own, none) = finer("");
    assert_eq!(none, None);
    assert_eq!(finer("dt = 0.1").1, Some(own));
    assert_eq!(finer("dt = 0.001").1, None);
}

#[test]
fn the_step_holds_in_every_cell_whatever_the_signs() {
    for (axis, set, start) in [
        ("V_n=-9:-2:8", "R_n = 9.0\nGamma = 0.1", "rest"),
        ("V_n=-3:9:7", "R_n = 12.0\nGamma = 0.1\nx_0 = -0.8", "equilibria"),
        ("x_0=-1.5:1:6", "V_n = -5.0\nR_n = 14.0\nGamma = 0.4", "rest"),
        ("Gamma=0.1:2:5", "V_n = 1.0\nR_n = 10.0", "0,0,0.9,-6"),
        ("R_n=0:20:6", "V_n = 1.0\nGamma = 0.3", "0.1,0,0.4,7"),
    ] {
        let toml = format!("grid = ['{axis}']\nstart = '{start}'\n[set]\n{set}\n");
        let plan = Plan::new(Request::from_toml(&toml).unwrap()).unwrap();
        let own = |index: u64| {
            let p = plan.parameters(index);
            let v = if let Start::At(s) = plan.start { s.v } else { 0.0 };
            Rates::for_neuron(&p, v, &Conductance::new(p.l, p.lambda)).step()
        };
        let shortest = (0..plan.grid.cells()).map(own).fold(f64::INFINITY, f64::min);
        assert!((0.3..=1.0 + 1e-12).contains(&(plan.dt / shortest)), "{toml}: {} for {shortest}", plan.dt);
    }
}
