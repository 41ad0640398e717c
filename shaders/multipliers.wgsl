// Multipliers of a cycle: the roots of a cubic, and when they have turned back. Twin of src/kernel/multipliers.rs.

// Largest modulus of the roots of mu^3 + c.z mu^2 + c.y mu + c.x, and the number of powers after which the roots
// have turned back: 1 for positive ones.
fn roots(c: vec3<f32>) -> vec2<f32> {
    let bound = 1.0 + max(max(abs(c.x), abs(c.y)), abs(c.z));
    var low = -bound;
    var high = bound;
    for (var n = 0u; n < BISECTIONS; n += 1u) {
        let middle = 0.5 * (low + high);
        if cubic(c, middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    // Two steps of Newton's method, kept within the bracket.
    var root = 0.5 * (low + high);
    for (var n = 0u; n < 2u; n += 1u) {
        let slope = (3.0 * root + 2.0 * c.z) * root + c.y;
        let next = root - cubic(c, root) / slope;
        if abs(next - root) <= high - low {
            root = next;
        }
    }
    // mu^2 + b mu + d.
    let b = c.z + root;
    let d = c.y + b * root;
    let discriminant = 0.5 * 0.5 * b * b - d;
    // The negative root of largest modulus turns in two powers.
    var lowest = root;
    var others = 0.0;
    var rotation = 1.0;
    if discriminant < 0.0 {
        others = sqrt(d);
        if others >= SLOW_PAIR * abs(root) {
            rotation = powers_of_a_rotation(-0.5 * b / others);
        }
    } else {
        let reach = sqrt(discriminant);
        others = max(abs(-0.5 * b + reach), abs(-0.5 * b - reach));
        lowest = min(lowest, -0.5 * b - reach);
    }
    let largest = max(abs(root), others);
    if rotation == 1.0 && lowest <= -SLOW_PAIR * largest {
        rotation = 2.0;
    }
    return vec2<f32>(largest, rotation);
}

// Number of rotations by an angle, given its cosine, that make a whole rotation or a little more.
fn powers_of_a_rotation(cosine: f32) -> f32 {
    let sine = sqrt(max(1.0 - cosine * cosine, 0.0));
    var x = 1.0;
    var y = 0.0;
    var powers = 0.0;
    for (var n = 0u; n < MOST_POWERS; n += 1u) {
        let before = vec2<f32>(x, y);
        x = cosine * before.x - sine * before.y;
        y = sine * before.x + cosine * before.y;
        powers += 1.0;
        if before.y < 0.0 && y >= 0.0 {
            break;
        }
    }
    return powers;
}

// Value of mu^3 + c.z mu^2 + c.y mu + c.x.
fn cubic(c: vec3<f32>, mu: f32) -> f32 {
    return ((mu + c.z) * mu + c.y) * mu + c.x;
}
