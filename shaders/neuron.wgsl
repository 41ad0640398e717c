// Eq. 10 with the conductance from the table. Twin of src/kernel/neuron.rs.

// A state, or its rate of change: (X, Y, Z, V).
alias State = vec4<f32>;

// The coefficients of Eq. 10 at one point of parameter space.
struct Neuron {
    v_n: f32,
    r_n: f32,
    gamma: f32,
    relaxation: f32, // alpha Gamma
    z_t: f32,
    omega: f32,
    well: f32,       // x_0 / l: where the well lies on the table
    row: u32,
    sheet: Sheet,
}

fn neuron_at(p: Parameters, row: u32) -> Neuron {
    return Neuron(p.v_n, p.r_n, p.gamma, p.alpha * p.gamma, p.z_t, p.omega, p.x_0 / p.l, row, sheets[row]);
}

fn derivative(n: Neuron, s: State) -> State {
    let f = look_up(n.well - SQRT_2 * s.w, n.sheet, n.row);
    let g = 0.5 * ((1.0 + s.z) * f.f00 + (1.0 - s.z) * f.f11) + s.x * f.f01;
    let v = n.v_n - (1.0 + n.r_n * g) * s.w;
    let push = 2.0 * v;
    return State(
        n.omega * s.y + push * s.z - n.gamma * s.x,
        -n.omega * s.x - n.gamma * s.y,
        -push * s.x - n.relaxation * (s.z - n.z_t),
        v,
    );
}
