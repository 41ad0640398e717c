// One window of a motion: extrema of V between steps, maxima, period and mean. Twin of src/kernel/window.rs.

// V and Z at one end of a step, with their rates of change per tau_c.
struct StepEnd {
    v: f32,      // voltage
    rate: f32,   // rate dV/dt
    z: f32,      // Z
    z_rate: f32, // rate dZ/dt
}

// End of a step with this state and derivative.
fn step_end(s: State, k: State) -> StepEnd {
    return StepEnd(s.w, k.w, s.z, k.z);
}

// An extremum of V within a step.
struct Extremum {
    s: f32, // fraction of the step
    v: f32, // V at the extremum
}

// Record of one window. Times are in steps from the window's start.
struct Window {
    step: u32,          // steps taken in this window
    peaks: u32,         // maxima of V so far
    v_min: f32,         // smallest V, between steps as well
    v_max: f32,         // largest V, between steps as well
    peak: f32,          // latest maximum
    z_peak: f32,        // Z at the latest maximum
    trough: f32,        // lowest V between the two latest maxima
    low: f32,           // lowest V since the latest maximum
    first_peak: f32,    // time of the first maximum
    last_peak: f32,     // time of the latest maximum
    area: f32,          // integral of V since the window's start
    area_at_first: f32, // integral of V up to the first maximum
    area_at_last: f32,  // integral of V up to the latest maximum
    last_distance: f32, // largest difference in maximum, minimum before it and Z of the two latest maxima
    last_time: f32,     // time between the two latest maxima
    first_swing: f32,   // swing of the first maximum: its height above the minimum before it; negative, and too small, if that was not seen
    mark_peak: f32,     // marked maximum: the first one, or a later one every MARKED_PEAKS
    mark_trough: f32,   // lowest V before the marked maximum
    mark_z: f32,        // Z at the marked maximum
    mark_time: f32,     // time of the marked maximum
    near: u32,          // number of maxima after which the motion came back nearest to the marked one; 0 before
    near_distance: f32, // largest difference in maximum, minimum before it and Z of that return
    near_time: f32,     // time of that return since the marked maximum
}

// Extremum of V within a step whose end rates differ in sign, on the cubic through both values and rates.
fn extremum(a: StepEnd, b: StepEnd, dt: f32) -> Extremum {
    let m0 = a.rate * dt;
    let m1 = b.rate * dt;
    let rise = b.v - a.v;
    let qa = 3.0 * (m0 + m1) - 6.0 * rise;
    let qb = 6.0 * rise - 4.0 * m0 - 2.0 * m1;
    let root = sqrt(max(qb * qb - 4.0 * qa * m0, 0.0));
    let q = -0.5 * (qb + select(root, -root, qb < 0.0));
    // Exactly one of the roots m0/q and q/qa is inside; if rounding leaves both outside, the zero of the chord
    // through both rates is as good.
    var part = vec2<f32>(m0, m0 - m1);
    if is_fraction(m0, q) {
        part = vec2<f32>(m0, q);
    } else if is_fraction(q, qa) {
        part = vec2<f32>(q, qa);
    }
    let s = part.x / part.y;
    return Extremum(s, a.v + s * (m0 + s * (0.5 * qb + s * (qa * (1.0 / 3.0)))));
}

// Whether a / b is between 0 and 1.
fn is_fraction(a: f32, b: f32) -> bool {
    return b != 0.0 && (a < 0.0) == (b < 0.0) && abs(a) <= abs(b);
}

// Z at fraction `s` of a step, on the cubic through both values and rates.
fn z_within(a: StepEnd, b: StepEnd, s: f32, dt: f32) -> f32 {
    let m0 = a.z_rate * dt;
    let m1 = b.z_rate * dt;
    let rise = b.z - a.z;
    return a.z + s * (m0 + s * ((3.0 * rise - 2.0 * m0 - m1) + s * (m0 + m1 - 2.0 * rise)));
}

// A window that opens at voltage `v`.
fn open_window(v: f32) -> Window {
    return Window(0u, 0u, v, v, v, 0.0, v, v, 0.0, 0.0, 0.0, 0.0, 0.0, V_INFINITY, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0u, V_INFINITY, 0.0);
}

// Integral of V over a step, with time in steps, by Hermite's rule.
fn area_of(a: StepEnd, b: StepEnd, dt: f32) -> f32 {
    return 0.5 * (a.v + b.v) + (a.rate - b.rate) * dt * (1.0 / 12.0);
}

