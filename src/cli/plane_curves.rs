//! Curves of a plane as they are stored and reported: those of equilibria, and with `--cycles` those of cycles.

use super::progress::{Display, Work, with_progress};
use super::signals::listen;
use crate::bifurcation::{Codimension2, CurveKind, Curves, Side, SpecialPoint};
use crate::continuation::{CurveEnd, CycleCurves, cycle_curves};
use crate::engine::Progress;
use crate::error::{Error, Result};
use crate::model::Parameters;
use crate::store::{CURVE_KINDS, CurvePoint, CurveSet, FIRST_OF_CYCLES, StoredEnds, StoredPoint};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::atomic::Ordering;

/// Lines along each side on which points of cycles are looked for, unless said otherwise.
const LINES: &str = "7";
/// Parts of the work that progress counts.
const PARTS: u64 = 1000;
/// Most such lines.
const MOST_LINES: usize = 200;

/// The option that adds curves of cycles.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CyclesArgs {
    /// Add the curves of folds of cycles (LPC), period doublings (PD) and Neimark–Sacker points (NS), looked for on N lines
    /// along each side of the plane [default N: 7]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = LINES)]
    pub cycles: Option<String>,
}

impl CyclesArgs {
    /// The number of lines, if curves of cycles are wanted.
    ///
    /// # Errors
    /// [`Error::Request`] if it is no number from 1 to 200.
    pub(super) fn lines(&self) -> Result<Option<usize>> {
        let number = |text: &String| {
            text.parse().ok().filter(|n| (1..=MOST_LINES).contains(n)).ok_or_else(|| {
                let problem = format!("--cycles={text} is no number of lines from 1 to {MOST_LINES}");
                Error::request(problem, format!("leave '={text}' off, or write --cycles=12"))
            })
        };
        self.cycles.as_ref().map(number).transpose()
    }
}

/// Computes the curves of cycles, with progress; Ctrl-C ends it.
///
/// # Errors
/// [`Error::Interrupted`] if cancelled.
pub(super) fn of_cycles(
    sides: [Side; 2],
    base: &Parameters<f64>,
    found: &Curves,
    lines: usize,
    display: Display,
) -> Result<CycleCurves> {
    let progress = Progress::default();
    listen(&progress.stop);
    let work = Work { cells: PARTS, verb: "done", unit: "parts of the work", display };
    let done = |share: f64| {
        progress.cells_done.fetch_max((share * PARTS as f64) as u64, Ordering::Relaxed);
    };
    with_progress(work, &progress, || cycle_curves(sides, base, &found.special, lines, &progress.stop, &done))
}

/// Lines and points of both kinds of curves, as they are stored.
pub(super) fn stored(found: &Curves, cycles: Option<&CycleCurves>) -> CurveSet {
    let none = f64::NAN;
    let equilibrium = |p: &crate::bifurcation::Point| CurvePoint {
        x: p.x,
        y: p.y,
        v: p.v,
        omega: p.omega,
        lyapunov: p.lyapunov,
        cycle: [none; 3],
    };
    let point = |s: &SpecialPoint| StoredPoint { kind: s.kind as u8, at: [s.x, s.y], v: s.v, period: s.period };
    let mut set = CurveSet {
        kinds: CURVE_KINDS.to_vec(),
        lines: found.lines.iter().map(|(kind, line)| (*kind as u8, line.iter().map(equilibrium).collect())).collect(),
        special: found.special.iter().map(point).collect(),
        names: [Codimension2::ALL.map(Codimension2::name).to_vec(), CurveEnd::NAMES.to_vec()],
        ..CurveSet::new(found.plane)
    };
    for curve in cycles.map_or(&[][..], |c| &c.curves) {
        let line = u32::try_from(set.lines.len()).unwrap_or(u32::MAX);
        set.ends.push(StoredEnds { line, ends: [curve.ends[0].number(), curve.ends[1].number()] });
        let cycle = |p: &crate::continuation::PlanePoint| CurvePoint {
            x: p.values[0],
            y: p.values[1],
            v: none,
            omega: none,
            lyapunov: none,
            cycle: [p.period, p.v_min, p.v_max],
        };
        set.lines.push((FIRST_OF_CYCLES + curve.kind as u8, curve.points.iter().map(cycle).collect()));
        for (_, s) in &curve.special {
            let is_known = |k: &StoredPoint| {
                k.kind == s.kind as u8
                    && (k.at[0] - s.x).abs() <= 1e-7 * (1.0 + s.x.abs())
                    && (k.at[1] - s.y).abs() <= 1e-7 * (1.0 + s.y.abs())
            };
            if !set.special.iter().any(is_known) {
                set.special.push(point(s));
            }
        }
    }
    set
}

