// Trapping regions: ellipsoids around stable equilibria that no trajectory leaves, so a state inside is steady.
// Twin of src/kernel/trapping.rs.

// The ellipsoid form(u) < 1 about a stable equilibrium, u = (X, Y, Z - Z_T, V - V*); mixed coefficients are doubled.
struct TrappingRegion {
    v_high: f32, // voltage V* of the equilibrium rounded to the origin grid
    v_low: f32,  // remainder V* - v_high
    xx: f32,
    xy: f32,
    xz: f32,
    xv: f32,
    yy: f32,
    yz: f32,
    yv: f32,
    zz: f32,
    zv: f32,
    vv: f32,
    growth: f32,    // growth rate of the slowest oscillation, per tau_c: only where it is negative, the region holds anything
    curvature: f32, // of the normal form dS/dt = growth S + curvature S^3 of the span S of small oscillations
}

// The multiple of ORIGIN_STEP nearest to `v`.
fn to_origin_grid(v: f32) -> f32 {
    return floor(v / ORIGIN_STEP + 0.5) * ORIGIN_STEP;
}

// Difference V - V* of a voltage `v` counted from `v_0`.
fn distance_from(b: TrappingRegion, v: f32, v_0: f32) -> f32 {
    return (v_0 - b.v_high) + (v - b.v_low);
}

// Change of S^-2 over a time, from the span S at its beginning, by the normal form.
fn normal_form_change(b: TrappingRegion, span: f32, time: f32) -> f32 {
    let x = 2.0 * b.growth * time;
    // (1 - exp(-x))/x.
    var part = (1.0 - exp(-x)) / x;
    if abs(x) < 0.05 {
        part = 1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0)));
    }
    return -2.0 * time * (b.growth / (span * span) + b.curvature) * part;
}

// Whether a state is inside, with its V counted from `v_0` and its Z from Z_T + `z_above`.
fn holds(b: TrappingRegion, s: State, v_0: f32, z_above: f32) -> bool {
    let v = distance_from(b, s.w, v_0);
    let z = z_above + s.z;
    let form = s.x * (b.xx * s.x + b.xy * s.y + b.xz * z + b.xv * v) + s.y * (b.yy * s.y + b.yz * z + b.yv * v)
        + z * (b.zz * z + b.zv * v) + v * (b.vv * v);
    return form < 1.0;
}
