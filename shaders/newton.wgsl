// Newton's method on the return map, pass by pass. Twin of src/kernel/newton.rs, which gives the reasons.

// What Newton's method remembers between passes.
struct Newton {
    start: State,                // where the motion was left
    flow: State,                 // direction of the flow there, of length 1
    at: State,                   // the method's point
    end: State,                  // where the motion from the point is one period later
    end_rate: State,             // rates of change there, per tau_c
    tangents: array<State, 3>,   // derivatives of the end by the point, along the three directions
    period: f32,                 // in tau_c
    first_period: f32,           // period of the first guess
    size: f32,                   // extent of the motion when the method began: its span, and its coherences
    expected: f32,               // span that the normal form predicts; 0 without a prediction
    low: f32,                    // lowest V of the latest period
    high: f32,                   // highest V of the latest period
    mean: f32,                   // mean V of the latest period
    change: f32,                 // length of the latest change of the point
    stale: f32,                  // distance of the point from where the tangents were taken
    multiplier: f32,             // largest modulus of a multiplier
    rotation: f32,                   // returns after which the return map has turned back
    linear: array<f32, 3>,       // where the return map would have taken the motion, in the hyperplane
    distance: f32,               // distance of the motion from the cycle when it was left
    norm: array<f32, 6>,         // matrix of the norm in which the return map contracts: 11, 12, 13, 22, 23, 33
    maxima: u32,                 // maxima of V in the latest period
    iterations: u32,             // periods from the point so far
    has_tangents: u32,           // whether there are tangents: 0 or 1
}

// Extent of the latest period: its span, and the coherences at its beginning.
fn extent(index: u32) -> f32 {
    let at = runs[index].newton.at;
    return (runs[index].newton.high - runs[index].newton.low) + abs(at.x) + abs(at.y);
}

// Direction `i` of the hyperplane, by a reflection that carries the first axis to the flow.
fn direction(f: State, i: u32) -> State {
    let component = select(select(f.w, f.z, i == 1u), f.y, i == 0u);
    let by = -component / (1.0 + abs(f.x));
    let x = f.x + select(1.0, -1.0, f.x < 0.0);
    let own = vec3<f32>(f32(i == 0u), f32(i == 1u), f32(i == 2u));
    return State(by * x, own.x + by * f.y, own.y + by * f.z, own.z + by * f.w);
}

// The point displaced along direction `i`.
fn displaced(index: u32, i: u32) -> State {
    return runs[index].newton.at + TANGENT_F32 * runs[index].newton.size * direction(runs[index].newton.flow, i);
}

// Takes the tangent of direction `i` from where the displaced point has come to.
fn take_tangent(index: u32, i: u32, end: State) {
    let by = 1.0 / (TANGENT_F32 * runs[index].newton.size);
    runs[index].newton.tangents[i] = by * (end - runs[index].newton.end);
}

// A row of Newton's equations: the coefficients of the four unknowns, and the right-hand side.
struct Row {
    left: vec4<f32>,
    right: f32,
}

// Puts the row with the larger coefficient of an unknown first.
fn put_larger_first(first: ptr<function, Row>, second: ptr<function, Row>, unknown: u32) {
    if abs(second.left[unknown]) > abs(first.left[unknown]) {
        let moved = *first;
        *first = *second;
        *second = moved;
    }
}

// A row less a multiple of another one, which takes an unknown out of it.
fn without(row: Row, unknown: u32, other: Row) -> Row {
    let by = row.left[unknown] / other.left[unknown];
    return Row(row.left - by * other.left, row.right - by * other.right);
}

// Newton's change of the point along the three directions, and of the period: by elimination with pivots.
fn solve(index: u32) -> vec4<f32> {
    let flow = runs[index].newton.flow;
    let c_0 = runs[index].newton.tangents[0] - direction(flow, 0u);
    let c_1 = runs[index].newton.tangents[1] - direction(flow, 1u);
    let c_2 = runs[index].newton.tangents[2] - direction(flow, 2u);
    let c_3 = runs[index].newton.end_rate;
    let c_4 = runs[index].newton.at - runs[index].newton.end;
    var a = Row(vec4<f32>(c_0.x, c_1.x, c_2.x, c_3.x), c_4.x);
    var b = Row(vec4<f32>(c_0.y, c_1.y, c_2.y, c_3.y), c_4.y);
    var c = Row(vec4<f32>(c_0.z, c_1.z, c_2.z, c_3.z), c_4.z);
    var d = Row(vec4<f32>(c_0.w, c_1.w, c_2.w, c_3.w), c_4.w);
    put_larger_first(&a, &b, 0u);
    put_larger_first(&a, &c, 0u);
    put_larger_first(&a, &d, 0u);
    b = without(b, 0u, a);
    c = without(c, 0u, a);
    d = without(d, 0u, a);
    put_larger_first(&b, &c, 1u);
    put_larger_first(&b, &d, 1u);
    c = without(c, 1u, b);
    d = without(d, 1u, b);
    put_larger_first(&c, &d, 2u);
    d = without(d, 2u, c);
    let w = d.right / d.left.w;
    let z = (c.right - c.left.w * w) / c.left.z;
    let y = (b.right - b.left.z * z - b.left.w * w) / b.left.y;
    let x = (a.right - a.left.y * y - a.left.z * z - a.left.w * w) / a.left.x;
    return vec4<f32>(x, y, z, w);
}

