//! `hopfmap statics`: equilibria, folds, cusps and Hopf points of one neuron.

use super::command_report::{Format, Report as Out};
use super::device_args::DeviceArgs;
use super::outputs::{check_distinct, check_picture};
use super::page_args::PageArgs;
use super::parameter_args::ParameterArgs;
use crate::bifurcation::{
    Cusp, Equilibrium, HopfPoint, IvCurve, amplitude_law, equilibria_on, hopf_points, hopf_points_along_v_n, no_hopf,
};
use crate::error::{Error, Result, short, shown};
use crate::figure::{Statics, draw_current};
use crate::model::{F00Jets, Parameter, Parameters};
use crate::plan::Request;
use crate::store::Output;
use clap::Args;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Example shown in the help.
pub(super) const EXAMPLE: &str = "Example:\n  hopfmap statics --set R_n=5 --set V_n=2 --set Gamma=0.1 --plot load-lines.png\n\n\
    Without V_n there are no equilibria, without Gamma no stability and no Hopf points, without R_n cusps alone.";

/// Arguments of `hopfmap statics`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    #[command(flatten)]
    device: DeviceArgs,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Draw a picture of the result: FILE.png, FILE.svg or FILE.pdf
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub format: Format,
}

#[derive(Debug, Serialize)]
struct EquilibriumReport {
    #[serde(rename = "V")]
    v: f64,
    stability: Option<&'static str>,
    eigenvalues: Vec<[f64; 2]>,
    /// Friction Gamma + Z_T R_n F_01 V of the pendulum (Eq. 15); `None` without Gamma.
    friction: Option<f64>,
}

#[derive(Debug, Serialize)]
struct FoldReport {
    #[serde(rename = "V")]
    v: f64,
    #[serde(rename = "V_n")]
    v_n: f64,
}

#[derive(Debug, Serialize)]
struct CuspReport {
    #[serde(rename = "V")]
    v: f64,
    #[serde(rename = "R_n")]
    r_n: f64,
    #[serde(rename = "V_n")]
    v_n: f64,
}

#[derive(Debug, Serialize)]
struct HopfReport {
    #[serde(rename = "V")]
    v: f64,
    #[serde(rename = "V_n")]
    v_n: f64,
    omega: f64,
    lyapunov: Option<f64>,
    /// Factor a of span = a |V_n - V_n,AH|^½ next to the point.
    span_factor: Option<f64>,
    /// Whether the cycle is at higher V_n.
    cycle_is_above: Option<bool>,
}

