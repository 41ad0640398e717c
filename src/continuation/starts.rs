//! First points of branches: next to a Hopf point, from a known cycle, at a period doubling.

use super::flow::System;
use super::mesh::Mesh;
use super::node::{Node, Units};
use super::shooting::{Condition, Direction, FIRST, Orbit, Z, solve};
use crate::bifurcation::{Equilibrium, HopfPoint, oscillation};
use crate::cycle::{Cycle, point};
use crate::model::State;
use nalgebra::{Complex, Vector4};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Size of the first cycle next to a Hopf point: the length of its first Fourier coefficient.
const SIZE: f64 = 1e-3;
/// Distance of the first cycle from a period doubling.
const DOUBLED: f64 = 2e-3;
/// Factor between two sizes that are tried.
const SMALLER: f64 = 0.25;
/// Sizes that are tried.
const SIZES: i32 = 4;

/// The direction along z in which the points move by `u`.
fn direction(u: &Vector4<f64>) -> Direction {
    let mut d = [0.0; Z];
    d[..4].copy_from_slice(u.as_slice());
    d
}

/// The first cycle of the branch born at a Hopf point, with its direction away from that point.
pub(super) fn at_hopf(system: &System<1>, units: Units, hopf: &HopfPoint) -> Option<Node> {
    (0..SIZES).find_map(|n| at_hopf_with(system, units, hopf, SIZE * SMALLER.powi(n)))
}

fn at_hopf_with(system: &System<1>, units: Units, hopf: &HopfPoint, size: f64) -> Option<Node> {
    let value = hopf.parameters.get(system.continued[0]);
    let flow = system.at([value])?;
    let e = Equilibrium::at(hopf.v, &hopf.parameters, &flow.profile);
    let [v, z, x, y] = oscillation(&e)?.right;
    let mode = [x, y, z, v];
    let centre = Vector4::new(0.0, 0.0, hopf.parameters.z_t, hopf.v);
    // q e^(i omega t) moves fastest where the real part of i q is longest: that is where the real part of q is shortest.
    let square: Complex<f64> = mode.iter().map(|c| c * c).sum();
    let phase = Complex::from_polar(1.0, -0.5 * square.arg() + 0.25 * TAU);
    let at = |part: f64| {
        let turned = phase * Complex::from_polar(1.0, TAU * part);
        Vector4::from(mode.map(|c| (c * turned).re))
    };
    let (period, away) = (TAU / hopf.omega, at(0.0));
    let (mesh, _) = Mesh::along_motion(&flow.field(), &(centre + away * size), period, 1)?;
    let mut time = 0.0;
    let mut nodes = Vec::new();
    for steps in &mesh.segments {
        nodes.push(centre + at(time) * size);
        time += steps.iter().sum::<f64>();
    }
    let orbit = Orbit { mesh: Arc::new(mesh), nodes, period, values: [value] };
    let row = direction(&away);
    let condition = Condition { row, from: orbit.z(), value: 0.0 };
    let anchor = orbit.nodes[0];
    let normal = at(0.25).normalize();
    let found = solve(system, orbit, (&anchor, &normal), &[condition])?;
    let node = Node::new(system, units, found.orbit, found.linear, &row)?;
    let grown = node.orbit.nodes[0] - centre;
    let is_near = (node.orbit.period / period - 1.0).abs() < 0.2 && grown.dot(&away) > 0.0;
    is_near.then_some(node)
}

/// The node of a cycle, with the parameter rising.
pub(super) fn at_cycle(system: &System<1>, units: Units, value: f64, cycle: &Cycle) -> Option<Node> {
    at_state(system, units, value, (&cycle.state, cycle.period))
}

/// The node of a point of a branch, with the parameter rising.
#[cfg(test)]
pub(super) fn at_point(system: &System<1>, units: Units, p: &super::point::Point) -> Option<Node> {
    at_state(system, units, p.value, (&p.state, p.period))
}

