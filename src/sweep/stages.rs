//! One part of a sweep: the cells of its box through theory and engine, and some of them through the audit.

use super::batcher::{Batcher, TableCache};
use crate::audit::Audit;
use crate::audit::AuditSample;
use crate::audit::StoredResult;
use crate::engine::{OpenEngine, Progress};
use crate::error::Result;
use crate::grid::GridBox;
use crate::plan::Theory;
use crate::plan::{Plan, Prepared};
use crate::results::{Answer, Outcome};
use crate::store::{Part, PartEngine};
use rayon::prelude::*;

/// Cells that theory speaks of at a time.
const THEORY: usize = 1 << 14;

/// What the parts of one sweep share, so that it is made once.
#[derive(Debug)]
pub struct Workshop<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    theory: Theory,
    tables: TableCache,
    sample: AuditSample,
}

/// A part before its audit.
#[derive(Debug)]
pub struct Integrated {
    answers: Vec<Vec<Answer>>,
    engine: PartEngine,
    neuron_steps: u64,
    table_error: f64,
}

impl<'a> Workshop<'a> {
    /// For the parts of this plan.
    #[must_use]
    pub fn new(plan: &'a Plan, progress: &'a Progress) -> Self {
        let (theory, tables) = (Theory::default(), TableCache::new(plan.request.table_format));
        Self { plan, progress, theory, tables, sample: AuditSample::of(plan) }
    }

    /// Computes the part that is this box.
    ///
    /// # Errors
    /// Whatever the engine reports, or that somebody asked for the end; then its progress is taken back.
    pub fn make(&mut self, chosen: &OpenEngine, place: &GridBox) -> Result<Part> {
        let integrated = self.integrate(chosen, place, None)?;
        self.finish(place, integrated)
    }

    /// What theory says of a box, by cell and start: first of three steps.
    ///
    /// # Errors
    /// Somebody asked for the end.
    pub fn prepare(&mut self, place: &GridBox) -> Result<Vec<Vec<Prepared>>> {
        let mut all = Vec::with_capacity(place.cells as usize);
        for first in (0..place.cells).step_by(THEORY) {
            self.progress.stop.check()?;
            let here = first..place.cells.min(first + THEORY as u64);
            let points: Vec<_> = here.map(|i| self.plan.parameters(place.first + i)).collect();
            self.theory.prepare(&points);
            all.par_extend(points.par_iter().map(|p| self.plan.prepare(p, &self.theory)));
        }
        Ok(all)
    }

    /// The answers of a box that has been prepared, or is now: second step.
    ///
    /// # Errors
    /// Whatever the engine reports, or that somebody asked for the end; then its progress is taken back.
    pub fn integrate(
        &mut self,
        chosen: &OpenEngine,
        place: &GridBox,
        prepared: Option<Vec<Vec<Prepared>>>,
    ) -> Result<Integrated> {
        let before = self.progress.read();
        let all = match prepared {
            Some(all) => all,
            None => self.prepare(place)?,
        };
        let answers = self.answers(chosen, all).inspect_err(|_| self.progress.go_back_to(before))?;
        let table_error = self.tables.take_largest_error(self.plan.request.precision);
        let neuron_steps = self.progress.read().2 - before.2;
        Ok(Integrated { answers, engine: chosen.description.words(), neuron_steps, table_error })
    }

    /// Answers by start.
    fn answers(&mut self, chosen: &OpenEngine, all: Vec<Vec<Prepared>>) -> Result<Vec<Vec<Answer>>> {
        let (cells, starts) = (all.len(), self.plan.starts());
        let mut answers = vec![Answer::without_numbers(Outcome::Unsettled); cells * starts];
        let mut batcher = Batcher::new(chosen, self.progress, &mut self.tables, &mut answers);
        for (i, starts) in all.into_iter().enumerate() {
            for (start, ready) in starts.into_iter().enumerate() {
                batcher.take_in(start * cells + i, &ready)?;
            }
        }
        batcher.run()?;
        Ok(answers.chunks(cells).map(<[Answer]>::to_vec).collect())
    }

    /// The part, with what the audit found in it: last step.
    ///
    /// # Errors
    /// Somebody asked for the end.
    pub fn finish(&self, place: &GridBox, integrated: Integrated) -> Result<Part> {
        let Integrated { answers, engine, neuron_steps, table_error } = integrated;
        let mut claims = Vec::new();
        for (start, answers) in answers.iter().enumerate() {
            claims.extend(self.sample.within(place).map(|index| StoredResult {
                index,
                start,
                answer: answers[(index - place.first) as usize],
            }));
        }
        let audit = Audit::of(self.plan, &self.sample, &claims, &self.progress.stop)?.record();
        Ok(Part { answers, engine, neuron_steps, table_error, audit })
    }
}
