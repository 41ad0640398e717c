//! All branches of cycles along one parameter: from every Hopf point, from given cycles, and at period doublings.

use super::branch::{Half, Tracer};
use super::flow::System;
use super::node::Node;
use super::point::{CycleBranch, End, Origin, Special, SpecialKind};
use super::special::FoundSpecial;
use super::starts::{at_cycle, at_doubling, at_hopf};
use super::watch::Watch;
use crate::bifurcation::{HopfPoint, hopf_points};
use crate::cycle::Cycle;
use crate::model::{Parameter, Parameters};
use std::f64::consts::TAU;

/// Turns of a period up to which period-doubled branches are followed.
const MOST_MULTIPLE: usize = 16;
/// Branches at most.
const MOST_BRANCHES: usize = 200;
/// Difference of a parameter's values, relative to the range, at which two special points are the same, and of the
/// equilibria's voltages, relative to 1 + |V|.
const SAME: f64 = 1e-6;

/// Branches of cycles along one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagram {
    /// The continued parameter.
    pub parameter: Parameter,
    /// Its range.
    pub range: (f64, f64),
    /// Hopf points in the range, in order of the parameter.
    pub hopf: Vec<HopfPoint>,
    /// Branches: first those from Hopf points, then those from starts, then period-doubled ones.
    pub branches: Vec<CycleBranch>,
}

/// A branch with the cycles of its special points.
pub(super) struct Traced {
    /// The branch.
    pub branch: CycleBranch,
    /// Number of times that its cycles go around.
    pub multiple: usize,
    /// Special points with their cycles, but for ends.
    pub special: Vec<FoundSpecial>,
    /// Cycles of half the period at period doublings where the branch ends.
    pub once: Vec<Node>,
}

/// The branches from all Hopf points (if `from_hopf`) and from these cycles at their values of the parameter; with
/// `doubled`, those at period doublings too.
#[must_use]
pub fn diagram(
    p: &Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    from_hopf: bool,
    starts: &[(f64, Cycle)],
    doubled: bool,
) -> Diagram {
    diagram_watched(p, parameter, range, (from_hopf, doubled), starts, &Watch::default())
}

/// As [`diagram`], watched; `from_hopf` and `doubled` come as a pair. Where it is cancelled, branches are missing.
#[must_use]
pub fn diagram_watched(
    p: &Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    which: (bool, bool),
    starts: &[(f64, Cycle)],
    watch: &Watch,
) -> Diagram {
    let (hopf, traced) = traced(p, parameter, range, which, starts, watch);
    Diagram { parameter, range, hopf, branches: traced.into_iter().map(|t| t.branch).collect() }
}

/// The Hopf points, and the branches with the cycles of their special points.
pub(super) fn traced(
    p: &Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    (from_hopf, doubled): (bool, bool),
    starts: &[(f64, Cycle)],
    watch: &Watch,
) -> (Vec<HopfPoint>, Vec<Traced>) {
    let hopf = hopf_points(parameter, range, p);
    let system = System::new(*p, [parameter]);
    let tracer = Tracer { system: &system, range, watch };
    let same = |a: f64, b: f64| (a - b).abs() <= SAME * (range.1 - range.0);
    let mut traced: Vec<Traced> = Vec::new();
    for h in hopf.iter().filter(|_| from_hopf && watch.goes_on()) {
        let value = h.parameters.get(parameter);
        // A branch from another Hopf point may have ended here.
        let ends_here = |s: &Special| {
            s.kind == SpecialKind::Hopf
                && same(s.value, value)
                && (s.equilibrium - h.v).abs() < SAME * (1.0 + h.v.abs())
        };
        if traced.iter().any(|t| t.branch.special.iter().any(ends_here)) {
            continue;
        }
        if let Some(node) = at_hopf(&system, tracer.units(), h) {
            let first = Special {
                kind: SpecialKind::Hopf,
                value,
                span: 0.0,
                period: TAU / h.omega,
                v_max: h.v,
                equilibrium: h.v,
                after: 0,
            };
            traced.push(one_way(&tracer, &node, 1, Origin::Hopf(value), first, End::Hopf));
        }
    }
    for (value, cycle) in starts {
        if let Some(node) = at_cycle(&system, tracer.units(), *value, cycle) {
            traced.push(both_ways(&tracer, &node, *value));
        }
    }
    let mut number = 0;
    while doubled && number < traced.len() && traced.len() < MOST_BRANCHES && watch.goes_on() {
        let multiple = traced[number].multiple;
        let is_doubling = |f: &&FoundSpecial| f.special.kind == SpecialKind::Doubling && multiple < MOST_MULTIPLE;
        let doublings: Vec<FoundSpecial> = traced[number].special.iter().filter(is_doubling).cloned().collect();
        for at in doublings {
            let value = at.special.value;
            let ends_here = |s: &Special| {
                s.kind == SpecialKind::Doubling
                    && same(s.value, value)
                    && (s.period / at.special.period - 1.0).abs() < 1e-5
            };
            let is_known = traced[number + 1..].iter().any(|t| t.branch.special.iter().any(ends_here));
            if is_known {
                continue;
            }
            if let Some(node) = at_doubling(&system, tracer.units(), &at.node, multiple) {
                let first = Special { after: 0, ..at.special };
                traced.push(one_way(
                    &tracer,
                    &node,
                    2 * multiple,
                    Origin::Doubling(number, value),
                    first,
                    End::Doubling,
                ));
            }
        }
        number += 1;
    }
    (hopf, traced)
}