// A step that contains an extremum of V, with the window's record at that step.
struct ExtremumStep {
    a: StepEnd, // start of the step
    b: StepEnd, // end of the step
    step: u32,  // number of the window's steps before this one
    low: f32,   // lowest V since the previous maximum
    area: f32,  // integral of V up to the start of the step, with time in steps
}

// Whether V has a maximum within the step from `a` to `b`.
fn falls(a: StepEnd, b: StepEnd) -> bool {
    return a.rate > 0.0 && b.rate <= 0.0;
}

// Whether V has an extremum within the step from `a` to `b`.
fn has_extremum(a: StepEnd, b: StepEnd) -> bool {
    return falls(a, b) || (a.rate < 0.0 && b.rate >= 0.0);
}

// Adds the step from `a` to `b` without its extremum, if it has one. `observe_extremum` adds the extremum, now
// or some steps later, but before the next one.
fn observe_step(window: Window, a: StepEnd, b: StepEnd, dt: f32) -> Window {
    var w = window;
    w.v_min = min(w.v_min, b.v);
    w.v_max = max(w.v_max, b.v);
    w.low = min(w.low, b.v);
    w.area += area_of(a, b, dt);
    w.step += 1u;
    let falls = falls(a, b);
    w.peaks += select(0u, 1u, falls);
    w.low = select(w.low, V_INFINITY, falls);
    return w;
}

// Adds the extremum of a step that `observe_step` has added.
fn observe_extremum(window: Window, found: ExtremumStep, dt: f32) -> Window {
    var w = window;
    let a = found.a;
    let b = found.b;
    let e = extremum(a, b, dt);
    w.low = min(w.low, e.v);
    if !falls(a, b) {
        w.v_min = min(w.v_min, e.v);
        return w;
    }
    w.v_max = max(w.v_max, e.v);
    let now = f32(found.step) + e.s;
    let z = z_within(a, b, e.s, dt);
    // Before the maximum, V is taken as a parabola with its vertex there.
    w.area_at_last = found.area + e.s * ((2.0 * e.v + a.v) * (1.0 / 3.0));
    w.last_distance = max(max(abs(e.v - w.peak), abs(found.low - w.trough)), abs(z - w.z_peak));
    w.last_time = now - w.last_peak;
    // Before the first maximum, the record is that of the opening.
    let opened = w.trough;
    w.peak = e.v;
    w.z_peak = z;
    w.trough = found.low;
    w.last_peak = now;
    // At the window's first maximum the minimum before it may not have been seen.
    let is_trough_seen = w.peaks > 1u || found.low < min(opened, b.v);
    if w.peaks == 1u {
        w.first_peak = now;
        w.area_at_first = w.area_at_last;
        w.first_swing = select(-swing(w), swing(w), is_trough_seen);
    }
    let since = (w.peaks - 1u) % MARKED_PEAKS;
    if since == 0u {
        w.mark_peak = e.v;
        w.mark_trough = select(V_INFINITY, w.trough, is_trough_seen);
        w.mark_z = w.z_peak;
        w.mark_time = now;
        w.near = 0u;
        w.near_distance = V_INFINITY;
        return w;
    }
    var apart = max(abs(e.v - w.mark_peak), abs(w.z_peak - w.mark_z));
    if w.mark_trough < V_INFINITY {
        apart = max(apart, abs(w.trough - w.mark_trough));
    }
    // A later return counts only if it is much nearer: the smallest number of maxima is looked for.
    let is_open = w.near_distance > RETURNED * RETURN_NOISE_F32;
    if is_open && apart < AS_GOOD * w.near_distance {
        w.near = since;
        w.near_distance = apart;
        w.near_time = now - w.mark_time;
    }
    return w;
}

// Swing of the latest maximum: its height above the minimum before it.
fn swing(w: Window) -> f32 {
    return w.peak - w.trough;
}

// Mean time between maxima in tau_c; 0 with fewer than two maxima.
fn period_of(w: Window, dt: f32) -> f32 {
    if w.peaks < 2u {
        return 0.0;
    }
    return (w.last_peak - w.first_peak) * dt / f32(w.peaks - 1u);
}

// Mean of V over whole periods; the middle of its range with fewer than two maxima.
fn mean_of(w: Window) -> f32 {
    if w.peaks < 2u {
        return 0.5 * (w.v_min + w.v_max);
    }
    return (w.area_at_last - w.area_at_first) / (w.last_peak - w.first_peak);
}
