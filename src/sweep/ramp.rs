//! Ramps: one parameter swept up and down with the state carried along, in parallel lanes over all
//! other axes.

use super::optional::Profiles;
use crate::engine::{Cell, Cpu, OpenEngine, Precision, Progress, Timing};
use crate::error::{Error, Result, short, shown};
use crate::grid::Axis;
use crate::kernel::run::RunLimits;
use crate::model::{Start, State};
use crate::plan::{Plan, Prepared, Request, Theory};
use crate::results::{CellResult, Outcome};
use crate::sweep::{Batcher, TableCache};
use crate::trace::held_means;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Windows in a hold: enough for an outcome.
const WINDOWS: f64 = 6.0;
/// Cycles of the particle over which an unsettled motion is shown, without a hold.
const SHOWN_CYCLES: f64 = 50.0;
/// Largest number of cells (lanes times values) of a ramp, whose results are kept in memory.
const MOST_CELLS: u64 = 1 << 24;

/// Names of the two directions, in the order of the ramp's first dimension.
pub const DIRECTIONS: [&str; 2] = ["up", "down"];

/// A finished ramp.
#[derive(Debug, Clone)]
pub struct Ramp {
    /// Results by direction, then by value of the ramped axis, then by lane.
    pub results: Vec<CellResult>,
    /// Means of Z and of the current, in the order of the results: over the settled motion, or over the window that is shown of
    /// what has not settled.
    pub means: Vec<[f64; 2]>,
    /// Values of the ramped axis.
    pub values: Vec<f64>,
    /// Number of lanes.
    pub lanes: usize,
}

impl Ramp {
    /// The result at a direction (0 up, 1 down), a value's index and a lane.
    #[must_use]
    pub fn at(&self, direction: usize, value: usize, lane: usize) -> &CellResult {
        &self.results[(direction * self.values.len() + value) * self.lanes + lane]
    }

    /// Area between the two directions of a lane: the integral of |mean V up - mean V down| over
    /// the ramped values.
    ///
    /// NaN if a value has no result. [`super::hysteresis`] determines whether this is the area of a
    /// whole loop.
    #[must_use]
    pub fn loop_area(&self, lane: usize) -> f64 {
        let gap = |i: usize| (self.at(0, i, lane).v_mean - self.at(1, i, lane).v_mean).abs();
        (1..self.values.len()).map(|i| 0.5 * (gap(i - 1) + gap(i)) * (self.values[i] - self.values[i - 1]).abs()).sum()
    }
}

/// Checks that a plan can be run as a ramp.
///
/// # Errors
/// [`Error::Request`] if the first axis has one value, there are several starts or too many cells,
/// or the hold is not a time of several countable steps.
pub fn check(plan: &Plan, hold: Option<f64>) -> Result<()> {
    let Some(walked) = plan.grid.axes().first() else {
        return Err(Error::request(
            "a ramp moves one parameter from value to value, and the request is a list of points",
            "give `grid`, the moved parameter first",
        ));
    };
    let name = walked.parameter.name();
    if walked.len() < 2 {
        return Err(Error::request(
            format!("the ramp's axis {name} has one value"),
            "give the first `grid` two values or more",
        ));
    }
    if plan.starts() > 1 {
        return Err(Error::request(
            "a ramp carries its state along, and `start` equilibria asks for several states",
            "give `start` rest, lower, middle, upper, or X,Y,Z,V",
        ));
    }
    if plan.grid.cells() > MOST_CELLS {
        return Err(Error::request(
            format!("a ramp of {} cells is over {MOST_CELLS}", plan.grid.cells()),
            "ask for fewer values or lanes",
        ));
    }
    match hold {
        Some(t) if !(t.is_finite() && t > 0.0 && t >= WINDOWS * plan.dt) => Err(Error::request(
            format!("`hold` {} is not a time that holds {WINDOWS} steps of dt = {}", shown(t), short(plan.dt)),
            "give a hold in tau_c, well above dt",
        )),
        Some(t) => plan.held(t, WINDOWS).map(|_| ()),
        None => Ok(()),
    }
}

