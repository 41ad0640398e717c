//! Comparison of the shader's functions with their twins, each called alone.

mod call;
mod draws;
mod words;

use crate::engine::gpu::layout::{RawResult, SLOT_BYTES, STATUS_BYTES};
use crate::engine::gpu::shader::binding;
use crate::kernel::constants::DONE;
use crate::kernel::neuron::{Neuron, xi_at};
use crate::kernel::run::{Run, RunSettings};
use crate::kernel::trapping::to_origin_grid;
use crate::kernel::window::StepEnd;
use crate::kernel::{piece, rk4};
use crate::model::{Parameters, State};
use crate::results::COLUMNS;
use call::{CALLS, Call, GROUP_1, batch, compare};
use draws::{End, LIMITS, any_placed, any_step, drawn, ends, nearest};
use std::collections::{BTreeMap, BTreeSet};
use words::{Word, bytes_of, of_slot, of_window, reals};

#[test]
fn windows_take_in_a_step_as_the_twin_does() {
    let steps = drawn(any_step());
    let sample = |s: &StepEnd<f32>| [s.v, s.rate, s.z, s.z_rate];
    let passed = bytes_of(steps.iter().map(|s| {
        let numbers = [&sample(&s.a)[..], &sample(&s.b), &[s.dt, s.reach]].concat();
        of_window(&s.window).into_iter().chain(reals(&numbers)).collect()
    }));
    let twin: Vec<Vec<Word>> = steps
        .iter()
        .map(|s| {
            let mut w = s.window;
            w.observe(s.a, s.b, s.dt);
            let mut words = of_window(&w);
            let pieces = [
                piece::centre_for_window(s.a.v, s.b.v, s.reach),
                piece::centre_after_exit(&s.window, s.b.v, s.b.rate, s.reach),
            ];
            words.extend(reals(&[w.period(s.dt), w.mean()]).chain(reals(&pieces)));
            words.push(Word::Whole(u32::from(piece::may_skip_piece(s.b.rate, s.dt, s.reach))));
            words.push(Word::Real(to_origin_grid(s.b.v)));
            words
        })
        .collect();
    let zeros = vec![0; 4 * CALLS * twin[0].len()];
    let mistakes = [
        ["if is_fraction(m0, q) {", "if !is_fraction(m0, q) {"],
        ["} else if is_fraction(q, qa) {", "} else if is_fraction(qa, q) {"],
        ["(a < 0.0) == (b < 0.0) && abs(a)", "(a < 0.0) == (b < 0.0) || abs(a)"],
        ["a.rate > 0.0 && b.rate <= 0.0", "a.rate > 0.0 && b.rate < 0.0"],
        ["(a.rate < 0.0 && b.rate >= 0.0)", "(a.rate < 0.0 && b.rate > 0.0)"],
    ];
    compare(
        Call { entry: "observe", buffers: &[(20, &passed), (21, &zeros)], result: 21, table: false, number: None },
        &twin,
        &mistakes,
    );
}

#[test]
fn windows_close_as_the_twins_do() {
    let ends = ends();
    let runs = bytes_of(ends.iter().zip(0..).map(|(end, number)| of_slot(&end.run, &end.queued(), number)));
    assert_eq!(runs.len() as u64, SLOT_BYTES * CALLS as u64);
    let zeros = vec![0; CALLS * size_of::<RawResult>()];
    let (mut after, mut results) = (Vec::new(), Vec::new());
    let mut outcomes = BTreeMap::new();
    for (end, number) in ends.iter().zip(0..) {
        let mut run = end.run;
        let z_t = Parameters::from_array(end.cell.parameters).z_t;
        let settings = RunSettings {
            dt: end.cell.dt,
            limits: LIMITS,
            peak_error: end.cell.peak_error,
            z_t,
            relaxation: 0.1,
            is_slow: false,
            regions: &end.regions,
        };
        let result = run.look(&settings);
        *outcomes.entry((result.as_ref().map(|v| (v.outcome, v.certificate)), run.pass)).or_insert(0) += 1;
        assert_eq!(result.is_some(), run.phase == DONE);
        after.push(of_slot(&run, &end.queued(), number));
        results.push(match result {
            Some(v) => {
                let counts = [v.outcome, v.certificate, run.steps, run.windows, number].map(Word::Whole);
                reals(&v.numbers).chain(counts).chain(reals(&v.end)).collect()
            }
            None => vec![Word::Whole(0); size_of::<RawResult>() / 4],
        });
    }
    // Every outcome with every certificate that a look can end with, and every pass that it can go on with.
    let ends: BTreeSet<_> = outcomes.keys().filter_map(|(end, _)| *end).collect();
    let goes_on: BTreeSet<_> = outcomes.keys().filter(|(end, _)| end.is_none()).map(|(_, pass)| *pass).collect();
    assert_eq!((ends.len(), goes_on.len()), (6, 7), "{outcomes:?}");
    assert!(outcomes.values().filter(|calls| **calls > CALLS / 100).count() >= 12, "{outcomes:?}");
    let status = vec![0; STATUS_BYTES as usize];
    let results_at = GROUP_1 + binding::RESULTS;
    let buffers: [(u32, &[u8]); 3] = [(binding::RUNS, &runs), (binding::STATUS, &status), (results_at, &zeros)];
    let mistakes = [
        ["return finite(s.x) && finite(s.y)", "return finite(s.x) || finite(s.y)"],
        ["if b.growth < 0.0 && holds(b,", "if holds(b,"],
        ["< COHERENCE_F32 && !by_time", "< 0.0 && !by_time"],
        ["let is_over = run.steps >= cell.max_steps;", "let is_over = run.steps > cell.max_steps;"],
        ["if run.skip != 1u && w.last_distance", "if w.last_distance"],
        ["FEWEST_REPEATS * w.near < w.peaks", "FEWEST_REPEATS * w.near <= w.peaks + 9u"],
        ["if !(off <= ABOUT * last && w.first_swing > 0.0) || b.curvature == 0.0", "if b.curvature == 0.0"],
        ["select(DYING * first, first, b.curvature < 0.0)", "select(first, DYING * first, b.curvature < 0.0)"],
        ["if before != i + 1u {", "if before == i + 1u {"],
        [
            "square < 0.0 || last * last < INSIDE_UNSTABLE * square",
            "square < 0.0 || last * last > INSIDE_UNSTABLE * square",
        ],
        ["if i < 2u {", "if i < 1u {"],
        ["if stale > FRESH_TANGENTS * extent(index) {", "if stale < FRESH_TANGENTS * extent(index) {"],
        ["if !(1.0 - multiplier >= CONTRACTION_F32) {", "if !(1.0 - multiplier >= -1.0) {"],
        ["a.z * a.z + of_period", "a.z * a.z"],
        ["if multiplier - 1.0 < CONTRACTION_F32 {", "if multiplier - 1.0 > CONTRACTION_F32 {"],
        ["abs(in_steps - steps_before) <=", "abs(in_steps - steps_before) >="],
        ["lack <= LINEAR_LACK * (distance - linear)", "lack >= LINEAR_LACK * (distance - linear)"],
        ["lack <= LACK * distance + rounding", "lack >= LACK * distance + rounding"],
        ["CONTRACTION_SHARE * (distance - linear)", "CONTRACTION_SHARE * (linear - distance)"],
        ["*second = moved;", "*second = *first;"],
        ["let by = -component / (1.0 + abs(f.x));", "let by = component / (1.0 + abs(f.x));"],
        ["if rotation == 1.0 && lowest <= -SLOW_PAIR", "if rotation == 1.0 && lowest >= -SLOW_PAIR"],
    ];
    let call = Call { entry: "close", buffers: &buffers, result: binding::RUNS, table: false, number: None };
    compare(call, &after, &mistakes);
    let mistakes = [
        mistakes[0],
        mistakes[1],
        ["let added = damping +", "let added = 2.0 * damping +"],
        ["cell.peak_error) + added / contraction", "cell.peak_error) + added"],
    ];
    compare(Call { result: results_at, number: Some(COLUMNS.len() + 4), ..call }, &results, &mistakes);
}

