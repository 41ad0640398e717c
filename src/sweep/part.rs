//! One part of a sweep: the cells of its box through theory and engine, and some of them through the audit.

use super::audit::{Audit, Claim};
use super::gather::{Gathering, TableShelf};
use super::plan::Plan;
use super::sample::Sample;
use super::theory::Theory;
use crate::columns::{Answer, Outcome};
use crate::engine::{Chosen, Progress};
use crate::error::Result;
use crate::grid::GridBox;
use crate::store::Part;
use rayon::prelude::*;

/// Cells that theory speaks of at a time.
const THEORY: usize = 1 << 14;

/// What the parts of one sweep share, so that it is made once.
#[derive(Debug)]
pub struct Workshop<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    theory: Theory,
    shelf: TableShelf,
    sample: Sample,
}

impl<'a> Workshop<'a> {
    /// For the parts of this plan.
    #[must_use]
    pub fn new(plan: &'a Plan, progress: &'a Progress) -> Self {
        let (theory, shelf) = (Theory::default(), TableShelf::new(plan.request.table_format));
        Self { plan, progress, theory, shelf, sample: Sample::of(plan) }
    }

    /// Computes the part that is this box.
    ///
    /// # Errors
    /// Whatever the engine reports, or that somebody asked for the end; then its progress is taken back.
    pub fn make(&mut self, chosen: &Chosen, place: &GridBox) -> Result<Part> {
        let before = self.progress.read();
        let made = self.compute(chosen, place, before.2);
        if made.is_err() {
            self.progress.go_back_to(before);
        }
        made
    }

    fn compute(&mut self, chosen: &Chosen, place: &GridBox, steps_before: u64) -> Result<Part> {
        let answers = self.integrate(chosen, place)?;
        let table_error = self.shelf.take_largest_error(self.plan.request.precision);
        let neuron_steps = self.progress.read().2 - steps_before;
        let mut claims = Vec::new();
        for (start, answers) in answers.iter().enumerate() {
            claims.extend(self.sample.within(place).map(|index| Claim {
                index,
                start,
                answer: answers[(index - place.first) as usize],
            }));
        }
        let audit = Audit::of(self.plan, &self.sample, &claims, &self.progress.stop)?.record();
        Ok(Part { answers, engine: chosen.description.words(), neuron_steps, table_error, audit })
    }

    /// The answers of a box, by start.
    fn integrate(&mut self, chosen: &Chosen, place: &GridBox) -> Result<Vec<Vec<Answer>>> {
        let (cells, starts) = (place.cells as usize, self.plan.starts());
        let mut answers = vec![Answer::without_numbers(Outcome::Unsettled); cells * starts];
        let mut gathering = Gathering::new(chosen, self.progress, &mut self.shelf, &mut answers);
        for chunk in (0..cells).collect::<Vec<_>>().chunks(THEORY) {
            self.progress.stop.check()?;
            let points: Vec<_> = chunk.iter().map(|i| self.plan.parameters(place.first + *i as u64)).collect();
            self.theory.cover(&points);
            let ready: Vec<_> = points.par_iter().map(|p| self.plan.ready(p, &self.theory)).collect();
            for (i, starts) in chunk.iter().zip(ready) {
                for (start, ready) in starts.into_iter().enumerate() {
                    gathering.take_in(start * cells + i, &ready)?;
                }
            }
        }
        gathering.run()?;
        Ok(answers.chunks(cells).map(<[Answer]>::to_vec).collect())
    }
}
