//! One cell carried forward by a number of steps. Twin of `shaders/sweep.wgsl`, the shader's entry.

use super::{
    Real,
    constants::{DONE, SHORT_STRIDE, STRIDE},
    neuron::Neuron,
    rk4,
    settle::{Pace, Run, Verdict},
    span::{Sample, turns},
    table::Table,
};
use crate::model::Parameters;

/// Takes up to `steps` steps; the verdict, if one falls. How a run is cut into calls does not change it by a bit.
pub fn advance<T: Real>(
    run: &mut Run<T>,
    parameters: &Parameters<T>,
    table: &Table<T>,
    pace: &Pace<'_, T>,
    steps: u32,
) -> Option<Verdict<T>> {
    if run.phase == DONE {
        return None;
    }
    let mut neuron = Neuron::about(parameters, run.base, run.z_base, table);
    let mut k1 = neuron.derivative(&run.state, table);
    let mut taken = 0;
    while taken < steps {
        // Steps in strides, as in the shader.
        let stride = steps.min(taken + STRIDE);
        let mut ends = false;
        while taken < stride && !ends {
            // An extremum waits for the end of a short stride; a second one ends it.
            let short = stride.min(taken + SHORT_STRIDE);
            let mut waiting = None;
            while taken < short && !ends {
                let next = rk4::step(&neuron, table, &run.state, &k1, pace.dt);
                let k_next = neuron.derivative(&next, table);
                let (a, b) = (Sample::of(&run.state, &k1), Sample::of(&next, &k_next));
                if waiting.is_some() && turns(a, b) {
                    break;
                }
                waiting = run.window.pass(a, b, pace.dt).or(waiting);
                run.state = next;
                run.steps += 1;
                k1 = k_next;
                taken += 1;
                ends = run.window_ends(&pace.cadence);
            }
            if let Some(turn) = waiting {
                run.window.look_at(&turn, pace.dt);
            }
        }
        if ends {
            if let Some(verdict) = run.close_window(pace) {
                return Some(verdict);
            }
            // The origin may have moved.
            neuron = Neuron::about(parameters, run.base, run.z_base, table);
            k1 = neuron.derivative(&run.state, table);
        }
    }
    None
}
