// A cell's run: its motion so far, and when it is looked at. Twin of src/kernel/run.rs.

// A cell's run but for Newton's method, which stays in memory.
struct Run {
    state: State,      // state, with Z counted from `z_0` and V from `v_0`
    rate: State,       // rates of change of the state, per tau_c
    window: Window,    // current window
    v_0: f32,          // origin of V, on the origin grid
    z_0: f32,          // origin of Z, on the origin grid
    dt: f32,           // RK4 step of the current pass, in tau_c
    centre: f32,       // V on which the polynomials are centred, if it is near the motion
    pass_kind: u32,    // MOTION, or a pass of Newton's method
    peaks_due: u32,    // maxima at which the window ends
    step_due: u32,     // step of the window at which the run is looked at, or the pass ends
    newton_steps: u32, // steps of Newton's method
    returns: u32,      // returns of the motion that Newton's method has followed
    skip: u32,         // maxima of a cycle that the last window found unstable; 0 for none
    followed: u32,     // trapping region whose normal form the previous window followed, from 1; 0 for none
    is_dying: u32,     // whether the swing became smaller about an equilibrium that no small cycle surrounds
    windows: u32,      // windows and passes closed
    steps: u32,        // steps taken
    phase: u32,        // RUNNING; else FREE or DONE
    piece: i32,        // current piece of the table
}

// A slot: a cell's run in memory, with the cell.
struct Slot {
    run: Run,
    newton: Newton,
    neuron: Neuron, // made once for an origin and a piece, however a run is cut into dispatches
    cell: Cell,
    regions: array<TrappingRegion, MOST_REGIONS>,
    number: u32,    // number of the cell
}

// Whether a number is finite, from its exponent's bits: comparisons with NaN are not reliable everywhere.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// Whether all components of a state are finite.
fn all_finite(s: State) -> bool {
    return finite(s.x) && finite(s.y) && finite(s.z) && finite(s.w);
}

// Origin for a coordinate of a start; 0 for one that is not finite.
fn origin_for(at: f32) -> f32 {
    let whole = to_origin_grid(at);
    return select(0.0, whole, finite(whole));
}

// A run that starts from a state; one that is not finite keeps its origin at 0 and ends as diverged.
fn start_run(cell: Cell) -> Run {
    let s = State(cell.start_x, cell.start_y, cell.start_z, cell.start_v);
    let v_0 = origin_for(s.w);
    let z_0 = origin_for(s.z);
    let v = s.w - v_0;
    var run: Run;
    run.state = State(s.x, s.y, s.z - z_0, v);
    run.window = open_window(v);
    run.v_0 = v_0;
    run.z_0 = z_0;
    run.dt = cell.dt;
    run.peaks_due = cell.first_peaks;
    run.step_due = max(min(cell.look_steps, cell.max_steps), 1u);
    run.phase = RUNNING;
    return run;
}

// The run that the slot's cell starts, in place of the one before.
fn start_in_slot(index: u32) -> Run {
    runs[index].newton = Newton();
    return start_run(runs[index].cell);
}

// Step of the window at which the motion is looked at next: at the end of the run at the latest.
fn next_look(run: ptr<function, Run>, cell: Cell) -> u32 {
    let left = cell.max_steps - min(run.steps, cell.max_steps);
    return run.window.step + max(min(cell.look_steps, left), 1u);
}

// V near which the polynomials serve next: that of the motion, also in a pass from elsewhere.
fn centred_on(run: ptr<function, Run>, index: u32) -> f32 {
    if run.pass_kind == MOTION || run.pass_kind == DRIFT {
        return run.state.w;
    }
    return runs[index].newton.start.w;
}

// Records a step: the state at its end, and the rates of change of that state.
fn accept_step(run: ptr<function, Run>, state: State, rate: State) {
    run.state = state;
    run.rate = rate;
    run.steps += 1u;
}

// Whether the run has to be looked at here: its window or its pass ends, or it is time.
fn is_due(run: ptr<function, Run>) -> bool {
    return (run.pass_kind == MOTION && run.window.peaks == run.peaks_due) || run.window.step == run.step_due;
}
