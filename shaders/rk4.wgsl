// One step of the classical Runge-Kutta method. Twin of src/kernel/rk4.rs.

// The state one step `dt` after `s`, with `k1` the derivative at `s`.
fn rk4(n: Neuron, s: State, k1: State, dt: f32) -> State {
    let half = 0.5 * dt;
    let k2 = derivative(n, s + half * k1);
    let k3 = derivative(n, s + half * k2);
    let k4 = derivative(n, s + dt * k3);
    return s + (dt / 6.0) * (k1 + 2.0 * (k2 + k3) + k4);
}
