// When a motion counts as settled, and what the answer then is. Twin of src/kernel/settle.rs, which tells why.

// A cell's run: its motion so far. Z is counted from `z_base`, V from `base`.
struct Run {
    state: State,
    rate: State, // its rates of change there
    window: Window,
    base: f32,
    z_base: f32,
    turn_1: Turn, // the return of the window before,
    turn_2: Turn, // of the one before that,
    turn_3: Turn, // and of the one before that
    limit: Turn,  // where the returns up to the window before led
    turns: u32,   // how many of the returns there are, three at most; four where they led to a limit
    windows: u32,
    steps: u32,
    phase: u32,
    piece: i32, // of the table, that it is on
}

struct Closed {
    run: Run,
    verdict: Verdict, // stands once run.phase is DONE
}

// By the exponent's bits: comparisons with NaN cannot be relied on everywhere.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn origin_for(at: f32) -> f32 {
    let whole = in_grains(at);
    return select(0.0, whole, finite(whole));
}

fn start_run(s: State) -> Run {
    let base = origin_for(s.w);
    let z_base = origin_for(s.z);
    let v = s.w - base;
    let nowhere = Turn(0.0, 0.0, 0.0, 0.0, 0.0);
    return Run(State(s.x, s.y, s.z - z_base, v), State(), open_window(v), base, z_base, nowhere, nowhere, nowhere, nowhere, 0u, 0u, 0u, RUNNING, 0);
}

// Takes over a step: the state that it leads to, and the rates of change there.
fn arrived(before: Run, state: State, rate: State) -> Run {
    var run = before;
    run.state = state;
    run.rate = rate;
    run.steps += 1u;
    return run;
}

fn at_rest(run: Run, cell: Cell, b: Basin) -> Closed {
    var done = run;
    done.phase = DONE;
    let s = run.state;
    let v = b.v_high + b.v_low;
    let time = f32(run.steps) * cell.dt;
    return Closed(done, Verdict(0.0, v, v, v, -1.0, 0.0, time, STEADY, run.steps, run.windows, s.x, s.y, run.z_base + s.z, run.base + s.w));
}

// The verdict where the motion is not at rest. A cycle shows the limit of its returns; what has not settled, its last window.
fn conclude(run: Run, cell: Cell, outcome: u32, limit: Turn, error: f32) -> Closed {
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
    let b = run.base;
    return Closed(done, Verdict(high - low, b + low, b + high, b + mean, period, error, time, outcome, run.steps, run.windows, s.x, s.y, run.z_base + s.z, b + s.w));
}

// Whether a motion of this span about a stable equilibrium is on its way to it.
fn is_dying(run: Run, cell: Cell, span: f32) -> bool {
    let lost = turn_span(run.turn_1) - span;
    let time = f32(run.window.step) * cell.dt;
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

// Whether the window under way ends here.
fn window_ends(run: Run, cell: Cell) -> bool {
    return run.window.peaks == cell.turns || run.window.step == cell.window_steps || run.steps == cell.max_steps;
}

// Closes the window; concludes once there is a verdict, else opens the next.
fn close_window(closing: Run, cell: Cell) -> Closed {
    var run = closing;
    let w = run.window;
    run.windows += 1u;
    let s = run.state;
    let turn = turn_of(w, cell.dt);
    if !(finite(s.x) && finite(s.y) && finite(s.z) && finite(s.w) && finite(w.v_max - w.v_min)) {
        return conclude(run, cell, DIVERGED, turn, -1.0);
    }
    for (var i = 0u; i < cell.basins; i += 1u) {
        let b = basins[cell.first_basin + i];
        if holds(b, s, run.base, run.z_base - cell.parameters.z_t) {
            return at_rest(run, cell, b);
        }
    }
    let whole = w.peaks == cell.turns;
    let floor = max(FLOOR_SINGLE, cell.blur);
    var led = Led(turn, false);
    if whole && run.turns >= 3u {
        led = limit_of(run.turn_3, run.turn_2, run.turn_1, turn, floor);
    }
    if led.there && run.turns == 4u {
        let span = turn_span(led.limit);
        let rest = turn_minus(led.limit, turn);
        let added = max(abs(rest.peak), abs(rest.trough));
        let error = max(max(floor, turn_size(turn_minus(led.limit, run.limit))), TRUST * added);
        let away = max(added, w.v_max - w.low_peak);
        let rest_allowed = max(REST_SINGLE, BLURS * cell.blur);
        let agrees = error <= min(rest_allowed, REST_RELATIVE * span);
        if agrees && away <= NEAR_LIMIT * span && !is_dying(run, cell, turn_span(turn)) {
            return conclude(run, cell, OSCILLATING, led.limit, error);
        }
    }
    if run.steps >= cell.max_steps {
        return conclude(run, cell, UNSETTLED, turn, -1.0);
    }
    let shift = vec2<f32>(in_grains(s.w), in_grains(s.z));
    run.base += shift.x;
    run.z_base += shift.y;
    run.state.w -= shift.x;
    run.state.z -= shift.y;
    run.turn_3 = shifted(run.turn_2, shift);
    run.turn_2 = shifted(run.turn_1, shift);
    run.turn_1 = shifted(turn, shift);
    run.limit = shifted(led.limit, shift);
    run.turns = min(3u, run.turns + 1u);
    if led.there {
        run.turns = 4u;
    }
    // A window that time has ended begins the count anew.
    if !whole {
        run.turns = 0u;
    }
    run.window = open_window(run.state.w);
    var going: Closed;
    going.run = run;
    return going;
}
