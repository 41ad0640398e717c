// The entry: every invocation carries one running cell forward by up to job.steps steps. Twin of src/kernel/sweep.rs.

// What is common to one dispatch.
struct Job {
    running: u32, // cells to carry forward
    steps: u32,
    packed: u32,  // 0: they are the first ones; 1: those that `order` lists
    unused: u32,
}

// One cell as the host uploads it.
struct Cell {
    parameters: Parameters,
    start_x: f32,
    start_y: f32,
    start_z: f32,
    start_v: f32,
    dt: f32,
    blur: f32,         // of a maximum, because of where it falls within a step
    turns: u32,        // maxima that end a window
    window_steps: u32, // steps that end it where there are fewer
    max_steps: u32,
    row: u32,
    first_basin: u32,
    basins: u32,
}

// What one dispatch did, summed over its invocations; the step counter runs over into its high word.
struct Status {
    running: atomic<u32>,
    cut_short: atomic<u32>,
    settled: atomic<u32>,
    steps_low: atomic<u32>,
    steps_high: atomic<u32>,
}

@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(1) var<storage, read> cells: array<Cell>;
@group(0) @binding(2) var<storage, read> sheets: array<Sheet>;
@group(0) @binding(3) var table: texture_2d<f32>;
@group(0) @binding(4) var<storage, read_write> runs: array<Run>;
@group(0) @binding(5) var<storage, read_write> verdicts: array<Verdict>;
@group(0) @binding(6) var<storage, read_write> status: Status;
@group(0) @binding(7) var<storage, read> basins: array<Basin>;
// Cells that are running still, packed together: as the last dispatch left them, and as this one leaves them.
@group(1) @binding(0) var<storage, read> order: array<u32>;
@group(1) @binding(1) var<storage, read_write> next_order: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let slot = id.x + id.y * groups.x * WORKGROUP;
    if slot >= job.running {
        return;
    }
    var index = slot;
    if job.packed == 1u {
        index = order[slot];
    }
    var run = runs[index];
    if run.phase == DONE {
        return;
    }
    let cell = cells[index];
    if run.phase == FRESH {
        run = start_run(State(cell.start_x, cell.start_y, cell.start_z, cell.start_v));
    }
    let dt = cell.dt;
    let reach = reach_in_v(sheets[cell.row]);
    let fresh = run.steps == 0u;
    if fresh {
        run.piece = piece_at(cell, run, run.state.w);
    }
    var neuron = neuron_for(cell, run, run.piece);
    if fresh {
        run.rate = derivative(neuron, run.state);
    }
    // Counted as it goes, so that an adapter that leaves a loop early is noticed and costs time, not truth.
    var taken = 0u;
    while taken < job.steps {
        // Steps in strides, with nothing rare between them: software adapters execute both sides of every branch.
        let stride = min(taken + STRIDE, job.steps);
        var ends = false;
        while taken < stride && !ends {
            // An extremum waits for the end of a short stride; a second one ends it, and so does a step that leaves its piece.
            let short = min(taken + SHORT_STRIDE, stride);
            var waits = false;
            var turn: Extremal;
            var with_care = is_violent(run.rate.w, dt, reach);
            while taken < short && !ends && !with_care {
                let next = rk4(neuron, run.state, run.rate, dt);
                if leaves(neuron, next.w) {
                    with_care = true;
                    break;
                }
                let rate = derivative(neuron, next);
                let a = sample(run.state, run.rate);
                let b = sample(next, rate);
                let turned = turns(a, b);
                if waits && turned {
                    break;
                }
                if turned {
                    turn = Extremal(a, b, run.window.step, min(run.window.low, b.v), run.window.area);
                    waits = true;
                }
                run.window = pass_by(run.window, a, b, dt);
                run = arrived(run, next, rate);
                taken += 1u;
                ends = window_ends(run, cell);
                with_care = is_violent(rate.w, dt, reach);
            }
            if waits {
                run.window = look_at(run.window, turn, dt);
            }
            while taken < stride && !ends && with_care {
                let next = careful_step(run, cell);
                run.piece = piece_at(cell, run, beyond(run.window, next.w, next.w - run.state.w, reach));
                neuron = neuron_for(cell, run, run.piece);
                let rate = derivative(neuron, next);
                let a = sample(run.state, run.rate);
                let b = sample(next, rate);
                let w = run.window;
                run.window = pass_by(w, a, b, dt);
                if turns(a, b) {
                    run.window = look_at(run.window, Extremal(a, b, w.step, min(w.low, b.v), w.area), dt);
                }
                run = arrived(run, next, rate);
                taken += 1u;
                ends = window_ends(run, cell);
                with_care = is_violent(rate.w, dt, reach);
            }
        }
        if ends {
            let middle = run.base + 0.5 * (run.window.v_min + run.window.v_max);
            let closed = close_window(run, cell);
            run = closed.run;
            if run.phase == DONE {
                verdicts[index] = closed.verdict;
                break;
            }
            // The origin may have moved.
            run.piece = piece_at(cell, run, for_window(middle - run.base, run.state.w, reach));
            neuron = neuron_for(cell, run, run.piece);
        }
    }
    runs[index] = run;
    if run.phase != DONE {
        next_order[atomicAdd(&status.running, 1u)] = index;
        if taken < job.steps {
            atomicAdd(&status.cut_short, 1u);
        }
    } else if verdicts[index].outcome == STEADY || verdicts[index].outcome == OSCILLATING {
        atomicAdd(&status.settled, 1u);
    }
    let low = atomicAdd(&status.steps_low, taken);
    if low + taken < low {
        atomicAdd(&status.steps_high, 1u);
    }
}