/// The node of the cycle through a state, with the parameter rising.
fn at_state(system: &System<1>, units: Units, value: f64, (state, period): (&State<f64>, f64)) -> Option<Node> {
    let flow = system.at([value])?;
    // At a maximum of V the other rates are those of a rotation.
    let u = point(state);
    let (mesh, nodes) = Mesh::along_motion(&flow.field(), &u, period, 1)?;
    let orbit = Orbit { mesh: Arc::new(mesh), nodes, period, values: [value] };
    let normal = flow.field().rate(&u).normalize();
    let found = solve(system, orbit, (&u, &normal), &[Condition::fixed(FIRST, value)])?;
    let mut rising = [0.0; Z];
    rising[FIRST] = 1.0;
    Node::new(system, units, found.orbit, found.linear, &rising)?.remeshed(system, units, 1)
}

/// The first cycle of twice the period at a period doubling of a branch; `multiple` is its cycles' own
/// multiple of the period from which period doublings have led to it.
pub(super) fn at_doubling(system: &System<1>, units: Units, at: &Node, multiple: usize) -> Option<Node> {
    (0..SIZES).find_map(|n| at_doubling_with(system, units, at, multiple, DOUBLED * SMALLER.powi(n)))
}

fn at_doubling_with(system: &System<1>, units: Units, at: &Node, multiple: usize, size: f64) -> Option<Node> {
    let flow = system.at(at.orbit.values)?;
    let rate = flow.field().rate(&at.orbit.nodes[0]);
    let u = at.map.doubling_direction(&rate)?;
    let (points, _) = at.linear.spread(&direction(&u), 0.0)?;
    let mesh = &at.orbit.mesh;
    let halved = mesh.segments.iter().map(|s| s.iter().map(|step| 0.5 * step).collect::<Vec<f64>>());
    let segments: Vec<_> = halved.clone().chain(halved).collect();
    let (first, second) = (at.orbit.nodes.iter().zip(&points), at.orbit.nodes.iter().zip(&points));
    let nodes = first.map(|(u, d)| u + d * size).chain(second.map(|(u, d)| u - d * size)).collect();
    let half = mesh.segments.len();
    let orbit = Orbit {
        mesh: Arc::new(Mesh { segments, half }),
        nodes,
        period: 2.0 * at.orbit.period,
        values: at.orbit.values,
    };
    let row = direction(&u);
    let condition = Condition { row, from: orbit.z(), value: 0.0 };
    let anchor = orbit.nodes[0];
    let found = solve(system, orbit, (&anchor, &at.normal), &[condition])?;
    let node = Node::new(system, units, found.orbit, found.linear, &row)?;
    let apart = node.orbit.across().norm();
    let is_doubled = apart > 0.5 * size && (node.orbit.period / (2.0 * at.orbit.period) - 1.0).abs() < 0.1;
    is_doubled.then(|| node.remeshed(system, units, 2 * multiple)).flatten()
}

/// The cycle of half the period next to a cycle whose two halves are nearly the same.
pub(super) fn once_around(system: &System<1>, units: Units, node: &Node) -> Option<Node> {
    let half = node.orbit.mesh.half;
    let segments: Vec<Vec<f64>> =
        node.orbit.mesh.segments[..half].iter().map(|s| s.iter().map(|step| 2.0 * step).collect()).collect();
    let nodes = (0..half).map(|i| 0.5 * (node.orbit.nodes[i] + node.orbit.nodes[(i + half) % node.orbit.nodes.len()]));
    let nodes: Vec<Vector4<f64>> =
        if node.orbit.nodes.len() == 2 * half { nodes.collect() } else { node.orbit.nodes[..half].to_vec() };
    let values = node.orbit.values;
    let orbit =
        Orbit { mesh: Arc::new(Mesh { segments, half: half / 2 }), nodes, period: 0.5 * node.orbit.period, values };
    let anchor = orbit.nodes[0];
    let found = solve(system, orbit, (&anchor, &node.normal), &[Condition::fixed(FIRST, values[0])])?;
    let mut rising = [0.0; Z];
    rising[FIRST] = 1.0;
    Node::new(system, units, found.orbit, found.linear, &rising)
}
