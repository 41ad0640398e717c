// A cell's run: its motion so far, and when its window ends. Twin of src/kernel/run.rs.

// A cell's run.
struct Run {
    state: State,     // state, with Z counted from `z_0` and V from `v_0`
    rate: State,      // rates of change of the state, per tau_c
    window: Window,   // current window
    v_0: f32,         // origin of V, on the origin grid
    z_0: f32,         // origin of Z, on the origin grid
    return_1: Return, // return of the previous window
    return_2: Return, // return of two windows ago
    return_3: Return, // return of three windows ago
    limit: Return,    // limit of the returns up to the previous window
    returns: u32,     // number of stored returns, at most 3; 4 if they had a limit
    windows: u32,     // windows closed
    steps: u32,       // steps taken
    phase: u32,       // FRESH, RUNNING or DONE
    piece: i32,       // current piece of the table
}

// Whether a number is finite, from its exponent's bits: comparisons with NaN are not reliable everywhere.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// Origin for a coordinate of a start; 0 for one that is not finite.
fn origin_for(at: f32) -> f32 {
    let whole = to_origin_grid(at);
    return select(0.0, whole, finite(whole));
}

// A run that starts from a state; one that is not finite keeps its origin at 0 and ends as diverged.
fn start_run(s: State) -> Run {
    let v_0 = origin_for(s.w);
    let z_0 = origin_for(s.z);
    let v = s.w - v_0;
    let nowhere = Return(0.0, 0.0, 0.0, 0.0, 0.0);
    return Run(State(s.x, s.y, s.z - z_0, v), State(), open_window(v), v_0, z_0, nowhere, nowhere, nowhere, nowhere, 0u, 0u, 0u, RUNNING, 0);
}

// Records a step: the state at its end, and the rates of change of that state.
fn accept_step(before: Run, state: State, rate: State) -> Run {
    var run = before;
    run.state = state;
    run.rate = rate;
    run.steps += 1u;
    return run;
}

// Whether the current window ends here.
fn window_ends(run: Run, cell: Cell) -> bool {
    return run.window.peaks == cell.peaks_per_window || run.window.step == cell.window_steps || run.steps == cell.max_steps;
}
