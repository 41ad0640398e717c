// Eq. 10 on a piece of the conductance table, in changes from an origin. Twin of src/kernel/neuron.rs, which
// gives the reasons.

// State (X, Y, Z - z_0, V - v_0), or its rate of change per tau_c.
alias State = vec4<f32>;

// Coefficients of Eq. 10 at one point of parameter space, for states counted from an origin and V on one
// piece of the table.
struct Neuron {
    gamma: f32,
    relaxation: f32,      // relaxation rate of Z, alpha Gamma, per tau_c
    z_drift: f32,         // relaxation of Z at its origin, alpha Gamma (Z_0 - Z_T)
    omega: f32,
    v_0: f32,             // origin of V
    z_0: f32,             // origin of Z
    v_dot_0: f32,         // rate dV/dt at the origin
    leak: f32,            // 1 + R_n g at the origin
    r_dg_dz: f32,         // R_n (F_00 - F_11)/2 at the origin
    expansion_point: f32, // the w = V - v_0 about which the polynomials are expanded
    low: f32,             // lowest w on the piece
    high: f32,            // highest w on the piece
    // R_n times the change of F_00, F_01 itself and the change of (F_11 - F_00)/2, in powers of w - expansion_point.
    terms: Piece,
}

// Coordinate xi at voltage `v`.
fn xi_at(p: Parameters, v: f32) -> f32 {
    return p.x_0 / p.l - SQRT_2 * v;
}

// Coefficients for states whose V and Z are counted from an origin, on this piece of the table.
fn neuron_about(p: Parameters, v_0: f32, z_0: f32, piece: i32, row: u32) -> Neuron {
    let table_layout = layouts[row];
    let xi = xi_at(p, v_0);
    let here = place_on(piece, xi, table_layout);
    let holds = abs(here.u) <= 1.0;
    // The functions at the origin, from this piece if it contains the origin.
    let f = functions_at(select(nearest(xi, table_layout), piece, holds), xi, table_layout, row);
    let g = f.x + (1.0 - z_0) * f.z;
    // u = u_0 + stretch w.
    let stretch = -here.side * SQRT_2 * table_layout.inverse_reach;
    let by = select(0.0, here.u, holds);
    let expansion_point = select(-here.u / stretch, 0.0, holds);
    var c = coefficients(piece, row);
    // Repeated synthetic division moves the expansion point of the polynomials.
    c.c_3 += by * c.c_4;
    c.c_2 += by * c.c_3;
    c.c_1 += by * c.c_2;
    c.c_0 += by * c.c_1;
    c.c_3 += by * c.c_4;
    c.c_2 += by * c.c_3;
    c.c_1 += by * c.c_2;
    c.c_3 += by * c.c_4;
    c.c_2 += by * c.c_3;
    c.c_3 += by * c.c_4;
    c.c_0 = select(c.c_0 - vec3<f32>(f.x, 0.0, f.z), vec3<f32>(0.0, c.c_0.y, 0.0), holds);
    let scale = p.r_n * vec3<f32>(1.0, here.side, 1.0);
    let square = stretch * stretch;
    c.c_0 *= scale;
    c.c_1 *= stretch * scale;
    c.c_2 *= square * scale;
    c.c_3 *= (square * stretch) * scale;
    c.c_4 *= (square * square) * scale;
    let range = range_of(piece, xi, table_layout);
    let relaxation = p.alpha * p.gamma;
    let v_dot_0 = (p.v_n - v_0) - p.r_n * g * v_0;
    return Neuron(
        p.gamma, relaxation, relaxation * (z_0 - p.z_t), p.omega, v_0, z_0, v_dot_0, 1.0 + p.r_n * g, -p.r_n * f.z, expansion_point, range.x, range.y, c,
    );
}

// Whether this V is off the piece.
fn leaves(n: Neuron, v: f32) -> bool {
    return v < n.low || v > n.high;
}

// Rates of change of the state by Eq. 10, per tau_c.
fn derivative(n: Neuron, s: State) -> State {
    let f = polynomials(n.terms, s.w - n.expansion_point);
    let z = n.z_0 + s.z;
    // Operands that are ready last enter last: a shorter dependency chain.
    let dg_terms = (s.z * n.r_dg_dz + (1.0 - z) * f.z + f.x) + s.x * f.y;
    let v = (n.v_dot_0 - n.leak * s.w) - (n.v_0 + s.w) * dg_terms;
    return State(
        (n.omega * s.y - n.gamma * s.x) + v * (2.0 * z),
        -n.omega * s.x - n.gamma * s.y,
        -(n.relaxation * s.z + n.z_drift) - v * (2.0 * s.x),
        v,
    );
}
