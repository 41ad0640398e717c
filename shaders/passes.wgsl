// Passes of Newton's method: what each ends with, and which comes next. Twin of src/kernel/passes.rs, which gives
// the reasons.

// Leaves the motion for Newton's method, which begins a quarter of a period after the maximum.
fn leave_motion(run: ptr<function, Run>, index: u32, period: vec2<f32>, span: f32) {
    runs[index].newton.period = period.x * run.dt;
    runs[index].newton.first_period = runs[index].newton.period;
    runs[index].newton.size = span;
    runs[index].newton.iterations = 0u;
    runs[index].newton.has_tangents = 0u;
    run.pass_kind = DRIFT;
    run.step_due = max(u32(period.y), 1u);
}

// Ends a pass of Newton's method. Each step says what is next, and it is done here: compilers repeat a function
// wherever it is called.
fn end_pass(run: ptr<function, Run>, index: u32, cell: Cell) {
    var next = MOTION;
    var certificate = CERTIFICATE_NEWTON;
    if all_finite(run.state) {
        if run.pass_kind == DRIFT {
            next = begin_newton(run, index, cell);
        } else if run.pass_kind == PERIOD {
            next = end_period(run, index, cell);
        } else if run.pass_kind == RETURN {
            run.returns += 1u;
            next = end_return(run, index);
        } else {
            next = end_tangent(run, index);
        }
    }
    if next == CHANGE_POINT {
        next = change_point(index);
    }
    if next == JUDGE_CYCLE {
        next = judge_cycle(index);
        run.returns = 0u;
        certificate = CERTIFICATE_NORMAL_FORM;
    }
    if next == PASS_BY {
        run.skip = runs[index].newton.maxima;
    }
    if next == ON_CYCLE {
        on_cycle(run, index, cell, certificate);
    } else if next == LEAVE_OPEN {
        without_numbers(run, index, UNSETTLED);
    } else if next >= PERIOD && next <= RETURN && goes_on(index) {
        begin_pass(run, index, cell, next);
    } else {
        resume_motion(run, index, cell);
    }
}

// Begins Newton's method where the drift has ended.
fn begin_newton(run: ptr<function, Run>, index: u32, cell: Cell) -> u32 {
    let inverse = 1.0 / sqrt(inner(run.rate, run.rate));
    let by = normal_form_scale(run, index, cell);
    runs[index].newton.start = run.state;
    runs[index].newton.size = by * (runs[index].newton.size + abs(run.state.x) + abs(run.state.y));
    runs[index].newton.at = scaled(run, index, cell, by);
    runs[index].newton.flow = inverse * run.rate;
    return select(MOTION, PERIOD, finite(inverse));
}

// The cycle's span by the normal form over the motion's; 1 without a normal form that the motion follows.
fn normal_form_scale(run: ptr<function, Run>, index: u32, cell: Cell) -> f32 {
    let is_known = run.followed > 0u && run.followed <= cell.regions;
    let expected = runs[index].newton.expected;
    if is_known && expected > 0.0 {
        return expected / runs[index].newton.size;
    }
    return 1.0;
}

// The state scaled by a factor about the equilibrium whose normal form the motion follows.
fn scaled(run: ptr<function, Run>, index: u32, cell: Cell, by: f32) -> State {
    let s = run.state;
    if by == 1.0 {
        return s;
    }
    let b = runs[index].regions[run.followed - 1u];
    let z = cell.parameters.z_t - run.z_0;
    let v = -distance_from(b, 0.0, run.v_0);
    return State(by * s.x, by * s.y, z + by * (s.z - z), v + by * (s.w - v));
}

// Whether Newton's method goes on: its period is still near that of the first guess, and it has not followed too many.
fn goes_on(index: u32) -> bool {
    let period = runs[index].newton.period;
    let first_period = runs[index].newton.first_period;
    let fits = period * PERIOD_RANGE > first_period && period < PERIOD_RANGE * first_period;
    return fits && runs[index].newton.iterations < ITERATIONS;
}

// Begins a pass: one period from the point, from the point displaced, or of the motion.
fn begin_pass(run: ptr<function, Run>, index: u32, cell: Cell, kind: u32) {
    let period = runs[index].newton.period;
    let in_steps = period / cell.dt;
    var steps = max(ceil(in_steps), f32(FEWEST_STEPS));
    // A number of steps that followed every change of the period would change the cycle, and so the period.
    let steps_before = f32(run.step_due);
    if run.pass_kind != DRIFT && abs(in_steps - steps_before) <= KEPT_STEPS * steps_before {
        steps = steps_before;
    }
    if kind == PERIOD {
        run.state = runs[index].newton.at;
    } else if kind == RETURN {
        if run.returns == 0u {
            run.state = runs[index].newton.start;
        }
    } else {
        run.state = displaced(index, kind - TANGENT);
    }
    run.pass_kind = kind;
    run.dt = period / steps;
    run.window = open_window(run.state.w);
    run.step_due = u32(steps);
}

