//! Roots of a smooth function of one variable: one in a bracket, or all in an interval.

/// Number of halvings that reduce any bracket to neighbouring numbers.
const HALVINGS: u32 = 2200;

/// The root of `f` in [a, b], where it has opposite signs: Newton's steps, bisection outside the
/// bracket.
///
/// `f` gives value and slope; `f_a` is its value at `a`. The root is as exact as the function's own
/// rounding allows.
#[inline]
pub(super) fn in_bracket(f: impl FnMut(f64) -> (f64, f64), a: f64, b: f64, f_a: f64) -> f64 {
    in_bracket_from(0.5 * (a + b), f64::INFINITY, f, a, b, f_a)
}

/// The root of `f` in [a, b] as by [`in_bracket`], beginning at `x`, with |f''| at most `bend`: a step of Newton's
/// method that leaves less than rounding is the last.
#[inline]
pub(super) fn in_bracket_from(
    mut x: f64,
    bend: f64,
    mut f: impl FnMut(f64) -> (f64, f64),
    a: f64,
    b: f64,
    f_a: f64,
) -> f64 {
    let (mut low, mut high) = if f_a < 0.0 { (a, b) } else { (b, a) };
    for _ in 0..HALVINGS {
        let (value, slope) = f(x);
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        if value == 0.0 || (newton - x).abs() <= 2.0 * f64::EPSILON * x.abs() {
            break;
        }
        // Compared, not multiplied: a product of tiny numbers is 0.
        let inside = low.min(high) < newton && newton < low.max(high);
        let next = if inside { newton } else { 0.5 * (low + high) };
        // A step d leaves d² f''/(2 f'), and the rounding of where it came from.
        let is_short = (newton - x).abs() <= newton.abs();
        if inside && is_short && 0.5 * bend * (newton - x).powi(2) <= f64::EPSILON * (x * slope).abs() {
            return newton;
        }
        if next == x || (high - low).abs() <= f64::EPSILON * x.abs() {
            break;
        }
        x = next;
    }
    x
}

/// All roots of `f` in [a, b], separated by `cells` equal intervals.
///
/// They are found as sign changes between nodes, and as pairs of roots around a minimum of |f| at
/// which the sign changes.
pub(super) fn all(f: impl Fn(f64) -> f64, a: f64, b: f64, cells: usize) -> Vec<f64> {
    let values: Vec<f64> = (0..=cells).map(|i| f(node(a, b, cells, i))).collect();
    all_between(&values, &f, |(a, _), (b, _)| by_secants(&f, a, b), a, b)
}

/// Node `i` of `cells` equal intervals of [a, b].
#[inline]
pub(super) fn node(a: f64, b: f64, cells: usize, i: usize) -> f64 {
    a + (b - a) * i as f64 / cells as f64
}

/// All roots of `f` in [a, b] from its `values` at equally spaced nodes, single ones found `within` two points, each
/// with its value.
pub(super) fn all_between(
    values: &[f64],
    f: impl Fn(f64) -> f64,
    within: impl Fn((f64, f64), (f64, f64)) -> f64,
    a: f64,
    b: f64,
) -> Vec<f64> {
    let cells = values.len() - 1;
    let node = |i: usize| node(a, b, cells, i);
    let mut roots = Vec::new();
    for i in 0..cells {
        let (left, right) = (values[i], values[i + 1]);
        if left == 0.0 {
            roots.push(node(i));
        } else if differ(left, right) {
            roots.push(within((node(i), left), (node(i + 1), right)));
        }
        // A dip of |f| between two nodes of one sign can hide two roots.
        let dips = i > 0
            && left.abs() <= right.abs()
            && left.abs() <= values[i - 1].abs()
            && agree(values[i - 1], left)
            && agree(left, right);
        if dips {
            let lowest = lowest(|x| f(x) * left.signum(), node(i - 1), node(i + 1));
            let there = (lowest, f(lowest));
            if differ(there.1, left) {
                roots.push(within((node(i - 1), values[i - 1]), there));
                roots.push(within(there, (node(i + 1), right)));
            }
        }
    }
    if values[cells] == 0.0 {
        roots.push(node(cells));
    }
    roots.sort_by(f64::total_cmp);
    roots
}

/// Whether two numbers have opposite signs; 0 has none.
pub(super) fn differ(a: f64, b: f64) -> bool {
    a < 0.0 && b > 0.0 || a > 0.0 && b < 0.0
}

