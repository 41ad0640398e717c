//! One cell advanced by a number of steps. Twin of `shaders/advance.wgsl`, the shader's entry point.

use super::constants::{DONE, SHORT_STRIDE, STRIDE};
use super::neuron::{Neuron, xi_at};
use super::run::{Run, RunResult, RunSettings};
use super::table::Table;
use super::window::{StepEnd, has_extremum};
use crate::kernel::{Real, piece, rk4};
use crate::model::Parameters;

/// Takes up to `steps` steps and returns the result if the run ends. How a run is split into calls does
/// not change a bit of it.
pub fn advance<T: Real>(
    run: &mut Run<T>,
    parameters: &Parameters<T>,
    table: &Table<T>,
    settings: &RunSettings<'_, T>,
    steps: u32,
) -> Option<RunResult<T>> {
    if run.phase == DONE {
        return None;
    }
    let reach = table.reach_in_v();
    let piece_at = |run: &Run<T>, v: T| table.nearest(xi_at(parameters, run.v_0 + v));
    let neuron_of = |run: &Run<T>| Neuron::about(parameters, [run.v_0, run.z_0], run.piece, table);
    let fresh = run.steps == 0;
    if fresh {
        run.piece = piece_at(run, run.state.v);
    }
    let mut neuron = neuron_of(run);
    if fresh {
        run.rate = neuron.derivative(&run.state);
    }
    let mut taken = 0;
    while taken < steps {
        let dt = run.dt;
        // Strides of steps, as in the shader.
        let stride = steps.min(taken + STRIDE);
        let mut ends = false;
        while taken < stride && !ends {
            // An extremum is evaluated after the short stride, which a second one, or a step off the piece, ends early.
            let short = stride.min(taken + SHORT_STRIDE);
            let mut pending = None;
            let mut with_care = piece::may_skip_piece(run.rate.v, dt, reach);
            while taken < short && !ends && !with_care {
                let next = rk4::step(&neuron, &run.state, &run.rate, dt);
                if neuron.leaves(next.v) {
                    with_care = true;
                    break;
                }
                let rate = neuron.derivative(&next);
                let (a, b) = (StepEnd::of(&run.state, &run.rate), StepEnd::of(&next, &rate));
                if pending.is_some() && has_extremum(a, b) {
                    break;
                }
                pending = run.window.observe_step(a, b, dt).or(pending);
                run.accept_step(next, rate);
                taken += 1;
                ends = run.is_due();
                with_care = piece::may_skip_piece(rate.v, dt, reach);
            }
            if let Some(found) = pending {
                run.window.observe_extremum(&found, dt);
            }
            while taken < stride && !ends && with_care {
                let origin = [run.v_0, run.z_0];
                let next = piece::step_across_pieces(parameters, origin, &run.state, &run.rate, dt, table);
                run.piece = piece_at(run, piece::centre_after_exit(&run.window, next.v, next.v - run.state.v, reach));
                neuron = neuron_of(run);
                let rate = neuron.derivative(&next);
                run.window.observe(StepEnd::of(&run.state, &run.rate), StepEnd::of(&next, &rate), dt);
                run.accept_step(next, rate);
                taken += 1;
                ends = run.is_due();
                with_care = piece::may_skip_piece(rate.v, dt, reach);
            }
        }
        if ends {
            if let Some(result) = run.look(settings) {
                return Some(result);
            }
            // Origin and state may be others.
            run.piece = piece_at(run, piece::centre_for_window(run.centre, run.centred_on(), reach));
            neuron = neuron_of(run);
            run.rate = neuron.derivative(&run.state);
        }
    }
    None
}
