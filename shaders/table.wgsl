// The conductance table: F_00, F_01 and (F_11 - F_00)/2 as polynomials on overlapping pieces of the line.
// Twin of src/kernel/table.rs.
//
// The coordinate is xi = x_V / l. Piece n is centred on n * spacing, xi >= 0; it serves xi < 0 too, where its
// number has a minus sign. Its polynomials are in powers of u = (|xi| - n * spacing) / reach. The texture has
// one row per geometry and one texel per power of each piece. On the last piece the functions are 0.

// Spacing and reach of the pieces of one table, a row of the texture.
struct TableLayout {
    spacing: f32,         // distance in xi between the centres of neighbouring pieces
    inverse_spacing: f32, // inverse of the spacing
    reach: f32,           // largest distance in xi from a piece's centre at which the piece serves
    inverse_reach: f32,   // inverse of the reach
    last: i32,            // number of the last piece
}

// Coefficients of the three functions on one piece, by power.
struct Piece {
    c_0: vec3<f32>,
    c_1: vec3<f32>,
    c_2: vec3<f32>,
    c_3: vec3<f32>,
    c_4: vec3<f32>,
}

// Position on a piece.
struct Place {
    side: f32, // sign: 1, or -1 where the piece serves xi < 0
    u: f32,    // distance from the piece's centre, as a fraction of its reach
}

// The piece whose centre is nearest to xi; any piece for NaN.
fn nearest(xi: f32, table_layout: TableLayout) -> i32 {
    let last = f32(table_layout.last);
    let n = i32(clamp(floor(xi * table_layout.inverse_spacing + 0.5), -last, last));
    return clamp(n, -table_layout.last, table_layout.last);
}

// Position of xi on a piece.
fn place_on(piece: i32, xi: f32, table_layout: TableLayout) -> Place {
    let side = select(1.0, -1.0, piece < 0);
    let middle = f32(abs(piece)) * table_layout.spacing;
    return Place(side, (side * xi - middle) * table_layout.inverse_reach);
}

// Coefficients of a piece.
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

// Values of three polynomials: Horner's scheme in u * u over pairs, a shorter dependency chain.
fn polynomials(c: Piece, u: f32) -> vec3<f32> {
    let square = u * u;
    return (c.c_4 * square + (c.c_3 * u + c.c_2)) * square + (c.c_1 * u + c.c_0);
}

// F_00, F_01 and (F_11 - F_00)/2 at xi, which is on this piece.
fn functions_at(piece: i32, xi: f32, table_layout: TableLayout, row: u32) -> vec3<f32> {
    let at = place_on(piece, xi, table_layout);
    let f = polynomials(coefficients(piece, row), at.u) * vec3<f32>(1.0, at.side, 1.0);
    return select(f, vec3<f32>(), abs(piece) == table_layout.last);
}

// Lowest and highest V on a piece, counted from an origin at this xi.
fn range_of(piece: i32, xi: f32, table_layout: TableLayout) -> vec2<f32> {
    let middle = f32(piece) * table_layout.spacing;
    let low = (xi - (middle + table_layout.reach)) * FRAC_1_SQRT_2;
    let high = (xi - (middle - table_layout.reach)) * FRAC_1_SQRT_2;
    return vec2<f32>(select(low, -V_INFINITY, piece == table_layout.last), select(high, V_INFINITY, piece == -table_layout.last));
}

// Reach of a piece in V.
fn reach_in_v(table_layout: TableLayout) -> f32 {
    return table_layout.reach * FRAC_1_SQRT_2;
}
