// Returns to the Poincaré section "V has a maximum", and where they lead. Twin of src/kernel/section.rs, which tells why.

// One return to the section, and the window that led to it.
struct Turn {
    peak: f32,   // the maximum of V
    trough: f32, // the lowest V since the maximum before
    z: f32,      // Z at the maximum
    mean: f32,   // mean of V over the window's turns
    period: f32, // their mean duration
}

fn turn_of(w: Window, dt: f32) -> Turn {
    return Turn(w.peak, w.trough, w.z_peak, mean_of(w), period_of(w, dt));
}

fn turn_minus(a: Turn, b: Turn) -> Turn {
    return Turn(a.peak - b.peak, a.trough - b.trough, a.z - b.z, a.mean - b.mean, a.period - b.period);
}

fn turn_times(t: Turn, by: f32) -> Turn {
    return Turn(t.peak * by, t.trough * by, t.z * by, t.mean * by, t.period * by);
}

// Counted from an origin that lies higher by `shift` in V and Z.
fn shifted(t: Turn, shift: vec2<f32>) -> Turn {
    return Turn(t.peak - shift.x, t.trough - shift.x, t.z - shift.y, t.mean - shift.x, t.period);
}

fn turn_size(t: Turn) -> f32 {
    return max(max(abs(t.peak), abs(t.trough)), abs(t.z));
}

fn turn_span(t: Turn) -> f32 {
    return t.peak - t.trough;
}

struct Led {
    limit: Turn,
    there: bool,
}

// Where four returns, the latest last, lead.
fn limit_of(y_0: Turn, y_1: Turn, y_2: Turn, y_3: Turn, floor: f32) -> Led {
    let d_1 = turn_minus(y_1, y_0);
    let d_2 = turn_minus(y_2, y_1);
    let d_3 = turn_minus(y_3, y_2);
    if turn_size(d_3) <= floor && turn_size(d_2) <= floor {
        return Led(y_3, true);
    }
    // In the plane of span and Z: c_0 d_1 + c_1 d_2 = -d_3.
    let a_1 = turn_span(d_1);
    let a_2 = turn_span(d_2);
    let a_3 = turn_span(d_3);
    let left = a_1 * d_2.z;
    let right = a_2 * d_1.z;
    let det = left - right;
    // Where one mode is left, or none beside it can be seen:
    var c_0 = 0.0;
    var c_1 = -(a_2 * a_3 + d_2.z * d_3.z) / (a_2 * a_2 + d_2.z * d_2.z);
    if abs(det) > PARALLEL * (abs(left) + abs(right)) {
        c_0 = (a_2 * d_3.z - a_3 * d_2.z) / det;
        c_1 = (a_3 * d_1.z - a_1 * d_3.z) / det;
    }
    if !(c_0 < 1.0 && abs(c_1) < 1.0 + c_0) {
        return Led(y_3, false);
    }
    let whole = c_0 + c_1 + 1.0;
    let limit = turn_minus(turn_minus(y_3, turn_times(d_2, c_0 / whole)), turn_times(d_3, (c_0 + c_1) / whole));
    return Led(limit, true);
}
