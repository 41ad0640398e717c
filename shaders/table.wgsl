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
    side: f32, // 1, or -1 where xi is negative
    d: f32,    // distance from the nearest node
    bend: f32, // half of F_00's second derivative there
    f00: f32,
    f11: f32,
    jet: vec4<f32>,
}

fn origin_at(xi: f32, sheet: Sheet, row: u32) -> Origin {
    let side = select(1.0, -1.0, xi < 0.0);
    let distance = abs(xi);
    var c = vec4<f32>();
    var d = 0.0;
    if distance < sheet.end {
        let node = min(u32(distance * sheet.inverse_spacing + 0.5), sheet.last_node);
        d = distance - f32(node) * sheet.spacing;
        c = textureLoad(table, vec2<u32>(node, row), 0);
    }
    let f = ((c.w * d + c.z) * d + c.y) * d + c.x;
    let bend = 3.0 * c.w * d + c.z;
    return Origin(xi, side, d, bend, f, f + bend, c);
}

// At xi = origin + by: the changes of F_00 and F_11 from the origin, and F_01 itself.
fn around(o: Origin, by: f32, sheet: Sheet, row: u32) -> Changes {
    // Where the jet is taken about, how far from there, and what lies between there and the origin.
    var c = o.jet;
    var d_0 = o.d;
    var e = o.side * by;
    var side = o.side;
    var lift = 0.0;
    var bend = 0.0;
    if !(abs(by) <= sheet.reach) {
        let xi = o.xi + by;
        let distance = abs(xi);
        if !(distance < sheet.end) {
            return Changes(-o.f00, 0.0, -o.bend);
        }
        let node = min(u32(distance * sheet.inverse_spacing + 0.5), sheet.last_node);
        e = distance - f32(node) * sheet.spacing;
        c = textureLoad(table, vec2<u32>(node, row), 0);
        d_0 = 0.0;
        side = select(1.0, -1.0, xi < 0.0);
        lift = c.x - o.f00;
        bend = c.z - o.bend;
    }
    let d = d_0 + e;
    // (P(d) - P(d_0))/(d - d_0), and the same of half the second derivative.
    let f = lift + e * ((c.w * d + (c.w * d_0 + c.z)) * d + ((c.w * d_0 + c.z) * d_0 + c.y));
    let f_1 = (3.0 * c.w * d + 2.0 * c.z) * d + c.y;
    let f_2 = bend + e * (3.0 * c.w);
    return Changes(f, FRAC_1_SQRT_2 * side * f_1, f_2);
}
