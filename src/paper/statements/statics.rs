//! Statements about equilibria, folds and thresholds: Sec. III, and Sec. IV as far as nothing is integrated.

use super::{Statement, Verdict, judged, with_verdict};
use crate::bifurcation::{CurveKind, IvCurve, Side, Stability, curves, equilibria, hopf_points, hopf_points_along_v_n};
use crate::model::{F00Jets, Parameter, Parameters};
use std::sync::Arc;

/// Largest R_n at which a region of Fig. 5a is looked for.
const FAR: f64 = 4000.0;

fn curve(p: &Parameters<f64>) -> IvCurve {
    IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t)
}

/// Widths in V_n of the hysteresis loops at R_n = 10 for a position of the well, at negative and at positive V_n.
fn widths(x_0: f64) -> [f64; 2] {
    let p = Parameters { x_0, ..Parameters::at(0.0, 10.0, 1.0) };
    let folds = curve(&p).folds_with_input(p.r_n);
    let mut found = [0.0; 2];
    for pair in folds.chunks_exact(2) {
        found[usize::from(pair[0].v > 0.0)] = (pair[0].v_n - pair[1].v_n).abs();
    }
    found
}

/// Largest R_n at which there is a Hopf point for some V_n > 0, at Gamma = 0.1, by bisection.
fn tip(z_t: f64) -> f64 {
    let oscillates = |r_n: f64| {
        let p = Parameters { z_t, ..Parameters::at(0.0, r_n, 0.1) };
        hopf_points_along_v_n(&p).iter().any(|h| h.v > 0.0)
    };
    let (mut low, mut high) = (10.0, FAR);
    if !oscillates(low) || oscillates(high) {
        return f64::NAN;
    }
    while high - low > 1e-3 {
        let middle = 0.5 * (low + high);
        if oscillates(middle) { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

pub(super) fn statements() -> Vec<Statement> {
    let mut all = hysteresis();
    all.extend(stability());
    all
}

fn hysteresis() -> Vec<Statement> {
    let at = |r_n: f64| Parameters::at(4.0, r_n, 0.1);
    let voltages = |p: &Parameters<f64>| curve(p).equilibria(p.v_n, p.r_n);
    let other = Parameters { alpha: 0.3, omega: 3.0, ..Parameters::at(4.0, 8.0, 1.7) };
    let (folds_below, folds_above) = (curve(&at(1.777)).folds(1.777).len(), curve(&at(1.779)).folds(1.779).len());
    let slopes: Vec<f64> = voltages(&at(8.0)).iter().map(|v| -1.0 - 8.0 * curve(&at(8.0)).current(*v)[1]).collect();
    let cusps: Vec<f64> = [1.0, 0.5, 0.0]
        .into_iter()
        .map(|z_t| {
            let cusps = curve(&Parameters { z_t, ..at(8.0) }).cusps();
            cusps.iter().find(|c| c.v > 0.0).map_or(f64::NAN, |c| c.r_n)
        })
        .collect();
    let ([left, right], [narrow, wide]) = (widths(0.0), widths(0.1));
    vec![
        judged(
            "Sec. III",
            "The equilibria do not involve coherent processes",
            "hopfmap statics --set V_n=4 --set R_n=8",
            voltages(&at(8.0)) == voltages(&other),
            "X = Y = 0, and V* is the same for any Gamma, alpha and Omega".into(),
        ),
        judged(
            "Sec. III",
            "V*(V_n) folds for R_n above 1.77",
            "hopfmap statics --set R_n=1.779",
            folds_below == 0 && folds_above == 2,
            format!("{folds_below} folds with V > 0 at R_n = 1.777, {folds_above} at 1.779"),
        ),
        judged(
            "Sec. III",
            "Three equilibria, two stable and one unstable for fixed X, Y and Z",
            "hopfmap statics --set V_n=4 --set R_n=8",
            matches!(slopes[..], [a, b, c] if a < 0.0 && b > 0.0 && c < 0.0),
            format!(
                "at V_n = 4, R_n = 8: dV'/dV = {}",
                slopes.iter().map(|s| format!("{s:.3}")).collect::<Vec<_>>().join(", ")
            ),
        ),
        judged(
            "Sec. III, Fig. 2c",
            "The loops are symmetric for x_0 = 0; with x_0 = 0.1 one shrinks and the other widens",
            "hopfmap paper fig2c",
            (left - right).abs() < 1e-9 && narrow.min(wide) < left && narrow.max(wide) > left,
            format!("widths in V_n at negative and positive V_n: {left:.4} and {right:.4}; {narrow:.4} and {wide:.4}"),
        ),
        judged(
            "Sec. III",
            "The hysteresis exists for any Z_T",
            "hopfmap statics --set R_n=20 --set Z_T=0",
            cusps.iter().all(|r| r.is_finite()),
            format!("it begins at R_n = {:.4}, {:.4} and {:.4} for Z_T = 1, 0.5 and 0", cusps[0], cusps[1], cusps[2]),
        ),
    ]
}

fn stability() -> Vec<Statement> {
    let p = Parameters::at(2.0, 6.0, 0.1);
    let focus = equilibria(&p)[0];
    // Without the coherences' element b = 0, and the (X, Y) pair decays with Gamma alone.
    let without = focus.linear.friction() - p.gamma;
    let side = |parameter, high| Side { parameter, low: 0.0, high, log: false };
    let fig_5a = |z_t: f64| {
        let plane = [side(Parameter::VN, 9.0), side(Parameter::RN, 16.0)];
        curves(plane, &Parameters { z_t, ..Parameters::at(0.0, 8.0, 0.1) })
    };
    let coefficients: Vec<f64> = fig_5a(1.0).map_or(Vec::new(), |c| {
        c.of(CurveKind::Hopf).flatten().map(|point| point.lyapunov).filter(|l| l.is_finite()).collect()
    });
    let subcritical = coefficients.iter().filter(|l| **l > 0.0).count();
    let none = fig_5a(0.0).map_or(usize::MAX, |c| c.of(CurveKind::Hopf).count());
    let tips = [1.0, 0.5, 0.2].map(tip);
    let gamma_max = |alpha: f64| {
        let found = hopf_points(Parameter::Gamma, (0.01, 2.0), &Parameters { alpha, ..p });
        found.iter().map(|h| h.parameters.gamma).fold(f64::NAN, f64::max)
    };
    let highest = [0.05, 1.0, 2.0].map(gamma_max);
    let by_z_t = [0.25, 0.5, 1.0].map(|z_t| {
        let found = hopf_points(Parameter::Gamma, (0.01, 2.0), &Parameters { z_t, ..p });
        found.iter().map(|h| h.parameters.gamma).fold(f64::NAN, f64::max)
    });
    let quiet = equilibria(&Parameters::at(0.2, 5.0, 0.1));
    let onset = hopf_points_along_v_n(&Parameters::at(0.0, 5.0, 0.1)).into_iter().find(|h| h.v > 0.0);
    let omega = onset.map_or(f64::NAN, |h| h.omega);
    let tilde = 7.0_f64.hypot(0.1);
    vec![
        judged(
            "Sec. IV",
            "The Jacobian depends on coherences, and they are involved in stability",
            "hopfmap statics --set V_n=2 --set R_n=6 --set Gamma=0.1",
            focus.stability() == Stability::UnstableFocus && without < -p.gamma,
            format!(
                "friction {:.4}, of which the coherences' element F_01 makes {without:.4}; without it the pair decays with Gamma = 0.1",
                focus.linear.friction()
            ),
        ),
        judged(
            "Sec. IV",
            "The Andronov-Hopf bifurcations give birth to stable oscillations",
            "hopfmap curves --x V_n=0:9 --y R_n=0:16 --set Gamma=0.1 -o curves.h5",
            !coefficients.is_empty() && subcritical == 0,
            format!("l_1 is negative at all {} points of the curve in Fig. 5a's plane at Z_T = 1", coefficients.len()),
        ),
        judged(
            "Sec. IV",
            "For small V_n there is a steady state only",
            "hopfmap statics --set V_n=0.2 --set R_n=5 --set Gamma=0.1",
            quiet.len() == 1 && quiet[0].stability() == Stability::Stable,
            "V_n = 0.2: one equilibrium, stable".into(),
        ),
        judged(
            "Fig. 5a",
            "The region of oscillations does not exist for Z_T = 0",
            "hopfmap curves --x V_n=0:9 --y R_n=0:16 --set Gamma=0.1 --set Z_T=0 -o none.h5",
            none == 0,
            "no Hopf curve: at Z_T = 0 the voltage does not act on the particle".into(),
        ),
        judged(
            "Fig. 5a",
            "It remains bounded with Z_T > 0, and grows as Z_T goes to 1",
            "hopfmap curves --x V_n=0:100 --y R_n=0:1200 --set Gamma=0.1 -o wide.h5",
            tips[0] > tips[1] && tips[1] > tips[2],
            format!(
                "it ends at R_n = {:.1}, {:.1} and {:.1} for Z_T = 1, 0.5 and 0.2, beyond the figure",
                tips[0], tips[1], tips[2]
            ),
        ),
        judged(
            "Sec. IV",
            "The negative friction comes from off-diagonal elements",
            "hopfmap statics --set V_n=2 --set R_n=6 --set Gamma=0.1",
            focus.linear.friction() < 0.0,
            format!("Z_T R_n F_01 V = {without:.4} at the equilibrium, against Gamma = 0.1"),
        ),
        with_verdict(
            Verdict::InPart,
            judged(
                "Sec. IV",
                "Near the bifurcation the frequency is close to (Omega² + Gamma²)^½, and above Omega",
                "hopfmap statics --set R_n=5 --set V_n=0.23 --set Gamma=0.1",
                omega > 7.0 && (omega - tilde).abs() < 0.03,
                format!(
                    "omega = {omega:.5} at the onset, (Omega² + Gamma²)^½ = {tilde:.5}: above Omega, but that explains {:.0} % of the shift",
                    100.0 * (tilde - 7.0) / (omega - 7.0)
                ),
            ),
        ),
        judged(
            "Fig. 6a",
            "There is always a largest Gamma, and it grows with Z_T",
            "hopfmap curves --x Gamma=0.01:1 --y Z_T=0:1 --set V_n=2 --set R_n=6 -o tongue.h5",
            by_z_t[0] < by_z_t[1] && by_z_t[1] < by_z_t[2],
            format!("Gamma = {:.6}, {:.6} and {:.6} for Z_T = 0.25, 0.5 and 1", by_z_t[0], by_z_t[1], by_z_t[2]),
        ),
        judged(
            "Fig. 6b",
            "The largest Gamma does not depend on alpha",
            "hopfmap statics --set V_n=2 --set R_n=6 --set Gamma=0.6544 --set alpha=0.05",
            highest.iter().all(|g| (g - highest[0]).abs() < 1e-12),
            format!("{:.9} for alpha = 0.05, 1 and 2", highest[0]),
        ),
    ]
}