// Moves the point and the period.
fn apply_change(index: u32, a: vec4<f32>) {
    let flow = runs[index].newton.flow;
    var at = runs[index].newton.at;
    for (var i = 0u; i < 3u; i += 1u) {
        at += a[i] * direction(flow, i);
    }
    runs[index].newton.at = at;
    runs[index].newton.period += a.w;
}

// Inner product of two states.
fn inner(a: State, b: State) -> f32 {
    return (a.x * b.x + a.y * b.y) + (a.z * b.z + a.w * b.w);
}

// Coordinates in the hyperplane of a displacement from the point, projected along the flow.
fn projected(index: u32, d: State) -> vec3<f32> {
    let flow = runs[index].newton.flow;
    let end_rate = runs[index].newton.end_rate;
    let share = inner(flow, d) / inner(flow, end_rate);
    let on_plane = d - share * end_rate;
    return vec3<f32>(inner(direction(flow, 0u), on_plane), inner(direction(flow, 1u), on_plane), inner(direction(flow, 2u), on_plane));
}

// The return map's derivative in the hyperplane, by columns.
fn return_map(index: u32) -> mat3x3<f32> {
    return mat3x3<f32>(projected(index, runs[index].newton.tangents[0]), projected(index, runs[index].newton.tangents[1]),
        projected(index, runs[index].newton.tangents[2]));
}

// Takes the multipliers, the return map's eigenvalues: the largest modulus, and when they have turned back.
fn take_multipliers(index: u32) {
    let m = return_map(index);
    let a = m[0];
    let b = m[1];
    let c = m[2];
    let c_2 = -(a.x + b.y + c.z);
    let c_1 = (a.x * b.y - a.y * b.x) + (a.x * c.z - a.z * c.x) + (b.y * c.z - b.z * c.y);
    let c_0 = -(a.x * (b.y * c.z - b.z * c.y) - b.x * (a.y * c.z - a.z * c.y) + c.x * (a.y * b.z - a.z * b.y));
    let found = roots(vec3<f32>(c_0, c_1, c_2));
    runs[index].newton.multiplier = found.x;
    runs[index].newton.rotation = found.y;
}

// Sets the norm in which the return map contracts.
fn take_norm(index: u32) {
    var b = (2.0 / (1.0 + runs[index].newton.multiplier)) * return_map(index);
    var p = mat3x3<f32>(vec3<f32>(1.0, 0.0, 0.0), vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(0.0, 0.0, 1.0));
    for (var n = 0u; n < DOUBLINGS; n += 1u) {
        let size = max(largest_of(b[0]), max(largest_of(b[1]), largest_of(b[2])));
        p = p + transpose(b) * (p * b);
        b = b * b;
        if size < NEGLIGIBLE {
            break;
        }
    }
    runs[index].newton.norm = array<f32, 6>(p[0][0], p[1][0], p[2][0], p[1][1], p[2][1], p[2][2]);
}

// Largest modulus of a component.
fn largest_of(v: vec3<f32>) -> f32 {
    return max(max(abs(v.x), abs(v.y)), abs(v.z));
}

// Length of a vector of the hyperplane in this norm.
fn length_in_norm(index: u32, r: vec3<f32>) -> f32 {
    let p = runs[index].newton.norm;
    return sqrt(r.x * (p[0] * r.x + 2.0 * (p[1] * r.y + p[2] * r.z)) + r.y * (p[3] * r.y + 2.0 * p[4] * r.z) + r.z * (p[5] * r.z));
}

// Takes the norm, and the motion's distance from the cycle in it.
fn begin_returns(index: u32) {
    take_norm(index);
    let flow = runs[index].newton.flow;
    let d = runs[index].newton.start - runs[index].newton.at;
    let r = vec3<f32>(inner(direction(flow, 0u), d), inner(direction(flow, 1u), d), inner(direction(flow, 2u), d));
    runs[index].newton.linear = array<f32, 3>(r.x, r.y, r.z);
    runs[index].newton.distance = length_in_norm(index, r);
}

// One more return of the motion, and of the return map: the distances from the cycle of both, and of one from the
// other.
fn take_return(index: u32, end: State) -> vec3<f32> {
    let m = return_map(index);
    let r = runs[index].newton.linear;
    let linear = r[0] * m[0] + r[1] * m[1] + r[2] * m[2];
    runs[index].newton.linear = array<f32, 3>(linear.x, linear.y, linear.z);
    let own = projected(index, end - runs[index].newton.at);
    return vec3<f32>(length_in_norm(index, own), length_in_norm(index, linear), length_in_norm(index, own - linear));
}
