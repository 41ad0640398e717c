//! Random inputs of the shader's functions that reach every branch, with ties and zeros.

use super::call::CALLS;
use crate::engine::gpu::layout::{RawCell, RawRegion};
use crate::kernel::neuron::xi_at;
use crate::kernel::run::{Run, WindowLimits};
use crate::kernel::section::Return;
use crate::kernel::table::Table;
use crate::kernel::trapping::{FORM, TrappingRegion, to_origin_grid};
use crate::kernel::window::{StepEnd, Window};
use crate::model::{Parameters, State};
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
    (0..1000_u32, 0..4_u32, [number(), number(), number(), number(), number(), number(), number()], 0..100_u32)
        .prop_map(|(step, peaks, [v_min, v_max, low_peak, peak, z_peak, low, area], first)| Window {
            step,
            peaks,
            v_min,
            v_max,
            low_peak,
            peak,
            z_peak,
            trough: low,
            low: 0.5 * low,
            first_peak: first as f32,
            last_peak: (first + step) as f32 + 0.5,
            area: 100.0 * area,
            area_at_peak: 90.0 * area,
        })
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

pub(super) const LIMITS: WindowLimits = WindowLimits { peaks_per_window: 10, window_steps: 1000, max_steps: 5000 };

/// Four returns y_n = limit + size (u (1.1 q)^n + w (1.1 r)^n), of which some may be equal, and a previous limit.
fn any_returns() -> impl Strategy<Value = ([Return<f32>; 4], Return<f32>)> {
    let numbers = || [number(), number(), number(), number(), number()];
    let swing = select(vec![1e-4_f32, 1.9e-3, 2.1e-3, 0.1, 1.0]);
    let size = select(vec![0.0_f32, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-2]);
    let modes = (number(), number(), numbers(), numbers());
    (swing, size, modes, 0..4_u32, numbers(), select(vec![0.0_f32, 1e-7, 1e-5, 1e-3])).prop_map(
        |(swing, size, (q, r, u, w), alike, moved, by)| {
            let middle = [swing, 0.0, -0.3, 0.5 * swing, 0.9];
            let section_point = |t: [f32; 5]| Return { peak: t[0], trough: t[1], z: t[2], mean: t[3], period: t[4] };
            let about = |add: &dyn Fn(usize) -> f32| section_point(std::array::from_fn(|i| middle[i] + add(i)));
            let mut y = [0, 1, 2, 3].map(|n| about(&|i| size * (u[i] * (1.1 * q).powi(n) + w[i] * (1.1 * r).powi(n))));
            if alike & 1 == 1 {
                y[1] = y[0];
            }
            if alike & 2 == 2 {
                y[2] = y[1];
            }
            (y, about(&|i| by * moved[i]))
        },
    )
}

fn any_region() -> impl Strategy<Value = TrappingRegion<f32>> {
    let widths = select(vec![1e2_f32, 1e4, 1e8]);
    (number(), prop::array::uniform10(number()), widths, select(vec![1e-8_f32, 1e-4, 0.1])).prop_map(
        |(v, mixed, width, decay)| {
            let mut form: [f32; FORM] = mixed.map(|m| 0.2 * width * m);
            for square in [0, 4, 7, 9] {
                form[square] = width;
            }
            TrappingRegion { v_high: 0.5, v_low: 0.1 * v, form, decay }
        },
    )
}

fn any_end() -> impl Strategy<Value = End> {
    let poison = prop_oneof![9 => Just(None), 1 => (0..5_usize, select(vec![f32::NAN, f32::INFINITY, -f32::INFINITY])).prop_map(Some)];
    let state = [number(), number(), number(), number()];
    let counts = (
        prop_oneof![1 => 0..4_u32, 3 => Just(4_u32)],
        prop_oneof![9 => Just(LIMITS.peaks_per_window), 1 => 0..LIMITS.peaks_per_window],
        prop_oneof![9 => 500..4999_u32, 1 => Just(LIMITS.max_steps)],
        select(vec![0.0_f32, 1e-7, 1e-5]),
    );
    let window = (number(), select(vec![0.0_f32, 0.0, 1e-6, 1e-3, 0.05]));
    (any_returns(), state, counts, poison, window, vec(any_region(), 0..3)).prop_map(
        |((y, limit), state, (returns, peaks, steps, peak_error), poison, (low, lower), regions)| {
            let mut run = Run::start(State { x: 0.02 * state[0], y: 0.02 * state[1], z: 0.7, v: 0.5 });
            run.state.z = 0.05 * state[2];
            run.state.v = 0.05 * state[3];
            (run.return_3, run.return_2, run.return_1, run.limit) = (y[0], y[1], y[2], limit);
            (run.returns, run.steps, run.windows) = (returns, steps, 7);
            let last_peak = 0.5 * (y[3].period * (LIMITS.peaks_per_window - 1) as f32) / 0.02;
            run.window = Window {
                step: 400,
                peaks,
                v_min: y[3].trough - 0.01 * low.abs(),
                v_max: y[3].peak,
                low_peak: y[3].peak - lower,
                peak: y[3].peak,
                z_peak: y[3].z,
                trough: y[3].trough,
                low: 0.0,
                first_peak: 2.0,
                last_peak: last_peak + 2.0,
                area: 0.0,
                area_at_peak: y[3].mean * last_peak,
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
                peaks_per_window: LIMITS.peaks_per_window,
                window_steps: LIMITS.window_steps,
                max_steps: LIMITS.max_steps,
                row: 0,
                first_region: 0,
                regions: regions.len() as u32,
            };
            End { run, cell, regions }
        },
    )
}

/// Window ends, the bytes of their cells, and the bytes of all their trapping regions.
pub(super) fn ends() -> (Vec<End>, Vec<u8>, Vec<u8>) {
    let mut ends = drawn(any_end());
    let mut regions: Vec<RawRegion> = Vec::new();
    for end in &mut ends {
        end.cell.first_region = regions.len() as u32;
        regions.extend(end.regions.iter().map(|b| RawRegion { v: [b.v_high, b.v_low], form: b.form, decay: b.decay }));
    }
    let cells: Vec<RawCell> = ends.iter().map(|end| end.cell).collect();
    (ends, bytemuck::cast_slice(&cells).to_vec(), bytemuck::cast_slice(&regions).to_vec())
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
