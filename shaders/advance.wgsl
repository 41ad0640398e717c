// The entry point: each invocation advances the run in one slot by dispatch.steps steps. A run that ends leaves its slot
// to the next cell of the queue. Twin of src/kernel/advance.rs.

// Parameters of one dispatch.
struct DispatchParams {
    running: u32, // slots with a run
    steps: u32,   // steps per slot
    packed: u32,  // slots of the dispatch: 0 for the first ones, 1 for those that the last dispatch left in `order`
    is_open: u32, // 1 while cells may come: slots without a run take part
    queued: u32,  // cells that have been put into the queue so far
    mask: u32,    // length of the queue, a power of two, less 1
    unused_0: u32,
    unused_1: u32,
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
    regions: u32,      // number of trapping regions
}

// A cell that waits in the queue.
struct QueuedCell {
    cell: Cell,
    regions: array<TrappingRegion, MOST_REGIONS>,
}

// Counters of one dispatch, summed over its invocations.
struct Status {
    running: atomic<u32>,    // cells still running
    free: atomic<u32>,       // slots without a run
    cut_short: atomic<u32>,  // running cells whose loop ended before the last requested step
    finished: atomic<u32>,   // cells that ended in this dispatch
    settled: atomic<u32>,    // those of them that settled
    steps_low: atomic<u32>,  // steps taken, low word
    steps_high: atomic<u32>, // steps taken, high word
    drawn: atomic<u32>,      // cells drawn from the queue so far, in all dispatches
}

@group(0) @binding(0) var<uniform> dispatch: DispatchParams;
@group(0) @binding(1) var<storage, read> queue: array<QueuedCell>;
@group(0) @binding(2) var<storage, read> layouts: array<TableLayout>;
@group(0) @binding(3) var table: texture_2d<f32>;
@group(0) @binding(4) var<storage, read_write> runs: array<Slot>;
@group(0) @binding(5) var<storage, read_write> status: Status;
// Lists of the slots, from the last dispatch and for the next one: those with a run, packed, and from the end those
// without.
@group(1) @binding(0) var<storage, read> order: array<u32>;
@group(1) @binding(1) var<storage, read_write> next_order: array<u32>;
// Results of the cells that end in this dispatch, in any order.
@group(1) @binding(2) var<storage, read_write> results: array<RunResult>;

// Whether there is a next cell in the queue; if so it is put into the slot, and its number into `number`.
fn draw_cell(index: u32) -> bool {
    let waiting = dispatch.queued - atomicLoad(&status.drawn);
    if waiting == 0u || waiting > dispatch.mask + 1u {
        return false;
    }
    let number = atomicAdd(&status.drawn, 1u);
    let left = dispatch.queued - number;
    if left == 0u || left > dispatch.mask + 1u {
        // Others were faster.
        atomicSub(&status.drawn, 1u);
        return false;
    }
    let at = number & dispatch.mask;
    runs[index].number = number;
    runs[index].cell = queue[at].cell;
    runs[index].regions = queue[at].regions;
    return true;
}

// Begins the run of the slot's cell.
fn begin_run(run: ptr<function, Run>, index: u32) {
    *run = start_in_slot(index);
    run.piece = piece_at(runs[index].cell, run, run.state.w);
    runs[index].neuron = neuron_for(runs[index].cell, run, run.piece);
    run.rate = derivative(runs[index].neuron, run.state);
}

// Whether a slot takes its next cell within a dispatch. Software adapters execute both sides of every branch: there it
// waits for the next dispatch, which is short.
override DRAWS_IN_LOOP: bool = false;

@compute @workgroup_size(WORKGROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let place = id.x + id.y * groups.x * WORKGROUP;
    if place >= select(dispatch.running, arrayLength(&order), dispatch.is_open == 1u) {
        return;
    }
    var index = place;
    if dispatch.packed == 1u {
        index = order[place];
    }
    var run = runs[index].run;
    if !DRAWS_IN_LOOP && run.phase != RUNNING && draw_cell(index) {
        begin_run(&run, index);
    }
    // Counted in the loop, so that an adapter that leaves it early is noticed and costs time, not correctness.
    var taken = 0u;
    while taken < dispatch.steps {
        if DRAWS_IN_LOOP && run.phase != RUNNING && draw_cell(index) {
            begin_run(&run, index);
        }
        if run.phase != RUNNING {
            break;
        }
        let reach = reach_in_v(layouts[runs[index].cell.row]);
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
                let next = step_across_pieces(&run, runs[index].cell);
                run.piece = piece_at(runs[index].cell, &run, centre_after_exit(run.window, next.w, next.w - run.state.w, reach));
                neuron = neuron_for(runs[index].cell, &run, run.piece);
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
            look(&run, index, runs[index].cell);
            if run.phase == DONE {
                continue;
            }
            // Origin and state may be others.
            run.piece = piece_at(runs[index].cell, &run, centre_for_window(run.centre, centred_on(&run, index), reach));
            runs[index].neuron = neuron_for(runs[index].cell, &run, run.piece);
            run.rate = derivative(runs[index].neuron, run.state);
        }
    }
    runs[index].run = run;
    if run.phase == RUNNING {
        next_order[atomicAdd(&status.running, 1u)] = index;
        if taken < dispatch.steps {
            atomicAdd(&status.cut_short, 1u);
        }
    } else {
        next_order[arrayLength(&next_order) - 1u - atomicAdd(&status.free, 1u)] = index;
    }
    let low = atomicAdd(&status.steps_low, taken);
    if low + taken < low {
        atomicAdd(&status.steps_high, 1u);
    }
}
