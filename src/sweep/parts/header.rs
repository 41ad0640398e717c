//! Header of a map file: provenance, rules, and the tables used.

use super::plan_file::PartSpecs;
use crate::engine::{Precision, Tables};
use crate::error::Result;
use crate::grid::GridBox;
use crate::kernel::Real;
use crate::kernel::constants::{CONSTANTS, Value as Constant};
use crate::kernel::table::Table;
use crate::model::{ACCURATE_ROTATION, ACCURATE_STIFF, FINER};
use crate::model::{PERTURBATION, Start};
use crate::plan::{Plan, Request, timing};
use crate::store::{
    Header, PartEngine, TableRecord, Value, device_attributes, history_now, provenance, si_coordinates,
};
use crate::trace::STRETCH;

/// Samples F_ij of a table in the precision that was used.
pub(in crate::sweep) fn record(tables: &Tables, precision: Precision) -> TableRecord {
    match precision {
        Precision::F32 => sampled(&tables.single),
        Precision::F64 => sampled(&tables.double),
    }
}

/// Samples of F_ij on each piece of a table in a file: dense enough to draw lines between.
const A_PIECE: i32 = 8;

/// Samples F_ij along a table, both sides of 0, as the kernel sees them.
fn sampled<T: Real>(table: &Table<T>) -> TableRecord {
    let (x_v, functions) = table.sampled(A_PIECE);
    TableRecord { l: table.l, lambda: table.lambda, x_v, functions, error: table.error_bound }
}

/// The header of a map: everything but its cells.
pub(in crate::sweep) fn header(
    plan: &Plan,
    specs: &PartSpecs,
    engines: &[PartEngine],
    command: &str,
    elsewhere: Vec<(String, GridBox)>,
) -> Result<Header> {
    let grid = &plan.grid;
    let names: Vec<_> = grid.parameters().iter().map(|p| p.name()).collect();
    let text = |s: &str| Value::Text(s.to_string());
    let what = grid.points().map_or(String::new(), |points| format!("{} points of ", points.len()));
    let title = format!("Oscillation span of a memristive quantum neuron over {what}{}", names.join(", "));
    let mut attributes = provenance(&title, history_now(command));
    attributes.extend([
        (
            "references".into(),
            text(
                "Potter, Zagoskin, Savel'ev, Balanov: Hysteresis and Self-Oscillations in an Artificial Memristive Quantum Neuron; Eq. 10",
            ),
        ),
        ("precision".into(), text(plan.request.precision.name())),
        ("table_format".into(), text(plan.request.table_format.name())),
        ("start".into(), Value::Text(plan.request.start.to_string())),
        ("plan_sha256".into(), text(specs.plan())),
        ("dt".into(), Value::Number(plan.dt)),
        ("dt_rule".into(), Value::Text(dt_rule(plan))),
        ("time_rule".into(), Value::Text(time_rule(plan))),
        ("settle_rule".into(), text(SETTLE_RULE)),
    ]);
    let engine = engines.first().cloned().unwrap_or_default();
    attributes.extend(engine.attributes().into_iter().map(|(name, value)| (name.to_string(), text(value))));
    if plan.start().is_near_equilibria() {
        attributes.push((
            "start_rule".into(),
            Value::Text(format!(
                "near an equilibrium V* of the cell, lower, middle and upper by order of V*: X = {PERTURBATION}, Y = 0, Z = Z_T (1 - {:e}), V = V*",
                PERTURBATION * PERTURBATION
            )),
        ));
    }
    if let Start::Random { count, seed } = plan.start() {
        let rule =
            format!("{count} states drawn with seed {seed}: X, Y, Z uniform in the unit ball, V uniform from 0 to V_n");
        attributes.push(("start_rule".into(), Value::Text(rule)));
    }
    if plan.request.means {
        attributes.push(("means_rule".into(), Value::Text(means_rule())));
    }
    if let Some(driven) = plan.driven() {
        let threshold = driven.threshold.map_or(text("half of each response's largest swing"), Value::Number);
        attributes.extend([
            ("input".into(), Value::Text(plan.request.input.clone().unwrap_or_default())),
            ("input_first_change".into(), Value::Number(driven.changes)),
            ("response_t_end".into(), Value::Number(driven.t_end)),
            ("spike_threshold".into(), threshold),
            ("response_rule".into(), text(RESPONSE_RULE)),
        ]);
    }
    for c in CONSTANTS {
        if let Constant::Real(v) = c.value {
            attributes.push((format!("rule_{}", c.name.to_lowercase()), Value::Number(v)));
        }
    }
    let device = plan.request.device.as_ref();
    attributes.extend(device.map(|d| device_attributes(d, &grid.parameters(), &plan.fixed)).unwrap_or_default());
    Ok(Header {
        grid: grid.clone(),
        si: device.map(|d| si_coordinates(d, grid, &plan.fixed)).unwrap_or_default(),
        starts: plan.start().names(),
        fixed: plan.fixed.clone(),
        double: plan.request.precision == Precision::F64,
        chunk: specs.chunk().to_vec(),
        attributes,
        // Points stand in the file as coordinates.
        request: Request { points: None, ..plan.request.clone() }.to_toml()?,
        engines: engines
            .iter()
            .map(|e| {
                let words = e.attributes().into_iter().map(|(_, word)| word);
                words.filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ")
            })
            .collect(),
        margins: plan.plane().is_some(),
        optional: plan.optional_columns(),
        elsewhere,
    })
}

