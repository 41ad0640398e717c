//! A ramp: one parameter walked up and down with the state carried along, in parallel lanes over all other axes.

use crate::columns::{Answer, Outcome};
use crate::engine::{Batch, Cell, Chosen, Progress, Tables};
use crate::error::{Error, Result};
use crate::grid::Axis;
use crate::model::State;
use crate::sweep::{Plan, doubt};
use std::collections::HashMap;
use std::sync::Arc;

/// Windows that make up a hold: enough for a verdict.
const WINDOWS: u32 = 4;
/// Lanes and values of a ramp at most: its answers are kept in memory.
const MOST_CELLS: u64 = 1 << 24;

/// The two ways of a ramp, in the order of its first dimension.
pub const DIRECTIONS: [&str; 2] = ["up", "down"];

/// A finished ramp.
#[derive(Debug, Clone)]
pub struct Ramp {
    /// Answers by direction, then by value of the walked axis, then by lane.
    pub answers: Vec<Answer>,
    /// Values of the walked axis.
    pub values: Vec<f64>,
    /// Number of lanes.
    pub lanes: usize,
}

impl Ramp {
    /// The answer at a direction (0 up, 1 down), a value's index and a lane.
    #[must_use]
    pub fn at(&self, direction: usize, value: usize, lane: usize) -> &Answer {
        &self.answers[(direction * self.values.len() + value) * self.lanes + lane]
    }

    /// Area of a lane's loop: the integral of |mean V on the way up - mean V on the way down| over the walked parameter.
    #[must_use]
    pub fn loop_area(&self, lane: usize) -> f64 {
        let gap = |i: usize| (self.at(0, i, lane).v_mean - self.at(1, i, lane).v_mean).abs();
        (1..self.values.len()).map(|i| 0.5 * (gap(i - 1) + gap(i)) * (self.values[i] - self.values[i - 1]).abs()).sum()
    }
}

/// Checks that a plan can be walked.
///
/// # Errors
/// A first axis of one value or of geometry, too many cells, or a hold that is not positive.
pub fn check(plan: &Plan, hold: Option<f64>) -> Result<()> {
    let walked = &plan.grid.axes()[0];
    let name = walked.parameter.name();
    if walked.len() < 2 {
        return Err(Error::request(
            format!("the ramp's axis {name} has one value"),
            "give the first --grid two values or more",
        ));
    }
    if plan.grid.cells() > MOST_CELLS {
        return Err(Error::request(
            format!("a ramp of {} cells is over {MOST_CELLS}", plan.grid.cells()),
            "ask for fewer values or lanes",
        ));
    }
    match hold {
        Some(t) if !(t.is_finite() && t >= f64::from(WINDOWS) * plan.dt && t / plan.dt < 1e9) => Err(Error::request(
            format!("--hold {t} is not a time that holds {WINDOWS} steps of dt = {}", plan.dt),
            "give a hold in tau_c, well above dt",
        )),
        _ => Ok(()),
    }
}

/// Walks the plan's first axis up and down. At each value a lane is held until it has settled by the rule of sweeps, or for `hold`
/// at most; its end is the start at the next value. On the way down the first value is where the way up ended.
///
/// # Errors
/// Whatever the engine reports.
pub fn ramp(plan: &Plan, chosen: &Chosen, hold: Option<f64>, progress: &Progress) -> Result<Ramp> {
    check(plan, hold)?;
    let walked: &Axis = &plan.grid.axes()[0];
    let n = walked.len();
    let lanes = plan.grid.cells() / n;
    let mut tables: HashMap<[u64; 2], Arc<Tables>> = HashMap::new();
    let mut states: Vec<Option<State<f64>>> = vec![None; lanes as usize];
    let mut answers = Vec::with_capacity(2 * plan.grid.cells() as usize);
    // Up in order of value, whichever way the axis was written.
    let rises = walked.value(0) < walked.value(n - 1);
    let up: Vec<u64> = if rises { (0..n).collect() } else { (0..n).rev().collect() };
    let mut ways = [up.clone(), up];
    ways[1].reverse();
    for way in ways {
        let mut by_value: Vec<Vec<Answer>> = vec![Vec::new(); n as usize];
        for index in way {
            by_value[index as usize] = step(plan, chosen, hold, index * lanes, &mut states, &mut tables, progress)?;
        }
        answers.extend(by_value.into_iter().flatten());
    }
    Ok(Ramp { answers, values: walked.values().collect(), lanes: lanes as usize })
}

/// All lanes at one value; `first` is the index of lane 0's cell there.
fn step(
    plan: &Plan,
    chosen: &Chosen,
    hold: Option<f64>,
    first: u64,
    states: &mut [Option<State<f64>>],
    tables: &mut HashMap<[u64; 2], Arc<Tables>>,
    progress: &Progress,
) -> Result<Vec<Answer>> {
    let mut answers = vec![Answer::without_numbers(Outcome::StartDependent); states.len()];
    let mut batch = Batch { dt: plan.dt, ..Batch::default() };
    let mut rows: HashMap<[u64; 2], u32> = HashMap::new();
    let mut slots = Vec::new();
    for (lane, state) in states.iter().enumerate() {
        let Some(cell) = plan.cell(first + lane as u64)? else { continue };
        let (l, lambda) = (cell.parameters.l, cell.parameters.lambda);
        let key = [l.to_bits(), lambda.to_bits()];
        let table = *rows.entry(key).or_insert_with(|| {
            let made = tables.entry(key).or_insert_with(|| Arc::new(Tables::new(l, lambda, plan.request.table_format)));
            batch.tables.push(made.clone());
            batch.tables.len() as u32 - 1
        });
        let (window_steps, max_windows) = match hold {
            Some(t) => ((t / f64::from(WINDOWS) / plan.dt).ceil() as u32, WINDOWS),
            None => (cell.window_steps, cell.max_windows),
        };
        batch.cells.push(Cell { start: state.unwrap_or(cell.start), table, window_steps, max_windows, ..cell });
        slots.push(lane);
    }
    progress.add((states.len() - slots.len()) as u64, 0, 0);
    for (lane, answer) in slots.into_iter().zip(chosen.engine.run(&batch, progress)?) {
        let [x, y, z, v] = answer.end;
        // A lane that diverged starts anew at the next value.
        states[lane] = [x, y, z, v].iter().all(|c| c.is_finite()).then_some(State { x, y, z, v });
        answers[lane] = answer;
    }
    doubt(plan, first, &mut answers);
    Ok(answers)
}
