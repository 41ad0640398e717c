//! Choice of a motion's piece of the table, and the step that no single piece covers. Twin of
//! `shaders/piece.wgsl`.
//!
//! A motion keeps its piece until a step would leave it. That step is taken with each stage on the piece
//! nearest to it, and the motion gets another piece, placed to contain the whole swing if any piece can.
//! Steps longer than a piece's reach are taken in this way too; only the first moments of a violent start
//! have them.

use super::Real;
use super::constants::{GROWTH_MARGIN, LEAD, RECENTRE_LIMIT};
use super::neuron::{Neuron, xi_at};
use super::rk4::moved;
use super::table::Table;
use super::window::Window;
use crate::model::{Parameters, State};

/// V on which the piece of a window that opens at `v` is centred: `middle`, that of the last window's
/// motion, if it is near `v`, else `v`.
#[inline]
pub fn centre_for_window<T: Real>(middle: T, v: T, reach: T) -> T {
    if (middle - v).abs() <= T::of(RECENTRE_LIMIT) * reach { middle } else { v }
}

/// V on which the next piece is centred after a motion has left its piece and reached `v`: where the piece
/// contains both ends of the last swing, if one can, else ahead of `v`.
#[inline]
pub fn centre_after_exit<T: Real>(window: &Window<T>, v: T, rate: T, reach: T) -> T {
    let other = if rate > T::zero() { window.low } else { window.peak };
    let ahead = if rate > T::zero() { reach } else { -reach };
    let middle = T::of(0.5) * (other + v);
    if (v - middle).abs() <= T::of(RECENTRE_LIMIT - GROWTH_MARGIN) * reach {
        middle + T::of(GROWTH_MARGIN) * ahead
    } else {
        v + T::of(LEAD) * ahead
    }
}

/// Whether V moves so fast that a step may be longer than a piece's reach.
#[inline]
pub fn may_skip_piece<T: Real>(rate: T, dt: T, reach: T) -> bool {
    rate.abs() * dt > reach
}

/// The state one step `dt` after `s`, with a piece of the table for each stage.
#[must_use]
pub fn step_across_pieces<T: Real>(
    p: &Parameters<T>,
    origin: [T; 2],
    s: &State<T>,
    k1: &State<T>,
    dt: T,
    table: &Table<T>,
) -> State<T> {
    let (half, one, two) = (T::of(0.5) * dt, T::one(), T::of(2.0));
    let (mut k, mut sum) = (*k1, *k1);
    for [ahead, weight] in [[half, two], [half, two], [dt, one]] {
        let stage = moved(s, &k, ahead);
        k = derivative(p, origin, &stage, table);
        sum = moved(&sum, &k, weight);
    }
    moved(s, &sum, dt / T::of(6.0))
}

/// Rates of change by Eq. 10 on the piece nearest to the state, per tau_c.
#[must_use]
pub fn derivative<T: Real>(p: &Parameters<T>, origin: [T; 2], s: &State<T>, table: &Table<T>) -> State<T> {
    Neuron::about(p, origin, table.nearest(xi_at(p, origin[0] + s.v)), table).derivative(s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::stepper::Stepper;
    use crate::model::{Conductance, Parameters, derivative as exact};
    use proptest::prelude::*;

    /// One RK4 step of Eq. 10 as in the paper, with F_ij by quadrature.
    fn plain(p: &Parameters<f64>, functions: &Conductance, s: &State<f64>, dt: f64) -> State<f64> {
        let k1 = exact(s, p, functions);
        let k2 = exact(&moved(s, &k1, 0.5 * dt), p, functions);
        let k3 = exact(&moved(s, &k2, 0.5 * dt), p, functions);
        let k4 = exact(&moved(s, &k3, dt), p, functions);
        let sum = moved(&moved(&k1, &moved(&k2, &k3, 1.0), 2.0), &k4, 1.0);
        moved(s, &sum, dt / 6.0)
    }

    fn apart(a: &State<f64>, b: &State<f64>) -> f64 {
        [a.x - b.x, a.y - b.y, a.z - b.z, a.v - b.v].iter().fold(0.0, |m, d| d.abs().max(m))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// A trajectory follows Eq. 10, however violent its start and however many pieces it crosses.
        #[test]
        fn violent_starts_are_eq_10(v_n in -9.0..9.0f64, r_n in 0.0..16.0f64, v in -9.0..9.0f64, x in -0.5..0.5f64) {
            let p = Parameters::at(v_n, r_n, 0.3);
            let (table, functions) = (Table::<f64>::new(p.l, p.lambda), Conductance::new(p.l, p.lambda));
            let mut state = State { x, y: 0.1, z: 0.8, v };
            let mut stepper = Stepper::new(&p, &table, state);
            for n in 0..60 {
                stepper.step(0.02);
                state = plain(&p, &functions, &state, 0.02);
                prop_assert!(apart(&stepper.state, &state) < 1e-10, "step {n}: {:?} {state:?}", stepper.state);
            }
        }
    }

    #[test]
    fn a_piece_that_is_aimed_at_holds_the_motion() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let table = Table::<f64>::new(p.l, p.lambda);
        let reach = table.reach_in_v();
        let holds =
            |centre: f64, v: f64| !Neuron::about(&p, [0.0; 2], table.nearest(xi_at(&p, centre)), &table).leaves(v);
        for i in 0..400 {
            let v = 0.01 * f64::from(i - 200);
            for (span, rate) in [(0.1, 1.0), (0.1, -1.0), (0.9, 1.0), (0.9, -1.0)] {
                // A swing that has gone up, or down, to v.
                let mut window = Window::open(v);
                (window.low, window.peak) = (v - span * reach, v + span * reach);
                let centre = centre_after_exit(&window, v, rate, reach);
                assert!(holds(centre, v) && holds(centre, v + 0.04 * reach * rate), "{v} {span} {rate}");
                assert!(holds(centre, v - span * reach * rate), "the other end of its swing, which fits");
                assert!(!holds(centre, v - 2.1 * reach * rate), "no piece is as long as this");
            }
            assert!(
                holds(centre_for_window(v + 0.85 * reach, v, reach), v)
                    && holds(centre_for_window(v + 3.0, v, reach), v)
            );
        }
        assert!(may_skip_piece(-20.0, 0.02, reach) && !may_skip_piece(2.0, 0.02, reach));
    }
}