/// The branches through cycles of half the period where others end, `most` at most.
pub(super) fn once_around(
    p: &Parameters<f64>,
    parameter: Parameter,
    range: (f64, f64),
    others: &[Traced],
    most: usize,
    watch: &Watch,
) -> Vec<Traced> {
    let system = System::new(*p, [parameter]);
    let tracer = Tracer { system: &system, range, watch };
    let nodes = others.iter().filter(|t| t.multiple == 1).flat_map(|t| &t.once).take(most);
    nodes.map(|node| both_ways(&tracer, node, node.point.value)).collect()
}

fn one_way(tracer: &Tracer<'_>, node: &Node, multiple: usize, origin: Origin, first: Special, begin: End) -> Traced {
    let half = tracer.follow(node, multiple);
    tracer.watch.add_branch();
    let (found, once) = (half.special.clone(), half.once.clone().into_iter().collect());
    let later = |s: &Special| Special { after: s.after + 1, ..s.clone() };
    let mut special = vec![first];
    special.extend(half.special.iter().map(|f| later(&f.special)));
    let count = half.points.len();
    special.extend(half.last.iter().map(|s| Special { after: count + 1, ..s.clone() }));
    let points = std::iter::once(node.point.clone()).chain(half.points).collect();
    Traced { branch: CycleBranch { origin, points, special, ends: [begin, half.end] }, multiple, special: found, once }
}

fn both_ways(tracer: &Tracer<'_>, node: &Node, value: f64) -> Traced {
    let up = tracer.follow(node, 1);
    let closed = up.end == End::Loop;
    let down = if closed {
        Half { points: Vec::new(), special: Vec::new(), last: None, end: End::Loop, once: None }
    } else {
        tracer.follow(&reversed(node), 1)
    };
    tracer.watch.add_branch();
    let before = down.points.len();
    let mut special: Vec<Special> = Vec::new();
    special.extend(down.last.iter().map(|s| Special { after: 0, ..s.clone() }));
    special.extend(down.special.iter().rev().map(|f| Special { after: before - f.special.after, ..f.special.clone() }));
    special.extend(up.special.iter().map(|f| Special { after: before + 1 + f.special.after, ..f.special.clone() }));
    special.extend(up.last.iter().map(|s| Special { after: before + 1 + up.points.len(), ..s.clone() }));
    let found = [down.special.clone(), up.special.clone()].concat();
    let once = [&down, &up].into_iter().filter_map(|half| half.once.clone()).collect();
    let mut points: Vec<_> = down.points.into_iter().rev().collect();
    points.push(node.point.clone());
    points.extend(up.points);
    let ends = [down.end, up.end];
    Traced {
        branch: CycleBranch { origin: Origin::Start(value), points, special, ends },
        multiple: 1,
        special: found,
        once,
    }
}

/// The node with the other direction along the branch.
fn reversed(node: &Node) -> Node {
    let mut other = node.clone();
    other.tangent.iter_mut().for_each(|t| *t = -*t);
    other
}
