// Eq. 10 with the conductance from the table, written in changes from an origin. Twin of src/kernel/neuron.rs, which tells why.

// A state, or its rate of change: (X, Y, Z - z_base, V - base).
alias State = vec4<f32>;

// The coefficients of Eq. 10 at one point of parameter space.
struct Neuron {
    r_n: f32,
    gamma: f32,
    relaxation: f32, // alpha Gamma
    omega: f32,
    base: f32,       // origin of V
    z_base: f32,     // origin of Z
    z_above: f32,    // how far it lies above Z_T
    rate: f32,       // dV/dt at the origin
    slope: f32,      // 1 + R_n g there
    lean: f32,       // (F_00 - F_11)/2 there
    here: Origin,    // the origin on the table
    sheet: Sheet,
    row: u32,
}

fn neuron_at(p: Parameters, base: f32, z_base: f32, row: u32) -> Neuron {
    let sheet = sheets[row];
    let here = origin_at(p.x_0 / p.l - SQRT_2 * base, sheet, row);
    let g = 0.5 * ((1.0 + z_base) * here.f00 + (1.0 - z_base) * here.f11);
    let rate = (p.v_n - base) - p.r_n * g * base;
    let lean = 0.5 * (here.f00 - here.f11);
    return Neuron(p.r_n, p.gamma, p.alpha * p.gamma, p.omega, base, z_base, z_base - p.z_t, rate, 1.0 + p.r_n * g, lean, here, sheet, row);
}

fn derivative(n: Neuron, s: State) -> State {
    let f = around(n.here, -SQRT_2 * s.w, n.sheet, n.row);
    let z = n.z_base + s.z;
    // What is known late comes last, so that little waits for it.
    let more = (s.z * n.lean + 0.5 * (1.0 - z) * f.bend + f.f00) + s.x * f.f01;
    let v = (n.rate - n.slope * s.w) - n.r_n * (n.base + s.w) * more;
    return State(
        (n.omega * s.y - n.gamma * s.x) + v * (2.0 * z),
        -n.omega * s.x - n.gamma * s.y,
        -n.relaxation * (s.z + n.z_above) - v * (2.0 * s.x),
        v,
    );
}