// After a period from the point: is it closed?
fn end_period(run: ptr<function, Run>, index: u32, cell: Cell) -> u32 {
    let w = run.window;
    runs[index].newton.end = run.state;
    runs[index].newton.end_rate = run.rate;
    runs[index].newton.low = w.v_min;
    runs[index].newton.high = w.v_max;
    runs[index].newton.mean = w.area / f32(w.step);
    runs[index].newton.maxima = w.peaks;
    runs[index].newton.iterations += 1u;
    let span = w.v_max - w.v_min;
    if !(extent(index) > SMALLEST_CYCLE * runs[index].newton.size) || w.peaks == 0u {
        return MOTION;
    }
    let noise = SAME_NOISE * max(RETURN_NOISE_F32, cell.peak_error);
    if w.near > 0u && w.near < w.peaks && w.near_distance <= SAME_MAXIMUM * span + noise {
        // The orbit closes earlier.
        runs[index].newton.period = w.near_time * run.dt;
        runs[index].newton.first_period = runs[index].newton.period;
        runs[index].newton.has_tangents = 0u;
        return PERIOD;
    }
    return select(CHANGE_POINT, TANGENT, runs[index].newton.has_tangents == 0u);
}

// After a period from the displaced point.
fn end_tangent(run: ptr<function, Run>, index: u32) -> u32 {
    let i = run.pass_kind - TANGENT;
    take_tangent(index, i, run.state);
    if i < 2u {
        return run.pass_kind + 1u;
    }
    runs[index].newton.has_tangents = 1u;
    runs[index].newton.stale = 0.0;
    runs[index].newton.change = V_INFINITY;
    return CHANGE_POINT;
}

// Newton's change of the point, by the tangents that there are: it has arrived, or goes on, or needs new ones.
fn change_point(index: u32) -> u32 {
    let end_rate = runs[index].newton.end_rate;
    let square = dot(end_rate, end_rate);
    let a = solve(index);
    // A change of the period moves the end of the period with the flow.
    let of_period = a.w * a.w * square;
    let change = sqrt(a.x * a.x + a.y * a.y + a.z * a.z + of_period);
    let span = runs[index].newton.high - runs[index].newton.low;
    let stale = runs[index].newton.stale;
    if change <= ARRIVED_F32 * (1.0 + span) {
        if stale > FRESH_TANGENTS * extent(index) {
            runs[index].newton.has_tangents = 0u;
            return TANGENT;
        }
        runs[index].newton.change = change;
        return JUDGE_CYCLE;
    }
    if stale > 0.0 && change > SLOWING * runs[index].newton.change {
        runs[index].newton.has_tangents = 0u;
        return TANGENT;
    }
    if !(change <= LARGEST_CHANGE * runs[index].newton.size) || !finite(change) {
        return MOTION;
    }
    apply_change(index, a);
    runs[index].newton.change = change;
    runs[index].newton.stale = stale + change;
    return PERIOD;
}

// There is a cycle: is it stable, and the motion's own?
fn judge_cycle(index: u32) -> u32 {
    take_multipliers(index);
    let span = runs[index].newton.high - runs[index].newton.low;
    // A cycle that rounding could have made is none.
    if !(span > RESOLVED * ARRIVED_F32 * (1.0 + span)) {
        return LEAVE_OPEN;
    }
    let multiplier = runs[index].newton.multiplier;
    if !(1.0 - multiplier >= CONTRACTION_F32) {
        // In single precision rounding would decide.
        if multiplier - 1.0 < CONTRACTION_F32 {
            return LEAVE_OPEN;
        }
        return select(MOTION, PASS_BY, multiplier > 1.0);
    }
    let expected = runs[index].newton.expected;
    if expected > 0.0 && abs(span - expected) <= NORMAL_FORM_SPAN * expected {
        return ON_CYCLE;
    }
    begin_returns(index);
    return RETURN;
}

// After a return of the motion: once the return map has turned back, is the motion nearer to the cycle?
fn end_return(run: ptr<function, Run>, index: u32) -> u32 {
    let found = take_return(index, run.state);
    let own = found.x;
    let linear = found.y;
    let lack = found.z;
    let span = runs[index].newton.high - runs[index].newton.low;
    let distance = runs[index].newton.distance;
    // At the cycle, rounding counts, by the largest entry of the norm.
    var rounding = 0.0;
    let d = runs[index].newton.start - runs[index].newton.at;
    if sqrt(inner(d, d)) <= AT_CYCLE * extent(index) {
        let p = runs[index].newton.norm;
        rounding = RETURN_ROUNDING_F32 * (1.0 + span) * sqrt(p[0] + p[3] + p[5]);
    }
    if !(lack <= LACK * distance + rounding) || !finite(own) {
        return MOTION;
    }
    let returns = f32(run.returns);
    let rotation = runs[index].newton.rotation;
    let enough = ENOUGH_RETURNS / (1.0 - runs[index].newton.multiplier);
    let is_whole = returns >= min(rotation, enough);
    let is_linear = run.returns >= FEWEST_RETURNS && returns >= PART_OF_ROTATION * rotation
        && lack <= LINEAR_LACK * (distance - linear);
    let nearer = own <= distance - CONTRACTION_SHARE * (distance - linear) + rounding
        && own >= linear - NEARER * distance - rounding;
    if nearer && (is_linear || is_whole) {
        return ON_CYCLE;
    }
    return select(RETURN, MOTION, is_whole);
}

// Gives Newton's method up for now: the motion goes on from where it was left.
fn resume_motion(run: ptr<function, Run>, index: u32, cell: Cell) {
    if run.pass_kind != DRIFT {
        run.state = runs[index].newton.start;
    }
    run.pass_kind = MOTION;
    run.dt = cell.dt;
    run.window = open_window(run.state.w);
    if !all_finite(run.state) {
        without_numbers(run, index, DIVERGED);
    } else if run.steps >= cell.max_steps {
        without_numbers(run, index, UNSETTLED);
    } else {
        run.step_due = next_look(run, cell);
    }
}
