// The settling rule: when a run ends, and with which result. Twin of src/kernel/settle.rs, which gives the
// reasons.

// A run after it has been looked at.
struct Looked {
    run: Run,
    result: RunResult, // valid once run.phase is DONE
}

// A run that goes on.
fn going(run: Run) -> Looked {
    var looked: Looked;
    looked.run = run;
    return looked;
}

// A run that ends with this outcome, and the numbers of `result`.
fn concluded(run: Run, outcome: u32, certificate: u32, numbers: RunResult) -> Looked {
    var done = run;
    done.phase = DONE;
    var result = numbers;
    result.outcome = outcome;
    result.certificate = certificate;
    result.steps = run.steps;
    result.windows = run.windows;
    result.end_x = run.state.x;
    result.end_y = run.state.y;
    result.end_z = run.z_0 + run.state.z;
    result.end_v = run.v_0 + run.state.w;
    return Looked(done, result);
}

// Time of the motion so far, Newton's method aside.
fn time_of(run: Run, cell: Cell) -> f32 {
    return f32(run.steps - run.newton_steps) * cell.dt;
}

// Result of a run that has come to rest at this V.
fn at_rest(run: Run, cell: Cell, v: f32, certificate: u32) -> Looked {
    var r: RunResult;
    r.v_min = v;
    r.v_max = v;
    r.v_mean = v;
    r.period = -1.0;
    r.settle_time = time_of(run, cell);
    r.multiplier = -1.0;
    r.maxima = -1.0;
    r.lyapunov = V_INFINITY;
    return concluded(run, STEADY, certificate, r);
}

// Result of a run on the cycle that Newton's method has found.
fn on_cycle(run: Run, index: u32, cell: Cell, certificate: u32) -> Looked {
    let b = run.v_0;
    let low = runs[index].newton.low;
    let high = runs[index].newton.high;
    var r: RunResult;
    r.span = high - low;
    r.v_min = b + low;
    r.v_max = b + high;
    r.v_mean = b + runs[index].newton.mean;
    r.period = runs[index].newton.period;
    r.maxima = f32(runs[index].newton.maxima);
    r.multiplier = runs[index].newton.multiplier;
    // What a period adds in error, the contraction of the returns takes away.
    let step = r.maxima * run.dt / r.period;
    let damping = DAMPING * step * step * step * step * step * r.span;
    let added = damping + ROUNDING_F32 * (1.0 + r.span);
    let contraction = max(1.0 - r.multiplier, CONTRACTION_F32);
    r.span_error = runs[index].newton.change + max(RETURN_NOISE_F32, cell.peak_error) + added / contraction;
    r.settle_time = time_of(run, cell);
    r.lyapunov = V_INFINITY;
    return concluded(run, OSCILLATING, certificate, r);
}

// Result of a run that is neither. Infinite numbers are missing ones, as are negative errors and times.
fn without_numbers(run: Run, outcome: u32) -> Looked {
    let none = V_INFINITY;
    var r: RunResult;
    r.span = none;
    r.v_min = none;
    r.v_max = none;
    r.v_mean = none;
    r.period = none;
    r.span_error = none;
    r.settle_time = none;
    r.multiplier = none;
    r.maxima = none;
    r.lyapunov = V_INFINITY;
    return concluded(run, outcome, CERTIFICATE_NONE, r);
}

// Result of a run in windows by time: what its last window has seen.
fn last_window(run: Run) -> Looked {
    let w = run.window;
    let b = run.v_0;
    var r: RunResult;
    r.span = w.v_max - w.v_min;
    r.v_min = b + w.v_min;
    r.v_max = b + w.v_max;
    r.v_mean = b + mean_of(w);
    r.period = period_of(w, run.dt);
    r.span_error = -1.0;
    r.settle_time = -1.0;
    r.multiplier = -1.0;
    r.maxima = -1.0;
    r.lyapunov = V_INFINITY;
    return concluded(run, UNSETTLED, CERTIFICATE_NONE, r);
}

