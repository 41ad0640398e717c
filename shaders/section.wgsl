// Returns to the Poincaré section "V has a maximum", and their limit. Twin of src/kernel/section.rs, which
// gives the reasons.

// One return to the section, with mean and period of its window.
struct Return {
    peak: f32,   // maximum of V
    trough: f32, // lowest V since the previous maximum
    z: f32,      // Z at the maximum
    mean: f32,   // mean of V over the window's periods
    period: f32, // mean period in the window, in tau_c
}

// Latest return of a window.
fn return_of(w: Window, dt: f32) -> Return {
    return Return(w.peak, w.trough, w.z_peak, mean_of(w), period_of(w, dt));
}

// Difference of two returns, by component.
fn return_minus(a: Return, b: Return) -> Return {
    return Return(a.peak - b.peak, a.trough - b.trough, a.z - b.z, a.mean - b.mean, a.period - b.period);
}

// Product of every component with a number.
fn return_times(t: Return, by: f32) -> Return {
    return Return(t.peak * by, t.trough * by, t.z * by, t.mean * by, t.period * by);
}

// The return counted from an origin that is higher by `shift` in V and Z.
fn shifted(t: Return, shift: vec2<f32>) -> Return {
    return Return(t.peak - shift.x, t.trough - shift.x, t.z - shift.y, t.mean - shift.x, t.period);
}

// Norm: the largest of |peak|, |trough| and |Z|, which fix a point of the section.
fn return_size(t: Return) -> f32 {
    return max(max(abs(t.peak), abs(t.trough)), abs(t.z));
}

// Span: peak minus trough.
fn return_span(t: Return) -> f32 {
    return t.peak - t.trough;
}

// Limit of returns.
struct Extrapolated {
    limit: Return,   // the latest return if they do not contract
    converges: bool, // whether the returns contract
}

// Limit of four successive returns, the latest last. Changes up to `noise` count as none.
fn limit_of(y_0: Return, y_1: Return, y_2: Return, y_3: Return, noise: f32) -> Extrapolated {
    let d_1 = return_minus(y_1, y_0);
    let d_2 = return_minus(y_2, y_1);
    let d_3 = return_minus(y_3, y_2);
    if return_size(d_3) <= noise && return_size(d_2) <= noise {
        return Extrapolated(y_3, true);
    }
    // In the plane of span and Z: c_0 d_1 + c_1 d_2 = -d_3.
    let a_1 = return_span(d_1);
    let a_2 = return_span(d_2);
    let a_3 = return_span(d_3);
    let left = a_1 * d_2.z;
    let right = a_2 * d_1.z;
    let det = left - right;
    // If one mode is left, or the other cannot be resolved:
    var c_0 = 0.0;
    var c_1 = -(a_2 * a_3 + d_2.z * d_3.z) / (a_2 * a_2 + d_2.z * d_2.z);
    if abs(det) > SINGLE_MODE_ANGLE * (abs(left) + abs(right)) {
        c_0 = (a_2 * d_3.z - a_3 * d_2.z) / det;
        c_1 = (a_3 * d_1.z - a_1 * d_3.z) / det;
    }
    if !(c_0 < 1.0 && abs(c_1) < 1.0 + c_0) {
        return Extrapolated(y_3, false);
    }
    let whole = c_0 + c_1 + 1.0;
    let limit = return_minus(return_minus(y_3, return_times(d_2, c_0 / whole)), return_times(d_3, (c_0 + c_1) / whole));
    return Extrapolated(limit, true);
}