/// What is in a set, as text for a terminal.
pub(super) fn text(set: &CurveSet, found: &Curves, cycles: Option<&CycleCurves>) -> String {
    let names = set.plane.map(crate::model::Parameter::name);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let mut text = String::new();
    let kinds = if cycles.is_some() { CURVE_KINDS.len() } else { usize::from(FIRST_OF_CYCLES) };
    for (number, name) in CURVE_KINDS.iter().enumerate().take(kinds) {
        let (lines, points) = count(set, number);
        let why = found.no_hopf.filter(|_| number == CurveKind::Hopf as usize);
        let words = why.map(|why| format!(" (none: {why})")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<6} {lines} line{}, {points} point{}{words}", plural(lines), plural(points));
    }
    for (number, curve) in (1..).zip(cycles.map_or(&[][..], |c| &c.curves)) {
        let place = |p: Option<&crate::continuation::PlanePoint>| {
            p.map_or(String::new(), |p| format!("({:.6}, {:.6})", p.values[0], p.values[1]))
        };
        let _ = writeln!(
            text,
            "  curve {number}: {}, from {} to {}\n    ends: {}; {}",
            curve.kind.name(),
            place(curve.points.first()),
            place(curve.points.last()),
            curve.ends[0],
            curve.ends[1]
        );
    }
    if !set.special.is_empty() {
        let _ = writeln!(text, "  points of codimension 2:");
    }
    for s in &set.special {
        let Some(kind) = Codimension2::ALL.get(usize::from(s.kind)) else { continue };
        let period = if s.period.is_finite() { format!(", period {:.8}", s.period) } else { String::new() };
        let _ = writeln!(
            text,
            "    {:<4} {:<27} {} = {:<13.10} {} = {:<13.10} V = {:.8}{period}",
            kind.label(),
            kind.name(),
            names[0],
            s.at[0],
            names[1],
            s.at[1],
            s.v
        );
    }
    if let Some(lines) = cycles.map(|c| c.lines).filter(|lines| *lines > 0) {
        let _ = writeln!(
            text,
            "  cycles were looked for on {lines} line{} along each side: a curve that meets none of them, and no point of codimension 2 of another curve, is missed",
            plural(lines)
        );
    }
    for note in cycles.map_or(&[][..], |c| &c.notes) {
        let _ = writeln!(text, "  {note}");
    }
    text
}

fn count(set: &CurveSet, number: usize) -> (usize, usize) {
    let of_kind = || set.lines.iter().filter(|(kind, _)| usize::from(*kind) == number);
    (of_kind().count(), of_kind().map(|(_, line)| line.len()).sum())
}

/// What is in a set, for `--json`.
pub(super) fn object(set: &CurveSet, found: &Curves, cycles: Option<&CycleCurves>) -> Value {
    let [x, y] = set.plane.map(crate::model::Parameter::name);
    let record = |entries: Vec<(&str, Value)>| {
        Value::Object(entries.into_iter().map(|(k, v)| (k.to_string(), v)).collect::<Map<_, _>>())
    };
    let special = |kind: Codimension2, at: [f64; 2], v: f64, period: f64| {
        record(vec![
            ("kind", kind.name().into()),
            ("label", kind.label().into()),
            (x, at[0].into()),
            (y, at[1].into()),
            ("V", v.into()),
            ("period", period.into()),
        ])
    };
    let mut object = json!({ "x": x, "y": y });
    let kinds = if cycles.is_some() { CURVE_KINDS.len() } else { usize::from(FIRST_OF_CYCLES) };
    for (number, name) in CURVE_KINDS.iter().enumerate().take(kinds) {
        let (lines, points) = count(set, number);
        object[*name] = json!({ "lines": lines, "points": points });
    }
    if let Some(why) = found.no_hopf {
        object["hopf_note"] = format!("none: {why}").into();
    }
    let points = set
        .special
        .iter()
        .filter_map(|s| Some(special(*Codimension2::ALL.get(usize::from(s.kind))?, s.at, s.v, s.period)));
    object["special"] = points.collect();
    let Some(cycles) = cycles else { return object };
    let curve = |c: &crate::continuation::CycleCurve| {
        let point = |p: &crate::continuation::PlanePoint| {
            record(vec![
                (x, p.values[0].into()),
                (y, p.values[1].into()),
                ("period", p.period.into()),
                ("span", p.span().into()),
                ("v_min", p.v_min.into()),
                ("v_max", p.v_max.into()),
                ("multipliers", p.multipliers.map(|m| [m.re, m.im]).iter().map(|m| json!(m)).collect()),
            ])
        };
        let special = |(_, s): &(usize, SpecialPoint)| special(s.kind, [s.x, s.y], s.v, s.period);
        json!({
            "kind": c.kind.name(),
            "points": c.points.iter().map(point).collect::<Vec<_>>(),
            "ends": c.ends.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "special": c.special.iter().map(special).collect::<Vec<_>>(),
        })
    };
    object["curves"] = cycles.curves.iter().map(curve).collect();
    object["notes"] = cycles.notes.clone().into();
    object
}

/// The ends of the curves of cycles, and what was not followed, as the file's attributes.
pub(super) fn attributes(set: &CurveSet, cycles: &CycleCurves) -> Vec<(String, crate::store::Value)> {
    let ends = set.ends.iter().zip(&cycles.curves);
    let ends = ends.map(|(e, c)| format!("line {}, {}: {}; {}", e.line, c.kind.name(), c.ends[0], c.ends[1]));
    let text = |name: &str, lines: Vec<String>| {
        (!lines.is_empty()).then(|| (name.to_string(), crate::store::Value::Text(lines.join("\n"))))
    };
    [text("curve_ends", ends.collect()), text("curve_notes", cycles.notes.clone())].into_iter().flatten().collect()
}
