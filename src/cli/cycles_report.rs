//! Branches of cycles, as text for a terminal and as one object for `--json`.

use super::command_report::path;
use super::outputs::Outputs;
use crate::bifurcation::{EquilibriumLines, LinePoint};
use crate::continuation::{CycleBranch, Diagram, Origin, Point, Special, SpecialKind};
use crate::error::{digits, short};
use serde_json::{Map, Value, json};
use std::fmt::Write;

fn origin(branch: &CycleBranch, name: &str) -> String {
    match branch.origin {
        Origin::Hopf(value) => format!("from the Hopf point at {name} = {}", digits(value, 9)),
        Origin::Start(value) => format!("through the cycle at {name} = {}", short(value)),
        Origin::Doubling(number, value) => {
            format!("from the period doubling of branch {} at {name} = {}", number + 1, digits(value, 9))
        }
    }
}

pub(super) fn text(found: &Diagram, lines: &EquilibriumLines, notes: &[String], outputs: &Outputs) -> String {
    let name = found.parameter.name();
    let plural = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let cycles = found.branches.iter().map(|b| b.points.len()).sum();
    let mut out = format!(
        "{}: {} of {} along {name}\n",
        outputs.output.display(),
        plural(found.branches.len(), "branch", "branches"),
        plural(cycles, "cycle", "cycles")
    );
    // Writing to a String cannot fail.
    let mut line = |text: String| {
        let _ = writeln!(out, "  {text}");
    };
    notes.iter().for_each(|note| line(note.clone()));
    for (number, branch) in found.branches.iter().enumerate() {
        line(format!(
            "branch {}: {}, {}",
            number + 1,
            origin(branch, name),
            plural(branch.points.len(), "cycle", "cycles")
        ));
        line(format!("  ends: {}; {}", branch.ends[0], branch.ends[1]));
        if let Some(widest) = branch.points.iter().max_by(|a, b| a.span().total_cmp(&b.span())) {
            line(format!("  largest span {} at {name} = {}", digits(widest.span(), 7), digits(widest.value, 7)));
        }
        for s in &branch.special {
            let at = format!("  {:<10} {name} = {:<15}", s.kind.name(), digits(s.value, 11));
            let more = match s.kind {
                SpecialKind::Homoclinic => {
                    format!("span {}, to the equilibrium at V = {}", digits(s.span, 7), digits(s.equilibrium, 7))
                }
                _ => format!("span {}, period {}", digits(s.span, 7), digits(s.period, 7)),
            };
            line(format!("{at} {more}"));
        }
    }
    if !lines.special.is_empty() {
        line("equilibria:".to_string());
    }
    for s in &lines.special {
        let born = match s.lyapunov {
            l if l.is_finite() => format!(", omega = {}, l_1 = {}", digits(s.omega, 8), short(l)),
            _ => String::new(),
        };
        line(format!("  {:<10} {name} = {:<15} V = {}{born}", s.kind.name(), digits(s.value, 11), digits(s.v, 9)));
    }
    out
}

pub(super) fn object(found: &Diagram, lines: &EquilibriumLines, notes: &[String], outputs: &Outputs) -> Value {
    let name = found.parameter.name();
    let record = |entries: Vec<(&str, Value)>| {
        Value::Object(entries.into_iter().map(|(k, v)| (k.to_string(), v)).collect::<Map<_, _>>())
    };
    let cycle = |c: &Point| {
        record(vec![
            (name, c.value.into()),
            ("span", c.span().into()),
            ("v_min", c.v_min.into()),
            ("v_max", c.v_max.into()),
            ("v_mean", c.v_mean.into()),
            ("period", c.period.into()),
            ("current", c.current.into()),
            ("power", c.power.into()),
            ("maxima", c.maxima.into()),
            ("multipliers", c.multipliers.map(|m| [m.re, m.im]).to_vec().into_iter().map(|m| json!(m)).collect()),
            ("stable", c.is_stable().into()),
        ])
    };
    let special = |s: &Special| {
        record(vec![
            ("kind", s.kind.name().into()),
            (name, s.value.into()),
            ("span", s.span.into()),
            ("period", s.period.into()),
            ("equilibrium", s.equilibrium.into()),
        ])
    };
    let branch = |b: &CycleBranch| {
        json!({
            "origin": origin(b, name),
            "points": b.points.iter().map(cycle).collect::<Vec<_>>(),
            "special": b.special.iter().map(special).collect::<Vec<_>>(),
            "ends": b.ends.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    };
    let line = |points: &Vec<LinePoint>| {
        points
            .iter()
            .map(|e| record(vec![(name, e.value.into()), ("V", e.v.into()), ("stable", e.stable.into())]))
            .collect::<Vec<_>>()
    };
    let special_equilibria = lines.special.iter().map(|s| {
        record(vec![
            ("kind", s.kind.name().into()),
            (name, s.value.into()),
            ("V", s.v.into()),
            ("omega", s.omega.into()),
            ("lyapunov", s.lyapunov.into()),
        ])
    });
    json!({
        "output": path(&outputs.output),
        "along": name,
        "notes": notes,
        "branches": found.branches.iter().map(branch).collect::<Vec<_>>(),
        "equilibria": {
            "lines": lines.lines.iter().map(line).collect::<Vec<_>>(),
            "special": special_equilibria.collect::<Vec<_>>(),
        },
    })
}
