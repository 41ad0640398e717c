// The settling rule: when a run ends, and with which result. Twin of src/kernel/settle.rs, which gives the
// reasons.

// Ends the run with this outcome, and the numbers of `numbers` as its result.
fn conclude(run: ptr<function, Run>, index: u32, outcome: u32, certificate: u32, numbers: RunResult) {
    var result = numbers;
    result.outcome = outcome;
    result.certificate = certificate;
    result.steps = run.steps;
    result.windows = run.windows;
    result.end_x = run.state.x;
    result.end_y = run.state.y;
    result.end_z = run.z_0 + run.state.z;
    result.end_v = run.v_0 + run.state.w;
    result.number = runs[index].number;
    results[atomicAdd(&status.finished, 1u)] = result;
    if outcome == STEADY || outcome == OSCILLATING {
        atomicAdd(&status.settled, 1u);
    }
    run.phase = DONE;
}

// Time of the motion so far, Newton's method aside.
fn time_of(run: ptr<function, Run>, cell: Cell) -> f32 {
    return f32(run.steps - run.newton_steps) * cell.dt;
}

// The run has come to rest at this V.
fn at_rest(run: ptr<function, Run>, index: u32, cell: Cell, v: f32, certificate: u32) {
    var r: RunResult;
    r.v_min = v;
    r.v_max = v;
    r.v_mean = v;
    r.period = -1.0;
    r.settle_time = time_of(run, cell);
    r.multiplier = -1.0;
    r.maxima = -1.0;
    r.lyapunov = V_INFINITY;
    r.lyapunov_error = V_INFINITY;
    conclude(run, index, STEADY, certificate, r);
}

// The run is on the cycle that Newton's method has found.
fn on_cycle(run: ptr<function, Run>, index: u32, cell: Cell, certificate: u32) {
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
    r.lyapunov_error = V_INFINITY;
    conclude(run, index, OSCILLATING, certificate, r);
}

// The run is neither. Infinite numbers are missing ones, as are negative errors and times.
fn without_numbers(run: ptr<function, Run>, index: u32, outcome: u32) {
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
    r.lyapunov_error = V_INFINITY;
    conclude(run, index, outcome, CERTIFICATE_NONE, r);
}

// The run in windows by time ends: what its last window has seen.
fn last_window(run: ptr<function, Run>, index: u32) {
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
    r.lyapunov_error = V_INFINITY;
    conclude(run, index, UNSETTLED, CERTIFICATE_NONE, r);
}

// Looks at the run where it is due. A run that ends has its result, and is `DONE`.
fn look(run: ptr<function, Run>, index: u32, cell: Cell) {
    run.windows += 1u;
    if run.pass_kind == MOTION {
        end_window(run, index, cell);
    } else {
        run.newton_steps += run.window.step;
        end_pass(run, index, cell);
    }
}

// Looks at the motion: at the end of a window, or in between.
fn end_window(run: ptr<function, Run>, index: u32, cell: Cell) {
    let w = run.window;
    if !(all_finite(run.state) && finite(w.v_max - w.v_min)) {
        without_numbers(run, index, DIVERGED);
        return;
    }
    let inside = region_around(run, index, cell);
    if inside < cell.regions {
        let b = runs[index].regions[inside];
        at_rest(run, index, cell, b.v_high + b.v_low, CERTIFICATE_ELLIPSOID);
        return;
    }
    // In single precision, no motion is followed along the slow manifold.
    let by_time = cell.first_peaks == 0xffffffffu;
    let is_over = run.steps >= cell.max_steps;
    // What the last window has seen when the time is up counts, too.
    let is_whole = w.peaks == run.peaks_due || (is_over && !by_time && w.peaks >= FIRST_PEAKS);
    runs[index].newton.expected = 0.0;
    if is_whole {
        let found = compare_with_normal_form(run, index, cell);
        if found.dies {
            at_rest(run, index, cell, found.v, CERTIFICATE_NORMAL_FORM);
            return;
        }
    }
    run.centre = 0.5 * (w.v_min + w.v_max);
    if is_over && by_time {
        last_window(run, index);
        return;
    }
    if abs(run.state.x) + abs(run.state.y) < COHERENCE_F32 && !by_time {
        without_numbers(run, index, UNSETTLED);
        return;
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
        follow_origin(run);
    }
    if period.x > 0.0 {
        leave_motion(run, index, period, w.v_max - w.v_min);
    } else if is_over {
        without_numbers(run, index, UNSETTLED);
    } else {
        run.step_due = next_look(run, cell);
    }
}

// Number of the trapping region that the state is in; that of all regions where it is in none.
fn region_around(run: ptr<function, Run>, index: u32, cell: Cell) -> u32 {
    var inside = 0u;
    for (; inside < cell.regions; inside += 1u) {
        let b = runs[index].regions[inside];
        if b.growth < 0.0 && holds(b, run.state, run.v_0, run.z_0 - cell.parameters.z_t) {
            break;
        }
    }
    return inside;
}

// Moves the origin to the motion in whole steps of the origin grid, without rounding, and opens a window.
fn follow_origin(run: ptr<function, Run>) {
    let shift = vec2<f32>(to_origin_grid(run.state.w), to_origin_grid(run.state.z));
    run.v_0 += shift.x;
    run.z_0 += shift.y;
    run.state.w -= shift.x;
    run.state.z -= shift.y;
    run.centre -= shift.x;
    run.window = open_window(run.state.w);
}

// Period of the return of the window from which Newton's method starts, and the time to start after the latest
// maximum, both in steps; 0 where no return came near enough.
fn near_period(run: ptr<function, Run>) -> vec2<f32> {
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
    dies: bool, // whether the swing dies
    v: f32,     // V of the equilibrium about which it does
}

// Compares the swing's change over the window with the normal forms of the cell's equilibria.
fn compare_with_normal_form(run: ptr<function, Run>, index: u32, cell: Cell) -> NormalForm {
    let w = run.window;
    let first = abs(w.first_swing);
    let last = swing(w);
    let middle = 0.5 * (w.peak + w.trough);
    let time = (w.last_peak - w.first_peak) * run.dt;
    let noise = NORMAL_FORM_NOISE * max(ROUNDING_F32, cell.peak_error * first);
    let before = run.followed;
    run.followed = 0u;
    run.is_dying = 0u;
    var found = NormalForm(false, 0.0);
    for (var i = 0u; i < cell.regions && !found.dies; i += 1u) {
        let b = runs[index].regions[i];
        let off = abs(distance_from(b, middle, run.v_0));
        if !(off <= last && abs(last - first) > noise) {
            continue;
        }
        // No small cycle surrounds an equilibrium that is stable near a supercritical Hopf point.
        if b.growth < 0.0 && last < select(DYING * first, first, b.curvature < 0.0) {
            run.is_dying = 1u;
        }
        if !(off <= ABOUT * last && w.first_swing > 0.0) || b.curvature == 0.0 {
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
            found = NormalForm(true, b.v_high + b.v_low);
        } else if b.growth > 0.0 && square > 0.0 {
            runs[index].newton.expected = sqrt(square);
        }
    }
    return found;
}
