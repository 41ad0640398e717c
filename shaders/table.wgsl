// The conductance table: F_00, F_01 and (F_11 - F_00)/2 as polynomials, on pieces of the line that overlap. Twin of src/kernel/table.rs.
//
// Coordinate xi = x_V / l; piece n lies about n * spacing on xi >= 0 and serves xi < 0 too, numbered with a minus sign. Its polynomials are in
// powers of u = (|xi| - n * spacing) / reach; one row a geometry, and a texel for each power. The last piece is 0.

struct TableLayout {
    spacing: f32,
    inverse_spacing: f32,
    reach: f32, // how far from its middle a piece serves
    inverse_reach: f32,
    last: i32,
}

// Coefficients of the three functions, the 0-th power first.
struct Piece {
    c_0: vec3<f32>,
    c_1: vec3<f32>,
    c_2: vec3<f32>,
    c_3: vec3<f32>,
    c_4: vec3<f32>,
}

// A place on a piece.
struct Place {
    side: f32, // 1, or -1 where the piece serves xi < 0
    u: f32,
}

// The piece whose middle is nearest to xi; where that is not a number, any.
fn nearest(xi: f32, layout: TableLayout) -> i32 {
    let last = f32(layout.last);
    let n = i32(clamp(floor(xi * layout.inverse_spacing + 0.5), -last, last));
    return clamp(n, -layout.last, layout.last);
}

fn place_on(piece: i32, xi: f32, layout: TableLayout) -> Place {
    let side = select(1.0, -1.0, piece < 0);
    let middle = f32(abs(piece)) * layout.spacing;
    return Place(side, (side * xi - middle) * layout.inverse_reach);
}

fn coefficients(piece: i32, row: u32) -> Piece {
    let first = u32(abs(piece)) * TERMS_SINGLE;
    return Piece(
        textureLoad(table, vec2<u32>(first, row), 0).xyz,
        textureLoad(table, vec2<u32>(first + 1u, row), 0).xyz,
        textureLoad(table, vec2<u32>(first + 2u, row), 0).xyz,
        textureLoad(table, vec2<u32>(first + 3u, row), 0).xyz,
        textureLoad(table, vec2<u32>(first + 4u, row), 0).xyz,
    );
}

// Three polynomials at once: Horner's scheme in u * u over pairs, so that less waits for less.
fn polynomials(c: Piece, u: f32) -> vec3<f32> {
    let square = u * u;
    return (c.c_4 * square + (c.c_3 * u + c.c_2)) * square + (c.c_1 * u + c.c_0);
}

// The three functions at xi, which lies on this piece.
fn functions_at(piece: i32, xi: f32, layout: TableLayout, row: u32) -> vec3<f32> {
    let at = place_on(piece, xi, layout);
    let f = polynomials(coefficients(piece, row), at.u) * vec3<f32>(1.0, at.side, 1.0);
    return select(f, vec3<f32>(), abs(piece) == layout.last);
}

// From where to where in V a piece serves, counted from an origin at this xi.
fn range_of(piece: i32, xi: f32, layout: TableLayout) -> vec2<f32> {
    let middle = f32(piece) * layout.spacing;
    let low = (xi - (middle + layout.reach)) * FRAC_1_SQRT_2;
    let high = (xi - (middle - layout.reach)) * FRAC_1_SQRT_2;
    return vec2<f32>(select(low, -V_INFINITY, piece == layout.last), select(high, V_INFINITY, piece == -layout.last));
}

// How far in V, as a change from its middle, a piece serves.
fn reach_in_v(layout: TableLayout) -> f32 {
    return layout.reach * FRAC_1_SQRT_2;
}
