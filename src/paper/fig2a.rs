//! Fig. 2a: the surface of equilibria V*(R_n, V_n) at Z_T = 1, with its fold lines, the cusp, and a
//! ramp of V_n at R_n = 8.

use crate::bifurcation::IvCurve;
use crate::error::Result;
use crate::figure::{Surface, Thread, draw_surface, subtitle};
use crate::model::{F00Jets, Parameter, Start};
use crate::paper::{PaperRun, Quality};
use crate::store::{CurvePoint, CurveSet, write_curves};
use std::sync::Arc;

const R_N: (f64, f64) = (0.0, 10.0);
const V_N: (f64, f64) = (0.0, 8.0);
const V: (f64, f64) = (0.0, 8.0);
/// R_n and Gamma of the ramp.
const RAMP: (f64, f64) = (8.0, 1.0);
/// Number of intervals of the mesh along R_n and along V.
const NET: (u32, u32) = (40, 120);

pub(super) fn cells(quality: Quality) -> u64 {
    2 * quality.pick([161, 401, 801])
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let p = run.parameters(0.0, RAMP.0, RAMP.1);
    let curve = IvCurve::new(Arc::new(F00Jets::new(p.l, p.lambda)), p.x_0, p.l, p.z_t);
    let part = |(low, high): (f64, f64), i: u32, n: u32| low + (high - low) * f64::from(i) / f64::from(n);
    // A larger R_n of the ramp needs larger axes.
    let scale = (p.r_n / R_N.1).max(1.0);
    let [r_ns, v_ns, vs] = [R_N, V_N, V].map(|(low, high)| (low, scale * high));
    // V_n is a function of R_n and V, so the surface has no folds in these coordinates.
    let row = |i: u32| {
        let r_n = part(r_ns, i, NET.0);
        (0..=NET.1).map(|j| part(vs, j, NET.1)).map(|v| [r_n, curve.input(v, r_n), v]).collect()
    };
    let rows: Vec<Vec<[f64; 3]>> = (0..=NET.0).map(row).collect();
    let cusp = curve.cusps().into_iter().find(|c| c.v > 0.0);
    let mut folds = [Vec::new(), Vec::new()];
    if let Some(c) = cusp {
        for i in 0..=400 {
            let r_n = part((c.r_n, r_ns.1), i, 400);
            // Two folds on the side of positive V: where V jumps up, and where it jumps down.
            for (fold, v) in folds.iter_mut().zip(curve.folds(r_n).into_iter().filter(|v| *v > 0.0)) {
                fold.push([r_n, curve.input(v, r_n), v]);
            }
        }
    }
    let n = cells(run.quality) / 2;
    let axes = [format!("V_n={}:{}:{n}", v_ns.0, v_ns.1)];
    let plan = run.own_plan(&axes, &[(Parameter::RN, p.r_n), (Parameter::Gamma, p.gamma)], Start::Rest)?;
    let walked = crate::sweep::ramp(&plan, run.chosen, None, run.progress)?;
    let way = |direction: usize| {
        let value = |i: usize| [p.r_n, walked.values[i], walked.at(direction, i, 0).v_mean];
        (0..walked.values.len()).map(value).filter(|p| p[2].is_finite()).collect::<Vec<_>>()
    };
    let thread = |name: &str, colour, points| Thread { name: name.to_string(), colour, points };
    let mut threads: Vec<Thread> = folds.into_iter().map(|f| thread("fold", [255, 127, 14], f)).collect();
    threads.push(thread("V_n ramp, up", [214, 39, 40], way(0)));
    threads.push(thread("V_n ramp, down", [240, 150, 200], way(1)));
    threads.extend(cusp.map(|c| thread("cusp", [255, 200, 0], vec![[c.r_n, c.v_n, c.v]])));

    let kinds = ["equilibria", "fold", "ramp_up", "ramp_down", "cusp"];
    let points = |points: &[[f64; 3]]| {
        let point = |p: &[f64; 3]| CurvePoint::plain(*p);
        points.iter().map(point).collect::<Vec<_>>()
    };
    let numbered = threads.iter().zip([1, 1, 2, 3, 4]).map(|(t, kind)| (kind, points(&t.points)));
    let lines = rows.iter().map(|r| (0, points(r))).chain(numbered).collect();
    let fixed: Vec<_> = [
        Parameter::Gamma,
        Parameter::Alpha,
        Parameter::ZT,
        Parameter::Omega,
        Parameter::X0,
        Parameter::L,
        Parameter::Lambda,
    ]
    .map(|q| (q, p.get(q)))
    .to_vec();
    let attributes = run.provenance("fig2a", "Equilibria V* over R_n and V_n (Fig. 2a)");
    let plane = [Parameter::RN, Parameter::VN];
    write_curves(
        run.output(&run.path("fig2a", "h5")),
        &CurveSet { fixed: fixed.clone(), kinds: kinds.to_vec(), lines, attributes, ..CurveSet::new(plane) },
    )?;
    threads.retain(|t| !t.points.is_empty());
    let surface = Surface {
        title: "Equilibrium voltage V* over R_n and V_n".into(),
        subtitle: subtitle(&fixed),
        edges: [("R_n".into(), r_ns.0, r_ns.1), ("V_n".into(), v_ns.0, v_ns.1), ("V*".into(), vs.0, vs.1)],
        rows,
        threads,
    };
    run.draw("fig2a", |output| draw_surface(&surface, output))
}
