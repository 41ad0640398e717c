//! Random inputs of the shader's functions that reach every branch, with ties and zeros.

use super::call::CALLS;
use crate::engine::gpu::layout::{QueuedCell, RawCell, RawRegion};
use crate::kernel::constants::{DRIFT, MOST_REGIONS, MOTION, PERIOD, RETURN, TANGENT};
use crate::kernel::neuron::xi_at;
use crate::kernel::newton::Newton;
use crate::kernel::run::{Run, RunLimits};
use crate::kernel::table::Table;
use crate::kernel::trapping::{FORM, TrappingRegion, to_origin_grid};
use crate::kernel::window::{StepEnd, Window};
use crate::model::{Parameters, State};
use bytemuck::Zeroable;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use proptest::{collection::vec, sample::select};

/// Deterministic draws, equal on every machine.
pub(super) fn drawn<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    vec(strategy, CALLS).new_tree(&mut runner).expect("nothing is filtered out").current()
}

/// A number between -1 and 1, half of the time one of five, so that ties and zeros occur.
fn number() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![select(vec![-1.0_f32, -0.5, 0.0, 0.5, 1.0]), -1.0..1.0_f32]
}

#[derive(Debug)]
pub(super) struct Step {
    pub window: Window<f32>,
    pub a: StepEnd<f32>,
    pub b: StepEnd<f32>,
    pub dt: f32,
    pub reach: f32,
}

fn any_window() -> impl Strategy<Value = Window<f32>> {
    let numbers = prop::array::uniform12(number());
    (0..1000_u32, prop_oneof![0..4_u32, 62..66_u32], numbers, 0..100_u32, 0..3_u32).prop_map(
        |(step, peaks, n, first, near)| Window {
            step,
            peaks,
            v_min: n[0],
            v_max: n[1],
            peak: n[2],
            z_peak: n[3],
            trough: n[4],
            low: 0.5 * n[4],
            first_peak: first as f32,
            last_peak: (first + step) as f32 + 0.5,
            area: 100.0 * n[5],
            area_at_first: 20.0 * n[6],
            area_at_last: 90.0 * n[7],
            last_distance: n[8].abs(),
            last_time: 40.0,
            first_swing: n[8],
            mark_time: first as f32,
            mark_peak: n[9],
            mark_trough: n[10],
            mark_z: n[11],
            near,
            near_distance: if near == 0 { 1e30 } else { n[8].abs() },
            near_time: 44.0 * near as f32,
        },
    )
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    let sample =
        || (number(), number(), number(), number()).prop_map(|(v, rate, z, z_rate)| StepEnd { v, rate, z, z_rate });
    (any_window(), sample(), sample(), select(vec![0.02_f32, 0.25, 1.0]), select(vec![0.25_f32, 0.5, 1.0]))
        .prop_map(|(window, a, b, dt, reach)| Step { window, a, b, dt, reach })
}

/// A run at a window's end, and its cell.
#[derive(Debug)]
pub(super) struct End {
    pub run: Run<f32>,
    pub cell: RawCell,
    pub regions: Vec<TrappingRegion<f32>>,
}

pub(super) const LIMITS: RunLimits = RunLimits { first_peaks: 10, look_steps: 1000, max_steps: 5000 };

fn any_region() -> impl Strategy<Value = TrappingRegion<f32>> {
    let widths = select(vec![1e2_f32, 1e4, 1e8]);
    (
        number(),
        prop::array::uniform10(number()),
        widths,
        (select(vec![-0.1_f32, -1e-3, 1e-3]), select(vec![-20.0_f32, 0.0, 1.0])),
    )
        .prop_map(|(v, mixed, width, (growth, curvature))| {
            let mut form: [f32; FORM] = mixed.map(|m| 0.2 * width * m);
            for square in [0, 4, 7, 9] {
                form[square] = width;
            }
            TrappingRegion { v_high: 0.5, v_low: 0.1 * v, form, growth, curvature }
        })
}

/// Swings at a window's beginning and end, by the normal form of `any_region` or not.
fn any_swings() -> impl Strategy<Value = (f32, f32)> {
    let ratio = select(vec![0.5_f32, 0.9, 0.97, 0.9999, 1.0, 1.03, 1.2]);
    (select(vec![1e-4_f32, 1e-2, 0.1, 0.3]), ratio).prop_map(|(first, ratio)| (first, first * ratio))
}