/// A Hopf point along Z_T: a threshold Z_AH, above or below which there is a cycle.
#[derive(Debug, Serialize)]
struct ThresholdReport {
    #[serde(rename = "V")]
    v: f64,
    #[serde(rename = "Z_T")]
    z_t: f64,
    omega: f64,
    lyapunov: Option<f64>,
    span_factor: Option<f64>,
    cycle_is_above: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Found {
    /// Equilibria; `None` without V_n.
    equilibria: Option<Vec<EquilibriumReport>>,
    /// Folds; `None` without R_n.
    folds: Option<Vec<FoldReport>>,
    cusps: Vec<CuspReport>,
    /// Hopf points along V_n; `None` without R_n and Gamma.
    hopf: Option<Vec<HopfReport>>,
    /// Hopf points along Z_T; `None` without V_n, R_n and Gamma.
    thresholds: Option<Vec<ThresholdReport>>,
    /// Eigenfrequency (Omega² + Gamma²)^½ of the pendulum (Eq. 15); `None` without Gamma.
    omega_tilde: Option<f64>,
    /// Reason why there can be no Hopf point.
    #[serde(skip_serializing_if = "Option::is_none")]
    hopf_note: Option<&'static str>,
    /// Reason why there can be no Hopf point along Z_T.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_note: Option<&'static str>,
}

/// Computes and reports equilibria, folds, cusps and Hopf points.
pub(super) fn run(arguments: &Arguments) -> Result<Out> {
    use Parameter::{Gamma, RN, VN};
    let arguments_set = ParameterArgs::over(&arguments.device.over(Request::default())?, &arguments.set)?;
    let p = arguments_set.complete(&[VN, RN, Gamma])?;
    let has = |q| arguments_set.get(q).is_some();
    if has(VN) && !has(RN) {
        return Err(Error::request(
            "equilibria at V_n need the resistance, and R_n is not given",
            "add --set R_n=…, or leave V_n out",
        ));
    }
    arguments.page.check_of_result(arguments.plot.as_deref())?;
    if let Some(picture) = &arguments.plot {
        if !(has(RN) && p.r_n > 0.0) {
            return Err(Error::request("load lines need R_n above 0", "add --set R_n=…, or leave --plot off"));
        }
        let inputs: Vec<_> = arguments.device.input().into_iter().collect();
        check_distinct(&inputs, ("the picture", picture))?;
        check_picture(picture, arguments.force)?;
    }
    let profile = Arc::new(F00Jets::new(p.l, p.lambda));
    let curve = IvCurve::new(profile.clone(), p.x_0, p.l, p.z_t);
    let fold = |v: f64| FoldReport { v, v_n: curve.input(v, p.r_n) };
    let report = Found {
        equilibria: has(VN)
            .then(|| equilibria_on(&p, &curve, &profile).iter().map(|e| equilibrium(e, has(Gamma))).collect()),
        folds: has(RN).then(|| curve.folds(p.r_n).into_iter().map(fold).collect()),
        cusps: curve.cusps().into_iter().map(|Cusp { v, r_n, v_n }| CuspReport { v, r_n, v_n }).collect(),
        hopf: (has(RN) && has(Gamma)).then(|| hopf_points_along_v_n(&p).iter().map(hopf).collect()),
        thresholds: (has(VN) && has(RN) && has(Gamma))
            .then(|| hopf_points(Parameter::ZT, (0.0, 1.0), &p).iter().map(threshold).collect()),
        omega_tilde: has(Gamma).then(|| p.omega.hypot(p.gamma)),
        hopf_note: no_hopf(&p).filter(|_| has(RN) && has(Gamma)),
        threshold_note: no_hopf(&Parameters { z_t: 1.0, ..p }).filter(|_| has(VN) && has(RN) && has(Gamma)),
    };
    let finite = |e: &EquilibriumReport| e.eigenvalues.iter().flatten().all(|part| part.is_finite());
    if !report.equilibria.iter().flatten().all(finite) {
        return Err(Error::request(
            "the eigenvalues are beyond double precision",
            "give smaller values of V_n, R_n, Gamma or Omega",
        ));
    }
    let object = serde_json::to_value(&report)
        .map_err(|e| Error::request(format!("the report has no JSON form: {e}"), "please report this"))?;
    let mut out = Out::new(readable(&report, &arguments_set), object);
    if let Some(picture) = &arguments.plot {
        let found = Statics {
            has_v_n: has(VN),
            equilibria: report.equilibria.iter().flatten().map(|e| e.v).collect(),
            folds: report.folds.iter().flatten().map(|f| f.v).collect(),
        };
        draw_current(
            &p,
            &curve,
            &found,
            arguments.page.target_of_result(Output::with(picture, arguments.force), None)?,
        )?;
        out.drawn(picture);
    }
    Ok(out)
}

fn equilibrium(e: &Equilibrium, damped: bool) -> EquilibriumReport {
    let eigenvalues = e.linear.eigenvalues().map(|m| [m.re, m.im]).to_vec();
    // Without Gamma the eigenvalues are not the neuron's.
    EquilibriumReport {
        v: e.v,
        stability: damped.then(|| e.linear.stability().name()),
        eigenvalues: if damped { eigenvalues } else { Vec::new() },
        friction: damped.then(|| e.linear.friction()),
    }
}

/// First Lyapunov coefficient of a Hopf point, and factor and side of the amplitude law along a parameter.
fn born(h: &HopfPoint, parameter: Parameter) -> (Option<f64>, Option<f64>, Option<bool>) {
    let law = amplitude_law(h, parameter);
    (h.lyapunov.map(|l| l.coefficient), law.map(|l| l.factor), law.map(|l| l.is_above))
}

fn hopf(h: &HopfPoint) -> HopfReport {
    let (lyapunov, span_factor, cycle_is_above) = born(h, Parameter::VN);
    HopfReport { v: h.v, v_n: h.parameters.v_n, omega: h.omega, lyapunov, span_factor, cycle_is_above }
}

fn threshold(h: &HopfPoint) -> ThresholdReport {
    let (lyapunov, span_factor, cycle_is_above) = born(h, Parameter::ZT);
    ThresholdReport { v: h.v, z_t: h.parameters.z_t, omega: h.omega, lyapunov, span_factor, cycle_is_above }
}

/// Criticality of a Hopf point.
fn criticality(lyapunov: Option<f64>) -> String {
    match lyapunov {
        Some(l) if l < 0.0 => format!("supercritical, l_1 = {}", short(l)),
        Some(l) => format!("subcritical, l_1 = {}", short(l)),
        None => "no Lyapunov coefficient".into(),
    }
}

/// The amplitude law of the cycle born at a parameter's `value`.
fn law(name: &str, value: f64, factor: Option<f64>, is_above: Option<bool>) -> String {
    let Some((factor, is_above)) = factor.zip(is_above) else { return String::new() };
    let distance = match is_above {
        true if value < 0.0 => format!("{name} + {}", short(-value)),
        true => format!("{name} - {}", short(value)),
        false => format!("{} - {name}", short(value)),
    };
    format!(", span = {} ({distance})^½", short(factor))
}

/// Text of a number with ten decimals, in exponent form outside 1e-4..1e7.
fn digits(v: f64) -> String {
    let plain = v == 0.0 || (1e-4..1e7).contains(&v.abs());
    if plain { format!("{v:<14.10}") } else { format!("{v:<14.10e}") }
}

fn readable(report: &Found, arguments_set: &ParameterArgs) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    let values =
        Parameter::ALL.into_iter().filter_map(|p| arguments_set.get(p).map(|v| format!("{} = {}", p.name(), shown(v))));
    line(values.collect::<Vec<_>>().join(", "));
    line("\nEquilibria (Eq. 13)".into());
    if report.equilibria.is_none() {
        line("  they need V_n".into());
    }
    for e in report.equilibria.iter().flatten() {
        let pair = e.eigenvalues.iter().find(|m| m[1] > 0.0);
        let focus = pair.map_or(String::new(), |[re, im]| format!(", turning at omega = {im:.6} with rate {re:+.3e}"));
        line(format!("  V* = {} {}{focus}", digits(e.v), e.stability.unwrap_or("stability needs Gamma")));
        let eigenvalues = e.eigenvalues.iter().map(|[re, im]| {
            if *im == 0.0 {
                format!("{re:.6}")
            } else {
                format!("{re:.6}{}{:.6}i", if *im < 0.0 { '-' } else { '+' }, im.abs())
            }
        });
        if !e.eigenvalues.is_empty() {
            line(format!("       eigenvalues {}", eigenvalues.collect::<Vec<_>>().join(",  ")));
        }
        if let Some(friction) = e.friction {
            line(format!("       friction Gamma + Z_T R_n F_01 V = {friction:+.6}"));
        }
    }
    line("\nFolds (Eqs. E4, E5)".into());
    match &report.folds {
        None => line("  they need R_n".into()),
        Some(none) if none.is_empty() => line("  none: no hysteresis at this R_n".into()),
        Some(_) => {}
    }
    for f in report.folds.iter().flatten() {
        line(format!("  V = {} V_n = {}", digits(f.v), digits(f.v_n).trim_end()));
    }
    line("\nCusps (Eqs. E1-E3)".into());
    for c in &report.cusps {
        line(format!("  V = {} V_n = {} R_n = {}", digits(c.v), digits(c.v_n), digits(c.r_n).trim_end()));
    }
    line("\nHopf points along V_n (Eq. 14)".into());
    for h in report.hopf.iter().flatten() {
        let kind = criticality(h.lyapunov);
        let law = law("V_n", h.v_n, h.span_factor, h.cycle_is_above);
        line(format!("  V = {} V_n = {} omega = {:.8}  {kind}{law}", digits(h.v), digits(h.v_n), h.omega));
    }
    match (&report.hopf, report.hopf_note) {
        (None, _) => line("  they need R_n and Gamma".into()),
        (Some(none), Some(why)) if none.is_empty() => line(format!("  none: {why}")),
        (Some(none), None) if none.is_empty() => line("  none".into()),
        (Some(_), _) => {}
    }
    if let Some(thresholds) = &report.thresholds {
        line("\nThresholds Z_AH: Hopf points along Z_T at this V_n".into());
        if thresholds.is_empty() {
            line(report.threshold_note.map_or("  none".into(), |why| format!("  none: {why}")));
        }
        for t in thresholds {
            let (kind, law) = (criticality(t.lyapunov), law("Z_T", t.z_t, t.span_factor, t.cycle_is_above));
            line(format!("  V = {} Z_T = {} omega = {:.8}  {kind}{law}", digits(t.v), digits(t.z_t), t.omega));
        }
    }
    if let Some(omega_tilde) = report.omega_tilde {
        line(format!("\nPendulum (Eq. 15): eigenfrequency (Omega² + Gamma²)^½ = {omega_tilde:.8}"));
    }
    out
}