#[test]
fn runs_begin_as_their_twins_do() {
    let ends = ends();
    let begun = |end: &End| {
        let [x, y, z, v] = end.cell.start;
        of_slot(&Run::start(State { x, y, z, v }, end.cell.dt, &LIMITS), &end.queued(), 0)
    };
    let twin: Vec<Vec<Word>> = ends.iter().map(begun).collect();
    // Another run was in the slot before.
    let before = bytes_of(ends.iter().map(|end| of_slot(&end.run, &end.queued(), 0)));
    let buffers: [(u32, &[u8]); 1] = [(binding::RUNS, &before)];
    let mistakes =
        [["let z_0 = origin_for(s.z);", "let z_0 = origin_for(s.w);"], ["    runs[index].newton = Newton();\n", ""]];
    compare(
        Call { entry: "begin", buffers: &buffers, result: binding::RUNS, table: false, number: None },
        &twin,
        &mistakes,
    );
}

#[test]
fn neurons_move_as_their_twins_do() {
    let batch = batch();
    let table = &batch.tables[0].single;
    let all = drawn(any_placed(table));
    let state = |s: &State<f32>| [s.x, s.y, s.z, s.v];
    let placed = bytes_of(all.iter().map(|p| {
        let before = [&p.parameters.to_array()[..], &[p.v_0, p.z_0]].concat();
        let after = [&state(&p.state)[..], &[p.dt]].concat();
        reals(&before).chain([Word::Whole(p.piece as u32)]).chain(reals(&after)).collect()
    }));
    let twin: Vec<Vec<Word>> = all
        .iter()
        .map(|p| {
            let origin = [p.v_0, p.z_0];
            let neuron = Neuron::about(&p.parameters, origin, p.piece, table);
            let rate = neuron.derivative(&p.state);
            let next = rk4::step(&neuron, &p.state, &rate, p.dt);
            let careful = piece::step_across_pieces(&p.parameters, origin, &p.state, &rate, p.dt, table);
            let piece = nearest(xi_at(&p.parameters, p.v_0 + p.state.v), table);
            let counts = [u32::from(neuron.leaves(p.state.v)), piece as u32].map(Word::Whole);
            reals(&[state(&rate), state(&next), state(&careful)].concat()).chain(counts).collect()
        })
        .collect();
    let zeros = vec![0; 4 * CALLS * twin[0].len()];
    let mistakes = [
        [
            "let expansion_point = select(-here.u / stretch, 0.0, holds);",
            "let expansion_point = select(here.u / stretch, 0.0, holds);",
        ],
        ["relaxation * (z_0 - p.z_t)", "relaxation * (z_0 + p.z_t)"],
        ["(n.omega * s.y - n.gamma * s.x)", "(n.omega * s.y + n.gamma * s.x)"],
        ["return v < n.low || v > n.high;", "return v < n.low && v > n.high;"],
        ["sum += select(2.0, 1.0, last) * k;", "sum += select(1.0, 2.0, last) * k;"],
        ["return s + (dt / 6.0) *", "return s + (dt / 5.0) *"],
        ["side * xi - middle", "xi - middle"],
    ];
    compare(
        Call { entry: "step", buffers: &[(22, &placed), (23, &zeros)], result: 23, table: true, number: None },
        &twin,
        &mistakes,
    );
}