/// A record of Newton's method near a cycle whose return map contracts, or nearly so.
fn any_newton() -> impl Strategy<Value = Newton<f32>> {
    let close = select(vec![0.0_f32, 1e-7, 1e-5, 1e-3, 0.05]);
    let map = prop::array::uniform12(-0.6..0.6_f32);
    let flow = prop::array::uniform4(0.2..1.0_f32);
    let ends = (prop::array::uniform8(number()), close, select(vec![0.1_f32, 1.0, 1.1]));
    let counts = (0..3_u32, prop_oneof![9 => 0..12_u32, 1 => Just(16_u32)], 0..2_u32);
    let lengths =
        (select(vec![0.0_f32, 1e-6, 1e-3]), select(vec![1e-6_f32, 1e-2, 1e30]), select(vec![0.0_f32, 0.08, 0.5]));
    (flow, map, ends, counts, lengths).prop_map(
        |(flow, m, (n, close, stretch), (maxima, iterations, has_tangents), (stale, change, expected))| {
            let norm = flow.iter().map(|c| c * c).sum::<f32>().sqrt();
            let unit = flow.map(|c| c / norm);
            let state = |u: [f32; 4]| State { x: u[0], y: u[1], z: u[2], v: u[3] };
            let from = [0.01 * n[0], 0.02, 0.01 * n[1], 0.03];
            let point: [f32; 4] = std::array::from_fn(|i| from[i] + close * n[i]);
            let end: [f32; 4] = std::array::from_fn(|i| point[i] + 0.1 * close * n[4 + i]);
            let mut record = Newton {
                from: state(from),
                flow: state(unit),
                point: state(point),
                end: state(end),
                end_rate: state(flow.map(|c| 3.0 * c)),
                tangents: [0, 4, 8].map(|i| state([m[i], m[i + 1], m[i + 2], m[i + 3]].map(|c| stretch * c))),
                period: 0.9,
                first_period: 0.88,
                size: 0.1,
                expected,
                low: -0.05,
                high: 0.04,
                mean: -0.01,
                change,
                stale,
                maxima,
                iterations,
                has_tangents,
                ..Newton::nothing()
            };
            record.take_multipliers();
            record.begin_returns();
            record
        },
    )
}

fn any_end() -> impl Strategy<Value = End> {
    let poison = prop_oneof![9 => Just(None), 1 => (0..5_usize, select(vec![f32::NAN, f32::INFINITY, -f32::INFINITY])).prop_map(Some)];
    let state = [number(), number(), number(), number()];
    let passes = [DRIFT, PERIOD, TANGENT, TANGENT + 1, TANGENT + 2, RETURN];
    let counts = (
        prop_oneof![1 => Just(MOTION), 1 => select(passes.to_vec())],
        prop_oneof![9 => Just(LIMITS.first_peaks), 1 => 0..LIMITS.first_peaks],
        prop_oneof![9 => 500..4999_u32, 1 => Just(LIMITS.max_steps)],
        select(vec![0.0_f32, 1e-7, 1e-5]),
        (0..3_u32, 0..3_u32, 0..3_u32),
    );
    let window = (any_swings(), number(), select(vec![0.0_f32, 1e-5, 1e-3, 0.05, 0.9]), 0..12_u32);
    (any_newton(), state, counts, poison, window, vec(any_region(), 0..3)).prop_map(
        |(newton, state, (pass, peaks, steps, peak_error, (skip, followed, returns)), poison, window, regions)| {
            let ((first, mut last), low, apart, near) = window;
            let mut middle = 0.1 + 0.01 * low;
            if let Some(region) = regions.first() {
                middle = region.v_low + 0.1 * low * last;
                // Half of the swings follow the normal form.
                let square = 1.0 / (first * first) + region.change(first, 388.0 * 0.02);
                if followed == 1 && square > 0.0 {
                    last = 1.0 / square.sqrt();
                }
            }
            let start = State { x: 0.02 * state[0], y: 0.02 * state[1], z: 0.7, v: 0.5 };
            let mut run = Run::start(start, 0.02, &LIMITS);
            run.newton = newton;
            run.state.z = 0.05 * state[2];
            run.state.v = 0.05 * state[3];
            if pass >= PERIOD {
                run.state = State { x: newton.end.x + 0.01 * apart * state[0], ..newton.end };
            }
            run.rate = newton.end_rate;
            (run.pass, run.peaks_due, run.steps, run.windows) = (pass, LIMITS.first_peaks, steps, 7);
            (run.skip, run.followed, run.returns, run.newton_steps) = (skip, followed, returns, 100);
            run.window = Window {
                step: 400,
                peaks,
                v_min: middle - 0.5 * first.max(last),
                v_max: middle + 0.5 * first.max(last),
                peak: middle + 0.5 * last,
                z_peak: 0.1,
                trough: middle - 0.5 * last,
                low: 0.0,
                first_peak: 2.0,
                last_peak: 390.0,
                area: 400.0 * middle,
                area_at_first: 2.0 * middle,
                area_at_last: 390.0 * middle,
                last_distance: apart * last,
                last_time: 44.0,
                first_swing: first,
                mark_time: 2.0,
                mark_peak: middle + 0.5 * first,
                mark_trough: middle - 0.5 * first,
                mark_z: 0.1,
                near,
                near_distance: 0.01 * apart,
                near_time: 44.0 * near as f32,
            };
            if let Some((place, value)) = poison {
                let s = &mut run.state;
                *[&mut s.x, &mut s.y, &mut s.z, &mut s.v, &mut run.window.v_max][place] = value;
            }
            let cell = RawCell {
                parameters: Parameters { z_t: 0.7, ..Parameters::at(0.2, 5.0, 0.1) }.map(|v| v as f32).to_array(),
                start: [state[0], 1e3 * state[1], 7.3 * state[2], 12.7 * state[3]],
                dt: 0.02,
                peak_error,
                first_peaks: LIMITS.first_peaks,
                look_steps: LIMITS.look_steps,
                max_steps: LIMITS.max_steps,
                row: 0,
                regions: regions.len() as u32,
            };
            End { run, cell, regions }
        },
    )
}

