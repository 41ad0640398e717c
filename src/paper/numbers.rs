//! Every number of the paper's text compared with ours: difference, agreement and a note.

use crate::bifurcation::{CurveKind, IvCurve, Linear, Side, amplitude_law, curves, hopf_points, hopf_points_along_v_n};
use crate::cycle::cycle;
use crate::error::{Error, Result};
use crate::model::{F00Jets, Parameter, Parameters, Start, State};
use crate::optimum::{Border, Quantity};
use crate::paper::{PaperRun, Quality, fig3, fig4a, fig5a, fig5b, fit, optimum};
use crate::plan::outcome;
use crate::store::write_file;
use crate::sweep::ramp;
use serde::Serialize;
use std::f64::consts::TAU;
use std::fmt::Write;
use std::sync::Arc;

/// Result of comparing a number with the paper's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// The difference is within a unit of the last printed digit.
    Agrees,
    /// The paper has a misprint; the note gives the reason.
    Slip,
    /// The difference is larger; ours agrees with another value, which the note names.
    #[serde(rename = "not reproduced")]
    NotReproduced,
    /// The paper has no value; the note says what ours is compared with.
    Open,
    /// Ours does not agree with what it is compared with.
    Fail,
}

/// A number of the paper and our value of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Number {
    /// Description, and place in the paper.
    pub name: String,
    /// The paper's value; NaN (`null` in JSON) if it has none.
    pub paper: f64,
    /// Our value.
    pub ours: f64,
    /// Our value minus the paper's; NaN if it has none.
    pub difference: f64,
    /// Whether the values agree.
    #[serde(rename = "verdict")]
    pub agreement: Agreement,
    /// Tolerance and its reason; for a misprint, the intended value.
    pub note: String,
}

impl Number {
    fn new(name: &str, paper: f64, ours: f64, within: f64, note: &str) -> Self {
        let difference = ours - paper;
        let agreement = if difference.abs() <= within { Agreement::Agrees } else { Agreement::Fail };
        Self {
            name: name.into(),
            paper,
            ours,
            difference,
            agreement,
            note: format!("within {}: {note}", two_digits(within)),
        }
    }

    /// A misprinted number; `explained` is whether the intended value is reproduced.
    fn slip(name: &str, paper: f64, ours: f64, explained: bool, note: &str) -> Self {
        let agreement = if explained { Agreement::Slip } else { Agreement::Fail };
        Self { name: name.into(), paper, ours, difference: ours - paper, agreement, note: note.into() }
    }

    /// A number that was not reproduced; `checked` is whether ours agrees with what the note says.
    fn not_reproduced(name: &str, paper: f64, ours: f64, checked: bool, note: &str) -> Self {
        let agreement = if checked { Agreement::NotReproduced } else { Agreement::Fail };
        Self { name: name.into(), paper, ours, difference: ours - paper, agreement, note: note.into() }
    }

    /// A number that the paper leaves open; `checked` is whether ours agrees with what the note says.
    fn open(name: &str, ours: f64, checked: bool, note: &str) -> Self {
        let agreement = if checked { Agreement::Open } else { Agreement::Fail };
        Self { name: name.into(), paper: f64::NAN, ours, difference: f64::NAN, agreement, note: note.into() }
    }
}

/// Text of a tolerance in two digits.
fn two_digits(value: f64) -> String {
    let unit = if value > 0.0 { 10_f64.powf(value.log10().floor() - 1.0) } else { 1.0 };
    // Converted through text, so that no binary remainder shows.
    format!("{:.1e}", (value / unit).round() * unit)
        .parse::<f64>()
        .map_or_else(|_| value.to_string(), |v| v.to_string())
}

/// One unit in the last of `decimals` places, where a printed number may be rounded or truncated.
fn digits(decimals: i32) -> f64 {
    10_f64.powi(-decimals)
}

pub(super) fn cells(quality: Quality) -> u64 {
    fig4a::cells(quality) + fig5b::cells(quality) + 2 * JUMP_STEPS + optimum::task().coarse_cells()
}

