// What one window of the motion shows: extrema of V between the steps, peaks, period, mean. Twin of src/kernel/span.rs.

// V and Z at one step's end and their rates of change there.
struct StepEnd {
    v: f32,
    rate: f32,
    z: f32,
    z_rate: f32,
}

fn step_end(s: State, k: State) -> StepEnd {
    return StepEnd(s.w, k.w, s.z, k.z);
}

struct Extremum {
    s: f32, // fraction of the step
    v: f32,
}

// The watch kept over one window. Times count steps from the window's start.
struct Window {
    step: u32,
    peaks: u32,
    v_min: f32,
    v_max: f32,
    low_peak: f32,     // the lowest of the maxima
    peak: f32,         // the latest maximum
    z_peak: f32,       // Z there
    trough: f32,       // the lowest V between the two latest maxima
    low: f32,          // the lowest V since the latest maximum
    first_peak: f32,
    last_peak: f32,
    area: f32,         // integral of V since the first maximum
    area_at_peak: f32, // the same at the latest maximum
}

// The extremum of V within a step whose end rates differ in sign, on the cubic through both values and rates.
fn extremum(a: StepEnd, b: StepEnd, dt: f32) -> Extremum {
    let m0 = a.rate * dt;
    let m1 = b.rate * dt;
    let rise = b.v - a.v;
    let qa = 3.0 * (m0 + m1) - 6.0 * rise;
    let qb = 6.0 * rise - 4.0 * m0 - 2.0 * m1;
    let root = sqrt(max(qb * qb - 4.0 * qa * m0, 0.0));
    let q = -0.5 * (qb + select(root, -root, qb < 0.0));
    // Of the two roots m0/q and q/qa exactly one lies inside; where rounding leaves both outside, the rates' chord is as good.
    var part = vec2<f32>(m0, m0 - m1);
    if is_fraction(m0, q) {
        part = vec2<f32>(m0, q);
    } else if is_fraction(q, qa) {
        part = vec2<f32>(q, qa);
    }
    let s = part.x / part.y;
    return Extremum(s, a.v + s * (m0 + s * (0.5 * qb + s * (qa * (1.0 / 3.0)))));
}

// Whether a / b lies between 0 and 1.
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

fn open_window(v: f32) -> Window {
    return Window(0u, 0u, v, v, v, v, 0.0, v, v, 0.0, 0.0, 0.0, 0.0);
}

// The integral of V over a step, in steps, by Hermite's rule.
fn area_of(a: StepEnd, b: StepEnd, dt: f32) -> f32 {
    return 0.5 * (a.v + b.v) + (a.rate - b.rate) * dt * (1.0 / 12.0);
}

// A step that holds an extremum of V, and the watch as it was then.
struct ExtremumStep {
    a: StepEnd,
    b: StepEnd,
    step: u32, // steps of the window before it
    low: f32,  // the lowest V since the maximum before
    area: f32, // integral of V up to it
}

fn falls(a: StepEnd, b: StepEnd) -> bool {
    return a.rate > 0.0 && b.rate <= 0.0;
}

// Whether V turns within the step from `a` to `b`.
fn has_extremum(a: StepEnd, b: StepEnd) -> bool {
    return falls(a, b) || (a.rate < 0.0 && b.rate >= 0.0);
}

// Takes in the step from `a` to `b`, but for the extremum that it may hold: that is for `observe_extremum`.
fn observe_step(window: Window, a: StepEnd, b: StepEnd, dt: f32) -> Window {
    var w = window;
    w.v_min = min(w.v_min, b.v);
    w.v_max = max(w.v_max, b.v);
    w.low = min(w.low, b.v);
    w.area += select(0.0, area_of(a, b, dt), w.peaks > 0u);
    w.step += 1u;
    let falls = falls(a, b);
    w.peaks += select(0u, 1u, falls);
    w.low = select(w.low, V_INFINITY, falls);
    return w;
}

// Takes in the extremum of a step that has passed.
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
    // Either side of the peak V is a parabola with its vertex there.
    let before = e.s * ((2.0 * e.v + a.v) * (1.0 / 3.0));
    let after = (1.0 - e.s) * ((2.0 * e.v + b.v) * (1.0 / 3.0));
    let now = f32(found.step) + e.s;
    if w.peaks == 1u {
        w.first_peak = now;
        w.low_peak = e.v;
        w.area += after;
        w.area_at_peak = found.area;
    } else {
        w.low_peak = min(w.low_peak, e.v);
        w.area += (before + after) - area_of(a, b, dt);
        w.area_at_peak = found.area + before;
    }
    w.peak = e.v;
    w.z_peak = z_within(a, b, e.s, dt);
    w.trough = found.low;
    w.last_peak = now;
    return w;
}

// Time between maxima, averaged over the window; 0 where there are not two.
fn period_of(w: Window, dt: f32) -> f32 {
    if w.peaks < 2u {
        return 0.0;
    }
    return (w.last_peak - w.first_peak) * dt / f32(w.peaks - 1u);
}

// Mean of V over whole periods; the middle of its range where there are not two maxima.
fn mean_of(w: Window) -> f32 {
    if w.peaks < 2u {
        return 0.5 * (w.v_min + w.v_max);
    }
    return w.area_at_peak / (w.last_peak - w.first_peak);
}
