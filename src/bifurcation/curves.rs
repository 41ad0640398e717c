//! Hopf, fold and cusp sets in the plane of any two parameters, as ordered polylines.
//!
//! The module `plane` traces them.

use super::codimension::{Codimension2, SpecialPoint};
use super::hopf::no_hopf;
use super::plane::{CurveKind, FOLD, HOPF, Plane, Point, Side};
use super::test_functions::{TestFunctions, v_range, with};
use crate::error::{Error, Result};
use crate::model::{Parameter, Parameters};

/// The bifurcation curves of a plane of two parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The plane's two parameters, along x and along y.
    pub plane: [Parameter; 2],
    /// Polylines, each with its kind; a cusp is a polyline of one point.
    pub lines: Vec<(CurveKind, Vec<Point>)>,
    /// Points of codimension 2 on the curves.
    pub special: Vec<SpecialPoint>,
    /// Reason why there is no Hopf curve, if a parameter that is constant over the plane rules it
    /// out.
    pub no_hopf: Option<&'static str>,
}

impl Curves {
    /// The polylines of one kind.
    pub fn of(&self, kind: CurveKind) -> impl Iterator<Item = &[Point]> {
        self.lines.iter().filter(move |(k, _)| *k == kind).map(|(_, line)| line.as_slice())
    }
}

/// All bifurcation curves of a plane of two parameters; `base` holds the other parameters.
///
/// `base`'s own values of the two parameters are not used.
///
/// # Errors
/// [`Error::Request`] if both sides are the same parameter, a range is empty, or an end is outside
/// the parameter's allowed range.
pub fn curves(sides: [Side; 2], base: &Parameters<f64>) -> Result<Curves> {
    let plane = sides.map(|s| s.parameter);
    if plane[0] == plane[1] {
        return Err(Error::request(
            format!("a plane of {} against itself has no curves", plane[0].name()),
            "name two different parameters",
        ));
    }
    for Side { parameter: p, low, high, log } in sides {
        for end in [low, high] {
            p.check(end)?;
        }
        if !(low < high) || log && low <= 0.0 {
            return Err(Error::request(
                format!("{} from {low} to {high} is an empty range", p.name()),
                format!("write {}=START:STOP with START below STOP", p.name()),
            ));
        }
    }
    let v = v_range(base, &sides.map(|s| (s.parameter, (s.low, s.high))));
    let functions = TestFunctions::new(*base);
    let plane_box = Plane::new(&functions, v, sides);
    let sampled = plane_box.sampled();
    // Only constant parameters may rule out Hopf points, so those of the plane take their upper
    // ends.
    let elsewhere = sides.iter().fold(*base, |p, s| with(&p, s.parameter, s.high));
    let no_hopf = no_hopf(&elsewhere);
    let hopf = if no_hopf.is_some() { Vec::new() } else { plane_box.trace(&sampled, HOPF, |t| t.hopf) };
    let mut hopf = plane_box.clipped(hopf, |t| t.c_1 > 0.0, |t| vec![t.balance, t.fold, t.c_1]);
    // Next to a degenerate side a zero may be rounding.
    hopf.retain(|line| line.iter().any(|at| !plane_box.is_degenerate(*at)));
    let folds = plane_box.trace(&sampled, FOLD, |t| t.fold);
    drop(sampled);
    let (mut lines, mut special): (Vec<_>, Vec<SpecialPoint>) = (Vec::new(), Vec::new());
    let whole = plane_box.whole();
    let mut add = |found: &SpecialPoint| {
        if !special.iter().any(|s| s.is_same(found, whole)) {
            special.push(*found);
        }
    };
    for line in &hopf {
        let mut line = line.clone();
        for (after, found) in plane_box.between(&line, true).into_iter().rev() {
            add(&found);
            line.insert(after + 1, [found.v, found.x, found.y]);
        }
        lines.push((CurveKind::Hopf, line.iter().map(|at| plane_box.point(*at, CurveKind::Hopf)).collect()));
    }
    for line in folds.iter().filter(|line| line.len() > 1) {
        lines.push((CurveKind::Fold, line.iter().map(|at| plane_box.point(*at, CurveKind::Fold)).collect()));
        for (_, found) in plane_box.between(line, false) {
            add(&found);
            if found.kind == Codimension2::Cusp {
                let at = [found.v, found.x, found.y];
                lines.push((CurveKind::Cusp, vec![plane_box.point(at, CurveKind::Cusp)]));
            }
        }
    }
    Ok(Curves { plane, lines, special, no_hopf })
}

/// The Hopf curves in the plane of two parameters, as polylines; `p` holds all other parameters.
///
/// They are roots of the Hopf condition for the Jacobian of Eq. 14. The sign of a point's Lyapunov
/// coefficient says whether the cycle born there is stable.
///
/// # Errors
/// [`Error::Request`] as for [`curves`].
pub fn hopf_curves(x: Side, y: Side, p: &Parameters<f64>) -> Result<Vec<Vec<Point>>> {
    Ok(curves([x, y], p)?.of(CurveKind::Hopf).map(<[Point]>::to_vec).collect())
}
