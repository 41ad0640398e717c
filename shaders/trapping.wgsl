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
    decay: f32,  // decay rate of the slowest oscillation about the equilibrium, per tau_c
}

// The multiple of ORIGIN_STEP nearest to `v`.
fn to_origin_grid(v: f32) -> f32 {
    return floor(v / ORIGIN_STEP + 0.5) * ORIGIN_STEP;
}

// Difference V - V* of a voltage `v` counted from `v_0`.
fn distance_from(b: TrappingRegion, v: f32, v_0: f32) -> f32 {
    return (v_0 - b.v_high) + (v - b.v_low);
}

// Whether a state is inside, with its V counted from `v_0` and its Z from Z_T + `z_above`.
fn holds(b: TrappingRegion, s: State, v_0: f32, z_above: f32) -> bool {
    let v = distance_from(b, s.w, v_0);
    let z = z_above + s.z;
    let form = s.x * (b.xx * s.x + b.xy * s.y + b.xz * z + b.xv * v) + s.y * (b.yy * s.y + b.yz * z + b.yv * v)
        + z * (b.zz * z + b.zv * v) + v * (b.vv * v);
    return form < 1.0;
}
