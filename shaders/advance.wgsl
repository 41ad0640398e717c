// The entry point: each invocation advances one running cell by up to dispatch.steps steps. Twin of
// src/kernel/advance.rs.

// Parameters of one dispatch.
struct DispatchParams {
    running: u32, // cells to advance
    steps: u32,   // steps per cell
    packed: u32,  // cells of the dispatch: 0 for the first ones, 1 for those that the last dispatch left in `order`
    unused: u32,  // padding
}

// One cell as uploaded.
struct Cell {
    parameters: Parameters,
    start_x: f32,
    start_y: f32,
    start_z: f32,
    start_v: f32,
    dt: f32,
    peak_error: f32,   // discretisation error of an interpolated maximum
    first_peaks: u32,  // maxima of the first window; the largest number for windows by time
    look_steps: u32,   // steps between looks at whether the run has come to rest
    max_steps: u32,    // most steps of the run, Newton's method aside
    row: u32,          // row of the texture
    first_region: u32, // index of the first trapping region
    regions: u32,      // number of trapping regions
}

// Counters of one dispatch, summed over its invocations.
struct Status {
    running: atomic<u32>,    // cells still running
    cut_short: atomic<u32>,  // running cells whose loop ended before the last requested step
    settled: atomic<u32>,    // cells that settled in this dispatch
    steps_low: atomic<u32>,  // steps taken, low word
    steps_high: atomic<u32>, // steps taken, high word
}

@group(0) @binding(0) var<uniform> dispatch: DispatchParams;
@group(0) @binding(1) var<storage, read> cells: array<Cell>;
@group(0) @binding(2) var<storage, read> layouts: array<TableLayout>;
@group(0) @binding(3) var table: texture_2d<f32>;
@group(0) @binding(4) var<storage, read_write> runs: array<StoredRun>;
@group(0) @binding(5) var<storage, read_write> results: array<RunResult>;
@group(0) @binding(6) var<storage, read_write> status: Status;
@group(0) @binding(7) var<storage, read> regions: array<TrappingRegion>;
// Lists of the running cells, packed: from the last dispatch, and for the next one.
@group(1) @binding(0) var<storage, read> order: array<u32>;
@group(1) @binding(1) var<storage, read_write> next_order: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let slot = id.x + id.y * groups.x * WORKGROUP;
    if slot >= dispatch.running {
        return;
    }
    var index = slot;
    if dispatch.packed == 1u {
        index = order[slot];
    }
    var run = runs[index].run;
    if run.phase == DONE {
        return;
    }
    if run.phase == FRESH {
        run = start_run(cells[index]);
        run.piece = piece_at(cells[index], &run, run.state.w);
        runs[index].neuron = neuron_for(cells[index], &run, run.piece);
        run.rate = derivative(runs[index].neuron, run.state);
    }
    let reach = reach_in_v(layouts[cells[index].row]);
    // Counted in the loop, so that an adapter that leaves it early is noticed and costs time, not correctness.
    var taken = 0u;
    while taken < dispatch.steps {
        let dt = run.dt;
        // Read again for each stride: while one cell is looked at, its neighbours keep no registers for it.
        var neuron = runs[index].neuron;
        // Strides of steps, with no rare branches inside: software adapters execute both sides of every branch.
        let stride = min(taken + STRIDE, dispatch.steps);
        var ends = false;
        while taken < stride && !ends {
            // An extremum is evaluated after the short stride, which a second one, or a step off the piece, ends early.
            let short = min(taken + SHORT_STRIDE, stride);
            var is_pending = false;
            var pending: ExtremumStep;
            var with_care = may_skip_piece(run.rate.w, dt, reach);
            while taken < short && !ends && !with_care {
                let next = rk4(neuron, run.state, run.rate, dt);
                if leaves(neuron, next.w) {
                    with_care = true;
                    break;
                }
                let rate = derivative(neuron, next);
                let a = step_end(run.state, run.rate);
                let b = step_end(next, rate);
                let extremum_here = has_extremum(a, b);
                if is_pending && extremum_here {
                    break;
                }
                if extremum_here {
                    pending = ExtremumStep(a, b, run.window.step, min(run.window.low, b.v), run.window.area);
                    is_pending = true;
                }
                run.window = observe_step(run.window, a, b, dt);
                accept_step(&run, next, rate);
                taken += 1u;
                ends = is_due(&run);
                with_care = may_skip_piece(rate.w, dt, reach);
            }
            if is_pending {
                run.window = observe_extremum(run.window, pending, dt);
            }
            while taken < stride && !ends && with_care {
                let next = step_across_pieces(&run, cells[index]);
                run.piece = piece_at(cells[index], &run, centre_after_exit(run.window, next.w, next.w - run.state.w, reach));
                neuron = neuron_for(cells[index], &run, run.piece);
                runs[index].neuron = neuron;
                let rate = derivative(neuron, next);
                let a = step_end(run.state, run.rate);
                let b = step_end(next, rate);
                let w = run.window;
                run.window = observe_step(w, a, b, dt);
                if has_extremum(a, b) {
                    run.window = observe_extremum(run.window, ExtremumStep(a, b, w.step, min(w.low, b.v), w.area), dt);
                }
                accept_step(&run, next, rate);
                taken += 1u;
                ends = is_due(&run);
                with_care = may_skip_piece(rate.w, dt, reach);
            }
        }
        if ends {
            look(&run, index, cells[index]);
            if run.phase == DONE {
                break;
            }
            // Origin and state may be others.
            run.piece = piece_at(cells[index], &run, centre_for_window(run.centre, centred_on(&run, index), reach));
            runs[index].neuron = neuron_for(cells[index], &run, run.piece);
            run.rate = derivative(runs[index].neuron, run.state);
        }
    }
    runs[index].run = run;
    if run.phase != DONE {
        next_order[atomicAdd(&status.running, 1u)] = index;
        if taken < dispatch.steps {
            atomicAdd(&status.cut_short, 1u);
        }
    } else if results[index].outcome == STEADY || results[index].outcome == OSCILLATING {
        atomicAdd(&status.settled, 1u);
    }
    let low = atomicAdd(&status.steps_low, taken);
    if low + taken < low {
        atomicAdd(&status.steps_high, 1u);
    }
}