// Looks at the run where it is due; returns the result if the run ends.
fn look(due: Run, index: u32, cell: Cell) -> Looked {
    var run = due;
    run.windows += 1u;
    if run.pass_kind != MOTION {
        run.newton_steps += run.window.step;
        return end_pass(run, index, cell);
    }
    let w = run.window;
    if !(all_finite(run.state) && finite(w.v_max - w.v_min)) {
        return without_numbers(run, DIVERGED);
    }
    for (var i = 0u; i < cell.regions; i += 1u) {
        let b = regions[cell.first_region + i];
        if b.growth < 0.0 && holds(b, run.state, run.v_0, run.z_0 - cell.parameters.z_t) {
            return at_rest(run, cell, b.v_high + b.v_low, CERTIFICATE_ELLIPSOID);
        }
    }
    // In single precision, no motion is followed along the slow manifold.
    let by_time = cell.first_peaks == 0xffffffffu;
    let is_over = run.steps >= cell.max_steps;
    // What the last window has seen when the time is up counts, too.
    let is_whole = w.peaks == run.peaks_due || (is_over && !by_time && w.peaks >= FIRST_PEAKS);
    runs[index].newton.expected = 0.0;
    if is_whole {
        let found = compare_with_normal_form(run, index, cell);
        run = found.run;
        if found.dies {
            return at_rest(run, cell, found.v, CERTIFICATE_NORMAL_FORM);
        }
    }
    run.centre = 0.5 * (w.v_min + w.v_max);
    if is_over && by_time {
        return last_window(run);
    }
    if abs(run.state.x) + abs(run.state.y) < COHERENCE_F32 && !by_time {
        return without_numbers(run, UNSETTLED);
    }
    if is_whole {
        let next = w.peaks + max((w.peaks + MORE_PEAKS - 1u) / MORE_PEAKS, FEWEST_MORE_PEAKS);
        let whole = select(next, (next + MARKED_PEAKS - 1u) / MARKED_PEAKS * MARKED_PEAKS, next > MARKED_PEAKS);
        run.peaks_due = min(whole, MOST_PEAKS);
    }
    var period = vec2<f32>();
    if is_whole {
        period = near_period(run);
        run.skip = 0u;
    }
    if is_whole || w.peaks == 0u || by_time {
        run = follow_origin(run);
    }
    if period.x > 0.0 {
        run = leave_motion(run, index, period, w.v_max - w.v_min);
    } else if is_over {
        return without_numbers(run, UNSETTLED);
    } else {
        run.step_due = next_look(run, cell);
    }
    return going(run);
}

// Moves the origin to the motion in whole steps of the origin grid, without rounding, and opens a window.
fn follow_origin(before: Run) -> Run {
    var run = before;
    let shift = vec2<f32>(to_origin_grid(run.state.w), to_origin_grid(run.state.z));
    run.v_0 += shift.x;
    run.z_0 += shift.y;
    run.state.w -= shift.x;
    run.state.z -= shift.y;
    run.centre -= shift.x;
    run.window = open_window(run.state.w);
    return run;
}

// Period of the return of the window from which Newton's method starts, and the time to start after the latest
// maximum, both in steps; 0 where no return came near enough.
fn near_period(run: Run) -> vec2<f32> {
    let w = run.window;
    if run.is_dying == 1u {
        return vec2<f32>();
    }
    if run.skip != 1u && w.last_distance <= NEAR_RETURN * swing(w) {
        return vec2<f32>(w.last_time, 0.25 * w.last_time);
    }
    // A period of several maxima fits into the window some times.
    let fits = w.near > 0u && w.near != run.skip && FEWEST_REPEATS * w.near < w.peaks;
    if fits && w.near_distance <= NEAR_RETURN * (w.v_max - w.v_min) {
        return vec2<f32>(w.near_time, 0.25 * w.near_time / f32(w.near));
    }
    return vec2<f32>();
}

// What the normal forms say of a window.
struct NormalForm {
    run: Run,
    dies: bool, // whether the swing dies
    v: f32,     // V of the equilibrium about which it does
}

// Compares the swing's change over the window with the normal forms of the cell's equilibria.
fn compare_with_normal_form(looked_at: Run, index: u32, cell: Cell) -> NormalForm {
    var run = looked_at;
    let w = run.window;
    let first = w.first_swing;
    let last = swing(w);
    let middle = 0.5 * (w.peak + w.trough);
    let time = (w.last_peak - w.first_peak) * run.dt;
    let noise = NORMAL_FORM_NOISE * max(ROUNDING_F32, cell.peak_error * first);
    let before = run.followed;
    run.followed = 0u;
    run.is_dying = 0u;
    for (var i = 0u; i < cell.regions; i += 1u) {
        let b = regions[cell.first_region + i];
        let off = abs(distance_from(b, middle, run.v_0));
        if !(off <= last && abs(last - first) > noise) {
            continue;
        }
        // No small cycle surrounds an equilibrium that is stable near a supercritical Hopf point.
        if b.growth < 0.0 && last < select(DYING * first, first, b.curvature < 0.0) {
            run.is_dying = 1u;
        }
        if !(off <= ABOUT * last) || b.curvature == 0.0 {
            continue;
        }
        let predicted = normal_form_change(b, first, time);
        let seen = 1.0 / (last * last) - 1.0 / (first * first);
        if !(abs(seen - predicted) <= NORMAL_FORM_ERROR * abs(predicted)) {
            continue;
        }
        run.followed = i + 1u;
        if before != i + 1u {
            continue;
        }
        let square = -b.growth / b.curvature;
        if b.growth < 0.0 && (square < 0.0 || last * last < INSIDE_UNSTABLE * square) {
            return NormalForm(run, true, b.v_high + b.v_low);
        }
        if b.growth > 0.0 && square > 0.0 {
            runs[index].newton.expected = sqrt(square);
        }
    }
    return NormalForm(run, false, 0.0);
}
