// The conductance table: Taylor jets of F_00, one texel a node, one row a geometry. Twin of src/kernel/table.rs.
//
// Coordinate xi = x_V / l; node n lies at n * spacing on xi >= 0 (F_00 is even); the spacing has three significant bits,
// so that the distance to the nearest node is exact. F_01 = (1/sqrt 2) dF_00/dxi, F_11 = F_00 + d2F_00/dxi2 / 2.

struct Sheet {
    spacing: f32,
    inverse_spacing: f32,
    end: f32,       // beyond it the functions are 0
    reach: f32,     // about an origin its jet serves to this distance
    last_node: u32,
}

struct Changes {
    f00: f32,  // change of F_00 from the origin
    f01: f32,  // F_01 itself
    bend: f32, // change of F_11 - F_00
}

// A place on the table from which changes are counted.
struct Origin {
    xi: f32,
    side: f32,  // 1, or -1 where xi is negative
    d: f32,     // distance from the nearest node
    bend: f32,  // half of F_00's second derivative there
    f00: f32,
    f11: f32,
    reach: f32, // the node's jet serves to this distance from the origin; -1 where that lies beyond the end
    node: u32,
}

fn nearest(distance: f32, sheet: Sheet) -> u32 {
    return min(u32(min(distance, sheet.end) * sheet.inverse_spacing + 0.5), sheet.last_node);
}

fn origin_at(xi: f32, sheet: Sheet, row: u32) -> Origin {
    let side = select(1.0, -1.0, xi < 0.0);
    let distance = abs(xi);
    let inside = distance < sheet.end;
    let node = nearest(distance, sheet);
    let d = select(0.0, distance - f32(node) * sheet.spacing, inside);
    let c = select(vec4<f32>(), textureLoad(table, vec2<u32>(node, row), 0), inside);
    let f = ((c.w * d + c.z) * d + c.y) * d + c.x;
    let bend = 3.0 * c.w * d + c.z;
    return Origin(xi, side, d, bend, f, f + bend, select(-1.0, sheet.reach, inside), node);
}

// At xi = origin + by: the changes of F_00 and F_11 from the origin, and F_01 itself. Without a branch: software adapters would execute
// both sides, and fetch a texel under a mask.
fn around(o: Origin, by: f32, sheet: Sheet, row: u32) -> Changes {
    let xi = o.xi + by;
    let distance = abs(xi);
    let is_near = abs(by) <= o.reach;
    let counts = is_near || distance < sheet.end;
    // Where the jet is taken about, how far from there, and what lies between there and the origin.
    let node = select(nearest(distance, sheet), o.node, is_near);
    let c = textureLoad(table, vec2<u32>(node, row), 0);
    let d_0 = select(0.0, o.d, is_near);
    let e = select(distance - f32(node) * sheet.spacing, o.side * by, is_near);
    let side = select(select(1.0, -1.0, xi < 0.0), o.side, is_near);
    let lift = select(c.x - o.f00, 0.0, is_near);
    let bend = select(c.z - o.bend, 0.0, is_near);
    let d = d_0 + e;
    // (P(d) - P(d_0))/(d - d_0), and the same of half the second derivative.
    let f = lift + e * ((c.w * d + (c.w * d_0 + c.z)) * d + ((c.w * d_0 + c.z) * d_0 + c.y));
    let f_1 = (3.0 * c.w * d + 2.0 * c.z) * d + c.y;
    let f_2 = bend + e * (3.0 * c.w);
    return Changes(select(-o.f00, f, counts), select(0.0, FRAC_1_SQRT_2 * side * f_1, counts), select(-o.bend, f_2, counts));
}
