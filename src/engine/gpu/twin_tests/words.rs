//! Contents of the shader's buffers, word by word.

use crate::engine::gpu::layout::{NEURON_BYTES, QueuedCell, SLOT_BYTES};
use crate::kernel::newton::Newton;
use crate::kernel::run::Run;
use crate::kernel::window::Window;
use crate::model::State;

/// Largest difference of numbers, relative to the larger one or to 1: rounding of a device that fuses multiply-adds
/// where the twin does not.
const ROUNDING: f32 = 1e-4;

/// A word of a buffer: a number, or a count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Real(f32),
    Whole(u32),
}

impl Word {
    fn bits(self) -> u32 {
        match self {
            Word::Real(v) => v.to_bits(),
            Word::Whole(v) => v,
        }
    }

    fn is(self, found: u32) -> bool {
        match self {
            Word::Whole(v) => v == found,
            Word::Real(v) => {
                let found = f32::from_bits(found);
                let apart = (v - found).abs();
                v == found || (v.is_nan() && found.is_nan()) || apart <= ROUNDING * v.abs().max(found.abs()).max(1.0)
            }
        }
    }
}

pub(super) fn reals(numbers: &[f32]) -> impl Iterator<Item = Word> {
    numbers.iter().copied().map(Word::Real)
}

pub(super) fn of_window(w: &Window<f32>) -> Vec<Word> {
    let numbers = [
        w.v_min,
        w.v_max,
        w.peak,
        w.z_peak,
        w.trough,
        w.low,
        w.first_peak,
        w.last_peak,
        w.area,
        w.area_at_first,
        w.area_at_last,
        w.last_distance,
        w.last_time,
        w.first_swing,
        w.mark_peak,
        w.mark_trough,
        w.mark_z,
        w.mark_time,
    ];
    let counts = [Word::Whole(w.step), Word::Whole(w.peaks)];
    let near = [Word::Whole(w.near), Word::Real(w.near_distance), Word::Real(w.near_time)];
    counts.into_iter().chain(reals(&numbers)).chain(near).collect()
}

fn state(s: &State<f32>) -> [f32; 4] {
    [s.x, s.y, s.z, s.v]
}

fn of_newton(n: &Newton<f32>) -> Vec<Word> {
    let states = [n.from, n.flow, n.point, n.end, n.end_rate, n.tangents[0], n.tangents[1], n.tangents[2]];
    let numbers = [
        n.period,
        n.first_period,
        n.size,
        n.expected,
        n.low,
        n.high,
        n.mean,
        n.change,
        n.stale,
        n.multiplier,
        n.rotation,
    ];
    let more = [&n.linear[..], &[n.distance], &n.norm].concat();
    let all: Vec<f32> = states.iter().flat_map(state).chain(numbers).chain(more).collect();
    reals(&all).chain([n.maxima, n.iterations, n.has_tangents].map(Word::Whole)).collect()
}

/// A slot with this run, this cell and its number.
pub(super) fn of_slot(r: &Run<f32>, cell: &QueuedCell, number: u32) -> Vec<Word> {
    let mut words: Vec<Word> = reals(&[state(&r.state), state(&r.rate)].concat()).collect();
    words.extend(of_window(&r.window));
    words.extend(reals(&[r.v_0, r.z_0, r.dt, r.centre]));
    let counts = [r.pass, r.peaks_due, r.step_due, r.newton_steps, r.returns, r.skip, r.followed, r.is_dying];
    words.extend(counts.map(Word::Whole));
    words.extend([r.windows, r.steps, r.phase, r.piece as u32].map(Word::Whole));
    words.extend(r.unused.map(Word::Whole));
    words.extend(of_newton(&r.newton));
    // The neuron is not touched where a run is looked at.
    let zeros = |words: &mut Vec<Word>, bytes: u64| words.resize(bytes as usize / 4, Word::Whole(0));
    let before = (4 * words.len() as u64).next_multiple_of(16) + NEURON_BYTES;
    zeros(&mut words, before);
    words.extend(bytemuck::cast_slice::<_, u32>(std::slice::from_ref(cell)).iter().map(|word| Word::Whole(*word)));
    words.push(Word::Whole(number));
    zeros(&mut words, SLOT_BYTES);
    words
}

pub(super) fn bytes_of(calls: impl Iterator<Item = Vec<Word>>) -> Vec<u8> {
    calls.flatten().flat_map(|word| word.bits().to_ne_bytes()).collect()
}

/// Calls whose results differ from the twin's.
pub(super) fn misses(twin: &[Vec<Word>], found: &[u32]) -> Vec<usize> {
    let width = twin[0].len();
    assert_eq!(found.len(), twin.len() * width, "the result lies otherwise than here");
    let differ = |n: &usize| twin[*n].iter().zip(&found[n * width..]).any(|(word, &found)| !word.is(found));
    (0..twin.len()).filter(differ).collect()
}
