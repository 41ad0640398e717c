// Eq. 10 with the conductance from the table. Twin of src/kernel/neuron.rs, which tells why states have an origin.

// A state, or its rate of change: (X, Y, Z - Z_T, V - base).
alias State = vec4<f32>;

// The coefficients of Eq. 10 at one point of parameter space.
struct Neuron {
    r_n: f32,
    gamma: f32,
    relaxation: f32, // alpha Gamma
    z_t: f32,
    omega: f32,
    base: f32,       // origin of V
    free: f32,       // V_n - base
    here: f32,       // where V = base lies on the table
    row: u32,
    sheet: Sheet,
}

fn neuron_at(p: Parameters, base: f32, row: u32) -> Neuron {
    let here = p.x_0 / p.l - SQRT_2 * base;
    return Neuron(p.r_n, p.gamma, p.alpha * p.gamma, p.z_t, p.omega, base, p.v_n - base, here, row, sheets[row]);
}

fn derivative(n: Neuron, s: State) -> State {
    let f = look_up(n.here - SQRT_2 * s.w, n.sheet, n.row);
    let z = n.z_t + s.z;
    let g = 0.5 * ((1.0 + z) * f.f00 + (1.0 - z) * f.f11) + s.x * f.f01;
    let v = n.free - s.w - n.r_n * g * (n.base + s.w);
    let push = 2.0 * v;
    return State(
        n.omega * s.y + push * z - n.gamma * s.x,
        -n.omega * s.x - n.gamma * s.y,
        -push * s.x - n.relaxation * s.z,
        v,
    );
}