/// Runs at the ends of windows and passes, with their cells.
pub(super) fn ends() -> Vec<End> {
    drawn(any_end())
}

impl End {
    /// The cell as it is put into the queue.
    pub(super) fn queued(&self) -> QueuedCell {
        let mut queued = QueuedCell { cell: self.cell, regions: [RawRegion::zeroed(); MOST_REGIONS as usize] };
        for (raw, b) in queued.regions.iter_mut().zip(&self.regions) {
            *raw = RawRegion { v: [b.v_high, b.v_low], form: b.form, growth: b.growth, curvature: b.curvature };
        }
        queued
    }
}

/// A neuron, the origin of its state, and the piece of the table that it is on.
#[derive(Debug)]
pub(super) struct Placed {
    pub parameters: Parameters<f32>,
    pub v_0: f32,
    pub z_0: f32,
    pub piece: i32,
    pub state: State<f32>,
    pub dt: f32,
}

/// The piece nearest to this xi.
pub(super) fn nearest(xi: f32, table: &Table<f32>) -> i32 {
    let last = table.last();
    ((xi * table.inverse_spacing + 0.5).floor() as i32).clamp(-last, last)
}

/// A neuron on the nearest piece, on one close to it, or on one far away.
pub(super) fn any_placed(table: &Table<f32>) -> impl Strategy<Value = Placed> {
    let aside = select(vec![0, 0, 1, -1, 3, -7, 12, -25, 10_000]);
    let origin = (number(), number(), select(vec![0.0_f32, 1.0, 9.0]));
    let drives = (number(), number(), number(), number(), number(), number());
    let state = [number(), number(), number(), number()];
    (drives, origin, state, aside, select(vec![0.005_f32, 0.02])).prop_map(
        |((v_n, r_n, gamma, alpha, z_t, omega), (v_0, z_0, far), [x, y, z, v], aside, dt)| {
            let parameters = Parameters {
                v_n: f64::from(10.0 * v_n),
                r_n: f64::from(10.0 * (1.0 + r_n)),
                gamma: f64::from(1.0 + gamma),
                alpha: f64::from(1.0 + alpha),
                z_t: f64::from(0.5 * (1.0 + z_t)),
                omega: f64::from(6.5 + 5.0 * omega),
                ..Parameters::at(0.0, 0.0, 0.0)
            };
            let parameters = parameters.map(|v| v as f32);
            let (v_0, z_0) = (to_origin_grid(far * v_0), to_origin_grid(0.5 * (1.0 + z_0)));
            let near = nearest(xi_at(&parameters, v_0), table);
            let piece = (near + aside).clamp(-table.last(), table.last());
            let state = State { x: 0.5 * x, y: 0.5 * y, z: 0.25 * z, v: 0.25 * v };
            Placed { parameters, v_0, z_0, piece, state, dt }
        },
    )
}
