// When a motion counts as settled, and what the answer then is. Twin of src/kernel/settle.rs, which tells why.

// A cell's run: its motion so far. Z is counted from `z_0`, V from `v_0`.
struct Run {
    state: State,
    rate: State, // its rates of change there
    window: Window,
    v_0: f32,
    z_0: f32,
    return_1: Return, // the return of the window before,
    return_2: Return, // of the one before that,
    return_3: Return, // and of the one before that
    limit: Return,  // where the returns up to the window before led
    returns: u32,   // how many of the returns there are, three at most; four where they led to a limit
    windows: u32,
    steps: u32,
    phase: u32,
    piece: i32, // of the table, that it is on
}

struct Closed {
    run: Run,
    result: RunResult, // stands once run.phase is DONE
}

// By the exponent's bits: comparisons with NaN cannot be relied on everywhere.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn origin_for(at: f32) -> f32 {
    let whole = to_origin_grid(at);
    return select(0.0, whole, finite(whole));
}

fn start_run(s: State) -> Run {
    let v_0 = origin_for(s.w);
    let z_0 = origin_for(s.z);
    let v = s.w - v_0;
    let nowhere = Return(0.0, 0.0, 0.0, 0.0, 0.0);
    return Run(State(s.x, s.y, s.z - z_0, v), State(), open_window(v), v_0, z_0, nowhere, nowhere, nowhere, nowhere, 0u, 0u, 0u, RUNNING, 0);
}

// Takes over a step: the state that it leads to, and the rates of change there.
fn accept_step(before: Run, state: State, rate: State) -> Run {
    var run = before;
    run.state = state;
    run.rate = rate;
    run.steps += 1u;
    return run;
}

fn at_rest(run: Run, cell: Cell, b: TrappingRegion) -> Closed {
    var done = run;
    done.phase = DONE;
    let s = run.state;
    let v = b.v_high + b.v_low;
    let time = f32(run.steps) * cell.dt;
    return Closed(done, RunResult(0.0, v, v, v, -1.0, 0.0, time, STEADY, run.steps, run.windows, s.x, s.y, run.z_0 + s.z, run.v_0 + s.w));
}

// The verdict where the motion is not at remaining. A cycle shows the limit of its returns; what has not settled, its last window.
fn conclude(run: Run, cell: Cell, outcome: u32, limit: Return, error: f32) -> Closed {
    var done = run;
    done.phase = DONE;
    let w = run.window;
    let s = run.state;
    let cycle = outcome == OSCILLATING;
    let low = select(w.v_min, limit.trough, cycle);
    let high = select(w.v_max, limit.peak, cycle);
    let mean = select(mean_of(w), limit.mean, cycle);
    let period = select(-1.0, limit.period, cycle);
    let time = select(-1.0, f32(run.steps) * cell.dt, cycle);
    let b = run.v_0;
    return Closed(done, RunResult(high - low, b + low, b + high, b + mean, period, error, time, outcome, run.steps, run.windows, s.x, s.y, run.z_0 + s.z, b + s.w));
}

// Whether a motion of this span about a stable equilibrium is on its way to it.
fn is_decaying(run: Run, cell: Cell, span: f32) -> bool {
    let lost = return_span(run.return_1) - span;
    let time = f32(run.window.step) * cell.dt;
    let mean = mean_of(run.window);
    for (var i = 0u; i < cell.regions; i += 1u) {
        let b = regions[cell.first_region + i];
        let surrounds = abs(distance_from(b, mean, run.v_0)) < span;
        if surrounds && (span < SMALL_CYCLE || lost > DECAY_SHARE * b.decay * time * span) {
            return true;
        }
    }
    return false;
}

// Whether the window under way ends here.
fn window_ends(run: Run, cell: Cell) -> bool {
    return run.window.peaks == cell.peaks_per_window || run.window.step == cell.window_steps || run.steps == cell.max_steps;
}

// Closes the window; concludes once there is a verdict, else opens the next.
fn close_window(closing: Run, cell: Cell) -> Closed {
    var run = closing;
    let w = run.window;
    run.windows += 1u;
    let s = run.state;
    let latest = return_of(w, cell.dt);
    if !(finite(s.x) && finite(s.y) && finite(s.z) && finite(s.w) && finite(w.v_max - w.v_min)) {
        return conclude(run, cell, DIVERGED, latest, -1.0);
    }
    for (var i = 0u; i < cell.regions; i += 1u) {
        let b = regions[cell.first_region + i];
        if holds(b, s, run.v_0, run.z_0 - cell.parameters.z_t) {
            return at_rest(run, cell, b);
        }
    }
    let whole = w.peaks == cell.peaks_per_window;
    let noise = max(RETURN_NOISE_F32, cell.peak_error);
    var extrapolated = Extrapolated(latest, false);
    if whole && run.returns >= 3u {
        extrapolated = limit_of(run.return_3, run.return_2, run.return_1, latest, noise);
    }
    if extrapolated.converges && run.returns == 4u {
        let span = return_span(extrapolated.limit);
        let remaining = return_minus(extrapolated.limit, latest);
        let added = max(abs(remaining.peak), abs(remaining.trough));
        let error = max(max(noise, return_size(return_minus(extrapolated.limit, run.limit))), EXTRAPOLATION_ERROR * added);
        let away = max(added, w.v_max - w.low_peak);
        let tolerance = max(LIMIT_TOLERANCE_F32, PEAK_ERRORS * cell.peak_error);
        let agrees = error <= min(tolerance, LIMIT_TOLERANCE_RELATIVE * span);
        if agrees && away <= NEAR_LIMIT * span && !is_decaying(run, cell, return_span(latest)) {
            return conclude(run, cell, OSCILLATING, extrapolated.limit, error);
        }
    }
    if run.steps >= cell.max_steps {
        return conclude(run, cell, UNSETTLED, latest, -1.0);
    }
    let shift = vec2<f32>(to_origin_grid(s.w), to_origin_grid(s.z));
    run.v_0 += shift.x;
    run.z_0 += shift.y;
    run.state.w -= shift.x;
    run.state.z -= shift.y;
    run.return_3 = shifted(run.return_2, shift);
    run.return_2 = shifted(run.return_1, shift);
    run.return_1 = shifted(latest, shift);
    run.limit = shifted(extrapolated.limit, shift);
    run.returns = min(3u, run.returns + 1u);
    if extrapolated.converges {
        run.returns = 4u;
    }
    // A window that time has ended begins the count anew.
    if !whole {
        run.returns = 0u;
    }
    run.window = open_window(run.state.w);
    var going: Closed;
    going.run = run;
    return going;
}