/// Sweeps the plan's first axis up and down.
///
/// At each value a lane is held until it has settled by the rule of sweeps, or for at most `hold`
/// (tau_c); its end state is the start at the next value. The way down begins with the value at
/// which the way up ended.
///
/// # Errors
/// [`Error::Request`] if the plan cannot be run as a ramp; [`Error::Engine`] or
/// [`Error::DeviceLost`] if the engine fails; [`Error::Interrupted`] if cancelled.
pub fn ramp(plan: &Plan, chosen: &OpenEngine, hold: Option<f64>, progress: &Progress) -> Result<Ramp> {
    check(plan, hold)?;
    let held = hold.map(|t| plan.held(t, WINDOWS)).transpose()?;
    let plan = held.as_ref().unwrap_or(plan);
    let walked: &Axis = &plan.grid.axes()[0];
    let n = walked.len();
    let lanes = plan.grid.cells() / n;
    let carried = match plan.start().is_near_equilibria() {
        true => Some(Plan::new(Request { start: Start::Rest, ..plan.request.clone() })?),
        false => None,
    };
    let mut walk = Walk {
        plan,
        carried,
        chosen,
        progress,
        theory: Theory::default(),
        tables: TableCache::new(plan.request.table_format),
        profiles: Profiles::default(),
        hold,
        states: vec![None; lanes as usize],
    };
    let cells = 2 * plan.grid.cells() as usize;
    let (mut results, mut means) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
    // Up means rising values, whichever way the axis was written.
    let rises = walked.value(0) < walked.value(n - 1);
    let up: Vec<u64> = if rises { (0..n).collect() } else { (0..n).rev().collect() };
    let mut ways = [up.clone(), up];
    ways[1].reverse();
    for way in ways {
        let mut by_value = vec![(Vec::new(), Vec::new()); n as usize];
        for index in way {
            by_value[index as usize] = walk.step(index * lanes)?;
        }
        for (of_lanes, means_of_lanes) in by_value {
            results.extend(of_lanes);
            means.extend(means_of_lanes);
        }
    }
    Ok(Ramp { results, means, values: walked.values().collect(), lanes: lanes as usize })
}

/// A window of a motion: its first state, its step and its number of steps.
type Window = (State<f64>, f64, usize);

/// A ramp in progress.
struct Walk<'a> {
    plan: &'a Plan,
    /// Plan of lanes that carry a state, if the start is near an equilibrium: this start is for the
    /// first value alone, since later values may not have that equilibrium.
    carried: Option<Plan>,
    chosen: &'a OpenEngine,
    progress: &'a Progress,
    theory: Theory,
    tables: TableCache,
    profiles: Profiles,
    /// Longest time at a value, in tau_c, if it is given.
    hold: Option<f64>,
    /// State of each lane after the previous value; `None` at first and after divergence.
    states: Vec<Option<State<f64>>>,
}

impl Walk<'_> {
    /// Integrates all lanes at one value, with their means; `first` is the index of lane 0's cell there.
    fn step(&mut self, first: u64) -> Result<(Vec<CellResult>, Vec<[f64; 2]>)> {
        let mut results = vec![CellResult::without_numbers(Outcome::Unsettled); self.states.len()];
        let points: Vec<_> = (0..self.states.len()).map(|lane| self.plan.parameters(first + lane as u64)).collect();
        self.theory.prepare(&points);
        let theory = &self.theory;
        let plan = |state: &Option<State<f64>>| self.carried.as_ref().filter(|_| state.is_some()).unwrap_or(self.plan);
        let ready: Vec<_> = (points.par_iter().zip(&self.states))
            .map(|(p, state)| plan(state).prepare(p, theory).swap_remove(0))
            .collect();
        // What has not settled within its hold goes on with the next value.
        let mut batcher = Batcher::new(self.chosen, self.progress, &mut self.tables, &mut results).without_names();
        let mut moving = Vec::new();
        for (lane, (ready, state)) in ready.into_iter().zip(&self.states).enumerate() {
            let Prepared::Cell(mut prepared) = ready else {
                batcher.add_prepared(lane, &ready)?;
                continue;
            };
            prepared.cell.start = state.unwrap_or(prepared.cell.start);
            batcher.add(lane, prepared.cell, &prepared.regions)?;
            moving.push((lane, prepared.cell));
        }
        batcher.run()?;
        moving.retain(|(lane, _)| results[*lane].outcome == Outcome::Unsettled);
        let mut windows = vec![None; results.len()];
        self.show_unsettled(&moving, &mut results, &mut windows)?;
        for (p, result) in points.iter().zip(&mut results) {
            // What has no end of its own is what its start and the hold have made of it.
            if p.alpha * p.gamma == 0.0 && result.outcome == Outcome::Unsettled {
                result.outcome = Outcome::StartDependent;
            }
        }
        for (state, result) in self.states.iter_mut().zip(&results) {
            let [x, y, z, v] = result.end;
            // A lane that diverged starts over at the next value.
            *state = [x, y, z, v].iter().all(|c| c.is_finite()).then_some(State { x, y, z, v });
        }
        let numbers: Vec<usize> = points.iter().map(|p| self.profiles.number(p)).collect();
        let profiles = &self.profiles.all;
        let means = points.par_iter().zip(&numbers).zip(&results).zip(&windows);
        let means = means.map(|(((p, number), result), window)| held_means(p, &profiles[*number], result, *window));
        let means = means.collect();
        Ok((results, means))
    }
}

