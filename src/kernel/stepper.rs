//! One neuron stepped along a trajectory.

use super::constants::LEAD;
use super::neuron::{Neuron, xi_at};
use super::table::Table;
use super::window::StepEnd;
use crate::kernel::{Real, piece, rk4};
use crate::model::{Parameters, State};

/// A neuron on its trajectory, with the piece of the table it is on. States are counted from 0.
#[derive(Debug, Clone)]
pub struct Stepper<'a, T: Real> {
    /// Current state.
    pub state: State<T>,
    /// Rates of change of the current state, per tau_c.
    pub rate: State<T>,
    parameters: &'a Parameters<T>,
    table: &'a Table<T>,
    neuron: Neuron<T>,
}

impl<'a, T: Real> Stepper<'a, T> {
    /// A neuron at `state`.
    #[must_use]
    pub fn new(parameters: &'a Parameters<T>, table: &'a Table<T>, state: State<T>) -> Self {
        let neuron = Neuron::at(parameters, &state, table);
        Self { state, rate: neuron.derivative(&state), parameters, table, neuron }
    }

    /// Takes one step and returns its two ends.
    pub fn step(&mut self, dt: T) -> [StepEnd<T>; 2] {
        let reach = self.table.reach_in_v();
        let before = StepEnd::of(&self.state, &self.rate);
        let mut next = rk4::step(&self.neuron, &self.state, &self.rate, dt);
        if self.neuron.leaves(next.v) || piece::may_skip_piece(self.rate.v, dt, reach) {
            let (p, origin) = (self.parameters, [T::zero(); 2]);
            next = piece::step_across_pieces(p, origin, &self.state, &self.rate, dt, self.table);
            let ahead = if next.v > self.state.v { reach } else { -reach };
            let piece = self.table.nearest(xi_at(p, next.v + T::of(LEAD) * ahead));
            self.neuron = Neuron::about(p, origin, piece, self.table);
        }
        self.state = next;
        self.rate = self.neuron.derivative(&self.state);
        [before, StepEnd::of(&self.state, &self.rate)]
    }
}