/// Whether two numbers have the same sign; 0 has none.
fn agree(a: f64, b: f64) -> bool {
    a < 0.0 && b < 0.0 || a > 0.0 && b > 0.0
}

/// The root in a bracket without a slope (ITP-like: secants, with a bisection whenever one does not
/// halve the bracket).
fn by_secants(f: &impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let (mut f_a, mut f_b) = (f(a), f(b));
    for _ in 0..HALVINGS {
        let width = b - a;
        for halve in [false, true] {
            let x = if halve { 0.5 * (a + b) } else { b - f_b * (b - a) / (f_b - f_a) };
            if !(a < x && x < b) {
                return if f_a.abs() < f_b.abs() { a } else { b };
            }
            let f_x = f(x);
            if f_x == 0.0 {
                return x;
            }
            if differ(f_a, f_x) {
                (b, f_b) = (x, f_x);
            } else {
                (a, f_a) = (x, f_x);
            }
            if b - a < 0.5 * width {
                break;
            }
        }
    }
    if f_a.abs() < f_b.abs() { a } else { b }
}

/// The minimum of `f` in [a, b], by golden sections, ended early where `f` is below 0.
fn lowest(f: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    for _ in 0..60 {
        let (x, y) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
        if f(x) < f(y) {
            b = y;
        } else {
            a = x;
        }
        if f(0.5 * (a + b)) < 0.0 {
            break;
        }
    }
    0.5 * (a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_found_also_two_between_nodes() {
        assert_eq!(all(|x| (x - 0.3) * (x - 0.7), 0.0, 1.0, 10).len(), 2);
        let close = all(|x| (x - 0.512) * (x - 0.513), 0.0, 1.0, 10);
        assert!(close.len() == 2 && (close[0] - 0.512).abs() < 1e-12 && (close[1] - 0.513).abs() < 1e-12, "{close:?}");
        // Pairs near the second node and the last but one.
        for at in [0.112, 0.912] {
            assert_eq!(all(|x| (x - at) * (x - at - 1e-3), 0.0, 1.0, 10).len(), 2, "{at}");
        }
        assert!(all(|x| x * x + 1e-6, -1.0, 1.0, 11).is_empty());
        assert_eq!(all(f64::sin, -0.5, 7.0, 100).len(), 3);
        // On the nodes at both ends and between.
        assert_eq!(all(|x| x * (x - 0.5) * (x - 1.0), 0.0, 1.0, 4), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_bracket_closes_to_rounding() {
        let root = in_bracket(|x| (x.exp() - 2.0, x.exp()), 0.0, 5.0, -1.0);
        assert!((root - 2.0_f64.ln()).abs() < 1e-15, "{:e}", root - 2.0_f64.ln());
        // A flat start, where Newton alone would leave the bracket.
        let root = in_bracket(|x: f64| ((x - 1.0).powi(3), 3.0 * (x - 1.0).powi(2)), -5.0, 4.0, -1.0);
        assert!((root - 1.0).abs() < 1e-4);
    }

    #[test]
    fn roots_take_few_evaluations() {
        use std::cell::Cell;
        let calls = Cell::new(0);
        let counted = |f: fn(f64) -> f64| {
            let calls = &calls;
            move |x: f64| {
                calls.set(calls.get() + 1);
                f(x)
            }
        };
        let of = |work: &dyn Fn()| {
            calls.set(0);
            work();
            calls.get()
        };
        let curves: [fn(f64) -> f64; 3] = [|x| x.exp() - 2.0, |x| x.powi(3) + x - 0.3, |x| (8.0 * (x - 0.4)).tanh()];
        let secants = curves.map(|f| of(&|| _ = by_secants(&counted(f), -1.0, 3.0)));
        let slope = |f: fn(f64) -> f64, x: f64| (f(x + 1e-6) - f(x - 1e-6)) / 2e-6;
        let newton = curves.map(|f| {
            let counted = counted(f);
            of(&|| _ = in_bracket(|x| (counted(x), slope(f, x)), -1.0, 3.0, f(-1.0)))
        });
        let sections = of(&|| _ = lowest(counted(|x| x * x + 1.0), -1.0, 3.0));
        let dips = of(&|| _ = lowest(counted(|x| x * x - 1e-3), -1.0, 3.0));
        // Newton's steps double the digits each time, secants nearly so; a dip below 0 ends the
        // golden sections early.
        assert_eq!((secants, newton, sections, dips), ([22, 25, 10], [6, 7, 8], 180, 15));
    }
}
