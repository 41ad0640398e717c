// The settling rule: when a run ends, and with which result. Twin of src/kernel/settle.rs, which gives the
// reasons.

// A run after a window has been closed.
struct Closed {
    run: Run,
    result: RunResult, // valid once run.phase is DONE
}

// Result of a run whose state is in a trapping region.
fn at_rest(run: Run, cell: Cell, b: TrappingRegion) -> Closed {
    var done = run;
    done.phase = DONE;
    let s = run.state;
    let v = b.v_high + b.v_low;
    let time = f32(run.steps) * cell.dt;
    return Closed(done, RunResult(0.0, v, v, v, -1.0, 0.0, time, STEADY, run.steps, run.windows, s.x, s.y, run.z_0 + s.z, run.v_0 + s.w));
}

// Result of a run that is not steady: of a cycle the limit of its returns, otherwise its last window.
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

// Whether a motion of this span decays to a stable equilibrium that it surrounds.
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

// Closes the window; returns the result if the run ends, else opens the next window.
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
    // The origin follows the motion in whole steps of the origin grid, without rounding.
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
    // A window ended by time restarts the count.
    if !whole {
        run.returns = 0u;
    }
    run.window = open_window(run.state.w);
    var going: Closed;
    going.run = run;
    return going;
}