/// Rule for outcomes in words; its numbers are in the attributes `rule_…`.
const SETTLE_RULE: &str = "steady: inside an ellipsoid about a stable equilibrium that no motion leaves (quadratic Lyapunov function of the linear \
     part, with a bound on the rest of Eq. 10); or the swing dies as the normal form of the Hopf point says; or Z alone relaxes, along stable \
     equilibria. oscillating: a stable limit cycle by Newton's method on the return map, to which the motion's own returns come nearer as the return \
     map says, over as many returns as its multipliers need to turn; or a swing that follows the normal form to it. What single precision cannot \
     decide is integrated in f64. certificate says which rule decided";

/// Rule for the responses to an input in words.
const RESPONSE_RULE: &str = "from the cell's start at t = 0 with V_n(t) = input, to response_t_end, by steps of order 8 that end at the input's corners, \
     in f64; a spike is a maximum of V after input_first_change whose swing is at least spike_threshold; the swing is the height above the higher \
     of the two neighbouring minima, or of V at the change and at the end; all other columns are of V_n without the input's step or pulses, or of \
     V_n(0) of an input that has its own";

/// Rule for the means of settled motions in words.
fn means_rule() -> String {
    let (revolutions, relaxations) = STRETCH;
    format!(
        "in f64: steady: of the equilibrium; oscillating: over one period of the cycle by Newton's method; chaotic and quasiperiodic: over {revolutions} 2 pi / Omega + {relaxations} / (alpha Gamma) in tau_c from where the motion was named; else NaN, as where the cycle is not found; interval: between the bursts of a motion that never closes or has several maxima a period, as in traces"
    )
}

fn dt_rule(plan: &Plan) -> String {
    if plan.request.dt.is_some() {
        return "as requested".to_string();
    }
    let part = if plan.request.precision == Precision::F64 { format!("{FINER} ") } else { String::new() };
    format!(
        "RK4, {part}min({ACCURATE_ROTATION}/rotation, {ACCURATE_STIFF}/max(stiff, drive)) for each cell by its own rates; dt is the shortest that any cell may need, from rotation = {:.6}, stiff = {:.6}, drive = {:.6}",
        plan.rates.rotation, plan.rates.stiff, plan.rates.drive
    )
}

fn time_rule(plan: &Plan) -> String {
    let requested = |name: &str, v: Option<f64>| v.map(|v| format!("; {name} = {v} as requested")).unwrap_or_default();
    format!("{}{}{}", timing::rule(), requested("t_max", plan.request.t_max), requested("window", plan.request.window))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::timing::tests::numbers;

    fn plan(more: &str) -> Plan {
        let toml = format!("grid = ['Gamma=0.1:1:4', 'V_n=-2:9:4']\n{more}\n[set]\nR_n = 6.0\n");
        Plan::new(Request::from_toml(&toml).unwrap()).unwrap()
    }

    #[test]
    fn fault_31_the_rule_for_steps_says_what_is_done() {
        for (precision, part) in [("f32", 1.0), ("f64", FINER)] {
            let plan = plan(&format!("precision = '{precision}'"));
            let rule = dt_rule(&plan);
            // The 4 of RK4 is not a number of the rule.
            let found = numbers(&rule.replace("RK4", "RK"));
            let (own, rest) = if precision == "f64" { (found[0], &found[1..]) } else { (1.0, &found[..]) };
            let [for_rotation, for_stiff, rotation, stiff, drive] = rest[..] else { panic!("{rule}") };
            assert_eq!(own, part);
            let dt = own * (for_rotation / rotation).min(for_stiff / stiff.max(drive));
            assert!((dt / plan.dt - 1.0).abs() < 1e-5, "{rule}: {dt} {}", plan.dt);
            // The step of a cell follows from its own rates.
            let cell = plan.single(0, 0).cell().unwrap().cell;
            let p = cell.parameters;
            let rates =
                crate::model::Rates::for_neuron(&p, cell.start.v, &crate::model::Conductance::new(p.l, p.lambda));
            let own = own * (for_rotation / rates.rotation).min(for_stiff / rates.stiff.max(rates.drive));
            assert!((cell.dt / own - 1.0).abs() < 0.02, "{} {own}", cell.dt);
        }
        assert_eq!(dt_rule(&plan("dt = 0.01")), "as requested");
    }

    #[test]
    fn fault_31_what_was_asked_for_stands_in_the_rule_for_times() {
        assert_eq!(time_rule(&plan("")), timing::rule());
        let requested = time_rule(&plan("t-max = 700.0\nwindow = 13.5"));
        assert_eq!(requested, format!("{}; t_max = 700 as requested; window = 13.5 as requested", timing::rule()));
    }
}
