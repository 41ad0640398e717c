// When a motion counts as settled, and what the answer then is. Twin of src/kernel/settle.rs, which tells why.

// A cell's run: its motion so far. Z is counted from Z_T, V from `base`.
struct Run {
    state: State,
    window: Window,
    base: f32,
    peak: f32,    // the latest return of the window before
    trough: f32,
    z_peak: f32,
    change: f32,  // of the window before against the one before that; negative where there is none
    peaks: u32,
    windows: u32,
    steps: u32,
    phase: u32,
}

struct Closed {
    run: Run,
    verdict: Verdict, // stands once run.phase is DONE
}

// By the exponent's bits: comparisons with NaN cannot be relied on everywhere.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn start_run(s: State, z_t: f32) -> Run {
    let whole = in_grains(s.w);
    let base = select(0.0, whole, finite(whole));
    let v = s.w - base;
    return Run(State(s.x, s.y, s.z - z_t, v), open_window(v), base, 0.0, 0.0, 0.0, -1.0, 0u, 0u, 0u, RUNNING);
}

// What geometric continuation of the changes still adds; negative where they do not shrink, or where there are not two.
fn rest_of(change: f32, before: f32) -> f32 {
    if change < 0.0 || before < 0.0 {
        return -1.0;
    }
    if change <= FLOOR_SINGLE {
        return FLOOR_SINGLE;
    }
    if change >= before {
        return -1.0;
    }
    return max(FLOOR_SINGLE, change * change / (before - change));
}

fn at_rest(run: Run, cell: Cell, b: Basin) -> Closed {
    var done = run;
    done.phase = DONE;
    let s = run.state;
    let v = b.v_high + b.v_low;
    let time = f32(run.steps) * cell.dt;
    return Closed(done, Verdict(0.0, v, v, v, -1.0, 0.0, time, STEADY, run.steps, run.windows, s.x, s.y, cell.parameters.z_t + s.z, run.base + s.w));
}

// The verdict where the motion is not at rest. A cycle shows its last turn; what has not settled, its last window.
fn conclude(run: Run, cell: Cell, outcome: u32, rest: f32) -> Closed {
    var done = run;
    done.phase = DONE;
    let w = run.window;
    let s = run.state;
    let cycle = outcome == OSCILLATING;
    let low = select(w.v_min, w.trough, cycle);
    let high = select(w.v_max, w.peak, cycle);
    let period = select(-1.0, period_of(w, cell.dt), cycle);
    let time = select(-1.0, f32(run.steps) * cell.dt, cycle);
    let b = run.base;
    return Closed(done, Verdict(high - low, b + low, b + high, b + mean_of(w), period, rest, time, outcome, run.steps, run.windows, s.x, s.y, cell.parameters.z_t + s.z, b + s.w));
}

// Whether a motion of this span about a stable equilibrium is on its way to it.
fn is_dying(run: Run, cell: Cell, span: f32) -> bool {
    let lost = (run.peak - run.trough) - span;
    let time = f32(cell.window_steps) * cell.dt;
    let mean = mean_of(run.window);
    for (var i = 0u; i < cell.basins; i += 1u) {
        let b = basins[cell.first_basin + i];
        let surrounds = abs(distance_from(b, mean, run.base)) < span;
        if surrounds && (span < SMALL_CYCLE || lost > DYING * b.decay * time * span) {
            return true;
        }
    }
    return false;
}

// Closes the window; concludes once there is a verdict, else opens the next.
fn close_window(closing: Run, cell: Cell) -> Closed {
    var run = closing;
    let w = run.window;
    run.windows += 1u;
    let s = run.state;
    if !(finite(s.x) && finite(s.y) && finite(s.z) && finite(s.w) && finite(w.v_max - w.v_min)) {
        return conclude(run, cell, DIVERGED, -1.0);
    }
    for (var i = 0u; i < cell.basins; i += 1u) {
        let b = basins[cell.first_basin + i];
        if holds(b, s, run.base) {
            return at_rest(run, cell, b);
        }
    }
    var change = -1.0;
    if w.peaks >= FEWEST_PEAKS && run.peaks >= FEWEST_PEAKS {
        let returns = max(max(abs(w.peak - run.peak), abs(w.trough - run.trough)), abs(w.z_peak - run.z_peak));
        change = max(returns, w.v_max - w.low_peak);
    }
    let rest = rest_of(change, run.change);
    let span = w.peak - w.trough;
    let near = rest >= 0.0 && rest <= min(REST_SINGLE, REST_RELATIVE * span);
    if near && !is_dying(run, cell, span) {
        return conclude(run, cell, OSCILLATING, rest);
    }
    if run.windows >= cell.max_windows {
        return conclude(run, cell, UNSETTLED, -1.0);
    }
    let shift = in_grains(s.w);
    run.base += shift;
    run.state.w -= shift;
    run.peak = w.peak - shift;
    run.trough = w.trough - shift;
    run.z_peak = w.z_peak;
    run.peaks = w.peaks;
    run.change = change;
    run.window = open_window(run.state.w);
    var going: Closed;
    going.run = run;
    return going;
}