impl Walk<'_> {
    /// Shows what lanes do that have not settled: numbers over one more window, in f64. Notes the windows by lane.
    fn show_unsettled(
        &mut self,
        moving: &[(usize, Cell)],
        results: &mut [CellResult],
        windows: &mut [Option<Window>],
    ) -> Result<()> {
        if moving.is_empty() {
            return Ok(());
        }
        let mut shown = vec![CellResult::without_numbers(Outcome::Unsettled); moving.len()];
        let double = OpenEngine {
            adapters: Vec::new(),
            engine: Box::new(Cpu::new(Precision::F64)),
            info: self.chosen.info.clone(),
            devices: Vec::new(),
            reason: String::new(),
        };
        let own = Progress { stop: self.progress.stop.clone(), ..Progress::default() };
        let mut batcher = Batcher::new(&double, &own, &mut self.tables, &mut shown);
        for (slot, (lane, cell)) in moving.iter().enumerate() {
            let [x, y, z, v] = results[*lane].end;
            let time = self.hold.map_or(SHOWN_CYCLES * TAU / cell.parameters.omega, |hold| hold / WINDOWS);
            let steps = (time / cell.double.dt).ceil().max(1.0) as u32;
            let limits = RunLimits { first_peaks: u32::MAX, look_steps: steps, max_steps: steps };
            let timing = Timing { limits, ..cell.double };
            windows[*lane] = Some((State { x, y, z, v }, cell.double.dt, steps as usize));
            batcher.add(slot, Cell::new(cell.parameters, State { x, y, z, v }, timing), &[])?;
        }
        batcher.run()?;
        self.progress.add(0, 0, own.read().steps);
        for ((lane, _), seen) in moving.iter().zip(shown) {
            results[*lane] = CellResult { steps: results[*lane].steps + seen.steps, period: f64::NAN, ..seen };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_has_so_many_cells_and_no_more() {
        let plan = |values: u64, lanes: u64| {
            let toml = format!("grid = ['V_n=0:8:{values}', 'Gamma=0.1:1:{lanes}']\n[set]\nR_n = 8.0\n");
            Plan::new(Request::from_toml(&toml).unwrap()).unwrap()
        };
        let lanes = MOST_CELLS / 4096;
        assert!(check(&plan(4096, lanes), None).is_ok());
        let message = check(&plan(4096, lanes + 1), None).unwrap_err().to_string();
        assert!(message.contains("is over 16777216"), "{message}");
        assert!(check(&plan(2, 4), None).is_ok());
    }

    #[test]
    fn a_hold_is_several_steps_long() {
        let toml = "grid = ['V_n=0:8:9']\ndt = 0.01\n[set]\nR_n = 8.0\nGamma = 1.0\n";
        let plan = Plan::new(Request::from_toml(toml).unwrap()).unwrap();
        assert!(check(&plan, Some(WINDOWS * plan.dt)).is_ok());
        for hold in [0.99 * WINDOWS * plan.dt, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(check(&plan, Some(hold)).is_err(), "{hold}");
        }
    }
}
