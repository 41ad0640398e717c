//! Slips of the print: misprints in equations and captions, each with what gives it away.

use super::{Statement, Verdict};
use crate::bifurcation::IvCurve;
use crate::model::{F00Jets, Parameters};
use std::sync::Arc;

/// Slips of the print that are not among the numbers.
pub(super) fn slips() -> Vec<Statement> {
    let slip = |place, statement, command, found: &str| Statement {
        place,
        statement,
        command,
        found: found.to_string(),
        verdict: Verdict::Slip,
    };
    let mut all = vec![
        slip(
            "Eq. 1",
            "The well's energy is m Omega_p² (x - x_0)²",
            "",
            "it lacks its ½: Eq. 2 and the first equation of Appendix A have it, and Omega_p is the well's frequency only with it",
        ),
        slip(
            "Eq. 14",
            "The entry of dV/dt by Z has R_T",
            "",
            "R_n is meant: the row below has Z_T R_n for 2 Z_T times the same entry",
        ),
        slip(
            "Eq. B2",
            "Z(t) decays with gamma_phi",
            "",
            "gamma_T is meant: Eq. B1 has dZ/dt = -gamma_T (Z - Z_T), and Eq. C1 squares exp(-gamma_T t)",
        ),
        slip(
            "Fig. 2b, caption",
            "Both load lines are at V_n^(1)",
            "",
            "the second one is V_n^(2) = 2.9232, as Sec. III and Appendix E name it",
        ),
    ];
    let p = Parameters::at(0.0, 8.0, 1.0);
    let curve = IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
    if let Some(v) = curve.folds(p.r_n).into_iter().find(|v| *v > 0.0) {
        let (v_n, current) = (curve.input(v, p.r_n), curve.current(v)[0]);
        // The line through (V, I) with slope -1/R_n meets V = 0 at this current.
        let at_zero = current + v / p.r_n;
        all.push(Statement {
            place: "Sec. III",
            statement: "The load line joins the points R_n V_n and V_n",
            command: "hopfmap paper fig2b",
            found: format!(
                "V_n / R_n is meant: the line that touches I(V) at V = {v:.4} has I = {at_zero:.4} at V = 0, and V_n / R_n = {:.4}",
                v_n / p.r_n
            ),
            verdict: Verdict::Slip,
        });
    }
    all
}