/// Number of values of the ramp that shows the jumps.
const JUMP_STEPS: u64 = 321;

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let mut all = statics();
    all.extend(dynamics(run)?);
    all.extend(beyond(run)?);
    let json = run.path("numbers", "json");
    let text = serde_json::to_string_pretty(&all).map_err(|e| Error::file_because(&json, "has no JSON form", e))?;
    write_file(run.output(&json), (text + "\n").as_bytes())?;
    let page = run.path("numbers", "md");
    write_file(run.output(&page), markdown(&all).as_bytes())?;
    run.numbers = all;
    Ok(())
}

/// Parameters of the paper at an input voltage: R_n = 5, Gamma = 0.1, Z_T = 1.
fn at(v_n: f64) -> Parameters<f64> {
    Parameters::at(v_n, 5.0, 0.1)
}

/// Numbers of the statics: Sec. III, Sec. IV up to the dynamics, Appendices E and F.
fn statics() -> Vec<Number> {
    let p = at(2.0);
    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    let curve = IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t);
    let mut all = Vec::new();
    let mut say = |name: &str, paper: f64, ours: f64, within: f64, note: &str| {
        all.push(Number::new(name, paper, ours, within, note));
    };
    if let Some(c) = curve.cusps().into_iter().find(|c| c.v > 0.0) {
        say("cusp: V (Sec. III, App. E)", 1.8866, c.v, digits(4), "its printed digits");
        say("cusp: R_n", 1.7779, c.r_n, digits(4), "its printed digits");
        say("cusp: V_n", 2.4454, c.v_n, digits(4), "its printed digits");
        say("R_n above which V* folds (Sec. III)", 1.77, c.r_n, digits(2), "the cusp's, cut off after two decimals");
    }
    let folds: Vec<f64> = curve.folds(8.0).into_iter().filter(|v| *v > 0.0).collect();
    for (i, (v, v_n)) in [(1.4336, 5.4501), (2.6689, 2.9232)].into_iter().enumerate() {
        let ours = folds.get(i).copied().unwrap_or(f64::NAN);
        say(&format!("fold {} at R_n = 8: V (App. E)", i + 1), v, ours, digits(4), "its printed digits");
        say(&format!("fold {} at R_n = 8: V_n", i + 1), v_n, curve.input(ours, 8.0), digits(4), "its printed digits");
    }
    let hopf = hopf_points_along_v_n(&p);
    let nearest = |v_n: f64| {
        let all = hopf.iter().map(|h| h.parameters.v_n);
        all.min_by(|a, b| (a - v_n).abs().total_cmp(&(b - v_n).abs())).unwrap_or(f64::NAN)
    };
    say("onset of oscillations along V_n (Sec. IV)", 0.23, nearest(0.23), digits(2), "its printed digits");
    say("their end along V_n (Sec. IV)", 3.31, nearest(3.31), digits(2), "its printed digits");
    let z_t = hopf_points(Parameter::ZT, (0.0, 1.0), &p).first().map_or(f64::NAN, |h| h.parameters.z_t);
    say("onset along Z_T (Sec. IV)", 0.16, z_t, digits(2), "its printed digits");
    say("onset along Z_T in the fits of Fig. 5b", 0.17, z_t, digits(2), "its printed digits");
    let frequency = |v_n: f64| {
        let v = curve.equilibria(v_n, p.r_n).first().copied().unwrap_or(f64::NAN);
        let all = Linear::at(v, &at(v_n), &profile).eigenvalues();
        all.iter().map(|m| m.im).fold(0.0, f64::max)
    };
    all.push(Number::slip(
        "imaginary part of the eigenvalue at V_n = 0.23 (Sec. IV)",
        7.0224,
        frequency(0.23),
        (frequency(0.22) - 7.0224).abs() < digits(4),
        &format!(
            "7.0224 belongs to V_n = 0.22, where it is {:.4}; at the Hopf point it is {:.4}",
            frequency(0.22),
            frequency(0.225_384_542)
        ),
    ));
    let side = |parameter, high| Side { parameter, low: 0.0, high, log: false };
    let plane = [side(Parameter::VN, 9.0), side(Parameter::RN, 16.0)];
    let regions =
        |z_t: f64| curves(plane, &Parameters { z_t, ..p }).map_or(f64::NAN, |c| c.of(CurveKind::Hopf).count() as f64);
    all.push(Number::new(
        "regions of oscillation at Z_T = 0 (Fig. 5a)",
        0.0,
        regions(fig5a::Z_T[5]),
        0.0,
        "the text: there is none",
    ));
    all
}

