//! Contents of the shader's buffers, word by word.

use crate::kernel::run::Run;
use crate::kernel::section::Return;
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
        w.low_peak,
        w.peak,
        w.z_peak,
        w.trough,
        w.low,
        w.first_peak,
        w.last_peak,
        w.area,
        w.area_at_peak,
    ];
    [Word::Whole(w.step), Word::Whole(w.peaks)].into_iter().chain(reals(&numbers)).collect()
}

pub(super) fn of_run(r: &Run<f32>) -> Vec<Word> {
    let state = |s: &State<f32>| [s.x, s.y, s.z, s.v];
    let section_point = |t: &Return<f32>| [t.peak, t.trough, t.z, t.mean, t.period];
    let mut words: Vec<Word> = reals(&[state(&r.state), state(&r.rate)].concat()).collect();
    words.extend(of_window(&r.window));
    words.extend(reals(&[r.v_0, r.z_0]));
    words.extend(reals(
        &[section_point(&r.return_1), section_point(&r.return_2), section_point(&r.return_3), section_point(&r.limit)]
            .concat(),
    ));
    words.extend([r.returns, r.windows, r.steps, r.phase, r.piece as u32].map(Word::Whole));
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
