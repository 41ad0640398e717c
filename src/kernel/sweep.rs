//! One cell carried forward by a number of steps. Twin of `shaders/sweep.wgsl`, the shader's entry.

use super::{
    Real,
    constants::DONE,
    neuron::Neuron,
    rk4,
    settle::{Run, Verdict},
    span::Sample,
    table::Table,
};

/// What a run needs to know beside its parameters.
#[derive(Debug, Clone, Copy)]
pub struct Pace<T> {
    /// Step in units of tau_c.
    pub dt: T,
    /// Steps in a window.
    pub window_steps: u32,
    /// Windows after which a cell that has not settled is given up.
    pub max_windows: u32,
}

/// Takes up to `steps` steps; the verdict, if one falls. How a run is cut into calls does not change it by a bit.
pub fn advance<T: Real>(
    run: &mut Run<T>,
    neuron: &Neuron<T>,
    table: &Table<T>,
    pace: &Pace<T>,
    steps: u32,
) -> Option<Verdict<T>> {
    if run.phase == DONE {
        return None;
    }
    let mut k1 = neuron.derivative(&run.state, table);
    for _ in 0..steps {
        let next = rk4::step(neuron, table, &run.state, &k1, pace.dt);
        let k_next = neuron.derivative(&next, table);
        let (a, b) = (Sample { v: run.state.v, rate: k1.v }, Sample { v: next.v, rate: k_next.v });
        run.window.watch(a, b, pace.dt);
        run.state = next;
        run.steps += 1;
        k1 = k_next;
        if run.window.step == pace.window_steps
            && let Some(verdict) = run.close_window(pace.max_windows, pace.dt)
        {
            return Some(verdict);
        }
    }
    None
}