/// Numbers from integrated motion: Secs. III and IV, Figs. 3 to 5.
fn dynamics(run: &mut PaperRun<'_>) -> Result<Vec<Number>> {
    let mut all = Vec::new();
    let trajectory = fig3::trajectory()?;
    let peak = trajectory.spectrum()?.peak;
    let omega = cycle(&at(0.23), &State::rest(1.0)).map_or(f64::NAN, |c| TAU / c.period);
    all.push(Number::not_reproduced(
        "frequency at V_n = 0.23 (Fig. 3c)",
        7.0246,
        peak,
        (peak - omega).abs() < digits(4),
        &format!(
            "the cycle's own frequency by Newton's method is {omega:.5}; the paper does not say how long its record was"
        ),
    ));

    let map = fig4a::map(run)?;
    let spans = fig4a::spans(&map)?;
    let (top, largest) = spans.iter().copied().fold((f64::NAN, 0.0), |m, p| if p.1 > m.1 { p } else { m });
    all.push(Number::slip(
        "largest span along V_n (Fig. 4a)",
        0.699,
        largest,
        (largest - 0.0699).abs() < digits(4),
        "a zero is missing: 0.0699, as the paper's own fit says, 0.060 √(1.73 - 0.23) = 0.073",
    ));
    all.push(Number::new("V_n of the largest span", 1.73, top, digits(2), "its printed digits"));
    for (name, (a, range, at)) in [("0.23", fig4a::ONSET), ("3.31", fig4a::END)] {
        let ours = fit::root(&spans, range, at);
        let name = format!("factor of the root at V_n = {name} (Fig. 4a)");
        all.push(Number::new(&name, a, ours, digits(3), "its printed digits; by least squares over the paper's range"));
    }

    let map = fig5b::map(run)?;
    for (i, alpha) in fig5b::ALPHA.into_iter().enumerate() {
        let (factor, threshold) = fig5b::FIT;
        let points = fig5b::spans(&map, i)?;
        let fitted = fit::root(&points, (threshold, 1.0), threshold);
        let onset = hopf_points(Parameter::ZT, (0.0, 1.0), &Parameters { alpha, ..at(2.0) });
        let law = onset.first().and_then(|h| amplitude_law(h, Parameter::ZT)).map_or(f64::NAN, |l| l.factor);
        let name = format!("factor of the root along Z_T at alpha = {alpha} (Fig. 5b)");
        all.push(Number::new(
            &name,
            factor * alpha.sqrt(),
            law,
            digits(4) * alpha.sqrt(),
            &format!(
                "the printed digits of 0.0734, times √alpha; by the first Lyapunov coefficient at the threshold ({fitted:.4} by least squares \
                 over the map, with the paper's threshold 0.17)"
            ),
        ));
        let first = points.first().map_or(f64::NAN, |p| p.0);
        let name = format!("first Z_T that oscillates at alpha = {alpha} (Fig. 5b)");
        all.push(Number::new(&name, threshold, first, digits(2), "its printed digits; the exact threshold is 0.16725"));
    }

    let axes = [format!("V_n=0:8:{JUMP_STEPS}")];
    let plan = run.plan(&axes, &[(Parameter::RN, 8.0), (Parameter::Gamma, 1.0)], Start::Rest)?;
    let walked = ramp(&plan, run.chosen, None, run.progress)?;
    let jump = |direction: usize| {
        let size = |i: &usize| (walked.at(direction, *i, 0).v_mean - walked.at(direction, i - 1, 0).v_mean).abs();
        let at = (1..walked.values.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(1);
        0.5 * (walked.values[at] + walked.values[at - 1])
    };
    let (up, down, step) = (jump(0), jump(1), walked.values[1] - walked.values[0]);
    all.push(Number::not_reproduced(
        "V_n at which V jumps up on a ramp at R_n = 8 (Sec. III)",
        5.3,
        up,
        (up - 5.4501).abs() <= 2.0 * step,
        &format!(
            "App. E has the fold at 5.4501, within two steps of {step}; the paper does not say how fast its ramp was"
        ),
    ));
    all.push(Number::new(
        "V_n at which V jumps down on a ramp at R_n = 8 (Sec. III)",
        3.0,
        down,
        0.5,
        "its printed digit; App. E has 2.9232",
    ));
    Ok(all)
}

/// Differences of the largest span from that of the integrated motion, and of Gamma from the best of its neighbours, at most.
const SAME_SPAN: f64 = 1e-6;
const NEIGHBOUR: f64 = 0.01;

/// What the paper leaves open at the end of Sec. IV: the largest span over Gamma and alpha.
fn beyond(run: &mut PaperRun<'_>) -> Result<Vec<Number>> {
    let found = optimum::found(run)?;
    let best = optimum::best(&found)?;
    let ([gamma, alpha], span) = ([best.at[0], best.at[1]], best.values[Quantity::Span as usize]);
    let base = optimum::task().base;
    let span_at = |gamma: f64| -> Result<f64> {
        let end = outcome(&Parameters { gamma, alpha, ..base }, State::rest(base.z_t), None)?;
        Ok(end.map_or(f64::NAN, |end| end.span))
    };
    let is_span = (span_at(gamma)? - span).abs() <= SAME_SPAN;
    let is_top = span_at(gamma - NEIGHBOUR)? < span && span_at(gamma + NEIGHBOUR)? < span;
    let is_border = best.borders.iter().any(|b| matches!(b, Border::Bound { range: 1, is_physical: true, .. }));
    let same = format!("left open there; the motion from rest, integrated, has the same span within {SAME_SPAN}");
    let top = format!("left open there; the motions at a Gamma {NEIGHBOUR} smaller and larger have smaller spans");
    Ok(vec![
        Number::open("largest span over Gamma and alpha at V_n = 2, R_n = 6 (end of Sec. IV)", span, is_span, &same),
        Number::open("Gamma of that span", gamma, is_top, &top),
        Number::open(
            "alpha of that span",
            alpha,
            is_border,
            "left open there; the physical limit (App. C), where the span still grows",
        ),
    ])
}

/// Formats the table as Markdown.
#[must_use]
pub fn markdown(all: &[Number]) -> String {
    let mut out = String::from(
        "| number | paper | ours | difference | verdict | note |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for n in all {
        let agreement = match n.agreement {
            Agreement::Agrees => "agrees",
            Agreement::Slip => "slip of the print",
            Agreement::NotReproduced => "not reproduced",
            Agreement::Open => "open in the paper",
            Agreement::Fail => "FAIL",
        };
        let (paper, difference) = match n.paper.is_nan() {
            true => ("–".to_string(), "–".to_string()),
            false => (crate::error::shown((n.paper * 1e5).round() / 1e5), format!("{:+.1e}", n.difference)),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} | {paper} | {:.5} | {difference} | {agreement} | {} |", n.name, n.ours, n.note);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_static_numbers_agree_and_a_wrong_one_would_not() {
        let all = statics();
        assert_eq!(all.len(), 14);
        assert!(all.iter().all(|n| n.agreement != Agreement::Fail), "{all:#?}");
        assert_eq!(all.iter().filter(|n| n.agreement == Agreement::Slip).count(), 1);
        assert_eq!(Number::new("x", 1.0, 1.2, 0.1, "").agreement, Agreement::Fail);
        assert_eq!(Number::new("x", 1.0, f64::NAN, 0.1, "").agreement, Agreement::Fail);
        assert_eq!(Number::slip("x", 0.699, 0.08, false, "").agreement, Agreement::Fail);
        assert_eq!(Number::open("x", 0.1, false, "").agreement, Agreement::Fail);
        let open = markdown(&[Number::open("x", 0.15, true, "why")]);
        assert!(open.contains("| x | – | 0.15000 | – | open in the paper | why |"), "{open}");
        assert!(markdown(&all).contains("| cusp: R_n | 1.7779 | 1.77792 |"), "{}", markdown(&all));
    }
}
