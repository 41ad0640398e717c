// Choice of a motion's piece of the table, and the step that no single piece covers. Twin of
// src/kernel/piece.rs, which gives the reasons.

// V on which the piece of a window that opens at `v` is centred: `middle`, that of the last window's motion, if
// it is near `v`, else `v`.
fn centre_for_window(middle: f32, v: f32, reach: f32) -> f32 {
    return select(v, middle, abs(middle - v) <= RECENTRE_LIMIT * reach);
}

// V on which the next piece is centred after a motion has left its piece and reached `v`: where the piece
// contains both ends of the last swing, if one can, else ahead of `v`.
fn centre_after_exit(window: Window, v: f32, rate: f32, reach: f32) -> f32 {
    let other = select(window.peak, window.low, rate > 0.0);
    let ahead = select(-reach, reach, rate > 0.0);
    let middle = 0.5 * (other + v);
    let fits = abs(v - middle) <= (RECENTRE_LIMIT - GROWTH_MARGIN) * reach;
    return select(v + LEAD * ahead, middle + GROWTH_MARGIN * ahead, fits);
}

// Whether V moves so fast that a step may be longer than a piece's reach.
fn may_skip_piece(rate: f32, dt: f32, reach: f32) -> bool {
    return abs(rate) * dt > reach;
}

// The state one step `dt` after the run's, with a piece of the table for each stage.
fn step_across_pieces(run: ptr<function, Run>, cell: Cell) -> State {
    let dt = run.dt;
    var k = run.rate;
    var sum = run.rate;
    for (var i = 0u; i < 3u; i += 1u) {
        let last = i == 2u;
        let stage = run.state + select(0.5 * dt, dt, last) * k;
        k = derivative(neuron_for(cell, run, piece_at(cell, run, stage.w)), stage);
        sum += select(2.0, 1.0, last) * k;
    }
    return run.state + (dt / 6.0) * sum;
}

// The piece nearest to this V.
fn piece_at(cell: Cell, run: ptr<function, Run>, v: f32) -> i32 {
    return nearest(xi_at(cell.parameters, run.v_0 + v), layouts[cell.row]);
}

// Coefficients of Eq. 10 for the run's origin, on this piece of the table.
fn neuron_for(cell: Cell, run: ptr<function, Run>, piece: i32) -> Neuron {
    return neuron_about(cell.parameters, run.v_0, run.z_0, piece, cell.row);
}
