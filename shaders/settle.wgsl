// When a motion counts as settled, and what the answer then is. Twin of src/kernel/settle.rs, which tells why.

// A cell's run: its motion so far.
struct Run {
    state: State,
    window: Window,
    v_min: f32,  // extremes of the window before
    v_max: f32,
    change: f32, // of these against the one before it
    windows: u32,
    agreed: u32,
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

fn start_run(s: State) -> Run {
    return Run(s, open_window(s.w), 0.0, 0.0, 0.0, 0u, 0u, 0u, RUNNING);
}

// What geometric continuation of the changes still adds to the span; negative where they do not shrink.
fn rest_of(change: f32, before: f32, noise: f32) -> f32 {
    if change <= noise {
        return noise;
    }
    if change >= before {
        return -1.0;
    }
    return change * change / (before - change);
}

fn conclude(run: Run, outcome: u32, rest: f32, dt: f32) -> Closed {
    var done = run;
    done.phase = DONE;
    let w = run.window;
    let settled = outcome == STEADY || outcome == OSCILLATING;
    let period = select(-1.0, period_of(w, dt), outcome == OSCILLATING);
    let time = select(-1.0, f32(run.steps) * dt, settled);
    let mean = select(mean_of(w), 0.5 * (w.v_min + w.v_max), outcome == STEADY);
    return Closed(done, Verdict(w.v_max - w.v_min, w.v_min, w.v_max, mean, period, rest, time, outcome, run.steps, run.windows, run.state.x, run.state.y, run.state.z, run.state.w));
}

// Closes the window; concludes once there is a verdict, else opens the next.
fn close_window(closing: Run, max_windows: u32, dt: f32) -> Closed {
    var run = closing;
    let w = run.window;
    let span = w.v_max - w.v_min;
    let change = max(abs(w.v_min - run.v_min), abs(w.v_max - run.v_max));
    let noise = NOISE * EPSILON * max(abs(run.state.w), 1.0);
    run.windows += 1u;
    let s = run.state;
    if !(finite(s.x) && finite(s.y) && finite(s.z) && finite(s.w) && finite(span)) {
        return conclude(run, DIVERGED, -1.0, dt);
    }
    let quiet = span <= STEADY_SPAN;
    let same = max(max(AGREE_ABSOLUTE, AGREE_RELATIVE * span), select(0.0, noise, quiet));
    let agrees = run.windows > 1u && change <= same;
    run.agreed = select(0u, run.agreed + 1u, agrees);
    let rest = rest_of(change, run.change, noise);
    let near = rest >= 0.0 && rest <= noise + REST_ABSOLUTE + REST_RELATIVE * span;
    let cycle = w.peaks >= FEWEST_PEAKS && w.v_max - w.low_peak <= same;
    if run.agreed >= AGREEMENTS && near && (quiet || cycle) {
        return conclude(run, select(OSCILLATING, STEADY, quiet), rest, dt);
    }
    if run.windows >= max_windows {
        return conclude(run, UNSETTLED, rest, dt);
    }
    run.v_min = w.v_min;
    run.v_max = w.v_max;
    run.change = change;
    run.window = open_window(run.state.w);
    var going: Closed;
    going.run = run;
    return going;
}
