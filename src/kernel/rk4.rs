//! One step of the classical Runge–Kutta method. Twin of `shaders/rk4.wgsl`.

use super::Real;
use super::neuron::Neuron;
use crate::model::State;

/// State s + h k.
#[inline]
pub fn moved<T: Real>(s: &State<T>, k: &State<T>, h: T) -> State<T> {
    State { x: s.x + h * k.x, y: s.y + h * k.y, z: s.z + h * k.z, v: s.v + h * k.v }
}

/// The state one step `dt` after `s`, with `k1` the derivative at `s`.
#[inline]
pub fn step<T: Real>(neuron: &Neuron<T>, s: &State<T>, k1: &State<T>, dt: T) -> State<T> {
    let half = T::of(0.5) * dt;
    let k2 = neuron.derivative(&moved(s, k1, half));
    let k3 = neuron.derivative(&moved(s, &k2, half));
    let k4 = neuron.derivative(&moved(s, &k3, dt));
    let two = T::of(2.0);
    let sum = State {
        x: k1.x + two * (k2.x + k3.x) + k4.x,
        y: k1.y + two * (k2.y + k3.y) + k4.y,
        z: k1.z + two * (k2.z + k3.z) + k4.z,
        v: k1.v + two * (k2.v + k3.v) + k4.v,
    };
    moved(s, &sum, dt / T::of(6.0))
}
