// The conductance table: Taylor jets of F_00, one texel a node, one row a geometry. Twin of src/kernel/table.rs.
//
// Coordinate xi = x_V / l; node n lies at n * spacing on xi >= 0 (F_00 is even); the spacing has three significant bits,
// so that the distance to the nearest node is exact. F_01 = (1/sqrt 2) dF_00/dxi, F_11 = F_00 + d2F_00/dxi2 / 2.

struct Sheet {
    spacing: f32,
    inverse_spacing: f32,
    end: f32,       // beyond it the functions are 0
    last_node: u32,
}

struct Elements {
    f00: f32,
    f01: f32,
    f11: f32,
}

fn look_up(xi: f32, sheet: Sheet, row: u32) -> Elements {
    let distance = abs(xi);
    if !(distance < sheet.end) {
        return Elements(0.0, 0.0, 0.0);
    }
    let node = min(u32(distance * sheet.inverse_spacing + 0.5), sheet.last_node);
    let d = distance - f32(node) * sheet.spacing;
    let c = textureLoad(table, vec2<u32>(node, row), 0);
    let f = ((c.w * d + c.z) * d + c.y) * d + c.x;
    let f_1 = (3.0 * c.w * d + 2.0 * c.z) * d + c.y;
    let f_2 = 3.0 * c.w * d + c.z; // half the second derivative
    return Elements(f, FRAC_1_SQRT_2 * select(f_1, -f_1, xi < 0.0), f + f_2);
}
